"""The full report on every shipped workbook: a changed answer shows as the lines that changed."""

from __future__ import annotations

import os
from datetime import date
from difflib import unified_diff
from pathlib import Path

import pytest

from xl_compliance.batch.reports import json as json_report
from xl_compliance.batch.run import Report, WorkbookReport, check_workbook

WORKBOOKS = sorted((Path(__file__).parents[2] / "workbooks").glob("*.xls*"))
GOLDEN = Path(__file__).parent / "golden"


def changes(before: str, after: str) -> str:
    """The lines that differ, with what stands around them."""
    return "\n".join(unified_diff(before.splitlines(), after.splitlines(), "golden", "now", n=4))


@pytest.mark.parametrize("workbook", WORKBOOKS, ids=lambda path: path.stem)
def test_the_report_is_the_golden_one(workbook):
    found = check_workbook(workbook)
    assert not found.failure
    relative = WorkbookReport(Path("workbooks", workbook.name), found.findings)
    # Whether a filing was in time is said under today's law too, with its day.
    text = json_report.render(Report((relative,))).replace(date.today().isoformat(), "TODAY")
    golden = GOLDEN / f"{workbook.stem}.json"
    if os.environ.get("XLC_UPDATE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    different = changes(golden.read_text(encoding="utf-8"), text)
    assert not different, f"{workbook.name} is answered otherwise:\n{different}"


def test_no_golden_report_is_without_its_workbook():
    assert [path.stem for path in sorted(GOLDEN.glob("*.json"))] == [it.stem for it in WORKBOOKS]


def test_a_changed_answer_is_shown_with_its_place():
    golden = (GOLDEN / "giga-tronics.json").read_text(encoding="utf-8")
    changed = golden.replace('"verdict": "NEEDS INPUT"', '"verdict": "NOT REQUIRED"', 1)
    shown = changes(golden, changed)
    assert '-          "verdict": "NEEDS INPUT"' in shown
    assert '+          "verdict": "NOT REQUIRED"' in shown
    assert shown.count("\n") < 20
