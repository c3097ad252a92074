"""Checks of the ownership table, and of a Schedule 13D's cover page against itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from operator import eq
from typing import Any

from xl_compliance.checks.findings import BREACH, NOTE, OK, Finding, finding
from xl_compliance.checks.registry import Check, check
from xl_compliance.deal import ownership
from xl_compliance.deal.evaluation import folded
from xl_compliance.deal.filing_form import form_of
from xl_compliance.deal.model import CoverRows, Deal, Input, Position
from xl_compliance.deal.places import named
from xl_compliance.rules.business_days import is_business_day
from xl_compliance.rules.exact import Exact, minus, percent, plain, times, total
from xl_compliance.rules.outcome import NEEDS_INPUT, REVIEW, RuleError
from xl_compliance.rules.sec import filing_deadline, ownership_table, schedule_13d
from xl_compliance.rules.sec.beneficial_ownership import beneficial_shares

_HUNDRED = 100


@check("SEC009", "Ownership table", "SEC-13D3", "17 CFR 240.13d-3(d)(1)(i), 240.13d-5(b)")
def table(check: Check, deal: Deal) -> Iterator[Finding]:
    """Each holder's and group's part of a class after the deal, and what is not counted and why.

    To do: Look at each right that is not counted and its reason, and enter days of exercise and
    blockers that are missing.
    """
    if not deal.holders or not deal.classes:
        return
    nameless = [row.name for row in deal.holders if row.name.value is None]
    if nameless:
        message = f"a position without its holder: fill {named(nameless)}"
        yield finding(check, NEEDS_INPUT, message, nameless[0], nameless)
        return
    homeless = [row for row in deal.holders if not _has_class(deal, row)]
    if homeless:
        places = [row.of_class if row.of_class.address else row.security for row in homeless]
        names = ", ".join(f'"{row.name.value}"' for row in deal.classes)
        message = f"no table: the class of a position is none of {names}: fill {named(places)}"
        yield finding(check, NEEDS_INPUT, message, places[0], places)
        return
    try:
        rows = ownership.table(deal)
    except RuleError as problem:
        at = deal.classes[0].name
        yield finding(check, NEEDS_INPUT, f"no table: {problem}", at, [at])
        return
    for row in rows:
        yield _row_finding(check, deal, row)
    for position in deal.holders:
        yield from _counted_twice(check, deal, position)


def _counted_twice(check: Check, deal: Deal, position: Position) -> Iterator[Finding]:
    """A right under the name of another class, whose shares vote, that does not say it converts."""
    if not position.rights.value or position.converts.value:
        return
    name = folded(position.security.value)
    votes = {
        folded(row.name.value)
        for row in deal.classes
        if row.votes_per_share.value and len(deal.classes) > 1
    }
    if name in votes and name != folded(ownership.class_of(deal, position)):
        at = position.converts if position.converts.address else position.security
        message = (
            f'{position.name.value}: "{position.security.value}" has votes of its own, which count '
            f"a second time with the shares it converts into: enter its name in {at.where}"
        )
        yield finding(check, NEEDS_INPUT, message, at, [position.security, position.converts])


def _has_class(deal: Deal, position: Position) -> bool:
    of = ownership.class_of(deal, position)
    if of is None:
        return len(deal.classes) == 1
    return folded(of) in {folded(row.name.value) for row in deal.classes}


def _row_finding(check: Check, deal: Deal, row: ownership_table.Row) -> Finding:
    positions = [
        position
        for position in deal.holders
        if folded(row.name) in (folded(position.name.value), folded(position.group.value))
    ]
    inputs: list[Input[Any]] = [p.held for p in positions] + [p.rights for p in positions]
    at = positions[0].name
    if row.fraction is None:
        message = f"{row.name}, {row.of}: {row.reason}"
        return finding(check, NEEDS_INPUT, message, at, inputs)
    parts = [f"{row.name}, {row.of}: {plain(row.shares or 0)} of {plain(row.base or 0)}"]
    parts.append(f" is {percent(row.fraction)}")
    if row.voting_fraction is not None and len(deal.classes) > 1:
        parts.append(f", {percent(row.voting_fraction)} of votes")
    if row.reason:
        parts.append(f"; {row.reason}")
    verdict = REVIEW if row.status == REVIEW else NOTE
    return finding(check, verdict, "".join(parts), at, inputs)


@check("SEC010", "More held than outstanding", "SEC-13D3", "the input sheets")
def held_in_all(check: Check, deal: Deal) -> Iterator[Finding]:
    """The shares that all holders hold of a class against those outstanding after the deal.

    To do: Look for shares that are entered twice, or for a count of an earlier date, and correct
    the inputs.
    """
    for row in deal.classes:
        base = row.outstanding_after if row.outstanding_after.value is not None else row.outstanding
        held = [
            position.held
            for position in deal.holders
            if position.held.value and _names(deal, position, row.name.value)
        ]
        whole = total([place.value for place in held if place.value is not None])
        if base.value is not None and whole > base.value:
            message = (
                f"{row.name.value}: {plain(whole)} held in all, {plain(base.value)} outstanding: "
                "shares and percentages swapped, or a position listed twice?"
            )
            yield finding(check, BREACH, message, base, [base, *held])


def _names(deal: Deal, position: Position, name: str | None) -> bool:
    of = ownership.class_of(deal, position)
    return folded(of) == folded(name) if of else len(deal.classes) == 1


@check("SEC011", "Cover page against itself", "SEC-13D", "Schedule 13D, rows 7 to 13")
def cover(check: Check, deal: Deal) -> Iterator[Finding]:
    """Row 13 against row 11, the shares outstanding that are stated, and the rights on Holders.

    To do: Correct the row that does not follow from the others; where the page is filed, by an
    amendment.
    """
    stated = deal.filing_facts.outstanding_stated
    for row in deal.filing:
        rights = _rights_counted(deal, row)
        try:
            outcome = schedule_13d.cover(
                row.sole_voting.value,
                row.shared_voting.value,
                row.sole_dispositive.value,
                row.shared_dispositive.value,
                row.aggregate.value,
                row.percent.value,
                [] if stated.value is None else [stated.value],
                [] if rights is None else [rights],
            )
        except RuleError as problem:
            yield finding(check, NEEDS_INPUT, f"{_who(row)}: {problem}", row.percent, [stated])
            continue
        inputs = [row.aggregate, row.percent, stated]
        message = f"{_who(row)}: {outcome.reason}"
        yield finding(check, str(outcome.value), message, row.percent, inputs, outcome)


def _who(row: CoverRows) -> str:
    return row.name.value or row.name.where


def _rights_counted(deal: Deal, row: CoverRows) -> Exact | None:
    """The rights in a person's position that count; None where that is not known."""
    positions = ownership.reported_positions(deal, row.position.value or row.name.value or "")
    if not positions:
        return None
    try:
        if ownership.needs_table(positions):
            shares = ownership.shares_together(deal, positions).number
            held = total([p.held.value for p in positions if p.held.value is not None])
            return minus(shares, held)
        rights = [p.rights.value for p in positions if p.rights.value]
        days = [p.exercisable_on.value for p in positions if p.rights.value]
        day = deal.filing_facts.event_date.value
        return beneficial_shares([0], rights, days, day).number
    except RuleError:
        return None


