#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every cell of docs/formats/README.md that small files can show is true.

    formats.py PROGRAM

The page is written from real files (formats_page.py). Here, in every run of the tests, inspect and
plan are tried on small files of each format; what a container holds must come out of `inspect --extract`
as it went in; and what boots must be what docs/matrix.md says.
"""
import gzip
import json
import lzma
import subprocess
import sys
import tempfile
from pathlib import Path

import arm_seeds
import bzimage
import containers_make as make
import fdt_seeds
import formats_page
import s390_seeds
import vmlinux_seeds

ROOT = Path(__file__).resolve().parent.parent.parent
MACHINES = {"x86_64": "x86_64-q35", "i386": "i386-pc", "arm": "arm-virt", "arm64": "arm64-virt",
            "ppc64le": "ppc64le-pseries", "ppc64": "ppc64-lpar-lmb", "s390x": "s390x-ccw",
            "riscv64": "riscv64-virt"}
INITRD, LINE = b"0707010000" * 50, "root=/dev/vda1 quiet"
TREE = fdt_seeds.FULL
BZ, ARM64 = bzimage.build(), arm_seeds.IMAGE.ljust(0x1000, b"\0")
ALL = {"initrd": INITRD, "cmdline": LINE.encode(), "dtb": TREE}

# format; its page; samples: CPU, bytes, parts that must come out.
FORMATS = (
    ("bzImage", "bzimage.md", [("x86_64", BZ, ()), ("i386", bzimage.build(xloadflags=4, align=1 << 24), ())]),
    ("vmlinux", "vmlinux.md", [(cpu, vmlinux_seeds.SEEDS[cpu], ()) for cpu in ("x86_64", "i386", "ppc64le", "ppc64")]),
    ("vmlinux, compressed", "compression.md",
     [("ppc64le", gzip.compress(vmlinux_seeds.SEEDS["ppc64le"]), ()),
      ("ppc64", lzma.compress(vmlinux_seeds.SEEDS["ppc64"]), ())]),
    ("Image, compressed", "compression.md", [("arm64", gzip.compress(ARM64), ())]),
    ("zImage", "zimage.md", [("arm", arm_seeds.zimage(6), ())]),
    ("Image", "image.md", [("arm64", ARM64, ()), ("riscv64", arm_seeds.image(b"RSC\x05", 0x200000, flags=0), ()),
                           ("arm", arm_seeds.arm_image(), ())]),
    ("zboot", "zboot.md", [("arm64", arm_seeds.zboot(b"gzip", gzip.compress(ARM64), word=False), ())]),
    ("s390-image", "s390-image.md", [("s390x", bytes(0x10000) + s390_seeds.image(line=0x1000), ())]),
    ("uki", "uki.md", [("x86_64", make.uki(BZ, INITRD, LINE), ("initrd", "cmdline")),
                       ("arm64", make.uki(ARM64, INITRD, LINE, make.ARM64, [(".dtb", TREE)]), tuple(ALL))]),
    ("uImage", "uimage.md", [("arm64", make.uimage([ARM64, INITRD, TREE], 4), ("initrd", "dtb")),
                             ("arm", make.uimage(arm_seeds.zimage(6), arch=2), ())]),
    ("fit", "fit.md", [("arm64", make.fit(ARM64, INITRD, TREE), ("initrd", "dtb")),
                       ("arm", make.fit(gzip.compress(arm_seeds.arm_image()), arch="arm", compression="gzip"), ())]),
    ("android", "android.md", [("arm64", make.android(gzip.compress(ARM64), INITRD, LINE, 2, TREE), tuple(ALL)),
                               ("x86_64", make.android(BZ, INITRD, LINE, 4), ("initrd", "cmdline"))]),
    ("ppc-zImage", "ppc-zimage.md",
     [("ppc64le", make.ppc_zimage(gzip.compress(vmlinux_seeds.SEEDS["ppc64le"]), INITRD), ("initrd",))]),
    ("multiboot", "multiboot.md", [("x86_64", make.multiboot1(), ())]),
    ("multiboot2", "multiboot.md", [("x86_64", make.multiboot2(), ())]),
    ("pe", "pe.md", []),
)
class Failed(Exception):
    """A file did not come out as it was made."""


def run(program, words):
    done = subprocess.run([program, *map(str, words)], capture_output=True, timeout=60)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def inspected(program, name, cpu, file, parts):
    """Failed where `inspect` says something else than the file is."""
    code, out, err = run(program, ["inspect", "--json", file])
    said = json.loads(out)
    if code:
        raise Failed(f"{name} of {cpu}: inspect: {err}")
    got = said["format"], said["arch"], {p for p in parts if p not in said["parts"]}
    if got != (name.split(",")[0], cpu, set()):
        raise Failed(f"{name} of {cpu}: inspect says {got}")
    for part in parts:
        code, out, err = run(program, ["inspect", "--extract", part, "-o", "-", file])
        if code or out != ALL[part]:
            raise Failed(f"{name} of {cpu}: {part}: {err} {out[:60]}")


def tried(program):
    """{format: (CPUs of inspect, CPUs of plan)}"""
    out = {}
    with tempfile.TemporaryDirectory(prefix="baton-formats-") as tmp:
        file = Path(tmp) / "kernel"
        for name, _, samples in FORMATS:
            planned = []
            for cpu, data, parts in samples:
                file.write_bytes(data)
                inspected(program, name, cpu, file, parts)
                machine = ROOT / "tests" / "machines" / MACHINES[cpu]
                if not run(program, ["plan", "--sysroot", machine, file])[0]:
                    planned.append(cpu)
            out[name] = [cpu for cpu, _, _ in samples], planned
    return out


def wrong(seen, said):
    """What does not hold of one line of the page."""
    inspect, plan = said
    if inspect == "yes" and not seen[0]:
        yield "no file of it was inspected"
    if plan == "yes" and not seen[1]:
        yield "nothing of it could be planned"
    if plan == "refused" and seen[1]:
        yield f"it is planned for {', '.join(seen[1])}"


def main():
    seen, claims, bad = tried(sys.argv[1]), formats_page.known(), 0
    for name, said in claims.items():
        for text in wrong(seen.get(name, ([], [])), said):
            bad += 1
            print(f"FAILED {name}: {text}")
    for name in seen.keys() - {"multiboot"} - claims.keys():
        bad += 1
        print(f"FAILED {name}: the page has no line of it")
    if formats_page.PAGE.read_text() != formats_page.page({}):
        bad += 1
        print("FAILED boots: not what docs/matrix.md says: tests/images/containers_real.py BATON --page writes it")
    return 1 if bad else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"FAILED {failure}")
