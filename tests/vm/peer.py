# SPDX-License-Identifier: GPL-2.0-or-later
"""What Debian's kexec-tools does on the same guests: its known failures, shown beside our successes.

Each scenario passes when kexec-tools still fails as described; when it does not, the row says so and
the sentence in docs that rests on it must go.
"""
from harness.aptroot import AptRoot
from harness.qemu import GuestError
from vm.bench import expect

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


# What a kernel says that has lost its initrd; else it hangs, while it unpacks itself.
LOST = r"rootfs image is not initramfs|Initramfs unpacking failed"


def tried(b, crash, *options):
    """What becomes of a jump, or of a crash: "up", "hangs" or "loses its initrd"."""
    role = b.capture if crash else b.console + " role=b"
    words = " ".join((f"--initrd=/next.img '--append={role} nodisk nonce={b.nonce}'", *options))
    script = f"""
must show /sbin/peer {"-p" if crash else "-l"} {words} /vmlinuz
say loaded
sleep 0.5
{"echo c >/proc/sysrq-trigger" if crash else "/sbin/peer -e"}
"""
    inside = {"next.img": b.image_capture() if crash else b.image_b()} | files(b.on)
    with b.guest(b.image_a(script, inside), f"crashkernel={b.on.crashkernel}" if crash else "") as g:
        g.wait(r"@@ loaded", never=r"@@ FAILED")
        try:
            return "loses its initrd" if g.wait(rf"@@ up (?:b|capture) |({LOST})", limit=PATIENCE_S)[1] else "up"
        except GuestError as err:
            expect("did not come" in str(err), f"the guest ended otherwise: {err}")
            return "hangs"


def image_size_missing(b, crash):
    """It hangs, or its initrd is lost, where kexec-tools guesses what the zImage needs; told, it runs."""
    told = tried(b, crash, "--image-size=33554432")
    expect(told == "up", f"kexec-tools does not even work with --image-size: {told}")
    guessed = tried(b, crash)
    expect(guessed != "up", "kexec-tools guesses right here by now")
    b.figures["the guest"] = guessed


def jump_fails(b):
    image_size_missing(b, crash=False)


def crash_fails(b):
    image_size_missing(b, crash=True)


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
