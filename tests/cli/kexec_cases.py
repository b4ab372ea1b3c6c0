# SPDX-License-Identifier: GPL-2.0-or-later
"""Every command line with which services call kexec is understood and ends in the right call."""
import shlex
from dataclasses import dataclass

from lab import expect

L, F, U, SYNC, DOWN, JUMP = "kexec_load", "kexec_file_load", "unload", "sync", "ifdown", "reboot"


@dataclass
class Line:
    """who calls, how (K, I: kernel and initrd), what reaches the kernel; crash: by KEXEC_ON_CRASH."""
    name: str
    words: str
    calls: tuple
    crash: bool = False
    cmdline: str = None
    root: dict = None
    code: int = 0
    lab: object = None

    def check(self):
        self.lab.fresh(None, **(self.root or {}))
        words = [w.replace("=K", "=@/vmlinuz").replace("=I", "=@/initrd.img") for w in shlex.split(self.words)]
        words = [{"K": "@/vmlinuz", "I": "@/initrd.img"}.get(w, w) for w in words]
        code, _, err = self.lab.run([*words, "--sysroot=@/root"], "kexec")
        expect(code == self.code, f"exit code {code}: {err}")
        calls = self.lab.calls()
        expect(self.kinds(calls) == list(self.calls), f"calls {self.kinds(calls)}, wanted {self.calls}: {err}")
        for c in calls:
            self.check_call(c, err)

    def kinds(self, calls):
        """The calls' names; unloads are named so."""
        return [U if c["call"] == L and not c["segments"]
                or c["call"] == F and c["kernel"] is None else c["call"] for c in calls]

    def check_call(self, c, err):
        flags = int(c.get("flags", "0"), 16)
        if c["call"] == L:
            expect(bool(flags & 1) == self.crash, f"flags {flags:#x}")
        elif c["call"] == F:
            expect(bool(flags & 2) == self.crash, f"flags {flags:#x}")
            if self.cmdline is not None:
                expect(c["cmdline"] == self.cmdline, f"command line {c['cmdline']!r}: {err}")


LOADED = {"loaded": 1}
REUSED = "root=/dev/sda1 ro console=ttyS0 quiet"
TABLE = (
    Line("kdumpctl", "-s -p '--command-line=root=/dev/sda1 irqpoll nr_cpus=1' --initrd=I K", (F,), True,
         "root=/dev/sda1 irqpoll nr_cpus=1"),
    Line("kdumpctl without -s", "-p --command-line=a --initrd=I K", (F,), True, "a"),
    Line("kdumpctl ppc64", "--dt-no-old-root -p --command-line=a --initrd=I K", (F,), True),
    Line("kdumpctl i686", "--elf32-core-headers -p --command-line=a --initrd=I K", (F,), True),
    Line("kdumpctl unload", "-s -p -u", (U,), True),
    Line("kdumpctl unload plain", "-p -u", (U,), True),
    Line("earlykdump", "--elf64-core-headers -p --command-line=a --initrd=I K", (F,), True),
    Line("kdump-config", "-p -s --args-linux --command-line=a --initrd=I K", (F,), True),
    Line("kdump-config unload", "-s -p -u", (U,), True),
    Line("openSUSE load.sh", "-p K '--append=a b' --initrd=I -a", (F,), True, "a b"),
    Line("openSUSE unload.sh", "-a -p -u", (U,), True),
    Line("systemctl kexec", "--load K --append 'a b' --initrd I", (F,), False, "a b"),
    Line("dracut shutdown", "-e", (SYNC, DOWN, JUMP), root=LOADED),
    Line("Debian init", "-l K --initrd=I '--append=a b'", (F,), False, "a b"),
    Line("NixOS prepare-kexec", "--load K --initrd=I '--append=a init=/nix/store/x/init'", (F,)),
    Line("NixOS crashdump", "-p K --initrd=I --reset-vga --console-vga --command-line=a", (F,), True),
    Line("nixos-anywhere", "--load K --kexec-syscall-auto --initrd=I --no-checks --command-line 'a b'", (F,), False,
         "a b"),
    Line("SONiC", "-l K --initrd=I --append=a -a", (F,)),
    Line("SONiC -s", "-l K --initrd=I --append=a -s", (F,)),
    Line("SONiC unload", "-u -a", (U,)),
    Line("tukit", "-a -l K --initrd=I --reuse-cmdline", (F,), False, REUSED.replace("quiet", "crashkernel=128M quiet")),
    Line("linuxrc", "-a -l K --initrd=I '--append=a kexec=0'", (F,), False, "a kexec=0"),
    Line("ZFSBootMenu", "-a -l K --initrd=I --command-line=a", (F,)),
    Line("ZFSBootMenu jump", "-e -i", (SYNC, DOWN, JUMP), root=LOADED),
    Line("Heads", "-l K --initrd=I --append=a", (F,)),
    Line("petitboot", "-l --debug --initrd=I --append=a K", (F,)),
    Line("Qubes, Xen", "-l @/xen.gz --append=a '--module=@/vmlinuz b' --module=@/initrd.img", (L,)),
    Line("petitboot dtb", "-l --initrd=I --dtb=/x.dtb --append=a K", (F,)),
    Line("petitboot jump", "-e -f", (SYNC, DOWN, JUMP), root=LOADED),
    Line("prairiedog", "-ps --reuse-cmdline --append b=c K", (F,), True, REUSED + " b=c"),
    Line("kdumpst", "-s -p K --initrd I --append=a", (F,), True),
    Line("live-bootstrap", "-l K --console-serial --append=a", (F,)),
    Line("kexec-reboot", "K --initrd=I --append=a", (F, "orderly"), root=LOADED),
    Line("LTP load", "-s -l K --append=foo", (F,), False, "foo"),
    Line("LTP reuse", "-s -l K --reuse-cmdline", (F,)),
    Line("LTP unload", "-su", (U,)),
    Line("kselftest load", "--load K", (F,)),
    Line("kselftest unload", "--unload", (U,)),
    Line("kselftest file", "--load --kexec-file-syscall K", (F,)),
    Line("kselftest unload file", "--unload --kexec-file-syscall", (U,)),
    Line("liveupdate", "-l -s --reuse-cmdline K --initrd=I", (F,)),
    Line("by kexec_load", "-c -l K --initrd=I --append=a", (L,)),
    Line("by kexec_load, crash", "-c -p K --initrd=I --append=a", (L,), True),
    Line("a window needs kexec_load", "-l K --mem-min=0x1000000 --mem-max=0x2fffffff", (L,)),
    Line("a lower bound needs kexec_load", "-l K --mem-min=0x1000000", (L,)),
    Line("an upper bound needs kexec_load", "-l K --mem-max=0x2fffffff", (L,)),
    Line("options behind the line", "-l K '--append=a b' --noefi --reuse-video-type --pass-memmap-cmdline -d -i",
         (F,), False, "a b"),
    Line("the 32-bit entry needs kexec_load", "-l --entry-32bit K", (L,)),
    Line("load and jump", "-f K --append=a", (F, SYNC, DOWN, JUMP), root=LOADED),
    Line("load and jump, fast", "-f -x -y K", (F, JUMP), root=LOADED),
    Line("jump, fast", "-exy", (JUMP,), root=LOADED),
    Line("two kernels", "-l K K", (), code=1),
    Line("two calls", "-l -s -c K", (), code=1),
)


def cases(lab, bless):
    for case in TABLE:
        case.lab = lab
        yield case
