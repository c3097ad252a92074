"""The number formats of cells, read from a workbook only where someone asks for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import IO
from xml.parsers.expat import ParserCreate

from xl_compliance.workbook.cell_values import GENERAL
from xl_compliance.workbook.grid import Grid
from xl_compliance.workbook.snapshot import (
    SUFFIXES,
    Package,
    Snapshot,
    failures_told,
    open_package,
    parse_address,
)

_LITERALS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|[_*].')


class Formats:
    """The number formats of one workbook, sheet by sheet, each read once when first asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._read: dict[str, Mapping[tuple[int, int], str]] = {}
        self._codes: list[str] | None = None

    def of(self, sheet: str) -> Mapping[tuple[int, int], str]:
        """The formats of a sheet's cells by row and column; those of plain cells are left out.

        A file that is read for its values only has none.
        """
        found = next((it for it in self._snapshot.sheets if it.name == sheet), None)
        if found is None or self._snapshot.path.suffix.lower() not in SUFFIXES:
            return {}
        if isinstance(found.cells, Grid):
            return found.cells.number_formats()
        if sheet not in self._read:
            path = self._snapshot.path
            with open_package(path) as package, failures_told(path):
                self._read[sheet] = self._cells(package, sheet)
        return self._read[sheet]

    def _cells(self, package: Package, sheet: str) -> Mapping[tuple[int, int], str]:
        part = next((it.part for it in package.sheets if it.name == sheet), None)
        if part is None:
            return {}
        if self._codes is None:
            self._codes = package.format_codes
        codes = self._codes
        found: dict[tuple[int, int], str] = {}

        def start(name: str, attributes: dict[str, str]) -> None:
            if name.rpartition(":")[2] != "c":
                return
            style, address = int(attributes.get("s", "0")), attributes.get("r")
            if address and style < len(codes) and codes[style] != GENERAL:
                found[parse_address(address)] = codes[style]

        with package.archive.open(package.member(part)) as stream:
            _started(stream, start)
        return found


def _started(stream: IO[bytes], start: Callable[[str, dict[str, str]], None]) -> None:
    """Tell of every element that starts; a document that declares entities is refused.

    No tree is built, of which a long sheet would be many times its own size.
    """
    parser = ParserCreate()

    def refused(*_: object) -> None:
        raise ValueError("it declares entities")

    parser.EntityDeclHandler = refused
    parser.StartElementHandler = start
    parser.ParseFile(stream)


def shows_percent(code: str) -> bool:
    """Whether a number format shows a fraction as a percentage.

    >>> shows_percent("0.00%"), shows_percent('0.0" %"')
    (True, False)
    """
    return "%" in _LITERALS.sub("", code.split(";")[0])


def decimals_shown(code: str) -> int | None:
    """How many decimals of the value itself a format shows, or None where it does not say.

    >>> decimals_shown("0.0%"), decimals_shown("#,##0"), decimals_shown("General")
    (3, 0, None)
    """
    plain = _LITERALS.sub("", code.split(";")[0])
    if ("0" not in plain and "#" not in plain) or "/" in plain or "E" in plain:
        return None
    _, _, after = plain.partition(".")
    places = len(re.match(r"[0#?]*", after)[0]) if after else 0  # type: ignore[index]
    return places + 2 if "%" in plain else places
