"""A workbook with a worked example of every worksheet function, out of the documentation.

A sheet for each family; on it, for each function, the arguments in cells with their help, and the
answer as a live formula. Arguments that the example does not give stand there blank, to be tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from xl_compliance.excel.wizard import argument_help
from xl_compliance.functions.calling import Scalar, call
from xl_compliance.functions.cells import Raw, error_value, rows_of
from xl_compliance.functions.documented import worked_calls
from xl_compliance.functions.registry import Argument, Function, Shape, all_functions
from xl_compliance.functions.spellings import NAMESPACE, Host, spelled
from xl_compliance.workbook.cached_values import store_cached_values
from xl_compliance.workbook.snapshot import ExcelError, format_address
from xl_compliance.workbook.template import Looks, dated

_WIDTHS: Final = (30, 24, 66, 52, 52)
_HELP_WIDTH: Final = 66
_FIRST_ROW: Final = 4
_LINE_HEIGHT: Final = 12
_PADDING: Final = 4
_LONGEST_NAME: Final = 31
_DAY: Final = "yyyy-mm-dd"
# Excel needs no format to show TRUE; other programs do.
_TRUTH: Final = '"TRUE";"TRUE";"FALSE"'
_ARRAY_CELL: Final = re.compile(rb'(<c r="[A-Z]+\d+")((?: [^>]*)?><f t="array")')
_START: Final = "Start"


@dataclass(frozen=True)
class _Given:
    """An argument of an example: what it is called, what it is, its cells."""

    name: str
    help: str
    rows: tuple[tuple[Raw, ...], ...]


def write_examples(path: str | Path, steps: tuple[str, ...]) -> None:
    """Write the workbook for an Office.js host, with the answers stored in it.

    `steps` say on the first sheet what to do. The same registry gives the same file.
    """
    book = _Book(steps)
    with TemporaryDirectory() as folder:
        unfinished = Path(folder, "without-answers.xlsx")
        unfinished.write_bytes(_as_dynamic_arrays(dated(book.saved())))
        store_cached_values(unfinished, path, book.results)


class _Book:
    """The workbook while it is written."""

    def __init__(self, steps: tuple[str, ...]) -> None:
        from openpyxl import Workbook

        self._looks = Looks()
        self._book = Workbook()
        self.results: dict[tuple[str, str], Any] = {}
        families: dict[str, list[Function]] = {}
        for function in all_functions():
            families.setdefault(function.family, []).append(function)
        self._start(steps, families)
        for family, functions in families.items():
            self._family(family, functions)

    def saved(self) -> bytes:
        """The file, without answers."""
        stream = BytesIO()
        self._book.save(stream)
        return stream.getvalue()

    def _start(self, steps: tuple[str, ...], families: dict[str, list[Function]]) -> None:
        sheet = self._book.active
        sheet.title = _START
        _set_up(sheet, (4, 34, 90))
        self._put(sheet, 1, 1, "xl-compliance: every function, with a worked example", "title")
        for position, step in enumerate(steps, 1):
            self._put(sheet, position + 2, 1, position, "legend")
            self._put(sheet, position + 2, 2, step, "legend")
            sheet.merge_cells(
                start_row=position + 2, start_column=2, end_row=position + 2, end_column=3
            )
            sheet.row_dimensions[position + 2].height = _height(step, sum((34, 90)))
        row = len(steps) + 4
        self._put(sheet, row, 2, "Function", "header")
        self._put(sheet, row, 3, "What it decides", "header")
        for family, functions in families.items():
            for function in functions:
                row += 1
                name = self._put(sheet, row, 2, f"{NAMESPACE}.{function.name}", "label")
                name.hyperlink = f"#'{_sheet_name(family)}'!A{self._row_of(functions, function)}"
                self._put(sheet, row, 3, function.summary, "legend")
                sheet.row_dimensions[row].height = _height(function.summary, 90)

    def _row_of(self, functions: list[Function], function: Function) -> int:
        row = _FIRST_ROW
        for each in functions[: functions.index(function)]:
            row = _Example(each, row).next_row
        return row

    def _family(self, family: str, functions: list[Function]) -> None:
        sheet = self._book.create_sheet(_sheet_name(family))
        _set_up(sheet, _WIDTHS)
        self._put(sheet, 1, 1, family, "title")
        said = "Blue: arguments, to be changed. Blank ones may be left out."
        self._put(sheet, 2, 1, said, "help")
        row = _FIRST_ROW
        for function in functions:
            example = _Example(function, row)
            self._example(sheet, example)
            row = example.next_row

    def _example(self, sheet: Any, example: _Example) -> None:
        function, row = example.function, example.row
        self._put(sheet, row, 1, f"{NAMESPACE}.{function.name}", "header")
        self._put(sheet, row, 2, function.summary, "source")
        _merge(sheet, row, 2, 3)
        sheet.row_dimensions[row].height = _height(function.summary, sum(_WIDTHS[1:3]))
        for given, top in example.placed():
            self._put(sheet, top, 1, given.name, "label")
            for down, cells in enumerate(given.rows):
                for right, value in enumerate(cells):
                    self._input(sheet, top + down, 2 + right, value)
            self._put(sheet, top, 2 + len(given.rows[0]), given.help, "help_wrapped")
            if len(given.rows) == 1:
                sheet.row_dimensions[top].height = _height(given.help, _HELP_WIDTH)
        self._answer(sheet, example)

    def _input(self, sheet: Any, row: int, column: int, value: Raw) -> None:
        cell = self._put(sheet, row, column, value, "legend_input")
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        cell.number_format = "#,##0" if is_number and abs(value) >= 1000 else _format_of(value)

    def _answer(self, sheet: Any, example: _Example) -> None:
        from openpyxl.worksheet.formula import ArrayFormula

        top = example.answer_row
        self._put(sheet, top, 1, "Answer", "label")
        last = format_address(top + len(example.answer) - 1, 1 + len(example.answer[0]))
        for down, cells in enumerate(example.answer):
            for right, value in enumerate(cells):
                cell = self._put(sheet, top + down, 2 + right, None, "legend")
                cell.number_format = _format_of(value)
                stored = ExcelError(value) if _is_error(value) else value
                self.results[sheet.title, format_address(top + down, 2 + right)] = stored
        formula = f"={example.formula(Host.LITE)}"
        single = last == f"B{top}"
        sheet.cell(top, 2).value = formula if single else ArrayFormula(f"B{top}:{last}", formula)
        if len(example.answer[0]) == 1:
            self._put(sheet, top, 3, f"={example.formula(Host.LIBREOFFICE)}", "help_wrapped", True)

    def _put(
        self, sheet: Any, row: int, column: int, value: Any, look: str, text: bool = False
    ) -> Any:
        cell = sheet.cell(row, column)
        cell.value = value
        if text:
            cell.data_type = "s"
        getattr(self._looks, "what_to_enter" if look == "help_wrapped" else look).apply(cell)
        return cell


class _Example:
    """One function's example, and where it stands on its sheet."""

    def __init__(self, function: Function, row: int) -> None:
        self.function = function
        self.row = row
        arguments = worked_calls(function)[0].arguments
        self._given = tuple(_given(function, arguments))
        answer = call(function.name, *arguments)
        self.answer: list[list[Scalar]] = answer if isinstance(answer, list) else [[answer]]

    def placed(self) -> Iterator[tuple[_Given, int]]:
        """Each argument and the row in which it starts."""
        top = self.row + 1
        for given in self._given:
            yield given, top
            top += len(given.rows)

    @property
    def answer_row(self) -> int:
        """Where the answer starts."""
        return self.row + 1 + sum(len(given.rows) for given in self._given)

    @property
    def next_row(self) -> int:
        """Where the next example may start."""
        return self.answer_row + len(self.answer) + 1

    def formula(self, host: Host) -> str:
        """The call, as a host's formula has it."""
        ranges = []
        for given, top in self.placed():
            last = format_address(top + len(given.rows) - 1, 1 + len(given.rows[0]))
            ranges.append(f"B{top}" if last == f"B{top}" else f"B{top}:{last}")
        return f"{spelled(self.function.name, host)}({','.join(ranges)})"


