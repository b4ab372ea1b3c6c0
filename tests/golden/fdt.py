# SPDX-License-Identifier: GPL-2.0-or-later
"""Device trees as Python values, written and read. Shares nothing with the planner.

A node is {name: bytes for a property, a dict for a node}; a tree is (node, [(start, end) reserved], boot CPU).
Format: Devicetree Specification 0.4, chapter 5.
"""
import struct

MAGIC, BEGIN, END, PROP, NOP, LAST = 0xD00DFEED, 1, 2, 3, 4, 9


def u32(*values):
    return struct.pack(f">{len(values)}I", *values)


def u64(*values):
    return struct.pack(f">{len(values)}Q", *values)


def text(s):
    return s.encode() + b"\0"


def ranges(*pairs):
    """{ address, size }... of two cells each."""
    return u64(*(n for a, b in pairs for n in (a, b - a)))


def build(root, reserved=(), boot_cpu=0):
    strings, offsets = b"", {}

    def pad(data):
        return data + bytes(-len(data) % 4)

    def emit(name, node):
        nonlocal strings
        out = u32(BEGIN) + pad(text(name))
        for key, value in node.items():
            if isinstance(value, bytes):
                if key not in offsets:
                    offsets[key] = len(strings)
                    strings += text(key)
                out += u32(PROP, len(value), offsets[key]) + pad(value)
        for key, value in node.items():
            if isinstance(value, dict):
                out += emit(key, value)
        return out + u32(END)

    body = emit("", root) + u32(LAST)
    holes = b"".join(u64(a, b - a) for a, b in reserved) + bytes(16)
    at = 40 + len(holes)
    total = at + len(body) + len(strings)
    return u32(MAGIC, total, at, at + len(body), 40, 17, 16, boot_cpu, len(strings),
               len(body)) + holes + body + strings


def read(blob):
    magic, total, at, names, holes, version, _, boot_cpu = struct.unpack_from(">8I", blob)
    assert magic == MAGIC and version == 17 and total <= len(blob), "no device tree"
    reserved = []
    while True:
        start, size = struct.unpack_from(">QQ", blob, holes)
        holes += 16
        if not start and not size:
            break
        reserved.append((start, start + size))
    path = [{}]
    while True:
        (token,) = struct.unpack_from(">I", blob, at)
        at += 4
        if token == BEGIN:
            end = blob.index(b"\0", at)
            node = path[-1][blob[at:end].decode()] = {}
            path.append(node)
            at = (end + 4) & ~3
        elif token == PROP:
            size, name = struct.unpack_from(">II", blob, at)
            end = blob.index(b"\0", names + name)
            path[-1][blob[names + name:end].decode()] = blob[at + 8:at + 8 + size]
            at = (at + 8 + size + 3) & ~3
        elif token == END:
            path.pop()
        elif token == LAST:
            break
    return path[0][""], reserved, boot_cpu


def pairs(value):
    """{ address, size }... of two cells each -> [(start, end)]"""
    n = struct.unpack(f">{len(value) // 8}Q", value)
    return [(a, a + size) for a, size in zip(n[::2], n[1::2])]
