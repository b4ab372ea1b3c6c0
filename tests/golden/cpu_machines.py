# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines of the CPUs other than x86_64: RAM, crash regions, a device tree, an initrd and a kernel to load."""
import json
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
for folder in ("images", "checker", "golden"):
    sys.path.insert(0, str(HERE.parent / folder))

import fdt_seeds as fdt
from facts import Machine, Ranges
from made_machines import Made

PAGE = 4096


class CpuMachine(Made):
    """A made machine without a device tree."""

    arch, page, kept = "", PAGE, True   # kept: its plans are in plans/

    def __init__(self, ram, crash=(), initrd=9_999_999, kernel=None, **more):
        super().__init__(ram, None, **more)
        self.regions, self.initrd, self.kernel = list(crash), initrd, kernel

    def iomem(self):
        for a, b in self.ram:
            yield f"{a:08x}-{b - 1:08x} : System RAM"
            for c, d in self.regions:
                if a <= c and d <= b:
                    yield f"  {c:08x}-{d - 1:08x} : Crash kernel"

    def write(self, folder):
        super().write(folder)
        about = {"schema": 1, "arch": self.arch, "release": "6.1.0-made", "page_size": self.page}
        (pathlib.Path(folder) / "baton.json").write_text(
            json.dumps({**about, "vmcoreinfo": "OSRELEASE=6.1.0-made\n"}))

    def usable(self, crash):
        """Where segments may lie."""
        return Ranges(self.regions[-1:] if crash else self.ram)

    def real(self, at):
        """The address of a byte of RAM as the next kernel knows it."""
        return at


class TreeMachine(CpuMachine):
    """A made machine with a device tree."""

    def nodes(self):
        """Further nodes of the tree's root."""
        return []

    def chosen(self):
        return {"bootargs": fdt.text("old"), "kaslr-seed": fdt.cells(0, 0),
                "linux,initrd-start": fdt.cells(0, 1), "linux,initrd-end": fdt.cells(0, 2)}

    def tree(self):
        reg = b"".join(struct.pack(">QQ", a, b - a) for a, b in self.ram[:50])
        return fdt.blob(("", fdt.TWO, [
            ("memory@1", {"device_type": fdt.text("memory"), "reg": reg}, []),
            *self.nodes(), fdt.CPUS, ("chosen", self.chosen(), []),
        ]))

    def write(self, folder):
        super().write(folder)
        folder = pathlib.Path(folder) / "sys/firmware"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "fdt").write_bytes(self.tree())


class Captured:
    """A folder of tests/machines."""

    page, kept = PAGE, True

    def __init__(self, name, kernel, initrd=9_999_999):
        self.folder = HERE.parent / "machines" / name
        facts = Machine(self.folder)
        self.ram, self.regions, self.total = facts.ram.list, facts.crash.list, facts.mem_total or 1 << 52
        self.initrd, self.kernel = initrd, kernel

    def write(self, folder):
        folder.symlink_to(self.folder)

    usable, real = CpuMachine.usable, CpuMachine.real
