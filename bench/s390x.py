#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Instructions per hashed byte of the s390x purgatory, ours and kexec-tools', in generic C.

    s390x.py [BUILD]      BUILD: a meson build folder (build)

Both purgatories' own machine code, as shipped, is linked into bench/peer_sha.c and run under
qemu-s390x one instruction at a time; the difference between two lengths is the hash alone.  The
peer's is taken out of Debian's package.  Exit: 0 when ours takes no more than theirs.
"""
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from harness.aptroot import AptRoot     # noqa: E402

TRIPLE = "s390x-linux-gnu-"
SIZES = (8192, 16384)


def purgatory_of(program):
    """The relocatable s390x object inside kexec-tools' kexec."""
    data, at = Path(program).read_bytes(), 0
    while (at := data.find(b"\x7fELF\x02\x02\x01", at + 1)) > 0:
        if struct.unpack(">HH", data[at + 16:at + 20]) != (1, 22):
            continue
        table, = struct.unpack(">Q", data[at + 40:at + 48])
        size, count = struct.unpack(">HH", data[at + 58:at + 62])
        return data[at:at + table + size * count + 0x1000]
    sys.exit(f"{program} holds no purgatory for s390x")


def build(folder, name, code, keep, *flags):
    obj, out = folder / f"{name}.o", folder / name
    obj.write_bytes(code)
    subprocess.run([TRIPLE + "objcopy", *(f"-G{k}" for k in keep), str(obj)], check=True)
    subprocess.run([TRIPLE + "gcc", "-O2", "-static", "-w", *flags, "-Wl,-w", "-o", str(out),
                    str(ROOT / "bench/peer_sha.c"), str(obj)], check=True, stderr=subprocess.DEVNULL)
    return out


def instructions(program, size):
    r = subprocess.run(["qemu-s390x", "-singlestep", "-d", "exec,nochain", str(program), str(size)],
                       capture_output=True, check=True)
    return r.stderr.count(b"\nTrace "), r.stdout


def main():
    where = Path(sys.argv[1] if len(sys.argv) > 1 else "build")
    package = AptRoot("bookworm", "s390x").get("kexec-tools")
    per_byte, digests = {}, {}
    with tempfile.TemporaryDirectory() as tmp:
        folder = Path(tmp)
        ours = (where / "src/arch/purgatory-s390x-gcc-O2.o").read_bytes()
        runs = {
            "theirs": build(folder, "theirs", purgatory_of(package / "sbin/kexec"),
                            ("sha256_starts", "sha256_update", "sha256_finish"), "-DPEER"),
            "ours": build(folder, "ours", ours, ("sha256_init", "sha256_update", "sha256_final")),
        }
        for name, program in runs.items():
            (a, _), (b, digests[name]) = (instructions(program, n) for n in SIZES)
            per_byte[name] = (b - a) / (SIZES[1] - SIZES[0])
            print(f"{name:7} {per_byte[name]:6.2f} instructions per byte")
    if digests["ours"] != digests["theirs"]:
        sys.exit("the digests differ")
    ratio = per_byte["ours"] / per_byte["theirs"]
    print(f"ratio   {ratio:6.3f}, target <= 1.0, peer {package.name}")
    return ratio > 1.0


if __name__ == "__main__":
    sys.exit(main())
