# SPDX-License-Identifier: GPL-2.0-or-later
"""The matrix of guests, as data.  A row names its scenario and what differs from the defaults.

named rows run in ./check, all rows in check-full.  How to add one: docs/TESTING.md.
"""
from dataclasses import dataclass
from typing import Callable, Optional

from harness.guest import newer_sbi
from harness.machines import MACHINES
from vm import forms, openers, peer, xen
from vm.bench import expect, segment
from vm.flips import flip_crash, flip_jump, flip_swap, swap
from vm.relocated import PLACES, relocated, there
from vm.stories import crash, crash_hotplug, jump, other_cpu, refused, replay, save_fails, script
from vm.written import written, written_crash, written_kaslr, written_moves


@dataclass(frozen=True)
class Row:
    """One guest run.  memory in MiB; append goes to the next kernel's line, a_append to kernel A's.

    What is empty or 0 is as the CPU's machine has it (harness/machines.py).  bare needs no
    program; form: makes the next kernel's file (forms.py), which brings what is inside
    (initrd, cmdline) along; opens: asks a debugger (openers.py); firmware: gets another than
    QEMU's own; before: what kernel A does before it plans a jump.
    """
    name: str
    scenario: Callable
    named: bool = False
    arch: str = "x86_64"
    bare: bool = False
    syscall: str = "load"
    flavour: str = ""
    next_flavour: str = ""
    form: Optional[Callable] = None
    inside: tuple = ()
    opens: Optional[Callable] = None
    firmware: Optional[Callable] = None
    memory: int = 0
    crashkernel: str = ""
    cpus: int = 1
    cpu: str = ""
    machine: str = ""
    limit: int = 0
    qemu: tuple = ()
    append: str = ""
    a_append: str = ""
    before: str = ""
    a_script: str = ""
    b_script: str = ""
    line_bytes: int = 0
    initrd_mb: int = 0
    load_args: tuple = ()
    flip: str = ""
    digest: str = ""
    newer_qemu: bool = False
    keep: bool = False
    kexec_name: bool = False
    kexec_args: tuple = ()
    disk_mb: int = 0
    save_exit: int = 0
    needs: tuple = ()
    check_plan: Optional[Callable] = None

    @property
    def on(self):
        return MACHINES[self.arch]


def initrd_above_4g(plan):
    mem, _ = segment(plan, "initrd")
    expect(mem >= 1 << 32, f"the initrd lies at 0x{mem:x}, below 4 GiB")


QUOTED = ' quoted="a b  c" empty= x=y=z path=/a/b,c=d;e \'single\' tail=1'
OVMF = "/usr/share/ovmf/OVMF.fd"

# What a caller can rely on: exit codes with nothing loaded, and that unload takes a load back.
CODES = """
code() { want=$1; shift; "$@"; r=$?; [ $r = $want ] || say "FAILED: $* ended with $r, not $want"; }
loaded() { code 0 test "$(cat /sys/kernel/kexec$1_loaded)" = "$2"; }
code 1 baton exec --force
code 0 baton unload
code 0 baton status
code 2 baton load --no-such-option /vmlinuz
code 1 baton load /etc/absent
code 1 baton load --crash --initrd /b.img /vmlinuz
code 0 baton load --initrd /b.img --append console=ttyS0 /vmlinuz
loaded '' 1
code 1 baton exec
code 1 baton load --initrd /b.img /init
loaded '' 1
code 0 baton status
code 0 baton unload
loaded '' 0
code 0 kexec -c -l --initrd=/b.img --append=console=ttyS0 /vmlinuz
code 1 kexec -l -S
code 0 kexec -u
code 0 kexec -l -S
say passed
"""

# What kernel B says of where it lies: --load-address is kept to the byte, --avoid reaches its map.
STAYS_AT_256M = """
grep -q '^c000000010000000 . _stext' /proc/kallsyms || say "FAILED: $(grep -w _stext /proc/kallsyms)"
say passed
"""
AT_128M = """
grep -q '^ *0\\?8000000-.* : Kernel code' /proc/iomem || say "FAILED: $(grep Kernel /proc/iomem)"
grep -q nokaslr /proc/cmdline || say "FAILED: no nokaslr"
say passed
"""
ABOVE_1G = """
bad=$(grep 'System RAM' /proc/iomem | grep -v '^0000[01]' | grep '^[0-3]')
[ -z "$bad" ] || say "FAILED: avoided memory is in use: $bad"
grep -q '^00100000-3fffffff : Unusable memory' /proc/iomem || say "FAILED: $(cat /proc/iomem)"
say passed
"""

