"""The script of the Lite workbook, in Pyodide, on doubles of the shipped workbooks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from open_book_double import described, in_arrays
from pyodide_host import in_pyodide

from xl_compliance.batch.run import check_workbook
from xl_compliance.excel.lite import main_py

HERE = Path(__file__).parent
WORKBOOKS = sorted((HERE.parents[1] / "workbooks").glob("*.xlsx"))
# Nothing there calculates formulas: the findings about stored results are not made there.
RECOMPUTED = "MDL"
LONGEST_CODE = 700_000

_SCRIPT = """
import json, sys, types
double = types.ModuleType("open_book_double")
sys.modules["open_book_double"] = double
exec(compile({double!r}, "open_book_double.py", "exec"), vars(double))
found = {{}}
for data in json.loads({books!r}):
    book = double.Book(data, synchronous=False)
    await main.check_this_workbook(book)
    sheet = book.sheets[-1]
    found[data["name"]] = [sheet.name, sheet.values]
found["imported"] = sorted({{name.partition(".")[0] for name in sys.modules}})
json.dumps(found)
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    double = (HERE / "open_book_double.py").read_text(encoding="utf-8")
    books = json.dumps([described(path) for path in WORKBOOKS])
    script = _SCRIPT.format(double=double, books=books)
    answered = in_pyodide(tmp_path_factory.mktemp("check"), [("xlcversion", [])], script)
    then: dict[str, Any] = answered["then"]
    return then


@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.stem)
def test_the_findings_are_those_of_batch_mode(found: dict[str, Any], path: Path) -> None:
    name, rows = found[path.name]
    filled = in_arrays(path)
    expected = [
        [each.severity.value, each.verdict, each.title, each.message, each.code]
        for each in check_workbook(path).findings
        if not each.code.startswith(RECOMPUTED) and each.place not in filled
    ]
    got = [
        [*row[:4], row[8]]
        for row in rows[4:]
        if not row[8].startswith(RECOMPUTED) and _place(row[4]) not in filled
    ]
    assert name == "Compliance"
    assert got == expected


def _place(link: str) -> str:
    """Sheet and cell, as the link shows them."""
    return link.rpartition(',"')[2].removesuffix('")')


def test_it_needs_nothing_that_is_not_in_the_workbook(found: dict[str, Any]) -> None:
    assert not {"openpyxl", "pandas", "numpy", "formualizer", "python_calamine"} & set(
        found["imported"]
    )


def test_the_code_stays_well_below_what_add_in_settings_may_hold() -> None:
    assert len(main_py()) < LONGEST_CODE


def test_that_calls_are_not_recomputed_there_is_said_once(found: dict[str, Any]) -> None:
    for path in WORKBOOKS:
        _, rows = found[path.name]
        assert [row[8] for row in rows[4:]].count("MDL006") == 1, path.name
