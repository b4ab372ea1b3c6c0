#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""make bench: our figures beside those of Debian's kexec-tools and OpenSSL (docs/benchmarks.md).

    run.py [--only NAME]...     load sha plan save relocate unpack inspect guest-load purgatory per-byte

Prints a table; build/bench/results.json holds the same with the notes.  Nothing here reaches this
machine's kernel: bench/shim.c.  Exit: 0 every target is met; 1 one is missed; 2 one was not run.
"""
import argparse
import json
import platform
import sys
import time
from types import SimpleNamespace

sys.path.insert(0, str(__import__("pathlib").Path(__file__).resolve().parent))
import guests                    # noqa: E402
import host                      # noqa: E402
import images                    # noqa: E402
import lab                       # noqa: E402
import per_byte                  # noqa: E402
from figure import Figure, table  # noqa: E402
from harness.qemu import GuestError  # noqa: E402

BENCHES = {"load": host.load, "sha": host.sha, "plan": host.plan, "save": host.save,
           "relocate": host.relocate, "unpack": images.unpack, "inspect": images.inspect,
           "guest-load": guests.load, "purgatory": guests.purgatory, "per-byte": lambda _: per_byte.figures()}


def context():
    """What the benches share: the peer, the kernel, an initrd, the invented machine."""
    lab.OUT.mkdir(parents=True, exist_ok=True)
    init = guests.GUEST
    script = 'say "tsc b $(/measure --tsc)"\n'
    return SimpleNamespace(
        peer=lab.Peer(), kernel=lab.kernel(), facts=lab.machine(lab.OUT / "machine", 1),
        initrd=lab.initrd(init, files={"measure": lab.measure()}, texts={"b.sh": script}))


def versions(ctx):
    cpu = [x for x in lab.cpuinfo().splitlines() if x.startswith("model name")]
    qemu = lab.output([lab.need("qemu-system-x86_64"), "--version"]).splitlines()[0]
    return {"date": time.strftime("%Y-%m-%d"), "machine": cpu[0].partition(": ")[2] if cpu else "?",
            "system": platform.platform(), "qemu": qemu, "kexec-tools": ctx.peer.version,
            "kernel": ctx.kernel.root.name, "openssl": lab.output(["openssl", "version"]).strip(),
            "valgrind": lab.output(["valgrind", "--version"]).strip(),
            "initrd_bytes": ctx.initrd.stat().st_size,
            "kernel_bytes": ctx.kernel.image.stat().st_size}


def take(name, ctx):
    """The figures of one bench; what cannot be run is a figure that says why."""
    figures = []
    try:
        for f in BENCHES[name](ctx):
            print(f"  {f.name}: {f.verdict}", flush=True)
            figures.append(f)
    except (lab.CannotRun, GuestError) as err:
        print(f"  {name}: not run: {err}", flush=True)
        figures.append(Figure(name, "", problem=str(err)))
    return figures


def main():
    ap = argparse.ArgumentParser(description="figures beside the peers")
    ap.add_argument("--only", action="append", choices=list(BENCHES))
    args = ap.parse_args()
    figures = []
    try:
        ctx = context()
        about = versions(ctx)
    except lab.CannotRun as err:
        print(f"bench: {err}", file=sys.stderr)
        return 2
    for name in args.only or BENCHES:
        print(f"{name}:", flush=True)
        figures += take(name, ctx)
    print("\n" + "\n".join(table(figures)) + "\n")
    for f in figures:
        if f.problem:
            print(f"{f.name}: {f.problem}")
    out = lab.OUT / "results.json"
    out.write_text(json.dumps({"schema": 1, "about": about, "figures": [f.record() for f in figures]},
                              indent=1) + "\n")
    print(f"all of it: {out.relative_to(lab.ROOT)}")
    verdicts = {f.verdict for f in figures}
    return 1 if "MISSED" in verdicts else 2 if "not run" in verdicts else 0


if __name__ == "__main__":
    sys.exit(main())
