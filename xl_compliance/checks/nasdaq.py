"""Checks of a Nasdaq deal: prices, size, units, warrants, approval."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from typing import Any

from xl_compliance.checks.findings import NOTE, OK, Finding, finding
from xl_compliance.checks.registry import Check, check
from xl_compliance.deal import evaluation
from xl_compliance.deal.model import Deal, Input, Security
from xl_compliance.deal.places import named
from xl_compliance.deal.references import sessions_that_count
from xl_compliance.rules.exact import Exact, floor, minus, percent, plain, quotient, times, total
from xl_compliance.rules.nasdaq import issuance_size, private_placement
from xl_compliance.rules.nasdaq.adjustments import LOWERING
from xl_compliance.rules.nasdaq.minimum_price import (
    SESSIONS_AVERAGED,
    SESSIONS_OF_MARKET_VALUE,
)
from xl_compliance.rules.outcome import (
    NEEDS_INPUT,
    NOT_REQUIRED,
    REVIEW,
    Moment,
    Outcome,
)

NASDAQ = "NASDAQ"
# What a column of the Prices sheet holds, and how many of its sessions count.
_PRICES = {
    "close": ("official close", int(SESSIONS_AVERAGED.on().value)),
    "bid": ("closing bid", int(SESSIONS_OF_MARKET_VALUE.on().value)),
}
_CENT = 100


def on_nasdaq(deal: Deal) -> bool:
    """A blank exchange is read as Nasdaq: leaving it out must not switch the checks off."""
    return deal.facts.exchange.value in (None, NASDAQ)


@check("NDQ001", "Minimum Price", "NASDAQ-FAQ-271", "Nasdaq FAQ 271 and 272 (26 Nov 2019)")
def minimum_price(check: Check, deal: Deal) -> Iterator[Finding]:
    """The Minimum Price at signing, or the cells it needs.

    To do: Enter the Nasdaq Official Closing Prices of the five sessions before signing, and the
    time of signing: before 16:00 that day's close does not count.
    """
    if not on_nasdaq(deal) or not evaluation.current_securities(deal):
        return
    price = evaluation.reference(deal).minimum_price
    yield _price_finding(check, deal, price, "close", "Minimum Price")


@check(
    "NDQ002",
    "Market value and book value",
    "NASDAQ-5635D",
    "Nasdaq FAQ 1649 (16 Oct 2018): tested where signed before 26 Sep 2018",
)
def book_and_market(check: Check, deal: Deal) -> Iterator[Finding]:
    """Closing bid and book value, where the rule of the signing date compares with them.

    To do: For a deal signed before 26 September 2018, enter book value per share and the
    consolidated closing bid before signing.
    """
    compared = evaluation.reference(deal)
    if not on_nasdaq(deal) or compared.regime.word == private_placement.MINIMUM_PRICE:
        return
    yield _price_finding(check, deal, compared.closing_bid, "bid", "Closing bid")
    book = deal.facts.book_value
    if book.value is None:
        yield finding(
            check,
            NEEDS_INPUT,
            f"Book value per share: fill {book.where}. Signed on {_day(deal)}, the deal is "
            f"compared with the {compared.regime.word}",
            book,
            [book],
            threshold=compared.regime.test,
        )
    else:
        yield finding(
            check,
            OK,
            f"Book value per share {plain(book.value)}",
            book,
            [book],
            threshold=compared.regime.test,
        )


def _price_finding(
    check: Check, deal: Deal, price: evaluation.Price, key: str, name: str
) -> Finding:
    column = [getattr(row, key) for row in deal.prices]
    blank = [entry for entry in column if entry.value is None]
    nowhere: Input[Any] = Input(None, "Prices", "", name)
    if price.outcome is not None:
        at = column[-1] if column else nowhere
        message = f"{name} {plain(price.outcome.number)}: {price.outcome.reason}"
        return finding(check, OK, message, at, column, price.outcome)
    at = next(iter(blank or column), nowhere)
    signed = deal.facts.signed_at
    message = f"{name} is not known: {_wanted(deal, price, blank, key)}"
    return finding(check, NEEDS_INPUT, message, at, [*(blank or column), signed])


def _wanted(deal: Deal, price: evaluation.Price, blank: Sequence[Input[Any]], key: str) -> str:
    """What keeps a price from being known, and which cells to fill with which sessions' prices."""
    signed = deal.facts.signed_at
    what, count = _PRICES[key]
    nothing = len(blank) == len(deal.prices)
    parts = [f"no {what} is entered" if nothing else price.problem]
    if signed.value is None:
        return "; ".join([*parts, f"enter the signing in {signed.where}"])
    sessions = _sessions(signed.value, count)
    if sessions_that_count(signed.value, count):
        parts.append(f"signed {signed.value}, the {what} of {_listed(sessions)} counts")
    elif sessions:
        parts.append(
            f"signed {signed.value}, the {what} of {_listed(sessions[:-1])} counts, and with no "
            f"time of day in {signed.where} that of {sessions[-1]} may"
        )
    return "; ".join([*parts, *_to_fill(deal, key, sessions)])


