"""How time and memory grow: with the rows of one call, of one workbook, and with the workbooks.

Run: XLC_BENCHMARK_RECORD=1 python -m pytest tests/benchmarks/test_growth.py
Otherwise, and under CI, only the smallest sizes are run, to see that it works.
XLC_BENCHMARK_GROWTH sets the most rows, a million unless it says fewer, and
XLC_BENCHMARK_WORKBOOKS the most workbooks, 10,000 unless it says otherwise.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import made_workbooks
import pytest
import record
from goals import PEAK, RECORD

from xl_compliance import call
from xl_compliance.functions import long_ranges

MOST = int(os.environ.get("XLC_BENCHMARK_GROWTH", 1_000_000))
WORKBOOKS = int(os.environ.get("XLC_BENCHMARK_WORKBOOKS", 10_000))


def sizes(first: int, last: int) -> list[int]:
    """Each ten times the one before."""
    found = [first]
    while RECORD and found[-1] * 10 <= min(last, MOST):
        found.append(found[-1] * 10)
    return found


def prices(rows: int, step: int) -> list[list[float]]:
    return [[(500 + n * step % 1_001) / 100] for n in range(rows)]


def shares(rows: int, step: int, most: int) -> list[list[float]]:
    return [[float(n * step % most + 1)] for n in range(rows)]


CALLS: dict[str, Callable[[int], tuple[Any, ...]]] = {
    "DISCOUNTPCT": lambda rows: (prices(rows, 7), prices(rows, 11)),
    "EFFECTIVEPRICE": lambda rows: (prices(rows, 7), prices(rows, 11), prices(rows, 13)),
    "TSX606EXCESS": lambda rows: (
        *(9, 10, True, 40_000_003),
        *(shares(rows, 104_729, 900), shares(rows, 7_919, 5_000), 250_000_007),
    ),
    "ISSUANCEPCT": lambda rows: (shares(rows, 104_729, 900), 1e12),
    "BENEFICIALPCT": lambda rows: (0, shares(rows, 104_729, 900), 1e12),
    # Prices spill beside summed ranges as long as they are.
    "NASDAQ5635D": lambda rows: (
        *(prices(rows, 7), 10),
        *(shares(rows, 104_729, 900), shares(rows, 7_919, 5_000)),
    ),
}


def fastest(work: Callable[[], Any], rounds: int) -> float:
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def peak(work: Callable[[], Any]) -> int:
    """The most memory taken at once beyond what was there: the arguments are not counted."""
    tracemalloc.start()
    work()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def of_a_call(name: str, rows: int, plain: bool = False) -> tuple[float, float]:
    """Seconds and memory of a call, in this process; `plain` is by the standard library only."""
    if plain:
        long_ranges._MAKERS.clear()
    arguments = CALLS[name](rows)

    def work() -> Any:
        return call(name, *arguments)

    return fastest(work, 5 if rows < 1_000_000 else 3), peak(work)


def in_a_fresh_process(name: str, rows: int, plain: bool = False) -> tuple[float, float]:
    """The same in a process of its own: nothing else is in its memory."""
    code = (
        f"import json, sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        f"from test_growth import of_a_call\n"
        f"print(json.dumps(of_a_call({name!r}, {rows}, {plain})))"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    seconds, memory = json.loads(run.stdout)
    return seconds, memory


@pytest.mark.parametrize("name", CALLS)
def test_calls(benchmark, name):
    found = benchmark.pedantic(
        lambda: {rows: in_a_fresh_process(name, rows) for rows in sizes(1_000, 1_000_000)},
        rounds=1,
    )
    record.GROWTH.append(record.Growth(name, "rows in a call", found))


@pytest.mark.parametrize("name", ["DISCOUNTPCT", "TSX606EXCESS", "NASDAQ5635D"])
def test_calls_of_the_standard_library_only(benchmark, name):
    found = benchmark.pedantic(
        lambda: {rows: in_a_fresh_process(name, rows, True) for rows in sizes(1_000, 100_000)},
        rounds=1,
    )
    record.GROWTH.append(record.Growth(f"{name}, standard library only", "rows in a call", found))


_MEASURE = f"""
import json, sys, time
{PEAK}
from pathlib import Path
from xl_compliance.batch.run import check_all
from xl_compliance.workbook.snapshot import read
check_all([Path(sys.argv[2])])
before, start = peak(), time.process_time()
if sys.argv[1] == "read":
    read(Path(sys.argv[3]))
else:
    assert check_all([Path(it) for it in sys.argv[3:]]).failures == 0
seconds = time.process_time() - start
print(json.dumps([seconds, peak() - before]))
"""


def in_a_process(job: str, small: Path, *paths: Path) -> tuple[float, float]:
    """Seconds, and the most memory beyond that of checking one small workbook."""
    command = [sys.executable, "-c", _MEASURE, job, str(small), *map(str, paths)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, memory = json.loads(output)
    return seconds, memory


@pytest.mark.skipif(sys.platform == "win32", reason="peak memory as POSIX gives it")
@pytest.mark.parametrize(("job", "most"), [("read", 1_000_000), ("check", 1_000_000)])
def test_holders_of_one_workbook(benchmark, tmp_path, job, most):
    small = made_workbooks.cap_table(tmp_path / "small.xlsx", 25)

    def measured() -> dict[int, tuple[float, float]]:
        return {
            rows: in_a_process(
                job, small, made_workbooks.cap_table(tmp_path / f"{rows}.xlsx", rows)
            )
            for rows in sizes(1_000, most)
        }

    found = benchmark.pedantic(measured, rounds=1)
    what = "reading a cap table" if job == "read" else "checking a cap table"
    record.GROWTH.append(record.Growth(what, "holders", found))


@pytest.mark.skipif(sys.platform == "win32", reason="peak memory as POSIX gives it")
def test_workbooks_of_one_run(benchmark, tmp_path):
    """The same hundred workbooks under other names, where there are more."""
    counts = sizes(10, WORKBOOKS)
    made = made_workbooks.many(tmp_path, min(100, counts[-1]))
    for number in range(len(made), counts[-1]):
        os.link(made[number % len(made)], tmp_path / f"model {number:05}.xlsx")
    every = sorted(tmp_path.glob("*.xlsx"))
    folders = {}
    for count in counts:
        folders[count] = tmp_path / f"{count}"
        folders[count].mkdir()
        for path in every[:count]:
            os.link(path, folders[count] / path.name)

    def measured() -> dict[int, tuple[float, float]]:
        return {count: in_a_process("check", made[0], folders[count]) for count in counts}

    found = benchmark.pedantic(measured, rounds=1)
    record.GROWTH.append(record.Growth("checking workbooks of 25 holders", "workbooks", found))
