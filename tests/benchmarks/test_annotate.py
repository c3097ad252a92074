"""An annotated copy of a workbook of ten sheets with 5,000 rows in all, beside openpyxl.

Goals, as parts of what openpyxl takes to load and save the workbook: 1/100 for the sheet of
findings alone, 1/50 with notes on one sheet, 1/10 with notes on every sheet.

Run: python -m pytest tests/benchmarks --benchmark-only
"""

from __future__ import annotations

import time
from pathlib import Path

import openpyxl
import pytest
from goals import Goal

from xl_compliance.workbook.annotate import Entry, annotate

PEER = "openpyxl load and save"
GOALS = [
    Goal(f"annotated copy, {what}", f"test_annotate[{what}]", PEER, "test_openpyxl", at_most=part)
    for what, part in (("sheet only", 1 / 100), ("notes on one", 1 / 50), ("on every", 1 / 10))
]
SHEETS, ROWS, COLUMNS, FINDINGS = 10, 500, 12, 50
pytestmark = pytest.mark.benchmark(group="annotated copy", timer=time.process_time)


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("annotate") / "model.xlsx"
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for number in range(SHEETS):
        sheet = workbook.create_sheet(f"Sheet {number}")
        for row in range(1, ROWS + 1):
            sheet.append([f"Holder {row}", *(row * column / 7 for column in range(1, COLUMNS))])
    workbook.save(path)
    return path


def findings(sheets: int) -> list[Entry]:
    return [
        Entry(
            "error", ("error", "REQUIRED", "about this"), f"Sheet {k % SHEETS}", f"B{k + 2}", note
        )
        for k in range(FINDINGS)
        for note in ["look here" if k % SHEETS < sheets else ""]
    ]


@pytest.mark.parametrize("sheets", [0, 1, SHEETS], ids=["sheet only", "notes on one", "on every"])
def test_annotate(benchmark, model, tmp_path, sheets):
    header, entries = ("Severity", "Verdict", "Finding"), findings(sheets)
    target = tmp_path / "copy.xlsx"

    def fresh():
        target.unlink(missing_ok=True)

    def copied():
        return annotate(model, target, ["Compliance"], header, entries)

    done = benchmark.pedantic(copied, setup=fresh, rounds=7, warmup_rounds=1)
    assert done is None or len(done.noted) == FINDINGS * sheets // SHEETS


def test_openpyxl(benchmark, model, tmp_path):
    benchmark.pedantic(
        lambda: openpyxl.load_workbook(model).save(tmp_path / "saved.xlsx"),
        rounds=5,
        warmup_rounds=1,
    )
