#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plans for arm64 machines, compared with plans/arm64-*.json, checked, and played through.

    arm64.py [--bless] [--only NAME] BATON BATON_TEST

Each machine is planned for a jump and for a crash, with a kernel and an initrd of its own; the fake
kernel (BATON_TEST) takes the load, and what it got is read: kernel, device tree, crash header, the
purgatory's arguments.  A model of what the kernel does then, before it owns memory (booting.rst and
arch/arm64/{kernel/head.S,mm/init.c}), is run over it: nothing loaded may be lost or out of reach.
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
from facts import Machine, Ranges
from made_machines import GIB, MIB, Made
from random_machines import memory_folder

PAGE, EM_AARCH64 = 4096, 183
BLOCK, WINDOW = 2 * MIB, 32 * GIB
# The kernels: 3 MB in the file, more in memory; of today, before 4.6 (as low as it can), before 3.17.
FILE_SIZE = 3_000_001
KERNELS = {
    "Image": {"size": 0x1aa0000},
    "Image-64k": {"size": 0x1aa0000, "flags": 0xe},
    "Image-4.5": {"text_offset": 0x80000, "size": 0x1000000, "flags": 0},
    "Image-3.16": {"text_offset": 0x80000, "size": 0, "flags": 0},
}
OLD_BSS = 16 * MIB
LINE = "console=ttyAMA0 nonce=1 -- init-word"


class Arm64(Made):
    """A machine with a device tree; its crash regions are one or two."""

    def __init__(self, ram, crash=(), initrd=9_999_999, kernel="Image", **more):
        super().__init__(ram, None, **more)
        self.regions, self.initrd, self.kernel = list(crash), initrd, kernel

    def iomem(self):
        for a, b in self.ram:
            yield f"{a:08x}-{b - 1:08x} : System RAM"
            for c, d in self.regions:
                if a <= c and d <= b:
                    yield f"  {c:08x}-{d - 1:08x} : Crash kernel"

    def tree(self):
        reg = b"".join(struct.pack(">QQ", a, b - a) for a, b in self.ram[:50])
        return fdt.blob(("", fdt.TWO, [
            ("memory@1", {"device_type": fdt.text("memory"), "reg": reg}, []),
            ("psci", {"compatible": fdt.text("arm,psci-1.0"), "method": fdt.text("smc")}, []),
            fdt.CPUS,
            ("chosen", {"bootargs": fdt.text("old"), "kaslr-seed": fdt.cells(0, 0),
                        "linux,initrd-start": fdt.cells(0, 1), "linux,initrd-end": fdt.cells(0, 2)}, []),
        ]))

    def write(self, folder):
        super().write(folder)
        folder = pathlib.Path(folder)
        about = {"schema": 1, "arch": "arm64", "release": "6.1.0-made", "page_size": PAGE}
        (folder / "baton.json").write_text(json.dumps({**about, "vmcoreinfo": "OSRELEASE=6.1.0-made\n"}))
        (folder / "sys/firmware").mkdir(parents=True, exist_ok=True)
        (folder / "sys/firmware/fdt").write_bytes(self.tree())


class Captured:
    """A folder of tests/machines."""

    def __init__(self, name):
        self.folder = HERE.parent / "machines" / name
        facts = Machine(self.folder)
        self.ram, self.regions, self.total = facts.ram.list, facts.crash.list, facts.mem_total or 1 << 52
        self.initrd, self.kernel = 9_999_999, "Image"

    def write(self, folder):
        folder.symlink_to(self.folder)


def apart(*places):
    return [(at, at + 30 * MIB) for at in places]


