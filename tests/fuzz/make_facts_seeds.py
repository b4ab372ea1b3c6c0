#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the seeds of the parsers of facts: cmdline cpus dt_ppc64 dt_serial iomem kcore
lowmem memmap vmcoreinfo.

Usage: make_facts_seeds.py tests/fuzz
"""
import struct
import sys
from pathlib import Path

TEXT = {
    "cmdline": {
        "debian": "BOOT_IMAGE=/boot/vmlinuz root=UUID=1-2 ro quiet crashkernel=192M console=ttyS0",
        "quotes": 'a="x y" "b=1 2" quiet console="tty 0 -- b=3',
        "ends": "a=1 b -- a=2 b=3",
        "quoted-end": 'b=1 "--" b=2',
        "odd-blanks": "\xa0a=1\tb=2\n\"\" = == -- ",
        "open-quote": 'b=1 a=2 console="never closed',
    },
    "cpus": {
        "one": "0\n", "sparse": "0-3,8,64-65\n", "not-ascending": "4,2", "huge": "0-4294967295",
        "cpuinfo": "processor\t: 0\nflags\t\t: fpu lm sha_ni\n",
    },
    "iomem": {
        "pc": """00000000-00000fff : Reserved
00001000-0009fbff : System RAM
000f0000-000fffff : Reserved
  000f0000-000fffff : System ROM
00100000-3ffdefff : System RAM
  00200000-002fffff : reserved
  16e00000-17c01ef1 : Kernel code
  190ac000-195fffff : Kernel bss
  33000000-3effffff : Crash kernel
3ffdf000-3fffffff : ACPI Tables
""",
        "hidden": "00000000-00000000 : System RAM\n  00000000-00000000 : Kernel code\n",
        "aliases": """80000000-dfffffff : System RAM (boot alias)
800000000-85fffffff : System RAM
900000000-9ffffffff : Persistent Memory
    900000000-9ffffffff : System RAM (kmem)
""",
        "overlaps": """1000-1fff : System RAM
1800-2fff : Reserved
0-ffffffffffffffff : System RAM
""",
        "reversed": "2000-1fff : System RAM\n",
        "outside-the-parent": "1000-1fff : System RAM\n  0-ffff : reserved\n3000-3fff : System RAM",
    },
    "lowmem": {
        "highmem": """Node 0, zone   Normal
  pages free     181062
  start_pfn:           262144
Node 0, zone  HighMem
  pages free     64000
  start_pfn:           458752
""",
        "none": "Node 0, zone      DMA\n  start_pfn:           1\n",
        "empty-zone": "Node 0, zone  HighMem\n  pages free 0\nNode 1, zone Movable\n  start_pfn: 9",
        "huge": "Node 0, zone  HighMem\n  start_pfn: 18446744073709551616\n",
    },
    "memmap": {
        "pc": "0x0 0x9fbff System RAM\n0x9fc00 0x9ffff Reserved\n0x100000 0x3ffdefff System RAM\n",
        "overlaps": """0x0 0xffff System RAM
0x1000 0x1fff Reserved
0x1800 0x27ff Unusable memory
0x2000 0xffffffffffffffff ACPI Tables
0x3000 0x3fff Soft Reserved
""",
        "nonsense": "0x1 0x0 Reserved\nx y z\n0x1 0x1 what\n",
    },
    "vmcoreinfo": {
        "debian": """OSRELEASE=6.1.0-50-cloud-amd64
