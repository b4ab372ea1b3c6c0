# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs one guest under QEMU with plain TCG, and never longer than its limit.

Every serial line is stamped with the seconds since start and kept in a log; a guest that hangs is
killed by its pid and its last lines are shown.  Nothing here knows what a guest does.
"""
import os
import re
import select
import shutil
import socket
import subprocess
import time
from pathlib import Path

from harness.machines import MACHINES

TAIL = 20
ANSI = re.compile(r"\x1b\[[0-9;?=]*[A-Za-z]|\x1bc|\r")


class GuestError(Exception):
    """The guest did not do what was expected; the text says what, and where the log is."""


class Guest:
    """A running guest.

    with Guest(log, kernel=..., initrd=..., append=...) as g:
        m = g.wait(r"@@ up (\\S+)")

    @on is the Machine of its CPU (harness/machines.py); memory (MiB), machine, cpu and qemu replace
    what it says. ram_file shares the guest's RAM with the host (flips); gdb is the path of a
    socket for the gdb stub; disks are raw files, virtio-blk; reboot=False ends QEMU at a reset.
    """

    def __init__(self, log, kernel, initrd, append, on=MACHINES["x86_64"], memory=0, cpus=1, disks=(),
                 machine="", cpu="", reboot=False, ram_file=None, gdb=None, limit=0, boots=3,
                 extra=(), qemu="", echo=None):
        self.log_path, self.max_boots, self.echo = Path(log), boots, echo
        self.limit = limit or on.limit
        self.greeting = re.compile(on.greeting)
        qemu, cpu, memory = qemu or on.program, cpu or on.cpu, memory or on.memory
        if not shutil.which(qemu):
            raise GuestError(f"{qemu} is not installed")
        cmd = [qemu, "-M", machine or on.machine, *(["-cpu", cpu] if cpu else []), "-m", str(memory),
               "-nographic", "-nodefaults", "-serial", "stdio", "-accel", on.accel,
               "-kernel", str(kernel), "-initrd", str(initrd), "-append", append]
        cmd += ["-smp", str(cpus)] if cpus > 1 else []
        cmd += [] if reboot else ["-no-reboot"]
        if ram_file:
            cmd += ["-object", f"memory-backend-file,id=ram,size={memory}M,mem-path={ram_file},"
                    "share=on", "-machine", "memory-backend=ram"]
        cmd += list(extra)      # before the disks: it may bring the bus that they need
        for i, disk in enumerate(disks):
            cmd += ["-drive", f"file={disk},format=raw,if=none,id=d{i},cache=unsafe",
                    "-device", f"virtio-blk,drive=d{i}"]
        if gdb:
            cmd += ["-chardev", f"socket,id=gdb,path={gdb},server=on,wait=off", "-gdb",
                    "chardev:gdb"]
        self.cmd, self.lines, self.rest, self.boots, self.seen = cmd, [], b"", 0, 0
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        self.log = open(self.log_path, "w")
        self.log.write("# " + " ".join(f"'{c}'" if " " in c else c for c in cmd) + "\n")
        self.start = time.monotonic()
        self.proc = subprocess.Popen(cmd, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def kill(self):
        """Ends QEMU by its pid; harmless when it has ended."""
        if self.proc.poll() is None:
            self.proc.kill()
        self.proc.wait()
        self._drain()
        self.log.close()

    def _drain(self):
        if self.proc.stdout.closed:
            return
        os.set_blocking(self.proc.stdout.fileno(), False)
        self._take(self.proc.stdout.read() or b"")
        if self.rest:
            self._line(self.rest)
            self.rest = b""
        self.proc.stdout.close()
        try:
            self.proc.stdin.close()
        except BrokenPipeError:
            pass                # it ended with a line of ours unread

    def _line(self, raw):
        text = ANSI.sub("", raw.decode("utf-8", "replace"))
        now = time.monotonic() - self.start
        self.lines.append((now, text))
        self.log.write(f"{now:8.3f} {text}\n")
        self.log.flush()
        if self.greeting.search(text):
            self.boots += 1
        if self.echo:
            self.echo(now, text)

    def _take(self, data):
        *whole, self.rest = (self.rest + data).split(b"\n")
        for raw in whole:
            self._line(raw)

    def _pump(self, until):
        """Reads what is there, waiting until the time @until at most. False: QEMU has ended."""
        fd = self.proc.stdout.fileno()
        wait = max(0.0, until - time.monotonic())
        if not select.select([fd], [], [], wait)[0]:
            return True
        data = os.read(fd, 1 << 16)
        if not data:
            self.proc.wait()
            self._drain()
            return False
        self._take(data)
        return True

    def fail(self, why):
        """Raises GuestError with the last lines of the log."""
        self.kill()
        tail = "\n".join(f"    {t:8.3f} {s}" for t, s in self.lines[-TAIL:])
        raise GuestError(f"{why}\n  log: {self.log_path}; its last {TAIL} lines:\n{tail}")

    def wait(self, pattern, limit=None, never=None):
        """The match of @pattern in a line after those already waited for.

        GuestError when the guest ends or hangs first, boots too often, or a line matches @never.
        """
        want = re.compile(pattern)
        bad = re.compile(never) if never else None
        until = min(self.start + self.limit, time.monotonic() + (limit or self.limit))
        alive = True
        while True:
            while self.seen < len(self.lines):
                text = self.lines[self.seen][1]
                self.seen += 1
                if bad and bad.search(text):
                    self.fail(f"the guest said: {text}")
                m = want.search(text)
                if m:
                    return m
            if not alive:
                self.fail(f"the guest ended before it said '{pattern}'")
            if self.boots >= self.max_boots:
                self.fail(f"the guest booted {self.boots} times before it said '{pattern}'")
            if time.monotonic() >= until:
                self.fail(f"'{pattern}' did not come within {until - self.start:.0f} s")
            alive = self._pump(until)

    def finish(self, limit=None):
        """Waits for QEMU's own end (power off, or a reset under -no-reboot)."""
        until = min(self.start + self.limit, time.monotonic() + (limit or self.limit))
        while self._pump(until):
            if self.boots >= self.max_boots:
                self.fail(f"the guest booted {self.boots} times")
            if time.monotonic() >= until:
                self.fail(f"the guest did not end within {until - self.start:.0f} s")
        self.log.close()
        return self

    def send(self, text):
        """Types a line at the guest's console."""
        self.proc.stdin.write(text.encode() + b"\n")
        self.proc.stdin.flush()

    def grep(self, pattern):
        """Every match of @pattern so far, oldest first, as (seconds, match)."""
        rx = re.compile(pattern)
        return [(t, m) for t, s in self.lines for m in [rx.search(s)] if m]

    def one(self, pattern):
        """The first match of @pattern, or GuestError."""
        found = self.grep(pattern)
        if not found:
            self.fail(f"the guest never said '{pattern}'")
        return found[0][1]

    def when(self, pattern):
        """The second at which @pattern was first said, or None."""
        found = self.grep(pattern)
        return found[0][0] if found else None


