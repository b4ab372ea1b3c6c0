#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes ready to build for another CPU: its libraries, and a Meson cross file that finds them.

    cross.py [--tests] CPU FILE      writes FILE, e.g. build-static-arm64/cross.ini
    cross.py --list                  the CPUs

Exit: 0 done, 1 failed, 77 a compiler or package is not to be had here.

The compiler is Debian's <triple>-gcc with its cross libc (scripts/deps.sh cross CPU).  The static
libraries are Debian's -dev packages where Debian 12 has that port, unpacked below the cache; for
the others they are compiled from Debian's source packages (scripts/cross_sources.py).  All lie in
one folder per CPU and set of versions: CACHE/cross/<cpu>-<key>/{include,lib}.
"""
import argparse
import hashlib
import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests/harness"), str(ROOT / "scripts")]
import aptroot          # noqa: E402
import cross_sources    # noqa: E402

# Our name: triple, Meson's family, endian, Debian 12's port (None: only its libc), qemu-user's name
CPUS = {
    "i386": ("i686-linux-gnu", "x86", "little", "i386", "i386"),
    "arm": ("arm-linux-gnueabihf", "arm", "little", "armhf", "arm"),
    "arm64": ("aarch64-linux-gnu", "aarch64", "little", "arm64", "aarch64"),
    "ppc64le": ("powerpc64le-linux-gnu", "ppc64", "little", "ppc64el", "ppc64le"),
    "ppc64": ("powerpc64-linux-gnu", "ppc64", "big", None, "ppc64"),
    "s390x": ("s390x-linux-gnu", "s390x", "big", "s390x", "s390x"),
    "riscv64": ("riscv64-linux-gnu", "riscv64", "little", None, "riscv64"),
}

# Package, its archive, the name that pkg-config knows (None: it is found by its header)
LIBRARIES = (
    ("libjson-c-dev", "libjson-c.a", "json-c"),
    ("libfdt-dev", "libfdt.a", None),
    ("libmd-dev", "libmd.a", "libmd"),
    ("zlib1g-dev", "libz.a", "zlib"),
    ("liblzma-dev", "liblzma.a", "liblzma"),
    ("libzstd-dev", "libzstd.a", "libzstd"),
    ("liblz4-dev", "liblz4.a", "liblz4"),
    ("liblzo2-dev", "liblzo2.a", "lzo2"),
    ("libbz2-dev", "libbz2.a", None),
)


def version_of(folder):
    """The upstream version in the name of an unpacked package, NAME_VERSION_ARCH."""
    version = folder.name.split("_")[1].split("%")[-1]
    return version.rpartition("-")[0].split("+")[0]


def write_pc(prefix, module, archive, version):
    (prefix / f"lib/pkgconfig/{module}.pc").write_text(
        f"Name: {module}\nDescription: {module}\nVersion: {version}\n"
        f"Cflags: -I${{pcfiledir}}/../../include\n"
        f"Libs: -L${{pcfiledir}}/.. -l{archive[3:-2]}\n")


def gather(packages, tmp):
    """Copies the headers and archives of unpacked -dev packages into the folder @tmp."""
    for folder, archive in packages:
        found = list(folder.glob(f"usr/lib/**/{archive}"))
        if not found:
            raise aptroot.AptError(f"{folder.name} has no {archive}")
        shutil.copy(found[0], tmp / "lib" / archive)
        shutil.copytree(folder / "usr/include", tmp / "include", dirs_exist_ok=True)
        # Headers of this CPU alone, that its own compiler would find by itself.
        for own in (folder / "usr/include").glob("*-linux-gnu*"):
            shutil.copytree(own, tmp / "include", dirs_exist_ok=True)


def prefix_of(cpu, tests):
    """The folder with the libraries of @cpu; makes it when it is not in the cache."""
    triple, _, endian, port, _ = CPUS[cpu]
    packages = []
    if port:
        root = aptroot.AptRoot("bookworm", port)
        packages = [(root.get(name), archive) for name, archive, _ in LIBRARIES]
    recipes = [r for r in cross_sources.RECIPES if (tests if r.only_tests else not port)]
    sources = [cross_sources.unpacked(r) for r in recipes]
    made_of = [*(f.name for f, _ in packages), *(f.name for f in sources), repr(LIBRARIES),
               Path(cross_sources.__file__).read_text()]
    key = hashlib.sha256("\n".join(made_of).encode()).hexdigest()[:12]
    prefix = aptroot.cache_dir() / "cross" / f"{cpu}-{key}"
    if prefix.exists():
        return prefix
    tmp = prefix.with_name(f"{prefix.name}.tmp{os.getpid()}")
    shutil.rmtree(tmp, ignore_errors=True)
    for sub in ("include", "lib/pkgconfig"):
        (tmp / sub).mkdir(parents=True)
    gather(packages, tmp)
    for recipe, folder in zip(recipes, sources):
        aptroot.say(f"cross: {cpu}: compiling {recipe.archive}")
        cross_sources.build(recipe, folder, (triple, endian), tmp)
    version = {archive: version_of(folder) for folder, archive in packages}
    version |= {r.archive: version_of(folder) for r, folder in zip(recipes, sources)}
    for _, archive, module in (*LIBRARIES, (None, "libcmocka.a", "cmocka")):
        if module and archive in version:
            write_pc(tmp, module, archive, version[archive])
    try:
        tmp.rename(prefix)
    except OSError:                 # somebody else was faster
        shutil.rmtree(tmp)
    return prefix


def cross_file(cpu, prefix):
    """The text of the Meson cross file."""
    triple, family, endian, _, qemu = CPUS[cpu]
    # -B: the one place that Meson asks the compiler about (find_library).
    compiler = [f"{triple}-gcc", "-isystem", f"{prefix}/include", f"-B{prefix}/lib"]
    if shutil.which("ccache"):
        compiler.insert(0, "ccache")
    # pkgconfig: Meson before 1.3.
    wrapper = f"exe_wrapper = 'qemu-{qemu}'\n" if shutil.which(f"qemu-{qemu}") else ""
    return f"""# Written by scripts/cross.py.
