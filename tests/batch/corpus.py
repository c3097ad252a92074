"""One planted fault and one near miss for every check of a deal, a filing and an offering.

A case names the code, the verdict that the fault must bring, and what changes in a small right
deal to plant it; its near miss changes the same thing and stays on the other side of the line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter
from openpyxl.worksheet.table import Table

from xl_compliance.workbook.input_sheets import INPUT_TABLES, OFFERING_TABLES, InputTable

Contents = dict[str, Any]
TODAY = date.today()

SHARES = {
    "name": "Shares",
    "kind": "COMMON",
    "quantity": 1_000_000,
    "ratio": 1,
    "paid": 10_000_000,
    "adjustment": "NONE",
}
WARRANTS = {
    "name": "Warrants",
    "kind": "WARRANT",
    "quantity": 600_000,
    "ratio": 1,
    "paid": 0,
    "exercise_price": 10.4,
    "first_exercisable": "2024-03-15",
    "adjustment": "NONE",
    "sold_with": "Shares",
}
DIRECTOR = {
    "name": "Chair",
    "relationship": "DIRECTOR",
    "security": "Shares",
    "bought": 1_000_000,
    "paid": 10_000_000,
    "held_before": 0,
    "rights_before": 0,
}
PLACEMENT: Contents = {
    "Deal": {
        "issuer": "Example Inc",
        "exchange": "NASDAQ",
        "cusip": "375175106",
        "transaction": "PIPE",
        "signed_at": "2024-03-11 11:30",
        "closing_date": "2024-03-15",
        "public_offering": False,
        "deal_kind": "PRIVATE PLACEMENT",
        "unapproved_equity_plan": False,
        "designees": 0,
    },
    "Classes": [{"name": "Common", "listed": True, "outstanding": 5_000_000}],
    "Prices": [{"day": f"2024-03-{day:02}", "close": 10, "bid": 10} for day in (4, 5, 6, 7, 8)],
    "Securities": [SHARES],
}

# Closes that differ from day to day, for the mistakes in stated figures.
MOVING = [
    {"day": f"2024-03-{day:02}", "close": close, "consolidated": other, "bid": bid}
    for day, close, other, bid in (
        (1, 9.0, 9.01, 8.9),
        (4, 10.0, 10.01, 9.9),
        (5, 10.2, 10.22, 10.1),
        (6, 10.4, 10.41, 10.3),
        (7, 10.6, 10.61, 10.5),
        (8, 10.8, 10.83, 10.7),
        (11, 10.1, 10.11, 10.0),
    )
]
UNIT = {**SHARES, "quantity": 600_000, "paid": 5_990_000}
EARLIER = {
    "transaction": "2022 notes",
    "closing": "2024-01-15",
    "issuable": 500_000,
    "outstanding_before": 4_000_000,
}
STATED: Contents = {
    **PLACEMENT,
    "Prices": MOVING,
    "Securities": [UNIT, WARRANTS],
    "Issuances": [EARLIER],
}

COVER = {
    "name": "Fund",
    "source_of_funds": "WC",
    "person_type": "PN",
    "shared_voting": 100_000,
    "shared_dispositive": 100_000,
    "aggregate": 100_000,
    "percent": 0.1,
}
HELD = {"name": "Fund", "held": 100_000}
FACTS = {
    "form": "SC 13D",
    "event_date": "2024-03-01",
    "filed_on": "2024-03-08",
    "outstanding_stated": 1_000_000,
}
FILED: Contents = {
    "Classes": [{"name": "Common", "outstanding": 1_000_000}],
    "Holders": [HELD],
    "FilingFacts": FACTS,
    "Filing": [COVER],
}

SCENARIO = {
    "name": "Base",
    "offer_price": 8.5,
    "announced_at": "2024-05-06 17:00",
    "close": 10,
    "close_date": "2024-05-06",
    "size": 1_000_000,
    "over_allotment": 150_000,
    "outstanding": 10_000_000,
    "purchasers": 50,
    "confirmed": True,
    "letter_interest": "The chair buys",
    "letter_control": "None",
    "letter_marketed": True,
    "letter_when_issued": False,
}
INSIDER = {"scenario": "Base", "name": "Chair", "held": 1_000_000, "bought": 100_000}
OFFERING: Contents = {
    "Offerings": [SCENARIO],
    "Insiders": [INSIDER],
    "SessionCloses": [
        {"day": f"2024-{day}", "close": 10, "value": 1_000_000, "volume": 100_000}
        for day in ("04-30", "05-01", "05-02", "05-03", "05-06")
    ],
}


@dataclass(frozen=True)
class Case:
    """A planted fault, and a near miss that looks like it and is right."""

    code: str
    verdict: str
    fault: Contents
    near_miss: Contents
    reason: str
    says: str = ""
    tables: tuple[InputTable, ...] = field(default=INPUT_TABLES, repr=False)


def placement(**changes: Any) -> Contents:
    return _with(PLACEMENT, changes)


def stated(figure: str, value: float, **changes: Any) -> Contents:
    return _with(STATED, {"Stated": [{"figure": figure, "stated": value}], **changes})


def filed(**changes: Any) -> Contents:
    return _with(FILED, changes)


def offering(**changes: Any) -> Contents:
    insiders = changes.pop("insiders", [INSIDER])
    return {**OFFERING, "Offerings": [{**SCENARIO, **changes}], "Insiders": insiders}


def _with(base: Contents, changes: Contents) -> Contents:
    facts = {
        name: {**base.get(name, {}), **change}
        for name, change in changes.items()
        if isinstance(change, dict)
    }
    return {**base, **changes, **facts}


def cover(**changes: Any) -> Contents:
    return filed(Filing=[{**COVER, **changes}])


def deal(**facts: Any) -> Contents:
    return placement(Deal=facts)


def sold(**changes: Any) -> Contents:
    return placement(Securities=[{**SHARES, **changes}])


def tsx(code: str, verdict: str, fault: Contents, near: Contents, reason: str, says: str = ""):
    return Case(code, verdict, fault, near, reason, says, OFFERING_TABLES)


def persons(*names: str, **last: Any) -> Contents:
    rows = [{**COVER, "name": name, "position": "Fund"} for name in names]
    return filed(Filing=[*rows[:-1], {**rows[-1], **last}])


def cap_table(common: int) -> list[list[Any]]:
    """The rows of a cap table whose common shares are so many."""
    return [
        ["Shareholder", "Common", "Series A", "Total"],
        ["Ana Diaz", common - 1000, 0, common - 1000],
        ["Ben Ito", 1000, 500, 1500],
        ["Total", common, 500, common + 500],
    ]


NOTE_ROW = {**SHARES, "name": "Notes", "kind": "CONVERTIBLE", "ratio": 1}
PREFERRED = {"name": "Series A Preferred", "outstanding": 10_000, "votes_per_share": 1}
COMMON = {"name": "Common", "listed": True, "outstanding": 5_000_000, "votes_per_share": 1}
TWO_CLASSES = [
    {"name": "A", "listed": True, "outstanding": 3_000_000, "votes_per_share": 1},
    {"name": "B", "listed": False, "outstanding": 2_000_000, "votes_per_share": 1},
]
OLD_WARRANT = {
    "name": "W",
    "transaction": "Old",
    "kind": "WARRANT",
    "quantity": 30,
    "ratio": 1,
}
RIGHTS = {
    "board_size": 7,
    "investor_votes": 2_681,
    "total_votes": 10_000,
    "minimum_ownership": 0.05,
    "step_down": True,
}
SPLIT = [dict(row, split=2) if row["day"] == "2024-03-07" else row for row in MOVING]
BEFORE_THE_CHANGE = {"signed_at": "2018-09-25 12:00", "closing_date": "2018-09-28"}
AFTER_THE_CHANGE = {"signed_at": "2018-09-26 12:00", "closing_date": "2018-09-28"}

CASES = (
    # ------------------------------------------------------------ a Nasdaq deal
    Case(
        "NDQ001",
        "NEEDS INPUT",
        placement(Prices=PLACEMENT["Prices"][:-1]),
        placement(),
        "without the last close there is no Minimum Price; with five there is",
    ),
    Case(
        "NDQ002",
        "NEEDS INPUT",
        deal(**BEFORE_THE_CHANGE),
        deal(**AFTER_THE_CHANGE),
        "book value counts for deals signed before 26 September 2018, not on that day",
    ),
    Case(
        "NDQ003",
        "NEEDS INPUT",
        placement(Classes=[{"name": "Common", "listed": True}]),
        placement(),
        "a size needs what it is measured by",
    ),
    Case(
        "NDQ004",
        "NOTE",
        placement(Securities=[{**SHARES, "paid": 10_074_999}, {**WARRANTS, "exercise_price": 10}]),
        placement(Securities=[{**SHARES, "paid": 10_075_000}, {**WARRANTS, "exercise_price": 10}]),
        "600,000 warrants at 0.125 ask for 75,000 more, and not a dollar less",
        "is below its floor",
    ),
    Case(
        "NDQ005",
        "NOTE",
        placement(Securities=[SHARES, {**WARRANTS, "first_exercisable": "2024-09-14"}]),
        placement(Securities=[SHARES, {**WARRANTS, "first_exercisable": "2024-09-16"}]),
        "exercisable within six months of the closing, or after them",
        "counted",
    ),
    Case(
        "NDQ006",
        "REVIEW",
        placement(Issuances=[EARLIER]),
        placement(Issuances=[{**EARLIER, "closing": "2021-01-15"}]),
        "two months apart may be one issuance, three years apart is not",
    ),
    Case("NDQ007", "REQUIRED", sold(paid=9_990_000), sold(), "a cent below the Minimum Price"),
    Case(
        "NDQ008",
        "REQUIRED",
        placement(
            Securities=[{**SHARES, "paid": 9_990_000}],
            Purchasers=[{**DIRECTOR, "paid": 9_990_000}],
        ),
        placement(Purchasers=[DIRECTOR]),
        "a director may buy at the closing bid",
    ),
    Case(
        "NDQ009",
        "NEEDS INPUT",
        placement(Securities=[{**NOTE_ROW, "adjustment": None}]),
        placement(Securities=[NOTE_ROW]),
        "no adjustment, said so, is an answer",
    ),
    Case(
        "NDQ010",
        "REQUIRED",
        deal(deal_kind="ACQUISITION", insider_interest=False, insiders_together_interest=False),
        placement(
            Deal={
                "deal_kind": "ACQUISITION",
                "insider_interest": False,
                "insiders_together_interest": False,
            },
            Securities=[{**SHARES, "quantity": 999_999, "paid": 9_999_990}],
        ),
        "20% for an acquisition, and one share fewer",
    ),
    Case(
        "NDQ011",
        "REVIEW",
        placement(
            Securities=[{**SHARES, "quantity": 1_250_000, "paid": 12_500_000}],
            Purchasers=[{**DIRECTOR, "relationship": "NONE", "bought": 1_250_000, "paid": 12.5e6}],
            Deal={"largest_other": 1_000_000},
        ),
        placement(
            Securities=[{**SHARES, "quantity": 1_249_999, "paid": 12_499_990}],
            Purchasers=[
                {**DIRECTOR, "relationship": "NONE", "bought": 1_249_999, "paid": 12_499_990}
            ],
            Deal={"largest_other": 1_000_000},
        ),
        "20% of what is then outstanding, and one share fewer",
    ),
    Case(
        "NDQ012",
        "BREACH",
        deal(**RIGHTS, designees=3),
        deal(**RIGHTS, designees=2),
        "two of seven follow from 26.81% of the votes, three do not",
    ),
    Case(
        "NDQ013",
        "BREACH",
        deal(las_submitted="2024-03-01"),
        deal(las_submitted="2024-02-29"),
        "fifteen calendar days before the closing of 15 March",
    ),
    Case(
        "NDQ014",
        "REVIEW",
        deal(share_cap=999_999),
        deal(),
        "a cap is counted as binding, and somebody must see that it binds",
    ),
    Case("NDQ015", "NOTE", sold(paid=9_990_000), sold(), "no way out where no vote is required"),
    Case(
        "NDQ016",
        "REVIEW",
        placement(Classes=[COMMON, PREFERRED]),
        placement(Classes=[COMMON, {**PREFERRED, "counts_as": "VOTES ONLY"}]),
        "a preferred class that is said only to vote",
    ),
    Case(
        "NDQ017",
        "BREACH",
        stated("PERCENTAGE", 0.4, Classes=TWO_CLASSES),
        stated("PERCENTAGE", 0.24, Classes=TWO_CLASSES),
        "1,200,000 over the listed class, and over both",
    ),
    Case(
        "NDQ018",
        "BREACH",
        stated("PERCENTAGE", 0.12),
        stated("PERCENTAGE", 0.24),
        "without the warrants, and with them",
    ),
    Case(
        "NDQ019",
        "BREACH",
        stated("MINIMUM PRICE", 10.416),
        stated("MINIMUM PRICE", 10.4),
        "the average of the consolidated closes, and of the official ones",
    ),
    Case(
        "NDQ020",
        "BREACH",
        stated("MINIMUM PRICE", 10.1),
        stated("MINIMUM PRICE", 10.1, Deal={"signed_at": "2024-03-11 16:00"}),
        "the close of the signing day counts from 16:00 on",
    ),
    Case(
        "NDQ021",
        "BREACH",
        stated("MINIMUM PRICE", 10.6),
        stated("MINIMUM PRICE", 10.4),
        "three sessions, and five",
    ),
    Case(
        "NDQ022",
        "BREACH",
        stated("AGGREGATED", 0.34),
        stated("AGGREGATED", 0.425),
        "1,700,000 over 5,000,000, and over the 4,000,000 before the first closing",
    ),
    Case(
        "NDQ023",
        "BREACH",
        stated("AGGREGATED", 0.365),
        stated("AGGREGATED", 0.425),
        "24% and 12.5% are of different counts",
    ),
    Case(
        "NDQ024",
        "BREACH",
        stated("MINIMUM PRICE", 12.34),
        stated("MINIMUM PRICE", 10.4),
        "a figure that no mistake explains",
    ),
    # ------------------------------------------------------------ a cover page
    Case("SEC001", "BREACH", cover(aggregate=100_001), cover(), "one share more in row 11"),
    Case(
        "SEC002",
        "BREACH",
        filed(
            Holders=[{**HELD, "held": 100_400}],
            Filing=[{**COVER, "aggregate": 100_400, "percent": 0.1005}],
        ),
        filed(
            Holders=[{**HELD, "held": 100_400}],
            Filing=[{**COVER, "aggregate": 100_400, "percent": 0.1}],
        ),
        "10.04% is 10.0% in one decimal, and no 10.05% in two",
    ),
    Case(
        "SEC003",
        "BREACH",
        filed(
            Securities=[OLD_WARRANT],
            Holders=[{"name": "A", "rights": 29, "security": "W"}],
            Filing=[],
        ),
        filed(
            Securities=[OLD_WARRANT],
            Holders=[
                {"name": "A", "rights": 10, "security": "W"},
                {"name": "B", "rights": 20, "security": "W"},
            ],
            Filing=[],
        ),
        "two holders of one warrant add up to it",
    ),
    Case(
        "SEC004",
        "NOTE",
        sold(quantity=3, paid=4.29),
        sold(paid=None),
        "what was not paid has no price",
    ),
    Case(
        "SEC005",
        "REVIEW",
        filed(FilingFacts={"outstanding_stated": 1_000_001}),
        filed(
            FilingFacts={"outstanding_stated": 1_000_001},
            Classes=[{"name": "Common", "outstanding": 10, "outstanding_after": 1_000_001}],
        ),
        "the count after the deal may be the one that is stated",
    ),
    Case("SEC006", "BREACH", cover(shared_voting=100_001), cover(), "row 8 above row 11"),
    Case(
        "SEC009",
        "NEEDS INPUT",
        filed(
            Holders=[
                {"name": "A", "held": 5, "rights": 10},
                {"name": "B", "rights": 10, "exercisable_on": "2024-03-01"},
            ]
        ),
        filed(Holders=[{"name": "A", "held": 5, "rights": 10, "exercisable_on": "2024-03-01"}]),
        "rights count by their date",
    ),
    Case(
        "SEC010",
        "BREACH",
        filed(Holders=[{"name": "A", "held": 600_000}, {"name": "B", "held": 400_001}]),
        filed(Holders=[{"name": "A", "held": 600_000}, {"name": "B", "held": 400_000}]),
        "all of the shares, and one more",
    ),
    Case("SEC011", "BREACH", cover(percent=0.11), cover(), "row 13 over row 11"),
    Case(
        "SEC012",
        "BREACH",
        persons("P1", "P2", "P3", "All", aggregate=300_000, percent=0.3),
        persons("P1", "P2", "P3", "P4"),
        "four persons of one position are not added up",
    ),
    Case(
        "SEC013",
        "BREACH",
        cover(source_of_funds="Cash"),
        cover(source_of_funds="WC, OO", person_type="HC; IA"),
        "several codes in one cell are codes",
    ),
    Case(
        "SEC014",
        "BREACH",
        filed(FilingFacts={"item_5_shares": 100_001}),
        filed(FilingFacts={"item_5_shares": 100_000}),
        "one share more in the text",
    ),
    Case(
        "SEC015",
        "BREACH",
        filed(FilingFacts={"filed_on": "2024-03-11"}),
        filed(FilingFacts={"filed_on": "2024-03-08"}),
        "five business days after 1 March, and the next one",
    ),
    Case(
        "SEC016",
        "NEEDS INPUT",
        filed(FilingFacts={"filed_on": TODAY + timedelta(days=1)}),
        filed(FilingFacts={"filed_on": TODAY}),
        "today is not the future",
    ),
    Case(
        "SEC017",
        "BREACH",
        cover(aggregate=17.4, percent=174_000),
        cover(aggregate=100, percent=0.1),
        "100 shares are few, not a percentage",
    ),
    Case(
        "SEC018",
        "NEEDS INPUT",
        filed(
            Holders=[{"name": "A", "held": 5, "group": "G"}],
            Groups=[{"group": "G", "member": "A"}, {"group": "G", "member": "B"}],
        ),
        filed(
            Holders=[
                {"name": "A", "held": 5, "group": "G"},
                {"name": "B", "held": 0, "group": "G"},
            ],
            Groups=[{"group": "G", "member": "A"}, {"group": "G", "member": "B"}],
        ),
        "a member who holds nothing is entered with 0",
    ),
    # ------------------------------------------------------------ the input itself
    Case("IDS001", "BREACH", deal(cusip="375175105"), deal(), "the last digit of a CUSIP"),
    Case(
        "IDS002",
        "REVIEW",
        persons("Darrin C. Wallis", "Darren C. Wallis"),
        persons("Darrin C. Wallis", "Jeffrey S. Wallis"),
        "two of one family are two",
    ),
    Case(
        "INP001",
        "UNREADABLE",
        placement(Classes=[{**COMMON, "outstanding": "5,000,0O0"}]),
        placement(Classes=[{**COMMON, "outstanding": "5,000,000"}]),
        "a letter O, and a number typed with its commas",
    ),
    Case(
        "INP002",
        "NEEDS INPUT",
        {**PLACEMENT, "Prices": None},
        placement(Prices=[]),
        "a sheet that is not there, and one that is empty",
    ),
    Case(
        "INP003",
        "BREACH",
        placement(Purchasers=[{**DIRECTOR, "bought": 999_999}]),
        placement(
            Purchasers=[
                {**DIRECTOR, "bought": 400_000, "paid": 4_000_000},
                {**DIRECTOR, "name": "Fund", "bought": 600_000, "paid": 6_000_000},
            ]
        ),
        "two purchasers may buy a security together",
    ),
    Case("INP004", "NEEDS INPUT", placement(Securities=[]), filed(), "a filing is something"),
    Case(
        "INP005",
        "REVIEW",
        deal(exchange="NYSE"),
        deal(exchange=None),
        "a blank exchange is read as Nasdaq",
    ),
    Case(
        "INP006",
        "NEEDS INPUT",
        placement(Securities=[SHARES, {**NOTE_ROW, "transaction": "PIPE 24"}]),
        placement(Securities=[SHARES, {**NOTE_ROW, "transaction": " pipe "}]),
        "capitals and blanks make no other transaction",
    ),
    Case(
        "INP007",
        "NEEDS INPUT",
        placement(Purchasers=[{**DIRECTOR, "security": "Sharse"}]),
        placement(Purchasers=[{**DIRECTOR, "security": "SHARES"}]),
        "capitals make no other security",
    ),
    Case(
        "INP008",
        "NEEDS INPUT",
        placement(Securities=[SHARES, {**SHARES, "name": "shares "}]),
        placement(Securities=[SHARES, {**SHARES, "name": "Shares II"}]),
        "one name twice, and two names",
    ),
    Case(
        "INP009",
        "NOTE",
        placement(Classes=[{**COMMON, "outstanding": "5,000,000"}]),
        placement(Classes=[{**COMMON, "name": "2,024"}]),
        "a number typed as text, and a name that reads like one",
    ),
    Case(
        "INP010",
        "REVIEW",
        placement(Classes=[{**COMMON, "outstanding": 10**15}]),
        placement(Classes=[{**COMMON, "outstanding": 10**15 - 1}]),
        "fifteen digits are kept",
    ),
    Case(
        "CAP015",
        "BREACH",
        {**PLACEMENT, "Cap table": cap_table(5_000_001)},
        {**PLACEMENT, "Cap table": cap_table(5_000_000)},
        "the class of the cap table, and the same on the Classes sheet",
    ),
    # ------------------------------------------------------------ an offering
    tsx(
        "TSX001",
        "607 ALL INSIDER PURCHASES",
        offering(offer_price=8.49),
        offering(),
        "15% below the close, and a cent more",
    ),
    tsx(
        "TSX002",
        "NOTE",
        offering(insiders=[{**INSIDER, "bought": 100_001}]),
        offering(),
        "the pro rata share, and one more",
        ": 1 over",
    ),
    tsx(
        "TSX003",
        "REQUIRED",
        offering(offer_price=8.49),
        offering(),
        "nothing goes to section 607 at the line",
    ),
    tsx(
        "TSX004",
        "INCOMPLETE",
        offering(letter_when_issued=None),
        offering(),
        "four things in the letter, and three",
    ),
    tsx(
        "TSX005",
        "NOTE",
        offering(purchasers=49, dealers_notified=False),
        offering(),
        "fifty actual purchasers",
    ),
    tsx("TSX006", "BREACH", offering(confirmed=False), offering(), "confirmed by then"),
    tsx(
        "TSX007",
        "BREACH",
        offering(announced_at="2024-05-06 10:00"),
        offering(announced_at="2024-05-06 10:00", close_date="2024-05-03"),
        "announced in the morning, the day before counts",
    ),
    tsx(
        "TSX008",
        "BREACH",
        offering(disseminated_at="2024-05-06 16:30"),
        offering(disseminated_at="2024-05-06 08:30"),
        "one whole session",
    ),
    tsx(
        "TSX009",
        "NOTE",
        offering(
            insiders=[
                {**INSIDER, "bought": 100_001},
                {**INSIDER, "name": "Fund", "held": 2_000_000, "bought": 50_000},
            ]
        ),
        offering(
            insiders=[INSIDER, {**INSIDER, "name": "Fund", "held": 2_000_000, "bought": 50_000}]
        ),
        "one over while all are within",
    ),
    tsx(
        "TSX010",
        "BREACH",
        offering(insiders=[{**INSIDER, "stated_pro_rata": 115_000}]),
        offering(insiders=[{**INSIDER, "stated_pro_rata": 100_000}]),
        "the over-allotment option is not in the base",
    ),
    tsx(
        "TSX011",
        "607",
        offering(offer_price=9.9, commission=0.06, insiders=[{**INSIDER, "fee": 0.03}]),
        offering(
            offer_price=9.9,
            commission=0.06,
            insiders=[{**INSIDER, "fee": 0.06, "commission": 0}],
        ),
        "a fee as large as the commission that is saved",
    ),
    tsx(
        "TSX012",
        "607",
        offering(placement_net=7.98, commission=0.06),
        offering(placement_net=7.99, commission=0.06),
        "the net proceeds of the offering, and a cent less",
    ),
    tsx(
        "TSX013",
        "BREACH",
        offering(insiders=[INSIDER, {**INSIDER, "scenario": "Bse"}]),
        offering(insiders=[INSIDER, {**INSIDER, "name": "Fund", "scenario": "BASE"}]),
        "capitals make no other scenario",
    ),
    tsx(
        "TSX014",
        "REVIEW",
        offering(
            insiders=[
                {**INSIDER, "held": 6_000_000},
                {**INSIDER, "name": "Fund", "held": 4_000_001},
            ]
        ),
        offering(
            insiders=[
                {**INSIDER, "held": 6_000_000},
                {**INSIDER, "name": "Fund", "held": 4_000_000},
            ]
        ),
        "all that are outstanding, and one more",
    ),
)


# ---------------------------------------------------------------- writing them

FIRST_ROW, FIRST_COLUMN, GAP = 3, 2, 3
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}")


@dataclass(frozen=True)
class Block:
    """A table where it stands on its sheet, a plain one where it has no name."""

    name: str
    sheet: str
    first: int
    headers: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def blocks(contents: Contents, tables: tuple[InputTable, ...]) -> list[Block]:
    """The tables of a family, filled in; one whose content is None is left out."""
    found, next_row = [], dict[str, int]()
    plain = contents.get("Cap table")
    if plain:
        found.append(
            Block("", "Cap table", FIRST_ROW, tuple(plain[0]), tuple(map(tuple, plain[1:])))
        )
    for definition in tables:
        if definition.name in contents and contents[definition.name] is None:
            continue
        rows = _rows(definition, contents.get(definition.name))
        first = next_row.get(definition.sheet, FIRST_ROW)
        next_row[definition.sheet] = first + len(rows) + GAP
        found.append(Block(definition.name, definition.sheet, first, definition.headers, rows))
    return found


def _rows(definition: InputTable, content: Any) -> tuple[tuple[Any, ...], ...]:
    if definition.facts:
        given = content or {}
        return tuple((e.label, _value(given.get(e.key)), e.help) for e in definition.entries)
    rows = [tuple(_value(row.get(e.key)) for e in definition.entries) for row in content or []]
    return tuple(rows) or ((None,) * len(definition.entries),)


def _value(given: Any) -> Any:
    if isinstance(given, str) and _MOMENT.fullmatch(given):
        return datetime.strptime(given, "%Y-%m-%d %H:%M")
    return datetime.fromisoformat(given) if isinstance(given, str) and _DAY.match(given) else given


def write_openpyxl(contents: Contents, tables: tuple[InputTable, ...], path: Path) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for block in blocks(contents, tables):
        sheet = book[block.sheet] if block.sheet in book else book.create_sheet(block.sheet)
        for at, row in enumerate((block.headers, *block.rows), start=block.first):
            for column, value in enumerate(row, start=FIRST_COLUMN):
                sheet.cell(at, column, value)
        if not block.name:
            continue
        last = sheet.cell(block.first + len(block.rows), FIRST_COLUMN + len(block.headers) - 1)
        ref = f"{sheet.cell(block.first, FIRST_COLUMN).coordinate}:{last.coordinate}"
        sheet.add_table(Table(displayName=block.name, ref=ref))
    book.save(path)
    return path


def write_xlsxwriter(contents: Contents, tables: tuple[InputTable, ...], path: Path) -> Path:
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        sheets: dict[str, Any] = {}
        for block in blocks(contents, tables):
            sheet = sheets.get(block.sheet) or book.add_worksheet(block.sheet)
            sheets[block.sheet] = sheet
            columns = [{"header": header} for header in block.headers]
            last = block.first - 1 + len(block.rows)
            left = FIRST_COLUMN - 1
            area = (block.first - 1, left, last, left + len(columns) - 1)
            if block.name:
                sheet.add_table(*area, {"name": block.name, "columns": columns})
            else:
                sheet.write_row(block.first - 1, left, block.headers)
            for at, row in enumerate(block.rows, start=block.first):
                for column, value in enumerate(row, start=left):
                    if value is not None:
                        sheet.write(at, column, value)
    return path
