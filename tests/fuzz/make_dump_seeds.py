# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the seeds of ELF, crash header, log and dump targets.  Usage: make_dump_seeds.py tests/fuzz"""
import struct,sys,os
d=sys.argv[1]
def w(stem,name,b):
    os.makedirs(f"{d}/{stem}",exist_ok=True)
    open(f"{d}/{stem}/{name}","wb").write(b)
def ehdr(elf32=False,big=False,phnum=0,shnum=0,typ=4,shoff=0,shstr=0,mach=62):
    o='>' if big else '<'
    ident=b"\x7fELF"+bytes([1 if elf32 else 2,2 if big else 1,1])+bytes(9)
    W='I' if elf32 else 'Q'
    eh=52 if elf32 else 64
    return ident+struct.pack(o+f'HHI{W}{W}{W}IHHHHHH',typ,mach,1,0,eh if phnum else 0,shoff,0,eh,32 if elf32 else 56,phnum,40 if elf32 else 64,shnum,shstr)
def phdr(elf32,big,typ,off,va,pa,fsz,msz,al=0):
    o='>' if big else '<'
    if elf32: return struct.pack(o+'IIIIIIII',typ,off,va,pa,fsz,msz,7,al)
    return struct.pack(o+'IIQQQQQQ',typ,7,off,va,pa,fsz,msz,al)
def note(big,name,typ,desc):
    o='>' if big else '<'
    n=name+b'\0'
    p=lambda b:b+bytes(-len(b)%4)
    return struct.pack(o+'III',len(n),len(desc),typ)+p(n)+p(desc)
for i,(e32,big) in enumerate([(0,0),(1,0),(0,1),(1,1)]):
    n=note(big,b'CORE',1,bytes(336))+note(big,b'VMCOREINFO',0,b'OSRELEASE=6.1\nPAGESIZE=4096\n')
    h=(52+2*32) if e32 else 64+2*56
    b=ehdr(e32,big,2)+phdr(e32,big,4,h,0,0,len(n),len(n))+phdr(e32,big,1,h+len(n),0xc0000000,0,8,16)+n+b'datadata'
    w('elf_reader',['core64le','core32le','core64be','core32be'][i],b)
    w('elf_note',['le','le32','be','be32'][i],bytes([1 if big else 0])+n)
names=b"\0.text\0.bss\0.shstrtab\0"
def shdr(name,typ,off,size): return struct.pack('<IIQQQQIIQQ',name,typ,0,0,off,size,0,0,1,0)
b=ehdr(typ=1,shnum=4,shoff=64+len(names),shstr=3)+names+shdr(0,0,0,0)+shdr(1,1,64,4)+shdr(7,8,64,1<<30)+shdr(12,3,64,len(names))
w('elf_reader','rel64',b)
# PN_XNUM with the count in section 0, pointing off the file
b=bytearray(ehdr(phnum=0xffff,shnum=1,shoff=64)+struct.pack('<IIQQQQIIQQ',0,0,0,0,0,0,0,0x20000,0,0))
w('elf_reader','xnum-off-file',bytes(b))
w('elf_note','gnu-property',bytes([2])+bytes([4,0,0,0,4,0,0,0,5,0,0,0])+b'GNU\0'+bytes([1,2,3,4,0,0,0,0]))
w('elf_note','huge-sizes',bytes([0])+b'\xff'*8+bytes(8))
# flags (1 ELF32, 2 big, 4 backup, 8 linear), backup start and size in units, then gap and length of each range less 1
def hdr(flags, bstart, bsize, *pairs):
    return struct.pack('<BHH', flags, bstart, bsize) + b''.join(struct.pack('<HH', *p) for p in pairs)
w('elfcorehdr', 'backup-start', hdr(4, 1, 16, (0, 99), (5, 40)))
w('elfcorehdr', 'backup-middle32be', hdr(7, 20, 16, (0, 99), (5, 40)))
w('elfcorehdr', 'backup-across', hdr(12, 90, 40, (0, 99), (5, 40), (3, 7)))
w('elfcorehdr', 'no-backup', hdr(0, 0, 0, (0, 99), (0xffff, 0xffff)))
# dmesg_prb: flags, then patches { u16 offset, u8 length, bytes } of the memory that src/vmcore/testcore.c lays out
def patch(flags, *ps):
    return bytes([flags]) + b''.join(struct.pack('<HB', off, len(v)) + v for off, v in ps)
