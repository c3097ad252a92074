"""What a deal's securities come to: units, effective prices, and the shares that count.

Every figure is worked out by the rule that the worksheet function of the same subject calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xl_compliance.deal.model import Deal, EarlierIssuance, Problem, Security
from xl_compliance.deal.places import named
from xl_compliance.rules.exact import Exact, exactly, floor, minus, plus, quotient, times, total
from xl_compliance.rules.nasdaq import minimum_price, warrants
from xl_compliance.rules.nasdaq.adjustments import LOWERING, lowest_price
from xl_compliance.rules.nasdaq.aggregation import NOT_AGGREGATED, aggregation
from xl_compliance.rules.nasdaq.private_placement import (
    price_compared_with,
    shareholder_approval,
)
from xl_compliance.rules.outcome import (
    NEEDS_INPUT,
    NOT_REQUIRED,
    REQUIRED,
    REVIEW,
    Fact,
    Outcome,
    RuleError,
)
from xl_compliance.rules.parameters import Threshold
from xl_compliance.rules.sec.conversion import converted_shares

COMMON = "COMMON"
CONVERTIBLE = "CONVERTIBLE"
WARRANT = "WARRANT"


@dataclass(frozen=True, slots=True)
class Price:
    """A price that a rule worked out, or why it could not."""

    value: Exact | None
    outcome: Outcome | None
    problem: str


@dataclass(frozen=True, slots=True)
class Reference:
    """What an issuance is compared with, under the rule of its signing date."""

    value: Exact | None
    regime: Threshold
    minimum_price: Price
    closing_bid: Price


@dataclass(frozen=True, slots=True)
class Unit:
    """A common or convertible security and the warrants sold with it."""

    base: Security
    shares: Exact
    base_price: Exact | None
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
            parts.append(times(quotient(count, self.shares), paid))
        return total(parts)

    def coverage(self, count: Exact) -> Exact:
        """Warrants per common share."""
        return quotient(count, self.shares)


@dataclass(frozen=True, slots=True)
class Component:
    """Shares of one security, and whether they are counted with the issuance.

    `unbounded` says that a falling price makes more of them without end.
    """

    security: Security
    shares: Exact | None
    counted: bool | str
    outcome: Outcome | None = None
    unbounded: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """An earlier issuance and whether it is counted together with this one."""

    issuance: EarlierIssuance
    outcome: Outcome

    @property
    def apart(self) -> bool:
        """Whether it is stated not to be aggregated."""
        return self.outcome.value == NOT_AGGREGATED


@dataclass(frozen=True, slots=True)
class Approval:
    """The verdict under Listing Rule 5635(d) with everything it rests on."""

    verdict: str
    reason: str
    outcome: Outcome
    reference: Reference
    price: Exact | None
    components: tuple[Component, ...]
    links: tuple[Link, ...]


def current_securities(deal: Deal) -> tuple[Security, ...]:
    """The securities of this transaction: those of no other."""
    name = folded(deal.facts.transaction.value)
    return tuple(
        security for security in deal.securities if folded(security.transaction.value) in ("", name)
    )


def common_shares(security: Security) -> Exact | None:
    """The common shares under a security; None where a number is not given."""
    quantity, ratio = security.quantity.value, security.ratio.value
    if ratio is None and security.kind.value in (COMMON, WARRANT):
        ratio = 1
    if quantity is None or ratio is None:
        return None
    return converted_shares(quantity, ratio).number


def paid_per_share(security: Security) -> Exact | None:
    """What was paid for each common share under a security; None where it is not given.

    0 is a payment only for a warrant, whose price may be part of the unit's.
    """
    shares, paid = common_shares(security), security.paid.value
    if paid is None or not shares or (paid == 0 and security.kind.value != WARRANT):
        return None
    return quotient(paid, shares)


def lowest_exercise_price(security: Security) -> Exact | None:
    """The lowest price at which a warrant could be exercised."""
    price = security.exercise_price.value
    return None if price is None else _lowest(security, price)


def _lowest(security: Security, price: Exact) -> Exact:
    """No adjustment given is read as none; the checks say so."""
    adjustment = security.adjustment.value
    if adjustment is None:
        return price
    return lowest_price(price, adjustment, security.floor.value).number


@exactly
def units(deal: Deal) -> tuple[Unit, ...]:
    """The common and convertible securities of the deal with the warrants sold with each."""
    securities = current_securities(deal)
    found = []
    for base in securities:
        shares = common_shares(base)
        if base.kind.value not in (COMMON, CONVERTIBLE) or not shares:
            continue
        with_it = tuple(
            (warrant, common_shares(warrant), paid_per_share(warrant))
            for warrant in securities
            if warrant.kind.value == WARRANT
            and folded(warrant.sold_with.value) == folded(base.name.value)
        )
        found.append(Unit(base, shares, paid_per_share(base), with_it))
    return tuple(found)


def reference(deal: Deal) -> Reference:
    """The price this issuance is compared with."""
    signed = deal.facts.signed_at.value
    lowest = _price(minimum_price.minimum_price, deal, "close")
    bid = _price(minimum_price.market_value, deal, "bid")
    value, regime = price_compared_with(
        lowest.value, signed.day if signed else None, deal.facts.book_value.value, bid.value
    )
    if signed is None:
        return Reference(None, regime, lowest, bid)
    return Reference(value, regime, lowest, bid)


def _price(work_out: Any, deal: Deal, key: str) -> Price:
    """A price from the rows that have one; a session without it is missed by its date.

    The sheet takes its rows in any order, so prices without dates say nothing here.
    """
    rows = [row for row in deal.prices if getattr(row, key).value is not None]
    undated = [row.day for row in rows if row.day.value is None]
    if undated:
        return Price(None, None, f"the dates in {named(undated)} are not given")
    prices = [getattr(row, key).value for row in rows]
    try:
        outcome = work_out(prices, [row.day.value for row in rows], deal.facts.signed_at.value)
    except RuleError as problem:
        return Price(None, None, str(problem))
    return Price(outcome.number, outcome, "")


@exactly
def effective_price(unit: Unit, compared_with: Exact | None) -> Exact | None:
    """What the common stock of a unit is sold at once its warrants' value is taken out."""
    price, base_price = unit.price, unit.base_price
    if price is None or compared_with is None or base_price is None:
        return None
    price = minus(price, minus(base_price, _lowest(unit.base, base_price)))
    for warrant, count, _ in unit.warrants:
        strike = warrant.exercise_price.value
        if strike is None or count is None:
            return None
        price = warrants.effective_price(
            price, compared_with, strike, unit.coverage(count), lowest_exercise_price(warrant)
        ).number
    return price


