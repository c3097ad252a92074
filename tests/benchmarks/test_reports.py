"""Reports of 20,000 findings; the workbook beside XlsxWriter writing the same rows, bare.

Goal: at most 1.5 times XlsxWriter with constant_memory.

Run: python -m pytest tests/benchmarks --benchmark-only
"""

from __future__ import annotations

import io
import os
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter
from goals import Goal

from xl_compliance.batch.reports import FORMATS, Wanted, file_content
from xl_compliance.batch.reports.rows import COLUMNS, rows
from xl_compliance.batch.results import Report, WorkbookReport
from xl_compliance.batch.run import check_all
from xl_compliance.checks.findings import Severity

WORKBOOKS, FINDINGS = (20, 50) if os.environ.get("CI") else (200, 100)
TOTAL = WORKBOOKS * FINDINGS
pytestmark = pytest.mark.benchmark(group=f"report of {TOTAL:,} findings", timer=time.process_time)
PEER = "XlsxWriter constant_memory"
GOALS = [
    Goal(
        f"xlsx report of {TOTAL:,} findings",
        "test_report[xlsx]",
        PEER,
        "test_xlsxwriter_same_rows",
        at_most=1.5,
        why="the report has six sheets, links, charts and formats; the peer writes bare rows",
    )
]


@pytest.fixture(scope="module")
def report() -> Report:
    """The findings of the shipped workbooks, over and over."""
    shipped = check_all([Path(__file__).parents[2] / "workbooks"]).workbooks
    every = [finding for workbook in shipped for finding in workbook.findings]

    def workbook(number: int) -> WorkbookReport:
        picked = (every[(number * FINDINGS + k) % len(every)] for k in range(FINDINGS))
        findings = tuple(replace(it, cell=f"B{k + 7}") for k, it in enumerate(picked))
        path = Path(f"models/model {number}.xlsx")
        return WorkbookReport(path, findings, about=shipped[0].about, holdings=shipped[0].holdings)

    return Report(tuple(workbook(number) for number in range(WORKBOOKS)))


@pytest.mark.parametrize("style", FORMATS)
def test_report(benchmark, report, style):
    wanted = Wanted(Severity.WARNING, datetime(2026, 1, 2), Path())
    content = benchmark.pedantic(
        file_content, args=(style, report, wanted), rounds=5, warmup_rounds=1
    )
    if content is not None:
        benchmark.extra_info["bytes"] = len(content)


def test_xlsxwriter_same_rows(benchmark, report):
    every = list(rows(report))

    def written():
        book = xlsxwriter.Workbook(io.BytesIO(), {"constant_memory": True})
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, COLUMNS)
        for number, row in enumerate(every, 1):
            sheet.write_row(number, 0, row)
        book.close()

    benchmark.pedantic(written, rounds=5, warmup_rounds=1)
