"""An ownership table of 200,000 positions, beside pandas doing only its arithmetic.

Exact figures, rights by date, blockers and groups, with reasons; pandas adds up floats and divides.
Run: python -m pytest tests/benchmarks/test_ownership.py --benchmark-only
"""

from __future__ import annotations

import os
import tracemalloc
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from xl_compliance import call, ownership_table

pytestmark = pytest.mark.benchmark(group="200,000 positions")

LINES = 2_000 if os.environ.get("CI") else 200_000
AS_OF = date(2024, 3, 1)
CLASSES = pd.DataFrame(
    {"class": ["A", "B"], "outstanding": [900_000_007, 90_000_001], "votes_per_share": [1, 10]}
)
HOLDERS = pd.DataFrame(
    {
        "holder": [f"Holder {n % 150_000}" for n in range(LINES)],
        "class": ["B" if n % 10 == 0 else "A" for n in range(LINES)],
        "held": [(n * 7919) % 5_000 for n in range(LINES)],
        "rights": [(n * 104_729) % 900 for n in range(LINES)],
        "exercisable_on": [AS_OF + timedelta(days=n % 121) for n in range(LINES)],
        "blocker": [0.0999 if n % 4 == 0 else None for n in range(LINES)],
        "group": [f"Group {n % 50}" if n % 20 == 0 else None for n in range(LINES)],
    }
)
SIMPLE = HOLDERS[["holder", "class", "held", "rights"]]


def full() -> pd.DataFrame:
    return ownership_table(HOLDERS, CLASSES, as_of=AS_OF)


def simple() -> pd.DataFrame:
    return ownership_table(SIMPLE, CLASSES)


def pandas_arithmetic() -> pd.DataFrame:
    """Held and rights by holder and class, over the class and the own rights; nothing else."""
    sums = SIMPLE.groupby(["holder", "class"], sort=False)[["held", "rights"]].sum().reset_index()
    base = sums["class"].map(CLASSES.set_index("class")["outstanding"]) + sums["rights"]
    sums["percent_of_class"] = (sums["held"] + sums["rights"]) / base
    return sums


def as_a_cell() -> Any:
    columns = [[[cell] for cell in HOLDERS[name].tolist()] for name in ("holder", "held", "rights")]
    of_class = [[cell] for cell in HOLDERS["class"].tolist()]
    outstanding = [[each] for each in CLASSES["outstanding"].tolist()]
    return call(
        "OWNERSHIPTABLE", *columns, outstanding, None, None, of_class, [["A"], ["B"]], [[1], [10]]
    )


def noted(benchmark: Any, work: Any, rounds: int) -> Any:
    """Time it, and note the most memory that it takes at once."""
    result = benchmark.pedantic(work, rounds=rounds, warmup_rounds=1)
    tracemalloc.start()
    work()
    benchmark.extra_info["peak MB"] = round(tracemalloc.get_traced_memory()[1] / 1e6, 1)
    tracemalloc.stop()
    return result


def test_table_with_dates_blockers_and_groups(benchmark):
    table = noted(benchmark, full, 3)
    # Nothing is lost on the way.
    holders = table[table["row"] == "Holder"]
    rights = holders["rights_counted"].sum() + holders["rights_not_counted"].sum()
    assert holders["held"].sum() == HOLDERS["held"].sum()
    assert rights == HOLDERS["rights"].sum()


def test_table_of_held_and_rights(benchmark):
    table = noted(benchmark, simple, 3)
    theirs = pandas_arithmetic().sort_values("class", kind="stable")
    assert table["percent_of_class"].tolist() == theirs["percent_of_class"].tolist()


def test_worksheet_function(benchmark):
    table = noted(benchmark, as_a_cell, 2)
    assert len(table) == 1 + len(pandas_arithmetic())


def test_pandas_arithmetic_only(benchmark):
    assert len(noted(benchmark, pandas_arithmetic, 5))
