"""Checks of stated figures: ours beside them, and the mistake that explains theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from xl_compliance.checks.findings import BREACH, OK, Finding, finding
from xl_compliance.checks.nasdaq import on_nasdaq
from xl_compliance.checks.registry import Check, check
from xl_compliance.deal import stated
from xl_compliance.deal.evaluation import common_classes
from xl_compliance.deal.model import Deal, Input
from xl_compliance.deal.references import splits_in_window
from xl_compliance.deal.securities import CONVERTIBLE, WARRANT, folded
from xl_compliance.rules.exact import Exact, percent, plain
from xl_compliance.rules.nasdaq.private_placement import SIZE
from xl_compliance.rules.outcome import NEEDS_INPUT, REVIEW

_RULE = "NASDAQ-FAQ-182"
_FRACTIONS = frozenset({"PERCENTAGE", "AGGREGATED"})
# Words in the name of a class that say it is no common stock.
_NO_COMMON = re.compile(r"\b(preferred|convertible|series|warrants?|options?|notes?)\b", re.I)


def _mistaken(check: Check, deal: Deal, code: str) -> Iterator[Finding]:
    """The stated figures that the mistake of this check explains."""
    for each in stated.comparisons(deal):
        if each.code == code and each.mistakes and each.right is not None:
            row = each.stated
            message = (
                f"{_shown(row, row.stated.value)} is stated, {_shown(row, each.right)} is right: "
                f"{each.mistakes[0].said}"
            )
            yield finding(check, BREACH, message, row.stated, [row.stated, row.security])


def _shown(row: Any, value: Exact | None) -> str:
    name = str(row.figure.value).capitalize()
    of = f" of {row.security.value}" if row.security.value else ""
    if value is None:
        return f"{name}{of}"
    if row.figure.value in _FRACTIONS:
        return f"{name}{of} {percent(value, SIZE.on().value)}"
    return f"{name}{of} {plain(value)}"


@check(
    stated.IN_DENOMINATOR,
    "Convertible or preferred in the denominator",
    _RULE,
    "Nasdaq FAQ 182 and 288 (31 Jul 2012)",
)
def convertible_in_denominator(check: Check, deal: Deal) -> Iterator[Finding]:
    """Stated figures, and classes, that count convertibles or preferred as outstanding.

    To do: Take convertibles, preferred stock, options and warrants out of the shares outstanding,
    and correct the stated figure.
    """
    if not on_nasdaq(deal):
        return
    yield from _mistaken(check, deal, check.code)
    issued = {
        folded(row.name.value)
        for row in deal.securities
        if row.kind.value in (CONVERTIBLE, WARRANT) and row.name.value
    }
    for row in common_classes(deal):
        name = row.name.value or ""
        if row.counts_as.value is None and (folded(name) in issued or _NO_COMMON.search(name)):
            message = (
                f"{name} counts as common stock outstanding: is it? Say COMMON or VOTES ONLY in "
                f"{row.counts_as.where}; a convertible makes every percentage too small"
            )
            yield finding(check, REVIEW, message, row.name, [row.name, row.outstanding])


@check(stated.LISTED_ONLY, "Listed class only", _RULE, "Nasdaq FAQ 288 (31 Jul 2012)")
def listed_class_only(check: Check, deal: Deal) -> Iterator[Finding]:
    """Stated figures over the listed class, where there are others.

    To do: Work the figure out over all classes of common stock and correct it wherever it is
    stated.
    """
    if on_nasdaq(deal):
        yield from _mistaken(check, deal, check.code)


@check(
    stated.WARRANTS_LEFT_OUT,
    "Warrants left out though exercisable",
    "NASDAQ-FAQ-278",
    "Nasdaq FAQ 278 (10 Oct 2018)",
)
def warrants_left_out(check: Check, deal: Deal) -> Iterator[Finding]:
    """Stated figures without warrant shares that join the issuance.

    To do: Add the shares under the warrants to the figure, or change the terms so that they do not
    join, and correct it wherever it is stated.
    """
    if on_nasdaq(deal):
        yield from _mistaken(check, deal, check.code)


@check(
    stated.CONSOLIDATED,
    "Consolidated close for the Official Close",
    "NASDAQ-FAQ-271",
    "Nasdaq FAQ 271 and 272 (26 Nov 2019)",
)
def consolidated_close(check: Check, deal: Deal) -> Iterator[Finding]:
    """A stated Minimum Price, or a close entered as official, that is the consolidated one.

    To do: Take the Nasdaq Official Closing Price of each session and correct the stated figure.
    """
    if not on_nasdaq(deal):
        return
    yield from _mistaken(check, deal, check.code)
    rows = [
        row
        for row in deal.prices
        if row.close.value is not None and row.consolidated.value is not None
    ]
    same = [row for row in rows if row.close.value == row.consolidated.value]
    if len(rows) > 1 and len(same) == len(rows):
        message = (
            "every official close equals the consolidated one: are they Nasdaq Official Closing "
            "Prices?"
        )
        places = [entry for row in rows for entry in (row.close, row.consolidated)]
        yield finding(check, REVIEW, message, rows[0].close, places)


@check(
    stated.SIGNING_DAY,
    "Signing day's close before 16:00",
    "NASDAQ-FAQ-271",
    "Nasdaq FAQ 271 (26 Nov 2019)",
)
def signing_day_close(check: Check, deal: Deal) -> Iterator[Finding]:
    """A stated Minimum Price with the signing day's close, for a deal signed before it.

    To do: Use the five sessions before the day of signing, and correct the stated figure.
    """
    if on_nasdaq(deal):
        yield from _mistaken(check, deal, check.code)


@check(
    stated.SHORT_AVERAGE,
    "Average too short or across a split",
    "NASDAQ-FAQ-271",
    "Nasdaq FAQ 271 (26 Nov 2019)",
)
def short_average(check: Check, deal: Deal) -> Iterator[Finding]:
    """A stated Minimum Price from fewer than five sessions, and any across a split.

    To do: Use the last five sessions, all on the shares as they are after the split, and correct
    the stated figure.
    """
    if not on_nasdaq(deal):
        return
    yield from _mistaken(check, deal, check.code)
    for row in splits_in_window(deal):
        message = (
            "a split takes effect among the sessions that count: closes before it are prices of "
            "other shares; enter them on the new shares and clear the split"
        )
        yield finding(check, REVIEW, message, row.split, [row.split, row.day])


@check(
    stated.LATER_BASE,
    "Aggregated on the later count",
    "NASDAQ-FAQ-283",
    "Nasdaq FAQ 283 (31 Jul 2012)",
)
def later_base(check: Check, deal: Deal) -> Iterator[Finding]:
    """A stated aggregate over the count before this deal, not before the first closing.

    To do: Divide by the shares outstanding before the first of the issuances that are counted
    together, and correct the stated figure.
    """
    if on_nasdaq(deal):
        yield from _mistaken(check, deal, check.code)


@check(
    stated.PERCENTAGES_ADDED,
    "Percentages added up",
    "NASDAQ-FAQ-283",
    "Nasdaq FAQ 283 (31 Jul 2012)",
)
def percentages_added(check: Check, deal: Deal) -> Iterator[Finding]:
    """A stated aggregate that adds percentages of different counts.

    To do: Add up shares, not percentages, and divide once by the count before the first issuance;
    correct the stated figure.
    """
    if on_nasdaq(deal):
        yield from _mistaken(check, deal, check.code)


@check(stated.OTHER, "Figure as stated", _RULE, "the Stated sheet, against the input sheets")
def as_stated(check: Check, deal: Deal) -> Iterator[Finding]:
    """Every other stated figure: that it agrees, what it should be, or what is missing.

    To do: Correct the figure wherever it is stated, or the input it was worked out from; fill in
    what keeps it from being compared.
    """
    yield from _mistaken(check, deal, check.code)
    for each in stated.comparisons(deal):
        row = each.stated
        places: list[Input[Any]] = [row.figure, row.stated, row.basis]
        if each.agrees:
            message = f"{_shown(row, row.stated.value)} agrees"
            yield finding(check, OK, message, row.stated, places)
        elif each.right is None:
            message = f"{_shown(row, None)} cannot be worked out from the input sheets"
            yield finding(check, NEEDS_INPUT, message, row.stated, places)
        elif not each.mistakes:
            message = (
                f"{_shown(row, row.stated.value)} is stated, {_shown(row, each.right)} follows "
                "from the input sheets"
            )
            yield finding(check, BREACH, message, row.stated, places)
