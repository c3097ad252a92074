"""From the characters of cells, as they stand in a worksheet's XML, to values.

Each type of cell has a `Converter`: for one cell, and for a column of cells at once, which gives
the same values faster or refuses.
"""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from xl_compliance.workbook.format_codes import kind_of_format
from xl_compliance.workbook.sheet_structure import DamagedSheet, moment_of, text_index
from xl_compliance.workbook.snapshot import (
    NOT_CALCULATED,
    CellValue,
    ExcelError,
    from_serial_of_kind,
    spelled_out_date,
    unescaped,
)

GENERAL: Final = "General"
NUMBER: Final = "n"
SPELLED_OUT: Final = "inlineStr"

_MEMO: Final = 100_000
_LONGEST_NUMBER: Final = 308
_ENTITY: Final = re.compile(r"&(?:#(\d+)|#x([0-9A-Fa-f]+)|(amp|lt|gt|quot|apos));|&")
_ENTITIES: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ATTRIBUTES: Final = re.compile(rb'\s+(?:(s)="(\d+)"|(t)="(\w+)"|(?:cm|vm|ph)="\w+")')
_TRUTHS: Final = {b"0": False, b"1": True, b"false": False, b"true": True}
ANYTHING: Final = rb"[^<]*+"

Convert = Callable[[bytes], CellValue]


class UnusualSheet(Exception):
    """A sheet written in a way that only a full XML reader follows."""


def text_of(raw: bytes) -> str:
    """Characters of XML as text, entities resolved."""
    text = raw.decode()
    return _ENTITY.sub(_entity, text) if "&" in text else text


def texts_of(raws: Sequence[bytes]) -> list[str]:
    """The same for many."""
    if b"&" in b"".join(raws):
        return [text_of(raw) for raw in raws]
    return [raw.decode() for raw in raws]


def _entity(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1]))
    if match[2]:
        return chr(int(match[2], 16))
    if match[3]:
        return _ENTITIES[match[3]]
    raise UnusualSheet("an entity that XML does not define")


class Converter(NamedTuple):
    """How cells of a type become values.

    `many` takes cells that hold something and are written as `written` says, an expression; it
    gives what `one` gives for each, or raises `ValueError`, `LookupError` or `DamagedSheet` where
    any of them is refused.
    """

    one: Convert
    many: Callable[[Sequence[bytes]], Sequence[CellValue]]
    written: bytes = ANYTHING

    def values(self, raws: Sequence[bytes | None]) -> Sequence[CellValue]:
        """The values of a column of cells, None for blank ones."""
        if all(raws):
            return self.many(raws)  # type: ignore[arg-type]
        following = iter(self.many([raw for raw in raws if raw]))
        return [next(following) if raw else None for raw in raws]


def _number(raw: bytes) -> int | float:
    if b"_" in raw or len(raw) > _LONGEST_NUMBER:  # Python takes the one, and not the other
        return float(raw.replace(b"_", b"?"))
    return float(raw) if b"." in raw or b"E" in raw or b"e" in raw else int(raw)


def _numbers(raws: Sequence[bytes]) -> Sequence[int | float]:
    """Numbers by a JSON reader, which tells whole numbers and others apart as `_number` does."""
    joined = b",".join(raws).decode()
    try:
        values: list[int | float] = json.loads(f"[{joined}]")
    except ValueError:  # as of 007 and +7, which JSON has not
        return [_number(raw) for raw in raws]
    points = joined.count(".")
    if not points and "e" not in joined and "E" not in joined:
        return _packed("q", values)
    return _packed("d", values) if points == len(values) else values  # one in each of them


_OF_NUMBERS: Final = b"0123456789.+-eE,"


def plain_numbers(raws: Sequence[bytes]) -> Sequence[int | float] | None:
    """What `NUMBERS` gives for each of some cells; None where any is not written as JSON has it."""
    joined = b",".join(raws)
    if joined.translate(None, _OF_NUMBERS) or joined.count(b",") >= max(1, len(raws)):
        return None
    if max(map(len, raws), default=0) > _LONGEST_NUMBER:
        return None
    try:
        values: list[int | float] = json.loads(f"[{joined.decode()}]")
    except ValueError:
        return None
    return values


def _packed(code: str, values: list[int | float]) -> Sequence[int | float]:
    try:
        return array(code, values)
    except OverflowError:
        return values


NUMBERS: Final = Converter(_number, _numbers, rb"[-+.0-9eE]{0,%d}+" % _LONGEST_NUMBER)


