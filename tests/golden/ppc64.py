#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plans for ppc64 machines of both byte orders, compared with plans/ppc64*.json, checked, and played.

    ppc64.py [--bless] [--only NAME] [--random N] BATON BATON_TEST

--random: N machines drawn by chance besides (the same ones every time), checked and played, and a
refusal proven to be right; they have no files in plans/.

Each machine is planned for a jump and for a crash; the fake kernel (BATON_TEST) takes the load, and
what it got is read: the kernel's word __run_at_load, the first 256 bytes of the entry, the device
tree.  A model of what kexec_sequence and the next kernel do with memory before it owns it is run
over it: nothing that is needed later may lie where they write.
"""
import argparse
import itertools
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
for folder in ("images", "checker", "golden"):
    sys.path.insert(0, str(HERE.parent / folder))

import fdt
import mkpurgatory
from facts import Ranges
from made_machines import GIB, KIB, MIB
from random_machines import memory_folder

PAGE, LMB, TIB = 64 * KIB, 256 * MIB, 1 << 40
EM_PPC64 = 21
PAPR, OPAL = 5, 6  # enum handoff_console
RUN0, STAY, RUN_AT_LOAD, SLAVES = 0x72756E30, 1, 0x5C, 0x100
FILE_BYTES, FOOTPRINT = 3 * MIB + 0x1234, 41 * MIB
SAVED = (0, 64 * KIB)  # by the purgatory, before the capture kernel writes its vectors there
LINE = "console=hvc0 nonce=1 -- init-word"
STALE = ("linux,crashkernel-base", "linux,crashkernel-size", "linux,kernel-end", "linux,htab-base",
         "linux,htab-size", "linux,memory-limit")


class Machine:
    """@ram: (start, end) of the memory nodes, the first one is the real mode area; @dynamic: more, in
    blocks of 256 MiB, as ibm,dynamic-memory (1) or -v2 (2)."""

    def __init__(self, ram, crash=None, big=False, opal=False, radix=True, dynamic=(), kind=2,
                 rtas=None, kernel_end=44 * MIB, cpus=1, captured=None, version=0x0F000005):
        self.ram, self.crash, self.big, self.opal, self.radix = ram, crash, big, opal, radix
        self.dynamic, self.kind, self.rtas, self.kernel_end = list(dynamic), kind, rtas, kernel_end
        self.cpus, self.captured, self.version = cpus, captured, version
        self.firmware = [(0x30000000, 0x32C02000)] if opal else []
        self.running = [(0x30000000, 0x31C30000)] if opal else []  # what of it is called later
        self.arch = "ppc64" if big else "ppc64le"

    def all_ram(self):
        return Ranges(self.ram + self.dynamic)

    def reach(self):
        """The end of what a guest with hashed page tables sees in real mode."""
        return 1 << 51 if self.opal or self.radix else self.ram[0][1]

    def blocks(self):
        return [(a + i * LMB, a + (i + 1) * LMB) for a, b in self.dynamic for i in range((b - a) // LMB)]

    def drconf(self):
        node = {"ibm,lmb-size": fdt.u64(LMB)}
        if self.kind == 1:
            rows = [fdt.u64(a) + fdt.u32(0x80000000 + i, 0, 0, 8) for i, (a, _) in enumerate(self.blocks())]
            node["ibm,dynamic-memory"] = fdt.u32(len(rows)) + b"".join(rows)
        else:
            sets = [fdt.u32((b - a) // LMB) + fdt.u64(a) + fdt.u32(1, 0, 8) for a, b in self.dynamic]
            node["ibm,dynamic-memory-v2"] = fdt.u32(len(sets)) + b"".join(sets)
        return node

    def tree(self):
        vec5 = bytearray(27)
        vec5[24] = 0x40 if self.radix else 0
        chosen = {"bootargs": fdt.text("old line"), "ibm,architecture-vec-5": bytes(vec5),
                  "linux,initrd-start": fdt.u64(0x3000000), "linux,initrd-end": fdt.u64(0x3100000),
                  "linux,kernel-end": fdt.u64(self.kernel_end),
                  "linux,stdout-path": fdt.text("/vdevice/vty@71000000")}
        if self.crash:
            chosen["linux,crashkernel-base"] = fdt.u64(self.crash[0])
            chosen["linux,crashkernel-size"] = fdt.u64(self.crash[1] - self.crash[0])
        root = {"#address-cells": fdt.u32(2), "#size-cells": fdt.u32(2), "chosen": chosen,
                "cpus": {"#address-cells": fdt.u32(1), "#size-cells": fdt.u32(0)}}
        for i in range(self.cpus):
            root["cpus"][f"PowerPC,POWER9@{8 * i:x}"] = {
                "device_type": fdt.text("cpu"), "reg": fdt.u32(8 * i), "ibm,vmx": fdt.u32(2),
                "cpu-version": fdt.u32(self.version), "status": fdt.text("okay"),
                "ibm,ppc-interrupt-server#s": fdt.u32(8 * i)}
        for a, b in self.ram:
            root[f"memory@{a:x}"] = {"device_type": fdt.text("memory"), "reg": fdt.ranges((a, b))}
            if self.captured:
                root[f"memory@{a:x}"]["linux,usable-memory"] = fdt.ranges(self.captured)
        if self.dynamic:
            root["ibm,dynamic-reconfiguration-memory"] = self.drconf()
        if self.rtas:
            root["rtas"] = {"linux,rtas-base": fdt.u32(self.rtas[0]), "system-reboot": fdt.u32(0x2004),
                            "linux,rtas-entry": fdt.u32(self.rtas[0] + 0x10),
                            "rtas-size": fdt.u32(self.rtas[1] - self.rtas[0])}
            root["vdevice"] = {"#address-cells": fdt.u32(1), "#size-cells": fdt.u32(0),
                               "vty@71000000": {"reg": fdt.u32(0x71000000),
                                                "compatible": fdt.text("hvterm1")}}
        if self.opal:
            root["reserved-ranges"] = fdt.ranges(*self.firmware)
            root["ibm,opal"] = {"opal-base-address": fdt.u64(0x30000000),
                                "opal-entry-address": fdt.u64(0x30003760),
                                "opal-runtime-size": fdt.u64(0x1C30000),
                                "consoles": {"#address-cells": fdt.u32(1), "#size-cells": fdt.u32(0),
                                             "serial@0": {"reg": fdt.u32(0), "compatible": fdt.text(
                                                 "ibm,opal-console-raw")}}}
            chosen["linux,stdout-path"] = fdt.text("/ibm,opal/consoles/serial@0")
        return fdt.build(root)

    def write(self, folder):
        def put(path, data):
            file = pathlib.Path(folder) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data if isinstance(data, bytes) else data.encode())

        seen = Ranges([self.captured]) if self.captured else self.all_ram()
        put("baton.json", json.dumps({"schema": 1, "arch": self.arch, "release": "6.1.0-made",
                                      "page_size": PAGE, "vmcoreinfo": "OSRELEASE=6.1.0-made\n"}))
        put("proc/iomem", "".join(f"{a:08x}-{b - 1:08x} : System RAM\n" for a, b in seen.list))
        put("proc/cmdline", "root=/dev/vda1 crashkernel=256M\n")
        put("proc/meminfo", f"MemTotal: {sum(b - a for a, b in seen.list) // KIB} kB\n")
        put("sys/firmware/fdt", self.tree())
        put("sys/kernel/vmcoreinfo", f"0x{17 * MIB:016x} 1024\n")
        put("sys/devices/system/cpu/present", f"0-{self.cpus - 1}\n")
        for cpu in range(self.cpus):
            note = f"sys/devices/system/cpu/cpu{cpu}/crash_notes"
            put(note, f"{18 * MIB + cpu * 4096:x}\n")
            put(note + "_size", "536\n")


RTAS = (0x2FFF0000, 0x30000000)
CRASH = (512 * MIB, 768 * MIB)  # with RTAS at its end, as on QEMU's pseries


def machines():
    """{name: (machine, bytes of the initrd)}"""
    low = [(0, 2 * GIB)]
    return {
        "ppc64le-made-2g": (Machine(low, CRASH, rtas=RTAS), 15_000_000),
        "ppc64le-made-no-initrd": (Machine(low, CRASH, rtas=RTAS, version=0x0F000003), 0),
        "ppc64le-made-crash-32m": (
            Machine(low, (32 * MIB, 160 * MIB), rtas=RTAS, kernel_end=30 * MIB), 20_000_000),
        "ppc64le-made-hash": (
            Machine([(0, 512 * MIB), (512 * MIB, 64 * GIB)], (128 * MIB, 384 * MIB), radix=False,
                    rtas=(0x1E0D0000, 0x1F000000)), 100_000_000),
        # More than the real mode area holds: refused by name.
        "ppc64le-made-hash-tight": (
            Machine([(0, 256 * MIB), (256 * MIB, 8 * GIB)], (128 * MIB, 160 * MIB), radix=False,
                    rtas=(0xE000000, 0xE100000)), 200_000_000),
        "ppc64le-made-16t": (
            Machine([(0, GIB)], CRASH, rtas=RTAS, cpus=64,
                    dynamic=[(GIB, 16 * TIB)]), 15_000_000),
        "ppc64le-made-dynamic": (
            Machine([(0, LMB)], (LMB // 2, 2 * LMB + LMB // 2), rtas=(0xFF00000, 0x10000000), kind=1,
                    dynamic=[(LMB, 8 * LMB), (16 * LMB, 20 * LMB)]), 15_000_000),
        "ppc64le-made-opal": (Machine([(0, 2 * GIB), (1 << 43, (1 << 43) + 4 * GIB)],
                                      (128 * MIB, 384 * MIB), opal=True, version=0x4E1200), 15_000_000),
        # The way back from a capture kernel: all of the memory is the next one's again.
        "ppc64le-made-captured": (
            Machine(low, None, rtas=RTAS, captured=(0, 768 * MIB), kernel_end=600 * MIB), 1_000_000),
        "ppc64-made-2g": (Machine(low, CRASH, big=True, rtas=RTAS), 15_000_000),
        "ppc64-made-hash": (
            Machine([(0, 512 * MIB), (512 * MIB, 4 * GIB)], (128 * MIB, 384 * MIB), big=True,
                    radix=False, rtas=(0x1E0D0000, 0x1F000000), version=0x3F0201), 15_000_000),
    }


def vmlinux(big):
    """A relocatable kernel linked for 0: a segment with bss."""
    order = ">" if big else "<"
    data = bytearray(bytes(range(251)) * (FILE_BYTES // 251 + 1))[:FILE_BYTES]
    struct.pack_into(order + "I", data, RUN_AT_LOAD, RUN0)
    data[0x1000:0x1040] = b"Linux version 6.1.0-made (a@b) #1".ljust(64, b"\0")
    head = b"\x7fELF" + bytes([2, 2 if big else 1, 1]).ljust(12, b"\0")
    head += struct.pack(order + "HHIQQQIHHHHHH", 2, EM_PPC64, 1, 0xC << 60, 64, 0, 2, 64, 56, 1, 0, 0, 0)
    head += struct.pack(order + "IIQQQQQQ", 1, 7, PAGE, 0xC << 60, 0, FILE_BYTES, FOOTPRINT, PAGE)
    return head.ljust(PAGE, b"\0") + data, bytes(data)


class Bench:
    def __init__(self, folder, baton, baton_test):
        self.folder, self.baton, self.baton_test = pathlib.Path(folder), baton, baton_test
        self.kernel = {}
        for big in (False, True):
            file, self.kernel[big] = vmlinux(big)
            (self.folder / f"vmlinux-{big}").write_bytes(file)
            (self.folder / f"purgatory-{big}.o").write_bytes(
                mkpurgatory.build(code=b"B" * SLAVES, machine=EM_PPC64, big=big))

    def run(self, program, command, machine, made, crash, initrd, *more, env=None):
        words = [program, command, "--sysroot", machine, "--syscall", "load", "--purgatory",
                 f"purgatory-{made.big}.o", "--append", LINE, *more]
        words += ["--crash"] if crash else []
        if initrd:
            with open(self.folder / "initrd.img", "wb") as f:
                f.truncate(initrd)
            words += ["--initrd", "initrd.img"]
        return subprocess.run([*words, f"vmlinux-{made.big}"], cwd=self.folder, capture_output=True,
                              env={**os.environ, **(env or {})}, timeout=60)


def segments(plan):
    return {s["kind"]: (int(s["mem"], 16), s["memsz"], s["bufsz"]) for s in plan["segments"]}


def where(plan, made):
    """The rules for places, from the addresses alone."""
    segs = segments(plan)
    forbidden = Ranges(made.firmware + ([made.rtas] if made.rtas else []))
    room = (Ranges([made.crash]) if plan["crash"] else made.all_ram()).minus(forbidden)
    if not plan["crash"]:
        room = room.minus(Ranges([(0, made.kernel_end)]))
    for kind, (at, size, used) in segs.items():
        if at % PAGE or size % PAGE or used > size or not size:
            yield f"{kind}: 0x{at:x} + 0x{size:x}, {used} bytes"
        if not room.holds(at, at + size):
            yield f"{kind} at 0x{at:x} lies where nothing of ours may lie"
        if at + size > made.reach():
            yield f"{kind} at 0x{at:x} is out of reach in real mode"
    spans = sorted((at, at + size) for at, size, _ in segs.values())
    if any(a[1] > b[0] for a, b in zip(spans, spans[1:])):
        yield "segments overlap"
    at, size, used = segs["kernel"]
    if size < FOOTPRINT or used != FILE_BYTES or int(plan["kernel_entry"], 16) != at:
        yield f"the kernel: 0x{size:x} bytes, {used} of them loaded, entry {plan['kernel_entry']}"
    own, own_size, _ = segs["purgatory"]
    if not own <= int(plan["entry"], 16) < own + own_size or own + own_size > 1 << 32:
        yield f"the purgatory lies at 0x{own:x}, its entry at {plan['entry']}"


def written(plan):
    """What kexec_sequence, then the kernel's first instructions write: {(start, end)}."""
    at = segments(plan)["kernel"][0]
    yield 0, SLAVES
    if plan["crash"]:
        yield SAVED  # the vectors, and what the purgatory has saved
        yield at, at + FOOTPRINT
    else:
        yield SLAVES, FOOTPRINT


