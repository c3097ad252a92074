"""Checks of the input itself: what could not be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xl_compliance.checks.findings import NOTE, UNREADABLE, Finding, finding
from xl_compliance.checks.registry import Check, check
from xl_compliance.deal.evaluation import current_securities
from xl_compliance.deal.model import Deal, Input, Problem
from xl_compliance.deal.places import named
from xl_compliance.rules.outcome import NEEDS_INPUT, REVIEW
from xl_compliance.workbook.input_sheets import OFFERINGS, SECURITIES

SOURCE = "the input sheets"
CHECKED_EXCHANGES = ("NASDAQ",)
OFFERINGS_ONLY = "TSX"


@check("INP001", "Cell that cannot be read", "INPUT", SOURCE)
def unreadable(check: Check, deal: Deal) -> Iterator[Finding]:
    """A cell that holds something else than its column takes; it counts as not given."""
    for problem in deal.problems:
        if not problem.missing:
            yield finding(check, UNREADABLE, problem.message, _at(problem))


@check("INP002", "Sheet, table or column that is missing", "INPUT", SOURCE)
def missing(check: Check, deal: Deal) -> Iterator[Finding]:
    """A sheet or column of the input workbook that is not there; it counts as not given."""
    for problem in deal.problems:
        if problem.missing:
            yield finding(check, NEEDS_INPUT, problem.message, _at(problem))


@check("INP009", "Number or date stored as text", "INPUT", SOURCE)
def texts(check: Check, deal: Deal) -> Iterator[Finding]:
    """A number that its cell holds as text: it is read, but sums in the workbook leave it out."""
    if deal.texts:
        shown = named(deal.texts)
        message = (
            f"{shown[:200]}: stored as text, and read here all the same; SUM and other formulas of "
            "the workbook leave it out: enter it as a number or a date"
        )
        yield finding(check, NOTE, message, deal.texts[0], deal.texts)


@check("INP004", "Nothing to check", "INPUT", SOURCE)
def nothing(check: Check, deal: Deal) -> Iterator[Finding]:
    """A workbook without securities, filing or offering: not checked is not the same as clean.

    One that holds nothing of ours at all cannot be checked, and the run ends with 2, unless a
    suppression of INP004 that names the workbook says that this is known.
    """
    if current_securities(deal) or deal.filing or deal.offerings:
        return
    at: Input[Any] = Input(None, SECURITIES.sheet, "", "")
    message = (
        "no security of this transaction, no filing and no offering is entered, so nothing was "
        "checked"
    )
    yield finding(check, NEEDS_INPUT, message, at)


@check("INP005", "Exchange without checks", "INPUT", SOURCE)
def exchange(check: Check, deal: Deal) -> Iterator[Finding]:
    """A deal on an exchange whose rules are not among the checks."""
    place = deal.facts.exchange
    if place.value in (None, *CHECKED_EXCHANGES) or not current_securities(deal):
        return
    if place.value == OFFERINGS_ONLY and deal.offerings:
        return
    listed = ", ".join(CHECKED_EXCHANGES)
    message = (
        f"no rule of {place.value} was checked; this version checks deals on {listed}, and "
        f"prospectus offerings on {OFFERINGS_ONLY} in the table {OFFERINGS.name}"
    )
    yield finding(check, REVIEW, message, place, [place])


def _at(problem: Problem) -> Input[Any]:
    return Input(None, problem.sheet, problem.address, "")
