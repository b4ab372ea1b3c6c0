#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes synthetic machines of other CPUs than x86_64, in the layout of a snapshot.

    make-foreign-machines.py [DEST]             all machines below; DEST is tests/machines
    make-foreign-machines.py --check [DEST]     1 and a list of differences if DEST holds others

Each has what no captured guest shows: a boot alias, memory above 4 GiB on 32-bit CPUs, several
crash regions, 52-bit addresses, memory that comes and goes, an s390x with two address spaces.
"""
import filecmp
import struct
import sys
import tempfile
from pathlib import Path

from machine_tree import Tree

MIB, GIB = 1 << 20, 1 << 30
ORIGIN = "synthetic: written by scripts/make-foreign-machines.py, never run. {}"
IGNORED = ["FACTS"]  # what tests/machines/goldens.py adds
BLANK = 0xffffffffffffffff  # p_paddr of what is not RAM


def u32(*numbers):
    return struct.pack(f">{len(numbers)}I", *numbers)


def u64(*numbers):
    return struct.pack(f">{len(numbers)}Q", *numbers)


def text(*words):
    return b"".join(word.encode() + b"\0" for word in words)


def blob(root, reserve=()):
    """A flattened device tree: {property: bytes, node: {...}}, [(address, size)]."""
    names, at = b"", {}

    def node(name, content):
        nonlocal names
        raw = name.encode() + b"\0"
        out = u32(1) + raw + bytes(-len(raw) % 4)
        for key, value in content.items():
            if isinstance(value, dict):
                continue
            if key not in at:
                at[key] = len(names)
                names += text(key)
            out += u32(3, len(value), at[key]) + value + bytes(-len(value) % 4)
        for key, value in content.items():
            if isinstance(value, dict):
                out += node(key, value)
        return out + u32(2)

    body = node("", root) + u32(9)
    entries = b"".join(u64(*entry) for entry in reserve) + bytes(16)
    start = 40 + len(entries)
    return u32(0xd00dfeed, start + len(body) + len(names), start, start + len(body), 40, 17, 16, 0,
               len(names), len(body)) + entries + body + names


def files(tree, path, content):
    """The same as folders of /proc/device-tree."""
    for key, value in content.items():
        if isinstance(value, dict):
            files(tree, f"{path}/{key}", value)
        else:
            tree.put_bytes(f"{path}/{key}", value)


def iomem(*entries):
    """(start, end exclusive, name, children...)"""
    lines = []

    def add(depth, start, end, name, *children):
        lines.append(f"{'  ' * depth}{start:08x}-{end - 1:08x} : {name}")
        for child in children:
            add(depth + 1, *child)

    for entry in entries:
        add(0, *entry)
    return "\n".join(lines)


def cpu_nodes(numbers, **props):
    nodes = {"#address-cells": u32(1), "#size-cells": u32(0)}
    for n in numbers:
        nodes[f"cpu@{n:x}"] = {"device_type": text("cpu"), "reg": u32(n)} | props
    return nodes


def common(tree, arch, release, ram, cpus, note, cmdline, page_size=4096, info=""):
    """@note: address of the first CPU's note; the others follow, one page each."""
    tree.identity(release, f"OSRELEASE={release}\nPAGESIZE={page_size}\n{info}", arch, page_size)
    tree.put("proc/cmdline", cmdline)
    tree.put("proc/meminfo", f"MemTotal: {ram >> 10} kB")
    tree.put("sys/kernel/vmcoreinfo", f"0x{note - 0x10000:016x} 1024")
    numbers = []
    for part in cpus.split(","):
        first, _, last = part.partition("-")
        numbers += range(int(first), int(last or first) + 1)
    tree.put("sys/devices/system/cpu/present", cpus)
    for i, cpu in enumerate(numbers):
        tree.crash_notes(cpu, note + 0x1000 * i, 424)


