#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures machines for tests/machines with our own `baton snapshot`, in guests under QEMU.

    capture-machines.py [--baton FILE] [--dest DIR] [NAME...]

--baton: the program that runs in the guest (`make static CPU=…`); by default the one of its CPU.
Each x86_64 guest also plans for itself, and the host plans the same from the snapshot (the scenario
`replay` of tests/vm).  Afterwards: BATON_BLESS=1 for the goldens of facts and plans, and read the diff.
"""
import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from vm.bench import Bench, received        # noqa: E402
from vm.rows import OVMF, POWERNV, Row      # noqa: E402
from vm.run import built, program_files     # noqa: E402
from vm.stories import replay               # noqa: E402

CRASH = "crashkernel=192M"


def snapshot(b):
    """The facts of a guest, in the folder facts."""
    script = """
baton snapshot /tmp/facts || say "FAILED: snapshot"
tar -C /tmp/facts -cz -f /tmp/facts.tgz . && emit facts.tgz /tmp/facts.tgz
say passed
"""
    with b.guest(b.image_a(script, {}), b.row.a_append) as g:
        g.wait(r"@@ passed", never=r"@@ FAILED")
        g.finish()
        packed = received(g, "facts.tgz")
    (b.dir / "facts").mkdir()
    subprocess.run(["tar", "-xzf", "-", "-C", str(b.dir / "facts")], input=packed, check=True)


GUESTS = (
    Row("x86_64-guest-pc-1cpu", replay, machine="pc", memory=512),
    Row("x86_64-guest-q35-4cpus", replay, memory=2048, cpus=4, a_append=CRASH),
    Row("x86_64-guest-q35-6g-low", replay, memory=6144, cpus=2,
        a_append="crashkernel=256M,high"),
    Row("x86_64-guest-efi", replay, memory=2048, qemu=("-bios", OVMF), a_append=CRASH),
    Row("arm64-guest-virt", snapshot, arch="arm64", cpus=2, a_append=CRASH),
    Row("arm-guest-virt", snapshot, arch="arm", cpus=2, a_append="crashkernel=128M"),
    Row("i386-guest-pc", snapshot, arch="i386", a_append="crashkernel=128M"),
    Row("riscv64-guest-virt", snapshot, arch="riscv64", cpus=2, a_append=CRASH),
    Row("s390x-guest-ccw", snapshot, arch="s390x"),
    Row("ppc64le-guest-pseries", snapshot, arch="ppc64le", a_append="crashkernel=256M"),
    Row("ppc64le-guest-powernv", snapshot, arch="ppc64le", machine="powernv9", qemu=POWERNV,
        a_append="crashkernel=256M"),
)


def origin(row, kernel):
    extra = " ".join(row.qemu) or ("SeaBIOS" if row.arch == "x86_64" else "as it is")
    return (f"captured: `baton snapshot` in a guest (QEMU {row.machine or row.on.machine}, {extra}, "
            f"TCG -cpu {row.cpu or row.on.cpu}, "
            f"{row.cpus} CPUs,\n{row.memory or row.on.memory} MiB, '{row.a_append}') running Debian {kernel.release}, "
            "by scripts/capture-machines.py.\n")


def capture(row, program, tmp, dest):
    bench = Bench(row, tmp, program, None)
    row.scenario(bench)
    to = dest / row.name
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(bench.dir / "facts", to)
    (to / "ORIGIN").write_text(origin(row, bench.kernel))
    print(f"captured {to}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--baton", type=Path)
    parser.add_argument("--dest", type=Path, default=ROOT / "tests" / "machines")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="baton-capture-") as tmp:
        for row in GUESTS:
            if not args.names or row.name in args.names:
                program = program_files(args.baton or built(row.arch))
                capture(row, program, tmp, args.dest)


if __name__ == "__main__":
    main()
