#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`baton inspect` beside other programs, on real kernels: readelf, file, and the tool of each compression.

    real_kernels.py PROGRAM KERNEL...    what a tool that is not here would have said is named at the end

Exit: 0 all agree, 1 not.
"""
import json
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

UNPACK = {"gzip": ["gzip", "-dc"], "xz": ["xz", "-dc"], "zstd": ["zstd", "-dqc"], "lz4": ["lz4", "-dqc"],
          "lzma": ["xz", "--format=lzma", "-dc"], "lzo": ["lzop", "-dqc"], "bzip2": ["bzip2", "-dc"]}
MACHINES = {"x86_64": "Advanced Micro Devices X86-64", "i386": "Intel 80386", "arm64": "AArch64",
            "ppc64le": "PowerPC64", "ppc64": "PowerPC64", "s390x": "IBM S/390", "riscv64": "RISC-V", "arm": "ARM"}


class Disagree(Exception):
    """Two programs say different things."""


def same(what, ours, theirs):
    if ours != theirs:
        raise Disagree(f"{what}: {ours}, other tools say {theirs}")


def run(cmd, given=None):
    done = subprocess.run([str(c) for c in cmd], input=given, capture_output=True)
    return done.stdout if given is not None else done.stdout.decode(errors="replace")


class Kernel:
    """One file, what inspect says of it, and what it unpacks to by another tool."""

    def __init__(self, program, path, folder):
        self.program, self.path, self.folder = program, path, folder
        self.data, self.missing = path.read_bytes(), set()
        done = subprocess.run([program, "inspect", "--json", path], capture_output=True)
        self.said = json.loads(done.stdout)
        if done.returncode or done.stderr:
            raise Disagree(f"inspect: {done.stderr.decode()}")

    def has(self, tool):
        if not shutil.which(tool):
            self.missing.add(tool)
        return shutil.which(tool)

    def unpacked(self):
        """By the format's own tool, from where inspect says the payload lies."""
        comp, at = self.said["compression"], self.said["payload"]
        if comp == "none" or not at:
            return self.data
        if not self.has(UNPACK[comp][0]):
            return None
        body = self.data[at["offset"]:at["offset"] + at["size"]]
        # The size that the kernel's build appends is no part of the stream: neither tool likes it.
        if comp != "gzip" and struct.unpack("<I", body[-4:])[0] == self.said["unpacked_size"]:
            body = body[:-4]
        return run(UNPACK[comp], body)

    def check(self):
        plain = self.unpacked()
        if plain is not None:
            self.payload(plain)
            self.elf(plain) if plain[:4] == b"\x7fELF" else self.raw(plain)
        if self.said["format"] == "bzImage":
            self.bzimage()
        if self.said["format"] == "Image" and self.said["arch"] != "arm":
            same("image_size", self.said["footprint"]["running"],
                 max(struct.unpack_from("<Q", self.data, 0x10)[0], len(self.data)))

    def payload(self, plain):
        if self.said["unpacked_size"]:
            same("unpacked_size", self.said["unpacked_size"], len(plain))
        out = self.folder / "vmlinux"
        run([self.program, "inspect", "--extract", "vmlinux", "--force", "-o", out, self.path])
        same("--extract vmlinux (bytes)", out.read_bytes() == plain, True)
        banners = re.findall(rb"Linux version ([0-9]\S*) \(", plain)
        same("version", self.said["version"], banners[0].decode() if banners else None)

    def elf(self, plain):
        if not self.has("readelf"):
            return
        file = self.folder / "elf"
        file.write_bytes(plain)
        text = run(["readelf", "-hlnW", file])
        loads = [[int(x, 16) for x in line.split()[1:6]] for line in text.splitlines() if line.startswith("  LOAD ")]
        loads = [x for x in loads if x[4]]
        low = min(x[2] for x in loads)
        same("footprint running", self.said["footprint"]["running"], max(x[2] + x[4] for x in loads) - low)
        same("machine", MACHINES[self.said["arch"]], re.search(r"Machine: +(.*)", text)[1])
        same("endian", self.said["endian"], "little" if "little endian" in text else "big")
        ids = re.findall(r"Build ID: ([0-9a-f]+)", text)
        same("build id", self.said["build_id"], ids[0] if ids else None)
        if self.said["format"] == "vmlinux":
            same("preferred", int(self.said["preferred"] or "0", 0), low)
        pvh = re.search(r"Xen +0x0*[48]\t.*0x00000012.*\n +description data: ((?:[0-9a-f]{2} )+)", text)
        if pvh and self.said["format"] == "vmlinux":
            same("pvh", int(self.said["entries"]["pvh"] or "0", 0),
                 int.from_bytes(bytes.fromhex(pvh[1]), self.said["endian"]))

    def raw(self, plain):
        """Memory without headers: the build id stands in it as a note."""
        order = "<" if self.said["endian"] == "little" else ">"
        note = struct.pack(order + "III", 4, 20, 3) + b"GNU\0" + bytes.fromhex(self.said["build_id"] or "")
        same("build id is a note of the kernel", len(note) == 36 and note in plain, True)

    def bzimage(self):
        init = struct.unpack_from("<I", self.data, 0x260)[0]
        same("footprint unpacking", self.said["footprint"]["unpacking"], max(init, self.said["footprint"]["unpacking"]))
        same("align", self.said["align"], struct.unpack_from("<I", self.data, 0x230)[0])
        if self.has("file"):
            text = run(["file", "-b", self.path])
            same("version by file", self.said["version"], re.search(r"version (\S+)", text)[1])


def main():
    program, bad, missing = sys.argv[1], 0, set()
    with tempfile.TemporaryDirectory(prefix="baton-real-") as tmp:
        for path in map(Path, sys.argv[2:]):
            try:
                kernel = Kernel(program, path, Path(tmp))
                kernel.check()
                missing |= kernel.missing
                print(f"ok     {path.name}: {kernel.said['format']}, {kernel.said['compression']}")
            except (Disagree, subprocess.SubprocessError, struct.error) as err:
                bad += 1
                print(f"FAILED {path.name}: {err}")
    if missing:
        print(f"not here: {', '.join(sorted(missing))}")
    return 1 if bad else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main())
