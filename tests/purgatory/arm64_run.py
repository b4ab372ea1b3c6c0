#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs linked arm64 purgatories on QEMU's bare machine (arm64_stub.S): about a second each.

    arm64_run.py IMAGE_TOOL SHIPPED_OBJECT OTHER_OBJECT...

The shipped object goes through every scenario of arm64_image.c, the others through "ok"; each at
EL1, at EL2, and at EL2 with VHE.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

STUB = Path(__file__).resolve().parent / "arm64_stub.S"
SECTIONS = {".before": 0x40200000, ".next": 0x41000000, ".purgatory": 0x44000000, ".payload": 0x46000000}
SKIP = 77
# level: (exception level, machine, CPU, how the firmware is called)
LEVELS = {
    "el1": (1, "virt", "cortex-a57", "hvc"),
    "el2": (2, "virt,virtualization=on", "cortex-a57", "smc"),
    "vhe": (2, "virt,virtualization=on", "max,pauth-impdef=on", "smc"),
}
START = "\r\nbaton: purgatory: "
INITRD = START + "region 2 initrd at 0x460493e0 is damaged"
NEXT = "next kernel: entered as booting.rst asks"
OK = START + "2 regions ok (armv8-ce)\r\n" + NEXT
HALTS = {"damaged-halt"}
SCENARIOS = {
    "ok": OK,
    "unverified": START + "not verified\r\n" + NEXT,
    "damaged": INITRD + ", resetting\r\n",
    "damaged-guess": INITRD + ", resetting\r\n",
    "damaged-halt": INITRD + ", halting\r\n",
    "table": START + "region table is damaged, resetting\r\n",
    # QEMU answers there with an external abort, taken by the purgatory's own vectors.
    "nowhere": START + "exception 0x",
    "16k": START + "this CPU lacks the kernel's page size, resetting\r\n",
}


def build(tool, obj, scenario, level, where, gcc):
    el, _, _, conduit = LEVELS[level]
    subprocess.run([tool, obj, scenario, conduit], cwd=where, check=True)
    defines = [f"-DEL={el}"] + (["-DVHE"] if level == "vhe" else [])
    at = [f"-Wl,--section-start={name}={addr:#x}" for name, addr in SECTIONS.items()]
    subprocess.run([*gcc, "-I.", *defines, "-nostdlib", "-static", "-Wl,--build-id=none", "-Wl,-e,_start",
                    "-Wl,-z,noexecstack", *at, STUB, "-o", "stub"], cwd=where, check=True,
                   stderr=subprocess.DEVNULL)


def run(level, where, limit):
    """(serial output, whether it had to be ended)"""
    _, machine, cpu, _ = LEVELS[level]
    cmd = ["qemu-system-aarch64", "-M", machine, "-cpu", cpu, "-m", "256", "-accel", "tcg", "-nodefaults",
           "-display", "none", "-no-reboot", "-serial", "file:serial", "-kernel", "stub"]
    try:
        subprocess.run(cmd, cwd=where, timeout=limit, stderr=subprocess.DEVNULL)
        ended = False
    except subprocess.TimeoutExpired:
        ended = True
    return (where / "serial").read_bytes().decode(errors="replace"), ended


def check(tool, obj, scenario, level, gcc):
    want = SCENARIOS[scenario]
    # -cpu max has pages of 16 KiB.
    if (scenario, level) == ("16k", "vhe"):
        want = OK
    with tempfile.TemporaryDirectory() as d:
        build(tool, obj, scenario, level, Path(d), gcc)
        said, ended = run(level, Path(d), 5 if scenario in HALTS else 60)
    good = (said.startswith(want) and said.endswith(", resetting\r\n") if scenario == "nowhere"
            else said == want) and ended == (scenario in HALTS)
    print(f"{'ok  ' if good else 'FAIL'} {level} {scenario:13} {Path(obj).name}", flush=True)
    if not good:
        print(f"     wanted {want!r}\n     got    {said!r}{', did not end' if ended else ''}")
    return good


def main():
    tool, shipped, *others = [os.path.abspath(a) for a in sys.argv[1:]]
    gcc = next(([c] for c in ("aarch64-linux-gnu-gcc", "aarch64-redhat-linux-gcc") if shutil.which(c)), None)
    if not shutil.which("qemu-system-aarch64") or not gcc:
        print("qemu-system-aarch64 or a gcc for arm64 is not installed")
        return SKIP
    good = [check(tool, shipped, s, level, gcc) for level in LEVELS for s in SCENARIOS]
    good += [check(tool, o, "ok", level, gcc) for o in others for level in ("el1", "vhe")]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
