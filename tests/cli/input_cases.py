# SPDX-License-Identifier: GPL-2.0-or-later
"""Files that are no kernels: one line with file and reason, exit code 1, nothing called; never a crash."""
import os
import random
from dataclasses import dataclass
from pathlib import Path

from lab import expect
from vmlinux_seeds import BANNER, elf64

FLIPS = 80
MACHINES = Path(__file__).resolve().parent.parent / "machines"


@dataclass
class Bad:
    name: str
    path: str
    offset: bool  # the reason says where
    lab: object
    option: tuple = ()

    def check(self):
        for command in (["inspect"], ["load", "--sysroot", "@/root", *self.option]):
            if command[0] == "inspect" and self.option:
                continue
            self.lab.forget()
            code, out, err = self.lab.run([*command, self.path])
            expect(code == 1, f"{command[0]}: exit code {code}: {err}")
            expect(not out and err.count("\n") == 1, f"{command[0]}: not one line: {out}{err}")
            path = self.option[-1] if self.option else self.path
            expect(f"'{self.lab.fill(path)}': " in err, f"{command[0]}: the file is not named: {err}")
            expect(not self.offset or "0x" in err or "empty" in err, f"{command[0]}: no offset: {err}")
            expect(not self.lab.calls(), f"{command[0]}: the kernel was called")


@dataclass
class Flips:
    """A kernel with one bit changed is still taken, or refused in one line."""
    name: str
    lab: object

    def check(self):
        good, rng = (self.lab.dir / "vmlinuz").read_bytes(), random.Random(1)
        refused = 0
        for _ in range(FLIPS):
            bad, at = bytearray(good), rng.randrange(0x1f0, 0x270)
            bad[at] ^= 1 << rng.randrange(8)
            (self.lab.dir / "flipped").write_bytes(bad)
            self.lab.forget()
            code, out, err = self.lab.run(["load", "--syscall", "load", "--sysroot", "@/root", "@/flipped"])
            expect(code in (0, 1), f"bit flip at {at:#x}: exit code {code}: {err}")
            expect(bool(code) != bool(self.lab.calls()), f"bit flip at {at:#x}: {code}, {self.lab.calls()}")
            expect(not code or err.count("\n") == 1, f"bit flip at {at:#x}: not one line: {err}")
            refused += code
        expect(refused, "no flip was refused")


@dataclass
class NoDump:
    """What is no dump: `info` exits with 1, `save` with 6, in one line."""
    path: str
    lab: object

    @property
    def name(self):
        return f"dump {self.path}"

    def check(self):
        for words, want in ((["info", self.path], 1), (["save", self.path, "@/out"], 6)):
            code, out, err = self.lab.run(words)
            expect(code == want, f"{words[0]}: exit code {code}: {err}")
            expect(not out and err.count("\n") == 1, f"{words[0]}: not one line: {out}{err}")
            expect(self.lab.fill(self.path) in err, f"{words[0]}: the file is not named: {err}")
            expect(not (self.lab.dir / "out").exists(), f"{words[0]}: a dump was written")


@dataclass
class Vmlinux:
    """The kernel as an ELF file: kexec_load of this CPU starts another form of it, and says so."""
    cpu: str
    machine: str
    elf: int
    takes: str
    lab: object

    @property
    def name(self):
        return f"vmlinux {self.cpu}"

    def check(self):
        code = bytes(64) + BANNER
        file = self.lab.dir / f"vmlinux-{self.cpu}"
        file.write_bytes(elf64("<", self.elf, 0x1000000, [(code, 0x1000000, 0x1000000, 0x200)]))
        self.lab.forget()
        code, out, err = self.lab.run(["load", "--syscall", "load", "--sysroot", str(MACHINES / self.machine),
                                       str(file)])
        expect(code == 1 and not out and err.count("\n") == 1, f"{code}: {out}{err}")
        expect(self.takes in err, f"the reason is not told: {err}")
        expect(not self.lab.calls(), "the kernel was called")


def cases(lab, bless):
    d, good = lab.dir, (lab.dir / "vmlinuz").read_bytes()
    (d / "empty").write_bytes(b"")
    (d / "text").write_text("#!/bin/sh\n" * 200)
    with open(d / "sparse", "wb") as f:
        f.truncate(2 << 40)
    os.mkfifo(d / "fifo")
    yield Bad("empty", "@/empty", True, lab)
    yield Bad("directory", "@/root", False, lab)
    yield Bad("device", "/dev/zero", False, lab)
    yield Bad("fifo", "@/fifo", False, lab)
    yield Bad("absent", "@/absent", False, lab)
    yield Bad("sparse", "@/sparse", False, lab)
    yield Bad("text", "@/text", False, lab)
    for size in (1, 100, 0x1f1, 0x202, 0x210, 0x268, len(good) - 1):
        (d / f"short{size}").write_bytes(good[:size])
        yield Bad(f"short-{size:#x}", f"@/short{size}", False, lab)
    for bad in ("@/root", "@/empty", "/dev/zero", "@/absent", "@/sparse"):
        yield Bad(f"initrd {bad}", "@/vmlinuz", False, lab, ("--initrd", bad))
        yield Bad(f"purgatory {bad}", "@/vmlinuz", False, lab, ("--purgatory", bad))
    for bad in ("@/root", "@/empty", "/dev/zero", "@/absent", "@/sparse", "@/text", "@/vmlinuz", "@/fifo"):
        yield NoDump(bad, lab)
    yield Flips("flips", lab)
    yield Vmlinux("arm64", "arm64-virt", 183, "Image", lab)
    yield Vmlinux("riscv64", "riscv64-virt", 243, "Image", lab)