# A locked-down kernel: the file call alone is asked, its refusal is final and told in the kernel's own
# words, and the armed image that the kernel threw away before it looked is not passed over (exit 3).
LOCKED = """
code() { want=$1; shift; "$@" >/tmp/said 2>&1; r=$?; cat /tmp/said
	[ $r = $want ] || say "FAILED: $* ended with $r, not $want"; }
said() { grep -q "$1" /tmp/said || say "FAILED: not said: $1"; }
mount -t securityfs s /sys/kernel/security
code 0 baton load --crash --initrd /b.img --append x /vmlinuz
echo integrity >/sys/kernel/security/lockdown
code 1 baton load --initrd /b.img --append x /vmlinuz
said 'kexec_file_load is used: this kernel is locked down'
said 'kernel: Lockdown: baton: kexec of unsigned images is restricted'
code 1 baton load --syscall load --initrd /b.img --append x /vmlinuz
said 'kexec_load: Operation not permitted: the kernel is locked down'
code 1 kexec -l --initrd=/b.img /vmlinuz
code 0 test "$(cat /sys/kernel/kexec_crash_loaded)" = 1
code 3 baton load --crash --initrd /b.img --append x /vmlinuz
said UNPROTECTED
code 0 baton unload --crash
echo 1 >/proc/sys/kernel/kexec_load_disabled
code 1 baton load --syscall file /vmlinuz
said 'kernel.kexec_load_disabled is 1'
say passed
"""

