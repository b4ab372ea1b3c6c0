# SPDX-License-Identifier: GPL-2.0-or-later
"""What the plan tests of all CPUs other than x86_64 share; a CPU's rules are in <cpu>.py beside this.

A Cpu plans each of its machines for a jump and for a crash, compares with plans/<machine>.*.json,
checks the rules of kexec_load from the addresses alone, lets the fake kernel take the load and reads
what it got.  Its own part says what its kernel does with memory before it owns it.
"""
import argparse
import json
import os
import pathlib
import re
import resource
import struct
import subprocess
import tempfile

from cpu_machines import HERE
from facts import Ranges
from made_machines import GIB, Made, memory_folder
import mkpurgatory

MAGIC, HANDOFF = 0x4e4f5442, mkpurgatory.HANDOFF
HANDOFF_ENTRY = 64  # offset of struct handoff's entry; six arguments follow


def segments(plan):
    return {s["kind"]: (int(s["mem"], 16), s["memsz"], s["bufsz"]) for s in plan["segments"]}


def read_tree(data):
    """{"/node/property": bytes} and the reservations."""
    at, text, rsv = struct.unpack_from(">3I", data, 8)
    out, path, holes = {}, [], []
    while struct.unpack_from(">QQ", data, rsv) != (0, 0):
        holes.append(struct.unpack_from(">QQ", data, rsv))
        rsv += 16
    while True:
        token, = struct.unpack_from(">I", data, at)
        at += 4
        if token == 1:
            end = data.index(b"\0", at)
            path.append(data[at:end].decode())
            at = (end + 4) & ~3
        elif token == 2:
            path.pop()
        elif token == 3:
            size, name = struct.unpack_from(">II", data, at)
            name = data[text + name:data.index(b"\0", text + name)].decode()
            out["/".join([*path, name])] = data[at + 8:at + 8 + size]
            at += 8 + (size + 3 & ~3)
        elif token == 9:
            return out, holes


def content_of(fake, plan):
    """{kind: bytes} that the fake kernel got; the initrd, which is zeros, is not read."""
    got = {}
    for line in (fake / "calls.jsonl").read_text().splitlines():
        for s in json.loads(line).get("segments", []):
            got[int(s["mem"], 16)] = fake / s["file"]
    return {kind: got[at].read_bytes() for kind, (at, _, _) in segments(plan).items() if kind != "initrd"}


def handoff(purgatory, order):
    """What the purgatory is told: the next kernel's entry and six arguments. Its code has the magic, too."""
    head = re.escape(struct.pack(order + "I", MAGIC)) + b".{4}" + re.escape(struct.pack(order + "I", HANDOFF))
    return struct.unpack_from(order + "7Q", purgatory, re.search(head, purgatory, re.S).start() + HANDOFF_ENTRY)


def bits_of(program):
    """Of an address: the ELF class of @program, or of what a script names that runs it under qemu."""
    with open(program, "rb") as f:
        head = f.read(4096)
    script = re.match(rb'#!.*\n.*"(/.+?)"', head)
    return bits_of(script[1]) if script else 64 if head[4] == 2 else 32


def out_of_reach(plan, program):
    """What @program says of the first segment that its unsigned long cannot tell the kernel; None: it can all."""
    for i, s in enumerate(plan["segments"]):
        if (int(s["mem"], 16) | s["memsz"]) >> bits_of(program):
            return f"segment {i} at {s['mem']} is out of this CPU's reach"


def how_to_load(initrd):
    """A large initrd is neither read nor hashed: what lies beside it is the same."""
    return "unread" if initrd >= GIB else "load"


def told_so(run, reason, kernel):
    """Whether a load was refused for exactly this."""
    return run.returncode == 1 and run.stderr.decode().endswith(f"baton: kernel '{kernel}': {reason}\n")


def number(tree, name):
    return int.from_bytes(tree.get("/chosen/" + name, b""), "big")


def told(plan, made, tree):
    """What every tree says to the next kernel."""
    segs = segments(plan)
    if tree["/chosen/bootargs"] != plan["cmdline"].encode() + b"\0":
        yield f"bootargs {tree['/chosen/bootargs']!r}"
    at = made.real(segs["initrd"][0]) if made.initrd else 0
    want = at, at + made.initrd
    have = number(tree, "linux,initrd-start"), number(tree, "linux,initrd-end")
    if have != want:
        yield f"initrd {have}, not {want}"
    if not made.initrd and "/chosen/linux,initrd-start" in tree:
        yield "an initrd of old is still told"


