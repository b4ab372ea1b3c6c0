#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the seeds of the fuzz targets arm_image, linux_image, zboot and zimage.  Usage: arm_seeds.py tests/fuzz"""
import gzip
import lzma
import struct
import sys
from pathlib import Path


def image(magic2, text_offset=0, size=0x1aa0000, flags=0xa, magic=b""):
    head = struct.pack("<2sHIQQQ", b"MZ", 0, 0, text_offset, size, flags)
    head += struct.pack("<16s8s4sI", b"", magic, magic2, 0x40)
    return head + b"Linux version 6.1.0-50-test (a@b) #1 SMP\0"


def zimage(words, size_at=0xa0, magic2=0x45454545, appended=b""):
    head = bytes(0x24) + struct.pack("<6I", 0x016f2818, 0, 0xa4, 0x04030201, magic2, 0x40)
    head += bytes(4) + struct.pack("<6I", words, 0x5a534c4b, size_at, 0x5e4d4,
                                   *((0x208000, 0x10000) if words == 6 else (0, 0)))
    return head.ljust(0xa0, b"\0") + struct.pack("<I", 0x13a10b4) + appended


def zboot(kind, payload, word=True, size=0):
    """An arm64 container around the payload; all but gzip's is followed by its unpacked size."""
    tail = payload + (struct.pack("<I", size) if word else b"")
    head = struct.pack("<2sH4sII8s32s", b"MZ", 0, b"zimg", 0x80, len(payload), b"", kind)
    head = head.ljust(0x3c, b"\0") + struct.pack("<I", 0x40)
    head += struct.pack("<4sHH12sHH", b"PE\0\0", 0xaa64, 1, b"", 0, 0)
    head += struct.pack("<16sII", b".text", len(tail), 0x80)
    return head.ljust(0x80, b"\0") + tail


def arm_image(offset=0xe2884982, tables=0xe2444901, size=0x4800, bss=0x5e4d4):
    """The start-up code's two instructions, a banner, and where bss lies: 0xc0208000 + size."""
    data = bytearray(size)
    struct.pack_into("<II", data, 0x84, offset, tables)
    data[0x1000:0x1040] = b"Linux version 6.1.0-50-armmp (a@b) #1 SMP".ljust(64, b"\0")
    struct.pack_into("<II", data, size - 16, 0xc0208000 + size, 0xc0208000 + size + bss)
    return bytes(data)


IMAGE = image(b"ARM\x64")
SEEDS = {
    "arm_image": {"armmp": arm_image(), "lpae": arm_image(tables=0xe2444a05),
                  "cut": arm_image()[:-16], "low": arm_image(0xe2884902)},
    "linux_image": {
        "arm64": image(b"ARM\x64"),
        "arm64-old-no-size": image(b"ARM\x64", 0x80000, 0, 0),
        "riscv64": image(b"RSC\x05", 0x200000, 0x2000000, 0, b"RISCV"),
        "riscv64-no-size": image(b"RSC\x05", 0x200000, 0, 0, b"RISCV"),
        "cut": image(b"ARM\x64")[:0x3d],
    },
    "zboot": {
        "gzip": zboot(b"gzip", gzip.compress(IMAGE, mtime=0), False),
        "zstd-empty": zboot(b"zstd22", b"(\xb5/\xfd"),
        "lzma": zboot(b"lzma", lzma.compress(IMAGE, lzma.FORMAT_ALONE), size=len(IMAGE)),
        "xz": zboot(b"xzkern", lzma.compress(IMAGE, check=lzma.CHECK_CRC32), size=len(IMAGE)),
        "size-lies": zboot(b"gzip", gzip.compress(IMAGE, mtime=0)[:-4] + b"\1\0\0\0", False),
    },
    "zimage": {
        "six-words": zimage(6), "four-words": zimage(4), "two-words": zimage(2),
        "size-off-the-end": zimage(6, 0xa1), "no-table": zimage(6, magic2=0xe1a00000),
        "appended-dtb": zimage(6, appended=b"\xd0\x0d\xfe\xed"),
    },
}


def main():
    for stem, seeds in SEEDS.items():
        folder = Path(sys.argv[1]) / stem
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in seeds.items():
            (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
