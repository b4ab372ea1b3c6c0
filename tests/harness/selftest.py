#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The harness tests itself: what needs no QEMU and no network."""
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harness import aptroot, qemu           # noqa: E402
from harness.cpio import Cpio               # noqa: E402
from vm import dump                         # noqa: E402
from vm.rows import ROWS                    # noqa: E402


class Sources(unittest.TestCase):
    """The mirror is read from whatever form of apt configuration the machine has."""

    def test_list(self):
        with tempfile.TemporaryDirectory() as d:
            (Path(d) / "sources.list").write_text(
                "# c\ndeb [signed-by=/k.gpg] http://m/debian bookworm main\n"
                "deb-src http://no/ bookworm main\ndeb http://m/security bookworm-security main\n")
            found = aptroot.mirrors(aptroot.machine_sources(d))
        self.assertEqual(found["main"], ("http://m/debian", "/k.gpg"))
        self.assertEqual(found["security"], ("http://m/security", None))

    def test_deb822_file(self):
        with tempfile.TemporaryDirectory() as d:
            path = Path(d) / "sources.list.d" / "debian.sources"
            path.parent.mkdir()
            path.write_text("Types: deb deb-src\n# a comment\nURIs: http://m/debian\n"
                            "Suites: bookworm bookworm-updates\nSigned-By: /k.gpg\n\n"
                            "Enabled: no\nTypes: deb\nURIs: http://off/\nSuites: bookworm\n")
            self.assertEqual(list(aptroot.machine_sources(d)),
                             [("http://m/debian", "bookworm", "/k.gpg"),
                              ("http://m/debian", "bookworm-updates", "/k.gpg")])

    def test_strangers_are_no_debian(self):
        with self.assertRaises(aptroot.AptError):
            aptroot.mirrors([("http://ppa/", "jammy", None), ("http://x/", "nodistro", None)])


class Archive(unittest.TestCase):
    def test_cpio_reads_it(self):
        with tempfile.TemporaryDirectory() as d:
            path = Path(d) / "a.img"
            with Cpio(path) as c:
                c.file("etc/deep/hello", data=b"hello\n", mode=0o755)
                c.link("sh", "busybox")
                c.node("dev/console", "c", 5, 1)
            raw = path.read_bytes()
        self.assertEqual(len(raw) % 4, 0)
        names, at = {}, 0
        while True:
            self.assertEqual(raw[at:at + 6], b"070701")
            f = [int(raw[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]
            name = raw[at + 110:at + 110 + f[11] - 1].decode()
            body = (at + 110 + f[11] + 3) & ~3
            if name == "TRAILER!!!":
                break
            names[name] = (f[1], raw[body:body + f[6]], (f[9], f[10]))
            at = (body + f[6] + 3) & ~3
        self.assertEqual(sorted(names), ["dev", "dev/console", "etc", "etc/deep", "etc/deep/hello",
                                         "sh"])
        self.assertEqual(names["etc/deep/hello"][:2], (0o100755, b"hello\n"))
        self.assertEqual(names["sh"][:2], (0o120777, b"busybox"))
        self.assertEqual(names["dev/console"], (0o020600, b"", (5, 1)))


class Runs(unittest.TestCase):
    def test_ram_file(self):
        self.assertEqual(qemu.phys_to_file(0x1000, 512), 0x1000)
        self.assertEqual(qemu.phys_to_file(1 << 32, 6144), 0x80000000)
        for addr, size in ((512 << 20, 512), (0x80000000, 6144), ((4 << 30) + (4 << 30), 6144)):
            with self.assertRaises(ValueError):
                qemu.phys_to_file(addr, size)

    def fake(self, program, **more):
        """A Guest whose QEMU is a shell script."""
        d = tempfile.mkdtemp()
        path = Path(d) / "qemu"
        path.write_text("#!/bin/sh\n" + program)
        path.chmod(0o755)
        return qemu.Guest(Path(d) / "log", "k", "i", "a", qemu=str(path), **more)

    def test_wait_and_finish(self):
        with self.fake("echo one; echo '@@ up b 6.1'; printf tail") as g:
            self.assertEqual(g.wait(r"@@ up b (\S+)")[1], "6.1")
            g.finish()
        self.assertEqual(g.lines[-1][1], "tail")
        self.assertIn("@@ up b", g.log_path.read_text())

    def test_hang_is_ended(self):
        with self.fake("echo before; exec sleep 60", limit=1) as g:
            with self.assertRaisesRegex(qemu.GuestError, "did not come within.*(?s:.*)before"):
                g.wait("never")
        self.assertIsNotNone(g.proc.poll())

    def test_end_and_bad_line(self):
        with self.fake("echo x") as g:
            with self.assertRaisesRegex(qemu.GuestError, "ended before"):
                g.wait("never")
        with self.fake("echo '@@ FAILED (1): x'; sleep 5") as g:
            with self.assertRaisesRegex(qemu.GuestError, "the guest said"):
                g.wait("never", never="FAILED")

    def test_third_boot(self):
        boot = "echo 'SeaBIOS (version 1)';"
        with self.fake(boot * 3 + "sleep 5") as g:
            with self.assertRaisesRegex(qemu.GuestError, "booted 3 times"):
                g.wait("never")


class Table(unittest.TestCase):
    def test_rows(self):
        names = [r.name for r in ROWS]
        self.assertEqual(len(names), len(set(names)))
        self.assertTrue(any(r.named for r in ROWS))

    def test_nonce_page(self):
        page = dump.nonce_page(7, "0123456789abcdef")
        self.assertEqual(len(page), dump.PAGE)
        self.assertTrue(page.startswith(b"BATON-NONCE 007 0123456789abcdef"))


if __name__ == "__main__":
    unittest.main()
