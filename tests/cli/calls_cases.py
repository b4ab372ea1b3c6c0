# SPDX-License-Identifier: GPL-2.0-or-later
"""What reaches the kernel is what the plan said, byte for byte where the plan knows the bytes."""
import json
import struct
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from lab import FUZZ, expect

MACHINES = Path(__file__).resolve().parent.parent / "machines"

BASE = ["--sysroot", "@/root", "--initrd", "@/initrd.img", "--append", 'a="b c" d -- e']


@dataclass
class Case:
    name: str
    body: Callable
    lab: object

    def check(self):
        self.lab.fresh()
        self.body(self.lab)


def plan(lab, *words):
    code, out, err = lab.run(["plan", "--json", "--syscall", "load", *BASE, *words, "@/vmlinuz"])
    expect(code == 0, err)
    return json.loads(out)


def load(lab, *words):
    code, _, err = lab.run(["load", "--syscall", "load", *BASE, *words, "@/vmlinuz"])
    expect(code == 0, err)
    return lab.calls()[-1]


def same(lab, *words):
    """The call's segments are those of the plan."""
    p, call = plan(lab, *words), load(lab, *words)
    expect(call["entry"] == p["entry"], f"entry {call['entry']}, planned {p['entry']}")
    got = [(s["mem"], s["memsz"], s["bufsz"]) for s in call["segments"]]
    expect(got == [(s["mem"], s["memsz"], s["bufsz"]) for s in p["segments"]],
               f"segments {got}, planned {p['segments']}")
    kinds = {s["kind"]: lab.segment(c["file"]) for s, c in zip(p["segments"], call["segments"])}
    expect(kinds["initrd"] == (lab.dir / "initrd.img").read_bytes(), "the initrd was changed")
    return p, call, kinds


def normal(lab):
    p, call, kinds = same(lab)
    expect(call["flags"] == "0x3e0000", f"flags {call['flags']}")
    expect((lab.dir / "vmlinuz").read_bytes().endswith(kinds["kernel"]), "the kernel was changed")
    expect(b'a="b c" d' in kinds["boot_params"] + kinds.get("other", b""), "the command line is not there")
    expect(p["cmdline"].startswith('a="b c" d') and p["cmdline"].endswith(" -- e"), p["cmdline"])


def crash(lab):
    p, call, kinds = same(lab, "--crash")
    expect(call["flags"] == "0x3e0001", f"flags {call['flags']}")
    expect(kinds["elfcorehdr"].startswith(b"\x7fELF"), "no ELF header for the dump")
    words = p["cmdline"].split(" -- ")[0].split()
    expect(any(w.startswith("elfcorehdr=") for w in words), p["cmdline"])
    expect(all(w in words for w in p["added_cmdline"]), f"added words {p['added_cmdline']}: {p['cmdline']}")
    for s in p["segments"]:
        start = int(s["mem"], 16)
        expect(0x30000000 <= start and start + s["memsz"] <= 0x38000000, f"outside the crash region: {s}")


def avoided(lab):
    _, call, _ = same(lab, "--avoid", "0x20000000-0x2fffffff", "--mem-max", "0x37ffffff")
    for s in call["segments"]:
        start = int(s["mem"], 16)
        expect(start + s["memsz"] <= 0x20000000 or start >= 0x30000000, f"in avoided memory: {s}")
        expect(start + s["memsz"] <= 0x38000000, f"above --mem-max: {s}")


def a_long_line_costs_nothing(lab):
    """Refused before the call: the kernel would free the armed image first."""
    for call, crash, most in (("file", True, 2016), ("file", False, 2016), ("load", False, 2047)):
        for length in (most, most + 1):
            lab.fresh()
            words = ["--crash"] if crash else []
            code, _, err = lab.run(["load", "--sysroot", "@/root", "--syscall", call, *words, "--append",
                                    "x" * length, "@/vmlinuz"])
            expect(code == (length > most), f"{call} {length}: {code}: {err}")
            expect(bool(lab.calls()) != bool(code), f"{call} {length}: {lab.calls()}")
            expect(not code or "command line" in err, err)


