# SPDX-License-Identifier: GPL-2.0-or-later
"""A model of an x86 kernel that unpacks itself: what it may write before it owns memory.

First it moves to the end of [output, output + init_size), then it chooses a random slot for the kernel
proper: any in the RAM of its map that meets none of the pieces it knows of.  What it does not know of must
be no RAM there.  Linux 6.1 arch/x86/boot/compressed/{head_64.S,kaslr.c}.
"""
import struct

from facts import Ranges

RAM, EFI_CONVENTIONAL, SETUP_INDIRECT = 1, 7, 1 << 31
BOOT_PARAMS, NODE, LINE_MAX = 4096, 16, 2048
MIN_ADDR, LIMIT_32 = 512 << 20, 512 << 20


def le(data, at, size=4):
    return int.from_bytes(data[at:at + size], "little")


def wide(params, low, high):
    return le(params, low) | le(params, high) << 32


def ram(params, memory):
    """The EFI map if there is one, else the e820 table; the rest of that, in setup_data, is not read."""
    if params[0x1c0:0x1c4] in (b"EL64", b"EL32"):
        step, size, at = le(params, 0x1c8), le(params, 0x1d4), wide(params, 0x1d0, 0x1dc)
        table = memory(at, size)
        rows = [struct.unpack_from("<IIQQQ", table, i) for i in range(0, size - size % step, step)]
        return Ranges([(at, at + pages * 4096) for kind, _, at, _, pages in rows if kind == EFI_CONVENTIONAL])
    rows = struct.iter_unpack("<QQI", params[0x2d0:0x2d0 + 20 * params[0x1e8]])
    return Ranges([(at, at + size) for at, size, kind in rows if kind == RAM])


def known(params, where, memory):
    """What it takes care not to write over."""
    yield where, where + BOOT_PARAMS
    initrd = wide(params, 0x218, 0x0c0)
    yield initrd, initrd + wide(params, 0x21c, 0x0c4)
    line = wide(params, 0x228, 0x0c8)
    yield line, line + len(memory(line, LINE_MAX).partition(b"\0")[0]) + 1
    at = le(params, 0x250, 8)
    while at:
        following, kind, size = struct.unpack("<QII", memory(at, NODE))
        yield at, at + NODE + size
        if kind == SETUP_INDIRECT:
            inner, _, length, start = struct.unpack("<IIQQ", memory(at + NODE, 24))
            if inner != SETUP_INDIRECT:
                yield start, start + length
        at = following


def writes(plan, segs, content, init_size, limit=1 << 46):
    """[(start, end, how)]; @segs: {kind: (address, size, bytes used)}, @content: {kind: bytes}"""
    def memory(at, size):
        for kind, data in content.items():
            if segs[kind][0] <= at < segs[kind][0] + len(data):
                return data[at - segs[kind][0]:][:size]
        raise ValueError(f"nothing is loaded at 0x{at:x}")

    output, where, params = segs["kernel"][0], segs["boot_params"][0], content["boot_params"]
    yield output, output + init_size, "unpacks itself"
    if "nokaslr" not in plan["cmdline"].split(" -- ")[0].split():
        slots = ram(params, memory).minus(Ranges(list(known(params, where, memory))))
        slots = slots.inside(min(output, MIN_ADDR), limit)
        yield from ((a, b, "may choose a slot") for a, b in slots.list)


def problems(plan, segs, content, init_size, limit=1 << 46):
    """What is needed and lies where the kernel writes."""
    needed = {kind: (at, at + (used or size)) for kind, (at, size, used) in segs.items()
              if kind not in ("kernel", "purgatory")}
    own = list(writes(plan, segs, content, init_size, limit))
    for kind, (start, end) in needed.items():
        for a, b, how in own:
            if a < end and start < b:
                yield f"the kernel {how} over {kind} at 0x{start:x}"
                break
