#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules of the house (docs/CODING_STYLE.md, docs/ARCHITECTURE.md), enforced.

    house.py [--root DIR] [RULE...]

Rules: arrows sizes style docs purity fuzz private headers; all of them if none is named.

Prints each breach as FILE:LINE: what. Exceptions are below, by name and with their reason.
tests/house/breaches.py shows each rule fail once.
"""
import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
if sys.argv[1:2] == ["--root"]:
    ROOT = Path(sys.argv[2]).resolve()
    del sys.argv[1:3]
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
SCRIPT_LINE_MAX = 120
# "file:function" or "file" -> why it may be larger. Never more than 100 lines a function.
LARGER = {
    "tests/cli/golden_cases.py": "a table: one case per line",
    "scripts/deps.sh": "a table: one tool per line",
}
# *_parse functions that read no bytes from outside -> why they need no fuzz target.
NO_FUZZ = {"opts_parse": "reads argv, which the user types"}
# (file, word) of the library that may do what the library may not -> why.
IMPURE = {("src/host/sys_real.c", "_exit"): "a forked child that could not exec"}
# Not named *_test, *_fuzz or *_fixture, and yet only of the tests.
TEST_HELPERS = ("src/core/unit.h", "src/host/facts_tree.c", "src/host/facts_tree.h",
                "src/vmcore/testcore.c", "src/vmcore/testcore.h")
# Files that share their name with another -> why.
SAME_NAME = {str(p.relative_to(ROOT)): "what purgatory/handoff.h's args mean to this CPU"
             for p in SRC.glob("arch/*/handoff.h")} | {
             "tests/fake/main.c": "the main() of build/baton-test, beside that of cli/"}


def sources(pattern="*.[ch]"):
    return sorted(SRC.rglob(pattern))


def scripts():
    """Everything that is run or built but is not in src/."""
    for folder in ("tests", "scripts", "bench", "cross"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".sh", ".c", ".h", ".S") and path.is_file():
                yield path


def name(path):
    return str(path.relative_to(ROOT))


def is_test(path):
    return path.stem.endswith(("_test", "_fuzz", "_fixture")) or name(path) in TEST_HELPERS


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
            m = re.match(r'#include "(([^"/]+)/)?[^"]+"', line)
            if m is None or (ROOT / "include" / line.split('"')[1]).exists():
                continue
            if m[2] is None:
                yield path, n, "include with the folder: \"core/err.h\""
            elif m[2] not in reach(folder):
                yield path, n, f"{folder} must not include {m[2]}"


def functions(lines):
    """(name, first line, last line, signature) of each function: braces stand at column 0."""
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
                yield path, first, f"{func}() has {parameters(text)} parameters"
    for path in scripts():
        limit = LINE_MAX if path.suffix in (".c", ".h") else SCRIPT_LINE_MAX
        limit = 10000 if name(path) in LARGER else limit
        for n, line in enumerate(path.read_text().splitlines(), 1):
            if len(line.expandtabs(8)) > limit:
                yield path, n, f"{len(line.expandtabs(8))} columns, at most {limit}"


def style():
    """Licence line, include guard, file names that are unique, no struct typedefs."""
    seen = defaultdict(list)
    for path in [*sources("*.[chS]"), *scripts()]:
        lines = path.read_text().splitlines() or [""]
        if path.suffix != ".py":
            seen[path.name].append(path)
        if lines != [""] and "SPDX-License-Identifier: GPL-2.0-or-later" not in " ".join(lines[:2]):
            yield path, 1, "the first line is not the licence line"
        if path.suffix == ".h" and "#pragma once" not in lines:
            yield path, 1, "no #pragma once"
        for n, line in enumerate(lines, 1):
            if re.match(r"typedef (struct|union)", line):
                yield path, n, "a typedef of a struct"
            if line != line.rstrip():
                yield path, n, "blanks at the end of the line"
    for paths in seen.values():
        paths = [p for p in paths if name(p) not in SAME_NAME]
        if all(name(p).startswith("src/arch/") for p in paths):
            continue  # each CPU has its arch.c
        if len(paths) > 1:
            yield paths[1], 1, f"another file is called {paths[0].name} too: {name(paths[0])}"


def docs():
    """Every header begins by saying what it is; every script by how it is used."""
    for path in sources("*.h"):
        head = path.read_text().split("\n", 1)[-1]
        text = re.split(r"^(?:struct|enum|static|int|void|bool|const|extern|size_t|uint\w+) ",
                        head, maxsplit=1, flags=re.M)[0]
        if "/*" not in text:
            yield path, 1, "no comment says what this header is"
    for path in scripts():
        lines = path.read_text().splitlines()
        if path.suffix == ".py" and lines and '"""' not in "".join(lines[:4]):
            yield path, 1, "no docstring"


BANNED = re.compile(r"(?<![\w.>])(f?printf|puts|perror|_?exit|abort|getenv|setenv|getopt\w*|mk[ds]temp|tmpfile)\s*\("
                    r"|\b(__aarch64__|__x86_64__|__i386__|__powerpc64__|__s390x__|__riscv)\b")


