"""A copy of a workbook's zip file in which a few parts differ.

Every other part is copied as it lies in the file, compressed bytes and all: nothing is lost that
no library knows, and a copy takes milliseconds.
"""

from __future__ import annotations

import os
import secrets
import struct
import zlib
from pathlib import Path
from typing import Final, NamedTuple
from zipfile import ZIP_DEFLATED, ZipInfo

from xl_compliance.workbook.snapshot import Package

_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_END: Final = struct.Struct("<4s4H2LH")
_LOCAL_START: Final = 30
_DATA_FOLLOWS, _UTF8 = 0x8, 0x800
_LARGEST: Final = 0xFFFF_FFFE
_MOST_ENTRIES: Final = 0xFFFE
_VERSION: Final = 20
_FIRST_DAY: Final = (1 << 5) | 1  # 1 January 1980, where the format's time begins


class CannotCopy(Exception):
    """A file of which no such copy can be made; the message says why."""


class _Entry(NamedTuple):
    info: ZipInfo
    name: bytes
    flags: int
    method: int
    when: tuple[int, int]
    check: int
    size: int
    data: bytes


class PackageCopy:
    """A package with parts replaced and added, until it is saved."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self._changed: dict[str, bytes] = {}
        self._added: dict[str, bytes] = {}

    def has(self, part: str) -> bool:
        """Whether there is such a part, old or added; capitals do not matter."""
        added = {name.lower() for name in self._added}
        return self.package.has(part) or part.lower() in added

    def names(self) -> list[str]:
        """The names of all parts."""
        return [*self.package.archive.namelist(), *self._added]

    def read(self, part: str) -> bytes:
        """A part as it will stand in the copy."""
        if part in self._added:
            return self._added[part]
        name = self.package.member(part)
        return self._changed[name] if name in self._changed else self.package.archive.read(name)

    def write(self, part: str, content: bytes) -> None:
        """Replace a part, or add it."""
        if self.package.has(part):
            self._changed[self.package.member(part)] = content
        else:
            self._added[part] = content

    def save(self, target: Path) -> None:
        """Write the copy beside its place, then rename it there."""
        entries = [self._old(info) for info in self.package.archive.infolist()]
        entries += [_new(name, content) for name, content in self._added.items()]
        if len(entries) > _MOST_ENTRIES:
            raise CannotCopy(f"it holds {len(entries):,} parts")
        unfinished = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
        try:
            with unfinished.open("xb") as stream:
                stream.writelines(_pieces(entries, self.package.archive.comment))
            os.replace(unfinished, target)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise

    def _old(self, info: ZipInfo) -> _Entry:
        # The name as its bytes stand in the file: another encoding would be another name.
        flags = info.flag_bits & ~_DATA_FOLLOWS
        name = info.orig_filename.encode("utf-8" if flags & _UTF8 else "cp437")
        year, month, day, hour, minute, second = info.date_time
        when = (hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day)
        if info.filename in self._changed:
            content = self._changed[info.filename]
            data = _deflated(content)
            check = zlib.crc32(content)
            return _Entry(info, name, flags, ZIP_DEFLATED, when, check, len(content), data)
        data = self._as_it_lies(info)
        return _Entry(info, name, flags, info.compress_type, when, info.CRC, info.file_size, data)

    def _as_it_lies(self, info: ZipInfo) -> bytes:
        whole, offset = self.package.data, info.header_offset
        if whole[offset : offset + 4] != b"PK\x03\x04":
            raise CannotCopy(f"the part {info.filename} is not where the file says")
        name, extra = struct.unpack_from("<HH", whole, offset + 26)
        start = offset + _LOCAL_START + name + extra
        data = whole[start : start + info.compress_size]
        if len(data) != info.compress_size:
            raise CannotCopy(f"the part {info.filename} is cut off")
        return data


def _new(name: str, content: bytes) -> _Entry:
    flags = 0 if name.isascii() else _UTF8
    when = (0, _FIRST_DAY)
    data = _deflated(content)
    info = ZipInfo(name)
    return _Entry(
        info, name.encode(), flags, ZIP_DEFLATED, when, zlib.crc32(content), len(content), data
    )


def _deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def _pieces(entries: list[_Entry], comment: bytes) -> list[bytes]:
    pieces: list[bytes] = []
    directory: list[bytes] = []
    offset = 0
    for entry in entries:
        fields = (
            entry.flags,
            entry.method,
            *entry.when,
            entry.check,
            len(entry.data),
            entry.size,
            len(entry.name),
        )
        if max(offset, entry.size, len(entry.data)) > _LARGEST:
            raise CannotCopy("it is larger than 4 GB")
        local = _LOCAL.pack(b"PK\x03\x04", _VERSION, *fields, 0) + entry.name
        pieces += [local, entry.data]
        info = entry.info
        made_by = info.create_system << 8 | _VERSION
        directory.append(
            _CENTRAL.pack(
                b"PK\x01\x02",
                made_by,
                _VERSION,
                *fields,
                0,
                len(info.comment),
                0,
                info.internal_attr,
                info.external_attr,
                offset,
            )
            + entry.name
            + info.comment
        )
        offset += len(local) + len(entry.data)
    listing = b"".join(directory)
    if offset + len(listing) > _LARGEST:
        raise CannotCopy("it is larger than 4 GB")
    count = len(entries)
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(listing), offset, len(comment))
    return [*pieces, listing, end, comment]
