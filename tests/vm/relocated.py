# SPDX-License-Identifier: GPL-2.0-or-later
"""A vmlinux that `baton relocate` took out of a bzImage and moved twice boots where it was moved to."""
from vm.bench import load_words
from vm.stories import OK_LINE, check_next_kernel

# Row -> addresses of the lowest segment of a kernel linked at 0x1000000 and 0xffffffff81000000: both
# by the same; the virtual one alone, downwards; far apart, the virtual one to the end of its GiB.
# None: i386, where the virtual address follows.
PLACES = {"relocated": (0x4000000, 0xffffffff84000000),
          "relocated-virtual": (0x1000000, 0xffffffff80400000),
          "relocated-far": (0x21e00000, 0xffffffffb8200000),
          "relocated-i386": (0x4400000, None)}

# Kernel B's own words of where it lies.
THERE = """
grep -q '^ *0*{phys:x}-.* : Kernel code' /proc/iomem || say "FAILED: $(grep Kernel /proc/iomem)"
grep -q '^{virtual:x} T _text' /proc/kallsyms || say "FAILED: $(grep -w _text /proc/kallsyms)"
say passed
"""


def there(name):
    """What kernel B of a row runs."""
    phys, virtual = PLACES[name]
    return THERE.format(phys=phys, virtual=virtual) if virtual else ""


def words(phys, virtual):
    return f"baton relocate --to 0x{phys:x}" + (f" --virtual 0x{virtual:x}" if virtual else "")


def relocated(b):
    """Kernel A moves the vmlinux in /vmlinuz by way of a third place, loads it and jumps."""
    phys, virtual = PLACES[b.row.name]
    append = b.line_b()
    load = load_words(b.row, False, "/b.img", append).replace("/vmlinuz", "/moved")
    script = f"""
must show {words(0x8000000, virtual and 0xffffffff88000000)} -o /once /vmlinuz
must show {words(phys, virtual)} -o /moved /once
rm /once
must show baton load --load-address 0x{phys:x} {load}
say loaded
must show baton exec --force
"""
    with b.guest(b.image_a(script, {"b.img": b.image_b()}), b.row.a_append) as g:
        g.wait(r"@@ loaded", never=r"@@ FAILED")
        if virtual:
            g.wait(r"@@ up b", never=r"@@ FAILED|is damaged")
            check_next_kernel(b, g, append)
            g.wait(r"@@ passed", never=r"@@ FAILED")
            g.finish()
        else:       # as far as it comes with 64-bit programs in its initrd
            g.wait(OK_LINE, never=r"is damaged|@@ FAILED")
            g.wait(r"Linux version \S+" + b.row.next_flavour)
            g.wait(r"Kernel command line: .*nonce=" + b.nonce)
            g.wait(r"Freeing initrd memory")
    return g