PAGESIZE=4096
SYMBOL(_stext)=ffffffff92a00000
NUMBER(phys_base)=-16777216
NUMBER(VMALLOC_START)=0xffff800008000000
KERNELOFFSET=11a00000
""",
        "limits": "A=18446744073709551615\nB=-9223372036854775808\nC=18446744073709551616\nA=1\n",
        "odd": "=\n==\nSYMBOL(x)=0x\nNUMBER(y)=-\nZ",
    },
}


def kcore(bits, order, notes, phnum=None, phentsize=None):
    """An ELF core file with one PT_NOTE and one PT_LOAD."""
    word = "Q" if bits == 64 else "I"
    ehdr, phdr = (64, 56) if bits == 64 else (52, 32)
    at = ehdr + 2 * phdr
    head = b"\x7fELF" + bytes([bits // 32, 1 if order == "<" else 2, 1]) + bytes(9)
    head += struct.pack(f"{order}HHI3{word}IHHHHHH", 4, 62, 1, 0, ehdr, 0, 0, ehdr,
                        phentsize or phdr, 2 if phnum is None else phnum, 0, 0, 0)

    def program_header(kind, offset, va, pa, size):
        if bits == 64:
            return struct.pack(f"{order}II6Q", kind, 7, offset, va, pa, size, size, 0)
        return struct.pack(f"{order}8I", kind, offset, va, pa, size, size, 7, 0)

    head += program_header(4, at, 0, 0, len(notes))
    return head + program_header(1, 0, 0xc0000000, 0x40000000, 0x1000000) + notes


def note(order, name, text):
    name += b"\0"
    return (struct.pack(f"{order}III", len(name), len(text), 0) + name + bytes(-len(name) % 4) +
            text + bytes(-len(text) % 4))


def kcores():
    for bits in 64, 32:
        for order, end in ("<", "le"), (">", "be"):
            notes = note(order, b"CORE", bytes(33)) + note(order, b"VMCOREINFO", b"PAGESIZE=4096\n")
            yield f"elf{bits}{end}", kcore(bits, order, notes)
    yield "many-headers", kcore(64, "<", b"", phnum=0xffff)
    yield "small-headers", kcore(64, "<", b"", phentsize=8)
    too_long = struct.pack("<III", 0xffffffff, 0xffffffff, 0)
    yield "long-note", kcore(64, "<", too_long + b"VMCOREINFO")


def device_tree(nodes):
    """A blob: {name: {property: bytes}}; the node "" is the root, all others lie below it."""
    names, body = b"", b""

    def prop(name, value):
        nonlocal names
        at = len(names)
        names += name.encode() + b"\0"
        return struct.pack(">III", 3, len(value), at) + value + bytes(-len(value) % 4)

    for name, props in nodes.items():
        raw = name.encode() + b"\0"
        body += struct.pack(">I", 1) + raw + bytes(-len(raw) % 4)
        body += b"".join(prop(key, value) for key, value in props.items())
        body += struct.pack(">I", 2) if name else b""
    body += struct.pack(">II", 2, 9)
    at = 40 + 16
    return struct.pack(">10I", 0xd00dfeed, at + len(body) + len(names), at, at + len(body), 40, 17,
                       16, 0, len(names), len(body)) + bytes(16) + body + names


def ppc64_trees():
    cells = {"#address-cells": struct.pack(">I", 2), "#size-cells": struct.pack(">I", 2)}
    memory = {"device_type": b"memory\0", "reg": struct.pack(">QQ", 0, 1 << 29)}
    size = {"ibm,lmb-size": struct.pack(">Q", 1 << 28)}
    v1 = struct.pack(">I", 2) + b"".join(
        struct.pack(">QIIII", n << 28, n, 0, 0, flags) for n, flags in ((2, 8), (4, 0x88)))
    v2 = struct.pack(">IIQIII", 1, 4, 1 << 29, 0, 0, 8)
    dynamic = "ibm,dynamic-reconfiguration-memory"
    yield "blocks", device_tree({"": cells, "memory@0": memory,
                                 dynamic: size | {"ibm,dynamic-memory": v1}})
    yield "runs", device_tree({"": cells, "memory@0": memory,
                               dynamic: size | {"ibm,dynamic-memory-v2": v2}})
    yield "runs-cut", device_tree({"": cells, dynamic: size | {"ibm,dynamic-memory-v2": v2[:-4]}})
    yield "pseries", device_tree({
        "": cells, "memory@0": memory,
        "rtas": {"linux,rtas-base": struct.pack(">I", 0x1fff0000), "rtas-size": b"\0\0\x08\x2c"},
        "pci@800000020000000": {"linux,tce-base": struct.pack(">Q", 0x5000000),
                                "linux,tce-size": struct.pack(">I", 0x400000)},
        "chosen": {"linux,htab-base": struct.pack(">Q", 0x6000000),
                   "linux,htab-size": struct.pack(">Q", 0x80000),
                   "linux,kernel-end": struct.pack(">Q", 0x2880000)}})
    yield "powernv", device_tree({
        "": cells | {"reserved-ranges": struct.pack(">QQ", 0x18000000, 0x1000000)},
        "memory@0": memory,
        "ibm,opal": {"opal-base-address": struct.pack(">Q", 0x10000000),
                     "opal-runtime-size": struct.pack(">Q", 0x1c30000),
                     "opal-entry-address": struct.pack(">Q", 0x10003760)}})


def serial_trees():
    cells = {"#address-cells": struct.pack(">I", 2), "#size-cells": struct.pack(">I", 2)}
    reg = {"reg": struct.pack(">QQ", 0x9000000, 0x1000)}
    pl011 = {"compatible": b"arm,pl011\0arm,primecell\0"} | reg
    yield "pl011", device_tree({"": cells, "pl011@9000000": pl011,
                                "chosen": {"stdout-path": b"/pl011@9000000\0"}})
    yield "alias", device_tree({
        "": cells, "serial@9000000": {"compatible": b"ns16550a\0",
                                      "reg-shift": struct.pack(">I", 2)} | reg,
        "aliases": {"serial3": b"/serial@9000000\0"},
        "chosen": {"stdout-path": b"serial3:115200n8\0"}})
    yield "no-text-end", device_tree({"": cells, "pl011@9000000": pl011,
                                      "chosen": {"stdout-path": b"/pl011@9000000"}})
    yield "short-reg", device_tree({"": cells, "u": {"compatible": b"ns8250", "reg": b"\0\0\0\1"},
                                    "chosen": {"linux,stdout-path": b"/u"}})


def main():
    root = Path(sys.argv[1])
    seeds = [(stem, name, text.encode("latin-1"))
             for stem, texts in TEXT.items() for name, text in texts.items()]
    seeds += [("kcore", name, data) for name, data in kcores()]
    seeds += [("dt_ppc64", name, data) for name, data in ppc64_trees()]
    seeds += [("dt_serial", name, data) for name, data in serial_trees()]
    for stem, name, data in seeds:
        (root / stem).mkdir(exist_ok=True)
        (root / stem / name).write_bytes(data)


if __name__ == "__main__":
    main()
