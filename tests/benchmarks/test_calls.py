"""One call of a worksheet function, beside the same rule written plainly with `Fraction`.

With the same arguments again and again, and with 10,000 different ones in turn, as a model has.
Run: python -m pytest tests/benchmarks/test_calls.py
"""

from __future__ import annotations

import random
import time
import tracemalloc
from collections.abc import Callable
from fractions import Fraction
from itertools import cycle
from typing import Any

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
    "Python itself: an empty call takes 0.1 us, the plain version is a few operations on Fractions, "
    "and each argument must be read at 15 digits and checked; a tenth of Fraction would leave time "
    "for five to twenty calls of empty functions"
)
WHY_TSX606 = (
    "seven arguments are read, two of them with decimals, 0.35 us each, and each insider is looked "
    "at; the rule itself takes less than half of the time"
)


def _goals(job: str, test: str, fraction: str, why: str) -> list[Goal]:
    return [
        Goal(job, test, "the clock", seconds=5e-6, why=why),
        Goal(job, test, "plain Fraction", fraction, at_most=0.1, why=WHY),
    ]


GOALS = [
    goal
    for name, test in CALLS.items()
    for why in [WHY_TSX606 if name == "TSX606" else WHY]
    for goal in (
        *_goals(f"one cell, {name}", test, f"{test}_plain_fraction", why),
        *_goals(
            f"one cell, {name}, 10,000 different arguments",
            f"test_changing_arguments[{name}]",
            f"test_changing_arguments_plain_fraction[{name}]",
            why,
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


def timed(benchmark, function, *arguments):
    """Thousands of calls between two looks at the clock, which takes a sixth of one itself."""
    return benchmark.pedantic(function, arguments, rounds=15, iterations=2_000, warmup_rounds=1)


def timed_call(benchmark, *arguments):
    """The call's answer; its time is measured and its peak memory noted beside it."""
    timed(benchmark, call, *arguments)
    tracemalloc.start()
    answer = call(*arguments)
    benchmark.extra_info["peak_bytes"] = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return answer


def test_empty_call(benchmark):
    timed(benchmark, nothing, 1022372.0, 5059747.0)


def test_issuancepct(benchmark):
    assert timed_call(benchmark, "ISSUANCEPCT", 1022372.0, 5059747.0) == 1022372 / 5059747


def test_issuancepct_plain_fraction(benchmark):
    timed(benchmark, plain_issuance, 1022372.0, 5059747.0)
    assert plain_issuance(1022372.0, 5059747.0) == 1022372 / 5059747


def test_tsx606(benchmark):
    answer = timed_call(benchmark, "TSX606", 0.85, 1.0, True, 1000000.0, 100000.0, 10.0, 100.0)
    assert answer == "606"


def test_tsx606_plain_fraction(benchmark):
    arguments = (0.85, 1.0, 1000000.0, 100000.0, 10.0, 100.0)
    timed(benchmark, plain_tsx606, *arguments)
    assert plain_tsx606(*arguments) == "606"


def test_nasdaq5635d(benchmark):
    answer = timed_call(benchmark, "NASDAQ5635D", 9.99, 10.0, 1000000.0, 5000000.0)
    assert answer == "REQUIRED"


def test_nasdaq5635d_plain_fraction(benchmark):
    arguments = (9.99, 10.0, 1000000.0, 5000000.0)
    timed(benchmark, plain_5635d, *arguments)
    assert plain_5635d(*arguments) == "REQUIRED"


def offering(chance: random.Random) -> tuple[Any, ...]:
    """Around the discount of 15% and around pro rata: every answer but REVIEW is among them."""
    close = round(chance.uniform(0.5, 20), 2)
    price = round(close * chance.uniform(0.8, 1.1), 2)
    size, held = float(chance.randrange(1, 10**8)), float(chance.randrange(1, 10**7))
    outstanding = 1e8 + chance.randrange(10**6)
    bought = float(int(held * size / outstanding * chance.uniform(0, 1.5)))
    return price, close, True, size, bought, held, outstanding


def placement(chance: random.Random) -> tuple[Any, ...]:
    minimum = round(chance.uniform(0.5, 20), chance.randrange(1, 5))
    outstanding = float(chance.randrange(1, 10**8))
    price = round(minimum * chance.uniform(0.9, 1.1), 2) or 0.01
    return price, minimum, float(int(outstanding * chance.uniform(0, 0.4)) + 1), outstanding


def shares(chance: random.Random) -> tuple[Any, ...]:
    return float(chance.randrange(1, 10**8)), float(chance.randrange(1, 10**8))


CHANGING: dict[str, tuple[Callable[[random.Random], tuple[Any, ...]], Callable[..., Any]]] = {
    "ISSUANCEPCT": (shares, plain_issuance),
    "TSX606": (
        offering,
        lambda price, close, _marketed, *further: plain_tsx606(price, close, *further),
    ),
    "NASDAQ5635D": (placement, plain_5635d),
}


def different(name: str) -> list[tuple[Any, ...]]:
    chance = random.Random(name)
    return [CHANGING[name][0](chance) for _ in range(10_000)]


@pytest.mark.parametrize("name", CHANGING)
def test_changing_arguments(benchmark, name):
    arguments = different(name)
    plain = CHANGING[name][1]
    assert all(call(name, *each) == plain(*each) for each in arguments[:1_000])
    turns = cycle(arguments)
    timed(benchmark, lambda: call(name, *next(turns)))


@pytest.mark.parametrize("name", CHANGING)
def test_changing_arguments_plain_fraction(benchmark, name):
    plain, turns = CHANGING[name][1], cycle(different(name))
    timed(benchmark, lambda: plain(*next(turns)))
