"""The evaluation of a deal under Listing Rule 5635(d): what counts, over what, with which verdict.

Every figure is worked out by the rule that the worksheet function of the same subject calls, and
once a deal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from xl_compliance.deal import issuances
from xl_compliance.deal.issuances import Link, cluster, links, pairs, windows
from xl_compliance.deal.model import Deal, EarlierIssuance, Problem, Security, ShareClass, once
from xl_compliance.deal.payments import lowest_payment
from xl_compliance.deal.places import named
from xl_compliance.deal.references import (
    ON_THE_CLOSE,
    Price,
    Reference,
    reference,
    sessions_that_count,
    signed_on_the_other_side,
    splits_in_window,
)
from xl_compliance.deal.securities import (
    ASSUMED_AWARD,
    COMMON,
    CONVERTIBLE,
    EARN_OUT,
    LABELS,
    PENALTY,
    PREFUNDED,
    SHARES_ONLY,
    WARRANT,
    Unit,
    bases,
    common_shares,
    current_securities,
    effective_price,
    folded,
    lowest_effective_price,
    lowest_exercise_price,
    lowest_strike,
    most_shares,
    paid_per_share,
    standing_alone,
    unit_floor,
    units,
)
from xl_compliance.rules.exact import Exact, exactly, minus, times, total
from xl_compliance.rules.nasdaq import warrants
from xl_compliance.rules.nasdaq.private_placement import shareholder_approval
from xl_compliance.rules.outcome import NEEDS_INPUT, NOT_REQUIRED, REQUIRED, REVIEW, Outcome

VOTES_ONLY = "VOTES ONLY"
_WORST = "FUTUREPRICED"
_DECIDING_SHEETS = frozenset({"Deal", "Classes", "Prices", "Securities", "Purchasers", "Issuances"})


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

    @property
    def label(self) -> str:
        """What part of the issuance it is."""
        kind = self.security.kind.value
        if kind == WARRANT and self.outcome is not None:
            return "warrants that join" if self.counted is not False else "warrants left out"
        return LABELS.get(kind or "", "kind not given")

    @property
    def name(self) -> str:
        """The security, or where it stands."""
        return self.security.name.value or self.security.name.where


@dataclass(frozen=True, slots=True)
class Approval:
    """The verdict under Listing Rule 5635(d) with everything it rests on.

    `links` are all earlier issuances against this deal, `together` those that may be counted with
    it. `price` takes the value of every warrant out, `price_without_vote` of those only that need
    no vote to be exercisable.
    """

    verdict: str
    reason: str
    outcome: Outcome
    reference: Reference
    price: Exact | None
    price_without_vote: Exact | None
    components: tuple[Component, ...]
    links: tuple[Link, ...]
    together: tuple[Link, ...]

    @property
    def counted(self) -> tuple[Component, ...]:
        """The components that count, or may."""
        return tuple(part for part in self.components if part.counted is not False)


@dataclass(frozen=True, slots=True)
class Issued:
    """Shares that count, the class they are of, and the votes they have before they convert."""

    shares: Exact
    share_class: str | None = None
    votes: Exact | None = None


@dataclass(frozen=True, slots=True)
class Size:
    """What counts over what, as the rules take it: empty where it is not known."""

    issuable: tuple[Exact, ...]
    outstanding: tuple[Exact, ...]
    votes_issuable: tuple[Exact, ...] = ()
    votes_outstanding: tuple[Exact, ...] = ()


@once
@exactly
def approval(deal: Deal) -> Approval:
    """The verdict on the deal alone, and together with earlier issuances that may be linked.

    Shares whose count the rules leave open are counted and left out in turn; where that changes
    the verdict, the verdict is open too. NOT REQUIRED stands only where nothing that is not known
    might change it.
    """
    compared = reference(deal)
    price = lowest_effective_price(deal, compared.value)
    without_vote = lowest_effective_price(deal, compared.value, gated=False)
    parts = components(deal, compared.value, price)
    linked = cluster(deal)
    counted = [part for part in parts if part.counted is not False]
    sure = [part for part in parts if part.counted is True]

    strict = _verdict(deal, compared, price, counted)
    lenient = strict
    if len(sure) < len(counted) or without_vote != price:
        lenient = _verdict(deal, compared, without_vote, sure)
    together = _worst(
        [_verdict(deal, compared, price, counted, each) for each in windows(linked)], strict
    )
    waits = any(part.counted == NEEDS_INPUT for part in counted)
    word, reason = _settled(strict, lenient, together, waits)
    if word == NOT_REQUIRED:
        at_market = _verdict(deal, compared, price, None).value == NOT_REQUIRED
        doubt = _doubt(deal, compared, price, parts, at_market) or _left_open(deal, at_market)
        word, reason = (NEEDS_INPUT, doubt) if doubt else (word, reason)
    if word == NOT_REQUIRED:
        word, reason = _at_the_lowest_payment(deal, compared, price, parts) or (word, reason)
    elif word == REQUIRED and not _required_whatever_class(deal, compared, price, counted):
        word, reason = REVIEW, "20% of the votes or not: it turns on the class that is issued"
    other = signed_on_the_other_side(deal)
    if other is not None and word in (NOT_REQUIRED, REQUIRED):
        there = approval(other).verdict
        if there != word:
            word = NEEDS_INPUT if there == NEEDS_INPUT else REVIEW
            reason = f"{ON_THE_CLOSE}: {there} if signed {other.facts.signed_at.value}"
    return Approval(word, reason, strict, compared, price, without_vote, parts, links(deal), linked)


def _verdict(
    deal: Deal,
    compared: Reference,
    price: Exact | None,
    parts: Sequence[Component] | None,
    earlier: Sequence[Link] = (),
    votes_each: Exact | None = None,
) -> Outcome:
    """The rule's verdict; without `parts` it is told nothing of the size."""
    size = (
        Size((), _base(deal, earlier)) if parts is None else sized(deal, parts, earlier, votes_each)
    )
    signed = deal.facts.signed_at.value
    return shareholder_approval(
        # The rule in force cannot be picked without a signing date: no price settles anything.
        price if signed else None,
        compared.minimum_price.value,
        size.issuable,
        size.outstanding,
        votes_issuable=size.votes_issuable,
        votes_outstanding=size.votes_outstanding,
        public_offering=deal.facts.public_offering.value,
        signed_on=signed.day if signed else None,
        book_value=deal.facts.book_value.value if signed else None,
        closing_bid=compared.closing_bid.value if signed else None,
        lowest_exercise_price=lowest_strike(deal),
    )


