#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the seeds of the fuzz target s390_image: an image from 0x10000 on.  Usage: s390_seeds.py tests/fuzz"""
import struct
import sys
from pathlib import Path

XZ = b"\xfd7zXZ\0\0\1\x69\x22\xde\x36"


def image(line=0x100, packed=XZ + bytes(range(1, 60)), unpacked=0x123, kdump=b"\xa7\xf4\0\x78"):
    head = b"\xa7\xf4\0\x40" + bytes(4) + b"S390EP\0\1" + kdump
    head = head.ljust(0x428, b"\0") + struct.pack(">QQ", 0x10620, line)
    head = head.ljust(0x480, b"\0") + b"root=/dev/ram0 ro"
    head = head.ljust(0x620, b"\0") + b"6.1.0-50-s390x (a@b) #1 SMP\0"
    tail = bytes(40) + struct.pack(">QQQQ", 0, 0, 0, 0x207a49504c)
    size = struct.pack("<I", unpacked)
    return head.ljust(max(0x700, 0x480 + line if line < 0x2000 else 0), b"\0") + packed + size + tail


SEEDS = {
    "xz": image(),
    "zstd": image(packed=b"\x28\xb5\x2f\xfd\xa4" + bytes(range(1, 60))),
    "gzip": image(packed=b"\x1f\x8b\x08\0\0\0\0\0\x02\x03" + bytes(range(1, 60))),
    "plain": image(packed=b""),
    "old-line": image(line=0),
    "line-off-the-end": image(line=0x10000),
    "no-crash-dump": image(kdump=b"\xc0\xf4\0\0\0\3" + b"\xc0\xd0\0\0\0\5\xb2\xb2\xd0\0"),
    "cut": image()[:0x440],
}


def main():
    folder = Path(sys.argv[1]) / "s390_image"
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in SEEDS.items():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