def _to_fill(deal: Deal, key: str, sessions: Sequence[date]) -> list[str]:
    """The cells of the sessions that count, and the sessions without a row."""
    rows = {row.day.value: getattr(row, key) for row in deal.prices}
    blank = [rows[day] for day in sessions if day in rows and rows[day].value is None]
    absent = [day for day in sessions if day not in rows]
    parts = [f"fill {named(blank)}"] if blank else []
    return [*parts, f"enter a row for {_listed(absent)}"] if absent else parts


def _listed(days: Sequence[date]) -> str:
    return ", ".join(map(str, days))


def _day(deal: Deal) -> str:
    signed = deal.facts.signed_at.value
    return str(signed.day) if signed else "a date not given"


@check("NDQ003", "Size of the issuance", "NASDAQ-FAQ-182", "Nasdaq FAQ 182 and 288 (31 Jul 2012)")
def size(check: Check, deal: Deal) -> Iterator[Finding]:
    """The issuance as a percentage of what is outstanding, adding security by security.

    To do: Compare the count and the shares outstanding with the agreement and the last filing; the
    count is what is outstanding before the deal.
    """
    securities = evaluation.current_securities(deal)
    if not on_nasdaq(deal) or not securities:
        return
    base = [row.outstanding for row in evaluation.common_classes(deal)]
    outstanding = [entry.value for entry in base if entry.value is not None]
    if not base or len(outstanding) < len(base):
        at = next((entry for entry in base if entry.value is None), None) or Input(
            None, "Classes", "", "Outstanding"
        )
        yield finding(check, NEEDS_INPUT, f"shares outstanding: fill {at.where}", at, [at])
        return
    counted: list[Exact] = []
    names: list[str] = []
    for security in securities:
        shares = evaluation.common_shares(security)
        if shares is None:
            yield _no_shares(check, security)
            return
        counted.append(shares)
        names.append(security.name.value or security.name.where)
        outcome = issuance_size.issuance_percentage(counted, outstanding)
        yield finding(
            check,
            NOTE,
            _size_message(outcome, counted, outstanding, names),
            security.quantity,
            [security.quantity, security.ratio, *base],
            outcome,
        )


def _no_shares(check: Check, security: Security) -> Finding:
    blank = [entry for entry in (security.quantity, security.ratio) if entry.value is None]
    return finding(
        check,
        NEEDS_INPUT,
        f"{security.name.value or security.name.where}: its common shares need {named(blank)}",
        blank[0],
        blank,
    )


def _size_message(
    outcome: Outcome, counted: Sequence[Exact], outstanding: Sequence[Exact], names: Sequence[str]
) -> str:
    line = outcome.thresholds[0]
    size = outcome.number
    side = "at or over" if line.met_by(total(counted), total(outstanding)) else "below"
    return (
        f"{plain(total(counted))} issuable is {percent(size, line.value)} of "
        f"{plain(total(outstanding))}, {side} {line.shown}: {' + '.join(names)}"
    )


@check("NDQ004", "Unit price against its floor", "NASDAQ-FAQ-279", "Nasdaq FAQ 279 (10 Oct 2018)")
def unit_price(check: Check, deal: Deal) -> Iterator[Finding]:
    """The highest Minimum Price at which a unit is not discounted, and the unit's own price.

    To do: Compare the price of the unit and the exercise price with the agreement. Below the floor,
    have the price or the warrants changed, or plan for the vote if the size reaches the line.
    """
    if not on_nasdaq(deal):
        return
    compared = evaluation.reference(deal).value
    for unit in evaluation.units(deal):
        if not unit.warrants:
            continue
        name = unit.name
        price = unit.price
        if price is None:
            blank = [unit.base.paid]
            blank += [e for w, _, _ in unit.warrants for e in (w.quantity, w.paid)]
            said, entries = "cannot be worked out from", blank
            if any(entry.value is None for entry in blank):
                said, entries = "needs", [entry for entry in blank if entry.value is None]
            message = f"unit {name}: its price {said} {named(entries)}"
            yield finding(check, NEEDS_INPUT, message, entries[0], entries)
            continue
        yield from _break_even(check, unit, name, price)
        if compared is not None:
            yield from _against_floor(check, unit, name, price, compared)


