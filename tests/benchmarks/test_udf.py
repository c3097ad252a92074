"""A worksheet function as xlwings calls it on Windows, beside what it does to a range by default.

xlwings' own code runs, with pywin32 and Excel stubbed: what COM itself costs is in neither.
Run: python -m pytest tests/benchmarks/test_udf.py
"""

from __future__ import annotations

import importlib.machinery
import os
import sys
import time
from pathlib import Path

import pytest
from goals import Goal

ROWS = 2_000 if os.environ.get("CI") else 100_000
pytestmark = pytest.mark.benchmark(group=f"{ROWS:,} rows from xlwings", timer=time.process_time)

JOB = f"a UDF call, {ROWS:,}-row range"
PEER = "xlwings' default conversion"
GOALS = [
    Goal(f"{JOB} summed", "test_summed", PEER, "test_default_conversion", at_most=0.5),
    Goal(f"{JOB} spilled", "test_spilled", PEER, "test_default_conversion_and_back"),
]
STUB = Path(__file__).parents[1] / "excel" / "stub_windows.py"
stub_windows = importlib.machinery.SourceFileLoader("stub_windows", str(STUB)).load_module()
SHARES = stub_windows.column(*[float(n % 5_000 + 1) for n in range(ROWS)])
PRICES = stub_windows.column(*[(n % 1_500 + 500) / 100 for n in range(ROWS)])


@pytest.fixture(scope="module")
def excel():
    with stub_windows.windows() as desktop:
        yield desktop


def converted(excel, cells):
    conversion, on_windows = sys.modules["xlwings.conversion"], sys.modules["xlwings._xlwindows"]
    return conversion.read(excel.xlwings.Range(impl=on_windows.Range(xl=cells)), None, {})


def test_default_conversion(benchmark, excel):
    benchmark.pedantic(converted, args=(excel, SHARES), rounds=9, warmup_rounds=1)


def test_summed(benchmark, excel):
    answer = benchmark.pedantic(
        excel.answer, args=("ISSUANCEPCT", SHARES, 1e9), rounds=9, warmup_rounds=1
    )
    assert answer == sum(n % 5_000 + 1 for n in range(ROWS)) / 1e9


def test_default_conversion_and_back(benchmark, excel):
    def back_and_forth():
        conversion = sys.modules["xlwings.conversion"]
        cells = [[cell] for cell in converted(excel, PRICES)]
        return conversion.write(cells, None, {})

    benchmark.pedantic(back_and_forth, rounds=5, warmup_rounds=1)


def test_spilled(benchmark, excel):
    answer = benchmark.pedantic(
        excel.answer, args=("DISCOUNTPCT", PRICES, 10.0), rounds=5, warmup_rounds=1
    )
    assert len(answer) == ROWS
