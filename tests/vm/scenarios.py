# SPDX-License-Identifier: GPL-2.0-or-later
"""What the rows of the matrix do: each function runs guests for one row and raises on a failure."""
import base64
import hashlib
import json
import os
import re
import shlex
import shutil
import struct
import subprocess
from pathlib import Path

from harness.guest import DISK_MODULES, Kernel, disk, disk_read, initramfs, newer_qemu
from harness.qemu import Gdb, Guest, GuestError, flip_ram, phys_to_file, read_ram
from vm import dump

HERE = Path(__file__).resolve().parent
GUEST = HERE / "guest"
BIG = 10 << 20
OK_LINE = r"baton: purgatory: (\d+) regions ok \(([a-z0-9-]+)\)"
# SLOF's prom_init names the kernel too, before it runs.
LINUX = r"(?<!to boot )Linux version (\S+)"


class Failed(Exception):
    """The row's expectation was not met."""


def expect(ok, why):
    if not ok:
        raise Failed(why)


class Bench:
    """One row's workplace: its folder, machine and kernels, the program under test, what was measured."""

    def __init__(self, row, out, program, say, all_rows=(), host=None):
        """@program {name in the initrd: file} is this CPU's; @host a baton that runs here."""
        self.row, self.program, self.say, self.all_rows = row, program, say, all_rows
        self.host = host or program.get("bin/baton")
        self.on = row.on
        self.memory = row.memory or self.on.memory
        self.console = self.on.console
        self.capture = f"{self.console} {self.on.capture}"
        self.dir = Path(out) / row.name
        self.dir.mkdir(parents=True, exist_ok=True)
        self.kernel = Kernel(row.flavour or self.on.flavour)
        self.next_kernel = Kernel(row.next_flavour) if row.next_flavour else self.kernel
        self.next_image = self.next_kernel.root / "vmlinux" if row.vmlinux else self.next_kernel.image
        self.nonce = os.urandom(8).hex()
        self.figures = {}

    def nonce_program(self):
        """tests/vm/nonce.c for this CPU, built once."""
        out, src = self.dir.parent / f"nonce-{self.row.arch}", HERE / "nonce.c"
        gcc = f"{self.on.triple}-gcc" if self.on.triple else os.environ.get("CC", "gcc")
        if not out.exists() or out.stat().st_mtime < src.stat().st_mtime:
            tmp = f"{out}.{self.nonce}"
            subprocess.run([gcc, "-O2", "-static", "-s", "-o", tmp, str(src)], check=True)
            os.rename(tmp, out)
        return out

    def image_b(self):
        """The initrd of kernel B, with a random file whose hash is remembered in .big.

        What makes it larger (initrd_mb) stands before that file and is hashed by the purgatory only.
        """
        big, fill = self.dir / "big.bin", self.dir / "fill.bin"
        data = os.urandom(BIG)
        self.big = hashlib.sha256(data).hexdigest()
        big.write_bytes(data)
        with open(fill, "wb") as f:
            for _ in range(self.row.initrd_mb - (BIG >> 20)):
                f.write(os.urandom(1 << 20))
        files = {"fill.bin": fill, "big.bin": big} if self.row.initrd_mb else {"big.bin": big}
        img = initramfs(self.dir / "b.img", GUEST / "init.sh", files=files,
                        texts={"b.sh": self.row.b_script}, on=self.on)
        big.unlink()
        fill.unlink()
        return img

    def image_capture(self):
        return initramfs(self.dir / "capture.img", GUEST / "init.sh", self.next_kernel,
                         files=self.program, texts={"capture.sh": (GUEST / "capture.sh").read_text()},
                         on=self.on)

    def image_a(self, script, files):
        """Kernel A's initrd: runs @script; holds the program and the next kernel's files."""
        both = dict(self.program) | {"vmlinuz": self.next_image} | files
        return initramfs(self.dir / "a.img", GUEST / "init.sh", self.kernel, DISK_MODULES,
                         files=both, texts={"row.sh": script}, on=self.on)

    def guest(self, initrd, append="", **more):
        row = self.row
        args = dict(on=self.on, memory=self.memory, cpus=row.cpus, cpu=row.cpu, extra=row.qemu,
                    machine=row.machine, limit=row.limit)
        if row.newer_qemu:
            args["qemu"], roms = newer_qemu()
            args["extra"] += roms
        return Guest(self.dir / "serial.log", self.kernel.image, initrd,
                     f"{self.console} {append}".strip(), echo=self.say, **(args | more))

    def tidy(self):
        """Deletes what is large; logs, plans and small things stay."""
        for name in ("a.img", "b.img", "capture.img", "ram.bin", "disk.img"):
            (self.dir / name).unlink(missing_ok=True)


