# SPDX-License-Identifier: GPL-2.0-or-later
"""Libraries compiled from Debian's source packages, for CPUs that Debian 12 has no port of.

Only what the program uses of each is compiled, by one compiler command per file: no configure, no
CMake, nothing that runs on the other CPU. The sources are unpacked below the cache.
"""
import concurrent.futures
import glob
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import aptroot

FLAGS = ["-O2", "-w", "-fPIC", "-ffunction-sections", "-fdata-sections", "-D_GNU_SOURCE"]


class BuildError(Exception):
    """What did not compile, with the compiler's words."""


@dataclass
class Recipe:
    """How one archive is made; all paths and patterns are relative to the source folder."""
    archive: str
    source: str                     # Debian's name of the source package
    files: tuple
    headers: dict                   # folder below include/ -> patterns
    include: tuple = (".",)
    defines: tuple = ()
    config: dict = field(default_factory=dict)   # file -> text, beside the objects
    suite: str = "bookworm"
    upstream: bool = False          # the upstream tar alone, without Debian's patches
    only_tests: bool = False


LIBC = tuple(f"HAVE_{x}" for x in (
    "STDARG_H STDINT_H INTTYPES_H STDBOOL_H STDLIB_H STRING_H STRINGS_H LIMITS_H UNISTD_H FCNTL_H "
    "LOCALE_H SYS_TYPES_H SYS_STAT_H SYS_PARAM_H SYS_RANDOM_H SETJMP_H SIGNAL_H TIME_H SNPRINTF "
    "VSNPRINTF VASPRINTF STRDUP STRERROR STRCASECMP STRNCASECMP STRTOLL STRTOULL GETRANDOM MALLOC_H "
    "REALLOC OPEN SETLOCALE USELOCALE STRSIGNAL CLOCK_GETTIME CLOCK_REALTIME STRUCT_TIMESPEC").split())

# In Debian's -dev packages these headers are made by the libraries' own build systems.
JSON_H = "".join(f'#include "{h}.h"\n' for h in (
    "debug", "linkhash", "arraylist", "json_util", "json_object", "json_pointer", "json_tokener",
    "json_object_iterator", "json_visit", "json_c_version"))
LZMA_DECODERS = "X86 POWERPC IA64 ARM ARMTHUMB ARM64 SPARC LZMA1 LZMA2 DELTA".split()