@exactly
def sized(
    deal: Deal,
    parts: Iterable[Component],
    earlier: Sequence[Link] = (),
    votes_each: Exact | None = None,
) -> Size:
    """What these parts come to, with earlier issuances, over what; in shares and in votes."""
    issued = issuable(deal, parts, earlier)
    base = _base(deal, earlier)
    votes_issuable, votes_outstanding = _votes(deal, issued, base, earlier, votes_each)
    return Size(
        tuple(each.shares for each in issued), base, tuple(votes_issuable), tuple(votes_outstanding)
    )


_WEIGHT = {NOT_REQUIRED: 0, REVIEW: 1, NEEDS_INPUT: 2, REQUIRED: 3}


def _worst(outcomes: Sequence[Outcome], alone: Outcome) -> Outcome:
    return max(outcomes, key=lambda each: _WEIGHT[str(each.value)], default=alone)


def _settled(strict: Outcome, lenient: Outcome, together: Outcome, waits: bool) -> tuple[str, str]:
    alone = str(strict.value)
    if lenient.value != alone:
        reason = f"{alone} with the warrants counted, {lenient.value} without"
        waits = waits or NEEDS_INPUT in (alone, lenient.value)
        return (NEEDS_INPUT if waits else REVIEW), reason
    if alone != NOT_REQUIRED or together.value == NOT_REQUIRED:
        return alone, strict.reason
    reason = f"{alone} by itself, {together.value} together with a linked earlier issuance"
    return (NEEDS_INPUT if together.value == NEEDS_INPUT else REVIEW), reason


