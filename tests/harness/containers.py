# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernels in containers, made by the tools of the containers' owners; each function writes @out and returns it.

mkimage makes uImage and FIT, objcopy a UKI around systemd's stub and a PowerPC boot wrapper, mkbootimg boot.img.
zboot() alone has no tool: the kernel's own Makefile joins its parts.
"""
import struct
import subprocess

from harness.aptroot import AptRoot

PACKERS = {"gzip": ["gzip", "-nc"], "lzma": ["xz", "--format=lzma", "-1c"], "lz4": ["lz4", "-qc"],
           "zstd": ["zstd", "-qc"], "xz": ["xz", "-1c"]}
PE_MACHINES = {"arm64": 0xaa64, "riscv64": 0x5064}
# The default configuration is not the first.
ITS = """/dts-v1/;
/ {{
 description = "test"; #address-cells = <1>;
 images {{
  kernel-1 {{ data = /incbin/("{kernel}"); type = "kernel"; arch = "arm64"; os = "linux"; compression = "{comp}";
             load = <0x40080000>; entry = <0x40080000>; {hashes} }};
  disk-1 {{ data = /incbin/("{initrd}"); type = "ramdisk"; arch = "arm64"; os = "linux"; compression = "none";
           hash-1 {{ algo = "sha1"; }}; hash-2 {{ algo = "sha256"; }}; }};
  {trees}
 }};
 configurations {{
  default = "all";
  kernel {{ kernel = "kernel-1"; }};
  all {{ kernel = "kernel-1"; ramdisk = "disk-1"; fdt = {names}; }};
 }};
}};
"""
HASHES = "".join(f'hash-{i} {{ algo = "{kind}"; }}; ' for i, kind in enumerate(
    ("crc32", "md5", "sha1", "sha256", "sha384", "sha512")))
TREE = """{name} {{ data = /incbin/("{file}"); type = "flat_dt"; arch = "arm64"; compression = "none";
  {load} hash-1 {{ algo = "sha512"; }}; }};
"""
LOAD = "load = <0x48000000>;"       # U-Boot wants it of an overlay


def tool(*words):
    """What a program printed. Raises OSError with its first words (mkimage ends with a page of help)."""
    got = subprocess.run([str(w) for w in words], capture_output=True, text=True, check=False)
    if got.returncode:
        raise OSError(f"{words[0]}: {got.stderr.strip()[:300]}")
    return got.stdout


def packed(out, comp, path):
    with open(out, "wb") as f:
        subprocess.run([*PACKERS[comp], path], stdout=f, check=True)
    return out


def zboot(out, cpu, payload):
    """@payload: an Image, packed by gzip. As drivers/firmware/efi/libstub/Makefile.zboot joins it, less the program."""
    data = payload.read_bytes()
    head = struct.pack("<2sxx4sII8x32s4xI", b"MZ", b"zimg", 512, len(data), b"gzip", 0x40)
    head += struct.pack("<4sHH12sHH", b"PE\0\0", PE_MACHINES[cpu], 1, b"", 0, 0)
    head += struct.pack("<8sIIII16x", b".text", len(data), 512, len(data), 512)
    out.write_bytes(head.ljust(512, b"\0") + data)
    return out


def uimage(out, cpu, files, *options):
    """@cpu as mkimage names it; more than one of @files (kernel, initrd, tree) make a list."""
    kind = "kernel" if len(files) == 1 else "multi"
    tool("mkimage", "-A", cpu, "-O", "linux", "-T", kind, "-n", "test", *options, "-d", ":".join(map(str, files)), out)
    return out


def fit(out, comp, kernel, initrd, trees, *options):
    """For arm64. @comp: how @kernel is packed. @trees: a device tree, and overlays (.dtbo) for it."""
    its = out.with_suffix(".its")
    its.write_text(ITS.format(
        kernel=kernel.resolve(), initrd=initrd.resolve(), comp=comp, hashes=HASHES,
        names=", ".join(f'"{t.stem}"' for t in trees),
        trees="".join(TREE.format(name=t.stem, file=t.resolve(), load=LOAD if t.suffix == ".dtbo" else "")
                      for t in trees)))
    tool("mkimage", *options, "-f", its, out)
    return out


def efi_stub():
    """systemd's, for x86_64: an EFI program without a kernel."""
    return AptRoot().get("systemd-boot-efi") / "usr/lib/systemd/boot/efi/linuxx64.efi.stub"


def uki(out, kernel, initrd, line):
    """For x86_64."""
    cmdline = out.with_suffix(".cmdline")
    cmdline.write_text(line + "\n")
    words, at = ["objcopy"], 0x2000000
    for name, path in ((".cmdline", cmdline), (".initrd", initrd), (".linux", kernel)):
        words += ["--add-section", f"{name}={path}", "--change-section-vma", f"{name}={at:#x}"]
        at += (path.stat().st_size | 0xfff) + 1
    tool(*words, efi_stub(), out)
    return out


def android(out, version, kernel, initrd, line, *options):
    tool("mkbootimg", "--header_version", version, "--kernel", kernel, "--ramdisk", initrd, "--cmdline", line,
         "--pagesize", 4096, *options, "-o", out)
    return out


def ppc_zimage(out, kernel, initrd):
    """@kernel: a vmlinux, packed by gzip. For ppc64le, around a program that does nothing."""
    source, program, triple = out.with_suffix(".s"), out.with_suffix(".wrapper"), "powerpc64le-linux-gnu-"
    source.write_text(".text\n.globl _start\n_start: nop\n")
    tool(triple + "gcc", "-nostdlib", "-static", "-o", program, source)
    tool(triple + "objcopy", "--add-section", f".kernel:vmlinux.strip={kernel}",
         "--add-section", f".kernel:initrd={initrd}", program, out)
    return out
