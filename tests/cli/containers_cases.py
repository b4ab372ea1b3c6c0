# SPDX-License-Identifier: GPL-2.0-or-later
"""Containers: what reaches the kernel is what is in them, as if it had been given by hand.

The machine is a captured arm64 guest (tests/machines/arm64-virt), the kernel an Image that is only a header. UKIs of
x86_64 and multiboot kernels are planned for the lab's own machine.
"""
import gzip
import json
import struct
from dataclasses import dataclass

from dtb_cases import MACHINE, image, parse
from lab import expect

import bzimage
import containers_make as make
import fdt_seeds as fdt

KERNEL, INITRD = image(), b"070701" + bytes(9000)
LINE = "root=/dev/vda1 " + "quiet " * 90 + "panic=1"  # longer than 512 bytes
TREE = fdt.blob(("", {**fdt.TWO, "compatible": fdt.text("linux,dummy-virt")}, [("soc", {"its": b"own"}, [])]))
LABELS = fdt.blob(("", {**fdt.TWO, "compatible": fdt.text("linux,dummy-virt")}, [
    ("soc", {"phandle": fdt.cells(1)}, []), ("__symbols__", {"soc": fdt.text("/soc")}, [])]))
OVER = (fdt.overlay("soc", its="other"), fdt.overlay("soc", its="own"))
GZ = gzip.compress(KERNEL, mtime=0)
BOOT = {v: make.android(GZ, b"generic\0", LINE, v) for v in (2, 3, 4)}
CONFIG = b"androidboot.a = 1\n"
FRAGMENTS = [("rescue", 2, b"rescue"), ("dlkm", 3, b"modules\0")]
VENDOR = {3: make.vendor_boot(INITRD, TREE, "vendor=1", 3),
          4: make.vendor_boot(INITRD, TREE, "vendor=1", 4, fragments=FRAGMENTS, bootconfig=CONFIG)}
TRAILER = struct.pack("<II", len(make.pad(CONFIG, 4)), sum(CONFIG)) + b"#BOOTCONFIG\n"
# What the two images make of the initrd
JOINED = {3: make.pad(INITRD, 4) + b"generic\0",
          4: make.pad(INITRD, 4) + b"modules\0generic\0" + make.pad(CONFIG, 4) + TRAILER}
PROFILES = [(".profile", b"ID=a"), (".cmdline", b"zero"), (".profile", b"ID=b"), (".cmdline", b"one")]

# name: (bytes, format, has an initrd, the line, has a tree)
ARM64 = {
    "uki": (make.uki(KERNEL, INITRD, LINE + "\n", make.ARM64, [(".dtb", TREE)]), "uki", True, LINE, True),
    "uki-profiles": (make.uki(KERNEL, b"", "base", make.ARM64, PROFILES), "uki", False, "zero", False),
    "uimage": (make.uimage(KERNEL), "uImage", False, "", False),
    "uimage-gzip": (make.uimage(GZ, compression="gzip"), "uImage", False, "", False),
    "uimage-list": (make.uimage([KERNEL, INITRD, TREE], kind=4), "uImage", True, "", True),
    "fit": (make.fit(KERNEL, INITRD, TREE), "fit", True, "", True),
    "fit-outside": (make.fit(GZ, INITRD, TREE, compression="gzip", external=True), "fit", True, "", True),
    "fit-overlays": (make.fit(KERNEL, INITRD, LABELS, overlays=OVER), "fit", True, "", True),
    **{f"android-{v}": (make.android(GZ, INITRD, LINE, v), "android", True, LINE, False) for v in range(5)},
    "android-tree": (make.android(KERNEL, INITRD, LINE, 2, TREE, 4096), "android", True, LINE, True),
    "uki-in-uki": (make.uki(make.uki(KERNEL, INITRD, "no", make.ARM64), b"", LINE, make.ARM64, [(".dtb", TREE)]), "uki",
                   True, LINE, True),
    "uki-in-gzip": (gzip.compress(make.uki(KERNEL, INITRD, "", make.ARM64)), "uki", True, "", False),
}

