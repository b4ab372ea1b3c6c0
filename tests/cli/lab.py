# SPDX-License-Identifier: GPL-2.0-or-later
"""A place to run the program in: a kernel, an initrd, the files of a machine, and a kernel that takes notes."""
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "images"))
import bzimage  # noqa: E402
import containers_make  # noqa: E402
import machine  # noqa: E402


FUZZ = Path(__file__).resolve().parent.parent / "fuzz"
SYMVERS = """\
0x92997ed8\tprintk\tvmlinux\tEXPORT_SYMBOL\t
0x037a0cba\tkfree\tvmlinux\tEXPORT_SYMBOL\t
0xfffffff0\t__put_net\tvmlinux\tEXPORT_SYMBOL_GPL\t
0x00000007\tzap_vma_ptes\tvmlinux\tEXPORT_SYMBOL_GPL\tMM
0x00000001\text4_sync\tfs/ext4/ext4\tEXPORT_SYMBOL\t
"""


class Failed(Exception):
    """The expectation of a case was not met."""


class Lab:
    """A folder with a kernel, an initrd and the files of a machine; runs the program in it."""

    def __init__(self, program, api=None):
        self.program = str(Path(program).resolve())
        self.api = api and str(Path(api).resolve())
        self.dir = Path(tempfile.mkdtemp(prefix="baton-cli-"))
        (self.dir / "vmlinuz").write_bytes(bzimage.build(code=0x4000))
        (self.dir / "vmlinuz.packed").write_bytes(bzimage.build_packed())
        (self.dir / "vmlinuz.nameless").write_bytes(bzimage.build_packed(banner=""))
        (self.dir / "vmlinuz.lies").write_bytes(bzimage.build_packed(said=9))
        (self.dir / "xen.gz").write_bytes(gzip.compress(containers_make.multiboot2()))
        (self.dir / "initrd.img").write_bytes(b"0707010000" * 700 + b"\n")
        (self.dir / "two.img").write_bytes(b"070701" * 3)
        # A kernel of 5.19 that exports four symbols, and what its build could have written of them.
        shutil.copy(FUZZ / "elf_crc" / "era09", self.dir / "vmlinux")
        (self.dir / "Module.symvers").write_text(SYMVERS)
        (self.dir / "Module.other").write_text(SYMVERS.replace("0x037a0cba", "0x037a0cbb").replace("zap", "tap"))
        self.fresh()

    def forget(self):
        """The kernel has not been called yet."""
        shutil.rmtree(self.dir / "fake", ignore_errors=True)
        (self.dir / "fake").mkdir()

    def fresh(self, fake=None, **root):
        """A kernel without a past: @fake are files of BATON_FAKE_KERNEL, @root options of machine.write."""
        self.forget()
        shutil.rmtree(self.dir / "root", ignore_errors=True)
        machine.write(self.dir / "root", **root)
        for name, text in (fake or {}).items():
            (self.dir / "fake" / name).write_text(self.fill(text))

    def fill(self, word):
        """@ stands for the lab's folder."""
        return word.replace("@", str(self.dir))

    def run(self, words, name="baton", timeout=60, program=None):
        """exit code, stdout, stderr of `NAME WORDS…`."""
        env = {"PATH": "/usr/bin:/bin", "BATON_FAKE_KERNEL": str(self.dir / "fake"), "LC_ALL": "C"}
        env |= {k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}
        done = subprocess.run([name, *map(self.fill, words)], executable=program or self.program, env=env, cwd=self.dir,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def calls(self):
        path = self.dir / "fake" / "calls.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def segment(self, name):
        return (self.dir / "fake" / name).read_bytes()

    def close(self):
        shutil.rmtree(self.dir)


def expect(ok, why):
    if not ok:
        raise Failed(why)
