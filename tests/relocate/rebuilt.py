#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A real kernel that baton moved is the one that its own build links at that address.

    rebuilt.py BATON [CPU...]      prints lines `pass|fail|skip CPU TEXT`

The small kernel (tests/kernels) is built twice, the second time with another CONFIG_PHYSICAL_START.
The first, moved to the place of the second, must be the second, byte for byte: headers, segments,
symbols, relocations.  Except for what KNOWN lists with a reason; what is listed must differ, too.
"""
import struct
import subprocess
import sys
import tempfile
from bisect import bisect_right
from collections import Counter
from functools import partial
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harness.verdicts import Wrong, tell    # noqa: E402
from kernels import mini                    # noqa: E402

START = "0x4000000"
PLACES = {"x86_64": ("--to", START, "--virtual", "0xffffffff84000000"), "i386": ("--to", START)}
# Where they may differ: section, and the symbol that the byte belongs to.
KASLR = "how far the kernel lies from CONFIG_PHYSICAL_START: after a move it is not 0 (kaslr_offset)"
BUILD_ID = "a sum over all of the file"
ABSOLUTE = "not moved: SHN_ABS. The linker took e_entry from it, nothing else reads it"
KNOWN = {
    "x86_64": {
        ".notes": BUILD_ID,
        ".symtab phys_startup_64": ABSOLUTE,
        ".text arch_crash_save_vmcoreinfo": KASLR, ".rela.text arch_crash_save_vmcoreinfo": KASLR,
        ".text kaslr_get_random_long": KASLR, ".rela.text kaslr_get_random_long": KASLR,
    },
    "i386": {
        ".notes": BUILD_ID,
        ".symtab phys_startup_32": ABSOLUTE,
        ".text kaslr_get_random_long": KASLR,
    },
}
SYMTAB, RELA, NOTE, NOBITS, REL = 2, 4, 7, 8, 9


class Section(NamedTuple):
    name: str
    kind: int
    address: int
    offset: int
    size: int
    each: int              # bytes of an entry, where it is a table


class Elf:
    """A little-endian ELF file of either class: its .sections, and what a byte of one belongs to."""

    def __init__(self, data):
        self.data, self.wide = data, data[4] == 2
        self.word = "<Q" if self.wide else "<I"
        self.headers, = struct.unpack_from(self.word, data, 0x28 if self.wide else 0x20)
        size, count, names = struct.unpack_from("<HHH", data, 0x3A if self.wide else 0x2E)
        rows = [struct.unpack_from("<IIQQQQIIQQ" if self.wide else "<10I", data, self.headers + i * size)
                for i in range(count)]
        self.sections = [Section(self.string(rows[names][4] + r[0]), r[1], *r[3:6], r[9]) for r in rows]
        self.strings = next(s.offset for s in self.sections if s.name == ".strtab")
        table = next(s for s in self.sections if s.kind == SYMTAB)
        found = [self.symbol(at) for at in range(table.offset, table.offset + table.size, table.each)]
        self.addresses = sorted((value, name) for name, value, section in found if name and 0 < section < 0xff00)

    def string(self, at):
        return self.data[at:self.data.index(b"\0", at)].decode()

    def symbol(self, at):
        """(name, value, number of the section) of the entry there."""
        if self.wide:
            name, _, _, section, value, _ = struct.unpack_from("<IBBHQQ", self.data, at)
        else:
            name, value, _, _, _, section = struct.unpack_from("<IIIBBH", self.data, at)
        return self.string(self.strings + name), value, section

    def around(self, address):
        """The symbol that begins there or before."""
        at = bisect_right(self.addresses, (address, "\xff")) - 1
        return self.addresses[at][1] if at >= 0 else "?"

    def place(self, section, at):
        """Byte @at of a section, as in KNOWN."""
        entry = section.offset + (at // section.each * section.each if section.each else 0)
        if section.kind == SYMTAB:
            return f"{section.name} {self.symbol(entry)[0]}"
        if section.kind in (RELA, REL):
            return f"{section.name} {self.around(struct.unpack_from(self.word, self.data, entry)[0])}"
        return section.name if section.kind == NOTE else f"{section.name} {self.around(section.address + at)}"


def differing(a, b):
    """Where two pieces of the same length differ."""
    for start in range(0, len(a), 4096):
        x, y = a[start:start + 4096], b[start:start + 4096]
        if x != y:
            yield from (start + i for i in range(len(x)) if x[i] != y[i])


def differences(moved, linked):
    """Counter of the bytes that differ, by place."""
    if len(moved.data) != len(linked.data):
        raise Wrong(f"sizes {len(moved.data)} and {len(linked.data)}")
    if moved.data[:0x1000] != linked.data[:0x1000] or moved.data[moved.headers:] != linked.data[linked.headers:]:
        raise Wrong("the headers differ")
    found = Counter()
    for section in linked.sections:
        if section.kind != NOBITS:
            where = slice(section.offset, section.offset + section.size)
            found.update(linked.place(section, at) for at in differing(moved.data[where], linked.data[where]))
    return found


def relocate(baton, old, out, place):
    done = subprocess.run([baton, "relocate", old, *place, "-o", out], capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise Wrong(done.stderr.strip())


def check(baton, cpu):
    here, there = (mini.build(cpu, more) / "vmlinux" for more in ((), (f"CONFIG_PHYSICAL_START={START}",)))
    with tempfile.TemporaryDirectory(prefix="baton-rebuilt-") as tmp:
        relocate(baton, here, Path(tmp) / "moved", PLACES[cpu])
        found = differences(*(Elf(p.read_bytes()) for p in (Path(tmp) / "moved", there)))
    if found.keys() != KNOWN[cpu].keys():
        raise Wrong(f"they differ in {dict(found)}; known are {list(KNOWN[cpu])}")
    return f"the same but for {found.total()} bytes in {len(found)} known places"


if __name__ == "__main__":
    sys.exit(tell((cpu, partial(check, sys.argv[1], cpu)) for cpu in sys.argv[2:] or PLACES))
