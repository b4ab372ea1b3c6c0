#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A private apt root: packages of any Debian suite and CPU, unpacked and never installed.

State, cache, sources.list and an empty dpkg status live below the cache folder; the mirror and
its keys are read from the machine's own apt configuration, which is never changed.  A package is
asked for by pattern and the newest one that matches is taken; with a warm cache there is no
network (an answer is used for WARM_DAYS without asking again, for ever when offline).

    aptroot.py [--suite bookworm] [--arch amd64] PATTERN...      prints one unpacked folder per line

A pattern is a regular expression for the whole package name: 'linux-image-6\\.1\\..*-cloud-amd64-unsigned'.
"""
import argparse
import contextlib
import fcntl
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

WARM_DAYS = 7
LARGE = 4 << 20
CODENAMES = ("bookworm", "trixie", "bullseye", "forky", "sid", "stable", "testing", "oldstable")


class AptError(Exception):
    """What could not be had, in words for the user."""


def cache_dir():
    return Path(os.environ.get("BATON_CACHE") or Path.home() / ".cache" / "baton")


@contextlib.contextmanager
def locked(path):
    """Only one process, and one thread of it, is inside for a @path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        yield


def say(text):
    print(text, file=sys.stderr, flush=True)


def _deb822(text):
    """Stanzas of a .sources file as dictionaries with lower-case keys."""
    for stanza in re.split(r"\n\s*\n", text):
        fields, key = {}, None
        for line in stanza.splitlines():
            if line.startswith("#"):
                continue
            if line[:1].isspace() and key:
                fields[key] += "\n" + line.strip()
            elif ":" in line:
                key, _, value = line.partition(":")
                key = key.strip().lower()
                fields[key] = value.strip()
        if fields:
            yield fields


def machine_sources(root="/etc/apt"):
    """(uri, suite, signed_by) of every binary source that this machine's apt knows."""
    root = Path(root)
    lists = [root / "sources.list", *sorted(root.glob("sources.list.d/*.list"))]
    for path in lists:
        for line in path.read_text().splitlines() if path.exists() else ():
            m = re.match(r"\s*deb\s+(\[(?P<opt>[^]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)", line)
            if m:
                signed = re.search(r"signed-by=(\S+)", m["opt"] or "", re.I)
                yield m["uri"], m["suite"], signed[1] if signed else None
    for path in sorted(root.glob("sources.list.d/*.sources")):
        for s in _deb822(path.read_text()):
            if "deb" not in s.get("types", "").split() or s.get("enabled", "yes") == "no":
                continue
            for uri in s.get("uris", "").split():
                for suite in s.get("suites", "").split():
                    yield uri, suite, s.get("signed-by")


def mirrors(sources=None):
    """({'main': (uri, signed_by), 'security': ...}) of this machine's Debian mirror."""
    found = {}
    for uri, suite, signed in machine_sources() if sources is None else sources:
        code, _, pocket = suite.partition("-")
        if code.partition("/")[0] not in CODENAMES:
            continue
        kind = "security" if pocket == "security" or "/updates" in suite else "main"
        if kind == "main" and pocket not in ("", "updates", "backports"):
            continue
        found.setdefault(kind, (uri, signed))
    own = os.environ.get("BATON_MIRROR")
    if own:
        found["main"] = (own, None)
    if "main" not in found:
        raise AptError("this machine's apt configuration names no Debian mirror: "
                       "set BATON_MIRROR=http://HOST/debian")
    return found


