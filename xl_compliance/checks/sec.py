"""Checks of beneficial ownership and of a Schedule 13D as filed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from xl_compliance.checks.findings import BREACH, NOTE, OK, Finding, finding
from xl_compliance.checks.registry import Check, check
from xl_compliance.deal import evaluation, ownership
from xl_compliance.deal.model import CoverRows, Deal, Input, Position, Security
from xl_compliance.deal.places import named
from xl_compliance.rules.exact import Exact, percent, plain, rounded_half_up, times, total
from xl_compliance.rules.outcome import NEEDS_INPUT, REVIEW, Outcome, RuleError
from xl_compliance.rules.sec.beneficial_ownership import beneficial_percentage, beneficial_shares
from xl_compliance.rules.sec.schedule_13d import row_11_among_powers, row_13, row_13_agrees

RULE = "17 CFR 240.13d-3(d)(1)(i)"


def _who(row: CoverRows) -> str:
    return row.name.value or row.name.where


def _positions(deal: Deal, row: CoverRows) -> list[Position]:
    """The positions a reporting person reports: those of its holder or group, or its own."""
    return ownership.reported_positions(deal, row.position.value or row.name.value or "")


def _shares(deal: Deal, positions: Sequence[Position]) -> Outcome:
    if ownership.needs_table(positions):
        return ownership.shares_together(deal, positions)
    return beneficial_shares(
        _held(positions),
        _rights(positions),
        _dates(positions),
        deal.filing_facts.event_date.value,
    )


def _percentage(deal: Deal, positions: Sequence[Position], outstanding: Exact) -> Outcome:
    if ownership.needs_table(positions):
        return ownership.part_together(deal, positions)
    return beneficial_percentage(
        _held(positions),
        _rights(positions),
        [outstanding],
        _dates(positions),
        deal.filing_facts.event_date.value,
    )


def _held(positions: Sequence[Position]) -> list[Exact]:
    return [p.held.value for p in positions if p.held.value is not None]


def _rights(positions: Sequence[Position]) -> list[Exact]:
    return [p.rights.value for p in positions if p.rights.value]


def _dates(positions: Sequence[Position]) -> list[date | str | None]:
    return [p.exercisable_on.value for p in positions if p.rights.value]


@check("SEC001", "Row 11: aggregate amount", "SEC-13D3", f"{RULE}; Schedule 13D row 11")
def row_11(check: Check, deal: Deal) -> Iterator[Finding]:
    """The shares in row 11 against the holder's positions, person by person.

    To do: Compare the person's positions and rights within 60 days with row 11, and correct
    whichever is wrong; a filed row is corrected by an amendment.
    """
    for row in deal.filing:
        positions = _positions(deal, row)
        inputs = [row.aggregate, *_inputs(positions)]
        if not positions or row.aggregate.value is None or _blank(deal, positions):
            yield _cannot_tie(check, deal, row, row.aggregate, positions)
            continue
        try:
            outcome = _shares(deal, positions)
        except RuleError as problem:
            yield finding(check, NEEDS_INPUT, f"{_who(row)}: {problem}", row.aggregate, inputs)
            continue
        ties = outcome.value == row.aggregate.value
        shown = plain(row.aggregate.value)
        message = (
            f"{_who(row)}: row 11 = {shown} ties to {len(positions)} positions"
            if ties
            else f"{_who(row)}: row 11 says {shown}, the positions come to {plain(outcome.number)}"
        )
        yield finding(check, OK if ties else BREACH, message, row.aggregate, inputs, outcome)


@check("SEC002", "Row 13: percent of class", "SEC-13D3", f"{RULE}; Schedule 13D row 13")
def row_13_ties(check: Check, deal: Deal) -> Iterator[Finding]:
    """The percentage in row 13 against the holder's positions and the shares outstanding.

    To do: Compare the shares outstanding and the rights in the denominator with row 13, and correct
    whichever is wrong; a filed row is corrected by an amendment.
    """
    outstanding = deal.filing_facts.outstanding_stated
    for row in deal.filing:
        positions = _positions(deal, row)
        if not positions or row.percent.value is None or _blank(deal, positions):
            yield _cannot_tie(check, deal, row, row.percent, positions)
            continue
        if outstanding.value is None:
            yield finding(
                check,
                NEEDS_INPUT,
                f"{_who(row)}: row 13 needs {outstanding.where}",
                row.percent,
                [row.percent, outstanding],
            )
            continue
        yield _percent_finding(check, deal, row, positions)


def _percent_finding(
    check: Check, deal: Deal, row: CoverRows, positions: Sequence[Position]
) -> Finding:
    outstanding = deal.filing_facts.outstanding_stated
    assert row.percent.value is not None
    assert outstanding.value is not None
    inputs = [row.percent, outstanding, *_inputs(positions)]
    try:
        outcome = _percentage(deal, positions, outstanding.value)
    except RuleError as problem:
        return finding(check, NEEDS_INPUT, f"{_who(row)}: {problem}", row.percent, inputs)
    worked_out = row_13(outcome.number).value
    filed = percent(row.percent.value)
    ties = row_13_agrees(row.percent.value, outcome.number)
    exact = percent(outcome.number)
    message = (
        f"{_who(row)}: row 13 = {filed} ties ({exact})"
        if ties
        else f"{_who(row)}: row 13 says {filed}, the positions come to {worked_out} ({exact})"
    )
    return finding(check, OK if ties else BREACH, message, row.percent, inputs, outcome)


@check("SEC003", "Parts of the footnote", "SEC-13D3", "Schedule 13D, notes to the cover page")
def footnote(check: Check, deal: Deal) -> Iterator[Finding]:
    """Each right against the conversion of its security, and the sum of the parts.

    To do: Compare each right with the terms of its security, and the sum with the note to the cover
    page.
    """
    securities = {evaluation.folded(security.name.value): security for security in deal.securities}
    rights: dict[str, list[Position]] = {}
    for position in deal.holders:
        if position.rights.value:
            rights.setdefault(evaluation.folded(position.security.value), []).append(position)
    for name, positions in rights.items():
        security = securities.get(name)
        if security is not None and evaluation.common_shares(security) is not None:
            yield _part(check, positions, security)
    yield from _sums(check, deal)


def _part(check: Check, positions: Sequence[Position], security: Security) -> Finding:
    """One security can have several holders: their rights are added up."""
    shares = evaluation.common_shares(security)
    assert shares is not None
    stated = total(_rights(positions))
    quantity = plain(security.quantity.value or 0)
    ratio = plain(security.ratio.value or 1)
    whose = "" if len(positions) == 1 else f" by {len(positions)} positions"
    ties = stated == shares
    message = (
        f"{security.name.value}: {plain(stated)}{whose} = {quantity} x {ratio}"
        if ties
        else f"{security.name.value}: {plain(stated)} stated{whose}, {quantity} x {ratio} is "
        f"{plain(shares)}"
    )
    places = [position.rights for position in positions]
    return finding(
        check,
        OK if ties else BREACH,
        message,
        places[0],
        [*places, security.quantity, security.ratio],
    )


def _sums(check: Check, deal: Deal) -> Iterator[Finding]:
    seen = set()
    for row in deal.filing:
        positions = _positions(deal, row)
        key = (evaluation.folded(row.position.value or row.name.value), row.aggregate.value)
        if row.aggregate.value is None or key in seen:
            continue
        # Under a blocker the parts are more than what counts: SEC001 says how much that is.
        if not positions or _blank(deal, positions) or ownership.needs_table(positions):
            continue
        seen.add(key)
        parts = [*(held for held in _held(positions) if held), *_rights(positions)]
        whole = total(parts)
        ties = whole == row.aggregate.value
        listed = " + ".join(plain(part) for part in parts)
        message = f"the parts sum: {listed} = {plain(whole)}"
        if not ties:
            message += f", row 11 says {plain(row.aggregate.value)}"
        yield finding(
            check,
            OK if ties else BREACH,
            message,
            row.aggregate,
            [row.aggregate, *_inputs(positions)],
        )


@check("SEC005", "Shares outstanding", "SEC-13D3", "Schedule 13D, notes to the cover page")
def outstanding(check: Check, deal: Deal) -> Iterator[Finding]:
    """The shares outstanding that the filing states against the Classes sheet.

    To do: Take the count from the issuer's most recent report, or from the agreement if the deal
    changes it, and say in the filing which it is.
    """
    stated = deal.filing_facts.outstanding_stated
    counts = [row.outstanding for row in deal.classes]
    known = [count.value for count in counts if count.value is not None]
    if stated.value is None or not counts or len(known) < len(counts):
        return
    entered = {total(known): "on Classes"}
    reported = ownership.reported_class(deal)
    for row in deal.classes:
        if len(deal.classes) > 1 and row is not reported:
            continue
        for count in (row.outstanding_after, row.outstanding):
            if count.value is not None:
                entered[count.value] = f"in {count.where}"
                counts.append(count)
    ties = stated.value in entered
    shown = stated.value if ties else next(reversed(entered))
    message = f"{plain(stated.value)} stated in the filing, {plain(shown)} {entered[shown]}"
    yield finding(check, OK if ties else REVIEW, message, stated, [stated, *counts])


@check("SEC006", "Row 11 against rows 7 to 10", "SEC-13D", "Schedule 13D, rows 7 to 11")
def powers(check: Check, deal: Deal) -> Iterator[Finding]:
    """The aggregate amount against sole and shared voting and dispositive power.

    To do: Compare rows 7 to 10 with the agreements on voting and disposition; the aggregate amount
    is at least the largest of what they give.
    """
    for row in deal.filing:
        rows = [row.sole_voting, row.shared_voting, row.sole_dispositive, row.shared_dispositive]
        outcome = row_11_among_powers(
            row.sole_voting.value,
            row.shared_voting.value,
            row.sole_dispositive.value,
            row.shared_dispositive.value,
            row.aggregate.value,
        )
        verdict = NEEDS_INPUT
        if isinstance(outcome.value, bool):
            verdict = OK if outcome.value else BREACH
        message = f"{_who(row)}: {outcome.reason}"
        yield finding(check, verdict, message, row.aggregate, [row.aggregate, *rows], outcome)


@check("SEC004", "Price paid per share", "SEC-13D", "Schedule 13D, Item 3")
def price_paid(check: Check, deal: Deal) -> Iterator[Finding]:
    """What was paid for each common share under a security, and whether it is a round price.

    To do: Compare the amount paid and the shares with the purchase agreement and with Item 3.
    """
    for security in deal.securities:
        shares = evaluation.common_shares(security)
        each = evaluation.paid_per_share(security)
        if shares is None or not each or security.paid.value is None:
            continue
        message = (
            f"{security.name.value or security.name.where}: {plain(security.paid.value)} for "
            f"{plain(shares)} shares is "
            f"{plain(each, 10)} each"
        )
        rounded = rounded_half_up(each, 3)
        if rounded != each and rounded_half_up(times(rounded, shares), 2) == security.paid.value:
            message += f": {plain(rounded)} each, the total rounded to the cent"
        yield finding(
            check, NOTE, message, security.paid, [security.paid, security.quantity, security.ratio]
        )


def _cannot_tie(
    check: Check, deal: Deal, row: CoverRows, at: Input[Any], positions: Sequence[Position]
) -> Finding:
    blank = [at] if at.value is None else []
    blank += _blank(deal, positions)
    wanted = [f"fill {named(blank)}"] if blank else []
    if not positions:
        name = row.position.value or row.name.value
        wanted.append(f'no position of "{name}" on the Holders sheet')
    message = f"{_who(row)}: {'; '.join(wanted)}"
    return finding(check, NEEDS_INPUT, message, at, [at, *blank])


def _blank(deal: Deal, positions: Sequence[Position]) -> list[Input[Any]]:
    """What is missing in the positions: a number of shares, a right's date, the date of event."""
    dated = any(position.exercisable_on.value is not None for position in positions)
    blank: list[Input[Any]] = []
    for position in positions:
        held, rights = position.held, position.rights
        if not held.value and not rights.value and None in (held.value, rights.value):
            blank.append(rights if rights.value is None else held)
        elif position.rights.value and dated and not position.exercisable_on.value:
            blank.append(position.exercisable_on)
    if dated and deal.filing_facts.event_date.value is None:
        blank.append(deal.filing_facts.event_date)
    return blank


def _inputs(positions: Sequence[Position]) -> list[Input[Any]]:
    return [entry for p in positions for entry in (p.held, p.rights) if entry.value is not None]