@check("SEC012", "Persons who share one position", "SEC-13D", "Schedule 13D; 17 CFR 240.13d-1(k)")
def shared(check: Check, deal: Deal) -> Iterator[Finding]:
    """Several reporting persons of one position: each states it, nobody adds it up.

    To do: Settle which persons share the position, and have each of them state it: it is one
    position and is added once.
    """
    together: dict[str, list[CoverRows]] = {}
    for row in deal.filing:
        if row.aggregate.value is not None:
            key = folded(row.position.value or row.name.value)
            together.setdefault(key, []).append(row)
    for rows in together.values():
        if len(rows) < 2:
            continue
        counts = [row.aggregate.value for row in rows if row.aggregate.value is not None]
        yield from _added_up(check, rows, counts)
        yield _one_position(check, rows, counts)


def _added_up(
    check: Check, rows: Sequence[CoverRows], counts: Sequence[Exact]
) -> Iterator[Finding]:
    for number, row in enumerate(rows):
        others = [count for at, count in enumerate(counts) if at != number]
        if len(others) > 1 and counts[number] == total(others):
            message = (
                f"{_who(row)}: row 11 says {plain(counts[number])}, which is what the other "
                f"{len(others)} persons report added up: they share one position"
            )
            places = [each.aggregate for each in rows]
            yield finding(check, BREACH, message, row.aggregate, places)