class AptRoot:
    """One suite and CPU.  get() is all that most callers need."""

    INDEX = "Packages"

    def __init__(self, suite="bookworm", arch="amd64"):
        self.suite, self.arch = suite, arch
        self.dir = cache_dir() / "apt" / f"{suite}-{arch}"
        self.fresh = False

    def _sources(self):
        base = self.suite.partition("-")[0]
        found = mirrors()
        uri, signed = found["main"]
        opt = f"arch={self.arch}" + (f" signed-by={signed}" if self._is_key(signed) else "")
        suites = [base, base + "-updates"] + ([self.suite] if self.suite != base else [])
        lines = [f"deb [{opt}] {uri} {s} main" for s in suites]
        if "security" in found:
            uri, signed = found["security"]
            opt = f"arch={self.arch}" + (f" signed-by={signed}" if self._is_key(signed) else "")
            lines.append(f"deb [{opt}] {uri} {base}-security main")
        return "\n".join(lines) + "\n"

    @staticmethod
    def _is_key(signed):
        return bool(signed) and "\n" not in signed and " " not in signed

    def _config(self):
        """Writes the root's own configuration; returns its path."""
        for sub in ("state/lists/partial", "cache/archives/partial", "debs"):
            (self.dir / sub).mkdir(parents=True, exist_ok=True)
        (self.dir / "status").touch()
        text = self._sources()
        src = self.dir / "sources.list"
        if not src.exists() or src.read_text() != text:
            src.write_text(text)
        conf = self.dir / "apt.conf"
        conf.write_text(f'''
Dir::State "{self.dir}/state"; Dir::State::status "{self.dir}/status";
Dir::Cache "{self.dir}/cache"; Dir::Etc::SourceList "{src}"; Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null"; Dir::Etc::PreferencesParts "/dev/null";
APT::Architecture "{self.arch}"; #clear APT::Architectures; APT::Architectures {{ "{self.arch}"; }};
APT::Sandbox::User "root"; Acquire::Languages "none"; APT::Get::AllowUnauthenticated "false";
Acquire::Retries "2"; Acquire::http::Timeout "30"; APT::Update::Error-Mode "any";
#clear APT::Update::Post-Invoke; #clear APT::Update::Post-Invoke-Success; #clear APT::Update::Pre-Invoke;
''')
        return conf

    def _apt(self, tool, *args, cwd=None):
        # -c is read last, so its #clear lines win over the machine's hooks.
        cmd = [tool, "-q", "-c", str(self._config()), *args]
        env = dict(os.environ, LC_ALL="C", DEBIAN_FRONTEND="noninteractive")
        if not shutil.which(tool):
            raise AptError(f"{tool} is not on this machine: kernels are taken from Debian with apt")
        p = subprocess.run(cmd, capture_output=True, text=True, cwd=cwd, env=env)
        if p.returncode:
            raise AptError(f"{tool} {args[0]} ({self.suite}, {self.arch}): "
                           + (p.stderr.strip().splitlines() or ["failed"])[-1])
        return p.stdout

    def update(self):
        """Fetches the package lists, unless they are of this hour."""
        stamp = self.dir / "updated"
        if self.fresh or (stamp.exists() and time.time() - stamp.stat().st_mtime < 3600):
            return
        say(f"apt: reading the lists of {self.suite}: {self.INDEX} for {self.arch} (about 10 MB)")
        lists = self.dir / "state/lists"
        try:
            self._apt("apt-get", "update")
        except AptError as err:
            # A mirror that is being synchronised fails one index; the others are still good.
            if not list(lists.glob(f"*_{self.INDEX}*")):
                raise
            say(f"apt: {err}; going on with the lists that are there")
        stamp.touch()
        self.fresh = True

    def _candidates(self, pattern):
        prefix = re.match(r"[a-z0-9+-]*", pattern)[0]
        # The last literal may be optional ("ab?"): it is no part of the prefix.
        if len(prefix) < len(pattern) and pattern[len(prefix)] in "?*{":
            prefix = prefix[:-1]
        names = self._apt("apt-cache", "pkgnames", prefix).split()
        names = sorted(n for n in names if re.fullmatch(pattern, n))
        if not names:
            return []
        out, want = [], (self.suite if "-backports" in self.suite else None)
        for line in self._apt("apt-cache", "madison", *names).splitlines():
            name, version, where = (x.strip() for x in line.split("|"))
            if where.endswith("Sources") or (want and f" {want}/" not in where):
                continue
            out.append((name, version))
        return out

    def newest(self, pattern):
        """(name, version) of the newest package whose whole name matches @pattern."""
        def newer(a, b):
            r = subprocess.run(["dpkg", "--compare-versions", a[1], "gt", b[1]])
            return 1 if r.returncode == 0 else -1 if a[1] != b[1] else 0
        found = self._candidates(pattern)
        if not found:
            raise AptError(f"no package matches '{pattern}' in {self.suite} for {self.arch}")
        return max(found, key=functools.cmp_to_key(newer))

    def _download(self, name, version):
        spec = f"{name}={version}"
        uri = self._apt("apt-get", "download", "--print-uris", spec).split()
        size = int(uri[2]) if len(uri) > 2 and uri[2].isdigit() else 0
        deb = self.dir / "debs" / (uri[1] if len(uri) > 1 else f"{name}_{version}.deb")
        if deb.exists() and deb.stat().st_size == size:
            return deb
        free = shutil.disk_usage(self.dir).free
        if free < 8 * size:
            raise AptError(f"{name}: needs about {8 * size >> 20} MB below {self.dir}, "
                           f"{free >> 20} MB are free")
        if size >= LARGE:
            say(f"apt: downloading {name} {version}: {size / 1e6:.1f} MB")
        self._apt("apt-get", "download", spec, cwd=self.dir / "debs")
        return deb

    def _unpack(self, deb, name, version):
        out = cache_dir() / "unpacked" / f"{name}_{version.replace(':', '%')}_{self.arch}"
        if out.exists():
            return out
        tmp = out.with_name(out.name + f".tmp{os.getpid()}")
        shutil.rmtree(tmp, ignore_errors=True)
        tmp.mkdir(parents=True)
        subprocess.run(["dpkg", "-x", str(deb), str(tmp)], check=True)
        tmp.rename(out)
        return out

    def get(self, pattern):
        """The folder with the unpacked newest package that matches @pattern."""
        with locked(self.dir / "lock"):
            return self._get(pattern)

    def _get(self, pattern):
        note = self.dir / "found.json"
        known = json.loads(note.read_text()) if note.exists() else {}
        old = known.get(pattern)
        have = old and (cache_dir() / old["dir"]).is_dir()
        young = have and time.time() - old["time"] < WARM_DAYS * 86400
        if have and (young or os.environ.get("BATON_OFFLINE")):
            return cache_dir() / old["dir"]
        try:
            if os.environ.get("BATON_OFFLINE"):
                raise AptError(f"BATON_OFFLINE is set and '{pattern}' is not in the cache")
            self.update()
            name, version = self.newest(pattern)
            out = self._unpack(self._download(name, version), name, version)
        except AptError as err:
            if not have:
                raise
            say(f"apt: {err}; using {old['name']} {old['version']} of the cache")
            return cache_dir() / old["dir"]
        known = json.loads(note.read_text()) if note.exists() else {}
        known[pattern] = {"name": name, "version": version, "time": int(time.time()),
                          "dir": str(out.relative_to(cache_dir()))}
        tmp = note.with_suffix(f".tmp{os.getpid()}")
        tmp.write_text(json.dumps(known, indent=1) + "\n")
        tmp.rename(note)
        return out


