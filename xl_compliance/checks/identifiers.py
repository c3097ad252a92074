"""Checks of identifiers and names."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import combinations

from xl_compliance.checks.findings import BREACH, OK, Finding, finding
from xl_compliance.checks.registry import Check, check
from xl_compliance.deal.model import Deal, Input
from xl_compliance.rules.outcome import REVIEW
from xl_compliance.rules.sec import cusip

# Two spellings of one name share most of their letters; two people of one family share fewer.
_SAME_NAME = 0.9


@check("IDS001", "CUSIP check digit", "SEC-CUSIP", "CUSIP modulus 10 double-add-double")
def cusip_digit(check: Check, deal: Deal) -> Iterator[Finding]:
    """The CUSIP of the deal and of the cover page, and whether they are the same.

    To do: Take the CUSIP from the issuer's last filing or from the certificate, and enter the same
    one everywhere.
    """
    ours, filed = deal.facts.cusip, deal.filing_facts.filing_cusip
    if ours.value and filed.value and ours.value.upper() != filed.value.upper():
        message = f"CUSIP {filed.value} on the cover page, {ours.value} in {ours.where}"
        yield finding(check, BREACH, message, filed, [filed, ours])
    for place in (ours, filed):
        if place.value is None:
            continue
        outcome = cusip.valid(place.value)
        verdict = OK if outcome.value is True else BREACH
        yield finding(
            check, verdict, f"CUSIP {place.value}: {outcome.reason}", place, [place], outcome
        )


@check("IDS002", "Name spelt differently", "SEC-13D", "Schedule 13D, cover page and signatures")
def names(check: Check, deal: Deal) -> Iterator[Finding]:
    """Names that look like one name in two spellings. Which one is right is not decided here.

    To do: Settle which spelling is the right one, and use it wherever the person is named.
    """
    places = [deal.filing_facts.contact]
    places += [row.name for row in deal.filing] + [row.signature for row in deal.filing]
    spellings: dict[str, Input[str]] = {}
    for place in places:
        if place.value:
            spellings.setdefault(" ".join(place.value.split()), place)
    for (one, first), (other, second) in combinations(spellings.items(), 2):
        if _alike(one, other):
            yield finding(
                check,
                REVIEW,
                f'"{one}" in {first.where}, "{other}" in {second.where}: one name, two spellings?',
                first,
                [first, second],
            )


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one.casefold(), other.casefold()).ratio() >= _SAME_NAME
