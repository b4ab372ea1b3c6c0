#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A small kernel that baton moved is, byte for byte, the one that the linker puts at that address.

    linked.py BATON [CASE...]

Each case assembles a source once, links it at two addresses with the real linker, lets `baton
relocate` move the first to the place of the second, and compares the whole files; then back again.
What no toolchain of this machine can link is said and left out; x86 is never left out on x86.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent


@dataclass
class Case:
    name: str
    source: str            # of this folder
    script: str            # the linker's
    tools: str             # prefix of as and ld
    as_flags: tuple
    ld_flags: tuple
    old: tuple             # physical, virtual
    new: tuple
    virtual: bool = True   # say --virtual, or let it follow


X86 = "" if os.uname().machine == "x86_64" else "x86_64-linux-gnu-"
X86_64 = Case("x86_64", "x86_64.S", "x86.lds", X86, ("--64",), ("-m", "elf_x86_64", "--emit-relocs"),
              (0x1000000, 0xffffffff81000000), (0x4200000, 0xffffffff84200000))
I386 = Case("i386", "i386.S", "x86.lds", X86, ("--32",), ("-m", "elf_i386", "--emit-relocs"),
            (0x1000000, 0xc1000000), (0x3402000, 0xc3402000), False)
PPC64LE = Case("ppc64le", "words.S", "dynamic.lds", "powerpc64le-linux-gnu-", ("-a64",),
               ("-pie", "-z", "notext", "--no-dynamic-linker"),
               (0, 0xc000000000000000), (0x2000000, 0xc000000002000000), False)
PPC64 = Case("ppc64", "words.S", "dynamic.lds", "powerpc64-linux-gnu-", ("-a64",),
             ("-pie", "-z", "notext", "--no-dynamic-linker"),
             (0, 0xc000000000000000), (0x2000000, 0xc000000002000000), False)
S390X = Case("s390x", "words.S", "dynamic.lds", "s390x-linux-gnu-", ("-m64",),
             ("-pie", "-z", "notext", "--no-dynamic-linker"),
             (0x100000, 0x100000), (0x740000, 0x740000), False)
ARM64 = Case("arm64", "words.S", "dynamic.lds", "aarch64-linux-gnu-", (),
             ("-pie", "-z", "notext", "--no-dynamic-linker", "--no-apply-dynamic-relocs"),
             (0xffff800008000000, 0xffff800008000000), (0x40200000, 0xffff800018000000))
CASES = [X86_64, I386, PPC64LE, PPC64, S390X, ARM64]


def run(*words):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=60)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words))}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def link(case, obj, out, place):
    text = (HERE / case.script).read_text()
    zero = case.name == "x86_64"    # where per-CPU data lie at 0; elsewhere they are like others
    bare = case.name.startswith("ppc64")    # .dynamic has no segment of its own
    for word, value in (("@PT_DYNAMIC@", "" if bare else "dynamic PT_DYNAMIC FLAGS(6);"),
                        ("@DYNAMIC@", "" if bare else ":dynamic"),
                        ("@VIRT@", hex(place[1])), ("@OFFSET@", hex(place[1] - place[0])),
                        ("@PERCPU@", "0" if zero else ""),
                        ("@INIT_PER_CPU@", "init_per_cpu__gdt = ABSOLUTE(gdt) + __per_cpu_load;" if zero else "")):
        text = text.replace(word, value)
    script = out.with_suffix(".lds")
    script.write_text(text)
    entry = place[0] if case.script == "x86.lds" else "start"
    run(case.tools + "ld", *case.ld_flags, "--build-id=none", "-T", script, "-e", entry, "-o", out, obj)


def move(baton, case, old, out, place):
    words = ["relocate", old, "--to", hex(place[0]), "-o", out]
    return run(baton, *words, *(["--virtual", hex(place[1])] if case.virtual else []))


def differences(a, b):
    if len(a) != len(b):
        return f"sizes {len(a)} and {len(b)}"
    at = [i for i in range(len(a)) if a[i] != b[i]]
    return ", ".join(f"0x{i:x}: {a[i]:02x} {b[i]:02x}" for i in at[:16])


def check(baton, case, tmp):
    run(case.tools + "as", *case.as_flags, "-o", tmp / "k.o", HERE / case.source)
    link(case, tmp / "k.o", tmp / "old", case.old)
    link(case, tmp / "k.o", tmp / "new", case.new)
    move(baton, case, tmp / "old", tmp / "moved", case.new)
    move(baton, case, tmp / "moved", tmp / "back", case.old)
    old, new, moved, back = ((tmp / n).read_bytes() for n in ("old", "new", "moved", "back"))
    if old == new:
        return "the two links are the same file: nothing was tested"
    if moved != new:
        return f"moved and linked differ: {differences(moved, new)}"
    return "" if back == old else f"it did not come back: {differences(back, old)}"


def main():
    baton, names = sys.argv[1], sys.argv[2:]
    failed = 0
    for case in CASES:
        if names and case.name not in names:
            continue
        if not all(shutil.which(case.tools + t) for t in ("as", "ld")):
            print(f"{case.name}: left out, no {case.tools}as and ld")
            continue
        with tempfile.TemporaryDirectory(prefix="baton-linked-") as tmp:
            why = check(baton, case, Path(tmp))
        print(f"{case.name}: {why or 'ok'}")
        failed += bool(why)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
