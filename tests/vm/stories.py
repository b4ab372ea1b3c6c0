# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios that a user lives through: a jump, a crash and its dump, a refusal, a plan replayed."""
import base64
import json
import re
import shlex
import shutil
import subprocess

from harness.guest import disk, disk_read
from vm import dump
from vm.bench import Failed, expect, load_words, received

OK_LINE = r"baton: purgatory: (\d+) regions ok \(([a-z0-9-]+)\)"
# SLOF's prom_init names the kernel too, before it runs.
LINUX = r"(?<!to boot )Linux version (\S+)"


def check_next_kernel(b, g, append):
    """B is up: its command line, its initrd, and our purgatory's word before its first line."""
    line = base64.b64decode(g.wait(r"@@ cmdline (\S+)")[1]).rstrip(b"\n")
    expect(append.encode() in line, f"kernel B's command line is not what was asked for: {line!r}")
    expect(b"nonce=" + b.nonce.encode() in line, "kernel B's command line lacks the nonce")
    big = g.wait(r"@@ big ([0-9a-f]{64})")[1]
    expect(big == b.big, f"the file in B's initrd has sha256 {big}, not {b.big}")
    check_purgatory(b, g)


def check_purgatory(b, g):
    """With --syscall load: the ok line stands after A's and before the next kernel's first line."""
    starts = [t for t, _ in g.grep(LINUX)]
    expect(len(starts) >= 2, "the next kernel's first line was not seen")
    if b.row.syscall != "load":
        return
    said = [(t, m) for t, m in g.grep(OK_LINE)]
    expect(said, "the purgatory did not say that its regions are ok")
    lines = [s for _, s in g.lines]
    at_ok = next(i for i, s in enumerate(lines) if "baton: purgatory:" in s)
    at_linux = [i for i, s in enumerate(lines) if re.search(LINUX, s)]
    expect(at_linux[0] < at_ok < at_linux[1], "the purgatory's line stands at the wrong place")
    by, want = said[0][1][2], b.row.digest or b.on.digest
    expect(want in ("", by), f"digests by {by}, not {want}")


def jump(b, pictures=False):
    """Story 1: kernel A loads kernel B and jumps.  With @pictures it sends plan.svg as well."""
    row = b.row
    append = b.line_b()
    words = load_words(row, False, "/b.img", append)
    load = f"must show baton load {words}"
    go = "must show baton exec --force"
    if row.kexec_name:
        load = "must show kexec " + shlex.join(["-c" if row.syscall == "load" else "-s", "-l", "/vmlinuz",
                                           "--initrd=/b.img", f"--append={append}", *row.kexec_args])
        go = "must show kexec -e"
    draw = "baton plan --svg /tmp/plan.svg %s >/dev/null && emit plan.svg /tmp/plan.svg" % words
    plan = f"baton plan --json {words} >/tmp/plan.json && emit plan.json /tmp/plan.json"
    script = f"""
{row.before}
{plan if not row.initrd_mb else ": # hashing hundreds of megabytes twice takes too long under TCG"}
{draw if pictures else ""}
{load}
say loaded
show baton status
{go}
say 'FAILED: exec came back'
"""
    files = {} if "initrd" in row.inside else {"b.img": b.image_b()}
    with b.guest(b.image_a(script, files), row.a_append) as g:
        g.wait(r"@@ loaded", never=r"@@ FAILED")
        g.wait(r"@@ up b", never=r"@@ FAILED|is damaged")
        check_next_kernel(b, g, append)
        if row.b_script:
            g.wait(r"@@ passed", never=r"@@ FAILED")
        g.finish()
        b.figures["jump_s"] = round(g.when(r"@@ up b") - g.when(r"@@ loaded"), 2)
    if not row.initrd_mb:
        plan = json.loads(received(g, "plan.json"))
        (b.dir / "plan.json").write_text(json.dumps(plan, indent=1))
        if row.check_plan:
            row.check_plan(plan)
    return g


CRASH_SCRIPT = """
/nonce {seed} >/tmp/nonce.txt & sleep 0.3
while ! grep -q ready /tmp/nonce.txt; do sleep 0.1; done
emit nonce.txt /tmp/nonce.txt
cp /proc/iomem /tmp/iomem
p=/proc/device-tree/chosen/linux,crashkernel
[ ! -e $p-base ] || echo "$(hex $p-base) $(hex $p-size)" >>/tmp/iomem
emit iomem.txt /tmp/iomem
baton plan --json {words} >/tmp/plan.json && emit plan.json /tmp/plan.json
must show baton load {words}
say armed
{before}
sleep 0.5 # a panic does not wait for what the serial line still has to send
echo c >/proc/sysrq-trigger
"""


