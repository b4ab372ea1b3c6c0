#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the seeds of the fuzz targets tree, dt, edit, dtb and overlay.  Usage: fdt_seeds.py tests/fuzz

A node is (name, {property: bytes}, [children]), a child may be raw tokens. Devicetree Specification 0.4, chapter 5.
"""
import struct
import sys
from pathlib import Path


def cells(*values):
    return struct.pack(f">{len(values)}I", *values)


def text(value):
    return value.encode() + b"\0"


def pad(data):
    return data + bytes(-len(data) % 4)


def emit(node, strings):
    name, props, children = node
    out = struct.pack(">I", 1) + pad(text(name))
    for key, value in props.items():
        if text(key) not in strings:
            strings.append(text(key))
        at = sum(len(s) for s in strings[:strings.index(text(key))])
        out += struct.pack(">III", 3, len(value), at) + pad(value)
    for child in children:
        out += child if isinstance(child, bytes) else emit(child, strings)
    return out + struct.pack(">I", 2)


def blob(root, reserve=(), version=17):
    strings = []
    body = emit(root, strings) + struct.pack(">I", 9)
    rsv = b"".join(struct.pack(">QQ", *r) for r in (*reserve, (0, 0)))
    names = b"".join(strings)
    at = 40 + len(rsv)
    head = struct.pack(">10I", 0xd00dfeed, at + len(body) + len(names), at, at + len(body), 40,
                       version, 16, 0, len(names), len(body))
    return head + rsv + body + names


TWO = {"#address-cells": cells(2), "#size-cells": cells(2)}
MEMORY = ("memory@40000000", {"device_type": text("memory"),
                              "reg": cells(0, 0x40000000, 0, 0x40000000, 8, 0, 1, 0)}, [])
CHOSEN = ("chosen", {"bootargs": text("console=ttyAMA0"), "kaslr-seed": cells(1, 2),
                     "linux,initrd-start": cells(0, 0x48000000),
                     "linux,initrd-end": cells(0x48d56000),
                     "linux,usable-memory-range": cells(0, 0x6ec00000, 0, 0xc000000)}, [])
RESERVED = ("reserved-memory", {**TWO, "ranges": b""}, [
    ("fw@40000000", {"reg": cells(0, 0x40000000, 0, 0x80000), "no-map": b""}, []),
    ("pool", {"size": cells(0, 0x100000)}, [])])
CPUS = ("cpus", {"#address-cells": cells(1), "#size-cells": cells(0)}, [
    ("cpu@0", {"device_type": text("cpu"), "reg": cells(0)}, []),
    ("cpu@1", {"device_type": text("cpu"), "reg": cells(1), "status": text("fail"),
               "ibm,ppc-interrupt-server#s": cells(8, 9, 10, 11)}, [])])
FULL = blob(("", TWO, [MEMORY, CHOSEN, RESERVED, CPUS]), [(0x48000000, 0x10000)])
SMALL = blob(("", {}, [("memory", {"device_type": text("memory"), "reg": cells(0, 0x1000)}, [])]))

# What no reader finds, or finds only in part: a property behind a subnode, NOPs, equal names.
ODD = blob(("", TWO, [MEMORY, MEMORY, CHOSEN, ("chosen@0", {"bootargs": text("x")}, []),
                      ("a", {}, [("b", {}, [("c", {"": b"", "\x80/": b"1"}, [])])])]))
RAW_PROP = struct.pack(">III", 3, 4, 0) + b"late"
NOP = struct.pack(">I", 4)
LATE = blob(("", TWO, [NOP, ("a", {"status": text("okay")}, [("b", {}, []), RAW_PROP, NOP])]))
BACK = blob(("", TWO, [("a", {}, [struct.pack(">III", 3, 0xfffffff4, 0)])]))


def overlay_base(*more):
    """What `dtc -@` makes of / { soc { uart: uart {}; }; };"""
    return blob(("", {}, [("soc", {}, [("uart", {"phandle": cells(1)}, [])]),
                          ("__symbols__", {"uart": text("/soc/uart")}, []), *more]))


def overlay(label="uart", at="/fragment@0:target:0", **props):
    """And of &uart { ... }; for a tree that is not known yet."""
    return blob(("", {}, [("fragment@0", {"target": cells(0xffffffff)},
                           [("__overlay__", {k: text(v) for k, v in props.items()}, [])]),
                          ("__fixups__", {label: text(at)}, [])]))


LOCAL = blob(("", {}, [
    ("fragment@0", {"target-path": text("/soc")}, [
        ("__overlay__", {}, [("spi", {"phandle": cells(1), "its": cells(1)}, [])])]),
    ("__symbols__", {"spi": text("/fragment@0/__overlay__/spi")}, []),
    ("__local_fixups__", {}, [("fragment@0", {}, [("__overlay__", {}, [("spi", {"its": cells(0)}, [])])])])]))

# The tree, and behind it the overlay.
OVERLAYS = {
    "by-label": overlay_base() + overlay(status="okay"),
    "by-path": overlay_base() + LOCAL,
    "no-such-label": overlay_base() + overlay("spi", status="okay"),
    "fixup-out-of-place": overlay_base() + overlay(at="/fragment@0:target:400", status="okay"),
    "no-overlay": overlay_base() + SMALL,
}

SEEDS = {
    "full": FULL,
    "odd": ODD,
    "behind-a-subnode": LATE,
    "back-to-itself": BACK,
    "length-minus-1": blob(("", TWO, [struct.pack(">III", 3, 0xffffffff, 0)])),
    "small-cells": SMALL,
    "version-16": blob(("", TWO, [MEMORY, CPUS]), version=16),
    "reg-passes-2-64": blob(("", TWO, [("memory", {"device_type": text("memory"),
                                                  "reg": b"\xff" * 16}, [])])),
    "three-cells": blob(("", {"#address-cells": cells(3)}, [MEMORY])),
    "cut": FULL[:-40],
    "size-lies": FULL[:4] + cells(0x7fffffff) + FULL[8:],
}


def main():
    targets = {stem: SEEDS for stem in ("tree", "dt", "edit", "dtb")}
    for stem, seeds in {**targets, "overlay": OVERLAYS}.items():
        folder = Path(sys.argv[1]) / stem
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in seeds.items():
            (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