def purity():
    """The library never prints, exits, reads the environment, leaves files about or asks the compiler for the CPU."""
    for path in sources():
        if is_test(path) or path.relative_to(SRC).parts[0] == "cli":
            continue
        text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m[0].count("\n"), path.read_text(), flags=re.S)
        for n, line in enumerate(text.splitlines(), 1):
            m = BANNED.search(re.sub(r'"(\\.|[^"\\])*"', '""', line))
            if m and (name(path), m[1]) not in IMPURE:
                yield path, n, f"'{m[1] or m[2]}' has no place in the library"


def fuzz_stems():
    """{file of a target: the name of its seeds' folder}, from the `fuzzers` of the meson files."""
    stems = {}
    for path in SRC.rglob("meson.build"):
        for stem, file in re.findall(r"'(\w+)': files\('(\w+_fuzz\.c)'", path.read_text()):
            stems[path.parent / file] = stem
    return stems


def fuzz():
    """Every *_parse is reached by a fuzz target, and every target has three seeds."""
    targets = {p: p.read_text() for p in sources("*_fuzz.c")}
    stems = fuzz_stems()
    for path in sources("*.h"):
        for n, line in enumerate(path.read_text().splitlines(), 1):
            m = re.match(r"[a-z].*?\b(\w+_parse)\(", line)
            if m and m[1] not in NO_FUZZ and not any(
                    re.search(rf"\b{m[1]}\(", text) for text in targets.values()):
                yield path, n, f"{m[1]}() has no fuzz target"
    for path, text in targets.items():
        if path not in stems:
            yield path, 1, "no meson.build lists it in `fuzzers`"
            continue
        if not re.search(r"\b(assert|fuzz_\w+|abort)\(", text):
            yield path, 1, "it asserts no property"
        seeds = ROOT / "tests" / "fuzz" / stems[path]
        count = len([p for p in seeds.iterdir() if p.is_file()]) if seeds.is_dir() else 0
        if count < 3:
            yield path, 1, f"{count} seeds in tests/fuzz/{stems[path]}, at least 3"


def tracked():
    """The files of the repository, or of the folder where there is no git."""
    got = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", "-co", "--exclude-standard"],
                         capture_output=True, check=False)
    if got.returncode == 0:
        return [ROOT / os.fsdecode(f) for f in got.stdout.split(b"\0") if f]
    return [p for p in ROOT.rglob("*") if p.is_file() and not any(
        part.startswith(("build", ".")) for part in p.relative_to(ROOT).parts)]


def machine_words():
    """What tells of the machine that this was written on: its folders, its name, its mirror."""
    words = set()
    if len(ROOT.parts) > 2:
        words |= {str(ROOT), f"/{ROOT.parts[1]}/"}
    words -= {f"/{d}/" for d in "home root tmp usr var opt srv mnt build".split()}
    host = socket.gethostname()
    if len(host) > 8:
        words.add(host)
    for path in [*Path("/etc/apt").glob("*.list"), *Path("/etc/apt").rglob("*.sources"),
                 *Path("/etc/apt").rglob("*.list")]:
        for url in re.findall(r"https?://([\w.-]+)", path.read_text(errors="replace")):
            if not url.endswith("debian.org"):
                words.add(url)
    return words


def private():
    """No path, host or mirror of the machine that this is developed on."""
    words = machine_words()
    for path in tracked():
        if not path.is_file() or path.is_symlink() or path.stat().st_size > 1 << 20:
            continue
        for n, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            for word in words:
                if re.search(rf"(?<![\w./}})-]){re.escape(word)}", line):
                    yield path, n, f"names '{word}' of this machine"


def headers():
    """Every header compiles alone. CC and CFLAGS as in the environment."""
    cc = [*shlex.split(os.environ.get("CC", "cc")), *shlex.split(os.environ.get("CFLAGS", ""))]
    found = sources("*.h")
    with tempfile.TemporaryDirectory() as tmp:
        for i, path in enumerate(found):
            Path(tmp, f"{i}.c").write_text(f'#include "{path.relative_to(SRC)}"\n')
        files = [str(Path(tmp, f"{i}.c")) for i in range(len(found))]
        got = subprocess.run([*cc, "-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror",
                              "-fsyntax-only", f"-I{SRC}", f"-I{ROOT / 'include'}", *files],
                             capture_output=True, text=True, check=False)
    if got.returncode == 0:
        return
    bad = re.findall(r"(?:^|/)(src/[\w/.]+\.h):(\d+).*?error: (.*)", got.stderr, flags=re.M)
    for file, line, what in bad:
        yield ROOT / file, int(line), what
    if not bad:
        yield ROOT / "src", 0, got.stderr.strip()


RULES = {f.__name__: f for f in (arrows, sizes, style, docs, purity, fuzz, private, headers)}


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