# name: (bytes, what `plan` says)
REFUSED = {
    "uimage-damaged": (make.uimage(KERNEL)[:-1] + b"!", "the file is damaged: copy it again"),
    "uimage-ramdisk": (make.uimage(INITRD, kind=3), "holds no kernel"),
    "vendor-boot": (make.vendor_boot(INITRD, TREE), "holds no kernel"),
    "fit-damaged": (make.fit(KERNEL).replace(b"ARM\x64", b"ARM\x65", 1), "crc32 is 0x"),
    "fit-overlay": (make.fit(KERNEL, b"", LABELS, overlays=[fdt.overlay("spi", its="own")]),
                    "the device tree in it: overlay overlay-0: refers to a node or label"),
    "uki-cut": (make.uki(KERNEL, INITRD)[:-600], "was it cut?"),
    "stub": (make.pe([(".text", b"stub")]), "neither a Linux kernel nor a unified kernel image"),
    "uki-of-nothing": (make.uki(b"no kernel at all"), "the kernel in it: is no kernel"),
}


@dataclass
class Loaded:
    name: str
    lab: object

    def check(self):
        data, fmt, initrd, line, tree = ARM64[self.name]
        (self.lab.dir / "boot.img").write_bytes(data)
        self.lab.forget()
        code, out, err = self.lab.run(["load", "--sysroot", str(MACHINE), "@/boot.img"])
        expect(code == 0, f"exit code {code}: {out}{err}")
        (call,) = self.lab.calls()
        blobs = [self.lab.segment(s["file"]) for s in call["segments"]]
        expect(any(b == KERNEL for b in blobs), "the kernel is not among the segments")
        expect(any(b == INITRD for b in blobs) == initrd, f"initrd: wanted {initrd}")
        (blob,) = [b for b in blobs if b[:4] == b"\xd0\x0d\xfe\xed"]
        got, _ = parse(blob)
        expect(got["/chosen"].get("bootargs", b"\0").rstrip(b"\0").decode() == line, got["/chosen"])
        expect((got.get("/soc", {}).get("its", b"").rstrip(b"\0") == b"own") == tree, "the tree in it")
        code, out, err = self.lab.run(["inspect", "--json", "@/boot.img"])
        said = json.loads(out)
        expect(code == 0 and said["format"] == fmt, f"{code}: {out}{err}")
        want = {name for name, there in (("initrd", initrd), ("cmdline", line), ("dtb", tree)) if there}
        expect(want <= set(said["parts"]), said["parts"])
        expect((said["cmdline"] or "") == line, said["cmdline"])


@dataclass
class Beside:
    """An Android boot image with its vendor_boot image."""
    name: str
    version: int
    lab: object

    def check(self):
        (self.lab.dir / "boot.img").write_bytes(BOOT[self.version])
        (self.lab.dir / "vendor.img").write_bytes(VENDOR[self.version])
        self.lab.forget()
        both = ["--vendor-boot", "@/vendor.img", "@/boot.img"]
        code, out, err = self.lab.run(["load", "--sysroot", str(MACHINE), *both])
        expect(code == 0 and ("a bootconfig ends the initrd" in err) == (self.version == 4), f"{code}: {out}{err}")
        (call,) = self.lab.calls()
        blobs = [self.lab.segment(s["file"]) for s in call["segments"]]
        expect(KERNEL in blobs and JOINED[self.version] in blobs, "the kernel or the initrd is not among the segments")
        (blob,) = [b for b in blobs if b[:4] == b"\xd0\x0d\xfe\xed"]
        got, _ = parse(blob)
        expect(got["/chosen"]["bootargs"] == f"{LINE} vendor=1".encode() + b"\0", got["/chosen"])
        expect(got["/soc"] == {"its": b"own"}, "the vendor's tree")
        code, out, err = self.lab.run(["plan", "--append", "bootconfig", "--sysroot", str(MACHINE), *both])
        expect(code == 0 and "a bootconfig" not in out, f"{code}: {out}{err}")
        for what, want in (("initrd", JOINED[self.version]), ("cmdline", f"{LINE} vendor=1".encode())):
            code, out, err = self.lab.run(["inspect", "--extract", what, "-o", "@/part", "--force", *both])
            expect(code == 0 and (self.lab.dir / "part").read_bytes() == want, f"{what}: {code}: {out}{err}")
        code, out, err = self.lab.run(["inspect", "--json", *both])
        want = {"initrd", "dtb", "cmdline"} | ({"bootconfig"} if self.version == 4 else set())
        expect(set(json.loads(out)["parts"]) == want, out)


