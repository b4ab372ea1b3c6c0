#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Shows that each rule of house.py can fail: small trees, and what must be said of them."""
import subprocess
import sys
import tempfile
from pathlib import Path

HOUSE = Path(__file__).with_name("house.py")
LICENCE = "/* SPDX-License-Identifier: GPL-2.0-or-later */\n"
HEADER = LICENCE + "/* A header. */\n#pragma once\n"
BODY = "\n{\n\treturn 0;\n}\n"

# (rule, file, content, what is said; "" = nothing)
CASES = [
    ("arrows", "src/core/a.c", LICENCE + '#include "base/span.h"\n', ""),
    ("arrows", "src/core/a.c", LICENCE + '#include "plan/plan.h"\n', "core must not include plan"),
    ("arrows", "src/image/a.c", LICENCE + '#include "machine/machine.h"\n',
     "image must not include machine"),
    ("arrows", "src/host/a.c", LICENCE + '#include "load/load.h"\n', "host must not include load"),
    ("arrows", "src/session/a.c", LICENCE + '#include "base/span.h"\n', ""),
    ("arrows", "src/core/a.c", LICENCE + '#include "err.h"\n', "include with the folder"),
    ("arrows", "src/core/a.c", LICENCE + '#include "images/bzimage_make.h"\n',
     "core must not include images"),
    ("arrows", "src/core/a_test.c", LICENCE + '#include "images/bzimage_make.h"\n', ""),
    ("arrows", "src/attic/a.c", LICENCE, "src/attic is not in the table"),
    ("sizes", "src/core/a.c", LICENCE + "\n" * 499, ""),
    ("sizes", "src/core/a.c", LICENCE + "\n" * 500, "501 lines, at most 500"),
    ("sizes", "src/core/a.h", HEADER + "\n" * 148, "151 lines, at most 150"),
    ("sizes", "src/core/a.c", "\t" + "x" * 92 + "\n", ""),
    ("sizes", "src/core/a.c", "\t" + "x" * 93 + "\n", "101 columns, at most 100"),
    ("sizes", "src/core/a.c", "int f(void)\n{\n" + "\n" * 57 + "}\n", ""),
    ("sizes", "src/core/a.c", "int f(void)\n{\n" + "\n" * 58 + "}\n", "f() has 61 lines"),
    ("sizes", "src/core/a.c", "int f(int a, int b,\n\tint c, int d, int e, int g)" + BODY, ""),
    ("sizes", "src/core/a.c", "int f(int a, int b,\n\tint c, int d, int e, int g, int h)" + BODY,
     "f() has 7 parameters"),
    ("sizes", "src/core/a.c", "\t\t\t\tif (x)\n", "nested deeper than 3"),
    ("sizes", "tests/a.py", "x" * 121, "121 columns"),
    ("style", "src/core/a.c", "int x;\n", "not the licence line"),
    ("style", "scripts/a.sh", "#!/bin/sh\n", "not the licence line"),
    ("style", "src/core/a.h", LICENCE, "no #pragma once"),
    ("style", "src/core/a.c", LICENCE + "typedef struct a b;\n", "a typedef of a struct"),
    ("style", "src/core/a.c", LICENCE + "int x; \n", "blanks at the end"),
    ("docs", "src/core/a.h", LICENCE + "#pragma once\nint f(void); /* late */\n",
     "no comment says"),
    ("docs", "src/core/a.h", HEADER + "int f(void);\n", ""),
    ("docs", "tests/a.py", "# SPDX\nimport os\n", "no docstring"),
    ("purity", "src/core/a.c", "\tprintf(s);\n", "'printf' has no place"),
    ("purity", "src/core/a.c", "\tbuf_printf(s);\n\tsnprintf(s);\n\ta.exit(1);\n", ""),
    ("purity", "src/core/a.c", "\tx = getenv(s);\n", "'getenv' has no place"),
    ("purity", "src/core/a.c", "#if defined(__x86_64__)\n", "'__x86_64__' has no place"),
    ("purity", "src/core/a.c", "/* exit(1) */ f(\"exit(1)\");\n", ""),
    ("purity", "src/cli/a.c", "\texit(1);\n", ""),
    ("fuzz", "src/core/a.h", "int a_parse(struct span s);\n", "a_parse() has no fuzz target"),
    ("fuzz", "src/core/a_fuzz.c", "assert(!a_parse(s));\n", "no meson.build lists it"),
    ("headers", "src/core/a.h", HEADER + "uint32_t x;\n", "unknown type name"),
    ("headers", "src/core/a.h", HEADER + "#include <stdint.h>\nextern uint32_t x;\n", ""),
    ("private", "docs/a.md", "see ROOT/build\n", "of this machine"),
    ("private", "docs/a.md", "see build\n", ""),
]


def write(root, file, content):
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content.replace("ROOT", str(root.resolve())))


def said(root, rule):
    got = subprocess.run([sys.executable, HOUSE, "--root", root, rule], capture_output=True,
                         text=True, check=False)
    return got.stdout + got.stderr


def check(case):
    rule, file, content, want = case
    with tempfile.TemporaryDirectory() as tmp:
        root = Path(tmp, "tree")
        for folder in ("src", "include", "tests"):
            (root / folder).mkdir(parents=True)
        write(root, file, content)
        text = said(root, rule)
    if want not in text or (text and not want):
        return f"{rule}: {file}: {content[-60:]!r}: said {text!r}, not {want!r}"
    return None


def two_files():
    """Breaches that take more than one file: a name used twice, and a target with two seeds."""
    with tempfile.TemporaryDirectory() as tmp:
        root = Path(tmp, "tree")
        write(root, "src/core/a.c", LICENCE)
        write(root, "src/plan/a.c", LICENCE)
        yield "another file is called a.c too", said(root, "style")
        write(root, "src/core/a_fuzz.c", "assert(!a_parse(s));\n")
        write(root, "src/core/meson.build", "fuzzers += {'aa': files('a_fuzz.c')}\n")
        for i in range(2):
            write(root, f"tests/fuzz/aa/{i}", "")
        yield "2 seeds in tests/fuzz/aa", said(root, "fuzz")
        write(root, "tests/fuzz/aa/3", "")
        write(root, "src/core/a.h", "int a_parse(struct span s);\n")
        yield "", said(root, "fuzz")


def main():
    bad = [b for b in map(check, CASES) if b]
    for want, text in two_files():
        if want not in text or (text and not want):
            bad.append(f"said {text!r}, not {want!r}")
    print("\n".join(bad) or f"{len(CASES) + 3} cases")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
