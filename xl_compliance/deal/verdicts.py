"""A deal under the rules beside Listing Rule 5635(d): (a), (b), (c), director rights, notice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from xl_compliance.deal.evaluation import (
    Component,
    approval,
    loose_ends,
    outstanding,
    sized,
    unstated_adjustments,
    votes_before,
    votes_of_a_share,
    with_worst_adjustments,
)
from xl_compliance.deal.issuances import Link, windows
from xl_compliance.deal.model import Deal, Purchaser, Security, once
from xl_compliance.deal.payments import paid_below_the_average, unit_of
from xl_compliance.deal.references import ON_THE_CLOSE, reference, signed_on_the_other_side
from xl_compliance.deal.securities import (
    ASSUMED_AWARD,
    COMMON,
    CONVERTIBLE,
    PENALTY,
    WARRANT,
    Unit,
    common_shares,
    current_securities,
    effective_price,
    folded,
    lowest_effective_price,
    lowest_exercise_price,
    lowest_strike,
    most_shares,
)
from xl_compliance.rules.exact import Exact, exactly, minus, plus, quotient, times, total
from xl_compliance.rules.nasdaq import (
    acquisition,
    change_of_control,
    director_rights,
    equity_compensation,
    listing_notice,
)
from xl_compliance.rules.outcome import (
    NEEDS_INPUT,
    NOT_REQUIRED,
    REVIEW,
    UNKNOWN,
    Fact,
    Outcome,
    RuleError,
)

ACQUISITION = "ACQUISITION"
# A holder of 5% is no recipient of equity compensation by that alone.
_NO_RECIPIENT = frozenset({"NONE", "SUBSTANTIAL SHAREHOLDER"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """A word with its reason, and the outcome of the rule behind it."""

    word: str
    reason: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Stake:
    """What an investor, with its group, has after the deal; None where it is not known."""

    name: str
    rows: tuple[Purchaser, ...]
    shares: Exact | None
    base: Exact | None
    outcome: Outcome
    votes_known: bool = True
    votes: Exact | None = None
    all_votes: Exact | None = None


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale to one purchaser, at the lowest price it can reach against the closing bid."""

    purchaser: Purchaser | None
    price: Exact | None
    outcome: Outcome


def _decided(decide: Callable[..., Outcome], *arguments: Any) -> Outcome:
    """The rule's outcome; figures that contradict each other need input."""
    try:
        return decide(*arguments)
    except RuleError as problem:
        return Outcome(NEEDS_INPUT, str(problem))


# ---------------------------------------------------------------- (a) acquisitions


@once
@exactly
def acquisition_verdict(deal: Deal) -> Verdict:
    """Listing Rule 5635(a) on everything issuable, alone and with linked earlier issuances."""
    facts = deal.facts
    parts = approval(deal).components
    every = [_decided_acquisition(deal, parts, ())]
    every += [_decided_acquisition(deal, parts, each) for each in windows(approval(deal).together)]
    alone = every[0]
    word = str(alone.value)
    reason = alone.reason
    if word == NOT_REQUIRED and any(each.value != NOT_REQUIRED for each in every):
        together = next(each for each in every if each.value != NOT_REQUIRED)
        word = NEEDS_INPUT if together.value == NEEDS_INPUT else REVIEW
        reason = f"{alone.value} by itself, {together.value} with a linked earlier issuance"
    if word == NOT_REQUIRED and _without_bound(deal, parts):
        word, reason = NEEDS_INPUT, "nothing bounds the number of shares"
    kind = facts.deal_kind.value
    if word == NOT_REQUIRED and kind in (None, ACQUISITION):
        doubt = _doubt(deal, lambda worst: acquisition_verdict(worst).word == NOT_REQUIRED)
        word, reason = (NEEDS_INPUT, doubt) if doubt else (word, reason)
    if kind is None and word != NOT_REQUIRED:
        return Verdict(
            NEEDS_INPUT, f"whether it is an acquisition is not given; {word} if it is", alone
        )
    if kind not in (None, ACQUISITION):
        return Verdict(NOT_REQUIRED, f"stated to be no acquisition: {kind.lower()}", alone)
    return Verdict(word, reason, alone)


def _doubt(deal: Deal, still_no: Callable[[Deal], bool]) -> str:
    """What might turn a no into something else: what was not read, and prices that might fall."""
    worst = with_worst_adjustments(deal)
    if worst is not deal and not still_no(worst):
        return unstated_adjustments(deal)
    return loose_ends(deal)


def _decided_acquisition(
    deal: Deal, parts: Sequence[Component], earlier: Sequence[Link]
) -> Outcome:
    facts, size = deal.facts, sized(deal, parts, earlier)
    return _decided(
        acquisition.shareholder_approval,
        size.issuable,
        size.outstanding,
        size.votes_issuable,
        size.votes_outstanding,
        facts.insider_interest.value,
        facts.insiders_together_interest.value,
        facts.public_offering.value,
    )


