# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures taken on this machine, behind the walls of lab.py."""
import os
import tempfile
from pathlib import Path

import lab
from figure import Figure
from lab import CannotRun

RUNS = 15
RANGES = (10_000, 100_000, 200_000)


def _has_sha_ni():
    return " sha_ni" in lab.cpuinfo()


def _pairs(first, second, facts, env, count=RUNS):
    """Runs of two commands in turns, so that what else this machine does slows both."""
    a, b = [], []
    for _ in range(count):
        a += lab.runs(first, 1, facts)
        b += lab.runs(second, 1, facts, env)
    return a, b


def load(ctx):
    """User time and peak memory of the two loads."""
    baton = [lab.ours(), "load", "--syscall", "load", "--initrd", ctx.initrd, "--append",
             lab.COMMAND_LINE, ctx.kernel.image]
    peer = [ctx.peer.kexec, "-c", "-l", ctx.kernel.image, f"--initrd={ctx.initrd}",
            f"--command-line={lab.COMMAND_LINE}"]
    env = {"LD_LIBRARY_PATH": ctx.peer.path}
    a, b = _pairs(baton, peer, ctx.facts, env)
    ni = "SHA-NI" if _has_sha_ni() else "no SHA-NI here"
    # The kernel splits a run's time into user and system by its ticks: the mean of many runs is
    # exact where each one is not.
    mean = [sum(r.user for r in x) / len(x) * 1e3 for x in (a, b)]
    total = [lab.median([r.user + r.system for r in x]) * 1e3 for x in (a, b)]
    files = ctx.kernel.image.stat().st_size + ctx.initrd.stat().st_size
    yield Figure(f"load on the host ({ni}): user time", "ms", *mean,
                 target=("<=", 0.12 if _has_sha_ni() else 0.45),
                 note=f"mean of {RUNS} runs in turns")
    yield Figure("load on the host: user and system time", "ms", *total, note="median")
    yield Figure("load on the host: instructions without SHA-NI", "million",
                 lab.instructions(baton, ctx.facts) / 1e6,
                 lab.instructions(peer, ctx.facts, env) / 1e6, note="callgrind")
    peak = [lab.median([r.peak for r in x]) for x in (a, b)]
    yield Figure("peak memory of a load", "MB", peak[0] / 1e6, peak[1] / 1e6, ratio=peak[0] / files,
                 target=("<=", 1.2), note=f"ratio: ours / {files / 1e6:.1f} MB of files loaded")


def sha(_):
    """Our block functions beside OpenSSL's."""
    program = lab.compile_c("sha", lab.ROOT / "bench/sha.c", lab.STATIC / "src/base/libbase.a",
                            lab.ROOT / "src/arch/x86_64/sha256_ni.c", flags=("-lcrypto",))
    rows = (("ni", "SHA-NI", {}, 0.9), ("generic", "generic C", {"OPENSSL_ia32cap": "0:0"}, 0.75))
    for kind, words, env, bound in rows:
        name = f"SHA-256, {words}, beside OpenSSL"
        try:
            text = lab.output([program, kind, RUNS], env=dict(os.environ, **env))
        except CannotRun as err:
            yield Figure(name, "MB/s", target=(">=", bound), problem=str(err))
            continue
        pairs = [[float(x) for x in line.split()] for line in text.splitlines()]
        yield Figure(name, "MB/s", lab.median([p[0] for p in pairs]),
                     lab.median([p[1] for p in pairs]),
                     ratio=lab.median([p[0] / p[1] for p in pairs]), target=(">=", bound),
                     note="8 MiB in turns; median of the ratios")


