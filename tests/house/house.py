#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules of the house (docs/CODING_STYLE.md, docs/ARCHITECTURE.md), enforced on src/.

    house.py RULE        arrows | sizes | style | purity | fuzz

Prints each breach as FILE:LINE: what. Exceptions are below, by name and with their reason.
"""
import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SRC = ROOT / "src"

# folder -> what it may include; transitive.
ARROWS = {
    "base": (), "core": ("base",), "codec": ("core",), "elf": ("core",), "fdt": ("core",),
    "machine": ("fdt", "elf"), "image": ("codec", "elf", "fdt"), "plan": ("machine",),
    "crash": ("elf", "machine"), "purgatory": ("base",),
    "arch": ("image", "plan", "crash", "purgatory"), "load": ("arch",),
    "vmcore": ("codec", "elf", "machine"), "host": ("plan",),
    "session": ("load", "host", "vmcore"), "cli": ("session",),
}
FUNCTION_MAX, FILE_MAX, HEADER_MAX, LINE_MAX, NEST_MAX, PARAM_MAX = 60, 500, 150, 100, 3, 6
# "file:function" or "file" -> why it may be larger. Never more than 100 lines a function.
LARGER = {}
# *_parse functions that read no bytes from outside -> why they need no fuzz target.
NO_FUZZ = {"opts_parse": "reads argv, which the user types"}
# A file of the library that may do what the library may not -> why.
IMPURE = {}
FREESTANDING = ("purgatory", "base")


def sources(pattern="*.[ch]"):
    return sorted(SRC.rglob(pattern))


def name(path):
    return str(path.relative_to(ROOT))


def is_test(path):
    return path.stem.endswith(("_test", "_fuzz", "_fixture")) or path.name == "unit.h"


def reach(folder):
    seen, todo = set(), [folder]
    while todo:
        f = todo.pop()
        if f not in seen:
            seen.add(f)
            todo += ARROWS.get(f, ())
    return seen


def arrows():
    """An #include points to the own folder or to a lower level."""
    for path in sources():
        if is_test(path):
            continue
        folder = path.relative_to(SRC).parts[0]
        if folder not in ARROWS:
            yield path, 1, f"src/{folder} is not in the table of arrows"
            continue
        for n, line in enumerate(path.read_text().splitlines(), 1):
            m = re.match(r'#include "([^"/]+)/', line)
            if m and (SRC / m[1]).is_dir() and m[1] not in reach(folder):
                yield path, n, f"{folder} must not include {m[1]}"
            if m is None and re.match(r'#include "', line) and not (
                    SRC.parent / "include" / line.split('"')[1]).exists():
                yield path, n, "include with the folder: \"core/err.h\""


def functions(lines):
    """(name, first line, last line, signature) of each function: kernel style, braces at column 0."""
    start = None
    for n, line in enumerate(lines):
        if line == "{":
            start = n
        elif line == "}" and start is not None:
            first = start
            while first > 0 and lines[first - 1].strip() and not lines[first - 1].startswith(
                    ("#", "}", "/", " *", "*")) and not lines[first - 1].endswith((";", "*/")):
                first -= 1
            text = " ".join(x.strip() for x in lines[first:start])
            m = re.search(r"(\w+)\s*\(", re.sub(r"__attribute__\s*\(\(.*?\)\)\)?", "", text))
            yield m[1] if m else "?", first + 1, n + 1, text
            start = None


def parameters(text):
    m = re.search(r"\w+\s*\((.*)\)\s*$", re.sub(r"__attribute__\s*\(\(.*?\)\)\)?", "", text))
    depth, count = 0, 1
    for c in m[1] if m else "":
        depth += c == "("
        depth -= c == ")"
        count += c == "," and depth == 0
    return count


