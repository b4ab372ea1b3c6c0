# SPDX-License-Identifier: GPL-2.0-or-later
"""What the program writes, word for word. A case's file: the command, exit code, both streams, the calls."""
import difflib
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from lab import expect

GOLDEN = Path(__file__).resolve().parent / "golden"
LOAD = "load --sysroot @/root --initrd @/initrd.img --append 'console=ttyS0 x=\"a b\"'"


@dataclass
class Golden:
    """words: the command line, @ = the lab's folder; name: argv[0]."""
    name: str
    words: str
    program: str = "baton"
    fake: dict = field(default_factory=dict)
    root: dict = field(default_factory=dict)
    lab: object = None
    bless: bool = False

    def summary(self, call):
        """A call in one line; addresses follow the compiler's purgatory, so only their number is here."""
        what = {k: v for k, v in call.items() if k not in ("entry", "segments")}
        return " ".join([what.pop("call")] + [f"{k}={v}" for k, v in what.items()]
                        + ([f"segments={len(call['segments'])}"] if "segments" in call else []))

    def text(self):
        self.lab.fresh(self.fake, **self.root)
        code, out, err = self.lab.run(shlex.split(self.words), self.program)
        calls = "".join(self.summary(c) + "\n" for c in self.lab.calls())
        body = f"$ {self.program} {self.words}\nexit {code}\n--- stdout\n{out}--- stderr\n{err}--- calls\n{calls}"
        return body.replace(str(self.lab.dir), "@")

    def check(self):
        path, text = GOLDEN / f"{self.name}.txt", self.text()
        if self.bless:
            path.write_text(text)
        want = path.read_text() if path.exists() else ""
        diff = "".join(difflib.unified_diff(want.splitlines(True), text.splitlines(True), "golden", "now"))
        expect(not diff, "\n" + diff)