def _doubt(
    deal: Deal,
    compared: Reference,
    price: Exact | None,
    parts: Sequence[Component],
    at_market: bool,
) -> str:
    """What is not known and might turn NOT REQUIRED into something else; empty where nothing is."""
    unbounded = [part.security.floor for part in parts if part.unbounded and part.counted]
    if unbounded and not at_market and deal.facts.share_cap.value is None:
        return (
            f"without a floor in {named(unbounded)}, or a share cap in "
            f"{deal.facts.share_cap.where}, nothing bounds the number of shares"
        )
    loaded = _loaded_with_loose_warrants(deal, compared.value, price)
    if loaded is not None:
        joined = [p for p in components(deal, compared.value, loaded) if p.counted is not False]
        if _verdict(deal, compared, loaded, joined).value != NOT_REQUIRED:
            loose = named([warrant.sold_with for warrant in standing_alone(deal)])
            return f"warrants sold below their attributed value are part of no unit: fill {loose}"
    splits = splits_in_window(deal)
    if splits and at_market:
        return (
            f"a split in {named([row.split for row in splits])} lies among the sessions that "
            "count: enter the closes before it on the new shares, and clear the split"
        )
    return loose_ends(deal)


def _left_open(deal: Deal, at_market: bool) -> str:
    """What is left blank and might turn NOT REQUIRED into something else."""
    sales = deal.facts.insider_sales
    if sales.value is None and not at_market:
        return (
            "sales by officers, directors and 5% holders count with it and are not given: fill "
            f"{sales.where} (0 for none)"
        )
    if with_worst_adjustments(deal) is not deal and (
        approval(with_worst_adjustments(deal)).verdict != NOT_REQUIRED
    ):
        return unstated_adjustments(deal)
    return ""


@once
def loose_ends(deal: Deal) -> str:
    """What could not be read, or names something that is not there; empty where nothing does.

    It might be a part of the deal, so that no answer of no rests on the rest alone.
    """
    unread = [problem for problem in deal.problems if problem.sheet in _DECIDING_SHEETS]
    if unread:
        return f"something could not be read: {', '.join(_place(problem) for problem in unread)}"
    known = {folded(deal.facts.transaction.value), ""}
    known |= {folded(row.transaction.value) for row in deal.issuances}
    elsewhere = [
        row.transaction for row in deal.securities if folded(row.transaction.value) not in known
    ]
    if elsewhere:
        return f"{named(elsewhere)} is neither this transaction nor an earlier issuance"
    names = {folded(security.name.value) for security in current_securities(deal)}
    bought = [row.security for row in deal.purchasers if folded(row.security.value) not in names]
    if bought:
        return f"{named(bought)} is no security of this transaction"
    return ""


def _unstated(security: Security) -> bool:
    priced = security.kind.value != COMMON and security.kind.value not in SHARES_ONLY
    return priced and security.adjustment.value is None


@once
def unstated_adjustments(deal: Deal) -> str:
    """Where it is not stated whether a price can fall."""
    places = [each.adjustment for each in current_securities(deal) if _unstated(each)]
    return (
        f"whether a price can fall is not stated: fill {named(places)} (NONE where it cannot), "
        "because it might (FAQ 277)"
    )


@once
def with_worst_adjustments(deal: Deal) -> Deal:
    """The deal if every price could fall of which it is not stated; the same deal where all are."""
    current = set(map(id, current_securities(deal)))
    if not any(_unstated(security) for security in current_securities(deal)):
        return deal
    securities = tuple(
        replace(security, adjustment=replace(security.adjustment, value=_WORST))
        if id(security) in current and _unstated(security)
        else security
        for security in deal.securities
    )
    return replace(deal, securities=securities)


def _at_the_lowest_payment(
    deal: Deal, compared: Reference, price: Exact | None, parts: Sequence[Component]
) -> tuple[str, str] | None:
    """Open, where the price is that of all purchasers and one of them pays too little."""
    lowest = lowest_payment(deal)
    if lowest is None or price is None or compared.value is None:
        return None
    own = minus(price, lowest.below)
    joined = [part for part in components(deal, compared.value, own) if part.counted is not False]
    if _verdict(deal, compared, own, joined).value == NOT_REQUIRED:
        return None
    return REVIEW, f"{lowest.who} pays less than the others: at that price it is not at market"


def _place(problem: Problem) -> str:
    return f"{problem.sheet}!{problem.address}" if problem.address else problem.sheet


