"""Earlier issuances: which are linked to this deal and to each other, and what they add up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from xl_compliance.deal.model import Deal, EarlierIssuance, once
from xl_compliance.deal.securities import folded
from xl_compliance.rules.nasdaq.aggregation import NOT_AGGREGATED, aggregation
from xl_compliance.rules.outcome import REVIEW, Fact, Outcome


@dataclass(frozen=True, slots=True)
class Link:
    """An earlier issuance and whether it is counted together with this deal.

    `via` names the issuance that links it where only that one is linked to the deal.
    """

    issuance: EarlierIssuance
    outcome: Outcome
    via: str = ""

    @property
    def apart(self) -> bool:
        """Whether it is stated not to be aggregated with this deal."""
        return self.outcome.value == NOT_AGGREGATED

    @property
    def name(self) -> str:
        """The earlier transaction, or where it stands."""
        return self.issuance.transaction.value or self.issuance.transaction.where


@dataclass(frozen=True, slots=True)
class Pair:
    """Two earlier issuances that are linked with each other, and by which factor."""

    first: Link
    second: Link
    outcome: Outcome


@once
def links(deal: Deal) -> tuple[Link, ...]:
    """Whether each earlier issuance is counted together with this one."""
    return tuple(Link(earlier, _link(deal, earlier)) for earlier in deal.issuances)


def _link(deal: Deal, earlier: EarlierIssuance) -> Outcome:
    return aggregation(
        earlier.closing.value,
        deal.facts.closing_date.value,
        _common_investor(deal, earlier),
        earlier.planned.value,
        earlier.contingent.value,
        earlier.same_use_of_proceeds.value,
        earlier.same_board_approval.value,
    )


def _common_investor(deal: Deal, earlier: EarlierIssuance) -> Fact:
    """TRUE where the investor's name stands among the purchasers or their groups; else as stated.

    A name that is not there shows nothing: affiliates have names of their own.
    """
    buyers = [entry for row in deal.purchasers for entry in (row.name, row.group)]
    names = {folded(entry.value) for entry in buyers} - {""}
    if folded(earlier.investor.value) in names:
        return True
    fact: Fact = earlier.common_investors.value
    return fact


@once
def pairs(deal: Deal) -> tuple[Pair, ...]:
    """Earlier issuances that are linked with each other: one investor, or too close in time.

    The other factors of such a pair are not on the sheet, so they neither link it nor clear it.
    """
    found = []
    for one, other in combinations(links(deal), 2):
        same = folded(one.issuance.investor.value)
        common = True if same and same == folded(other.issuance.investor.value) else None
        outcome = aggregation(one.issuance.closing.value, other.issuance.closing.value, common)
        if outcome.value == REVIEW:
            found.append(Pair(one, other, outcome))
    return tuple(found)


@once
def cluster(deal: Deal) -> tuple[Link, ...]:
    """Every issuance that may be counted with this deal: linked to it, or to one that is."""
    inside = {id(link.issuance): link for link in links(deal) if not link.apart}
    waiting = [link for link in links(deal) if link.apart]
    grown = True
    while grown:
        grown = False
        for link in list(waiting):
            pair = next((pair for pair in pairs(deal) if _joins(pair, link, inside)), None)
            if pair is None:
                continue
            other = pair.second if pair.first.issuance is link.issuance else pair.first
            inside[id(link.issuance)] = Link(link.issuance, pair.outcome, other.name)
            waiting.remove(link)
            grown = True
    return tuple(inside[id(link.issuance)] for link in links(deal) if id(link.issuance) in inside)


def _joins(pair: Pair, link: Link, inside: dict[int, Link]) -> bool:
    ends = (pair.first.issuance, pair.second.issuance)
    if link.issuance is ends[0]:
        return id(ends[1]) in inside
    return link.issuance is ends[1] and id(ends[0]) in inside


def windows(linked: Sequence[Link]) -> list[tuple[Link, ...]]:
    """What may be counted together, by which issuance is the first.

    An earlier one adds shares and may bring a larger count outstanding with it, so each one that
    could be the first is tried. Where a closing date is not known, all of them are one.
    """
    if any(link.issuance.closing.value is None for link in linked):
        return [tuple(linked)]
    in_order = sorted(linked, key=_closing, reverse=True)
    return [tuple(in_order[: length + 1]) for length in range(len(in_order))]


def _closing(link: Link) -> int:
    closing = link.issuance.closing.value
    assert closing is not None
    return closing.toordinal()
