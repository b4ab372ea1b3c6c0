# SPDX-License-Identifier: GPL-2.0-or-later
"""A folder in the layout of a snapshot, written file by file."""
import json
import shutil
import struct
from pathlib import Path


class Tree:
    """DIR, made anew. Texts get a newline at their end if they lack one."""

    def __init__(self, root):
        self.root = Path(root)
        if self.root.exists():
            shutil.rmtree(self.root)

    def put(self, path, text):
        self.put_bytes(path, (text if text.endswith("\n") else text + "\n").encode())

    def put_bytes(self, path, data):
        full = self.root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(data)

    def identity(self, release, vmcoreinfo=None, arch="x86_64", page_size=4096):
        fields = {"schema": 1, "arch": arch, "release": release, "page_size": page_size}
        if vmcoreinfo:
            fields["vmcoreinfo"] = vmcoreinfo
        self.put("baton.json", json.dumps(fields, indent=2))

    def memmap(self, entries):
        """[(start, end inclusive, type)]"""
        for n, (start, end, kind) in enumerate(entries):
            self.put(f"sys/firmware/memmap/{n}/start", f"{start:#x}")
            self.put(f"sys/firmware/memmap/{n}/end", f"{end:#x}")
            self.put(f"sys/firmware/memmap/{n}/type", kind)

    def crash_notes(self, cpu, addr, size):
        base = f"sys/devices/system/cpu/cpu{cpu}"
        self.put(f"{base}/crash_notes", f"{addr:x}")
        self.put(f"{base}/crash_notes_size", f"{size}")

    def kcore(self, loads, vmcoreinfo=""):
        """The head of /proc/kcore: [(va, pa, size)] and the VMCOREINFO note, nothing else."""
        text = vmcoreinfo.encode()
        note = struct.pack("<III", 11, len(text), 0) + b"VMCOREINFO\0\0" + text
        note += bytes(-len(note) % 4)
        phnum = len(loads) + 1
        many = phnum >= 0xffff  # PN_XNUM: then section header 0 has the count
        phoff = 128 if many else 64
        at = phoff + 56 * phnum
        head = b"\x7fELF\2\1\1" + bytes(9)
        head += struct.pack("<HHIQQQI", 4, 62, 1, 0, phoff, 64 if many else 0, 0)
        head += struct.pack("<6H", 64, 56, min(phnum, 0xffff), 64 * many, int(many), 0)
        if many:
            head += bytes(44) + struct.pack("<I", phnum) + bytes(16)
        head += struct.pack("<IIQQQQQQ", 4, 0, at, 0, 0, len(note), 0, 0)
        headers = [struct.pack("<IIQQQQQQ", 1, 7, 0, va, pa, 0, size, 0)
                   for va, pa, size in loads]
        self.put_bytes("proc/kcore", head + b"".join(headers) + note)

    def origin(self, text):
        self.put("ORIGIN", text)
