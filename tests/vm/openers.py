# SPDX-License-Identifier: GPL-2.0-or-later
"""Dumps opened by the debuggers that people use, with the kernel's debug symbols: crash and drgn.

Each is Debian 12's own, unpacked below the cache, and so are the symbols (280 MB for one kernel).
"""
import os
import re
import subprocess

from harness.aptroot import AptRoot
from vm.bench import expect

CRASH = ("crash", "libsnappy1v5", "libncursesw6", "libtinfo6", "liblzo2-2", "libzstd1")
DRGN = ("python3-drgn", "libkdumpfile10", "libelf1", "libdw1", "libgomp1", "zlib1g", "libbz2-1.0", "liblzma5")
PANICKED = "sysrq_handle_crash"


def unpacked(packages):
    """([folder of each], environment in which their libraries are found)"""
    root = AptRoot()
    folders = [root.get(re.escape(p)) for p in packages]
    libs = dict.fromkeys(str(so.parent) for f in folders for so in f.rglob("*.so.*"))
    return folders, os.environ | {"LD_LIBRARY_PATH": ":".join(libs)}


def ask(cmd, env, log):
    """What a debugger says; kept in @log."""
    r = subprocess.run([str(c) for c in cmd], env=env, capture_output=True, text=True, timeout=300,
                       stdin=subprocess.DEVNULL)
    log.write_text(r.stdout + r.stderr)
    expect(r.returncode == 0, f"{cmd[0]} ended with {r.returncode}, see {log}")
    return r.stdout


def check(b, said, frames):
    """The backtrace of the panic, by name."""
    for frame in (PANICKED, *frames):
        expect(re.search(rf"\b{frame}\b", said), f"the backtrace lacks {frame}")


def crash(b, dump):
    """crash: backtrace, and what it says of the system."""
    folders, env = unpacked(CRASH)
    todo = b.dir / "crash.cmd"
    todo.write_text("set scroll off\nbt\nsys\nexit\n")
    said = ask([folders[0] / "usr/bin/crash", "-s", "-x", "--no_scroll", "-i", todo, b.kernel.debug(), dump],
               env, b.dir / "crash.txt")
    check(b, said, ("machine_kexec", "__crash_kexec", "panic"))
    expect(f"RELEASE: {b.kernel.release}" in said, "crash names another kernel")


DRGN_SCRIPT = """
print(prog["init_uts_ns"].name.release.string_().decode())
print(prog.crashed_thread().stack_trace())
"""


def drgn(b, dump):
    """drgn: the release, read from the dump's memory, and the backtrace of the thread that panicked."""
    folders, env = unpacked(DRGN)
    todo = b.dir / "drgn.py"
    todo.write_text(DRGN_SCRIPT)
    env["PYTHONPATH"] = str(next(folders[0].glob("usr/lib/python3/dist-packages")))
    said = ask(["/usr/bin/python3", folders[0] / "usr/bin/drgn", "-q", "-c", dump, "-s", b.kernel.debug(), todo],
               env, b.dir / "drgn.txt")
    check(b, said, ("panic",))
    expect(b.kernel.release in said, "drgn finds another kernel")
