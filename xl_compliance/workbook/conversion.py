"""Writes a workbook's formulas as another host spells our functions.

Only the spellings change, and for LibreOffice single cells among the arguments: every other byte of
every part of the file stays as it is, stored results, formats and the metadata of dynamic arrays
included.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from xml.parsers import expat

from xl_compliance.functions.registry import all_functions
from xl_compliance.functions.spellings import (
    Called,
    Host,
    argument_spans,
    calls,
    canonical,
    spelled,
)
from xl_compliance.workbook.cached_values import (
    parse_utf8,
    same_file,
    spliced,
    start_tag,
    write_package,
)
from xl_compliance.workbook.single_cells import SingleCells, is_of_calc
from xl_compliance.workbook.snapshot import (
    Package,
    UnreadableWorkbook,
    failures_told,
    open_package,
)

_SHEETS: Final = frozenset({"worksheet", "xlMacrosheet", "xlIntlMacrosheet", "dialogsheet"})
# Cells, conditional formats, data validations (new ones hold their formula in an `f`), names and
# the columns of tables.
_FORMULAS: Final = frozenset(
    {
        "f",
        "formula",
        "formula1",
        "formula2",
        "definedName",
        "calculatedColumnFormula",
        "totalsRowFormula",
    }
)
_CONTENT: Final = re.compile(
    rb"<!\[CDATA\[(?P<plain>.*?)\]\]>|<!--.*?-->|<\?.*?\?>|&(?P<entity>[^;]+);|(?P<text>[^<&]+)",
    re.DOTALL,
)
_ENTITIES: Final = {"quot": '"', "apos": "'", "amp": "&", "lt": "<", "gt": ">"}
_LAMBDA: Final = re.compile(r"\bLAMBDA\s*\(", re.IGNORECASE)
_WORD: Final = re.compile(r"[\w.\\?]+")
# The bound of a colour scale, a data bar or an icon set holds its formula in an attribute.
_BOUND: Final = "cfvo"
_IN_ATTRIBUTE: Final = re.compile(rb"""\sval\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')""")
_LONGEST: Final = 8192
"""Characters of a formula; Excel removes a longer one when it opens the file."""
_CELL: Final = re.compile(rb"<(?:[\w.-]+:)?c\s(?:[^>]*\s)?r\s*=\s*[\"'](\w+)")


@dataclass(frozen=True)
class Conversion:
    """What a conversion changed: how many calls of each function, over all parts.

    The digital signature of a workbook that is `signed` does not hold for the copy.
    """

    calls: dict[str, int]
    signed: bool = False

    @property
    def total(self) -> int:
        """How many calls were found."""
        return sum(self.calls.values())


@cache
def _names() -> frozenset[str]:
    return frozenset(function.name for function in all_functions())


_Splice = tuple[int, int, bytes]


class CannotConvert(ValueError):
    """A workbook whose formulas would not mean the same afterwards."""


def convert_workbook(source: str | Path, target: str | Path, host: Host) -> Conversion:
    """Write a copy of a workbook whose calls are spelled as `host` stores them.

    Raises `UnreadableWorkbook` for a source that is no workbook, and `CannotConvert` where the
    target is the source, the workbook defines a name of ours as a LAMBDA (its formulas mean that,
    and Excel stops every add-in function of that name), a formula would grow longer than Excel
    takes, or the dates would arrive four years early.
    """
    source, target = Path(source), Path(target)
    if same_file(source, target):
        raise CannotConvert(f"{target} is the workbook itself: name another file for the copy")
    with open_package(source) as package:
        with failures_told(source):
            members = [(info, package.archive.read(info)) for info in package.archive.infolist()]
            parts = {package.member(part) for part in _parts(package)}
            from_1904 = package.epoch_1904
        _check_names(package, source)
        _check_dates(from_1904, source, host)
        found: dict[str, int] = {}
        cells = SingleCells(_defined_names(package))
        copies = []
        for info, content in members:
            if info.filename in parts:
                content = _converted(source, info.filename, content, host, found, cells)
            copies.append((info, content))
        write_package(target, copies, package.archive.comment)
        return Conversion(dict(sorted(found.items())), package.signed)


def _parts(package: Package) -> Iterator[str]:
    """The parts that hold formulas: the workbook, its sheets, and their tables."""
    yield package.workbook_part
    for relation in package.relations(package.workbook_part):
        if relation.kind in _SHEETS:
            yield relation.part
            for below in package.relations(relation.part):
                if below.kind == "table":
                    yield below.part


def _defined_names(package: Package) -> Iterator[tuple[str, str]]:
    for node in package.workbook.findall("{*}definedNames/{*}definedName"):
        yield node.get("name", ""), node.text or ""


def _check_names(package: Package, source: Path) -> None:
    meanings: dict[str, str] = {}
    for name, meant in _defined_names(package):
        # Each sheet may have a name of its own.
        meanings[name.casefold()] = f"{meanings.get(name.casefold(), '')} {meant}"
    for name, _ in _defined_names(package):
        if canonical(name) in _names() and _means_lambda(name, meanings):
            raise CannotConvert(
                f"{source.name}: the workbook defines {name} as a LAMBDA, so that its formulas "
                f"mean that and not the add-in's function. Delete or rename {name} in the Name "
                "Manager (Formulas tab) of a copy, and convert that"
            )


