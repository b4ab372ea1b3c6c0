#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plans for s390x machines, compared with plans/s390x-*.json, checked, and played through.

    s390x.py [--bless] [--only NAME] BATON BATON_TEST

Each machine is planned for a jump and for a crash, with an initrd of a size of its own; the fake
kernel (BATON_TEST) takes the load, and what it got is read: the parameter area, the command line,
the purgatory's arguments.  A model of what happens then is run over it: the swap of the crash
region with low memory as the purgatory does it, and what the kernel's start-up code writes before
it owns memory.  Nothing loaded, and nothing of the old memory, may be lost.
"""
import argparse
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
for folder in ("images", "checker", "golden"):
    sys.path.insert(0, str(HERE.parent / folder))

import mkpurgatory
import s390_seeds
from facts import Ranges
from made_machines import GIB, KIB, MIB, Made
from random_machines import memory_folder

PAGE = 4096
EM_S390 = 22
LINE, UNPACKED = 4096, 18 * MIB
ENTRY, KDUMP_ENTRY = 0x10000, 0x10010
PARMAREA, CMDLINE = 0x10400, 0x10480
HEAP, SPARE = 0x10000, MIB     # of the decompressor; arch/s390/boot/decompressor.c


class S390(Made):
    """A machine that shows its crash region beside its RAM, and has no notes of CPUs to tell."""

    def iomem(self):
        if not self.crash:
            yield from super().iomem()
            return
        rest = Ranges(self.ram).minus(Ranges([self.crash]))
        for (a, b), name in sorted([(r, "System RAM") for r in rest.list] + [(self.crash, "Crash kernel")]):
            yield f"{a:08x}-{b - 1:08x} : {name}"

    def write(self, folder):
        super().write(folder)
        about = {"schema": 1, "arch": "s390x", "release": "6.1.0-made", "page_size": PAGE}
        (pathlib.Path(folder) / "baton.json").write_text(
            json.dumps({**about, "vmcoreinfo": "OSRELEASE=6.1.0-made\n"}))


def machines():
    """{name: (machine, bytes of the initrd)}"""
    pieces = [(4 * GIB + i * 2 * MIB, 4 * GIB + i * 2 * MIB + MIB) for i in range(10000)]
    return {
        "s390x-1g": (S390([(0, GIB)], (640 * MIB, 832 * MIB)), 15_000_000),
        "s390x-no-initrd": (S390([(0, GIB)], (640 * MIB, 832 * MIB)), 0),
        "s390x-96m": (S390([(0, 96 * MIB)], (48 * MIB, 80 * MIB)), 5_000_000),
        "s390x-64m-crash-too-small": (S390([(0, 256 * MIB)], (128 * MIB, 144 * MIB)), 100),
        "s390x-crash-too-low": (S390([(0, GIB)], (64 * MIB, 192 * MIB)), 100),
        "s390x-16t": (S390([(0, 1 << 44)], (8 << 40, (8 << 40) + 2 * GIB)), 50_000_000),
        "s390x-10000-ranges": (S390([(0, 256 * MIB)] + pieces, (128 * MIB, 192 * MIB)), 9_999_999),
        "s390x-low-1m-more": (S390([(0, 44 * MIB), (4 * GIB, 5 * GIB)], None), 20_000_000),
    }


def image():
    packed = s390_seeds.XZ + bytes(range(1, 256)) * 8192
    return bytes(ENTRY) + s390_seeds.image(line=LINE, packed=packed, unpacked=UNPACKED)


def footprint(kernel):
    """What the start-up code may write, from 0 on, and the kernel's bss: startup.c, decompressor.c."""
    up = lambda n: -(-n // PAGE) * PAGE     # noqa: E731
    return up(len(kernel)) + HEAP + up(UNPACKED) + up(UNPACKED // 8) + SPARE


class Bench:
    def __init__(self, folder, baton, baton_test):
        self.folder, self.baton, self.baton_test = pathlib.Path(folder), baton, baton_test
        self.kernel = image()
        (self.folder / "vmlinuz").write_bytes(self.kernel)
        (self.folder / "purgatory.o").write_bytes(
            mkpurgatory.build(code=b"\x07\xfe", machine=EM_S390, big=True))

    def run(self, program, command, machine, crash, initrd, *more, env=None):
        words = [program, command, "--sysroot", machine, "--syscall", "load",
                 "--purgatory", "purgatory.o", "--append", "nonce=1 -- init-word", *more]
        words += ["--crash"] if crash else []
        if initrd:
            with open(self.folder / "initrd.img", "wb") as f:
                f.truncate(initrd)
            words += ["--initrd", "initrd.img"]
        return subprocess.run([*words, "vmlinuz"], cwd=self.folder, capture_output=True,
                              env={**os.environ, **(env or {})}, timeout=60)


def be(data, at, size=8):
    return int.from_bytes(data[at:at + size], "big")


def segments(plan):
    return {s["kind"]: (int(s["mem"], 16), s["memsz"], s["bufsz"]) for s in plan["segments"]}


def where(plan, made, kernel):
    """The rules for places, from the addresses alone."""
    crash, segs = plan["crash"], segments(plan)
    room = Ranges([made.crash]) if crash else Ranges(made.ram).minus(
        Ranges([made.crash] if made.crash else []))
    base = made.crash[0] if crash else 0
    for kind, (at, size, used) in segs.items():
        if at % PAGE or size % PAGE or used > size or not size:
            yield f"{kind}: 0x{at:x} + 0x{size:x}, {used} bytes"
        if not room.holds(at, at + size):
            yield f"{kind} is not in RAM"
        if size > made.total // 2:
            yield f"{kind} takes more than half of the memory"
    spans = sorted((at, at + size) for at, size, _ in segs.values())
    if any(a[1] > b[0] for a, b in zip(spans, spans[1:])):
        yield "segments overlap"
    at, size, used = segs["kernel"]
    if at != base + ENTRY or used != len(kernel) - ENTRY:
        yield f"the kernel lies at 0x{at:x} with {used} bytes"
    if at + size < base + footprint(kernel):
        yield "the kernel has no room to unpack"
    own, own_size, _ = segs["purgatory"]
    entry = int(plan["entry"], 16)
    if not own <= entry < own + own_size:
        yield "the entry is not in the purgatory"
    if crash and not base + 0x2000 <= own <= own + own_size <= base + ENTRY:
        yield f"the purgatory lies at 0x{own:x}"
    if not crash and entry >> 31:
        yield "the entry has more than 31 bits"
    if int(plan["kernel_entry"], 16) != base + (KDUMP_ENTRY if crash else ENTRY):
        yield "the kernel's entry is not its own"


def told(plan, made, kernel, initrd, append=b"nonce=1 -- init-word"):
    """The parameter area of the kernel as it was loaded."""
    crash, segs = plan["crash"], segments(plan)
    base = made.crash[0] if crash else 0
    want = [0, segs["initrd"][0] - base if initrd else 0, initrd,
            base, made.crash[1] - base if crash else 0]
    have = [be(kernel, PARMAREA - ENTRY + 8 * i) for i in range(5)]
    if have != want:
        yield f"parameter area: {have}, not {want}"
    line = kernel[CMDLINE - ENTRY:][:LINE]
    if line != append.ljust(LINE, b"\0"):
        yield f"command line: {line[:80]!r}"


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


def played(plan, made, kernel, args):
    """The swap as src/arch/s390x/cpu.c does it, then startup.c; what is where is followed."""
    base, size, used, own, own_end = args
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
    # The end runs from the last page of low memory.
    memory = copy(memory, size - PAGE, base + own, 0)
    memory = [(s, e, l) for s, e, l in memory]
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


def unpacked(plan, base, kernel):
    """Before it owns memory the kernel writes [0, footprint): nothing else may lie there."""
    at = segments(plan).get("initrd", (footprint(kernel) + base,))[0]
    if at - base < footprint(kernel):
        yield f"the kernel unpacks itself over the initrd at 0x{at:x}"


def loaded(bench, folder, made, plan, initrd):
    fake = bench.folder / "fake"
    for old in fake.glob("*") if fake.exists() else []:
        old.unlink()
    fake.mkdir(exist_ok=True)
    run = bench.run(bench.baton_test, "load", folder, plan["crash"], initrd,
                    env={"BATON_FAKE_KERNEL": str(fake)})
    if run.returncode:
        return [f"load into the fake kernel: {run.stderr.decode()}"]
    got = {}
    for line in (fake / "calls.jsonl").read_text().splitlines():
        for s in json.loads(line).get("segments", []):
            got[int(s["mem"], 16)] = fake / s["file"]
    segs = segments(plan)
    kernel = got[segs["kernel"][0]].read_bytes()
    found = list(told(plan, made, kernel, initrd))
    if plan["crash"]:
        purgatory = got[segs["purgatory"][0]].read_bytes()
        handoff = purgatory.index(struct.pack(">I", 0x4e4f5442))
        found += played(plan, made, kernel, [be(purgatory, handoff + 72 + 8 * i) for i in range(5)])
    return found


def refused(plan, made, kernel, initrd):
    """A refusal is right where no place exists; the sizes are few enough to say it outright."""
    size = made.crash[1] - made.crash[0] if made.crash else 0
    reason = plan["error"]["reason"]
    if not size:
        return [] if "no crash kernel region" in reason else [reason]
    if made.crash[0] < size:
        return [] if "cannot change places" in reason else [reason]
    need = footprint(kernel) + -(-initrd // PAGE) * PAGE + PAGE
    return [f"refused, and 0x{need:x} of 0x{size:x} are needed: {reason}"] if need <= size else []


def one(bench, name, made, initrd, crash, bless):
    folder = bench.folder / name
    run = bench.run(bench.baton, "plan", folder, crash, initrd, "--json")
    try:
        plan = json.loads(run.stdout)
    except ValueError:
        return [f"no JSON: {run.stderr.decode()}"]
    path = HERE / "plans" / f"{name}.{'crash' if crash else 'jump'}.json"
    text = json.dumps(plan, indent=1, ensure_ascii=False) + "\n"
    if bless:
        path.write_text(text)
    if not path.exists() or path.read_text() != text:
        return [f"{path.name} differs (--bless rewrites it): {text}"]
    if "error" in plan:
        return refused(plan, made, bench.kernel, initrd) if crash else [plan["error"]["reason"]]
    found = list(where(plan, made, bench.kernel))
    found += unpacked(plan, made.crash[0] if crash else 0, bench.kernel)
    return found + loaded(bench, folder, made, plan, initrd)


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bless", action="store_true")
    p.add_argument("--only")
    p.add_argument("baton")
    p.add_argument("baton_test")
    a = p.parse_args()
    bad, plans = 0, 0
    with tempfile.TemporaryDirectory(dir=memory_folder()) as folder:
        bench = Bench(folder, pathlib.Path(a.baton).resolve(), pathlib.Path(a.baton_test).resolve())
        for name, (made, initrd) in machines().items():
            if a.only and a.only != name:
                continue
            made.write(bench.folder / name)
            for crash in (False, True):
                found = one(bench, name, made, initrd, crash, a.bless)
                plans += 1
                bad += bool(found)
                for problem in found:
                    print(f"{name} {'crash' if crash else 'jump'}: {problem}")
    print(f"{plans} plans, {bad} of them with problems")
    return 1 if bad or not plans else 0


if __name__ == "__main__":
    sys.exit(main())
