# SPDX-License-Identifier: GPL-2.0-or-later
"""The next kernel of a row in another form than its package has it: Row(..., form=raw_arm_image)."""
import lzma
import struct
import subprocess

from harness import containers as make
from vm.bench import expect

XZ = b"\xfd7zXZ\0\0\1i\x22\xde6"      # a whole stream header as the kernel build makes it, with its CRC
ZIMAGE_END = 0x2c       # docs/formats/zimage.md
FDT_MAGIC = 0xd00dfeed


def vmlinux(b):
    """The ELF file of a small kernel, or what is packed in a bzImage."""
    return b.next_kernel.vmlinux(b.dir / "vmlinux")


def raw_arm_image(b):
    """arch/arm/boot/Image as a zImage holds it."""
    whole = b.next_kernel.image.read_bytes()
    at = whole.find(XZ)
    expect(at > 0, f"{b.next_kernel.image.name} holds no xz payload")
    out = b.dir / "Image"
    out.write_bytes(lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(whole[at:]))
    return out


def tree(b):
    """QEMU's own device tree of the row's machine, without the room behind it.

    No command line and no initrd are in it: QEMU was given neither.
    """
    path = b.dir / "machine.dtb"
    machine = (b.row.machine or b.on.machine) + f",dumpdtb={path}"
    subprocess.run([b.on.program, "-M", machine, "-cpu", b.row.cpu or b.on.cpu, "-m", str(b.memory),
                    "-nographic", "-nodefaults"], check=True, capture_output=True)
    blob = path.read_bytes()
    magic, _, structure, strings, *_, strings_size, structure_size = struct.unpack(">10I", blob[:40])
    expect(magic == FDT_MAGIC, "QEMU wrote no device tree")
    end = max(structure + structure_size, strings + strings_size)
    path.write_bytes(blob[:4] + struct.pack(">I", end) + blob[8:end])
    return path


def zimage_with_tree(b):
    """A zImage that brings the machine's tree along: what boards without a boot loader for trees boot.

    Its end is put behind the tree.  Such a kernel (CONFIG_ARM_ATAG_DTB_COMPAT) takes memory, command
    line and initrd from the tag list that it is handed.
    """
    image = bytearray(b.next_kernel.image.read_bytes())
    start, end = struct.unpack_from("<2I", image, ZIMAGE_END - 4)
    expect(start == 0 and end == len(image), "this zImage does not end where it says")
    image += tree(b).read_bytes()
    struct.pack_into("<I", image, ZIMAGE_END, len(image))
    out = b.dir / "zImage"
    out.write_bytes(image)
    return out


def vmlinux_zst(b):
    return make.packed(b.dir / "vmlinux.zst", "zstd", vmlinux(b))


def packed(b):
    return make.packed(b.dir / "kernel.gz", "gzip", b.next_kernel.image)


def zboot(b):
    return make.zboot(b.dir / "vmlinuz.efi", b.row.arch, packed(b))


def uki(b):
    return make.uki(b.dir / "uki.efi", b.next_kernel.image, b.image_b(), b.line_b())


def uimage(b):
    """A list of kernel, initrd and tree."""
    files = [b.next_kernel.image, b.image_b(), tree(b)]
    return make.uimage(b.dir / "uImage", b.row.arch, files, "-C", "none")


def fit(b):
    return make.fit(b.dir / "image.itb", "gzip", packed(b), b.image_b(), [tree(b)])


def android(b):
    """Of version 2, the one with a tree of its own."""
    return make.android(b.dir / "boot.img", 2, packed(b), b.image_b(), b.line_b(), "--dtb", tree(b))


def ppc_zimage(b):
    return make.ppc_zimage(b.dir / "zImage.pseries", packed(b), b.image_b())


def at_256m(b):
    """A vmlinux moved by `baton relocate`."""
    out = b.dir / "moved"
    make.tool(b.host, "relocate", "--force", "--to", "0x10000000", "-o", out, b.next_kernel.image)
    return out
