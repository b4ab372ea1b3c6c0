# SPDX-License-Identifier: GPL-2.0-or-later
"""--dtb: what reaches the kernel is the user's tree with this machine's memory in it; bad trees: one line.

The machine is a captured arm64 guest (tests/machines/arm64-virt), the kernel an Image that is only a header.
"""
import struct
from dataclasses import dataclass
from pathlib import Path

from lab import expect

import fdt_seeds as fdt
import vmlinux_seeds

PPC64 = Path(__file__).resolve().parent.parent / "machines" / "ppc64le-pseries"
MACHINE = Path(__file__).resolve().parent.parent / "machines" / "arm64-virt"
LOAD = ["load", "--sysroot", str(MACHINE), "--append", "root=/dev/vda1"]
USER = ("", {**fdt.TWO, "compatible": fdt.text("linux,dummy-virt")}, [
    ("chosen", {"bootargs": fdt.text("stale"), "kaslr-seed": fdt.cells(1, 2)}, []),
    ("soc", {"user's": b"own"}, [])])


def image(size=0x200000):
    """Documentation/arch/arm64/booting.rst: little-endian, 4 KiB pages, anywhere in memory."""
    head = struct.pack("<IIQQQQQQ4sI", 0x14000010, 0, 0, size, 0xa, 0, 0, 0, b"ARM\x64", 0)
    return head + bytes(0x10000 - len(head))


def parse(data):
    """{path: {property: bytes}}, [(start, size)]: the tree and its /memreserve/ of a blob."""
    _, total, nodes, names, reserve = struct.unpack(">5I", data[:20])
    expect(total <= len(data), f"the blob has {len(data)} bytes, its header says {total}")
    tree, path, reserved = {}, [], []
    while (entry := struct.unpack_from(">QQ", data, reserve)) != (0, 0):
        reserved.append(entry)
        reserve += 16
    while (token := struct.unpack_from(">I", data, nodes)[0]) != 9:
        nodes += 4
        if token == 1:
            end = data.index(b"\0", nodes)
            path.append(data[nodes:end].decode())
            tree["/".join(path) or "/"] = {}
            nodes = end // 4 * 4 + 4
        elif token == 2:
            path.pop()
        elif token == 3:
            size, name = struct.unpack_from(">II", data, nodes)
            name = data[names + name:data.index(b"\0", names + name)].decode()
            tree["/".join(path) or "/"][name] = data[nodes + 8:nodes + 8 + size]
            nodes += 8 + (size + 3) // 4 * 4
    return tree, reserved


