# SPDX-License-Identifier: GPL-2.0-or-later
"""The laboratory: programs under test, their peers, and the walls around both.

The peer (Debian's kexec-tools) and our own program run on this machine only under bench/shim.c and
only in a private mount namespace whose /proc/iomem and /sys/firmware/memmap are those of an
invented machine.  No shim, no run.
"""
import os
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from harness.aptroot import AptError, AptRoot   # noqa: E402
from harness.guest import Kernel, initramfs     # noqa: E402

OUT = ROOT / "build" / "bench"
STATIC = ROOT / "build-static"
INITRD_BYTES = 15 << 20
COMMAND_LINE = "console=ttyS0"
LIBRARY = "usr/lib/x86_64-linux-gnu"
PEER_LIBRARIES = ("libxenctrl", "libxencall", "libxendevicemodel", "libxenevtchn",
                  "libxenforeignmemory", "libxengnttab", "libxenstore", "libxentoolcore",
                  "libxentoollog")
PEER_PACKAGES = (r"libxenmisc4\.\d+", r"libxencall1", r"libxendevicemodel1", r"libxenevtchn1",
                 r"libxenforeignmemory1", r"libxengnttab1", r"libxenstore4", r"libxentoolcore1",
                 r"libxentoollog1")


class CannotRun(Exception):
    """Why a figure could not be taken here, in words for the table."""


def median(values):
    return statistics.median(values)


def need(program):
    found = shutil.which(program, path="/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
    if not found:
        raise CannotRun(f"{program} is not installed")
    return found


def output(cmd, **more):
    """What @cmd prints; CannotRun with its last words when it fails."""
    cmd = [str(c) for c in cmd]
    if "/" not in cmd[0]:
        cmd[0] = need(cmd[0])
    p = subprocess.run(cmd, capture_output=True, text=True, **more)
    if p.returncode:
        words = (p.stderr.strip() or p.stdout.strip() or "no word").splitlines()[-1]
        raise CannotRun(f"{Path(cmd[0]).name} ended with {p.returncode}: {words}")
    return p.stdout


def compile_c(name, *sources, flags=()):
    """build/bench/NAME, compiled when a source is newer."""
    out = OUT / name
    sources = [str(s) for s in sources]
    newest = max(Path(s).stat().st_mtime for s in sources)
    if not out.exists() or out.stat().st_mtime < newest:
        output([os.environ.get("CC", "gcc"), "-std=gnu17", "-O2", "-Wall", "-D_GNU_SOURCE",
                f"-I{ROOT / 'src'}", "-o", out, *sources, *flags])
    return out


def shim():
    return compile_c("shim", ROOT / "bench/shim.c", flags=("-static",))


def measure():
    return compile_c("measure", ROOT / "bench/measure.c", flags=("-static",))


def ours(name="baton"):
    path = STATIC / name
    if not path.exists():
        raise CannotRun(f"{path.relative_to(ROOT)} is not built")
    return path


class Peer:
    """Debian's kexec-tools and the libraries it loads, unpacked below the cache."""

    def __init__(self):
        root = AptRoot()
        try:
            package = root.get("kexec-tools")
            folders = [root.get(p) / LIBRARY for p in PEER_PACKAGES]
            libc = root.get("libc6")
        except AptError as err:
            raise CannotRun(str(err)) from err
        self.kexec = package / "sbin/kexec"
        self.version = package.name.split("_")[1].replace("%", ":")
        self.path = ":".join(str(f) for f in folders)
        self.files = {"sbin/peer-kexec": self.kexec}
        self.files["lib64/ld-linux-x86-64.so.2"] = self._loader(libc)
        for folder in folders:
            self.files |= {f"lib/x86_64-linux-gnu/{f.name}": f for f in folder.glob("*.so.*") if self._wanted(f)}
        self.files["lib/x86_64-linux-gnu/libc.so.6"] = next(libc.rglob("libc.so.6"))

    @staticmethod
    def _loader(libc):
        return next(p for p in libc.rglob("ld-linux-x86-64.so.2")).resolve()

    @staticmethod
    def _wanted(path):
        return path.name.split(".so")[0] in PEER_LIBRARIES


def kernel():
    try:
        return Kernel("cloud")
    except AptError as err:
        raise CannotRun(str(err)) from err


def initrd(init, files=(), texts=()):
    """An initramfs of exactly INITRD_BYTES: random bytes fill it up."""
    path, filler = OUT / "initrd.img", OUT / "filler.bin"
    filler.write_bytes(b"")
    # The filler's name and header are part of the archive: measured once, empty.
    small = initramfs(path, init, files=dict(files) | {"filler.bin": filler}, texts=texts)
    filler.write_bytes(os.urandom(INITRD_BYTES - small.stat().st_size))
    initramfs(path, init, files=dict(files) | {"filler.bin": filler}, texts=texts)
    filler.unlink()
    return path


def _memory_map(ranges):
    """Lines of /proc/iomem of a PC with 6 GiB whose memory above 4 GiB lies in @ranges pieces."""
    rows = [(0, 0xfff, "Reserved"), (0x1000, 0x9fbff, "System RAM"), (0x9fc00, 0xfffff, "Reserved"),
            (0x100000, 0x7fffffff, "System RAM"), (0xb0000000, 0xbfffffff, "Reserved")]
    above, pitch = 1 << 32, (4 << 30) // ranges & ~0xfff
    rows += [(above + i * pitch, above + (i + 1) * pitch - 0x1001, "System RAM")
             for i in range(ranges)]
    return rows


def machine(folder, ranges=1):
    """Writes the facts of an invented PC below @folder and returns it.

    One range is an ordinary machine. Many, with a page missing between two, are a machine with
    memory devices or much poisoned memory; the firmware's map stays small as it does there.
    """
    rows = _memory_map(ranges)
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "proc").mkdir(parents=True)
    text = "".join(f"{a:08x}-{b:08x} : {what}\n" for a, b, what in rows)
    (folder / "proc/iomem").write_text(text)
    for i, (start, end, what) in enumerate(_memory_map(1)):
        d = folder / f"sys/firmware/memmap/{i}"
        d.mkdir(parents=True)
        for name, value in (("start", f"{start:#x}"), ("end", f"{end:#x}"), ("type", what)):
            (d / name).write_text(value + "\n")
    total = sum(b + 1 - a for a, b, what in rows if what == "System RAM") >> 10
    (folder / "proc/meminfo").write_text(f"MemTotal:       {total} kB\n")
    (folder / "proc/cmdline").write_text("BOOT_IMAGE=/vmlinuz console=ttyS0\n")
    (folder / "proc/cpuinfo").write_text(cpuinfo())
    return folder


