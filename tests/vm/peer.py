# SPDX-License-Identifier: GPL-2.0-or-later
"""What Debian's kexec-tools does on the same guests: its known failures, shown beside our successes.

Each scenario passes when kexec-tools still fails as described; when it does not, the row says so and
the sentence in docs that rests on it must go.
"""
from harness.aptroot import AptRoot
from harness.qemu import GuestError
from vm.bench import Failed, expect

PACKAGES = ("libc6", "zlib1g", r"libxenmisc4\.\d+", "libxencall1", "libxendevicemodel1", "libxenevtchn1",
            "libxenforeignmemory1", "libxengnttab1", "libxenstore4", "libxentoolcore1", "libxentoollog1")
PATIENCE_S = 90


def files(on):
    """{name in the initrd: file} of kexec-tools with every library that it may load."""
    root = AptRoot(on.suite, on.debian)
    out = {"sbin/peer": next(root.get("kexec-tools").rglob("sbin/kexec"))}
    for package in PACKAGES:
        for path in sorted(root.get(package).rglob("*.so.*")):
            if path.is_file() and "gconv" not in path.parts:
                out[f"lib/{path.name}"] = path.resolve()
    return out


def jump_fails(b):
    """The next kernel's init never speaks: it hangs while unpacking, or has lost its initrd."""
    append = f"{b.console} role=b nodisk nonce={b.nonce}"
    script = f"""
must show /sbin/peer -l --initrd=/b.img '--append={append}' /vmlinuz
say loaded
/sbin/peer -e
"""
    with b.guest(b.image_a(script, {"b.img": b.image_b()} | files(b.on))) as g:
        g.wait(r"@@ loaded", never=r"@@ FAILED")
        try:
            g.wait(r"@@ up b", limit=PATIENCE_S)
        except GuestError as err:
            b.figures["the guest"] = "hangs" if "did not come" in str(err) else "ends"
            return
    raise Failed("kexec-tools jumps here by now")


def core_is_wrong(b):
    """The capture kernel starts, but the dump that it is shown has a size that no machine has."""
    script = f"""
must show /sbin/peer -p --initrd=/capture.img '--append={b.capture} nodisk' /vmlinuz
say armed
sleep 0.5
echo c >/proc/sysrq-trigger
"""
    files_a = {"capture.img": b.image_capture()} | files(b.on)
    with b.guest(b.image_a(script, files_a), f"crashkernel={b.on.crashkernel}") as g:
        g.wait(r"@@ armed", never=r"@@ FAILED")
        size = int(g.wait(r"@@ vmcore (\d+) bytes")[1])
    expect(size >> 48, f"kexec-tools makes a dump of {size >> 20} MiB: no more wrong")
    b.figures["vmcore_bytes"] = size
