# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines `pass|fail|skip NAME TEXT`, which scripts/check.py reads (of_kernels)."""
from harness.aptroot import AptError


class Wrong(Exception):
    """What was looked at is not as it should be."""


class Skip(Exception):
    """It cannot be looked at here."""


def tell(rows):
    """@rows: (name, what looks at it and says what it found; Wrong, Skip, AptError). The exit status."""
    bad = 0
    for name, look in rows:
        try:
            print(f"pass {name} {look()}", flush=True)
        except Wrong as why:
            bad = 1
            print(f"fail {name} {why}", flush=True)
        except (Skip, AptError) as why:
            print(f"skip {name} {why}", flush=True)
    return bad
