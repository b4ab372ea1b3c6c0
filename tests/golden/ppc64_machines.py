# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines of ppc64 in both byte orders for ppc64.py: what their device trees say of memory and firmware."""
import random

from cpu_machines import TreeMachine
from facts import Ranges
from made_machines import GIB, KIB, MIB
import fdt

PAGE, LMB, TIB = 64 * KIB, 256 * MIB, 1 << 40


class Ppc64(TreeMachine):
    """@ram: (start, end) of the memory nodes, the first one is the real mode area; @dynamic: more, in
    blocks of 256 MiB, as ibm,dynamic-memory (1) or -v2 (2)."""

    page, note_size = PAGE, 536

    def __init__(self, ram, crash=(), initrd=15_000_000, big=False, opal=False, radix=True, dynamic=(), kind=2,
                 rtas=None, kernel_end=44 * MIB, cpus=1, captured=None, version=0x0F000005, kept=True):
        self.dynamic, self.kind, self.captured = list(dynamic), kind, captured
        seen = Ranges([captured]) if captured else Ranges(ram + self.dynamic)
        super().__init__(ram, crash, initrd, f"vmlinux-{big}", cpus=cpus, total=seen.total())
        self.big, self.opal, self.radix = big, opal, radix
        self.rtas, self.kernel_end, self.version, self.kept = rtas, kernel_end, version, kept
        self.firmware = [(0x30000000, 0x32C02000)] if opal else []
        self.running = [(0x30000000, 0x31C30000)] if opal else []  # what of it is called later
        self.arch = "ppc64" if big else "ppc64le"

    def all_ram(self):
        return Ranges(self.ram + self.dynamic)

    def reach(self):
        """The end of what a guest with hashed page tables sees in real mode."""
        return 1 << 51 if self.opal or self.radix else self.ram[0][1]

    def blocks(self):
        return [(a + i * LMB, a + (i + 1) * LMB) for a, b in self.dynamic for i in range((b - a) // LMB)]

    def drconf(self):
        node = {"ibm,lmb-size": fdt.u64(LMB)}
        if self.kind == 1:
            rows = [fdt.u64(a) + fdt.u32(0x80000000 + i, 0, 0, 8) for i, (a, _) in enumerate(self.blocks())]
            node["ibm,dynamic-memory"] = fdt.u32(len(rows)) + b"".join(rows)
        else:
            sets = [fdt.u32((b - a) // LMB) + fdt.u64(a) + fdt.u32(1, 0, 8) for a, b in self.dynamic]
            node["ibm,dynamic-memory-v2"] = fdt.u32(len(sets)) + b"".join(sets)
        return node

    def tree(self):
        vec5 = bytearray(27)
        vec5[24] = 0x40 if self.radix else 0
        chosen = {"bootargs": fdt.text("old line"), "ibm,architecture-vec-5": bytes(vec5),
                  "linux,initrd-start": fdt.u64(0x3000000), "linux,initrd-end": fdt.u64(0x3100000),
                  "linux,kernel-end": fdt.u64(self.kernel_end),
                  "linux,stdout-path": fdt.text("/vdevice/vty@71000000")}
        for a, b in self.regions:
            chosen |= {"linux,crashkernel-base": fdt.u64(a), "linux,crashkernel-size": fdt.u64(b - a)}
        root = {"#address-cells": fdt.u32(2), "#size-cells": fdt.u32(2), "chosen": chosen,
                "cpus": {"#address-cells": fdt.u32(1), "#size-cells": fdt.u32(0)}}
        for i in range(self.cpus):
            root["cpus"][f"PowerPC,POWER9@{8 * i:x}"] = {
                "device_type": fdt.text("cpu"), "reg": fdt.u32(8 * i), "ibm,vmx": fdt.u32(2),
                "cpu-version": fdt.u32(self.version), "status": fdt.text("okay"),
                "ibm,ppc-interrupt-server#s": fdt.u32(8 * i)}
        for a, b in self.ram:
            root[f"memory@{a:x}"] = {"device_type": fdt.text("memory"), "reg": fdt.ranges((a, b))}
            if self.captured:
                root[f"memory@{a:x}"]["linux,usable-memory"] = fdt.ranges(self.captured)
        if self.dynamic:
            root["ibm,dynamic-reconfiguration-memory"] = self.drconf()
        if self.rtas:
            root["rtas"] = {"linux,rtas-base": fdt.u32(self.rtas[0]), "system-reboot": fdt.u32(0x2004),
                            "linux,rtas-entry": fdt.u32(self.rtas[0] + 0x10),
                            "rtas-size": fdt.u32(self.rtas[1] - self.rtas[0])}
            root["vdevice"] = {"#address-cells": fdt.u32(1), "#size-cells": fdt.u32(0),
                               "vty@71000000": {"reg": fdt.u32(0x71000000),
                                                "compatible": fdt.text("hvterm1")}}
        if self.opal:
            root["reserved-ranges"] = fdt.ranges(*self.firmware)
            root["ibm,opal"] = {"opal-base-address": fdt.u64(0x30000000),
                                "opal-entry-address": fdt.u64(0x30003760),
                                "opal-runtime-size": fdt.u64(0x1C30000),
                                "consoles": {"#address-cells": fdt.u32(1), "#size-cells": fdt.u32(0),
                                             "serial@0": {"reg": fdt.u32(0), "compatible": fdt.text(
                                                 "ibm,opal-console-raw")}}}
            chosen["linux,stdout-path"] = fdt.text("/ibm,opal/consoles/serial@0")
        return fdt.build(root)

    def iomem(self):
        seen = Ranges([self.captured]) if self.captured else self.all_ram()
        return (f"{a:08x}-{b - 1:08x} : System RAM" for a, b in seen.list)

    def reserved(self):
        return Ranges(self.firmware + ([self.rtas] if self.rtas else []))

    def usable(self, crash):
        """What is neither the firmware's nor, in a jump, the running kernel's."""
        room = (Ranges(self.regions) if crash else self.all_ram()).minus(self.reserved())
        return room if crash else room.minus(Ranges([(0, self.kernel_end)]))


RTAS = (0x2FFF0000, 0x30000000)
CRASH = [(512 * MIB, 768 * MIB)]  # with RTAS at its end, as on QEMU's pseries
DRAWN = 15


def of_both(big):
    """What each byte order has."""
    low, two = [(0, 2 * GIB)], [(0, 2 * GIB), (1 << 43, (1 << 43) + 4 * GIB)]
    at_128m = [(128 * MIB, 384 * MIB)]
    # Every second block, in the property that old firmware gives (1) and that of today (2).
    blocks = [(LMB * i, LMB * (i + 1)) for i in range(4, 20004, 2)]
    more = {"big": big, "rtas": RTAS}
    return {
        "128m": Ppc64([(0, 128 * MIB)], [(64 * MIB, 112 * MIB)], 1_000_000, big=big, rtas=(0x7FF0000, 0x8000000),
                      kernel_end=40 * MIB),
        "2g": Ppc64(low, CRASH, **more),
        "no-initrd": Ppc64(low, CRASH, 0, version=0x0F000003, **more),
        "large-initrd": Ppc64([(0, 16 * GIB)], [(GIB, 3 * GIB)], 1_100_000_000, **more),
        "crash-32m": Ppc64(low, [(32 * MIB, 160 * MIB)], 20_000_000, kernel_end=30 * MIB, **more),
        "16t": Ppc64([(0, GIB)], CRASH, cpus=64, dynamic=[(GIB, 16 * TIB)], **more),
        "10000-ranges": Ppc64([(0, GIB)], CRASH, dynamic=blocks, kind=1 if big else 2, **more),
        "opal": Ppc64(two, at_128m, big=big, opal=True, version=0x4E1200),
    }


def machines():
    low_hash, rtas_hash = [(0, 512 * MIB), (512 * MIB, 64 * GIB)], (0x1E0D0000, 0x1F000000)
    at_128m = [(128 * MIB, 384 * MIB)]
    return {
        **{f"ppc64le-made-{name}": made for name, made in of_both(False).items()},
        **{f"ppc64-made-{name}": made for name, made in of_both(True).items()},
        "ppc64le-made-hash": Ppc64(low_hash, at_128m, 100_000_000, radix=False, rtas=rtas_hash),
        "ppc64-made-hash": Ppc64([(0, 512 * MIB), (512 * MIB, 4 * GIB)], at_128m, big=True, radix=False,
                                 rtas=rtas_hash, version=0x3F0201),
        # More than the real mode area holds: refused by name.
        "ppc64le-made-hash-tight": Ppc64([(0, LMB), (LMB, 8 * GIB)], [(128 * MIB, 160 * MIB)], 200_000_000,
                                         radix=False, rtas=(0xE000000, 0xE100000)),
        "ppc64le-made-dynamic": Ppc64([(0, LMB)], [(LMB // 2, 2 * LMB + LMB // 2)], rtas=(0xFF00000, LMB), kind=1,
                                      dynamic=[(LMB, 8 * LMB), (16 * LMB, 20 * LMB)]),
        # The way back from a capture kernel: all of the memory is the next one's again.
        "ppc64le-made-captured": Ppc64([(0, 2 * GIB)], [], 1_000_000, rtas=RTAS, captured=(0, 768 * MIB),
                                       kernel_end=600 * MIB),
        **{f"drawn-{i}": drawn(random.Random(i)) for i in range(DRAWN)},
    }


def drawn(rng):
    """A machine by chance, often a tight one."""
    blocks = rng.randrange(1, 10)
    ram = [(0, blocks * 128 * MIB)]
    radix, opal = rng.random() < 0.5, rng.random() < 0.3
    if rng.random() < 0.5:
        start = ram[0][1] + rng.choice((0, GIB, 1 << 43))
        ram.append((start, start + rng.randrange(1, 64) * 128 * MIB))
    opal = opal and blocks > 7      # its memory lies at 768 MiB
    dynamic = []
    if not opal and rng.random() < 0.3:
        start = -(-ram[-1][1] // LMB) * LMB
        dynamic = [(start, start + rng.randrange(1, 9) * LMB)]
    end = ram[0][1]
    rtas = None
    if not opal:
        at = rng.randrange(64 * MIB // PAGE, (end - MIB) // PAGE) * PAGE
        rtas = (at, at + rng.choice((PAGE, MIB)))
    crash = None
    if rng.random() < 0.7:
        at = rng.randrange(32 * MIB // PAGE, end // PAGE - 1) * PAGE
        size = min(rng.choice((32, 48, 64, 128, 256)) * MIB, end - at)
        crash = (at, at + size) if not opal or at + size <= 0x30000000 else None
    kernel_end = rng.randrange(20, 56) * MIB
    if crash and crash[0] < kernel_end:
        crash = None
    if rtas and rtas[0] < kernel_end:
        rtas = (kernel_end + 8 * MIB, kernel_end + 9 * MIB)
    return Ppc64(ram, [crash] if crash else [], big=rng.random() < 0.3, opal=opal, radix=radix, dynamic=dynamic,
                 kind=rng.choice((1, 2)), rtas=rtas, kernel_end=kernel_end, cpus=rng.randrange(1, 4),
                 initrd=rng.choice((0, 1, 5_000_000, 30_000_000, 80_000_000)), kept=False)