def played(plan):
    """What is needed behind those writes, and the kernel while it copies itself."""
    segs = segments(plan)
    kernel = segs.pop("kernel")
    own = Ranges([(kernel[0], kernel[0] + kernel[1])])
    for a, b in written(plan):
        for kind, (at, size, _) in segs.items():
            if kind != "purgatory" and a < at + size and at < b:
                yield f"the next kernel writes over its {kind} at 0x{at:x}"
        if not plan["crash"] and own.meets(a, b):
            yield "the next kernel copies itself over itself"


def handed(plan, made, got, kernel):
    """The kernel's word, the waiting CPUs' code, and the purgatory's branch."""
    segs, order = segments(plan), ">" if made.big else "<"
    have = got[segs["kernel"][0]]
    word = STAY if plan["crash"] else RUN0
    want = kernel[:RUN_AT_LOAD] + struct.pack(order + "I", word) + kernel[RUN_AT_LOAD + 4:]
    if have != want:
        yield "the kernel is not what was asked for"
    purgatory, start = got[segs["purgatory"][0]], int(plan["entry"], 16) - segs["purgatory"][0]
    if purgatory[start:start + SLAVES] != b"B" * 4 + want[4:SLAVES]:
        yield "the code of the waiting CPUs is not the next kernel's"
    at = purgatory.index(struct.pack(order + "I", 0x4E4F5442))
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


