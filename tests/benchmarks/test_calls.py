"""One call of a worksheet function, beside the same rule written plainly with `Fraction`.

Run: python -m pytest tests/benchmarks/test_calls.py
"""

from __future__ import annotations

import time
import tracemalloc
from fractions import Fraction

import pytest
from goals import Goal

from xl_compliance import call

pytestmark = pytest.mark.benchmark(group="one cell", timer=time.process_time)

CALLS = {
    "ISSUANCEPCT": "test_issuancepct",
    "TSX606": "test_tsx606",
    "NASDAQ5635D": "test_nasdaq5635d",
}
WHY = (
    "Python itself: an empty call takes 0.1 us, the plain version is three operations on Fractions, "
    "and a cell must be read at 15 digits, checked, and answered with what its working needs"
)
WHY_TSX606 = (
    "seven arguments are read, one of them with decimals, and each insider is looked at; a tenth of "
    "Fraction would leave time for about four calls of Python functions"
)
GOALS = [
    goal
    for name, test in CALLS.items()
    for why in [WHY_TSX606 if name == "TSX606" else WHY]
    for goal in (
        Goal(f"one cell, {name}", test, "the clock", seconds=5e-6, why=why),
        Goal(
            f"one cell, {name}",
            test,
            "plain Fraction",
            f"{test}_plain_fraction",
            at_most=0.1,
            why=why,
        ),
    )
] + [Goal("one cell, ISSUANCEPCT", "test_issuancepct", "an empty call", "test_empty_call")]


def plain_issuance(issuable: float, outstanding: float) -> float:
    return float(Fraction(f"{issuable:.15g}") / Fraction(f"{outstanding:.15g}"))


def plain_tsx606(
    offer: float, close: float, size: float, bought: float, held: float, outstanding: float
) -> str:
    price, reference = Fraction(f"{offer:.15g}"), Fraction(f"{close:.15g}")
    if (reference - price) / reference > Fraction("0.15"):
        return "607 ALL INSIDER PURCHASES"
    room = Fraction(f"{held:.15g}") * Fraction(f"{size:.15g}") // Fraction(f"{outstanding:.15g}")
    return "607 INSIDER EXCESS" if Fraction(f"{bought:.15g}") > room else "606"


def plain_5635d(price: float, minimum: float, issuable: float, outstanding: float) -> str:
    if Fraction(f"{price:.15g}") >= Fraction(f"{minimum:.15g}"):
        return "NOT REQUIRED"
    size = Fraction(f"{issuable:.15g}") / Fraction(f"{outstanding:.15g}")
    return "REQUIRED" if size >= Fraction("0.2") else "NOT REQUIRED"


def nothing(_a: float, _b: float) -> float:
    return 0.0


def timed_call(benchmark, *arguments):
    """The call's answer; its time is measured and its peak memory noted beside it."""
    answer = benchmark(call, *arguments)
    tracemalloc.start()
    call(*arguments)
    benchmark.extra_info["peak_bytes"] = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return answer


def test_empty_call(benchmark):
    benchmark(nothing, 1022372.0, 5059747.0)


def test_issuancepct(benchmark):
    assert timed_call(benchmark, "ISSUANCEPCT", 1022372.0, 5059747.0) == 1022372 / 5059747


def test_issuancepct_plain_fraction(benchmark):
    assert benchmark(plain_issuance, 1022372.0, 5059747.0) == 1022372 / 5059747


def test_tsx606(benchmark):
    answer = timed_call(benchmark, "TSX606", 0.85, 1.0, True, 1000000.0, 100000.0, 10.0, 100.0)
    assert answer == "606"


def test_tsx606_plain_fraction(benchmark):
    assert benchmark(plain_tsx606, 0.85, 1.0, 1000000.0, 100000.0, 10.0, 100.0) == "606"


def test_nasdaq5635d(benchmark):
    answer = timed_call(benchmark, "NASDAQ5635D", 9.99, 10.0, 1000000.0, 5000000.0)
    assert answer == "REQUIRED"


def test_nasdaq5635d_plain_fraction(benchmark):
    assert benchmark(plain_5635d, 9.99, 10.0, 1000000.0, 5000000.0) == "REQUIRED"
