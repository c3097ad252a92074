"""Checks of numbers that are larger than a cell of Excel holds to the last digit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any, Final

from xl_compliance.checks.findings import Finding, finding
from xl_compliance.checks.registry import Check, check
from xl_compliance.deal.cap_table import CapTables
from xl_compliance.deal.model import Deal, Input
from xl_compliance.rules.exact import magnitude
from xl_compliance.rules.outcome import REVIEW
from xl_compliance.workbook.calls import ModelCalls

SOURCE = "15 digits a cell"
TITLE = "Number beyond what a cell holds exactly"
MOST_EXACT: Final = 10**15
"""Excel keeps 15 digits; above 2^53 not even every whole number has a place of its own."""
_MESSAGE = (
    "{count} of more than 15 digits, which no cell of Excel holds to the last one: what was typed "
    "may have been another number, and a verdict that hangs on one share is not sure"
)


@check("INP010", TITLE, "INPUT", SOURCE)
def entered(check: Check, deal: Deal) -> Iterator[Finding]:
    """A share count or amount of an input sheet whose last digits Excel has not kept."""
    yield from _told(check, [it for it in _inputs(deal) if _is_beyond(it.value)])


@check("CAP016", TITLE, "CAP-TABLE", SOURCE, CapTables)
def held(check: Check, found: CapTables) -> Iterator[Finding]:
    """A holding of a cap table whose last digits Excel has not kept."""
    for table in found.tables:
        columns = [it for it in table.cells.values() if it.may_hold(MOST_EXACT)]
        places = ((it, row.index) for row in table.rows for it in columns)
        cells = [it.at(place) for it, place in places if _is_beyond(it.values[place])]
        yield from _told(check, [table.at(it) for it in cells])


@check("MDL009", TITLE, "MODEL", SOURCE, ModelCalls)
def given(check: Check, model: ModelCalls) -> Iterator[Finding]:
    """A call that is given a number whose last digits Excel has not kept."""
    for cell in model.cells:
        if any(_holds_one(call.arguments) for call in cell.inner):
            yield from _told(check, [Input(None, cell.sheet, cell.address, "")])


def _told(check: Check, places: list[Input[Any]]) -> Iterator[Finding]:
    if places:
        count = "a number" if len(places) == 1 else f"{len(places)} numbers"
        yield finding(check, REVIEW, _MESSAGE.format(count=count), places[0], places)


def _is_beyond(value: Any) -> bool:
    if type(value) is float or type(value) is int:
        return bool(value >= MOST_EXACT or value <= -MOST_EXACT)
    if isinstance(value, bool | str) or not hasattr(value, "__abs__"):
        return False
    return bool(magnitude(value) >= MOST_EXACT)


def _inputs(deal: Deal) -> Iterator[Input[Any]]:
    for part in fields(deal):
        if part.name not in ("kept", "problems", "texts", "path"):
            value = getattr(deal, part.name)
            for record in value if isinstance(value, tuple) else [value]:
                yield from (getattr(record, it.name) for it in fields(record))


def _holds_one(values: Iterable[Any]) -> bool:
    """Whether a number beyond what a cell holds is among values, or in a range among them."""
    for value in values:
        kind = type(value)
        if kind is list or kind is tuple:
            if _holds_one(value):
                return True
        elif kind is not str and value is not None and _is_beyond(value):
            return True
    return False
