# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/formats/README.md, written from what containers_real.py found; what boots is what docs/matrix.md says."""
import re
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PAGE, MATRIX = TOP / "docs" / "formats" / "README.md", TOP / "docs" / "matrix.md"
HEAD = """# Formats

Written by `tests/images/containers_real.py --page`, never by hand: real files of each format, as it found them.
"inspect": the format is named, and the figures agree with other tools. "plan": of a container, it is the plan of its
kernel, initrd, tree and command line given by hand, so that it boots as they do. "boots": a row of
[matrix.md](../matrix.md) that passed.

| format | what | parts beside the kernel | inspect | plan | boots |
|---|---|---|---|---|---|
"""
TAIL = """
Parts that are found inside kernels, whatever they come in: config (CONFIG_IKCONFIG). Other pages here: compression,
device trees, and what the kernels are handed.
"""
# Format, page, what it is, parts, rows of containers_real.py, rows of the matrix (or what to say)
FORMATS = (
    ("bzImage", "bzimage", "x86_64, i386", "", "bzImage", ("jump-load", "i386-jump-load")),
    ("zImage", "zimage", "arm", "", "zImage arm", ("arm-jump-load",)),
    ("Image", "image", "arm64, riscv64, arm", "", "Image arm64", ("arm64-jump-load", "riscv64-jump-load")),
    ("vmlinux", "vmlinux", "ELF", "", "vmlinux ppc64le", ("ppc64le-jump-load", "ppc64-jump-load")),
    ("s390-image", "s390-image", "s390x", "", "s390-image", ("s390x-jump-debian",)),
    ("zboot", "zboot", "arm64, riscv64", "", "zboot", "as its kernel"),
    ("uki", "uki", "unified kernel image", "ucode initrd dtb cmdline uname osrel", "UKI", "as its kernel"),
    ("uImage", "uimage", "U-Boot, legacy", "initrd dtb", "uImage", "as its kernel"),
    ("fit", "fit", "U-Boot", "initrd dtb dtbo", "FIT", "as its kernel"),
    ("android", "android", "boot.img, vendor_boot.img", "initrd dtb cmdline bootconfig", "Android", "as its kernel"),
    ("ppc-zImage", "ppc-zimage", "boot wrapper of powerpc", "initrd dtb", "zImage.pseries", "as its kernel"),
    ("multiboot2", "multiboot", "Xen, also of version 1", "", "Xen", "no: not loaded yet"),
    ("pe", "pe", "only firmware starts it", "", None, "no"),
)


def passed():
    """The rows of the matrix that passed."""
    return set(re.findall(r"^\| ([\w.-]+) \| pass \|", MATRIX.read_text(), re.M))


def cells(results, rows, boots, good):
    """inspect, plan, boots. @results: {row: verdict}."""
    mine = [v for name, v in results.items() if rows and name.startswith(rows)]
    verdict = "not tried" if not mine else "yes" if set(mine) == {"ok"} else "**no**"
    if isinstance(boots, str):
        return verdict, "refused" if boots.startswith("no") else verdict, boots
    got = [row for row in boots if row in good]
    return verdict, verdict, ", ".join(got) if got else "**no**"


def write(results):
    good, lines = passed(), []
    for name, page, what, parts, rows, boots in FORMATS:
        inspect, plan, boot = cells(results, rows, boots, good)
        lines.append(f"| [{name}]({page}.md) | {what} | {parts or '-'} | {inspect} | {plan} | {boot} |\n")
    PAGE.write_text(HEAD + "".join(lines) + TAIL)