def _loaded_with_loose_warrants(
    deal: Deal, compared_with: Exact | None, price: Exact | None
) -> Exact | None:
    """The price of the stock if warrants that name no unit were part of it.

    What such a warrant is sold for below its attributed value would be taken out of the price;
    None where each is sold for at least that value.
    """
    if compared_with is None or price is None or not bases(deal):
        return None
    loaded = price
    for warrant in standing_alone(deal):
        strike, paid = warrant.exercise_price.value, paid_per_share(warrant)
        if strike is None or paid is None:
            continue
        lowest = lowest_exercise_price(warrant)
        value = warrants.warrant_value(compared_with, strike, lowest).number
        if paid < value:
            loaded = minus(loaded, minus(value, paid))
    return loaded if loaded < price else None


# ---------------------------------------------------------------- what is counted


@exactly
def components(
    deal: Deal, compared_with: Exact | None, price: Exact | None
) -> tuple[Component, ...]:
    """The shares of each security; warrants join as FAQ 278 has it.

    One that replaces another may be a new issuance or the old one on other terms: that is open.
    """
    discounted = None if price is None or compared_with is None else price < compared_with
    found = []
    for security in current_securities(deal):
        shares, unbounded = most_shares(security)
        if security.kind.value != WARRANT or not bases(deal):
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
        if counted is True and security.replaces.value:
            counted = REVIEW
        found.append(Component(security, shares, counted, outcome, unbounded))
    return tuple(found)


@exactly
def issuable(
    deal: Deal, parts: Iterable[Component], earlier: Sequence[Link] = ()
) -> tuple[Issued, ...]:
    """The shares that count, within the agreement's cap; none at all where one is not known."""
    found: list[Issued] = []
    cap = deal.facts.share_cap.value
    for part in parts:
        if part.shares is None:
            return ()
        found.append(
            Issued(part.shares, part.security.share_class.value, _own_votes(deal, part.security))
        )
    if cap is not None and total(each.shares for each in found) > cap:
        own = [each.votes for each in found if each.votes is not None]
        found = [Issued(cap, None, total(own) if own else None)]
    sold = deal.facts.insider_sales.value
    if sold:
        found.append(Issued(sold))
    for link in earlier:
        shares = link.issuance.issuable.value
        if shares is None:
            return ()
        found.append(Issued(shares))
    return tuple(found)


def _own_votes(deal: Deal, security: Security) -> Exact | None:
    """The votes of a security as it is issued; None where nothing is said of any.

    More of a class that only votes has the votes of that class.
    """
    each, quantity = security.votes_each.value, security.quantity.value
    if each is None:
        issued = folded(security.share_class.value)
        of_class = [
            row.votes_per_share.value
            for row in deal.classes
            if row.counts_as.value == VOTES_ONLY and folded(row.name.value) == issued
        ]
        each = of_class[0] if of_class else None
    return None if each is None or quantity is None else times(each, quantity)


# ---------------------------------------------------------------- over what


@once
def common_classes(deal: Deal) -> tuple[ShareClass, ...]:
    """The classes of common stock: those that only vote are no part of the shares."""
    return tuple(row for row in deal.classes if row.counts_as.value != VOTES_ONLY)


@once
def outstanding(deal: Deal) -> tuple[Exact, ...]:
    """The classes of common stock outstanding; none at all where one of them is not known."""
    counts = [row.outstanding.value for row in common_classes(deal)]
    known = tuple(count for count in counts if count is not None)
    return known if len(known) == len(counts) else ()


def _base(deal: Deal, earlier: Sequence[Link]) -> tuple[Exact, ...]:
    """Before the first closing that is counted."""
    if not earlier:
        return outstanding(deal)
    counts = _before_the_first(deal, earlier)
    if counts is None:
        return outstanding(deal)
    return _least(row.outstanding_before.value for row in counts)


def _before_the_first(deal: Deal, earlier: Sequence[Link]) -> list[EarlierIssuance] | None:
    """The issuances that closed first, several where they closed on one day.

    None where this deal closes before all of them; empty where a closing date is not known.
    """
    days = {id(link.issuance): link.issuance.closing.value for link in earlier}
    known = [day for day in days.values() if day is not None]
    if len(known) < len(days):
        return []
    this = deal.facts.closing_date.value
    if this is not None and this < min(known):
        return None
    return [link.issuance for link in earlier if link.issuance.closing.value == min(known)]


