#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The models must be able to fail: in a sound plan one piece is moved to where the kernel writes.

Each piece goes to the last page that the kernel writes, which must be noticed, and to the page behind
it, which must not.  Where kernels write is said here once more, as numbers of these very kernels.
"""
import copy
import json
import struct
import sys

import cpu_machines
import arm
import arm64
import i386
import ppc64
import riscv64
import s390x
import x86_kaslr
from cpu_plans import read_tree, segments

PLANS = cpu_machines.HERE / "plans"
MIB = 1 << 20


def golden(cpu, name, mode):
    plan = json.loads((PLANS / f"{name}.{mode}.json").read_text())
    return cpu, plan, cpu.machines()[name]


def at(plan, kind):
    return int(next(s["mem"] for s in plan["segments"] if s["kind"] == kind), 16)


def moved(plan, kind, to):
    plan = copy.deepcopy(plan)
    next(s for s in plan["segments"] if s["kind"] == kind)["mem"] = hex(to)
    return plan


def played(cpu, plan, made):
    return list(cpu.played(plan, made))


def unpacked(cpu, plan, made):
    """arm: its model needs a tree."""
    tree = read_tree(made.tree())[0]
    if plan["crash"]:
        start, end = made.regions[0]
        tree["/chosen/linux,usable-memory-range"] = struct.pack(">QQ", start, end - start)
    return list(cpu.runs(plan, made, tree))


# Plan, what the model complains of, first byte behind what the kernel writes, size of a page.
ENDS = [
    (golden(i386.Cpu386(), "i386-1g", "jump"), played, lambda p: at(p, "kernel") + 0x3378000, 4096),
    (golden(i386.Cpu386(), "i386-1g", "crash"), played, lambda p: at(p, "kernel") + 0x3378000, 4096),
    (golden(arm64.Arm64Cpu(), "arm64-1g", "jump"), played, lambda p: at(p, "kernel") + 0x1aa0000, 4096),
    (golden(arm64.Arm64Cpu(), "arm64-1g", "crash"), played, lambda p: at(p, "kernel") + 0x1aa0000, 4096),
    (golden(arm64.Arm64Cpu(), "arm64-very-old", "jump"), played,
     lambda p: (at(p, "kernel") + 0x80000 + 3_000_001 + 16 * MIB + 4095) & ~4095, 4096),
    (golden(riscv64.RiscvCpu(), "riscv64-1g", "jump"), played, lambda p: at(p, "kernel") + 0x1e6b000, 4096),
    (golden(riscv64.RiscvCpu(), "riscv64-1g", "crash"), played, lambda p: at(p, "kernel") + 0x1e6b000, 4096),
    (golden(ppc64.Little(), "ppc64le-made-2g", "jump"), played, lambda p: 41 * MIB, 65536),
    (golden(ppc64.Little(), "ppc64le-made-2g", "crash"), played, lambda p: at(p, "kernel") + 41 * MIB, 65536),
    (golden(ppc64.Big(), "ppc64-made-2g", "jump"), played, lambda p: 41 * MIB, 65536),
    (golden(ppc64.Big(), "ppc64-made-2g", "crash"), played, lambda p: 65536, 65536),
    (golden(s390x.S390xCpu(), "s390x-1g", "jump"), played, lambda p: s390x.S390xCpu.footprint, 4096),
    (golden(s390x.S390xCpu(), "s390x-1g", "crash"), played, lambda p: 640 * MIB + s390x.S390xCpu.footprint, 4096),
    # Loaded low, the decompressor moves up behind the kernel and its heap ends there.
    (golden(arm.ArmCpu(), "arm-1g", "jump"), unpacked, lambda p: arm_end(p), 4096),
    (golden(arm.ArmCpu(), "arm-1g", "crash"), unpacked, lambda p: arm_end(p), 4096),
]


def arm_end(plan):
    """The kernel, its bss; or the decompressor, its heap and stack, where it was loaded."""
    own = at(plan, "kernel") + 0x532200 + 0x10000 + 0x6000
    kernel = at(plan, "kernel") // (128 * MIB) * 128 * MIB + 0x208000 + 0x13a10b4 + 0x5e4d4
    return (max(own, kernel) + 4095) & ~4095


def ends():
    for (cpu, plan, made), model, behind, page in ENDS:
        name = f"{cpu.name} {'crash' if plan['crash'] else 'jump'}"
        if model(cpu, plan, made):
            yield f"{name}: the sound plan: {model(cpu, plan, made)}"
        for kind in segments(plan).keys() - {"kernel", "purgatory"}:
            if not any(kind in f for f in model(cpu, moved(plan, kind, behind(plan) - page), made)):
                yield f"{name}: {kind} where the kernel writes: not noticed"
            if model(cpu, moved(plan, kind, behind(plan)), made):
                yield f"{name}: {kind} behind that: {model(cpu, moved(plan, kind, behind(plan)), made)}"


def others():
    """(what, was it noticed)"""
    cpu, plan, made = golden(ppc64.Little(), "ppc64le-made-2g", "jump")
    far = moved(plan, "kernel", 40 * MIB)
    yield "ppc64: the kernel copies itself over itself", played(cpu, far, made)
    cpu, plan, made = golden(arm64.Arm64Cpu(), "arm64-16t", "jump")
    yield "arm64: an initrd 64 GiB away", played(cpu, moved(plan, "initrd", at(plan, "kernel") + (64 << 30)), made)
    yield "arm64: a device tree between two words", played(cpu, moved(plan, "dtb", at(plan, "dtb") + 4), made)
    cpu, plan, made = golden(riscv64.RiscvCpu(), "riscv64-old", "jump")
    for kind in ("initrd", "dtb"):
        low = moved(plan, "kernel", at(plan, kind) + 64 * MIB & ~0x1fffff)
        low["kernel_entry"] = hex(at(low, "kernel"))
        yield f"riscv64: {kind} below an old kernel", [f for f in played(cpu, low, made) if kind in f]
    cpu, plan, made = golden(arm.ArmCpu(), "arm-1g", "jump")
    yield "arm: a device tree beyond lowmem", unpacked(cpu, moved(plan, "dtb", (1 << 30) + 701 * MIB), made)
    cpu, plan, made = golden(s390x.S390xCpu(), "s390x-10000-ranges", "crash")
    last = made.regions[0][1] - (plan["segments"][-1]["memsz"])
    yield "s390x: the list of memory beyond the region", played(cpu, moved(plan, "initrd", last), made)


def swaps():
    cpu, plan, made = golden(s390x.S390xCpu(), "s390x-1g", "crash")
    segs, base = segments(plan), 640 * MIB
    used = max(start + size for start, size, _ in segs.values()) - base
    own = segs["purgatory"][0]
    args = [base, 192 * MIB, used, own, own + segs["purgatory"][1]]
    if list(cpu.swapped(plan, made, args)):
        yield f"the sound swap: {list(cpu.swapped(plan, made, args))}"
    for i, by in enumerate((4096, -4096, -4096, 4096, 4096)):
        wrong = [n + by * (i == j) for j, n in enumerate(args)]
        if not list(cpu.swapped(plan, made, wrong)):
            yield f"a swap told {by} more of its argument {i}: not noticed"


def x86(**wrong):
    """A PC with 1 GiB, loaded soundly but for @wrong: what x86_kaslr says."""
    segs = {"boot_params": (MIB, 8192, 4120), "setup_data": (2 * MIB, 4096, 48), "kernel": (16 * MIB, 64 * MIB, 1024),
            "initrd": (900 * MIB, MIB, MIB), "elfcorehdr": (512 * MIB, 4096, 4096), "purgatory": (3 * MIB, 8192, 1)}
    segs |= wrong.get("segs", {})
    params = bytearray(4096)
    ram = wrong.get("ram", [(0, 636 << 10), (MIB, 512 * MIB), (513 * MIB, 1 << 30)])
    params[0x1e8] = len(ram)
    for i, (a, b) in enumerate(ram):
        struct.pack_into("<QQI", params, 0x2d0 + 20 * i, a, b - a, 1)
    struct.pack_into("<II", params, 0x218, wrong.get("initrd", 900 * MIB), wrong.get("size", MIB))
    struct.pack_into("<I", params, 0x228, MIB + 4096)
    struct.pack_into("<Q", params, 0x250, wrong.get("setup_data", 2 * MIB))
    if wrong.get("efi"):
        params[0x1c0:0x1c4] = b"EL64"
        struct.pack_into("<5I", params, 0x1c8, 40, 1, 4 * MIB, 40, 0)
        segs["efi_map"] = 4 * MIB, 4096, 40
    content = {"boot_params": bytes(params) + b"x" * 23 + b"\0", "setup_data": struct.pack("<QII32x", 0, 9, 32),
               "efi_map": struct.pack("<IIQQQQ", wrong.get("efi", 0), 0, 512 * MIB, 0, 256, 0)}
    plan = {"cmdline": wrong.get("line", "quiet"), "crash": True}
    return list(x86_kaslr.problems(plan, segs, content, 64 * MIB))


def slots():
    bad = {
        "the crash header in RAM": dict(ram=[(MIB, 1 << 30)]),
        "an initrd that is told too short": dict(size=4096),
        "an initrd that is told elsewhere": dict(initrd=800 * MIB),
        "an initrd where the kernel unpacks itself": dict(segs={"initrd": (79 * MIB, MIB, MIB)}, initrd=79 * MIB),
        "setup_data that nobody knows": dict(setup_data=0, segs={"setup_data": (600 * MIB, 4096, 48)}),
        "EFI says that the header's place is free": dict(efi=7),
    }
    sound = {
        "all is told": {}, "nokaslr": dict(ram=[(MIB, 1 << 30)], line="nokaslr"),
        "EFI says that it is taken": dict(efi=6, ram=[(MIB, 1 << 30)]),
    }
    for what, wrong in bad.items():
        if not x86(**wrong):
            yield f"x86: {what}: not noticed"
    for what, right in sound.items():
        if x86(**right):
            yield f"x86: {what}: {x86(**right)}"


if __name__ == "__main__":
    found = [*ends(), *(f"{what}: not noticed" for what, said in others() if not said), *swaps(), *slots()]
    print(*found, sep="\n")
    sys.exit(1 if found else 0)
