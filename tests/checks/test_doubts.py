"""No answer of no rests on an input that its formula does not bear out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from xl_compliance.checks.doubts import left_open
from xl_compliance.checks.findings import Finding, Severity
from xl_compliance.checks.registry import CHECKS, run_checks
from xl_compliance.deal.model import Deal
from xl_compliance.deal.reading import read_deal
from xl_compliance.workbook.snapshot import Cell, Snapshot, format_address

Workbooks = Callable[[dict[str, Any]], Snapshot]
BUYER = {
    "name": "Fund",
    "relationship": "DIRECTOR",
    "security": "Shares",
    "bought": 1_000_000,
    "held_before": 0,
    "rights_before": 0,
    "votes_before": 0,
}
OFFERING = {
    "Offerings": [
        {
            "name": "Base",
            "offer_price": 8.5,
            "announced_at": "2024-05-06 17:00",
            "close": 10,
            "close_date": "2024-05-06",
            "size": 1_000_000,
            "outstanding": 10_000_000,
            "purchasers": 50,
            "confirmed": True,
            "letter_interest": "The chair buys",
            "letter_control": "None",
            "letter_marketed": True,
            "letter_when_issued": False,
        }
    ],
    "Insiders": [{"scenario": "Base", "name": "Chair", "held": 1_000_000, "bought": 100_000}],
}
FILING = {
    "Classes": [{"name": "Common", "outstanding": 1_000_000}],
    "Holders": [{"name": "Fund", "held": 100_000, "rights": 0}],
    "FilingFacts": {
        "form": "SC 13D",
        "event_date": "2024-03-01",
        "filed_on": "2024-03-08",
        "outstanding_stated": 1_000_000,
    },
    "Filing": [
        {
            "name": "Fund",
            "shared_voting": 100_000,
            "shared_dispositive": 100_000,
            "aggregate": 100_000,
            "percent": "10%",
            "source_of_funds": "WC",
            "person_type": "PN",
        }
    ],
}


@pytest.fixture(params=["placement", "offering", "filing"])
def contents(request: pytest.FixtureRequest, pipe: dict[str, Any]) -> dict[str, Any]:
    """A deal that no rule stops: a placement at the Minimum Price, an offering, a Schedule 13D."""
    deals = {"placement": pipe | {"Purchasers": [BUYER]}, "offering": OFFERING, "filing": FILING}
    return deals[request.param]


def doubted(snapshot: Snapshot, sheet: str, place: tuple[int, int]) -> Snapshot:
    """The workbook with one value given by a formula that cannot be recomputed."""
    changed = []
    for it in snapshot.sheets:
        if it.name == sheet:
            cell = Cell(it.cells[place].value, "=[1]Elsewhere!A1")
            it = replace(it, cells={**it.cells, place: cell})
        changed.append(it)
    return replace(snapshot, sheets=tuple(changed))


def found(snapshot: Snapshot) -> list[Finding]:
    return run_checks(read_deal(snapshot), snapshot)


def inputs(snapshot: Snapshot) -> list[tuple[str, tuple[int, int]]]:
    """Every input cell that holds something."""
    places = []
    for table in snapshot.tables:
        sheet = snapshot.sheet(table.sheet)
        assert sheet is not None
        columns = range(table.first_column, table.first_column + len(table.headers))
        if table.headers[:2] == ("Field", "Value"):
            columns = range(table.first_column + 1, table.first_column + 2)
        rows = range(table.first_row, table.first_row + table.row_count)
        places += [
            (sheet.name, place) for place in sheet.cells if place[0] in rows and place[1] in columns
        ]
    return places


def test_whatever_a_doubted_cell_holds_in_truth_no_answer_of_no_stands_on_it(
    contents: dict[str, Any], workbook_of: Workbooks
) -> None:
    """Where another value in the cell takes an answer of no away, the doubt does too."""
    snapshot = workbook_of(contents)
    places = inputs(snapshot)
    assert len(places) > 15
    before = {(it.code, it.place): it for it in found(snapshot) if it.severity is Severity.OK}
    assert len(before) > 3
    taken = 0
    for sheet, place in places:
        doubtful = found(doubted(snapshot, sheet, place))
        (told,) = [it for it in doubtful if it.code == "INP011"]
        assert told.inputs == (f"{sheet}!{format_address(*place)}",)
        left = {(it.code, it.place) for it in doubtful if it.severity is Severity.OK}
        assert left <= set(before)
        for value in (None, 1, 0.5, 7_000_000, "2030-01-01", "OTHER"):
            it = snapshot.sheet(sheet)
            assert it is not None
            cells = {**it.cells, place: Cell(value)}
            sheets = [replace(one, cells=cells) if one is it else one for one in snapshot.sheets]
            other = found(replace(snapshot, sheets=tuple(sheets)))
            if any(it.code == "INP001" for it in other):  # no such value can stand there
                continue
            same = {(it.code, it.place) for it in other if it.severity is Severity.OK}
            still = {key for key in set(before) - same if CHECKS[key[0]].takes is Deal}
            assert not left & still, (sheet, place, value)
            taken += len(still)
    assert taken > 20


def test_outstanding_shares_from_another_workbook_leave_the_approval_open(
    pipe: dict[str, Any], workbook_of: Workbooks
) -> None:
    snapshot = workbook_of(pipe)
    (size,) = [
        (sheet.name, place)
        for sheet in snapshot.sheets
        for place, cell in sheet.cells.items()
        if cell.value == 5_000_000
    ]
    (before,) = [it for it in found(snapshot) if it.code == "NDQ007"]
    (it,) = [it for it in found(doubted(snapshot, *size)) if it.code == "NDQ007"]
    assert (before.verdict, it.verdict) == ("NOT REQUIRED", "REVIEW")
    where = f"{size[0]}!{format_address(*size[1])}"
    assert f"It rests on {where}, which its formula does not bear out (INP011)" in it.message


def test_a_doubt_takes_no_answer_of_yes_back(pipe: dict[str, Any], workbook_of: Workbooks) -> None:
    discounted = {**pipe, "Securities": [{**pipe["Securities"][0], "paid": 9_000_000}]}
    deal = read_deal(workbook_of(discounted))
    every = run_checks(deal)
    cells = {it.where for row in deal.classes for it in (row.outstanding,)}
    changed = list(left_open(every, deal, cells))
    verdicts = [(it.code, it.verdict) for it in changed]
    assert ("NDQ007", "REQUIRED") in verdicts
    assert len(changed) == len(every)


def test_a_doubt_about_a_cell_that_an_answer_does_not_look_at_leaves_it(
    pipe: dict[str, Any], workbook_of: Workbooks
) -> None:
    deal = read_deal(workbook_of(pipe))
    every = run_checks(deal)
    assert list(left_open(every, deal, {deal.facts.issuer.where})) == every
