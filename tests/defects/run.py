#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Known defects of the peers, each shown to be caught by a test of ours.

tests/defects.tsv has one line per defect: id, what the peer does wrong, our test, and a change of
one line of our code (file, text, replacement) that puts the defect into Baton.  Each change is made
in a scratch copy, the test is run and must turn red.  A change that no longer applies is a failure.

    run.py [--list] [ID...]
"""
import argparse
import csv
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
TABLE = TOP / "tests" / "defects.tsv"
FIELDS = ["id", "defect", "test", "file", "text", "replacement"]


def rows():
    with TABLE.open(newline="") as f:
        lines = (line for line in f if line.strip() and not line.startswith("#"))
        for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if len(row) != len(FIELDS):
                sys.exit(f"{TABLE.name}: {row[0]}: {len(row)} fields, wanted {len(FIELDS)}")
            yield dict(zip(FIELDS, row))


def scratch_copy(to):
    files = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, check=True, capture_output=True)
    for name in files.stdout.decode().split("\0"):
        if name and (TOP / name).exists():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(TOP / name, to / name, follow_symlinks=False)
    subprocess.run(["meson", "setup", "build", "-Dwerror=false"], cwd=to, check=True,
                   stdout=subprocess.DEVNULL)


def build_and_test(tree, test):
    """'green', 'red', or why neither."""
    made = subprocess.run(["ninja", "-C", "build"], cwd=tree, capture_output=True, text=True)
    if made.returncode:
        return "does not build: " + made.stdout[-300:]
    ran = subprocess.run(["meson", "test", "-C", "build", "--no-rebuild", test], cwd=tree,
                         capture_output=True, text=True)
    if "No suitable tests" in ran.stdout + ran.stderr or "Ok:" not in ran.stdout:
        return f"no test is called {test}"
    return "green" if ran.returncode == 0 else "red"


def try_row(tree, row):
    path = tree / row["file"]
    before = path.read_text()
    if before.count(row["text"]) != 1:
        return f"'{row['text']}' stands {before.count(row['text'])} times in {row['file']}"
    path.write_text(before.replace(row["text"], row["replacement"]))
    try:
        return build_and_test(tree, row["test"])
    finally:
        path.write_text(before)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("ids", nargs="*")
    args = parser.parse_args()
    chosen = [r for r in rows() if not args.ids or r["id"] in args.ids]
    if args.list:
        for r in chosen:
            print(f"{r['id']:24} {r['test']:20} {r['defect']}")
        return 0
    bad = 0
    with tempfile.TemporaryDirectory(prefix="baton-defects-") as tmp:
        tree = Path(tmp)
        scratch_copy(tree)
        for r in chosen:
            got = try_row(tree, r)
            bad += got != "red"
            print(f"{'ok  ' if got == 'red' else 'FAIL'} {r['id']}: {got}", flush=True)
    print(f"{len(chosen) - bad} passed, {bad} failed")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
