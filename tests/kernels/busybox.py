#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A static busybox for a CPU that Debian has no port of (ppc64, big-endian), from Debian's source.

    busybox.py TRIPLE     prints the built program; it is kept below the cache
"""
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harness.aptroot import AptError, SourceRoot, cache_dir, locked, say     # noqa: E402

# tc does not build with every kernel's headers.
CONFIG = {"CONFIG_STATIC": "y", "CONFIG_TC": "n", "CONFIG_FEATURE_WTMP": "n"}


def build(triple):
    """The static busybox for @triple, built now unless it is in the cache."""
    tree = SourceRoot().get("busybox")
    # make takes a % in a path for a pattern.
    out = cache_dir() / "kernels" / f"{tree.name.replace('%', '-')}-{triple}"
    with locked(out.with_name(f"busybox-{triple}.lock")):
        if not out.exists():
            _build(tree, out, triple)
    return out


def _build(tree, out, triple):
    if not shutil.which(f"{triple}-gcc"):
        raise AptError(f"busybox needs {triple}-gcc (scripts/deps.sh check)")
    say(f"busybox: building it for {triple} (about a minute)")
    work = out.with_name(f"{out.name}.tmp")
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(tree, work, symlinks=True)
    make = ["nice", "make", "-s", "-C", str(work), f"CROSS_COMPILE={triple}-", "-j2"]
    notes = out.with_name(f"{out.name}.log")
    notes.unlink(missing_ok=True)

    def run(*target):
        with open(notes, "a") as log:
            r = subprocess.run([*make, *target], input=b"\n" * 2000, stdout=log, stderr=log)
        if r.returncode:
            raise AptError(f"busybox did not build, see {notes}")

    run("defconfig")
    lines = (work / ".config").read_text().splitlines()
    kept = [x for x in lines if x.removeprefix("# ").partition("=")[0].partition(" ")[0] not in CONFIG]
    (work / ".config").write_text("\n".join(kept + [f"{k}={v}" for k, v in CONFIG.items()]) + "\n")
    run("oldconfig")
    run("busybox")
    shutil.copy(work / "busybox", out)
    shutil.rmtree(work)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: busybox.py TRIPLE")
    print(build(sys.argv[1]))
