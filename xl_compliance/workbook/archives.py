"""What is wrong with a zip archive, found in its directory before anything is unpacked."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from xl_compliance.workbook.limits import Limit

_LOCAL_START: Final = 30
_NAMES: Final = struct.Struct("<HH")
_ENCRYPTED: Final = 0x1


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits for one kind of archive."""

    parts: Limit
    part_bytes: Limit
    unpacked_bytes: Limit
    ratio: Limit


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong: the part it is wrong with, if one; what was found; what to do."""

    part: str
    found: str
    remedy: str


_WHERE_FROM: Final = "Check where it comes from before you open it"
_AGAIN: Final = "Save it again in the program that made it"


def first_fault(archive: ZipFile, data: bytes | None, bounds: Bounds) -> Fault | None:
    """The first thing that is wrong with an archive, or None.

    `data` is the whole file, for finding parts that overlap; without it they are not looked for.
    """
    return next(_faults(archive, data, bounds), None)


def _faults(archive: ZipFile, data: bytes | None, bounds: Bounds) -> Iterator[Fault]:
    members = [info for info in archive.infolist() if not info.is_dir()]
    too_many = bounds.parts.passed_by(len(members))
    if too_many:
        yield Fault("", f"it has {too_many}", _WHERE_FROM)
    for info in members:
        yield from _faults_of_name(info)
        yield from _faults_of_size(info, bounds)
    too_much = bounds.unpacked_bytes.passed_by(sum(info.file_size for info in members))
    if too_much:
        yield Fault("", f"it has {too_much}", _WHERE_FROM)
    yield from _twice(members)
    if data is not None:
        yield from _overlaps(members, data)


def _faults_of_name(info: ZipInfo) -> Iterator[Fault]:
    if _leads_out(info.orig_filename.replace("\\", "/")):
        yield Fault(info.orig_filename, "its name leads out of the file", _WHERE_FROM)
    if "\x00" in info.orig_filename:
        yield Fault(info.orig_filename, "its name holds a zero byte", _WHERE_FROM)


def _leads_out(name: str) -> bool:
    """Whether a name may be of a place outside the folder that an archive is unpacked into.

    >>> [_leads_out(it) for it in ("xl/workbook.xml", "./a", "..a/b", "a/../b", "C:/a", "/a", "")]
    [False, False, False, True, True, True, True]
    """
    steps = [step for step in name.split("/") if step not in ("", ".")]
    return not steps or name.startswith("/") or ".." in steps or ":" in steps[0]


def _faults_of_size(info: ZipInfo, bounds: Bounds) -> Iterator[Fault]:
    if info.flag_bits & _ENCRYPTED:
        yield Fault(info.filename, "it is encrypted", "Take the password off and save a copy")
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        found = f"it is packed in a way that no office program uses (method {info.compress_type})"
        yield Fault(info.filename, found, _AGAIN)
    too_much = bounds.part_bytes.passed_by(info.file_size)
    if too_much:
        yield Fault(info.filename, f"it has {too_much}", _WHERE_FROM)
    ratio = bounds.ratio
    if info.file_size > max(ratio.start, ratio.most * info.compress_size):
        found = f"{info.compress_size:,} bytes would unpack to {info.file_size:,}"
        yield Fault(info.filename, f"{found}, more than {ratio.most} {ratio.what}", _WHERE_FROM)


def _twice(members: Iterable[ZipInfo]) -> Iterator[Fault]:
    seen: set[str] = set()
    for info in members:
        name = info.filename.replace("\\", "/").casefold()
        if name in seen:
            found = "the file holds this part twice, and programs differ in which one they read"
            yield Fault(info.filename, found, _AGAIN)
        seen.add(name)


def _overlaps(members: Iterable[ZipInfo], data: bytes) -> Iterator[Fault]:
    end = 0
    for info in sorted(members, key=lambda it: it.header_offset):
        start = info.header_offset
        if start < end:
            yield Fault(info.filename, "it overlaps with another part", _WHERE_FROM)
        if data[start : start + 4] != b"PK\x03\x04" or start + _LOCAL_START > len(data):
            yield Fault(info.filename, "it is not where the file says", _AGAIN)
            return
        name, extra = _NAMES.unpack_from(data, start + 26)
        end = start + _LOCAL_START + name + extra + info.compress_size
        if end > len(data):
            yield Fault(info.filename, "it is cut off", "Copy or download it again")
