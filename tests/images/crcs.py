#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`baton crcs` beside what Debian's builds say: Module.symvers of the headers package, and the
section __versions of every module in the kernel's own package.

    crcs.py [--full] BATON [FLAVOUR...]     a flavour of tests/harness/guest.py

Prints `pass|fail|skip FLAVOUR TEXT` for each. Exit status: 0, or 1 where one failed.
"""
import argparse
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harness.aptroot import AptError, AptRoot  # noqa: E402
from harness.guest import FLAVOURS, Kernel  # noqa: E402

SHORT = ("cloud", "powerpc64le")
# The second needs its headers too, the others are held against their modules alone.
FULL = (*SHORT, "cloud-arm64", "backports", "686-pae")
HEADERS = (*SHORT, "cloud-arm64")
DEBUG = ("cloud-arm64",)     # a raw Image has no tables; the ELF file of its -dbg package has
MOVES = {
    "cloud": ("--to", "0x4000000", "--virtual", "0xffffffff84000000"),
    "powerpc64le": ("--to", "0x2000000"),
    "cloud-arm64": ("--to", "0x4000000", "--virtual", "0xffff800010000000"),
}
LEAST_MODULES = 100


class Wrong(Exception):
    """What does not agree."""


def package(flavour, kernel, pattern):
    suite, arch, _ = FLAVOURS[flavour]
    return AptRoot(suite, arch).get(pattern.format(kernel.release.replace(".", r"\.").replace("+", r"\+")))


def listed(baton, image):
    done = subprocess.run([baton, "crcs", image], capture_output=True, text=True, check=False)
    if done.returncode or done.stderr:
        raise Wrong(f"exit status {done.returncode}: {done.stderr.strip()}")
    return done.stdout.splitlines()


def columns(lines):
    """{symbol: CRC as a number}"""
    return {c[1]: int(c[0], 16) for c in (line.split("\t") for line in lines)}


def section(elf, name):
    """The bytes of one section of an ELF file, little-endian, of 32 or 64 bits; empty where there is none."""
    wide = elf[4] == 2
    off, = struct.unpack_from("<Q" if wide else "<I", elf, 0x28 if wide else 0x20)
    size, count, names = struct.unpack_from("<HHH", elf, 0x3A if wide else 0x2E)
    head = "<IIQQQQ" if wide else "<IIIIII"
    table = [struct.unpack_from(head, elf, off + i * size) for i in range(count)]
    strings = table[names][4]
    for entry in table:
        start = strings + entry[0]
        if elf[start:elf.index(b"\0", start)].decode() == name:
            return elf[entry[4]:entry[4] + entry[5]]
    return b""


def versions(elf):
    """(symbol, CRC) that a module was built against: struct modversion_info, 64 bytes."""
    word = 8 if elf[4] == 2 else 4
    table = section(elf, "__versions")
    for at in range(0, len(table) - 63, 64):
        name = table[at + word:at + 64].split(b"\0")[0].decode()
        yield name, int.from_bytes(table[at:at + 4], "little")


def against_modules(kernel, have, elsewhere):
    """Every CRC that a module asks for is the kernel's, or another module exports the symbol."""
    asked = modules = 0
    for name, path in sorted(kernel.files.items()):
        modules += 1
        for symbol, crc in versions(kernel._bytes(path)):
            if symbol in have:
                asked += 1
                if have[symbol] != crc:
                    raise Wrong(f"{name}: {symbol} is 0x{crc:08x}, and we say 0x{have[symbol]:08x}")
            elif elsewhere is not None and symbol not in elsewhere:
                raise Wrong(f"{name}: {symbol} is exported by nobody")
    if modules < LEAST_MODULES or asked < modules:
        raise Wrong(f"only {asked} sums in {modules} modules")
    return f"{modules} modules, {asked} sums"


def against_symvers(baton, image, lines, path):
    """The lines of vmlinux, byte for byte; then --check, on them and on a copy with three differences."""
    all_lines = path.read_text().splitlines()
    ours = sorted((x for x in all_lines if x.split("\t")[2] == "vmlinux"), key=lambda x: x.split("\t")[1])
    if ours != lines:
        raise Wrong(f"{path.name} differs: {next((p for p in zip(ours, lines) if p[0] != p[1]), 'in length')}")
    check = [baton, "crcs", "--check", image, "--against"]
    done = subprocess.run([*check, path], capture_output=True, text=True, check=False)
    if done.returncode or done.stdout or done.stderr:
        raise Wrong(f"--check: {done.returncode} {done.stdout[:200]}{done.stderr}")
    other = [f"0x{int(ours[0][:10], 16) ^ 1:08x}{ours[0][10:]}", *ours[2:],
             "0x00000001\tno_such_symbol\tvmlinux\tEXPORT_SYMBOL\t"]
    with tempfile.NamedTemporaryFile("w") as f:
        f.write("\n".join(other))
        f.flush()
        done = subprocess.run([*check, f.name], capture_output=True, text=True, check=False)
    if done.returncode != 1 or len(done.stdout.splitlines()) != 3:
        raise Wrong(f"--check of three differences: {done.returncode} {done.stdout[:200]}")
    return {x.split("\t")[1] for x in all_lines}


def moved(baton, image, lines, where):
    """The same kernel, relocated to another address, has the same sums."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "vmlinux"
        done = subprocess.run([baton, "relocate", image, *where, "-o", out], capture_output=True, text=True,
                              check=False)
        if done.returncode:
            raise Wrong(f"relocate: {done.stderr.strip()}")
        if listed(baton, out) != lines:
            raise Wrong(f"moved by {' '.join(where)} it has other CRCs")


def judge(baton, flavour):
    kernel = Kernel(flavour)
    image = kernel.image
    if flavour in DEBUG:
        image = next(package(flavour, kernel, "linux-image-{}-dbg").rglob("vmlinux-*"))
    lines = listed(baton, image)
    if flavour in MOVES:
        moved(baton, image, lines, MOVES[flavour])
    elsewhere = None
    if flavour in HEADERS:
        symvers = next(package(flavour, kernel, "linux-headers-{}").rglob("Module.symvers"))
        elsewhere = against_symvers(baton, image, lines, symvers)
    return f"{len(lines)} symbols, {against_modules(kernel, columns(lines), elsewhere)}"


def main():
    ap = argparse.ArgumentParser(usage=__doc__)
    ap.add_argument("--full", action="store_true")
    ap.add_argument("baton")
    ap.add_argument("flavour", nargs="*")
    args = ap.parse_args()
    failed = 0
    for flavour in args.flavour or (FULL if args.full else SHORT):
        try:
            print(f"pass {flavour} {judge(args.baton, flavour)}", flush=True)
        except Wrong as why:
            failed = 1
            print(f"fail {flavour} {why}", flush=True)
        except AptError as why:
            print(f"skip {flavour} {why}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
