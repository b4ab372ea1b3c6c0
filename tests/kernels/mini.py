#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds the small kernels of tests/kernels/mini.config from Debian's linux-source, once per CPU.

    mini.py CPU...        prints one built kernel per line

They are kept below the cache, under a name made of the source's version and the configuration.  A
build takes two to three minutes on two processors; source and objects take 1.5 GB while it lasts.
"""
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harness.aptroot import AptError, AptRoot, cache_dir, locked, say     # noqa: E402

CONFIG = Path(__file__).resolve().parent / "mini.config"
# CPU -> (ARCH of Linux, cross compiler's prefix, target, where it lies)
CPUS = {
    "x86_64": ("x86_64", "", "bzImage", "arch/x86/boot/bzImage"),
    "i386": ("i386", "i686-linux-gnu-", "bzImage", "arch/x86/boot/bzImage"),
    "arm": ("arm", "arm-linux-gnueabihf-", "zImage", "arch/arm/boot/zImage"),
    "arm64": ("arm64", "aarch64-linux-gnu-", "Image", "arch/arm64/boot/Image"),
    "ppc64le": ("powerpc", "powerpc64le-linux-gnu-", "vmlinux", "vmlinux"),
    "ppc64": ("powerpc", "powerpc64-linux-gnu-", "vmlinux", "vmlinux"),
    "s390x": ("s390", "s390x-linux-gnu-", "bzImage", "arch/s390/boot/bzImage"),
    "riscv64": ("riscv", "riscv64-linux-gnu-", "Image", "arch/riscv/boot/Image"),
}


def config(cpu, more=()):
    """The lines of mini.config that concern @cpu, and the lines @more."""
    out, mine = [], True
    for line in CONFIG.read_text().splitlines():
        section = re.match(r"\[(.*)\]", line)
        mine = cpu in section[1].split() if section else mine
        if mine and line.startswith("CONFIG_"):
            out.append(line)
    return "\n".join([*out, *more]) + "\n"


def source():
    """The folder of the unpacked linux-source package."""
    package = AptRoot().get(r"linux-source-6\.1")
    version = package.name.split("_")[1]
    out = cache_dir() / "src" / "linux-source-6.1"
    with locked(out.with_name("linux-source-6.1.lock")):
        _unpack(package, version, out)
    return out


def _unpack(package, version, out):
    stamp = out / ".unpacked"
    if stamp.exists() and stamp.read_text() == version:
        return
    say(f"mini: unpacking linux-source-6.1 {version} (1.4 GB)")
    tmp = out.with_name(f"tmp{os.getpid()}")
    tmp.mkdir(parents=True)
    subprocess.run(["tar", "-C", str(tmp), "-xJf", str(package / "usr/src/linux-source-6.1.tar.xz")],
                   check=True)
    shutil.rmtree(out, ignore_errors=True)
    (tmp / "linux-source-6.1").rename(out)
    tmp.rmdir()
    stamp.write_text(version)


def folder(cpu, more=()):
    """Where the kernel of @cpu is kept; it holds image, vmlinux, config and release."""
    text = config(cpu, more) + " ".join(CPUS[cpu])
    version = AptRoot().get(r"linux-source-6\.1").name.split("_")[1]
    return cache_dir() / "kernels" / f"mini-{cpu}-{version}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def missing_tools(cpu):
    need = [CPUS[cpu][1] + "gcc", "make", "flex", "bison", "bc"]
    return [t for t in need if not shutil.which(t)]


def build(cpu, more=()):
    """The folder of the kernel of @cpu, built now unless it is in the cache; @more: lines of its configuration."""
    out = folder(cpu, more)
    with locked(out.with_name(f"mini-{cpu}.lock")):
        if not (out / "image").exists():
            _build(cpu, config(cpu, more), out)
    return out


def _build(cpu, wanted, out):
    if missing_tools(cpu):
        raise AptError(f"the small kernel of {cpu} needs {' '.join(missing_tools(cpu))} "
                       "(scripts/deps.sh check)")
    arch, prefix, target, where = CPUS[cpu]
    tree = source()
    work = out.with_name(f"{out.name}.tmp")
    shutil.rmtree(work, ignore_errors=True)
    objects = work / "o"
    objects.mkdir(parents=True)
    (work / "wanted").write_text(wanted)
    jobs = "2" if os.environ.get("BATON_CI") else str(min(2, os.cpu_count() or 1))
    make = ["nice", "make", "-s", "-C", str(tree), f"O={objects}", f"ARCH={arch}",
            f"CROSS_COMPILE={prefix}", f"-j{jobs}"]
    env = os.environ | {"KCONFIG_ALLCONFIG": str(work / "wanted"), "KBUILD_BUILD_TIMESTAMP": "2026-01-01",
                        "KBUILD_BUILD_USER": "baton", "KBUILD_BUILD_HOST": "mini"}
    say(f"mini: building the small kernel of {cpu} (two to three minutes)")
    log = out.with_name(f"{out.name}.log")
    with open(log, "w") as f:
        for step in (["allnoconfig"], [target]):
            r = subprocess.run(make + step, stdin=subprocess.DEVNULL, stdout=f, stderr=f, env=env)
            if r.returncode:
                raise AptError(f"the small kernel of {cpu} did not build, see {log}")
    kept = work / "kept"
    kept.mkdir()
    for src, dst in ((where, "image"), (".config", "config"), ("vmlinux", "vmlinux"),
                     ("include/config/kernel.release", "release")):
        shutil.copyfile(objects / src, kept / dst)
    strip = subprocess.run([prefix + "strip", "-g", str(kept / "vmlinux")])
    if strip.returncode:
        raise AptError(f"{prefix}strip failed")
    shutil.rmtree(out, ignore_errors=True)
    kept.rename(out)
    shutil.rmtree(work)


def main():
    bad = [c for c in sys.argv[1:] if c not in CPUS]
    if bad or not sys.argv[1:]:
        print(f"usage: mini.py CPU...  of {' '.join(CPUS)}", file=sys.stderr)
        return 2
    try:
        for cpu in sys.argv[1:]:
            print(build(cpu) / "image", flush=True)
    except AptError as err:
        say(f"mini: {err}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
