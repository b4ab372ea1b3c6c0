#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs rows of the guest matrix (tests/vm/rows.py), one or some at a time.

    run.py [--all | ROW...] [--list] [--jobs N] [--build] [--matrix] [--out DIR] [--baton FILE] [-v]

Without ROW: the named rows, those of ./check.  ROW may be a pattern ('arm64-*').  Writes DIR/results.tsv
(row, result, seconds, figures or the reason) and each row's serial log, and ends with
`vm: N passed, N failed, N skipped`.  --build makes the static programs of the
rows' CPUs first; --matrix puts the results into docs/matrix.md, README.md and docs/formats.
Exit: 0, or 1 when a row failed.
"""
import argparse
import concurrent.futures
import fnmatch
import os
import re
import shutil
import subprocess
import sys
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from harness.aptroot import AptError        # noqa: E402
from harness.qemu import GuestError         # noqa: E402
from vm import dump, matrix                 # noqa: E402
from vm.bench import Bench, Failed          # noqa: E402
from vm.rows import ROWS                    # noqa: E402


def program_files(baton):
    """What of the program goes into a guest: {name in the initrd: file}."""
    baton = Path(baton)
    if baton.is_dir():      # a stand-in: a folder with an executable `baton` and what it needs
        return {"bin/baton": baton / "baton"} | {
            f"standin/{p.relative_to(baton)}": p for p in baton.rglob("*") if p.is_file()}
    return {"bin/baton": baton, "bin/kexec": baton}


def built(arch):
    """Where `make static` leaves the program for a CPU."""
    return ROOT / ("build-static" if arch == "x86_64" else f"build-static-{arch}") / "baton"


def make_static(arch, out):
    """Builds the program of a CPU; where that fails its rows are skipped."""
    with open(out / f"static-{arch}.log", "w") as log:
        cmd = ["make", "-s", "static", *([] if arch == "x86_64" else [f"CPU={arch}"])]
        if subprocess.run(cmd, cwd=ROOT, stdout=log, stderr=log, stdin=subprocess.DEVNULL).returncode:
            print(f"vm: {' '.join(cmd)} failed, see {log.name}", flush=True)
            built(arch).unlink(missing_ok=True)


def why_skip(row, baton):
    """The reason for which a row cannot run here, or ''."""
    if not shutil.which(row.on.program):
        return f"{row.on.program} is not installed"
    if not row.bare and not baton.exists():
        return f"{baton} is not there: make static" + (f" CPU={row.arch}" if row.arch != "x86_64" else "")
    for path in row.needs:
        if not Path(path).exists():
            return f"{path} is not there"
    return ""


def run_row(row, out, baton, verbose):
    """(kernel, result, seconds, text)"""
    baton = Path(baton or built(row.arch))
    skip = why_skip(row, baton)
    if skip:
        return "-", "skip", 0.0, skip
    program = {} if row.bare else program_files(baton)
    start = time.monotonic()
    echo = (lambda t, s: print(f"    {t:8.3f} {s}", flush=True)) if verbose else None
    bench = None
    try:
        bench = Bench(row, out, program, echo, ROWS, built("x86_64"))
        row.scenario(bench)
        result, text = "pass", " ".join(f"{k}={v}" for k, v in bench.figures.items())
    except AptError as err:
        result, text = "skip", f"not to be had: {err}"
    except (Failed, GuestError, dump.DumpError, OSError, ValueError, KeyError,
            subprocess.CalledProcessError) as err:
        result, text = "fail", f"{err}" if str(err) else repr(err)
    except Exception as err:    # a bug of the harness fails this row, not the rows behind it
        traceback.print_exc()
        result, text = "fail", f"harness: {err!r}"
    finally:
        if bench and not os.environ.get("BATON_KEEP"):
            bench.tidy()
    return bench.kernel.release if bench else "-", result, time.monotonic() - start, text


def first_line(*cmd):
    """What a tool says of itself, or '?'."""
    try:
        r = subprocess.run(cmd, capture_output=True, text=True, cwd=Path(__file__).parent)
    except OSError:
        return "?"
    return (r.stdout.splitlines() or ["?"])[0]


def write_report(out, done):
    """out/results.md: the table with date, commit and versions, to be committed after check-full."""
    rows = "".join(f"| {r.name} | {kernel} | {result} | {seconds:.0f} | {text.splitlines()[0] if text else ''} |\n"
                   for r, kernel, result, seconds, text in done)
    (out / "results.md").write_text(
        "# The guest matrix, one run\n\n"
        f"{time.strftime('%Y-%m-%d')}, commit {first_line('git', 'rev-parse', '--short', 'HEAD')}, "
        f"{first_line('qemu-system-x86_64', '--version')}, TCG, {os.cpu_count()} CPUs.\n\n"
        "| row | kernel A | result | seconds | figures or reason |\n|---|---|---|---|---|\n" + rows)


def choose(args):
    if args.row:
        rows = [r for r in ROWS if any(fnmatch.fnmatch(r.name, p) for p in args.row)]
        if not rows:
            sys.exit(f"run.py: no row is called {' or '.join(args.row)} (--list shows them)")
        return rows
    return [r for r in ROWS if r.named or args.all]


def main():
    ap = argparse.ArgumentParser(description="the guest matrix")
    ap.add_argument("--all", action="store_true", help="every row, not only the named ones")
    ap.add_argument("--list", action="store_true")
    ap.add_argument("--jobs", type=int, default=1, help="guests at a time")
    ap.add_argument("--build", action="store_true", help="make static for every CPU of the rows")
    ap.add_argument("--matrix", action="store_true", help="write docs/matrix.md and README's table")
    ap.add_argument("--out", default="build/vm")
    ap.add_argument("--baton", help="the program under test (build-static[-CPU]/baton)")
    ap.add_argument("-v", action="store_true", help="show the serial lines")
    ap.add_argument("row", nargs="*")
    args = ap.parse_args()
    rows = choose(args)
    if args.list:
        for r in rows if args.row else ROWS:
            print(f"{r.name:28} {r.scenario.__name__:12} {'check' if r.named else 'check-full'}")
        return 0
    if args.baton and not Path(args.baton).exists():
        sys.exit(f"run.py: {args.baton} is not there: make static")
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    # x86_64 too: a replayed plan is made on this machine.
    for arch in dict.fromkeys(["x86_64", *(r.arch for r in rows)]) if args.build else ():
        make_static(arch, out)
    done = run_all(rows, out, args)
    count = {kind: sum(d[2] == kind for d in done) for kind in ("pass", "fail", "skip")}
    print(f"vm: {count['pass']} passed, {count['fail']} failed, {count['skip']} skipped")
    return 1 if count["fail"] else 0


def run_all(rows, out, args):
    """[(row, kernel, result, seconds, text)], told and written down as they come, in the rows' order."""
    done = []
    with open(out / "results.tsv", "w") as table, \
            concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        table.write("row\tresult\tseconds\ttext\n")
        results = pool.map(lambda row: run_row(row, out, args.baton, args.v), rows)
        for row, (kernel, result, seconds, text) in zip(rows, results):
            done.append((row, kernel, result, seconds, text))
            print(f"vm {result} {row.name} {seconds:.1f} s  {text}", flush=True)
            table.write(f"{row.name}\t{result}\t{seconds:.1f}\t{text.splitlines()[0] if text else ''}\n")
            table.flush()
            write_report(out, done)
            if args.matrix:
                matrix.write(ROWS, fields(done[-1:]))
    return done


def fields(done):
    """What matrix.py keeps of each row that ran."""
    commit, day, out = first_line("git", "rev-parse", "--short", "HEAD"), time.strftime("%Y-%m-%d"), {}
    for row, kernel, result, seconds, text in done:
        version = re.search(r"version (\S+)", first_line(row.on.program, "--version"))
        line = (text.splitlines() or [""])[0].replace(" | ", " ")
        out[row.name] = [row.name, result, kernel, f"{seconds:.0f}", day, commit,
                         "backports" if row.newer_qemu else version[1] if version else "?", line]
    return out


if __name__ == "__main__":
    sys.exit(main())
