#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plans for i386 machines, compared with plans/i386-*.json, checked, and played through.

    i386.py [--bless] [--only NAME] BATON BATON_TEST

The kernel decompresses itself where it was loaded (arch/x86/boot/compressed/head_32.S) and must end in
lowmem; boot_params tell it where everything lies (Documentation/arch/x86/boot.rst).
"""
import sys

from cpu_machines import Captured, CpuMachine
from cpu_plans import Cpu, loads, main, overlaps, segments

import bzimage
import x86_kaslr
from facts import Ranges
from made_machines import GIB, KIB, MIB, Made

LOW = [(4 * KIB, 636 * KIB)]
INIT_SIZE, LOWMEM = 0x3378000, 864 * MIB    # what is not told by /proc/kcore: as most kernels are built
INITRD_MAX = 2 * GIB


class I386(CpuMachine):
    arch = "i386"

    def __init__(self, ram, crash=(), initrd=9_999_999, **more):
        super().__init__(LOW + ram, crash, initrd, "vmlinuz", **more)


class Cpu386(Cpu):
    name, elf, returns = "i386", (3, 32, False), b"\xf4"
    kernels = {"vmlinuz": bzimage.build(xloadflags=0)}
    refusals = {("i386-highmem-only", False): "lowmem's end, assumed", ("i386-96m", True): "no place for",
                ("i386-large-initrd", True): "no place for initrd"}

    def machines(self):
        low, region = [(MIB, GIB)], [(384 * MIB, 512 * MIB)]
        pieces = [(GIB + i * 128 * KIB, GIB + i * 128 * KIB + 64 * KIB) for i in range(10000)]
        return {
            "i386-pc": Captured("i386-pc", "vmlinuz"),
            "i386-1g": I386(low, region),
            "i386-no-initrd": I386(low, region, 0),
            "i386-96m": I386([(MIB, 96 * MIB)], [(80 * MIB, 96 * MIB)], 1_000_000, total=256 * MIB),
            "i386-pae-16g": I386([(MIB, 3 * GIB), (4 * GIB, 16 * GIB)], region, 50_000_000),
            "i386-pae-64g": I386([(MIB, 3 * GIB), (4 * GIB, 64 * GIB)], region),
            "i386-large-initrd": I386([(MIB, 3 * GIB)], [(256 * MIB, 512 * MIB)], 1_100_000_000),
            "i386-10000-ranges": I386(low + pieces, region),
            # RAM that a 32-bit kernel can use, but not unpack itself in.
            "i386-highmem-only": I386([(MIB, 16 * MIB), (890 * MIB, 3 * GIB)], [], 100),
        }

    def played(self, plan, made):
        segs, entry = segments(plan), int(plan["kernel_entry"], 16)
        at, size, _ = segs["kernel"]
        low = 0x36bfe000 if isinstance(made, Captured) else LOWMEM
        if entry != at or at % 0x200000 or size < INIT_SIZE or at + INIT_SIZE > low:
            yield f"the kernel lies at 0x{at:x}, 0x{size:x} bytes, entered at 0x{entry:x}"
        for kind in overlaps(segs, at, at + INIT_SIZE):
            if kind != "kernel":
                yield f"the kernel unpacks itself over {kind}"
        for kind, (other, length, _) in segs.items():
            if other + length > 4 * GIB:
                yield f"{kind} lies above 4 GiB"
        if made.initrd and sum(segs["initrd"][:2]) > INITRD_MAX:
            yield "the initrd lies above initrd_addr_max"

    def modelled(self, plan, made, content, args):
        return x86_kaslr.problems(plan, segments(plan), content, INIT_SIZE, x86_kaslr.LIMIT_32)

    def content(self, plan, made, content, args):
        segs, params = segments(plan), content["boot_params"]
        word = lambda at: int.from_bytes(params[at:at + 4], "little")   # noqa: E731
        where = segs["boot_params"][0]
        entry, told, mode = args[:3]
        if (entry, told, mode) != (int(plan["kernel_entry"], 16), where, 1):
            yield f"the purgatory enters 0x{entry:x} with 0x{told:x} in mode {mode}"
        initrd = (segs["initrd"][0], made.initrd) if made.initrd else (0, 0)
        if (word(0x218), word(0x21c)) != initrd:
            yield f"initrd at 0x{word(0x218):x}, not 0x{initrd[0]:x}"
        line = params[word(0x228) - where:].split(b"\0")[0]
        if line.decode() != plan["cmdline"]:
            yield f"command line {line!r}"
        if not plan["crash"]:
            return
        header, high = content["elfcorehdr"], any(b > 4 * GIB for _, b in made.ram)
        if header[4] != (2 if high else 1):
            yield f"the crash header has class {header[4]}"
        want = Ranges(made.ram).minus(Ranges(made.regions)).list
        if isinstance(made, Made) and Ranges(loads(header)).list != want:
            yield "the crash header does not show the old memory"


if __name__ == "__main__":
    sys.exit(main(__doc__, Cpu386()))
