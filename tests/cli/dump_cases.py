# SPDX-License-Identifier: GPL-2.0-or-later
"""`save` and `info` of a small dump, written here field by field after the ELF specification."""
import json
import struct
from dataclasses import dataclass
from typing import Callable

from lab import expect

PAGE = 4096
INFO = b"OSRELEASE=6.1.0-50-cloud-amd64\nPAGESIZE=4096\n"


def note(name, kind, body):
    pad = lambda b: b + bytes(-len(b) % 4)
    return struct.pack("<III", len(name) + 1, len(body), kind) + pad(name + b"\0") + pad(body)


def core(pages):
    """An ELF64 core of x86_64: the notes of one CPU, vmcoreinfo, and the bytes of memory at 1 MiB."""
    notes = note(b"CORE", 1, bytes(336)) + note(b"VMCOREINFO", 0, INFO)
    at = -(-(64 + 2 * 56 + len(notes)) // PAGE) * PAGE
    head = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 4, 62, 1, 0, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    head += struct.pack("<IIQQQQQQ", 4, 0, 64 + 112, 0, 0, len(notes), len(notes), 4)
    size = len(pages) * PAGE
    head += struct.pack("<IIQQQQQQ", 1, 7, at, 0xffff888000100000, 0x100000, size, size, PAGE)
    return (head + notes).ljust(at, b"\0") + b"".join(pages)


@dataclass
class Case:
    name: str
    body: Callable
    lab: object

    def check(self):
        for path in self.lab.dir.glob("out*"):
            path.unlink()
        self.body(self.lab)


def saved(lab):
    code, out, err = lab.run(["save", "@/core", "@/out"])
    expect(code == 0, f"{code}: {err}")
    expect("MiB" in out, out)
    expect(not (lab.dir / "out.incomplete").exists(), "out.incomplete is still there")
    # Memory by physical address is what it was.
    data, there = (lab.dir / "core").read_bytes(), (lab.dir / "out").read_bytes()
    expect(data[-16 * PAGE:] == there[-16 * PAGE:], "the memory in the copy differs")
    code, out, err = lab.run(["info", "--json", "@/out"])
    info = json.loads(out)
    expect(code == 0 and info["schema"] == 1, f"{code}: {out}{err}")
    expect("6.1.0-50-cloud-amd64" in out and "x86_64" in out, out)
    code, text, err = lab.run(["info", "@/out"])
    expect(code == 0 and "6.1.0-50-cloud-amd64" in text, f"{code}: {text}{err}")


def as_json(lab):
    code, out, err = lab.run(["save", "--json", "@/core", "@/out"])
    done = json.loads(out)
    expect(code == 0 and done["saved"]["complete"] and done["saved"]["file"] == str(lab.dir / "out"), out + err)
    expect(done["saved"]["size"] == (lab.dir / "out").stat().st_size, out)


def an_existing_file_stays(lab):
    (lab.dir / "out").write_text("mine")
    code, out, err = lab.run(["save", "--json", "@/core", "@/out"])
    expect(code == 7, f"{code}: {err}")
    expect("error" in json.loads(out) and str(lab.dir / "out") in err, out + err)
    expect((lab.dir / "out").read_text() == "mine", "the file was changed")
    code, _, err = lab.run(["save", "--force", "@/core", "@/out"])
    expect(code == 0 and (lab.dir / "out").read_bytes()[:4] == b"\x7fELF", f"{code}: {err}")


def a_bad_destination(lab):
    for dest in ("@/nowhere/out", "@/root"):
        code, out, err = lab.run(["save", "@/core", dest])
        expect(code == 7 and not out and lab.fill(dest) in err, f"{dest}: {code}: {out}{err}")


def a_device(lab):
    """It exists, and is not ours to replace. (A full file system is a row of the guests.)"""
    code, _, err = lab.run(["save", "@/core", "/dev/full"])
    expect(code == 7, f"{code}: {err}")


def cut_short(lab):
    data = (lab.dir / "core").read_bytes()
    (lab.dir / "short").write_bytes(data[:-5 * PAGE - 100])
    code, _, err = lab.run(["save", "@/short", "@/out"])
    expect(code in (4, 6) and err, f"{code}: {err}")
    code, out, _ = lab.run(["info", "@/short"])
    expect(code in (0, 1), f"{code}: {out}")


def cases(lab, bless):
    pages = [bytes([n]) * PAGE if n % 3 else bytes(PAGE) for n in range(16)]
    (lab.dir / "core").write_bytes(core(pages))
    for body in (saved, as_json, an_existing_file_stays, a_bad_destination, a_device, cut_short):
        yield Case(body.__name__, body, lab)