@exactly
def unit_floor(unit: Unit, compared_with: Exact) -> Exact | None:
    """The lowest unit price at which the common stock of a unit is not discounted."""
    floor = compared_with
    for warrant, count, _ in unit.warrants:
        strike = warrant.exercise_price.value
        if strike is None or count is None:
            return None
        one = warrants.unit_floor(
            compared_with, strike, unit.coverage(count), lowest_exercise_price(warrant)
        ).number
        floor = plus(floor, minus(one, compared_with))
    return floor


@exactly
def approval(deal: Deal) -> Approval:
    """The verdict on the deal alone, and together with earlier issuances that may be linked.

    Shares whose count the rules leave open are counted and left out in turn; where that changes
    the verdict, the verdict is open too. NOT REQUIRED stands only where nothing that is not known
    might change it.
    """
    compared = reference(deal)
    price = lowest_effective_price(deal, compared.value)
    parts = components(deal, compared.value, price)
    found_links = links(deal)
    counted = [part for part in parts if part.counted is not False]
    sure = [part for part in parts if part.counted is True]
    linked = [link for link in found_links if not link.apart]

    def verdict(of: Sequence[Component], earlier: Sequence[Link] = ()) -> Outcome:
        issuable, base = _issuable(of, earlier), _base(earlier, _outstanding(deal))
        return _approval(deal, compared, price, issuable, base)

    strict = verdict(counted)
    lenient = verdict(sure) if len(sure) < len(counted) else strict
    together = verdict(counted, linked) if linked else strict
    waits = any(part.counted == NEEDS_INPUT for part in counted)
    word, reason = _settled(strict, lenient, together, waits)
    if word == NOT_REQUIRED:
        doubt = _doubt(deal, compared, price, parts)
        word, reason = (NEEDS_INPUT, doubt) if doubt else (word, reason)
    elif word == REQUIRED and not _required_whatever_class(deal, compared, price, counted):
        word, reason = REVIEW, "20% of the votes or not: it turns on the class that is issued"
    return Approval(word, reason, strict, compared, price, parts, found_links)


