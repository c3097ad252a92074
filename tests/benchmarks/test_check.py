"""Checking the shipped workbook: time beside openpyxl loading the same file, and peak memory.

Run: python -m pytest tests/benchmarks --benchmark-only
"""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import openpyxl
import pytest

from xl_compliance.batch.run import check_workbook

WORKBOOK = Path(__file__).parents[2] / "workbooks" / "giga-tronics.xlsx"
pytestmark = pytest.mark.benchmark(group="the shipped workbook")


def test_check(benchmark):
    report = benchmark.pedantic(check_workbook, args=(WORKBOOK,), rounds=7, warmup_rounds=1)
    assert not report.failure
    tracemalloc.start()
    check_workbook(WORKBOOK)
    benchmark.extra_info["peak_bytes"] = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()


def test_openpyxl_load_twice(benchmark):
    def load():
        openpyxl.load_workbook(WORKBOOK)
        openpyxl.load_workbook(WORKBOOK, data_only=True)

    benchmark.pedantic(load, rounds=7, warmup_rounds=1)