def _unit_inputs(unit: evaluation.Unit) -> list[Input[Any]]:
    return [
        unit.base.paid,
        *(
            entry
            for warrant, _, _ in unit.warrants
            for entry in (warrant.paid, warrant.exercise_price)
        ),
    ]


def _break_even(check: Check, unit: evaluation.Unit, name: str, price: Exact) -> Iterator[Finding]:
    """The highest whole-cent Minimum Price at which the unit is not below its floor."""
    highest = _highest_reference(unit, price)
    if highest is None:
        return
    above = quotient(floor(times(highest, _CENT)) + 1, _CENT)
    at, over = evaluation.unit_floor(unit, highest), evaluation.unit_floor(unit, above)
    if at is None or over is None:
        return
    relation = "equals the floor" if at == price else f"is not below the floor {plain(at)}"
    yield finding(
        check,
        NOTE,
        f"unit price {plain(price)} ({name}) {relation} at a Minimum Price of {plain(highest)} and "
        f"is a discount at {plain(above)}, where the floor is {plain(over)}",
        unit.base.paid,
        _unit_inputs(unit),
        threshold=f">= {plain(at)}",
        headroom=f"above the floor: {plain(minus(price, at))}",
    )


def _highest_reference(unit: evaluation.Unit, price: Exact) -> Exact | None:
    low, high = 1, max(floor(times(price, _CENT)), 1)
    if not _holds(unit, price, low):
        return None
    while low < high:
        middle = (low + high + 1) // 2
        if _holds(unit, price, middle):
            low = middle
        else:
            high = middle - 1
    return quotient(low, _CENT)


def _holds(unit: evaluation.Unit, price: Exact, cents: int) -> bool:
    lowest = evaluation.unit_floor(unit, quotient(cents, _CENT))
    return lowest is not None and price >= lowest


def _against_floor(
    check: Check, unit: evaluation.Unit, name: str, price: Exact, compared: Exact
) -> Iterator[Finding]:
    lowest = evaluation.unit_floor(unit, compared)
    effective = evaluation.effective_price(unit, compared)
    if lowest is None or effective is None:
        return
    discounted = price < lowest
    yield finding(
        check,
        NOTE if discounted else OK,
        f"unit price {plain(price)} ({name}) is {'below' if discounted else 'not below'} its "
        f"floor {plain(lowest)}; the common stock is sold at {plain(effective)} against "
        f"{plain(compared)}",
        unit.base.paid,
        _unit_inputs(unit),
        threshold=f">= {plain(lowest)}",
    )


_COUNTED: Mapping[bool | str, tuple[str, str]] = {
    True: (NOTE, "counted"),
    False: (OK, "not counted"),
}


@check(
    "NDQ005",
    "Warrant shares counted with the issuance",
    "NASDAQ-FAQ-278",
    "Nasdaq FAQ 278 (10 Oct 2018)",
)
def warrants_counted(check: Check, deal: Deal) -> Iterator[Finding]:
    """Whether the shares under each warrant join the issuance.

    To do: Compare the first day of exercise and the exercise price with the warrant. Shares that
    join count towards the size of the issuance.
    """
    if not on_nasdaq(deal):
        return
    for part in evaluation.approval(deal).components:
        if part.outcome is None:
            continue
        verdict, word = _COUNTED.get(part.counted, (str(part.counted), "open"))
        shares = "its shares" if part.shares is None else f"{plain(part.shares)} shares"
        reason = part.outcome.reason
        if part.security.replaces.value and part.counted == REVIEW:
            reason += (
                f"; it replaces {part.security.replaces.value}: a new issuance, or the same shares "
                "on other terms?"
            )
        yield finding(
            check,
            verdict,
            f"{part.security.name.value}: {shares} {word}: {reason}",
            part.security.first_exercisable,
            [
                part.security.first_exercisable,
                part.security.exercise_price,
                deal.facts.closing_date,
            ],
            part.outcome,
        )


@check(
    "NDQ007",
    "Shareholder approval of the issuance",
    "NASDAQ-5635D",
    "Listing Rule 5635(d); Nasdaq FAQ 271 (26 Nov 2019)",
)
def approval(check: Check, deal: Deal) -> Iterator[Finding]:
    """The verdict under Listing Rule 5635(d), under the rule in force at signing.

    To do: Where approval is required, do not issue before shareholders have approved, or change the
    deal (see NDQ015). Where it is left to judgement, settle it with counsel or Nasdaq before
    signing.
    """
    if not on_nasdaq(deal) or not evaluation.current_securities(deal):
        return
    answer = evaluation.approval(deal)
    facts = deal.facts
    rests_on: list[Input[Any]] = [
        facts.signed_at,
        facts.book_value,
        facts.public_offering,
        *(row.outstanding for row in deal.classes),
    ]
    yield finding(
        check,
        answer.verdict,
        _approval_message(deal, answer),
        facts.transaction,
        rests_on,
        answer.outcome,
    )


