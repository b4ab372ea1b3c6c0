#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plans for ppc64 machines of both byte orders, compared with plans/ppc64*.json, checked, and played.

    ppc64.py [--bless] [--only NAME] BATON BATON_TEST

The model is what kexec_sequence and the next kernel do with memory before it owns it: nothing that is
needed later may lie where they write.  Some machines are drawn by chance (the same ones every time):
they have no files in plans/.
"""
import itertools
import struct
import sys

from cpu_plans import Cpu, MAGIC, main, overlaps, segments
from facts import Ranges
from made_machines import KIB, MIB
from ppc64_machines import PAGE, machines
import fdt

PAPR, OPAL = 5, 6  # enum handoff_console
RUN0, STAY, RUN_AT_LOAD, SLAVES = 0x72756E30, 1, 0x5C, 0x100
FILE_BYTES, FOOTPRINT = 3 * MIB + 0x1234, 41 * MIB
SAVED = (0, 64 * KIB)  # by the purgatory, before the capture kernel writes its vectors there
STALE = ("linux,crashkernel-base", "linux,crashkernel-size", "linux,kernel-end", "linux,htab-base",
         "linux,htab-size", "linux,memory-limit")


def vmlinux(big):
    """A relocatable kernel linked for 0: a segment with bss."""
    order = ">" if big else "<"
    data = bytearray(bytes(range(251)) * (FILE_BYTES // 251 + 1))[:FILE_BYTES]
    struct.pack_into(order + "I", data, RUN_AT_LOAD, RUN0)
    data[0x1000:0x1040] = b"Linux version 6.1.0-made (a@b) #1".ljust(64, b"\0")
    head = b"\x7fELF" + bytes([2, 2 if big else 1, 1]).ljust(12, b"\0")
    head += struct.pack(order + "HHIQQQIHHHHHH", 2, 21, 1, 0xC << 60, 64, 0, 2, 64, 56, 1, 0, 0, 0)
    head += struct.pack(order + "IIQQQQQQ", 1, 7, PAGE, 0xC << 60, 0, FILE_BYTES, FOOTPRINT, PAGE)
    return head.ljust(PAGE, b"\0") + data, bytes(data)


def written(plan, footprint=FOOTPRINT):
    """What kexec_sequence, then the kernel's first instructions write: {(start, end)}."""
    at = segments(plan)["kernel"][0]
    yield 0, SLAVES
    if plan["crash"]:
        yield SAVED  # the vectors, and what the purgatory has saved
        yield at, at + footprint
    else:
        yield SLAVES, footprint


def limited(root, plan, made):
    """Memory that the tree lets the next kernel use."""
    usable = Ranges([(0, made.regions[0][1])] + made.running + ([made.rtas] if made.rtas else [])) \
        if plan["crash"] else None
    for name, node in root.items():
        if not name.startswith("memory@"):
            continue
        have = node.get("linux,usable-memory")
        if not plan["crash"]:
            if have is not None:
                yield f"{name}: still limited"
            continue
        reg = Ranges(fdt.pairs(node["reg"]))
        want = reg.minus(reg.minus(usable)).list or [(0, 0)]
        if have is None or fdt.pairs(have) != want:
            yield f"{name}: {have and fdt.pairs(have)}, not {want}"
    dynamic = root.get("ibm,dynamic-reconfiguration-memory")
    if dynamic and plan["crash"]:
        want = b""
        for a, b in made.blocks():
            block = Ranges([(a, b)])
            mine = block.minus(block.minus(usable)).list
            want += fdt.u64(len(mine)) + fdt.ranges(*mine)
        if dynamic.get("linux,drconf-usable-memory") != want:
            yield "linux,drconf-usable-memory is wrong"


