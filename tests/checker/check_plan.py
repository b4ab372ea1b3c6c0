#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks a plan that baton made, without any of baton's code.

    check_plan.py --machine DIR --image FILE [options] PLAN.json

--initrd N|FILE   the initrd, or its length
--crash           a crash load was asked for
--avoid A-B       (inclusive, may repeat)   --mem-min A   --mem-max A (last byte)
--saved DIR       what the fake kernel recorded: the crash header in it is read, too
--pieces PLAN     where PLAN.json is a refusal for lack of room: a plan of the same load on a roomy
                  machine, whose pieces are then searched a place for; a refusal where one exists
                  is a failure
Prints each problem; exits 1 if there is any.
"""
import argparse
import json
import pathlib
import sys

from facts import Image, Machine
from legal import (
    FOREVER,
    Request,
    exists,
    of_crash_header,
    of_file_plan,
    pieces_of,
    problems,
    too_large,
    usable,
)
from multiboot_image import Multiboot


def check_refusal(name, machine, image, req, roomy):
    """Problems of a refusal with the errno @name; @roomy: a plan of the same load, or None."""
    if name == "EADDRNOTAVAIL":
        return (
            ["refused for lack of a crash region, but there is one"] if machine.crash.list else []
        )
    if name == "EPERM":
        return [] if machine.hidden else ["refused for lack of privilege, but no address is hidden"]
    if roomy is None:
        return []
    sizes = [s["memsz"] for s in roomy["segments"]]
    if name == "EINVAL":
        return [] if too_large(sizes, machine) else ["refused as invalid, but it breaks no rule"]
    if name != "ENOSPC":
        return [f"refused with {name}"]
    if too_large(sizes, machine) or not exists(
        pieces_of(roomy, machine, image), usable(machine, req)
    ):
        return []
    return ["refused, but a legal placement exists"]


def check(plan, machine, image_bytes, req, roomy=None):
    """All problems of a plan or refusal (both as parsed JSON)."""
    image = (Multiboot if Multiboot.header(image_bytes) else Image)(image_bytes)
    error = plan.get("error")
    if error:
        name = error if isinstance(error, str) else error["errno"]
        return check_refusal(name, machine, image, req, roomy)
    if plan["crash"] != req.crash:
        return ["crash is not what was asked"]
    if plan["syscall"] == "file":
        return list(of_file_plan(plan, len(image_bytes), req))
    return list(problems(plan, machine, image, req))


def saved_crash_header(folder):
    for line in (pathlib.Path(folder) / "calls.jsonl").read_text().splitlines():
        for s in json.loads(line).get("segments", []):
            data = (pathlib.Path(folder) / s["file"]).read_bytes()
            if data[:4] == b"\x7fELF" and data[16:18] == b"\x04\x00":
                return data
    return b""


def number(text):
    return int(text, 0)


def arguments():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("plan")
    p.add_argument("--machine", required=True)
    p.add_argument("--image", required=True)
    p.add_argument("--initrd")
    p.add_argument("--crash", action="store_true")
    p.add_argument("--avoid", action="append", default=[])
    p.add_argument("--mem-min", type=number, default=0)
    p.add_argument("--mem-max", type=number, default=FOREVER - 1)
    p.add_argument("--saved")
    p.add_argument("--pieces")
    return p.parse_args()


def main():
    a = arguments()
    initrd = a.initrd
    if initrd is not None:
        initrd = int(initrd, 0) if initrd[:1].isdigit() else pathlib.Path(initrd).stat().st_size
    avoid = [(number(x), number(y) + 1) for x, y in (r.split("-") for r in a.avoid)]
    req = Request(a.crash, tuple(avoid), a.mem_min, a.mem_max + 1, initrd)
    plan = json.loads(pathlib.Path(a.plan).read_text())
    machine = Machine(a.machine)
    roomy = json.loads(pathlib.Path(a.pieces).read_text()) if a.pieces else None
    found = check(plan, machine, pathlib.Path(a.image).read_bytes(), req, roomy)
    if a.saved and a.crash and "error" not in plan:
        found += of_crash_header(saved_crash_header(a.saved), plan, machine)
    for problem in found:
        print(f"{a.plan}: {problem}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
