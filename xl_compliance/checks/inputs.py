"""Checks of the input itself: what could not be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xl_compliance.checks.findings import BREACH, Finding, finding
from xl_compliance.checks.registry import Check, check
from xl_compliance.deal.evaluation import current_securities
from xl_compliance.deal.model import Deal, Input, Problem
from xl_compliance.rules.exact import plain, total
from xl_compliance.rules.outcome import NEEDS_INPUT, REVIEW
from xl_compliance.workbook.input_sheets import SECURITIES

SOURCE = "the input sheets"
CHECKED_EXCHANGES = ("NASDAQ",)


@check("INP001", "Cell that cannot be read", "INPUT", SOURCE)
def unreadable(check: Check, deal: Deal) -> Iterator[Finding]:
    """A cell that holds something else than its column takes; it counts as not given."""
    for problem in deal.problems:
        if not problem.missing:
            yield finding(check, BREACH, problem.message, _at(problem))


@check("INP002", "Sheet, table or column that is missing", "INPUT", SOURCE)
def missing(check: Check, deal: Deal) -> Iterator[Finding]:
    """A sheet or column of the input workbook that is not there; it counts as not given."""
    for problem in deal.problems:
        if problem.missing:
            yield finding(check, NEEDS_INPUT, problem.message, _at(problem))


@check("INP003", "Purchases that do not add up to the security", "INPUT", SOURCE)
def purchases(check: Check, deal: Deal) -> Iterator[Finding]:
    """Purchasers' quantities against the quantity issued, security by security."""
    for security in deal.securities:
        rows = [
            row
            for row in deal.purchasers
            if row.security.value and row.security.value == security.name.value
        ]
        bought = [row.bought.value for row in rows if row.bought.value is not None]
        if not rows or len(bought) < len(rows) or security.quantity.value is None:
            continue
        if total(bought) != security.quantity.value:
            message = (
                f"{security.name.value}: purchasers buy {plain(total(bought))}, "
                f"{plain(security.quantity.value)} are issued"
            )
            yield finding(check, BREACH, message, security.quantity, [row.bought for row in rows])


@check("INP004", "Nothing to check", "INPUT", SOURCE)
def nothing(check: Check, deal: Deal) -> Iterator[Finding]:
    """A workbook without securities and without a filing: not checked is not the same as clean."""
    if current_securities(deal) or deal.filing:
        return
    at: Input[Any] = Input(None, SECURITIES.sheet, "", "")
    message = "no security of this transaction and no filing is entered, so nothing was checked"
    yield finding(check, NEEDS_INPUT, message, at)


@check("INP005", "Exchange without checks", "INPUT", SOURCE)
def exchange(check: Check, deal: Deal) -> Iterator[Finding]:
    """A deal on an exchange whose rules are not among the checks."""
    place = deal.facts.exchange
    if place.value in (None, *CHECKED_EXCHANGES) or not current_securities(deal):
        return
    listed = ", ".join(CHECKED_EXCHANGES)
    message = f"no rule of {place.value} was checked; this version checks deals on {listed}"
    yield finding(check, REVIEW, message, place, [place])


def _at(problem: Problem) -> Input[Any]:
    return Input(None, problem.sheet, problem.address, "")