KMSG = {"log.kexec_file_load": "3,1,2,-;PEFILE: Unsigned PE binary\n6,2,3,-;usb 1-1: not about us\n"}
G = Golden
TABLE = (
    G("help", "--help"), G("version", "--version"), G("no-command", ""), G("no-such-command", "lode x"),
    G("no-such-command-json", "lode --json x"),
    G("no-such-option", "--nonsense"),
    *(G(f"help-{c}", f"{c} --help") for c in ("inspect", "plan", "load", "exec", "unload", "status", "snapshot",
                                             "save", "info", "crcs", "relocate")),
    G("help-kexec", "--help", program="kexec"), G("version-kexec", "-v", program="/sbin/kexec"),
    # Usage errors: exit 2, with --json an object.
    G("load-no-image", "load"), G("load-two-images", "load a b"), G("load-bad-option", "load --no-such-option @/vmlinuz"),
    G("load-bad-number", "load --mem-max 12Q @/vmlinuz"), G("load-bad-range", "plan --avoid 2M-1M @/vmlinuz"),
    G("load-bad-choice", "load --syscall both @/vmlinuz"), G("load-window", "load --mem-min 2G --mem-max 1G @/vmlinuz"),
    G("load-dtb", f"{LOAD} --dtb @/nothing.dtb @/vmlinuz"),
    G("load-bad-json", "load --json --avoid 7 @/vmlinuz"), G("load-value-missing", "load @/vmlinuz --append"),
    # Errors as text and as an object.
    G("inspect", "inspect @/vmlinuz"), G("inspect-json", "inspect --json @/vmlinuz"),
    G("inspect-packed", "inspect @/vmlinuz.packed"),
    G("inspect-packed-json", "inspect --json @/vmlinuz.packed"),
    G("inspect-nameless", "inspect @/vmlinuz.nameless"), G("inspect-lies-json", "inspect --json @/vmlinuz.lies"),
    G("inspect-absent", "inspect @/nothing"), G("inspect-absent-json", "inspect --json @/nothing"),
    G("inspect-directory-json", "inspect --json @/root"),
    # Module CRCs.
    G("crcs", "crcs @/vmlinux"), G("crcs-json", "crcs --json @/vmlinux"),
    G("crcs-check", "crcs --check @/vmlinux --against @/Module.other"),
    G("crcs-check-json", "crcs @/vmlinux --check --json --against @/Module.other"),
    G("crcs-check-same", "crcs --check @/vmlinux --against @/Module.symvers"),
    G("crcs-check-alone", "crcs --check @/vmlinux"), G("crcs-against-alone", "crcs @/vmlinux --against @/vmlinux"),
    G("crcs-against-vmlinux", "crcs --json --check @/vmlinux --against @/vmlinux"),
    G("crcs-packed", "crcs @/vmlinuz.packed"), G("crcs-initrd", "crcs --json @/initrd.img"),
    # Loads, by both calls.
    G("load", f"{LOAD} @/vmlinuz"), G("load-json", f"{LOAD} --json @/vmlinuz"),
    G("load-file", f"{LOAD} --syscall file @/vmlinuz"), G("load-dry-run-quiet", f"{LOAD} --syscall file --dry-run --json @/vmlinuz"),
    G("load-two-initrds", "load --sysroot @/root --syscall file --initrd @/two.img --initrd @/initrd.img @/vmlinuz"),
    G("load-reuse", "load --sysroot @/root --syscall file --reuse-cmdline --append 'a=b' @/vmlinuz"),
    G("load-crash", f"{LOAD} --crash @/vmlinuz"), G("load-crash-file", f"{LOAD} --crash --syscall file --json @/vmlinuz"),
    G("load-crash-reuse", "load --sysroot @/root --crash --syscall file --reuse-cmdline @/vmlinuz"),
    G("load-crash-no-region", f"{LOAD} --crash @/vmlinuz", root={"crash": False}),
    G("load-crash-small-region", f"{LOAD} --crash @/vmlinuz", root={"crash_end": 0x32ffffff}),
    G("load-crash-small-region-file", f"{LOAD} --crash --syscall file @/vmlinuz", root={"crash_end": 0x32ffffff}),
    G("load-lockdown", f"{LOAD} @/vmlinuz", root={"lockdown": "integrity"}),
    G("load-lockdown-option", f"{LOAD} --avoid 1G-2G @/vmlinuz", root={"lockdown": "integrity"}),
    G("load-not-root", f"{LOAD} @/vmlinuz", fake={"errno.privilege": "EPERM"}),
    G("load-notes", f"{LOAD} --load-address 0x2000000 @/vmlinuz"),
    G("load-notes-dry-run-json", f"{LOAD} --syscall file --dry-run --json @/vmlinuz",
      root={"lockdown": "integrity"}),
    # On the running machine only.
    G("live-load-sysroot", f"{LOAD} @/vmlinuz", fake={"strict": ""}),
    G("live-load-sysroot-dry-run", f"{LOAD} --syscall file --json --dry-run @/vmlinuz", fake={"strict": ""}),
    G("live-load-foreign", "load --arch arm64 @/vmlinuz", fake={"strict": ""}),
    G("live-exec-sysroot", "exec --sysroot @/root", fake={"strict": ""}, root={"loaded": 1}),
    G("live-unload-sysroot", "unload --json --sysroot @/root", fake={"strict": ""}),
    G("live-kexec-sysroot", "-l --sysroot @/root @/vmlinuz", program="kexec", fake={"strict": ""}),
    # Refusals of the kernel.
    *(G(f"refused-{e.lower()}", f"{LOAD} --syscall file @/vmlinuz", fake={"errno.kexec_file_load": e, **KMSG})
      for e in ("EPERM", "ENODATA", "ENOKEY", "EKEYREJECTED", "ENOEXEC", "EINVAL", "ENOSYS", "ENOMEM", "EBUSY")),
    G("refused-load-eperm", f"{LOAD} @/vmlinuz", fake={"errno.kexec_load": "EPERM"}),
    G("refused-load-disabled", f"{LOAD} --json @/vmlinuz", fake={"errno.kexec_load": "EPERM"}, root={"disabled": 1}),
    G("refused-load-limit", f"{LOAD} --crash @/vmlinuz", fake={"errno.kexec_load": "EPERM"}, root={"limits": (-1, 0)}),
    G("load-ima", f"{LOAD} @/vmlinuz", fake={"errno.kexec_load": "EACCES"}),
    G("refused-load-eacces", f"{LOAD} --syscall load @/vmlinuz", fake={"errno.kexec_load": "EACCES"}),
    G("refused-load-eaddrnotavail", f"{LOAD} @/vmlinuz", fake={"errno.kexec_load": "EADDRNOTAVAIL"}),
    G("refused-crash-keeps", f"{LOAD} --crash @/vmlinuz", fake={"errno.kexec_load": "ENOMEM"}, root={"crash_loaded": 1}),
    G("refused-crash-unprotected", f"{LOAD} --crash @/vmlinuz", root={"crash_loaded": 1},
      fake={"errno.kexec_load": "ENOMEM", "zero.kexec_load": "@/root/sys/kernel/kexec_crash_loaded"}),
    # Status, unload, exec.
    G("status", "status --sysroot @/root"), G("status-json", "status --sysroot @/root --json"),
    G("status-loaded-json", "status --sysroot @/root --json", root={"loaded": 1, "crash_loaded": 1, "lockdown": "integrity"}),
    G("status-ours", "status --sysroot @/root", root={"loaded": 1},
      fake={"state": "boot=11111111-2222-3333-4444-555555555555\nlast=normal\nnormal.verified_by=baton\n"
                     "normal.syscall=load\nnormal.image=/boot/vmlinuz\n"}),
    G("status-ours-json", "status --sysroot @/root --json", root={"crash_loaded": 1},
      fake={"state": "boot=11111111-2222-3333-4444-555555555555\nlast=crash\ncrash.verified_by=kernel\n"
                     "crash.syscall=file\ncrash.image=/boot/vmlinuz\n"}),
    G("status-other-boot", "status --sysroot @/root --json", root={"loaded": 1},
      fake={"state": "boot=other\nlast=normal\nnormal.verified_by=baton\n"}),
    G("status-old-arm", "status --sysroot @/root", root={"loaded": 1, "arch": "arm", "release": "4.19.0-5-armmp"}),
    G("status-arm", "status --sysroot @/root", root={"loaded": 1, "arch": "arm", "release": "5.12.0"}),
    G("unload", "unload --sysroot @/root"), G("unload-crash-json", "unload --crash --json --sysroot @/root"),
    G("unload-lockdown", "unload --sysroot @/root", root={"lockdown": "integrity"}),
    G("unload-ima", "unload --sysroot @/root", fake={"errno.kexec_load": "EACCES"}),
    G("unload-refused", "unload --sysroot @/root", fake={"errno.kexec_load": "EPERM"}, root={"disabled": 1}),
    G("exec-nothing", "exec --sysroot @/root"), G("exec-nothing-force", "exec --force --json --sysroot @/root"),
    G("exec", "exec --sysroot @/root", root={"loaded": 1}),
    G("exec-no-init", "exec --sysroot @/root", root={"loaded": 1}, fake={"errno.orderly": "ENOSYS"}),
    G("exec-force", "exec --force --sysroot @/root", root={"loaded": 1}),
    G("exec-force-fast", "exec -fxy --sysroot @/root", root={"loaded": 1}),
    G("exec-fails", "exec --force --sysroot @/root", root={"loaded": 1}, fake={"errno.reboot": "EINVAL"}),
    # The kexec name: its own exit codes.
    G("kexec-status", "-S --sysroot @/root", program="kexec"),
    G("kexec-status-crash", "-S --sysroot @/root", program="kexec", root={"crash_loaded": 1}),
    G("kexec-status-normal", "-l -S --sysroot @/root", program="kexec", root={"crash_loaded": 1}),
    G("kexec-status-unknown", "-S --sysroot @/nowhere", program="kexec"),
    G("kexec-no-kernel", "-l --sysroot @/root", program="kexec"),
    G("kexec-bad-option", "--nonsense", program="kexec"),
    G("kexec-question", "-?", program="kexec"),
    G("kexec-module", "-l --sysroot @/root @/vmlinuz '--module=@/initrd.img a'", program="kexec"),
    G("kexec-file-window", "-s -l --mem-max=1G --sysroot @/root @/vmlinuz", program="kexec"),
    G("kexec-dtb", "-l --devicetreeblob @/nothing.dtb --sysroot @/root @/vmlinuz", program="kexec"),
    G("kexec-wrong-type", "-l -t elf-x86_64 --sysroot @/root @/vmlinuz", program="kexec"),
    G("kexec-falls-back", "-l --sysroot @/root @/vmlinuz", program="kexec", fake={"errno.kexec_file_load": "EINVAL"}),
    G("kexec-policy-is-final", "-l --sysroot @/root @/vmlinuz", program="kexec", fake={"errno.kexec_file_load": "ENOKEY", **KMSG}),
    G("kexec-lockdown", "-l --sysroot @/root @/vmlinuz", program="kexec", root={"lockdown": "integrity"},
      fake={"errno.kexec_file_load": "EINVAL"}),
    G("kexec-exec-nothing", "-e --sysroot @/root", program="kexec"),
    G("kexec-unprotected", "-p -c --sysroot @/root @/vmlinuz", program="kexec", root={"crash_loaded": 1},
      fake={"errno.kexec_load": "ENOMEM", "zero.kexec_load": "@/root/sys/kernel/kexec_crash_loaded"}),
    G("kexec-size", "--print-ckr-size --sysroot @/root", program="kexec"),
)


def cases(lab, bless):
    names = [c.name for c in TABLE]
    expect(len(names) == len(set(names)), "two cases have one name")
    if not bless:
        stray = sorted(p.stem for p in GOLDEN.glob("*.txt") if p.stem not in names)
        expect(not stray, f"golden files without a case: {stray}")
    for case in TABLE:
        case.lab, case.bless = lab, bless
        yield case
