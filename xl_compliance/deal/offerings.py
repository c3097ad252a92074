"""What the offerings of a workbook come to under section 606, scenario by scenario.

Every figure is worked out by the rule that the worksheet function of the same subject calls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from xl_compliance.deal.evaluation import folded
from xl_compliance.deal.model import Deal, OfferingInsider, OfferingScenario
from xl_compliance.rules.exact import Exact, minus
from xl_compliance.rules.outcome import (
    NEEDS_INPUT,
    REVIEW,
    UNKNOWN,
    Fact,
    NotEnoughData,
    Outcome,
    RuleError,
)
from xl_compliance.rules.sessions import OutsideCalendar, calendar
from xl_compliance.rules.tsx import (
    market_price,
    net_proceeds,
    prospectus_offering,
    reference_close,
)

SESSIONS_OF_MARKET_PRICE: Final = 5
_FACT_OF: Final[dict[object, Fact]] = {
    True: True,
    False: False,
    REVIEW: UNKNOWN,
    NEEDS_INPUT: None,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a rule answered, or the error it raised instead."""

    outcome: Outcome | None
    error: RuleError | None = None

    @property
    def value(self) -> object:
        """The rule's value; None where it raised."""
        return self.outcome.value if self.outcome else None

    @property
    def reason(self) -> str:
        """Why, in one sentence."""
        return self.outcome.reason if self.outcome else str(self.error)


def answer(work_out: Callable[[], Outcome]) -> Answer:
    """A rule's answer, its errors caught."""
    try:
        return Answer(work_out())
    except RuleError as error:
        return Answer(None, error)


@dataclass(frozen=True, slots=True)
class Insider:
    """An insider's row with what section 606 makes of it; None where an input is missing."""

    row: OfferingInsider
    pro_rata: int | None
    net_price: Exact | None

    @property
    def own_terms(self) -> bool:
        """Whether the insider is paid a fee, or buys at a commission of its own."""
        return bool(self.row.fee.value) or self.row.commission.value is not None

    @property
    def room(self) -> Exact | None:
        """What is left of the pro rata share; below 0 where the purchase exceeds it."""
        bought = self.row.bought.value
        if self.pro_rata is None or bought is None:
            return None
        return minus(self.pro_rata, bought)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One offering with its insiders, as section 606 looks at them."""

    row: OfferingScenario
    insiders: tuple[Insider, ...]
    public_net_price: Exact | None
    reference: Answer
    session: date | None
    broadly_marketed: Outcome
    put_to_606: prospectus_offering.Offering
    route: Answer
    excess: Answer

    @property
    def name(self) -> str:
        """As entered, or the cell where it would stand."""
        return self.row.name.value or self.row.name.where

    @property
    def own_terms(self) -> bool:
        """Whether an insider buys on terms of its own."""
        return any(insider.own_terms for insider in self.insiders)


def scenarios(deal: Deal) -> tuple[Scenario, ...]:
    """Every offering of the workbook; call it under `exactly`."""
    return tuple(_scenario(deal, row) for row in deal.offerings)


def _scenario(deal: Deal, row: OfferingScenario) -> Scenario:
    rows = [one for one in deal.insiders if folded(one.scenario.value) == folded(row.name.value)]
    reference = answer(lambda: _reference(deal, row))
    broadly = _broadly_marketed(row)
    insiders = tuple(Insider(one, _pro_rata(row, one), _insider_net(row, one)) for one in rows)
    differs = any(insider.own_terms for insider in insiders)
    public = _public_net(row)
    used = row.close.value
    if used is None and reference.outcome is not None:
        used = reference.outcome.number
    put = prospectus_offering.Offering(
        price=row.offer_price.value,
        close=used,
        broadly_marketed=_counted_as_broadly(row, broadly),
        size=row.size.value,
        purchases=[one.bought.value for one in rows],
        holdings=[one.held.value for one in rows],
        outstanding=() if row.outstanding.value is None else (row.outstanding.value,),
        net_prices=[insider.net_price for insider in insiders] if differs else (),
        public_net_price=public if differs else None,
        as_of=law_as_of(row),
        exemption=row.exemption.value,
        over_allotment=row.over_allotment.value,
    )
    return Scenario(
        row,
        insiders,
        public,
        reference,
        _session(reference),
        broadly,
        put,
        answer(lambda: prospectus_offering.route(put)),
        answer(lambda: prospectus_offering.securities_under_607(put)),
    )


def _broadly_marketed(row: OfferingScenario) -> Outcome:
    answered = answer(
        lambda: prospectus_offering.broadly_marketed(
            row.purchasers.value, row.dealers_notified.value, row.marketed_abroad.value
        )
    )
    return answered.outcome or Outcome(NEEDS_INPUT, answered.reason)


def law_as_of(row: OfferingScenario) -> date | None:
    """The date that picks the rule: as entered, else the day of announcement."""
    if row.as_of.value is not None:
        return row.as_of.value
    return row.announced_at.value.day if row.announced_at.value else None


def _counted_as_broadly(row: OfferingScenario, broadly: Outcome) -> Fact:
    """Without the confirmation by final documentation TSX reverts to section 607."""
    counted = _FACT_OF[broadly.value]
    if row.confirmed.value is False:
        return False
    return UNKNOWN if row.confirmed.value is UNKNOWN and counted is True else counted


def _reference(deal: Deal, row: OfferingScenario) -> Outcome:
    if row.announced_at.value is None:
        raise NotEnoughData("when the offering is announced is not given")
    return reference_close.reference_close(
        [one.close.value for one in deal.session_closes],
        [one.day.value for one in deal.session_closes],
        row.announced_at.value,
        row.disseminated_at.value,
    )


def _session(reference: Answer) -> date | None:
    """The session whose close the rule picked: the first date of its working."""
    steps = reference.outcome.steps() if reference.outcome else ()
    return next((step.value for step in steps if isinstance(step.value, date)), None)


def _pro_rata(row: OfferingScenario, insider: OfferingInsider) -> int | None:
    held, base, size = insider.held.value, row.outstanding.value, row.size.value
    if held is None or base is None or size is None:
        return None
    found = answer(lambda: prospectus_offering.pro_rata(held, [base], size)).value
    return found if isinstance(found, int) else None


def _public_net(row: OfferingScenario) -> Exact | None:
    if row.offer_price.value is None or row.commission.value is None:
        return None
    return net_proceeds.net_price(row.offer_price.value, row.commission.value).number


def _insider_net(row: OfferingScenario, insider: OfferingInsider) -> Exact | None:
    price = row.offer_price.value
    if price is None:
        return None
    own = insider.commission.value
    commission = row.commission.value if own is None else own
    found = answer(lambda: net_proceeds.net_price(price, commission, insider.fee.value))
    return found.outcome.number if found.outcome else None


def market_price_before(deal: Deal, scenario: Scenario) -> Answer:
    """Section 607's market price: five sessions up to the last one completed before announcement.

    None where their value and volume are not entered.
    """
    if scenario.session is None:
        return Answer(None)
    try:
        days = calendar("TSX").ending_at(scenario.session, SESSIONS_OF_MARKET_PRICE)
    except OutsideCalendar:
        return Answer(None)
    rows = [one for one in deal.session_closes if one.day.value in days]
    values, volumes = [one.value.value for one in rows], [one.volume.value for one in rows]
    if len(rows) < SESSIONS_OF_MARKET_PRICE or None in values or None in volumes:
        return Answer(None)
    return answer(lambda: market_price.market_price(values, volumes))
