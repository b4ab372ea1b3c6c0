# SPDX-License-Identifier: GPL-2.0-or-later
"""A small machine as a folder of /proc and /sys files, for tests of the command line. Written by hand
after a QEMU q35 guest with 1 GiB, so that every number is known; real ones are in tests/machines."""
import json
from pathlib import Path

RAM = ((0x1000, 0x9fbff), (0x100000, 0x3ffdffff))
CRASH = (0x30000000, 0x37ffffff)
RESERVED = ((0, 0xfff), (0x9fc00, 0x9ffff), (0xf0000, 0xfffff), (0x3ffe0000, 0x3fffffff))


def iomem(crash, crash_end):
    lines = []
    for start, end, name in sorted([(*r, "System RAM") for r in RAM] + [(*r, "Reserved") for r in RESERVED]):
        lines.append(f"{start:08x}-{end:08x} : {name}")
        if start == 0x100000:
            lines += ["  01000000-01dfffff : Kernel code", "  01e00000-024fffff : Kernel rodata",
                      "  02600000-0283ffff : Kernel data", "  02b4a000-02ffffff : Kernel bss"]
            lines += [f"  {CRASH[0]:08x}-{crash_end:08x} : Crash kernel"] if crash else []
    return "\n".join(lines) + "\n"


def files(crash=True, crash_end=CRASH[1], loaded=0, crash_loaded=0, lockdown="none", disabled=0, limits=(-1, -1),
          arch="x86_64", release="6.1.0-50-cloud-amd64",
          cmdline="BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro console=ttyS0 crashkernel=128M quiet"):
    """Path below the root -> content."""
    states = " ".join(f"[{s}]" if s == lockdown else s for s in ("none", "integrity", "confidentiality"))
    out = {
        "proc/iomem": iomem(crash, crash_end),
        "proc/cmdline": cmdline + "\n",
        "proc/meminfo": "MemTotal:        1012345 kB\nMemFree:          900000 kB\n",
        "proc/cpuinfo": "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu sse sse2 ssse3 lm\n\n",
        "proc/sys/kernel/random/boot_id": "11111111-2222-3333-4444-555555555555\n",
        "proc/sys/kernel/kexec_load_disabled": f"{disabled}\n",
        "proc/sys/kernel/kexec_load_limit_reboot": f"{limits[0]}\n",
        "proc/sys/kernel/kexec_load_limit_panic": f"{limits[1]}\n",
        "proc/consoles": "ttyS0                -W- (EC    )    4:64\n",
        "sys/kernel/kexec_loaded": f"{loaded}\n",
        "sys/kernel/kexec_crash_loaded": f"{crash_loaded}\n",
        "sys/kernel/kexec_crash_size": f"{crash_end - CRASH[0] + 1 if crash else 0}\n",
        "sys/kernel/security/lockdown": states + "\n",
        "sys/kernel/vmcoreinfo": "2a00000 1024\n",
        "sys/devices/system/cpu/present": "0\n",
        "sys/devices/system/cpu/possible": "0\n",
        "sys/devices/system/cpu/cpu0/crash_notes": "3fc00000\n",
        "sys/devices/system/cpu/cpu0/crash_notes_size": "368\n",
        "sys/class/tty/ttyS0/port": "0x3F8\n",
        "sys/class/tty/ttyS0/iomem_base": "0x0\n",
        "sys/class/tty/ttyS0/io_type": "0\n",
    }
    names = {"System RAM": RAM, "Reserved": RESERVED}
    for n, (start, end, name) in enumerate(sorted((*r, k) for k, v in names.items() for r in v)):
        for key, text in (("start", f"0x{start:x}"), ("end", f"0x{end:x}"), ("type", name)):
            out[f"sys/firmware/memmap/{n}/{key}"] = text + "\n"
    info = ("OSRELEASE=6.1.0-50-cloud-amd64\nPAGESIZE=4096\nSYMBOL(_stext)=ffffffff81000000\n"
            "NUMBER(phys_base)=0\nKERNELOFFSET=0\n")
    out["baton.json"] = json.dumps({"schema": 1, "arch": arch, "release": release,
                                    "page_size": 4096, "vmcoreinfo": info}) + "\n"
    return out


def write(root, **options):
    for name, text in files(**options).items():
        path = Path(root) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