def _approval_message(deal: Deal, answer: evaluation.Approval) -> str:
    regime = answer.reference.regime
    parts = [
        f"{answer.reason}. Signed on {_day(deal)}, the price is compared with the {regime.word} "
        f"(in force {regime.in_force()})"
    ]
    compared = answer.reference.value
    if answer.price is not None and compared is not None:
        parts.append(f"{plain(answer.price)} against {plain(compared)}")
    if answer.verdict == NEEDS_INPUT:
        parts += filter(None, [_approval_inputs(deal, answer)])
    parts += _readings(deal, answer.verdict)
    return "; ".join(parts)


def _approval_inputs(deal: Deal, answer: evaluation.Approval) -> str:
    """The blank cells the verdict waits for."""
    facts, regime = deal.facts, answer.reference.regime
    old = regime.word != private_placement.MINIMUM_PRICE
    key = "bid" if old else "close"
    price = answer.reference.closing_bid if old else answer.reference.minimum_price
    blank: list[Input[Any]] = _not_given(facts.signed_at, facts.closing_date)
    if old:
        blank += _not_given(facts.book_value)
    for row in deal.classes:
        blank += _not_given(row.outstanding)
        blank += _not_given(row.votes_per_share) if len(deal.classes) > 1 else []
    for security in evaluation.current_securities(deal):
        blank += _not_given(security.kind, security.quantity, security.paid)
        if security.kind.value == evaluation.CONVERTIBLE:
            blank += _not_given(security.ratio)
        if security.kind.value == evaluation.WARRANT:
            blank += _not_given(security.exercise_price, security.first_exercisable)
    if price.value is not None:
        for link in answer.links:
            issuance = link.issuance
            blank += (
                [] if link.apart else _not_given(issuance.issuable, issuance.outstanding_before)
            )
    parts = [f"fill {named(blank)}"] if blank else []
    if price.value is None:
        what, count = _PRICES[key]
        sessions = _sessions(facts.signed_at.value, count)
        parts.append(f"the {what} is not known ({price.problem})")
        parts += _to_fill(deal, key, sessions)
        if (
            facts.signed_at.value
            and not sessions_that_count(facts.signed_at.value, count)
            and sessions
        ):
            parts.append(f"or enter the time of day in {facts.signed_at.where}")
    return "; ".join(parts)


def _sessions(signed: Moment | None, count: int) -> Sequence[date]:
    """The sessions that count, or may count where no time of day is given."""
    if signed is None:
        return ()
    before = sessions_that_count(Moment(signed.day, time(0, 1)), count)
    return sessions_that_count(signed, count) or ([*before, signed.day] if before else ())


def _not_given(*inputs: Input[Any]) -> list[Input[Any]]:
    return [entry for entry in inputs if entry.value is None]


def _readings(deal: Deal, verdict: str) -> list[str]:
    """What was not given and how it was read, where it could matter."""
    readings = []
    if deal.facts.exchange.value is None:
        readings.append("exchange not given: read as Nasdaq")
    if deal.facts.public_offering.value is None:
        readings.append("public offering not given: read as no")
    unstated = [
        security.adjustment
        for security in evaluation.current_securities(deal)
        if security.adjustment.value is None
    ]
    if unstated and verdict in (NOT_REQUIRED, REVIEW):
        readings.append(f"no price adjustment given in {named(unstated)}: read as none (FAQ 277)")
    at_par = [
        security.principal
        for security in evaluation.current_securities(deal)
        if security.kind.value == evaluation.CONVERTIBLE
        and security.adjustment.value in LOWERING
        and security.principal.value is None
    ]
    if at_par:
        readings.append(f"principal not given in {named(at_par)}: read as what is paid (FAQ 276)")
    return readings


@check("NDQ009", "Price adjustment not given", "NASDAQ-FAQ-277", "Nasdaq FAQ 277 (10 Oct 2018)")
def adjustments(check: Check, deal: Deal) -> Iterator[Finding]:
    """A convertible or warrant of which it is not stated whether its price can fall.

    To do: Enter from the terms of the security whether its price can fall, and how low; until then
    nothing says that no approval is needed.
    """
    if not on_nasdaq(deal):
        return
    unstated = [
        security.adjustment
        for security in evaluation.current_securities(deal)
        if security.adjustment.value is None and security.kind.value != evaluation.COMMON
    ]
    if unstated:
        message = (
            f"price adjustments of convertibles and warrants are not stated: fill "
            f"{named(unstated)} (NONE says that there is none). The figures shown take them as "
            "none, and no answer of no rests on that"
        )
        yield finding(check, NEEDS_INPUT, message, unstated[0], unstated)
