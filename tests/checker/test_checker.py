#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The checker must be able to fail: each way to break a sound plan must be noticed."""
import copy
import itertools
import json
import pathlib
import random
import struct
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "images"))

import bzimage
from check_plan import check
from facts import Machine, Ranges
from legal import Piece, Request, exists, of_crash_header

INITRD = 15_000_000
IMAGE = bzimage.build()
PAGE = 4096


def segment(plan, kind):
    return next(s for s in plan["segments"] if s["kind"] == kind)


def move(plan, kind, to):
    segment(plan, kind)["mem"] = hex(to)
    plan["segments"].sort(key=lambda s: int(s["mem"], 16))


def swap_line(plan, old, new):
    plan["cmdline"] = plan["cmdline"].replace(old, new)


# Name of the breakage, how to do it, a word of the complaint.
JUMP = [
    ("kernel below its address", lambda p: move(p, "kernel", 0x800000), "outside"),
    ("kernel off its alignment", lambda p: move(p, "kernel", 0x1100000), "aligned"),
    ("kernel too short", lambda p: segment(p, "kernel").update(memsz=0x3377000), "unpack"),
    ("kernel not loaded whole", lambda p: segment(p, "kernel").update(bufsz=1000), "loaded"),
    ("initrd in no memory", lambda p: move(p, "initrd", 0x90000000), "usable RAM"),
    ("initrd on the kernel", lambda p: move(p, "initrd", 0x1001000), "overlaps"),
    ("initrd off its page", lambda p: move(p, "initrd", 0x10000800), "whole pages"),
    ("initrd cut", lambda p: segment(p, "initrd").update(bufsz=INITRD - 1), "whole"),
    ("initrd forgotten", lambda p: p["segments"].remove(segment(p, "initrd")), "initrd"),
    ("purgatory forgotten", lambda p: p["segments"].remove(segment(p, "purgatory")), "purgatory"),
    ("boot_params in low memory", lambda p: move(p, "boot_params", 0x1000), "outside"),
    ("more bytes than memory", lambda p: segment(p, "purgatory").update(bufsz=1 << 20), "more"),
    ("entry elsewhere", lambda p: p.update(entry="0x1000000"), "entry"),
    ("kernel entry elsewhere", lambda p: p.update(kernel_entry="0x1000000"), "kernel entry"),
    ("no order", lambda p: p["segments"].reverse(), "order"),
    ("a crash header", lambda p: swap_line(p, "nonce", "elfcorehdr=0x1 nonce"), "crash header"),
    ("line too long", lambda p: p.update(cmdline="x" * 2048), "command line"),
    ("crash instead", lambda p: p.update(crash=True), "asked"),
]
CRASH = [
    ("kernel in RAM", lambda p: move(p, "kernel", 0x1000000), "crash region"),
    ("wrong header told", lambda p: swap_line(p, "elfcorehdr=0x", "elfcorehdr=0x1"), "elfcorehdr"),
    ("told behind --", lambda p: swap_line(p, "irqpoll", "-- irqpoll"), "where the kernel reads"),
    ("no header", lambda p: p["segments"].remove(segment(p, "elfcorehdr")), "elfcorehdr"),
]


def broken_plans():
    for mode, table in (("jump", JUMP), ("crash", CRASH)):
        name = "x86_64-pc-512m-crash"
        plan = json.loads((TESTS / f"golden/plans/{name}.{mode}.json").read_text())
        machine = Machine(TESTS / "machines" / name)
        req = Request(crash=mode == "crash", initrd=INITRD)
        found = check(plan, machine, IMAGE, req)
        if found:
            yield f"{mode}: the sound plan: {found}"
        for what, breakage, word in table:
            bad = copy.deepcopy(plan)
            breakage(bad)
            if not any(word in f for f in check(bad, machine, IMAGE, req)):
                yield f"{mode}: {what}: not noticed"
        at = int(segment(plan, "initrd")["mem"], 16)
        for narrow in ({"avoid": ((at + PAGE, at + PAGE + 1),)}, {"high": at}, {"low": at + PAGE}):
            if not check(plan, machine, IMAGE, req._replace(**narrow)):
                yield f"{mode}: {narrow}: not noticed"


