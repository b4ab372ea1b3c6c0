#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Instructions of the ppc64le purgatory beside kexec-tools', in guests under -icount.

    purgatory_ppc64.py        after `make static CPU=ppc64le`

An instruction takes one nanosecond of the guest's time, and its time base runs at 512 MHz. From
kernel A's last command to kernel B's init, with the check less without it (-i): four guests.
"""
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from harness import guest                       # noqa: E402
from harness.aptroot import AptRoot             # noqa: E402
from harness.machines import MACHINES           # noqa: E402
from harness.qemu import Guest                  # noqa: E402
import subprocess                               # noqa: E402

OUT = ROOT / "build/bench"
ON = MACHINES["ppc64le"]
LINE = f"{ON.console} role=b nodisk"
PER_TICK = 1e9 / 512e6
FILLER_MB = 12
WHO = {
    "ours": "kexec -c", "ours unchecked": "kexec -c -i",
    "theirs": "peer-kexec -c", "theirs unchecked": "peer-kexec -c -i",
}


def peer():
    root = AptRoot(ON.suite, ON.debian)
    libc = root.get("libc6")
    loader = next(p for p in libc.rglob("ld64.so.2")).resolve()
    return {"sbin/peer-kexec": root.get("kexec-tools") / "sbin/kexec", "lib64/ld64.so.2": loader,
            "lib/powerpc64le-linux-gnu/libc.so.6": next(libc.rglob("libc.so.6"))}


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    timebase, filler = OUT / "timebase", OUT / "filler.bin"
    subprocess.run([f"{ON.triple}-gcc", "-O2", "-static", "-o", timebase, ROOT / "bench/timebase.c"],
                   check=True)
    filler.write_bytes(os.urandom(FILLER_MB << 20))
    init, kernel = ROOT / "tests/vm/guest/init.sh", guest.Kernel(ON.flavour)
    tick = "say \"tick $(/bin/timebase)\"\n"
    b = guest.initramfs(OUT / "b.img", init, on=ON, texts={"b.sh": tick},
                        files={"bin/timebase": timebase, "filler.bin": filler})
    took = {}
    for who, command in WHO.items():
        script = f"""
ln -s /bin/baton /bin/kexec
{command} -l /vmlinuz --initrd=/b.img --command-line='{LINE}' || {{ say "FAILED: load"; finish; }}
sync
{tick}
{command.split()[0]} -e -x -y
"""
        a = guest.initramfs(OUT / "a.img", init, on=ON, texts={"row.sh": "PATH=/bin:/sbin\n" + script},
                            files=peer() | {"bin/baton": ROOT / "build-static-ppc64le/baton", "b.img": b,
                                            "vmlinuz": kernel.image, "bin/timebase": timebase})
        with Guest(OUT / "ppc64.log", kernel.image, a, f"{ON.console} nodisk", on=ON, limit=900,
                   extra=("-icount", "shift=0,sleep=off")) as g:
            first = int(g.wait(r"@@ tick (\d+)", never="@@ FAILED")[1])
            g.wait("@@ up b", never="@@ FAILED|Kernel panic")
            last = int(g.wait(r"@@ tick (\d+)")[1])
            g.kill()
        took[who] = (last - first) * PER_TICK / 1e6
        print(f"{who}: {took[who]:.1f} million", flush=True)
    ours, theirs = (took[w] - took[f"{w} unchecked"] for w in ("ours", "theirs"))
    print(f"the check: {ours:.0f} million, {theirs:.0f} million, ratio {ours / theirs:.3f}")


if __name__ == "__main__":
    main()
