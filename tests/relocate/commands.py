#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What `baton relocate` says and leaves behind when it is refused, and as JSON.

    commands.py BATON
"""
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from linked import HERE, I386, X86_64, link, run

THERE = ("--to", "0x4200000", "--virtual", "0xffffffff84200000")


class Shell:
    """Runs the program in a folder with a kernel that kept its relocations and one that did not."""

    def __init__(self, baton, folder):
        self.baton, self.dir = str(Path(baton).resolve()), folder
        for case, kept in ((X86_64, "kept"), (I386, "kept32")):
            obj = folder / f"{kept}.o"
            run(case.tools + "as", *case.as_flags, "-o", obj, HERE / case.source)
            link(case, obj, folder / kept, case.old)
            flags = tuple(f for f in case.ld_flags if f != "--emit-relocs")
            link(replace(case, ld_flags=flags), obj, folder / kept.replace("kept", "bare"), case.old)
        (folder / "text").write_text("no kernel\n" * 100)

    def __call__(self, *words):
        done = subprocess.run([self.baton, "relocate", *words], cwd=self.dir, capture_output=True, text=True,
                              timeout=60)
        return done.returncode, done.stdout, done.stderr


def expect(ok, why):
    if not ok:
        raise SystemExit(f"FAILED: {why}")


def refused(sh, code, reason, *words):
    before = sorted(p.name for p in sh.dir.iterdir())
    rc, out, err = sh(*words)
    expect(rc == code and reason in err and not out, f"{words}: {rc}, {out!r}, {err!r}, not {reason!r}")
    expect(sorted(p.name for p in sh.dir.iterdir()) == before, f"{words}: files came or went")


def refusals(sh):
    refused(sh, 2, "--to is missing", "-o", "out", "kept")
    refused(sh, 2, "--output is missing", "--to", "64M", "kept")
    refused(sh, 1, "No such file", *THERE, "-o", "out", "absent")
    refused(sh, 1, "kernel 'text'", *THERE, "-o", "out", "text")
    refused(sh, 1, "moves only by multiples of 0x200000", "--to", "65M", "-o", "out", "kept")
    refused(sh, 1, "must lie between", "--to", "64M", "--virtual", "64M", "-o", "out", "kept")
    refused(sh, 1, "has no section .rela.text", *THERE, "-o", "out", "bare")
    refused(sh, 1, "its virtual address stays 0xffffffff81000000", *THERE, "-o", "out", "bare")
    refused(sh, 1, "has no section .rel.text", "--to", "64M", "-o", "out", "bare32")
    refused(sh, 1, "it can run at 0x1000000 only", "--to", "64M", "-o", "out", "bare32")
    refused(sh, 1, "disagree", "--to", "64M", "--virtual", "0xc5000000", "-o", "out", "kept32")
    refused(sh, 1, "'text' exists (--force replaces it)", *THERE, "-o", "text", "kept")
    refused(sh, 1, "is no regular file", *THERE, "--force", "-o", ".", "kept")
    refused(sh, 1, "cannot create", *THERE, "-o", "no/out", "kept")


def successes(sh):
    # A physical move of x86_64 needs no relocations.
    rc, out, err = sh("--to", "64M", "-o", "out", "bare")
    expect(rc == 0 and "physical 0x4000000 (was 0x1000000)" in out and not err, f"{rc} {out} {err}")
    rc, out, err = sh(*THERE, "--json", "--force", "-o", "out", "kept")
    expect(rc == 0 and not err, f"{rc} {err}")
    told = json.loads(out)["relocated"]
    expect((told["file"], told["physical"], told["virtual"]) == ("out", "0x4200000", "0xffffffff84200000"), out)
    expect(told["changed"] > 5 and not (sh.dir / "out.incomplete").exists(), out)
    # Onto itself, and home.
    home = ("--to", "16M", "--virtual", "0xffffffff81000000")
    rc, out, err = sh(*home, "--force", "-o", "out", "out")
    expect(rc == 0 and (sh.dir / "out").read_bytes() == (sh.dir / "kept").read_bytes(), f"{rc} {out} {err}")
    rc, out, err = sh("--json", *THERE, "-o", "text", "kept")
    expect(rc == 1 and json.loads(out)["error"]["errno"] == "EEXIST", f"{rc} {out} {err}")


def main():
    if not all(shutil.which(X86_64.tools + t) for t in ("as", "ld")):
        print(f"no {X86_64.tools}as and ld")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="baton-relocate-") as tmp:
        sh = Shell(sys.argv[1], Path(tmp))
        refusals(sh)
        successes(sh)


if __name__ == "__main__":
    main()