@dataclass
class Refused:
    name: str
    lab: object

    def check(self):
        data, why = REFUSED[self.name]
        (self.lab.dir / "boot.img").write_bytes(data)
        self.lab.forget()
        code, out, err = self.lab.run(["load", "--sysroot", str(MACHINE), "@/boot.img"])
        expect(code == 1 and not out and why in err and err.count("\n") == 1, f"{code}: {out}{err}")
        expect(not self.lab.calls(), "the kernel was called")


@dataclass
class Case:
    name: str
    lab: object
    data: bytes
    more: list
    wanted: str

    def run(self, *words):
        (self.lab.dir / "boot.img").write_bytes(self.data)
        return self.lab.run([*words, *self.more, "@/boot.img"])


class OnX86(Case):
    """@wanted: what is said by `plan --json`, or in its error."""

    def check(self):
        code, out, err = self.run("plan", "--json", "--sysroot", "@/root")
        plan = json.loads(out)
        said = plan["error"]["reason"] if code else plan["image"]["format"] + " " + plan["cmdline"]
        expect(self.wanted in said, f"{code}: {out}{err}")


@dataclass
class Ramdisk:
    """--initrd of a uImage."""
    name: str
    lab: object
    data: bytes
    wanted: bytes

    def check(self):
        (self.lab.dir / "uInitrd").write_bytes(self.data)
        self.lab.forget()
        code, out, err = self.lab.run(["load", "--explain", "--initrd", "@/uInitrd", "@/vmlinuz"])
        expect(code == 0 and "1 of the files given for it came as a uImage" in out, f"{code}: {out}{err}")
        (call,) = self.lab.calls()
        expect(self.wanted in [self.lab.segment(s["file"]) for s in call["segments"]], "no such segment")


class Inspected(Case):
    """The line that `inspect --extract cmdline` writes, or what is said instead."""

    def check(self):
        code, out, err = self.run("inspect", "--extract", "cmdline", "-o", "-")
        expect(self.wanted in out + err and code == (not out), f"{code}: {out}{err}")


class NoKernel(Case):
    """A file with parts, and no kernel: nothing is written in a kernel's place."""

    def check(self):
        for words in ("inspect", "--extract", "vmlinux", "-o", "-"), ("crcs",):
            code, out, err = self.run(*words)
            expect(code == 1 and not out and self.wanted in err, f"{code}: {out[:80]}{err}")


class Noted(Case):
    """What `plan` says beside the plan."""

    def check(self):
        code, out, err = self.run("plan", "--sysroot", str(MACHINE))
        expect(code == 0 and self.wanted in out + err, f"{code}: {out}{err}")


def of_xen(lab, kernel):
    xen, module = gzip.compress(make.multiboot2()), ["--append", "a", "--module", "@/vmlinuz b c"]
    yield OnX86("xen1", lab, make.multiboot1(), module, "multiboot a")
    yield OnX86("xen2", lab, xen, module, "multiboot2 a")
    yield OnX86("xen-initrd", lab, xen, ["--initrd", "@/initrd.img"], "takes modules, '--module \"FILE ARGS\"'")
    yield OnX86("xen-absent-module", lab, xen, ["--module", "@/absent b"], "module '")
    yield OnX86("xen-module-of-no-name", lab, xen, ["--module", " b"], "does not begin with a file's path")
    yield OnX86("xen-crash", lab, xen, ["--crash"], "a multiboot kernel cannot be the crash kernel")
    yield OnX86("xen-by-file", lab, xen, [*module, "--syscall", "file"], "'--module' needs kexec_load")
    yield OnX86("module-of-linux", lab, kernel, module, "only a multiboot kernel takes modules, not a bzImage")


