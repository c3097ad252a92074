"""Evaluating whole deals: time and memory a deal, with ten securities and twenty earlier issuances.

Run: XLC_DEALS=1000 python -m pytest tests/benchmarks/test_deals.py --benchmark-only
Without XLC_DEALS a few deals are evaluated, which is what continuous integration does.
"""

from __future__ import annotations

import os
import random
import tracemalloc
from datetime import date, timedelta
from pathlib import Path

import pytest

from xl_compliance.checks.registry import run_checks
from xl_compliance.deal.evaluation import approval
from xl_compliance.deal.reading import read_deal
from xl_compliance.workbook.input_sheets import INPUT_TABLES
from xl_compliance.workbook.snapshot import Cell, Sheet, Snapshot, Table

DEALS = int(os.environ.get("XLC_DEALS", "10"))
SECURITIES, EARLIER = 10, 20
CLOSING = date(2024, 3, 15)
pytestmark = pytest.mark.benchmark(group=f"{DEALS} whole deals")


def tables(seed: int) -> dict:
    """A deal of five units, each a security with its warrants, and a ledger of two years."""
    draw = random.Random(seed)
    securities = []
    for number in range(SECURITIES // 2):
        shares = draw.randrange(50_000, 400_000)
        securities.append(
            {
                "name": f"Shares {number}",
                "kind": draw.choice(["COMMON", "CONVERTIBLE"]),
                "quantity": shares,
                "ratio": 1,
                "paid": shares * draw.choice([10, 9.99, 10.125]),
                "adjustment": "NONE",
            }
        )
        securities.append(
            {
                "name": f"Warrants {number}",
                "kind": "WARRANT",
                "quantity": shares,
                "ratio": 1,
                "paid": 0,
                "exercise_price": draw.choice([9.5, 10, 11]),
                "first_exercisable": draw.choice([CLOSING, CLOSING + timedelta(days=200)]),
                "adjustment": "NONE",
                "sold_with": f"Shares {number}",
            }
        )
    issuances = [
        {
            "transaction": f"Earlier {number}",
            "closing": CLOSING - timedelta(days=35 * (number + 1)),
            "investor": draw.choice(["Fund A", "Fund B", "Others"]),
            "issuable": draw.randrange(10_000, 200_000),
            "outstanding_before": 5_000_000 - 40_000 * number,
            **dict.fromkeys(("planned", "contingent", "same_use_of_proceeds"), False),
            **dict.fromkeys(("common_investors", "same_board_approval"), False),
        }
        for number in range(EARLIER)
    ]
    purchasers = [
        {
            "name": draw.choice(["Fund A", "Fund C"]),
            "relationship": "NONE",
            "security": row["name"],
            "bought": row["quantity"],
            "held_before": 0,
            "rights_before": 0,
        }
        for row in securities
    ]
    return {
        "Deal": {
            "exchange": "NASDAQ",
            "transaction": "PIPE",
            "signed_at": "2024-03-11 11:30",
            "closing_date": CLOSING,
            "public_offering": False,
            "deal_kind": "PRIVATE PLACEMENT",
            "insider_sales": 0,
        },
        "Classes": [{"name": "Common", "outstanding": 5_000_000}],
        "Prices": [{"day": f"2024-03-{day:02}", "close": 10, "bid": 10} for day in (4, 5, 6, 7, 8)],
        "Securities": securities,
        "Purchasers": purchasers,
        "Issuances": issuances,
    }


def snapshot(contents: dict) -> Snapshot:
    """The tables as a workbook would give them."""
    cells: dict[str, dict[tuple[int, int], Cell]] = {}
    found, first = [], 6
    for definition in INPUT_TABLES:
        given = contents.get(definition.name)
        if definition.facts:
            rows = [[e.label, (given or {}).get(e.key)] for e in definition.entries]
        else:
            rows = [[row.get(e.key) for e in definition.entries] for row in given or []]
        body = cells.setdefault(definition.sheet, {})
        for r, row in enumerate(rows):
            body.update({(first + r, 2 + c): Cell(v) for c, v in enumerate(row) if v is not None})
        found.append(
            Table(definition.name, definition.sheet, first, 2, definition.headers, len(rows))
        )
        first += len(rows) + 3
    sheets = tuple(Sheet(name, True, body) for name, body in cells.items())
    return Snapshot(Path("deal.xlsx"), sheets, tuple(found), (), False)


@pytest.fixture(scope="module")
def snapshots():
    return [snapshot(tables(seed)) for seed in range(DEALS)]


def peak_of_one(benchmark, work_out, one) -> None:
    """The peak memory of one deal, beside its time."""
    tracemalloc.start()
    work_out(one)
    benchmark.extra_info["peak_bytes_a_deal"] = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    if benchmark.stats is not None:  # None where benchmarks are only run, not measured
        benchmark.extra_info["seconds_a_deal"] = benchmark.stats.stats.mean / DEALS


def test_read(benchmark, snapshots):
    deals = benchmark.pedantic(lambda: [read_deal(each) for each in snapshots], rounds=3)
    assert all(len(deal.securities) == SECURITIES for deal in deals)
    peak_of_one(benchmark, read_deal, snapshots[0])


def test_approval(benchmark, snapshots):
    """Reading is not in the time: a deal is read anew for every round, and evaluated once."""

    def fresh():
        return ([read_deal(each) for each in snapshots],), {}

    answers = benchmark.pedantic(
        lambda deals: [approval(deal) for deal in deals], setup=fresh, rounds=3
    )
    assert {answer.verdict for answer in answers} <= {"REQUIRED", "REVIEW", "NOT REQUIRED"}
    peak_of_one(benchmark, lambda one: approval(read_deal(one)), snapshots[0])


def test_every_check(benchmark, snapshots):
    def fresh():
        return ([read_deal(each) for each in snapshots],), {}

    found = benchmark.pedantic(
        lambda deals: [run_checks(deal) for deal in deals], setup=fresh, rounds=3
    )
    assert all(findings for findings in found)
    peak_of_one(benchmark, lambda one: run_checks(read_deal(one)), snapshots[0])
