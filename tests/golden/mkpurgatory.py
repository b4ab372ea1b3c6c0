# SPDX-License-Identifier: GPL-2.0-or-later
"""A purgatory that is the same whatever compiler built baton, so that plans can be compared.

It links like ours (symbols purgatory_start and baton_handoff) and holds one hlt; nothing runs it.
Format: System V ABI, chapter 4: an ELF64 relocatable object.
"""
import functools
import struct

HANDOFF = 1176  # sizeof(struct handoff), src/purgatory/handoff.h
PROGBITS, SYMTAB, STRTAB = 1, 2, 3
ALLOC, WRITE, EXEC = 2, 1, 4
GLOBAL_OBJECT, GLOBAL_FUNC = 0x11, 0x12
EM_X86_64 = 62


def header(name, kind, flags, at, size, link=0, info=0, align=16, entsize=0, order="<"):
    return struct.pack(order + "IIQQQQIIQQ", name, kind, flags, 0, at, size, link, info, align, entsize)


def build(code=b"\xf4", machine=EM_X86_64, big=False):
    order = ">" if big else "<"
    section = functools.partial(header, order=order)
    names = b"\0.text\0.data\0.symtab\0.strtab\0"
    strings = b"\0purgatory_start\0baton_handoff\0"
    symbols = bytes(24)
    symbols += struct.pack(order + "IBBHQQ", 1, GLOBAL_FUNC, 0, 1, 0, len(code))
    symbols += struct.pack(
        order + "IBBHQQ", strings.index(b"baton_handoff"), GLOBAL_OBJECT, 0, 2, 0, HANDOFF
    )
    parts, body = [], b""
    for part in (code, bytes(HANDOFF), symbols, strings + names):
        body += bytes(-(64 + len(body)) % 16)
        parts.append((64 + len(body), len(part)))
        body += part
    body += bytes(-(64 + len(body)) % 16)
    text, data, syms, strs = parts
    table = 64 + len(body)
    body += section(0, 0, 0, 0, 0, align=0)
    body += section(names.index(b".text"), PROGBITS, ALLOC | EXEC, *text)
    body += section(names.index(b".data"), PROGBITS, ALLOC | WRITE, *data)
    body += section(names.index(b".symtab"), SYMTAB, 0, *syms, link=4, info=1, align=8, entsize=24)
    body += section(names.index(b".strtab"), STRTAB, 0, strs[0], len(strings), align=1)
    body += section(names.index(b".strtab"), STRTAB, 0, strs[0] + len(strings), len(names), align=1)
    head = struct.pack(
        order + "4sBBBB8xHHIQQQIHHHHHH",
        b"\x7fELF",
        2,
        2 if big else 1,
        1,
        0,
        1,
        machine,
        1,
        0,
        0,
        table,
        0,
        64,
        0,
        0,
        64,
        6,
        5,
    )
    return head + body
