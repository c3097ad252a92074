"""Ways of doing one prospectus offering on TSX, each on a line that decides.

The issuer and its figures are made up: 50 million shares outstanding, a last close of 1.00 (1.02
before a holiday in 2023), and an offering of 10 million. Each row says what it shows.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from xl_compliance.workbook.expressions import Value
from xl_compliance.workbook.template import SOURCE, Contents

MADE_UP: Final = "Made up"
ANNOUNCED: Final = datetime(2024, 5, 6, 17, 0)
LAST_CLOSE: Final = date(2024, 5, 6)

ACCEPTED: Final = "Accepted"
ONE_OVER: Final = "One share over"
AT_THE_LINE: Final = "15% exactly"
BEYOND: Final = "15.1%"
WITH_DEALERS: Final = "49 purchasers, dealers notified"
WITHOUT_DEALERS: Final = "49 purchasers, no dealers"
WITH_A_FEE: Final = "Fee to an insider"
CONCURRENT: Final = "Concurrent placement"
BEFORE_2023: Final = "Before 20 April 2023"
LIFE: Final = "LIFE"
CLOSE_AFTER: Final = "Close taken after announcement"

DIRECTOR: Final = "Director A"
HOLDER: Final = "Holder B"

_Row = dict[str, Value]


def _scenario(name: str, shows: str, **entries: Value) -> _Row:
    return {
        "name": name,
        "offer_price": 0.9,
        "announced_at": ANNOUNCED,
        "close": 1.0,
        "close_date": LAST_CLOSE,
        "size": 10_000_000,
        "over_allotment": 1_500_000,
        "outstanding": 50_000_000,
        "purchasers": 120,
        "dealers_notified": True,
        "marketed_abroad": False,
        "confirmed": True,
        "commission": 0.06,
        "exemption": "NONE",
        "letter_interest": "Director A and Holder B buy in the offering",
        "letter_control": "None",
        "letter_marketed": True,
        "letter_when_issued": False,
        SOURCE: f"{MADE_UP}. {shows}",
        **entries,
    }


def _buys(scenario: str, name: str, bought: int, shows: str = "", **entries: Value) -> _Row:
    # Director A holds 2%, Holder B 10% of those outstanding.
    return {
        "scenario": scenario,
        "name": name,
        "held": 1_000_000 if name == DIRECTOR else 5_000_000,
        "bought": bought,
        SOURCE: f"{MADE_UP}. {shows}".rstrip(". ") + ".",
        **entries,
    }


def _session(day: date, close: float, value: int, volume: int) -> _Row:
    return {
        "day": day,
        "close": close,
        "value": value,
        "volume": volume,
        SOURCE: f"{MADE_UP}; a session of TSX",
    }


_SCENARIOS: Final = (
    _scenario(ACCEPTED, "Insiders buy no more than their shares, at a discount of 10%."),
    _scenario(ONE_OVER, "Director A is one over; what Holder B leaves does not help."),
    _scenario(AT_THE_LINE, "0.85 of 1.00 is not beyond 15%: s. 606(b)(iii).", offer_price=0.85),
    _scenario(
        BEYOND, "Beyond 15% section 607 applies to insiders: s. 606(b)(ii).", offer_price=0.849
    ),
    _scenario(
        WITH_DEALERS,
        "Fewer than 50 purchasers; the second branch of note 1.",
        purchasers=49,
        disseminated_at=datetime(2024, 5, 6, 8, 30),
    ),
    _scenario(
        WITHOUT_DEALERS,
        "Neither branch of note 1: s. 606(b)(iv). The letter leaves a statement out.",
        purchasers=49,
        dealers_notified=False,
        confirmed=None,
        letter_marketed=False,
        letter_when_issued=None,
    ),
    _scenario(
        WITH_A_FEE,
        "Director A nets the issuer less than others do: response 2.",
        offer_price=0.95,
    ),
    _scenario(
        CONCURRENT,
        "A placement that nets the issuer as much as the offering: response 1(f).",
        placement_net=0.846,
    ),
    _scenario(
        BEFORE_2023,
        "Five factors decided then; the close is that before the holiday.",
        announced_at=datetime(2023, 4, 6, 18, 0),
        close=1.02,
        close_date=date(2023, 4, 6),
        as_of=date(2023, 4, 6),
    ),
    _scenario(
        LIFE,
        "Listed issuer financing exemption; confirmation is still to come.",
        exemption="LIFE",
        confirmed=None,
        letter_interest="None",
    ),
    _scenario(
        CLOSE_AFTER,
        "The close of 7 May was taken: there is no re-set while marketing.",
        close=0.95,
        close_date=date(2024, 5, 7),
        letter_interest="None",
    ),
)

_INSIDERS: Final[tuple[_Row, ...]] = (
    _buys(ACCEPTED, DIRECTOR, 200_000, "The whole of the share", stated_pro_rata=200_000),
    _buys(ACCEPTED, HOLDER, 600_000),
    _buys(ONE_OVER, DIRECTOR, 200_001, "One more than the share"),
    _buys(ONE_OVER, HOLDER, 600_000, "400,000 less than the share"),
    _buys(AT_THE_LINE, DIRECTOR, 150_000),
    _buys(BEYOND, DIRECTOR, 150_000),
    _buys(WITH_DEALERS, HOLDER, 1_000_000, "The whole of the share"),
    _buys(WITHOUT_DEALERS, HOLDER, 400_000),
    _buys(WITH_A_FEE, DIRECTOR, 100_000, "A commitment fee of 3%", fee=0.03),
    _buys(WITH_A_FEE, HOLDER, 400_000, "No commission is paid on this purchase", commission=0),
    _buys(CONCURRENT, DIRECTOR, 120_000),
    _buys(BEFORE_2023, DIRECTOR, 150_000),
    {"scenario": LIFE, "name": "No insider buys", "held": 0, "bought": 0, SOURCE: f"{MADE_UP}."},
    {
        "scenario": CLOSE_AFTER,
        "name": "No insider buys",
        "held": 0,
        "bought": 0,
        SOURCE: f"{MADE_UP}.",
    },
)

_SESSIONS: Final = (
    _session(date(2023, 4, 6), 1.02, 510_000, 500_000),
    _session(date(2024, 4, 30), 1.04, 416_000, 400_000),
    _session(date(2024, 5, 1), 1.03, 309_000, 300_000),
    _session(date(2024, 5, 2), 1.01, 505_000, 500_000),
    _session(date(2024, 5, 3), 1.01, 404_000, 400_000),
    _session(LAST_CLOSE, 1.0, 600_000, 600_000),
    _session(date(2024, 5, 7), 0.95, 855_000, 900_000),
)

CONTENTS: Final = Contents(
    rows={"Offerings": _SCENARIOS, "Insiders": _INSIDERS, "SessionCloses": _SESSIONS}
)
