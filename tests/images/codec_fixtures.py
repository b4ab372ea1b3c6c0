#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Pack one short text by the command line tools of each format: what src/codec/ is tested with.

    codec_fixtures.py --header > src/codec/codec_fixture.h
    codec_fixtures.py --seeds tests/fuzz/codec

Needs gzip xz zstd lz4 lzop bzip2. The text is built again by the test, line by line.
"""
import pathlib
import subprocess
import sys

TEXT = "".join(f"{n}: the baton is handed on\n" for n in range(40)).encode()
# name, codec, command that packs stdin to stdout; has it a checksum over what it unpacks to?
TABLE = (
    ("gzip", "GZIP", "gzip -9n", True),
    ("xz", "XZ", "xz --check=crc32", True),
    ("xz_x86", "XZ", "xz --check=crc32 --x86 --lzma2=dict=1MiB", True),  # as the kernel's build
    ("lzma", "LZMA", "xz --format=lzma", False),
    ("zstd", "ZSTD", "zstd -q -19", True),
    ("lz4_legacy", "LZ4", "lz4 -q -l -9", False),  # as the kernel's build
    ("lz4_frame", "LZ4", "lz4 -q -9", True),
    ("lzop", "LZO", "lzop -9", True),
    ("lzop_crc32", "LZO", "lzop --crc32", True),
    ("bzip2", "BZIP2", "bzip2 -9", True),
)
CODECS = ("GZIP", "XZ", "LZMA", "ZSTD", "LZ4", "LZO", "BZIP2")  # enum codec, from 1


def pack(command):
    return subprocess.run(command.split(), input=TEXT, capture_output=True, check=True).stdout


def header():
    print("/* SPDX-License-Identifier: GPL-2.0-or-later */")
    print("/* Made by tests/images/codec_fixtures.py: one text, packed by the tool of each format. */")
    print("#pragma once\n#include \"codec/codec.h\"\n")
    for name, _, command, _ in TABLE:
        data = pack(command)
        print(f"/* {command} */\nstatic const uint8_t packed_{name}[{len(data)}] = {{")
        for at in range(0, len(data), 14):
            print("\t" + " ".join(f"0x{b:02x}," for b in data[at:at + 14]))
        print("};\n")
    print("static const struct fixture {\n\tconst char *name;\n\tenum codec codec;\n"
          "\tstruct span in;\n\tbool checked; /* has a checksum of the text */\n} fixtures[] = {")
    for name, codec, _, checked in TABLE:
        print(f"\t{{\"{name}\", CODEC_{codec}, {{packed_{name}, sizeof(packed_{name})}}, "
              f"{'true' if checked else 'false'}}},")
    print("};")


def seeds(folder):
    """As codec_fuzz.c reads them: the codec's number, then the stream."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, codec, command, _ in TABLE:
        (folder / name).write_bytes(bytes([CODECS.index(codec) + 1]) + pack(command))


if __name__ == "__main__":
    if sys.argv[1:] == ["--header"]:
        header()
    elif sys.argv[1:2] == ["--seeds"] and len(sys.argv) == 3:
        seeds(pathlib.Path(sys.argv[2]))
    else:
        sys.exit(__doc__)
