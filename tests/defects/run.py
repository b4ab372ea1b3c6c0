#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Known defects of the peers, each shown to be caught by a test of ours.

tests/defects.tsv has one line per defect: id, what the peer does wrong, our test (its name in
meson), and a change of one line of our code (file, text, replacement) that puts the defect into
Baton.  Each change is made in a scratch copy, what the test needs is built, the test is run and
must turn red.  A test that is red without the change proves nothing, and is a failure too.

    run.py [--jobs N] [--tree DIR] [ID...]   try the rows; DIR keeps the scratch copy for next time
    run.py --list                            show them
    run.py --check BUILD                     only: each row applies, and its test exists in BUILD
"""
import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
TABLE = TOP / "tests" / "defects.tsv"
FIELDS = ["id", "defect", "test", "file", "text", "replacement"]
LEAST = 40  # rows: a table that lost its lines is no proof


def rows():
    with TABLE.open(newline="") as f:
        lines = (line for line in f if line.strip() and not line.startswith("#"))
        for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if len(row) != len(FIELDS):
                sys.exit(f"{TABLE.name}: {row[0]}: {len(row)} fields, wanted {len(FIELDS)}")
            yield dict(zip(FIELDS, row))


def known_tests(build):
    """{name: [test of meson]}; a unit test and the seeds of a fuzz target may share a name."""
    out = {}
    for t in json.loads((build / "meson-info" / "intro-tests.json").read_text()):
        out.setdefault(t["name"], []).append(t)
    return out


def why_not(tree, row, tests):
    """Why @row cannot be tried in the sources @tree, or ''."""
    path = tree / row["file"]
    if not path.exists():
        return f"{row['file']} does not exist"
    times = path.read_text().count(row["text"])
    if times != 1:
        return f"'{row['text']}' stands {times} times in {row['file']}"
    if row["text"] == row["replacement"]:
        return "changes nothing"
    return "" if row["test"] in tests else f"no test is called {row['test']}"


def check(build, chosen):
    """The quick part: nothing is built."""
    tests, ids = known_tests(build), [r["id"] for r in chosen]
    bad = [f"{r['id']}: {why}" for r in chosen if (why := why_not(TOP, r, tests))]
    bad += [f"{i}: stands twice" for i in sorted({i for i in ids if ids.count(i) > 1})]
    if len(ids) < LEAST:
        bad.append(f"{len(ids)} rows, wanted at least {LEAST}")
    if bad:
        bad.append("Code moved? Put the same defect into it anew, in tests/defects.tsv.")
    print("\n".join(bad + [f"{len(ids)} defects, all apply"] * (not bad)))
    return 1 if bad else 0


class Scratch:
    """A copy of the sources in @top with one build folder that all rows share."""

    def __init__(self, top, jobs):
        self.top, self.jobs, self.build = top, jobs, top / "build"
        self.copy()
        if not (self.build / "build.ninja").exists():
            # Unoptimised: the rows compile most of the time.
            subprocess.run(["meson", "setup", "build", "-Dwerror=false", "-Dbuildtype=debug"],
                           cwd=top, check=True, stdout=subprocess.DEVNULL)
        else:
            subprocess.run(["meson", "setup", "--reconfigure", "build"], cwd=top, check=True,
                           stdout=subprocess.DEVNULL)
        self.tests = known_tests(self.build)
        self.targets = {t["id"]: [os.path.relpath(f, self.build) for f in t["filename"]]
                        for t in json.loads((self.build / "meson-info" / "intro-targets.json")
                                            .read_text())}

    def copy(self):
        """What git knows, newly written only where it differs: a kept tree builds little."""
        files = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, check=True, capture_output=True)
        for name in filter(None, files.stdout.decode().split("\0")):
            old, new = TOP / name, self.top / name
            if not old.exists() or (new.exists() and new.read_bytes() == old.read_bytes()):
                continue
            new.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(old, new, follow_symlinks=False)

    def make(self, names):
        """'' or why what the tests @names run could not be built."""
        files = sorted({f for name in names for t in self.tests.get(name, [])
                        for d in t["depends"] for f in self.targets.get(d, [])})
        made = subprocess.run(["ninja", "-C", self.build, "-j", str(self.jobs), *files],
                              capture_output=True, text=True)
        return "does not build: " + made.stdout[-400:] if made.returncode else ""

    def run(self, name):
        """'green' or 'red'."""
        for t in self.tests[name]:
            try:
                status = subprocess.run(
                    t["cmd"], cwd=t["workdir"] or self.build, timeout=t["timeout"],
                    env=os.environ | t["env"], stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
            except subprocess.TimeoutExpired:
                status = 1
            if status not in (0, 77):
                return "red"
        return "green"

    def attempt(self, row):
        path = self.top / row["file"]
        before = path.read_text()
        path.write_text(before.replace(row["text"], row["replacement"]))
        try:
            return self.make([row["test"]]) or self.run(row["test"])
        finally:
            path.write_text(before)


def attempt_all(top, chosen, jobs):
    """How many of @chosen were not shown."""
    scratch, bad = Scratch(top, jobs), 0
    good = [r for r in chosen if not why_not(top, r, scratch.tests)]
    names = sorted({r["test"] for r in good})
    if why := scratch.make(names):
        sys.exit(why)
    before = {name: scratch.run(name) for name in names}
    # By file, so that the next row's change also takes back this row's.
    for r in sorted(chosen, key=lambda r: r["file"]):
        start = time.monotonic()
        got = why_not(top, r, scratch.tests)
        if not got and before[r["test"]] != "green":
            got = f"{r['test']} is red without the change"
        got = got or scratch.attempt(r)
        bad += got != "red"
        print(f"{'ok  ' if got == 'red' else 'FAIL'} {r['id']}: {r['test']} {got} "
              f"({time.monotonic() - start:.1f} s)", flush=True)
    return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--check", type=Path, metavar="BUILD")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--tree", type=Path, metavar="DIR")
    parser.add_argument("ids", nargs="*")
    args = parser.parse_args()
    chosen = [r for r in rows() if not args.ids or r["id"] in args.ids]
    if args.list:
        for r in chosen:
            print(f"{r['id']:28} {r['test']:14} {r['defect']}")
        return 0
    if args.check:
        return check(args.check, chosen)
    if args.tree:
        args.tree.mkdir(parents=True, exist_ok=True)
        bad = attempt_all(args.tree.resolve(), chosen, args.jobs)
    else:
        with tempfile.TemporaryDirectory(prefix="baton-defects-") as tmp:
            bad = attempt_all(Path(tmp), chosen, args.jobs)
    print(f"{len(chosen) - bad} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
