#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs linked purgatories on QEMU's bare machines (<cpu>.S), without any kernel: about a second each.

    run.py [--sha-ni] CPU IMAGE_TOOL SHIPPED_OBJECT OTHER_OBJECT...

The shipped object goes through every scenario of purgatory_image.c, the others through "ok" and "undefined";
each on every machine of its CPU. --sha-ni takes the QEMU of bookworm-backports (unpacked into the
cache, about 10 MB), whose -cpu max has SHA instructions; the machine's own, 7.2, has none.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from machines import MACHINES

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harness.aptroot import AptError, AptRoot       # noqa: E402

HERE = Path(__file__).resolve().parent
SKIP = 77
START = "\r\nbaton: purgatory: "
INITRD = START + "region 2 initrd at 0x{initrd:x} is damaged"
OK = START + "2 regions ok ({sha})\r\n{next}"
SCENARIOS = {
    "ok": OK,
    "unverified": START + "not verified\r\n{next}",
    "damaged": INITRD + ", resetting\r\n",
    "damaged-halt": INITRD + ", halting\r\n",
    "table": START + "region table is damaged, resetting\r\n",
    # Memory that is not there, and code that is no more what it was.
    "nowhere": START + "exception 0x{nowhere} at 0x*, resetting\r\n",
    "undefined": START + "exception 0x{undefined} at 0x*, resetting\r\n",
    "undefined-halt": START + "exception 0x{undefined} at 0x*, halting\r\n",
}


def build(tool, cpu, obj, scenario, machine, where):
    """The file that QEMU takes."""
    subprocess.run([tool, cpu, obj, scenario, machine.conduit or "-"], cwd=where, check=True)
    gcc = [machine.gcc(), "-I.", *machine.defines]
    if machine.source == "x86.S":
        subprocess.run([*gcc, "-m64", "-c", HERE / "x86.S", "-o", "stub.o"], cwd=where, check=True)
        subprocess.run(["ld", "-m", "elf_x86_64", "-z", "noseparate-code", "--no-warn-rwx-segments",
                        "@image.args", "--section-start=.tables=0x120000", "-e", "_start", "-o",
                        "stub64", "stub.o"], cwd=where, check=True)
        subprocess.run(["objcopy", "-O", "elf32-i386", "stub64", "stub"], cwd=where, check=True)
        return "stub"
    subprocess.run([*gcc, "-nostdlib", "-static", "-no-pie", "-Wl,-N,--build-id=none", "-Wl,-e,_start",
                    "-Wl,-z,noexecstack", "-Wl,@image.args", HERE / machine.source, "-o", "stub"],
                   cwd=where, check=True, stderr=subprocess.DEVNULL)
    if machine.flat:
        objcopy = machine.gcc().replace("gcc", "objcopy")
        subprocess.run([objcopy, "-O", "binary", "stub", "stub.bin"], cwd=where, check=True)
        return "stub.bin"
    return "stub"


def run(qemu, machine, file, scenario, where, limit, extra=()):
    """(serial output, exit status; None: it had to be ended)"""
    memory = machine.high if "high" in scenario else machine.memory
    cmd = [qemu, *machine.qemu, "-m", str(memory), "-accel", "tcg", "-nodefaults", "-display", "none",
           "-no-reboot", "-serial", "file:serial", "-bios" if machine.flat else "-kernel", file, *extra]
    try:
        status = subprocess.run(cmd, cwd=where, timeout=limit, stderr=subprocess.DEVNULL).returncode
    except subprocess.TimeoutExpired:
        status = None
    return (where / "serial").read_bytes().decode(errors="replace"), status


def wanted(machine, scenario, sha):
    """(a pattern of what it says, the exit status)"""
    text = (SCENARIOS | machine.more)[scenario]
    enters = "{next}" in text
    text = text.format(sha=sha, next=machine.nexts.get(scenario, machine.next),
                       initrd=machine.payload + 300000, nowhere=machine.nowhere,
                       undefined=machine.undefined)
    status = machine.entered if enters else machine.halted if "halting" in text else 0
    return re.escape(text).replace(r"\*", "[0-9a-f]+"), status


def check(qemu, tool, cpu, obj, scenario, machine, sha):
    want, want_status = wanted(machine, scenario, sha)
    with tempfile.TemporaryDirectory() as d:
        file = build(tool, cpu, obj, scenario, machine, Path(d))
        limit = machine.patience if want_status is None else 60
        said, status = run(qemu, machine, file, scenario, Path(d), limit)
    start = said.find(START) if machine.firmware_speaks else 0
    good = re.fullmatch(want, said[max(start, 0):]) is not None and status == want_status
    print(f"{'ok  ' if good else 'FAIL'} {machine.name:6} {scenario:14} {Path(obj).name}", flush=True)
    if not good:
        print(f"     wanted {want!r}, status {want_status}\n     got    {said!r}, status {status}")
    return good


def newer(program):
    root = AptRoot("bookworm-backports").get("qemu-system-x86")
    path = str(root / "usr/bin" / program)
    if subprocess.run([path, "--version"], stdout=subprocess.DEVNULL).returncode:
        raise AptError("it does not start here")
    return path


def main():
    sha_ni = "--sha-ni" in sys.argv
    cpu, *files = [a for a in sys.argv[1:] if a != "--sha-ni"]
    tool, shipped, *others = [os.path.abspath(a) for a in files]
    machines = MACHINES[cpu]
    qemu = machines[0].program
    try:
        qemu = newer(qemu) if sha_ni else qemu
    except AptError as err:
        print(f"no QEMU with SHA instructions: {err}")
        return SKIP
    for program in (qemu, machines[0].gcc()):
        if not shutil.which(program):
            print(f"{program} is not installed")
            return SKIP
    good = []
    for m in machines:
        sha = "sha-ni" if sha_ni else m.sha
        todo = [(shipped, s) for s in m.only or SCENARIOS | m.more if s not in m.not_here]
        todo += [(o, s) for o in others for s in ("ok", "undefined")]
        good += [check(qemu, tool, cpu, o, s, m, sha) for o, s in todo]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
