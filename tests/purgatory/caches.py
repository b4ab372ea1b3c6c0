#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Is every line that a purgatory wrote while its data cache was on cleaned by address afterwards?

    caches.py TCG_PLUGIN CPU IMAGE_TOOL OBJECT

TCG has no caches, so a forgotten clean changes nothing there. The purgatory runs on QEMU's bare
machines (run.py, scenario "ok") and leaves a log of what it did in order: the lines that it loaded
and stored (tcg_accesses.c), and the operand of each cache operation and of each write to SCTLR, from
the registers that QEMU dumps before it. A model of a cache reads that log. Virtual addresses are
physical ones here: the purgatory's map is the identity.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from machines import MACHINES
from run import SKIP, build, run, wanted

LINE = 64               # CTR_EL0.DminLine, CTR.DminLine of all CPUs of MACHINES
RAM = 0x40000000        # devices lie below it
CACHE_ON = 4            # SCTLR.C
UNCACHED = ("hyp",)     # arm in HYP mode leaves its cache off
# What writes a register's value to the system: (its word without the register, what it does there).
# Arm architecture reference manuals DDI 0487 (C5.3, D17.2.118 and .119) and DDI 0406 (B4.1, B4.2).
A64 = {0xd5087620: "invalidate", 0xd50b7a20: "clean", 0xd50b7e20: "clean+invalidate",
       0xd5181000: "control", 0xd51c1000: "control"}
A32 = {0xee070f36: "invalidate", 0xee070f3a: "clean", 0xee070f3e: "clean+invalidate",
       0xee010f10: "control", 0xee810f10: "control"}
# (instructions, bit of the register's number, its letter in QEMU's dump)
CPUS = {"arm64": (A64, 0, "X"), "arm": (A32, 12, "R")}


def watched(cpu, image, base):
    """{address: (what it does, name of its register)} of the image's words; some may be data."""
    names, shift, letter = CPUS[cpu]
    mask = (31 if shift == 0 else 15) << shift
    found = {}
    for off in range(0, len(image) - 3, 4):
        word = int.from_bytes(image[off:off + 4], "little")
        if word & ~mask in names:
            found[base + off] = names[word & ~mask], f"{letter}{(word & mask) >> shift:02}"
    return found


def events(log, at):
    """[(what, line or value)] in the order in which it was done."""
    found, registers = [], {}
    for line in log:
        word = line.split()
        if len(word) == 2 and word[0] in ("load", "store"):
            found.append((word[0], int(word[1], 16)))
            continue
        registers |= dict(re.findall(r"\b(PC|[XR]\d\d)=([0-9a-f]+)", line))
        if last_of_dump(line):
            pc = int(registers.get("PC") or registers["R15"], 16)
            what, name = at[pc]
            value = int(registers.get(name, "0"), 16)       # register 31 is zero
            found.append((what, value if what == "control" else value // LINE * LINE))
            registers = {}
    return found


def last_of_dump(line):
    return re.match(r"\s*(PSTATE|PSR)=", line) is not None


class Cache:
    """The lines of a data cache that memory does not know, and those of which the cache may not know."""

    def __init__(self):
        self.on, self.dirty, self.past, self.written = False, set(), set(), set()

    def access(self, what, line):
        if line < RAM:
            return None
        if not self.on and line in self.dirty:
            return f"{what} past the cache of line 0x{line:x}, which is not cleaned yet"
        if what == "store":
            (self.dirty if self.on else self.past).add(line)
            if self.on:
                self.written.add(line)
        return None

    def control(self, value):
        self.on = bool(value & CACHE_ON)
        if self.on and self.past:
            return f"line 0x{min(self.past):x}, written past the cache, is not invalidated before it is on"
        return None

    def operate(self, what, line):
        if what == "invalidate" and line in self.dirty:
            return f"line 0x{line:x} is thrown away, written but not cleaned"
        if "clean" in what:
            self.dirty.discard(line)
        if "invalidate" in what:
            self.past.discard(line)
        return None

    def left(self):
        if self.on or not self.written:
            return "the cache is still on" if self.on else "nothing was written while the cache was on"
        if self.dirty:
            return f"line 0x{min(self.dirty):x} was written and never cleaned ({len(self.dirty)} such lines)"
        return None


def judge(happened):
    """(what is wrong or None, the cache)"""
    cache = Cache()
    for what, value in happened:
        act = {"load": cache.access, "store": cache.access}.get(what, cache.operate)
        wrong = cache.control(value) if what == "control" else act(what, value)
        if wrong:
            return wrong, cache
    return cache.left(), cache


def notices(happened, written):
    """Each line that was written: is it named when its cleaning alone is missing, or goes elsewhere?"""
    for line in written:
        spoilt = [e for e in happened if not ("clean" in e[0] and e[1] == line)]
        if f"line 0x{line:x}" not in (judge(spoilt)[0] or ""):
            return False
    return True


def record(plugin, cpu, tool, obj, machine):
    """(what QEMU said, its status, the events)"""
    with tempfile.TemporaryDirectory() as d:
        where = Path(d)
        file = build(tool, cpu, obj, "ok", machine, where)
        base = int(re.search(r"define PURGATORY (\w+)", (where / "image.inc").read_text())[1], 16)
        at = watched(cpu, (where / "image.bin").read_bytes(), base)
        extra = ("-singlestep", "-d", "cpu,nochain,plugin", "-D", "log",
                 "-dfilter", ",".join(f"0x{a:x}+4" for a in at),
                 "-plugin", ",".join([plugin, *(f"at=0x{a:x}" for a in at)]))
        said, status = run(machine.program, machine, file, "ok", where, 60, extra)
        with open(where / "log", errors="replace") as log:
            return said, status, events(log, at)


def check(plugin, cpu, tool, obj, machine):
    said, status, happened = record(plugin, cpu, tool, obj, machine)
    want, want_status = wanted(machine, "ok", machine.sha)
    wrong, cache = judge(happened)
    if not re.fullmatch(want, said) or status != want_status:
        wrong = f"it did not enter the next kernel: {said!r}, status {status}"
    elif not wrong and not notices(happened, cache.written):
        wrong = "the model does not see a cleaning that is left out"
    print(f"{'FAIL' if wrong else 'ok  '} {machine.name:6} {Path(obj).name}: "
          + (wrong or f"{len(cache.written)} lines written while cached, all cleaned"), flush=True)
    return not wrong


def missing(machine):
    """What the test needs and is not here, or None. The plugin's interface changed in QEMU 8."""
    for program in (machine.program, machine.gcc()):
        if not shutil.which(program):
            return f"{program} is not installed"
    said = subprocess.run([machine.program, "-version"], capture_output=True, text=True).stdout
    return None if " version 7." in said else f"{machine.program} is not QEMU 7"


def main():
    plugin, cpu, tool, obj = sys.argv[1:]
    plugin, tool, obj = map(os.path.abspath, (plugin, tool, obj))
    machines = [m for m in MACHINES[cpu] if m.name not in UNCACHED]
    lacks = missing(machines[0])
    if lacks:
        print(lacks)
        return SKIP
    return 0 if all([check(plugin, cpu, tool, obj, m) for m in machines]) else 1


if __name__ == "__main__":
    sys.exit(main())
