#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the tests in tiers and ends with exactly one line: `N passed, N failed, N skipped`.

short   meson test of the plain build: unit, fuzz seeds, goldens, command line, house rules
medium  the same under ASan and UBSan; a build by clang; every fuzz target for some thousand runs
        foreign: the static program and the unit tests of a 32-bit and a big-endian CPU (all CPUs
        with --full), run by qemu-user
long    guests in QEMU: the named rows of tests/vm/rows.py (all rows with --full); containers: kernels
        in files that mkimage, objcopy and mkbootimg make

    check.py [--full] [--only short|asan|clang|foreign|fuzz|vm|containers|broken|defects|coverage]...
             [--fuzz-seconds N]

With BATON_CI=1 a skipped test must be in tests/allowed-skips.txt.  Logs lie in build*/meson-logs,
build/check and build/vm.  Exit: 0 all passed, 1 not.
"""
import argparse
import concurrent.futures
import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
LOGS = ROOT / "build" / "check"
SANITIZE = ["-Db_sanitize=address,undefined", "-Db_lundef=false"]
TIERS = ("short", "asan", "clang", "foreign", "fuzz", "vm", "containers")
FULL = ("broken", "defects", "coverage")     # with --full, or by name
COVERAGE_MIN = 85
FOREIGN = ("arm", "s390x")                   # a 32-bit and a big-endian host
FUZZ_RUNS = 20000
FOREIGN_MAX = 4 << 20                        # bytes of the static program
SANITIZER_ENV = {"ASAN_OPTIONS": "abort_on_error=0:detect_leaks=1:allocator_may_return_null=1",
                 "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1"}


class Results:
    """Every test's outcome, as (tier/name, pass|fail|skip, text)."""

    def __init__(self):
        self.all = []

    def add(self, name, result, text=""):
        self.all.append((name, result, text))
        if result == "fail":
            print(f"  FAILED {name}: {text}", flush=True)

    def names(self, result):
        return [(n, t) for n, r, t in self.all if r == result]