def efi_kept(segs, tree):
    """The map of EFI's memory that the tree points to is needed, too (drivers/firmware/efi/fdtparams.c)."""
    at, size = number(tree, "linux,uefi-mmap-start"), number(tree, "linux,uefi-mmap-size")
    for kind in overlaps(segs, at, at + size) if size else ():
        yield f"{kind} lies over the map of EFI's memory at 0x{at:x}"


def parts(elf):
    """PT_LOADs of an ELF file: (physical address, bytes in the file, bytes in memory)."""
    wide, order = elf[4] == 2, "<" if elf[5] == 1 else ">"
    at, = struct.unpack_from(order + ("Q" if wide else "I"), elf, 32 if wide else 28)
    n, = struct.unpack_from(order + "H", elf, 56 if wide else 44)
    for i in range(n):
        if wide:
            kind, _, _, _, phys, used, size, _ = struct.unpack_from(order + "IIQQQQQQ", elf, at + 56 * i)
        else:
            kind, _, _, phys, used, size, _, _ = struct.unpack_from(order + "8I", elf, at + 32 * i)
        if kind == 1:
            yield phys, used, size


def loads(header):
    """What a crash header shows: [(physical address, end)], sorted."""
    return sorted((at, at + size) for at, _, size in parts(header))


def overlaps(segs, start, end):
    """Kinds of what was loaded into [start, end)."""
    return [kind for kind, (at, size, _) in segs.items() if at < end and start < at + size]


class Cpu:
    """Subclasses give: name, elf (e_machine, bits, big), returns (bytes of an instruction), kernels
    {name: bytes}, machines() and played(); the rest may say more."""

    name, elf, returns, line = "", (0, 64, False), b"", "console=ttyS0 nonce=1 -- init-word"
    kernels = refusals = {}

    @property
    def order(self):
        return ">" if self.elf[2] else "<"

    def machines(self):
        raise NotImplementedError

    def room(self, made, crash):
        return made.usable(crash)

    def where(self, plan, made):
        """The rules of kexec_load, from the addresses alone."""
        segs, room = segments(plan), self.room(made, plan["crash"])
        for kind, (at, size, used) in segs.items():
            if at % made.page or size % made.page or used > size or not size:
                yield f"{kind}: 0x{at:x} + 0x{size:x}, {used} bytes"
            if not room.holds(at, at + size):
                yield f"{kind} is not in usable memory"
            if size > made.total // 2:
                yield f"{kind} takes more than half of the memory"
        spans = sorted((at, at + size) for at, size, _ in segs.values())
        if any(a[1] > b[0] for a, b in zip(spans, spans[1:])):
            yield "segments overlap"
        own, size, _ = segs["purgatory"]
        if not own <= int(plan["entry"], 16) < own + size:
            yield "the entry is not in the purgatory"

    def played(self, plan, made):
        """Problems of what the kernel does with memory before it owns it."""
        raise NotImplementedError

    def modelled(self, plan, made, content, args):
        """The same where it depends on what is loaded beside the kernel: as content(), without the kernel."""
        return []

    def content(self, plan, made, content, args):
        """Problems of what was loaded: {kind: bytes} without the initrd; the purgatory's entry and arguments."""
        tree, _ = read_tree(content["dtb"])
        yield from told(plan, made, tree)
        if plan["crash"] and isinstance(made, Made):
            want = Ranges(made.ram).minus(Ranges(made.regions)).list
            if loads(content["elfcorehdr"]) != want:
                yield "the crash header does not show the old memory"

    def refused(self, name, plan, made, crash):
        """A refusal is right where no place exists; there are few, and each is said outright."""
        reason = plan["error"]["reason"]
        if crash and not made.regions:
            return [] if "no crash kernel region" in reason else [reason]
        word = self.refusals.get((name, crash))
        return [] if word and word in reason else [f"refused: {reason}"]