def cpuinfo():
    """The first processor of this machine, so that SHA-NI is used where it is."""
    return Path("/proc/cpuinfo").read_text().split("\n\n")[0] + "\n\n"


def enclosed(cmd, facts):
    """@cmd behind the walls: a private mount namespace, then the shim."""
    if os.geteuid():
        raise CannotRun("a private mount namespace needs root")
    mounts = ("mount --bind \"$1/proc/iomem\" /proc/iomem && "
              "mount --bind \"$1/sys/firmware/memmap\" /sys/firmware/memmap && "
              # What a load leaves in /run must not be believed afterwards.
              "mount -t tmpfs bench /run && shift && "
              "exec \"$@\"")
    return [need("unshare"), "-m", "--propagation", "private", "sh", "-c", mounts, "sh", str(facts),
            str(shim()), *(str(c) for c in cmd)]


class Run:
    """One run of a command: seconds and bytes."""

    def __init__(self, line):
        user, system, wall, peak = line.split()
        self.user, self.system, self.wall = int(user) / 1e6, int(system) / 1e6, int(wall) / 1e6
        self.peak = int(peak) << 10


def runs(cmd, count, facts, env=None):
    """@count runs of @cmd behind the walls."""
    text = output(enclosed([measure(), count, *cmd], facts), env=dict(os.environ, **(env or {})))
    return [Run(line) for line in text.splitlines()]


def instructions(cmd, facts=None, env=None):
    """Instructions of one run, counted by callgrind, whose CPU has no SHA instructions.

    Valgrind does not know kexec_load and answers ENOSYS itself: a command that fails by that has
    done all its work.
    """
    out = OUT / "callgrind.out"
    out.unlink(missing_ok=True)
    cmd = [need("valgrind"), "--tool=callgrind", f"--callgrind-out-file={out}", *map(str, cmd)]
    p = subprocess.run(enclosed(cmd, facts) if facts else cmd, capture_output=True, text=True,
                       env=dict(os.environ, **(env or {})))
    if p.returncode and "unhandled amd64-linux syscall: 246" not in p.stderr:
        raise CannotRun(f"under callgrind {Path(cmd[3]).name} ended with {p.returncode}: "
                        + p.stderr.strip()[-200:])
    return int(re.search(r"^==\d+== Collected : (\d+)", p.stderr, re.M)[1])
