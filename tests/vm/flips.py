# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios that reach into a guest from outside and change its memory, by gdb or by its file."""
import json
import os
import struct
from contextlib import contextmanager
from pathlib import Path

from harness.qemu import Gdb, GuestError, flip_ram, phys_to_file, read_ram
from vm.bench import Failed, expect, load_words, received, segment
from vm.stories import CRASH_SCRIPT, crash_guest

UNFLIPPED = ("purgatory", "backup")
TABLE = 0x4e4f5442, 1           # struct handoff: magic and version (docs/formats/handoff.md)
IN_TABLE = 32 + 40 + 48 + 12    # in the digest or the length of the first region


def target(b, plan, read):
    """The physical address at which the row flips a bit.

    The middle of the segment; for "table" a byte of the region table in the purgatory's data, found
    with @read(address, bytes).
    """
    known = {r.flip for r in b.all_rows if (r.scenario, r.arch) == (b.row.scenario, b.row.arch)}
    for s in plan["segments"]:
        expect(s["kind"] in known or s["kind"] in UNFLIPPED,
               f"no row of {b.row.scenario.__name__} flips a segment of kind {s['kind']}")
    if b.row.flip != "table":
        mem, size = segment(plan, b.row.flip)
        return mem + size // 2
    mem, size = segment(plan, "purgatory")
    at = read(mem, size).find(struct.pack(">II" if b.on.big_endian else "<II", *TABLE))
    expect(at >= 0, "the region table was not found in the purgatory")
    return mem + at + IN_TABLE


def check_damage(b, g):
    """The purgatory names what was flipped and resets, or stops where the row asks for that."""
    kind = b.row.flip
    what = "region table" if kind == "table" else rf"region \d+ {kind} at 0x[0-9a-f]+"
    end = "halting" if "halt" in b.row.load_args else "resetting"
    g.wait(rf"baton: purgatory: {what} is damaged, {end}", limit=40,
           never=r"regions ok|not verified|@@ up (b|capture)")
    if end == "resetting":
        g.finish(limit=20)
        return
    try:
        g.finish(limit=3)
    except GuestError as err:
        expect("did not end" in str(err), str(err))
        return
    raise Failed("the machine was reset, but should have stopped")


def jumping(b, before="", **more):
    """Kernel A has loaded kernel B, and jumps after `go`."""
    words = load_words(b.row, False, "/b.img", b.line_b())
    script = f"""
{before}
baton plan --json {words} >/tmp/plan.json && emit plan.json /tmp/plan.json
must baton load {words}
ask flip
must baton exec --force
"""
    return b.guest(b.image_a(script, {"b.img": b.image_b()}), b.row.a_append, **more)


def armed(b, before="", **more):
    """Kernel A has armed its capture kernel, and panics after `go`."""
    words = load_words(b.row, True, "/capture.img", b.line_capture())
    script = before + CRASH_SCRIPT.format(seed=b.nonce, words=words, before="ask flip")
    return crash_guest(b, script, **more)[0]


def loaded(g):
    """The plan of what kernel A has loaded; it waits for `go` now."""
    g.wait(r"@@ ask flip", never=r"@@ FAILED")
    return json.loads(received(g, "plan.json"))


@contextmanager
def at_purgatory(b, kernel_a, stops=1, **more):
    """(guest, gdb, plan): stopped where the purgatory begins.

    s390x has two stops in a crash: the old kernel asks first whether all is well.
    """
    sock = Path(f"/tmp/baton-gdb-{os.getpid()}-{b.nonce}.sock")
    try:
        with kernel_a(b, gdb=sock, **more) as g:
            plan = loaded(g)
            entry = int(plan["entry"], 16)
            gdb = Gdb(sock, limit=100).run_to(entry)    # between two stops all is hashed
            g.send("go")
            gdb.at_break(entry)
            for _ in range(1, stops):
                gdb.ask("s")
                gdb.run_to(entry).at_break(entry)
            yield g, gdb, plan
    finally:
        sock.unlink(missing_ok=True)


def flip_stopped(b, kernel_a, stops=1):
    with at_purgatory(b, kernel_a, stops) as (g, gdb, plan):
        gdb.flip(target(b, plan, gdb.read), bit=3)
        gdb.go()
        check_damage(b, g)
    return g


def flip_jump(b):
    """A bit of a segment is flipped where the purgatory begins."""
    return flip_stopped(b, jumping)


def flip_swap(b):
    """The bit is flipped after the old kernel has asked, just before the purgatory runs for good."""
    return flip_stopped(b, armed, stops=2)


def ram_file(b):
    path = b.dir / "ram.bin"
    path.unlink(missing_ok=True)
    return path


def flip_crash(b):
    """A bit of the armed image is flipped in the guest's RAM; the purgatory must notice."""
    ram = ram_file(b)
    with armed(b, ram_file=ram) as g:
        plan = loaded(g)
        place = lambda addr: phys_to_file(addr, b.memory, b.on.ram_base)      # noqa: E731
        at = target(b, plan, lambda a, n: read_ram(ram, place(a), n))
        flip_ram(ram, place(at), bit=3)
        g.send("go")
        if b.on.asks_first:
            check_refusal(g)
        else:
            check_damage(b, g)
    return g


def check_refusal(g):
    """The old kernel has asked, was told no without a word, and went on as if nothing were armed."""
    g.wait(r"Kernel panic - not syncing")
    g.finish(limit=40)
    expect(not g.grep(r"baton: purgatory:|@@ up capture"), "a damaged image was started")


def swap(b):
    """s390x: low memory and the crash region change places; all of the first must be in the second.

    There is noise where the swap goes from one step to the next: around the purgatory, at the end of
    what was loaded, and in the last two pages.
    """
    page, image, ram = 4096, 0x10000, ram_file(b)
    size = int(b.on.crashkernel.removesuffix("M")) << 20
    with at_purgatory(b, armed, stops=2, ram_file=ram) as (g, gdb, plan):
        base = segment(plan, "kernel")[0] - image
        used = max(int(s["mem"], 16) + s["memsz"] for s in plan["segments"]) - base
        with open(ram, "r+b", buffering=0) as memory:
            for start, end in (0x2000, image), (used - page, used + page), (size - 2 * page, size):
                os.pwrite(memory.fileno(), os.urandom(end - start), start)
            old = os.pread(memory.fileno(), size, 0)
            gdb.go()
            g.wait(r"@@ up capture", limit=60)
            found = os.pread(memory.fileno(), size, base)
    wrong = [at for at in range(0, size, page) if found[at:at + page] != old[at:at + page]]
    expect(not wrong, f"{len(wrong)} pages of the old memory are not there: {[hex(at) for at in wrong[:8]]}")
    return g