class SourceRoot(AptRoot):
    """Source packages: get(NAME) is the folder of the newest one, Debian's patches applied."""
    INDEX = "Sources"

    def __init__(self, suite="bookworm", upstream=False):
        """@upstream: only the upstream tar, without Debian's patches."""
        super().__init__(suite)
        self.upstream = upstream
        self.dir = cache_dir() / "apt" / f"{suite}-source"

    def _sources(self):
        return re.sub("^deb ", "deb-src ", super()._sources(), flags=re.M)

    def _candidates(self, pattern):
        rows = self._apt("apt-cache", "madison", pattern).splitlines()
        rows = [[x.strip() for x in row.split("|")] for row in rows]
        return [(name, version) for name, version, where in rows if where.endswith("Sources")]

    def _download(self, name, version):
        debs, only = self.dir / "debs", "--tar-only" if self.upstream else "--download-only"
        self._apt("apt-get", "source", "--download-only", only, f"{name}={version}", cwd=debs)
        base = f"{name}_{version.partition(':')[2] or version}"
        if self.upstream:
            return next(debs.glob(base.rpartition("-")[0] + ".orig.tar.*"))
        return debs / f"{base}.dsc"

    def _unpack(self, deb, name, version):
        kind = "upstream" if self.upstream else "source"
        out = cache_dir() / "unpacked" / f"{name}_{version.replace(':', '%')}_{kind}"
        if out.exists():
            return out
        tmp = out.with_name(out.name + f".tmp{os.getpid()}")
        shutil.rmtree(tmp, ignore_errors=True)
        # apt has compared the files' checksums with its signed lists.
        cmd = ["dpkg-source", "--no-check", "-x", str(deb), str(tmp)]
        if self.upstream:
            tmp.mkdir(parents=True)
            cmd = ["tar", "-C", str(tmp), "--strip-components=1", "-xf", str(deb)]
        if not shutil.which(cmd[0]):
            raise AptError(f"no {cmd[0]} on this machine: it unpacks Debian's sources")
        p = subprocess.run(cmd, capture_output=True, text=True)
        if p.returncode:
            raise AptError(f"{cmd[0]} {deb.name}: {(p.stderr.splitlines() or ['failed'])[-1]}")
        tmp.rename(out)
        return out


def main():
    ap = argparse.ArgumentParser(description="packages of Debian, unpacked below the cache")
    ap.add_argument("--suite", default="bookworm")
    ap.add_argument("--arch", default="amd64")
    ap.add_argument("pattern", nargs="+")
    a = ap.parse_args()
    root = AptRoot(a.suite, a.arch)
    try:
        for p in a.pattern:
            print(root.get(p))
    except AptError as err:
        say(f"aptroot: {err}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
