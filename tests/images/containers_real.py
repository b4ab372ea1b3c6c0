#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Containers made by the tools of their owners around Debian's kernels, as `baton` sees them.

    containers_real.py BATON [--keep DIR] [--page]

Made by mkimage (uImage, FIT), objcopy on systemd's stub (UKI), mkbootimg (Android), objcopy on an empty PowerPC program
(boot wrapper); Xen's hypervisor is taken from its package. Of each is demanded that the payload which `inspect --json`
names is the kernel, byte for byte; that a plan of the container is the plan of its kernel, initrd, tree and command
line given by hand; and that the tool's own listing says the same (mkimage -l, unpack_bootimg, objdump -h, readelf -l).
Prints a line per container; one whose packages are not to be had is skipped; exit status 1 if one is wrong. Packages
come through tests/harness/aptroot.py (3 MB beside the kernels).
--page writes docs/formats/README.md, and says so if that changes it.
"""
import argparse
import gzip
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
from harness import containers as make  # noqa: E402
from harness.aptroot import AptError, AptRoot  # noqa: E402
from harness.containers import tool  # noqa: E402
from harness.guest import Kernel  # noqa: E402
from harness.machines import MACHINES  # noqa: E402
from images import formats_page  # noqa: E402

LINE = "console=ttyS0 quiet panic=1"
LONG = LINE + " " + "x" * 600  # longer than one field of an Android header
CAPTURED = {"x86_64": "x86_64-q35", "arm64": "arm64-virt", "arm": "arm-virt", "s390x": "s390x-ccw",
            "ppc64le": "ppc64le-pseries", "riscv64": "riscv64-virt"}  # of tests/machines


class Wrong(Exception):
    """What was expected, and is not so."""


def expect(true, text):
    if not true:
        raise Wrong(text)


class Bench:
    """Where containers are made, from which files."""

    def __init__(self, baton, folder):
        self.baton, self.dir, self.kernels = baton, Path(folder), {}
        self.initrd = self.write("initrd.gz", gzip.compress(b"070701" + bytes(100000), mtime=0))

    def write(self, name, data):
        path = self.dir / name
        path.write_bytes(data)
        return path

    def kernel(self, cpu):
        if cpu not in self.kernels:
            self.kernels[cpu] = Kernel(MACHINES[cpu].flavour).image
        return self.kernels[cpu]

    def machine(self, cpu):
        return TOP / "tests" / "machines" / CAPTURED[cpu]

    def compiled(self, name, source):
        tool("dtc", "-@", "-I", "dts", "-O", "dtb", "-o", self.dir / name,
             self.write(f"{name}.dts", f"/dts-v1/; {source}".encode()))
        return self.dir / name

    def tree(self):
        return self.compiled("user.dtb", '/ { compatible = "linux,dummy-virt"; #address-cells = <2>; '
                                         '#size-cells = <2>; chosen { }; soc: soc { uart: uart { }; }; };')

    def inspect(self, path):
        return json.loads(tool(self.baton, "inspect", "--json", path))

    def plan(self, cpu, path, *more):
        words = [self.baton, "plan", "--json", "--sysroot", self.machine(cpu), *more, path]
        plan = json.loads(tool(*words))
        plan["image"] = {"version": plan["image"]["version"]}
        plan["warnings"] = [re.sub(r"^dtb '[^']*'", "dtb", w) for w in plan["warnings"]]
        return plan

    def check(self, path, fmt, cpu, kernel, *by_hand):
        """@kernel: the file inside. @by_hand: options that give the rest of the container."""
        said = self.inspect(path)
        expect(said["format"] == fmt, f"format {said['format']}")
        start, data = said["payload"]["offset"], kernel.read_bytes()
        inside = path.read_bytes()[start:start + said["payload"]["size"]]
        expect(inside == data, f"payload {said['payload']} is not {kernel.name}")
        with_all, alone = self.plan(cpu, path), self.plan(cpu, kernel, *by_hand)
        expect(with_all == alone, f"plans differ: {with_all}\nby hand: {alone}")
        return said

    def plain(self, cpu, fmt):
        said, plan = self.inspect(self.kernel(cpu)), self.plan(cpu, self.kernel(cpu))
        expect(said["format"] == fmt and said["arch"] == cpu, f"{said['format']} of {said['arch']}")
        release = self.kernel(cpu).name.partition("-")[2]
        expect(said["version"] == release, f"{said['version']}, not {release}")
        # A load does not unpack a zImage, and so does not know it.
        expect(plan["image"]["version"] in (release, None), plan["image"])

    def packed(self, cpu, comp):
        out = self.dir / f"kernel.{cpu}.{comp}"
        return out if out.exists() else make.packed(out, comp, self.kernel(cpu))

    def compressed(self, cpu, comp, fmt):
        """A kernel that is packed and nothing else."""
        path = self.packed(cpu, comp)
        said, plain = self.inspect(path), self.inspect(self.kernel(cpu))
        expect(said["format"] == fmt and said["compression"] == comp, f"{said['compression']} {said['format']}")
        expect(said["footprint"] == plain["footprint"], f"{said['footprint']}, not {plain['footprint']}")
        expect(self.plan(cpu, path) == self.plan(cpu, self.kernel(cpu)), "not the plan of what is in it")

    def zboot(self, cpu):
        kernel = self.packed(cpu, "gzip")
        self.check(make.zboot(self.dir / f"vmlinuz.{cpu}.efi", cpu, kernel), "zboot", cpu, kernel)

    def uimage(self, cpu, comp):
        kernel = self.kernel(cpu) if comp == "none" else self.packed(cpu, comp)
        out = make.uimage(self.dir / f"uImage.{cpu}.{comp}", cpu, [kernel], "-C", comp,
                          "-a", "0x40080000", "-e", "0x40080000")
        self.check(out, "uImage", cpu, kernel)
        listing = tool("mkimage", "-l", out)
        size = int(re.search(r"Data Size:\s+(\d+)", listing)[1])
        expect(size == kernel.stat().st_size, f"mkimage -l: {listing}")

    def uimage_list(self):
        kernel = self.kernel("arm64")
        files = [kernel, self.initrd, self.tree()]
        out = make.uimage(self.dir / "uImage.multi", "arm64", files, "-C", "none")
        self.check(out, "uImage", "arm64", kernel, "--initrd", self.initrd, "--dtb", self.tree())
        sizes = [int(n) for n in re.findall(r"Image \d: (\d+) Bytes", tool("mkimage", "-l", out))]
        expect(sizes == [p.stat().st_size for p in files], f"mkimage -l: {sizes}")

    def uimage_ramdisk(self):
        out = self.dir / "uInitrd"
        tool("mkimage", "-A", "arm64", "-O", "linux", "-T", "ramdisk", "-C", "gzip", "-d", self.initrd, out)
        plans = [self.plan("arm64", self.kernel("arm64"), "--initrd", path) for path in (out, self.initrd)]
        expect(plans[0] == plans[1], f"plans differ: {plans}")

    def fit(self, comp, *external):
        kernel = self.kernel("arm64") if comp == "none" else self.packed("arm64", comp)
        out = make.fit(self.dir / f"image.{comp}{''.join(external)}.itb", comp, kernel, self.initrd, [self.tree()],
                       *external)
        self.check(out, "fit", "arm64", kernel, "--initrd", self.initrd, "--dtb", self.tree())
        listing = tool("mkimage", "-l", out)
        expect(f"Data Size:    {kernel.stat().st_size} Bytes" in listing, listing)
        said = tool(self.baton, "inspect", out)
        expect("hashes: 6 right, 0 of a kind not checked" in said, said)

    def fit_overlays(self):
        """What fdtoverlay makes of the same files."""
        kernel, merged, taken = self.kernel("arm64"), self.dir / "merged.dtb", self.dir / "taken.dtb"
        overlays = [self.compiled("first.dtbo", "/plugin/; &uart { status = \"okay\"; led: led { }; };"),
                    self.compiled("second.dtbo", "/plugin/; &led { of = <&uart>; }; &{/soc} { spi { }; };")]
        tool("fdtoverlay", "-i", self.tree(), "-o", merged, *overlays)
        out = make.fit(self.dir / "overlays.itb", "none", kernel, self.initrd, [self.tree(), *overlays])
        self.check(out, "fit", "arm64", kernel, "--initrd", self.initrd, "--dtb", merged)
        tool(self.baton, "inspect", "--extract", "dtb", "-o", taken, out)
        trees = [tool("dtc", "-s", "-q", "-I", "dtb", "-O", "dts", path) for path in (taken, merged)]
        expect(trees[0] == trees[1] and "spi" in trees[0], f"not what fdtoverlay makes: {trees[0]}")

    def uki(self):
        kernel = self.kernel("x86_64")
        out = make.uki(self.dir / "uki.efi", kernel, self.initrd, LINE)
        self.check(out, "uki", "x86_64", kernel, "--initrd", self.initrd, "--append", LINE)
        said = re.search(r"\.linux\s+([0-9a-f]+)", tool("objdump", "-h", out))
        expect(int(said[1], 16) == kernel.stat().st_size, f"objdump -h: {said[0]}")

    def android(self, version, line):
        kernel, folder = self.packed("arm64", "gzip"), self.dir / "unpacked"
        more = ["--dtb", self.tree()] if version == 2 else []
        out = make.android(self.dir / f"boot.v{version}.img", version, kernel, self.initrd, line, *more)
        self.check(out, "android", "arm64", kernel, "--initrd", self.initrd, "--append", line, *more)
        tool("unpack_bootimg", "--boot_img", out, "--out", folder)
        expect((folder / "kernel").read_bytes() == kernel.read_bytes(), "unpack_bootimg has another kernel")

    def vendor_boot(self):
        """Version 3: mkbootimg of Debian 12 knows no later one."""
        kernel, boot, vendor = self.packed("arm64", "gzip"), self.dir / "boot.img", self.dir / "vendor_boot.img"
        ramdisk = self.write("vendor.gz", gzip.compress(b"070701" + bytes(50000), mtime=0))
        tool("mkbootimg", "--header_version", 3, "--kernel", kernel, "--ramdisk", self.initrd, "--cmdline", LINE,
             "--vendor_ramdisk", ramdisk, "--vendor_cmdline", "vendor=1", "--dtb", self.tree(), "-o", boot,
             "--vendor_boot", vendor, "--pagesize", 4096)  # of 2048 bytes unpack_bootimg takes one for two
        together = self.plan("arm64", boot, "--vendor-boot", vendor)
        alone = self.plan("arm64", kernel, "--initrd", ramdisk, "--initrd", self.initrd, "--dtb", self.tree(),
                          "--append", f"{LINE} vendor=1")
        # The files by hand are padded behind the last one, too.
        for plan in (together, alone):
            for segment in plan["segments"]:
                segment["bufsz"] += -segment["bufsz"] % 4
        expect(together == alone, f"plans differ: {together}\nby hand: {alone}")
        tool("unpack_bootimg", "--boot_img", vendor, "--out", self.dir / "vendor")
        for name, path in (("vendor_ramdisk", ramdisk), ("dtb", self.tree())):
            expect((self.dir / "vendor" / name).read_bytes() == path.read_bytes(), f"unpack_bootimg: another {name}")

    def ppc_zimage(self):
        kernel = self.packed("ppc64le", "gzip")
        out = make.ppc_zimage(self.dir / "zImage.pseries", kernel, self.initrd)
        self.check(out, "ppc-zImage", "ppc64le", kernel, "--initrd", self.initrd)
        said = re.search(r"\.kernel:vmlinux\.s\S*\s+PROGBITS\s+\S+\s+\S+\s+([0-9a-f]+)", tool("readelf", "-SW", out))
        expect(int(said[1], 16) == kernel.stat().st_size, f"readelf -S: {said[0]}")

    def pe(self):
        stub = make.efi_stub()
        for words in (["inspect"], ["plan", "--sysroot", self.machine("x86_64")]):
            done = subprocess.run([self.baton, *words, stub], capture_output=True, text=True, check=False)
            expect(done.returncode == 1 and "is an EFI program" in done.stderr, f"{words[0]}: {done.stderr}")

    def xen(self):
        packed = next((AptRoot().get(r"xen-hypervisor-4\.17-amd64") / "boot").glob("xen-*.gz"))
        plain = self.write("xen", gzip.decompress(packed.read_bytes()))
        head = tool("readelf", "-lhW", plain)
        entry = re.search(r"Entry point address:\s+(0x[0-9a-f]+)", head)[1]
        load = re.search(r"LOAD\s+\S+\s+\S+\s+(0x[0-9a-f]+)\s+(0x[0-9a-f]+)\s+(0x[0-9a-f]+)", head)
        for path in (packed, plain):
            said = self.inspect(path)
            expect(said["format"] == "multiboot2" and said["relocatable"], f"{path.name}: {said}")
            expect(said["entries"]["32"] == entry and int(said["preferred"], 16) == int(load[1], 16)
                   and said["footprint"]["running"] == int(load[3], 16), f"readelf -l: {head}\n{said}")
            plan = self.plan("x86_64", path, "--module", f"{self.initrd} a b")
            sizes = {s["kind"]: s["bufsz"] for s in plan["segments"]}
            expect(sizes["kernel"] == int(load[2], 16) and sizes["module"] == self.initrd.stat().st_size, plan)


def rows(b):
    """(name, what makes and checks it)."""
    for cpu, fmt in (("x86_64", "bzImage"), ("arm", "zImage"), ("arm64", "Image"), ("riscv64", "Image"),
                     ("ppc64le", "vmlinux"), ("s390x", "s390-image")):
        yield f"{fmt} {cpu}", lambda c=cpu, f=fmt: b.plain(c, f)
    yield "vmlinux.gz ppc64le", lambda: b.compressed("ppc64le", "gzip", "vmlinux")
    yield "vmlinux.zst ppc64le", lambda: b.compressed("ppc64le", "zstd", "vmlinux")
    yield "Image.gz arm64", lambda: b.compressed("arm64", "gzip", "Image")
    for cpu in ("arm64", "riscv64"):
        yield f"zboot {cpu}", lambda c=cpu: b.zboot(c)
    yield "uImage arm none", lambda: b.uimage("arm", "none")
    for comp in ("none", "gzip", "lzma", "lz4", "zstd"):
        yield f"uImage arm64 {comp}", lambda c=comp: b.uimage("arm64", c)
    yield "uImage list", b.uimage_list
    yield "uImage ramdisk", b.uimage_ramdisk
    yield "FIT", lambda: b.fit("none")
    yield "FIT gzip, data outside", lambda: b.fit("gzip", "-E")
    yield "FIT zstd, data at a position", lambda: b.fit("zstd", "-E", "-p", "0x100000")
    yield "FIT with overlays", b.fit_overlays
    yield "UKI", b.uki
    for version in range(4):
        yield f"Android {version}", lambda v=version: b.android(v, LONG)
    yield "Android 3 with vendor_boot", b.vendor_boot
    yield "zImage.pseries", b.ppc_zimage
    yield "Xen", b.xen
    yield "PE", b.pe


def outcome(row):
    """ok, skip or FAIL, and why."""
    try:
        row()
        return "ok", ""
    except AptError as err:
        return "skip", f": {err}"
    except (Wrong, OSError) as err:
        return "FAIL", f": {str(err)[:1500]}"


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ap.add_argument("--keep", help="leave the images in this folder")
    ap.add_argument("--page", action="store_true", help="write the columns inspect and plan of docs/formats/README.md")
    ap.add_argument("--only", default="", help="rows whose name has this in it")
    ap.add_argument("baton", type=Path)
    args = ap.parse_args()
    verdicts = {}
    with tempfile.TemporaryDirectory(prefix="baton-containers-") as scratch:
        folder = Path(args.keep or scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for name, row in rows(Bench(args.baton.resolve(), folder)):
            if args.only not in name:
                continue
            verdicts[name], text = outcome(row)
            print(f"{verdicts[name]:5} {name}{text}", flush=True)
    if args.page and formats_page.write(verdicts):
        verdicts["page"] = "FAIL"
        print("FAIL  page: docs/formats/README.md was out of date, and is written anew: git diff, commit")
    return 1 if "FAIL" in verdicts.values() else 0


if __name__ == "__main__":
    sys.exit(main())
