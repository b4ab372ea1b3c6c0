# SPDX-License-Identifier: GPL-2.0-or-later
"""Small containers around any kernel, for tests of scripts and as fuzz seeds: uki, uimage, fit, android, vendor_boot,
multiboot1, multiboot2, ppc_zimage. Each returns bytes. docs/formats/ says what the fields mean."""
import hashlib
import struct
import zlib

from fdt_seeds import blob, cells, text

X86_64, ARM64, LOONGARCH64 = 0x8664, 0xaa64, 0x6264


def pad(data, to):
    return data + bytes(-len(data) % to)


def pe(sections, machine=X86_64):
    """sections: (name, bytes), in the order of the file."""
    head = pad(b"MZ", 0x3c) + struct.pack("<I", 0x40)
    head += b"PE\0\0" + struct.pack("<HHIIIHH", machine, len(sections), 0, 0, 0, 0xf0, 0x22)
    head += struct.pack("<H", 0x20b).ljust(0xf0, b"\0")
    at = len(pad(head + bytes(40 * len(sections)), 512))
    table, body = b"", b""
    for i, (name, data) in enumerate(sections):
        raw = pad(data, 512)
        table += struct.pack("<8sIIII16x", name.encode(), len(data), 0x1000000 * (i + 1), len(raw), at + len(body))
        body += raw
    return pad(head + table, 512) + body


def uki(kernel, initrd=b"", cmdline="", machine=X86_64, more=()):
    parts = [(".text", b"stub"), (".osrel", b"ID=debian\n"), (".uname", b"6.1.0-50-test"), (".linux", kernel)]
    parts += [(".initrd", initrd)] if initrd else []
    parts += [(".cmdline", cmdline.encode())] if cmdline else []
    return pe(parts + list(more), machine)


UIMAGE_COMPRESSIONS = ("none", "gzip", "bzip2", "lzma", "lzo", "lz4", "zstd")


def uimage(data, kind=2, arch=22, compression="none", load=0x80000, entry=0x80000, name="test"):
    """kind: 2 kernel, 3 ramdisk, 4 list (data: a list of bytes). arch: 2 arm, 22 arm64, 24 x86_64."""
    if kind == 4:
        data = (b"".join(struct.pack(">I", len(d)) for d in data) + bytes(4)
                + b"".join(pad(d, 4) for d in data[:-1]) + data[-1])
    head = lambda crc: struct.pack(">IIIIIIIBBBB32s", 0x27051956, crc, 0, len(data), load, entry, zlib.crc32(data), 5,
                                   arch, kind, UIMAGE_COMPRESSIONS.index(compression), name.encode())
    return head(zlib.crc32(head(0))) + data


def fit_image(name, kind, data, external, **props):
    """@external: bytes that lie behind the tree so far, or None."""
    node = {"type": text(kind), "compression": text("none"), **{k: text(v) for k, v in props.items()}}
    if external is None:
        node["data"] = data
    else:
        node.update({"data-offset": cells(len(external)), "data-size": cells(len(data))})
        external += pad(data, 4)
    return (name, node, [
        ("hash-1", {"algo": text("crc32"), "value": cells(zlib.crc32(data))}, []),
        ("hash-2", {"algo": text("sha256"), "value": hashlib.sha256(data).digest()}, []),
        *((f"hash-{kind}", {"algo": text(kind), "value": hashlib.new(kind, data).digest()}, [])
          for kind in ("md5", "sha1", "sha384", "sha512"))])


def fit(kernel, initrd=b"", tree=b"", arch="arm64", compression="none", external=False, overlays=()):
    """overlays: device trees that are laid over @tree."""
    behind = bytearray() if external else None
    images = [fit_image("kernel-1", "kernel", kernel, behind, arch=arch, compression=compression)]
    conf = {"description": text("test"), "kernel": text("kernel-1")}
    for prop, name, kind, data in (("ramdisk", "disk-1", "ramdisk", initrd), ("fdt", "fdt-1", "flat_dt", tree)):
        if data:
            images.append(fit_image(name, kind, data, behind))
            conf[prop] = text(name)
    for i, data in enumerate(overlays):
        images.append(fit_image(f"overlay-{i}", "flat_dt", data, behind))
        conf["fdt"] += text(f"overlay-{i}")
    root = ("", {"#address-cells": cells(1)}, [
        ("images", {}, images),
        ("configurations", {"default": text("conf-1")}, [("conf-1", conf, [])])])
    return pad(blob(root), 4) + bytes(behind or b"")


