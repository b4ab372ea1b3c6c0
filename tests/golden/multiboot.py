#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plans of multiboot kernels, of both versions and with modules, on captured machines.

    multiboot.py [--bless] [--only KERNEL] BATON BATON_TEST

Each plan is compared with plans/ and looked at by the independent checker; then the fake kernel takes the load, and
what a kernel finds through %ebx (Multiboot Specification 0.6.96, 3.3; 2.0, 3.6) must be what was asked.
"""
import argparse
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

from cpu_machines import HERE
from golden import compare, shown
from check_plan import check
from cpu_plans import HANDOFF_ENTRY, MAGIC
from facts import Machine
from legal import Request
from made_machines import memory_folder
import containers_make as make
import mkpurgatory

MACHINES = HERE.parent / "machines"
MODULES = {"dom0": bytes(range(256)) * 40, "initrd": b"070701" * 3}
LINES = ["dom0 console=hvc0 -- a", "initrd"]
LINE = "console=com1 no-real-mode"
# A kernel that, as Xen, would lie at the top; one that stays where it is linked.
KERNELS = {"multiboot1": make.multiboot1(), "multiboot2": make.multiboot2()}
ON = ("x86_64-q35", "x86_64-q35-24g", "i386-pc")
ENTERED = {"multiboot1": 0x2BADB002, "multiboot2": 0x36D76289}
MODE = 5  # docs/formats/handoff.md
E820 = {"System RAM": 1, "Reserved": 2, "ACPI Tables": 3, "ACPI Non-volatile Storage": 4}


class Memory:
    """What the fake kernel was given, by address."""

    def __init__(self, fake):
        call = [json.loads(line) for line in (fake / "calls.jsonl").read_text().splitlines()][-1]
        self.parts = [(int(s["mem"], 16), s["memsz"], (fake / s["file"]).read_bytes()) for s in call["segments"]]

    def read(self, at, size):
        start, memsz, data = next(p for p in self.parts if p[0] <= at and at + size <= p[0] + p[1])
        return data.ljust(memsz, b"\0")[at - start:at - start + size]

    def text(self, at):
        start, _, data = next(p for p in self.parts if p[0] <= at < p[0] + len(p[2]))
        return data[at - start:data.index(b"\0", at - start)].decode()

    def words(self, at, n):
        return struct.unpack(f"<{n}I", self.read(at, 4 * n))

    def handoff(self):
        """Entry and arguments."""
        data = next(d for _, _, d in self.parts if struct.pack("<I", MAGIC) in d)
        return struct.unpack_from("<7Q", data, data.index(struct.pack("<I", MAGIC)) + HANDOFF_ENTRY)


def read_v1(mem, at):
    flags, lower, upper, _, line, count, mods = mem.words(at, 7)
    length, entry, loader = *mem.words(at + 44, 2), *mem.words(at + 64, 1)
    ranges, end = [], entry + length
    while entry < end:
        size, *one = struct.unpack("<IQQI", mem.read(entry, 24))
        ranges.append(tuple(one))
        entry += 4 + size
    modules = [mem.words(mods + 16 * i, 3) for i in range(count)]
    if flags != 0x24d:
        yield f"flags 0x{flags:x}"
    return (mem.text(line), mem.text(loader), [(a, b, mem.text(s)) for a, b, s in modules], (lower, upper), ranges,
            None)


def read_v2(mem, at):
    total, zero = mem.words(at, 2)
    tags, here, kind = [], at + 8, None
    while kind != 0:
        kind, size = mem.words(here, 2)
        tags.append((kind, here + 8, size - 8))
        here += size + 7 & ~7
    if here != at + total or zero:
        yield f"tags end at 0x{here:x}, not at 0x{at + total:x}"
    one = {kind: (where, size) for kind, where, size in tags}
    modules = [(*mem.words(w, 2), mem.text(w + 8)) for kind, w, _ in tags if kind == 3]
    where, size = one[6]
    step, version = mem.words(where, 2)
    ranges = [struct.unpack("<QQI", mem.read(where + i, 20)) for i in range(8, size, step)]
    if version or size % step != 8:
        yield f"memory map of version {version}, {size} bytes of {step} each"
    base, = mem.words(one[21][0], 1)
    return mem.text(one[1][0]), mem.text(one[2][0]), modules, mem.words(one[4][0], 2), ranges, base


def firmware(machine):
    """The map that the machine's firmware gave, as e820."""
    out = []
    for one in (machine / "sys/firmware/memmap").iterdir():
        start, end = (int((one / name).read_text(), 16) for name in ("start", "end"))
        out.append((start, end + 1 - start, E820[(one / "type").read_text().strip()]))
    return sorted(out)


