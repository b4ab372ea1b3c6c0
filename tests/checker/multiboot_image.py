# SPDX-License-Identifier: GPL-2.0-or-later
"""What the checker believes of a multiboot kernel in an ELF32 file: Multiboot Specification 0.6.96 and 2.0."""
import struct

MIB, GIB4 = 1 << 20, 1 << 32


class Multiboot:
    """Has what legal.py asks of facts.Image."""

    info, is64, above_4g, cmdline_size, initrd_max = "multiboot_info", False, False, GIB4, 0

    @staticmethod
    def header(data):
        """(version, offset), or None."""
        for magic, words, version, step, end in ((0xE85250D6, 4, 2, 8, 32768), (0x1BADB002, 3, 1, 4, 8192)):
            for at in range(0, min(end, len(data)) - 4 * words + 1, step):
                all_of_it = struct.unpack_from(f"<{words}I", data, at)
                if all_of_it[0] == magic and sum(all_of_it) % GIB4 == 0:
                    return version, at
        return None

    def __init__(self, data):
        self.version, at = self.header(data)
        self.entry, table = struct.unpack_from("<II", data, 24)
        (count,) = struct.unpack_from("<H", data, 44)
        loads = [struct.unpack_from("<8I", data, table + 32 * i) for i in range(count)]
        loads = [(paddr, filesz, memsz) for kind, _, _, paddr, filesz, memsz, *_ in loads if kind == 1]
        self.pref = min(a for a, _, _ in loads)
        self.loaded = max(a + n for a, n, _ in loads) - self.pref
        self.init_size = max(a + n for a, _, n in loads) - self.pref
        self.relocatable, self.align, self.low, self.top = False, 1, MIB, GIB4
        if self.version == 2:
            self.read_tags(data, at + 16)

    def read_tags(self, data, at):
        kind = None
        while kind != 0:
            kind, _, size = struct.unpack_from("<HHI", data, at)
            if kind == 10:
                low, last, self.align, _ = struct.unpack_from("<4I", data, at + 8)
                self.relocatable, self.low, self.top = True, max(low, MIB), last + 1
            at += size + 7 & ~7

    def limits(self, kind):
        """(alignment, first address, end)"""
        if kind != "kernel":
            return 1, MIB, GIB4
        if self.relocatable:
            return self.align, self.low, self.top
        return 1, self.pref, self.pref + self.init_size + 4095 & ~4095

    def entry_with(self, mem):
        return self.entry - self.pref + mem
