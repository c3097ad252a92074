"""The securities of a deal: their common shares, their prices, and the units they are sold in.

Every figure is worked out by the rule that the worksheet function of the same subject calls.
"""

from __future__ import annotations

from dataclasses import dataclass

from xl_compliance.deal.model import Deal, Security, once
from xl_compliance.rules.exact import Exact, exactly, floor, minus, plus, quotient, times, total
from xl_compliance.rules.nasdaq import warrants
from xl_compliance.rules.nasdaq.adjustments import LOWERING, lowest_price
from xl_compliance.rules.nasdaq.warrants import APPROVAL
from xl_compliance.rules.sec.conversion import converted_shares

COMMON = "COMMON"
CONVERTIBLE = "CONVERTIBLE"
WARRANT = "WARRANT"
PREFUNDED = "PREFUNDED"
EARN_OUT = "EARN-OUT"
PENALTY = "PENALTY"
ASSUMED_AWARD = "ASSUMED AWARD"

SHARES_ONLY = frozenset({EARN_OUT, PENALTY, ASSUMED_AWARD})
"""Kinds that add shares and are sold at no price of their own."""

_ONE_FOR_ONE = frozenset({COMMON, WARRANT, PREFUNDED, *SHARES_ONLY})

LABELS = {
    COMMON: "closing shares",
    CONVERTIBLE: "conversion at the lowest price",
    WARRANT: "warrants",
    PREFUNDED: "pre-funded warrants",
    EARN_OUT: "earn-out",
    PENALTY: "penalty shares",
    ASSUMED_AWARD: "assumed awards",
}


@dataclass(frozen=True, slots=True)
class Unit:
    """A security that is sold at a price, and the warrants sold with it.

    `shares` are the base's, `issued` adds the penalty shares that come for nothing. `lowest_price`
    is the base's with the most shares that its own price can fall to (FAQ 276).
    """

    base: Security
    shares: Exact
    issued: Exact
    base_price: Exact | None
    lowest_price: Exact | None
    warrants: tuple[tuple[Security, Exact | None, Exact | None], ...]

    @property
    def price(self) -> Exact | None:
        """What one common share and its warrants cost; None where a payment is not given."""
        if self.base_price is None:
            return None
        parts = [self.base_price]
        for _, count, paid in self.warrants:
            if count is None or paid is None:
                return None
            parts.append(times(self.coverage(count), paid))
        return total(parts)

    def coverage(self, count: Exact) -> Exact:
        """Warrants per common share."""
        return quotient(count, self.issued)

    @property
    def name(self) -> str:
        """The names of its parts."""
        parts = (self.base, *(warrant for warrant, _, _ in self.warrants))
        return " + ".join(str(part.name.value) for part in parts)


@once
def current_securities(deal: Deal) -> tuple[Security, ...]:
    """The securities of this transaction: those of no other."""
    name = folded(deal.facts.transaction.value)
    return tuple(
        security for security in deal.securities if folded(security.transaction.value) in ("", name)
    )


@once
def bases(deal: Deal) -> tuple[Security, ...]:
    """The securities that are sold at a price; one whose kind is not given among them."""
    return tuple(
        security
        for security in current_securities(deal)
        if security.kind.value != WARRANT and security.kind.value not in SHARES_ONLY
    )


@once
def standing_alone(deal: Deal) -> tuple[Security, ...]:
    """Warrants that are part of no unit: their exercise price is what the stock is sold at."""
    names = {folded(base.name.value) for base in bases(deal)}
    return tuple(
        security
        for security in current_securities(deal)
        if security.kind.value == WARRANT and folded(security.sold_with.value) not in names
    )


def common_shares(security: Security) -> Exact | None:
    """The common shares under a security; None where a number is not given."""
    quantity, ratio = security.quantity.value, security.ratio.value
    if ratio is None and security.kind.value in _ONE_FOR_ONE:
        ratio = 1
    if quantity is None or ratio is None:
        return None
    return converted_shares(quantity, ratio).number


@exactly
def paid_per_share(security: Security) -> Exact | None:
    """What is paid for each common share under a security; None where it is not given.

    0 is a payment only for a warrant, whose price may be part of the unit's. A pre-funded warrant
    is paid for at its sale and, for the rest, at its exercise. What the issuer could pay back on
    conversion is taken out (FAQ 276).
    """
    shares, paid = common_shares(security), security.paid.value
    if paid is None or not shares or (paid == 0 and security.kind.value != WARRANT):
        return None
    each = quotient(max(minus(paid, security.cash.value or 0), 0), shares)
    if security.kind.value != PREFUNDED:
        return each
    rest = security.exercise_price.value
    return None if rest is None else plus(each, rest)


def lowest_exercise_price(security: Security) -> Exact | None:
    """The lowest price at which a warrant could be exercised."""
    price = security.exercise_price.value
    return None if price is None else lowest(security, price)


def lowest(security: Security, price: Exact) -> Exact:
    """The lowest price an adjustment could lead to; none given is read as none, and said."""
    adjustment = security.adjustment.value
    if adjustment is None:
        return price
    return lowest_price(price, adjustment, security.floor.value).number