def _each_once(convert: Convert) -> Converter:
    """Converts what stands in a column many times only once."""

    def many(raws: Sequence[bytes]) -> list[CellValue]:
        known = {raw: convert(raw) for raw in set(raws)}
        return [known[raw] for raw in raws]

    return Converter(convert, many)


def _text(raw: bytes) -> str:
    return unescaped(text_of(raw))


def _texts(raws: Sequence[bytes]) -> list[CellValue]:
    return [unescaped(text) for text in texts_of(raws)]


_OTHERS: Final[Mapping[str, Converter]] = {
    "b": _each_once(lambda raw: _TRUTHS[raw]),
    "str": Converter(_text, _texts),
    SPELLED_OUT: Converter(_text, _texts, rb"[^<]++"),
    "e": _each_once(lambda raw: ExcelError(text_of(raw))),
    "d": _each_once(lambda raw: spelled_out_date(moment_of(text_of(raw)))),
}


def _dates(kind: str, epoch_1904: bool) -> Converter:
    """A converter of serial numbers; days repeat, so what was read once is kept."""
    known: dict[bytes, CellValue] = {}

    def convert(raw: bytes) -> CellValue:
        if raw not in known:
            if len(known) >= _MEMO:
                known.clear()
            known[raw] = from_serial_of_kind(_number(raw), kind, epoch_1904)
        return known[raw]

    return _each_once(convert)


def _texts_by_number(strings: Sequence[str]) -> Converter:
    """A converter of numbers of shared texts."""

    def one(raw: bytes) -> str:
        try:
            if raw.isdigit():
                return strings[int(raw)]
        except IndexError:
            pass
        return strings[text_index(raw.decode(), len(strings), "a cell")]

    def many(raws: Sequence[bytes]) -> list[CellValue]:
        try:
            numbers = json.loads(f"[{b','.join(raws).decode()}]")
        except ValueError:
            numbers = map(int, raws)
        return [strings[number] for number in numbers]

    return Converter(one, many, rb"[0-9]*+")


class Kind(NamedTuple):
    """What a cell is by its attributes: its type, its converter and its number format.

    `uncalculated` is the value of a formula without one.
    """

    name: str
    converter: Converter
    code: str
    uncalculated: CellValue

    @property
    def spelled_out(self) -> bool:
        """Whether the cell spells its text out, instead of holding a value."""
        return self.name == SPELLED_OUT


class Kinds:
    """The kinds of the cells of a workbook, by type and style."""

    def __init__(self, strings: Sequence[str], codes: Sequence[str], epoch_1904: bool) -> None:
        self._codes = codes
        self._kinds = [kind_of_format(code) for code in codes]
        self._by_kind = {kind: _dates(kind, epoch_1904) for kind in ("date", "time")}
        self._shared = _texts_by_number(strings)
        self._written: dict[bytes, Kind | None] = {}

    def written(self, attributes: bytes) -> Kind | None:
        """The kind of a cell with these attributes; None where others are among them.

        Raises `DamagedSheet` for a type there is not.
        """
        if attributes not in self._written:
            if len(self._written) >= _MEMO:
                self._written.clear()
            self._written[attributes] = self._by_attributes(attributes)
        return self._written[attributes]

    def _by_attributes(self, attributes: bytes) -> Kind | None:
        if _ATTRIBUTES.sub(b"", attributes).strip():
            return None
        found = {m[1] or m[3]: m[2] or m[4] for m in _ATTRIBUTES.finditer(attributes)}
        name, style = found.get(b"t", NUMBER.encode()).decode(), found.get(b"s", b"0")
        uncalculated = "" if name == "str" else NOT_CALCULATED
        converter = self.converter(name, int(style))
        return Kind(name, converter, self.code(style.decode()), uncalculated)

    def code(self, style: str | None) -> str:
        """The number format of a style, as it is given; a plain one where none is."""
        number = int(style or "0") if (style or "0").isdecimal() else len(self._codes)
        return self._codes[number] if number < len(self._codes) else GENERAL

    def converter(self, name: str, style: int) -> Converter:
        """What makes a value of a cell. Raises `DamagedSheet` for a type there is not."""
        if name == NUMBER:
            kind = self._kinds[style] if style < len(self._kinds) else "number"
            return self._by_kind.get(kind, NUMBERS)
        if name == "s":
            return self._shared
        try:
            return _OTHERS[name]
        except KeyError:
            raise DamagedSheet(f'a cell is said to be of type "{name[:20]}"') from None
