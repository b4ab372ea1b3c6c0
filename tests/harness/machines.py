# SPDX-License-Identifier: GPL-2.0-or-later
"""The machines of the guests, one per CPU, as data: QEMU's words for them and what their kernels need.

A row of the matrix takes from here whatever it does not say itself.  Names of CPUs are baton's.
"""
from dataclasses import dataclass

REST = "panic=-1"
# SeaBIOS, or the EFI stub of kernel A (which no kexec enters), say this once per reset.
X86_FIRMWARE = r"SeaBIOS \(version|EFI stub: Loaded initrd"


@dataclass(frozen=True)
class Machine:
    """memory in MiB, limit in seconds; console and capture are words of every, and of the capture kernel's line.

    greeting is what the serial line shows exactly once per reset (by default kernel A's init);
    digest is what the purgatory must hash by, empty where that is for QEMU's version to say.
    ram_base is where RAM begins, None for the map of a PC; triple is the cross compiler's.
    firmware_below: memory below that address may be the firmware's alone, and in no dump.
    asks_first: a panicking kernel first asks the purgatory whether all is sound, and reboots if it is not.
    """
    debian: str
    program: str
    machine: str
    cpu: str
    flavour: str
    console: str
    triple: str = ""
    suite: str = "bookworm"
    memory: int = 1024
    crashkernel: str = "192M"
    capture: str = "nr_cpus=1 reset_devices"
    accel: str = "tcg"
    digest: str = ""
    ram_base: int | None = 0
    greeting: str = r"^@@ up a "
    big_endian: bool = False
    asks_first: bool = False
    page: int = 4096
    firmware_below: int = 0
    limit: int = 300


MACHINES = {
    "x86_64": Machine("amd64", "qemu-system-x86_64", "q35", "max", "cloud",
                      f"console=ttyS0 {REST} no_timer_check", memory=512, crashkernel="128M",
                      capture="irqpoll nr_cpus=1 reset_devices", ram_base=None, greeting=X86_FIRMWARE,
                      limit=120),
    "i386": Machine("i386", "qemu-system-i386", "pc", "max", "686-pae",
                    f"console=ttyS0 {REST} no_timer_check", "i686-linux-gnu", crashkernel="128M",
                    capture="irqpoll nr_cpus=1 reset_devices", ram_base=None, greeting=X86_FIRMWARE),
    "arm": Machine("armhf", "qemu-system-arm", "virt,highmem=off", "cortex-a15", "armmp",
                   f"console=ttyAMA0 {REST}", "arm-linux-gnueabihf", crashkernel="128M",
                   ram_base=0x40000000),
    "arm64": Machine("arm64", "qemu-system-aarch64", "virt", "cortex-a57", "cloud-arm64",
                     f"console=ttyAMA0 {REST}", "aarch64-linux-gnu", ram_base=0x40000000,
                     digest="armv8-ce"),
    # The caps are those that TCG has; without them pseries refuses to start.
    "ppc64le": Machine("ppc64el", "qemu-system-ppc64",
                       "pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off",
                       "", "powerpc64le", f"console=hvc0 {REST}", "powerpc64le-linux-gnu",
                       memory=2048, crashkernel="256M", page=65536, digest="vshasigma"),
    "ppc64": Machine("", "qemu-system-ppc64",
                     "pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off",
                     "", "mini-ppc64", f"console=hvc0 {REST}", "powerpc64-linux-gnu",
                     crashkernel="128M", big_endian=True, digest="vshasigma"),
    # A small cache of translated code: stores into pages that once held code are slow (else 60 s).
    "s390x": Machine("s390x", "qemu-system-s390x", "s390-ccw-virtio", "max", "s390x", REST,
                     "s390x-linux-gnu", accel="tcg,tb-size=16", big_endian=True, asks_first=True),
    "riscv64": Machine("riscv64", "qemu-system-riscv64", "virt", "", "riscv64",
                       f"console=ttyS0 {REST}", "riscv64-linux-gnu", suite="trixie",
                       ram_base=0x80000000, greeting=r"^OpenSBI v", firmware_below=0x80080000),
}