@once
@exactly
def units(deal: Deal) -> tuple[Unit, ...]:
    """The securities that are sold at a price, with the warrants and penalty shares of each."""
    found = []
    for base in bases(deal):
        shares = common_shares(base)
        if base.kind.value is None or not shares:
            continue
        with_it = tuple(
            (warrant, common_shares(warrant), paid_per_share(warrant))
            for warrant in current_securities(deal)
            if warrant.kind.value == WARRANT
            and folded(warrant.sold_with.value) == folded(base.name.value)
        )
        penalty = _penalty_shares(deal, base)
        issued = shares if penalty is None else plus(shares, penalty)
        price = None if penalty is None else paid_per_share(base)
        lowest_price = price
        if price is not None:
            lowest_price = _at_its_lowest(base, shares, price, penalty or 0)
            price = quotient(times(price, shares), issued)
        found.append(Unit(base, shares, issued, price, lowest_price, with_it))
    return tuple(found)


def _at_its_lowest(base: Security, shares: Exact, price: Exact, penalty: Exact) -> Exact:
    """The price of a share once the base's own has fallen as far as it can."""
    if base.adjustment.value not in LOWERING:
        return quotient(times(price, shares), plus(shares, penalty))
    stated = conversion_price(base, shares, price)
    reached = lowest(base, stated)
    if not reached:
        return 0
    most = quotient(times(shares, stated), reached)
    return quotient(times(price, shares), plus(most, penalty))


def conversion_price(security: Security, shares: Exact, price: Exact) -> Exact:
    """What falls when a price falls: the principal a share, which more may be than was paid."""
    principal = security.principal.value
    if principal is None:
        paid_back = quotient(security.cash.value or 0, shares)
        return plus(price, paid_back)
    return quotient(principal, shares)


def _penalty_shares(deal: Deal, base: Security) -> Exact | None:
    """Shares that come for nothing on top of a security; None where their number is not known.

    Where they name no security, nobody can tell whose price they lower.
    """
    found: list[Exact] = []
    for security in current_securities(deal):
        if security.kind.value != PENALTY:
            continue
        name = folded(security.sold_with.value)
        if name and name != folded(base.name.value):
            continue
        shares = common_shares(security)
        if shares is None or not name:
            return None
        found.append(shares)
    return total(found)


@exactly
def effective_price(unit: Unit, compared_with: Exact | None, gated: bool = True) -> Exact | None:
    """What the common stock of a unit is sold at once its warrants' value is taken out.

    `gated` tells whether warrants that only a vote makes exercisable have a value.
    """
    price, base_price = unit.price, unit.base_price
    if price is None or compared_with is None or base_price is None:
        return None
    price = minus(price, minus(base_price, unit.lowest_price or 0))
    for warrant, count, _ in unit.warrants:
        strike = warrant.exercise_price.value
        if strike is None or count is None:
            return None
        if not gated and warrant.first_exercisable.value == APPROVAL:
            continue
        price = warrants.effective_price(
            price, compared_with, strike, unit.coverage(count), lowest_exercise_price(warrant)
        ).number
    return price


@exactly
def unit_floor(unit: Unit, compared_with: Exact) -> Exact | None:
    """The lowest unit price at which the common stock of a unit is not discounted."""
    price = compared_with
    for warrant, count, _ in unit.warrants:
        strike = warrant.exercise_price.value
        if strike is None or count is None:
            return None
        one = warrants.unit_floor(
            compared_with, strike, unit.coverage(count), lowest_exercise_price(warrant)
        ).number
        price = plus(price, minus(one, compared_with))
    return price


@exactly
def lowest_effective_price(
    deal: Deal, compared_with: Exact | None, gated: bool = True
) -> Exact | None:
    """The lowest price at which common stock is, or can be, sold; None where it cannot be told."""
    prices = [effective_price(unit, compared_with, gated) for unit in units(deal)]
    prices += [lowest_exercise_price(warrant) for warrant in standing_alone(deal)]
    known = [price for price in prices if price is not None]
    if not known or len(known) < len(prices) or len(units(deal)) < len(bases(deal)):
        return None
    return min(known)


def lowest_strike(deal: Deal) -> Exact | None:
    """The lowest exercise price of all; a pre-funded warrant's is part of its price."""
    prices = [
        lowest_exercise_price(security)
        for security in current_securities(deal)
        if security.kind.value != PREFUNDED
    ]
    return min((price for price in prices if price is not None), default=None)


@exactly
def most_shares(security: Security) -> tuple[Exact | None, bool]:
    """The most common shares under a security, and whether no floor bounds them.

    A conversion price that can fall makes more shares for the same money (FAQ 182: the maximum).
    """
    shares, price = common_shares(security), paid_per_share(security)
    falling = security.adjustment.value in LOWERING
    if security.kind.value == WARRANT or security.kind.value in SHARES_ONLY:
        return shares, security.adjustment.value == "FUTUREPRICED"
    if not falling or shares is None:
        return shares, False
    if price is None:
        return None, False
    stated = conversion_price(security, shares, price)
    reached = lowest(security, stated)
    if not reached:
        return shares, True
    return max(shares, floor(quotient(times(shares, stated), reached))), False


def folded(text: str | None) -> str:
    """A name as names are compared: without regard to case and spacing."""
    return " ".join((text or "").casefold().split())
