#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""arm64: what a verified panic costs, ours beside kexec-tools' on the same guest.  QEMU TCG, cortex-a57.

    bench/arm64.py [--baton FILE] [--runs N] [--out DIR]

Crash loads of Debian's cloud kernel and an initrd of 10 MB, then a panic.  Two figures: instructions
between the old kernel and the next one's entry (TCG plugin, bench/tcg_watch.c), and the seconds
that QEMU's threads ran between the old kernel's last line and the next one's first (earlycon).
Exit 0: both ratios <= 0.10, else 1.
"""
import argparse
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from harness.aptroot import AptRoot                 # noqa: E402
from harness.guest import Kernel, initramfs         # noqa: E402
from harness.machines import MACHINES               # noqa: E402
from harness.qemu import Guest                      # noqa: E402

ON = MACHINES["arm64"]
TARGET = 0.10
REGION = 0x50000000, 0x5c000000
CRASHKERNEL = f"crashkernel={(REGION[1] - REGION[0]) >> 20}M@{REGION[0]:#x}"
EARLY = "earlycon=pl011,0x9000000"
INITRD = 10_000_000
PACKAGES = (r"libxenmisc4\.\d+", r"libxencall1", r"libxendevicemodel1", r"libxenevtchn1",
            r"libxenforeignmemory1", r"libxengnttab1", r"libxenstore4", r"libxentoolcore1",
            r"libxentoollog1", r"zlib1g", r"libc6")
LINE = f"console=ttyAMA0 {EARLY} panic=-1 nr_cpus=1 reset_devices role=b nodisk"
LOADS = {
    "ours": f"baton load --crash --syscall load --initrd /b.img --append '{LINE}' /vmlinuz",
    "theirs": f"peer-kexec -c -p /vmlinuz --initrd=/b.img --append='{LINE}'",
}
SCRIPT = """PATH=/bin:/sbin
export LD_LIBRARY_PATH=/peer
{load} || say "FAILED: load"
echo 8 >/proc/sys/kernel/printk
say go
echo c >/proc/sysrq-trigger
"""


def peer():
    """{name in the guest: file} of Debian's kexec and all that it links with."""
    root = AptRoot("bookworm", "arm64")
    files = {"bin/peer-kexec": root.get("kexec-tools") / "sbin/kexec"}
    for package in PACKAGES:
        for lib in root.get(package).rglob("*.so*"):
            if lib.parent.name == "aarch64-linux-gnu":
                files["peer/" + lib.name] = lib.resolve()
            if lib.name == "ld-linux-aarch64.so.1":
                files["lib/" + lib.name] = lib.resolve()
    return files


class Stopwatch:
    """Seconds that QEMU's threads ran between two lines."""

    def __init__(self):
        self.guest, self.left, self.seconds = None, None, None

    def __call__(self, _, line):
        if self.guest and "Bye!" in line:
            self.left = self.ran()
        elif self.left and not self.seconds and "Booting Linux" in line:
            self.seconds = self.ran() - self.left

    def ran(self):
        tasks = Path(f"/proc/{self.guest.proc.pid}/task").glob("*/schedstat")
        return sum(int(t.read_text().split()[0]) for t in tasks) / 1e9


def one(bench, who, plugin):
    """(seconds, the plugin's count)"""
    out = bench.out / f"{who}.watch"
    extra = ("-plugin", f"{bench.plugin},lo={REGION[0]:#x},hi={REGION[1]:#x},stop={REGION[0]:#x},out={out}")
    image = initramfs(bench.out / "a.img", ROOT / "tests/vm/guest/init.sh", on=ON, files=bench.files,
                      texts={"row.sh": SCRIPT.format(load=LOADS[who])})
    out.unlink(missing_ok=True)
    watch = Stopwatch()
    with Guest(bench.out / f"{who}.log", bench.kernel.image, image,
               f"console=ttyAMA0 panic=-1 nodisk {CRASHKERNEL}", on=ON, echo=watch, limit=400,
               extra=extra if plugin else ()) as g:
        watch.guest = g
        g.wait("@@ go", never="@@ FAILED")
        g.wait("Booting Linux", never="is damaged")
        g.kill()
        bench.log = [text for _, text in g.lines]
    return watch.seconds, int(out.read_text()) if plugin else None


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--baton", default=ROOT / "build-static-arm64/baton", type=Path)
    p.add_argument("--runs", type=int, default=3)
    p.add_argument("--out", default=ROOT / "build/bench-arm64", type=Path)
    a = p.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    a.out = a.out.resolve()
    a.plugin = a.out / "tcg_watch.so"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-I", ROOT / "tests", ROOT / "bench/tcg_watch.c",
                    "-o", a.plugin], check=True)
    a.kernel = Kernel("cloud-arm64")
    initrd = initramfs(a.out / "b.img", ROOT / "tests/vm/guest/init.sh", on=ON)
    with open(initrd, "r+b") as f:
        f.truncate(INITRD)
    a.files = peer() | {"bin/baton": a.baton.resolve(), "vmlinuz": a.kernel.image, "b.img": initrd}
    insns, good = {}, True
    for who in LOADS:
        _, insns[who] = one(a, who, True)
        if who == "ours":
            good = any("regions ok (armv8-ce)" in t for t in a.log)
    seconds = {who: [] for who in LOADS}
    for _ in range(a.runs):
        for who in LOADS:
            seconds[who].append(one(a, who, False)[0])
    for what, took in (("instructions", insns),
                       ("seconds", {w: statistics.median(s) for w, s in seconds.items()})):
        ratio = took["ours"] / took["theirs"]
        good &= ratio <= TARGET
        print(f"{what}: ours {took['ours']:,.4g}, theirs {took['theirs']:,.4g}, ratio {ratio:.4f} (<= {TARGET})")
    print("seconds, all runs:", {w: [round(x, 3) for x in s] for w, s in seconds.items()})
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
