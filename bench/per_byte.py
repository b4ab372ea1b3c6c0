#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Instructions per hashed byte of the purgatories that no guest tells of: s390x, i386, arm, riscv64.

    per_byte.py [BUILD] [--only CPU]      BUILD: a meson build folder (build)

The machine code of the purgatories, ours and (of Debian's package) kexec-tools', is linked into
bench/peer_sha.c as it is shipped and run one instruction at a time: by qemu-user, and by ptrace where the
host has instructions that no qemu-user has (SHA-NI). The difference between two lengths is the hash
alone, and every digest must be right.  Exit: 0 every target is met, 1 one is missed, 2 one could not be
run or has a wrong digest.
"""
import argparse
import hashlib
import re
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "bench")]
from figure import Figure, table        # noqa: E402
from harness.aptroot import AptRoot     # noqa: E402
from harness.machines import MACHINES   # noqa: E402
from lab import CannotRun, cpuinfo      # noqa: E402

SIZES = (1024, 5120)
PEER = ("sha256_starts", "sha256_update", "sha256_finish")
OURS = ("sha256_init", "sha256_update", "sha256_final")


@dataclass(frozen=True)
class Hash:
    """One block function: of which CPU, how it is run, and its target beside the peer's code."""
    cpu: str
    what: str
    run: tuple = ()         # qemu-user; empty: this processor, traced
    blocks: str = "sha256_blocks_generic"
    machine: int = 0        # ELF's number of the CPU, 0: the peer verifies nothing there
    target: tuple | None = None
    flags: tuple = ()


HASHES = (
    Hash("s390x", "generic C", ("qemu-s390x",), machine=22, target=("<=", 1.0)),
    Hash("i386", "SHA-NI", blocks="sha256_blocks_ni", machine=3, target=("<=", 0.5)),
    Hash("i386", "generic C", ("qemu-i386",), machine=3),
    Hash("arm", "generic C", ("qemu-arm",), flags=("-marm",)),
    Hash("riscv64", "generic C", ("qemu-riscv64",)),
    Hash("riscv64", "Zknh", ("qemu-riscv64", "-cpu", "rv64,zknh=on"), blocks="sha256_blocks_zknh"),
)


def purgatory_of(program, machine):
    """The relocatable object of ELF's @machine inside kexec-tools' kexec."""
    data, at = Path(program).read_bytes(), 0
    while (at := data.find(b"\x7fELF", at + 1)) > 0:
        wide, order = data[at + 4] == 2, "<" if data[at + 5] == 1 else ">"
        if struct.unpack(order + "HH", data[at + 16:at + 20]) != (1, machine):
            continue
        table_at, = struct.unpack_from(order + ("Q" if wide else "I"), data, at + (40 if wide else 32))
        size, count = struct.unpack_from(order + "HH", data, at + (58 if wide else 46))
        return data[at:at + table_at + size * count + 0x1000]
    raise CannotRun(f"{program} holds no purgatory of that CPU")


def build(folder, name, h, code, keep, *flags):
    triple = MACHINES[h.cpu].triple
    obj, out = folder / f"{name}.o", folder / name
    obj.write_bytes(code)
    try:
        subprocess.run([f"{triple}-objcopy", *(f"-G{k}" for k in keep), str(obj)], check=True)
        subprocess.run([f"{triple}-gcc", "-O2", "-static", "-no-pie", "-w", *h.flags, *flags, "-Wl,-w",
                        "-o", str(out), str(ROOT / "bench/peer_sha.c"), str(obj)], check=True,
                       stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as err:
        raise CannotRun(f"{h.cpu}: {err}") from err
    return out


def instructions(h, folder, program, size):
    if h.run:
        r = subprocess.run([*h.run, "-singlestep", "-d", "exec,nochain", program, str(size)],
                           capture_output=True, check=True)
        return r.stderr.count(b"\nTrace "), r.stdout
    steps = folder / "steps"
    subprocess.run(["gcc", "-O2", "-o", steps, ROOT / "bench/steps.c"], check=True)
    r = subprocess.run([steps, program, str(size)], capture_output=True, check=True)
    return int(re.search(rb"steps (\d+)", r.stderr)[1]), r.stdout


def per_byte(h, folder, program):
    counts = []
    for size in SIZES:
        count, digest = instructions(h, folder, program, size)
        # The bytes of peer_sha.c.
        if digest != hashlib.sha256(bytes(i * 7 & 255 for i in range(size))).digest():
            raise CannotRun(f"{program.name}: a wrong digest of {size} bytes")
        counts.append(count)
    return (counts[1] - counts[0]) / (SIZES[1] - SIZES[0])


def figure(h, objects):
    name, unit = f"purgatory of {h.cpu}, {h.what}", "instr./byte"
    if not h.run and "sha_ni" not in cpuinfo():
        return Figure(name, unit, problem="this processor has no SHA-NI")
    with tempfile.TemporaryDirectory() as tmp:
        folder = Path(tmp)
        code = (objects / f"purgatory-{h.cpu}-gcc-O2.o").read_bytes()
        try:
            ours = per_byte(h, folder, build(folder, "ours", h, code, (*OURS, h.blocks),
                                             f"-DBLOCKS={h.blocks}"))
            if not h.machine:
                return Figure(name, unit, ours)
            package = AptRoot("bookworm", MACHINES[h.cpu].debian).get("kexec-tools")
            peer = build(folder, "theirs", h, purgatory_of(package / "sbin/kexec", h.machine), PEER,
                         "-DPEER")
            theirs = per_byte(h, folder, peer)
        except (CannotRun, OSError, subprocess.CalledProcessError) as err:
            return Figure(name, unit, problem=str(err))
    return Figure(name, unit, ours, theirs, target=h.target, note=package.name)


def figures(objects=ROOT / "build/src/arch", only=None):
    for h in HASHES:
        if only in (None, h.cpu):
            yield figure(h, objects)


def main():
    ap = argparse.ArgumentParser(description="instructions per hashed byte")
    ap.add_argument("build", nargs="?", default=ROOT / "build", type=Path)
    ap.add_argument("--only", choices=sorted({h.cpu for h in HASHES}))
    args = ap.parse_args()
    all_ = list(figures(args.build / "src/arch", args.only))
    print("\n".join(table(all_)))
    for f in all_:
        if f.problem:
            print(f"{f.name}: {f.problem}")
    verdicts = {f.verdict for f in all_}
    return 2 if "not run" in verdicts else 1 if "MISSED" in verdicts else 0


if __name__ == "__main__":
    sys.exit(main())
