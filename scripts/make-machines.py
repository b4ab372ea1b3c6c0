#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the synthetic machines of the tests, in the layout of a snapshot.

    make-machines.py [DEST]                 all machines of the table below; DEST is tests/machines
    make-machines.py --check [DEST]         1 and a list of differences if DEST holds anything else
    make-machines.py --ranges N [--crash] DIR   one machine with N ranges of RAM, for tests of speed

A machine is what QEMU and a Debian kernel would show, made of a few facts: chip set, memory, CPUs,
crash regions, reserved children. Addresses that a kernel chooses by chance are fixed here.
"""
import filecmp
import struct
import sys
import tempfile
from pathlib import Path

from machine_tree import Tree

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
RELEASE = "6.1.0-synthetic-amd64"
RAM, RESERVED, ACPI, NVS = ("System RAM", "Reserved", "ACPI Tables", "ACPI Non-volatile Storage")
KERNEL = 0x16e00000  # where KASLR put the running kernel; machines with less memory say so
PARTS = (("Kernel code", 0, 0xe01ef2), ("Kernel rodata", 0x1000000, 0x1823000),
         ("Kernel data", 0x1a00000, 0x1c45d40), ("Kernel bss", 0x22ac000, 0x2800000))
LINEAR, TEXT = 0xffff888000000000, 0xffffffff92a00000
FLAGS = "fpu lm nx syscall ssse3 sse4_1 sse4_2 aes avx2"
COMMON_LINE = "BOOT_IMAGE=/vmlinuz root=/dev/vda1 ro console=ttyS0"
IGNORED = ["FACTS"]  # what tests/machines/goldens.py adds
ORIGIN = "synthetic: written by scripts/make-machines.py, never run. {}"


def split(ram, chipset):
    """Where QEMU puts RAM: (below 4 GiB, above). hw/i386/pc_piix.c and pc_q35.c of QEMU 7.2."""
    low = min(ram, 0xe0000000 if chipset == "pc" else 0xb0000000)
    if low < ram:
        low = 0xc0000000 if chipset == "pc" else 0x80000000
    return low, ram - low


def firmware(ram, chipset):
    """The e820 map of SeaBIOS: [(start, end exclusive, type)]"""
    low, high = split(ram, chipset)
    top = low - 128 * KIB - 4 * KIB
    entries = [(0, 0x9fc00, RAM), (0x9fc00, 0xa0000, RESERVED), (0xf0000, 0x100000, RESERVED),
               (0x100000, top, RAM), (top, low, RESERVED)]
    if chipset == "q35":
        entries += [(0xb0000000, 0xc0000000, RESERVED), (0xfed1c000, 0xfed20000, RESERVED)]
    entries += [(0xfeffc000, 0xff000000, RESERVED), (0xfffc0000, 0x100000000, RESERVED)]
    if high:
        entries.append((4 * GIB, 4 * GIB + high, RAM))
    return entries


def efi_firmware(ram):
    """The map of OVMF on q35: RAM in touching pieces, runtime services at the top of low memory."""
    low, high = split(ram, "q35")
    entries = [(0, 0xa0000, RAM), (0x100000, 0x800000, RAM), (0x800000, 0x808000, NVS),
               (0x808000, 0x80b000, RAM), (0x80b000, 0x80c000, NVS), (0x80c000, 0x810000, RAM),
               (0x810000, 0x900000, NVS), (0x900000, low - 0x1149000, RAM),
               (low - 0x1149000, low - 0x1088000, RESERVED), (low - 0x1088000, low - 0x713000, RAM),
               (low - 0x713000, low - 0x493000, RESERVED), (low - 0x493000, low - 0x481000, ACPI),
               (low - 0x481000, low - 0x401000, NVS), (low - 0x401000, low - 0xa8000, RAM),
               (low - 0xa8000, low - 0x88000, RESERVED), (low - 0x88000, low, NVS),
               (0xb0000000, 0xc0000000, RESERVED)]
    if high:
        entries.append((4 * GIB, 4 * GIB + high, RAM))
    return entries


def iomem(entries, children):
    """Text of /proc/iomem: the map, and @children [(start, end exclusive, name)] in their parents.

    The kernel never uses the first page, and says so.
    """
    lines = []
    for start, end, kind in entries:
        if start == 0:
            lines.append(f"00000000-00000fff : {RESERVED}")
            start = 0x1000
        lines.append(f"{start:08x}-{end - 1:08x} : {kind}")
        lines += [f"  {a:08x}-{b - 1:08x} : {name}"
                  for a, b, name in sorted(children) if start <= a < end]
    return "\n".join(lines)


def kernel_children(base):
    return [(base + a, base + b, name) for name, a, b in PARTS]


def vmcoreinfo_text():
    return (f"OSRELEASE={RELEASE}\nPAGESIZE=4096\nSYMBOL(_stext)={TEXT:x}\n"
            f"NUMBER(pgtable_l5_enabled)=0\n")


def cpuinfo(flags):
    return f"processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: {flags}\n\n"


def boot_params(efi, rsdp):
    """struct boot_params (arch/x86/include/uapi/asm/bootparam.h): the fields that we look at."""
    params = bytearray(4096)
    struct.pack_into("<BB", params, 0x00, 0, 5)  # orig_x, orig_y
    if efi:  # a frame buffer of 1280 x 800
        struct.pack_into("<B", params, 0x0f, 0x70)  # orig_video_isVGA: VIDEO_TYPE_EFI
        struct.pack_into("<HHHII", params, 0x12, 1280, 800, 32, 0xc0000000, 1280 * 800 * 4)
        struct.pack_into("<H8B", params, 0x24, 1280 * 4, 8, 16, 8, 8, 8, 0, 8, 24)
        struct.pack_into("<4s5I", params, 0x1c0, b"EL64", 0x7f9ec018, 48, 1, 0x7fb72040, 48 * 6)
    else:  # text of 80 x 25
        struct.pack_into("<BB", params, 0x06, 3, 80)
        struct.pack_into("<BBH", params, 0x0e, 25, 1, 16)
    struct.pack_into("<Q", params, 0x70, rsdp)
    struct.pack_into("<H", params, 0x1fe, 0xaa55)
    struct.pack_into("<4sH", params, 0x202, b"HdrS", 0x20f)
    return bytes(params)


def put_efi(tree, ram):
    low = split(ram, "q35")[0]
    base = "sys/firmware/efi"
    tree.put(f"{base}/systab", f"ACPI20={low - 0x482000:#x}\nACPI={low - 0x482100:#x}\n"
                               f"SMBIOS3={low - 0x610000:#x}\nSMBIOS={low - 0x612000:#x}")
    tree.put(f"{base}/fw_vendor", f"{low - 0x613ee8:#x}")
    tree.put(f"{base}/runtime", "0xfffffffeffd8fb18")
    tree.put(f"{base}/config_table", f"{low - 0x614fe8:#x}")
    runtime = ((5, low - 0x713000, 0x100, 0x800000000000000f),
               (6, low - 0x613000, 0x180, 0x800000000000000f),
               (6, low - 0x88000, 0x88, 0x800000000000000f))
    virt = 0xfffffffeffe00000
    for n, (kind, phys, pages, attribute) in enumerate(runtime):
        virt -= pages * 4096
        for name, value in (("type", kind), ("phys_addr", phys), ("virt_addr", virt),
                            ("num_pages", pages), ("attribute", attribute)):
            tree.put(f"{base}/runtime-map/{n}/{name}", f"{value:#x}")


def put_cpus(tree, cpus, chipset_top):
    """@cpus as in /sys/devices/system/cpu/present. A note per CPU in its own per-CPU area."""
    tree.put("sys/devices/system/cpu/present", cpus)
    numbers = []
    for part in cpus.split(","):
        first, _, last = part.partition("-")
        numbers += range(int(first), int(last or first) + 1)
    for i, cpu in enumerate(numbers):
        tree.crash_notes(cpu, chipset_top - (i + 1) * 0x100000 + 0x39400, 368)


def put_serial(tree):
    """One 16550A at 0x3f8, and a port where nothing answers, as every PC kernel lists them."""
    tree.put("proc/consoles", "ttyS0                -W- (EC  p a)    4:64")
    for n, port in enumerate((0x3f8, 0x2f8)):
        base = f"sys/class/tty/ttyS{n}"
        for name, value in (("type", "0" if n else "4"), ("port", f"0x{port:X}"), ("io_type", "0"),
                            ("iomem_base", "0x0"), ("iomem_reg_shift", "0")):
            tree.put(f"{base}/{name}", value)


def write(dest, about, ram, chipset="q35", cpus="0", crash=(), reserved=(), kernel=KERNEL,
          efi=False, flags=FLAGS, memmap=True, hidden=False, poison=(), cmdline="", entries=None):
    """One machine. @crash, @reserved: [(start, size)]; @poison: page frame numbers."""
    tree = Tree(dest)
    entries = entries or (efi_firmware(ram) if efi else firmware(ram, chipset))
    children = kernel_children(kernel) + [(at, at + size, "Crash kernel") for at, size in crash]
    children += [(at, at + size, "reserved") for at, size in reserved]
    text = iomem(entries, children)
    if hidden:
        text = "\n".join("  " * line.startswith("  ") + "00000000-00000000 : " +
                         line.split(" : ")[1] for line in text.splitlines())
    tree.put("proc/iomem", text)
    if memmap:
        tree.memmap([(start, end - 1, kind) for start, end, kind in entries])
    usable = sum(end - start for start, end, kind in entries if kind == RAM)
    taken = sum(size for _, size in crash)
    tree.put("proc/meminfo", f"MemTotal: {(usable - taken) * 98 // 100 // KIB:14} kB\n"
                             f"HardwareCorrupted: {4 * len(poison):5} kB")
    if poison:
        words = [1 << 19 if pfn in poison else 0 for pfn in range(max(poison) + 1)]
        tree.put_bytes("proc/kpageflags", struct.pack(f"<{len(words)}Q", *words))
    options = [cmdline] if cmdline else []
    if crash:
        options.append(f"crashkernel={sum(size for _, size in crash) // MIB}M")
    tree.put("proc/cmdline", " ".join([COMMON_LINE] + options))
    tree.put("proc/cpuinfo", cpuinfo(flags))
    tree.put("sys/kernel/vmcoreinfo", "0x000000000132a000 1024")
    tree.put("sys/kernel/kexec_loaded", "0")
    tree.put("sys/kernel/kexec_crash_loaded", "0")
    tree.put("sys/kernel/kexec_crash_size", str(taken))
    tree.put("proc/kallsyms", "0000000000000000 T __x64_sys_kexec_load\n"
                              "0000000000000000 T __x64_sys_kexec_file_load")
    tree.put_bytes("sys/kernel/boot_params/data", boot_params(efi, 0 if efi else 0xf59e0))
    if efi:
        put_efi(tree, ram)
    put_cpus(tree, cpus, min(split(ram, chipset)[0], 0x3f000000) - 32 * MIB)
    put_serial(tree)
    if not hidden:
        loads = [(TEXT, kernel, PARTS[-1][2])]
        loads += [(LINEAR + max(start, 0x1000), max(start, 0x1000), end - max(start, 0x1000))
                  for start, end, kind in entries if kind == RAM]
        tree.kcore(loads, vmcoreinfo_text())
    tree.identity(RELEASE, None if hidden else vmcoreinfo_text())
    tree.origin(ORIGIN.format(about))


MACHINES = {
    "x86_64-pc-512m": dict(
        about="i440fx, 1 CPU, 512 MiB, no crashkernel.",
        ram=512 * MIB, chipset="pc", kernel=0x7e00000),
    "x86_64-pc-512m-crash": dict(
        about="i440fx, 1 CPU, 512 MiB, 128 MiB for the crash kernel: little room for either.",
        ram=512 * MIB, chipset="pc", kernel=0x7e00000, crash=[(0x17000000, 128 * MIB)]),
    "x86_64-pc-4g": dict(
        about="i440fx, 4 CPUs, 4 GiB split at 3 GiB, crash region below.",
        ram=4 * GIB, chipset="pc", cpus="0-3", crash=[(0xa6000000, 256 * MIB)]),
    "x86_64-q35-2g-sha": dict(
        about="q35, 2 CPUs with SHA-NI and 5-level paging, 2 GiB.",
        ram=2 * GIB, cpus="0-1", flags=FLAGS + " sha_ni la57", crash=[(0x6a000000, 192 * MIB)]),
    "x86_64-q35-8g-two-crash": dict(
        about="q35, 4 CPUs, 8 GiB; a high crash region of 512 MiB and the low one beside it.",
        ram=8 * GIB, cpus="0-3", crash=[(0x6c000000, 256 * MIB), (0x25f000000, 512 * MIB)]),
    "x86_64-q35-24g": dict(
        about="q35, 4 CPUs, 24 GiB, no crashkernel.",
        ram=24 * GIB, cpus="0-3"),
    "x86_64-q35-24g-three-crash": dict(
        about="q35, 24 GiB, three crash regions, one of them small.",
        ram=24 * GIB, cpus="0-1",
        crash=[(0x2000000, 16 * MIB), (0x60000000, 256 * MIB), (0x5f0000000, 1 * GIB)]),
    "x86_64-q35-2g-reserved": dict(
        about="q35, 2 GiB; reserved children inside System RAM, one at its end, three next to each "
              "other, and pieces of a few pages.",
        ram=2 * GIB, crash=[(0x6a000000, 192 * MIB)],
        reserved=[(0x100000, 64 * KIB), (0x1000000, 4 * KIB), (0x2000000, 32 * MIB),
                  (0x4000000, 8 * KIB), (0x4002000, 4 * KIB), (0x4003000, 12 * KIB),
                  (0x40000000, 256 * MIB), (0x7ff00000, 0xdf000)]),
    "x86_64-q35-4g-sparse-cpus": dict(
        about="q35, 4 GiB, CPUs 0, 2, 3 and 8 are present.",
        ram=4 * GIB, cpus="0,2-3,8", crash=[(0x6a000000, 192 * MIB)]),
    "x86_64-q35-4g-efi": dict(
        about="q35, OVMF, 2 CPUs, 4 GiB; EFI tables, runtime map, a frame buffer.",
        ram=4 * GIB, cpus="0-1", efi=True, crash=[(0x60000000, 256 * MIB)]),
    "x86_64-q35-2g-no-memmap": dict(
        about="q35, 2 GiB, a kernel without /sys/firmware/memmap.",
        ram=2 * GIB, memmap=False, crash=[(0x6a000000, 192 * MIB)]),
    "x86_64-q35-2g-poison": dict(
        about="q35, 2 GiB, two pages with memory errors, at 1.5 and 2 MiB.",
        ram=2 * GIB, poison=(0x180, 0x200)),
    "x86_64-q35-2g-hidden": dict(
        about="q35, 2 GiB, read without privilege: all addresses of /proc/iomem are zero.",
        ram=2 * GIB, hidden=True),
}


def many_ranges(count):
    """@count pieces of RAM of 64 KiB to 1 MiB with holes between them, above 4 GiB."""
    entries, at = firmware(2 * GIB, "q35"), 4 * GIB
    for i in range(max(count - 3, 0)):
        at += 64 * KIB * (1 + i * 7 % 5)
        size = 64 * KIB * (1 + i * 11 % 16)
        entries.append((at, at + size, RAM))
        at += size
    return entries


def differences(have, want):
    diff = filecmp.dircmp(have, want, ignore=IGNORED)
    found = [f"{have}/{name}" for name in diff.left_only + diff.right_only + diff.diff_files]
    for name in diff.common_dirs:
        found += differences(f"{have}/{name}", f"{want}/{name}")
    return found


def check(dest):
    found = []
    with tempfile.TemporaryDirectory() as made:
        for name, facts in MACHINES.items():
            write(Path(made) / name, **facts)
            if (dest / name).is_dir():
                found += differences(dest / name, Path(made) / name)
            else:
                found.append(dest / name)
    for path in found:
        print(f"{path}: differs from what {Path(__file__).name} writes")
    return 1 if found else 0


def main():
    args = sys.argv[1:]
    if "--ranges" in args:
        count = int(args[args.index("--ranges") + 1])
        crash = [(0x6a000000, 192 * MIB)] if "--crash" in args else []
        write(args[-1], f"{count} ranges of RAM.", 2 * GIB, crash=crash, memmap=False,
              entries=many_ranges(count))
        return 0
    dest = Path(args[-1]) if args and args[-1] != "--check" else (
        Path(__file__).resolve().parent.parent / "tests/machines")
    if "--check" in args:
        return check(dest)
    for name, facts in MACHINES.items():
        write(dest / name, **facts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