def received(guest, name):
    """The bytes of a file that the guest sent with emit(), checked by its hash."""
    text, inside = "", False
    for _, line in guest.lines:
        if line.startswith(f"@@ begin {name}"):
            text, inside = "", True
        elif line.startswith(f"@@ end {name}"):
            data = base64.b64decode(text)
            expect(hashlib.sha256(data).hexdigest() == line.split()[-1],
                   f"{name} was damaged on the serial line")
            return data
        elif inside:
            text += line.strip()
    raise Failed(f"the guest did not send {name}")


def load_words(row, crash, initrd, append):
    words = ["--syscall", row.syscall, *row.load_args]
    words += ["--crash"] if crash else []
    return shlex.join([*words, "--initrd", initrd, "--append", append, "/vmlinuz"])


def check_next_kernel(b, g, append):
    """B is up: its command line, its initrd, and our purgatory's word before its first line."""
    row = b.row
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
    if b.row.digest:
        expect(said[0][1][2] == b.row.digest, f"digests by {said[0][1][2]}, not {b.row.digest}")


def jump(b, pictures=False):
    """Story 1: kernel A loads kernel B and jumps.  With @pictures it sends plan.svg as well."""
    row = b.row
    append = f"{b.console} role=b nodisk nonce={b.nonce}{row.append}"
    append += "" if not row.line_bytes else " pad=" + "x" * (row.line_bytes - len(append) - 5)
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
{plan if not row.initrd_mb else ": # hashing hundreds of megabytes twice takes too long under TCG"}
{draw if pictures else ""}
{load}
say loaded
show baton status
{go}
say 'FAILED: exec came back'
"""
    with b.guest(b.image_a(script, {"b.img": b.image_b()}), row.a_append) as g:
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


def crash_guest(b, script, **more):
    files = {"nonce": b.nonce_program(), "capture.img": b.image_capture()}
    img = b.image_a(script, files)
    d = disk(b.dir / "disk.img", b.row.disk_mb or b.memory + 256)
    size = b.row.crashkernel or b.on.crashkernel
    return b.guest(img, f"crashkernel={size} {b.row.a_append}", disks=[d], **more), d


def crash(b, before=""):
    """Story 2: panic, capture, a dump on the disk, a reset, kernel A again; the host checks the dump."""
    words = load_words(b.row, True, "/capture.img", f"{b.capture} nonce={b.nonce}{b.row.append}")
    script = CRASH_SCRIPT.format(seed=b.nonce, words=words, before=before)
    g, image = crash_guest(b, script, reboot=True)
    with g:
        g.wait(r"@@ armed", never=r"@@ FAILED")
        g.wait(r"@@ up capture", never=r"is damaged|@@ FAILED")
        check_purgatory(b, g)
        rc = g.wait(r"@@ saved (\d+)")[1]
        expect(rc == "0", f"baton save ended with {rc}")
        g.wait(r"@@ up a", limit=60)
        size = int(g.wait(r"@@ found (\d+) bytes")[1])
        g.finish()
    expect(g.boots == 2, f"the machine booted {g.boots} times, not twice")
    b.figures["capture_s"] = round(g.when(r"@@ up capture") - g.when(r"@@ armed"), 2)
    b.figures["dump_mb"] = size >> 20
    where = [int(line.split()[2], 16) for line in received(g, "nonce.txt").decode().splitlines()
             if line.startswith("nonce ") and "0x" in line]
    check_dump(b, image, where, size, memory_map(received(g, "iomem.txt").decode()))
    return g


def memory_map(text):
    """A's /proc/iomem; on ppc64 the crash region is told by the device tree, as base and size."""
    return re.sub(r"^([0-9a-f]{16}) ([0-9a-f]{16})$", lambda m: "%x-%x : Crash kernel" % (
        int(m[1], 16), int(m[1], 16) + int(m[2], 16) - 1), text, flags=re.M)


