"""A private placement on Nasdaq: common stock with warrants, an insider among the buyers, and a
registered direct offering three months before.

The issuer and every figure are made up. The unit is priced above the last close, and the term
sheet's own figures say that no vote is needed; the checks say why one is, and what avoids it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from xl_compliance.workbook.expressions import Value
from xl_compliance.workbook.template import SOURCE, Contents

MADE_UP: Final = "Made up"
ISSUER: Final = "Example Therapeutics, Inc. (invented for this example)"
PIPE: Final = "PIPE, March 2024"
FUND: Final = "Example Growth Fund, L.P."
OTHERS: Final = "Twelve institutional investors"
EXECUTIVE: Final = "The chief executive officer"

_CLOSING: Final = date(2024, 3, 15)
_UNIT_PRICE: Final = 4.10

_Row = dict[str, Value]


def _made_up(shows: str) -> str:
    return f"{MADE_UP}. {shows}"


def _session(day: int, close: float, consolidated: float, bid: float) -> _Row:
    return {
        "day": date(2024, 3, day),
        "close": close,
        "bid": bid,
        "consolidated": consolidated,
        SOURCE: f"{MADE_UP}; a session of Nasdaq",
    }


def _buys(name: str, relationship: str, units: int, **before: Value) -> list[_Row]:
    common = {
        "name": name,
        "relationship": relationship,
        SOURCE: _made_up("Signature pages: one share and one warrant a unit"),
    }
    return [
        {
            **common,
            "security": "Common shares",
            "bought": units,
            "paid": round(units * _UNIT_PRICE, 2),
            **before,
        },
        {**common, "security": "Warrants", "bought": units, "paid": 0},
    ]


_FACTS: Final[dict[str, tuple[Value, str]]] = {
    "issuer": (ISSUER, MADE_UP),
    "exchange": ("NASDAQ", MADE_UP),
    "symbol": ("EXMPL", MADE_UP),
    "cusip": ("000000000", "Made up; no issuer has this number"),
    "transaction": (PIPE, "Securities purchase agreement"),
    "signed_at": (datetime(2024, 3, 11, 11, 30), "Before the close: 11 March does not count"),
    "closing_date": (_CLOSING, "Securities purchase agreement"),
    "public_offering": (False, "Negotiated with fourteen purchasers"),
    "deal_kind": ("PRIVATE PLACEMENT", "For cash, for general corporate purposes"),
    "insider_sales": (0, "No holder sells"),
    "largest_other": (2_900_000, "Largest holder that does not buy; its last Schedule 13G"),
    "unapproved_equity_plan": (False, "None is set up or amended"),
    "las_submitted": (date(2024, 2, 29), "Fifteen calendar days before the closing"),
    "board_size": (7, "Proxy statement"),
    "designees": (1, "Side letter with the fund"),
    "investor_votes": (2_800_000, "800,000 held and 2,000,000 bought; no warrant counts"),
    "total_votes": (23_200_000, "20,000,000 before and 3,200,000 issued"),
    "minimum_ownership": (0.05, "Side letter: the right ends below it"),
    "step_down": (True, "Side letter"),
}

CONTENTS: Final = Contents(
    facts={key: value for key, (value, _) in _FACTS.items()},
    sources={key: source for key, (_, source) in _FACTS.items()},
    rows={
        "Classes": [
            {
                "name": "Common stock",
                "listed": True,
                "outstanding": 20_000_000,
                "votes_per_share": 1,
                "as_of": date(2024, 3, 8),
                "counts_as": "COMMON",
                SOURCE: _made_up("Transfer agent's count; no option or warrant in it"),
            }
        ],
        "Prices": [
            _session(4, 4.02, 4.03, 4.01),
            _session(5, 4.05, 4.05, 4.04),
            _session(6, 4.10, 4.11, 4.09),
            _session(7, 4.12, 4.12, 4.10),
            _session(8, 4.15, 4.16, 4.14),
        ],
        "Securities": [
            {
                "name": "Common shares",
                "transaction": PIPE,
                "kind": "COMMON",
                "quantity": 3_200_000,
                "ratio": 1,
                "paid": 13_120_000,
                "adjustment": "NONE",
                SOURCE: _made_up("4.10 a unit of one share and one warrant"),
            },
            {
                "name": "Warrants",
                "transaction": PIPE,
                "kind": "WARRANT",
                "quantity": 3_200_000,
                "ratio": 1,
                "paid": 0,
                "exercise_price": 4.25,
                "first_exercisable": _CLOSING,
                "adjustment": "SPLIT",
                "sold_with": "Common shares",
                SOURCE: _made_up("Exercisable at once; paid for in the price of the unit"),
            },
        ],
        "Purchasers": [
            *_buys(FUND, "NONE", 2_000_000, held_before=800_000, rights_before=0),
            *_buys(OTHERS, "NONE", 1_100_000, held_before=0, rights_before=0),
            *_buys(EXECUTIVE, "OFFICER", 100_000, held_before=250_000, rights_before=60_000),
        ],
        "Issuances": [
            {
                "transaction": "Registered direct, December 2023",
                "closing": date(2023, 12, 14),
                "investor": FUND,
                "issuable": 1_500_000,
                "outstanding_before": 18_500_000,
                "common_investors": True,
                "planned": False,
                "contingent": False,
                "same_use_of_proceeds": "UNKNOWN",
                "same_board_approval": False,
                SOURCE: _made_up("92 days before, the same fund"),
            }
        ],
        "Stated": [
            {
                "figure": "MINIMUM PRICE",
                "stated": 4.094,
                SOURCE: _made_up("Term sheet: from the consolidated closes"),
            },
            {
                "figure": "PERCENTAGE",
                "stated": 0.16,
                SOURCE: _made_up("Term sheet: the warrants are left out"),
            },
            {
                "figure": "AGGREGATED",
                "stated": 0.395,
                SOURCE: _made_up("Board memo: over the later count"),
            },
            {"figure": "GROSS PROCEEDS", "stated": 13_120_000, SOURCE: _made_up("Press release")},
        ],
    },
)
