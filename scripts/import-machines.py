#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Turns facts captured in QEMU guests into machines for the tests.

    import-machines.py SRC [DEST]

SRC holds one folder per Debian architecture with iomem.txt, memmap.txt, boot_params and so on; DEST
is tests/machines. Facts that were not captured are left out, which the ORIGIN file of each machine
says.
"""
import re
import struct
import sys
import tarfile
from pathlib import Path

from machine_tree import Tree

# name -> (folder below SRC, release, what it is). Which of two flavours a 32-bit guest ran is not
# recorded: taken is the plainer.
MACHINES = {
    "x86_64-q35": ("amd64", "6.1.0-50-cloud-amd64",
                   "QEMU 7.2 q35, SeaBIOS, TCG -cpu max, 1 CPU, 1 GiB, crashkernel=192M"),
    "x86_64-q35-efi": ("amd64/efi", "6.1.0-50-cloud-amd64",
                       "QEMU 7.2 q35, OVMF, TCG -cpu max, 1 CPU, 1 GiB, crashkernel=192M"),
    "i386-pc": ("i386", "6.1.0-50-686", "QEMU 7.2 pc, SeaBIOS, TCG, 1 CPU"),
    "arm64-virt": ("arm64", "6.1.0-50-cloud-arm64", "QEMU 7.2 virt, cortex-a57, TCG, 1 CPU"),
    "arm64-virt-efi": ("arm64/efi", "6.1.0-50-cloud-arm64",
                       "QEMU 7.2 virt, cortex-a57, AAVMF, TCG, 1 CPU"),
    "arm-virt": ("armhf", "6.1.0-50-armmp", "QEMU 7.2 virt,highmem=off, TCG, 1 CPU"),
    "riscv64-virt": ("riscv64", "6.12", "QEMU 7.2 virt, OpenSBI, TCG, 1 CPU"),
    "ppc64le-pseries": ("ppc64el", "6.1.0-50-powerpc64le", "QEMU 7.2 pseries, SLOF, 2 GiB, TCG, 1 CPU"),
    "ppc64le-powernv": ("ppc64el/powernv", "6.1.0-50-powerpc64le", "QEMU 7.2 powernv9, 2 GiB, TCG, 1 CPU"),
    "s390x-ccw": ("s390x", "6.1.0-50-s390x", "QEMU 7.2 s390-ccw-virtio, TCG, 1 CPU"),
}
PAGE_SIZE = {"ppc64le": 65536}
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


def kcore(head):
    """The arguments of Tree.kcore() that make the same PT_LOADs."""
    order, bits = "<" if head[5] == 1 else ">", 32 * head[4]
    at, size = (32, 56) if bits == 64 else (28, 32)
    machine, = struct.unpack_from(order + "H", head, 18)
    phoff, = struct.unpack_from(order + ("Q" if bits == 64 else "I"), head, at)
    phnum, = struct.unpack_from(order + "H", head, 56 if bits == 64 else 44)
    loads = []
    for i in range(phnum):
        if bits == 64:
            kind, _, _, va, pa, _, memsz, _ = struct.unpack_from(order + "II6Q", head,
                                                                 phoff + size * i)
        else:
            kind, _, va, pa, _, memsz, _, _ = struct.unpack_from(order + "8I", head,
                                                                 phoff + size * i)
        if kind == 1:
            loads.append((va, pa, memsz))
    return {"loads": loads, "machine": machine, "order": order, "bits": bits}


def structure_size(blob, at):
    """Bytes of the structure block at @at, up to its end mark (version 16 does not tell)."""
    start = at
    while True:
        token, = struct.unpack_from(">I", blob, at)
        at += 4
        if token == 1:
            at += (blob.index(0, at) + 1 - at + 3) // 4 * 4
        elif token == 3:
            at += 8 + (struct.unpack_from(">I", blob, at)[0] + 3) // 4 * 4
        elif token == 9:
            return at - start


def packed(blob):
    """The same device tree without the room that firmware leaves in it."""
    fields = struct.unpack_from(">10I", blob)
    body = blob[fields[2]:fields[2] + structure_size(blob, fields[2])]
    names = blob[fields[3]:fields[3] + fields[8]]
    end = fields[4]
    while struct.unpack_from(">QQ", blob, end) != (0, 0):
        end += 16
    reserve = blob[fields[4]:end + 16]
    at = 40 + len(reserve)
    total = at + len(body) + len(names)
    return struct.pack(">10I", 0xd00dfeed, total, at, at + len(body), 40, 17, 16, fields[7],
                       len(names), len(body)) + reserve + body + names


# Of a live tree only what a load needs: the rest is a thousand files of devices.
TREE_KEEPS = ("memory@", "cpus", "chosen", "rtas", "ibm,opal", "reserved-memory", "vdevice", "pci@",
              "ibm,dynamic-reconfiguration-memory")
TREE_DROPS = re.compile("/(pci|ethernet|scsi|usb|flash|power-mgt|sensors|leds|l2-cache|l3-cache|"
                        "ibm,powerpc-cpu-features)")


def device_tree(archive, tree):
    """/proc/device-tree as files."""
    with tarfile.open(archive) as files:
        for member in files:
            path = member.name.removeprefix("./")
            top, inside, rest = path.partition("/")
            kept = not inside or (top.startswith(TREE_KEEPS) and not TREE_DROPS.search("/" + rest))
            if member.isfile() and kept and Path(path).name != "name":
                tree.put_bytes(f"proc/device-tree/{path}", files.extractfile(member).read())


def cpuinfo_of_first(text):
    return text.split("\n\n")[0] + "\n\n"


def convert(src, tree, arch, release, what):
    missing = [path for name, path in COPIES.items() if not (src / name).is_file()]
    for name, path in COPIES.items():
        if (src / name).is_file():
            text = (src / name).read_text()
            tree.put(path, cpuinfo_of_first(text) if name == "cpuinfo" else text)
    if (src / "memmap.txt").is_file():
        tree.memmap(memmap_entries((src / "memmap.txt").read_text()))
    if (src / "boot_params").is_file():
        tree.put_bytes("sys/kernel/boot_params/data", (src / "boot_params").read_bytes())
    if arch.startswith("ppc64"):
        device_tree(src / "dt.tar", tree)
    elif (src / "fdt.dtb").is_file():
        tree.put_bytes("sys/firmware/fdt", packed((src / "fdt.dtb").read_bytes()))
    cpus = [line.split() for line in (src / "crash_notes").read_text().splitlines()]
    tree.put("sys/devices/system/cpu/present", ",".join(cpu[3:] for cpu, _, _ in cpus))
    for cpu, addr, size in cpus:
        tree.crash_notes(int(cpu[3:]), int(addr, 16), int(size))
    symbols = re.findall(r"^\w+ T _s?text$", (src / "kallsyms-sel.txt").read_text(), re.M)
    if symbols:
        tree.put("proc/kallsyms", "\n".join(symbols))
    if (src / "kcore.head").is_file() and (src / "kcore.head").stat().st_size:
        tree.kcore(**kcore((src / "kcore.head").read_bytes()))
    else:
        missing.append("proc/kcore")
    tree.identity(release, arch=arch, page_size=PAGE_SIZE.get(arch, 4096))
    pruned = "\nOf proc/device-tree only what a load needs." if arch.startswith("ppc64") else ""
    tree.origin(f"imported: captured in a guest ({what}) running Debian {release},\n"
                f"turned into this layout by scripts/import-machines.py.\n"
                f"Not captured: {', '.join(missing + [NEVER])}.{pruned}")


def main():
    src = Path(sys.argv[1])
    dest = Path(sys.argv[2] if len(sys.argv) > 2 else
                Path(__file__).parent.parent / "tests/machines")
    for name, (folder, release, what) in MACHINES.items():
        convert(src / folder, Tree(dest / name), name.split("-", maxsplit=1)[0], release, what)


if __name__ == "__main__":
    main()
