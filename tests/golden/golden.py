#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plans for every machine in tests/machines and in made_machines.py, compared and checked.

    golden.py [--bless] [--only NAME] BATON BATON_TEST

Each machine is planned twice, for a jump and for a crash, as JSON and as text with --explain, and
compared with the files in plans/. --bless rewrites those: look at the difference before you commit
it. The independent checker looks at each plan. BATON_TEST (the program with the fake kernel) loads
the crash plan, so that the crash header itself is read and checked.
"""
import argparse
import difflib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from xml.etree import ElementTree

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
for folder in ("images", "checker", "golden"):
    sys.path.insert(0, str(ROOT / folder))

import bzimage
import made_machines
import mkpurgatory
from check_plan import check, saved_crash_header
from cpu_plans import content_of, how_to_load, out_of_reach, processor_time, segments, told_so
from facts import Image, Machine
from legal import Request, of_crash_header
from made_machines import memory_folder
from random_machines import Load, roomy
import x86_kaslr

INITRD = 15_000_000
LOAD = ["--syscall", "load", "--purgatory", "purgatory.o"]
MODES = {
    "jump": LOAD + ["--append", "console=ttyS0,115200 nonce=1"],
    "crash": LOAD
    + ["--crash", "--reuse-cmdline"]
    + ["--append", "irqpoll nr_cpus=1 reset_devices -- init-word"],
    "file": ["--syscall", "file", "--append", "quiet"],
}
# Such a plan holds nothing of the machine: one is enough.
FILE_MACHINES = {"x86_64-q35"}


def initrd_of(machine):
    return made_machines.INITRDS.get(machine.name, INITRD)


class Bench:
    """A folder with the files that all plans use, under names that hold no path of this machine."""

    def __init__(self, folder, baton, baton_test):
        self.folder, self.baton, self.baton_test = pathlib.Path(folder), baton, baton_test
        self.image, self.planning = bzimage.build(), 0
        (self.folder / "vmlinuz").write_bytes(self.image)
        (self.folder / "purgatory.o").write_bytes(mkpurgatory.build())

    def run(self, program, command, machine, mode, *more, env=None):
        with open(self.folder / "initrd.img", "wb") as f:
            f.truncate(initrd_of(machine))
        files = ["--initrd", "initrd.img"] if initrd_of(machine) else []
        args = [program, command, "--sysroot", machine, *MODES[mode], *more, *files, "vmlinuz"]
        before = processor_time()
        out = subprocess.run(
            args,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **(env or {})},
            timeout=60,
        )
        self.planning += processor_time() - before if command == "plan" else 0
        return out

    def roomy_plan(self, mode):
        """The same load on a machine with room for anything: how large its pieces are."""
        job = roomy(Load(None, None, INITRD, mode == "crash"))
        job.machine.write(self.folder / "roomy")
        out = self.run(self.baton, "plan", self.folder / "roomy", mode, "--json")
        return json.loads(out.stdout)


def shown(run):
    text = run.stdout.decode(errors="backslashreplace")
    if run.returncode or run.stderr:
        text += f"[exit {run.returncode}]\n" + run.stderr.decode(errors="backslashreplace")
    return text


def compare(path, have, bless):
    if bless:
        path.parent.mkdir(exist_ok=True)
        path.write_text(have)
        return []
    want = path.read_text() if path.exists() else ""
    if want == have:
        return []
    diff = difflib.unified_diff(
        want.splitlines(), have.splitlines(), str(path.name), "now", lineterm="", n=1
    )
    return [f"{path.name} differs (golden.py --bless rewrites it):\n" + "\n".join(list(diff)[:40])]


def check_loaded(bench, machine, facts, plan, mode):
    """Load into the fake kernel and read what it got: the crash header, what the kernel would write over."""
    fake = bench.folder / "fake"
    for old in fake.glob("*") if fake.exists() else []:
        old.unlink()
    fake.mkdir(exist_ok=True)
    how = how_to_load(initrd_of(machine))
    run = bench.run(bench.baton_test, how, machine, mode, env={"BATON_FAKE_KERNEL": str(fake)})
    far = out_of_reach(plan, bench.baton_test)
    if far and told_so(run, far, "vmlinuz"):
        return []
    if far or run.returncode:
        return [f"load into the fake kernel: {shown(run)}"]
    found = list(x86_kaslr.problems(plan, segments(plan), content_of(fake, plan), Image(bench.image).init_size))
    if mode == "crash":
        found += of_crash_header(saved_crash_header(fake), plan, facts)
    return found


def check_svg(bench, machine, mode):
    bench.run(bench.baton, "plan", machine, mode, "--svg", "plan.svg")
    try:
        ElementTree.parse(bench.folder / "plan.svg")
    except ElementTree.ParseError as e:
        return [f"svg: {e}"]
    return []


def one(bench, machine, mode, bless):
    as_json = bench.run(bench.baton, "plan", machine, mode, "--json")
    try:
        plan = json.loads(as_json.stdout)
    except ValueError:
        return [f"no JSON: {shown(as_json)}"]
    as_text = bench.run(bench.baton, "plan", machine, mode, "--explain")
    files = HERE / "plans"
    pretty = json.dumps(plan, indent=1, ensure_ascii=False) + "\n"
    found = compare(
        files / f"{machine.name}.{mode}.json", pretty.replace(str(machine), "MACHINE"), bless
    )
    found += compare(
        files / f"{machine.name}.{mode}.txt", shown(as_text).replace(str(machine), "MACHINE"), bless
    )
    facts = Machine(machine)
    request = Request(crash=mode == "crash", initrd=initrd_of(machine) or None)
    found += check(
        plan, facts, bench.image, request, bench.roomy_plan(mode) if "error" in plan else None
    )
    if "error" not in plan:
        found += check_svg(bench, machine, mode)
    if "error" not in plan and mode != "file":
        found += check_loaded(bench, machine, facts, plan, mode)
    return found


def machines(folder):
    """The folders of all x86_64 machines: captured ones, and those made now."""
    for about in sorted((ROOT / "machines").glob("**/baton.json")):
        if json.loads(about.read_text())["arch"] == "x86_64":
            yield about.parent
    for name, made in made_machines.machines().items():
        made.write(folder / name)
        yield folder / name


def main():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("--bless", action="store_true")
    p.add_argument("--only")
    p.add_argument("baton")
    p.add_argument("baton_test")
    a = p.parse_args()
    bad, plans = 0, 0
    with tempfile.TemporaryDirectory(dir=memory_folder()) as folder:
        bench = Bench(folder, pathlib.Path(a.baton).resolve(), pathlib.Path(a.baton_test).resolve())
        for machine in machines(bench.folder / "made"):
            if a.only and a.only != machine.name:
                continue
            for mode in MODES:
                if mode == "file" and machine.name not in FILE_MACHINES:
                    continue
                found = one(bench, machine, mode, a.bless)
                plans += 1
                bad += bool(found)
                for problem in found:
                    print(f"{machine.name} {mode}: {problem}")
    print(f"{plans} plans in {bench.planning:.2f} s of processor time, {bad} of them with problems")
    return 1 if bad or not plans else 0


if __name__ == "__main__":
    sys.exit(main())