def check_dump(b, image, where, size, memory):
    """The host takes the dump off the disk and looks into it with readers that are not ours.

    It finds the 64 pages, the memory of A's own map @memory, each CPU's registers, vmcoreinfo.
    """
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
    # The header that x86's kernel makes itself leaves out the first MiB, which it has kept for
    # itself since 5.5 (arch/x86/kernel/crash.c, elf_header_exclude_ranges).
    may_lack = 1 << 20 if b.row.arch == "x86_64" and b.row.syscall == "file" else 0
    wrong = dump.memory_lines(path, memory, b.on.page, may_lack)
    expect(not wrong, f"the dump is not A's memory: {wrong}")
    expect(dump.has_vmcoreinfo(path), "the dump has no vmcoreinfo")
    log = (b.dir / "vmcore.dmesg").read_text(errors="replace")
    expect("sysrq triggered crash" in log, "vmcore.dmesg lacks the panic message")
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


def segment(plan, kind):
    for s in plan["segments"]:
        if s["kind"] == kind:
            return int(s["mem"], 16), s["bufsz"]
    raise Failed(f"the plan has no segment of kind {kind}: "
                 + " ".join(s["kind"] for s in plan["segments"]))


UNFLIPPED = ("purgatory", "backup")
TABLE = 0x4e4f5442, 1           # struct handoff: magic and version (docs/formats/handoff.md)
IN_TABLE = 32 + 40 + 48 + 12    # in the digest or the length of the first region


def target(b, plan, read):
    """The physical address at which the row flips a bit.

    The middle of the segment; for "table" a byte of the region table in the purgatory's data, found
    with @read(address, bytes).
    """
    known = {r.flip for r in b.all_rows if (r.scenario, r.arch) == (b.row.scenario, b.row.arch)}
    for s in plan["segments"]:
        expect(s["kind"] in known or s["kind"] in UNFLIPPED,
               f"no row of {b.row.scenario.__name__} flips a segment of kind {s['kind']}")
    if b.row.flip != "table":
        mem, size = segment(plan, b.row.flip)
        return mem + size // 2
    mem, size = segment(plan, "purgatory")
    at = read(mem, size).find(struct.pack(">II" if b.on.big_endian else "<II", *TABLE))
    expect(at >= 0, "the region table was not found in the purgatory")
    return mem + at + IN_TABLE


def check_damage(b, g):
    """The purgatory names what was flipped and resets, or stops where the row asks for that."""
    kind = b.row.flip
    what = "region table" if kind == "table" else rf"region \d+ {kind} at 0x[0-9a-f]+"
    end = "halting" if "halt" in b.row.load_args else "resetting"
    g.wait(rf"baton: purgatory: {what} is damaged, {end}", limit=40,
           never=r"regions ok|not verified|@@ up (b|capture)")
    if end == "resetting":
        g.finish(limit=20)
        return
    try:
        g.finish(limit=3)
    except GuestError as err:
        expect("did not end" in str(err), str(err))
        return
    raise Failed("the machine was reset, but should have stopped")


def flip_crash(b):
    """A bit of the armed image is flipped in the guest's RAM; the purgatory must notice."""
    ram = b.dir / "ram.bin"
    ram.unlink(missing_ok=True)
    words = load_words(b.row, True, "/capture.img", f"{b.capture} nonce={b.nonce}")
    script = CRASH_SCRIPT.format(seed=b.nonce, words=words, before="ask flip")
    g, _ = crash_guest(b, script, ram_file=ram)
    with g:
        g.wait(r"@@ ask flip", never=r"@@ FAILED")
        plan = json.loads(received(g, "plan.json"))
        place = lambda addr: phys_to_file(addr, b.memory, b.on.ram_base)      # noqa: E731
        at = target(b, plan, lambda a, n: read_ram(ram, place(a), n))
        flip_ram(ram, place(at), bit=3)
        g.send("go")
        if b.on.asks_first:
            check_refusal(g)
        else:
            check_damage(b, g)
    return g