def _without_bound(deal: Deal, parts: Sequence[Component]) -> bool:
    return deal.facts.share_cap.value is None and any(part.unbounded for part in parts)


# ---------------------------------------------------------------- (b) change of control


@once
@exactly
def stakes(deal: Deal) -> tuple[Stake, ...]:
    """What each investor, with its group, could own after the deal, in shares and in votes."""
    names = dict.fromkeys(_investor(row) for row in deal.purchasers)
    return tuple(
        _stake(deal, tuple(row for row in deal.purchasers if _investor(row) == name))
        for name in names
        if name
    )


def _investor(row: Purchaser) -> str:
    return folded(row.group.value) or folded(row.name.value)


def _stake(deal: Deal, rows: tuple[Purchaser, ...]) -> Stake:
    name = rows[0].group.value or rows[0].name.value or rows[0].name.where
    bought = [(_security(deal, row), row) for row in rows]
    shares = [_bought_shares(security, row) for security, row in bought]
    held, rights = _before(rows, "held_before"), _before(rows, "rights_before")
    known = [each for each in (*shares, held, rights) if each is not None]
    base = _base_after(deal, bought, rights)
    owned = total(known)
    other = deal.facts.largest_other.value
    complete = len(known) == len(shares) + 2
    others = _bought_by_nobody(deal)
    if base is None or (not complete and not _large(owned, base)):
        outcome = _decided(
            change_of_control.change_of_control, (), () if base is None else (base,), other
        )
        return Stake(name, rows, None, base, outcome)
    outcome = _decided(change_of_control.change_of_control, (owned,), (base,), other)
    doubt = _whose(deal, owned, base, others)
    if outcome.value == change_of_control.NOT_PRESUMED and doubt:
        return Stake(name, rows, owned, base, outcome._replace(value=NEEDS_INPUT, reason=doubt))
    own_votes = any(each.votes_each.value for each in current_securities(deal))
    if not votes_before(deal) and not (own_votes and len(deal.classes) == 1):
        known_votes = len(deal.classes) == 1 or not _votes_differ(deal)
        return Stake(name, rows, owned, base, outcome, known_votes)
    by_votes = _votes_after(deal, rows, bought, other)
    if by_votes is None or others:
        return Stake(name, rows, owned, base, outcome, votes_known=False)
    decided, votes, all_votes = by_votes
    graver = decided if decided.value == REVIEW else outcome
    return Stake(name, rows, owned, base, graver, votes=votes, all_votes=all_votes)


def _bought_by_nobody(deal: Deal) -> tuple[tuple[Security, Exact | None], ...]:
    """Securities, or what is left of them, of which no purchaser is given; None without bound."""
    found = []
    for security in current_securities(deal):
        if security.kind.value == ASSUMED_AWARD:
            continue
        name, quantity = folded(security.name.value), security.quantity.value
        rows = [row for row in deal.purchasers if folded(row.security.value) == name]
        bought = [row.bought.value for row in rows]
        sold = total(each for each in bought if each is not None)
        if quantity is not None and quantity <= sold and None not in bought:
            continue
        most, unbounded = most_shares(security)
        shares = None if most is None or unbounded or not quantity else most
        if shares is not None and quantity is not None:
            shares = times(shares, quotient(minus(quantity, sold), quantity))
        found.append((security, shares))
    return tuple(found)


def _whose(
    deal: Deal, owned: Exact, base: Exact, others: Sequence[tuple[Security, Exact | None]]
) -> str:
    """Whether securities without a purchaser could take this investor to the line."""
    shares = [each for _, each in others if each is not None]
    issued = [each for row, each in others if each is not None and row.kind.value != COMMON]
    bounded = len(shares) == len(others)
    if bounded and not _large(plus(owned, total(shares)), plus(base, total(issued))):
        return _doubt(deal, _none_presumed)
    names = " and ".join(row.name.value or row.name.where for row, _ in others)
    return f"below the line, but who buys {names}, or how much of it, is not given"


def _none_presumed(deal: Deal) -> bool:
    return {stake.outcome.value for stake in stakes(deal)} == {change_of_control.NOT_PRESUMED}


def _large(owned: Exact, base: Exact) -> bool:
    return change_of_control.PRESUMPTION.on().met_by(owned, base)


def _votes_differ(deal: Deal) -> bool:
    votes = {row.votes_per_share.value for row in deal.classes}
    return len(votes) > 1 or None in votes


