"""Whether a file is still the one that was read: saved in between, it is another."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import NamedTuple

from xl_compliance.workbook.snapshot import UnreadableWorkbook


class Version(NamedTuple):
    """A file as it stands on the disk: which one, how large, and when it was last written."""

    file: int
    size: int
    written: int


def version_of(path: Path) -> Version | None:
    """The version that lies there now; None for a file that is gone, or is behind a URL."""
    if not isinstance(path, PurePath):
        return None
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return Version(found.st_ino, found.st_size, found.st_mtime_ns)


def refuse_another(path: Path, version: Version | None) -> None:
    """Raise `UnreadableWorkbook` where another version than this one lies there by now."""
    if version is not None and version_of(path) != version:
        raise UnreadableWorkbook(
            path,
            "it was saved again after it was read, so no copy was made",
            "the file as it was read",
            "Close it or wait until it is saved, and start again",
        )
