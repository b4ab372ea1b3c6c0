#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the demo can show without QEMU or a kernel: plans for captured machines.

    demo_plans.py BATON OUT

The kernel image is a made one (tests/images/bzimage.py): it has all that a plan looks at, but no
code. Writes OUT/plan.json and OUT/plan.svg. Exit: 0 when at least one plan was made.
"""
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHOWN = 3


def machines():
    """Folders of captured facts of x86_64 machines."""
    for facts in sorted((ROOT / "tests" / "machines").glob("**/baton.json")):
        if json.loads(facts.read_text()).get("arch") == "x86_64":
            yield facts.parent


def main():
    baton, out = Path(sys.argv[1]), Path(sys.argv[2])
    image, initrd = out / "made.bzImage", out / "made.initrd"
    subprocess.run([sys.executable, str(ROOT / "tests/images/bzimage.py"), str(image)], check=True)
    initrd.write_bytes(b"\0" * (15 << 20))
    made = 0
    for folder in machines():
        if made == SHOWN:
            break
        words = [str(baton), "plan", "--sysroot", str(folder), "--syscall", "load", "--initrd",
                 str(initrd), "--append", "console=ttyS0", str(image)]
        r = subprocess.run([*words, "--explain"], capture_output=True, text=True)
        if r.returncode:
            continue
        print(f"\n{folder.relative_to(ROOT)}: what `baton load` would do on that machine\n")
        print(r.stdout)
        if not made:
            with open(out / "plan.json", "w") as f:
                subprocess.run([*words, "--json"], stdout=f, check=True)
            subprocess.run([*words, "--svg", str(out / "plan.svg")], stdout=subprocess.DEVNULL,
                           check=True)
        made += 1
    initrd.unlink()
    return 0 if made else 1


if __name__ == "__main__":
    sys.exit(main())
