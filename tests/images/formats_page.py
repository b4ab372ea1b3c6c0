# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/formats/README.md: inspect and plan are what containers_real.py found, boots what docs/matrix.md says.

Both write it: containers_real.py --page its two columns, tests/vm/run.py --matrix the third. What a run did not try
stays as it was.
"""
import re
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PAGE, MATRIX = TOP / "docs" / "formats" / "README.md", TOP / "docs" / "matrix.md"
HEAD = """# Formats

Written by `./check` and `make check-full`, never by hand. "inspect": real files of the format are named, and the
figures agree with other tools. "plan": of a container, it is the plan of its kernel, initrd, tree and command line
given by hand. "boots": the rows of [matrix.md](../matrix.md) in which Baton loaded such a file and it ran.

| format | what | parts beside the kernel | inspect | plan | boots |
|---|---|---|---|---|---|
"""
TAIL = """
Parts that are found inside kernels, whatever they come in: config (CONFIG_IKCONFIG). Other pages here: compression,
device trees, and what the kernels are handed.
"""
# What inspect and plan are shown to do where the rows of containers_real.py are green.
BOTH, REFUSED = ("yes", "yes"), ("refused", "refused")
# Format, page, what it is, parts, how rows of containers_real.py begin, what those show, rows of the matrix.
FORMATS = (
    ("bzImage", "bzimage", "x86_64, i386", "", "bzImage", BOTH, ("jump-load", "i386-jump-load")),
    ("zImage", "zimage", "arm", "", "zImage arm", BOTH, ("arm-jump-load",)),
    ("Image", "image", "arm64, riscv64, arm", "", "Image ", BOTH,
     ("arm64-jump-load", "riscv64-jump-load", "arm-jump-image")),
    ("vmlinux", "vmlinux", "ELF", "", "vmlinux ", BOTH,
     ("ppc64le-jump-load", "ppc64-jump-load", "jump-vmlinux", "jump-vmlinux-pvh")),
    ("vmlinux, compressed", "compression", "vmlinux.gz and others", "", "vmlinux.", BOTH, ("jump-vmlinux-zst",)),
    ("Image, compressed", "compression", "Image.gz and others", "", "Image.", BOTH, ("arm64-jump-image-gz",)),
    ("s390-image", "s390-image", "s390x", "", "s390-image", BOTH, ("s390x-jump-debian",)),
    ("zboot", "zboot", "arm64, riscv64", "", "zboot", BOTH, ("arm64-jump-zboot", "riscv64-jump-zboot")),
    ("uki", "uki", "unified kernel image", "ucode initrd dtb cmdline uname osrel", "UKI", BOTH, ("jump-uki",)),
    ("uImage", "uimage", "U-Boot, legacy", "initrd dtb", "uImage", BOTH, ("arm-jump-uimage",)),
    ("fit", "fit", "U-Boot", "initrd dtb dtbo", "FIT", BOTH, ("arm64-jump-fit",)),
    ("android", "android", "boot.img, vendor_boot.img", "initrd dtb cmdline bootconfig", "Android", BOTH,
     ("arm64-jump-android",)),
    ("ppc-zImage", "ppc-zimage", "boot wrapper of powerpc", "initrd dtb", "zImage.pseries", BOTH,
     ("ppc64le-jump-zimage",)),
    ("multiboot2", "multiboot", "Xen, also of version 1", "", "Xen", BOTH, ("jump-xen", "jump-xen-1")),
    ("pe", "pe", "only firmware starts it", "", "PE", REFUSED, ()),
)


def passed():
    """The rows of the matrix that passed."""
    return set(re.findall(r"^\| ([\w.-]+) \| pass \|", MATRIX.read_text(), re.M))


def known():
    """{format: (inspect, plan)} of the page as it is."""
    lines = re.findall(r"^\| \[([^]]+)\]\S+ \|[^|]*\|[^|]*\| ([^|]*) \| ([^|]*) \|", PAGE.read_text(), re.M)
    return {name: (inspect, plan) for name, inspect, plan in lines}


def page(results):
    """The page, with {row of containers_real.py: ok, skip or FAIL}."""
    good, have, lines = passed(), known(), []
    for name, file, what, parts, rows, shown, boots in FORMATS:
        mine = {v for row, v in results.items() if row.startswith(rows)}
        if mine == {"ok"}:
            tried = shown
        elif "FAIL" in mine:
            tried = ("**no**", "**no**")
        else:
            tried = have.get(name, ("not tried", "not tried"))
        booted = ", ".join(row if row in good else f"**no**: {row}" for row in boots) or "no"
        lines.append(f"| [{name}]({file}.md) | {what} | {parts or '-'} | {' | '.join(tried)} | {booted} |\n")
    return HEAD + "".join(lines) + TAIL


def write(results):
    """True where the page had to be changed."""
    old, new = PAGE.read_text(), page(results)
    PAGE.write_text(new)
    return old != new
