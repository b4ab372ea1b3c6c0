# SPDX-License-Identifier: GPL-2.0-or-later
"""A writer of newc cpio archives (the kernel's initramfs format; Documentation/driver-api/early-userspace).

Device nodes are entries like any other: no mknod, no root, no fakeroot.  Files are streamed, so an
initrd may hold another initrd of hundreds of megabytes.
"""
import shutil
import stat
from pathlib import Path


class Cpio:
    """with Cpio(path) as c: c.dir('bin'); c.file('init', data=b'...', mode=0o755); c.node(...)"""

    def __init__(self, path):
        self.out = open(path, "wb")
        self.ino = 0
        self.dirs = set()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self._entry("TRAILER!!!", 0, 0)
        self.out.close()

    def _pad(self):
        self.out.write(b"\0" * (-self.out.tell() % 4))

    def _entry(self, name, mode, size, rdev=(0, 0)):
        self.ino += 1
        if size >= 1 << 32:
            raise ValueError(f"{name}: a newc archive holds files below 4 GiB")
        name = name.encode() + b"\0"
        fields = (self.ino if mode else 0, mode, 0, 0, 1, 0, size, 0, 0, *rdev, len(name), 0)
        self.out.write(b"070701" + b"".join(b"%08x" % f for f in fields) + name)
        self._pad()

    def dir(self, name, mode=0o755):
        """A folder and the folders above it; a second time is no error."""
        name = name.strip("/")
        parent = str(Path(name).parent)
        if parent != ".":
            self.dir(parent)
        if name not in self.dirs:
            self.dirs.add(name)
            self._entry(name, stat.S_IFDIR | mode, 0)

    def _inside(self, name):
        name = name.strip("/")
        parent = str(Path(name).parent)
        if parent != ".":
            self.dir(parent)
        return name

    def file(self, name, src=None, data=None, mode=None):
        """A file with the bytes of @data, or those of the file @src."""
        name = self._inside(name)
        if data is not None:
            self._entry(name, stat.S_IFREG | (mode or 0o644), len(data))
            self.out.write(data)
        else:
            st = Path(src).stat()
            self._entry(name, stat.S_IFREG | (mode or st.st_mode & 0o777), st.st_size)
            with open(src, "rb") as f:
                shutil.copyfileobj(f, self.out, 1 << 20)
        self._pad()

    def link(self, name, target):
        name = self._inside(name)
        self._entry(name, stat.S_IFLNK | 0o777, len(target.encode()))
        self.out.write(target.encode())
        self._pad()

    def node(self, name, kind, major, minor, mode=0o600):
        """A device node; @kind is 'c' or 'b'."""
        name = self._inside(name)
        self._entry(name, {"c": stat.S_IFCHR, "b": stat.S_IFBLK}[kind] | mode, 0, (major, minor))