def _votes_after(
    deal: Deal,
    rows: Sequence[Purchaser],
    bought: Sequence[tuple[Security | None, Purchaser]],
    other: Exact | None,
) -> tuple[Outcome, Exact, Exact] | None:
    """By votes: the outcome, what was held before and is bought, and all votes after.

    A share has the votes of the class that is issued, or the most of any where that is not given;
    a security those it has before it converts, where they are more.
    """
    before = _before(rows, "votes_before")
    if before is None and len(deal.classes) == 1:
        before = _before(rows, "held_before")
    outstanding_votes = total(votes_before(deal) or outstanding(deal))
    gained = [_votes_bought(deal, security, row) for security, row in bought]
    if before is None or not outstanding_votes or None in gained:
        return None
    own = plus(before, total(each for each in gained if each is not None))
    others = [
        _votes_issued(deal, security, common_shares(security) or 0, security.quantity.value or 0)
        for security in current_securities(deal)
        if security.kind.value == COMMON
    ]
    rights = [
        votes or 0
        for votes, (security, _) in zip(gained, bought, strict=True)
        if security is not None and security.kind.value != COMMON
    ]
    base = total([outstanding_votes, *others, *rights])
    outcome = _decided(change_of_control.change_of_control, (own,), (base,), other)
    return outcome, own, base


def _votes_bought(deal: Deal, security: Security | None, row: Purchaser) -> Exact | None:
    shares = _bought_shares(security, row)
    if security is None or shares is None or row.bought.value is None:
        return None
    return _votes_issued(deal, security, shares, row.bought.value)


def _votes_issued(deal: Deal, security: Security, shares: Exact, quantity: Exact) -> Exact:
    return max(
        times(shares, votes_of_a_share(deal, security)),
        times(quantity, security.votes_each.value or 0),
    )


def _security(deal: Deal, row: Purchaser) -> Security | None:
    name = folded(row.security.value)
    return next((s for s in current_securities(deal) if folded(s.name.value) == name), None)


def _bought_shares(security: Security | None, row: Purchaser) -> Exact | None:
    """At most, where a falling conversion price makes more; None where nothing bounds it."""
    if security is None or row.bought.value is None or not security.quantity.value:
        return None
    most, unbounded = most_shares(security)
    if most is None or unbounded:
        return None
    return times(row.bought.value, quotient(most, security.quantity.value))


def _before(rows: Sequence[Purchaser], key: str) -> Exact | None:
    """What the purchasers of a group had before; each says it in one of its rows."""
    given = [row for row in rows if getattr(row, key).value is not None]
    said = {folded(row.name.value) for row in given}
    if said != {folded(row.name.value) for row in rows}:
        return None
    return total(getattr(row, key).value for row in given)


def _base_after(
    deal: Deal, bought: Sequence[tuple[Security | None, Purchaser]], rights: Exact | None
) -> Exact | None:
    """Outstanding before, what is issued at closing, and this investor's own rights."""
    if not outstanding(deal):
        return None
    return total([*outstanding(deal), _issued_at_closing(deal, bought), rights or 0])


def _issued_at_closing(deal: Deal, bought: Sequence[tuple[Security | None, Purchaser]]) -> Exact:
    issued = [
        common_shares(security) or 0
        for security in current_securities(deal)
        if security.kind.value == COMMON
    ]
    own = [
        _bought_shares(security, row) or 0
        for security, row in bought
        if security is not None and security.kind.value != COMMON
    ]
    return plus(total(issued), total(own))


# ---------------------------------------------------------------- (c) equity compensation


@once
@exactly
def sales(deal: Deal) -> tuple[Sale, ...]:
    """Sales to those who are, or may be, directors, officers, employees or consultants."""
    return _open_on_the_close(deal, _sales(deal))


def _sales(deal: Deal) -> tuple[Sale, ...]:
    bid = reference(deal).closing_bid.value
    public: Fact = deal.facts.public_offering.value
    if not deal.purchasers:
        price = lowest_effective_price(deal, bid)
        convertible, strike = _convertible(deal), lowest_strike(deal)
        return (Sale(None, price, _compensation(price, bid, None, public, convertible, strike)),)
    found: dict[tuple[str, str], Sale] = {}
    for row in deal.purchasers:
        if row.relationship.value in _NO_RECIPIENT:
            continue
        unit = unit_of(deal, row)
        price, convertible = _sold_at(deal, row, unit, bid)
        if price is not None:
            price = minus(price, paid_below_the_average(deal, row, unit))
        outcome = _compensation(
            price, bid, row.relationship.value, public, convertible, _strike_of(unit)
        )
        of = folded(unit.base.name.value if unit else row.security.value)
        found.setdefault((folded(row.name.value), of), Sale(row, price, outcome))
    return tuple(found.values())


