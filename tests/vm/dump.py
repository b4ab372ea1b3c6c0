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


def iomem_ranges(text, pattern):
    """[(start, end)], half-open, of the lines of /proc/iomem whose name matches @pattern."""
    rx = re.compile(rf"^\s*([0-9a-f]+)-([0-9a-f]+) : (?:{pattern})$", re.M | re.I)
    return sorted((int(a, 16), int(b, 16) + 1) for a, b in rx.findall(text))


def less(ranges, holes):
    """@ranges without the bytes of @holes; both are lists of (start, end)."""
    for a, b in holes:
        ranges = [part for start, end in ranges
                  for part in ((start, min(end, a)), (max(start, b), end)) if part[0] < part[1]]
    return ranges


def memory_lines(path, memory, page, may_lack=0):
    """What is wrong with the dump's memory against A's own map, or ''.

    @memory is A's /proc/iomem, on ppc64 with a line of ours for the crash region.  All of System RAM
    but the crash region must be there; the rest of a page may be missing, and so may what lies below
    @may_lack; nothing else may be there.
    """
    ram = iomem_ranges(memory, "System RAM")
    crash = iomem_ranges(memory, "Crash kernel")
    if not ram or not crash:
        return "the guest's memory map names no System RAM or no Crash kernel"
    have = sorted((paddr, paddr + filesz) for _, paddr, filesz, _ in loads(path))
    lacking = [(a, b) for a, b in less(less(ram, crash), have)
               if (b // page) > -(-a // page) and b > may_lack]
    wide = [(a // page * page, -(-b // page) * page) for a, b in ram]
    extra = less(have, wide)
    for words, found in (("is not in the dump", lacking), ("is no RAM of the old kernel", extra)):
        if found:
            return f"0x{found[0][0]:x}-0x{found[0][1] - 1:x} {words}"
    return ""


def has_vmcoreinfo(path):
    return "VMCOREINFO" in readelf("-n", path)


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
