#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plans for riscv64 machines, compared with plans/riscv64-*.json, checked, and played through.

    riscv64.py [--bless] [--only NAME] BATON BATON_TEST

As arm64.py, with the first steps of another kernel (Documentation/arch/riscv/boot.rst, head.S and
setup_vm(), Linux 6.1 and 6.12): it lies on a boundary of 2 MiB, clears its bss before it reads
anything, reaches 2 MiB of device tree, and before 6.4 sees no memory below itself.  The firmware's
memory at the beginning of RAM is neither loaded into nor dumped.
"""
import struct
import sys

from cpu_machines import Captured, TreeMachine, fdt
from cpu_plans import Cpu, efi_kept, loads, main, overlaps, read_tree, segments, told
from arm_seeds import image
from facts import Ranges
from made_machines import GIB, KIB, MIB, Made

BLOCK = 2 * MIB
FILE_SIZE, MEMORY = 3_000_001, 0x1e6b000
KERNELS = {"Image": b"6.12.43-test", "Image-6.1": b"6.1.0-50-test"}
FIRMWARE = 512 * KIB    # OpenSBI's, at the beginning of memory


def kernel(version):
    data = image(b"RSC\x05", 2 * MIB, MEMORY, 0, b"RISCV").replace(b"6.1.0-50-test", version)
    return data.ljust(FILE_SIZE, b"\x5a")


class Riscv(TreeMachine):
    """A machine with a device tree, and firmware where its memory begins."""

    arch = "riscv64"

    def __init__(self, ram, crash=(), initrd=9_999_999, kernel="Image", **more):
        super().__init__(ram, crash, initrd, kernel, **more)

    def iomem(self):
        for line in super().iomem():
            yield line
            if line.startswith(f"{self.ram[0][0]:08x}-"):
                yield f"  {self.ram[0][0]:08x}-{self.ram[0][0] + FIRMWARE - 1:08x} : Reserved"

    def nodes(self):
        firmware = struct.pack(">QQ", self.ram[0][0], FIRMWARE)
        return [("reserved-memory", fdt.TWO | {"ranges": b""}, [("mmode_resv0@1", {"reg": firmware}, [])])]

    def chosen(self):
        return {name: value for name, value in super().chosen().items() if name != "kaslr-seed"}


def firmware(made):
    start = made.ram[0][0] // MIB * MIB     # a captured machine's RAM begins behind it
    return start, start + FIRMWARE


def kernel_memory(plan, size):
    """[start, end) of the image with its bss, where it was loaded."""
    start = int(plan["kernel_entry"], 16)
    return start, start + size


class RiscvCpu(Cpu):
    name, elf, returns = "riscv64", (243, 64, False), bytes.fromhex("6f000000")
    kernels = {name: kernel(version) for name, version in KERNELS.items()}
    refusals = {("riscv64-64m", True): "no place for kernel",
                ("riscv64-below-old", False): "the initrd fits only",
                ("riscv64-tree-below-old", False): "the dtb fits only"}

    def machines(self):
        base = 2 * GIB
        one, half = [(base, base + GIB)], (base + 512 * MIB, base + 704 * MIB)
        pieces = [(4 * GIB + i * 4 * MIB, 4 * GIB + i * 4 * MIB + MIB) for i in range(10000)]
        return {
            "riscv64-virt": Captured("riscv64-virt", "Image"),
            "riscv64-1g": Riscv(one, [half]),
            "riscv64-no-initrd": Riscv(one, [half], 0),
            "riscv64-old": Riscv(one, [half], kernel="Image-6.1"),
            "riscv64-64m": Riscv([(base, base + 64 * MIB)], [(base + 36 * MIB, base + 52 * MIB)], 1_000_000,
                                 total=128 * MIB),
            "riscv64-32t": Riscv([(base, 1 << 45)], [(8 << 40, (8 << 40) + 4 * GIB)], 1_100_000_000),
            "riscv64-two-regions": Riscv([(base, 64 * GIB)], [(3 * GIB, 3 * GIB + 128 * MIB), (60 * GIB, 61 * GIB)],
                                         50_000_000),
            "riscv64-10000-ranges": Riscv(one + pieces, [half]),
            # What is large enough for the kernel lies high; the initrd fits only below it.
            "riscv64-below": Riscv([(base, base + 20 * MIB), (3 * GIB, 3 * GIB + 34 * MIB)], [], 15_000_000, total=GIB),
            "riscv64-below-old": Riscv([(base, base + 20 * MIB), (3 * GIB, 3 * GIB + 34 * MIB)], [], 15_000_000,
                                       "Image-6.1", total=GIB),
            # The same of the device tree: what holds the kernel holds no more.
            "riscv64-tree-below-old": Riscv([(base, base + 20 * MIB), (3 * GIB, 3 * GIB + MEMORY)], [], 0, "Image-6.1",
                                            total=GIB),
        }

    def room(self, made, crash):
        return super().room(made, crash).minus(Ranges([firmware(made)]))

    def where(self, plan, made):
        yield from super().where(plan, made)
        if int(plan["entry"], 16) % 4:
            yield "the entry cannot be in stvec"

    def played(self, plan, made):
        """boot.rst and the kernel's first steps."""
        segs, (start, end) = segments(plan), kernel_memory(plan, MEMORY)
        at, size, used = segs["kernel"]
        if start % BLOCK or start != at or used != FILE_SIZE or size < MEMORY:
            yield f"the kernel lies at 0x{at:x}, 0x{size:x} bytes, and is entered at 0x{start:x}"
        for kind in overlaps(segs, start, end):
            if kind != "kernel":
                yield f"the kernel's first writes hit {kind}"
        at, size, _ = segs["dtb"]
        if at % 8 or size > 2 * MIB:
            yield f"device tree at 0x{at:x}, 0x{size:x} bytes"
        # Its linear map begins with itself; before 6.1.26 the tree is read through that map, too.
        if made.kernel == "Image-6.1":
            yield from (f"{kind} lies below an old kernel" for kind in ("initrd", "dtb")
                        if kind in segs and segs[kind][0] < start)

    def content(self, plan, made, content, args):
        segs, (tree, _) = segments(plan), read_tree(content["dtb"])
        yield from told(plan, made, tree)
        if content["kernel"] != self.kernels[made.kernel]:
            yield "the kernel's bytes are not the file's"
        if args[:2] != (int(plan["kernel_entry"], 16), segs["dtb"][0]):
            yield f"the purgatory enters 0x{args[0]:x} with 0x{args[1]:x}"
        # The highest region, and as memory for devices the lowest.
        regions = [made.regions[-1], *made.regions[:-1][:1]] if plan["crash"] else []
        spans = b"".join(struct.pack(">QQ", a, b - a) for a, b in regions)
        yield from efi_kept(segs, tree)
        if tree.get("/chosen/linux,usable-memory-range", b"") != spans:
            yield "usable memory: " + tree.get("/chosen/linux,usable-memory-range", b"").hex()
        if plan["crash"]:
            yield from self.header(made, content["elfcorehdr"], segs, tree)

    def header(self, made, header, segs, tree):
        told_at = tree.get("/chosen/linux,elfcorehdr", b"")
        if told_at != struct.pack(">QQ", *segs["elfcorehdr"][:2]):
            yield "elfcorehdr: " + told_at.hex()
        shown = Ranges(loads(header))
        if shown.meets(*firmware(made)):
            yield "the crash header shows the firmware's memory: reading it fails"
        want = Ranges(made.ram).minus(Ranges([firmware(made), *made.regions])).list
        if isinstance(made, Made) and shown.list != want:
            yield f"the crash header shows {shown.list[:4]}, not {want[:4]}"


if __name__ == "__main__":
    sys.exit(main(__doc__, RiscvCpu()))
