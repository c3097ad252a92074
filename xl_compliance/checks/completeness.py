"""Checks that nothing in the workbook is left out unseen: names that match nothing, rows unread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from xl_compliance.checks.findings import BREACH, Finding, finding
from xl_compliance.checks.registry import Check, check
from xl_compliance.deal.evaluation import WARRANT, current_securities, folded
from xl_compliance.deal.model import Deal, Input
from xl_compliance.rules.exact import plain, total
from xl_compliance.rules.outcome import NEEDS_INPUT

SOURCE = "the input sheets"


@check("INP006", "Transaction that is named nowhere", "INPUT", SOURCE)
def transactions(check: Check, deal: Deal) -> Iterator[Finding]:
    """A security whose transaction is neither this deal nor an earlier issuance.

    To do: Use the name of this deal, or enter the earlier transaction on Issuances: until then its
    securities are counted nowhere.
    """
    this = deal.facts.transaction
    known = _names([this, *(row.transaction for row in deal.issuances)])
    for security in deal.securities:
        place = security.transaction
        if place.value and folded(place.value) not in known:
            message = (
                f'"{place.value}" is neither the transaction in {this.where} nor one of the '
                "earlier issuances, so its securities are counted nowhere: name it alike, or "
                "enter it on the Issuances sheet"
            )
            yield finding(check, NEEDS_INPUT, message, place, [place, this])


@check("INP007", "Security that is named nowhere", "INPUT", SOURCE)
def security_names(check: Check, deal: Deal) -> Iterator[Finding]:
    """A reference to a security that is not in the Securities or Classes table.

    To do: Spell the reference as the security is named on Securities or Classes, or enter the
    security there.
    """
    securities = _names(row.name for row in deal.securities)
    current = _names(row.name for row in current_securities(deal))
    classes = _names(row.name for row in deal.classes)
    bases = _names(row.name for row in deal.securities if row.kind.value != WARRANT)
    references = [
        (row.sold_with, bases, "a common or convertible security of this workbook")
        for row in deal.securities
    ]
    references += [
        (row.security, current, "a security of this transaction") for row in deal.purchasers
    ]
    references += [
        (row.security, securities | classes, "a security or class of this workbook")
        for row in deal.holders
    ]
    for place, known, what in references:
        if place.value and folded(place.value) not in known:
            yield finding(
                check, NEEDS_INPUT, f'"{place.value}" is not the name of {what}', place, [place]
            )


@check("INP008", "Name used twice", "INPUT", SOURCE)
def duplicates(check: Check, deal: Deal) -> Iterator[Finding]:
    """Two securities, or two classes, of one name: what refers to it is ambiguous.

    To do: Give each security and each class a name of its own, and use it wherever it is meant.
    """
    for rows in (deal.securities, deal.classes):
        counts = Counter(folded(row.name.value) for row in rows)
        for row in rows:
            if row.name.value and counts[folded(row.name.value)] > 1:
                message = f'"{row.name.value}" stands there {counts[folded(row.name.value)]} times'
                yield finding(check, NEEDS_INPUT, message, row.name, [row.name])


@check("INP003", "Purchases that do not add up to the security", "INPUT", SOURCE)
def purchases(check: Check, deal: Deal) -> Iterator[Finding]:
    """Purchasers' quantities and payments against the security's, security by security.

    To do: Compare the purchasers' lines with the purchase agreement's schedule until quantities and
    payments add up to the security's.
    """
    for security in deal.securities:
        rows = [
            row
            for row in deal.purchasers
            if row.security.value and folded(row.security.value) == folded(security.name.value)
        ]
        yield from _ties(check, security.name, security.quantity, [r.bought for r in rows], "buy")
        yield from _ties(check, security.name, security.paid, [r.paid for r in rows], "pay")


def _ties(
    check: Check, name: Input[str], whole: Input[Any], parts: list[Input[Any]], verb: str
) -> Iterator[Finding]:
    values = [part.value for part in parts if part.value is not None]
    if not parts or len(values) < len(parts) or whole.value is None:
        return
    if total(values) != whole.value:
        message = (
            f"{name.value}: purchasers {verb} {plain(total(values))} in all, {whole.label.lower()} "
            f"says {plain(whole.value)}"
        )
        yield finding(check, BREACH, message, whole, [whole, *parts])


def _names(places: Iterable[Input[str]]) -> set[str]:
    return {folded(place.value) for place in places if place.value}
