"""Figures that somebody else worked out: ours beside them, and which mistake explains theirs.

A stated figure is compared at the decimals it is stated with. Where it is wrong, the mistakes seen
in practice are made on purpose, one by one and in pairs, until one of them gives it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from xl_compliance.deal.evaluation import (
    VOTES_ONLY,
    Component,
    approval,
    common_classes,
    outstanding,
    sized,
)
from xl_compliance.deal.model import Deal, PriceRow, Security, StatedFigure, once
from xl_compliance.deal.references import reference, sessions_that_count, splits_in_window
from xl_compliance.deal.securities import (
    CONVERTIBLE,
    SHARES_ONLY,
    WARRANT,
    common_shares,
    current_securities,
    folded,
    unit_floor,
    units,
)
from xl_compliance.rules.exact import (
    Exact,
    exactly,
    floor,
    minus,
    plus,
    quotient,
    rounded_half_up,
    times,
    total,
)
from xl_compliance.rules.nasdaq.minimum_price import SESSIONS_AVERAGED, last_close_time
from xl_compliance.rules.nasdaq.private_placement import SIZE
from xl_compliance.rules.sessions import OutsideCalendar, calendar

# The checks that name a mistake; NDQ024 is for what none of them explains.
IN_DENOMINATOR = "NDQ016"
LISTED_ONLY = "NDQ017"
WARRANTS_LEFT_OUT = "NDQ018"
CONSOLIDATED = "NDQ019"
SIGNING_DAY = "NDQ020"
SHORT_AVERAGE = "NDQ021"
LATER_BASE = "NDQ022"
PERCENTAGES_ADDED = "NDQ023"
OTHER = "NDQ024"

_WHOLE_PERCENTAGES = 2


@dataclass(frozen=True, slots=True)
class Mistake:
    """A figure as a mistake would have it, and the check that names the mistake."""

    code: str
    said: str
    value: Exact


@dataclass(frozen=True, slots=True)
class Comparison:
    """A stated figure beside ours. `right` is None where ours is not known.

    `mistakes` are those that give the stated figure; empty where it agrees or none does.
    """

    stated: StatedFigure
    right: Exact | None
    agrees: bool
    mistakes: tuple[Mistake, ...] = ()

    @property
    def code(self) -> str:
        """The check that reports it."""
        return self.mistakes[0].code if self.mistakes else OTHER


@once
@exactly
def comparisons(deal: Deal) -> tuple[Comparison, ...]:
    """Every stated figure beside ours."""
    return tuple(_compared(deal, row) for row in deal.stated if row.stated.value is not None)


def _compared(deal: Deal, row: StatedFigure) -> Comparison:
    work_out = _FIGURES.get(row.figure.value or "")
    right = None if work_out is None else work_out(deal, row)
    stated = row.stated.value
    assert stated is not None
    if right is None:
        return Comparison(row, None, agrees=False)
    if stated_alike(right, stated):
        return Comparison(row, right, agrees=True)
    explain = _MISTAKES.get(row.figure.value or "", _no_mistake)
    found = [each for each in explain(deal, row) if stated_alike(each.value, stated)]
    # One that gives the figure exactly explains it better than one that gives it rounded.
    found.sort(key=lambda each: each.value != stated)
    return Comparison(row, right, False, tuple(found))


def stated_alike(value: Exact, stated: Exact) -> bool:
    """Whether a figure is stated so: rounded to the decimals given, and on its side of 20%.

    A spreadsheet keeps no zeros at the end, so a fraction is stated to a whole percentage at least.

    >>> stated_alike(Fraction(1, 3), Decimal("0.3333")), stated_alike(5, 6)
    (True, False)
    >>> stated_alike(Decimal("0.199999"), Decimal("0.2"))
    False
    """
    exponent = stated.as_tuple().exponent if isinstance(stated, Decimal) else 0
    places = max(-exponent if isinstance(exponent, int) else 0, 0)
    line = SIZE.on().value
    if stated < 1:
        places = max(places, _WHOLE_PERCENTAGES)
    across = value < 1 and (value >= line) != (stated >= line)
    return rounded_half_up(value, places) == stated and not across


def _no_mistake(deal: Deal, row: StatedFigure) -> Iterator[Mistake]:
    yield from ()


# ---------------------------------------------------------------- prices


def _minimum_price(deal: Deal, row: StatedFigure) -> Exact | None:
    """Ours; where a split lies among the sessions, on the new shares."""
    if splits_in_window(deal):
        days = sessions_that_count(deal.facts.signed_at.value)
        return _lower(_adjusted(deal, days)) if days else None
    return reference(deal).minimum_price.value


def _market_value(deal: Deal, row: StatedFigure) -> Exact | None:
    return reference(deal).closing_bid.value


def _price_mistakes(deal: Deal, row: StatedFigure) -> Iterator[Mistake]:
    signed = deal.facts.signed_at.value
    days = sessions_that_count(signed)
    if signed is None or not days:
        return
    closes = _closes(deal, days, "close")
    if splits_in_window(deal) and closes:
        yield Mistake(
            SHORT_AVERAGE, "the average runs across a split, on old and new shares", _lower(closes)
        )
    others = _closes(deal, days, "consolidated")
    if others:
        yield Mistake(
            CONSOLIDATED, "the consolidated close stands for the Official Close", _lower(others)
        )
        yield Mistake(CONSOLIDATED, "it is the last consolidated close", others[-1])
    yield from _signing_day(deal, signed.day, signed.time is not None, days)
    for count in range(2, len(closes)):
        short = closes[-count:]
        average = quotient(total(short), count)
        said = f"the average is of {count} sessions, not {len(days)}"
        yield Mistake(SHORT_AVERAGE, said, min(average, closes[-1]))
        yield Mistake(SHORT_AVERAGE, said, average)
    if closes:
        average = quotient(total(closes), len(closes))
        yield Mistake(OTHER, "it is the average where the last close is lower", average)
        yield Mistake(OTHER, "it is the last close where the average is lower", closes[-1])
    bid = reference(deal).closing_bid.value
    if bid is not None:
        yield Mistake(OTHER, "it is the closing bid, which 5635(c) looks at", bid)


def _signing_day(deal: Deal, day: date, timed: bool, days: Sequence[date]) -> Iterator[Mistake]:
    """As if signed after the close, for a deal that was signed before it."""
    try:
        sessions = calendar("NASDAQ")
        if not sessions.is_session(day) or day in days:
            return
        window = sessions.ending_at(day, int(SESSIONS_AVERAGED.on().value))
        close = last_close_time(sessions, day).strftime("%H:%M")
    except OutsideCalendar:
        return
    closes = _closes(deal, window, "close")
    said = f"the signing day's close counts only for a deal signed at or after {close}"
    if closes:
        yield Mistake(SIGNING_DAY, said, _lower(closes))
    last = _closes(deal, [day], "close")
    if last:
        yield Mistake(SIGNING_DAY, said, last[0])


def _closes(deal: Deal, days: Sequence[date], key: str) -> list[Exact]:
    """The prices of these sessions; none at all where one is missing."""
    rows = {row.day.value: row for row in deal.prices}
    found = [getattr(rows[day], key).value if day in rows else None for day in days]
    known = [price for price in found if price is not None]
    return known if len(known) == len(found) else []


def _adjusted(deal: Deal, days: Sequence[date]) -> list[Exact]:
    """The closes on the shares as they are after every split."""
    closes = _closes(deal, days, "close")
    rows: Sequence[PriceRow] = splits_in_window(deal)
    found = []
    for day, close in zip(days, closes, strict=False):
        for row in rows:
            if row.day.value is not None and row.split.value and day < row.day.value:
                close = times(close, row.split.value)
        found.append(close)
    return found


def _lower(closes: Sequence[Exact]) -> Exact:
    return min(closes[-1], quotient(total(closes), len(closes)))


# ---------------------------------------------------------------- size


def _outstanding(deal: Deal, row: StatedFigure) -> Exact | None:
    return total(outstanding(deal)) if outstanding(deal) else None


def _issuable(deal: Deal, row: StatedFigure) -> Exact | None:
    size = sized(deal, approval(deal).counted)
    return total(size.issuable) if size.issuable else None


def _percentage(deal: Deal, row: StatedFigure) -> Exact | None:
    part, whole = _issuable(deal, row), _outstanding(deal, row)
    return None if part is None or whole is None else quotient(part, whole)


def _aggregated(deal: Deal, row: StatedFigure) -> Exact | None:
    """With every issuance that may be counted together, over the count before the first."""
    answer = approval(deal)
    size = sized(deal, answer.counted, answer.together)
    if not size.issuable or not size.outstanding:
        return None
    return quotient(total(size.issuable), total(size.outstanding))


def _numerators(deal: Deal) -> Iterator[Mistake]:
    """What was taken for the numerator, the right one first."""
    parts = approval(deal).components
    shares = [(part, part.shares) for part in parts if part.shares is not None]
    if len(shares) < len(parts):
        return
    counted = total(size for part, size in shares if part.counted is not False)
    yield Mistake("", "", counted)
    for part, size in shares:
        if part.security.kind.value == WARRANT and part.counted is not False:
            yield Mistake(
                WARRANTS_LEFT_OUT, f"{part.name} is left out: {_why(part)}", minus(counted, size)
            )
    every = [part.name for part, _ in shares if part.security.kind.value == WARRANT]
    warrants = total(
        size
        for part, size in shares
        if part.security.kind.value == WARRANT and part.counted is not False
    )
    if len(every) > 1:
        said = f"{' and '.join(every)} are left out, though exercisable within six months"
        yield Mistake(WARRANTS_LEFT_OUT, said, minus(counted, warrants))
    left_out = [(part, size) for part, size in shares if part.security.kind.value in SHARES_ONLY]
    for part, size in left_out:
        yield Mistake(OTHER, f"{part.name} ({part.label}) is left out", minus(counted, size))
    yield Mistake(
        OTHER, "warrant shares that are not counted are in it", total(size for _, size in shares)
    )


def _why(part: Component) -> str:
    return part.outcome.reason if part.outcome else "a warrant counts where nothing else is sold"


def _denominators(deal: Deal) -> Iterator[Mistake]:
    """What was taken for the denominator, the right one first."""
    base = _whole(deal)
    if base is None:
        return
    yield Mistake("", "", base)
    extras = _convertibles(deal)
    for name, shares in extras:
        yield Mistake(IN_DENOMINATOR, f"{name} is counted as outstanding", plus(base, shares))
    if len(extras) > 1:
        names = " and ".join(name for name, _ in extras)
        said = f"{names} are counted as outstanding"
        yield Mistake(IN_DENOMINATOR, said, plus(base, total(shares for _, shares in extras)))
    listed = [row for row in common_classes(deal) if row.listed.value is True]
    if listed and len(listed) < len(common_classes(deal)):
        counts = [row.outstanding.value or 0 for row in listed]
        said = f"only the listed class {listed[0].name.value} is in it (FAQ 288: all classes)"
        yield Mistake(LISTED_ONLY, said, total(counts))
    part = _part(deal)
    if part is not None:
        yield Mistake(OTHER, "it is over the count after the deal", plus(base, part))


def _whole(deal: Deal) -> Exact | None:
    return total(outstanding(deal)) if outstanding(deal) else None


def _part(deal: Deal) -> Exact | None:
    size = sized(deal, approval(deal).counted)
    return total(size.issuable) if size.issuable else None


def _convertibles(deal: Deal) -> list[tuple[str, Exact]]:
    """What converts into common stock and is not outstanding: earlier securities, voting stock."""
    current = set(map(id, current_securities(deal)))
    found = [
        (security.name.value or security.name.where, common_shares(security) or 0)
        for security in deal.securities
        if security.kind.value in (CONVERTIBLE, WARRANT) and id(security) not in current
    ]
    found += [
        (
            row.name.value or row.name.where,
            times(row.outstanding.value or 0, row.votes_per_share.value or 1),
        )
        for row in deal.classes
        if row.counts_as.value == VOTES_ONLY
    ]
    return [(name, shares) for name, shares in found if shares]


def _outstanding_mistakes(deal: Deal, row: StatedFigure) -> Iterator[Mistake]:
    yield from (each for each in _denominators(deal) if each.code)


def _issuable_mistakes(deal: Deal, row: StatedFigure) -> Iterator[Mistake]:
    yield from (each for each in _numerators(deal) if each.code)


def _percentage_mistakes(deal: Deal, row: StatedFigure) -> Iterator[Mistake]:
    """A wrong denominator, a wrong numerator, then both at once."""
    over, under = list(_numerators(deal)), list(_denominators(deal))
    pairs = [(part, whole) for part in over for whole in under if part.code or whole.code]
    pairs.sort(key=lambda pair: bool(pair[0].code) + bool(pair[1].code))
    for part, whole in pairs:
        value = quotient(part.value, whole.value)
        said = "; ".join(filter(None, [whole.said, part.said]))
        yield Mistake(whole.code or part.code, said, value)


def _aggregated_mistakes(deal: Deal, row: StatedFigure) -> Iterator[Mistake]:
    answer = approval(deal)
    size = sized(deal, answer.counted, answer.together)
    base, part = _whole(deal), _part(deal)
    if not size.issuable or base is None or part is None:
        return
    yield Mistake(
        LATER_BASE,
        "it is over the count before this deal, not before the first closing",
        quotient(total(size.issuable), base),
    )
    percentages = [quotient(part, base)]
    for link in answer.together:
        shares = link.issuance.issuable.value
        before = link.issuance.outstanding_before.value
        if shares is None or before is None:
            return
        percentages.append(quotient(shares, before))
    said = "percentages of different counts are added up, instead of the shares"
    yield Mistake(PERCENTAGES_ADDED, said, total(percentages))
    yield Mistake(OTHER, "earlier issuances are left out", percentages[0])


# ---------------------------------------------------------------- proceeds, agents, splits


def _unit_price(deal: Deal, row: StatedFigure) -> Exact | None:
    found = [unit.price for unit in units(deal) if _of(row, unit.base)]
    return found[0] if len(found) == 1 else None


def _unit_floor(deal: Deal, row: StatedFigure) -> Exact | None:
    compared = reference(deal).value
    found = [unit for unit in units(deal) if _of(row, unit.base)]
    return unit_floor(found[0], compared) if len(found) == 1 and compared is not None else None


def _of(row: StatedFigure, security: Security) -> bool:
    return folded(row.security.value) in ("", folded(security.name.value))


def _gross(deal: Deal, row: StatedFigure) -> Exact | None:
    """What is paid for all securities of the deal, or for the one that is named."""
    paid = [s.paid.value for s in current_securities(deal) if _of(row, s)]
    known = [each for each in paid if each is not None]
    return total(known) if known and len(known) == len(paid) else None


def _gross_mistakes(deal: Deal, row: StatedFigure) -> Iterator[Mistake]:
    for security in current_securities(deal):
        paid = security.paid.value
        if paid and not row.security.value:
            yield Mistake(OTHER, f"it is what is paid for {security.name.value} alone", paid)


def _fee(deal: Deal, row: StatedFigure) -> Exact | None:
    gross, rate = _gross(deal, row), row.basis.value
    return None if gross is None or rate is None else times(gross, rate)


def _cut(work_out: _Work) -> Callable[[Deal, StatedFigure], Iterator[Mistake]]:
    """The figure cut off at the decimals it is stated with, instead of rounded."""

    def mistakes(deal: Deal, row: StatedFigure) -> Iterator[Mistake]:
        value, stated = work_out(deal, row), row.stated.value
        if value is None or stated is None:
            return
        exponent = stated.as_tuple().exponent if isinstance(stated, Decimal) else 0
        scale = 10 ** (-exponent if isinstance(exponent, int) else 0)
        cut = quotient(floor(times(value, scale)), scale)
        yield Mistake(OTHER, "it is cut off, not rounded", cut)

    return mistakes


def _units_sold(deal: Deal) -> Exact | None:
    sold = [unit.shares for unit in units(deal)]
    return total(sold) if sold else None


def _agent_warrants(deal: Deal, row: StatedFigure) -> Exact | None:
    sold, rate = _units_sold(deal), row.basis.value
    return None if sold is None or rate is None else times(sold, rate)


def _agent_price(deal: Deal, row: StatedFigure) -> Exact | None:
    price, rate = _unit_price(deal, row), row.basis.value
    return None if price is None or rate is None else times(price, rate)


def _before_split(deal: Deal, row: StatedFigure) -> Exact | None:
    """The count before a split that the quantity on Securities came from."""
    ratio = row.basis.value
    named = [s for s in deal.securities if row.security.value and _of(row, s)]
    if not ratio or len(named) != 1 or named[0].quantity.value is None or row.stated.value is None:
        return None
    now = named[0].quantity.value
    # A fraction of a share may be rounded up or down, which leaves less than one new share open.
    if abs(Fraction(row.stated.value) / Fraction(ratio) - Fraction(now)) < 1:
        return row.stated.value
    return times(now, ratio)


_Work = Callable[[Deal, StatedFigure], Exact | None]
_FIGURES: dict[str, _Work] = {
    "MINIMUM PRICE": _minimum_price,
    "MARKET VALUE": _market_value,
    "OUTSTANDING": _outstanding,
    "ISSUABLE": _issuable,
    "PERCENTAGE": _percentage,
    "AGGREGATED": _aggregated,
    "UNIT PRICE": _unit_price,
    "UNIT FLOOR": _unit_floor,
    "GROSS PROCEEDS": _gross,
    "FEE": _fee,
    "AGENT WARRANTS": _agent_warrants,
    "AGENT PRICE": _agent_price,
    "BEFORE SPLIT": _before_split,
}
_MISTAKES: dict[str, Callable[[Deal, StatedFigure], Iterator[Mistake]]] = {
    "MINIMUM PRICE": _price_mistakes,
    "OUTSTANDING": _outstanding_mistakes,
    "ISSUABLE": _issuable_mistakes,
    "PERCENTAGE": _percentage_mistakes,
    "AGGREGATED": _aggregated_mistakes,
    "GROSS PROCEEDS": _gross_mistakes,
    "FEE": _cut(_fee),
    "AGENT WARRANTS": _cut(_agent_warrants),
}

__all__ = ["Comparison", "Mistake", "comparisons", "stated_alike"]
