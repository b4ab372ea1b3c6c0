# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/matrix.md, README's table of CPUs and what boots in docs/formats, written from what the rows said.

docs/matrix.md is its own memory: the result of a row stays, with its date and commit, until the row is
run again.  A row that is no more in tests/vm/rows.py goes.
"""
import re
from pathlib import Path

from harness.machines import MACHINES
from images import formats_page
from vm.stories import crash, crash_hotplug, jump

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "matrix.md"
README = ROOT / "README.md"
BEGIN, END = "<!-- cpus: written by tests/vm/run.py --matrix -->", "<!-- end of cpus -->"
FIELDS = ("row", "result", "kernel A", "seconds", "date", "commit", "QEMU", "figures or reason")

# What no row can show: (CPU, columns that stay empty, what, why, the command that shows it).
HOLES = (
    ("i386, arm", ("jump, file", "crash, file"), "kexec_file_load", "kernel config",
     "in linux-source-6.1 `grep -A3 'config KEXEC_FILE' arch/x86/Kconfig` says `depends on X86_64`, and "
     "`grep -c KEXEC_FILE arch/arm/Kconfig` says 0"),
    ("arm", (), "a machine whose RAM has a boot alias (planned only: the golden arm-keystone)",
     "emulator", "`qemu-system-arm -M help | grep -ci keystone` says 0"),
    ("arm", (), "ATAGs read by a kernel of a board without device trees (arm-jump-atags: read by a zImage that "
     "brings its tree along)", "emulator", "such boards with an ARMv7 are Marvell's Dove and MMP2 (in "
     "linux-source-6.1 `grep -lw MACHINE_START arch/arm/mach-*/*.c`), and "
     "`qemu-system-arm -M help | grep -ciE 'dove|mmp|brownstone'` says 0"),
    ("arm64, ppc64le, s390x, riscv64", (), "kexec_file_load with Debian's own kernels (the small kernels' rows "
     "show it)", "kernel config", "`grep KEXEC_FILE= boot/config-*` of the unpacked packages finds nothing"),
    ("s390x", (), "a crash with Debian's own kernel (the small kernel's rows show it)", "kernel config",
     "`grep CRASH_DUMP boot/config-6.1.0-*-s390x` says `# CONFIG_CRASH_DUMP is not set`; 6.12 has no KEXEC either"),
    ("s390x", (), "SHA-256 by CPACF in a purgatory (hashed by generic C in all rows)", "emulator",
     "the rows print `ok (generic)` with `-cpu max`: TCG's KIMD does SHA-512 only"),
)

COLUMNS = {
    "jump, load": lambda r: r.scenario is jump and r.syscall == "load",
    "jump, file": lambda r: r.scenario is jump and r.syscall == "file",
    "crash, load": lambda r: r.scenario in (crash, crash_hotplug) and r.syscall == "load",
    "crash, file": lambda r: r.scenario is crash and r.syscall == "file",
    "flips": lambda r: r.flip,
}
WORDS = {"jump, load": "jump, kexec_load", "jump, file": "jump, kexec_file_load",
         "crash, load": "crash, kexec_load", "crash, file": "crash, kexec_file_load",
         "flips": "flips caught"}


def known(page=PAGE):
    """{row: its fields} of the page as it is."""
    out = {}
    for line in page.read_text().splitlines() if page.exists() else ():
        cells = [c.strip() for c in line.strip("|").split(" | ")]
        if len(cells) == len(FIELDS) and cells[1] in ("pass", "fail", "skip"):
            out[cells[0]] = cells
    return out


def cell(rows, have, arch, column):
    """One cell of the table of CPUs."""
    mine = [r for r in rows if r.arch == arch and COLUMNS[column](r)]
    if not mine:
        why = [h[3] for h in HOLES if arch in h[0].split(", ") and column in h[1]]
        return f"hole: {why[0]}" if why else "-"
    said = [have[r.name][1] for r in mine if r.name in have]
    text = f"{said.count('pass')} of {len(mine)}"
    return text + f", {said.count('fail')} failed" if "fail" in said else text


def summary(rows, have):
    head = ["CPU", "machines", *WORDS.values()]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for arch, on in MACHINES.items():
        names = dict.fromkeys((r.machine or on.machine).split(",")[0] for r in rows if r.arch == arch)
        cells = [arch, ", ".join(names), *(cell(rows, have, arch, c) for c in COLUMNS)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def holes():
    lines = [f"- **{arch}**: {what}. {why[0].upper()}{why[1:]}: {command}."
             for arch, _, what, why, command in HOLES]
    return "\n".join(lines) + "\n"


def write(rows, done, page=PAGE, readme=README):
    """Merges @done ({row: fields}) into the page and renews README's table."""
    have = known(page) | done
    have = {r.name: have[r.name] for r in rows if r.name in have}
    table = "".join(f"| {' | '.join(cells)} |\n" for cells in have.values())
    page.write_text(
        "# The guest matrix\n\n"
        "Written by `tests/vm/run.py --matrix`, never by hand. Each CPU's own machine under QEMU's plain "
        "emulation (TCG); what a row proves: docs/TESTING.md. \"n of m\": rows that passed, of all; "
        "the others were not run yet, unless it says that they failed.\n\n"
        + summary(rows, have) +
        "\n## Holes\n\nWhat no row can show, why, and what shows that:\n\n" + holes() +
        f"\n## Rows\n\n| {' | '.join(FIELDS)} |\n" + "|" + "---|" * len(FIELDS) + "\n" + table)
    text = readme.read_text()
    if BEGIN in text:
        text = re.sub(re.escape(BEGIN) + ".*?" + re.escape(END),
                      lambda _: f"{BEGIN}\n{summary(rows, have)}{END}", text, flags=re.S)
        readme.write_text(text)
    formats_page.write({})
