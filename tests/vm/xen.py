# SPDX-License-Identifier: GPL-2.0-or-later
"""A jump into Xen, which starts Linux as its first domain: a multiboot kernel with two modules."""
import gzip
import re
import shlex

from harness.aptroot import AptRoot
from vm.bench import expect, received
from vm.stories import OK_LINE, check_next_kernel

MAGIC_2 = 0xe85250d6.to_bytes(4, "little")
LINE = "console=com1 com1=115200,8n1 dom0_mem=512M"
NO_BIOS = " no-real-mode"   # row.append: it takes the memory map that it is handed


def hypervisor(_):
    """Debian's, packed as it comes. It has headers of both versions, and the second is taken."""
    return next((AptRoot().get(r"xen-hypervisor-4\.17-amd64") / "boot").glob("xen-*.gz"))


def version_1(b):
    """The same without its second header."""
    data = gzip.decompress(hypervisor(b).read_bytes())
    expect(data.count(MAGIC_2) == 1, "Xen has not one header of version 2")
    out = b.dir / "xen"
    out.write_bytes(data.replace(MAGIC_2, bytes(4)))
    return out


def check_memory(g):
    """What Xen was told is RAM is what A's firmware called so."""
    told = [(int(m[1], 16), int(m[2], 16)) for _, m in
            g.grep(r"\(XEN\)  \[([0-9a-f]{16}), ([0-9a-f]{16})\] \(usable\)")]
    had = [(int(m[1], 16), int(m[2], 16)) for m in
           re.finditer(r"(\S+) (\S+) System RAM", received(g, "map").decode())]
    expect(told and sorted(had) == told[:len(had)], f"Xen was told {told}, not {had}")


def to_xen(b):
    """Kernel A gives Xen a kernel and an initrd; that kernel comes up with its line and its file."""
    append = f"console=hvc0 panic=-1 role=b nodisk nonce={b.nonce}"
    words = shlex.join(["--append", f"{LINE}{b.row.append} nonce={b.nonce}", "--module", f"/dom0 {append}",
                        "--module", "/b.img", "/vmlinuz"])
    script = f"""
for i in /sys/firmware/memmap/*; do echo "$(cat $i/start) $(cat $i/end) $(cat $i/type)"; done >/tmp/map
emit map /tmp/map
must show baton load {words}
say loaded
must show baton exec --force
"""
    with b.guest(b.image_a(script, {"dom0": b.next_kernel.image, "b.img": b.image_b()})) as g:
        g.wait(r"@@ loaded", never=r"@@ FAILED")
        g.wait(OK_LINE, never=r"is damaged")
        g.wait(r"\(XEN\) Bootloader: Baton")
        g.wait(r"\(XEN\) Command line: console=com1 .*nonce=" + b.nonce)
        g.wait(r"\(XEN\) %s-e820 RAM map:" % ("Multiboot" if b.row.append == NO_BIOS else "Xen"))
        g.wait(r"@@ up b", never=r"Dom0 crashed")
        check_next_kernel(b, g, append)
        g.finish()
        b.figures["jump_s"] = round(g.when(r"@@ up b") - g.when(r"@@ loaded"), 2)
    check_memory(g)
    return g
