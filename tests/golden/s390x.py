#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plans for s390x machines, compared with plans/s390x-*.json, checked, and played through.

    s390x.py [--bless] [--only NAME] BATON BATON_TEST

Two models are run over each: the swap of the crash region with low memory as the purgatory does it,
and what the kernel's start-up code writes before it owns memory.  Nothing loaded, and nothing of the
old memory, may be lost.
"""
import sys

from cpu_machines import CpuMachine
from cpu_plans import Cpu, main, overlaps, segments
from facts import Ranges
from made_machines import GIB, MIB
import s390_seeds

PAGE = 4096
LINE = 4096
# What the image does not tell: Debian's 6.1 has 0x118e000, 0xad000 and 0x2000 bytes.
UNPACKED, BSS, AMODE31, LMA = 18 * MIB, 0xad000, 0x3000, MIB
ENTRY, KDUMP_ENTRY = 0x10000, 0x10010
PARMAREA, CMDLINE = 0x10400, 0x10480
HEAP, INLINED, ENTRY_SIZE = 0x10000, 1020, 16   # arch/s390/boot/decompressor.c, asm/mem_detect.h


class S390(CpuMachine):
    """A machine that shows its crash region beside its RAM."""

    arch = "s390x"

    def __init__(self, ram, crash=(), initrd=9_999_999, kernel="vmlinuz", **more):
        super().__init__(ram, crash, initrd, kernel, **more)

    def iomem(self):
        rows = [(r, "System RAM") for r in self.usable(False).list] + [(r, "Crash kernel") for r in self.regions]
        for (a, b), name in sorted(rows):
            yield f"{a:08x}-{b - 1:08x} : {name}"

    def usable(self, crash):
        return super().usable(crash) if crash else Ranges(self.ram).minus(Ranges(self.regions))


def be(data, at, size=8):
    return int.from_bytes(data[at:at + size], "big")


def up(n):
    return -(-n // PAGE) * PAGE


def image():
    packed = s390_seeds.XZ + bytes(range(1, 256)) * 8192
    return bytes(ENTRY) + s390_seeds.image(line=LINE, packed=packed, unpacked=UNPACKED)


def base_of(plan, made):
    return made.regions[0][0] if plan["crash"] else 0


def exchange(memory, a, b, size):
    """@memory: [(start, end, label)] that tell what lies where; two ranges change places."""
    out = []
    for start, end, (what, at) in memory:
        for lo, hi, to in ((a, a + size, b), (b, b + size, a)):
            s, e = max(start, lo), min(end, hi)
            if s < e:
                out.append((s - lo + to, e - lo + to, (what, at + s - start)))
        for s, e in Ranges([(start, end)]).minus(Ranges([(a, a + size), (b, b + size)])).list:
            out.append((s, e, (what, at + s - start)))
    return out


def copy(memory, to, at, size):
    """What lies at [at, at + size) lies at @to afterwards, too."""
    out = []
    for start, end, (what, off) in memory:
        for s, e in Ranges([(start, end)]).minus(Ranges([(to, to + size)])).list:
            out.append((s, e, (what, off + s - start)))
        s, e = max(start, at), min(end, at + size)
        if s < e:
            out.append((s - at + to, e - at + to, (what, off + s - start)))
    return out


def what_is(memory, start, end):
    """{(label, offset of its first byte from @start)} over [start, end)"""
    return {(what, at - s) for s, e, (what, at) in memory if s < end and e > start}


def footprint_of(length, unpacked, bss):
    """mem_safe_offset(), then reserve_amode31(): unpacked behind the image, moved to its place, its bss
    cleared; an initrd below that is moved up, and nobody looks where to."""
    return up(max(up(length + HEAP) + unpacked, LMA + unpacked + bss)) + AMODE31


class S390xCpu(Cpu):
    name, elf, returns = "s390x", (22, 64, True), b"\x07\xfe"
    line = "nonce=1 -- init-word"
    kernels = {"vmlinuz": image()}
    length = len(kernels["vmlinuz"])
    footprint = footprint_of(length, UNPACKED, BSS)

    def machines(self):
        pieces = [(4 * GIB + i * 2 * MIB, 4 * GIB + i * 2 * MIB + MIB) for i in range(10000)]
        region = [(640 * MIB, 832 * MIB)]
        return {
            "s390x-1g": S390([(0, GIB)], region, 15_000_000),
            "s390x-no-initrd": S390([(0, GIB)], region, 0),
            "s390x-96m": S390([(0, 96 * MIB)], [(48 * MIB, 80 * MIB)], 5_000_000),
            "s390x-64m-crash-too-small": S390([(0, 256 * MIB)], [(128 * MIB, 144 * MIB)], 100),
            "s390x-crash-too-low": S390([(0, GIB)], [(64 * MIB, 192 * MIB)], 100),
            "s390x-16t": S390([(0, 1 << 44)], [(8 << 40, (8 << 40) + 2 * GIB)], 50_000_000),
            "s390x-large-initrd": S390([(0, 8 * GIB)], [(3 * GIB, 5 * GIB)], 1_100_000_000),
            "s390x-10000-ranges": S390([(0, 256 * MIB)] + pieces, [(128 * MIB, 192 * MIB)]),
            "s390x-low-1m-more": S390([(0, 44 * MIB), (4 * GIB, 5 * GIB)], [], 20_000_000),
        }

    def where(self, plan, made):
        yield from super().where(plan, made)
        segs, crash, base = segments(plan), plan["crash"], base_of(plan, made)
        at, size, used = segs["kernel"]
        if at != base + ENTRY or used != self.length - ENTRY:
            yield f"the kernel lies at 0x{at:x} with {used} bytes"
        if at + size < base + self.footprint:
            yield "the kernel has no room to unpack"
        own, own_size, _ = segs["purgatory"]
        if crash and not base + 0x2000 <= own <= own + own_size <= base + ENTRY:
            yield f"the purgatory lies at 0x{own:x}"
        if not crash and int(plan["entry"], 16) >> 31:
            yield "the entry has more than 31 bits"
        if int(plan["kernel_entry"], 16) != base + (KDUMP_ENTRY if crash else ENTRY):
            yield "the kernel's entry is not its own"

    def played(self, plan, made):
        """startup_kernel(): [0, footprint), then detect_memory()'s list behind the initrd."""
        segs, base = segments(plan), base_of(plan, made)
        for kind in overlaps(segs, base, base + self.footprint):
            if kind not in ("kernel", "purgatory"):
                yield f"the kernel unpacks itself over {kind} at 0x{segs[kind][0]:x}"
        end = sum(segs["initrd"][:3:2]) if "initrd" in segs else base + self.footprint
        more = ENTRY_SIZE * max(0, len(made.ram) - INLINED)
        if more and not self.room(made, plan["crash"]).holds(end, end + more):
            yield f"the kernel's list of memory runs from 0x{end:x} to 0x{end + more:x}, out of its memory"

    def modelled(self, plan, made, content, args):
        return self.swapped(plan, made, args[1:6]) if plan["crash"] else []

    def content(self, plan, made, content, args):
        """The parameter area of the kernel as it was loaded."""
        kernel = content["kernel"]
        crash, segs, base = plan["crash"], segments(plan), base_of(plan, made)
        want = [0, segs["initrd"][0] - base if made.initrd else 0, made.initrd,
                base, made.regions[0][1] - base if crash else 0]
        have = [be(kernel, PARMAREA - ENTRY + 8 * i) for i in range(5)]
        if have != want:
            yield f"parameter area: {have}, not {want}"
        line = kernel[CMDLINE - ENTRY:][:LINE]
        if line != self.line.encode().ljust(LINE, b"\0"):
            yield f"command line: {line[:80]!r}"

    def swapped(self, plan, made, args):
        """The swap step by step; what is where is followed. tests/vm's s390x-swap is cpu.c's own swap."""
        base, size, used, own, own_end = args
        if (base, base + size) != made.regions[0]:
            yield f"the region is 0x{base:x} and 0x{size:x} bytes"
        segs = segments(plan)
        memory = [(0, size, ("old", 0)), (base, base + size, ("crash", 0))]
        if used > size - PAGE or used % PAGE:
            yield f"used is 0x{used:x} of 0x{size:x}"
        if max(at + n for at, n, _ in segs.values()) != base + used:
            yield "used is not where the last segment ends"
        if (own, own_end - own) != segs["purgatory"][:2]:
            yield "the purgatory does not know where it lies"
        own, own_len = own - base, own_end - own
        memory = exchange(memory, 0, base, own)
        memory = exchange(memory, own + own_len, base + own + own_len, used - own - own_len)
        memory = copy(memory, base + used, used, size - used)
        memory = copy(memory, base + own, own, own_len)
        # All of the old memory is in the region, in order.
        if what_is(memory, base, base + size) != {("old", -base)}:
            yield f"old memory: {what_is(memory, base, base + size)}"
        for kind in ("kernel", "initrd"):
            if kind in segs:
                at, n, _ = segs[kind]
                if what_is(memory, at - base, at - base + n) != {("crash", 0)}:
                    yield f"{kind}: {what_is(memory, at - base, at - base + n)}"
                if at - base + n > size - PAGE:
                    yield f"{kind} lies where the swap ends"

    def refused(self, name, plan, made, crash):
        """A refusal is right where no place exists; the sizes are few enough to say it outright."""
        reason = plan["error"]["reason"]
        if not crash or not made.regions:
            return super().refused(name, plan, made, crash)
        start, end = made.regions[0]
        if start < end - start:
            return [] if "cannot change places" in reason else [reason]
        need = self.footprint + up(made.initrd) + PAGE
        if need <= end - start:
            return [f"refused, and 0x{need:x} of 0x{end - start:x} are needed: {reason}"]
        return []


if __name__ == "__main__":
    sys.exit(main(__doc__, S390xCpu()))
