# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures taken in a guest under TCG, which has no SHA-NI: here the system calls are real."""
from pathlib import Path

import lab
from figure import Figure
from harness.qemu import Guest
from lab import CannotRun

GUEST = lab.ROOT / "tests/vm/guest/init.sh"
LINE = "console=ttyS0 earlycon=uart8250,io,0x3f8,115200 panic=-1 role=b nodisk"
LOAD_RUNS = 9
JUMP_RUNS = 9
LIMIT_S = 400
LOADS = {
    "ours": f"baton load --syscall load --initrd /b.img --append '{LINE}' /vmlinuz",
    "ours unchecked": f"kexec -c -i -l /vmlinuz --initrd=/b.img --command-line='{LINE}'",
    "theirs": f"peer-kexec -c -l /vmlinuz --initrd=/b.img --command-line='{LINE}'",
    "theirs unchecked": f"peer-kexec -c -i -l /vmlinuz --initrd=/b.img --command-line='{LINE}'",
}
JUMPS = {who: ("kexec" if who.startswith("ours") else "peer-kexec") + " -e -x" for who in LOADS}


def _image(ctx, script):
    """Kernel A's initramfs: both programs, the next kernel's files, and what to do."""
    files = dict(ctx.peer.files) | {
        "bin/baton": lab.ours(), "bin/measure": lab.measure(), "vmlinuz": ctx.kernel.image,
        "b.img": ctx.initrd}
    return lab.initramfs(lab.OUT / "a.img", GUEST, files=files,
                         texts={"row.sh": "PATH=/bin:/sbin\nln -s /bin/baton /bin/kexec\n" + script})


def _guest(ctx, script, extra=(), log="guest.log", echo=None):
    return Guest(lab.OUT / log, ctx.kernel.image, _image(ctx, script),
                 "console=ttyS0 panic=-1 nodisk", memory=1024, extra=extra, echo=echo,
                 limit=LIMIT_S)


def load(ctx):
    """User time of the two loads, in turns in one guest."""
    script = f"for _ in $(seq {LOAD_RUNS}); do\n"
    for who in ("ours", "theirs"):
        script += f"say \"{who} $(measure 1 {LOADS[who]})\"\n"
    with _guest(ctx, script + "done\n", log="load.log") as g:
        g.wait("@@ bye", never="@@ FAILED|Kernel panic")
        took = {who: [lab.Run(m[1]) for _, m in g.grep(rf"@@ {who} (\d+ \d+ \d+ \d+)")]
                for who in ("ours", "theirs")}
    if any(len(t) != LOAD_RUNS for t in took.values()):
        raise CannotRun(f"a load failed in the guest, see {lab.OUT / 'load.log'}")
    user = [lab.median([r.user for r in took[w]]) * 1e3 for w in ("ours", "theirs")]
    # The guest's clock goes on while this machine does something else: neighbours are compared.
    pairs = [a.user / b.user for a, b in zip(took["ours"], took["theirs"])]
    yield Figure("load in a TCG guest (no SHA-NI): user time", "ms", *user,
                 ratio=lab.median(pairs), target=("<=", 0.45),
                 note=f"medians of {LOAD_RUNS} runs in turns; ratio: median of the pairs' ratios")
    peak = [lab.median([r.peak for r in took[w]]) / 1e6 for w in ("ours", "theirs")]
    yield Figure("load in a TCG guest: peak memory", "MB", *peak)


def _processor_s(pid):
    """Seconds that all threads of a process have run: what else this machine does is not in it."""
    spent = 0
    for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        spent += int(path.read_text().split()[0])
    return spent / 1e9


class Stopwatch:
    """The seconds that QEMU spent between kernel A's last line and kernel B's first."""

    def __init__(self):
        self.guest, self.left, self.seconds = None, None, None

    def __call__(self, _, line):
        if not self.guest:
            return
        if "kexec_core: Starting new kernel" in line:
            self.left = _processor_s(self.guest.proc.pid)
        elif self.left and not self.seconds and "Linux version" in line:
            self.seconds = _processor_s(self.guest.proc.pid) - self.left


def _jump(ctx, who, extra):
    """From the jump to kernel B: seconds that QEMU ran, and guest time stamps."""
    script = f"""
echo 8 >/proc/sys/kernel/printk
{LOADS[who]} || {{ say "FAILED: load"; finish; }}
sync
say "tsc a $(measure --tsc)"
{JUMPS[who]}
say "FAILED: the jump came back"
"""
    watch = Stopwatch()
    with _guest(ctx, script, extra, "jump.log", watch) as g:
        watch.guest = g
        g.wait("@@ tsc b", never="@@ FAILED|Kernel panic")
        g.kill()
        stamps = [int(g.one(rf"@@ tsc {x} (\d+)")[1]) for x in "ab"]
    return watch.seconds, stamps[1] - stamps[0]


def _jumps(ctx, extra, pick, count):
    """who -> median of @count values, in turns; and all the values."""
    values = {who: [] for who in LOADS}
    for _ in range(count):
        for who in LOADS:
            value = _jump(ctx, who, extra)[pick]
            if value is None:
                raise CannotRun(f"the guest did not say when it left, see {lab.OUT / 'jump.log'}")
            values[who].append(value)
    return {who: lab.median(v) for who, v in values.items()}, values


def purgatory(ctx):
    """What the check costs between two kernels: with it, less without it.

    Under -icount with shift=0 an instruction takes one nanosecond of the guest's time, its
    time-stamp counter runs at 1 GHz and so counts instructions (and idle nanoseconds).  That is the
    same every time but for some hundred thousand, so one run tells.
    """
    icount = ("-icount", "shift=0,sleep=off")
    rows = (("instructions", "million", icount, 1, 1e6, 1),
            ("processor time", "ms", (), 0, 1e-3, JUMP_RUNS))
    for what, unit, extra, pick, scale, count in rows:
        took, raw = _jumps(ctx, extra, pick, count)
        cost = [(took[w] - took[w + " unchecked"]) / scale for w in ("ours", "theirs")]
        yield Figure(f"purgatory in a TCG guest: {what}", unit, *cost, target=("<=", 0.45),
                     note=f"jump to first line, checked less unchecked; median of {count}; in full: "
                     + ", ".join(f"{w} {[round(x / scale, 1) for x in v]}" for w, v in raw.items()))
