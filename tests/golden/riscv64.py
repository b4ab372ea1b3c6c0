#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plans for riscv64 machines, compared with plans/riscv64-*.json, checked, and played through.

    riscv64.py [--bless] [--only NAME] BATON BATON_TEST

As arm64.py, with the first steps of another kernel (Documentation/arch/riscv/boot.rst, head.S and
setup_vm(), Linux 6.1 and 6.12): it lies on a boundary of 2 MiB, clears its bss before it reads
anything, reaches 2 MiB of device tree, and before 6.4 sees no memory below itself.  The firmware's
memory at the beginning of RAM is neither loaded into nor dumped.
"""
import argparse
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
for folder in ("images", "checker", "golden"):
    sys.path.insert(0, str(HERE.parent / folder))

import fdt_seeds as fdt
import mkpurgatory
from arm_seeds import image
from cpu_plans import TreeMachine, loads, number, read_tree, segments
from facts import Machine, Ranges
from made_machines import GIB, KIB, MIB, Made
from random_machines import memory_folder

PAGE, EM_RISCV = 4096, 243
BLOCK = 2 * MIB
LINE = "console=ttyS0 nonce=1 -- init-word"
FILE_SIZE, MEMORY = 3_000_001, 0x1e6b000
KERNELS = {"Image": b"6.12.43-test", "Image-6.1": b"6.1.0-50-test"}
FIRMWARE = 512 * KIB    # OpenSBI's, at the beginning of memory


class Riscv(TreeMachine):
    """A machine with a device tree, and firmware where its memory begins."""

    arch = "riscv64"

    def __init__(self, ram, crash=(), initrd=9_999_999, kernel="Image", **more):
        super().__init__(ram, crash, initrd, kernel, **more)

    def iomem(self):
        for line in super().iomem():
            yield line
            if line.startswith(f"{self.ram[0][0]:08x}-"):
                yield f"  {self.ram[0][0]:08x}-{self.ram[0][0] + FIRMWARE - 1:08x} : Reserved"

    def tree(self):
        reg = b"".join(struct.pack(">QQ", a, b - a) for a, b in self.ram[:50])
        firmware = struct.pack(">QQ", self.ram[0][0], FIRMWARE)
        return fdt.blob(("", fdt.TWO, [
            ("memory@1", {"device_type": fdt.text("memory"), "reg": reg}, []),
            ("reserved-memory", fdt.TWO | {"ranges": b""}, [("mmode_resv0@1", {"reg": firmware}, [])]),
            fdt.CPUS,
            ("chosen", {"bootargs": fdt.text("old"), "linux,initrd-start": fdt.cells(0, 1),
                        "linux,initrd-end": fdt.cells(0, 2)}, []),
        ]))


class Captured:
    """The guest of tests/machines."""
    initrd, kernel = 9_999_999, "Image"

    def __init__(self, name):
        self.folder = HERE.parent / "machines" / name
        facts = Machine(self.folder)
        self.ram, self.regions, self.total = facts.ram.list, facts.crash.list, facts.mem_total

    def write(self, folder):
        folder.symlink_to(self.folder)


def machines():
    base = 2 * GIB
    one, half = [(base, base + GIB)], (base + 512 * MIB, base + 704 * MIB)
    pieces = [(4 * GIB + i * 4 * MIB, 4 * GIB + i * 4 * MIB + MIB) for i in range(10000)]
    return {
        "riscv64-virt": Captured("riscv64-virt"),
        "riscv64-1g": Riscv(one, [half]),
        "riscv64-no-initrd": Riscv(one, [half], 0),
        "riscv64-old": Riscv(one, [half], kernel="Image-6.1"),
        "riscv64-64m": Riscv([(base, base + 64 * MIB)], [(base + 36 * MIB, base + 52 * MIB)], 1_000_000,
                             total=128 * MIB),
        "riscv64-32t": Riscv([(base, 1 << 45)], [(8 << 40, (8 << 40) + 4 * GIB)], 1_100_000_000),
        "riscv64-two-regions": Riscv([(base, 64 * GIB)], [(3 * GIB, 3 * GIB + 128 * MIB), (60 * GIB, 61 * GIB)],
                                     50_000_000),
        "riscv64-10000-ranges": Riscv(one + pieces, [half]),
        # What is large enough for the kernel lies high; the initrd fits only below it.
        "riscv64-below": Riscv([(base, base + 20 * MIB), (3 * GIB, 3 * GIB + 34 * MIB)], [], 15_000_000, total=GIB),
        "riscv64-below-old": Riscv([(base, base + 20 * MIB), (3 * GIB, 3 * GIB + 34 * MIB)], [], 15_000_000,
                                   "Image-6.1", total=GIB),
    }


class Bench:
    def __init__(self, folder, baton, baton_test):
        self.folder, self.baton, self.baton_test = pathlib.Path(folder), baton, baton_test
        for name, version in KERNELS.items():
            data = image(b"RSC\x05", 2 * MIB, MEMORY, 0, b"RISCV").replace(b"6.1.0-50-test", version)
            (self.folder / name).write_bytes(data.ljust(FILE_SIZE, b"\x5a"))
        (self.folder / "purgatory.o").write_bytes(
            mkpurgatory.build(code=bytes.fromhex("6f000000"), machine=EM_RISCV))

    def run(self, program, command, machine, made, crash, *more, env=None):
        words = [program, command, "--sysroot", machine, "--syscall", "load",
                 "--purgatory", "purgatory.o", "--append", LINE, *more]
        words += ["--crash"] if crash else []
        if made.initrd:
            with open(self.folder / "initrd.img", "wb") as f:
                f.truncate(made.initrd)
            words += ["--initrd", "initrd.img"]
        return subprocess.run([*words, made.kernel], cwd=self.folder, capture_output=True,
                              env={**os.environ, **(env or {})}, timeout=60)


def firmware(made):
    start = made.ram[0][0] // MIB * MIB     # a captured machine's RAM begins behind it
    return start, start + FIRMWARE


def where(plan, made):
    """The rules of kexec_load, from the addresses alone."""
    segs = segments(plan)
    room = Ranges(made.regions[-1:] if plan["crash"] else made.ram).minus(Ranges([firmware(made)]))
    for kind, (at, size, used) in segs.items():
        if at % PAGE or size % PAGE or used > size or not size:
            yield f"{kind}: 0x{at:x} + 0x{size:x}, {used} bytes"
        if not room.holds(at, at + size):
            yield f"{kind} is not in usable memory"
        if size > made.total // 2:
            yield f"{kind} takes more than half of the memory"
    spans = sorted((at, at + size) for at, size, _ in segs.values())
    if any(a[1] > b[0] for a, b in zip(spans, spans[1:])):
        yield "segments overlap"
    own, size, _ = segs["purgatory"]
    entry = int(plan["entry"], 16)
    if not own <= entry < own + size or entry % 4:
        yield "the entry is not in the purgatory, or cannot be in stvec"


def played(plan, made):
    """boot.rst and the kernel's first steps."""
    segs, start = segments(plan), int(plan["kernel_entry"], 16)
    at, size, used = segs["kernel"]
    if start % BLOCK or start != at or used != FILE_SIZE or size < MEMORY:
        yield f"the kernel lies at 0x{at:x}, 0x{size:x} bytes, and is entered at 0x{start:x}"
    for kind, (other, length, _) in segs.items():
        if kind != "kernel" and other < start + MEMORY and start < other + length:
            yield f"the kernel's first writes hit {kind}"
    at, size, _ = segs["dtb"]
    if at % 8 or size > 2 * MIB:
        yield f"device tree at 0x{at:x}, 0x{size:x} bytes"
    if made.initrd and made.kernel == "Image-6.1" and segs["initrd"][0] < start:
        yield "the initrd lies below an old kernel"


