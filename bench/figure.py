# SPDX-License-Identifier: GPL-2.0-or-later
"""One figure of the benchmark, and how it is shown."""
from dataclasses import asdict, dataclass
from typing import Optional


@dataclass
class Figure:
    """What was measured.  @ratio is ours / theirs, judged by @target: ("<=" or ">=", number)."""
    name: str
    unit: str
    ours: Optional[float] = None
    theirs: Optional[float] = None
    ratio: Optional[float] = None
    target: Optional[tuple] = None
    note: str = ""
    problem: str = ""

    def __post_init__(self):
        if self.ratio is None and self.ours is not None and self.theirs:
            self.ratio = self.ours / self.theirs

    @property
    def verdict(self):
        if self.problem:
            return "not run"
        if not self.target:
            return "-"
        sign, bound = self.target
        return "met" if (self.ratio <= bound if sign == "<=" else self.ratio >= bound) else "MISSED"

    def record(self):
        return asdict(self) | {"verdict": self.verdict}


def number(value):
    if value is None:
        return "-"
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3f}"


def table(figures):
    """Lines of a table in Markdown, which a terminal shows well enough."""
    head = ("figure", "unit", "ours", "theirs", "ratio", "target", "verdict")
    rows = [head] + [(f.name, f.unit, number(f.ours), number(f.theirs), number(f.ratio),
                      " ".join(map(str, f.target)) if f.target else "-", f.verdict)
                     for f in figures]
    wide = [max(len(r[i]) for r in rows) for i in range(len(head))]
    out = ["| " + " | ".join(c.ljust(w) if i < 2 else c.rjust(w)
                             for i, (c, w) in enumerate(zip(r, wide))) + " |" for r in rows]
    out.insert(1, "|" + "|".join("-" * (w + 1) + ("-" if i < 2 else ":")
                                 for i, w in enumerate(wide)) + "|")
    return out
