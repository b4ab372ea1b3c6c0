#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs linked purgatories on QEMU's bare machine (stub.S), without any kernel: about a second each.

    run.py [--sha-ni] IMAGE_TOOL SHIPPED_OBJECT OTHER_OBJECT...

The shipped object goes through every scenario of purgatory_image.c, the others through "ok".
--sha-ni takes the QEMU of bookworm-backports (unpacked into the cache, about 10 MB), whose -cpu max
has SHA instructions; the machine's own, 7.2, has none.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harness.aptroot import AptError, AptRoot       # noqa: E402

STUB = Path(__file__).resolve().parent / "stub.S"
SECTIONS = {".before": 0x100000, ".next64": 0x110000, ".next32": 0x111000, ".tables": 0x120000,
            ".purgatory": 0x400000, ".payload": 0x600000}
SKIP = 77
HIGH_MIB = 3072  # q35 puts 1 GiB of it above 4 GiB; only what is touched costs anything
# What QEMU's exit status means: isa-debug-exit gives 2 * value + 1, a reset under -no-reboot 0.
ENTERED, RESET, HALTED = 0x21, 0, None

START = "\r\nbaton: purgatory: "
INITRD = START + "region 2 initrd at 0x6493e0 is damaged"
NEXT = "next kernel: {}-bit entry as boot.rst asks\r\n"
SCENARIOS = {
    "ok": (START + "2 regions ok ({sha})\r\n" + NEXT.format(64), ENTERED),
    "ok32": (START + "2 regions ok ({sha})\r\n" + NEXT.format(32), ENTERED),
    "high": (START + "2 regions ok ({sha})\r\n" + NEXT.format(64), ENTERED),
    "high32": (START + "a 32-bit entry needs all below 4 GiB, resetting\r\n", RESET),
    "unverified": (START + "not verified\r\n" + NEXT.format(64), ENTERED),
    "silent": (NEXT.format(64), ENTERED),
    "damaged": (INITRD + ", resetting\r\n", RESET),
    "damaged-halt": (INITRD + ", halting\r\n", HALTED),
    "table": (START + "region table is damaged, resetting\r\n", RESET),
    "mode": (START + "the mode of the entry is unknown, resetting\r\n", RESET),
}


def build(tool, obj, scenario, where):
    subprocess.run([tool, obj, scenario], cwd=where, check=True)
    subprocess.run(["gcc", "-m64", "-I.", "-c", STUB, "-o", "stub.o"], cwd=where, check=True)
    at = [f"--section-start={name}={addr:#x}" for name, addr in SECTIONS.items()]
    subprocess.run(["ld", "-m", "elf_x86_64", "-z", "noseparate-code", "--no-warn-rwx-segments",
                    *at, "-e", "_start", "-o", "stub64", "stub.o"], cwd=where, check=True)
    subprocess.run(["objcopy", "-O", "elf32-i386", "stub64", "stub"], cwd=where, check=True)


def run(qemu, where, memory, limit):
    """(serial output, exit status; None: it had to be ended)."""
    cmd = [qemu, "-M", "q35", "-cpu", "max", "-m", str(memory), "-accel", "tcg", "-nodefaults",
           "-display", "none", "-no-reboot", "-serial", "file:serial", "-device",
           "isa-debug-exit,iobase=0xf4,iosize=1", "-kernel", "stub"]
    try:
        status = subprocess.run(cmd, cwd=where, timeout=limit).returncode
    except subprocess.TimeoutExpired:
        status = None
    return (where / "serial").read_bytes().decode(errors="replace"), status


def check(qemu, tool, obj, scenario, sha):
    want, want_status = SCENARIOS[scenario]
    with tempfile.TemporaryDirectory() as d:
        build(tool, obj, scenario, Path(d))
        said, status = run(qemu, Path(d), HIGH_MIB if "high" in scenario else 64,
                           3 if want_status is HALTED else 60)
    good = said == want.format(sha=sha) and status == want_status
    print(f"{'ok  ' if good else 'FAIL'} {scenario:13} {Path(obj).name}")
    if not good:
        print(f"     wanted {want.format(sha=sha)!r}, status {want_status}")
        print(f"     got    {said!r}, status {status}")
    return good


def main():
    args = [a for a in sys.argv[1:] if a != "--sha-ni"]
    tool, shipped, *others = [os.path.abspath(a) for a in args]
    qemu, sha = "qemu-system-x86_64", "generic"
    if "--sha-ni" in sys.argv:
        sha = "sha-ni"
        try:
            root = AptRoot("bookworm-backports").get("qemu-system-x86")
        except AptError as err:
            print(f"no QEMU with SHA instructions: {err}")
            return SKIP
        qemu = str(root / "usr/bin" / qemu)
    if not shutil.which(qemu):
        print(f"{qemu} is not installed")
        return SKIP
    if subprocess.run([qemu, "--version"], stdout=subprocess.DEVNULL).returncode:
        print(f"{qemu} does not start here")
        return SKIP
    good = [check(qemu, tool, shipped, s, sha) for s in SCENARIOS]
    good += [check(qemu, tool, o, "ok", sha) for o in others]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
