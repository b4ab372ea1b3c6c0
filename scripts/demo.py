#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The demo, narrated: a jump from one kernel to the next, then a crash that ends in a saved dump.

    demo.py [CPU=x86_64]      CPU is one of baton's names

Everything happens in QEMU guests with Debian's own kernel; this machine's kernel is never touched.
Results: build/demo/{jump.log,crash.log,plan.json,plan.svg,vmcore,vmcore.dmesg}.
Exit: 0 both stories went well; 1 one did not; 3 no QEMU or no kernel, so only plans were made.
"""
import re
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from harness.aptroot import AptError        # noqa: E402
from harness.machines import MACHINES       # noqa: E402
from harness.qemu import GuestError         # noqa: E402
from vm import dump                         # noqa: E402
from vm.bench import Bench, Failed, received    # noqa: E402
from vm.rows import Row                     # noqa: E402
from vm.run import built                    # noqa: E402
from vm.stories import crash, jump          # noqa: E402

OUT = ROOT / "build" / "demo"
HOST_BATON = ROOT / "build-static" / "baton"

# What of a serial log is told, and in which words.
STORY = (
    (r"@@ up a (\S+)", "kernel A is up ({0}); it runs from memory, like a rescue system"),
    (r"@@ found (\d+) bytes", "kernel A finds its predecessor's dump on the disk ({0} bytes)"),
    (r"@@ end nonce.txt", "64 pages of A's memory now hold a random pattern"),
    (r"@@ loaded", "the next kernel lies in memory"),
    (r"@@ armed", "the capture kernel is armed; now a panic: echo c > /proc/sysrq-trigger"),
    (r"(Kernel panic - .*)", "{0}"),
    (r"(baton: purgatory: .*)", "between the kernels, on the serial line: {0}"),
    (r"@@ up b (\S+)", "kernel B is up ({0}), without firmware or boot loader"),
    (r"@@ up capture (\S+)", "the capture kernel is up ({0}), in the memory kept for it"),
    (r"@@ vmcore (\d+) bytes", "it sees the dead kernel's memory as /proc/vmcore ({0} bytes)"),
    (r"@@ saved 0", "the dump is on the disk; the machine resets"),
    (r"@@ FAILED (.*)", "FAILED {0}"),
    (r"@@ run (.*)", "$ {0}"),
)


def heading(text):
    print(f"\n{text}\n{'-' * len(text)}", flush=True)


def tell(text):
    print(textwrap.fill(text, 96), flush=True)


class Narrator:
    """Turns serial lines into sentences, with the guest's seconds in front."""

    def __init__(self):
        self.starts, self.quoting = 0, False

    def __call__(self, seconds, line):
        if "Linux version" in line:
            self.quoting = False
            self.starts += 1
            if self.starts > 1:
                self.say(seconds, "first line of a kernel: Linux version "
                         + re.search(r"Linux version (\S+)", line)[1])
            return
        for pattern, words in STORY:
            m = re.search(pattern, line)
            if m:
                self.quoting = line.startswith("@@ run")
                self.say(seconds, words.format(*m.groups()))
                return
        if line.startswith("@@"):
            self.quoting = False
        elif self.quoting and line.strip() and not re.match(r"\s*\[ *\d+\.\d+\]", line):
            if "saving:" not in line:       # progress, redrawn on one line
                print(f"           | {line}", flush=True)

    @staticmethod
    def say(seconds, text):
        for i, part in enumerate(textwrap.wrap(text, 86)):
            print(f"  {seconds:5.1f} s  {part}" if not i else f"           {part}", flush=True)


def proof(what, value):
    print(f"    {what:58} {value}", flush=True)


def stage(cpu, name, scenario):
    """The Bench of one story: on s390x both with the small kernel, Debian's writes no crash dump."""
    flavour = "mini-s390x" if cpu == "s390x" else ""
    row = Row(name, scenario, arch=cpu, flavour=flavour, keep=True)
    return Bench(row, OUT, {"bin/baton": built(cpu)}, Narrator())


def story_jump(cpu):
    heading("Story 1: a jump")
    tell("Kernel A loads kernel B with `baton load` (the system call kexec_load, so our own purgatory "
         "checks every byte before the jump) and jumps with `baton exec --force`.")
    b = stage(cpu, "jump", jump)
    g = jump(b, pictures=True)
    shutil.copy(b.dir / "serial.log", OUT / "jump.log")
    for name in ("plan.json", "plan.svg"):
        (OUT / name).write_bytes(received(g, name))
    print("  checked on this side:")
    proof("the random nonce is in B's command line", b.nonce)
    proof("sha256 of the 10 MB random file in B's initrd is the same", b.big[:16] + "...")
    proof("the purgatory's ok line stands before B's first line", "yes")
    proof("from `baton load` done to B's /init", f"{b.figures['jump_s']} s")
    b.tidy()