def initrds_are_joined(lab):
    code, _, err = lab.run(["load", "--sysroot", "@/root", "--syscall", "file", "--initrd", "@/two.img", "--initrd",
                            "@/initrd.img", "@/vmlinuz"])
    expect(code == 0, err)
    call = lab.calls()[-1]
    two, one = (lab.dir / "two.img").read_bytes(), (lab.dir / "initrd.img").read_bytes()
    want = two + b"\0" * (-len(two) % 4) + one + b"\0" * (-len(one) % 4)
    expect(lab.segment(call["initrd"]) == want, "the initrds are not joined as the kernel unpacks them")
    expect(call["initrd_memfd"] and not call["kernel_memfd"], f"descriptors: {call}")
    expect(lab.segment(call["kernel"]) == (lab.dir / "vmlinuz").read_bytes(), "the kernel was changed")


def state_is_kept(lab):
    load(lab, "--crash")
    (lab.dir / "root/sys/kernel/kexec_crash_loaded").write_text("1\n")
    code, out, _ = lab.run(["status", "--json", "--sysroot", "@/root"])
    expect(code == 0 and json.loads(out)["verified_by"] == "baton", out)
    code, _, err = lab.run(["unload", "--crash", "--sysroot", "@/root"])
    expect(code == 0, err)
    code, out, _ = lab.run(["status", "--json", "--sysroot", "@/root"])
    expect(json.loads(out)["verified_by"] is None, out)


def dry_run_is_the_plan(lab):
    code, out, err = lab.run(["load", "--dry-run", "--json", "--syscall", "load", *BASE, "@/vmlinuz"])
    expect(code == 0, err)
    expect(not lab.calls(), "a dry run called the kernel")
    fresh, there = plan(lab), json.loads(out)
    expect(fresh == there, "load --dry-run --json differs from plan --json")


def a_picture(lab):
    code, _, err = lab.run(["plan", *BASE, "--svg", "@/plan.svg", "@/vmlinuz"])
    expect(code == 0, err)
    tree = ElementTree.parse(lab.dir / "plan.svg").getroot()
    expect(tree.tag.endswith("}svg"), tree.tag)
    expect("initrd" in "".join(tree.itertext()), "the picture shows no initrd")
    code, out, err = lab.run(["plan", *BASE, "--svg", "@/nowhere/plan.svg", "@/vmlinuz"])
    expect(code == 1 and not out and "nowhere/plan.svg': No such file" in err, f"{code}: {err}")


def a_snapshot_plans_the_same(lab):
    code, _, err = lab.run(["snapshot", "--sysroot", "@/root", "@/shot"])
    expect(code == 0, err)
    here = plan(lab, "--crash")
    code, out, err = lab.run(["plan", "--json", "--syscall", "load", "--sysroot", "@/shot",
                              *BASE[2:], "--crash", "@/vmlinuz"])
    expect(code == 0 and json.loads(out) == here, f"{code}: {err}{out}")
    code, _, err = lab.run(["snapshot", "--sysroot", "@/root", "@/shot"])
    expect(code == 1 and lab.fill("@/shot") in err, f"{code}: {err}")


def the_other_call_unloads(lab):
    """A kernel without kexec_load: the file call forgets what is loaded, whoever loaded it."""
    lab.fresh({"errno.kexec_load": "ENOSYS"})
    code, _, err = lab.run(["unload", "--crash", "--sysroot", "@/root"])
    calls = [c["call"] for c in lab.calls()]
    expect(code == 0 and calls == ["kexec_load", "kexec_file_load"], f"{code}: {calls} {err}")


def the_serial_port_of_kexec(lab):
    words = ["-c", "-l", "--sysroot=@/root", "--serial=0x2f8", "--serial-baud=9600", "@/vmlinuz"]
    code, _, err = lab.run(words, "kexec")
    expect(code == 0 and lab.calls()[-1]["call"] == "kexec_load", f"{code}: {err}")
    code, _, err = lab.run([w.replace("0x2f8", "ttyS9") for w in words], "kexec")
    expect(code == 1 and "ttyS9" in err, f"{code}: {err}")
    code, _, err = lab.run(["-s", *words[1:]], "kexec")
    expect(code == 0 and "'--serial' has no effect" in err, f"{code}: {err}")