q = lambda v: struct.pack('<Q', v & (1 << 64) - 1)
w('dmesg_prb', 'good', patch(0))
w('dmesg_prb', 'good32be', patch(3 | 12))
w('dmesg_prb', 'tail-behind-head', patch(0, (0x100 + 32, q(0x99))))
w('dmesg_prb', 'head-nowhere', patch(4, (0x100 + 24, q(0x123456))))
w('dmesg_prb', 'count-of-2-63', patch(0, (0x100, b'\x3f')))
w('dmesg_prb', 'count-of-2-26', patch(0, (0x100, b'\x1a')))
w('dmesg_prb', 'block-behind-ring', patch(0, (0x1000 + 8, q(0x3fd)), (0x1000 + 16, q(0x404))))
w('dmesg_prb', 'text-len-65535', patch(8, (0x2800 + 16, b'\xff\xff'), (0x2800 + 88 + 16, b'\xff\xff')))
w('dmesg_prb', 'unfinished', patch(0, (0x1000 + 7 * 24, q(0x57))))
# dmesg_log: flags, u32 first and next index, the buffer
def rec(text, flags=6, level=6, total=None):
    n = (16 + len(text) + 3) & ~3
    return (struct.pack('<QHHHBB', 1000, n if total is None else total, len(text), 0, 0, flags | level << 5) + text).ljust(n, b'\0')
def log(flags, a, b, body):
    return struct.pack('<BII', flags, a, b) + body
two = rec(b'first') + rec(b'second\nline', 4 | 8)
w('dmesg_log', 'two', log(0, 0, len(two), two))
w('dmesg_log', 'wrap', log(4, 24, len(rec(b'first')), rec(b'first') + rec(b'old') + bytes(16)))
w('dmesg_log', 'len-3', log(0, 0, 100, rec(b'x', total=3)))
w('dmesg_log', 'never-met', log(0, 0, 0xfffff, two))
w('dmesg_log', 'flat', log(16, 30, 30, b'<6>[    0.1] a\n<4>[    0.2] bc\n'))
w('dmesg_log', 'flat-wrapped', log(16 | 1, 4096 + 10, 4096, b'tail\n<4>[' + bytes(4000) + b'<6>[ 1] \xff\x1b'))
# dump: whole files
for i, (e32, big) in enumerate([(0, 0), (1, 0), (0, 1)]):
    n = note(big, b'CORE', 1, bytes(64)) + note(big, b'VMCOREINFO', 0, b'OSRELEASE=6.1\nPAGESIZE=4096\nSYMBOL(prb)=%x\n' % (0xc0000010 if e32 else 0xffff888000000010))
    h = (52 + 2 * 32) if e32 else 64 + 2 * 56
    va = 0xc0000000 if e32 else 0xffff888000000000
    b = ehdr(e32, big, 2) + phdr(e32, big, 4, h, 0, 0, len(n), len(n)) + phdr(e32, big, 1, h + len(n), va, 0, 4096, 8192) + n + bytes(range(256)) * 8 + bytes(2048)
    w('dump', ['le64', 'le32', 'be64'][i], b)
w('dump', 'wraps', ehdr(phnum=2) + phdr(0, 0, 1, 0, 2**64 - 1, 0x246284c00000, 0xffffdb9dbd0a0000, 0xffffdb9dbd0a0000) + phdr(0, 0, 4, 2**64 - 1, 0, 0, 100, 100))
w('dump', 'overlap', ehdr(phnum=3) + phdr(0, 0, 1, 64, 0x1000, 0x1000, 100, 100) + phdr(0, 0, 1, 80, 0x1010, 0x1010, 100, 100) + phdr(0, 0, 1, 70, 0x1020, 0x1020, 10, 10))
w('dump', 'paging', ehdr(phnum=2) + phdr(0, 0, 4, 176, 0, 0, 200, 200) + phdr(0, 0, 1, 0, 2**64 - 1, 0x100000, 376, 376) +
  note(False, b'VMCOREINFO', 0, b'NUMBER(phys_base)=1048576\nSYMBOL(init_top_pgt)=ffffffff80000000\nNUMBER(pgtable_l5_enabled)=1\n').ljust(200, b'\0'))
