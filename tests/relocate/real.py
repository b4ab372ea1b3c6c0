#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Real kernels that `baton relocate` moves: there, on, and back to the byte.

    real.py [--full] BATON       prints lines `pass|fail|skip NAME TEXT`

Debian's x86_64 kernel is compared with what its own start code would make of it, written anew here.
Where an ELF file kept its relocations and its bzImage has the list, both moves are compared: the small
kernel of x86_64 (small ones are taken where the cache has them) and, with --full, Debian's -dbg package.
"""
import argparse
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from harness.guest import Kernel                    # noqa: E402
from harness.verdicts import Skip, Wrong, tell      # noqa: E402
from kernels import mini                            # noqa: E402


@dataclass
class Move:
    name: str
    home: tuple            # --to and --virtual as linked; a virtual of None is not said
    there: tuple
    further: tuple
    flavour: str = ""      # of tests/harness/guest.py, where that is not the name
    debug: bool = False    # the ELF file of the -dbg package (--full)


X86_64 = ((0x1000000, 0xffffffff81000000), (0x4000000, 0xffffffff84000000), (0x2000000, 0xffffffff80200000))
MOVES = (
    Move("cloud", *X86_64), Move("mini-x86_64", *X86_64), Move("cloud-dbg", *X86_64, "cloud", True),
    Move("686-pae", (0x1000000, None), (0x4000000, None), (0x2000000, None)),
    Move("powerpc64le", (0, None), (0x2000000, None), (0x4000000, None)),
    Move("mini-ppc64", (0, None), (0x2000000, None), (0x4000000, None)),
    Move("mini-s390x", (0x100000, None), (0x200000, None), (0x740000, None)),
    Move("mini-arm64", (0xffffffc008000000, 0xffffffc008000000), (0x40200000, 0xffffffc010000000),
         (0, 0xffffffc008200000)),
)


def files(move):
    """The file to move, and the bzImage of the same kernel."""
    if move.name.startswith("mini-"):
        folder = mini.folder(move.name.removeprefix("mini-"))
        if not (folder / "vmlinux").exists():
            raise Skip("not built: tests/kernels/mini.py")
        return folder / "vmlinux", folder / "image"
    kernel = Kernel(move.flavour or move.name)
    return kernel.debug() if move.debug else kernel.image, kernel.image


def relocate(baton, src, out, place):
    words = [baton, "relocate", src, "--to", hex(place[0]), "-o", out, "--force"]
    words += [] if place[1] is None else ["--virtual", hex(place[1])]
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise Wrong(done.stderr.strip())
    return done.stdout.strip()


def segments(data):
    """[(virtual, physical, offset, size)] of an ELF64, and the ranges of its notes."""
    phoff, count = struct.unpack_from("<Q", data, 32)[0], struct.unpack_from("<H", data, 56)[0]
    loads, notes = [], []
    for i in range(count):
        kind, _, off, virt, phys, size = struct.unpack_from("<IIQQQQ", data, phoff + 56 * i)
        (loads if kind == 1 else notes if kind == 4 else []).append((virt, phys, off, size))
    return loads, [(off, size) for _, _, off, size in notes]


def own_start_code(data, delta):
    """What arch/x86/boot/compressed/misc.c makes of the unpacked @data, a bytearray, at a shifted virtual address."""
    loads, _ = segments(data)
    first = min(loads, key=lambda x: x[1])

    def place(addr):
        phys = addr % (1 << 64) - first[0] + first[1]
        return next(off + phys - start for _, start, off, size in loads if start <= phys < start + size)

    at = len(data)
    for fmt, sign in (("<I", 1), ("<I", -1), ("<Q", 1)):
        while True:
            at -= 4
            entry = struct.unpack_from("<i", data, at)[0]
            if not entry:
                break
            off = place(entry)
            value, = struct.unpack_from(fmt, data, off)
            struct.pack_into(fmt, data, off, (value + sign * delta) % (1 << 8 * struct.calcsize(fmt)))
    return data


def memory(data):
    """The bytes that are loaded, without the notes (which nobody's start code moves)."""
    loads, notes = segments(data)
    data = bytearray(data)
    for off, size in notes:
        data[off:off + size] = bytes(size)
    return [(virt, phys, bytes(data[off:off + size])) for virt, phys, off, size in loads]


def compare(what, a, b):
    for (_, phys, x), (virt, _, y) in zip(a, b, strict=True):
        if x != y:
            at = next(i for i in range(len(x)) if x[i:i + 1] != y[i:i + 1])
            raise Wrong(f"{what} differ at 0x{virt + at:x} (physical 0x{phys + at:x})")


def crcs(baton, file):
    """What `baton crcs` says, or "" of a kernel without."""
    done = subprocess.run([str(baton), "crcs", str(file)], capture_output=True, text=True, timeout=300)
    return "" if done.returncode else done.stdout


def check(baton, move, src, image, tmp):
    """What was found out; raises Wrong."""
    home, there, further = tmp / "home", tmp / "there", tmp / "further"
    relocate(baton, src, home, move.home)
    told = relocate(baton, home, there, move.there)
    known = crcs(baton, home)
    if crcs(baton, there) != known:
        raise Wrong("the module CRCs are others after the move")
    relocate(baton, there, further, move.further)
    relocate(baton, further, further, move.home)
    if further.read_bytes() != home.read_bytes():
        raise Wrong("moved twice and back it is another file")
    if move.name == "cloud":
        own = own_start_code(bytearray(home.read_bytes()), move.there[1] - move.home[1])
        compare("its own start code and baton", memory(own), memory(there.read_bytes()))
    if move.name in ("mini-x86_64", "cloud-dbg"):
        relocate(baton, image, tmp / "listed", move.there)
        compare("kept relocations and the list", memory(there.read_bytes()), memory((tmp / "listed").read_bytes()))
    return f"{told.partition('; ')[2]}; {len(known.splitlines())} module CRCs stay"


def judge(baton, move):
    src, image = files(move)
    with tempfile.TemporaryDirectory(prefix="baton-real-") as tmp:
        return check(baton, move, src, image, Path(tmp))


def main():
    ap = argparse.ArgumentParser(usage=__doc__)
    ap.add_argument("--full", action="store_true")
    ap.add_argument("baton")
    args = ap.parse_args()
    return tell((move.name, partial(judge, args.baton, move)) for move in MOVES if args.full or not move.debug)


if __name__ == "__main__":
    sys.exit(main())