# The kernel answers 1 where it will rewrite the header, and nothing but the digest would hinder it.
HOTPLUG = """
cpu=/sys/devices/system/cpu
[ "$(cat $cpu/crash_hotplug)" = 1 ] || say "FAILED: no crash hotplug"
must sh -c "echo 0 >$cpu/cpu1/online; echo 1 >$cpu/cpu1/online"
"""


def crash_guest(b, script, **more):
    files = {"nonce": b.nonce_program(), "capture.img": b.image_capture()}
    img = b.image_a(script, files)
    d = disk(b.dir / "disk.img", b.row.disk_mb or b.memory + 256)
    size = b.row.crashkernel or b.on.crashkernel
    return b.guest(img, f"crashkernel={size} {b.row.a_append}", disks=[d], **more), d


def crash(b, before="", rewritten=False):
    """Story 2: panic, capture, a dump on the disk, a reset, kernel A again; the host checks the dump.

    rewritten: kernel A has made the crash header anew since the load.
    """
    words = load_words(b.row, True, "/capture.img", b.line_capture())
    script = CRASH_SCRIPT.format(seed=b.nonce, words=words, before=before)
    g, image = crash_guest(b, script, reboot=True)
    with g:
        g.wait(r"@@ armed", never=r"@@ FAILED")
        g.wait(r"@@ up capture", never=r"is damaged|@@ FAILED")
        check_purgatory(b, g)
        rc = g.wait(r"@@ saved (\d+)")[1]
        expect(rc == "0", f"baton save ended with {rc}")
        g.wait(r"@@ up a", limit=120)
        size = int(g.wait(r"@@ found (\d+) bytes")[1])
        g.finish()
    expect(g.boots == 2, f"the machine booted {g.boots} times, not twice")
    b.figures["capture_s"] = round(g.when(r"@@ up capture") - g.when(r"@@ armed"), 2)
    b.figures["dump_mb"] = size >> 20
    where = [int(line.split()[2], 16) for line in received(g, "nonce.txt").decode().splitlines()
             if line.startswith("nonce ") and "0x" in line]
    check_dump(b, image, where, size, memory_map(received(g, "iomem.txt").decode()), rewritten)
    return g


def crash_hotplug(b):
    """A processor goes and comes back between load and panic, and the kernel rewrites the crash header."""
    return crash(b, HOTPLUG, rewritten=True)


def memory_map(text):
    """A's /proc/iomem; on ppc64 the crash region is told by the device tree, as base and size."""
    return re.sub(r"^([0-9a-f]{16}) ([0-9a-f]{16})$", lambda m: "%x-%x : Crash kernel" % (
        int(m[1], 16), int(m[1], 16) + int(m[2], 16) - 1), text, flags=re.M)


def check_dump(b, image, where, size, memory, rewritten):
    """The host takes the dump off the disk and looks into it with readers that are not ours.

    It finds the 64 pages, the memory of A's own map @memory, each CPU's registers, vmcoreinfo.
    The header that x86's kernel makes itself leaves out the first MiB, which it has kept for
    itself since 5.5 (arch/x86/kernel/crash.c, elf_header_exclude_ranges).
    """
    kernels_own = b.row.arch == "x86_64" and (rewritten or b.row.syscall == "file")
    path = disk_read(image, "/vmcore", b.dir / "vmcore")
    disk_read(image, "/vmcore.dmesg", b.dir / "vmcore.dmesg")
    expect(path.stat().st_size == size, "the dump changed its size on the way to the host")
    expect(len(where) == dump.PAGES and all(where), "the nonce program did not say where its pages are")
    for name, count in (("readelf", dump.pages_by_readelf(path, where, b.nonce)),
                        ("libkdumpfile", dump.pages_by_kdumpfile(path, where, b.nonce))):
        expect(count == dump.PAGES, f"{name} finds {count} of {dump.PAGES} nonce pages in the dump")
        b.figures[f"pages_by_{name}"] = count
    notes = dump.cpu_notes(path)
    expect(notes == b.row.cpus, f"the dump has the registers of {notes} CPUs, not {b.row.cpus}")
    wrong = dump.memory_lines(path, memory, b.on.page, 1 << 20 if kernels_own else b.on.firmware_below)
    expect(not wrong, f"the dump is not A's memory: {wrong}")
    low = any(paddr < 1 << 20 and size for _, paddr, size, _ in dump.loads(path))
    expect(b.row.arch != "x86_64" or low != kernels_own, "the crash header "
           + ("has the first MiB: it is not the kernel's own" if low else "lacks the first MiB: it is not baton's"))
    expect(dump.has_vmcoreinfo(path), "the dump has no vmcoreinfo")
    log = (b.dir / "vmcore.dmesg").read_text(errors="replace")
    expect("sysrq triggered crash" in log, "vmcore.dmesg lacks the panic message")
    if b.row.opens:
        b.row.opens(b, path)
        b.figures["opened_by"] = b.row.opens.__name__
    if not b.row.keep:
        path.unlink()