def machines():
    one = [(GIB, 2 * GIB)]
    pieces = [(4 * GIB + i * 4 * MIB, 4 * GIB + i * 4 * MIB + MIB) for i in range(10000)]
    far = [(2 * GIB, 2 * GIB + 64 * MIB), (512 * GIB, 600 * GIB)]
    return {
        "arm64-virt": Captured("arm64-virt"),
        "arm64-virt-efi": Captured("arm64-virt-efi"),
        "arm64-1g": Arm64(one, [(1600 * MIB, 1792 * MIB)]),
        "arm64-no-initrd": Arm64(one, [(1600 * MIB, 1792 * MIB)], 0),
        "arm64-64m": Arm64([(GIB, GIB + 64 * MIB)], [(GIB + 32 * MIB, GIB + 48 * MIB)], 1_000_000),
        "arm64-16t": Arm64([(GIB, 1 << 44)], [(8 << 40, (8 << 40) + 4 * GIB)], 1_100_000_000),
        "arm64-two-regions": Arm64([(GIB, 64 * GIB)], [(2 * GIB, 2 * GIB + 128 * MIB), (60 * GIB, 61 * GIB)],
                                   50_000_000),
        # Two clusters of memory: the lower takes the kernel, but not the initrd, which must be near it.
        "arm64-far": Arm64(far, [(520 * GIB, 521 * GIB)], 60_000_000),
        # Memory in pieces that hold one of them: 20 GiB apart will do, 35 will not.
        "arm64-apart": Arm64(apart(GIB, 100 * GIB, 120 * GIB), [], 20_000_000, total=GIB),
        "arm64-too-far-apart": Arm64(apart(GIB, 100 * GIB, 136 * GIB), [], 20_000_000, total=GIB),
        "arm64-10000-ranges": Arm64(one + pieces, [(1600 * MIB, 1792 * MIB)]),
        "arm64-64k": Arm64(one, [(1600 * MIB, 1792 * MIB)], kernel="Image-64k"),
        "arm64-old": Arm64(one, [(1600 * MIB, 1792 * MIB)], kernel="Image-4.5"),
        "arm64-very-old": Arm64(one, [(1600 * MIB, 1792 * MIB)], kernel="Image-3.16"),
        "arm64-high-old": Arm64([(GIB, GIB + 3 * MIB), (2 * GIB, 3 * GIB)], [], kernel="Image-4.5"),
    }


class Bench:
    def __init__(self, folder, baton, baton_test):
        self.folder, self.baton, self.baton_test = pathlib.Path(folder), baton, baton_test
        for name, how in KERNELS.items():
            (self.folder / name).write_bytes(image(b"ARM\x64", **how).ljust(FILE_SIZE, b"\x5a"))
        (self.folder / "purgatory.o").write_bytes(
            mkpurgatory.build(code=b"\xc0\x03\x5f\xd6", machine=EM_AARCH64))

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


def segments(plan):
    return {s["kind"]: (int(s["mem"], 16), s["memsz"], s["bufsz"]) for s in plan["segments"]}


def usable(made, crash):
    if crash:
        return Ranges(made.regions[-1:])
    return Ranges(made.ram).minus(Ranges(made.regions))


def where(plan, made):
    """The rules of kexec_load, from the addresses alone."""
    segs, room = segments(plan), usable(made, plan["crash"])
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
    if not own <= int(plan["entry"], 16) < own + size:
        yield "the entry is not in the purgatory"


def kernel_memory(plan, made):
    """[start, end) that the kernel uses before it reads any map: its image with bss and first tables."""
    how, start = KERNELS[made.kernel], int(plan["kernel_entry"], 16)
    return start, start + (how["size"] or FILE_SIZE + OLD_BSS)


def played(plan, made):
    """booting.rst and the kernel's first steps."""
    segs, how = segments(plan), KERNELS[made.kernel]
    start, end = kernel_memory(plan, made)
    base = start - how.get("text_offset", 0)
    if base % BLOCK:
        yield f"the kernel lies at 0x{start:x}"
    if not segs["kernel"][0] <= start < end <= sum(segs["kernel"][:2]):
        yield "the kernel's memory is not its segment's"
    for kind, (at, size, _) in segs.items():
        if kind != "kernel" and at < end and start < at + size:
            yield f"the kernel's first writes hit {kind}"
    at, size, _ = segs["dtb"]
    if at % 8 or size > 2 * MIB:
        yield f"device tree at 0x{at:x}, 0x{size:x} bytes"
    if made.initrd:
        at, size, used = segs["initrd"]
        low = min(start, at) // GIB * GIB
        if max(end, at + size) - low > WINDOW or used != made.initrd:
            yield f"initrd 0x{at:x}, kernel 0x{start:x}: no window of 32 GiB"
    # Before 4.6 the linear map begins at the kernel, and the tree lies in the first 512 MiB from there.
    if how.get("flags") == 0:
        if made.initrd and segs["initrd"][0] < base:
            yield "the initrd lies below an old kernel"
        if not base <= segs["dtb"][0] <= sum(segs["dtb"][:2]) <= base + 512 * MIB:
            yield "the device tree is too far from an old kernel"