RECIPES = (
    Recipe("libjson-c.a", "json-c", ("arraylist.c", "debug.c", "json_*.c", "linkhash.c", "printbuf.c",
                                     "random_seed.c", "strerror_override.c"),
           {"json-c": ("*.h",)}, defines=(*LIBC, "HAVE_DECL_INFINITY", "HAVE_DECL_ISINF", "HAVE_DECL_ISNAN",
                                          "HAVE_DECL_NAN", "HAVE_ATOMIC_BUILTINS"),
           config={"config.h": "", "json.h": JSON_H,
                   "json_config.h": "#define JSON_C_HAVE_INTTYPES_H 1\n"}),
    # The pool of bookworm is not complete on every mirror; nothing of it is patched by Debian.
    Recipe("libfdt.a", "device-tree-compiler", ("libfdt/*.c",),
           {"": ("libfdt/fdt.h", "libfdt/libfdt.h", "libfdt/libfdt_env.h")}, include=("libfdt",),
           suite="trixie", upstream=True),
    Recipe("libmd.a", "libmd", ("src/md5.c", "src/sha1.c", "src/sha2.c"),
           {"": ("include/md5.h", "include/sha1.h", "include/sha2.h")}, include=("include", "src"),
           defines=LIBC, config={"config.h": ""}),
    Recipe("libz.a", "zlib", ("adler32.c", "crc32.c", "inffast.c", "inflate.c", "inftrees.c", "zutil.c"),
           {"": ("zlib.h", "zconf.h")}),
    Recipe("liblzma.a", "xz-utils",
           ("src/liblzma/common/*_decoder.c", "src/liblzma/common/common.c", "src/liblzma/common/block_util.c",
            "src/liblzma/common/filter_common.c", "src/liblzma/common/index.c", "src/liblzma/common/index_hash.c",
            "src/liblzma/common/easy_preset.c", "src/liblzma/common/stream_flags_common.c",
            "src/liblzma/common/vli_size.c", "src/liblzma/common/hardware_physmem.c",
            "src/liblzma/check/check.c", "src/liblzma/check/crc*_fast.c", "src/liblzma/check/crc*_table.c",
            "src/liblzma/check/sha256.c", "src/liblzma/lz/lz_decoder.c", "src/liblzma/lzma/*_decoder.c",
            "src/liblzma/delta/delta_common.c", "src/liblzma/delta/delta_decoder.c",
            "src/liblzma/simple/[!s]*.c", "src/liblzma/simple/simple_[!e]*.c", "src/liblzma/simple/sparc.c"),
           {"": ("src/liblzma/api/lzma.h",), "lzma": ("src/liblzma/api/lzma/*.h",)},
           include=("src/common", *(f"src/liblzma/{d}" for d in (
               "api", "check", "common", "delta", "lz", "lzma", "rangecoder", "simple"))),
           defines=("HAVE_STDBOOL_H", "HAVE_STDINT_H", "HAVE_INTTYPES_H", "HAVE_LIMITS_H", "HAVE_STRING_H",
                    "HAVE_CHECK_CRC32", "HAVE_CHECK_CRC64", "HAVE_CHECK_SHA256", "HAVE_DECODERS",
                    *(f"HAVE_DECODER_{d}" for d in LZMA_DECODERS), "TUKLIB_SYMBOL_PREFIX=lzma_")),
    Recipe("libzstd.a", "libzstd", ("lib/common/*.c", "lib/decompress/*.c"),
           {"": ("lib/zstd.h", "lib/zstd_errors.h")}, include=("lib", "lib/common")),
    Recipe("liblz4.a", "lz4", ("lib/lz4.c", "lib/lz4frame.c", "lib/lz4hc.c", "lib/xxhash.c"),
           {"": ("lib/lz4.h", "lib/lz4frame.h")}, include=("lib",), defines=("XXH_NAMESPACE=LZ4_",)),
    Recipe("liblzo2.a", "lzo2", ("src/lzo1x_d*.c", "src/lzo_crc.c", "src/lzo_init.c", "src/lzo_ptr.c",
                                 "src/lzo_str.c", "src/lzo_util.c"),
           {"lzo": ("include/lzo/*.h",)}, include=("include", "src")),
    Recipe("libbz2.a", "bzip2", ("blocksort.c", "huffman.c", "crctable.c", "randtable.c", "compress.c",
                                 "decompress.c", "bzlib.c"), {"": ("bzlib.h",)}),
    # Debian's package of it has no static library.
    Recipe("libcmocka.a", "cmocka", ("src/cmocka.c",), {"": ("include/cmocka.h",)}, include=("include",),
           defines=(*LIBC, "HAVE_ASSERT_H", "HAVE_CALLOC", "HAVE_GCC_THREAD_LOCAL_STORAGE",
                    "HAVE_SIGLONGJMP"), config={"config.h": ""}, only_tests=True),
)


def unpacked(recipe):
    """The folder with the sources."""
    return aptroot.SourceRoot(recipe.suite, recipe.upstream).get(recipe.source)


def _matches(folder, patterns):
    found = []
    for p in patterns:
        hits = sorted(glob.glob(str(folder / p)))
        if not hits:
            raise BuildError(f"{folder.name} has no {p}")
        found += [Path(h) for h in hits]
    return list(dict.fromkeys(found))


def _run(cmd):
    p = subprocess.run([str(c) for c in cmd], capture_output=True, text=True)
    if p.returncode:
        errors = [line for line in p.stderr.splitlines() if "error" in line] or ["failed"]
        raise BuildError(f"{cmd[-1]}: {errors[0]}")


def build(recipe, folder, target, prefix):
    """Compiles the sources in @folder for @target (triple, endian) into @prefix."""
    triple, endian = target
    work = prefix / "build" / recipe.source
    work.mkdir(parents=True)
    for name, text in recipe.config.items():
        (work / name).write_text(text)
    defines = [*recipe.defines, *(["WORDS_BIGENDIAN"] if endian == "big" else [])]
    flags = [*FLAGS, f"-I{work}", *(f"-I{folder / i}" for i in recipe.include),
             *(f"-D{d}" if "=" in d else f"-D{d}=1" for d in defines)]
    # An empty config.h of ours: what it would define is on the command line.
    flags += ["-DHAVE_CONFIG_H"] if "config.h" in recipe.config else []
    cc = (["ccache"] if shutil.which("ccache") else []) + [f"{triple}-gcc"]
    jobs = [(src, work / f"{n}-{src.stem}.o") for n, src in enumerate(_matches(folder, recipe.files))]
    with concurrent.futures.ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        list(pool.map(lambda j: _run([*cc, *flags, "-c", j[0], "-o", j[1]]), jobs))
    _run([f"{triple}-ar", "rcs", prefix / "lib" / recipe.archive, *(o for _, o in jobs)])
    for below, patterns in recipe.headers.items():
        out = prefix / "include" / below
        out.mkdir(parents=True, exist_ok=True)
        for header in _matches(folder, patterns):
            shutil.copy(header, out)
        for name, text in recipe.config.items():
            if name != "config.h":
                (out / name).write_text(text)
    shutil.rmtree(prefix / "build")
