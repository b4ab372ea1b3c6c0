# SPDX-License-Identifier: GPL-2.0-or-later
"""The workplace of one row: its folder, kernels and guests, and what comes back from them."""
import base64
import functools
import hashlib
import os
import shlex
import subprocess
from pathlib import Path

from harness.guest import DISK_MODULES, Kernel, initramfs, newer_qemu
from harness.qemu import Guest

HERE = Path(__file__).resolve().parent
GUEST = HERE / "guest"
BIG = 10 << 20


class Failed(Exception):
    """The row's expectation was not met."""


def expect(ok, why):
    if not ok:
        raise Failed(why)


class Bench:
    """One row's workplace: its folder, machine and kernels, the program under test, what was measured."""

    def __init__(self, row, out, program, say, all_rows=(), host=None):
        """@program {name in the initrd: file} is this CPU's; @host a baton that runs here."""
        self.row, self.program, self.say, self.all_rows = row, program, say, all_rows
        self.host = host or program.get("bin/baton")
        self.on = row.on
        self.memory = row.memory or self.on.memory
        self.console = self.on.console
        self.capture = f"{self.console} {self.on.capture}"
        self.dir = Path(out) / row.name
        self.dir.mkdir(parents=True, exist_ok=True)
        self.kernel = Kernel(row.flavour or self.on.flavour)
        self.next_kernel = Kernel(row.next_flavour) if row.next_flavour else self.kernel
        self.nonce = os.urandom(8).hex()
        self.figures = {}
        self.next_image = row.form(self) if row.form else self.next_kernel.image

    def nonce_program(self):
        """tests/vm/nonce.c for this CPU, built once."""
        out, src = self.dir.parent / f"nonce-{self.row.arch}", HERE / "nonce.c"
        gcc = f"{self.on.triple}-gcc" if self.on.triple else os.environ.get("CC", "gcc")
        if not out.exists() or out.stat().st_mtime < src.stat().st_mtime:
            tmp = f"{out}.{self.nonce}"
            subprocess.run([gcc, "-O2", "-static", "-s", "-o", tmp, str(src)], check=True)
            os.rename(tmp, out)
        return out

    def line_b(self):
        """The command line of kernel B."""
        line = f"{self.console} role=b nodisk nonce={self.nonce}{self.row.append}"
        return line + (" pad=" + "x" * (self.row.line_bytes - len(line) - 5) if self.row.line_bytes else "")

    def line_capture(self):
        return f"{self.capture} nonce={self.nonce}{self.row.append}"

    @functools.cache
    def image_b(self):
        """The initrd of kernel B, with a random file whose hash is remembered in .big.

        What makes it larger (initrd_mb) stands before that file and is hashed by the purgatory only.
        """
        big, fill = self.dir / "big.bin", self.dir / "fill.bin"
        data = os.urandom(BIG)
        self.big = hashlib.sha256(data).hexdigest()
        big.write_bytes(data)
        with open(fill, "wb") as f:
            for _ in range(self.row.initrd_mb - (BIG >> 20)):
                f.write(os.urandom(1 << 20))
        files = {"fill.bin": fill, "big.bin": big} if self.row.initrd_mb else {"big.bin": big}
        img = initramfs(self.dir / "b.img", GUEST / "init.sh", files=files,
                        texts={"b.sh": self.row.b_script}, on=self.on)
        big.unlink()
        fill.unlink()
        return img

    def image_capture(self):
        return initramfs(self.dir / "capture.img", GUEST / "init.sh", self.next_kernel,
                         files=self.program, texts={"capture.sh": (GUEST / "capture.sh").read_text()},
                         on=self.on)

    def image_a(self, script, files):
        """Kernel A's initrd: runs @script; holds the program and the next kernel's files."""
        both = dict(self.program) | {"vmlinuz": self.next_image} | files
        return initramfs(self.dir / "a.img", GUEST / "init.sh", self.kernel, DISK_MODULES,
                         files=both, texts={"row.sh": script}, on=self.on)

    def guest(self, initrd, append="", **more):
        row = self.row
        args = dict(on=self.on, memory=self.memory, cpus=row.cpus, cpu=row.cpu, extra=row.qemu,
                    machine=row.machine, limit=row.limit)
        if row.newer_qemu:
            args["qemu"], roms = newer_qemu()
            args["extra"] += roms
        if row.firmware:
            args["extra"] += ("-bios", str(row.firmware()))
        return Guest(self.dir / "serial.log", self.kernel.image, initrd,
                     f"{self.console} {append}".strip(), echo=self.say, **(args | more))

    def tidy(self):
        """Deletes what is large; logs, plans and small things stay."""
        for name in ("a.img", "b.img", "capture.img", "ram.bin", "disk.img"):
            (self.dir / name).unlink(missing_ok=True)


def received(guest, name):
    """The bytes of a file that the guest sent with emit(), checked by its hash."""
    text, inside = "", False
    for _, line in guest.lines:
        if line.startswith(f"@@ begin {name}"):
            text, inside = "", True
        elif line.startswith(f"@@ end {name}"):
            data = base64.b64decode(text)
            expect(hashlib.sha256(data).hexdigest() == line.split()[-1],
                   f"{name} was damaged on the serial line")
            return data
        elif inside:
            text += line.strip()
    raise Failed(f"the guest did not send {name}")


def segment(plan, kind):
    for s in plan["segments"]:
        if s["kind"] == kind:
            return int(s["mem"], 16), s["bufsz"]
    raise Failed(f"the plan has no segment of kind {kind}: "
                 + " ".join(s["kind"] for s in plan["segments"]))


def load_words(row, crash, initrd, append):
    words = ["--syscall", row.syscall, *row.load_args]
    words += ["--crash"] if crash else []
    words += [] if "initrd" in row.inside else ["--initrd", initrd]
    words += [] if "cmdline" in row.inside else ["--append", append]
    return shlex.join([*words, "/vmlinuz"])
