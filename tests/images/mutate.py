#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Break real kernels in many ways and look at what `baton inspect` says of each.

    mutate.py [--runs N] [--seed N] BATON KERNEL...

Flips bits and plants absurd numbers in the setup header, and cuts the file anywhere. Demanded:
exit status 0 or 1 at once, one JSON object, on failure with a reason (and an offset unless it is
no kernel at all) and one line on stderr, and on success a payload that lies inside the file.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

HEADER = (0x1f1, 0x290)
ABSURD = (0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 1 << 63,
          (1 << 64) - 1)


def mutations(dice, size, runs):
    """(what, offset, bytes or None for a cut there)."""
    for _ in range(runs):
        kind = dice.randrange(4)
        at = dice.randrange(*HEADER)
        if kind == 0:
            yield "cut", dice.choice((at, dice.randrange(size), size - dice.randrange(1, 64))), None
        elif kind == 1:
            yield "byte", at, bytes([dice.randrange(256)])
        elif kind == 2:
            width = dice.choice((1, 2, 4, 8))
            value = dice.choice(ABSURD) & ((1 << 8 * width) - 1)
            yield "number", at, value.to_bytes(width, "little")
        else:
            yield "noise", at, dice.randbytes(dice.randrange(1, 24))


def judge(baton, path, size):
    """None, or what is wrong with the answer."""
    try:
        got = subprocess.run([baton, "inspect", "--json", path], capture_output=True, text=True,
                             timeout=10, check=False)
    except subprocess.TimeoutExpired:
        return "no answer in 10 s"
    if got.returncode not in (0, 1):
        return f"exit status {got.returncode}: {got.stderr[-300:]}"
    try:
        said = json.loads(got.stdout)
    except ValueError as e:
        return f"stdout is not one JSON object: {e}"
    if got.returncode == 0:
        part = said["payload"]
        if part and part["offset"] + part["size"] > size:
            return f"payload {part} in a file of {size} bytes"
        return None
    error = said.get("error", {})
    if not error.get("reason") or (error.get("offset") is None and error.get("errno") != "ENOEXEC"):
        return f"no reason or no offset: {got.stdout}"
    if got.stderr.count("\n") > 1:
        return f"more than one line on stderr: {got.stderr}"
    return None


def apply(path, original, at, data):
    """Mutate the copy at @path, returning what to undo."""
    if data is None:
        os.truncate(path, at)
        return
    with open(path, "r+b") as f:
        f.seek(at)
        f.write(data)


def restore(path, original, at, data):
    with open(path, "r+b") as f:
        f.seek(at)
        f.write(original[at:] if data is None else original[at:at + len(data)])


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ap.add_argument("--runs", type=int, default=200)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("baton")
    ap.add_argument("kernel", nargs="+")
    args = ap.parse_args()
    dice, bad = random.Random(args.seed), 0
    for kernel in args.kernel:
        with tempfile.NamedTemporaryFile(prefix="baton-mutate-") as copy:
            shutil.copyfile(kernel, copy.name)
            with open(kernel, "rb") as f:
                original = f.read()
            for what, at, data in mutations(dice, len(original), args.runs):
                apply(copy.name, original, at, data)
                wrong = judge(args.baton, copy.name, os.path.getsize(copy.name))
                restore(copy.name, original, at, data)
                if wrong:
                    bad += 1
                    print(f"{kernel}: {what} at 0x{at:x} {data.hex() if data else ''}: {wrong}")
    print(f"{args.runs * len(args.kernel)} broken kernels, {bad} wrong answers")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
