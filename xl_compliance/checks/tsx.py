"""Checks of a prospectus offering on TSX: the route under section 606, and what leads to 607."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from xl_compliance.checks.findings import BREACH, NOTE, OK, Finding, finding
from xl_compliance.checks.registry import Check, check
from xl_compliance.deal.evaluation import folded
from xl_compliance.deal.model import Deal, Input, OfferingScenario
from xl_compliance.deal.offerings import (
    Answer,
    Insider,
    Scenario,
    answer,
    law_as_of,
    market_price_before,
    scenarios,
)
from xl_compliance.deal.places import named
from xl_compliance.rules.exact import Exact, magnitude, minus, percent, plain, plus, quotient, total
from xl_compliance.rules.outcome import NEEDS_INPUT, REVIEW, Moment, NotEnoughData
from xl_compliance.rules.tsx import (
    net_proceeds,
    offering_notice,
    private_placement,
    prospectus_offering,
    reference_close,
)
from xl_compliance.rules.tsx.prospectus_offering import (
    ACCEPTED,
    ALL_INSIDER_PURCHASES,
    INSIDER_EXCESS,
    WHOLE_OFFERING,
)

SOURCE_606: Final = "TSX Company Manual s. 606(b)(i)-(iv), Appendix D (20 Apr 2023)"
_TO_607: Final = (INSIDER_EXCESS, ALL_INSIDER_PURCHASES, WHOLE_OFFERING)
_TESTED_BY_INSIDER: Final = (ACCEPTED, INSIDER_EXCESS)


@check("TSX001", "Route of the offering", "TSX-606", SOURCE_606)
def route(check: Check, deal: Deal) -> Iterator[Finding]:
    """Whether section 606 accepts the offering, or what part of it goes to section 607."""
    for scenario in scenarios(deal):
        answered = scenario.route
        yield finding(
            check,
            str(answered.value) if answered.outcome else _verdict_of(answered),
            f"{scenario.name}: {_route_message(scenario)}",
            scenario.row.name,
            _route_inputs(scenario),
            answered.outcome,
            headroom=_price_headroom(scenario),
        )


def _verdict_of(answered: Answer) -> str:
    """Missing data wait for input; a number that cannot be is a mistake."""
    return NEEDS_INPUT if isinstance(answered.error, NotEnoughData) else BREACH


def _route_message(scenario: Scenario) -> str:
    answered, excess = scenario.route, scenario.excess.outcome
    if answered.outcome is None:
        cells = [cell for one in scenario.insiders for cell in (one.row.bought, one.row.held)]
        blank = [cell for cell in cells if cell.value is None]
        return f"{answered.reason}; fill {named(blank)}" if blank else answered.reason
    parts = [f"{answered.value}: {answered.reason}"]
    if excess is not None and excess.number:
        applies = f"section 607 applies to {plain(excess.number)}"
        size = scenario.row.size.value
        parts.append(f"{applies} of {plain(size)} securities" if size else applies)
    if answered.value == NEEDS_INPUT:
        known = [scenario.row.close] if scenario.put_to_606.close is not None else []
        inputs = [entry for entry in _route_inputs(scenario) if entry not in known]
        blank = [entry for entry in inputs if entry.value is None]
        parts.append(f"fill {named(blank)}" if blank else "enter its insiders on Insiders")
    if scenario.row.close.value is None and scenario.put_to_606.close is not None:
        parts.append(f"measured from the reference close {plain(scenario.put_to_606.close)}")
    return "; ".join(parts)


def _route_inputs(scenario: Scenario) -> list[Input[Any]]:
    row = scenario.row
    inputs: list[Input[Any]] = [row.offer_price, row.close, row.size, row.outstanding]
    inputs += [row.purchasers, row.dealers_notified] if row.dealers_notified.value else []
    if not row.dealers_notified.value:
        inputs.append(row.purchasers)
        if scenario.broadly_marketed.value == NEEDS_INPUT:
            inputs.append(row.dealers_notified)
    for insider in scenario.insiders:
        inputs += [insider.row.bought, insider.row.held]
    if scenario.own_terms:
        inputs.append(row.commission)
    return inputs


def _price_headroom(scenario: Scenario) -> str:
    """How far the price stands from the lowest one within the discount."""
    put = scenario.put_to_606
    if put.price is None or put.close is None or scenario.route.value == REVIEW:
        return ""
    lowest = prospectus_offering.floor_price(put.close, put.as_of)
    gap = minus(put.price, lowest)
    side = "above" if gap >= 0 else "below"
    return f"{plain(magnitude(gap))} {side} {plain(lowest)}, the lowest price within the discount"


@check("TSX002", "Insider's room or excess", "TSX-606", SOURCE_606)
def insiders(check: Check, deal: Deal) -> Iterator[Finding]:
    """Each insider's purchase against the pro rata share; nobody's unused room helps another."""
    for scenario in scenarios(deal):
        if scenario.route.value not in _TESTED_BY_INSIDER:
            continue
        for insider in _buying(scenario):
            room, bought = insider.room, insider.row.bought.value
            if room is None or bought is None:
                continue
            yield finding(
                check,
                OK if room >= 0 else NOTE,
                f"{_named(scenario, insider)}: buys {plain(bought)}, pro rata share "
                f"{plain(insider.pro_rata or 0)}: {_side(room)}",
                insider.row.bought,
                [insider.row.bought, insider.row.held, scenario.row.outstanding, scenario.row.size],
                threshold=f"<= {plain(insider.pro_rata or 0)}",
                headroom=_side(room),
            )


@check("TSX014", "Insiders hold more than is outstanding", "TSX-606", "the input sheets")
def held_in_all(check: Check, deal: Deal) -> Iterator[Finding]:
    """All insiders' holdings against the count: of a count too small each has too large a part."""
    for scenario in scenarios(deal):
        outstanding = scenario.row.outstanding
        held = [one.row.held for one in scenario.insiders if one.row.held.value]
        if outstanding.value is None:
            continue
        whole = prospectus_offering.held_beyond([it.value for it in held], outstanding.value)
        if whole is not None:
            message = (
                f"{scenario.name}: insiders hold {plain(whole)} together of "
                f"{plain(outstanding.value)} outstanding: pro rata shares are too large, or shares "
                "are listed twice"
            )
            yield finding(check, REVIEW, message, outstanding, [outstanding, *held])