def phys_to_file(addr, memory, base=None):
    """Where guest physical @addr lies in the RAM file of a guest with @memory MiB of RAM from @base on.

    @base None is a q35 PC: it puts RAM below 0x80000000 and the rest at 4 GiB once there is
    0xb0000000 of it or more (QEMU hw/i386/pc_q35.c).
    """
    ram = memory << 20
    low = ram if base is not None or ram < 0xb0000000 else 0x80000000
    start = base or 0
    if start <= addr < start + low:
        return addr - start
    if base is None and addr >= 1 << 32 and addr - (1 << 32) < ram - low:
        return addr - (1 << 32) + low
    raise ValueError(f"0x{addr:x} is no RAM of a guest with {memory} MiB")


def flip_ram(ram_file, at, bit=0):
    """Flips one bit of the byte @at of the guest's RAM file."""
    with open(ram_file, "r+b") as f:
        f.seek(at)
        b = f.read(1)
        f.seek(at)
        f.write(bytes([b[0] ^ (1 << bit)]))


def read_ram(ram_file, at, size):
    """Bytes of the guest's RAM file."""
    with open(ram_file, "rb") as f:
        f.seek(at)
        return f.read(size)


class Gdb:
    """As much of the GDB remote protocol as a flip needs: stop, breakpoint, memory, go on."""

    def __init__(self, path, limit=30):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(limit)
        self.sock.connect(str(path))
        self.buf = b""
        self.ask("?")

    def close(self):
        self.sock.close()

    def _byte(self):
        if not self.buf:
            self.buf = self.sock.recv(4096)
            if not self.buf:
                raise GuestError("the gdb stub hung up")
        b, self.buf = self.buf[:1], self.buf[1:]
        return b

    def _reply(self):
        while self._byte() != b"$":
            pass
        body = b""
        while (b := self._byte()) != b"#":
            body += b
        self._byte(), self._byte()
        self.sock.sendall(b"+")
        return body.decode()

    def put(self, text):
        data = text.encode()
        self.sock.sendall(b"$" + data + b"#%02x" % (sum(data) & 0xff))

    def ask(self, text, ok=None):
        self.put(text)
        r = self._reply()
        while ok is not None and r[:1] in ("T", "S"):
            r = self._reply()       # the stop that our own connecting caused
        if ok is not None and r != ok:
            raise GuestError(f"gdb stub: '{text[:40]}' was answered with '{r}'")
        return r

    def run_to(self, addr):
        """Lets the guest run until its processor stands at @addr; it is stopped then."""
        self.ask(f"Z1,{addr:x},1", "OK")
        self.put("c")
        return self

    def at_break(self, addr):
        r = self._reply()
        self.ask(f"z1,{addr:x},1", "OK")
        return r

    def read(self, addr, size):
        """Bytes at physical @addr of the stopped guest."""
        self.ask("Qqemu.PhyMemMode:1", "OK")
        out = b""
        while len(out) < size:
            n = min(1024, size - len(out))
            out += bytes.fromhex(self.ask(f"m{addr + len(out):x},{n:x}"))
        return out

    def flip(self, addr, bit=0):
        """Flips a bit at physical @addr of the stopped guest."""
        self.ask("Qqemu.PhyMemMode:1", "OK")
        old = int(self.ask(f"m{addr:x},1"), 16)
        self.ask(f"M{addr:x},1:{old ^ (1 << bit):02x}", "OK")

    def go(self):
        self.ask("D", "OK")
        self.close()
