"""The Ownership sheet: the invented cap table by formula and by batch mode, and older workbooks."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

import xl_compliance
from xl_compliance.batch.run import check_workbook
from xl_compliance.cli import main
from xl_compliance.deal import ownership
from xl_compliance.deal.reading import read_deal
from xl_compliance.rules.exact import to_float
from xl_compliance.workbook.snapshot import Snapshot, read
from xl_compliance.workbook.template import Contents, write_workbook

SHIPPED = Path(__file__).parents[2] / "workbooks" / "cap-table.xlsx"
FIRST, CHANGES = 12, 31


@pytest.fixture(scope="module")
def shipped() -> Snapshot:
    return read(SHIPPED)


def block(snapshot: Snapshot, header: int) -> list[dict[str, object]]:
    """The lines under a row of headings, to the last one that names somebody."""
    sheet = snapshot.sheet("Ownership")
    assert sheet is not None
    names = {}
    for column in range(3, 16):
        if heading := sheet.cell(header, column).value:
            names[column] = heading
    found = []
    for row in range(header + 1, header + 40):
        if not sheet.cell(row, 3).value:
            break
        found.append({str(name): sheet.cell(row, at).value for at, name in names.items()})
    return found


def test_formula_and_batch_mode_agree_to_the_last_share(shipped):
    batch = ownership.table(read_deal(shipped))
    lines = block(shipped, FIRST - 1)
    assert len(lines) == len(batch) == 13
    for line, row in zip(lines, batch, strict=True):
        assert (line["Name"], line["Row"], line["Class"]) == (row.name, row.kind.value, row.of)
        assert line["Held"] == row.held
        assert line["Rights counted"] == row.counted
        assert line["Rights not counted"] == row.not_counted
        assert line["Beneficially owned"] == row.shares
        assert line["Denominator"] == row.base
        assert row.fraction is not None
        assert row.voting_fraction is not None
        assert line["% of class"] == to_float(row.fraction)
        assert line["% of votes"] == to_float(row.voting_fraction)


def test_before_the_deal_by_formula_and_by_batch_mode(shipped):
    before = ownership.table(read_deal(shipped), before=True)
    after = ownership.table(read_deal(shipped))
    lines = block(shipped, CHANGES - 1)
    for line, earlier, later in zip(lines, before, after, strict=True):
        assert (line["Name"], line["Class"]) == (earlier.name, earlier.of) == (later.name, later.of)
        assert earlier.fraction is not None
        assert line["% of class, before"] == to_float(earlier.fraction)
        assert line["% of class, after"] == to_float(later.fraction or 0)
    bought = [line for line in lines if line["% of class, before"] == 0]
    assert [line["Name"] for line in bought] == [
        "Birch Growth Partners LP",
        "Northgate Health Fund LP",
    ]


TWO_CLASSES = Contents(
    {"form": "SC 13D", "class_title": "A", "event_date": date(2024, 3, 1)}
    | {"outstanding_stated": 1_000},
    {
        "Classes": [
            {"name": "A", "outstanding": 1_000, "votes_per_share": 1, "counts_as": "COMMON"},
            {"name": "B", "outstanding": 100, "votes_per_share": 10, "counts_as": "COMMON"},
        ],
        "Holders": [
            {"name": "Fund", "security": "A", "held": 100, "rights": 0, "of_class": "A"},
            {"name": "Fund", "security": "B", "held": 40, "rights": 0, "of_class": "B"},
            {"name": "Other", "security": "A", "held": 5, "of_class": "A"},
            {"name": "Open", "security": "A", "held": 0, "of_class": "A"},
        ],
        "Filing": [
            {"name": "Fund", "shared_voting": 100, "shared_dispositive": 100, "aggregate": 100}
            | {"percent": 0.1}
        ],
    },
)


def test_what_a_blank_beside_zero_is_by_formula_and_by_batch_mode(tmp_path):
    path = tmp_path / "two.xlsx"
    write_workbook(path, TWO_CLASSES)
    book = read(path)
    by_name = {(line["Name"], line["Class"]): line for line in block(book, FIRST - 1)}
    assert by_name["Other", "A"]["% of class"] == 0.005
    batch = {(row.name, row.of): row for row in ownership.table(read_deal(book))}
    for place in (("Open", "A"), ("Other", "A"), ("Fund", "A"), ("Fund", "B")):
        assert by_name[place]["Status"] == batch[place].status, place
    assert batch["Open", "A"].status == "NEEDS INPUT"


def test_a_position_of_another_class_is_no_part_of_row_11_on_the_checks_sheet(tmp_path):
    path = tmp_path / "two.xlsx"
    write_workbook(path, TWO_CLASSES)
    checks = openpyxl.load_workbook(path, data_only=True)["Checks"]
    lines = {row[1]: row for row in checks.iter_rows(values_only=True)}
    assert lines["Row 11: shares beneficially owned"][2:5] == (100, 100, 1)
    assert lines["Row 13: percent of class"][2:5] == ("10.0%", "10.0%", 1)


def test_the_report_keeps_the_classes_of_a_holder_apart(tmp_path):
    path = tmp_path / "two.xlsx"
    write_workbook(path, TWO_CLASSES)
    found = {holding.holder: holding.held for holding in check_workbook(path).holdings}
    assert found == {"Fund, A": 100, "Fund, B": 40, "Other, A": 5, "Open, A": 0}


def test_pandas_gives_the_same_table(shipped):
    import pandas as pd

    deal = read_deal(shipped)
    holders = pd.DataFrame(
        {
            "holder": [p.name.value for p in deal.holders],
            "class": [p.of_class.value for p in deal.holders],
            "held": [p.held.value for p in deal.holders],
            "rights": [p.rights.value for p in deal.holders],
            "exercisable_on": [p.exercisable_on.value for p in deal.holders],
            "blocker": [p.blocker.value for p in deal.holders],
            "control_purpose": [p.control_purpose.value for p in deal.holders],
            "converts": [p.converts.value for p in deal.holders],
        }
    )
    classes = pd.DataFrame(
        {
            "class": [c.name.value for c in deal.classes],
            "outstanding": [c.outstanding_after.value or c.outstanding.value for c in deal.classes],
            "votes_per_share": [c.votes_per_share.value for c in deal.classes],
        }
    )
    groups = pd.DataFrame(
        {
            "group": [g.group.value for g in deal.groups],
            "member": [g.member.value for g in deal.groups],
        }
    )
    frame = xl_compliance.ownership_table(holders, classes, as_of="2025-03-14", groups=groups)
    batch = ownership.table(deal)
    assert frame["name"].tolist() == [row.name for row in batch]
    assert frame["beneficially_owned"].tolist() == [row.shares for row in batch]
    assert frame["percent_of_class"].tolist() == [to_float(row.fraction or 0) for row in batch]


def test_every_row_is_shown_and_nothing_on_the_checks_sheet_is_wrong(shipped):
    ownership_sheet, checks = shipped.sheet("Ownership"), shipped.sheet("Checks")
    assert ownership_sheet is not None
    assert checks is not None
    assert ownership_sheet.cell(8, 4).value == 1
    assert [at for at, cell in checks.cells.items() if at[1] == 5 and cell.value == 0] == []


def test_the_chart_stands_on_live_cells():
    sheet = openpyxl.load_workbook(SHIPPED)["Ownership"]
    (chart,) = sheet._charts
    refs = [series.val.numRef.f for series in chart.series]
    assert refs == ["'Ownership'!$E$31:$E$40", "'Ownership'!$F$31:$F$40"]
    for row in range(31, 41):
        assert str(sheet.cell(row, 6).value).startswith("=IF(ISNUMBER(")


def test_batch_mode_finds_nothing_wrong_with_it():
    result = CliRunner().invoke(main, ["check", str(SHIPPED)])
    assert result.exit_code == 0, result.output


def without_columns(path: Path, sheet_name: str, table: str, count: int) -> None:
    """Take the last columns of entries out of a table, as an older workbook has it."""
    book = openpyxl.load_workbook(path)
    sheet = book[sheet_name]
    found = sheet.tables[table]
    first, last = found.ref.split(":")
    right = openpyxl.utils.cell.coordinate_from_string(last)
    column = openpyxl.utils.column_index_from_string(right[0]) - count - 1
    found.ref = f"{first}:{openpyxl.utils.get_column_letter(column)}{right[1]}"
    found.tableColumns = found.tableColumns[: -count - 1]
    if found.autoFilter:
        found.autoFilter.ref = found.ref
    book.save(path)


def test_an_older_workbook_without_the_new_columns_and_sheet_still_reads(tmp_path):
    path = tmp_path / "older.xlsx"
    shutil.copy(SHIPPED.with_name("giga-tronics.xlsx"), path)
    without_columns(path, "Holders", "Holders", 4)
    without_columns(path, "Classes", "Classes", 2)
    book = openpyxl.load_workbook(path)
    # Where nothing told common stock from preferred that votes, only the former stood there.
    for row in book["Classes"][book["Classes"].tables["Classes"].ref][2:]:
        for cell in row:
            cell.value = None
    del book["Groups"]
    # It could say neither that a class only votes nor which class a position is of.
    for sheet, first, last in (("Holders", 12, 13), ("Classes", 8, 9)):
        for row in book[sheet].iter_rows(min_row=first, max_row=last):
            for cell in row:
                cell.value = None
    book.save(path)
    result = CliRunner().invoke(main, ["check", str(path)])
    text = " ".join(result.output.split())
    assert "INP002" not in text
    assert "2,870,756 of 7,930,503 is 36.199%" in text
