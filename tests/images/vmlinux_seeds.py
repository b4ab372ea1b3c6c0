#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the seeds of the fuzz target vmlinux.  Usage: vmlinux_seeds.py tests/fuzz"""
import struct
import sys
from pathlib import Path

BANNER = b"Linux version 6.1.0-50-test (a@b) #1 SMP\0"


def elf64(order, machine, entry, loads, kind=2, flags=0):
    """loads: (bytes, virtual, physical, size in memory)."""
    off = 64 + 56 * len(loads)
    head = b"\x7fELF" + bytes([2, 2 if order == ">" else 1, 1]).ljust(12, b"\0")
    head += struct.pack(order + "HHIQQQIHHHHHH", kind, machine, 1, entry, 64, 0, flags, 64, 56,
                        len(loads), 0, 0, 0)
    body = b""
    for data, virt, phys, size in loads:
        head += struct.pack(order + "IIQQQQQQ", 1, 7, off, virt, phys, len(data), size, 0x10000)
        off += len(data)
        body += data
    return head + body


def ppc64(order):
    code = bytes(0x5c) + struct.pack(order + "I", 0x72756E30) + bytes(0xa0) + BANNER
    return elf64(order, 21, 0xC000000000000000, [(code, 0xC000000000000000, 0, 0x4000)], flags=2)


def x86_64():
    return elf64("<", 62, 0x1000000, [
        (bytes(64) + BANNER, 0xFFFFFFFF81000000, 0x1000000, 0x200),
        (b"percpu", 0, 0x1000200, 0x100),
        (b"data", 0xFFFFFFFF81000300, 0x1000300, 0x1000)])


def i386():
    code = b"\x90" * 16 + BANNER
    head = b"\x7fELF" + bytes([1, 1, 1]).ljust(12, b"\0")
    head += struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, 0x1000000, 52, 0, 0, 52, 32, 1, 0, 0, 0)
    head += struct.pack("<IIIIIIII", 1, 84, 0xC1000000, 0x1000000, len(code), 0x2000, 7, 0x1000)
    return head + code


SEEDS = {
    "ppc64le": ppc64("<"), "ppc64": ppc64(">"), "x86_64": x86_64(), "i386": i386(),
    "cut": ppc64("<")[:0x90],
    "no-banner": ppc64("<")[:-len(BANNER)].ljust(0x200, b"\0"),
    "dyn-far": elf64("<", 183, 0x40, [(BANNER, 0, 0, 64), (BANNER, 1 << 40, 1 << 40, 64)], kind=3),
}


def main():
    folder = Path(sys.argv[1]) / "vmlinux"
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in SEEDS.items():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
