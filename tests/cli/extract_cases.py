# SPDX-License-Identifier: GPL-2.0-or-later
"""inspect --extract: every part as it is, a file that is whole or not there, and what cannot be done."""
import gzip
import json
from dataclasses import dataclass

import bzimage
from lab import expect

E_MACHINE, EM_AARCH64 = 18, 183   # in an ELF header
CONFIG = b"CONFIG_TEST=y\nCONFIG_CMDLINE=\"quiet\"\n"


def with_config():
    """A kernel's ELF file that holds its configuration: kernel/configs.c."""
    packed = b"IKCFG_ST" + gzip.compress(CONFIG, mtime=0) + b"IKCFG_ED"
    whole = bytearray(bzimage.vmlinux())
    at = len(whole)
    whole += packed
    whole[64 + 32] = 16  # a kernel has some bytes
    # The notes, which stand behind .rodata in a kernel, are moved behind the configuration.
    start, size = 64 + 2 * 56 + 8, 64 + 2 * 56 + 32
    off = int.from_bytes(whole[start:start + 8], "little")
    n = int.from_bytes(whole[size:size + 8], "little")
    whole[start:start + 8] = (at + len(packed)).to_bytes(8, "little")
    return bytes(whole) + bytes(whole[off:off + n])


def files(lab):
    (lab.dir / "vmlinux.gz").write_bytes(gzip.compress(with_config(), mtime=0))
    (lab.dir / "vmlinux.cut").write_bytes(gzip.compress(with_config(), mtime=0)[:-20])


@dataclass
class Part:
    name: str
    image: str
    what: str
    want: bytes
    lab: object

    def check(self):
        out = self.lab.dir / "out"
        out.unlink(missing_ok=True)
        words = ["inspect", "--extract", self.what, self.image]
        code, said, err = self.lab.run([*words, "-o", "@/out"])
        expect(code == 0 and not said and not err, f"{code}: {said}{err}")
        expect(out.read_bytes() == self.want, f"not the {self.what}: {out.read_bytes()[:80]}")
        code, said, err = self.lab.run([*words, "-o", "@/out", "--json"])
        expect(code == 1 and json.loads(said)["error"]["errno"] == "EEXIST", f"replaced: {code}: {said}{err}")
        out.write_bytes(b"old")
        code, said, err = self.lab.run([*words, "-o", "@/out", "--json", "--force"])
        expect(code == 0, err)
        want = {"schema": 1, "extracted": {"file": str(out), "size": len(self.want)}}
        expect(json.loads(said) == want, said)
        expect(out.read_bytes() == self.want, "not replaced")
        expect(not list(self.lab.dir.glob("out.*")), "something was left behind")


@dataclass
class Text:
    """To the standard output."""
    name: str
    lab: object

    def check(self):
        code, out, err = self.lab.run(["inspect", "@/vmlinux.gz", "--extract", "config", "-o", "-"])
        expect(code == 0 and out.encode() == CONFIG and not err, f"{code}: {out}{err}")
        _, out, _ = self.lab.run(["inspect", "--json", "@/vmlinux.gz"])
        found = json.loads(out)
        expect(found["parts"] == ["config"] and found["compression"] == "gzip", out)
        expect(found["format"] == "vmlinux" and found["unpacked_size"] == len(with_config()), out)
        expect(found["kernel"] is None and found["crashkernel"] is None, out)
        # The same for a CPU whose kernels run only where they were linked.
        fixed = bytearray(with_config())
        fixed[E_MACHINE:E_MACHINE + 2] = EM_AARCH64.to_bytes(2, "little")
        (self.lab.dir / "fixed").write_bytes(fixed)
        _, out, _ = self.lab.run(["inspect", "--json", "@/fixed"])
        expect(json.loads(out)["crashkernel"] == "96M@16M", out)


@dataclass
class Refused:
    name: str
    words: tuple
    code: int
    says: str
    lab: object

    def check(self):
        code, out, err = self.lab.run(["inspect", *self.words])
        expect(code == self.code and not out, f"{code}: {out}{err}")
        expect(self.says in err, err)
        expect(not (self.lab.dir / "none").exists() and not list(self.lab.dir.glob("none*")), "a file was made")


def cases(lab, bless):
    files(lab)
    inside = bzimage.vmlinux()
    yield Part("vmlinux", "@/vmlinuz.packed", "vmlinux", inside, lab)
    yield Part("vmlinux-of-gz", "@/vmlinux.gz", "vmlinux", with_config(), lab)
    yield Part("config", "@/vmlinux.gz", "config", CONFIG, lab)
    yield Text("stdout", lab)
    for name, words, code, says in (
            ("no-initrd", ("@/vmlinuz.packed", "--extract", "initrd", "-o", "@/none"), 1, "holds no initrd"),
            ("no-config", ("@/vmlinuz.packed", "--extract", "config", "-o", "@/none"), 1, "holds no config"),
            ("no-payload", ("@/vmlinuz", "--extract", "vmlinux", "-o", "@/none"), 1, "payload"),
            ("a-lie", ("@/vmlinuz.lies", "--extract", "vmlinux", "-o", "@/none"), 1, "more than the 9 bytes"),
            ("cut", ("@/vmlinux.cut", "--extract", "vmlinux", "-o", "@/none"), 1, "gzip"),
            ("no-folder", ("@/vmlinuz.packed", "--extract", "vmlinux", "-o", "@/none/x"), 1, "none/x"),
            ("no-output", ("@/vmlinuz.packed", "--extract", "vmlinux"), 2, "-o FILE"),
            ("no-part", ("@/vmlinuz.packed", "-o", "@/none"), 2, "--extract"),
            ("no-such-part", ("@/vmlinuz.packed", "--extract", "soul", "-o", "@/none"), 2, "soul")):
        yield Refused(name, words, code, says, lab)