def told(plan, made, dtb):
    """What the tree says to the next kernel."""
    segs, (tree, _) = segments(plan), read_tree(dtb)
    if tree["/chosen/bootargs"] != LINE.encode() + b"\0":
        yield f"bootargs {tree['/chosen/bootargs']!r}"
    want = (segs["initrd"][0], segs["initrd"][0] + made.initrd) if made.initrd else (0, 0)
    have = number(tree, "linux,initrd-start"), number(tree, "linux,initrd-end")
    if have != want or (not made.initrd and "/chosen/linux,initrd-start" in tree):
        yield f"initrd {have}, not {want}"
    # The highest region, and as memory for devices the lowest.
    regions = [made.regions[-1], *made.regions[:-1][:1]] if plan["crash"] else []
    spans = b"".join(struct.pack(">QQ", a, b - a) for a, b in regions)
    if tree.get("/chosen/linux,usable-memory-range", b"") != spans:
        yield "usable memory: " + tree.get("/chosen/linux,usable-memory-range", b"").hex()
    header = tree.get("/chosen/linux,elfcorehdr", b"")
    if plan["crash"] and header != struct.pack(">QQ", *segs["elfcorehdr"][:2]):
        yield "elfcorehdr: " + header.hex()


def loaded(bench, folder, made, plan):
    fake = bench.folder / "fake"
    for old in fake.glob("*") if fake.exists() else []:
        old.unlink()
    fake.mkdir(exist_ok=True)
    run = bench.run(bench.baton_test, "load", folder, made, plan["crash"],
                    env={"BATON_FAKE_KERNEL": str(fake)})
    if run.returncode:
        return [f"load into the fake kernel: {run.stderr.decode()}"]
    got, found = {}, []
    for line in (fake / "calls.jsonl").read_text().splitlines():
        for s in json.loads(line).get("segments", []):
            got[int(s["mem"], 16)] = fake / s["file"]
    content = {kind: got[at].read_bytes() for kind, (at, _, _) in segments(plan).items()}
    if content["kernel"] != (bench.folder / made.kernel).read_bytes():
        found.append("the kernel's bytes are not the file's")
    found += told(plan, made, content["dtb"])
    purgatory = content["purgatory"]
    handoff = purgatory.index(struct.pack("<I", 0x4e4f5442))
    entry, dtb = struct.unpack_from("<2Q", purgatory, handoff + 64)
    if (entry, dtb) != (int(plan["kernel_entry"], 16), segments(plan)["dtb"][0]):
        found.append(f"the purgatory enters 0x{entry:x} with 0x{dtb:x}")
    if plan["crash"]:
        shown = Ranges(loads(content["elfcorehdr"]))
        if shown.meets(*firmware(made)):
            found.append("the crash header shows the firmware's memory: reading it fails")
        want = Ranges(made.ram).minus(Ranges([firmware(made), *made.regions])).list
        if isinstance(made, Made) and shown.list != want:
            found.append(f"the crash header shows {shown.list[:4]}, not {want[:4]}")
    return found