def limited(root, plan, made):
    """Memory that the tree lets the next kernel use."""
    usable = Ranges([(0, made.crash[1])] + made.running + ([made.rtas] if made.rtas else [])) \
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


def told(plan, made, initrd, blob):
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
    if initrd:
        at, size, used = segs["initrd"]
        want.append((at, at + initrd))
        ends = chosen["linux,initrd-start"], chosen["linux,initrd-end"]
        if ends != (fdt.u64(at), fdt.u64(at + initrd)):
            yield f"initrd: {ends}"
    elif "linux,initrd-start" in chosen:
        yield "an initrd that there is not"
    want += [made.rtas] if made.rtas else []
    if plan["crash"]:
        want += [(SAVED[1], made.crash[0])]
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
    want = made.all_ram().minus(Ranges([made.crash]).minus(Ranges([made.rtas] if made.rtas else [])))
    if Ranges(have).list != want.list:
        yield f"the dump holds {Ranges(have).list}, not {want.list}"


def loaded(bench, folder, made, plan, initrd):
    fake = bench.folder / "fake"
    for old in fake.glob("*") if fake.exists() else []:
        old.unlink()
    fake.mkdir(exist_ok=True)
    run = bench.run(bench.baton_test, "load", folder, made, plan["crash"], initrd,
                    env={"BATON_FAKE_KERNEL": str(fake)})
    if run.returncode:
        return [f"load into the fake kernel: {run.stderr.decode()}"]
    got, segs = {}, segments(plan)
    for line in (fake / "calls.jsonl").read_text().splitlines():
        for s in json.loads(line).get("segments", []):
            if int(s["mem"], 16) != segs.get("initrd", [0])[0]:
                got[int(s["mem"], 16)] = (fake / s["file"]).read_bytes()
    found = list(handed(plan, made, got, bench.kernel[made.big]))
    found += told(plan, made, initrd, got[segs["dtb"][0]])
    if plan["crash"]:
        found += core(got[segs["elfcorehdr"][0]], made)
    return found


