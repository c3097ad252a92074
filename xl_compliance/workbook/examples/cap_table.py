"""A public company's cap table before and after a private placement. Company and figures invented.

Class A has one vote and is listed, Class B ten and converts into Class A share for share. There is
a family that acts as a group, options, preferred stock, and warrants with blockers.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from xl_compliance.workbook.expressions import Value
from xl_compliance.workbook.template import SOURCE, Contents

INVENTED: Final = "Invented example"
CLASS_A, CLASS_B = "Class A common", "Class B common"
FAMILY: Final = "Lindqvist family"
FOUNDER: Final = "Ada Lindqvist"
TRUST: Final = "Lindqvist Family Trust"
BIRCH: Final = "Birch Growth Partners LP"
NORTHGATE: Final = "Northgate Health Fund LP"
LAKESHORE: Final = "Lakeshore Capital Fund LP"
HARBOR: Final = "Harbor Preferred Fund LP"
PIPE: Final = "Placement, March 2025"
SERIES_A: Final = "Series A, 2022"
FOLLOW_ON: Final = "Follow-on, 2023"
_CLOSING: Final = date(2025, 3, 14)
_BEFORE: Final = 48_250_000
_NEW: Final = 8_000_000

_Row = dict[str, Value]


def _held(name: str, held: int, of: str = CLASS_A, shows: str = "", **more: Value) -> _Row:
    return {
        "name": name,
        "security": of,
        "held": held,
        "rights": 0,
        "of_class": of,
        SOURCE: f"{INVENTED}. {shows}".rstrip(". "),
        **more,
    }


def _right(name: str, rights: int, day: Value, shows: str, **more: Value) -> _Row:
    return {
        "name": name,
        "held": 0,
        "rights": rights,
        "exercisable_on": day,
        "of_class": CLASS_A,
        SOURCE: f"{INVENTED}. {shows}",
        **more,
    }


def _converts(name: str, shares: int) -> _Row:
    return _right(
        name,
        shares,
        date(2019, 6, 3),
        "Class B converts into Class A at any time",
        converts=CLASS_B,
        group=FAMILY,
    )


def _earlier(transaction: str, closing: date, investor: str, issuable: int, before: int) -> _Row:
    factors = (
        "common_investors",
        "planned",
        "contingent",
        "same_use_of_proceeds",
        "same_board_approval",
    )
    return {
        "transaction": transaction,
        "closing": closing,
        "investor": investor,
        "issuable": issuable,
        "outstanding_before": before,
        **dict.fromkeys(factors, False),
        SOURCE: INVENTED,
    }


def _bought(name: str, security: str, bought: int, paid: int) -> _Row:
    return {
        "name": name,
        "relationship": "NONE",
        "security": security,
        "bought": bought,
        "paid": paid,
        "held_before": 0,
        "rights_before": 0,
        "votes_before": 0,
        SOURCE: INVENTED,
    }


_FACTS: Final[dict[str, Value]] = {
    "issuer": "Example Therapeutics, Inc. (invented)",
    "exchange": "NASDAQ",
    # Issuer numbers from 990000 on are left to users: no real security has this one.
    "cusip": "999000102",
    "filing_cusip": "999000102",
    "transaction": PIPE,
    "signed_at": datetime(2025, 3, 10, 11, 0),
    "closing_date": _CLOSING,
    "public_offering": False,
    "deal_kind": "PRIVATE PLACEMENT",
    "insider_sales": 0,
    "unapproved_equity_plan": False,
    "las_submitted": date(2025, 2, 27),
    "form": "SC 13D",
    "event_date": _CLOSING,
    "filed_on": date(2025, 3, 21),
    "contact": "Maria Birch",
    "outstanding_stated": _BEFORE + _NEW,
    "class_title": CLASS_A,
    "item_5_percent": 0.1,
    "item_5_shares": 5_688_117,
}

CONTENTS: Final = Contents(
    facts=_FACTS,
    sources=dict.fromkeys(_FACTS, INVENTED),
    rows={
        "Classes": [
            {
                "name": CLASS_A,
                "listed": True,
                "outstanding": _BEFORE,
                "votes_per_share": 1,
                "as_of": date(2025, 3, 7),
                "outstanding_after": _BEFORE + _NEW,
                SOURCE: f"{INVENTED}. 8,000,000 new shares",
            },
            {
                "name": CLASS_B,
                "listed": False,
                "outstanding": 6_400_000,
                "votes_per_share": 10,
                "as_of": date(2025, 3, 7),
                SOURCE: INVENTED,
            },
        ],
        "Prices": [
            {"day": date(2025, 3, day), "close": close, "bid": close - 0.01, SOURCE: INVENTED}
            for day, close in ((3, 5.31), (4, 5.35), (5, 5.44), (6, 5.42), (7, 5.4))
        ],
        "Securities": [
            {
                "name": "Placement shares",
                "transaction": PIPE,
                "kind": "COMMON",
                "quantity": _NEW,
                "ratio": 1,
                "share_class": CLASS_A,
                "paid": 44_000_000,
                "adjustment": "NONE",
                SOURCE: f"{INVENTED}. Units of a share and half a warrant at 5.50",
            },
            {
                "name": "Placement warrants",
                "transaction": PIPE,
                "kind": "WARRANT",
                "quantity": 4_000_000,
                "ratio": 1,
                "share_class": CLASS_A,
                "paid": 0,
                "exercise_price": 6,
                "first_exercisable": _CLOSING,
                "adjustment": "SPLIT",
                "sold_with": "Placement shares",
                SOURCE: f"{INVENTED}. Exercisable at once, with blockers",
            },
            {
                "name": "Series A preferred",
                "transaction": SERIES_A,
                "kind": "CONVERTIBLE",
                "quantity": 12_500,
                "ratio": 100,
                "paid": 5_000_000,
                "first_exercisable": date(2022, 9, 1),
                "adjustment": "SPLIT",
                SOURCE: f"{INVENTED}. No votes of its own; blocker of 4.99%",
            },
            {
                "name": "Pre-funded warrants",
                "transaction": FOLLOW_ON,
                "kind": "WARRANT",
                "quantity": 4_000_000,
                "ratio": 1,
                "paid": 19_999_600,
                "exercise_price": 0.0001,
                "first_exercisable": date(2023, 6, 1),
                "adjustment": "SPLIT",
                SOURCE: f"{INVENTED}. Blocker of 9.99%",
            },
        ],
        "Purchasers": [
            _bought(BIRCH, "Placement shares", 5_000_000, 27_500_000),
            _bought(NORTHGATE, "Placement shares", 3_000_000, 16_500_000),
            _bought(BIRCH, "Placement warrants", 2_500_000, 0),
            _bought(NORTHGATE, "Placement warrants", 1_500_000, 0),
        ],
        "Holders": [
            _held(FOUNDER, 4_100_000, CLASS_B, "Founder, chief executive", group=FAMILY),
            _converts(FOUNDER, 4_100_000),
            _held(FOUNDER, 350_000, group=FAMILY),
            _right(FOUNDER, 600_000, date(2025, 2, 1), "Options, vested", group=FAMILY),
            _right(FOUNDER, 300_000, date(2025, 6, 30), "Options, vest in June", group=FAMILY),
            _held(TRUST, 2_300_000, CLASS_B, "Trust for the founder's children", group=FAMILY),
            _converts(TRUST, 2_300_000),
            _held("Meridian Index Advisers", 5_150_000),
            _held(LAKESHORE, 3_600_000),
            _right(
                LAKESHORE,
                4_000_000,
                date(2023, 6, 1),
                "Pre-funded warrants",
                security="Pre-funded warrants",
                blocker=0.0999,
            ),
            _held(HARBOR, 2_200_000),
            _right(
                HARBOR,
                1_250_000,
                date(2022, 9, 1),
                "Series A preferred, 100 for one",
                security="Series A preferred",
                blocker=0.0499,
            ),
            _held(BIRCH, 5_000_000, shows="Bought in the placement", security="Placement shares"),
            _right(
                BIRCH,
                2_500_000,
                _CLOSING,
                "Placement warrants",
                security="Placement warrants",
                blocker=0.0999,
            ),
            _held(
                NORTHGATE, 3_000_000, shows="Bought in the placement", security="Placement shares"
            ),
            _right(
                NORTHGATE,
                1_500_000,
                _CLOSING,
                "Placement warrants",
                security="Placement warrants",
                blocker=0.0499,
            ),
            _held("Stonebridge Partners LP", 1_900_000, shows="Seeks seats on the board"),
            _right(
                "Stonebridge Partners LP",
                700_000,
                date(2025, 12, 1),
                "Warrant of the issuer, held for control",
                control_purpose=True,
            ),
            _held("Ben Okafor", 42_000, shows="Chief financial officer"),
            _right("Ben Okafor", 180_000, date(2025, 4, 30), "Options that vest within 60 days"),
        ],
        "Groups": [
            {"group": FAMILY, "member": member, SOURCE: INVENTED} for member in (FOUNDER, TRUST)
        ],
        "Issuances": [
            _earlier(SERIES_A, date(2022, 9, 1), HARBOR, 1_250_000, 46_000_000),
            _earlier(FOLLOW_ON, date(2023, 6, 1), LAKESHORE, 7_600_000, 47_000_000),
        ],
        "Filing": [
            {
                "name": BIRCH,
                "position": BIRCH,
                "source_of_funds": "WC",
                "citizenship": "Delaware",
                "sole_voting": 0,
                "shared_voting": 5_688_117,
                "sole_dispositive": 0,
                "shared_dispositive": 5_688_117,
                "aggregate": 5_688_117,
                "percent": 0.1,
                "person_type": "PN",
                "signature": "Maria Birch, Managing Member",
                SOURCE: f"{INVENTED}. 5,000,000 shares and 688,117 that the blocker lets through",
            },
            {
                "name": "Maria Birch",
                "position": BIRCH,
                "source_of_funds": "AF",
                "citizenship": "U.S.A.",
                "sole_voting": 0,
                "shared_voting": 5_688_117,
                "sole_dispositive": 0,
                "shared_dispositive": 5_688_117,
                "aggregate": 5_688_117,
                "percent": 0.1,
                "person_type": "IN",
                "signature": "Maria Birch",
                SOURCE: f"{INVENTED}. The same shares, reported by the person who controls it",
            },
        ],
    },
)
