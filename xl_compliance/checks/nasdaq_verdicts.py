"""Checks of a Nasdaq deal beside 5635(d): (a), (b), (c), directors, notice; headroom, ways out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from xl_compliance.checks.findings import BREACH, NOTE, OK, Finding, finding
from xl_compliance.checks.nasdaq import on_nasdaq
from xl_compliance.checks.registry import Check, check
from xl_compliance.deal import evaluation, verdicts
from xl_compliance.deal.model import Deal, Input
from xl_compliance.deal.places import named
from xl_compliance.deal.references import reference
from xl_compliance.deal.ways_out import WayOut, cents_to_floor, headroom, ways_out
from xl_compliance.rules.exact import (
    Exact,
    magnitude,
    percent,
    plain,
    quotient,
    total,
)
from xl_compliance.rules.nasdaq import deal_fixes, private_placement
from xl_compliance.rules.outcome import NEEDS_INPUT, NOT_REQUIRED, REQUIRED, REVIEW


def _has_deal(deal: Deal) -> bool:
    return on_nasdaq(deal) and bool(evaluation.current_securities(deal))


def _blank(*places: Input[Any]) -> list[Input[Any]]:
    return [place for place in places if place.value is None]


def _to_fill(word: str, *places: Input[Any]) -> str:
    blank = _blank(*places)
    return f". Fill {named(blank)}" if word == NEEDS_INPUT and blank else ""


@check(
    "NDQ008",
    "Sales to insiders",
    "NASDAQ-5635C",
    "Listing Rule 5635(c); Nasdaq FAQ 271 (26 Nov 2019), 275 (10 Oct 2018)",
)
def sales_to_insiders(check: Check, deal: Deal) -> Iterator[Finding]:
    """Whether a sale to an insider below the closing bid is equity compensation.

    To do: Where it is equity compensation, have shareholders approve it, price the insider's part
    at or above the closing bid, or leave the insider out.
    """
    if not _has_deal(deal):
        return
    bid = reference(deal).closing_bid
    sales = verdicts.sales(deal)
    if not sales:
        message = (
            "no purchaser is a director, officer, employee or consultant, or controlled by one"
        )
        place, word = deal.purchasers[0].relationship, OK
        if any(problem.sheet == place.sheet for problem in deal.problems):
            word, message = NEEDS_INPUT, f"{message}, but something on {place.sheet} was not read"
        yield finding(check, word, message, place, [row.relationship for row in deal.purchasers])
    for sale in sales:
        row, word = sale.purchaser, str(sale.outcome.value)
        place = deal.facts.transaction if row is None else row.relationship
        who = "The purchasers are not given" if row is None else row.name.value or row.name.where
        what = "" if row is None else f", {row.relationship.value or 'relationship not given'!s}"
        against = ""
        if sale.price is not None and bid.value is not None:
            against = f"; {plain(sale.price)} against the closing bid {plain(bid.value)}"
        missing = "" if bid.value is not None else f"; the closing bid is not known ({bid.problem})"
        wanted = "" if row is None else _to_fill(word, row.relationship, row.security)
        yield finding(
            check,
            OK if word == NOT_REQUIRED else word,
            f"{who}{what.lower()}: {sale.outcome.reason}{against}{missing}{wanted}",
            place,
            [place, *(entry.bid for entry in deal.prices if entry.bid.value is not None)],
            sale.outcome,
        )


@check(
    "NDQ010",
    "Shareholder approval of an acquisition",
    "NASDAQ-5635A",
    "Listing Rule 5635(a)",
)
def acquisition(check: Check, deal: Deal) -> Iterator[Finding]:
    """The verdict under Listing Rule 5635(a): 20%, or 5% with an insider's interest.

    To do: Enter what kind of transaction it is and the insiders' interests in the target. Where
    approval is required, do not issue before shareholders have approved.
    """
    if not _has_deal(deal):
        return
    answer, facts = verdicts.acquisition_verdict(deal), deal.facts
    wanted: list[Input[Any]] = [facts.deal_kind]
    if facts.deal_kind.value == verdicts.ACQUISITION:
        wanted += [facts.insider_interest, facts.insiders_together_interest]
    found = finding(
        check,
        OK if answer.word == NOT_REQUIRED else answer.word,
        f"{answer.reason}{_to_fill(answer.word, *wanted)}",
        facts.deal_kind,
        [*wanted, *(row.outstanding for row in deal.classes)],
        answer.outcome,
    )
    # The lines are those of acquisitions: beyond them nothing is wrong with any other deal.
    if found.headroom and facts.deal_kind.value not in (None, verdicts.ACQUISITION):
        found = replace(found, headroom=f"if it were an acquisition: {found.headroom}")
    yield found


@check("NDQ011", "Change of control", "NASDAQ-5635B", "Listing Rule 5635(b)")
def control(check: Check, deal: Deal) -> Iterator[Finding]:
    """What each investor could own after the deal, against 20% and the largest position.

    To do: Enter what each investor holds and could acquire. At 20% or more, settle with counsel or
    Nasdaq whether control changes; a blocker in the terms can keep an investor below.
    """
    if not _has_deal(deal):
        return
    for stake in verdicts.stakes(deal):
        word = str(stake.outcome.value)
        size = ""
        if stake.shares is not None and stake.base:
            share = percent(quotient(stake.shares, stake.base), *_lines(stake.outcome.thresholds))
            size = f": {plain(stake.shares)} of {plain(stake.base)} shares, {share}"
        if stake.votes is not None and stake.all_votes:
            part = percent(
                quotient(stake.votes, stake.all_votes), *_lines(stake.outcome.thresholds)
            )
            size += f", and {plain(stake.votes)} of {plain(stake.all_votes)} votes, {part}"
        first = stake.rows[0]
        blank = _to_fill(
            word, first.held_before, first.rights_before, *(r.bought for r in stake.rows)
        )
        verdict = OK if word == "NOT PRESUMED" else word
        reason = stake.outcome.reason
        if verdict == OK and not stake.votes_known:
            verdict, blank = (
                NEEDS_INPUT,
                f". Votes and shares differ: fill {first.votes_before.where}",
            )
        yield finding(
            check,
            verdict,
            f"{stake.name}{size}: {reason}{blank}",
            first.name,
            [*(row.bought for row in stake.rows), first.held_before, first.rights_before],
            stake.outcome,
        )
    if not deal.purchasers:
        place = deal.facts.transaction
        message = (
            "who buys is not given: what an investor would own cannot be told. Fill Purchasers"
        )
        yield finding(check, NEEDS_INPUT, message, place, [place])


def _lines(thresholds: Sequence[Any]) -> list[Exact]:
    return [threshold.value for threshold in thresholds if threshold.unit == "fraction"]


@check(
    "NDQ012",
    "Rights to name directors",
    "NASDAQ-FAQ-292",
    "Nasdaq FAQ 292 (2 Feb 2016); Listing Rule 5640",
)
def directors(check: Check, deal: Deal) -> Iterator[Finding]:
    """Designees against the votes at appointment and now, with minimum and step-down.

    To do: Compare the number of designees with the holding now and at appointment. Have the right
    shrink as the holding does, or settle it with Nasdaq.
    """
    if not _has_deal(deal):
        return
    facts = deal.facts
    outcome = verdicts.director_verdict(deal)
    places: list[Input[Any]] = [
        facts.designees,
        facts.board_size,
        facts.investor_votes,
        facts.total_votes,
        facts.minimum_ownership,
        facts.step_down,
    ]
    if outcome is None:
        if facts.designees.value is None:
            where = facts.designees.where
            message = f"rights to name directors are not given: fill {where} (0 for none)"
            yield finding(check, NOTE, message, facts.designees, [facts.designees])
        return
    word = str(outcome.value)
    yield finding(
        check,
        word,
        f"Designees {plain(facts.designees.value or 0)}: {outcome.reason}"
        f"{_to_fill(word, *places[:4])}",
        facts.designees,
        places,
        outcome,
    )


@check(
    "NDQ013",
    "Notice of additional shares",
    "NASDAQ-5250E2",
    "Listing Rule 5250(e)(2); Nasdaq FAQ 382",
)
def notice(check: Check, deal: Deal) -> Iterator[Finding]:
    """Whether Nasdaq must be notified of the issuance, by which day, and whether it was.

    To do: File the Listing of Additional Shares notification by the day that is named, and enter
    the day on which it was submitted.
    """
    if not _has_deal(deal):
        return
    outcome, facts = verdicts.notice(deal), deal.facts
    word = str(outcome.value)
    due, submitted = verdicts.latest_notice(deal), facts.las_submitted.value
    places: list[Input[Any]] = [facts.closing_date, facts.las_submitted]
    message = f"{outcome.reason}{_to_fill(word, facts.unapproved_equity_plan)}"
    if word == NOT_REQUIRED:
        yield finding(check, OK, message, facts.closing_date, places, outcome)
        return
    message = f"{message}. {_due(due, submitted, facts)}"
    verdict = word
    if word == REQUIRED:
        verdict = _in_time(due, submitted)
    yield finding(check, verdict, message, facts.las_submitted, places, outcome)


def _in_time(due: date | None, submitted: date | None) -> str:
    if due is None or submitted is None:
        return NEEDS_INPUT
    return BREACH if submitted > due else OK


def _due(due: date | None, submitted: date | None, facts: Any) -> str:
    if due is None:
        return f"The latest day is not known: fill {facts.closing_date.where}"
    if submitted is None:
        return f"Notice by {due} at the latest; enter its day in {facts.las_submitted.where}"
    late = f", {(submitted - due).days} days late" if submitted > due else ", in time"
    return f"Notice by {due} at the latest; submitted {submitted}{late}"


# ---------------------------------------------------------------- headroom and ways out


@check(
    "NDQ014",
    "Numerator, denominator and headroom",
    "NASDAQ-FAQ-182",
    "Nasdaq FAQ 182 and 288 (31 Jul 2012); Listing Rule 5635(d)",
)
def what_counts(check: Check, deal: Deal) -> Iterator[Finding]:
    """Every component that counts, what it is counted over, and what is left before a vote.

    To do: Compare each component that is listed with the agreement: what is missing there is not
    counted. Headroom ends with the next share.
    """
    if not _has_deal(deal):
        return
    answer = evaluation.approval(deal)
    counted = answer.counted
    size = evaluation.sized(deal, counted)
    if not size.issuable or not size.outstanding:
        return
    line = private_placement.SIZE.on()
    parts = [f"{part.name} {plain(part.shares or 0)} ({part.label})" for part in counted]
    facts = deal.facts
    if facts.share_cap.value is not None:
        parts.append(f"within the share cap of {plain(facts.share_cap.value)}")
    if facts.insider_sales.value:
        parts.append(f"sales by insiders {plain(facts.insider_sales.value)}")
    classes = " + ".join(
        f"{row.name.value or row.name.where} {plain(row.outstanding.value or 0)}"
        for row in evaluation.common_classes(deal)
    )
    shares = percent(quotient(total(size.issuable), total(size.outstanding)), line.value)
    text = f"{plain(total(size.issuable))} counted: {' + '.join(parts)}. Over {classes}: {shares}"
    if size.votes_issuable and size.votes_outstanding:
        votes = quotient(total(size.votes_issuable), total(size.votes_outstanding))
        text += (
            f" of the shares, {percent(votes, line.value)} of "
            f"{plain(total(size.votes_outstanding))} votes"
        )
    left = headroom(deal)
    room = "" if left is None else f"shares left before a vote: {plain(left.number)}"
    for unit, cents in cents_to_floor(answer, deal):
        side = "below" if cents < 0 else "above"
        room += f"; {unit.name}: {plain(magnitude(cents))} cents {side} the unit floor"
    places: list[Input[Any]] = [part.security.quantity for part in counted]
    places += [row.outstanding for row in deal.classes]
    yield finding(check, NOTE, text, facts.transaction, places, left, headroom=room)
    if facts.share_cap.value is not None:
        yield finding(
            check,
            REVIEW,
            f"the share cap of {plain(facts.share_cap.value)} is counted as binding: it must hold "
            "for the life of the deal, capped shares may not vote on lifting it, and nothing may "
            "be owed where the vote fails (IM-5635-2, not verified)",
            facts.share_cap,
            [facts.share_cap],
        )


@check(
    "NDQ015",
    "Ways out of a vote",
    "NASDAQ-DEAL-FIXES",
    "Listing Rule 5635(d); Nasdaq FAQ 277, 278 and 279 (10 Oct 2018)",
)
def out_of_a_vote(check: Check, deal: Deal) -> Iterator[Finding]:
    """Where approval is required: each change that avoids it, with its figure, proved.

    To do: Choose with counsel among the changes, enter the one chosen, and check again: the new
    terms must stand in the agreement.
    """
    if not _has_deal(deal):
        return
    for way in ways_out(deal):
        place = deal.facts.transaction
        places: list[Input[Any]] = [unit.base.paid for unit, _ in way.prices]
        yield finding(check, NOTE, _way(way), place, places, headroom=f"then {way.verdict}")
    sales = deal.facts.insider_sales
    if sales.value is None and evaluation.approval(deal).verdict == REQUIRED:
        message = (
            f"fewer shares are a way out only once sales by insiders are known: fill {sales.where} "
            "(0 for none)"
        )
        yield finding(check, NEEDS_INPUT, message, sales, [sales])


def _way(way: WayOut) -> str:
    fix = way.fix
    if fix.way == deal_fixes.VOTE:
        return f"Seek the vote: {fix.takes}"
    if way.prices:
        to = ", ".join(f"{plain(price)} ({unit.name})" for unit, price in way.prices)
    else:
        to = str(fix.to) if isinstance(fix.to, date) else plain(fix.to or 0)
    second = "" if fix.second is None else f" and {plain(fix.second)}"
    return f"{fix.way.capitalize()}: {to}{second}; {fix.takes}. The changed deal: {way.verdict}"
