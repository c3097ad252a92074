"""The files of a folder or a zip archive, read with limits: others made the archive."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from xl_compliance.deal.files import UnreadableFile, content_of
from xl_compliance.workbook.archives import Bounds, first_fault
from xl_compliance.workbook.limits import Limit, limit

_FILES: Final = limit("archive_files")
_BYTES: Final = limit("archive_file_bytes")
_IN_ALL: Final = limit("archive_bytes")
_BOUNDS: Final = Bounds(_FILES, _BYTES, _IN_ALL, limit("archive_ratio"))


def files_of(path: Path, suffix: str, expected: str) -> dict[str, bytes]:
    """The files with this ending, by their name below the folder or in the archive.

    Raises `UnreadableFile` for what is neither, for an archive that is damaged, encrypted, unpacks
    to too much, or names files outside itself.
    """
    if path.is_dir():
        return _in_folder(path, suffix, expected)
    if not path.is_file() or not zipfile.is_zipfile(path):
        content_of(path, _IN_ALL.most, expected)
        raise UnreadableFile(path, "", "this is no zip archive", expected, "Name the folder or zip")
    try:
        with zipfile.ZipFile(path) as archive:
            return dict(_in_archive(path, archive, suffix, expected))
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as problem:
        said = f"the archive is damaged ({problem})"
        raise UnreadableFile(path, "", said, expected, "Save or download it again") from None


def _in_folder(path: Path, suffix: str, expected: str) -> dict[str, bytes]:
    names = sorted(name for name in path.rglob(f"*{suffix}") if name.is_file())
    _within(path, len(names), _FILES)
    found: dict[str, bytes] = {}
    size = 0
    for name in names:
        if not name.resolve().is_relative_to(path.resolve()):
            said = "this link leads out of the folder"
            raise UnreadableFile(path, name.name, said, expected, "Put the file itself there")
        content = content_of(name, _BYTES.most, expected)
        size += len(content)
        _within(path, size, _IN_ALL)
        found[name.relative_to(path).as_posix()] = content
    return found


def _in_archive(
    path: Path, archive: zipfile.ZipFile, suffix: str, expected: str
) -> Iterator[tuple[str, bytes]]:
    fault = first_fault(archive, None, _BOUNDS)
    if fault is not None:
        raise UnreadableFile(path, fault.part, fault.found, expected, fault.remedy)
    for info in archive.infolist():
        name = PurePosixPath(info.filename.replace("\\", "/"))
        if name.suffix.lower() == suffix and "__MACOSX" not in name.parts and not info.is_dir():
            yield name.as_posix(), archive.read(info)


def _within(path: Path, number: int, limit: Limit) -> None:
    too_much = limit.passed_by(number)
    if too_much:
        remedy = "Check that it is the right one"
        raise UnreadableFile(path, "", f"it has {too_much}", f"at most {limit.most:,}", remedy)
