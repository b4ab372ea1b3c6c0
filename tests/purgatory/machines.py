# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU's bare machines for purgatories, as data: how they are started, and what is different there."""
import shutil
from dataclasses import dataclass, field, replace

START = "\r\nbaton: purgatory: "
# What QEMU's exit status means: isa-debug-exit gives 2 * value + 1, a reset under -no-reboot 0.
DEBUG_EXIT, ENDED, PANICKED = 0x21, 0, 1


@dataclass(frozen=True)
class Machine:
    """nowhere, undefined: the CPU's numbers of these exceptions. entered and halted are exit statuses, None: it
    had to be ended, after patience seconds. nexts: what the next kernel says in these scenarios, instead of next.
    more: scenarios of this machine alone; not_here, and only these (all).
    flat: the file is firmware, at address 0."""
    name: str
    source: str
    compiler: str
    qemu: tuple
    nowhere: str
    undefined: str
    next: str = "next kernel: entered as booting.rst asks"
    nexts: dict = field(default_factory=dict)
    defines: tuple = ()
    conduit: str = ""
    payload: int = 0x46000000
    memory: int = 256
    high: int = 0
    sha: str = "generic"
    entered: int = ENDED
    halted: int | None = None
    patience: int = 5
    flat: bool = False
    firmware_speaks: bool = False
    program: str = ""
    more: dict = field(default_factory=dict)
    not_here: tuple = ()
    only: tuple = ()

    def gcc(self):
        """The CPU's compiler by Debian's or Fedora's name; Debian's where there is none."""
        names = [f"{self.compiler}-linux-gnu{x}-gcc" for x in ("", "eabihf")]
        names.append(f"{self.compiler}-redhat-linux-gcc")
        return next((n for n in names if shutil.which(n)), names[0])


def x86(name, next_, **more):
    # q35 puts 1 GiB of `high` above 4 GiB; only what is touched costs anything.
    return Machine(name, "x86.S", "x86_64", ("-M", "q35", "-cpu", "max", "-device",
                   "isa-debug-exit,iobase=0xf4,iosize=1"), "e", "6", next_, payload=0x600000, memory=64,
                   high=3072, entered=DEBUG_EXIT, patience=3, program="qemu-system-x86_64", **more)


NEXT_64 = "next kernel: 64-bit entry as boot.rst asks\r\n"
NEXT_32 = "next kernel: 32-bit entry as boot.rst asks\r\n"
NEXT_MORE = {"real16": "next kernel: real-mode entry as boot.rst asks\r\n",
             "multiboot": "next kernel: entered as Multiboot asks\r\n"}
OK = START + "2 regions ok ({sha})\r\n{next}"
NO_RESET = (START + "region 2 initrd at 0x{initrd:x} is damaged, resetting\r\n"
            + START + "nothing resets this machine, halting\r\n")
X86_MORE = {"silent": "{next}", "real16": OK, "multiboot": OK,
            "mode": START + "the mode of the entry is unknown, resetting\r\n"}
X86 = x86("q35", NEXT_64, nexts=NEXT_MORE | {"ok32": NEXT_32}, more=X86_MORE | {
    "ok32": OK, "high": OK,
    "high32": START + "a 32-bit entry needs all below 4 GiB, resetting\r\n"})
# Five levels of page tables are left by the old kernel; a next one that cannot take them gets four.
LA57 = x86("la57", NEXT_64, defines=("-DLA57",), more={"4-level": OK}, only=("ok", "4-level"))
I386 = x86("q35", NEXT_32, nexts=NEXT_MORE, defines=("-DI386",), not_here=("nowhere",), more=X86_MORE | {
    "mode": START + "the mode of the entry is not 32 bits, resetting\r\n"})


def arm(name, level, cpu, conduit):
    virt = "virt,highmem=off" + (",virtualization=on" if level == 2 else "")
    # A data abort that the CPU waits for, an undefined instruction: their vectors.
    return Machine(name, "arm.S", "arm", ("-M", virt, "-cpu", cpu), "10", "4", defines=(f"-DEL={level}",),
                   conduit=conduit, program="qemu-system-arm", more={"damaged-no-psci": NO_RESET})


def arm64(name, level, cpu, conduit, *words):
    virt = "virt" + (",virtualization=on" if level == 2 else "")
    lacks = START + "this CPU lacks the kernel's page size, resetting\r\n"
    guess = START + "region 2 initrd at 0x{initrd:x} is damaged, resetting\r\n"
    vhe = "VHE" in words
    # ESR: a data abort without a change of level, external; an unknown reason.
    return Machine(name, "arm64.S", "aarch64", ("-M", virt, "-cpu", cpu), "96000010", "2000000",
                   defines=(f"-DEL={level}", *(f"-D{w}" for w in words)), conduit=conduit,
                   sha="armv8-ce", program="qemu-system-aarch64",
                   # -cpu max has pages of 16 KiB.
                   more={"damaged-guess": guess, "damaged-no-psci": NO_RESET,
                         "16k": OK if vhe else lacks,
                         "far": START + "exception 0x960000* at 0x*, resetting\r\n"})


def ppc64(name, little, exceptions):
    caps = "cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off"
    return Machine(name, "ppc64.S", "powerpc64", ("-M", f"pseries,{caps}"), "300", "700",
                   defines=("-mbig", f"-DLITTLE={little}", f"-DSETMODE={exceptions}"), payload=0x200000,
                   # QEMU answers every address that real mode can say.
                   not_here=("nowhere",), sha="vshasigma", flat=True, program="qemu-system-ppc64",
                   more={"ok-generic": OK.replace("{sha}", "generic")})


MACHINES = {
    "x86_64": (X86, LA57),
    "i386": (I386,),
    "arm": (arm("svc", 1, "cortex-a15", "hvc"), arm("hyp", 2, "cortex-a15", "smc")),
    "arm64": (arm64("el1", 1, "cortex-a57", "hvc"), arm64("el2", 2, "cortex-a57", "smc"),
              arm64("vhe", 2, "max,pauth-impdef=on", "smc", "VHE"),
              # What a big-endian kernel leaves: its byte order.
              replace(arm64("big", 1, "cortex-a57", "hvc", "BIG"), only=("ok", "damaged", "undefined"))),
    # A little-endian kernel makes exceptions big-endian in its last steps, but not in all of them.
    "ppc64le": (ppc64("big", 1, 0), ppc64("little", 1, 1)),
    "ppc64": (ppc64("big", 0, 0),),
    # OpenSBI puts a CR before each LF: what went through it is known by that.
    "riscv64": (Machine("virt", "riscv64.S", "riscv64", ("-M", "virt", "-cpu", "rv64,zknh=on"), "5", "2",
                        "next kernel: entered as boot.rst asks", payload=0x86000000, sha="zknh",
                        firmware_speaks=True, program="qemu-system-riscv64",
                        more={"ok-generic": OK.replace("{sha}", "generic"),
                              "ok-sbi": OK.replace(")\r\n", ")\r\r\n"),
                              "damaged-sbi": START + "region 2 initrd at 0x{initrd:x} is damaged, "
                                                     "resetting\r\r\n"}),),
    # A disabled wait is a panic to QEMU.
    "s390x": (Machine("ccw", "s390x.S", "s390x", ("-M", "s390-ccw-virtio", "-action",
                      "panic=exit-failure"), "5", "1", "next kernel: entered with the lowcore as it was",
                      payload=0x600000, halted=PANICKED, program="qemu-system-s390x"),),
}