def no_checks_of_kexec(lab):
    """Only our own purgatory can be told not to verify: what has no effect is said."""
    words = ["-l", "-i", "--sysroot=@/root", "@/vmlinuz"]
    code, _, err = lab.run(["-s", *words], "kexec")
    expect(code == 0 and "'--no-checks' has no effect" in err, f"{code}: {err}")
    code, _, err = lab.run(["-c", *words], "kexec")
    expect(code == 0 and "no-checks" not in err, f"{code}: {err}")


def a_fall_back_loads_the_same(lab):
    lab.fresh({"errno.kexec_file_load": "EINVAL"})
    words = ["-l", "--sysroot=@/root", "--append=one two", "--initrd=@/initrd.img", "@/vmlinuz"]
    code, _, err = lab.run(words, "kexec")
    calls = lab.calls()
    expect(code == 0 and [c["call"] for c in calls] == ["kexec_file_load", "kexec_load"], f"{code}: {calls} {err}")
    parts = [lab.segment(s["file"]) for s in calls[1]["segments"]]
    expect((lab.dir / "initrd.img").read_bytes() in parts, "the initrd is lost")
    expect(any(p[4096:].rstrip(b"\0") == b"one two" for p in parts), "the command line is another one")


RELAS, RELATIVE, SLOTS = (0x900, 10), 22, range(0x700, 0x740)     # of src/elf/crc_fixture.h


def crc_relocations(kernel):
    """How many of the entries that the kernel will apply to itself point into its CRC tables."""
    entries = [struct.unpack_from("<QQQ", kernel, RELAS[0] + 24 * i) for i in range(RELAS[1])]
    return sum(kind == RELATIVE and at & 0xffff in SLOTS for at, kind, _ in entries)


def a_moved_ppc64_kernel_keeps_its_crcs(lab):
    """Only one that would corrupt them, and only where it stays where it is loaded."""
    for seed, words, want in (("le-2.6.32", ["--crash"], 0), ("le-4.9.0", ["--crash"], 4),
                              ("le-2.6.32", [], 4), ("le-2.6.32", ["--load-address", "0x10000000"], 0)):
        lab.forget()
        code, _, err = lab.run(["load", "--syscall", "load", "--sysroot", str(MACHINES / "ppc64le-pseries"), *words,
                                str(FUZZ / "ppc64_selfreloc" / seed)])
        expect(code == 0, f"{seed} {words}: {err}")
        parts = [lab.segment(s["file"]) for s in lab.calls()[-1]["segments"]]
        kernel = next(p for p in parts if b"Linux version" in p[:0x100])
        have = crc_relocations(kernel)
        expect(have == want, f"{seed} {words}: {have} relocations of CRCs, not {want}")
        expect(("those 4 relocations are taken out" in err) == (want == 0), f"{seed} {words}: {err}")


def a_full_disk_is_no_success(lab):
    for words in (["--help"], ["--version"], ["plan", "--help"], ["inspect", "@/vmlinuz"]):
        line = " ".join([lab.program, *map(lab.fill, words)])
        code, _, err = lab.run(["-c", f"{line} >/dev/full"], "sh", program="/bin/sh")
        expect(code == 1 and "standard output: No space left" in err, f"{words}: {code}: {err}")


def cases(lab, bless):
    for body in (normal, crash, avoided, a_long_line_costs_nothing, initrds_are_joined,
                 state_is_kept, dry_run_is_the_plan, a_picture, a_snapshot_plans_the_same,
                 the_other_call_unloads, the_serial_port_of_kexec,
                 no_checks_of_kexec, a_fall_back_loads_the_same,
                 a_moved_ppc64_kernel_keeps_its_crcs, a_full_disk_is_no_success):
        yield Case(body.__name__, body, lab)
