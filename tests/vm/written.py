# SPDX-License-Identifier: GPL-2.0-or-later
"""What a kernel writes before it owns memory, against the model of its CPU (tests/golden).

The guest is stopped where the purgatory enters kernel B (or the capture kernel), and again at a moment at
which that owns memory.  The pages that have changed in between must lie where the model says of this very
plan, and each page that is certain to be written must have changed.  Free pages of zeros, and those that
kernel A may have left as B will write them, are filled with noise before, so that such a write shows.
"""
import mmap
import os
import re
import struct
import sys
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module as model     # late: some make kernels of megabytes
from pathlib import Path
from typing import Callable

from vm.bench import expect
from vm.flips import armed, at_purgatory, jumping, ram_file

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / p) for p in ("golden", "checker")]
from facts import Ranges        # noqa: E402

PAGE = 4096
ALIGN_64K = 0x10000     # of arm64's end of image, and of ppc64's bss
VPA = b"\xd3\x97\xd7\x81"     # struct lppaca begins with it
TELL = 'say "lies $(grep -w "%s" /proc/kallsyms)"'


def le32(data, at):
    return int.from_bytes(data[at:at + 4], "little")


@dataclass
class Run:
    """One jump, as the models see it: its plan, kernel B's file, and memory at the hand-over."""
    b: object
    plan: dict
    gdb: object
    symbol: int         # where kernel A has the function at which B shall stop; B is the same kernel
    base: int
    memory: bytes       # as it was at the hand-over

    @cached_property
    def image(self):
        return self.b.next_image.read_bytes()

    @cached_property
    def segs(self):
        return model("cpu_plans").segments(self.plan)

    @property
    def entry(self):
        return int(self.plan["kernel_entry"], 16)

    def loaded(self, kind):
        at, _, used = self.segs[kind]
        return self.memory[at - self.base:at - self.base + used]

    def parts(self):
        """[(start, end of what the file holds, end)] of the kernel's own segments, from 0."""
        packed = not self.image.startswith(b"\x7fELF")
        elf = self.b.next_kernel.vmlinux(self.b.dir / "vmlinux").read_bytes() if packed else self.image
        rows = list(model("cpu_plans").parts(elf))
        low = min(at for at, _, _ in rows)
        return [(at - low, at - low + used, at - low + size) for at, used, size in rows]


