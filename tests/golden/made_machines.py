# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines that would be long files, or that hold no kernel: written for each run, not committed.

The usual ones are in tests/machines.
"""
import json
import os
import pathlib

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30


def memory_folder():
    """Thousands of small files: on a disk, writing them would be most of the time."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


class Made:
    """RAM ranges, a crash region and CPUs; no /sys/firmware/memmap: 10,000 ranges would take 30,000
    files there."""

    note_size = 368

    def __init__(self, ram, crash, cpus=1, total=None):
        self.ram, self.crash, self.cpus = ram, crash, cpus
        self.total = total or sum(b - a for a, b in ram)

    def iomem(self):
        for a, b in self.ram:
            yield f"{a:08x}-{b - 1:08x} : System RAM"
            if self.crash and a <= self.crash[0] and self.crash[1] <= b:
                yield f"  {self.crash[0]:08x}-{self.crash[1] - 1:08x} : Crash kernel"

    def write(self, folder):
        def put(path, text):
            file = pathlib.Path(folder) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

        about = {"schema": 1, "arch": "x86_64", "release": "6.1.0-made", "page_size": 4096}
        put("baton.json", json.dumps({**about, "vmcoreinfo": "OSRELEASE=6.1.0-made\n"}))
        put("proc/iomem", "\n".join(self.iomem()) + "\n")
        put("proc/cmdline", "root=/dev/vda1 crashkernel=256M\n")
        put("proc/meminfo", f"MemTotal: {self.total // KIB} kB\n")
        put("sys/kernel/vmcoreinfo", f"0x{17 * MIB:016x} 1024\n")
        put("sys/devices/system/cpu/present", f"0-{self.cpus - 1}\n")
        for cpu in range(self.cpus):
            note = f"sys/devices/system/cpu/cpu{cpu}/crash_notes"
            put(note, f"{18 * MIB + cpu * 4096:x}\n")
            put(note + "_size", f"{self.note_size}\n")


def machines():
    low = [(4 * KIB, 639 * KIB), (MIB, 2 * GIB)]
    # Pieces of 64 KiB, a page between them: what virtio-mem can come to.
    pieces = [(4 * GIB + i * 68 * KIB, 4 * GIB + i * 68 * KIB + 64 * KIB) for i in range(10000)]
    high = (0x50000000, 0x60000000)
    return {
        "made-10000-ranges": Made(low + pieces, high, cpus=4),
        # Half of it is too little for the kernel, its crash region, too.
        "made-96m": Made([(4 * KIB, 639 * KIB), (MIB, 96 * MIB)], (64 * MIB, 80 * MIB)),
        "made-tight": Made(tight(), None, total=GIB),
        "made-8t": Made(low + [(4 * GIB, 8 << 40)], high, cpus=64),
        "made-no-initrd": Made(low, high),
        "made-large-initrd": Made(low + [(4 * GIB, 16 * GIB)], (8 * GIB, 10 * GIB)),
    }


# Bytes of what is loaded there; elsewhere it is the same for all.
INITRDS = {"made-no-initrd": 0, "made-large-initrd": 1_100_000_000}


def tight():
    """Room for the kernel; 16 KiB; room for the initrd and 4 KiB. The small pieces need 8, 4 and 8
    KiB: when the first two take the lowest hole, the third is left without."""
    kernel, initrd = 0x3378000, 15_003_648
    at = 512 * MIB
    return [
        (4 * KIB, 639 * KIB),
        (16 * MIB, 16 * MIB + kernel),
        (256 * MIB, 256 * MIB + 16 * KIB),
        (at, at + initrd + 4 * KIB),
    ]
