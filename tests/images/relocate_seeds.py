#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the seeds of the fuzz target elf_relocate.  Usage: relocate_seeds.py tests/fuzz"""
import struct
import sys
from pathlib import Path

BITS32, BIG, LIST, DYNAMIC, GOT = 1, 2, 4, 8, 16      # relocate_fuzz.c
SECTION_HEADERS = 0x3000 + 14 * 512                  # relocate_fixture.h
RELA_TEXT = 0x3000 + 4 * 512


def seed(flags, phys=0x200, virt=0x400, patches=()):
    return struct.pack("<BHH", flags, phys, virt) + b"".join(struct.pack("<HB", at, v) for at, v in patches)


SEEDS = {
    "kept": seed(0), "kept-32": seed(BITS32), "kept-big": seed(BIG), "kept-got": seed(GOT),
    "dynamic": seed(DYNAMIC), "dynamic-big": seed(DYNAMIC | BIG), "dynamic-32": seed(DYNAMIC | BITS32),
    "list": seed(LIST), "list-32": seed(LIST | BITS32), "stays": seed(0, 0, 0),
    "out-of-reach": seed(0, 0, 0x7fff), "other-type": seed(0, patches=[(RELA_TEXT + 8, 77)]),
    "no-symbol": seed(0, patches=[(RELA_TEXT + 12, 9)]), "outside": seed(0, patches=[(RELA_TEXT + 2, 9)]),
    "relr": seed(DYNAMIC, patches=[(SECTION_HEADERS + 5 * 64 + 4, 19)]),
    "offsets": seed(GOT, patches=[(SECTION_HEADERS + 4 * 64 + 4, 0)]),
    "entry-size": seed(0, patches=[(SECTION_HEADERS + 4 * 64 + 56, 7)]),
}


def main():
    folder = Path(sys.argv[1]) / "elf_relocate"
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in SEEDS.items():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