def sizes():
    """Files, functions, lines, nesting and parameter lists have limits."""
    for path in sources():
        lines = path.read_text().splitlines()
        limit = HEADER_MAX if path.suffix == ".h" and not is_test(path) else FILE_MAX
        if len(lines) > limit and name(path) not in LARGER:
            yield path, len(lines), f"{len(lines)} lines, at most {limit}"
        for n, line in enumerate(lines, 1):
            if len(line.expandtabs(8)) > LINE_MAX:
                yield path, n, f"{len(line.expandtabs(8))} columns, at most {LINE_MAX}"
            if re.match(r"\t{%d,}(if|for|while|switch|do)\b" % (NEST_MAX + 1), line):
                yield path, n, f"nested deeper than {NEST_MAX}"
        for func, first, last, text in functions(lines):
            size = last - first + 1
            known = f"{name(path)}:{func}" in LARGER
            if size > (100 if known else FUNCTION_MAX):
                yield path, first, f"{func}() has {size} lines, at most {FUNCTION_MAX}"
            if parameters(text) > PARAM_MAX:
                yield path, first, f"{func}() has {parameters(text)} parameters, at most {PARAM_MAX}"


def style():
    """Licence line, include guard, file names that are unique, no struct typedefs."""
    seen = defaultdict(list)
    for path in sources("*.[chS]"):
        lines = path.read_text().splitlines() or [""]
        seen[path.name].append(path)
        if "SPDX-License-Identifier: GPL-2.0-or-later" not in lines[0]:
            yield path, 1, "the first line is not the licence line"
        if path.suffix == ".h" and "#pragma once" not in lines:
            yield path, 1, "no #pragma once"
        for n, line in enumerate(lines, 1):
            if re.match(r"typedef struct", line):
                yield path, n, "a typedef of a struct"
            if line != line.rstrip():
                yield path, n, "blanks at the end of the line"
    for paths in seen.values():
        per_cpu = all("arch" in p.parts for p in paths)
        if len(paths) > 1 and not per_cpu:
            yield paths[1], 1, f"another file is called {paths[0].name} too: {name(paths[0])}"


BANNED = re.compile(r"(?<![\w.>])(printf|fprintf|puts|perror|exit|_exit|abort|getenv|setenv|getopt\w*)"
                    r"\s*\(|\b(__aarch64__|__x86_64__|__i386__|__powerpc64__|__s390x__|__riscv)\b")


def purity():
    """The library never prints, exits, reads the environment or asks the compiler for the CPU."""
    for path in sources():
        if is_test(path) or path.relative_to(SRC).parts[0] == "cli" or name(path) in IMPURE:
            continue
        text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m[0].count("\n"), path.read_text(), flags=re.S)
        for n, line in enumerate(text.splitlines(), 1):
            m = BANNED.search(re.sub(r'"(\\.|[^"\\])*"', '""', line))
            if m:
                yield path, n, f"'{m[1] or m[2]}' has no place in the library"


def fuzz():
    """Every *_parse is reached by a fuzz target, and every target has three seeds."""
    targets = {p: p.read_text() for p in sources("*_fuzz.c")}
    for path in sources("*.h"):
        for n, line in enumerate(path.read_text().splitlines(), 1):
            m = re.match(r"[a-z].*?\b(\w+_parse)\(", line)
            if m and m[1] not in NO_FUZZ and not any(
                    re.search(rf"\b{m[1]}\(", text) for text in targets.values()):
                yield path, n, f"{m[1]}() has no fuzz target"
    for path in targets:
        stem = path.stem.removesuffix("_fuzz")
        seeds = ROOT / "tests" / "fuzz" / stem
        count = len([p for p in seeds.iterdir() if p.is_file()]) if seeds.is_dir() else 0
        if count < 3:
            yield path, 1, f"{count} seeds in tests/fuzz/{stem}, at least 3"


RULES = {f.__name__: f for f in (arrows, sizes, style, purity, fuzz)}


def main():
    chosen = sys.argv[1:] or list(RULES)
    breaches = 0
    for rule in chosen:
        if rule not in RULES:
            sys.exit(__doc__)
        for path, line, what in RULES[rule]():
            print(f"{name(path)}:{line}: {what}")
            breaches += 1
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