X86 = (
    # The two stories, by both system calls.
    Row("jump-load", jump, named=True),
    Row("jump-file", jump, named=True, syscall="file"),
    Row("crash-load", crash, named=True),
    Row("crash-file", crash, named=True, syscall="file"),
    # What lies in memory is not what was loaded: no jump, a reset.
    Row("flip-jump-kernel", flip_jump, named=True, flip="kernel"),
    Row("flip-jump-initrd", flip_jump, named=True, flip="initrd"),
    Row("flip-jump-boot_params", flip_jump, named=True, flip="boot_params"),
    Row("flip-jump-setup_data", flip_jump, named=True, flip="setup_data"),
    Row("flip-jump-table", flip_jump, flip="table"),
    Row("flip-crash-kernel", flip_crash, named=True, flip="kernel"),
    Row("flip-crash-initrd", flip_crash, named=True, flip="initrd"),
    Row("flip-crash-boot_params", flip_crash, named=True, flip="boot_params"),
    Row("flip-crash-elfcorehdr", flip_crash, named=True, flip="elfcorehdr"),
    Row("flip-crash-setup_data", flip_crash, flip="setup_data"),
    Row("flip-crash-table", flip_crash, named=True, flip="table"),
    Row("flip-crash-halt", flip_crash, flip="initrd", load_args=("--on-mismatch", "halt")),
    # Sizes, places, lines.
    Row("initrd-300mb", jump, named=True, memory=2048, initrd_mb=300),
    Row("initrd-above-4g", jump, named=True, memory=6144, check_plan=initrd_above_4g,
        load_args=("--mem-min", "0x100000000")),
    Row("line-quotes", jump, named=True, append=QUOTED),
    Row("line-2000", jump, named=True, line_bytes=2000),
    Row("load-address", jump, named=True, load_args=("--load-address", "128M"), b_script=AT_128M),
    Row("avoid-first-gib", jump, named=True, memory=2048, b_script=ABOVE_1G,
        load_args=("--avoid", "0x100000-0x3fffffff")),
    # What the next kernel writes before it owns memory is what our model says.
    Row("written", written, named=True, append=" nokaslr", a_append="nokaslr"),
    Row("written-crash", written_crash, append=" nokaslr", a_append="nokaslr"),
    Row("written-kaslr", written_kaslr),
    # A refusal costs nothing; four processors.
    Row("refused-keeps-armed", refused, named=True),
    Row("crash-4-cpus", crash, named=True, cpus=4),
    Row("jump-4-cpus", jump, cpus=4),
    Row("crash-opened", crash, opens=openers.crash),
    # The crash region above 4 GiB, with a low one that is only DMA memory for the capture kernel.
    Row("crash-above-4g", crash, memory=5120, crashkernel="256M,high"),
    # A snapshot replayed on the host; what callers rely on; a dump that cannot be saved.
    Row("replay-jump", replay, named=True),
    Row("replay-crash", replay, named=True, a_append="crashkernel=128M"),
    Row("exit-codes", script, named=True, a_script=CODES),
    Row("locked-down", script, named=True, a_script=LOCKED, a_append="crashkernel=128M"),
    Row("jump-kexec-name", jump, named=True, kexec_name=True),
    Row("jump-entry-32", jump, kexec_name=True, kexec_args=("--entry-32bit",)),
    Row("save-disk-full", save_fails, named=True, disk_mb=48, save_exit=5),
    Row("save-exists", save_fails, save_exit=7, a_script="touch /mnt/vmcore; sync"),
    # The vmlinux in a bzImage, moved by the list behind it.
    *(Row(name, relocated, memory=1024, b_script=there(name), next_flavour="" if virtual else "686-pae")
      for name, (_, virtual) in PLACES.items()),
    # SHA-256 instructions in the purgatory: TCG has them since QEMU 8.
    Row("jump-sha-ni", jump, named=True, newer_qemu=True, digest="sha-ni"),
    Row("crash-sha-ni", crash, newer_qemu=True, digest="sha-ni"),
    Row("flip-crash-sha-ni", flip_crash, newer_qemu=True, flip="initrd"),
    # The kernel as an ELF file, by its own entry (which leaves 5-level paging) and by that of PVH.
    Row("jump-vmlinux", jump, named=True, form=forms.vmlinux, memory=1024),
    Row("crash-vmlinux", crash, form=forms.vmlinux, memory=1024, crashkernel="256M"),
    Row("jump-vmlinux-zst", jump, form=forms.vmlinux_zst, memory=1024),
    Row("jump-uki", jump, named=True, form=forms.uki, inside=("initrd", "cmdline")),
    Row("jump-vmlinux-pvh", jump, form=forms.vmlinux, memory=1024, load_args=("--entry", "pvh")),
    Row("jump-entry-16", jump, load_args=("--entry", "16")),
    Row("jump-to-i386", other_cpu, next_flavour="686-pae"),
    # A hypervisor, by its headers of both versions, and Linux on it (of the flavour that can be its first domain).
    # One takes our memory map, the other asks the BIOS, as a multiboot kernel may.
    *(Row(name, xen.to_xen, form=form, append=line, cpu="qemu64", memory=1024, limit=300, next_flavour="amd64")
      for name, form, line in (("jump-xen", xen.hypervisor, xen.NO_BIOS), ("jump-xen-1", xen.version_1, ""))),
    # Debian's flavours.
    Row("jump-amd64", jump, flavour="amd64", memory=1024),
    Row("crash-amd64", crash, flavour="amd64", memory=768, crashkernel="256M"),
    Row("jump-rt", jump, flavour="rt", memory=1024),
    Row("crash-rt", crash, flavour="rt", memory=768, crashkernel="256M"),
    # Linux 6.12 faults at random places under QEMU 7.2's TCG, without any kexec too: the newer one.
    Row("jump-backports", jump, flavour="backports", newer_qemu=True),
    Row("crash-backports", crash, flavour="backports", newer_qemu=True, memory=768,
        crashkernel="256M"),
    Row("crash-hotplug", crash_hotplug, flavour="backports", newer_qemu=True, memory=768, crashkernel="256M",
        cpus=2),
    Row("jump-cloud-to-backports", jump, next_flavour="backports", newer_qemu=True, memory=768),
    # Firmware, machine and paging variants.
    Row("jump-efi", jump, qemu=("-bios", OVMF), memory=1024, needs=(OVMF,)),
    Row("crash-efi", crash, qemu=("-bios", OVMF), memory=1024, crashkernel="192M", needs=(OVMF,)),
    Row("jump-pc", jump, machine="pc"),
    Row("crash-pc", crash, machine="pc"),
    Row("jump-4-level", jump, cpu="max,la57=off"),
    Row("crash-4-level", crash, cpu="max,la57=off"),
)


# Kernel A forgets that it was started with a device tree: the next one is told by ATAGs.
NO_TREE = "must mount -t tmpfs none /sys/firmware\n[ ! -e /proc/device-tree/ ] || say 'FAILED: a tree'"
STORIES = ("jump-load", "crash-load")
FILE_STORIES = ("mini-jump-file", "mini-crash-file")
AAVMF = "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd"
# Kinds of segments that a load has beside kernel and initrd (and elfcorehdr, for a crash).
OWN_KINDS = {"i386": ("boot_params", "setup_data"), "s390x": ()}

# Where the capture kernel makes the crash header itself.
OWN_HEADER = ("s390x",)