def _doubt(deal: Deal, compared: Reference, price: Exact | None, parts: Sequence[Component]) -> str:
    """What is not known and might turn NOT REQUIRED into something else; empty where nothing is."""
    base = _outstanding(deal)
    unbounded = [part.security.floor for part in parts if part.unbounded and part.counted]
    if unbounded and _approval(deal, compared, price, (), base).value != NOT_REQUIRED:
        return f"without a floor in {named(unbounded)} nothing bounds the number of shares"
    loaded = _loaded_with_loose_warrants(deal, compared.value, price)
    if loaded is not None:
        joined = [p for p in components(deal, compared.value, loaded) if p.counted is not False]
        if _approval(deal, compared, loaded, _issuable(joined, ()), base).value != NOT_REQUIRED:
            loose = named([warrant.sold_with for warrant in _standing_alone(deal)])
            return f"warrants sold below their attributed value are part of no unit: fill {loose}"
    unread = [problem for problem in deal.problems if problem.sheet in _DECIDING_SHEETS]
    if unread:
        return f"something could not be read: {', '.join(_place(problem) for problem in unread)}"
    return ""


_DECIDING_SHEETS = frozenset({"Deal", "Classes", "Prices", "Securities", "Purchasers", "Issuances"})


def _place(problem: Problem) -> str:
    return f"{problem.sheet}!{problem.address}" if problem.address else problem.sheet


def _loaded_with_loose_warrants(
    deal: Deal, compared_with: Exact | None, price: Exact | None
) -> Exact | None:
    """The price of the stock if warrants that name no unit were part of it.

    What such a warrant is sold for below its attributed value would be taken out of the price;
    None where each is sold for at least that value.
    """
    if compared_with is None or price is None or not _bases(deal):
        return None
    loaded = price
    for warrant in _standing_alone(deal):
        strike, paid = warrant.exercise_price.value, paid_per_share(warrant)
        if strike is None or paid is None:
            continue
        lowest = lowest_exercise_price(warrant)
        value = warrants.warrant_value(compared_with, strike, lowest).number
        if paid < value:
            loaded = minus(loaded, minus(value, paid))
    return loaded if loaded < price else None


def _required_whatever_class(
    deal: Deal, compared: Reference, price: Exact | None, counted: Sequence[Component]
) -> bool:
    """Whether the votes of every class of common stock that might be issued reach the line."""
    votes = _votes_per_share(deal)
    if not votes or min(votes) == max(votes):
        return True
    base = _outstanding(deal)
    fewest = _approval(deal, compared, price, _issuable(counted, ()), base, min(votes))
    return fewest.value == REQUIRED


def _settled(strict: Outcome, lenient: Outcome, together: Outcome, waits: bool) -> tuple[str, str]:
    alone = str(strict.value)
    if lenient.value != alone:
        reason = f"{alone} with the warrant shares counted, {lenient.value} without"
        waits = waits or NEEDS_INPUT in (alone, lenient.value)
        return (NEEDS_INPUT if waits else REVIEW), reason
    if alone != NOT_REQUIRED or together.value == NOT_REQUIRED:
        return alone, strict.reason
    reason = f"{alone} by itself, {together.value} together with a linked earlier issuance"
    return (NEEDS_INPUT if together.value == NEEDS_INPUT else REVIEW), reason


def _approval(
    deal: Deal,
    compared: Reference,
    price: Exact | None,
    issuable: Sequence[Exact],
    outstanding: Sequence[Exact],
    votes_per_new_share: Exact | None = None,
) -> Outcome:
    signed = deal.facts.signed_at.value
    votes_issuable, votes_outstanding = _votes(deal, issuable, outstanding, votes_per_new_share)
    return shareholder_approval(
        # The rule in force cannot be picked without a signing date: no price settles anything.
        price if signed else None,
        compared.minimum_price.value,
        issuable,
        outstanding,
        votes_issuable=votes_issuable,
        votes_outstanding=votes_outstanding,
        public_offering=deal.facts.public_offering.value,
        signed_on=signed.day if signed else None,
        book_value=deal.facts.book_value.value if signed else None,
        closing_bid=compared.closing_bid.value if signed else None,
        lowest_exercise_price=_lowest_of_all(deal),
    )


def _votes(
    deal: Deal,
    issuable: Sequence[Exact],
    outstanding: Sequence[Exact],
    votes_per_new_share: Exact | None,
) -> tuple[Sequence[Exact], Sequence[Exact]]:
    """The votes issuable and outstanding, at the most votes that a share issued could have.

    Both are empty where the rule itself can tell, or cannot: one class, or votes not given. One
    alone is given where several classes stood behind a single count before an earlier closing:
    the rule then takes the votes as not known.
    """
    if len(deal.classes) > 1 and len(outstanding) == 1:
        return (), outstanding
    per_class = _votes_per_share(deal)
    if not per_class or len(outstanding) != len(per_class):
        return (), ()
    each = max(per_class) if votes_per_new_share is None else votes_per_new_share
    return (
        [times(shares, each) for shares in issuable],
        [times(shares, votes) for shares, votes in zip(outstanding, per_class, strict=True)],
    )


