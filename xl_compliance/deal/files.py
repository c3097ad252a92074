"""Files of other programs: what keeps one from being read, told to the person who has it."""

from __future__ import annotations

import stat
from pathlib import Path


class UnreadableFile(Exception):
    """A file that cannot be read, and what to do about it.

    `place` says where in the file: an element, an object, a cell; blank for the file as a whole.

    >>> print(UnreadableFile(Path("a.xml"), "headerData", "it is missing", "the header", "Add it"))
    a.xml: headerData: it is missing. Expected the header. Add it.
    """

    def __init__(self, path: Path, place: str, read: str, expected: str, remedy: str) -> None:
        super().__init__(path, place, read, expected, remedy)
        self.path = path
        self.place = place
        self.read = read
        self.expected = expected
        self.remedy = remedy

    def __str__(self) -> str:
        name = self.path.name or str(self.path)
        where = f"{name}: {self.place}" if self.place else name
        return f"{where}: {self.read}. Expected {self.expected}. {self.remedy}."


def content_of(path: Path, most: int, expected: str) -> bytes:
    """The bytes of a file of at most `most` bytes; raises `UnreadableFile`."""
    try:
        found = path.stat()
        size = found.st_size
        if stat.S_ISDIR(found.st_mode):
            raise UnreadableFile(path, "", "this is a folder", expected, "Name a file in it")
        if not stat.S_ISREG(found.st_mode):
            said = "this is a device or a pipe, not a file"
            raise UnreadableFile(path, "", said, expected, "Save it as a file first")
        if size > most:
            said = f"the file has {size:,} bytes"
            raise UnreadableFile(
                path, "", said, f"at most {most:,}", "Check that it is the right file"
            )
        return path.read_bytes()
    except FileNotFoundError:
        read, remedy = "there is no such file", "Check the name and the folder"
    except OSError as problem:
        read = f"it may not be read ({problem.strerror or problem})"
        remedy = "Close it where it is open, or ask for permission to read it"
    raise UnreadableFile(path, "", read, expected, remedy)
