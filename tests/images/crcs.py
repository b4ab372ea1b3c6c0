#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`baton crcs` beside what Debian's builds say: Module.symvers of the headers package, and the
section __versions of every module in the kernel's own package.

    crcs.py [--full] BATON [NAME...]     a name of ROWS; without --full not those of the full tier

Prints `pass|fail|skip NAME TEXT` for each. Exit status: 0, or 1 where one failed.
"""
import argparse
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harness.guest import Kernel  # noqa: E402
from harness.verdicts import Wrong, tell  # noqa: E402

LEAST_MODULES = 100


@dataclass
class Row:
    name: str
    flavour: str           # of tests/harness/guest.py
    headers: bool = True   # hold it against Module.symvers, too; every one is held against its modules
    move: tuple = ()       # and move it there
    debug: bool = False    # the ELF file of the -dbg package
    full: bool = False


X86_64 = ("--to", "0x4000000", "--virtual", "0xffffffff84000000")
ROWS = (
    Row("cloud", "cloud", move=X86_64),
    Row("powerpc64le", "powerpc64le", move=("--to", "0x2000000")),
    Row("cloud-dbg", "cloud", move=X86_64, debug=True, full=True),
    # A raw Image has no tables.
    Row("cloud-arm64-dbg", "cloud-arm64", move=("--to", "0x4000000", "--virtual", "0xffff800010000000"),
        debug=True, full=True),
    Row("backports", "backports", headers=False, full=True),
    Row("686-pae", "686-pae", headers=False, full=True),
)


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


def judge(baton, row):
    kernel = Kernel(row.flavour)
    image = kernel.debug() if row.debug else kernel.image
    lines = listed(baton, image)
    if row.move:
        moved(baton, image, lines, row.move)
    elsewhere = None
    if row.headers:
        symvers = next(kernel.sibling("linux-headers-{}").rglob("Module.symvers"))
        elsewhere = against_symvers(baton, image, lines, symvers)
    return f"{len(lines)} symbols, {against_modules(kernel, columns(lines), elsewhere)}"


def main():
    ap = argparse.ArgumentParser(usage=__doc__)
    ap.add_argument("--full", action="store_true")
    ap.add_argument("baton")
    ap.add_argument("name", nargs="*")
    args = ap.parse_args()
    rows = [r for r in ROWS if (r.name in args.name if args.name else args.full or not r.full)]
    if not rows:
        ap.error("no such name")
    return tell((row.name, partial(judge, args.baton, row)) for row in rows)


if __name__ == "__main__":
    sys.exit(main())
