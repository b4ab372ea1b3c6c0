# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules that a plan must keep, and a search of its own for a legal placement."""
import struct
from collections import namedtuple
from itertools import permutations

from facts import Ranges

MIB, GIB4, FOREVER = 1 << 20, 1 << 32, 1 << 64
MAX_SEGMENTS = 16

# What was asked. avoid: a list of (start, end), end exclusive; low, high bound all segments; initrd, modules: bytes.
Request = namedtuple(
    "Request", "crash avoid low high initrd modules", defaults=(False, (), 0, FOREVER, None, ())
)
# A piece to place: within is (first address, end) of the room that the protocol grants it.
Piece = namedtuple("Piece", "kind size align within")


def round_up(n, to):
    return -(-n // to) * to


def usable(machine, req):
    """Where segments may lie; of a crash load the highest region, the kernel's crashk_res."""
    base = machine.ram
    if req.crash:
        base = Ranges(machine.crash.list[-1:]).minus(Ranges(machine.poison()))
    return base.minus(Ranges(req.avoid)).inside(req.low, req.high)


def limits(kind, image):
    """(alignment, first address, end) that the boot protocol grants a kind of piece."""
    if image.info == "multiboot_info":
        return image.limits(kind)
    top = FOREVER if image.is64 and image.above_4g else GIB4
    if kind == "kernel" and not image.relocatable:
        return 1, image.pref, min(top, image.pref + round_up(image.init_size or 0, 4096))
    if kind == "kernel":
        return image.align, image.pref, top
    if kind == "initrd":
        return 1, MIB, FOREVER if image.above_4g and image.is64 else image.initrd_max + 1
    return 1, MIB, top


def pieces_of(plan, machine, image):
    out = []
    for s in plan["segments"]:
        align, low, high = limits(s["kind"], image)
        out.append(Piece(s["kind"], s["memsz"], max(align, machine.page), (low, high)))
    return out


def lowest(piece, start, end):
    at = round_up(max(start, piece.within[0]), piece.align)
    return at if at + piece.size <= min(end, piece.within[1]) else None


def fills(hole, group):
    """Can these pieces lie in this hole together? If so, then in some order from the bottom up."""
    if sum(p.size for p in group) > hole[1] - hole[0]:
        return False
    for order in permutations(group):
        at = hole[0]
        for p in order:
            at = lowest(p, at, hole[1])
            if at is None:
                break
            at += p.size
        else:
            return True
    return False


def exists(pieces, room):
    """Is there any legal placement? Deals pieces out to holes, the pickiest first, every way."""
    holes = room.list
    choices = {
        p: [i for i, (a, b) in enumerate(holes) if lowest(p, a, b) is not None] for p in pieces
    }
    order = sorted(pieces, key=lambda p: (len(choices[p]), -p.size))
    known, groups = {}, {}

    def fits(i):
        key = (holes[i], tuple(sorted(groups[i])))
        if key not in known:
            known[key] = fills(holes[i], groups[i])
        return known[key]

    def deal(n):
        if n == len(order):
            return True
        for i in choices[order[n]]:
            groups.setdefault(i, []).append(order[n])
            if fits(i) and deal(n + 1):
                return True
            groups[i].pop()
        return False

    return deal(0)


def too_large(sizes, machine):
    """The kernel refuses more than half of the memory, for one segment or all of them."""
    return (
        machine.mem_total is not None
        and sum(sizes) // machine.page > machine.mem_total // machine.page // 2
    )


def number(text):
    return int(text, 16)


def problems(plan, machine, image, req):
    """Everything that is wrong with a plan for kexec_load."""
    room, avoid = usable(machine, req), Ranges(req.avoid)
    segments = [(s["kind"], number(s["mem"]), s["memsz"], s["bufsz"]) for s in plan["segments"]]
    if not 1 <= len(segments) <= MAX_SEGMENTS:
        yield f"{len(segments)} segments"
    below = 0
    for kind, mem, memsz, bufsz in segments:
        where = f"{kind} at {mem:#x}"
        if mem % machine.page or memsz % machine.page or not memsz:
            yield f"{where}: {memsz:#x} bytes are no whole pages"
        if bufsz > memsz:
            yield f"{where}: more bytes than memory"
        if mem < below:
            yield f"{where}: overlaps the segment before it, or is out of order"
        below = max(below, mem + memsz)
        if not room.holds(mem, mem + memsz):
            yield f"{where}: not in {'the crash region' if req.crash else 'usable RAM'}"
        if avoid.meets(mem, mem + memsz):
            yield f"{where}: on an avoided range"
        align, low, high = limits(kind, image)
        if mem % align or mem < low or mem + memsz > high:
            yield f"{where}: outside {low:#x}-{high:#x} or not aligned to {align:#x}"
    if too_large([s[2] for s in segments], machine):
        yield "more than half of the memory"
    yield from of_pieces(plan, segments, image, req)
    yield from of_cmdline(plan, segments, image)


def of_pieces(plan, segments, image, req):
    by_kind = {kind: (mem, memsz, bufsz) for kind, mem, memsz, bufsz in segments if kind != "module"}
    modules = sorted(bufsz for kind, _, _, bufsz in segments if kind == "module")
    if len(by_kind) + len(modules) != len(segments):
        yield "two segments of one kind"
    if modules != sorted(req.modules):
        yield f"modules of {modules} bytes, asked were {req.modules}"
    for kind in ["kernel", image.info, "purgatory"] + ["elfcorehdr"] * req.crash:
        if kind not in by_kind:
            yield f"no {kind}"
            return
    mem, memsz, bufsz = by_kind["kernel"]
    if memsz < (image.init_size or 0):
        yield f"kernel: {memsz:#x} bytes are no room to unpack to {image.init_size:#x}"
    if bufsz != image.loaded:
        yield f"kernel: {bufsz} bytes loaded of {image.loaded}"
    if number(plan["kernel_entry"]) != image.entry_with(mem):
        yield f"kernel entry {plan['kernel_entry']} with the kernel at {mem:#x}"
    at, size, _ = by_kind["purgatory"]
    if not at <= number(plan["entry"]) < at + size:
        yield f"entry {plan['entry']} outside the purgatory"
    if req.initrd is not None and (by_kind.get("initrd", (0, 0, 0))[2] != req.initrd):
        yield f"initrd of {req.initrd} bytes not loaded whole"


def words(line):
    """The parameters before a standalone "--"; quotes keep blanks together."""
    out, word, quoted = [], "", False
    for c in line + " ":
        if c == '"':
            quoted = not quoted
        if c.isspace() and not quoted:
            if word == "--":
                break
            out += [word] if word else []
            word = ""
        else:
            word += c
    return out


def of_cmdline(plan, segments, image):
    line, added = plan["cmdline"], plan["added_cmdline"]
    if len(line.encode()) > image.cmdline_size:
        yield f"command line of {len(line)} bytes, the kernel takes {image.cmdline_size}"
    for word in added:
        if word not in words(line):
            yield f"{word} is not where the kernel reads it"
    headers = [mem for kind, mem, _, _ in segments if kind == "elfcorehdr"]
    told = [w.partition("=")[2] for w in words(line) if w.startswith("elfcorehdr=")]
    if plan["crash"] and [f"{m:#x}" for m in headers] != told:
        yield f"elfcorehdr={told} with the header at {headers}"
    if not plan["crash"] and (headers or told):
        yield "a crash header in a load that is none"


def of_file_plan(plan, image_len, req):
    """kexec_file_load: no places, only kernel and initrd."""
    want = [("kernel", image_len)] + ([("initrd", req.initrd)] if req.initrd is not None else [])
    if [(s["kind"], s["bufsz"]) for s in plan["segments"]] != want:
        yield f"files other than {want}"
    if (
        plan["entry"]
        or plan["kernel_entry"]
        or any(s["mem"] or s["memsz"] for s in plan["segments"])
    ):
        yield "places in a plan whose places the kernel chooses"


def of_crash_header(data, plan, machine):
    """The header's memory is the old kernel's RAM less its crash regions."""
    if data[:6] != b"\x7fELF\x02\x01" or len(data) < 64:
        yield "elfcorehdr: no ELF64 header"
        return
    phoff, phentsize, phnum = struct.unpack_from("<Q", data, 32)[0], *struct.unpack_from(
        "<HH", data, 54
    )
    if phnum == 0xFFFF or phentsize != 56 or phoff + phnum * 56 > len(data):
        yield f"elfcorehdr: {phnum} program headers do not fit"
        return
    loads, notes = [], 0
    for i in range(phnum):
        kind, _, offset, vaddr, paddr, filesz, memsz, _ = struct.unpack_from(
            "<IIQQQQQQ", data, phoff + i * 56
        )
        notes += kind == 4
        if kind == 1:
            loads.append((paddr, paddr + memsz, offset, vaddr))
            if filesz != memsz:
                yield f"elfcorehdr: PT_LOAD at {paddr:#x} has {filesz:#x} bytes of {memsz:#x}"
    if not notes:
        yield "elfcorehdr: no notes"
    want = machine.system_ram.minus(machine.crash)
    have = Ranges([(a, b) for a, b, _, _ in loads])
    missing, extra = want.minus(have), have.minus(want)
    # The kernel's text may be mapped once more: the same memory under another virtual address.
    if missing.total():
        yield f"elfcorehdr: memory missing: {[(hex(a), hex(b)) for a, b in missing.list[:3]]}"
    if extra.total() > 2 * machine.page * len(loads):
        yield f"elfcorehdr: memory too much: {[(hex(a), hex(b)) for a, b in extra.list[:3]]}"
    if have.meets(0, FOREVER) and any(have.meets(a, b) for a, b in machine.crash.list):
        yield "elfcorehdr: the crash region itself is in it"
    backup = [(number(s["mem"]), s["memsz"]) for s in plan["segments"] if s["kind"] == "backup"]
    for a, b, offset, _ in loads:
        moved = offset != a
        if moved and not (backup and backup[0][0] <= offset < sum(backup[0])):
            yield f"elfcorehdr: PT_LOAD at {a:#x} is read from {offset:#x}"