def _votes(
    deal: Deal,
    issued: Sequence[Issued],
    base: Sequence[Exact],
    earlier: Sequence[Link],
    votes_each: Exact | None,
) -> tuple[Sequence[Exact], Sequence[Exact]]:
    """The votes issuable and outstanding.

    Both are empty where the rule itself can tell, or cannot: one class, or votes not given. One
    alone is given where several classes stood behind a single count before an earlier closing:
    the rule then takes the votes as not known.
    """
    counts = _before_the_first(deal, earlier) if earlier else None
    own = any(each.votes for each in issued)
    before = votes_before(deal) if counts is None else _votes_before_the_first(counts)
    per_class = _votes_per_share(deal)
    if own and not before and len(deal.classes) < 2:
        one = next((row.votes_per_share.value for row in deal.classes), None) or 1
        before, per_class = tuple(times(count, one) for count in base), {"": one}
    if counts is not None and not before:
        return ((), base) if len(deal.classes) > 1 else ((), ())
    if not before or not (per_class or earlier or own):
        return (), ()
    most = max(per_class.values(), default=1)
    any_class = most if votes_each is None else votes_each
    votes = [
        times(each.shares, per_class.get(folded(each.share_class), any_class)) for each in issued
    ]
    # Until it converts a security may have more votes than the stock it converts into.
    pairs_of = zip(votes, issued, strict=True)
    return [max(after, each.votes or 0) for after, each in pairs_of], before


def _votes_before_the_first(counts: Sequence[EarlierIssuance]) -> tuple[Exact, ...]:
    return _least(row.votes_before.value for row in counts)


def _least(counts: Iterable[Exact | None]) -> tuple[Exact, ...]:
    """The least of several counts; empty where one is not known."""
    every = list(counts)
    known = [count for count in every if count is not None]
    return (min(known),) if known and len(known) == len(every) else ()


@once
@exactly
def votes_before(deal: Deal) -> tuple[Exact, ...]:
    """The votes of each class; empty where one is not known or one class alone says nothing."""
    if len(deal.classes) < 2:
        return ()
    found = []
    for row in deal.classes:
        count, votes = row.outstanding.value, row.votes_per_share.value
        if count is None or votes is None:
            return ()
        found.append(times(count, votes))
    return tuple(found)


def _votes_per_share(deal: Deal) -> dict[str, Exact]:
    """The votes of a share of each class of common stock, where every one is known."""
    found = {
        folded(row.name.value) or row.name.where: row.votes_per_share.value
        for row in common_classes(deal)
    }
    known = {name: votes for name, votes in found.items() if votes is not None}
    return known if len(known) == len(common_classes(deal)) else {}


@exactly
def votes_of_a_share(deal: Deal, security: Security) -> Exact:
    """The votes of a share of the class issued; the most of any class where that is not given."""
    per_class = _votes_per_share(deal)
    stated = [row.votes_per_share.value for row in common_classes(deal)]
    most = max((votes for votes in stated if votes is not None), default=1)
    return per_class.get(folded(security.share_class.value), most)


def _required_whatever_class(
    deal: Deal, compared: Reference, price: Exact | None, counted: Sequence[Component]
) -> bool:
    """Whether the votes of every class of common stock that might be issued reach the line."""
    votes = _votes_per_share(deal).values()
    if not votes or min(votes) == max(votes):
        return True
    return _verdict(deal, compared, price, counted, (), min(votes)).value == REQUIRED


__all__ = [
    "ASSUMED_AWARD",
    "COMMON",
    "CONVERTIBLE",
    "EARN_OUT",
    "PENALTY",
    "PREFUNDED",
    "SHARES_ONLY",
    "WARRANT",
    "Approval",
    "Component",
    "Link",
    "Price",
    "Reference",
    "Unit",
    "approval",
    "bases",
    "common_shares",
    "components",
    "current_securities",
    "effective_price",
    "folded",
    "issuances",
    "lowest_effective_price",
    "lowest_exercise_price",
    "outstanding",
    "paid_per_share",
    "pairs",
    "reference",
    "sessions_that_count",
    "splits_in_window",
    "unit_floor",
    "units",
]
