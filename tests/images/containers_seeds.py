#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the seeds of the fuzz targets android, fit, multiboot, pe_image, ppc_zimage, uimage and uki.
Usage: containers_seeds.py tests/fuzz"""
import sys
from pathlib import Path

import containers_make as make

BANNER = b"Linux version 6.1.0-50-test (a@b) #1 SMP\0"
GZ = b"\x1f\x8b\x08\0\0\0\0\0\x02\x03"
LONG = "console=ttyS0 " + "x" * 520
PROFILES = ((".profile", b"ID=one"), (".profile", b"ID=two"), (".cmdline", b"single"), (".dtb", b"tree"))


def far_fit():
    """The initrd begins far behind the file."""
    image = make.fit(b"kernel", b"initrd", external=True)
    at = image.rindex(make.cells(8))
    return image[:at] + b"\xff\xff\xff\xf0" + image[at + 4:]


SEEDS = {
    "uki": {
        "plain": make.uki(b"kernel", b"initrd", "quiet \n"),
        "profiles": make.uki(b"kernel", cmdline="quiet", more=PROFILES),
        "arm64-tree": make.uki(b"kernel", machine=make.ARM64, more=((".dtbauto", b"a"), (".dtb", b"b"),
                                                                       (".ucode", b"u"))),
        "twice": make.uki(b"kernel", more=((".linux", b"again"),)),
        "cut": make.uki(b"kernel", b"initrd")[:-600],
        "no-kernel": make.pe([(".text", b"stub")]),
    },
    "pe_image": {
        "loongarch64": make.pe([(".text", BANNER)], make.LOONGARCH64),
        "unknown-cpu": make.pe([(".text", BANNER)], 0x1f0),
        "cut": make.pe([(".text", BANNER.ljust(600, b"\0"))])[:-100],
        "no-kernel": make.pe([(".text", b"shell")]),
    },
    "uimage": {
        "kernel": make.uimage(b"kernel"),
        "gzip": make.uimage(GZ, compression="gzip", arch=2),
        "ramdisk": make.uimage(b"initrd", kind=3),
        "list": make.uimage([b"kernel", b"initrd", b"tree"], kind=4),
        "list-of-one": make.uimage([b"kernel"], kind=4),
        "damaged": make.uimage(b"kernel")[:-1] + b"!",
    },
    "fit": {
        "inside": make.fit(b"kernel", b"initrd", b"tree"),
        "outside": make.fit(b"kernel", b"initrd", b"tree", external=True),
        "gzip": make.fit(GZ, compression="gzip", arch="arm"),
        "damaged": make.fit(b"kernel").replace(b"kernel\0\0", b"kernal\0\0", 1),
        "overlays": make.fit(b"kernel", b"", b"tree", overlays=(b"one", b"two")),
        "far": far_fit(),
        "plain-tree": make.blob(("", {}, [])),
    },
    "android": {
        **{f"v{v}": make.android(b"kernel", b"initrd", LONG, v) for v in range(5)},
        "v2-tree": make.android(b"kernel", b"initrd", "quiet", 2, b"tree"),
        "vendor-v3": make.vendor_boot(b"initrd", b"tree", "quiet", 3),
        "vendor-v4": make.vendor_boot(b"initrd", b"tree", "quiet", 4),
        "vendor-v4-table": make.vendor_boot(b"initrd", b"tree", "quiet", 4, bootconfig=b"a = 1",
                                            fragments=[("rescue", 2, b"r"), ("dlkm", 3, b"d")]),
        "cut": make.android(b"kernel", b"initrd" * 400, "", 3)[:-4000],
    },
    "multiboot": {
        "v1": make.multiboot1(),
        "v1-demands": make.multiboot1(flags=0x8000),
        "v2": make.multiboot2(),
        "v2-addresses": make.multiboot2(((2, 0, (0x100100, 0x100000, 0, 0)), (3, 0, (0x100000,)))),
        "v2-optional": make.multiboot2(((99, 1, (1,)),)),
        "v2-demanded": make.multiboot2(((99, 0, (1,)),)),
    },
    "ppc_zimage": {
        "gzip": make.ppc_zimage(GZ, b"initrd", b"tree"),
        "plain": make.ppc_zimage(b"\x7fELF"),
        "unknown": make.ppc_zimage(b"what"),
        "empty": make.ppc_zimage(b""),
    },
}


def main():
    for target, seeds in SEEDS.items():
        folder = Path(sys.argv[1]) / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in seeds.items():
            (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
