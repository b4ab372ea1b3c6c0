#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures machines for tests/machines with our own `baton snapshot`, in guests under QEMU.

    capture-machines.py [--baton build-static/baton] [NAME...]

Each guest also plans for itself, and the host plans the same from the snapshot (the scenario
`replay` of tests/vm).  Afterwards: BATON_BLESS=1 for the goldens of facts and plans, and read the diff.
"""
import argparse
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from vm import scenarios                    # noqa: E402
from vm.rows import OVMF, Row               # noqa: E402
from vm.run import program_files            # noqa: E402

CRASH = "crashkernel=192M"
GUESTS = (
    Row("x86_64-guest-pc-1cpu", scenarios.replay, machine="pc", memory=512),
    Row("x86_64-guest-q35-4cpus", scenarios.replay, memory=2048, cpus=4, a_append=CRASH),
    Row("x86_64-guest-q35-6g-low", scenarios.replay, memory=6144, cpus=2,
        a_append="crashkernel=256M,high"),
    Row("x86_64-guest-efi", scenarios.replay, memory=2048, qemu=("-bios", OVMF), a_append=CRASH),
)


def origin(row, kernel):
    extra = " ".join(row.qemu) or "SeaBIOS"
    return (f"captured: `baton snapshot` in a guest (QEMU {row.machine or row.on.machine}, {extra}, "
            f"TCG -cpu {row.cpu or row.on.cpu}, "
            f"{row.cpus} CPUs,\n{row.memory} MiB, '{row.a_append}') running Debian {kernel.release}, "
            "by scripts/capture-machines.py.\n")


def capture(row, program, tmp):
    bench = scenarios.Bench(row, tmp, program, None)
    row.scenario(bench)
    to = ROOT / "tests" / "machines" / row.name
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(bench.dir / "facts", to)
    (to / "ORIGIN").write_text(origin(row, bench.kernel))
    print(f"captured {to.relative_to(ROOT)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--baton", default="build-static/baton")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    program = program_files(args.baton)
    with tempfile.TemporaryDirectory(prefix="baton-capture-") as tmp:
        for row in GUESTS:
            if not args.names or row.name in args.names:
                capture(row, program, tmp)


if __name__ == "__main__":
    main()
