#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Turns facts captured in QEMU guests into machines for the tests.

    import-machines.py SRC [DEST]

SRC holds one folder per Debian architecture (so far amd64 is used) with iomem.txt, memmap.txt,
boot_params and so on; DEST is tests/machines. Facts that were not captured are left out, which the
ORIGIN file of each machine says.
"""
import re
import struct
import sys
from pathlib import Path

from machine_tree import Tree

GUEST = "TCG -cpu max, 1 CPU, 1 GiB, crashkernel=192M"
# name -> (folder below SRC, what it is)
MACHINES = {
    "x86_64-q35": ("amd64", "QEMU 7.2 q35, SeaBIOS"),
    "x86_64-q35-efi": ("amd64/efi", "QEMU 7.2 q35, OVMF"),
}
# captured file -> path of the fact
COPIES = {
    "iomem.txt": "proc/iomem",
    "cmdline": "proc/cmdline",
    "cpuinfo": "proc/cpuinfo",
    "meminfo": "proc/meminfo",
    "vmcoreinfo": "sys/kernel/vmcoreinfo",
    "kexec_crash_size": "sys/kernel/kexec_crash_size",
}
NEVER = "vmcoreinfo's text, serial ports, consoles, setup_data, EFI's tables and runtime map"


def memmap_entries(text):
    entries = [line.split(maxsplit=3) for line in text.splitlines()]
    return [(int(start, 16), int(end, 16), kind)
            for n, start, end, kind in sorted(entries, key=lambda e: int(e[0]))]


def kcore_loads(head):
    phoff, = struct.unpack_from("<Q", head, 32)
    phnum, = struct.unpack_from("<H", head, 56)
    headers = [struct.unpack_from("<IIQQQQQQ", head, phoff + 56 * i) for i in range(phnum)]
    return [(va, pa, memsz) for kind, _, _, va, pa, _, memsz, _ in headers if kind == 1]


def cpuinfo_of_first(text):
    return text.split("\n\n")[0] + "\n\n"


def convert(src, tree, what, release):
    missing = [path for name, path in COPIES.items() if not (src / name).is_file()]
    for name, path in COPIES.items():
        if (src / name).is_file():
            text = (src / name).read_text()
            tree.put(path, cpuinfo_of_first(text) if name == "cpuinfo" else text)
    tree.memmap(memmap_entries((src / "memmap.txt").read_text()))
    tree.put_bytes("sys/kernel/boot_params/data", (src / "boot_params").read_bytes())
    cpus = [line.split() for line in (src / "crash_notes").read_text().splitlines()]
    tree.put("sys/devices/system/cpu/present", ",".join(cpu[3:] for cpu, _, _ in cpus))
    for cpu, addr, size in cpus:
        tree.crash_notes(int(cpu[3:]), int(addr, 16), int(size))
    stext = re.search(r"^\w+ T _stext$", (src / "kallsyms-sel.txt").read_text(), re.M)
    tree.put("proc/kallsyms", stext.group())
    if (src / "kcore.head").is_file():
        tree.kcore(kcore_loads((src / "kcore.head").read_bytes()))
    else:
        missing.append("proc/kcore")
    tree.identity(release)
    tree.origin(f"imported: captured in a guest ({what}, {GUEST}) running Debian {release},\n"
                f"turned into this layout by scripts/import-machines.py.\n"
                f"Not captured: {', '.join(missing + [NEVER])}.")


def main():
    src = Path(sys.argv[1])
    dest = Path(sys.argv[2] if len(sys.argv) > 2 else
                Path(__file__).parent.parent / "tests/machines")
    for name, (folder, what) in MACHINES.items():
        config = next((src / folder.split("/")[0]).glob("config-excerpt-*.txt"))
        release = config.stem.removeprefix("config-excerpt-")
        convert(src / folder, Tree(dest / name), what, release)


if __name__ == "__main__":
    main()
