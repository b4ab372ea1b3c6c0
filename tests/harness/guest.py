# SPDX-License-Identifier: GPL-2.0-or-later
"""What a guest is made of: a Debian kernel, its modules, an initramfs, a disk."""
import lzma
import re
import shutil
import struct
import subprocess
from pathlib import Path

from harness.aptroot import AptError, AptRoot
from harness.cpio import Cpio
from harness.machines import MACHINES
from kernels import busybox as port_of_busybox, mini

# flavour -> (suite, Debian's name of the CPU, pattern of the package's name).
# mini-CPU is another: the small kernel of tests/kernels.
FLAVOURS = {
    "cloud": ("bookworm", "amd64", r"linux-image-6\.1\.0-[0-9]+-cloud-amd64-unsigned"),
    "amd64": ("bookworm", "amd64", r"linux-image-6\.1\.0-[0-9]+-amd64-unsigned"),
    "rt": ("bookworm", "amd64", r"linux-image-6\.1\.0-[0-9]+-rt-amd64-unsigned"),
    "backports": ("bookworm-backports", "amd64",
                  r"linux-image-6\.[0-9]+\.[0-9]+\+deb12-cloud-amd64-unsigned"),
    "686": ("bookworm", "i386", r"linux-image-6\.1\.0-[0-9]+-686-unsigned"),
    "686-pae": ("bookworm", "i386", r"linux-image-6\.1\.0-[0-9]+-686-pae-unsigned"),
    "armmp": ("bookworm", "armhf", r"linux-image-6\.1\.0-[0-9]+-armmp"),
    "armmp-lpae": ("bookworm", "armhf", r"linux-image-6\.1\.0-[0-9]+-armmp-lpae"),
    "cloud-arm64": ("bookworm", "arm64", r"linux-image-6\.1\.0-[0-9]+-cloud-arm64-unsigned"),
    "arm64": ("bookworm", "arm64", r"linux-image-6\.1\.0-[0-9]+-arm64-unsigned"),
    "arm64-backports": ("bookworm-backports", "arm64",
                        r"linux-image-6\.[0-9]+\.[0-9]+\+deb12-cloud-arm64-unsigned"),
    "powerpc64le": ("bookworm", "ppc64el", r"linux-image-6\.1\.0-[0-9]+-powerpc64le"),
    "686-pae-backports": ("bookworm-backports", "i386", r"linux-image-6\.[0-9]+\.[0-9]+-0\.deb12\.[0-9]+-686-pae"),
    "armmp-trixie": ("trixie", "armhf", r"linux-image-6\.12\.[0-9]+\+deb13-armmp"),
    "powerpc64le-trixie": ("trixie", "ppc64el", r"linux-image-6\.12\.[0-9]+\+deb13-powerpc64le"),
    "s390x": ("bookworm", "s390x", r"linux-image-6\.1\.0-[0-9]+-s390x"),
    "riscv64": ("trixie", "riscv64", r"linux-image-6\.12\.[0-9]+\+deb13-riscv64"),
}
PACKERS = {b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd", b"\x02\x21\x4c\x18": "lz4"}
DISK_MODULES = ("virtio_pci", "virtio_blk", "crc32c_generic", "ext4")
GUEST_DIR = Path(__file__).resolve().parent.parent / "vm" / "guest"


class Kernel:
    """One kernel: .image, .release, .modules(names)."""

    def __init__(self, flavour):
        if flavour.startswith("mini-"):
            self.root = mini.build(flavour.removeprefix("mini-"))
            self.image, self.files = self.root / "image", {}
            self.release = (self.root / "release").read_text().strip()
            return
        suite, arch, pattern = FLAVOURS[flavour]
        self.apt = AptRoot(suite, arch)
        self.root = self.apt.get(pattern)
        self.image = next(iter(sorted((self.root / "boot").glob("vmlinu[xz]-*"))), None)
        if not self.image:
            raise AptError(f"{self.root.name} holds no kernel")
        self.release = self.image.name.partition("-")[2]
        moddir = next(p for p in (self.root / "lib/modules", self.root / "usr/lib/modules")
                      if p.is_dir()) / self.release
        self.files = {self._name(p): p for p in moddir.rglob("*.ko*")}

    def sibling(self, name):
        """The folder of another package of the same build; {} in its @name is the release."""
        return self.apt.get(name.format(self.release.replace(".", r"\.").replace("+", r"\+")))

    def debug(self):
        """The ELF file with its symbols; for most CPUs Debian's is of 270 to 590 MB."""
        return next(self.sibling("linux-image-{}-dbg").glob("usr/lib/debug/**/vmlinux-*"))

    @staticmethod
    def _name(path):
        return path.name.partition(".ko")[0].replace("-", "_")

    @staticmethod
    def _bytes(path):
        data = path.read_bytes()
        return lzma.decompress(data) if path.suffix == ".xz" else data

    def vmlinux(self, out):
        """The ELF file of the kernel: its own, or what lies packed in a bzImage, written to @out."""
        if (self.root / "vmlinux").exists():
            return self.root / "vmlinux"
        data = self.image.read_bytes()
        at, size = struct.unpack_from("<II", data, 0x248)
        at += (data[0x1f1] + 1) * 512
        tool = next(t for magic, t in PACKERS.items() if data[at:].startswith(magic))
        packed = data[at:at + size - 4]
        out.write_bytes(subprocess.run([tool, "-dcq"], input=packed, stdout=subprocess.PIPE, check=True).stdout)
        return out

    def modules(self, names):
        """[(file name, bytes)] in an order in which insmod accepts them; built-in ones are left out."""
        out, done = [], set()

        def add(name):
            name = name.replace("-", "_")
            if name in done or name not in self.files:
                return
            done.add(name)
            data = self._bytes(self.files[name])
            needs = re.search(rb"\0depends=([^\0]*)", data)
            for n in needs[1].decode().split(",") if needs else ():
                add(n)
            out.append((f"{len(out):02}-{name}.ko", data))

        for name in names:
            add(name)
        return out


def busybox(on):
    """A static busybox of the CPU's port, of the private apt root, or built where there is no port."""
    if not on.debian:
        return port_of_busybox.build(on.triple)
    root = AptRoot(on.suite, on.debian).get("busybox-static")
    return next(p for p in (root / "bin/busybox", root / "usr/bin/busybox") if p.is_file())


def newer_qemu():
    """(program, options) of the QEMU of bookworm-backports, unpacked: its TCG has SHA-NI."""
    root = AptRoot("bookworm-backports")
    program = root.get("qemu-system-x86") / "usr/bin/qemu-system-x86_64"
    data = [root.get("qemu-system-data") / "usr/share/qemu", root.get("seabios") / "usr/share/seabios"]
    r = subprocess.run([str(program), "--version"], capture_output=True, text=True)
    if r.returncode:
        raise AptError(f"the QEMU of bookworm-backports does not run here: {r.stderr.strip()}")
    return str(program), tuple(x for d in data for x in ("-L", str(d)))


def newer_sbi():
    """The firmware of trixie for riscv64, 0.2 MB: QEMU 7.2's own has no debug console."""
    return AptRoot("trixie", "riscv64").get("opensbi") / "usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin"


def initramfs(path, init, kernel=None, modules=DISK_MODULES, files=(), texts=(), on=MACHINES["x86_64"]):
    """Writes an initramfs: busybox for the Machine @on, /init from @init, modules, @files, @texts.

    @files is {name: source}, @texts {name: content}.
    """
    with Cpio(path) as c:
        for d in ("bin", "dev", "proc", "sys", "mnt", "m", "tmp", "run", "lib64"):
            c.dir(d)
        c.node("dev/console", "c", 5, 1)
        c.node("dev/null", "c", 1, 3, 0o666)
        c.file("bin/busybox", busybox(on), mode=0o755)
        c.link("bin/sh", "busybox")
        c.file("init", init, mode=0o755)
        for name, data in kernel.modules(modules) if kernel else ():
            c.file("m/" + name, data=data)
        for name, src in dict(files).items():
            c.file(name, src)
        for name, text in dict(texts).items():
            c.file(name, data=text.encode(), mode=0o755)
    return Path(path)


def disk(path, megabytes, content=None):
    """A sparse ext4 image, with the files of the folder @content; needs no root."""
    path = Path(path)
    path.unlink(missing_ok=True)
    with open(path, "wb") as f:
        f.truncate(megabytes << 20)
    cmd = [tool("mkfs.ext4"), "-q", "-F", "-m", "0", "-E", "lazy_itable_init=0,nodiscard"]
    cmd += ["-d", str(content)] if content else []
    subprocess.run(cmd + [str(path)], check=True, stdin=subprocess.DEVNULL)
    return path


def disk_read(image, name, out):
    """Takes the file @name out of an ext4 image, after a check of the file system. Returns @out."""
    r = subprocess.run([tool("e2fsck"), "-fp", str(image)], capture_output=True, text=True)
    if r.returncode > 1:
        raise OSError(f"e2fsck: {image}: {r.stdout.strip()} {r.stderr.strip()}")
    Path(out).unlink(missing_ok=True)
    r = subprocess.run([tool("debugfs"), "-R", f"dump {name} {out}", str(image)],
                       capture_output=True, text=True)
    if not Path(out).exists() or "not found" in r.stderr:
        raise OSError(f"debugfs: {name} is not on {image}: {r.stderr.strip()}")
    # debugfs writes holes as zeros.
    if shutil.which("fallocate"):
        subprocess.run(["fallocate", "-d", str(out)], check=False)
    return Path(out)


def tool(name):
    """The path of a system tool; /sbin is not on every user's PATH."""
    found = shutil.which(name, path="/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin")
    if not found:
        raise OSError(f"{name} is not installed (scripts/deps.sh installs it)")
    return found
