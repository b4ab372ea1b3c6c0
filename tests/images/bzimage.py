#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Write a small bzImage that parses but cannot run, for tests of scripts and as fuzz seeds.

    bzimage.py OUT [NAME=VALUE ...]    names: the keyword arguments of build()
    bzimage.py --seeds DIR             the seeds DIR/bzimage and DIR/bootparams (tests/fuzz)
"""
import gzip
import pathlib
import struct
import sys

MAGICS = {
    "gzip": b"\x1f\x8b\x08\x00", "xz": b"\xfd7zXZ\x00", "lzma": b"\x5d\x00\x00\x80",
    "zstd": b"\x28\xb5\x2f\xfd", "lz4": b"\x02\x21\x4c\x18", "lzo": b"\x89LZO\x00",
    "bzip2": b"BZh9", "none": b"\x7fELF",
}


def build(protocol=0x20f, setup_sects=2, flags=1, xloadflags=0x7f, pref=0x1000000,
          init_size=0x3378000, align=0x200000, relocatable=1, compression="zstd",
          payload=0x40, code=0x400, unpacked=53241868, banner="6.1.0-50-test (a@b) #1 SMP"):
    """The bytes of an image. `code` is the length of the protected-mode part."""
    setup = ((setup_sects or 4) + 1) * 512
    img = bytearray(setup + code)
    put = lambda fmt, at, *v: struct.pack_into("<" + fmt, img, at, *v)
    put("B", 0x1f1, setup_sects)
    put("I", 0x1f4, code // 16)
    put("H", 0x1fe, 0xaa55)
    put("BB4sH", 0x200, 0xeb, 0x6a, b"HdrS", protocol)
    put("H", 0x20e, setup - 0x200 - 0x80)
    put("BBHI", 0x210, 0, flags, 0, 0x100000)
    put("I", 0x22c, 0x7fffffff)
    put("IBBHI", 0x230, align, relocatable, 21, xloadflags, 2047)
    put("II", 0x248, payload, code - payload)
    put("QI", 0x258, pref, init_size)
    img[setup - 0x80:setup - 0x80 + len(banner)] = banner.encode()
    magic = MAGICS[compression]
    img[setup + payload:setup + payload + len(magic)] = magic
    put("I", len(img) - 4, unpacked)
    return bytes(img)


def vmlinux(release="6.1.0-50-test"):
    """A kernel's ELF file as far as `inspect` looks: two segments, a build id, the banner."""
    note = struct.pack("<III", 4, 20, 3) + b"GNU\0" + bytes(range(0xa0, 0xb4))
    banner = f"Linux version {release} (a@b) #1 SMP\n".encode()
    at = 64 + 3 * 56
    phdr = lambda kind, off, paddr, filesz, memsz: struct.pack(
        "<IIQQQQQQ", kind, 5, off, 0xffffffff80000000 + paddr, paddr, filesz, memsz, 4)
    return (struct.pack("<4sBBB9xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 2, 62, 1, 0x1000000, 64, 0, 0,
                        64, 56, 3, 0, 0, 0)
            + phdr(1, at, 0x1000000, 0, 0x1800000) + phdr(1, at, 0x2a00000, 0, 0x600000)
            + phdr(4, at, 0x1000000, len(note), len(note)) + note + banner)


def build_packed(said=0, **kwargs):
    """An image with vmlinux() in it, packed by gzip; @said: a lie about its size."""
    inside = vmlinux()
    packed = gzip.compress(inside, mtime=0)
    start, code = 0x40, 0x40 + len(packed)
    image = bytearray(build(compression="gzip", payload=start, code=code, **kwargs))
    image[-len(packed):] = packed
    if said:
        struct.pack_into("<I", image, len(image) - 4, said)
    return bytes(image)


def placed(image, cmdline, length, initrd, initrd_size, setup_data=0):
    """An image with the tail that bootparams_fuzz.c reads."""
    return image + struct.pack("<IHIIH", cmdline >> 4, length, initrd >> 12, initrd_size >> 4,
                               setup_data)


def seeds(folder):
    made = {
        "bzimage/x86_64-zstd": build(),
        "bzimage/i386-xz": build(xloadflags=4, compression="xz", align=0x1000000),
        "bzimage/old-2.05-gzip": build(protocol=0x205, compression="gzip", code=0x80),
        "bzimage/zimage": build(flags=0),
        "bzimage/payload-off-the-end": build()[:-1],
        "bootparams/low": placed(build(), 0x101000, 100, 0x2000000, 0x100000, 0x9000),
        "bootparams/above-4g": placed(build(), 0x123456000, 2047, 0x200000000, 0x100000),
        "bootparams/out-of-reach": placed(build(xloadflags=5), 0x123456000, 1, 0, 0),
        "bootparams/old-2.02": placed(build(protocol=0x202), 0x90000, 255, 0x2000000, 16),
        "bootparams/line-too-long": placed(build(), 0x101000, 2048, 0, 0),
    }
    for name, data in made.items():
        out = pathlib.Path(folder, name)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(data)


def main(args):
    if args[0] == "--seeds":
        return seeds(args[1])
    given = dict(a.split("=", 1) for a in args[1:])
    texts = ("compression", "banner")
    given = {k: v if k in texts else int(v, 0) for k, v in given.items()}
    return pathlib.Path(args[0]).write_bytes(build(**given)) and None


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
