"""Checks of the file itself: what in it is not read, or is read and not seen by who looks at it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xl_compliance.checks.findings import NOTE, Finding
from xl_compliance.checks.registry import Check, check
from xl_compliance.rules.outcome import REVIEW
from xl_compliance.workbook.limits import limit
from xl_compliance.workbook.number_formats import Formats
from xl_compliance.workbook.snapshot import (
    Sheet,
    Snapshot,
    format_address,
    parse_address,
)
from xl_compliance.workbook.unseen import shows_nothing

SOURCE = "the workbook file"
RULE = "FILE"
_LISTED = 5


@check("FIL001", "Part of the workbook that was not read", RULE, SOURCE, Snapshot)
def not_read(check: Check, snapshot: Snapshot) -> Iterator[Finding]:
    """Sheets with nothing behind them, macro sheets, formulas that point to no formula."""
    for remark in snapshot.remarks:
        yield _finding(check, REVIEW, remark.message, remark.sheet, remark.address)


@check("FIL002", "Days that count from 1904", RULE, SOURCE, Snapshot)
def epoch(check: Check, snapshot: Snapshot) -> Iterator[Finding]:
    """A setting that moves every date by four years where sheets come from another workbook."""
    if snapshot.epoch_1904:
        message = (
            "this workbook counts its days from 1904, and its dates were read so; dates pasted in "
            "from a workbook that counts from 1900, as most do, are four years and a day late here"
        )
        yield _finding(check, NOTE, message, _first(snapshot))


@check("FIL003", "Hidden cells", RULE, SOURCE, Snapshot)
def hidden(check: Check, snapshot: Snapshot) -> Iterator[Finding]:
    """Sheets, rows and columns that are hidden, by hand or by a filter: they are read all the same.

    So are cells whose number format, such as `;;;`, shows nothing of what they hold. Counted are
    only those that hold something.
    """
    told = [text for sheet in snapshot.sheets if (text := _hidden_of(sheet))]
    told += _unseen(snapshot)
    if told:
        shown = "; ".join(told[:_LISTED])
        more = f"; and {len(told) - _LISTED} more" if len(told) > _LISTED else ""
        message = f"hidden, and read like everything else: {shown}{more}"
        yield _finding(check, NOTE, message, _first(snapshot))


def _hidden_of(sheet: Sheet) -> str:
    if not sheet.visible:
        return f'sheet "{sheet.name}"' if sheet.dimension else ""
    rows, columns = set[int](), set[int]()
    if sheet.hidden_rows or sheet.hidden_columns:
        for row, column in sheet.cells:
            if row in sheet.hidden_rows:
                rows.add(row)
            elif column in sheet.hidden_columns:
                columns.add(column)
    counts = [f"{len(it):,} {what}" for it, what in ((rows, "rows"), (columns, "columns")) if it]
    return f'{" and ".join(counts)} of "{sheet.name}"' if counts else ""


def _unseen(snapshot: Snapshot) -> Iterator[str]:
    """The cells that look empty, sheet by sheet; most workbooks have no format that does that."""
    if not snapshot.hiding_formats:
        return
    formats = Formats(snapshot)
    for sheet in snapshot.sheets:
        cells = [
            format_address(*place)
            for place, code in formats.of(sheet.name).items()
            if code in snapshot.hiding_formats and shows_nothing(code, sheet.cell(*place).value)
        ]
        if cells:
            shown = ", ".join(cells[:_LISTED])
            more = f" and {len(cells) - _LISTED:,} more" if len(cells) > _LISTED else ""
            yield f'{shown}{more} of "{sheet.name}", whose number format shows nothing'


@check("FIL004", "Value under a merged cell", RULE, SOURCE, Snapshot)
def merged(check: Check, snapshot: Snapshot) -> Iterator[Finding]:
    """A number that nobody sees, since a merged cell lies over it, and that formulas still use."""
    for sheet in snapshot.sheets:
        too_many = limit("merged_ranges").passed_by(len(sheet.merged))
        if too_many:
            message = f"it has {too_many}: what lies under them was not looked at"
            yield _finding(check, REVIEW, message, sheet.name)
            continue
        under = list(_under(sheet))
        if under:
            shown = ", ".join(under[:_LISTED])
            more = f" and {len(under) - _LISTED} more" if len(under) > _LISTED else ""
            what = "lies" if len(under) == 1 else "lie"
            message = f"{shown}{more} {what} under a merged cell: seen by nobody, and read"
            yield _finding(check, REVIEW, message, sheet.name, under[0])


def _under(sheet: Sheet) -> Iterator[str]:
    """Cells with a number that a merged cell covers."""
    areas = [area for reference in sheet.merged if (area := _area(reference))]
    if not areas:
        return
    covered: dict[int, list[tuple[int, int, int]]] = {}
    whole = [it for it in areas if it[2] - it[0] > _TALL]
    for top, left, bottom, right in areas:
        if bottom - top <= _TALL:
            for row in range(top, bottom + 1):
                covered.setdefault(row, []).append((top, left, right))
    for (row, column), cell in sheet.cells.items():
        if cell.value is None or isinstance(cell.value, str):
            continue
        spans: Iterable[tuple[int, int, int]] = covered.get(row, ())
        tall = [(top, left, right) for top, left, bottom, right in whole if top <= row <= bottom]
        for top, left, right in (*spans, *tall):
            if left <= column <= right and (row, column) != (top, left):
                yield format_address(row, column)
                break


_TALL = 1_000


def _area(reference: str) -> tuple[int, int, int, int] | None:
    first, _, last = reference.partition(":")
    try:
        return (*parse_address(first), *parse_address(last or first))
    except ValueError:
        return None


def _first(snapshot: Snapshot) -> str:
    return snapshot.sheets[0].name if snapshot.sheets else ""


def _finding(check: Check, verdict: str, message: str, sheet: str, cell: str = "") -> Finding:
    return Finding(
        check.code, check.title, check.rule, verdict, message, sheet, cell, source=check.source
    )