def refusals():
    """A refusal is right exactly when there is no room."""
    name = "x86_64-pc-512m-crash"
    plan = json.loads((TESTS / f"golden/plans/{name}.jump.json").read_text())
    machine = Machine(TESTS / "machines" / name)
    said = {"error": {"errno": "ENOSPC"}}
    if not check(said, machine, IMAGE, Request(initrd=INITRD), plan):
        yield "a refusal with room for all: not noticed"
    if check(said, machine, IMAGE, Request(initrd=INITRD, high=0x4000000), plan):
        yield "a refusal without room: called wrong"


def brute_force(pieces, room):
    """Every page of a small memory for every piece."""
    if not pieces:
        return True
    p = pieces[0]
    for at in range(0, 24 * PAGE, PAGE):
        inside = p.within[0] <= at and at + p.size <= p.within[1] and at % p.align == 0
        if inside and room.holds(at, at + p.size):
            if brute_force(pieces[1:], room.minus(Ranges([(at, at + p.size)]))):
                return True
    return False


def searches(rng=random.Random(7)):
    verdicts = []
    for _ in range(150):
        edges = sorted(rng.sample(range(25), 6))
        room = Ranges([(a * PAGE, b * PAGE) for a, b in zip(edges[::2], edges[1::2])])
        pieces = []
        for i in range(rng.randrange(1, 5)):
            low = rng.randrange(8) * PAGE
            within = (low, low + rng.randrange(4, 25) * PAGE)
            size, align = rng.randrange(1, 5) * PAGE, PAGE << rng.randrange(3)
            pieces.append(Piece(f"p{i}", size, align, within))
        verdicts.append(brute_force(pieces, room))
        if exists(pieces, room) != verdicts[-1]:
            yield f"{pieces} in {room.list}: {verdicts[-1]} by brute force"
    if not 30 < sum(verdicts) < 120:
        yield f"{sum(verdicts)} of 150 searches succeed: too much alike"


def header(loads, notes=1):
    out = (
        b"\x7fELF\x02\x01\x01"
        + bytes(9)
        + struct.pack("<HHIQQQIHHHHHH", 4, 62, 1, 0, 64, 0, 0, 64, 56, len(loads) + notes, 0, 0, 0)
    )
    for _ in range(notes):
        out += struct.pack("<IIQQQQQQ", 4, 0, 0x1000, 0, 0x1000, 368, 368, 4)
    for start, end, offset in loads:
        out += struct.pack("<IIQQQQQQ", 1, 7, offset, 0, start, end - start, end - start, 0)
    return out


def crash_headers():
    machine = Machine(TESTS / "machines/x86_64-pc-512m-crash")
    plan = {"segments": [{"kind": "backup", "mem": "0x10000000", "memsz": 0xA0000}]}
    sound = [(a, b, a) for a, b in machine.system_ram.minus(machine.crash).list]
    crash = machine.crash.list[0]
    first, last = sound[0], sound[-1]
    cases = [
        ("sound", header(sound), False),
        ("backup elsewhere", header([(*first[:2], 0x10000000), *sound[1:]]), False),
        ("no ELF", b"", True),
        ("no notes", header(sound, notes=0), True),
        ("cut", header(sound)[:-1], True),
        ("memory missing", header(sound[:-1]), True),
        ("the crash region in it", header(sound + [(*crash, crash[0])]), True),
        ("read from elsewhere", header([*sound[:-1], (*last[:2], 0x7000)]), True),
    ]
    for what, data, wrong in cases:
        found = list(of_crash_header(data, plan, machine))
        if bool(found) != wrong:
            yield f"crash header, {what}: {found}"


if __name__ == "__main__":
    bad = list(itertools.chain(broken_plans(), refusals(), searches(), crash_headers()))
    print(*bad, sep="\n")
    sys.exit(1 if bad else 0)
