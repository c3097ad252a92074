"""Headroom of a deal, and the ways out of a vote, each proved by evaluating the changed deal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from xl_compliance.deal import issuances, references
from xl_compliance.deal.evaluation import Approval, approval, sized
from xl_compliance.deal.model import Deal, Input, Purchaser, Security, once
from xl_compliance.deal.securities import (
    SHARES_ONLY,
    Unit,
    bases,
    common_shares,
    folded,
    lowest_exercise_price,
    most_shares,
    standing_alone,
    units,
)
from xl_compliance.rules.exact import Exact, exactly, minus, plus, quotient, times, total
from xl_compliance.rules.nasdaq import deal_fixes
from xl_compliance.rules.nasdaq.adjustments import LOWERING
from xl_compliance.rules.nasdaq.deal_fixes import Fix, Terms
from xl_compliance.rules.nasdaq.issuance_size import exchange_cap
from xl_compliance.rules.outcome import NOT_REQUIRED, REQUIRED, REVIEW, Outcome

_UNMOVED: Final = (f"{issuances.__name__}.", f"{references.__name__}.")


@dataclass(frozen=True, slots=True)
class WayOut:
    """A fix, the deal it leads to, and the verdict on that deal."""

    fix: Fix
    deal: Deal
    verdict: str
    prices: tuple[tuple[Unit, Exact], ...] = ()


@once
@exactly
def headroom(deal: Deal) -> Outcome | None:
    """Shares left before 20% of shares or votes; None where something is not known."""
    answer = approval(deal)
    size = sized(deal, answer.counted)
    if not size.issuable or not size.outstanding:
        return None
    votes = bool(size.votes_outstanding)
    return exchange_cap(
        size.outstanding,
        size.issuable,
        votes_outstanding=size.votes_outstanding,
        votes_per_new_share=quotient(total(size.votes_issuable), total(size.issuable))
        if votes
        else None,
    )


@once
@exactly
def terms_of(deal: Deal) -> Terms | None:
    """The deal as the rule of ways out takes it; None where something in it is not known."""
    answer = approval(deal)
    compared = answer.reference.value
    size = sized(deal, answer.counted)
    if compared is None or answer.price is None or not size.issuable or not size.outstanding:
        return None
    if any(part.unbounded for part in answer.components):
        return None
    found = [_unit(unit) for unit in units(deal)]
    alone = [_warrants(warrant, common_shares(warrant)) for warrant in standing_alone(deal)]
    if None in found or None in alone:
        return None
    each = None
    if size.votes_outstanding:
        each = quotient(total(size.votes_issuable), total(size.issuable))
    return Terms(
        tuple(unit for unit in found if unit is not None),
        compared,
        size.outstanding,
        deal.facts.closing_date.value,
        tuple(warrant for warrant in alone if warrant is not None),
        _beside(deal),
        deal.facts.insider_sales.value or 0,
        size.votes_outstanding,
        each,
        deal.facts.public_offering.value,
        deal.facts.share_cap.value,
    )


def _unit(unit: Unit) -> deal_fixes.Unit | None:
    price, base_price = unit.price, unit.base_price
    if price is None or base_price is None:
        return None
    with_it = [_warrants(warrant, count) for warrant, count, _ in unit.warrants]
    if None in with_it:
        return None
    falls_by = minus(base_price, unit.lowest_price or 0)
    return deal_fixes.Unit(
        unit.issued, minus(price, falls_by), tuple(each for each in with_it if each is not None)
    )


def _warrants(warrant: Security, shares: Exact | None) -> deal_fixes.Warrants | None:
    strike, least = warrant.exercise_price.value, lowest_exercise_price(warrant)
    if shares is None or strike is None or least is None:
        return None
    return deal_fixes.Warrants(shares, strike, least, warrant.first_exercisable.value)


def _beside(deal: Deal) -> Exact:
    """Shares that count and are part of no unit's price."""
    every = [
        shares
        for part in approval(deal).components
        if part.security in bases(deal) or part.security.kind.value in SHARES_ONLY
        for shares in [most_shares(part.security)[0]]
        if shares is not None
    ]
    return minus(total(every), total(unit.issued for unit in units(deal)))


