#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Write the seeds of tests/fuzz/e820: random machines in the form that e820_fuzz.c reads.

    e820_seeds.py DIR
"""
import pathlib
import random
import struct
import sys

RAM, RESERVED, ACPI = 0, 1, 2
OWN, AVOID = 1, 0


def machine(firmware, lists):
    """Records (kind or list, gap, size), gap and size in units of 256 bytes."""
    rows = [struct.pack("<BHH", k, g, s - 1) for k, g, s in list(firmware) + list(lists)]
    return bytes([len(firmware)]) + b"".join(rows)


def crowd(seed):
    """Many small ranges, so that the map overflows boot_params."""
    dice = random.Random(seed)
    row = lambda kind: (kind, dice.randrange(3), dice.randrange(1, 40))
    return machine([row(dice.choice((RAM, RAM, RESERVED))) for _ in range(250)],
                   [row(dice.choice((OWN, AVOID))) for _ in range(60)])


def main(folder):
    out = pathlib.Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    pc = [(RAM, 0, 0x9fc), (RESERVED, 0, 4), (RESERVED, 0x500, 0x100), (RAM, 0, 0xf000),
          (ACPI, 0, 0x10)]
    (out / "empty").write_bytes(machine([], []))
    (out / "pc").write_bytes(machine(pc, []))
    (out / "pc-crash").write_bytes(machine(pc, [(OWN, 0x4000, 0x2000), (AVOID, 0x5000, 0x10)]))
    (out / "pc-avoid-low").write_bytes(machine(pc, [(AVOID, 0x10, 0x10), (AVOID, 0, 0xffff)]))
    (out / "crowd").write_bytes(crowd(1))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
