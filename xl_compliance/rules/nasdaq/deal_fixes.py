"""Ways out of a vote: what would have to change so that 5635(d) no longer requires approval.

Every way is found by putting the changed terms to the same rules again, and carries the terms it
leads to, so that it can be proved: it reaches its verdict, and one tick less does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from xl_compliance.rules.dates import months_later
from xl_compliance.rules.exact import (
    Exact,
    ceiling,
    exactly,
    minus,
    plain,
    plus,
    quotient,
    times,
    total,
)
from xl_compliance.rules.nasdaq import warrants as warrant_rules
from xl_compliance.rules.nasdaq.issuance_size import exchange_cap
from xl_compliance.rules.nasdaq.private_placement import shareholder_approval
from xl_compliance.rules.outcome import (
    NOT_REQUIRED,
    REQUIRED,
    REVIEW,
    Fact,
    Outcome,
    Step,
    headroom,
    note,
)
from xl_compliance.rules.parameters import rules_in

RULE: Final = rules_in("nasdaq/deal_fixes")["NASDAQ-DEAL-FIXES"]
TICK: Final = RULE["tick"]

RAISE_PRICE: Final = "RAISE UNIT PRICE"
RAISE_BOTH: Final = "RAISE UNIT AND EXERCISE PRICE"
CAP: Final = "CAP SHARES"
DEFER: Final = "DEFER EXERCISE"
RAISE_STRIKE: Final = "RAISE EXERCISE PRICE"
DEFER_AND_RAISE: Final = "DEFER AND RAISE EXERCISE PRICE"
VOTE: Final = "SEEK THE VOTE"

AS_IT_STANDS: Final = "AS IT STANDS"
SHARES_LEFT: Final = "SHARES LEFT BEFORE A VOTE"
ABOVE_FLOOR: Final = "CENTS ABOVE UNIT FLOOR"
SHORT_OF_FLOOR: Final = "CENTS SHORT OF UNIT FLOOR"

_CENTS: Final = 100
# Not an empty text: LibreOffice does not keep one as the stored result of a formula.
_NONE: Final = "-"
_TAKES: Final = {
    RAISE_PRICE: "per share with its warrants: the common stock is then not discounted (FAQ 279)",
    RAISE_BOTH: "unit price, and exercise price: neither is then below the price compared with",
    CAP: "most shares of this deal for its whole life; capped shares do not vote on lifting it",
    DEFER: "first day of exercise: the warrant shares are then not counted (FAQ 278)",
    RAISE_STRIKE: "exercise price and the floor of its adjustments (FAQ 277 to 279)",
    DEFER_AND_RAISE: "first day of exercise, and exercise price (FAQ 278)",
    VOTE: "shareholder approval before the securities are issued",
}


@dataclass(frozen=True, slots=True)
class Warrants:
    """Warrants for so many shares; `lowest` is the lowest price an adjustment could lead to."""

    shares: Exact
    exercise_price: Exact
    lowest: Exact
    first_exercisable: date | str | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """Shares sold at a price each, and the warrants that this price pays for as well."""

    shares: Exact
    price: Exact
    warrants: tuple[Warrants, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """What decides under Listing Rule 5635(d).

    `alone` are warrants in no unit, `beside` shares that count and set no price, `issued` those of
    earlier issuances counted together; `cap` is the most shares the agreement lets issue.
    """

    units: tuple[Unit, ...]
    compared_with: Exact
    outstanding: tuple[Exact, ...]
    closing: date | None = None
    alone: tuple[Warrants, ...] = ()
    beside: Exact = 0
    issued: Exact = 0
    votes_outstanding: tuple[Exact, ...] = ()
    votes_per_new_share: Exact | None = None
    public_offering: Fact = None
    cap: Exact | None = None

    @property
    def warrants(self) -> tuple[Warrants, ...]:
        """All warrants, those of the units first."""
        return (*(warrant for unit in self.units for warrant in unit.warrants), *self.alone)


@dataclass(frozen=True, slots=True)
class Fix:
    """One way: the figure it asks for, a second one where it has two, and where it leads."""

    way: str
    to: Exact | date | None
    second: Exact | None
    verdict: str
    terms: Terms

    @property
    def takes(self) -> str:
        """What the figures are."""
        return _TAKES[self.way]


@exactly
def effective_price(unit: Unit, compared_with: Exact) -> Exact:
    """What one share of the unit is sold at once its warrants' value is taken out (FAQ 279)."""
    return plus(compared_with, minus(unit.price, unit_floor(unit, compared_with)))


@exactly
def unit_floor(unit: Unit, compared_with: Exact) -> Exact:
    """The lowest price of the unit at which the common stock in it is not discounted.

    >>> from decimal import Decimal as D
    >>> unit_floor(Unit(1, D("1.5"), (Warrants(1, D("1.43"), D("1.43")),)), D("1.44"))
    Decimal('1.575')
    """
    floor = compared_with
    for each in unit.warrants:
        one = warrant_rules.unit_floor(
            compared_with, each.exercise_price, quotient(each.shares, unit.shares), each.lowest
        ).number
        floor = plus(floor, minus(one, compared_with))
    return floor


