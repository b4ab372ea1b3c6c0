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

    def kcore(self, loads, vmcoreinfo="", machine=62, order="<", bits=64):
        """The head of /proc/kcore: [(va, pa, size)] and the VMCOREINFO note, nothing else.

        machine is the ELF number of the CPU, order "<" (little-endian) or ">".
        """
        ehdr, phdr, word = (64, 56, "Q") if bits == 64 else (52, 32, "I")
        text = vmcoreinfo.encode()
        note = struct.pack(order + "III", 11, len(text), 0) + b"VMCOREINFO\0\0" + text
        note += bytes(-len(note) % 4)
        phnum = len(loads) + 1
        many = phnum >= 0xffff  # PN_XNUM: then section header 0 has the count
        phoff = 128 if many else ehdr
        at = phoff + phdr * phnum
        head = b"\x7fELF" + bytes((bits // 32, 1 if order == "<" else 2, 1)) + bytes(9)
        head += struct.pack(f"{order}HHI3{word}I", 4, machine, 1, 0, phoff, 64 if many else 0, 0)
        head += struct.pack(order + "6H", ehdr, phdr, min(phnum, 0xffff), 64 * many, int(many), 0)
        if many:
            head += bytes(44) + struct.pack("<I", phnum) + bytes(16)

        def header(kind, flags, off, va, pa, filesz, memsz):
            if bits == 64:
                return struct.pack(order + "II6Q", kind, flags, off, va, pa, filesz, memsz, 0)
            return struct.pack(order + "8I", kind, off, va, pa, filesz, memsz, flags, 0)

        head += header(4, 0, at, 0, 0, len(note), 0)
        headers = [header(1, 7, 0, va, pa, 0, size) for va, pa, size in loads]
        self.put_bytes("proc/kcore", head + b"".join(headers) + note)

    def origin(self, text):
        self.put("ORIGIN", text)
