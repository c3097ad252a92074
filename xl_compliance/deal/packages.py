"""The files of a folder or a zip archive, read with limits: others made the archive."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from xl_compliance.deal.files import UnreadableFile, content_of

_MOST_FILES: Final = 1_000
_MOST_BYTES: Final = 64_000_000
_MOST_IN_ALL: Final = 256_000_000
_MOST_RATIO: Final = 200
_RATIO_FROM: Final = 1_000_000


def files_of(path: Path, suffix: str, expected: str) -> dict[str, bytes]:
    """The files with this ending, by their name below the folder or in the archive.

    Raises `UnreadableFile` for what is neither, for an archive that is damaged, encrypted, unpacks
    to too much, or names files outside itself.
    """
    if path.is_dir():
        return _in_folder(path, suffix, expected)
    if not zipfile.is_zipfile(path):
        content_of(path, _MOST_IN_ALL, expected)
        raise UnreadableFile(path, "", "this is no zip archive", expected, "Name the folder or zip")
    try:
        with zipfile.ZipFile(path) as archive:
            return dict(_in_archive(path, archive, suffix, expected))
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as problem:
        said = f"the archive is damaged ({problem})"
        raise UnreadableFile(path, "", said, expected, "Save or download it again") from None


def _in_folder(path: Path, suffix: str, expected: str) -> dict[str, bytes]:
    names = sorted(name for name in path.rglob(f"*{suffix}") if name.is_file())
    _limit(path, "", len(names), _MOST_FILES, "files")
    found: dict[str, bytes] = {}
    size = 0
    for name in names:
        if not name.resolve().is_relative_to(path.resolve()):
            said = "this link leads out of the folder"
            raise UnreadableFile(path, name.name, said, expected, "Put the file itself there")
        content = content_of(name, _MOST_BYTES, expected)
        size += len(content)
        _limit(path, "", size, _MOST_IN_ALL, "bytes in all")
        found[name.relative_to(path).as_posix()] = content
    return found


def _in_archive(
    path: Path, archive: zipfile.ZipFile, suffix: str, expected: str
) -> Iterator[tuple[str, bytes]]:
    members = [info for info in archive.infolist() if not info.is_dir()]
    _limit(path, "", len(members), _MOST_FILES, "files")
    _limit(path, "", sum(info.file_size for info in members), _MOST_IN_ALL, "bytes in all")
    seen: set[str] = set()
    for info in members:
        name = PurePosixPath(info.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in name.parts[0]:
            said, remedy = "its name leads out of the archive", "Pack the files again"
            raise UnreadableFile(path, info.filename, said, "names within the archive", remedy)
        if name.as_posix() in seen:
            said, remedy = "the archive holds it twice", "Pack the files again"
            raise UnreadableFile(path, info.filename, said, "one file a name", remedy)
        seen.add(name.as_posix())
        if name.suffix.lower() != suffix or "__MACOSX" in name.parts:
            continue
        yield name.as_posix(), _unpacked(path, archive, info, expected)


def _unpacked(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, expected: str) -> bytes:
    if info.flag_bits & 1:
        said, remedy = "it is encrypted", "Unpack it with its password and name the folder"
        raise UnreadableFile(path, info.filename, said, expected, remedy)
    _limit(path, info.filename, info.file_size, _MOST_BYTES, "bytes")
    if info.file_size > max(_RATIO_FROM, _MOST_RATIO * info.compress_size):
        said = f"{info.compress_size:,} bytes would unpack to {info.file_size:,}"
        raise UnreadableFile(
            path,
            info.filename,
            said,
            f"at most {_MOST_RATIO} times as much",
            "Check where it comes from",
        )
    with archive.open(info) as member:
        return member.read(info.file_size + 1)


def _limit(path: Path, place: str, number: int, most: int, what: str) -> None:
    if number > most:
        said = f"{number:,} {what}"
        raise UnreadableFile(
            path, place, said, f"at most {most:,}", "Check that it is the right one"
        )
