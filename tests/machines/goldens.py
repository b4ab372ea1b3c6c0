#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The facts read from every machine of this folder are those in its FACTS file.

    goldens.py SHOW_FACTS [--bless]

--bless (or BATON_BLESS=1) writes the files anew: look at the difference before you commit it.
"""
import difflib
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BLESS = "--bless" in sys.argv or os.environ.get("BATON_BLESS") == "1"


def check(show, machine):
    run = subprocess.run([show, machine], capture_output=True, text=True, check=False)
    if run.returncode:
        return [f"{machine.name}: {run.stderr}"]
    golden = machine / "FACTS"
    if BLESS:
        golden.write_text(run.stdout)
    want = golden.read_text() if golden.is_file() else ""
    found = list(difflib.unified_diff(want.splitlines(True), run.stdout.splitlines(True),
                                      str(golden), "read now"))
    if not (machine / "ORIGIN").is_file():
        found.append(f"{machine}: no ORIGIN says where these facts are from\n")
    return found


def main():
    machines = sorted(path for path in HERE.iterdir() if (path / "baton.json").is_file())
    found = [line for machine in machines for line in check(sys.argv[1], machine)]
    sys.stdout.writelines(found)
    print(f"{len(machines)} machines")
    return 1 if found or len(machines) < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