def _given(function: Function, arguments: tuple[Raw, ...]) -> Iterator[_Given]:
    for position, argument in enumerate(function.arguments):
        if argument.shape is Shape.REST:
            for number, raw in enumerate(arguments[position:], 1):
                yield _one(argument, f"{argument.name} {number}", raw)
        else:
            raw = arguments[position] if position < len(arguments) else None
            yield _one(argument, argument.name, raw)


def _one(argument: Argument, name: str, raw: Raw) -> _Given:
    rows = rows_of(raw) or [(raw,)]
    return _Given(name, argument_help(argument), tuple(map(tuple, rows)))


def _is_error(value: Scalar) -> bool:
    return isinstance(value, str) and error_value(value) is not None


def _format_of(value: Raw) -> str:
    if isinstance(value, bool):
        return _TRUTH
    return _DAY if isinstance(value, date) else "General"


def _sheet_name(family: str) -> str:
    """A family's name as a sheet may be called.

    >>> _sheet_name("SEC: beneficial ownership and Schedule 13D")
    'SEC beneficial ownership and'
    """
    name = re.sub(r"[:\\/?*\[\]]", "", family)
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME + 1].rpartition(" ")[0]


def _height(text: str, width: float) -> float:
    return _PADDING + _LINE_HEIGHT * max(1, -(-len(text) // width))


def _merge(sheet: Any, row: int, first: int, last: int) -> None:
    sheet.merge_cells(start_row=row, start_column=first, end_row=row, end_column=last)


def _set_up(sheet: Any, widths: tuple[float, ...]) -> None:
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    for position, width in enumerate(widths):
        sheet.column_dimensions[format_address(1, position + 1)[:-1]].width = width


# ---------------------------------------------------------------- dynamic arrays


def _as_dynamic_arrays(data: bytes) -> bytes:
    """The package with its array formulas as those that spill, not as ones over fixed cells."""
    copy = BytesIO()
    with ZipFile(BytesIO(data)) as source, ZipFile(copy, "w", ZIP_DEFLATED) as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename.startswith("xl/worksheets/sheet"):
                content = _ARRAY_CELL.sub(rb'\g<1> cm="1"\g<2>', content)
            content = content.replace(*_ENTERED.get(info.filename, (b"", b"", 0)))
            target.writestr(_entry(info), content)
        target.writestr(_entry(ZipInfo("xl/metadata.xml", info.date_time)), _METADATA)
    return copy.getvalue()


def _entry(like: ZipInfo) -> ZipInfo:
    entry = ZipInfo(like.filename, like.date_time)
    entry.compress_type = ZIP_DEFLATED
    return entry


_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheetMetadata+xml"
_RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_ENTERED: Final = {
    "[Content_Types].xml": (
        b"</Types>",
        f'<Override PartName="/xl/metadata.xml" ContentType="{_TYPE}"/></Types>'.encode(),
    ),
    "xl/_rels/workbook.xml.rels": (
        b"</Relationships>",
        f'<Relationship Type="{_RELATION}/sheetMetadata" Target="/xl/metadata.xml" '
        'Id="xlComplianceMetadata"/></Relationships>'.encode(),
    ),
}
_METADATA: Final = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<metadata xmlns="{_MAIN}" '
    'xmlns:xda="http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray">'
    '<metadataTypes count="1"><metadataType name="XLDAPR" minSupportedVersion="120000" copy="1" '
    'pasteAll="1" pasteValues="1" merge="1" splitFirst="1" rowColShift="1" clearFormats="1" '
    'clearComments="1" assign="1" coerce="1" cellMeta="1"/></metadataTypes>'
    '<futureMetadata name="XLDAPR" count="1"><bk><extLst>'
    '<ext uri="{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}">'
    '<xda:dynamicArrayProperties fDynamic="1" fCollapsed="0"/></ext></extLst></bk>'
    '</futureMetadata><cellMetadata count="1"><bk><rc t="1" v="0"/></bk></cellMetadata></metadata>'
)