def cases(lab, bless):
    for name in ARM64:
        yield Loaded(name, lab)
    for name in REFUSED:
        yield Refused(name, lab)
    for version in VENDOR:
        yield Beside(f"vendor-boot-{version}", version, lab)
    vendor = lab.dir / "vendor_boot.img"
    vendor.write_bytes(VENDOR[4])
    beside = ["--vendor-boot", str(vendor)]
    kernel = bzimage.build(code=0x4000)
    yield OnX86("vendor-boot-of-none", lab, kernel, beside, "Android boot image; this is of format bzImage")
    yield OnX86("vendor-boot-of-old", lab, BOOT[2], beside, "is a boot image of version 2")
    yield OnX86("vendor-boot-alone", lab, VENDOR[4], beside, "is a vendor_boot image of version 4")
    yield OnX86("vendor-boot-absent", lab, BOOT[4], [*beside[:1], "@/absent"], "No such file")
    yield OnX86("vendor-boot-by-file", lab, BOOT[4], [*beside, "--syscall", "file"], "'--vendor-boot' needs kexec_load")
    yield OnX86("uki-x86", lab, make.uki(kernel, INITRD, "root=a"), ["--append", "b"], "uki root=a b")
    two = make.uki(kernel, INITRD, "root=a", more=PROFILES)
    yield OnX86("profile", lab, two, ["--profile", "1"], "uki one")
    yield OnX86("profile-0", lab, gzip.compress(two), ["--profile", "0"], "uki zero")
    yield OnX86("profile-absent", lab, two, ["--profile", "2"], "has no profile 2; its profiles are 0 to 1")
    yield OnX86("profile-huge", lab, two, ["--profile", "0x100000000"], "has no profile 4294967295")
    yield OnX86("profile-of-none", lab, kernel, ["--profile", "0"], "this is of format bzImage")
    yield OnX86("profile-by-file", lab, two, ["--profile", "1", "--syscall", "file"], "'--profile' needs kexec_load")
    yield OnX86("uki-by-file", lab, two, ["--syscall", "file"], "it is a container, which no kernel opens")
    yield OnX86("config", lab, make.fit(kernel, arch="x86_64"), ["--config", "conf-1"], "fit ")
    yield OnX86("config-absent", lab, make.fit(kernel), ["--config", "conf"], "has no configuration conf among its 1")
    yield OnX86("config-of-none", lab, two, ["--config", "conf-1"], "this is of format uki")
    yield NoKernel("no-kernel-in-vendor-boot", lab, VENDOR[4], [], "holds no kernel")
    yield NoKernel("no-kernel-in-uimage", lab, make.uimage(INITRD, kind=3), [], "holds no kernel")
    yield Noted("android-without-ramdisk", lab, make.android(KERNEL, b"", LINE, 4), [], "it is in init_boot.img")
    yield Noted("two-trees", lab, make.android(KERNEL, INITRD, LINE, 2, TREE + LABELS), [], "the first is taken")
    yield Inspected("line-of-profile", lab, two, ["--profile", "1"], "one")
    yield Inspected("line-of-no-profile", lab, two, ["--profile", "7"], "has no profile 7")
    yield Inspected("line-in-two", lab, make.android(kernel, INITRD, LINE, 1), [], LINE)
    yield Ramdisk("uinitrd", lab, make.uimage(INITRD, kind=3, arch=24, compression="gzip"), INITRD)
    yield Ramdisk("uinitrd-list", lab, make.uimage([b"kernel", INITRD], kind=4), INITRD)
    for name, data, why in (("kernel", make.uimage(kernel), "is a uImage without a ramdisk (type 2)"),
                            ("damaged", make.uimage(INITRD, kind=3)[:-1] + b"!", "the file is damaged: copy it again")):
        (lab.dir / f"uInitrd.{name}").write_bytes(data)
        yield OnX86(f"uinitrd-{name}", lab, kernel, ["--initrd", f"@/uInitrd.{name}"], why)
    yield from of_xen(lab, kernel)
    yield OnX86("ppc", lab, make.ppc_zimage(gzip.compress(kernel)), [], "ppc-zImage")
