#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plans for arm machines, compared with plans/arm-*.json, checked, and played through.

    arm.py [--bless] [--only NAME] BATON BATON_TEST

The model is the zImage's decompressor (arch/arm/boot/compressed/head.S, fdt_check_mem_start.c): where
it takes the start of RAM to be, whether it moves itself, what it writes until the kernel owns memory.
"""
import gzip
import random
import struct
import sys

from cpu_machines import Captured, TreeMachine, fdt
from cpu_plans import Cpu, loads, main, overlaps, read_tree, segments, told
from arm_seeds import arm_image
from facts import Ranges
from made_machines import GIB, MIB

BLOCK = 128 * MIB
LOWMEM = 700 * MIB   # of VMSPLIT_3G, less what a vmalloc= of 300 MiB takes
ALIAS = 0x780000000  # Keystone 2: RAM at 0x800000000 is seen at 0x80000000 without paging
UNPACKED, BSS, HEAP = 0x13a10b4, 0x5e4d4, 0x10000
PADDED, THIN = 0x1456000, 30 * MIB  # what two zImages unpack to: 3.4 and 12 times their size
IMAGE = 0x13a1000  # bytes of a raw Image; its bss is BSS, too
# The image's own bss, 4 KiB of stack, and the slack of "16384" and 256 in head.S.
OWN = 0x6000


def zimage(size, words=6, offset=0x208000, unpacked=UNPACKED):
    head = bytes(0x24) + struct.pack("<6I", 0x016f2818, 0, size, 0x04030201, 0x45454545, 0x40)
    head += bytes(4) + struct.pack("<6I", words, 0x5a534c4b, size - 4, BSS,
                                   *((offset, HEAP) if words == 6 else (0, 0)))
    return head.ljust(size - 4, b"\x5a") + struct.pack("<I", unpacked)


def untold():
    """Before Linux 4.15: no table; what it unpacks to is twelve times as large."""
    kernel = bytearray(arm_image(size=THIN))
    kernel[0x100000:0x100000 + THIN // 12] = random.Random(1).randbytes(THIN // 12)
    payload = gzip.compress(bytes(kernel), 1, mtime=0)
    head = bytes(0x24) + struct.pack("<4I", 0x016f2818, 0, 0x200 + len(payload), 0x04030201)
    return head.ljust(0x200, b"\0") + payload


class Arm(TreeMachine):
    arch = "arm"

    def nodes(self):
        return [("psci", {"compatible": fdt.text("arm,psci-1.0"), "method": fdt.text("hvc")}, [])]


class OldKernel(Arm):
    """It runs a kernel that writes into its own code when it jumps."""

    def write(self, folder):
        super().write(folder)
        about = folder / "baton.json"
        about.write_text(about.read_text().replace("6.1.0-made", "4.4.0-made"))


class Keystone(Arm):
    """RAM above 4 GiB, and its window below."""

    def iomem(self):
        for a, b in self.ram:
            yield f"{a - ALIAS:08x}-{b - ALIAS - 1:08x} : System RAM (boot alias)"
            for c, d in self.regions:
                yield f"  {c - ALIAS:08x}-{d - ALIAS - 1:08x} : Crash kernel (boot alias)"
        yield from super().iomem()

    def usable(self, crash):
        return Ranges([(a - ALIAS, b - ALIAS) for a, b in super().usable(crash).list])

    def real(self, at):
        return at + ALIAS


class Atags(Arm):
    """A board without a device tree."""

    def write(self, folder):
        super().write(folder)
        (folder / "sys/firmware/fdt").unlink()


def usable_range(tree):
    cells = tree.get("/chosen/linux,usable-memory-range")
    return cells and (struct.unpack_from(">QQ", cells)[0], sum(struct.unpack_from(">QQ", cells)))


def memory_of(tree):
    """The memory nodes; the decompressor reads those below 4 GiB alone."""
    for name, value in tree.items():
        if name.endswith("/device_type") and value == b"memory\0":
            reg = tree[name.replace("device_type", "reg")]
            for i in range(0, len(reg), 16):
                at, size = struct.unpack_from(">QQ", reg, i)
                if at < 1 << 32 and size:
                    yield at, at + size


def starts(entry, tree):
    """{version: start of RAM} as decompressors of these versions find it."""
    masked = entry // BLOCK * BLOCK
    if tree is None:
        return {"all": masked}
    memory, limit = [(a, b) for a, b in memory_of(tree) if a < 1 << 32], usable_range(tree)
    if not memory or limit and limit[0] >> 32:
        return {"all": masked}
    inside = any(a <= masked < b for a, b in memory)
    lowest = -(-min(a for a, _ in memory) // (2 * MIB)) * 2 * MIB
    out = {"5.12": masked if inside else lowest}
    out["5.16"] = -(-max(limit[0], min(a for a, _ in memory)) // (2 * MIB)) * 2 * MIB if limit else out["5.12"]
    return {"before 5.12": masked, **out}


def unpacking(entry, start, size, offset, unpacked, bss=BSS):
    """What the decompressor writes: the kernel with its page tables below and bss, and itself."""
    low, kernel_end = start + offset, start + offset + unpacked
    yield low - 0x5000, kernel_end + bss
    if kernel_end > entry and low - 0x4000 < entry + size + HEAP + OWN:
        entry = kernel_end + 0x1000
    yield entry, entry + size + HEAP + OWN


class ArmCpu(Cpu):
    name, elf, returns = "arm", (40, 32, False), b"\x1e\xff\x2f\xe1"
    line = "console=ttyAMA0 nonce=1 -- init-word"
    sizes = {"zImage": 0x532200, "zImage-4.15": 0x500000, "zImage-large": 0x1800000, "zImage-padded": 0x5e5400}
    unpacked = {"zImage-padded": PADDED, "zImage-untold": THIN}
    kernels = {"zImage": zimage(sizes["zImage"]), "zImage-4.15": zimage(sizes["zImage-4.15"], 4),
               "zImage-large": zimage(sizes["zImage-large"]), "Image": arm_image(size=IMAGE),
               # CONFIG_DEBUG_RODATA aligns sections to 1 MiB: 29 % are left of it.
               "zImage-padded": zimage(sizes["zImage-padded"], unpacked=PADDED), "zImage-untold": untold()}
    sizes["zImage-untold"] = len(kernels["zImage-untold"])
    refusals = {("arm-too-far", False): "no place for initrd", ("arm-1g-initrd", False): "VMSPLIT_3G",
                ("arm-1g-initrd", True): "VMSPLIT_3G",
                ("arm-24m", False): "no place for kernel", ("arm-24m", True): "no place for kernel"}

    def machines(self):
        z = {"kernel": "zImage"}
        one = [(GIB, 2 * GIB)]
        pieces = [(2 * GIB + i * 128 * 1024, 2 * GIB + i * 128 * 1024 + 65536) for i in range(10000)]
        high = [(0x800000000, 0x820000000)]
        return {
            "arm-virt": Captured("arm-virt", "zImage"),
            "arm-1g": Arm(one, [(1536 * MIB, 1664 * MIB)], **z),
            "arm-no-initrd": Arm(one, [(1536 * MIB, 1664 * MIB)], 0, **z),
            "arm-large-initrd": Arm(one, [(1280 * MIB, 1792 * MIB)], 300_000_000, **z),
            # Kernels of VMSPLIT_2G would reach all of it, those of VMSPLIT_3G do not, and a zImage tells neither.
            "arm-1g-initrd": Arm([(GIB, 4 * GIB)], [(2 * GIB, 4 * GIB)], 1_100_000_000, **z),
            "arm-large-kernel": Arm(one, [(1536 * MIB, 1664 * MIB)], kernel="zImage-large"),
            "arm-padded-kernel": Arm(one, [(1536 * MIB, 1664 * MIB)], kernel="zImage-padded"),
            "arm-untold-kernel": Arm(one, [(1536 * MIB, 1664 * MIB)], kernel="zImage-untold"),
            "arm-image": Arm(one, [(1536 * MIB, 1664 * MIB)], kernel="Image"),
            "arm-image-odd-ram": Arm([(0x83000000, 0x8a000000)], [(0x84200000, 0x86000000)], 4_000_000, "Image"),
            "arm-old-table": Arm(one, [(1536 * MIB, 1664 * MIB)], kernel="zImage-4.15"),
            "arm-24m": Arm([(GIB, GIB + 24 * MIB)], [(GIB + 8 * MIB, GIB + 16 * MIB)], **z),
            "arm-64m-region": Arm(one, [(0x58000000, 0x5c000000)], **z),
            # The region is no multiple of 128 MiB: only decompressors since 5.16 stay inside.
            "arm-odd-region": Arm(one, [(0x5a000000, 0x62000000)], **z),
            "arm-odd-ram": Arm([(0x80200000, 0x87e00000)], **z),
            "arm-lpae-8g": Arm([(GIB, 9 * GIB)], [(1536 * MIB, 1664 * MIB)], **z),
            # The lowest memory takes the kernel but not the initrd, and the rest is too far from it.
            "arm-far-initrd": Arm([(GIB, GIB + 64 * MIB), (GIB + 768 * MIB, 3 * GIB)], [], 50_000_000, **z),
            "arm-too-far": Arm([(GIB, GIB + 64 * MIB), (GIB + 769 * MIB, GIB + 850 * MIB)], [], 50_000_000, **z),
            "arm-10000-ranges": Arm(one + pieces, [(1536 * MIB, 1664 * MIB)], **z),
            "arm-keystone": Keystone(high, [(0x810000000, 0x818000000)], **z),
            "arm-running-4.4": OldKernel(one, [(1536 * MIB, 1664 * MIB)], **z),
            "arm-atags": Atags(one, [(1536 * MIB, 1664 * MIB)], **z),
        }

    def played(self, plan, made):
        """Which start of RAM is found depends on the tree: see modelled()."""
        if isinstance(made, OldKernel) != any("writes into its own code" in w for w in plan["warnings"]):
            yield f"the running kernel's fault is told wrongly: {plan['warnings']}"

    def modelled(self, plan, made, content, args):
        return self.runs(plan, made, read_tree(content["dtb"])[0] if "dtb" in content else None)

    def runs(self, plan, made, tree):
        """The decompressor, of each version that may be in the image, on this plan."""
        segs, entry = segments(plan), int(plan["kernel_entry"], 16)
        if made.kernel == "Image":
            yield from self.in_place(plan, made, entry)
            return
        warned = any("no multiple of 128 MiB" in w for w in plan["warnings"])
        offset = 0x208000 if made.kernel != "zImage-4.15" else 0x8000
        for version, start in starts(entry, tree).items():
            if warned and version == "before 5.12" or version == "5.12" and warned and plan["crash"]:
                continue
            for kind in {"initrd", "dtb", "atags"} & set(segs):
                at, size, _ = segs[kind]
                if not start <= at <= at + size <= start + LOWMEM:
                    yield f"{version}: {kind} at 0x{at:x} is outside the linear map from 0x{start:x}"
            for a, b in unpacking(entry, start, self.sizes[made.kernel], offset,
                                  self.unpacked.get(made.kernel, UNPACKED)):
                if not made.usable(plan["crash"]).holds(a, b):
                    yield f"{version}: unpacks to 0x{a:x}-0x{b:x}, which is not its memory"
                for kind in overlaps(segs, a, b):
                    if kind not in ("kernel", "purgatory"):
                        yield f"{version}: unpacks to 0x{a:x}-0x{b:x}, over {kind} at 0x{segs[kind][0]:x}"

    def in_place(self, plan, made, entry):
        """A raw Image: page tables below it, bss behind it; its RAM begins TEXT_OFFSET below."""
        start, a, b = entry - 0x208000, entry - 0x5000, entry + IMAGE + BSS
        if start % (2 * MIB) or not made.usable(plan["crash"]).holds(start, b):
            yield f"the Image at 0x{entry:x} is not in its memory"
        for kind, (at, size, _) in segments(plan).items():
            if kind not in ("kernel", "purgatory") and a < at + size and at < b:
                yield f"the Image's first writes hit {kind} at 0x{at:x}"
            if kind in ("initrd", "dtb") and not start <= at <= at + size <= start + LOWMEM:
                yield f"{kind} at 0x{at:x} is outside the linear map from 0x{start:x}"

    def content(self, plan, made, content, args):
        segs = segments(plan)
        tree = read_tree(content["dtb"])[0] if "dtb" in content else None
        entry, r2, _, own, size, *_ = args
        want = segs["dtb" if tree else "atags"][0]
        if (entry, r2) != (int(plan["kernel_entry"], 16), want) or (own, size) != segs["purgatory"][:2]:
            yield f"the purgatory is told 0x{entry:x}, 0x{r2:x}, 0x{own:x}, 0x{size:x}"
        if tree:
            yield from told(plan, made, tree)
        else:
            yield from self.tags(plan, made, content["atags"])
        if plan["crash"]:
            yield from self.header(plan, made, content["elfcorehdr"], tree)

    def tags(self, plan, made, data):
        at, seen = 0, {}
        while True:
            words, tag = struct.unpack_from("<II", data, at)
            if not words:
                break
            seen.setdefault(tag, data[at + 8:at + 4 * words])
            at += 4 * words
        if seen[0x54410009].rstrip(b"\0") != plan["cmdline"].encode():
            yield f"command line {seen[0x54410009]!r}"
        if made.initrd and struct.unpack("<II", seen[0x54420005]) != (segments(plan)["initrd"][0], made.initrd):
            yield "another initrd"
        first = made.usable(plan["crash"]).list[0][0]
        if struct.unpack("<II", seen[0x54410002])[1] != first:
            yield "memory begins elsewhere"

    def header(self, plan, made, header, tree):
        """All that ELF32 can hold of the old memory; and the header outside the new one's."""
        want = Ranges(made.ram).minus(Ranges(made.regions))
        # Where all is above, a 64-bit header is the only one that can say so.
        want = (want.inside(0, 1 << 32) if made.ram[0][0] < 1 << 32 else want).list
        lost = any(b > 1 << 32 for _, b in made.ram)
        if not isinstance(made, Captured) and loads(header) != want:
            yield f"the crash header shows {loads(header)}"
        if lost != any("above 4 GiB" in w for w in plan["warnings"]):
            yield f"memory above 4 GiB is {'' if lost else 'not '}lost: {plan['warnings']}"
        at, size, _ = segments(plan)["elfcorehdr"]
        at = made.real(at)
        if tree and any(a < at + size and at < b for a, b in memory_of(tree)):
            yield "the crash header lies in memory that the capture kernel calls its own"
        if f"elfcorehdr=0x{at:x}" not in plan["cmdline"].split(" -- ")[0].split():
            yield "elfcorehdr= is not where the kernel reads it"


if __name__ == "__main__":
    sys.exit(main(__doc__, ArmCpu()))