def _one_position(check: Check, rows: Sequence[CoverRows], counts: Sequence[Exact]) -> Finding:
    places = [row.aggregate for row in rows]
    if len(set(counts)) > 1:
        stated = ", ".join(f"{_who(row)} {plain(n)}" for row, n in zip(rows, counts, strict=True))
        message = f"one position, different shares in row 11: {stated}"
        return finding(check, REVIEW, message, places[0], places)
    message = f"{len(rows)} persons report one position of {plain(counts[0])}"
    percents = [row.percent.value for row in rows if row.percent.value is not None]
    if len(percents) == len(rows) and len(set(percents)) == 1:
        wrong = percent(times(percents[0], len(rows)))
        message += f": {percent(percents[0])} once, not {wrong}"
    return finding(check, NOTE, message, places[0], places)


@check("SEC013", "Codes of rows 4 and 14", "SEC-13D", "Schedule 13D, instructions to rows 4 and 14")
def codes(check: Check, deal: Deal) -> Iterator[Finding]:
    """Source of funds and type of person against the codes of the form.

    To do: Take the code from the instructions of the form.
    """
    known = (
        ("source_of_funds", "row 4", schedule_13d.SOURCES_OF_FUNDS.on()),
        ("person_type", "row 14", schedule_13d.PERSON_TYPES.on()),
    )
    for row in deal.filing:
        for key, label, threshold in known:
            place: Input[str] = getattr(row, key)
            wrong = schedule_13d.unknown_codes(place.value or "", threshold)
            if wrong:
                listed = ", ".join(threshold.word.split())
                message = f"{_who(row)}: {label} says {', '.join(wrong)}, none of {listed}"
                yield finding(check, BREACH, message, place, [place])


@check("SEC014", "Item 5 against the cover page", "SEC-13D", "Schedule 13D, Item 5(a), (b)")
def item_5(check: Check, deal: Deal) -> Iterator[Finding]:
    """The shares and the percentage in the text against rows 11 and 13 of every person.

    To do: Let Item 5 say what the cover pages say, person by person, or correct the page.
    """
    facts = deal.filing_facts
    pairs = (
        (facts.item_5_shares, "aggregate", "row 11", plain, eq),
        (facts.item_5_percent, "percent", "row 13", percent, schedule_13d.same_percentage),
    )
    for stated, key, label, show, same in pairs:
        rows = [getattr(row, key) for row in deal.filing if getattr(row, key).value is not None]
        if stated.value is None or not rows:
            continue
        of_all = ", ".join(dict.fromkeys(show(place.value) for place in rows))
        verdict, why = _ties_to_persons(stated.value, [place.value for place in rows], same)
        message = f"Item 5 says {show(stated.value)}, {label} {of_all}{why}"
        yield finding(check, verdict, message, stated, [stated, *rows])


def _ties_to_persons(
    stated: Exact, rows: Sequence[Exact], same: Callable[[Exact, Exact], bool]
) -> tuple[str, str]:
    """Whether Item 5 is what every person's row says, and what it looks like where it is not."""
    tying = [same(row, stated) for row in rows]
    if all(tying):
        return OK, ""
    if any(tying):
        return REVIEW, ": it is not what every person reports"
    if stated != total(rows):
        return BREACH, ""
    if len(set(rows)) == 1:
        return BREACH, ": the persons' shares of one position are added up"
    return REVIEW, ": the sum of the persons', right only where none reports another's shares"


