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
--page writes docs/formats/README.md.
"""
import argparse
import gzip
import json
import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "harness"))
import containers_make as make  # noqa: E402
import formats_page  # noqa: E402
from aptroot import AptError, AptRoot  # noqa: E402

LINE = "console=ttyS0 quiet panic=1"
LONG = LINE + " " + "x" * 600  # longer than one field of an Android header
CPUS = {  # Debian's name, the kernel, a captured machine, mkimage's name
    "x86_64": ("amd64", r"linux-image-6\.1\.0-[0-9]+-cloud-amd64-unsigned", "x86_64-q35", "x86_64"),
    "arm64": ("arm64", r"linux-image-6\.1\.0-[0-9]+-cloud-arm64-unsigned", "arm64-virt", "arm64"),
    "arm": ("armhf", r"linux-image-6\.1\.0-[0-9]+-armmp", "arm-virt", "arm"),
    "s390x": ("s390x", r"linux-image-6\.1\.0-[0-9]+-s390x", "s390x-ccw", ""),
    "ppc64le": ("ppc64el", r"linux-image-6\.1\.0-[0-9]+-powerpc64le", "ppc64le-pseries", "powerpc"),
}
ITS = """/dts-v1/;
/ {{
 description = "test"; #address-cells = <1>;
 images {{
  kernel-1 {{ data = /incbin/("{kernel}"); type = "kernel"; arch = "arm64"; os = "linux"; compression = "{comp}";
             load = <0x40080000>; entry = <0x40080000>; {hashes} }};
  disk-1 {{ data = /incbin/("{initrd}"); type = "ramdisk"; arch = "arm64"; os = "linux"; compression = "none";
           hash-1 {{ algo = "sha1"; }}; hash-2 {{ algo = "sha256"; }}; }};
  fdt-1 {{ data = /incbin/("{tree}"); type = "flat_dt"; arch = "arm64"; compression = "none";
          hash-1 {{ algo = "crc32"; }}; }};
  {overlays}
 }};
 configurations {{ default = "conf-1"; conf-1 {{ kernel = "kernel-1"; ramdisk = "disk-1"; fdt = {names}; }}; }};
}};
"""
HASHES = "".join(f'hash-{i} {{ algo = "{kind}"; }}; ' for i, kind in enumerate(
    ("crc32", "md5", "sha1", "sha256", "sha384", "sha512")))
OVERLAY = '{name} {{ data = /incbin/("{file}"); type = "flat_dt"; arch = "arm64"; compression = "none"; ' \
          'load = <0x48000000>; hash-1 {{ algo = "sha512"; }}; }};'


class Wrong(Exception):
    """What was expected, and is not so."""


def expect(true, text):
    if not true:
        raise Wrong(text)


def tool(*words, cwd=None):
    got = subprocess.run([str(w) for w in words], capture_output=True, text=True, cwd=cwd, check=False)
    expect(got.returncode == 0, f"{words[0]}: {got.stderr.strip()[-300:]}")
    return got.stdout


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
            folder = AptRoot(arch=CPUS[cpu][0]).get(CPUS[cpu][1])
            self.kernels[cpu] = next((folder / "boot").glob("[vi]m*-6*"))
        return self.kernels[cpu]

    def machine(self, cpu):
        return TOP / "tests" / "machines" / CPUS[cpu][2]

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

    def zboot(self):
        """As the kernel's Makefile.zboot joins it."""
        kernel = self.packed("arm64", "gzip")
        data = bytearray(make.pe([(".text", kernel.read_bytes())], make.ARM64))
        head = struct.pack("<2sxx4sII8x32s", b"MZ", b"zimg", 512, kernel.stat().st_size, b"gzip")
        data[:len(head)] = head
        self.check(self.write("vmlinuz.efi", data), "zboot", "arm64", kernel)

    def uimage(self, cpu, comp):
        kernel, name = self.kernel(cpu), f"uImage.{cpu}.{comp}"
        if comp != "none":
            kernel = self.packed(cpu, comp)
        out = self.dir / name
        listing = tool("mkimage", "-A", CPUS[cpu][3], "-O", "linux", "-T", "kernel", "-C", comp, "-a", "0x40080000",
                       "-e", "0x40080000", "-n", "test", "-d", kernel, out)
        self.check(out, "uImage", cpu, kernel)
        size = int(re.search(r"Data Size:\s+(\d+)", tool("mkimage", "-l", out))[1])
        expect(size == kernel.stat().st_size, f"mkimage -l: {listing}")

    def uimage_list(self):
        out, kernel = self.dir / "uImage.multi", self.kernel("arm64")
        tool("mkimage", "-A", "arm64", "-O", "linux", "-T", "multi", "-C", "none", "-n", "test",
             "-d", f"{kernel}:{self.initrd}:{self.tree()}", out)
        self.check(out, "uImage", "arm64", kernel, "--initrd", self.initrd, "--dtb", self.tree())
        sizes = [int(n) for n in re.findall(r"Image \d: (\d+) Bytes", tool("mkimage", "-l", out))]
        expect(sizes == [p.stat().st_size for p in (kernel, self.initrd, self.tree())], f"mkimage -l: {sizes}")

    def uimage_ramdisk(self):
        out = self.dir / "uInitrd"
        tool("mkimage", "-A", "arm64", "-O", "linux", "-T", "ramdisk", "-C", "gzip", "-d", self.initrd, out)
        plans = [self.plan("arm64", self.kernel("arm64"), "--initrd", path) for path in (out, self.initrd)]
        expect(plans[0] == plans[1], f"plans differ: {plans}")

    def packed(self, cpu, comp):
        command = {"gzip": ["gzip", "-nc"], "lzma": ["xz", "--format=lzma", "-1c"], "lz4": ["lz4", "-qc"],
                   "zstd": ["zstd", "-qc"], "xz": ["xz", "-1c"]}[comp]
        out = self.dir / f"kernel.{cpu}.{comp}"
        if not out.exists():
            with open(out, "wb") as f:
                subprocess.run([*command, self.kernel(cpu)], stdout=f, check=True)
        return out

    def fit(self, comp, *external):
        kernel = self.kernel("arm64") if comp == "none" else self.packed("arm64", comp)
        out = self.made_fit(f"image.{comp}{''.join(external)}.itb", kernel, comp, external)
        self.check(out, "fit", "arm64", kernel, "--initrd", self.initrd, "--dtb", self.tree())
        listing = tool("mkimage", "-l", out)
        expect(f"Data Size:    {kernel.stat().st_size} Bytes" in listing, listing)
        said = tool(self.baton, "inspect", out)
        expect("hashes: 6 right, 0 of a kind not checked" in said, said)

    def made_fit(self, name, kernel, comp="none", external=(), overlays=()):
        names = ", ".join(f'"{n}"' for n in ("fdt-1", *(p.stem for p in overlays)))
        text = ITS.format(kernel=kernel, initrd=self.initrd, tree=self.tree(), comp=comp, hashes=HASHES, names=names,
                          overlays="".join(OVERLAY.format(name=p.stem, file=p) for p in overlays))
        tool("mkimage", *external, "-f", self.write("image.its", text.encode()), self.dir / name)
        return self.dir / name

    def fit_overlays(self):
        """What fdtoverlay makes of the same files."""
        kernel, merged, taken = self.kernel("arm64"), self.dir / "merged.dtb", self.dir / "taken.dtb"
        overlays = [self.compiled("first.dtbo", "/plugin/; &uart { status = \"okay\"; led: led { }; };"),
                    self.compiled("second.dtbo", "/plugin/; &led { of = <&uart>; }; &{/soc} { spi { }; };")]
        tool("fdtoverlay", "-i", self.tree(), "-o", merged, *overlays)
        out = self.made_fit("overlays.itb", kernel, overlays=overlays)
        self.check(out, "fit", "arm64", kernel, "--initrd", self.initrd, "--dtb", merged)
        tool(self.baton, "inspect", "--extract", "dtb", "-o", taken, out)
        trees = [tool("dtc", "-s", "-q", "-I", "dtb", "-O", "dts", path) for path in (taken, merged)]
        expect(trees[0] == trees[1] and "spi" in trees[0], f"not what fdtoverlay makes: {trees[0]}")

    def uki(self):
        stub = AptRoot().get("systemd-boot-efi") / "usr/lib/systemd/boot/efi/linuxx64.efi.stub"
        line, out, kernel = self.write("cmdline", LINE.encode() + b"\n"), self.dir / "uki.efi", self.kernel("x86_64")
        words, at = ["objcopy"], 0x2000000
        for name, path in ((".cmdline", line), (".initrd", self.initrd), (".linux", kernel)):
            words += ["--add-section", f"{name}={path}", "--change-section-vma", f"{name}={at:#x}"]
            at += (path.stat().st_size | 0xfff) + 1
        tool(*words, stub, out)
        self.check(out, "uki", "x86_64", kernel, "--initrd", self.initrd, "--append", LINE)
        said = re.search(r"\.linux\s+([0-9a-f]+)", tool("objdump", "-h", out))
        expect(int(said[1], 16) == kernel.stat().st_size, f"objdump -h: {said[0]}")

    def android(self, version, line):
        kernel, out, folder = self.packed("arm64", "gzip"), self.dir / f"boot.v{version}.img", self.dir / "unpacked"
        more = ["--dtb", self.tree()] if version == 2 else []
        tool("mkbootimg", "--header_version", version, "--kernel", kernel, "--ramdisk", self.initrd, "--cmdline", line,
             "--pagesize", 4096, *more, "-o", out)
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
        kernel, out = self.packed("ppc64le", "gzip"), self.dir / "zImage.pseries"
        empty, line = self.write("empty.s", b".text\n.globl _start\n_start: nop\n"), "powerpc64le-linux-gnu-"
        tool(line + "gcc", "-nostdlib", "-static", "-o", self.dir / "wrapper", empty)
        tool(line + "objcopy", "--add-section", f".kernel:vmlinux.strip={kernel}",
             "--add-section", f".kernel:initrd={self.initrd}", self.dir / "wrapper", out)
        self.check(out, "ppc-zImage", "ppc64le", kernel, "--initrd", self.initrd)
        said = re.search(r"\.kernel:vmlinux\.s\S*\s+PROGBITS\s+\S+\s+\S+\s+([0-9a-f]+)", tool("readelf", "-SW", out))
        expect(int(said[1], 16) == kernel.stat().st_size, f"readelf -S: {said[0]}")

    def xen(self):
        packed = next((AptRoot().get(r"xen-hypervisor-4\.17-amd64") / "boot").glob("xen-*.gz"))
        plain = self.write("xen", gzip.decompress(packed.read_bytes()))
        head = tool("readelf", "-lhW", plain)
        entry = re.search(r"Entry point address:\s+(0x[0-9a-f]+)", head)[1]
        load = re.search(r"LOAD\s+\S+\s+\S+\s+(0x[0-9a-f]+)\s+\S+\s+(0x[0-9a-f]+)", head)
        for path in (packed, plain):
            said = self.inspect(path)
            expect(said["format"] == "multiboot2" and said["relocatable"], f"{path.name}: {said}")
            expect(said["entries"]["32"] == entry and int(said["preferred"], 16) == int(load[1], 16)
                   and said["footprint"]["running"] == int(load[2], 16), f"readelf -l: {head}\n{said}")


def rows(b):
    """(name, what makes and checks it)."""
    for cpu, fmt in (("x86_64", "bzImage"), ("arm", "zImage"), ("arm64", "Image"), ("ppc64le", "vmlinux"),
                     ("s390x", "s390-image")):
        yield f"{fmt} {cpu}", lambda c=cpu, f=fmt: b.plain(c, f)
    yield "zboot", b.zboot
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


def outcome(row):
    """ok, skip or FAIL, and why."""
    try:
        row()
        return "ok", ""
    except AptError as err:
        return "skip", f": {err}"
    except Wrong as err:
        return "FAIL", f": {str(err)[:1500]}"


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ap.add_argument("--keep", help="leave the images in this folder")
    ap.add_argument("--page", action="store_true", help="write docs/formats/README.md")
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
    if args.page:
        formats_page.write(verdicts)
    return 1 if "FAIL" in verdicts.values() else 0


if __name__ == "__main__":
    sys.exit(main())
