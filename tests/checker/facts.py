# SPDX-License-Identifier: GPL-2.0-or-later
"""What the checker believes of a machine, read from its folder. Shares nothing with the planner.

Ranges are pairs (start, end), end exclusive. A folder mirrors absolute paths: proc/iomem, ...
"""
import json
import pathlib
import re
from bisect import bisect_right

LINE = re.compile(r"^( *)([0-9a-f]+)-([0-9a-f]+) : (.*)$")
RUNNING_KERNEL = {"Kernel code", "Kernel rodata", "Kernel data", "Kernel bss", "Kernel image"}


class Ranges:
    """A set of addresses. Built from edges: +1 where one begins, -1 where it ends."""

    def __init__(self, pairs=()):
        edges = sorted(
            [(a, 1) for a, b in pairs if b > a] + [(b, -1) for a, b in pairs if b > a],
            key=lambda e: (e[0], -e[1]),
        )
        self.list, depth = [], 0
        for at, step in edges:
            if depth == 0:
                begin = at
            depth += step
            if depth == 0:
                self.list.append((begin, at))
        self.starts = [a for a, _ in self.list]

    def holds(self, start, end):
        i = bisect_right(self.starts, start) - 1
        return i >= 0 and end <= self.list[i][1]

    def meets(self, start, end):
        i = bisect_right(self.starts, start) - 1
        if i >= 0 and self.list[i][1] > start:
            return True
        return i + 1 < len(self.list) and self.starts[i + 1] < end

    def minus(self, other):
        out = []
        taken = iter(other.list + [(1 << 70, 1 << 71)])
        hole = next(taken)
        for a, b in self.list:
            while hole[1] <= a:
                hole = next(taken)
            while a < b:
                if hole[0] >= b:
                    out.append((a, b))
                    break
                if hole[0] > a:
                    out.append((a, hole[0]))
                a = max(a, hole[1])
                if a < b:
                    hole = next(taken)
        return Ranges(out)

    def inside(self, start, end):
        return Ranges([(max(a, start), min(b, end)) for a, b in self.list])

    def total(self):
        return sum(b - a for a, b in self.list)


class Node:
    def __init__(self, start, end, name, parent):
        self.start, self.end, self.name, self.parent = start, end, name, parent

    def in_ram(self):
        """The System RAM node above this one, if any."""
        up = self.parent
        while up and up.name != "System RAM":
            up = up.parent
        return up


def iomem_nodes(text):
    stack, nodes = [], []
    for line in text.splitlines():
        m = LINE.match(line)
        if not m:
            raise ValueError(f"iomem: {line!r}")
        depth = len(m[1]) // 2
        del stack[depth:]
        node = Node(int(m[2], 16), int(m[3], 16) + 1, m[4], stack[-1] if stack else None)
        stack.append(node)
        nodes.append(node)
    return nodes


class Machine:
    def __init__(self, folder):
        self.root = pathlib.Path(folder)
        shown = iomem_nodes(self.read("proc/iomem"))
        nodes = [n for n in shown if (n.start, n.end) != (0, 1)]
        self.hidden = not nodes and bool(shown)  # what the kernel shows to users without privilege
        ram = [n for n in nodes if n.name == "System RAM" and not n.in_ram()]
        taken = [
            n
            for n in nodes
            if n.in_ram()
            and n.name not in RUNNING_KERNEL
            and n.name not in ("Crash kernel", "System RAM")
        ]
        # What a dump must hold: memory of drivers, too, but no second address of the same bytes.
        dumped = ram + [
            n
            for n in nodes
            if n.name.startswith("System RAM (") and n.name != "System RAM (boot alias)"
        ]
        pairs = lambda some: Ranges([(n.start, n.end) for n in some])
        self.system_ram = pairs(dumped)
        self.ram = pairs(ram).minus(pairs(taken)).minus(Ranges(self.poison()))
        self.crash = pairs([n for n in nodes if n.name == "Crash kernel"])
        about = json.loads(self.read("baton.json") or "{}")
        self.arch = about.get("arch", "x86_64")
        self.page = about.get("page_size", 4096)
        total = re.search(r"^MemTotal:\s+(\d+) kB", self.read("proc/meminfo"), re.M)
        self.mem_total = int(total[1]) * 1024 if total else None
        self.cmdline = self.read("proc/cmdline").removesuffix("\n")

    def read(self, path):
        try:
            return (self.root / path).read_text(errors="surrogateescape")
        except FileNotFoundError:
            return ""

    def poison(self):
        """Pages whose word in kpageflags has bit 19 (KPF_HWPOISON)."""
        path = self.root / "proc/kpageflags"
        if not path.exists() or not re.search(
            r"^HardwareCorrupted:\s+[1-9]", self.read("proc/meminfo"), re.M
        ):
            return []
        words = memoryview(path.read_bytes()).cast("Q")
        return [(i * 4096, (i + 1) * 4096) for i, w in enumerate(words) if w >> 19 & 1]


class Image:
    """The setup header of a bzImage: Linux Documentation/arch/x86/boot.rst."""

    info = "boot_params"  # the kind of segment that tells the kernel all

    def __init__(self, data):
        number = lambda at, n: int.from_bytes(data[at : at + n], "little")
        if data[0x202:0x206] != b"HdrS":
            raise ValueError("no bzImage")
        self.protocol = number(0x206, 2)
        self.setup = (data[0x1F1] or 4) * 512 + 512
        self.loaded = len(data) - self.setup
        self.initrd_max = number(0x22C, 4) if self.protocol >= 0x203 else 0x37FFFFFF
        self.relocatable = self.protocol >= 0x205 and data[0x234] != 0
        self.align = number(0x230, 4) if self.protocol >= 0x205 else 1
        self.cmdline_size = number(0x238, 4) if self.protocol >= 0x206 else 255
        flags = number(0x236, 2) if self.protocol >= 0x20C else 0
        self.is64 = bool(flags & 1)
        self.above_4g = bool(flags & 2)
        self.pref = number(0x258, 8) if self.protocol >= 0x20A else 0x100000
        self.init_size = number(0x260, 4) if self.protocol >= 0x20A else None

    def entry_with(self, mem):
        return mem + (0x200 if self.is64 else 0)