def every_cpu(arch, check=(), **more):
    """The rows that each CPU has; their names begin with the CPU's.  check: what ./check runs of them."""
    def row(name, scenario, **own):
        return Row(f"{arch}-{name}", scenario, arch=arch, named=name in check, **(more | own))
    own = OWN_KINDS.get(arch, ("dtb",))
    yield row("boots", script, bare=True, a_script="say passed")
    yield row("jump-load", jump)
    yield row("crash-load", crash)
    yield row("jump-2-cpus", jump, cpus=2)
    yield row("crash-2-cpus", crash, cpus=2)
    yield row("replay-jump", replay)
    yield row("written", written, append=" nokaslr", a_append="nokaslr")
    if arch != "s390x":
        yield row("written-crash", written_crash, append=" nokaslr", a_append="nokaslr")
    if "dtb" in own:
        yield row("jump-dtb", jump, load_args=("--dtb", "/sys/firmware/fdt"))
    for kind in ("kernel", "initrd", *own, "table"):
        yield row(f"flip-jump-{kind}", flip_jump, flip=kind)
    header = () if arch in OWN_HEADER else ("elfcorehdr",)
    for kind in ("kernel", "initrd", *header, *own, "table"):
        yield row(f"flip-crash-{kind}", flip_crash, flip=kind)


def small_kernel(arch, calls=("load", "file"), check=(), **more):
    """Jump and crash of the small kernel, by both system calls."""
    yield Row(f"{arch}-mini-boots", script, arch=arch, flavour=f"mini-{arch}", bare=True,
              a_script="say passed")
    for call in calls:
        for story in (jump, crash):
            name = f"mini-{story.__name__}-{call}"
            own = more.get(call, {})
            yield Row(f"{arch}-{name}", story, arch=arch, syscall=call, named=name in check,
                      **({"flavour": f"mini-{arch}"} | own))


def both(arch, name, **more):
    """A jump and a crash that differ from the first rows by @more."""
    for story in (jump, crash):
        yield Row(f"{arch}-{story.__name__}-{name}", story, arch=arch, **more)


# QEMU's powernv without defaults has no PCI bus, and no BMC: nobody would switch off or reset it.
POWERNV = ("-device", "pnv-phb,chip-id=0,index=0", "-device", "pnv-phb-root-port,id=rp0",
           "-device", "ipmi-bmc-sim,id=bmc0", "-device", "isa-ipmi-bt,bmc=bmc0,irq=10")

BY_SBI = ("--purgatory-console", "hvc0")