def _means_lambda(name: str, meanings: dict[str, str]) -> bool:
    """Whether a name is a LAMBDA, by itself or through other names."""
    waiting, seen = [name.casefold()], set[str]()
    while waiting:
        each = waiting.pop()
        if each in seen:
            continue
        seen.add(each)
        meant = meanings.get(each, "")
        if _LAMBDA.search(meant):
            return True
        waiting += (word.casefold() for word in _WORD.findall(meant))
    return False


def _check_dates(from_1904: bool, source: Path, host: Host) -> None:
    if host is Host.LITE and from_1904:
        raise CannotConvert(
            f"{source.name} counts dates from 1904. xlwings Lite is not told so, and every date "
            "would arrive four years and a day early, under the rules of that time. In Excel: "
            "File, Options, Advanced, untick Use 1904 date system in a copy, enter its dates anew, "
            "and convert that"
        )


def _converted(
    source: Path, part: str, xml: bytes, host: Host, found: dict[str, int], cells: SingleCells
) -> bytes:
    try:
        stretches = _Formulas(xml).stretches
    except (ValueError, expat.ExpatError) as error:
        raise UnreadableWorkbook(
            source,
            f"its part {part} cannot be read ({error})",
            "XML in UTF-8, as Excel writes it",
            "Open it in Excel, save it under a new name and try that copy",
        ) from error
    splices = []
    for start, end in stretches:
        text, changes = _Text(xml, start, end), list[_Splice]()
        for call in calls(text.characters, _names().__contains__):
            found[call.name] = found.get(call.name, 0) + 1
            new = spelled(call.name, host).encode()
            changes.append((*text.span(call.start, call.end), new))
            changes += _arguments(xml, text, call, host, cells)
        grown = sum(len(new) - (last - first) for first, last, new in changes)
        if host is not Host.LIBREOFFICE and grown > 0 and len(text.characters) + grown > _LONGEST:
            raise CannotConvert(
                f"{source.name}: the formula {_place(xml, part, start)} would be longer than the "
                f"{_LONGEST} characters that Excel takes. Split it over several cells in a copy, "
                "and convert that"
            )
        splices += changes
    return spliced(xml, splices)


def _place(xml: bytes, part: str, start: int) -> str:
    cell = list(_CELL.finditer(xml, 0, start))
    return f"in cell {cell[-1][1].decode()} of the part {part}" if cell else f"in the part {part}"


def _arguments(
    xml: bytes, text: "_Text", call: Called, host: Host, cells: SingleCells
) -> Iterator[_Splice]:
    """The changes to a call's arguments on the way to Calc, and on the way from it."""
    was_calc = is_of_calc(text.characters, call)
    if was_calc == (host is Host.LIBREOFFICE):
        return
    if was_calc:
        for start, end in cells.added(text.characters, call):
            yield (*text.span(start, end), b"")
        return
    for start, end in argument_spans(text.characters, call):
        argument = text.characters[start:end]
        around = cells.for_calc(argument) if argument else None
        if around is None:
            continue
        first, last = text.span(start, end)
        raw = xml[first:last]
        if b"<" not in raw:
            quote = b"&quot;" if text.in_attribute else b'"'
            before, after = (
                raw.join(piece.encode().replace(b'"', quote) for piece in each.split(argument))
                for each in around
            )
            yield from ((first, first, before), (last, last, after))


class _Formulas:
    """Finds, by byte offsets, the contents of the elements of a part that hold formulas."""

    def __init__(self, xml: bytes) -> None:
        self._xml = xml
        self._start = -1
        self.stretches: list[tuple[int, int]] = []
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._open
        self._parser.EndElementHandler = self._close
        parse_utf8(self._parser, xml)

    def _open(self, tag: str, _attributes: dict[str, str]) -> None:
        # A newer data validation holds its formula one element deeper: that one counts.
        self._start = -1
        name = tag.rpartition(" ")[2]
        if name not in _FORMULAS and name != _BOUND:
            return
        opened = start_tag(self._xml, self._parser.CurrentByteIndex)
        if name == _BOUND:
            held = _IN_ATTRIBUTE.search(self._xml, opened.start(2), opened.end(2))
            self.stretches += [held.span(held.lastgroup or 0)] if held else []
        elif not opened[3]:
            self._start = opened.end()

    def _close(self, _tag: str) -> None:
        if self._start >= 0:
            self.stretches.append((self._start, self._parser.CurrentByteIndex))
        self._start = -1


class _Text:
    """The characters that a stretch of XML stands for, and the bytes behind each."""

    def __init__(self, xml: bytes, start: int, end: int) -> None:
        self.in_attribute = xml[start - 1 : start] in (b'"', b"'")
        self._starts: list[int] = []
        self._ends: list[int] = []
        pieces = []
        for match in _CONTENT.finditer(xml, start, end):
            kind = match.lastgroup
            if kind == "entity":
                self._add(match.start(), match.end())
                pieces.append(_character(match["entity"].decode()))
            elif kind in ("text", "plain"):
                text = match[kind].decode()
                pieces.append(text)
                self._add_each(text, match.start(kind))
        self.characters = "".join(pieces)

    def _add(self, start: int, end: int) -> None:
        self._starts.append(start)
        self._ends.append(end)

    def _add_each(self, text: str, position: int) -> None:
        for character in text:
            after = position + len(character.encode())
            self._add(position, after)
            position = after

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The bytes behind the characters from `start` up to `end`."""
        return self._starts[start], self._ends[end - 1]


def _character(entity: str) -> str:
    if entity.startswith("#x"):
        return chr(int(entity[2:], 16))
    if entity.startswith("#"):
        return chr(int(entity[1:]))
    return _ENTITIES[entity]