def _named(scenario: Scenario, insider: Insider) -> str:
    return f"{scenario.name}, {insider.row.name.value or insider.row.name.where}"


def _side(room: Exact) -> str:
    return f"{plain(magnitude(room))} {'left' if room >= 0 else 'over'}"


def _buying(scenario: Scenario) -> list[Insider]:
    return [insider for insider in scenario.insiders if insider.row.bought.value]


@check(
    "TSX003",
    "What section 607 asks",
    "TSX-607",
    "TSX Company Manual s. 607(c), (e), (g), s. 604(a)(i); TSX response Other (d) (20 Apr 2023)",
)
def private_placement_limits(check: Check, deal: Deal) -> Iterator[Finding]:
    """The limits of section 607 on the securities that section 606 sends there."""
    for scenario in scenarios(deal):
        excess = scenario.excess.outcome
        if scenario.route.value not in _TO_607 or excess is None or not excess.number:
            continue
        row, outstanding = scenario.row, scenario.put_to_606.outstanding
        market = market_price_before(deal, scenario)
        outcome = private_placement.approval(
            private_placement.Placement(
                price=_price_under_607(scenario),
                market_price=market.outcome.number if market.outcome else None,
                issuable=(excess.number,),
                outstanding=outstanding,
                insider_issuable=_to_insiders(scenario, excess.number),
            )
        )
        used = [
            entry
            for one in deal.session_closes
            for entry in (one.value, one.volume)
            if market.outcome
        ]
        yield finding(
            check,
            str(outcome.value),
            f"{scenario.name}: {_limits(scenario, excess.number, market)}; {outcome.reason}",
            row.name,
            [row.offer_price, row.size, row.outstanding, *used],
            outcome,
        )


def _price_under_607(scenario: Scenario) -> Exact | None:
    """What is netted from an insider who nets less is the price of that purchase."""
    nets = [one.net_price for one in _buying(scenario) if _nets_less(scenario, one)]
    known = [net for net in nets if net is not None]
    return min(known) if known else scenario.row.offer_price.value


def _to_insiders(scenario: Scenario, excess: Exact) -> Exact | None:
    """What goes to insiders under section 607 here; earlier placements come on top."""
    if scenario.route.value != WHOLE_OFFERING:
        return excess
    bought = [insider.row.bought.value for insider in scenario.insiders]
    known = [number for number in bought if number is not None]
    return total(known) if known and len(known) == len(bought) else None