def core(header, made):
    """The crash header: all old memory, the part that the purgatory saves from its new place."""
    order = "<" if not made.big else ">"
    flags, = struct.unpack_from(order + "I", header, 48)
    phnum, = struct.unpack_from(order + "H", header, 56)
    if flags != (0 if made.big else 2):
        yield f"e_flags {flags}"
    have = []
    for i in range(phnum):
        kind, _, off, virt, phys, size, _, _ = struct.unpack_from(order + "IIQQQQQQ", header, 64 + 56 * i)
        if kind == 1:
            have.append((phys, phys + size))
            if phys == 0 and (size != SAVED[1] or off == 0):
                yield f"the saved memory: 0x{size:x} bytes from 0x{off:x}"
            if phys and off != phys:
                yield f"0x{phys:x} is read from 0x{off:x}"
    want = made.all_ram().minus(Ranges(made.regions).minus(Ranges([made.rtas] if made.rtas else [])))
    if Ranges(have).list != want.list:
        yield f"the dump holds {Ranges(have).list}, not {want.list}"


def fits(holes, sizes):
    """First fit, in this order; the last piece, the purgatory, below 4 GiB."""
    left = [[-(-a // PAGE) * PAGE, b] for a, b in holes]
    for i, size in enumerate(sizes):
        own = i in (len(sizes) - 1,)
        for hole in left:
            if hole[0] + size <= (min(hole[1], 1 << 32) if own else hole[1]):
                hole[0] += size
                break
        else:
            return False
    return True


class PowerCpu(Cpu):
    returns, line = b"B" * SLAVES, "console=hvc0 nonce=1 -- init-word"
    big = False

    def machines(self):
        return {name: made for name, made in machines().items() if made.big == self.big}

    def where(self, plan, made):
        yield from super().where(plan, made)
        segs = segments(plan)
        for kind, (at, size, _) in segs.items():
            if at + size > made.reach():
                yield f"{kind} at 0x{at:x} is out of reach in real mode"
        at, size, used = segs["kernel"]
        if size < FOOTPRINT or used != FILE_BYTES or int(plan["kernel_entry"], 16) != at:
            yield f"the kernel: 0x{size:x} bytes, {used} of them loaded, entry {plan['kernel_entry']}"
        own, size, _ = segs["purgatory"]
        if own + size > 1 << 32:
            yield f"the purgatory lies at 0x{own:x}"

    def played(self, plan, made):
        """What is needed behind those writes, and the kernel while it copies itself."""
        segs, spared = segments(plan), ("purgatory", "kernel") if plan["crash"] else ("purgatory",)
        for a, b in written(plan):
            for kind in overlaps(segs, a, b):
                if kind == "kernel" and not plan["crash"]:
                    yield "the next kernel copies itself over itself"
                elif kind not in spared:
                    yield f"the next kernel writes over its {kind} at 0x{segs[kind][0]:x}"

    def content(self, plan, made, content, args):
        yield from self.handed(plan, made, content)
        yield from self.told(plan, made, content["dtb"])
        if plan["crash"]:
            yield from core(content["elfcorehdr"], made)

    def handed(self, plan, made, content):
        """The kernel's word, the waiting CPUs' code, and the purgatory's branch."""
        segs, order = segments(plan), ">" if made.big else "<"
        have = content["kernel"]
        word = STAY if plan["crash"] else RUN0
        kernel = vmlinux(made.big)[1]
        want = kernel[:RUN_AT_LOAD] + struct.pack(order + "I", word) + kernel[RUN_AT_LOAD + 4:]
        if have != want:
            yield "the kernel is not what was asked for"
        purgatory, start = content["purgatory"], int(plan["entry"], 16) - segs["purgatory"][0]
        if purgatory[start:start + SLAVES] != b"B" * 4 + want[4:SLAVES]:
            yield "the code of the waiting CPUs is not the next kernel's"
        at = purgatory.index(struct.pack(order + "I", MAGIC))
        console, = struct.unpack_from(order + "I", purgatory, at + 16)
        have = (console, *struct.unpack_from(order + "11Q", purgatory, at + 32))
        vterm, backup = 0 if made.opal else 0x71000000, segs.get("backup", (0,))[0]
        firmware = (2, 0x30000000, 0x30003760, 0) if made.opal else \
            (1, made.rtas[0], made.rtas[0] + 0x10, 0x2004)
        vector = made.version >> 16 in (0x4E,) or made.version == 0x0F000005
        want = (OPAL if made.opal else PAPR, vterm, 0, backup, SAVED[1] if backup else 0,
                segs["kernel"][0], segs["dtb"][0], *firmware, int(vector))
        if have != want:
            yield f"the purgatory is told {have}, not {want}"

    def told(self, plan, made, blob):
        """The device tree."""
        segs = segments(plan)
        root, reserved, _ = fdt.read(blob)
        chosen = root["chosen"]
        if chosen["bootargs"] != fdt.text(plan["cmdline"]):
            yield f"bootargs: {chosen['bootargs']}"
        if plan["crash"] and f"elfcorehdr=0x{segs['elfcorehdr'][0]:x}" not in plan["cmdline"]:
            yield "no elfcorehdr="
        for name in STALE:
            if name in chosen:
                yield f"{name} is still there"
        at, size, used = segs["dtb"]
        want = [(at, at + len(blob))]
        if made.initrd:
            at, size, used = segs["initrd"]
            want.append((at, at + made.initrd))
            ends = chosen["linux,initrd-start"], chosen["linux,initrd-end"]
            if ends != (fdt.u64(at), fdt.u64(at + made.initrd)):
                yield f"initrd: {ends}"
        elif "linux,initrd-start" in chosen:
            yield "an initrd that there is not"
        want += [made.rtas] if made.rtas else []
        if plan["crash"]:
            want += [(SAVED[1], made.regions[0][0])]
            want += [(segs[k][0], segs[k][0] + segs[k][1]) for k in ("backup",)]
            want += [(segs["elfcorehdr"][0], segs["elfcorehdr"][0] + segs["elfcorehdr"][2])]
        have = Ranges(reserved)
        for a, b in want:
            if not have.holds(a, b):
                yield f"0x{a:x}-0x{b:x} is not reserved"
        # Nothing else is: what the old tree reserved lay elsewhere.
        wide = Ranges([(a - a % PAGE, b + -b % PAGE) for a, b in want])
        for a, b in reserved:
            if not wide.holds(a, b):
                yield f"0x{a:x}-0x{b:x} is reserved, and nobody knows why"
        yield from limited(root, plan, made)

    def refused(self, name, plan, made, crash):
        """A refusal is right where no order of the pieces finds room."""
        error, reason = plan["error"]["errno"], plan["error"]["reason"]
        if crash and not made.regions:
            return [] if error == "EADDRNOTAVAIL" else [reason]
        if error == "EINVAL" and "half of" in reason:
            return []
        up = lambda n: -(-n // PAGE) * PAGE     # noqa: E731
        sizes = [up(FOOTPRINT), up(made.initrd), PAGE, *([PAGE, PAGE] if crash else [])]
        low = 0 if crash else FOOTPRINT
        holes = made.usable(crash).minus(Ranges([(0, low), (made.reach(), 1 << 60)])).list
        for order in itertools.permutations([n for n in sizes if n]):
            # The purgatory first: nothing else must take its place below 4 GiB.
            if fits([(a, b) for a, b in holes], [*order, PAGE]):
                return [f"refused, though there is room: {reason}"]
        return []


class Little(PowerCpu):
    name, elf, big = "ppc64le", (21, 64, False), False
    kernels = {"vmlinux-False": vmlinux(False)[0]}


class Big(PowerCpu):
    name, elf, big = "ppc64", (21, 64, True), True
    kernels = {"vmlinux-True": vmlinux(True)[0]}


if __name__ == "__main__":
    sys.exit(main(__doc__, Little(), Big()))
