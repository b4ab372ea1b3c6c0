#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plans for arm64 machines, compared with plans/arm64-*.json, checked, and played through.

    arm64.py [--bless] [--only NAME] BATON BATON_TEST

The model is what the kernel does before it owns memory (booting.rst and arch/arm64/{kernel/head.S,
mm/init.c}): nothing loaded may be lost or out of reach.
"""
import struct
import sys

from cpu_machines import Captured, TreeMachine, fdt
from cpu_plans import Cpu, efi_kept, main, overlaps, read_tree, segments
from arm_seeds import image
from facts import Ranges
from made_machines import GIB, MIB, Made

BLOCK, WINDOW = 2 * MIB, 32 * GIB
# The kernels: 3 MB in the file, more in memory; of today, before 4.6 (as low as it can), before 3.17.
FILE_SIZE = 3_000_001
KERNELS = {
    "Image": {"size": 0x1aa0000},
    "Image-64k": {"size": 0x1aa0000, "flags": 0xe},
    "Image-4.5": {"text_offset": 0x80000, "size": 0x1000000, "flags": 0},
    "Image-3.16": {"text_offset": 0x80000, "size": 0, "flags": 0},
}
OLD_BSS = 16 * MIB


class Arm64(TreeMachine):
    """Its crash regions are one or two."""

    arch = "arm64"

    def __init__(self, ram, crash=(), initrd=9_999_999, kernel="Image", **more):
        super().__init__(ram, crash, initrd, kernel, **more)

    def nodes(self):
        return [("psci", {"compatible": fdt.text("arm,psci-1.0"), "method": fdt.text("smc")}, [])]


def apart(*places):
    return [(at, at + 30 * MIB) for at in places]


def kernel_memory(plan, how):
    """[start, end) that the kernel uses before it reads any map: its image with bss and first tables."""
    start = int(plan["kernel_entry"], 16)
    return start, start + (how["size"] or FILE_SIZE + OLD_BSS)


class Arm64Cpu(Cpu):
    name, elf, returns = "arm64", (183, 64, False), b"\xc0\x03\x5f\xd6"
    line = "console=ttyAMA0 nonce=1 -- init-word"
    kernels = {name: image(b"ARM\x64", **how).ljust(FILE_SIZE, b"\x5a") for name, how in KERNELS.items()}
    refusals = {("arm64-too-far-apart", False): "no place for initrd",
                ("arm64-64m", True): "no place for kernel"}

    def machines(self):
        one = [(GIB, 2 * GIB)]
        pieces = [(4 * GIB + i * 4 * MIB, 4 * GIB + i * 4 * MIB + MIB) for i in range(10000)]
        far = [(2 * GIB, 2 * GIB + 64 * MIB), (512 * GIB, 600 * GIB)]
        return {
            "arm64-virt": Captured("arm64-virt", "Image"),
            "arm64-virt-efi": Captured("arm64-virt-efi", "Image"),
            "arm64-1g": Arm64(one, [(1600 * MIB, 1792 * MIB)]),
            "arm64-no-initrd": Arm64(one, [(1600 * MIB, 1792 * MIB)], 0),
            "arm64-64m": Arm64([(GIB, GIB + 64 * MIB)], [(GIB + 32 * MIB, GIB + 48 * MIB)], 1_000_000),
            "arm64-16t": Arm64([(GIB, 1 << 44)], [(8 << 40, (8 << 40) + 4 * GIB)], 1_100_000_000),
            "arm64-two-regions": Arm64([(GIB, 64 * GIB)], [(2 * GIB, 2 * GIB + 128 * MIB), (60 * GIB, 61 * GIB)],
                                       50_000_000),
            # Two clusters of memory: the lower takes the kernel, but not the initrd, which must be near it.
            "arm64-far": Arm64(far, [(520 * GIB, 521 * GIB)], 60_000_000),
            # Memory in pieces that hold one of them: 20 GiB apart will do, 35 will not.
            "arm64-apart": Arm64(apart(GIB, 100 * GIB, 120 * GIB), [], 20_000_000, total=GIB),
            "arm64-too-far-apart": Arm64(apart(GIB, 100 * GIB, 136 * GIB), [], 20_000_000, total=GIB),
            "arm64-10000-ranges": Arm64(one + pieces, [(1600 * MIB, 1792 * MIB)]),
            "arm64-64k": Arm64(one, [(1600 * MIB, 1792 * MIB)], kernel="Image-64k"),
            "arm64-old": Arm64(one, [(1600 * MIB, 1792 * MIB)], kernel="Image-4.5"),
            "arm64-very-old": Arm64(one, [(1600 * MIB, 1792 * MIB)], kernel="Image-3.16"),
            "arm64-high-old": Arm64([(GIB, GIB + 3 * MIB), (2 * GIB, 3 * GIB)], [], kernel="Image-4.5"),
        }

    def room(self, made, crash):
        room = super().room(made, crash)
        return room if crash else room.minus(Ranges(made.regions))

    def played(self, plan, made):
        """booting.rst and the kernel's first steps."""
        segs, how = segments(plan), KERNELS[made.kernel]
        start, end = kernel_memory(plan, how)
        base = start - how.get("text_offset", 0)
        if base % BLOCK:
            yield f"the kernel lies at 0x{start:x}"
        if not segs["kernel"][0] <= start < end <= sum(segs["kernel"][:2]):
            yield "the kernel's memory is not its segment's"
        for kind in overlaps(segs, start, end):
            if kind != "kernel":
                yield f"the kernel's first writes hit {kind}"
        at, size, _ = segs["dtb"]
        if at % 8 or size > 2 * MIB:
            yield f"device tree at 0x{at:x}, 0x{size:x} bytes"
        if made.initrd:
            at, size, used = segs["initrd"]
            low = min(start, at) // GIB * GIB
            if max(end, at + size) - low > WINDOW or used != made.initrd:
                yield f"initrd 0x{at:x}, kernel 0x{start:x}: no window of 32 GiB"
        # Before 4.6 the linear map begins at the kernel, and the tree lies in the first 512 MiB from there.
        if how.get("flags") == 0:
            if made.initrd and segs["initrd"][0] < base:
                yield "the initrd lies below an old kernel"
            if not base <= segs["dtb"][0] <= sum(segs["dtb"][:2]) <= base + 512 * MIB:
                yield "the device tree is too far from an old kernel"

    def content(self, plan, made, content, args):
        segs = segments(plan)
        yield from super().content(plan, made, content, args)
        if content["kernel"] != bytes(KERNELS[made.kernel].get("text_offset", 0)) + self.kernels[made.kernel]:
            yield "the kernel's bytes are not the file's"
        yield from self.told(plan, made, *read_tree(content["dtb"]))
        entry, dtb, own, size, psci = args[:5]
        if (entry, dtb) != (int(plan["kernel_entry"], 16), segs["dtb"][0]):
            yield f"the purgatory enters 0x{entry:x} with 0x{dtb:x}"
        if (own, size) != segs["purgatory"][:2] or (isinstance(made, Made) and psci != 2):
            yield f"the purgatory is told that it lies at 0x{own:x}, 0x{size:x} bytes, PSCI {psci}"

    def told(self, plan, made, tree, holes):
        """What the tree says to the next kernel of memory and chance."""
        yield from efi_kept(segments(plan), tree)
        if len(tree["/chosen/kaslr-seed"]) != 8 or not any(tree["/chosen/kaslr-seed"]):
            yield "no fresh kaslr-seed"
        spans = b"".join(struct.pack(">QQ", a, b - a) for a, b in
                         reversed(made.regions)) if plan["crash"] else b""
        if tree.get("/chosen/linux,usable-memory-range", b"") != spans:
            yield "usable memory: " + tree.get("/chosen/linux,usable-memory-range", b"").hex()
        header = tree.get("/chosen/linux,elfcorehdr", b"")
        if plan["crash"] and header != struct.pack(">QQ", *segments(plan)["elfcorehdr"][:2]):
            yield "elfcorehdr: " + header.hex()
        start, end = kernel_memory(plan, KERNELS[made.kernel])
        for at, size in holes:
            if at < end and start < at + size:
                yield "the kernel's own memory is reserved"


if __name__ == "__main__":
    sys.exit(main(__doc__, Arm64Cpu()))
