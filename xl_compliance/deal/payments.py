"""What each purchaser pays, where the prices are worked out from what all of them pay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from xl_compliance.deal.model import Deal, Purchaser, once
from xl_compliance.deal.securities import Unit, current_securities, folded, units
from xl_compliance.rules.exact import Exact, exactly, magnitude, minus, quotient, times, total

_A_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Payment:
    """How far a purchaser pays less for a share of a unit than all purchasers on average."""

    who: str
    below: Exact


def unit_of(deal: Deal, row: Purchaser) -> Unit | None:
    """The unit that a purchaser's security is a part of."""
    name = folded(row.security.value)
    return next((unit for unit in units(deal) if name in _names_of(unit)), None)


@exactly
def paid_below_the_average(deal: Deal, row: Purchaser, unit: Unit | None) -> Exact:
    """What the purchaser pays less per share, warrants and all; negative where it is more.

    0 where its payments are not given: they are read as everybody's. Less than a cent in all is
    what rounding leaves.
    """
    if unit is None or not row.name.value:
        return 0
    rows = [
        each
        for each in deal.purchasers
        if folded(each.name.value) == folded(row.name.value)
        and folded(each.security.value) in _names_of(unit)
    ]
    shares = _base_shares(unit, rows)
    short = total(_short(deal, each) for each in rows)
    return quotient(short, shares) if shares and magnitude(short) >= _A_CENT else 0


def _names_of(unit: Unit) -> set[str]:
    parts = (unit.base, *(warrant for warrant, _, _ in unit.warrants))
    return {folded(part.name.value) for part in parts}


def _base_shares(unit: Unit, rows: Sequence[Purchaser]) -> Exact:
    base, quantity = folded(unit.base.name.value), unit.base.quantity.value
    bought = total(each.bought.value or 0 for each in rows if folded(each.security.value) == base)
    return times(bought, quotient(unit.issued, quantity)) if quantity else 0


def _short(deal: Deal, row: Purchaser) -> Exact:
    """What a row pays less than its part of what all pay for the security."""
    name = folded(row.security.value)
    security = next((s for s in current_securities(deal) if folded(s.name.value) == name), None)
    paid, bought = row.paid.value, row.bought.value
    if security is None or paid is None or bought is None:
        return 0
    whole, quantity = security.paid.value, security.quantity.value
    if whole is None or not quantity:
        return 0
    return minus(times(whole, quotient(bought, quantity)), paid)


@once
@exactly
def lowest_payment(deal: Deal) -> Payment | None:
    """The purchaser that pays the least against the average; None where all pay alike."""
    found = [
        Payment(str(row.name.value), paid_below_the_average(deal, row, unit_of(deal, row)))
        for row in deal.purchasers
        if row.name.value
    ]
    least = max(found, key=lambda each: each.below, default=None)
    return least if least is not None and least.below > 0 else None
