# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures of kernel files: unpacking beside the tools of each format, bombs, `inspect`."""
import resource
import subprocess

import lab
from figure import Figure
from lab import CannotRun

RUNS = 9
LIMIT = 256 << 20  # src/load/unwrap.h, UNWRAP_MAX
BOMB = 10 << 30
MEMBER = 64 << 20  # a bomb is the same member again and again
# format: packs the kernel, packs zeros, unpacks
TOOLS = {"gzip": (["gzip", "-9nc"], ["gzip", "-1nc"], ["gzip", "-dc"]),
         "xz": (["xz", "-6cT1"], ["xz", "-0cT1"], ["xz", "-dcT1"]),
         "lzma": (["xz", "--format=lzma", "-6c"], ["xz", "--format=lzma", "-0c"], ["xz", "--format=lzma", "-dc"]),
         "zstd": (["zstd", "-19qc"], ["zstd", "-qc"], ["zstd", "-dqc"]),
         "lz4": (["lz4", "-9qlc"], ["lz4", "-9qc"], ["lz4", "-dqc"]),
         "lzo": (["lzop", "-9qc"], ["lzop", "-qc"], ["lzop", "-dqc"]),
         "bzip2": (["bzip2", "-9c"], ["bzip2", "-9c"], ["bzip2", "-dc"])}


def _program():
    libs = [lab.STATIC / f"src/{name}/lib{name}.a" for name in ("codec", "core", "base")]
    flags = [f"-l{x}" for x in ("z", "lzma", "zstd", "lz4", "lzo2", "bz2")]
    return lab.compile_c("unpack", lab.ROOT / "bench/unpack.c", *libs, flags=flags)


def _packed(name, tool, source):
    """Made once: the slow ones take a minute."""
    out = lab.OUT / name
    if not out.exists():
        with open(lab.OUT / "part", "wb") as to:
            subprocess.run([lab.need(tool[0]), *tool[1:]], stdin=open(source, "rb"), stdout=to, check=True)
        (lab.OUT / "part").rename(out)
    return out


def _ours(program, file):
    """What it returned; seconds into fresh memory, and again into the same; bytes; peak memory."""
    code, fresh, again, size, peak = lab.output([program, file, LIMIT]).split()[:5]
    return int(code), float(fresh), float(again), int(size), int(peak) << 10


def _theirs(tool, file):
    """Processor time of the tool, its output thrown away."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([lab.need(tool[0]), *tool[1:], file], stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _vmlinux(ctx):
    out = lab.OUT / "vmlinux"
    lab.output([lab.ours(), "inspect", "--extract", "vmlinux", "--force", "-o", out, ctx.kernel.image])
    return out


def _zeros(size):
    out = lab.OUT / "zeros"
    with open(out, "wb") as f:
        f.truncate(size)
    return out


def _bomb(name, tool):
    """Of lzma, whose streams cannot be joined, only the beginning: twice the limit."""
    out = lab.OUT / f"bomb.{name}"
    if name == "lzma":
        return _packed(out.name, tool, _zeros(2 * LIMIT))
    if not out.exists():
        member = _packed(f"zeros.{name}", tool, _zeros(MEMBER)).read_bytes()
        with open(out, "wb") as f:
            for _ in range(BOMB // MEMBER):
                f.write(member)
    return out


def unpack(ctx):
    """The kernel's own payload, by each format; and what unpacks to 10 GB."""
    program, plain = _program(), _vmlinux(ctx)
    for name, (pack, _, tool) in TOOLS.items():
        file, size, first, a, b = _packed(f"vmlinux.{name}", pack, plain), plain.stat().st_size, [], [], []
        for _ in range(RUNS):
            code, fresh, again, got, _ = _ours(program, file)
            if code or got != size:
                raise CannotRun(f"{name}: {code}, {got} bytes of {size}")
            first.append(fresh)
            a.append(again)
            b.append(_theirs(tool, file))
        yield Figure(f"unpack a kernel, {name}, beside {tool[0]}", "MB/s", size / lab.median(a) / 1e6,
                     size / lab.median(b) / 1e6, ratio=lab.median([t / o for o, t in zip(a, b)]),
                     target=(">=", 0.9), note=f"{RUNS} times in turns, processor time, median of the ratios; "
                          f"{size / lab.median(first) / 1e6:.0f} MB/s into memory that the kernel has to clear")
    for name, (_, pack, _) in TOOLS.items():
        runs = [_ours(program, _bomb(name, pack)) for _ in range(3)]
        if {r[0] for r in runs} != {-27}:
            raise CannotRun(f"the bomb was not refused: {name}: {runs[0][0]}")
        took, peak = lab.median([r[1] for r in runs]), max(r[4] for r in runs)
        yield Figure(f"10 GB bomb, {name}: refused after", "s", took, ratio=took, target=("<=", 1.0),
                     note=f"median of 3; peak memory {peak / 1e6:.0f} MB")


def inspect(ctx):
    """The whole program on the demo's kernel."""
    took = lab.runs([lab.ours(), "inspect", ctx.kernel.image], 15, ctx.facts)
    ms = lab.median([r.user + r.system for r in took]) * 1e3
    size = ctx.kernel.image.stat().st_size / 1e6
    yield Figure(f"inspect a bzImage of {size:.1f} MB: processor time", "ms", ms, ratio=ms,
                 target=("<=", 30), note="median of 15; the ratio is the time itself")
