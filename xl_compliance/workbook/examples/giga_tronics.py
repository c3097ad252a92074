"""Giga-tronics Incorporated: Schedule 13D/A No. 3 of 17 July 2013 and the deal behind it.

What the filing does not give stays blank: closing prices and bids, book value, the hour of
signing, the terms of adjustment, votes per share, and the count before the Series C closing.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from xl_compliance.workbook.expressions import Value
from xl_compliance.workbook.template import SOURCE, Contents

BUYER: Final = "Alara Capital AVI II, LLC"
GROUP: Final = f"{BUYER} and its managing members"
SERIES_D: Final = "Series D, 2013"

_OWNED: Final = 2_870_756
_SECOND_CLOSING: Final = date(2013, 7, 8)

_Row = dict[str, Value]


def _preferred(name: str, **entries: Value) -> _Row:
    return {"name": name, "kind": "CONVERTIBLE", "ratio": 100, **entries}


def _voting(name: str, quantity: float, day: date) -> _Row:
    return {
        "name": name,
        "listed": False,
        "outstanding": quantity,
        "votes_per_share": 100,
        "counts_as": "VOTES ONLY",
        "as_of": day,
        SOURCE: "13D/A Item 3; votes: not in the filing, the issuer's 8-K of 2014",
    }


def _warrant(name: str, quantity: int, paid: float, source: str, **entries: Value) -> _Row:
    return {
        "name": name,
        "transaction": SERIES_D,
        "kind": "WARRANT",
        "quantity": quantity,
        "ratio": 1,
        "paid": paid,
        "exercise_price": 1.43,
        "first_exercisable": _SECOND_CLOSING,
        SOURCE: source,
        **entries,
    }


def _bought(security: str, quantity: float, paid: float, **before: Value) -> _Row:
    return {
        "name": BUYER,
        "relationship": "CONTROLLED ENTITY",
        "security": security,
        **before,
        "bought": quantity,
        "paid": paid,
        SOURCE: "13D/A Item 3; Items 4 and 5: Thompson and Henckels, directors, are managing "
        "members",
    }


def _held(series: str, shares: float, note: str) -> _Row:
    """Voting preferred held: of another class than the filing's, but with votes of its own."""
    return {
        "name": BUYER,
        "group": GROUP,
        "security": series,
        "held": shares,
        "rights": 0,
        "of_class": series,
        SOURCE: note,
    }


def _right(security: str, shares: int, day: date, note: str, converts: Value = None) -> _Row:
    return {
        "name": BUYER,
        "group": GROUP,
        "security": security,
        "held": 0,
        "rights": shares,
        "exercisable_on": day,
        "of_class": "Common stock",
        "converts": converts,
        SOURCE: note,
    }


def _person(name: str, signature: str, funds: str, citizenship: str, kind: str) -> _Row:
    return {
        "name": name,
        "position": GROUP,
        "source_of_funds": funds,
        "citizenship": citizenship,
        "shared_voting": _OWNED,
        "shared_dispositive": _OWNED,
        "aggregate": _OWNED,
        "percent": 0.362,
        "person_type": kind,
        "signature": signature,
        SOURCE: "13D/A cover rows; signature page",
    }


_FACTS: Final[dict[str, tuple[Value, str]]] = {
    "issuer": ("Giga-tronics Incorporated", "13D/A cover page"),
    "exchange": ("NASDAQ", "Not in the filing; the issuer's annual report"),
    "cusip": ("375175106", "13D/A cover page"),
    "transaction": (SERIES_D, "13D/A Item 3: Series D Purchase Agreement"),
    "signed_at": (date(2013, 6, 27), "13D/A Item 3; the hour is not given"),
    "closing_date": (_SECOND_CLOSING, "13D/A Item 3: warrants dated July 8, 2013; Item 7, 7 to 9"),
    "deal_kind": ("PRIVATE PLACEMENT", "13D/A Item 3: purchase agreement with one buyer"),
    "board_size": (7, "Not in the filing; a note to the issuer's quarterly report of 2011"),
    "designees": (2, "13D/A Items 2 and 4: Thompson and Henckels are directors"),
    "investor_votes_now": (
        1_853_351,
        "13D/A note (1)(i) to (iii); 100 votes a preferred share: the issuer's 8-K of 2014",
    ),
    "total_votes_now": (6_913_098, "13D/A note (2), with those votes; warrants excluded"),
    "public_offering": (False, "13D/A Item 3: purchase agreement with one buyer"),
    "form": ("SC 13D/A (Amendment No. 3)", "13D/A cover page"),
    "event_date": (_SECOND_CLOSING, "13D/A cover page"),
    "filed_on": (date(2013, 7, 17), "13D/A cover page"),
    "filing_cusip": ("375175106", "13D/A cover page"),
    "contact": ("Darrin C. Wallis", "13D/A cover page"),
    "outstanding_stated": (5_059_747, "13D/A note (2)"),
    "item_5_percent": (0.362, "13D/A Item 5(a), (b)"),
    "item_5_shares": (_OWNED, "13D/A Item 5(a), (b)"),
}