@dataclass
class Case:
    name: str
    lab: object

    def load(self, *words, code=0):
        self.lab.forget()
        got, _, err = self.lab.run([*LOAD, "--dtb", "@/user.dtb", *words, "@/Image"])
        expect(got == code, f"exit code {got}: {err}")
        return err

    def tree(self):
        """The one segment that is a device tree."""
        (call,) = self.lab.calls()
        expect(call["call"] == "kexec_load", call["call"])
        blobs = [self.lab.segment(s["file"]) for s in call["segments"]]
        (blob,) = [b for b in blobs if b[:4] == b"\xd0\x0d\xfe\xed"]
        return parse(blob)

    def check(self):
        getattr(self, self.name)()

    def jump(self):
        err = self.load("--initrd", "@/initrd.img")
        tree, reserved = self.tree()
        expect(tree["/memory@40000000"]["reg"] == struct.pack(">QQ", 0x40000000, 0x40000000), f"memory: {tree}")
        expect(tree["/soc"] == {"user's": b"own"}, f"the user's own: {tree}")
        chosen = tree["/chosen"]
        expect(chosen["bootargs"] == b"root=/dev/vda1\0", chosen["bootargs"])
        start, end = (int.from_bytes(chosen[f"linux,initrd-{w}"], "big") for w in ("start", "end"))
        expect(end - start == (self.lab.dir / "initrd.img").stat().st_size, f"initrd {start:#x} to {end:#x}")
        expect((start, end - start) in reserved, f"reserved: {reserved}")
        expect(len(chosen["kaslr-seed"]) == 8 and chosen["kaslr-seed"] != fdt.cells(1, 2), "the seed is an old one")
        expect("has no memory; this machine's is put in" in err and "stdout-path" in err, err)

    def crash(self):
        self.load("--crash", "--avoid", "0x50000000-0x50000fff")
        tree, reserved = self.tree()
        chosen = tree["/chosen"]
        region = struct.pack(">QQ", 0x6ec00000, 0xc000000)
        expect(chosen["linux,usable-memory-range"] == region, chosen["linux,usable-memory-range"].hex())
        header = struct.unpack(">QQ", chosen["linux,elfcorehdr"])
        expect(0x6ec00000 <= header[0] < 0x7ac00000 and header in reserved, f"{header}, {reserved}")
        avoid = tree["/reserved-memory/baton-avoid@50000000"]
        expect(avoid == {"reg": struct.pack(">QQ", 0x50000000, 0x1000), "no-map": b""}, avoid)

    def own_tree(self):
        """Without --dtb, and given the same as a file: no difference."""
        (self.lab.dir / "own.dtb").write_bytes((MACHINE / "sys/firmware/fdt").read_bytes())
        for words in ([], ["--dtb", "@/own.dtb"]):
            self.lab.forget()
            code, _, err = self.lab.run([*LOAD, *words, "@/Image"])
            expect(code == 0 and "dtb '" not in err, err)
            tree, _ = self.tree()
            expect("kaslr-seed" in tree["/chosen"] and "rng-seed" in tree["/chosen"], tree["/chosen"])
            tree["/chosen"] |= {"kaslr-seed": b"", "rng-seed": b""}
            seen = tree if not words else seen  # noqa: F821: set by the first round
            expect(tree == seen, f"{tree}\n{seen}")

    def file_call(self):
        err = self.load("--syscall", "file", code=1)
        expect("'--dtb' needs kexec_load" in err and not self.lab.calls(), err)

    def kexec_name(self):
        """As kexec, the default asks kexec_file_load first; that would ignore the tree."""
        for words, want in (([], 0), (["-s"], 1)):
            self.lab.forget()
            code, _, err = self.lab.run(["-l", "--sysroot", str(MACHINE), *words, "--dtb=@/user.dtb", "@/Image"],
                                        "kexec")
            expect(code == want, f"exit code {code}: {err}")
            expect([c["call"] for c in self.lab.calls()] == ["kexec_load"] * (not want), err)

    def kexec_name_ppc64(self):
        """The same, where nothing but kexec_load has ever taken a tree."""
        (self.lab.dir / "vmlinux").write_bytes(vmlinux_seeds.ppc64("<"))
        code, _, err = self.lab.run(["-l", "--sysroot", str(PPC64), "--dtb=@/own.dtb", "@/vmlinux"], "kexec")
        expect(code == 0, f"exit code {code}: {err}")
        expect([c["call"] for c in self.lab.calls()] == ["kexec_load"], err)

    def bad_files(self):
        good = (self.lab.dir / "user.dtb").read_bytes()
        lies = good[:4] + struct.pack(">I", 0x7fffffff) + good[8:]
        bad = {"empty": b"", "source": b"/dts-v1/;\n/ { };\n", "kernel": image(), "lies": lies,
               "header": good[:20], "cut": good[:-8], "huge": good + bytes(17 << 20)}
        for name, data in bad.items():
            (self.lab.dir / "bad.dtb").write_bytes(data)
            self.lab.forget()
            code, out, err = self.lab.run([*LOAD, "--dtb", "@/bad.dtb", "@/Image"])
            expect(code == 1 and not out and err.count("\n") == 1, f"{name}: exit code {code}: {out}{err}")
            expect(f"dtb '{self.lab.dir}/bad.dtb': " in err, f"{name}: {err}")
            expect(not self.lab.calls(), f"{name}: the kernel was called")


def cases(lab, bless):
    (lab.dir / "Image").write_bytes(image())
    (lab.dir / "user.dtb").write_bytes(fdt.blob(USER))
    for name in ("jump", "crash", "own_tree", "file_call", "kexec_name", "kexec_name_ppc64", "bad_files"):
        yield Case(name, lab)