def check_refusal(g):
    """The old kernel has asked, was told no without a word, and went on as if nothing were armed."""
    g.wait(r"Kernel panic - not syncing")
    g.finish(limit=40)
    expect(not g.grep(r"baton: purgatory:|@@ up capture"), "a damaged image was started")


def flip_swap(b):
    """The bit is flipped after the old kernel has asked, just before the purgatory runs for good."""
    sock = Path(f"/tmp/baton-gdb-{os.getpid()}-{b.nonce}.sock")
    words = load_words(b.row, True, "/capture.img", f"{b.capture} nonce={b.nonce}")
    script = CRASH_SCRIPT.format(seed=b.nonce, words=words, before="ask flip")
    try:
        g, _ = crash_guest(b, script, gdb=sock)
        with g:
            g.wait(r"@@ ask flip", never=r"@@ FAILED")
            plan = json.loads(received(g, "plan.json"))
            entry = int(plan["entry"], 16)
            gdb = Gdb(sock, limit=100).run_to(entry)    # between the two stops all is hashed
            g.send("go")
            gdb.at_break(entry)
            gdb.ask("s")
            gdb.run_to(entry).at_break(entry)
            gdb.flip(target(b, plan, gdb.read), bit=3)
            gdb.go()
            check_damage(b, g)
    finally:
        sock.unlink(missing_ok=True)
    return g


def swap(b):
    """s390x: low memory and the crash region change places; random bytes in the first must all come back.

    They lie between the lowcore and the image's place: where the purgatory itself is in the region.
    """
    low, image = 0x2000, 0x10000
    ram, mark = b.dir / "ram.bin", os.urandom(image - low)
    ram.unlink(missing_ok=True)
    words = load_words(b.row, True, "/capture.img", f"{b.capture} nonce={b.nonce}")
    script = CRASH_SCRIPT.format(seed=b.nonce, words=words, before="ask flip")
    g, _ = crash_guest(b, script, ram_file=ram)
    with g:
        g.wait(r"@@ ask flip", never=r"@@ FAILED")
        base = segment(json.loads(received(g, "plan.json")), "kernel")[0] - image
        with open(ram, "r+b", buffering=0) as memory:
            expect(not any(os.pread(memory.fileno(), len(mark), low)), "the old kernel uses that memory")
            os.pwrite(memory.fileno(), mark, low)
            g.send("go")
            g.wait(r"@@ up capture", limit=60)
            found = os.pread(memory.fileno(), len(mark), base + low)
        expect(found == mark, "old memory is not where the capture kernel looks for it")
    return g


def flip_jump(b):
    """The guest is stopped where the purgatory begins, and a bit of a segment is flipped there."""
    sock = Path(f"/tmp/baton-gdb-{os.getpid()}-{b.nonce}.sock")
    append = f"{b.console} role=b nodisk nonce={b.nonce}"
    words = load_words(b.row, False, "/b.img", append)
    script = f"""
baton plan --json {words} >/tmp/plan.json && emit plan.json /tmp/plan.json
must baton load {words}
ask flip
must baton exec --force
"""
    try:
        with b.guest(b.image_a(script, {"b.img": b.image_b()}), gdb=sock) as g:
            g.wait(r"@@ ask flip", never=r"@@ FAILED")
            plan = json.loads(received(g, "plan.json"))
            entry = int(plan["entry"], 16)
            gdb = Gdb(sock).run_to(entry)
            g.send("go")
            gdb.at_break(entry)
            gdb.flip(target(b, plan, gdb.read), bit=3)
            gdb.go()
            check_damage(b, g)
    finally:
        sock.unlink(missing_ok=True)
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
