#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of the command line, above a kernel that only takes notes (build/baton-test).

    run.py PROGRAM [--bless] [--api FILE] GROUP [CASE...]

GROUP: golden | calls | kexec | input | man | dump | dtb | extract | containers | library

golden  what the program writes is compared with golden/CASE.txt; --bless writes these files anew
calls   what reaches the kernel is what the plan said
kexec   every command line that services are known to use
input   files that are no kernels: one line, exit code 1, nothing called
man     the manual pages know what the help texts show
library a program linked with libbaton gets the same plan (--api FILE)
dump    save and info of a small dump
dtb     device trees that users give
extract parts of a kernel file, written out
containers  kernels in files with an initrd, a line, a tree
"""
import argparse
import importlib
import subprocess
import sys

from lab import Failed, Lab


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("program")
    parser.add_argument("group")
    parser.add_argument("case", nargs="*")
    parser.add_argument("--bless", action="store_true")
    parser.add_argument("--api", help="the program that is linked with libbaton")
    args = parser.parse_args()
    lab = Lab(args.program, args.api)
    failed = 0
    try:
        group = importlib.import_module(f"{args.group}_cases")
        for case in group.cases(lab, args.bless):
            if args.case and case.name not in args.case:
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