def refused(plan, name, made, crash):
    """A refusal is right where no place exists; there are few, and each is said outright."""
    reason = plan["error"]["reason"]
    if crash and not made.regions:
        return [] if "no crash kernel region" in reason else [reason]
    right = {("riscv64-64m", True): "no place for kernel",
             ("riscv64-below-old", False): "below the kernel"}
    word = right.get((name, crash))
    return [] if word and word in reason else [f"refused: {reason}"]


def one(bench, name, made, crash, bless):
    folder = bench.folder / name
    run = bench.run(bench.baton, "plan", folder, made, crash, "--json")
    try:
        plan = json.loads(run.stdout)
    except ValueError:
        return [f"no JSON: {run.stderr.decode()}"]
    path = HERE / "plans" / f"{name}.{'crash' if crash else 'jump'}.json"
    text = json.dumps(plan, indent=1, ensure_ascii=False) + "\n"
    if bless:
        path.write_text(text)
    if not path.exists() or path.read_text() != text:
        return [f"{path.name} differs (--bless rewrites it): {text}"]
    if "error" in plan:
        return refused(plan, name, made, crash)
    found = [*where(plan, made), *played(plan, made)]
    # The fake kernel keeps a copy of all that is loaded.
    return found + (loaded(bench, folder, made, plan) if made.initrd < GIB else [])


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bless", action="store_true")
    p.add_argument("--only")
    p.add_argument("baton")
    p.add_argument("baton_test")
    a = p.parse_args()
    bad, plans = 0, 0
    with tempfile.TemporaryDirectory(dir=memory_folder()) as folder:
        bench = Bench(folder, pathlib.Path(a.baton).resolve(), pathlib.Path(a.baton_test).resolve())
        for name, made in machines().items():
            if a.only and a.only != name:
                continue
            made.write(bench.folder / name)
            for crash in (False, True):
                found = one(bench, name, made, crash, a.bless)
                plans += 1
                bad += bool(found)
                for problem in found:
                    print(f"{name} {'crash' if crash else 'jump'}: {problem}")
    print(f"{plans} plans, {bad} of them with problems")
    return 1 if bad or not plans else 0


if __name__ == "__main__":
    sys.exit(main())
