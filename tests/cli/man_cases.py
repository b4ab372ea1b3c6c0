# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual pages know every command and every option that the help texts show."""
import re
from dataclasses import dataclass
from pathlib import Path

from lab import expect

MAN = Path(__file__).resolve().parent.parent.parent / "man"


@dataclass
class Page:
    name: str
    words: tuple
    program: str
    lab: object

    def check(self):
        page = (MAN / f"{self.program}.8").read_text()
        known = {w for line in page.splitlines() if "Fl " in line for w in line.split()}
        code, out, err = self.lab.run([*self.words, "--help"], self.program)
        expect(code == 0 and not err, err)
        shown = re.findall(r"^  (?:-\w, )? *-(-[a-z0-9-]+)", out, re.M)
        expect(shown, "the help shows no options")
        missing = [o for o in shown if o not in known]
        expect(not missing, f"{self.program}.8 lacks {missing}")


def cases(lab, bless):
    _, out, _ = lab.run(["--help"])
    commands = re.findall(r"^  ([a-z]+) ", out, re.M)
    expect(len(commands) >= 9, out)
    for c in commands:
        expect(f".It Cm {c}\n" in (MAN / "baton.8").read_text(), f"baton.8 lacks {c}")
        yield Page(c, (c,), "baton", lab)
    yield Page("kexec", (), "kexec", lab)
