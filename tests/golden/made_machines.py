# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines that no QEMU here can be, or that would be long files: written, not captured.

Each has the facts of a Debian 6.1 kernel on a PC; the addresses of the kernel and of its notes are
made up and the same everywhere.
"""
import json
import pathlib
import struct

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
RAM, RESERVED, ACPI, NVS = "System RAM", "Reserved", "ACPI Tables", "ACPI Non-volatile Storage"


class Made:
    def __init__(
        self,
        firmware,
        crash=(),
        cpus=(0,),
        cmdline="root=/dev/vda1 ro",
        hidden=False,
        bad=(),
        firmware_too=True,
    ):
        self.firmware, self.crash, self.cpus = firmware, list(crash), cpus
        self.cmdline, self.hidden, self.bad, self.firmware_too = cmdline, hidden, bad, firmware_too

    def total(self):
        return sum(b - a for a, b, kind in self.firmware if kind == RAM)

    def kernel(self):
        """The running kernel: 40 MiB at 16 MiB, where that is RAM."""
        return (16 * MIB, 56 * MIB)

    def iomem(self):
        out = []
        inside = [(*region, "Crash kernel") for region in self.crash]
        a, b = self.kernel()
        inside += [(a, a + 14 * MIB, "Kernel code"), (a + 16 * MIB, b, "Kernel data")]
        for a, b, kind in self.firmware:
            out.append((0, a, b, kind))
            out += [(1, x, y, name) for x, y, name in sorted(inside) if a <= x and y <= b]
        if self.hidden:
            out = [(depth, 0, 1, name) for depth, _, _, name in out]
        return "".join(f"{'  ' * depth}{a:08x}-{b - 1:08x} : {name}\n" for depth, a, b, name in out)

    def write(self, folder):
        put = lambda path, text: write(pathlib.Path(folder) / path, text)
        put(
            "baton.json",
            json.dumps(
                {
                    "schema": 1,
                    "arch": "x86_64",
                    "release": "6.1.0-50-amd64",
                    "page_size": 4096,
                    "vmcoreinfo": "OSRELEASE=6.1.0-50-amd64\n"
                    "NUMBER(phys_base)=0\nSYMBOL(_stext)=ffffffff81000000\n",
                }
            ),
        )
        put("proc/iomem", self.iomem())
        put("proc/cmdline", self.cmdline + "\n")
        put(
            "proc/meminfo",
            f"MemTotal:       {self.total() // KIB} kB\n"
            f"HardwareCorrupted: {len(self.bad) * 4} kB\n",
        )
        for i, (a, b, kind) in enumerate(self.firmware if self.firmware_too else []):
            for name, text in (("start", hex(a)), ("end", hex(b - 1)), ("type", kind)):
                put(f"sys/firmware/memmap/{i}/{name}", text + "\n")
        put("sys/kernel/vmcoreinfo", f"0x{17 * MIB:016x} 1024\n")
        put("sys/devices/system/cpu/present", ",".join(map(str, self.cpus)) + "\n")
        for cpu in self.cpus:
            put(f"sys/devices/system/cpu/cpu{cpu}/crash_notes", f"{18 * MIB + cpu * 4096:x}\n")
            put(f"sys/devices/system/cpu/cpu{cpu}/crash_notes_size", "368\n")
        if self.bad:
            self.write_page_flags(pathlib.Path(folder) / "proc/kpageflags")

    def write_page_flags(self, path):
        with open(path, "wb") as f:
            for page in self.bad:
                f.seek(page // 4096 * 8)
                f.write(struct.pack("<Q", 1 << 19))


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def pc(memory):
    """The map that QEMU's firmware gives a q35 of so many bytes."""
    low = min(memory, 2 * GIB)
    out = [
        (0, 0x9FC00, RAM),
        (0x9FC00, 0xA0000, RESERVED),
        (0xF0000, MIB, RESERVED),
        (MIB, low - 132 * KIB, RAM),
        (low - 132 * KIB, low, RESERVED),
        (0xB0000000, 0xC0000000, RESERVED),
        (0xFED1C000, 0xFED20000, RESERVED),
        (0xFFFC0000, 4 * GIB, RESERVED),
    ]
    if memory > low:
        out.append((4 * GIB, 4 * GIB + memory - low, RAM))
    return out


def crumbled(count):
    """RAM in that many pieces of 64 KiB, a page between them: what virtio-mem can come to."""
    out = pc(4 * GIB)[:-1]
    for i in range(count):
        out.append((4 * GIB + i * 68 * KIB, 4 * GIB + i * 68 * KIB + 64 * KIB, RAM))
    return out


def efi():
    """OVMF with 2 GiB: ACPI and runtime ranges cut the RAM below 2 GiB into pieces."""
    return [
        (0, 0xA0000, RAM),
        (MIB, 0x800000, RAM),
        (0x800000, 0x808000, NVS),
        (0x808000, 0x80B000, RAM),
        (0x80B000, 0x80C000, NVS),
        (0x80C000, 0x811000, RAM),
        (0x811000, 0x900000, NVS),
        (0x900000, 0x7D8ED000, RAM),
        (0x7D8ED000, 0x7D96D000, RESERVED),
        (0x7D96D000, 0x7D97F000, ACPI),
        (0x7D97F000, 0x7D9FF000, NVS),
        (0x7D9FF000, 0x7FE59000, RAM),
        (0x7FE59000, 0x7FF00000, RESERVED),
        (0x7FF00000, 0x80000000, NVS),
        (0xFFC00000, 4 * GIB, RESERVED),
    ]


def machines():
    high = (0x50000000, 0x60000000)
    return {
        "made-pc-512m": Made(pc(512 * MIB)),
        "made-pc-1g-crash": Made(
            pc(GIB), [(0x33000000, 0x3F000000)], (0, 1), "root=/dev/vda1 crashkernel=192M"
        ),
        "made-pc-4g-sparse-cpus": Made(pc(4 * GIB), [high], (0, 1, 3, 6), "quiet crashkernel=256M"),
        "made-pc-24g-two-regions": Made(
            pc(24 * GIB),
            [(0x2F000000, 0x3F000000), (0x60F000000, 0x64F000000)],
            range(4),
            "crashkernel=1G,high crashkernel=256M,low",
        ),
        "made-efi-2g-crash": Made(
            efi(), [(0x6D000000, 0x7D000000)], range(2), "crashkernel=256M quiet splash"
        ),
        "made-96m": Made(pc(96 * MIB), [(0x4000000, 0x5000000)], cmdline="crashkernel=16M"),
        "made-bad-pages": Made(
            pc(GIB), [(0x33000000, 0x3F000000)], bad=(0x1200000, 0x3A000000, 0x3FFDE000)
        ),
        "made-hidden": Made(pc(GIB), hidden=True),
        # Without /sys/firmware/memmap: its 30,000 files would be most of this test's time.
        "made-10000-ranges": Made(
            crumbled(10000), [high], range(4), "crashkernel=256M", firmware_too=False
        ),
    }