[binaries]
c = {compiler!r}
ar = '{triple}-ar'
strip = '{triple}-strip'
pkgconfig = 'pkg-config'
pkg-config = 'pkg-config'
{wrapper}
[properties]
needs_exe_wrapper = true
pkg_config_libdir = '{prefix}/lib/pkgconfig'

[built-in options]
default_library = 'static'
prefer_static = true
b_pie = false
b_staticpic = false
buildtype = 'plain'
c_args = ['-O2', '-ffunction-sections', '-fdata-sections']
c_link_args = ['-static', '-s', '-Wl,--gc-sections']

[host_machine]
system = 'linux'
cpu_family = '{family}'
cpu = '{cpu}'
endian = '{endian}'
"""


def main():
    ap = argparse.ArgumentParser(description="libraries and cross file for another CPU")
    ap.add_argument("--tests", action="store_true", help="also cmocka")
    ap.add_argument("--list", action="store_true")
    ap.add_argument("cpu", nargs="?", choices=list(CPUS))
    ap.add_argument("file", nargs="?", type=Path)
    a = ap.parse_args()
    if a.list:
        print(" ".join(CPUS))
        return 0
    if not a.file:
        ap.error("CPU and FILE are needed")
    if not shutil.which(f"{CPUS[a.cpu][0]}-gcc"):
        aptroot.say(f"cross: no {CPUS[a.cpu][0]}-gcc here: run scripts/deps.sh cross {a.cpu}")
        return 77
    try:
        text = cross_file(a.cpu, prefix_of(a.cpu, a.tests))
    except (aptroot.AptError, cross_sources.BuildError) as err:
        aptroot.say(f"cross: {a.cpu}: {err}")
        return 77 if isinstance(err, aptroot.AptError) else 1
    # Unchanged: Meson is not asked to configure again. Changed: it would keep the libraries found first.
    if not a.file.exists() or a.file.read_text() != text:
        if (a.file.parent / "meson-private").is_dir():
            shutil.rmtree(a.file.parent)
        a.file.parent.mkdir(parents=True, exist_ok=True)
        a.file.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