def _limits(scenario: Scenario, excess: Exact, market: Answer) -> str:
    parts = [f"securities under section 607: {plain(excess)}"]
    if scenario.put_to_606.outstanding:
        base = total(scenario.put_to_606.outstanding)
        parts[0] += f", {percent(quotient(excess, base))} of {plain(base)} outstanding"
        parts += [
            f"{step.item} {plain(step.value)}"
            for step in private_placement.limits_on_insiders(scenario.put_to_606.outstanding)
            if isinstance(step.value, int)
        ]
    if market.outcome:
        parts.append(f"market price {plain(market.outcome.number)} over five sessions")
    else:
        parts.append(
            "market price needs value and volume of the five sessions before announcement on Closes"
        )
    parts.append("what insiders took in the six months before, and the largest holder, come on top")
    return "; ".join(parts)


@check(
    "TSX004",
    "Letter beside the preliminary prospectus",
    "TSX-606-NOTICE",
    "TSX Company Manual s. 606(a)(i)-(iv), Appendix D (20 Apr 2023)",
)
def notice(check: Check, deal: Deal) -> Iterator[Finding]:
    """Whether the letter states the four things that section 606(a) asks for."""
    for scenario in _under_the_rule(deal):
        row = scenario.row
        statements: list[Input[Any]] = [
            row.letter_interest,
            row.letter_control,
            row.letter_marketed,
            row.letter_when_issued,
        ]
        outcome = offering_notice.notice(*(entry.value for entry in statements))
        verdict, message = str(outcome.value), outcome.reason
        if all(entry.value is None for entry in statements):
            verdict, message = NEEDS_INPUT, f"no statement of the letter is entered; {message}"
        yield finding(
            check,
            verdict,
            f"{scenario.name}: letter under section 606(a): {message}",
            next((entry for entry in statements if entry.value is None), row.letter_interest),
            statements,
            outcome,
        )


_MARKETED: Final[Mapping[object, str]] = {True: OK, False: NOTE}


@check(
    "TSX005",
    "Broadly marketed",
    "TSX-606",
    "TSX Company Manual s. 606, note 1, Appendix D; TSX responses 4(b)-(d) (20 Apr 2023)",
)
def broadly_marketed(check: Check, deal: Deal) -> Iterator[Finding]:
    """Fifty actual purchasers, or dealers notified."""
    for scenario in _under_the_rule(deal):
        row, outcome = scenario.row, scenario.broadly_marketed
        count = "" if row.purchasers.value is None else f"{plain(row.purchasers.value)} purchasers"
        yield finding(
            check,
            _MARKETED.get(outcome.value, str(outcome.value)),
            f"{scenario.name}: {'; '.join(part for part in (count, outcome.reason) if part)}",
            row.purchasers if row.dealers_notified.value is None else row.dealers_notified,
            [row.purchasers, row.dealers_notified, row.marketed_abroad],
            outcome,
        )


@check(
    "TSX006",
    "Broad marketing confirmed",
    "TSX-606",
    "TSX response 4(b) (20 Apr 2023): by the submission of final documentation",
)
def confirmed(check: Check, deal: Deal) -> Iterator[Finding]:
    """TSX must have the confirmation by final documentation, or it reverts to section 607."""
    for scenario in _under_the_rule(deal):
        place = scenario.row.confirmed
        if scenario.broadly_marketed.value is False:
            continue
        if place.value is True:
            verdict, message = OK, "broad marketing is confirmed to TSX"
        elif place.value is False:
            verdict = BREACH
            message = (
                "broad marketing was not confirmed by final documentation: TSX reverts to section "
                "607 for the offering"
            )
        else:
            verdict = NEEDS_INPUT if place.value is None else REVIEW
            message = (
                "broad marketing is not confirmed yet: TSX must have the confirmation no later "
                f"than final documentation, or it reverts to section 607. Enter it in {place.where}"
            )
        yield finding(check, verdict, f"{scenario.name}: {message}", place, [place])


def _under_the_rule(deal: Deal) -> list[Scenario]:
    """The offerings under today's rule, not under the five factors before it."""
    every = scenarios(deal)
    return [one for one in every if not prospectus_offering.TEST.on(law_as_of(one.row)).end]


@check(
    "TSX007",
    "Reference close",
    "TSX-606-CLOSE",
    "TSX Company Manual s. 606(b)(i)-(iii), Appendix D; TSX response 1(c) (20 Apr 2023)",
)
def close_used(check: Check, deal: Deal) -> Iterator[Finding]:
    """The close used against that of the last session completed before announcement."""
    for scenario in scenarios(deal):
        row, picked = scenario.row, scenario.reference
        verdict, message = _close_verdict(scenario)
        yield finding(
            check,
            verdict,
            f"{scenario.name}: {message}",
            row.close_date if row.close.value is not None else row.close,
            [row.close, row.close_date, row.announced_at, row.disseminated_at],
            picked.outcome,
        )