def run(cmd, log, env=None):
    """The exit status of @cmd, whose output goes to the file @log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "w") as f:
        return subprocess.run([str(c) for c in cmd], stdout=f, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, cwd=ROOT, env=env).returncode


def tail(log, lines=15):
    text = log.read_text(errors="replace").splitlines()[-lines:]
    return "\n".join("    " + line for line in text)


def jobs():
    return str(min(2, os.cpu_count() or 1)) if os.environ.get("BATON_CI") else str(os.cpu_count() or 1)


def of_suite(folder, suite):
    """What to build for the tests of one suite, and the programs."""
    tests = subprocess.run(["meson", "introspect", "--tests", folder], cwd=ROOT, capture_output=True)
    wanted = [t["cmd"][0] for t in json.loads(tests.stdout or "[]") if f"baton:{suite}" in t["suite"]]
    return ["src/cli/baton", "src/cli/baton-test", *(os.path.relpath(c, ROOT / folder) for c in wanted)]


def build(results, tier, folder, options=(), env=None, suite=None):
    """Configures and builds (@suite: only that); a build that fails is one failed test of the tier."""
    log = LOGS / f"{tier.replace('/', '-')}-build.log"
    # Folders that appeared since the last time are seen by a new configuration only.
    again = ["--reconfigure"] if (ROOT / folder / "build.ninja").exists() else []
    if run(["meson", "setup", *again, folder, *options], log, env):
        results.add(f"{tier}/build", "fail", f"meson setup, see {log}\n{tail(log)}")
        return False
    if run(["ninja", "-C", folder, "-j", jobs(), *(of_suite(folder, suite) if suite else [])], log, env):
        results.add(f"{tier}/build", "fail", f"ninja, see {log}\n{tail(log, 30)}")
        return False
    results.add(f"{tier}/build", "pass")
    return True


def meson_test(results, tier, folder, args=(), env=None):
    log = LOGS / f"{tier.replace('/', '-')}-test.log"
    record = ROOT / folder / "meson-logs" / "testlog.json"
    record.unlink(missing_ok=True)
    status = run(["meson", "test", "-C", folder, "--no-rebuild", "--num-processes", jobs(),
                  "--timeout-multiplier", "4", *args], log, env)
    tests = [json.loads(x) for x in record.read_text().splitlines()] if record.exists() else []
    for t in tests:
        name = t["name"].split(" / ")[-1]
        suite = (t.get("suite") or [""])[0].split(":")[-1]
        full = f"{tier}/{suite}/{name}" if suite else f"{tier}/{name}"
        if t["result"] in ("OK", "EXPECTEDFAIL"):
            results.add(full, "pass")
        elif t["result"] == "SKIP":
            last = (t.get("stdout") or "").strip().splitlines() or ["no reason given"]
            results.add(full, "skip", last[-1])
        else:
            said = ((t.get("stderr") or "") + (t.get("stdout") or "")).strip().splitlines()[-12:]
            results.add(full, "fail", t["result"] + "\n" + "\n".join("    " + s for s in said))
    if not tests:
        results.add(f"{tier}/meson-test", "fail", f"no test ran (status {status}), see {log}")


# Without the rules of the house (run once is enough) and without guests.
HOSTED = ["--no-suite", "house", "--no-suite", "guest"]


def short(results, args):
    if build(results, "short", "build"):
        meson_test(results, "short", "build", ["--no-suite", "guest"])


def asan(results, args):
    env = os.environ | SANITIZER_ENV
    if build(results, "asan", "build-asan", SANITIZE, env):
        meson_test(results, "asan", "build-asan", HOSTED, env)


def clang(results, args):
    """The second compiler, with warnings as errors; it also builds the fuzz targets."""
    env = os.environ | SANITIZER_ENV | {"CC": "clang"}
    if build(results, "clang", "build-clang", ["-Dfuzz=true", *SANITIZE], env):
        meson_test(results, "clang", "build-clang", ["--suite", "unit"], env)


def under_qemu(folder, program, qemu):
    """A script that runs @program of another CPU."""
    path = folder / f"run-{program}"
    path.write_text(f'#!/bin/sh\nexec {qemu} "{folder}/src/cli/{program}" "$@"\n')
    path.chmod(0o755)
    return path


def goldens(full):
    """[(name, command)] of what makes plans of the golden machines: all, or one of each CPU and kind."""
    folder = ROOT / "tests/golden"
    names = re.findall(r"^  '(\w+)',$", (folder / "meson.build").read_text(), re.M)
    if full:
        return [(name, [folder / f"{name}.py"]) for name in ("golden", *names)]
    last = {m.partition("-")[0]: m for m in sorted(p.name.split(".")[0] for p in (folder / "plans").glob("*.json"))}
    own = {cpu: max((n for n in names if cpu.startswith(n)), key=len, default="golden") for cpu in last}
    return [(m, [folder / f"{own[cpu]}.py", "--only", m]) for cpu, m in last.items()]


def foreign_program(results, tier, folder, qemu, full):
    """Its size, its codecs, and plans made by it."""
    size = (folder / "src/cli/baton").stat().st_size
    results.add(f"{tier}/size", "pass" if size <= FOREIGN_MAX else "fail", f"{size} bytes")
    baton, fake = (under_qemu(folder, p, qemu) for p in ("baton", "baton-test"))
    log = LOGS / f"{tier.replace('/', '-')}-version.log"
    run([baton, "--version"], log)
    results.add(f"{tier}/codecs", "pass" if "lacks: nothing" in log.read_text() else "fail", tail(log))
    for name, command in goldens(full):
        log = LOGS / f"{tier.replace('/', '-')}-plans-{name}.log"
        status = run([sys.executable, *command, baton, fake], log)
        results.add(f"{tier}/plans-{name}", "fail" if status else "pass", tail(log))


def foreign(results, args):
    """The library on hosts of other word sizes and byte orders."""
    import cross
    for cpu in cross.CPUS if args.full else FOREIGN:
        tier, folder, qemu = f"foreign/{cpu}", ROOT / f"build-foreign-{cpu}", "qemu-" + cross.CPUS[cpu][4]
        log = LOGS / f"foreign-{cpu}-libraries.log"
        status = run([sys.executable, "scripts/cross.py", "--tests", cpu, folder / "cross.ini"], log)
        if not status and not shutil.which(qemu):
            status = 77
            log.write_text(f"no {qemu} here: scripts/deps.sh check installs it")
        if status:
            results.add(f"{tier}/libraries", "skip" if status == 77 else "fail", tail(log, 1).strip())
        # The allocator's random fill costs minutes here, and other tiers have it.
        elif build(results, tier, folder.name, ["--cross-file", folder / "cross.ini"], suite="unit"):
            meson_test(results, tier, folder.name, ["--suite", "unit"], os.environ | {"MALLOC_PERTURB_": "0"})
            foreign_program(results, tier, folder, qemu, args.full)


def fuzz_one(target, seconds, runs):
    """(name, result, text) of one fuzz target, run from its seeds.

    With @runs it makes that many from the same random numbers each time: what is green once stays
    green on a faster machine, and what is red stays red.
    """
    stem = target.name.removesuffix("_fuzz")
    work, seeds = LOGS / "corpus" / stem, ROOT / "tests" / "fuzz" / stem
    found = LOGS / "crashes"
    for d in (work, found):
        d.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"fuzz-{stem}.log"
    status = run([target, f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=1024",
                  "-print_final_stats=1", *(["-seed=1", f"-runs={runs}"] if runs else []),
                  f"-artifact_prefix={found}/{stem}-", work,
                  *([seeds] if seeds.is_dir() else [])], log, os.environ | SANITIZER_ENV)
    if status:
        return f"fuzz/{stem}", "fail", f"see {log}\n{tail(log)}"
    made = re.search(r"number_of_executed_units:\s*(\d+)", log.read_text(errors="replace"))
    return f"fuzz/{stem}", "pass", f"{made[1] if made else '?'} runs"


def fuzz(results, args):
    folder = ROOT / "build-clang"
    env = os.environ | SANITIZER_ENV | {"CC": "clang"}
    if not (folder / "build.ninja").exists() or args.only:
        if not build(results, "fuzz", "build-clang", ["-Dfuzz=true", *SANITIZE], env):
            return
    targets = sorted(p for p in (folder / "tests" / "fuzz").glob("*_fuzz") if p.is_file())
    if not targets:
        results.add("fuzz/targets", "fail", "no fuzz target was built")
    runs = 0 if args.full or args.fuzz_seconds else FUZZ_RUNS
    with concurrent.futures.ThreadPoolExecutor(int(jobs())) as pool:
        for name, result, text in pool.map(lambda t: fuzz_one(t, args.fuzz_seconds or 60, runs), targets):
            results.add(name, result, text)


def vm(results, args):
    log = LOGS / "static-build.log"
    if run(["make", "-s", "static"], log):
        results.add("vm/build", "fail", f"make static, see {log}\n{tail(log)}")
        return
    if build(results, "vm", "build"):
        meson_test(results, "vm", "build", ["--suite", "guest"])
    out = ROOT / "build" / "vm"
    table = out / "results.tsv"
    table.unlink(missing_ok=True)
    cmd = [sys.executable, ROOT / "tests/vm/run.py", "--out", out, "--build", "--jobs", "2"]
    subprocess.run([str(c) for c in cmd + (["--all", "--matrix"] if args.full else [])], cwd=ROOT)
    if not table.exists():
        results.add("vm/run", "fail", "tests/vm/run.py wrote no results")
        return
    for line in table.read_text().splitlines()[1:]:
        name, result, _, text = line.split("\t", 3)
        results.all.append((f"vm/{name}", result, text))
    of_kernels(results, "crcs", ["tests/images/crcs.py", *(["--full"] if args.full else [])])
    of_kernels(results, "moved", ["tests/relocate/real.py", *(["--full"] if args.full else [])])
    if args.full:
        of_kernels(results, "rebuilt", ["tests/relocate/rebuilt.py"])


def of_kernels(results, what, script):
    """A script that looks at the guests' kernels: module CRCs beside those that Debian's builds wrote down; moves."""
    log = LOGS / f"{what}.log"
    run([sys.executable, *script, "build/src/cli/baton"], log)
    rows = re.findall(r"^(pass|fail|skip) (\S+) (.*)$", log.read_text(errors="replace"), re.M)
    for result, name, text in rows or [("fail", "run", f"no kernel was read, see {log}\n{tail(log)}")]:
        results.add(f"vm/{what}-{name}", result, text)


def containers(results, args):
    """Kernels in containers that others made."""
    log = LOGS / "containers.log"
    if not build(results, "containers", "build"):
        return
    run([sys.executable, "tests/images/containers_real.py", "--page", "build/src/cli/baton"], log)
    rows = re.findall(r"^(ok|FAIL|skip) +([^:\n]+):? ?(.*)$", log.read_text(errors="replace"), re.M)
    for verdict, name, text in rows:
        results.add(f"containers/{name}", {"ok": "pass", "FAIL": "fail"}.get(verdict, verdict), text)
    if not rows:
        results.add("containers/run", "fail", f"no container was made, see {log}\n{tail(log)}")


def broken(results, args):
    """What `inspect` says of the cached kernels: beside other programs, and each broken in 100 ways."""
    cache = Path(os.environ.get("BATON_CACHE") or Path.home() / ".cache" / "baton")
    kernels = sorted((cache / "unpacked").glob("*/boot/vmlinuz-*"))
    log = LOGS / "broken.log"
    if not kernels:
        results.add("broken/inspect", "skip", "no kernel in the cache: run the vm tier first")
    elif build(results, "broken", "build"):
        status = run([sys.executable, "tests/images/mutate.py", "--runs", "100",
                      "build/src/cli/baton", *kernels], log)
        results.add("broken/inspect", "fail" if status else "pass", f"see {log}\n{tail(log)}")
        log = LOGS / "figures.log"
        for folder in ("boot", "usr/lib/debug/boot"):
            kernels += (cache / "unpacked").glob(f"*/{folder}/vmlinux-*")
        status = run([sys.executable, "tests/images/real_kernels.py", "build/src/cli/baton", *kernels], log)
        results.add("broken/figures", "fail" if status else "pass", f"see {log}\n{tail(log)}")


def defects(results, args):
    """The peers' known defects, each put into a scratch copy: our test must turn red."""
    log = LOGS / "defects.log"
    run([sys.executable, "tests/defects/run.py", "--jobs", jobs()], log)
    rows = re.findall(r"^(ok|FAIL) +(\S+): (.*)$", log.read_text(errors="replace"), re.M)
    for verdict, name, text in rows:
        results.add(f"defects/{name}", "pass" if verdict == "ok" else "fail", text)
    if not rows:
        results.add("defects/run", "fail", f"no row was tried, see {log}\n{tail(log)}")