def _open_on_the_close(deal: Deal, every: tuple[Sale, ...]) -> tuple[Sale, ...]:
    """Each sale, open where the other side of the close has another answer."""
    other = signed_on_the_other_side(deal)
    if other is None:
        return every
    return tuple(
        sale
        if sale.outcome.value == there.outcome.value
        else replace(
            sale,
            outcome=sale.outcome._replace(
                value=REVIEW, reason=f"{ON_THE_CLOSE}: {there.outcome.value} on the other side"
            ),
        )
        for sale, there in zip(every, _sales(other), strict=True)
    )


def _compensation(
    price: Exact | None,
    bid: Exact | None,
    recipient: str | None,
    public: Fact,
    convertible: bool,
    strike: Exact | None,
) -> Outcome:
    return _decided(
        equity_compensation.shareholder_approval,
        None if price is None else max(price, 0),
        bid,
        recipient,
        public,
        convertible,
        strike,
    )


def _strike_of(unit: Unit | None) -> Exact | None:
    """The lowest exercise price of the warrants in a unit."""
    if unit is None:
        return None
    prices = [lowest_exercise_price(warrant) for warrant, _, _ in unit.warrants]
    return min((price for price in prices if price is not None), default=None)


def _convertible(deal: Deal) -> bool:
    return any(security.kind.value == CONVERTIBLE for security in current_securities(deal))


def _sold_at(
    deal: Deal, row: Purchaser, unit: Unit | None, bid: Exact | None
) -> tuple[Exact | None, bool]:
    """The lowest price the insider's common stock can reach; a lone warrant's is its strike."""
    if unit is not None:
        return effective_price(unit, bid), unit.base.kind.value == CONVERTIBLE
    security = _security(deal, row)
    if security is None:
        return None, False
    if security.kind.value == PENALTY:
        return 0, False
    if security.kind.value == WARRANT:
        return lowest_exercise_price(security), True
    return None, False


# ---------------------------------------------------------------- directors and notice


@once
@exactly
def director_verdict(deal: Deal) -> Outcome | None:
    """FAQ 292 on the stated rights; None where nothing is stated on them."""
    facts = deal.facts
    given = (facts.designees, facts.board_size, facts.investor_votes, facts.minimum_ownership)
    if all(entry.value is None for entry in given) or facts.designees.value == 0:
        return None
    return _decided(
        director_rights.rights,
        facts.designees.value,
        _given(facts.investor_votes.value),
        _given(facts.total_votes.value),
        facts.board_size.value,
        facts.minimum_ownership.value,
        facts.step_down.value,
        _given(facts.investor_votes_now.value),
        _given(facts.total_votes_now.value),
    )


def _given(value: Exact | None) -> tuple[Exact, ...]:
    return () if value is None else (value,)


@once
@exactly
def notice(deal: Deal) -> Outcome:
    """Whether Nasdaq must be notified of the additional shares (LAS)."""
    parts = approval(deal).components
    outcome = _notified(deal, parts)
    if outcome.value != NOT_REQUIRED:
        return outcome
    doubt = _doubt(deal, lambda worst: notice(worst).value == NOT_REQUIRED)
    if _without_bound(deal, parts):
        doubt = "nothing bounds the number of shares"
    return outcome._replace(value=NEEDS_INPUT, reason=doubt) if doubt else outcome


def _notified(deal: Deal, parts: Sequence[Component]) -> Outcome:
    size = sized(deal, parts)
    return _decided(
        listing_notice.notification,
        size.issuable,
        size.outstanding,
        size.votes_issuable,
        size.votes_outstanding,
        _control_may_change(deal),
        _insider_acquisition(deal),
        deal.facts.unapproved_equity_plan.value,
    )


def _control_may_change(deal: Deal) -> Fact:
    """What (b) says of all investors: no, open, or not known."""
    words = {str(stake.outcome.value) for stake in stakes(deal)}
    if REVIEW in words:
        return UNKNOWN
    known = words == {change_of_control.NOT_PRESUMED}
    return False if known and all(stake.votes_known for stake in stakes(deal)) else None


@exactly
def _insider_acquisition(deal: Deal) -> Fact:
    facts = deal.facts
    if facts.deal_kind.value not in (None, ACQUISITION):
        return False
    one, together = facts.insider_interest.value, facts.insiders_together_interest.value
    if one is not None and acquisition.INTEREST.on().met_by(one, 1):
        return True
    if together is not None and acquisition.TOGETHER.on().met_by(together, 1):
        return True
    return False if one is not None and together is not None else None


@once
def latest_notice(deal: Deal) -> date | None:
    """The last day on which the notice is in time; None without a closing date."""
    closing = deal.facts.closing_date.value
    if closing is None:
        return None
    day = listing_notice.latest_notice(closing).value
    assert isinstance(day, date)
    return day
