# SPDX-License-Identifier: GPL-2.0-or-later
"""A purgatory that is the same whatever compiler built baton, so that plans can be compared.

It links like ours (symbols purgatory_start and baton_handoff) and holds one hlt; nothing runs it.
Format: System V ABI, chapter 4: a relocatable object.
"""
import struct

HANDOFF = 1176  # sizeof(struct handoff), src/purgatory/handoff.h
PROGBITS, SYMTAB, STRTAB = 1, 2, 3
ALLOC, WRITE, EXEC = 2, 1, 4
GLOBAL_OBJECT, GLOBAL_FUNC = 0x11, 0x12
EM_X86_64 = 62



def section(order, bits, name, kind, flags, at, size, link=0, info=0, align=16, entsize=0):
    form = order + ("IIQQQQIIQQ" if bits == 64 else "10I")
    return struct.pack(form, name, kind, flags, 0, at, size, link, info, align, entsize)


def symbol(order, bits, name, info, shndx, size):
    if bits == 64:
        return struct.pack(order + "IBBHQQ", name, info, 0, shndx, 0, size)
    return struct.pack(order + "IIIBBH", name, 0, size, info, 0, shndx)


def build(code=b"\xf4", machine=EM_X86_64, big=False, bits=64):
    order = ">" if big else "<"
    head_size, word, entry, sym = (64, "Q", 64, 24) if bits == 64 else (52, "I", 40, 16)
    names = b"\0.text\0.data\0.symtab\0.strtab\0"
    strings = b"\0purgatory_start\0baton_handoff\0"
    symbols = bytes(sym) + symbol(order, bits, 1, GLOBAL_FUNC, 1, len(code))
    symbols += symbol(order, bits, strings.index(b"baton_handoff"), GLOBAL_OBJECT, 2, HANDOFF)
    parts, body = [], b""
    for part in (code, bytes(HANDOFF), symbols, strings + names):
        body += bytes(-(head_size + len(body)) % 16)
        parts.append((head_size + len(body), len(part)))
        body += part
    body += bytes(-(head_size + len(body)) % 16)
    text, data, syms, strs = parts
    table = head_size + len(body)
    for name, kind, flags, place, more in (
        (b"", 0, 0, (0, 0), {"align": 0}),
        (b".text", PROGBITS, ALLOC | EXEC, text, {}),
        (b".data", PROGBITS, ALLOC | WRITE, data, {}),
        (b".symtab", SYMTAB, 0, syms, {"link": 4, "info": 1, "align": 8, "entsize": sym}),
        (b".strtab", STRTAB, 0, (strs[0], len(strings)), {"align": 1}),
        (b".strtab", STRTAB, 0, (strs[0] + len(strings), len(names)), {"align": 1}),
    ):
        body += section(order, bits, names.index(name) if name else 0, kind, flags, *place, **more)
    ident = struct.pack("4sBBBB8x", b"\x7fELF", bits // 32, 2 if big else 1, 1, 0)
    return ident + struct.pack(
        f"{order}HHI3{word}IHHHHHH", 1, machine, 1, 0, 0, table, 0, head_size, 0, 0, entry, 6, 5
    ) + body
