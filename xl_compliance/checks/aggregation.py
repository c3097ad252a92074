"""Checks of earlier issuances: what is counted together with a deal, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from xl_compliance.checks.findings import NOTE, OK, Finding, finding
from xl_compliance.checks.nasdaq import on_nasdaq
from xl_compliance.checks.registry import Check, check
from xl_compliance.deal import evaluation
from xl_compliance.deal.issuances import Link, Pair, pairs
from xl_compliance.deal.model import Deal, EarlierIssuance, Input
from xl_compliance.deal.places import named
from xl_compliance.rules.exact import percent, plain, quotient, total
from xl_compliance.rules.nasdaq import private_placement
from xl_compliance.rules.outcome import REVIEW


@check(
    "NDQ006",
    "Counted together with earlier issuances",
    "NASDAQ-FAQ-283",
    "Nasdaq FAQ 283 (31 Jul 2012)",
)
def aggregated(check: Check, deal: Deal) -> Iterator[Finding]:
    """Whether an earlier issuance is counted together with this one, and what that comes to.

    To do: Go through the facts that link the issuances (investors, plan, use of proceeds,
    contingency, board approval) with the documents, and settle with counsel or Nasdaq whether they
    are counted together.
    """
    if not on_nasdaq(deal) or not evaluation.current_securities(deal):
        return
    answer = evaluation.approval(deal)
    for link in answer.links:
        earlier = link.issuance
        yield finding(
            check,
            OK if link.apart else str(link.outcome.value),
            f"{_named_issuance(deal, earlier)}: {link.outcome.reason}. "
            f"{_together(deal, [link]) if not link.apart else 'Not counted together'}",
            earlier.closing,
            [earlier.closing, earlier.investor, deal.facts.closing_date],
            link.outcome,
        )
    for link in answer.together:
        if link.via:
            yield _through_another(check, link)
    if len(answer.together) > 1:
        yield _cluster(check, deal, answer.together)


def _through_another(check: Check, link: Link) -> Finding:
    message = (
        f"{link.name} is stated apart from this deal, but linked with {link.via}, which may be "
        f"counted with it: {link.outcome.reason}"
    )
    place = link.issuance.closing
    return finding(check, REVIEW, message, place, [place, link.issuance.investor], link.outcome)


def _cluster(check: Check, deal: Deal, members: Sequence[Link]) -> Finding:
    """Everything that may be one issuance, and the factor that links each pair."""
    names = " + ".join(link.name for link in members)
    inside = {id(link.issuance) for link in members}
    linked = [
        _pair(pair)
        for pair in pairs(deal)
        if {id(pair.first.issuance), id(pair.second.issuance)} <= inside
    ]
    between = f"; among them {'; '.join(linked)}" if linked else ""
    message = f"This deal + {names}{between}. {_together(deal, members)}"
    places: list[Input[Any]] = [
        entry
        for link in members
        for entry in (link.issuance.issuable, link.issuance.outstanding_before)
    ]
    return finding(check, NOTE, message, members[0].issuance.closing, places)


def _pair(pair: Pair) -> str:
    return f"{pair.first.name} and {pair.second.name} ({pair.outcome.reason})"


def _named_issuance(deal: Deal, earlier: EarlierIssuance) -> str:
    name = earlier.transaction.value or earlier.transaction.where
    this, that = deal.facts.closing_date.value, earlier.closing.value
    if not this or not that:
        return name
    days = (this - that).days
    return f"{name}, closed {abs(days)} days {'before' if days >= 0 else 'after'}"


def _together(deal: Deal, members: Sequence[Link]) -> str:
    """The sum over the count before the first closing, in shares and where they differ in votes."""
    size = evaluation.sized(deal, evaluation.approval(deal).counted, members)
    if not size.issuable or not size.outstanding:
        blank = [
            entry
            for link in members
            for entry in (link.issuance.issuable, link.issuance.outstanding_before)
            if entry.value is None
        ]
        return f"To count them together fill {named(blank) or 'the quantities in Securities'}"
    line = private_placement.SIZE.on()
    whole = total(size.outstanding)
    share = quotient(total(size.issuable), whole)
    text = (
        f"Together {plain(total(size.issuable))} is {percent(share, line.value)} of "
        f"{plain(whole)} outstanding before the first closing"
    )
    if not size.votes_issuable or not size.votes_outstanding:
        return text
    votes = quotient(total(size.votes_issuable), total(size.votes_outstanding))
    return (
        f"{text}, and {percent(votes, line.value)} of {plain(total(size.votes_outstanding))} votes"
    )