def arm_keystone(tree):
    """Linux 6.1 arch/arm/kernel/setup.c; arch/arm/mach-keystone/memory.h."""
    tree.origin(ORIGIN.format("Keystone 2: 512 MiB of RAM at 0x800000000, which CPUs without "
                              "paging see at 0x80000000."))
    tree.put("proc/iomem", iomem(
        (0x02530c00, 0x02530c20, "serial"),
        (0x80000000, 0xa0000000, "System RAM (boot alias)",
         (0x90000000, 0x94000000, "Crash kernel (boot alias)")),
        (0x800000000, 0x820000000, "System RAM", (0x800208000, 0x800c00000, "Kernel code"),
         (0x800e00000, 0x801607588, "Kernel data"), (0x810000000, 0x814000000, "Crash kernel"))))
    tree.put("proc/cpuinfo", "processor\t: 0\nFeatures\t: half thumb neon vfpv4 idiva lpae\n"
                             "CPU architecture: 7\n\n")
    tree.put("proc/kallsyms", "c0300000 T _stext")
    tree.put_bytes("sys/firmware/fdt", blob({
        "#address-cells": u32(2), "#size-cells": u32(2), "compatible": text("ti,k2hk-evm"),
        "memory@800000000": {"device_type": text("memory"), "reg": u64(0x800000000, 512 * MIB)},
        "cpus": cpu_nodes(range(4)),
        "soc": {"#address-cells": u32(1), "#size-cells": u32(1), "ranges": u32(0, 0, 0, 0xc0000000),
                "serial@2530c00": {"compatible": text("ns16550a"), "reg": u32(0x2530c00, 0x100),
                                   "reg-shift": u32(2), "reg-io-width": u32(4)}},
        "aliases": {"serial0": text("/soc/serial@2530c00")},
        "chosen": {"stdout-path": text("serial0:115200n8")}}))
    common(tree, "arm", "6.1.0-synthetic-lpae", 512 * MIB, "0-3", 0x81fe00000,
           "console=ttyS0,115200n8 crashkernel=64M")


def arm_lpae(tree):
    tree.origin(ORIGIN.format("LPAE: 2 GiB below and 6 GiB above 4 GiB, most of it highmem."))
    tree.put("proc/iomem", iomem(
        (0x80000000, 0x100000000, "System RAM", (0x80208000, 0x80c00000, "Kernel code"),
         (0x90000000, 0x98000000, "Crash kernel")),
        (0x880000000, 0xa00000000, "System RAM")))
    tree.put("proc/cpuinfo", "processor\t: 0\nFeatures\t: half thumb neon vfpv4 sha1 sha2\n"
                             "CPU architecture: 8\n\n")
    tree.put("proc/kallsyms", "c0400000 T _stext")
    tree.put("proc/zoneinfo", "Node 0, zone   Normal\n  start_pfn:           524288\n"
                              "Node 0, zone  HighMem\n  start_pfn:           720896")
    tree.put_bytes("sys/firmware/fdt", blob({
        "#address-cells": u32(2), "#size-cells": u32(2),
        "memory@80000000": {"device_type": text("memory"),
                            "reg": u64(0x80000000, 2 * GIB, 0x880000000, 6 * GIB)},
        "reserved-memory": {
            "#address-cells": u32(2), "#size-cells": u32(2), "ranges": b"",
            "secure@a0000000": {"reg": u64(0xa0000000, 4 * MIB), "no-map": b""},
            "buffer@c0000000": {"reg": u64(0xc0000000, 16 * MIB)}},
        "cpus": cpu_nodes((0, 1)), "chosen": {}}, reserve=[(0x88000000, 0x10000)]))
    common(tree, "arm", "6.1.0-synthetic-lpae", 8 * GIB, "0-1", 0xaf000000,
           "console=ttyAMA0 crashkernel=128M")


def arm64_server(tree):
    tree.origin(ORIGIN.format("Pages of 64 KiB, 52-bit addresses on a CPU with 48, crash regions "
                              "below and above 4 GiB, gaps in the numbers of CPUs, EFI."))
    reserved = [(0x8_8000_0000 + i * 0x4000_0000, 0x8_8000_0000 + i * 0x4000_0000 + 0x30000,
                 "reserved") for i in range(1, 7)]
    tree.put("proc/iomem", iomem(
        (0x80000000, 0xf0000000, "System RAM", (0x80010000, 0x81400000, "Kernel code"),
         (0x81a00000, 0x82200000, "Kernel data"), (0xd0000000, 0xd8000000, "Crash kernel"),
         (0xef000000, 0xefff0000, "reserved")),
        (0xf0000000, 0xf0010000, "reserved"),
        (0x880000000, 0xa80000000, "System RAM", *reserved,
         (0xa40000000, 0xa70000000, "Crash kernel"))))
    tree.put("proc/cpuinfo", "processor\t: 0\nFeatures\t: fp asimd aes pmull sha1 sha2 crc32\n"
                             "CPU architecture: 8\n\n")
    tree.put_bytes("sys/firmware/fdt", blob({
        "#address-cells": u32(2), "#size-cells": u32(2),
        "chosen": {"linux,uefi-system-table": u64(0xef123456), "kaslr-seed": u64(0)}}))
    common(tree, "arm64", "6.1.0-synthetic-64k", 10 * GIB, "0-3,8,64-65", 0xa7ff00000,
           "console=ttyAMA0 crashkernel=768M", 65536,
           "SYMBOL(_stext)=ffff800008010000\nNUMBER(VA_BITS)=52\nNUMBER(TCR_EL1_T1SZ)=0x10\n"
           "NUMBER(PHYS_OFFSET)=0xfff1000080000000\nNUMBER(kimage_voffset)=0xffff7fff88000000\n"
           "KERNELOFFSET=0\n")


