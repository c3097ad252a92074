"""Many small cap tables: in one process beside openpyxl loading them, and in two beside one.

Run: python -m pytest tests/benchmarks/test_check.py
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import made_workbooks
import openpyxl
import pytest
from goals import Goal

from xl_compliance.batch.run import check_all, check_workbook

COUNT = 20 if os.environ.get("CI") else 500
SHIPPED = Path(__file__).parents[2] / "workbooks" / "giga-tronics.xlsx"
GOALS = [
    Goal(
        f"check {COUNT} cap tables of 25 holders, one process",
        "test_checked_here",
        "openpyxl load of the same files",
        "test_loaded_by_openpyxl",
        at_most=0.5,
        why="in each file six parts are unpacked and parsed, a table is found by its headers, added up "
        "in exact numbers and put to 32 checks, a few hundred microseconds each, in Python",
    ),
    Goal(
        f"check {COUNT} cap tables in two processes (the clock)",
        "test_two_processes",
        "in one process",
        "test_one_process",
        at_most=1 / 1.6,
        why="the start of the second process counts, and other work on the two cores",
    ),
    Goal(
        "check the shipped workbook of a real deal",
        "test_shipped",
        "openpyxl loading it twice",
        "test_shipped_loaded_twice",
    ),
]
one_process = pytest.mark.benchmark(group="many small cap tables", timer=time.process_time)
processes = pytest.mark.benchmark(group="two processes beside one")
shipped = pytest.mark.benchmark(group="the shipped workbook", timer=time.process_time)


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> list[Path]:
    return made_workbooks.many(tmp_path_factory.mktemp("many"), COUNT)


@one_process
def test_checked_here(benchmark, files):
    report = benchmark.pedantic(check_all, args=(files,), rounds=5, warmup_rounds=0)
    assert report.failures == 0
    assert {it.code for workbook in report.workbooks for it in workbook.findings} == {"CAP001"}


@one_process
def test_loaded_by_openpyxl(benchmark, files):
    def load():
        for path in files:
            openpyxl.load_workbook(path)

    benchmark.pedantic(load, rounds=5, warmup_rounds=0)


@processes
def test_one_process(benchmark, files):
    report = benchmark.pedantic(check_all, args=(files,), kwargs={"jobs": 1}, rounds=5)
    assert report.failures == 0


@processes
def test_two_processes(benchmark, files):
    report = benchmark.pedantic(check_all, args=(files,), kwargs={"jobs": 2}, rounds=5)
    assert report.failures == 0


@shipped
def test_shipped(benchmark):
    report = benchmark.pedantic(check_workbook, args=(SHIPPED,), rounds=5, warmup_rounds=1)
    assert not report.failure


@shipped
def test_shipped_loaded_twice(benchmark):
    def load():
        openpyxl.load_workbook(SHIPPED)
        openpyxl.load_workbook(SHIPPED, data_only=True)

    benchmark.pedantic(load, rounds=5, warmup_rounds=1)
