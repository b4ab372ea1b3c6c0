# SPDX-License-Identifier: GPL-2.0-or-later
"""A program that is linked with libbaton gets the plan that the command line shows."""
import json
from dataclasses import dataclass

from lab import expect


@dataclass
class Same:
    name: str
    lab: object

    def check(self):
        words = ["--crash", "--sysroot", "@/root", "--initrd", "@/initrd.img", "--append", "console=ttyS0"]
        code, shown, err = self.lab.run(["plan", "--json", *words, "@/vmlinuz"])
        expect(code == 0, err)
        code, out, err = self.lab.run(["@/root", "@/vmlinuz", "@/initrd.img"], "api", program=self.lab.api)
        expect(code == 0, err)
        expect(json.loads(out) == json.loads(shown), f"the library plans otherwise: {out}")


@dataclass
class Reason:
    name: str
    lab: object

    def check(self):
        code, out, err = self.lab.run(["@/root", "@/absent", "@/initrd.img"], "api", program=self.lab.api)
        expect(code == 1 and not out and "absent': No such file" in err, f"{code}: {out}{err}")


def cases(lab, bless):
    yield Same("same plan", lab)
    yield Reason("reason", lab)
