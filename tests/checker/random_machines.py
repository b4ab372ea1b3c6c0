#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plans loads on 1,000 random machines and checks each plan and each refusal.

    random_machines.py MANY_PLANS [COUNT [SEED]]

First every load is planned on a roomy machine: that tells how large its pieces are. Then machines
are made around those sizes: some at random, many with holes cut to fit the pieces to a page, or a
page too small. One process plans them all; the independent checker looks at every answer.
"""
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

import bzimage
import x86_kaslr
from check_plan import check
from cpu_plans import segments
from facts import Image, Machine
from legal import FOREVER, MIB, Piece, Request, pieces_of, round_up
from made_machines import memory_folder

PAGE, GIB = 4096, 1 << 30
LOADS = 60

Load = namedtuple("Load", "image data initrd crash")  # image: path; initrd: bytes or None
Job = namedtuple("Job", "kind machine load req")  # machine: a Layout


class Layout:
    """A machine in the making: one stretch of RAM above 1 MiB, minus what is reserved in it."""

    def __init__(self, end, crash=None):
        self.end, self.crash, self.reserved, self.avoid = end, crash, [], []

    def write(self, folder):
        top = [
            (0x1000, 0x9FC00, "System RAM"),
            (0x9FC00, 0xA0000, "Reserved"),
            (0xF0000, MIB, "Reserved"),
            (MIB, self.end, "System RAM"),
            (0x1000000000 * 4, 0x1000000000 * 4 + MIB, "PCI Bus 0000:00"),
        ]
        children = [(a, b, "Reserved") for a, b in self.reserved]
        if self.crash:
            children.append((*self.crash, "Crash kernel"))
        lines = []
        for a, b, name in top:
            lines.append(f"{a:08x}-{b - 1:08x} : {name}")
            inside = sorted(c for c in children if a <= c[0] and c[1] <= b and name == "System RAM")
            lines += [f"  {x:08x}-{y - 1:08x} : {n}" for x, y, n in inside]
        put(folder, "proc/iomem", "\n".join(lines) + "\n")
        put(folder, "proc/meminfo", f"MemTotal:       {(self.end - MIB) // 1024} kB\n")
        put(folder, "proc/cmdline", "root=/dev/vda1 ro\n")
        put(
            folder,
            "baton.json",
            json.dumps(
                {
                    "schema": 1,
                    "arch": "x86_64",
                    "release": "6.1.0-random",
                    "page_size": PAGE,
                    "vmcoreinfo": "",
                }
            ),
        )

    def leave_only(self, holes, start, end):
        """Reserve all of [start, end) but the holes."""
        at = start
        for a, b in sorted(holes) + [(end, end)]:
            if a > at:
                self.reserved.append((at, a))
            at = max(at, b)


def put(folder, path, text):
    file = pathlib.Path(folder) / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def make_image(rng):
    data = bytearray(
        bzimage.build(
            xloadflags=rng.choice([0x7F, 0x7F, 0x7D, 0x1F]),
            relocatable=rng.choice([1, 1, 1, 0]),
            pref=rng.choice([0x1000000, 0x1000000, 0x100000, 0x2000000]),
            align=rng.choice([0x200000, 0x200000, 0x1000000, 0x100000]),
            init_size=rng.randrange(2 * MIB, 96 * MIB, 512),
        )
    )
    data[0x22C:0x230] = rng.choice([0x7FFFFFFF, 0x37FFFFFF, 0x37FFFFFF]).to_bytes(4, "little")
    return bytes(data)


def make_loads(rng, folder):
    loads = []
    for i in range(LOADS):
        data = make_image(rng)
        path = pathlib.Path(folder) / f"image{i}"
        path.write_bytes(data)
        initrd = rng.choice([None, rng.randrange(1, 64 * MIB), rng.randrange(1, 64 * MIB)])
        loads.append(Load(path, data, initrd, i % 3 == 0))
    return loads


def roomy(load):
    layout = Layout(8 * GIB, (MIB, 2 * GIB) if load.crash else None)
    return Job("roomy", layout, load, Request(crash=load.crash, initrd=load.initrd))


def run(many_plans, jobs, folder):
    """The plan or refusal of each job, as parsed JSON."""
    lines = []
    for i, job in enumerate(jobs):
        root = pathlib.Path(folder) / f"{job.kind}{i}"
        job.machine.write(root)
        req = job.req
        avoid = ",".join(f"{a:#x}-{b - 1:#x}" for a, b in req.avoid) or "-"
        high = "-" if req.high == FOREVER else hex(req.high - 1)
        lines.append(
            "\t".join(
                map(
                    str,
                    [
                        root,
                        job.load.image,
                        job.load.initrd or 0,
                        int(req.crash),
                        req.low,
                        high,
                        avoid,
                    ],
                )
            )
        )
    out = subprocess.run(
        [many_plans], input="\n".join(lines) + "\n", stdout=subprocess.PIPE, text=True, check=True
    ).stdout.splitlines()
    if len(out) != len(jobs):
        sys.exit(f"{len(jobs)} jobs, {len(out)} answers")
    return [json.loads(line) for line in out]


def loaded(root):
    """{kind: bytes} of what many_plans planned for the machine in @root, without the kernel and the initrd."""
    return {path.name: path.read_bytes() for path in (root / "loaded").iterdir()}


def pack(group, at):
    """Lay pieces one behind the other from @at on: the end, and whether the limits allow it."""
    for p in group:
        at = round_up(max(at, p.within[0]), p.align)
        if at + p.size > p.within[1]:
            return None
        at += p.size
    return at


def tight_holes(rng, pieces, start):
    """Holes that hold the pieces, each with a page too little, just enough, or a page to spare."""
    order = pieces[:]
    rng.shuffle(order)
    holes, at = [], start
    while order:
        n = rng.randrange(1, len(order) + 1)
        group, order = order[:n], order[n:]
        at = round_up(max(at, rng.choice([0, group[0].within[0]])), PAGE)
        end = pack(group, at)
        if end is None:
            return None
        end += rng.choice([0, 0, 0, 0, PAGE, 0x400, -0x400])
        holes.append((at, end))
        at = end + rng.randrange(1, 64) * PAGE
    # Holes in which nothing fits: half a page at the end of one.
    holes += [
        (at + i * 2 * PAGE + 0x800, at + (i * 2 + 1) * PAGE + 0x600)
        for i in range(rng.randrange(4))
    ]
    return holes


def tight(rng, load, plan):
    """A machine whose free memory is nothing but such holes. None: the limits do not allow it."""
    image = Image(load.data)
    pieces = [
        Piece(s.kind, s.size, s.align, s.within) for s in pieces_of(plan, PAGE_MACHINE, image)
    ]
    start = max(MIB, rng.randrange(0, 64 * MIB, PAGE))
    holes = tight_holes(rng, pieces, start)
    if not holes:
        return None
    last = max(b for _, b in holes)
    end = max(GIB, 4 * round_up(last, MIB))
    if not load.crash:
        layout = Layout(end)
        layout.leave_only(holes, MIB, end)
        return Job("tight", layout, load, Request(initrd=load.initrd))
    low, high = min(a for a, _ in holes) // PAGE * PAGE, round_up(last, PAGE)
    layout = Layout(end, (low, high))
    layout.leave_only(holes, low, high)
    avoid, layout.reserved = tuple(layout.reserved), []
    return Job("tight-crash", layout, load, Request(crash=True, initrd=load.initrd, avoid=avoid))


def loose(rng, load):
    """A random machine: usual sizes, random reservations, now and then limits from the user."""
    end = rng.choice([96 * MIB, 192 * MIB, 512 * MIB, GIB, 4 * GIB, 24 * GIB])
    region = None
    if load.crash:
        size = min(rng.choice([64, 96, 128, 192, 256]) * MIB, end // 2)
        begin = rng.randrange(MIB, end - size, MIB)
        region = (begin, begin + size)
    layout = Layout(end, region)
    at = MIB
    while not region and rng.random() < 0.9:
        at += rng.randrange(PAGE, max(2 * PAGE, (end - at) // 2), 512)
        size = rng.randrange(512, 16 * MIB, 512)
        if at + size >= end:
            break
        layout.reserved.append((at, at + size))
        at += size
    limits = {}
    if rng.random() < 0.15:
        limits["high"] = rng.randrange(64 * MIB, 2 * end, PAGE)
    if rng.random() < 0.1:
        limits["low"] = rng.randrange(0, end // 2, PAGE)
    if rng.random() < 0.2:
        a = rng.randrange(MIB, end, PAGE)
        limits["avoid"] = ((a, a + rng.randrange(PAGE, 64 * MIB, PAGE)),)
    return Job("loose", layout, load, Request(crash=load.crash, initrd=load.initrd, **limits))


def slots(plan, image, root):
    """Where the kernel may unpack itself, played through."""
    if "error" in plan:
        return []
    return list(x86_kaslr.problems(plan, segments(plan), loaded(root), Image(image).init_size))


class PageMachine:
    page = PAGE


PAGE_MACHINE = PageMachine()


def make_jobs(rng, loads, plans, count):
    jobs = []
    while len(jobs) < count:
        i = rng.randrange(len(loads))
        job = tight(rng, loads[i], plans[i]) if len(jobs) % 5 < 3 else loose(rng, loads[i])
        if job:
            jobs.append((job, plans[i]))
    return jobs


def main(many_plans, count=1000, seed=1):
    rng = random.Random(int(seed))
    tally, bad = Counter(), []
    with tempfile.TemporaryDirectory(dir=memory_folder()) as folder:
        loads = make_loads(rng, folder)
        plans = run(many_plans, [roomy(load) for load in loads], folder)
        for load, plan in zip(loads, plans):
            if "error" in plan:
                sys.exit(f"{load.image} on a roomy machine: {plan}")
        jobs = make_jobs(rng, loads, plans, int(count))
        answers = run(many_plans, [job for job, _ in jobs], folder)
        for i, ((job, pieces), answer) in enumerate(zip(jobs, answers)):
            root = pathlib.Path(folder) / f"{job.kind}{i}"
            machine = Machine(root)
            found = check(answer, machine, job.load.data, job.req, pieces)
            found += slots(answer, job.load.data, root)
            bad += [f"{job.kind}{i}: {p}: {json.dumps(answer)}" for p in found]
            tally["refused" if "error" in answer else "planned"] += 1
            if "error" not in answer:
                tally[job.kind] += 1
                tally["searched"] += any(
                    "tight fit" in (s["reason"] or "") for s in answer["segments"]
                )
    print(dict(tally))
    print(*bad[:20], sep="\n")
    close = tally["tight"] + tally["tight-crash"]
    enough = (
        2 * tally["planned"] >= int(count)
        and 10 * tally["refused"] >= int(count)
        and 10 * close >= int(count)
        and tally["searched"] > 0
    )
    return 1 if bad or not enough else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
