#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Write the seeds of the ELF, crash header, kernel log and dump targets.

    dump_seeds.py DIR      DIR is tests/fuzz
"""
import pathlib
import struct
import sys

PT_LOAD, PT_NOTE = 1, 4
ET_REL, ET_CORE, EM_X86_64 = 1, 4, 62
MAX64 = 2**64 - 1
FORMS = [(0, 0), (1, 0), (0, 1), (1, 1)]    # (ELF32, big-endian)


def order(big):
    return ">" if big else "<"


def ehdr(elf32=0, big=0, phnum=0, shnum=0, kind=ET_CORE, shoff=0, shstr=0):
    word = "I" if elf32 else "Q"
    size, phentsize, shentsize = (52, 32, 40) if elf32 else (64, 56, 64)
    ident = b"\x7fELF" + bytes([1 if elf32 else 2, 2 if big else 1, 1]) + bytes(9)
    fields = (kind, EM_X86_64, 1, 0, size if phnum else 0, shoff, 0,
              size, phentsize, phnum, shentsize, shnum, shstr)
    return ident + struct.pack(f"{order(big)}HHI{word}{word}{word}IHHHHHH", *fields)


def phdr(elf32, big, kind, off, va, pa, filesz, memsz):
    if elf32:
        return struct.pack(order(big) + "8I", kind, off, va, pa, filesz, memsz, 7, 0)
    return struct.pack(order(big) + "IIQQQQQQ", kind, 7, off, va, pa, filesz, memsz, 0)


def shdr(name, kind, off, size):
    return struct.pack("<IIQQQQIIQQ", name, kind, 0, 0, off, size, 0, 0, 1, 0)


def note(big, name, kind, desc):
    pad = lambda b: b + bytes(-len(b) % 4)
    name += b"\0"
    return struct.pack(order(big) + "III", len(name), len(desc), kind) + pad(name) + pad(desc)


def core(elf32, big, notes, va, memory, memsz):
    """A core file: its notes, and one range of memory that begins at physical 0."""
    head = 52 + 2 * 32 if elf32 else 64 + 2 * 56
    filesz = memsz // 2
    return (ehdr(elf32, big, 2)
            + phdr(elf32, big, PT_NOTE, head, 0, 0, len(notes), len(notes))
            + phdr(elf32, big, PT_LOAD, head + len(notes), va, 0, filesz, memsz)
            + notes + memory)


def elf():
    for (elf32, big), name in zip(FORMS, ("le", "le32", "be", "be32")):
        notes = note(big, b"CORE", 1, bytes(336)) + note(
            big, b"VMCOREINFO", 0, b"OSRELEASE=6.1\nPAGESIZE=4096\n")
        reader = f"core{32 if elf32 else 64}{'be' if big else 'le'}"
        yield f"elf_reader/{reader}", core(elf32, big, notes, 0xc0000000, b"datadata", 16)
        yield f"elf_note/{name}", bytes([big]) + notes
    names = b"\0.text\0.bss\0.shstrtab\0"
    yield "elf_reader/rel64", (
        ehdr(kind=ET_REL, shnum=4, shoff=64 + len(names), shstr=3) + names + shdr(0, 0, 0, 0)
        + shdr(1, 1, 64, 4) + shdr(7, 8, 64, 1 << 30) + shdr(12, 3, 64, len(names)))
    # PN_XNUM with the count in section 0, whose table runs off the file
    yield "elf_reader/xnum-off-file", ehdr(phnum=0xffff, shnum=1, shoff=64) + struct.pack(
        "<IIQQQQIIQQ", 0, 0, 0, 0, 0, 0, 0, 0x20000, 0, 0)
    yield "elf_note/gnu-property", (b"\2" + struct.pack("<III", 4, 4, 5) + b"GNU\0"
                                    + bytes([1, 2, 3, 4, 0, 0, 0, 0]))
    yield "elf_note/huge-sizes", b"\0" + b"\xff" * 8 + bytes(8)


def crash_header(flags, start, size, *ranges):
    """flags (1 ELF32, 2 big, 4 backup, 8 linear), the backup in units, then gap and length - 1."""
    return struct.pack("<BHH", flags, start, size) + b"".join(
        struct.pack("<HH", *r) for r in ranges)


def elfcorehdr():
    yield "elfcorehdr/backup-start", crash_header(4, 1, 16, (0, 99), (5, 40))
    yield "elfcorehdr/backup-middle32be", crash_header(7, 20, 16, (0, 99), (5, 40))
    yield "elfcorehdr/backup-across", crash_header(12, 90, 40, (0, 99), (5, 40), (3, 7))
    yield "elfcorehdr/no-backup", crash_header(0, 0, 0, (0, 99), (0xffff, 0xffff))


def patches(flags, *items):
    """flags, then { u16 offset, u8 length, bytes } over what src/vmcore/testcore.c lays out."""
    return bytes([flags]) + b"".join(
        struct.pack("<HB", off, len(data)) + data for off, data in items)


def dmesg_prb():
    quad = lambda v: struct.pack("<Q", v)
    yield "dmesg_prb/good", patches(0)
    yield "dmesg_prb/good32be", patches(3 | 12)
    yield "dmesg_prb/tail-behind-head", patches(0, (0x100 + 32, quad(0x99)))
    yield "dmesg_prb/head-nowhere", patches(4, (0x100 + 24, quad(0x123456)))
    yield "dmesg_prb/count-of-2-63", patches(0, (0x100, b"\x3f"))
    yield "dmesg_prb/count-of-2-26", patches(0, (0x100, b"\x1a"))
    yield "dmesg_prb/block-behind-ring", patches(0, (0x1000 + 8, quad(0x3fd)),
                                                 (0x1000 + 16, quad(0x404)))
    yield "dmesg_prb/text-len-65535", patches(8, (0x2800 + 16, b"\xff\xff"),
                                              (0x2800 + 88 + 16, b"\xff\xff"))
    yield "dmesg_prb/unfinished", patches(0, (0x1000 + 7 * 24, quad(0x57)))
    # Of vmcoreinfo's text: 128 is added to the count.
    yield "dmesg_prb/info-huge-size", bytes([0]) + struct.pack("<HB", 0x7b, 0x88) + b"99999999"
    yield "dmesg_prb/info-other-text", (bytes([0]) + struct.pack("<HB", 0, 0x8f) +
                                        b"SYMBOL(prb)=\n\n\n")


def record(text, flags=6, level=6, total=None):
    """A printk_log record of before 5.10."""
    size = (16 + len(text) + 3) & ~3
    head = struct.pack("<QHHHBB", 1000, size if total is None else total, len(text), 0, 0,
                       flags | level << 5)
    return (head + text).ljust(size, b"\0")


def log(flags, first, following, body):
    return struct.pack("<BII", flags, first, following) + body


def dmesg_log():
    one = record(b"first")
    two = one + record(b"second\nline", 4 | 8)
    yield "dmesg_log/two", log(0, 0, len(two), two)
    yield "dmesg_log/wrap", log(4, 24, len(one), one + record(b"old") + bytes(16))
    yield "dmesg_log/len-3", log(0, 0, 100, record(b"x", total=3))
    yield "dmesg_log/never-met", log(0, 0, 0xfffff, two)
    yield "dmesg_log/flat", log(16, 30, 30, b"<6>[    0.1] a\n<4>[    0.2] bc\n")
    yield "dmesg_log/flat-wrapped", log(
        16 | 1, 4096 + 10, 4096, b"tail\n<4>[" + bytes(4000) + b"<6>[ 1] \xff\x1b")


def dump():
    memory = bytes(range(256)) * 8 + bytes(2048)
    for (elf32, big), name in zip(FORMS, ("le64", "le32", "be64")):
        va, prb = (0xc0000000, 0xc0000010) if elf32 else (0xffff888000000000, 0xffff888000000010)
        info = b"OSRELEASE=6.1\nPAGESIZE=4096\nSYMBOL(prb)=%x\n" % prb
        notes = note(big, b"CORE", 1, bytes(64)) + note(big, b"VMCOREINFO", 0, info)
        yield f"dump/{name}", core(elf32, big, notes, va, memory, 8192)
    yield "dump/wraps", (
        ehdr(phnum=2)
        + phdr(0, 0, PT_LOAD, 0, MAX64, 0x246284c00000, 0xffffdb9dbd0a0000, 0xffffdb9dbd0a0000)
        + phdr(0, 0, PT_NOTE, MAX64, 0, 0, 100, 100))
    yield "dump/overlap", (
        ehdr(phnum=3) + phdr(0, 0, PT_LOAD, 64, 0x1000, 0x1000, 100, 100)
        + phdr(0, 0, PT_LOAD, 80, 0x1010, 0x1010, 100, 100)
        + phdr(0, 0, PT_LOAD, 70, 0x1020, 0x1020, 10, 10))
    info = (b"NUMBER(phys_base)=1048576\nSYMBOL(init_top_pgt)=ffffffff80000000\n"
            b"NUMBER(pgtable_l5_enabled)=1\n")
    yield "dump/paging", (
        ehdr(phnum=2) + phdr(0, 0, PT_NOTE, 176, 0, 0, 200, 200)
        + phdr(0, 0, PT_LOAD, 0, MAX64, 0x100000, 376, 376)
        + note(False, b"VMCOREINFO", 0, info).ljust(200, b"\0"))


def main(folder):
    for source in (elf, elfcorehdr, dmesg_prb, dmesg_log, dump):
        for name, data in source():
            out = pathlib.Path(folder, name)
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_bytes(data)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