def _close_verdict(scenario: Scenario) -> tuple[str, str]:
    row, picked = scenario.row, scenario.reference
    announced, day = row.announced_at.value, row.close_date.value
    if announced and day and day > announced.day:
        late = f"the close of {day} was taken after the announcement of {announced}"
        return BREACH, f"{late}: there is no re-set while the offering is marketed"
    if picked.outcome is None:
        return _verdict_of(picked), picked.reason
    rule = f"{plain(picked.outcome.number)} of {scenario.session}"
    if row.close.value is None:
        return OK, f"no close is entered; {rule} is used, {picked.reason}"
    used = f"{plain(row.close.value)} of {day or 'a date not given'}"
    if day is None and row.close.value == picked.outcome.number:
        return NEEDS_INPUT, f"{used} equals {rule}; enter its date in {row.close_date.where}"
    if day != scenario.session:
        return BREACH, f"{used} is used; the rule picks {rule}, {picked.reason}"
    if row.close.value != picked.outcome.number:
        return BREACH, f"{used} is used; the Closes sheet gives {rule}"
    return OK, f"{used} is {picked.reason}"


@check(
    "TSX008",
    "Material information seasoned",
    "TSX-606-CLOSE",
    "TSX responses 3, Other (b), Other (c) (20 Apr 2023); Staff Notice 2023-0002",
)
def seasoned(check: Check, deal: Deal) -> Iterator[Finding]:
    """Whether material information was out for one completed session before the close used."""
    for scenario in scenarios(deal):
        row = scenario.row
        told = row.disseminated_at.value
        if told is None:
            continue
        first = _seasoned_from(told, law_as_of(row))
        verdict, message = _seasoning(scenario, first)
        yield finding(
            check,
            verdict,
            f"{scenario.name}: material information of {told}: {message}",
            row.disseminated_at,
            [row.disseminated_at, row.announced_at, row.close_date],
            first.outcome,
        )


def _seasoned_from(told: Moment, as_of: date | None) -> Answer:
    return answer(lambda: reference_close.seasoned_from(told, as_of))


def _seasoning(scenario: Scenario, first: Answer) -> tuple[str, str]:
    if first.outcome is None or isinstance(first.value, str):
        return (REVIEW if first.outcome else _verdict_of(first)), first.reason
    day = scenario.row.close_date.value or scenario.session
    if day is None:
        return NEEDS_INPUT, f"the first close that may be used is that of {first.value}"
    if day < first.value:  # type: ignore[operator]
        return BREACH, f"not seasoned at the close of {day}: that of {first.value} is the first"
    return OK, f"seasoned at the close of {day}; that of {first.value} is the first"


@check("TSX009", "Excess offset against another's room", "TSX-606", SOURCE_606)
def offset(check: Check, deal: Deal) -> Iterator[Finding]:
    """Insiders within their shares together while one of them is over: it does not help."""
    for scenario in scenarios(deal):
        rows = [insider for insider in scenario.insiders if insider.room is not None]
        over = [insider for insider in rows if insider.room is not None and insider.room < 0]
        if scenario.route.value not in _TESTED_BY_INSIDER or not over:
            continue
        bought = total(one.row.bought.value for one in rows if one.row.bought.value is not None)
        shares = total(one.pro_rata for one in rows if one.pro_rata is not None)
        if bought > shares:
            continue
        names = ", ".join(one.row.name.value or one.row.name.where for one in over)
        yield finding(
            check,
            NOTE,
            f"{scenario.name}: together insiders buy {plain(bought)} of {plain(shares)} pro rata, "
            f"but {names} buys more than that insider's own share; another's unused room offsets "
            "nothing",
            over[0].row.bought,
            [entry for one in rows for entry in (one.row.bought, one.row.held)],
            threshold="each insider's respective pro rata interest",
        )


@check("TSX010", "Pro rata share as stated", "TSX-606", SOURCE_606)
def stated_pro_rata(check: Check, deal: Deal) -> Iterator[Finding]:
    """A share somebody worked out, against holdings x offering / outstanding before."""
    for scenario in scenarios(deal):
        for insider in scenario.insiders:
            stated = insider.row.stated_pro_rata.value
            if stated is None or insider.pro_rata is None:
                continue
            same = stated == insider.pro_rata
            message = f"{_named(scenario, insider)}: pro rata share stated as {plain(stated)}"
            if not same:
                message += (
                    f", {insider.pro_rata} worked out{_base_used(scenario.row, insider, stated)}"
                )
            yield finding(
                check,
                OK if same else BREACH,
                message,
                insider.row.stated_pro_rata,
                [
                    insider.row.stated_pro_rata,
                    insider.row.held,
                    scenario.row.outstanding,
                    scenario.row.size,
                ],
                threshold=f"= {plain(insider.pro_rata)}",
            )


