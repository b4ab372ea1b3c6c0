#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plans loads on 1,000 random machines of a CPU and checks each plan and each refusal.

    random_cpus.py MANY_PLANS CPU [COUNT [SEED]]

As random_machines.py does for x86_64: RAM is cut into holes, many of them just large enough, or a page
too small.  The rules and models are those of the CPU's plan tests (tests/golden/<cpu>.py); a refusal
is wrong where a legal placement exists.
"""
import importlib
import json
import pathlib
import random
import subprocess
import sys
import tempfile
from collections import Counter, namedtuple

HERE = pathlib.Path(__file__).resolve().parent
for folder in ("images", "golden"):
    sys.path.insert(0, str(HERE.parent / folder))

from cpu_plans import handoff
from legal import FOREVER, MIB, Piece, exists, round_up
from made_machines import memory_folder
from ppc64_machines import Ppc64 as Power
from random_machines import loaded

GIB = 1 << 30
# Stricter than the purgatory needs on any CPU: what exists so exists.
PURGATORY_ALIGN = 64 << 10

Job = namedtuple("Job", "made kernel initrd crash")


class Setup:
    """A CPU: its page, where its RAM begins, alignment of its kernel, [bytes that its pieces take]."""

    page, base, align, modes = 4096, GIB, 2 * MIB, (False, True)
    lowest = 0                            # no crash region lies lower than that, from the base on
    wide = (GIB, GIB + 512 * MIB)         # a crash region that holds anything, from the base on
    script, left_out = None, ()           # the CPU's plan tests; kernels that are not planned

    def __init__(self, name):
        self.name, self.golden = name, importlib.import_module(self.script or name)
        mine = [c for c in vars(self.golden).values() if isinstance(c, type)]
        self.own = next(c for c in mine if issubclass(c, self.golden.Cpu) and c.name == name)()
        self.machine = next((c for c in mine if getattr(c, "arch", "") == name), None)

    def kernels(self):
        """{name: bytes}"""
        return {name: data for name, data in self.own.kernels.items() if name not in self.left_out}

    def make(self, ram, crash, initrd, kernel):
        return self.machine(ram, [crash] if crash else [], initrd, kernel)

    def room(self, job):
        return self.own.room(job.made, job.crash)

    def problems(self, plan, job, content):
        args = handoff(content["purgatory"], self.own.order)
        return [*self.own.where(plan, job.made), *self.own.played(plan, job.made),
                *self.own.modelled(plan, job.made, content, args)]

    def ways(self, sizes, job):
        """Lists of pieces to place: if one of them has a place, the load has."""
        limits = {"kernel": (self.align, 0, FOREVER), "purgatory": (PURGATORY_ALIGN, 0, FOREVER)}
        yield [Piece(kind, size, *self.bound(limits.get(kind, (self.page, 0, FOREVER))))
               for kind, size in sizes]

    @staticmethod
    def bound(limit):
        return limit[0], limit[1:]


class Arm(Setup):
    """Kernels keep room free below themselves, and bind all else to it."""

    left_out = ("zImage-untold",)     # how much is kept free for its bss is a guess

    def ways(self, sizes, job):
        golden, sizes = self.golden, dict(sizes)
        offset = 0x308000 if job.kernel == "zImage-4.15" else 0x208000
        unpacked = self.own.unpacked.get(job.kernel, golden.UNPACKED)
        lead = round_up(offset + unpacked + golden.BSS, self.page)
        kernel = lead + sizes["kernel"]
        for a, b in self.room(job).list:
            first = [round_up(a, 2 * MIB)] if job.crash else range(round_up(a, golden.BLOCK), b, golden.BLOCK)
            for base in first:
                low = base, base + golden.LOWMEM
                yield [Piece("kernel", kernel, 2 * MIB, (base, base + kernel)),
                       *(Piece(kind, round_up(size, 2 * MIB) if kind == "elfcorehdr" else size,
                               2 * MIB if kind == "elfcorehdr" else self.page, low)
                         for kind, size in sizes.items() if kind not in ("kernel", "purgatory")),
                       Piece("purgatory", sizes["purgatory"], PURGATORY_ALIGN, (0, 1 << 32))]


class Arm64(Setup):
    left_out = ("Image-64k", "Image-4.5", "Image-3.16")


class Riscv64(Setup):
    """Firmware holds the first 512 KiB of RAM."""

    base, lowest, left_out = 2 * GIB, MIB, ("Image-6.1",)


class I386(Setup):
    """Unpacks itself inside lowmem; all else below 4 GiB, the initrd below initrd_addr_max."""

    base, wide = 16 * MIB, (256 * MIB, 768 * MIB)

    def make(self, ram, crash, initrd, kernel):
        return self.machine(ram, [crash] if crash else [], initrd)

    def ways(self, sizes, job):
        golden = self.golden
        low = {"kernel": (2 * MIB, 16 * MIB, golden.LOWMEM), "initrd": (self.page, MIB, golden.INITRD_MAX),
               "purgatory": (PURGATORY_ALIGN, MIB, 1 << 32)}
        yield [Piece(kind, size, *self.bound(low.get(kind, (self.page, MIB, 1 << 32))))
               for kind, size in sizes]


class S390x(Setup):
    """The kernel is where it is; in a crash region all else is bound to it."""

    base = 0

    def ways(self, sizes, job):
        sizes, start = dict(sizes), job.made.regions[0][0] if job.crash else 0
        at, end = start + 0x10000, start + 0x10000 + sizes["kernel"]
        if job.crash and start < job.made.regions[0][1] - start:
            return  # the two cannot change places
        low = (start + 0x2000, at) if job.crash else (0x2000, 1 << 31)
        # The last page of a region is what the swap needs.
        top = job.made.regions[0][1] - self.page if job.crash else FOREVER
        yield [Piece("kernel", sizes["kernel"], self.page, (at, end)),
               Piece("purgatory", sizes["purgatory"], PURGATORY_ALIGN if not job.crash else self.page, low),
               *(Piece(kind, size, self.page, (end, top)) for kind, size in sizes.items()
                 if kind not in ("kernel", "purgatory"))]


class Ppc64(Setup):
    page, base, align, script = 64 << 10, 0, 64 << 10, "ppc64"

    def make(self, ram, crash, initrd, kernel):
        return Power(ram, [crash] if crash else [], initrd, big=self.own.big)

    def ways(self, sizes, job):
        start = job.made.kernel_end  # nothing of ours lies over the running kernel
        if not job.crash:
            start = max(start, round_up(self.golden.FOOTPRINT, self.page))
        yield [Piece(kind, size, self.page, (start, 1 << 32 if kind == "purgatory" else FOREVER))
               for kind, size in sizes]


SETUPS = {"i386": I386, "arm": Arm, "arm64": Arm64, "riscv64": Riscv64, "s390x": S390x, "ppc64le": Ppc64,
          "ppc64": Ppc64}


def cut(rng, setup, sizes, end):
    """RAM in holes: some as large as one piece or some of them, to a page; else at random."""
    page, ram, at = setup.page, [], setup.base
    if rng.random() < 0.4:
        return [(setup.base, end)]
    while at < end and len(ram) < 12:
        if sizes and rng.random() < 0.7:
            some = rng.sample(sizes, rng.randrange(1, len(sizes) + 1))
            size = sum(n for _, n in some) + rng.choice([0, 0, page, -page, setup.align, MIB])
        else:
            size = rng.randrange(page, max(2 * page, (end - at) // 2), page)
        ram.append((at, min(at + max(size, page), end)))
        at = round_up(ram[-1][1] + rng.randrange(page, 64 * MIB, page), rng.choice([page, setup.align]))
    return ram


def job(rng, setup, kernels, known):
    crash = rng.choice(setup.modes)
    kernel, initrd = rng.choice(sorted(kernels)), rng.choice([1, 3_000_000, 20_000_000])
    sizes = known.get((kernel, initrd, crash), [])
    end = setup.base + rng.choice([64, 128, 256, 1024, 2048]) * MIB
    if not crash:
        ram = cut(rng, setup, sizes, end)
        return Job(setup.make(ram, None, initrd, kernel), kernel, initrd, False)
    size = min(rng.choice([48, 64, 96, 128, 256]) * MIB, (end - setup.base) // 2)
    if sizes and rng.random() < 0.6:
        size = min(round_up(sum(n for _, n in sizes), setup.page) +
                   rng.choice([0, setup.page, MIB, 24 * MIB]), (end - setup.base) // 2)
    begin = rng.randrange(setup.base + setup.lowest, end - size + 1, rng.choice([setup.page, MIB, 16 * MIB]))
    region = (round_up(begin, setup.page), round_up(begin, setup.page) + size)
    if region[1] > end:
        region = (end - size, end)
    return Job(setup.make([(setup.base, end)], region, initrd, kernel), kernel, initrd, True)


def run(many_plans, jobs, folder):
    lines = []
    for i, j in enumerate(jobs):
        root = pathlib.Path(folder) / f"m{i}"
        j.made.write(root)
        lines.append("\t".join(map(str, [root, pathlib.Path(folder) / j.kernel, j.initrd, int(j.crash),
                                         0, "-", "-"])))
    out = subprocess.run([many_plans], input="\n".join(lines) + "\n", stdout=subprocess.PIPE, text=True,
                         check=True).stdout.splitlines()
    return [json.loads(line) for line in out]


def judge(setup, j, plan, sizes, root):
    """Problems of an answer; @root: the machine's folder."""
    if "error" not in plan:
        return setup.problems(plan, j, loaded(root))
    if plan["error"] not in ("ENOSPC", "EINVAL") or not sizes:
        return [f"refused: {plan}"]
    total = sum(b - a for a, b in j.made.ram)
    if plan["error"] == "EINVAL" and "half" in plan["reason"] and 2 * sum(n for _, n in sizes) > total:
        return []
    for pieces in setup.ways(sizes, j):
        if 2 * sum(n for _, n in sizes) <= total and exists(pieces, setup.room(j)):
            return [f"refused, but a legal placement exists: {plan['reason']}"]
    return []