def found(plan, name, mem, machine):
    """What is wrong with what the kernel finds."""
    entry, at, mode, eax = mem.handoff()[:4]
    if (entry, mode, eax) != (int(plan["kernel_entry"], 16), MODE, ENTERED[name]):
        yield f"entered at 0x{entry:x} in mode {mode} with 0x{eax:x}"
    read = read_v2 if name == "multiboot2" else read_v1
    line, loader, modules, (lower, upper), ranges, base = yield from read(mem, at)
    kernel = next(int(s["mem"], 16) for s in plan["segments"] if s["kind"] == "kernel")
    if base not in (None, kernel):
        yield f"loaded at 0x{kernel:x}, told 0x{base:x}"
    if (line, loader) != (f"{name} {LINE}", "Baton"):
        yield f"line {line!r}, loader {loader!r}"
    got = [(mem.read(a, b - a), text) for a, b, text in modules]
    if got != list(zip(MODULES.values(), LINES)) or any(a % 4096 for a, _, _ in modules):
        yield f"modules {[(hex(a), hex(b), text) for a, b, text in modules]}"
    if ranges != firmware(machine):
        yield f"memory {ranges}"
    low, high = (next(a + n for a, n, kind in ranges if kind == 1 and a <= at < a + n) for at in (0, 1 << 20))
    if (lower, upper) != (low >> 10, high - (1 << 20) >> 10):
        yield f"{lower} KiB of low memory, {upper} of high"


def run(program, command, folder, machine, name, *more, **env):
    words = [program, command, "--sysroot", machine, "--purgatory", "purgatory.o", "--append", LINE]
    for line in LINES:
        words += ["--module", line]
    return subprocess.run([*words, *more, name], cwd=folder, capture_output=True, env={**os.environ, **env}, timeout=60)


def one(folder, baton, baton_test, name, machine, bless):
    got = run(baton, "plan", folder, machine, name, "--json")
    plan = json.loads(got.stdout)
    text = json.dumps(plan, indent=1, ensure_ascii=False) + "\n"
    bad = compare(HERE / "plans" / f"{name}.{machine.name}.json", text, bless)
    if "error" in plan:
        return bad + [shown(got)]
    req = Request(modules=tuple(map(len, MODULES.values())))
    bad += check(plan, Machine(machine), KERNELS[name], req)
    fake = folder / f"fake-{name}-{machine.name}"
    fake.mkdir()
    got = run(baton_test, "load", folder, machine, name, BATON_FAKE_KERNEL=str(fake))
    return bad + ([shown(got)] if got.returncode else list(found(plan, name, Memory(fake), machine)))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bless", action="store_true")
    p.add_argument("--only", choices=KERNELS)
    p.add_argument("baton")
    p.add_argument("baton_test")
    a = p.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory(dir=memory_folder()) as d:
        folder = pathlib.Path(d)
        for name, data in {**KERNELS, **MODULES}.items():
            (folder / name).write_bytes(data)
        for machine in ON:
            elf = {"machine": 3, "bits": 32} if machine.startswith("i386") else {}
            (folder / "purgatory.o").write_bytes(mkpurgatory.build(**elf))
            for name in [a.only] if a.only else KERNELS:
                for problem in one(folder, pathlib.Path(a.baton).resolve(), pathlib.Path(a.baton_test).resolve(), name,
                                   MACHINES / machine, a.bless):
                    wrong += 1
                    print(f"{name} on {machine}: {problem}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
