#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of the command line, above a kernel that only takes notes (build/baton-test).

    run.py PROGRAM [--bless] GROUP [CASE...]    GROUP: golden | calls | kexec | input | man | dump

golden  what the program writes is compared with golden/CASE.txt; --bless writes these files anew
calls   what reaches the kernel is what the plan said
kexec   every command line that services are known to use
input   files that are no kernels: one line, exit code 1, nothing called
man     the manual pages know what the help texts show
dump    save and info of a small dump
"""
import importlib
import subprocess
import sys

from lab import Failed, Lab


def main():
    args = [a for a in sys.argv[1:] if a != "--bless"]
    if len(args) < 2:
        sys.exit(__doc__)
    lab = Lab(args[0])
    failed = 0
    try:
        group = importlib.import_module(f"{args[1]}_cases")
        for case in group.cases(lab, "--bless" in sys.argv):
            if args[2:] and case.name not in args[2:]:
                continue
            try:
                case.check()
            except (Failed, subprocess.TimeoutExpired) as e:
                failed += 1
                print(f"FAILED {case.name}: {e}")
        return 1 if failed else 0
    finally:
        lab.close()


if __name__ == "__main__":
    sys.exit(main())