def free(made, crash):
    """Where segments may lie: Ranges."""
    room = Ranges([made.crash]) if crash else made.all_ram()
    low = 0 if crash else max(made.kernel_end, FOOTPRINT)
    return room.minus(Ranges([(0, low), (made.reach(), 1 << 60), *made.firmware] +
                             ([made.rtas] if made.rtas else [])))


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


def refused(plan, made, initrd, crash):
    """A refusal is right where no order of the pieces finds room."""
    reason = plan["error"]["reason"]
    if crash and not made.crash:
        return [] if plan["error"]["errno"] == "EADDRNOTAVAIL" else [reason]
    if plan["error"]["errno"] == "EINVAL" and "half of" in reason:
        return []
    up = lambda n: -(-n // PAGE) * PAGE     # noqa: E731
    sizes = [up(FOOTPRINT), up(initrd), PAGE, *([PAGE, PAGE] if crash else [])]
    holes = free(made, crash).list
    for order in itertools.permutations([n for n in sizes if n]):
        # The purgatory first: nothing else must take its place below 4 GiB.
        if fits([(a, b) for a, b in holes], [*order, PAGE]):
            return [f"refused, though there is room: {reason}"]
    return []


def drawn(rng):
    """A machine by chance, often a tight one."""
    blocks = rng.randrange(1, 10)
    ram = [(0, blocks * 128 * MIB)]
    radix, opal = rng.random() < 0.5, rng.random() < 0.3
    if rng.random() < 0.5:
        start = ram[0][1] + rng.choice((0, GIB, 1 << 43))
        ram.append((start, start + rng.randrange(1, 64) * 128 * MIB))
    opal = opal and blocks > 7      # its memory lies at 768 MiB
    dynamic = []
    if not opal and rng.random() < 0.3:
        start = -(-ram[-1][1] // LMB) * LMB
        dynamic = [(start, start + rng.randrange(1, 9) * LMB)]
    end = ram[0][1]
    rtas = None
    if not opal:
        at = rng.randrange(64 * MIB // PAGE, (end - MIB) // PAGE) * PAGE
        rtas = (at, at + rng.choice((PAGE, MIB)))
    crash = None
    if rng.random() < 0.7:
        at = rng.randrange(32 * MIB // PAGE, end // PAGE - 1) * PAGE
        size = min(rng.choice((32, 48, 64, 128, 256)) * MIB, end - at)
        crash = (at, at + size) if not opal or at + size <= 0x30000000 else None
    kernel_end = rng.randrange(20, 56) * MIB
    if crash and crash[0] < kernel_end:
        crash = None
    if rtas and rtas[0] < kernel_end:
        rtas = (kernel_end + 8 * MIB, kernel_end + 9 * MIB)
    made = Machine(ram, crash, big=rng.random() < 0.3, opal=opal, radix=radix, dynamic=dynamic,
                   kind=rng.choice((1, 2)), rtas=rtas, kernel_end=kernel_end, cpus=rng.randrange(1, 4))
    return made, rng.choice((0, 1, 5_000_000, 30_000_000, 80_000_000))


def one(bench, name, made, initrd, crash, bless):
    folder = bench.folder / name
    run = bench.run(bench.baton, "plan", folder, made, crash, initrd, "--json")
    try:
        plan = json.loads(run.stdout)
    except ValueError:
        return [f"no JSON: {run.stderr.decode()}"]
    path = HERE / "plans" / f"{name}.{'crash' if crash else 'jump'}.json"
    text = json.dumps(plan, indent=1, ensure_ascii=False) + "\n"
    if bless:
        path.write_text(text)
    if bless is not None and (not path.exists() or path.read_text() != text):
        return [f"{path.name} differs (--bless rewrites it): {text}"]
    if "error" in plan:
        return refused(plan, made, initrd, crash)
    return list(where(plan, made)) + list(played(plan)) + loaded(bench, folder, made, plan, initrd)


def both(bench, name, made, initrd, bless):
    """A jump and a crash; how many of the two have problems. bless None: there is no file."""
    made.write(bench.folder / name)
    bad = 0
    for crash in (False, True):
        found = one(bench, name, made, initrd, crash, bless)
        bad += bool(found)
        for problem in found:
            print(f"{name} {'crash' if crash else 'jump'}: {problem}")
    return bad


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bless", action="store_true")
    p.add_argument("--only")
    p.add_argument("--random", type=int, default=15)
    p.add_argument("baton")
    p.add_argument("baton_test")
    a = p.parse_args()
    bad, plans = 0, 0
    with tempfile.TemporaryDirectory(dir=memory_folder()) as folder:
        bench = Bench(folder, pathlib.Path(a.baton).resolve(), pathlib.Path(a.baton_test).resolve())
        for name, (made, initrd) in machines().items():
            if not a.only or a.only == name:
                bad += both(bench, name, made, initrd, a.bless)
                plans += 2
        for i in range(a.random):
            name = f"drawn-{i}"
            if not a.only or a.only == name:
                bad += both(bench, name, *drawn(random.Random(i)), None)
                plans += 2
    print(f"{plans} plans, {bad} of them with problems")
    return 1 if bad or not plans else 0


if __name__ == "__main__":
    sys.exit(main())