@exactly
def lowest_price(terms: Terms) -> Exact:
    """The lowest price at which common stock is sold under the terms."""
    prices = [effective_price(unit, terms.compared_with) for unit in terms.units]
    return min([*prices, *(each.lowest for each in terms.alone)])


@exactly
def counted_shares(terms: Terms) -> Exact:
    """The shares of this deal that count; warrants join as FAQ 278 has it."""
    discounted = lowest_price(terms) < terms.compared_with
    shares = [terms.beside, *(unit.shares for unit in terms.units)]
    for each in terms.warrants:
        joins = not terms.units or (
            warrant_rules.shares_aggregated(
                terms.closing, each.first_exercisable, terms.compared_with, each.lowest, discounted
            ).value
            is not False
        )
        shares.append(each.shares if joins else 0)
    counted = total(shares)
    return counted if terms.cap is None else min(counted, terms.cap)


@exactly
def verdict(terms: Terms) -> Outcome:
    """The verdict under Listing Rule 5635(d) on these terms, by the rule of private placements."""
    counted = plus(counted_shares(terms), terms.issued)
    votes: tuple[Exact, ...] = ()
    if terms.votes_per_new_share is not None:
        votes = (times(counted, terms.votes_per_new_share),)
    strikes = [each.lowest for each in terms.warrants]
    return shareholder_approval(
        max(lowest_price(terms), 0),
        terms.compared_with,
        [counted],
        terms.outstanding,
        votes_issuable=votes,
        votes_outstanding=terms.votes_outstanding,
        public_offering=terms.public_offering,
        lowest_exercise_price=min(strikes, default=None),
    )


@exactly
def shares_left(terms: Terms) -> int:
    """How many more shares the deal could issue without reaching 20% of shares or votes."""
    return _cap(replace(terms, issued=plus(terms.issued, counted_shares(terms))))


def _cap(terms: Terms) -> int:
    cap = exchange_cap(
        terms.outstanding,
        [terms.issued] if terms.issued else [],
        votes_outstanding=terms.votes_outstanding,
        votes_per_new_share=terms.votes_per_new_share,
    ).number
    return ceiling(cap)


@exactly
def fixes(terms: Terms) -> tuple[Fix, ...]:
    """Every way out, with its figure; none where approval is not required as it stands."""
    if verdict(terms).value != REQUIRED:
        return ()
    found = [fix for make in _WAYS for fix in make(terms)]
    if any(fix.way in (DEFER, RAISE_STRIKE) and fix.verdict == NOT_REQUIRED for fix in found):
        found = [fix for fix in found if fix.way != DEFER_AND_RAISE]
    if any(fix.way == RAISE_PRICE and fix.verdict == NOT_REQUIRED for fix in found):
        found = [fix for fix in found if fix.way != RAISE_BOTH]
    return (*found, Fix(VOTE, None, None, REQUIRED, terms))


def _reaching(
    way: str, to: Exact | date, changed: Terms, second: Exact | None = None
) -> Iterator[Fix]:
    word = verdict(changed).value
    assert isinstance(word, str)
    if word in (NOT_REQUIRED, REVIEW):
        yield Fix(way, to, second, word, changed)


def _raise_price(terms: Terms) -> Iterator[Fix]:
    changed = _at_their_floors(terms)
    if changed is not None:
        yield from _reaching(RAISE_PRICE, max(_raised(terms, changed)), changed)


def _raise_both(terms: Terms) -> Iterator[Fix]:
    """Exercise prices at the price compared with, then unit prices at their floors."""
    strike = _up(terms.compared_with)
    dearer = _with_strikes(terms, strike)
    changed = _at_their_floors(dearer)
    if changed is not None and terms.warrants and verdict(dearer).value == REQUIRED:
        price = max(_raised(terms, changed))
        yield from _reaching(RAISE_BOTH, price, changed, strike)


def _at_their_floors(terms: Terms) -> Terms | None:
    """Every discounted unit at its floor; None where no unit is discounted."""
    floors = [_up(unit_floor(unit, terms.compared_with)) for unit in terms.units]
    raised = tuple(
        replace(unit, price=max(unit.price, floor))
        for unit, floor in zip(terms.units, floors, strict=True)
    )
    return None if raised == terms.units else replace(terms, units=raised)


def _raised(terms: Terms, changed: Terms) -> Sequence[Exact]:
    pairs = zip(terms.units, changed.units, strict=True)
    return [after.price for before, after in pairs if after.price != before.price]


def _cap_shares(terms: Terms) -> Iterator[Fix]:
    most = _cap(terms)
    if most > 0:
        yield from _reaching(CAP, most, replace(terms, cap=most))


def _defer(terms: Terms) -> Iterator[Fix]:
    day = _first_day(terms)
    if day is not None and terms.warrants:
        yield from _reaching(DEFER, day, _exercisable_from(terms, day))


def _raise_strike(terms: Terms) -> Iterator[Fix]:
    yield from _least_strike(RAISE_STRIKE, terms, lambda changed: changed)