def _votes_per_share(deal: Deal) -> Sequence[Exact]:
    """The votes of each class; none at all where one is not known or there is one class only."""
    votes = [row.votes_per_share.value for row in deal.classes]
    known = [vote for vote in votes if vote is not None]
    return known if len(known) == len(votes) > 1 else ()


def lowest_effective_price(deal: Deal, compared_with: Exact | None) -> Exact | None:
    """The lowest price at which common stock is, or can be, sold; None where it cannot be told."""
    prices = [effective_price(unit, compared_with) for unit in units(deal)]
    prices += [lowest_exercise_price(warrant) for warrant in _standing_alone(deal)]
    known = [price for price in prices if price is not None]
    if not known or len(known) < len(prices) or len(units(deal)) < len(_bases(deal)):
        return None
    return min(known)


def _bases(deal: Deal) -> list[Security]:
    return [s for s in current_securities(deal) if s.kind.value != WARRANT]


def _standing_alone(deal: Deal) -> list[Security]:
    """Warrants that are part of no unit: their exercise price is what the stock is sold at."""
    names = {folded(base.name.value) for base in _bases(deal)}
    return [
        security
        for security in current_securities(deal)
        if security.kind.value == WARRANT and folded(security.sold_with.value) not in names
    ]


def _lowest_of_all(deal: Deal) -> Exact | None:
    prices = [lowest_exercise_price(security) for security in current_securities(deal)]
    return min((price for price in prices if price is not None), default=None)


def components(
    deal: Deal, compared_with: Exact | None, price: Exact | None
) -> tuple[Component, ...]:
    """The shares of each security; warrants join as FAQ 278 has it."""
    bases = _bases(deal)
    discounted = None if price is None or compared_with is None else price < compared_with
    found = []
    for security in current_securities(deal):
        shares, unbounded = _most_shares(security)
        if security.kind.value != WARRANT or not bases:
            found.append(Component(security, shares, True, None, unbounded))
            continue
        outcome = warrants.shares_aggregated(
            deal.facts.closing_date.value,
            security.first_exercisable.value,
            compared_with,
            lowest_exercise_price(security),
            discounted,
        )
        counted = outcome.value
        assert isinstance(counted, (bool, str))
        found.append(Component(security, shares, counted, outcome, unbounded))
    return tuple(found)


def _most_shares(security: Security) -> tuple[Exact | None, bool]:
    """The most common shares under a security, and whether no floor bounds them.

    A conversion price that can fall makes more shares for the same money (FAQ 182: the maximum).
    """
    shares, price = common_shares(security), paid_per_share(security)
    falling = security.adjustment.value in LOWERING
    if security.kind.value == WARRANT:
        return shares, security.adjustment.value == "FUTUREPRICED"
    if not falling or shares is None:
        return shares, False
    if price is None:
        return None, False
    lowest = _lowest(security, price)
    if not lowest:
        return shares, True
    return max(shares, floor(quotient(times(shares, price), lowest))), False


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
    """TRUE where the investor's name stands among the purchasers; else what is stated.

    A name that is not there shows nothing: affiliates have names of their own.
    """
    names = {folded(purchaser.name.value) for purchaser in deal.purchasers} - {""}
    if folded(earlier.investor.value) in names:
        return True
    fact: Fact = earlier.common_investors.value
    return fact


def _issuable(counted: Sequence[Component], earlier: Sequence[Link]) -> Sequence[Exact]:
    """The shares of each component; none at all where one of them is not known."""
    shares = [part.shares for part in counted]
    shares += [link.issuance.issuable.value for link in earlier]
    known = [number for number in shares if number is not None]
    return known if len(known) == len(shares) else ()


def _base(earlier: Sequence[Link], outstanding: Sequence[Exact]) -> Sequence[Exact]:
    """Before the first closing that is counted."""
    if not earlier:
        return outstanding
    closings = [link.issuance.closing.value for link in earlier]
    known = [closing for closing in closings if closing is not None]
    if len(known) < len(closings):
        return ()
    before = earlier[known.index(min(known))].issuance.outstanding_before.value
    return () if before is None else (before,)


def _outstanding(deal: Deal) -> Sequence[Exact]:
    """The classes outstanding; none at all where one of them is not known."""
    counts = [row.outstanding.value for row in deal.classes]
    known = [count for count in counts if count is not None]
    return known if len(known) == len(counts) else ()


def folded(text: str | None) -> str:
    """A name as names are compared: without regard to case and spacing."""
    return " ".join((text or "").casefold().split())