@check("SEC015", "Filed in time", "SEC-13D-DUE", "17 CFR 240.13d-1(a), 240.13d-2(a)")
def in_time(check: Check, deal: Deal) -> Iterator[Finding]:
    """The date of the filing against the day it was due, under the law then and today's.

    To do: Where it is late, file at once and keep the reason on record; where a date is missing,
    enter it.
    """
    facts = deal.filing_facts
    event, filed = facts.event_date.value, facts.filed_on.value
    inputs: list[Input[Any]] = [facts.filed_on, facts.event_date, facts.form]
    if not deal.filing and filed is None and facts.form.value is None:
        return
    blank = [place for place in inputs if place.value is None]
    if event is None or filed is None or facts.form.value is None:
        message = f"whether it was filed in time is not known: fill {named(blank)}"
        yield finding(check, NEEDS_INPUT, message, blank[0], inputs)
        return
    if filed > date.today() or event > date.today():
        return  # SEC016 says so
    if filed < event:
        message = f"filed on {filed}, before the event of {event}"
        yield finding(check, BREACH, message, facts.filed_on, inputs)
        return
    form = form_of(facts.form.value)
    if form is None or form.letter != "D":
        message = f'"{facts.form.value}": its due date is not decided here, only that of a 13D'
        yield finding(check, REVIEW, message, facts.form, inputs)
        return
    try:
        then = filing_deadline.due(event, form.amended)
        now = filing_deadline.due(event, form.amended, date.today())
    except RuleError as problem:
        yield finding(check, NEEDS_INPUT, str(problem), facts.event_date, inputs)
        return
    what = "amendment" if form.amended else "Schedule 13D"
    if isinstance(then.value, date):
        late = filed > then.value
        message = f"{what} of {event} filed on {filed}, due {then.value}"
        if late:
            message += f": {_late(then.value, filed)}"
        yield finding(check, BREACH if late else OK, message, facts.filed_on, inputs, then)
    else:
        message = f"{what} of {event} filed on {filed}: promptly, or not, was the test then"
        yield finding(check, REVIEW, message, facts.filed_on, inputs, then)
    if then.value != now.value and isinstance(now.value, date):
        said = _late(now.value, filed) if filed > now.value else "in time"
        message = f"under today's rule it would have been due {now.value}: {said}"
        yield finding(check, NOTE, message, facts.filed_on, inputs, now)


def _late(due: date, filed: date) -> str:
    days = sum(is_business_day(due + timedelta(day)) for day in range(1, (filed - due).days + 1))
    days += not is_business_day(filed)
    return f"{days} business {'day' if days == 1 else 'days'} late"


@check("SEC016", "Date in the future", "INPUT", "the input sheets")
def future(check: Check, deal: Deal) -> Iterator[Finding]:
    """An event, a filing or a count of shares that is dated after today.

    To do: Correct the date, or wait for it: nothing that rests on a day to come can be filed as a
    fact.
    """
    places: list[Input[Any]] = [deal.filing_facts.event_date, deal.filing_facts.filed_on]
    places += [row.as_of for row in deal.classes]
    for place in places:
        if place.value is not None and place.value > date.today():
            message = f"{place.label}: {place.value} is in the future; a past date is expected"
            yield finding(check, NEEDS_INPUT, message, place, [place])


@check("SEC017", "Shares and percentage swapped", "INPUT", "the input sheets")
def swapped(check: Check, deal: Deal) -> Iterator[Finding]:
    """Row 11 that looks like a percentage beside a row 13 that cannot be one.

    To do: Put the shares into row 11 and the percentage into row 13.
    """
    unread = {(problem.sheet, problem.address) for problem in deal.problems}
    for row in deal.filing:
        shares, part = row.aggregate, row.percent
        looks_swapped = shares.value is not None and shares.value <= _HUNDRED
        if looks_swapped and (part.sheet, part.address) in unread:
            message = (
                f"{_who(row)}: row 11 in {shares.where} says {plain(shares.value or 0)} shares and "
                f"row 13 in {part.where} is no percentage: are the two columns swapped?"
            )
            yield finding(check, BREACH, message, shares, [shares, part])


@check("SEC018", "Member of a group without a position", "SEC-13D3", "17 CFR 240.13d-5(b)")
def members(check: Check, deal: Deal) -> Iterator[Finding]:
    """Every member that the Groups sheet names against the positions on Holders.

    To do: Enter the member's position on Holders, with 0 where it has none, so that the group's row
    is whole.
    """
    for row in deal.groups:
        group, member = row.group, row.member
        if group.value is None or member.value is None:
            blank = [place for place in (group, member) if place.value is None]
            message = f"a member without its group, or a group without its member: {named(blank)}"
            yield finding(check, NEEDS_INPUT, message, blank[0], [group, member])
            continue
        own = [p for p in deal.holders if folded(p.name.value) == folded(member.value)]
        apart = [p.group for p in own if folded(p.group.value) != folded(group.value)]
        if not own:
            message = (
                f'"{member.value}" of "{group.value}" has no position on the Holders sheet, so the '
                "group's row leaves it out: enter it, with 0 held and 0 rights where it "
                "holds nothing"
            )
            yield finding(check, NEEDS_INPUT, message, member, [member])
        elif apart:
            message = (
                f'"{member.value}" is of "{group.value}", but {named(apart)} does not say so, and '
                "the group's row leaves that position out"
            )
            yield finding(check, NEEDS_INPUT, message, apart[0], [member, *apart])