def coverage(results, args):
    """Lines of src/ that the short tier runs, by gcovr."""
    if not build(results, "coverage", "build-coverage", ["-Db_coverage=true"]):
        return
    meson_test(results, "coverage", "build-coverage", HOSTED)
    log = LOGS / "coverage.txt"
    run(["gcovr", "-r", ".", "--filter", "src/", "--exclude", r".*_(test|fuzz)\.c",
         "--gcov-ignore-parse-errors", "build-coverage"], log)
    total = re.search(r"^TOTAL\s+\d+\s+\d+\s+(\d+)%", log.read_text(errors="replace"), re.M)
    share = int(total[1]) if total else 0
    results.add("coverage/lines", "pass" if share >= COVERAGE_MIN else "fail",
                f"{share} % of the lines (at least {COVERAGE_MIN} %), see {log}")


def allowed():
    """[(pattern, reason)] of tests/allowed-skips.txt."""
    out = []
    for line in (ROOT / "tests/allowed-skips.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            pattern, _, reason = line.partition("\t")
            out.append((pattern.strip(), reason.strip()))
    return out


def report(results):
    """Prints failures, skips and the closing line; returns the exit status."""
    bad = len(results.names("fail"))
    for name, text in results.names("skip"):
        reason = next((r for p, r in allowed() if fnmatch.fnmatch(name, p)), "")
        print(f"skipped {name}: {text}" + (f" (allowed: {reason})" if reason else ""))
        if not reason and os.environ.get("BATON_CI"):
            print(f"  {name} is not in tests/allowed-skips.txt: in CI that is a failure")
            bad += 1
    for name, text in results.names("fail"):
        print(f"failed {name}: {text.splitlines()[0] if text else ''}")
    print(f"{len(results.names('pass'))} passed, {len(results.names('fail'))} failed, "
          f"{len(results.names('skip'))} skipped", flush=True)
    return 1 if bad else 0


def main():
    ap = argparse.ArgumentParser(description="the tests, in tiers")
    ap.add_argument("--full", action="store_true", help="every guest row, long fuzzing, coverage")
    ap.add_argument("--only", action="append", choices=[*TIERS, *FULL])
    ap.add_argument("--fuzz-seconds", type=int)
    args = ap.parse_args()
    results = Results()
    for tier in args.only or [*TIERS, *(FULL if args.full else [])]:
        start, before = time.monotonic(), len(results.all)
        print(f"== {tier}", flush=True)
        globals()[tier](results, args)
        print(f"   {len(results.all) - before} tests in {time.monotonic() - start:.0f} s", flush=True)
    return report(results)


if __name__ == "__main__":
    sys.exit(main())