def story_crash(cpu):
    heading("Story 2: a crash, and back to production")
    tell("Kernel A keeps memory for a capture kernel (crashkernel=). `baton load --crash` arms it, "
         "the kernel panics, the capture kernel saves A's memory to a disk and resets the machine: "
         "A comes up again and finds its dump.")
    b = stage(cpu, "crash", crash)
    crash(b)
    shutil.copy(b.dir / "serial.log", OUT / "crash.log")
    for name in ("vmcore", "vmcore.dmesg"):
        (b.dir / name).replace(OUT / name)
    print("  the dump, taken off the disk with debugfs; baton info:")
    info = subprocess.run([str(HOST_BATON), "info", "build/demo/vmcore"], capture_output=True,
                          text=True, cwd=ROOT)
    for line in (info.stdout + info.stderr).splitlines():
        print(f"           | {line}")
    print("  the same, by readers that are not ours:")
    describe(OUT / "vmcore", OUT / "vmcore.dmesg")
    n = dump.PAGES
    proof(f"pages of the {n} found where readelf says they are", b.figures["pages_by_readelf"])
    proof(f"pages of the {n} read by python3-libkdumpfile", b.figures["pages_by_libkdumpfile"])
    proof("from panic to the capture kernel's /init", f"{b.figures['capture_s']} s")
    b.tidy()


def describe(core, log):
    """Version, panic message, CPUs and memory ranges, told by readers that are not ours."""
    facts = dump.facts(core)
    text = log.read_text(errors="replace")
    panic = re.search(r"Kernel panic - .*", text)
    proof("kernel (libkdumpfile)", facts.get("linux.uts.release", "?"))
    proof("panic message (vmcore.dmesg)", panic[0] if panic else "?")
    proof("CPUs that left their registers (readelf -n)", dump.cpu_notes(core))
    proof("size, and blocks on the disk", f"{core.stat().st_size >> 20} MB, "
          f"{core.stat().st_blocks * 512 >> 20} MB")
    for _, start, _, size in dump.loads(core):
        proof("memory range (readelf -l)", f"0x{start:x}-0x{start + size - 1:x}")


def plans_only(reason):
    """Without QEMU or a kernel: plans from the facts of captured machines."""
    heading("Plans from captured facts of x86_64 machines")
    made = subprocess.run([sys.executable, str(ROOT / "scripts/demo_plans.py"), str(HOST_BATON), str(OUT)])
    if made.returncode:
        print("no plan could be made either")
    print(f"DEMO INCOMPLETE: {reason}")
    return 3


def main():
    words = dict(a.partition("=")[::2] for a in sys.argv[1:])
    cpu = words.pop("CPU", "x86_64")
    if words or cpu not in MACHINES:
        print(f"usage: demo [CPU={'|'.join(MACHINES)}]", file=sys.stderr)
        return 2
    on = MACHINES[cpu]
    OUT.mkdir(parents=True, exist_ok=True)
    print("Baton: from one kernel to the next\n" + "=" * 34)
    start = time.monotonic()
    if not shutil.which(on.program):
        return plans_only(f"{on.program} is not installed (scripts/deps.sh)")
    try:
        release = stage(cpu, "jump", jump).kernel.release
    except AptError as err:
        return plans_only(f"no kernel to be had: {err}")
    qemu = subprocess.run([on.program, "--version"], capture_output=True, text=True)
    whose = "built from Debian's source" if cpu in ("s390x", "ppc64") else "Debian's, unmodified"
    tell(f"CPU: {cpu}. Kernel: {release}, {whose}. Machine: {qemu.stdout.splitlines()[0]}, "
         f"plain emulation (TCG), {on.memory} MB. Nothing touches the kernel of this machine.")
    try:
        story_jump(cpu)
        story_crash(cpu)
    except (Failed, GuestError, dump.DumpError, OSError) as err:
        print(f"\nDEMO FAILED: {err}")
        return 1
    heading(f"Both stories went well, in {time.monotonic() - start:.0f} s")
    tell("The full serial logs, the plan of the jump as JSON and as a picture, and the dump are in "
         "build/demo/: jump.log crash.log plan.json plan.svg vmcore vmcore.dmesg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