def plan(ctx):
    """How a plan grows with the machine's map."""
    cost, took = {}, {}
    for n in RANGES:
        folder = lab.machine(lab.OUT / f"ranges-{n}", n)
        cmd = [lab.ours(), "plan", "--sysroot", folder, "--initrd", ctx.initrd, ctx.kernel.image]
        # With the ranges, less without them: what the ranges cost.
        cost[n] = lab.instructions(cmd)
        took[n] = lab.runs(cmd, RUNS, ctx.facts)
    base = [lab.ours(), "plan", "--sysroot", ctx.facts, "--initrd", ctx.initrd, ctx.kernel.image]
    none = lab.instructions(base)
    low, mid, high = (cost[n] - none for n in RANGES)
    yield Figure("plan, 10,000 to 100,000 ranges: instructions", "million", mid / 1e6, low / 1e6,
                 ratio=(mid / low) ** (1 / 3.3219), target=("<=", 2.2),
                 note="ratio: per doubling; instructions beyond those of a machine with few ranges")
    yield Figure("plan, 100,000 to 200,000 ranges: instructions", "million", high / 1e6, mid / 1e6,
                 target=("<=", 2.2), note="as above")
    few = lab.runs(base, RUNS, ctx.facts)
    cpu = [lab.median([r.user + r.system for r in t]) * 1e3 for t in (took[100_000], few)]
    wall = lab.median([r.wall for r in took[100_000]]) * 1e3
    yield Figure("plan, 100,000 ranges: processor time", "ms", cpu[0], 50,
                 target=("<=", 1.0), note=f"the whole program, user and system; theirs = the limit; "
                 f"{cpu[1]:.1f} ms of it without the ranges; wall time {wall:.1f} ms")


def _dump(path, megabytes=400):
    """A stand-in for /proc/vmcore: an ELF core of one range, every other MB of it zeroes."""
    path.unlink(missing_ok=True)
    phdrs = b"".join((
        (1).to_bytes(4, "little"), (7).to_bytes(4, "little"), (0x1000).to_bytes(8, "little"),
        (0xffff888000000000).to_bytes(8, "little"), (0).to_bytes(8, "little"),
        (megabytes << 20).to_bytes(8, "little"), (megabytes << 20).to_bytes(8, "little"),
        (0).to_bytes(8, "little")))
    header = b"\x7fELF\x02\x01\x01" + bytes(9) + b"".join((
        (4).to_bytes(2, "little"), (62).to_bytes(2, "little"), (1).to_bytes(4, "little"), bytes(8),
        (64).to_bytes(8, "little"), bytes(8), bytes(4), (64).to_bytes(2, "little"),
        (56).to_bytes(2, "little"), (1).to_bytes(2, "little"), bytes(6)))
    with open(path, "wb") as f:
        f.write((header + phdrs).ljust(0x1000, b"\0"))
        for i in range(megabytes):
            f.write(bytes(1 << 20) if i % 2 else os.urandom(1 << 20))
    return path


def save(ctx):
    """Copies of a dump with holes for zeroes: for information, the filtering saver comes later."""
    source, out = _dump(lab.OUT / "dump"), lab.OUT / "saved"
    rows = {"baton save": [lab.ours(), "save", "--force", source, out],
            "cp --sparse=always": ["sh", "-c", 'cp --sparse=always "$0" "$1" && sync "$1"', source,
                                   out],
            "dd conv=sparse": ["dd", f"if={source}", f"of={out}", "bs=1M", "conv=sparse,fsync",
                               "status=none"]}
    took = {}
    try:
        for name, cmd in rows.items():
            took[name] = lab.runs(cmd, 9, ctx.facts)
    finally:
        for path in lab.OUT.glob("saved*"):
            path.unlink()
        source.unlink()
    cpu = {n: lab.median([r.user + r.system for r in t]) * 1e3 for n, t in took.items()}
    wall = {n: lab.median([r.wall for r in t]) * 1e3 for n, t in took.items()}
    for name in ("cp --sparse=always", "dd conv=sparse"):
        yield Figure(f"save of 400 MB beside {name}: processor time", "ms", cpu["baton save"],
                     cpu[name], note="source in the page cache, each ends with fsync; wall: "
                     f"{wall['baton save']:.0f} and {wall[name]:.0f} ms; median of 9")


def relocate(ctx):
    """The vmlinux inside the bzImage, unpacked once, moved again and again, to a file in memory."""
    old = lab.OUT / "vmlinux"
    lab.output([lab.ours(), "relocate", ctx.kernel.image, "--to", "16M", "-o", old, "--force"])
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else lab.OUT) as tmp:
        took = lab.runs([lab.ours(), "relocate", old, "--to", "64M", "--virtual", "0xffffffff84000000",
                         "--force", "-o", Path(tmp) / "moved"], 15, ctx.facts)
    size = old.stat().st_size
    old.unlink()
    yield Figure("relocate of a vmlinux: processor time", "ms",
                 lab.median([r.user + r.system for r in took]) * 1e3, 150, target=("<=", 1.0),
                 note=f"{size:,} bytes, reading and writing included; "
                 f"wall: {lab.median([r.wall for r in took]) * 1e3:.0f} ms; median of 15")
