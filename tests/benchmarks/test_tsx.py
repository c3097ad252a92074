"""100,000 insiders in one call of TSX606EXCESS, beside a plain loop and row by row.

Run: python -m pytest tests/benchmarks --benchmark-only
"""

from __future__ import annotations

import pytest

from xl_compliance import call

pytestmark = pytest.mark.benchmark(group="100,000 insiders")

INSIDERS = 100_000
OUTSTANDING, OFFERING = 250_000_007, 40_000_003
HELD = [[float((n * 7919) % 5_000)] for n in range(INSIDERS)]
BOUGHT = [[float((n * 104_729) % 900)] for n in range(INSIDERS)]
# The same in hundredths of a share: decimals, not whole numbers.
HELD_IN_PARTS = [[held / 100] for (held,) in HELD]


def plain() -> int:
    return sum(
        max(0, int(bought) - int(held) * OFFERING // OUTSTANDING)
        for (bought,), (held,) in zip(BOUGHT, HELD, strict=True)
    )


def one_call(held: list[list[float]]) -> object:
    return call("TSX606EXCESS", 9, 10, True, OFFERING, BOUGHT, held, OUTSTANDING)


def row_by_row() -> float:
    return sum(
        call("TSX606EXCESS", 9, 10, True, OFFERING, bought, held, OUTSTANDING)
        for (bought,), (held,) in zip(BOUGHT, HELD, strict=True)
    )


def test_plain_loop(benchmark):
    assert benchmark.pedantic(plain, rounds=5) > 0


def test_one_call(benchmark):
    assert benchmark.pedantic(one_call, args=(HELD,), rounds=5, warmup_rounds=1) == plain()


def test_one_call_in_parts_of_shares(benchmark):
    assert benchmark.pedantic(one_call, args=(HELD_IN_PARTS,), rounds=3, warmup_rounds=1) > plain()


def test_row_by_row(benchmark):
    assert benchmark.pedantic(row_by_row, rounds=1) == plain()