def pages(header, parts, page):
    return b"".join(pad(p, page) for p in (header, *parts))


def android(kernel, ramdisk=b"", cmdline="", version=2, tree=b"", page=2048):
    if version >= 3:
        size = 1580 + 4 * (version - 3)
        head = struct.pack("<8sIIII16xI1536s", b"ANDROID!", len(kernel), len(ramdisk), 0, size, version,
                           cmdline.encode())
        return pages(head.ljust(size, b"\0"), (kernel, ramdisk), 4096)
    line = cmdline.encode()
    head = struct.pack("<8s10I16s512s32s1024s", b"ANDROID!", len(kernel), 0x8000, len(ramdisk), 0x1000000, 0, 0, 0x100,
                       page, version, 0, b"test", line[:512], b"", line[512:])
    head += struct.pack("<IQIIQ", 0, 0, 1660, len(tree), 0)[:(0, 16, 28)[version]]
    return pages(head, (kernel, ramdisk, tree), page)


def vendor_boot(ramdisk, tree, cmdline="", version=4, page=4096, fragments=(), bootconfig=b""):
    """fragments: (name, type, bytes), in version 4; @ramdisk stands before them. Type 2 is for recovery."""
    table, at = b"", len(ramdisk)
    for name, kind, data in (("", 1, ramdisk), *fragments) if fragments else ():
        table += struct.pack("<III32s64x", len(data), len(ramdisk) - at, kind, name.encode())
        ramdisk += data if name else b""
        at = 0
    size = 2112 + 16 * (version - 3)
    head = struct.pack("<8sIIIII2048sI16sIIQ", b"VNDRBOOT", version, page, 0, 0, len(ramdisk), cmdline.encode(), 0,
                       b"test", size, len(tree), 0)
    head += struct.pack("<IIII", len(table), len(table) // 108, 108, len(bootconfig))
    return pages(head[:size], (ramdisk, tree, table, bootconfig), page)


def elf32(header, machine=3, load=0x200000):
    """One segment, with @header at 0x100 in the file and code behind it."""
    code = (bytes(0x100 - 84) + header).ljust(0x400, b"\x90")
    head = b"\x7fELF" + bytes([1, 1, 1]).ljust(12, b"\0")
    head += struct.pack("<HHIIIIIHHHHHH", 2, machine, 1, load + 0x200, 52, 0, 0, 52, 32, 1, 0, 0, 0)
    return head + struct.pack("<IIIIIIII", 1, 84, load, load, len(code), 0x3000, 7, 0x1000) + code


def multiboot1(flags=3):
    return elf32(struct.pack("<III", 0x1badb002, flags, -(0x1badb002 + flags) & 0xffffffff))


def multiboot2(tags=((1, 0, (4, 6)), (6, 0, ()), (10, 0, (0x200000, 0xffffffff, 0x200000, 2)))):
    """tags: (type, flags, words)."""
    body = b""
    for kind, flags, words in (*tags, (0, 0, ())):
        body += pad(struct.pack(f"<HHI{len(words)}I", kind, flags, 8 + 4 * len(words), *words), 8)
    length = 16 + len(body)
    return elf32(struct.pack("<IIII", 0xe85250d6, 0, length, -(0xe85250d6 + length) & 0xffffffff) + body)


def ppc_zimage(kernel, initrd=b"", tree=b""):
    """The wrapper of 32 bits, big-endian."""
    sections = [(".kernel:dtb", tree), (".kernel:vmlinux.strip", kernel), (".kernel:initrd", initrd)]
    names, table, body = b"\0.shstrtab\0", b"", b""
    for name, data in sections:
        table += struct.pack(">10I", len(names), 1, 2, 0, 52 + len(body), len(data), 0, 0, 4, 0)
        names += name.encode() + b"\0"
        body += pad(data, 4)
    table = bytes(40) + struct.pack(">10I", 1, 3, 0, 0, 52 + len(body), len(names), 0, 0, 1, 0) + table
    body = pad(body + names, 4)
    head = b"\x7fELF" + bytes([1, 2, 1]).ljust(12, b"\0")
    head += struct.pack(">HHIIIIIHHHHHH", 2, 20, 1, 0x400000, 0, 52 + len(body), 0, 52, 32, 0, 40, 2 + len(sections), 1)
    return head + body + table
