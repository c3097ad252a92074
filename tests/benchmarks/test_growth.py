"""How time and memory grow with the rows: 1,000 to 1,000,000 in one call.

Run: XLC_BENCHMARK_GROWTH=growth.md python -m pytest tests/benchmarks/test_growth.py
The table is written to the file named. It takes some minutes, so it runs only when asked for.
"""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xl_compliance import call
from xl_compliance.functions import long_ranges

OUTPUT = os.environ.get("XLC_BENCHMARK_GROWTH", "")
SIZES = (1_000, 10_000, 100_000, 1_000_000)


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


def measured(name: str, sizes: tuple[int, ...] = SIZES) -> list[str]:
    """Time and memory by size, a cell each; the time a row at the end shows how it grows."""
    cells, a_row = ["-"] * len(SIZES), []
    for column, rows in enumerate(sizes):
        arguments = CALLS[name](rows)

        def work(arguments: tuple[Any, ...] = arguments) -> Any:
            return call(name, *arguments)

        seconds = fastest(work, 5 if rows < SIZES[-1] else 3)
        cells[column] = f"{seconds * 1e3:.1f} ms, {peak(work) / 1e6:.1f} MB"
        a_row.append(f"{seconds / rows * 1e9:,.0f}")
    return [*cells, " / ".join(a_row)]


@pytest.mark.skipif(not OUTPUT, reason="XLC_BENCHMARK_GROWTH names no file for the table")
def test_growth(benchmark, monkeypatch):
    lines = [["Call", *(f"{rows:,} rows" for rows in SIZES), "ns a row"]]
    lines.append(["---"] * len(lines[0]))
    lines += [[name, *measured(name)] for name in CALLS]
    monkeypatch.setattr(long_ranges, "_MAKERS", [])
    lines += [[f"{name}, standard library only", *measured(name, SIZES[:3])] for name in CALLS]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    Path(OUTPUT).write_text(f"{text}\n", encoding="utf-8")
    benchmark.pedantic(lambda: None)