def _defer_and_raise(terms: Terms) -> Iterator[Fix]:
    day = _first_day(terms)
    if day is None:
        return
    for fix in _least_strike(
        DEFER_AND_RAISE, terms, lambda changed: _exercisable_from(changed, day)
    ):
        assert not isinstance(fix.to, date)
        yield replace(fix, to=day, second=fix.to)


def _least_strike(way: str, terms: Terms, also: Callable[[Terms], Terms]) -> Iterator[Fix]:
    """The least exercise price, in ticks, that reaches the best verdict any of them can."""
    if not terms.warrants:
        return
    tick = TICK.on().value
    low = ceiling(quotient(min(each.lowest for each in terms.warrants), tick))
    high = ceiling(quotient(terms.compared_with, tick))
    if low >= high:
        return

    def at(ticks: int) -> Terms:
        return also(_with_strikes(terms, times(ticks, tick)))

    best = verdict(at(high)).value
    while high - low > 1:
        middle = (low + high) // 2
        if verdict(at(middle)).value == best:
            high = middle
        else:
            low = middle
    yield from _reaching(way, times(high, tick), at(high))


def _with_strikes(terms: Terms, least: Exact) -> Terms:
    def raised(each: Warrants) -> Warrants:
        return replace(
            each,
            exercise_price=max(each.exercise_price, least),
            lowest=max(each.lowest, least),
        )

    return _changed(terms, raised)


def _exercisable_from(terms: Terms, day: date) -> Terms:
    def deferred(each: Warrants) -> Warrants:
        if isinstance(each.first_exercisable, date) and each.first_exercisable >= day:
            return each
        return replace(each, first_exercisable=day)

    return _changed(terms, deferred)


def _changed(terms: Terms, change: Callable[[Warrants], Warrants]) -> Terms:
    return replace(
        terms,
        units=tuple(
            replace(unit, warrants=tuple(map(change, unit.warrants))) for unit in terms.units
        ),
        alone=tuple(map(change, terms.alone)),
    )


def _first_day(terms: Terms) -> date | None:
    if terms.closing is None:
        return None
    return months_later(terms.closing, int(warrant_rules.NOT_EXERCISABLE.on().value))


def _up(price: Exact) -> Exact:
    """The price, or the next tick above it."""
    tick = TICK.on().value
    return times(ceiling(quotient(price, tick)), tick)


_WAYS: Final = (_raise_price, _raise_both, _cap_shares, _defer, _raise_strike, _defer_and_raise)
Row = tuple[str, Exact | date | str, Exact | str, str, str]
HEADERS: Final = ("Way", "To", "And", "Approval then", "What it takes")


@exactly
def table(terms: Terms) -> Outcome:
    """The headroom of the terms and every way out, as rows under headers.

    >>> from decimal import Decimal as D
    >>> rows = table(Terms((Unit(1_000_000, D("9.99")),), 10, (5_000_000,))).value
    >>> [(row[0], str(row[1])) for row in rows[4:]]
    [('RAISE UNIT PRICE', '10.0000'), ('CAP SHARES', '999999'), ('SEEK THE VOTE', '-')]
    """
    now = verdict(terms)
    word = str(now.value)
    rows: list[Row] = [
        (
            AS_IT_STANDS,
            counted_shares(terms),
            max(lowest_price(terms), 0),
            word,
            "shares counted, and what the common stock is sold at",
        ),
        (
            SHARES_LEFT,
            shares_left(terms),
            _NONE,
            _NONE,
            "without reaching the line in shares or votes",
        ),
    ]
    gap = min((_gap(unit, terms.compared_with) for unit in terms.units), default=0)
    rows.append(
        (
            ABOVE_FLOOR if gap >= 0 else SHORT_OF_FLOOR,
            times(gap if gap >= 0 else minus(0, gap), _CENTS),
            _NONE,
            _NONE,
            "cents per unit: Minimum Price and the warrants' value (FAQ 279)",
        )
    )
    found = fixes(terms)
    rows += [
        (
            fix.way,
            _NONE if fix.to is None else fix.to,
            _NONE if fix.second is None else fix.second,
            fix.verdict,
            fix.takes,
        )
        for fix in found
    ]

    def working() -> Iterator[Step]:
        yield Step("Effective price", lowest_price(terms), f"< {plain(terms.compared_with)}")
        yield Step("Shares counted", counted_shares(terms))
        yield Step("Verdict as it stands", word, "", now.thresholds[0].source)
        yield headroom("Shares left before a vote", shares_left(terms))
        for fix in found:
            yield Step(fix.way.capitalize(), fix.to, fix.verdict, RULE.source)
        yield note("each way was put to the rule again; one tick less does not reach its verdict")

    return Outcome(
        (HEADERS, *rows),
        f"{word} as it stands; {max(len(found) - 1, 0)} ways out besides the vote",
        (*now.thresholds, TICK.on()),
        working,
    )


def _gap(unit: Unit, compared_with: Exact) -> Exact:
    return minus(unit.price, unit_floor(unit, compared_with))