def save_fails(b):
    """The dump cannot be saved: `baton save` says why by its exit code, and leaves no whole DEST."""
    words = load_words(b.row, True, "/capture.img", b.capture)
    g, image = crash_guest(b, CRASH_SCRIPT.format(seed=b.nonce, words=words, before=b.row.a_script))
    with g:
        rc = int(g.wait(r"@@ saved (\d+)", never=r"@@ FAILED")[1])
        g.finish(limit=30)
    expect(rc == b.row.save_exit, f"baton save ended with {rc}, not {b.row.save_exit}")
    if b.row.save_exit != 7:
        try:
            disk_read(image, "/vmcore", b.dir / "vmcore")
        except OSError:
            return g
        raise Failed("a dump that is not whole has its final name")
    return g


def without(plan, *names):
    """The plan less the members @names, at every depth."""
    if isinstance(plan, dict):
        return {k: without(v, *names) for k, v in plan.items() if k not in names}
    return [without(x, *names) for x in plan] if isinstance(plan, list) else plan


def replay(b):
    """The guest's facts, captured with `baton snapshot`, give the same plan on the host."""
    crash_load = b.row.a_append.startswith("crashkernel=")
    initrd = b.image_b()
    words = load_words(b.row, crash_load, "/b.img", b.console)
    script = f"""
must baton snapshot /tmp/facts
tar -C /tmp/facts -cz -f /tmp/facts.tgz . && emit facts.tgz /tmp/facts.tgz
baton plan --json {words} >/tmp/plan.json || say "FAILED: plan"
emit plan.json /tmp/plan.json
say passed
"""
    with b.guest(b.image_a(script, {"b.img": initrd}), b.row.a_append) as g:
        g.wait(r"@@ passed", never=r"@@ FAILED")
        g.finish()
        facts, there = received(g, "facts.tgz"), json.loads(received(g, "plan.json"))
    (b.dir / "facts.tgz").write_bytes(facts)
    root = b.dir / "facts"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    subprocess.run(["tar", "-xzf", str(b.dir / "facts.tgz"), "-C", str(root)], check=True)
    words = words.replace("/b.img", str(initrd)).replace("/vmlinuz", str(b.next_image))
    cmd = [str(b.host), "plan", "--json", "--sysroot", str(root), *shlex.split(words)]
    r = subprocess.run(cmd, capture_output=True, text=True)
    expect(r.returncode == 0, f"the plan on the host failed: {r.stderr.strip()}")
    here = json.loads(r.stdout)
    (b.dir / "plan-guest.json").write_text(json.dumps(there, indent=1) + "\n")
    (b.dir / "plan-host.json").write_text(json.dumps(here, indent=1) + "\n")
    expect(without(here, "file") == without(there, "file"),
           f"the plans differ: diff {b.dir}/plan-guest.json {b.dir}/plan-host.json")
    return g


def other_cpu(b):
    """A jump into a 32-bit kernel, as far as it comes with 64-bit programs in its initrd."""
    append = f"{b.console} nonce={b.nonce}"
    script = f"""
must baton load {load_words(b.row, False, "/b.img", append)}
say loaded
must baton exec --force
"""
    with b.guest(b.image_a(script, {"b.img": b.image_b()})) as g:
        g.wait(r"@@ loaded", never=r"@@ FAILED")
        g.wait(OK_LINE, never=r"is damaged")
        g.wait(r"Linux version \S+" + b.row.next_flavour)
        g.wait(r"Kernel command line: .*nonce=" + b.nonce)
        g.wait(r"Freeing initrd memory")
    return g


def refused(b):
    """A load that is refused leaves the armed image: the panic after it still ends in a dump."""
    before = """
head -c 100000 /vmlinuz >/tmp/short
baton load --crash --syscall load --initrd /capture.img --append x /tmp/short
say "refused $?"
say "still $(cat /sys/kernel/kexec_crash_loaded)"
"""
    g = crash(b, before)
    expect(g.one(r"@@ refused (\d+)")[1] == "1", "the short kernel was not refused with exit code 1")
    expect(g.one(r"@@ still (\d)")[1] == "1", "the armed image is gone after the refusal")
    return g


def script(b):
    """Kernel A runs the row's own script, which ends with '@@ passed'."""
    with b.guest(b.image_a(b.row.a_script, {"b.img": b.image_b()}), b.row.a_append) as g:
        g.wait(r"@@ passed", never=r"@@ FAILED")
        g.finish()
    return g