def up(n, to=PAGE):
    return -(-n // to) * to


def outer(ranges):
    return Ranges([(start // PAGE * PAGE, up(end)) for start, end in ranges])


def inner(ranges):
    return Ranges([(up(start), end // PAGE * PAGE) for start, end in ranges])


# Each gives (where the model lets the kernel write, what it must have written), lists of (start, end).

def x86(run, limit=1 << 46):
    content = {kind: run.loaded(kind) for kind in ("boot_params", "setup_data") if kind in run.segs}
    may = model("x86_kaslr").writes(run.plan, run.segs, content, le32(content["boot_params"], 0x260), limit)
    out, params = run.segs["kernel"][0], run.segs["boot_params"][0]
    # boot_params are the kernel's to change.
    return [(params, params + PAGE), *((a, b) for a, b, _ in may)], [(out + a, out + b) for a, b, _ in run.parts()]


def i386(run):
    return x86(run, model("x86_kaslr").LIMIT_32)


def kaslr(run):
    moved, _ = unpacker(run)
    return x86(run)[0], [(moved, moved + run.segs["kernel"][2])]


def slot(run):
    """The kernel lies where the unpacker is about to jump to: RAX."""
    at = int.from_bytes(bytes.fromhex(run.gdb.ask("g")[:16]), "little")
    return [(at + a, at + b) for a, b, _ in run.parts()]


def arm(run):
    table = 4 + le32(run.image, 0x38)
    words, _, size_at, bss, offset = struct.unpack_from("<5I", run.image, table - 4)
    expect(words >= 5, f"the zImage's table has {words} words")
    unpacked, tree = le32(run.image, size_at), model("cpu_plans").read_tree(run.loaded("dtb"))[0]
    start = [*model("arm").starts(run.entry, tree).values()][-1]
    kernel, own = model("arm").unpacking(run.entry, start, len(run.image), offset, unpacked, bss)
    must = [(start + offset, start + offset + unpacked + bss)]
    if own[0] != run.entry:
        must.append((own[0] + PAGE, own[0] + len(run.image) - PAGE))
    return [kernel, own], must


def arm64(run):
    how = {"size": int.from_bytes(run.image[16:24], "little")}
    start, end = model("arm64").kernel_memory(run.plan, how)
    return [(start, end)], [(start + len(run.image), end - ALIGN_64K)]


def riscv64(run):
    start, end = model("riscv64").kernel_memory(run.plan, int.from_bytes(run.image[16:24], "little"))
    return [(start, end)], [(start + len(run.image), end)]


def stays_at(run):
    """A capture kernel of ppc64 stays where it was loaded, any other moves to 0."""
    return run.entry if run.plan["crash"] else 0


def ppc64(run):
    ((_, used, end),), ppc64 = run.parts(), model("ppc64")
    own = int(run.plan["entry"], 16) - run.segs["purgatory"][0]
    expect(run.memory[4:ppc64.SLAVES] == run.loaded("purgatory")[own + 4:own + ppc64.SLAVES],
           "the loop of the waiting CPUs is not at 0")
    base = stays_at(run)
    moved = [] if base else [(ppc64.SLAVES, used)]
    # After a panic the hypervisor goes on counting dispatches in the old kernel's lppaca.
    vpas = [(run.base + m.start(), run.base + m.end()) for m in re.finditer(VPA, run.memory)] if base else []
    return [*ppc64.written(run.plan, end), *vpas], [*moved, (base + up(used, ALIGN_64K), base + end)]


def s390x(run):
    s390, parts = model("s390x"), run.parts()
    unpacked, end = max(used for _, used, _ in parts), max(end for _, _, end in parts)
    may = 0, s390.footprint_of(len(run.image), unpacked, end - unpacked)
    return [may], [(s390.LMA, s390.LMA + end)]


def unpacker(run):
    """(where the bzImage's unpacker moves itself to, its last jump there): head_64.S."""
    code = run.loaded("kernel")
    size = re.search(rb"\x8b\x9e\x60\x02\0\0\x81\xeb(.{4})", code, re.S)     # init_size less _end
    jump, = re.finditer(rb"\xe8.{4}(?:\x5e|\x4c\x89\xfe)\xff\xe0", code, re.S)
    moved = run.segs["kernel"][0] + le32(run.loaded("boot_params"), 0x260) - le32(size[1], 0)
    return moved, moved + jump.end() - 2


@dataclass(frozen=True)
class Cpu:
    """model as above; symbol: a function that begins when the kernel owns memory; stop: its address then;
    then: what must have been written, too, as is known only there; others: devices' and firmware's memory;
    enter: where the kernel is put and entered instead, so that it must move before it unpacks itself."""
    model: Callable
    symbol: str = "start_kernel"
    stop: Callable = lambda run: run.symbol
    then: Callable = lambda run: []
    others: tuple = ()
    enter: int = 0


VIDEO = (0xa0000, 0x100000),
KASLR = Cpu(kaslr, stop=lambda run: unpacker(run)[1], then=slot, others=VIDEO)
# It makes page tables, out of any memory that it then knows, before start_kernel.
PPC64 = Cpu(ppc64, "early_setup", lambda run: run.symbol + stays_at(run))
CPUS = {
    "x86_64": Cpu(x86, others=VIDEO),
    # Its addresses, virtual ones too, are as much higher as it was loaded above the place that it prefers.
    "i386": Cpu(i386, stop=lambda run: run.symbol + run.entry - 0x1000000, others=VIDEO),
    "arm": Cpu(arm),
    "arm64": Cpu(arm64),
    "riscv64": Cpu(riscv64, others=((0x80000000, 0x80080000),)),
    "s390x": Cpu(s390x),
    "ppc64le": PPC64,
    "ppc64": replace(PPC64, symbol="[.]early_setup"),   # ABIv1: early_setup is its descriptor
}


def loaded(run):
    """What kernel B finds in its segments, without the room that its image has behind itself."""
    return [(at, up(at + (used if kind == "kernel" else size))) for kind, (at, size, used) in run.segs.items()]


def fill(memory, base, keep, must):
    """Puts a page of noise over each page of zeros, and over all of @must; the whole memory then."""
    noise, zeros = os.urandom(PAGE), bytes(PAGE)
    for at in range(0, len(memory), PAGE):
        page = base + at, base + at + PAGE
        if not keep.meets(*page) and (must.holds(*page) or memory[at:at + PAGE] == zeros):
            memory[at:at + PAGE] = noise
    return memory[:]


def differ(old, new, base):
    return Ranges([(base + at, base + at + PAGE) for at in range(0, len(old), PAGE)
                   if old[at:at + PAGE] != new[at:at + PAGE]])


def show(ranges):
    return " ".join(f"0x{a:x}-0x{b:x}" for a, b in ranges.list[:8]) + (" ..." if len(ranges.list) > 8 else "")


def compare(b, changed, may, must):
    wild, left = changed.minus(may), must.minus(changed)
    for name, pages in ("written", changed), ("model", may), ("certain", must):
        b.figures[name + "_kb"] = pages.total() >> 10
    expect(not wild.list, f"written, but not in the model {show(may)}: {show(wild)}")
    expect(not left.list, f"not written, though it should be: {show(left)} of {show(must)}")


def written(b, cpu=None, kernel_a=jumping):
    cpu, ram = cpu or CPUS[b.row.arch], ram_file(b)
    with at_purgatory(b, kernel_a, before=TELL % cpu.symbol, ram_file=ram) as (g, gdb, plan):
        symbol = int(g.one(r"@@ lies ([0-9a-f]+) ")[1], 16)
        gdb.run_to(int(plan["kernel_entry"], 16)).at_break(int(plan["kernel_entry"], 16))
        with open(ram, "r+b") as f, mmap.mmap(f.fileno(), 0) as memory:
            run = Run(b, plan, gdb, symbol, b.on.ram_base or 0, memory)
            if cpu.enter:
                move(run, cpu.enter)
            may, must = cpu.model(run)
            run.memory = fill(memory, run.base, Ranges([*loaded(run), *cpu.others]), inner(must))
            stop = cpu.stop(run)
            gdb.run_to(stop).at_break(stop)
            changed = differ(run.memory, memory, run.base)
        compare(b, changed.minus(Ranges(cpu.others)), outer(may), inner(must + cpu.then(run)))
    return g


def move(run, to):
    """The kernel is at @to, as if it had been loaded there, and the processor (arm: R15) is about to enter it."""
    kernel = next(s for s in run.plan["segments"] if s["kind"] == "kernel")
    run.memory[to - run.base:to - run.base + kernel["bufsz"]] = run.loaded("kernel")
    kernel["mem"] = run.plan["kernel_entry"] = hex(to)
    del run.segs
    registers = run.gdb.ask("g")
    run.gdb.ask("G" + registers[:120] + struct.pack("<I", to).hex() + registers[128:], "OK")


def written_moves(b):
    return written(b, replace(CPUS[b.row.arch], enter=(b.on.ram_base or 0) + 0x8000))


def written_crash(b):
    return written(b, kernel_a=armed)


def written_kaslr(b):
    return written(b, KASLR)