@once
@exactly
def ways_out(deal: Deal) -> tuple[WayOut, ...]:
    """Every way out that the changed deal proves; none where approval is not required."""
    if approval(deal).verdict != REQUIRED:
        return ()
    terms = terms_of(deal)
    if terms is None:
        return ()
    proved = []
    falling = any(base.adjustment.value in LOWERING for base in bases(deal))
    for fix in deal_fixes.fixes(terms):
        if falling and fix.way in (deal_fixes.RAISE_PRICE, deal_fixes.RAISE_BOTH):
            # A price that can fall falls whatever it was: its floor would have to rise, and the
            # number of shares falls with that.
            continue
        if fix.way == deal_fixes.VOTE:
            proved.append(WayOut(fix, deal, REQUIRED))
            continue
        changed = applied(deal, terms, fix.terms)
        word = approval(changed).verdict
        if word in (NOT_REQUIRED, REVIEW):
            proved.append(WayOut(fix, changed, word, _new_prices(deal, terms, fix.terms)))
    return tuple(proved)


def _new_prices(deal: Deal, before: Terms, after: Terms) -> tuple[tuple[Unit, Exact], ...]:
    """The units that cost more, and what each then costs."""
    found = []
    for unit, old, new in zip(units(deal), before.units, after.units, strict=True):
        if new.price != old.price and unit.price is not None:
            found.append((unit, plus(unit.price, minus(new.price, old.price))))
    return tuple(found)


@exactly
def applied(deal: Deal, before: Terms, after: Terms) -> Deal:
    """The deal with the terms that a way out asks for."""
    changes: dict[int, Security] = {}
    purchasers = deal.purchasers
    for unit, old, new in zip(units(deal), before.units, after.units, strict=True):
        if new.price != old.price:
            by = minus(new.price, old.price)
            changes[id(unit.base)] = _dearer(unit, by)
            purchasers = tuple(_pays_more(row, unit, by) for row in purchasers)
        for (warrant, _, _), terms in zip(unit.warrants, new.warrants, strict=True):
            changes[id(warrant)] = _with_terms(warrant, terms)
    for warrant, terms in zip(standing_alone(deal), after.alone, strict=True):
        changes[id(warrant)] = _with_terms(warrant, terms)
    facts = deal.facts
    if after.cap != before.cap:
        facts = replace(facts, share_cap=_set(facts.share_cap, after.cap))
    securities = tuple(changes.get(id(security), security) for security in deal.securities)
    changed = replace(deal, facts=facts, securities=securities, purchasers=purchasers)
    # No way out moves a date, a price of the market or an earlier issuance.
    changed.kept.update(
        {name: found for name, found in deal.kept.items() if name.startswith(_UNMOVED)}
    )
    return changed


def _dearer(unit: Unit, by: Exact) -> Security:
    base = unit.base
    paid = base.paid.value
    assert paid is not None
    return replace(base, paid=_set(base.paid, plus(paid, times(by, unit.issued))))


def _pays_more(row: Purchaser, unit: Unit, by: Exact) -> Purchaser:
    """A purchaser whose payment rises with the unit's price, as everybody's does."""
    paid, bought, quantity = row.paid.value, row.bought.value, unit.base.quantity.value
    if folded(row.security.value) != folded(unit.base.name.value):
        return row
    if paid is None or bought is None or not quantity:
        return row
    shares = times(bought, quotient(unit.issued, quantity))
    return replace(row, paid=_set(row.paid, plus(paid, times(by, shares))))


def _with_terms(warrant: Security, terms: deal_fixes.Warrants) -> Security:
    changed = replace(
        warrant,
        exercise_price=_set(warrant.exercise_price, terms.exercise_price),
        first_exercisable=_set(warrant.first_exercisable, terms.first_exercisable),
    )
    if warrant.adjustment.value in LOWERING:
        changed = replace(changed, floor=_set(warrant.floor, terms.lowest))
    return changed


def _set(place: Input[Any], value: Exact | date | str | None) -> Input[Any]:
    return replace(place, value=value)


@exactly
def cents_to_floor(answer: Approval, deal: Deal) -> Sequence[tuple[Unit, Exact]]:
    """How far each unit's price stands above its floor, in cents; below it, negative."""
    terms = terms_of(deal)
    if terms is None or answer.reference.value is None:
        return ()
    return [
        (unit, times(minus(each.price, deal_fixes.unit_floor(each, terms.compared_with)), 100))
        for unit, each in zip(units(deal), terms.units, strict=True)
    ]
