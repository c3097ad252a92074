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

from xl_compliance.functions.registry import all_functions, find
from xl_compliance.functions.spellings import (
    NAMESPACE,
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
from xl_compliance.workbook.single_cells import SingleCells
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
_OF_CALC: Final = f"{NAMESPACE}."
_LAMBDA: Final = re.compile(r"\bLAMBDA\s*\(", re.IGNORECASE)


@dataclass(frozen=True)
class Conversion:
    """What a conversion changed: how many calls of each function, over all parts."""

    calls: dict[str, int]

    @property
    def total(self) -> int:
        """How many calls were found."""
        return sum(self.calls.values())


@cache
def _names() -> frozenset[str]:
    return frozenset(function.name for function in all_functions())


class CannotConvert(ValueError):
    """A workbook whose formulas would not mean the same afterwards."""


def convert_workbook(source: str | Path, target: str | Path, host: Host) -> Conversion:
    """Write a copy of a workbook whose calls are spelled as `host` stores them.

    Raises `UnreadableWorkbook` for a source that is no workbook, and `CannotConvert` where the
    target is the source, a part is not written in UTF-8, or the workbook defines a name of ours as
    a LAMBDA: its formulas mean that, and Excel stops every add-in function of that name.
    """
    source, target = Path(source), Path(target)
    if same_file(source, target):
        raise CannotConvert(f"{target} is the workbook itself: name another file for the copy")
    with open_package(source) as package:
        with failures_told(source):
            members = [(info, package.archive.read(info)) for info in package.archive.infolist()]
            parts = {package.member(part) for part in _parts(package)}
        _check_names(package, source)
        found: dict[str, int] = {}
        cells = SingleCells(dict(_defined_names(package)))
        copies = []
        for info, content in members:
            if info.filename in parts:
                content = _converted(source, info.filename, content, host, found, cells)
            copies.append((info, content))
        write_package(target, copies, package.archive.comment)
    return Conversion(dict(sorted(found.items())))


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
    for name, meant in _defined_names(package):
        if canonical(name) in _names() and _LAMBDA.search(meant):
            raise CannotConvert(
                f"{source.name}: the workbook defines {name} as a LAMBDA, so that its formulas "
                f"mean that and not the add-in's function. Delete or rename {name} in the Name "
                "Manager (Formulas tab) of a copy, and convert that"
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
        text = _Text(xml, start, end)
        for call in calls(text.characters, _names().__contains__):
            found[call.name] = found.get(call.name, 0) + 1
            new = spelled(call.name, host).encode()
            splices.append((*text.span(call.start, call.end), new))
            splices += _arguments(xml, text, call, host, cells)
    return spliced(xml, splices)


def _arguments(
    xml: bytes, text: "_Text", call: Called, host: Host, cells: SingleCells
) -> Iterator[tuple[int, int, bytes]]:
    """The changes to a call's arguments on the way to Calc, and on the way from it."""
    was_calc = text.characters[call.start : call.end].upper().startswith(_OF_CALC)
    if was_calc == (host is Host.LIBREOFFICE):
        return
    spans = argument_spans(text.characters, call)
    facts = _facts(call.name, [text.characters[start:end] for start, end in spans])
    for position, (start, end) in enumerate(spans):
        argument = text.characters[start:end]
        if not argument:
            continue
        first, last = text.span(start, end)
        if was_calc:
            kept = cells.from_calc(argument)
            if kept is not None:
                at = start + argument.rindex(kept)
                before, after = text.span(at, at + len(kept))
                yield from ((first, before, b""), (after, last, b""))
            continue
        raw = xml[first:last]
        around = cells.for_calc(argument, position in facts)
        if around is not None and b"<" not in raw:
            added = [each.encode().replace(argument.encode(), raw) for each in around]
            yield from ((first, first, added[0]), (last, last, added[1]))


def _facts(name: str, arguments: list[str]) -> set[int]:
    """Which arguments of a call are facts; EXPLAIN takes those of the function that it names."""
    if name == "EXPLAIN":
        explained = canonical(arguments[0].strip('"'))
        inner = _facts(explained, arguments[1:]) if explained in _names() else set()
        return {position + 1 for position in inner}
    return {
        position
        for position, argument in enumerate(find(name).arguments)
        if argument.kind.name == "fact"
    }


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
        if tag.rpartition(" ")[2] in _FORMULAS:
            opened = start_tag(self._xml, self._parser.CurrentByteIndex)
            self._start = -1 if opened[3] else opened.end()

    def _close(self, _tag: str) -> None:
        if self._start >= 0:
            self.stretches.append((self._start, self._parser.CurrentByteIndex))
        self._start = -1


class _Text:
    """The characters that a stretch of XML stands for, and the bytes behind each."""

    def __init__(self, xml: bytes, start: int, end: int) -> None:
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
