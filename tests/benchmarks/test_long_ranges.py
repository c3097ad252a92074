"""100,000 rows in one call, exact on every tie, beside numpy doing the arithmetic in floats.

Reading the cells is what numpy takes to make an array of each range, rows of one cell.
Run: python -m pytest tests/benchmarks/test_long_ranges.py
XLC_BENCHMARK_SPILLED sets the rows; under CI they are few, to see that it works.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from goals import Goal

from xl_compliance import call
from xl_compliance.functions import long_ranges

ROWS = int(os.environ.get("XLC_BENCHMARK_SPILLED", 2_000 if os.environ.get("CI") else 100_000))
pytestmark = pytest.mark.benchmark(group=f"{ROWS:,} rows in one call", timer=time.process_time)

Rows = list[list[float]]


def prices(step: int) -> Rows:
    """Cents between 5 and 15, so that ties with every threshold are among them."""
    return [[(500 + n * step % 1_001) / 100] for n in range(ROWS)]


PRICE, REFERENCE, EXERCISE = prices(7), prices(11), prices(13)
HELD = [[float(n * 7919 % 5_000)] for n in range(ROWS)]
BOUGHT = [[float(n * 104_729 % 900)] for n in range(ROWS)]
HELD_IN_PARTS = [[held / 100] for (held,) in HELD]
OUTSTANDING, OFFERING = 250_000_007, 40_000_003

Array = Any
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "DISCOUNTPCT": (PRICE, REFERENCE),
    "WARRANTVALUE": (PRICE, EXERCISE),
    "UNITFLOOR": (PRICE, EXERCISE, 0.5),
    "EFFECTIVEPRICE": (PRICE, REFERENCE, EXERCISE),
    "TSX606EXCESS": (9, 10, True, OFFERING, BOUGHT, HELD, OUTSTANDING),
    "TSX606EXCESS in parts of shares": (9, 10, True, OFFERING, BOUGHT, HELD_IN_PARTS, OUTSTANDING),
    "ISSUANCEPCT": (BOUGHT, HELD),
    "BENEFICIALPCT": (HELD, BOUGHT, 1e9),
}


def excess(_p: Any, _c: Any, _b: Any, size: int, bought: Array, held: Array, base: int) -> Array:
    return np.maximum(0, bought - np.floor(held * size / base)).sum()


IN_FLOATS: dict[str, Callable[..., Array]] = {
    "DISCOUNTPCT": lambda price, reference: (reference - price) / reference,
    "WARRANTVALUE": lambda minimum, strike: 0.125 + np.maximum(0, minimum - strike),
    "UNITFLOOR": lambda minimum, strike, coverage: (
        minimum + coverage * (0.125 + np.maximum(0, minimum - strike))
    ),
    "EFFECTIVEPRICE": lambda unit, minimum, strike: (
        unit - (0.125 + np.maximum(0, minimum - strike))
    ),
    "TSX606EXCESS": excess,
    "TSX606EXCESS in parts of shares": excess,
    "ISSUANCEPCT": lambda issuable, outstanding: issuable.sum() / outstanding.sum(),
    "BENEFICIALPCT": lambda held, rights, base: (held.sum() + rights.sum()) / (base + rights.sum()),
}

GOALS = [
    goal
    for name in ARGUMENTS
    for goal in (
        Goal(
            f"{ROWS:,} rows, {name}",
            f"test_one_call[{name}]",
            "numpy reading the cells",
            f"test_numpy_reading_the_cells[{name}]",
            seconds_more=0.020,
        ),
        Goal(
            f"{ROWS:,} rows, {name}",
            f"test_one_call[{name}]",
            "numpy, inexact",
            f"test_numpy_in_floats[{name}]",
        ),
        Goal(
            f"{ROWS:,} rows, {name}, standard library only",
            f"test_standard_library_only[{name}]",
            "numpy, inexact",
            f"test_numpy_in_floats[{name}]",
        ),
    )
]
each = pytest.mark.parametrize("name", ARGUMENTS)


def read(name: str) -> list[Any]:
    return [
        np.array(argument, dtype=float) if isinstance(argument, list) else argument
        for argument in ARGUMENTS[name]
    ]


def in_floats(name: str) -> Any:
    result = IN_FLOATS[name](*read(name))
    return result.tolist()


def one_call(name: str) -> Any:
    return call(name.partition(" ")[0], *ARGUMENTS[name])


@each
def test_one_call(benchmark, name):
    result = benchmark.pedantic(one_call, args=(name,), rounds=9, warmup_rounds=1)
    assert np.allclose(result, in_floats(name)) or name.startswith("TSX606EXCESS")


@each
def test_numpy_reading_the_cells(benchmark, name):
    benchmark.pedantic(read, args=(name,), rounds=9, warmup_rounds=1)


@each
def test_numpy_in_floats(benchmark, name):
    benchmark.pedantic(in_floats, args=(name,), rounds=9, warmup_rounds=1)


@each
def test_standard_library_only(benchmark, name, monkeypatch):
    at_once = one_call(name)
    monkeypatch.setattr(long_ranges, "_MAKERS", [])
    assert benchmark.pedantic(one_call, args=(name,), rounds=5) == at_once