def read_tree(data):
    """{"/node/property": bytes} and the reservations."""
    at, text, rsv = struct.unpack_from(">3I", data, 8)
    out, path, holes = {}, [], []
    while struct.unpack_from(">QQ", data, rsv) != (0, 0):
        holes.append(struct.unpack_from(">QQ", data, rsv))
        rsv += 16
    while True:
        token, = struct.unpack_from(">I", data, at)
        at += 4
        if token == 1:
            end = data.index(b"\0", at)
            path.append(data[at:end].decode())
            at = (end + 4) & ~3
        elif token == 2:
            path.pop()
        elif token == 3:
            size, name = struct.unpack_from(">II", data, at)
            name = data[text + name:data.index(b"\0", text + name)].decode()
            out["/".join([*path, name])] = data[at + 8:at + 8 + size]
            at += 8 + (size + 3 & ~3)
        elif token == 9:
            return out, holes


def number(tree, name):
    return int.from_bytes(tree.get("/chosen/" + name, b""), "big")


def told(plan, made, dtb):
    """What the tree says to the next kernel."""
    segs, (tree, holes) = segments(plan), read_tree(dtb)
    if tree["/chosen/bootargs"] != LINE.encode() + b"\0":
        yield f"bootargs {tree['/chosen/bootargs']!r}"
    want = (segs["initrd"][0], segs["initrd"][0] + made.initrd) if made.initrd else (0, 0)
    have = number(tree, "linux,initrd-start"), number(tree, "linux,initrd-end")
    if have != want:
        yield f"initrd {have}, not {want}"
    if not made.initrd and "/chosen/linux,initrd-start" in tree:
        yield "an initrd of old is still told"
    if len(tree["/chosen/kaslr-seed"]) != 8 or not any(tree["/chosen/kaslr-seed"]):
        yield "no fresh kaslr-seed"
    spans = b"".join(struct.pack(">QQ", a, b - a) for a, b in
                     reversed(made.regions)) if plan["crash"] else b""
    if tree.get("/chosen/linux,usable-memory-range", b"") != spans:
        yield "usable memory: " + tree.get("/chosen/linux,usable-memory-range", b"").hex()
    header = tree.get("/chosen/linux,elfcorehdr", b"")
    if plan["crash"] and header != struct.pack(">QQ", *segs["elfcorehdr"][:2]):
        yield "elfcorehdr: " + header.hex()
    for at, size in holes:
        if at < kernel_memory(plan, made)[1] and kernel_memory(plan, made)[0] < at + size:
            yield "the kernel's own memory is reserved"


def loads(header):
    """PT_LOADs of the crash header: (physical address, size)."""
    at, = struct.unpack_from("<Q", header, 32)
    n, = struct.unpack_from("<H", header, 56)
    for i in range(n):
        kind, _, _, _, phys, _, size, _ = struct.unpack_from("<IIQQQQQQ", header, at + 56 * i)
        if kind == 1:
            yield phys, phys + size


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
    kernel = (bench.folder / made.kernel).read_bytes()
    if content["kernel"] != bytes(KERNELS[made.kernel].get("text_offset", 0)) + kernel:
        found.append("the kernel's bytes are not the file's")
    found += told(plan, made, content["dtb"])
    purgatory = content["purgatory"]
    handoff = purgatory.index(struct.pack("<I", 0x4e4f5442))
    entry, dtb, own, size, psci = struct.unpack_from("<5Q", purgatory, handoff + 64)
    at = segments(plan)["purgatory"]
    if (entry, dtb) != (int(plan["kernel_entry"], 16), segments(plan)["dtb"][0]):
        found.append(f"the purgatory enters 0x{entry:x} with 0x{dtb:x}")
    if (own, size) != at[:2] or (isinstance(made, Made) and psci != 2):
        found.append(f"the purgatory is told that it lies at 0x{own:x}, 0x{size:x} bytes, PSCI {psci}")
    if plan["crash"] and isinstance(made, Made):
        want = Ranges(made.ram).minus(Ranges(made.regions)).list
        if sorted(loads(content["elfcorehdr"])) != want:
            found.append("the crash header does not show the old memory")
    return found


def refused(plan, made):
    """A refusal is right where no place exists; there are few, and each is said outright."""
    reason = plan["error"]["reason"]
    if plan["crash"] and not made.regions:
        return [] if "no crash kernel region" in reason else [reason]
    right = {("arm64-too-far-apart", False): "no place for initrd", ("arm64-64m", True): "no place for kernel"}
    word = right.get((plan["name"], plan["crash"]))
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
        return refused(plan | {"name": name, "crash": crash}, made)
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