def riscv64_board(tree):
    tree.origin(ORIGIN.format("Sv39, the firmware in two reservations at the beginning of memory, "
                              "and one elsewhere that must not be mapped."))
    tree.put("proc/iomem", iomem(
        (0x10000000, 0x10000100, "serial"),
        (0x80000000, 0x100000000, "System RAM", (0x80000000, 0x8007ffff + 1, "Reserved"),
         (0x80202000, 0x80e00000, "Kernel code"), (0x81200000, 0x81c00000, "Kernel data"),
         (0xb0000000, 0xb8000000, "Crash kernel"), (0xff000000, 0xff100000, "Reserved"))))
    tree.put("proc/cpuinfo", "processor\t: 0\nhart\t\t: 1\nisa\t\t: rv64imafdc_zicsr_zknh_sstc\n"
                             "mmu\t\t: sv39\n\n")
    tree.put_bytes("sys/firmware/fdt", blob({
        "#address-cells": u32(2), "#size-cells": u32(2),
        "memory@80000000": {"device_type": text("memory"), "reg": u64(0x80000000, 2 * GIB)},
        "reserved-memory": {
            "#address-cells": u32(2), "#size-cells": u32(2), "ranges": b"",
            "mmode_resv0@80000000": {"reg": u64(0x80000000, 0x40000)},
            "mmode_resv1@80040000": {"reg": u64(0x80040000, 0x40000)},
            "enclave@90000000": {"reg": u64(0x90000000, 2 * MIB), "no-map": b""}},
        "cpus": cpu_nodes((1, 2, 3, 4)) | {"timebase-frequency": u32(10000000)},
        "soc": {"#address-cells": u32(2), "#size-cells": u32(2), "ranges": b"",
                "serial@10000000": {"compatible": text("snps,dw-apb-uart"), "reg-shift": u32(2),
                                    "reg": u64(0x10000000, 0x10000)}},
        "chosen": {"stdout-path": text("/soc/serial@10000000")}}))
    common(tree, "riscv64", "6.12.0-synthetic", 2 * GIB, "0-3", 0xfe000000,
           "console=ttyS0 crashkernel=128M", 4096,
           "SYMBOL(_stext)=ffffffff80002000\nNUMBER(VA_BITS)=39\n"
           "NUMBER(PAGE_OFFSET)=0xffffffd600000000\nNUMBER(phys_ram_base)=0x80000000\n"
           "NUMBER(va_kernel_pa_offset)=0xfffffffeffe00000\n")


def ppc64_lpar(tree):
    tree.origin(ORIGIN.format("A big-endian POWER8 partition: dynamic memory with a hole, the hash "
                              "table, TCE tables and RTAS in RAM."))
    tree.put("proc/iomem", iomem((0, 0x40000000, "System RAM"),
                                 (0x60000000, 0x100000000, "System RAM")))
    tree.put("proc/cpuinfo", "processor\t: 0\ncpu\t\t: POWER8 (architected), altivec supported\n\n")
    tree.put("sys/devices/system/cpu/cpu0/physical_id", "8")
    lmbs = u32(3) + b"".join(u32(n) + u64(at) + u32(at >> 28, 0, flags) for n, at, flags in (
        (2, 0x20000000, 8), (2, 0x40000000, 0), (10, 0x60000000, 8)))
    files(tree, "proc/device-tree", {
        "#address-cells": u32(2), "#size-cells": u32(2), "compatible": text("IBM,pSeries"),
        "memory@0": {"device_type": text("memory"), "reg": u64(0, 0x20000000)},
        "ibm,dynamic-reconfiguration-memory": {"ibm,lmb-size": u64(0x10000000),
                                               "ibm,dynamic-memory-v2": lmbs},
        "cpus": cpu_nodes((8, 0x10), **{"ibm,ppc-interrupt-server#s": u32(8, 9, 10, 11)}),
        "rtas": {"linux,rtas-base": u32(0x1ffa0000), "rtas-size": u32(0x52000)},
        "pci@800000020000002": {"device_type": text("pci"), "linux,tce-base": u64(0x1f000000),
                                "linux,tce-size": u32(0x400000)},
        "chosen": {"linux,htab-base": u64(0x30000000), "linux,htab-size": u64(0x1000000),
                   "linux,kernel-end": u64(0x3000000), "linux,memory-limit": u64(0),
                   "linux,crashkernel-base": u64(0x8000000),
                   "linux,crashkernel-size": u64(0x18000000),
                   "linux,stdout-path": text("/vdevice/vty@30000000")},
        "vdevice": {"#address-cells": u32(1), "#size-cells": u32(0),
                    "vty@30000000": {"device_type": text("serial"), "reg": u32(0x30000000),
                                     "compatible": text("hvterm1")}}})
    common(tree, "ppc64", "6.1.0-synthetic", 0xe0000000, "0-7", 0xff000000,
           "console=hvc0 crashkernel=384M", 65536, "SYMBOL(_stext)=c000000000000000\n")


