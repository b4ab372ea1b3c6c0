# SPDX-License-Identifier: GPL-2.0-or-later
"""Looks into a saved dump with readers that are not ours: readelf and python3-libkdumpfile."""
import re
import subprocess

PAGES, PAGE = 64, 4096


class DumpError(Exception):
    """The dump lacks what must be in it."""


def nonce_page(i, seed):
    """The bytes that tests/vm/nonce.c writes into page @i."""
    rec = b"BATON-NONCE %03d %-16.16s" % (i, seed.encode())
    return rec * (PAGE // len(rec))


def readelf(*args):
    r = subprocess.run(["readelf", "-W", *map(str, args)], capture_output=True, text=True)
    if r.returncode or "Error" in r.stderr:
        raise DumpError(f"readelf {' '.join(map(str, args))}: {r.stderr.strip()}")
    return r.stdout


def loads(path):
    """[(file offset, physical address, bytes in the file, bytes of memory)] by readelf."""
    rx = re.compile(r"^\s+LOAD\s+(0x\w+) 0x\w+ (0x\w+) (0x\w+) (0x\w+)", re.M)
    return [tuple(int(x, 16) for x in m) for m in rx.findall(readelf("-l", path))]


def cpu_notes(path):
    """How many processors left their registers in the dump, by readelf."""
    return len(re.findall(r"NT_PRSTATUS", readelf("-n", path)))


def pages_by_readelf(path, where, seed):
    """How many nonce pages lie in the file where readelf's program headers say they are."""
    table, good = loads(path), 0
    with open(path, "rb") as f:
        for i, phys in enumerate(where):
            for off, paddr, filesz, _ in table:
                if paddr <= phys and phys + PAGE <= paddr + filesz:
                    f.seek(off + phys - paddr)
                    good += f.read(PAGE) == nonce_page(i, seed)
                    break
    return good


def kdumpfile_module():
    """The module of Debian's python3-libkdumpfile (found by the system's own Python only)."""
    try:
        import kdumpfile
    except ImportError as err:
        raise DumpError("python3-libkdumpfile is not there: run with /usr/bin/python3 "
                        "after scripts/deps.sh") from err
    return kdumpfile


def pages_by_kdumpfile(path, where, seed):
    """How many nonce pages libkdumpfile reads at their physical addresses."""
    k, good = kdumpfile_module(), 0
    ctx = k.kdumpfile(file=str(path))
    for i, phys in enumerate(where):
        try:
            good += bytes(ctx.read(k.KDUMP_MACHPHYSADDR, phys, PAGE)) == nonce_page(i, seed)
        except k.exceptions.KDumpBaseException:
            continue        # not in the dump: not counted
    return good


def facts(path):
    """{name: value} that libkdumpfile says about the dump, for a human."""
    k, out = kdumpfile_module(), {}
    attr = k.kdumpfile(file=str(path)).attr
    for name in ("file.format", "arch.name", "linux.uts.release", "cpu.number",
                 "linux.uts.version"):
        try:
            out[name] = attr[name]
        except (KeyError, k.exceptions.KDumpBaseException):
            pass
    return out