CONTENTS: Final = Contents(
    facts={key: value for key, (value, _) in _FACTS.items()},
    sources={key: source for key, (_, source) in _FACTS.items()},
    rows={
        "Classes": [
            {
                "name": "Common stock",
                "listed": True,
                "outstanding": 5_059_747,
                "votes_per_share": 1,
                "counts_as": "COMMON",
                "as_of": date(2013, 6, 28),
                SOURCE: "13D/A note (2); listing: not in the filing, the issuer's annual report",
            },
            _voting("Series B", 9_997, date(2011, 11, 10)),
            _voting("Series C", 3_424.65, date(2013, 2, 25)),
        ],
        "Prices": [
            {"day": date(2013, 6, day), SOURCE: "Session; prices are not in the filing"}
            for day in (20, 21, 24, 25, 26, 27)
        ],
        "Securities": [
            _preferred(
                "Series B",
                transaction="Series B, 2011",
                quantity=9_997,
                paid=2_199_340,
                first_exercisable=date(2011, 11, 10),
                source="13D/A Item 3; note (1)(i); Item 7, 3",
            ),
            _preferred(
                "Series C",
                transaction="Series C, 2013",
                quantity=3_424.65,
                paid=500_000,
                first_exercisable=date(2013, 2, 25),
                source="13D/A Item 3; note (1)(ii); Item 7, 5",
            ),
            _preferred(
                "Series D",
                transaction=SERIES_D,
                quantity=5_111.86,
                paid=730_995.98,
                first_exercisable=_SECOND_CLOSING,
                source="13D/A Item 3; note (1)(iii); Item 7, 7",
            ),
            _warrant(
                "Series D Warrant",
                511_186,
                63_898.25,
                "13D/A Item 3; note (1)(v)",
                sold_with="Series D",
            ),
            _warrant(
                "New Warrant",
                506_219,
                63_277.38,
                "13D/A Item 3; note (1)(iv)",
                replaces="Amended Warrant (506,219 at 3.30)",
            ),
        ],
        "Purchasers": [
            _bought(
                "Series D",
                5_111.86,
                730_995.98,
                held_before=0,
                rights_before=999_700 + 342_465,
                votes_before=999_700 + 342_465,
            ),
            _bought("Series D Warrant", 511_186, 63_898.25),
            _bought("New Warrant", 506_219, 63_277.38),
        ],
        "Holders": [
            _right(
                "Series B",
                999_700,
                date(2011, 11, 10),
                "13D/A note (1)(i); Item 7, 3",
                converts="Series B",
            ),
            _right(
                "Series C",
                342_465,
                date(2013, 2, 25),
                "13D/A note (1)(ii); Item 7, 5",
                converts="Series C",
            ),
            _right("Series D", 511_186, _SECOND_CLOSING, "13D/A note (1)(iii); Item 7, 7"),
            _right("New Warrant", 506_219, _SECOND_CLOSING, "13D/A note (1)(iv)"),
            _right("Series D Warrant", 511_186, _SECOND_CLOSING, "13D/A note (1)(v)"),
            _held("Series B", 9_997, "13D/A note (1)(i)"),
            _held("Series C", 3_424.65, "13D/A note (1)(ii)"),
        ],
        "Issuances": [
            {
                "transaction": "Series B, 2011",
                "closing": date(2011, 11, 10),
                "investor": BUYER,
                "issuable": 999_700 + 848_684,
                SOURCE: "13D/A Item 3: 999,700 on conversion, 848,684 by warrant; Item 7",
            },
            {
                "transaction": "Series C, 2013",
                "closing": date(2013, 2, 25),
                "investor": BUYER,
                "issuable": 342_465,
                SOURCE: "13D/A Item 3; note (1)(ii); Item 7, 5",
            },
        ],
        "Filing": [
            _person(BUYER, "Darren C. Wallis, Managing Member", "WC", "Delaware", "OO"),
            _person("Darren C. Wallis", "Darren C. Wallis", "AF", "U.S.A.", "IN"),
            _person("W. Joseph Thompson", "W. Joseph Thompson", "AF", "U.S.A.", "IN"),
            _person("Lutz P. Henckels", "Lutz P. Henckels", "AF", "U.S.A.", "IN"),
        ],
    },
)