def s390x_lpar(tree):
    tree.origin(ORIGIN.format("Linux 6.10 or newer: the kernel at a random place of its own "
                              "addresses, a crash region."))
    tree.put("proc/iomem", iomem(
        (0, 0x100000000, "System RAM", (0x6d100000, 0x6de00000, "Kernel code"),
         (0x6de00000, 0x6e33b000, "Kernel data"), (0xe0000000, 0x100000000, "Crash kernel"))))
    tree.put("proc/cpuinfo", "vendor_id       : IBM/S390\n# processors    : 2\n"
                             "features\t: esan3 zarch stfle msa ldisp eimm dfp\n\n")
    tree.kcore([(0x3ffe0100000, 0x6d100000, 0x123b000), (0x10000000000, 0, 4 * GIB),
                (0x37200000000, BLANK, 0x1000000)], machine=22, order=">")
    common(tree, "s390x", "6.12.0-synthetic", 4 * GIB, "0-1", 0xdf000000,
           "crashkernel=512M", 4096,
           "SYMBOL(_stext)=3ffe0100000\nKERNELOFFSET=3ffe0000000\nIDENTITYBASE=10000000000\n"
           "KERNELOFFPHYS=6d000000\n")


def i386_pae(tree):
    tree.origin(ORIGIN.format("PAE: 3 GiB below and 5 GiB above 4 GiB, most of it highmem."))
    tree.put("proc/iomem", iomem(
        (0, 0x1000, "Reserved"), (0x1000, 0x9fc00, "System RAM"), (0x9fc00, 0xa0000, "Reserved"),
        (0xf0000, 0x100000, "Reserved"),
        (0x100000, 0xbffe0000, "System RAM", (0x1000000, 0x1a00000, "Kernel code"),
         (0x1c00000, 0x1ee6000, "Kernel data"), (0x18000000, 0x20000000, "Crash kernel")),
        (0xbffe0000, 0xc0000000, "Reserved"), (0xfeffc000, 0xff000000, "Reserved"),
        (0x100000000, 0x240000000, "System RAM")))
    tree.put("proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\n"
                             "flags\t\t: fpu pae nx ssse3 sse4_1 sha_ni\n\n")
    tree.kcore([(0xf73fe000, 0xffffffff, 0x7800000), (0xc0000000, 0, 0x36bfe000)], machine=3,
               bits=32)
    tree.put("proc/zoneinfo", "Node 0, zone      DMA\n  start_pfn:           1\n"
                              "Node 0, zone  HighMem\n  start_pfn:           224254")
    common(tree, "i386", "6.1.0-synthetic-686-pae", 8 * GIB, "0-3", 0x35000000,
           "console=ttyS0 crashkernel=128M", 4096, "SYMBOL(_stext)=c1000000\n")


MACHINES = {
    "arm-keystone-alias": arm_keystone,
    "arm-lpae-8g": arm_lpae,
    "arm64-server-52bit": arm64_server,
    "riscv64-board-sv39": riscv64_board,
    "ppc64-lpar-lmb": ppc64_lpar,
    "s390x-lpar-kaslr": s390x_lpar,
    "i386-pae-8g": i386_pae,
}


def differences(made, there):
    compared = filecmp.dircmp(made, there, ignore=IGNORED)
    found = compared.left_only + compared.right_only + compared.diff_files + compared.funny_files
    found = [str(Path(there) / name) for name in found]
    for name in compared.common_dirs:
        found += differences(Path(made) / name, Path(there) / name)
    return found


def main():
    args = [arg for arg in sys.argv[1:] if arg != "--check"]
    dest = Path(args[0]) if args else Path(__file__).resolve().parent.parent / "tests/machines"
    if "--check" not in sys.argv:
        for name, write in MACHINES.items():
            write(Tree(dest / name))
        return 0
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name, write in MACHINES.items():
            write(Tree(Path(folder) / name))
            found += differences(Path(folder) / name, dest / name)
    print("\n".join(found) or f"{len(MACHINES)} machines")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