def roomy(setup, kernels):
    end = setup.base + 2 * GIB
    for kernel in sorted(kernels):
        for initrd in (1, 3_000_000, 20_000_000):
            for crash in setup.modes:
                region = tuple(setup.base + n for n in setup.wide) if crash else None
                yield Job(setup.make([(setup.base, end)], region, initrd, kernel), kernel, initrd, crash)


def main(many_plans, name, count=1000, seed=1):
    rng, setup = random.Random(int(seed)), SETUPS[name](name)
    kernels, known, tally, bad = setup.kernels(), {}, Counter(), []
    with tempfile.TemporaryDirectory(dir=memory_folder()) as folder:
        for kernel, data in kernels.items():
            (pathlib.Path(folder) / kernel).write_bytes(data)
        first = list(roomy(setup, kernels))
        for j, plan in zip(first, run(many_plans, first, folder)):
            if "error" in plan:
                sys.exit(f"a roomy machine: {plan}")
            known[j.kernel, j.initrd, j.crash] = [(s["kind"], s["memsz"]) for s in plan["segments"]]
    with tempfile.TemporaryDirectory(dir=memory_folder()) as folder:
        for kernel, data in kernels.items():
            (pathlib.Path(folder) / kernel).write_bytes(data)
        jobs = [job(rng, setup, kernels, known) for _ in range(int(count))]
        for i, (j, plan) in enumerate(zip(jobs, run(many_plans, jobs, folder))):
            found = judge(setup, j, plan, known[j.kernel, j.initrd, j.crash], pathlib.Path(folder) / f"m{i}")
            bad += [f"m{i} {j.kernel} {j.initrd} {j.made.ram} {j.made.regions}: {p}" for p in found]
            tally["refused" if "error" in plan else "planned"] += 1
            tally["crash"] += j.crash
    print(name, dict(tally))
    print(*bad[:10], sep="\n")
    enough = 2 * tally["planned"] >= int(count) and 10 * tally["refused"] >= int(count)
    return 1 if bad or not enough else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