def processor_time():
    """Of all children so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Bench:
    def __init__(self, cpu, folder, baton, baton_test):
        self.cpu, self.folder = cpu, pathlib.Path(folder)
        self.baton, self.baton_test, self.planning = baton, baton_test, 0
        for name, data in cpu.kernels.items():
            (self.folder / name).write_bytes(data)
        machine, bits, big = cpu.elf
        (self.folder / "purgatory.o").write_bytes(
            mkpurgatory.build(code=cpu.returns, machine=machine, big=big, bits=bits))

    def run(self, program, command, machine, made, crash, *more, env=None):
        words = [program, command, "--sysroot", machine, "--syscall", "load",
                 "--purgatory", "purgatory.o", "--append", self.cpu.line, *more]
        words += ["--crash"] if crash else []
        if made.initrd:
            with open(self.folder / "initrd.img", "wb") as f:
                f.truncate(made.initrd)
            words += ["--initrd", "initrd.img"]
        return subprocess.run([*words, made.kernel], cwd=self.folder, capture_output=True,
                              env={**os.environ, **(env or {})}, timeout=60)

    def plan(self, folder, made, crash):
        """The answer, parsed; what it took is added up."""
        before = processor_time()
        run = self.run(self.baton, "plan", folder, made, crash, "--json")
        self.planning += processor_time() - before
        try:
            return json.loads(run.stdout)
        except ValueError:
            return {"lost": f"no JSON: {run.stderr.decode()}"}

    def loaded(self, folder, made, plan):
        """({kind: bytes}, entry and arguments); a text that says why not; or None where none is loaded."""
        fake = self.folder / "fake"
        for old in fake.glob("*") if fake.exists() else []:
            old.unlink()
        fake.mkdir(exist_ok=True)
        run = self.run(self.baton_test, how_to_load(made.initrd), folder, made, plan["crash"],
                       env={"BATON_FAKE_KERNEL": str(fake)})
        far = out_of_reach(plan, self.baton_test)
        if far and told_so(run, far, made.kernel):
            return None
        if far or run.returncode:
            return f"load into the fake kernel: {run.stderr.decode()}"
        content = content_of(fake, plan)
        return content, handoff(content["purgatory"], self.cpu.order)

    def one(self, name, made, crash, bless):
        folder = self.folder / name
        plan = self.plan(folder, made, crash)
        if "lost" in plan:
            return [plan["lost"]]
        path = HERE / "plans" / f"{name}.{'crash' if crash else 'jump'}.json"
        text = json.dumps(plan, indent=1, ensure_ascii=False) + "\n"
        if bless and made.kept:
            path.write_text(text)
        if made.kept and (not path.exists() or path.read_text() != text):
            return [f"{path.name} differs (--bless rewrites it): {text}"]
        if "error" in plan:
            return self.cpu.refused(name, plan, made, crash)
        found = [*self.cpu.where(plan, made), *self.cpu.played(plan, made)]
        got = self.loaded(folder, made, plan)
        if isinstance(got, str):
            return [*found, got]
        if got:
            found += [*self.cpu.modelled(plan, made, *got), *self.cpu.content(plan, made, *got)]
        return found

    def all(self, only, bless):
        """How many plans were made, and how many of them have problems."""
        bad, plans = 0, 0
        for name, made in self.cpu.machines().items():
            if only and only != name:
                continue
            made.write(self.folder / name)
            for crash in (False, True):
                found = self.one(name, made, crash, bless)
                plans += 1
                bad += bool(found)
                for problem in found:
                    print(f"{name} {'crash' if crash else 'jump'}: {problem}")
        return plans, bad


def main(about, *cpus):
    p = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bless", action="store_true")
    p.add_argument("--only")
    p.add_argument("baton")
    p.add_argument("baton_test")
    a = p.parse_args()
    bad, plans, planning = 0, 0, 0
    for cpu in cpus:
        with tempfile.TemporaryDirectory(dir=memory_folder()) as folder:
            bench = Bench(cpu, folder, pathlib.Path(a.baton).resolve(), pathlib.Path(a.baton_test).resolve())
            made, wrong = bench.all(a.only, a.bless)
            plans, bad, planning = plans + made, bad + wrong, planning + bench.planning
    print(f"{plans} plans in {planning:.2f} s of processor time, {bad} of them with problems")
    return 1 if bad or not plans else 0