OTHERS = (
    *every_cpu("i386", STORIES),
    *both("i386", "686", flavour="686"),
    # Debian 13 has no kernel of this CPU: 6.5 is the newest.
    *both("i386", "backports", flavour="686-pae-backports"),
    # The newer QEMU: in 7.2 an i386 guest's first program hangs as soon as there is RAM above 4 GiB.
    # 36 bits: else its firmware puts virtio's registers where no 32-bit kernel can map them.
    *both("i386", "q35-3g", machine="q35", memory=3072, newer_qemu=True, cpu="max,phys-bits=36"),
    Row("i386-jump-sha-ni", jump, arch="i386", newer_qemu=True, digest="sha-ni"),
    *small_kernel("i386", ("load",)),

    *every_cpu("arm", STORIES),
    *both("arm", "lpae", flavour="armmp-lpae"),
    *both("arm", "trixie", flavour="armmp-trixie"),
    *small_kernel("arm", ("load",)),
    *both("arm", "image", form=forms.raw_arm_image),
    *both("arm", "hyp", machine="virt,highmem=off,virtualization=on"),
    Row("arm-jump-atags", jump, arch="arm", form=forms.zimage_with_tree, before=NO_TREE,
        append=" earlycon=pl011,0x9000000"),
    Row("arm-jump-uimage", jump, arch="arm", form=forms.uimage, inside=("initrd",)),
    # As written, but put so low that the zImage must move itself out of its own way: no plan of ours does that.
    Row("arm-written-moves", written_moves, arch="arm", append=" nokaslr", a_append="nokaslr"),
    Row("arm-kexec-tools-jump", peer.jump_fails, arch="arm", bare=True),
    Row("arm-kexec-tools-crash", peer.crash_fails, arch="arm", bare=True),

    *every_cpu("arm64", STORIES),
    *both("arm64", "efi", qemu=("-bios", AAVMF), needs=(AAVMF,)),
    *both("arm64", "el2", machine="virt,virtualization=on"),
    *both("arm64", "el2-vhe", machine="virt,virtualization=on", cpu="max,pauth-impdef=on"),
    *both("arm64", "full", flavour="arm64"),
    Row("arm64-crash-opened", crash, arch="arm64", opens=openers.drgn),
    *both("arm64", "backports", flavour="arm64-backports"),
    *small_kernel("arm64", check=FILE_STORIES),
    Row("arm64-jump-image-gz", jump, arch="arm64", form=forms.packed),
    Row("arm64-jump-zboot", jump, arch="arm64", form=forms.zboot),
    Row("arm64-jump-fit", jump, arch="arm64", form=forms.fit, inside=("initrd",)),
    Row("arm64-jump-android", jump, arch="arm64", form=forms.android, inside=("initrd", "cmdline")),
    Row("arm64-kexec-tools-core", peer.core_is_wrong, arch="arm64", bare=True),

    *every_cpu("ppc64le", STORIES),
    *both("ppc64le", "trixie", flavour="powerpc64le-trixie"),
    Row("ppc64le-crash-hotplug", crash_hotplug, arch="ppc64le", flavour="powerpc64le-trixie", cpus=2),
    *both("ppc64le", "powernv", machine="powernv9", limit=300, qemu=POWERNV),
    # As low as it can lie beside Debian's kernel, which takes 41 MiB.  The dump goes through virtio_blk,
    # a module: its CRCs (MODVERSIONS) must be right in a kernel that was moved.
    Row("ppc64le-crash-low", crash, arch="ppc64le", crashkernel="192M@48M"),
    # Lower only beside a small kernel.
    Row("ppc64le-crash-at-32m", crash, arch="ppc64le", flavour="mini-ppc64le", next_flavour="powerpc64le",
        memory=1024, crashkernel="256M@32M"),
    # Linked at 256 MiB by `baton relocate`: run there, and moved from there by its own list.
    Row("ppc64le-jump-relocated", jump, arch="ppc64le", form=forms.at_256m, load_args=("--load-address", "256M"),
        b_script=STAYS_AT_256M),
    Row("ppc64le-crash-relocated", crash, arch="ppc64le", form=forms.at_256m),
    # Not moved to 0, as it would by itself.
    Row("ppc64le-load-address", jump, arch="ppc64le", load_args=("--load-address", "256M"),
        b_script=STAYS_AT_256M),
    Row("ppc64le-flip-crash-powernv", flip_crash, arch="ppc64le", flip="initrd",
        machine="powernv9", limit=300, qemu=POWERNV),
    Row("ppc64le-jump-zimage", jump, arch="ppc64le", form=forms.ppc_zimage, inside=("initrd",)),
    *small_kernel("ppc64le", load={"memory": 1024},
                  file={"memory": 1024, "qemu": ("-m", "slots=4,maxmem=2G")}),

    *every_cpu("ppc64"),
    *small_kernel("ppc64", ("file",), file={"qemu": ("-m", "slots=4,maxmem=2G")}),

    # Debian's kernel of this CPU has no CRASH_DUMP: all crashes are the small kernel's.
    *every_cpu("s390x", ("crash-load", "written"), flavour="mini-s390x"),
    Row("s390x-jump-debian", jump, arch="s390x", named=True),
    *(Row(f"s390x-flip-swap-{kind}", flip_swap, arch="s390x", flavour="mini-s390x", flip=kind)
      for kind in ("kernel", "initrd", "table")),
    Row("s390x-swap", swap, arch="s390x", flavour="mini-s390x"),
    # The purgatory above 2 GiB: the SCLP reaches no further, so it borrows memory of the old kernel.
    Row("s390x-crash-above-2g", crash, arch="s390x", flavour="mini-s390x", memory=2304,
        crashkernel="128M@2176M", limit=600),
    Row("s390x-boots-debian", script, arch="s390x", bare=True, a_script="say passed"),
    *small_kernel("s390x", ("file",), check=FILE_STORIES),

    *every_cpu("riscv64", STORIES),
    *both("riscv64", "zknh", cpu="rv64,zknh=on", digest="zknh"),
    # The firmware's console: by the call of old, which is all that QEMU's firmware has, and by the new one.
    Row("riscv64-jump-sbi", jump, arch="riscv64", load_args=BY_SBI),
    Row("riscv64-jump-sbi-debug", jump, arch="riscv64", load_args=BY_SBI, firmware=newer_sbi),
    Row("riscv64-flip-crash-sbi-debug", flip_crash, arch="riscv64", flip="initrd", load_args=BY_SBI,
        firmware=newer_sbi),
    Row("riscv64-jump-zboot", jump, arch="riscv64", form=forms.zboot),
    # Linux 6.1 loads only an ELF file here by kexec_file_load.
    *small_kernel("riscv64", file={"form": forms.vmlinux}),
)
ROWS = X86 + OTHERS
