"""Values of workbooks in other formats than .xlsx: .xls, .xlsb and .ods, read by calamine.

Formulas, tables and names are not read, and calamine hands over an error value as a blank cell.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from xl_compliance.workbook.compiled import is_failure
from xl_compliance.workbook.snapshot import (
    ENCRYPTED,
    Cell,
    CellValue,
    Sheet,
    Snapshot,
    UnreadableWorkbook,
    is_encrypted,
    number,
    refuse_archive,
    spelled_out_date,
)

EXPECTED: Final = "a workbook that holds what its name says (.xls, .xlsb or .ods)"
_REMEDY: Final = "Open it in Excel or LibreOffice and save it as .xlsx"


def read_values(path: Path, data: bytes) -> Snapshot:
    """The values of a workbook. Raises `UnreadableWorkbook` for a file that is none."""
    if not data:
        raise UnreadableWorkbook(path, "this file is empty (0 bytes)", EXPECTED, _REMEDY)
    if is_encrypted(data):
        raise UnreadableWorkbook(path, ENCRYPTED[0], EXPECTED, ENCRYPTED[1])
    if data.startswith(b"PK"):
        refuse_archive(path, data, EXPECTED)
    try:
        sheets = _sheets(data)
    except BaseException as problem:
        if not is_failure(problem):
            raise
        detail = " ".join(f"{type(problem).__name__}: {problem}".split())
        raise UnreadableWorkbook(
            path, f"the reader stopped at {detail}", EXPECTED, _REMEDY
        ) from problem
    return Snapshot(path, sheets, (), (), epoch_1904=False, values_only=True)


def _sheets(data: bytes) -> tuple[Sheet, ...]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum, load_workbook

    with load_workbook(BytesIO(data)) as book:
        return tuple(
            Sheet(
                name=it.name,
                visible=it.visible == SheetVisibleEnum.Visible,
                # Without the area before the first cell every address would be another one.
                cells=_cells(book.get_sheet_by_name(it.name).to_python(skip_empty_area=False)),
            )
            for it in book.sheets_metadata
            if it.typ == SheetTypeEnum.WorkSheet
        )


def _cells(rows: Sequence[Sequence[Any]]) -> dict[tuple[int, int], Cell]:
    return {
        (row, column): Cell(_value(value))
        for row, line in enumerate(rows, 1)
        for column, value in enumerate(line, 1)
        if value != ""
    }


def _value(value: Any) -> CellValue:
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return number(float(value))
    if type(value) is date:
        return datetime(value.year, value.month, value.day)
    if isinstance(value, timedelta):
        return number(value / timedelta(days=1))
    return spelled_out_date(value)