def _base_used(row: OfferingScenario, insider: Insider, stated: Exact) -> str:
    """Which other base gives the figure that was stated."""
    held, before, size = insider.row.held.value, row.outstanding.value, row.size.value
    assert held is not None
    assert before is not None
    assert size is not None
    larger = plus(size, row.over_allotment.value or 0)
    for base, offered, words in (
        (before, larger, "with the over-allotment option in the offering"),
        (plus(before, size), size, "over those outstanding after the offering"),
        (plus(before, larger), larger, "over those outstanding after, over-allotment included"),
        (plus(before, larger), size, "over those outstanding after, over-allotment included"),
    ):
        if prospectus_offering.pro_rata(held, [base], offered).value == stated:
            return f": it was worked out {words}"
    return ""


@check(
    "TSX011",
    "Net proceeds from an insider",
    "TSX-606-NET-PROCEEDS",
    "TSX response 2 (20 Apr 2023)",
)
def net_from_insiders(check: Check, deal: Deal) -> Iterator[Finding]:
    """An insider who is paid a fee, or buys at another commission, against other purchasers."""
    for scenario in scenarios(deal):
        row = scenario.row
        for insider in _buying(scenario):
            if not insider.own_terms:
                continue
            fee, own = insider.row.fee, insider.row.commission
            answered = _net_test(row, insider)
            blank = [entry for entry in (row.offer_price, row.commission) if entry.value is None]
            message = answered.reason
            if blank:
                message = (
                    "paid a fee or on a commission of its own, and net proceeds cannot be "
                    f"compared: fill {named(blank)}"
                )
            yield finding(
                check,
                str(answered.value) if answered.outcome else _verdict_of(answered),
                f"{_named(scenario, insider)}: {message}",
                fee if fee.value is not None else own,
                [fee, own, row.commission, row.offer_price],
                answered.outcome,
            )


def _net_test(row: OfferingScenario, insider: Insider) -> Answer:
    fee, own = insider.row.fee.value or 0, insider.row.commission.value
    return answer(
        lambda: net_proceeds.insider_route(row.offer_price.value, row.commission.value, fee, own)
    )


def _nets_less(scenario: Scenario, insider: Insider) -> bool:
    if insider.net_price is None or scenario.public_net_price is None:
        return False
    return insider.own_terms and insider.net_price < scenario.public_net_price


@check(
    "TSX012",
    "Concurrent private placement",
    "TSX-606-NET-PROCEEDS",
    "TSX response 1(f) (20 Apr 2023)",
)
def concurrent(check: Check, deal: Deal) -> Iterator[Finding]:
    """A private placement at the same time against the net proceeds of the offering."""
    for scenario in scenarios(deal):
        place = scenario.row.placement_net
        if place.value is None:
            continue
        outcome = net_proceeds.concurrent_placement(scenario.public_net_price, place.value)
        blank: Sequence[Input[Any]] = [
            entry
            for entry in (scenario.row.offer_price, scenario.row.commission)
            if entry.value is None
        ]
        message = f"fill {named(blank)}" if blank else outcome.reason
        yield finding(
            check,
            str(outcome.value),
            f"{scenario.name}: concurrent placement at {plain(place.value)} net: {message}",
            place,
            [place, scenario.row.offer_price, scenario.row.commission],
            outcome,
        )


@check("TSX013", "Insiders of no scenario", "INPUT", "the input sheets")
def scenario_names(check: Check, deal: Deal) -> Iterator[Finding]:
    """Rows that no scenario takes up, and scenarios that share a name or have none."""
    names = [folded(row.name.value) for row in deal.offerings]
    for insider in deal.insiders:
        if not folded(insider.scenario.value) or folded(insider.scenario.value) not in names:
            message = (
                f'insider "{insider.name.value or insider.name.where}": scenario '
                f'"{insider.scenario.value or ""}" stands in no line of Offerings, so the row '
                "counts nowhere"
            )
            yield finding(check, BREACH, message, insider.scenario, [insider.scenario])
    for row, name in zip(deal.offerings, names, strict=True):
        if not name or names.count(name) > 1:
            what = "has no name" if not name else f'"{row.name.value}" stands there twice'
            message = f"scenario {what}: its insiders cannot be told apart"
            yield finding(check, BREACH, message, row.name, [row.name])
