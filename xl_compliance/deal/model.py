"""A deal as it stands in a workbook: every value with the cell it was read from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, Generic, TypeVar

from xl_compliance.rules.exact import Exact
from xl_compliance.rules.outcome import Moment

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Input(Generic[T]):
    """A value and its cell. `value` is None where the cell is blank or could not be read."""

    value: T | None
    sheet: str
    address: str
    label: str

    @property
    def where(self) -> str:
        """`Deal!B7`, or the sheet alone where the cell itself is missing."""
        return f"{self.sheet}!{self.address}" if self.address else self.sheet


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of the deal."""

    issuer: Input[str]
    exchange: Input[str]
    symbol: Input[str]
    cusip: Input[str]
    transaction: Input[str]
    signed_at: Input[Moment]
    closing_date: Input[date]
    public_offering: Input[Any]
    book_value: Input[Exact]
    deal_kind: Input[str]
    share_cap: Input[Exact]
    insider_sales: Input[Exact]
    insider_interest: Input[Exact]
    insiders_together_interest: Input[Exact]
    largest_other: Input[Exact]
    unapproved_equity_plan: Input[Any]
    las_submitted: Input[date]
    board_size: Input[Exact]
    designees: Input[Exact]
    investor_votes: Input[Exact]
    total_votes: Input[Exact]
    investor_votes_now: Input[Exact]
    total_votes_now: Input[Exact]
    minimum_ownership: Input[Any]
    step_down: Input[Any]


@dataclass(frozen=True, slots=True)
class ShareClass:
    """A class outstanding before the transaction; `counts_as` tells common stock from votes."""

    name: Input[str]
    listed: Input[Any]
    outstanding: Input[Exact]
    votes_per_share: Input[Exact]
    as_of: Input[date]
    outstanding_after: Input[Exact]
    counts_as: Input[str]


@dataclass(frozen=True, slots=True)
class PriceRow:
    """The prices of one session."""

    day: Input[date]
    close: Input[Exact]
    bid: Input[Exact]
    consolidated: Input[Exact]
    split: Input[Exact]


@dataclass(frozen=True, slots=True)
class Security:
    """A security issued in this transaction or an earlier one."""

    name: Input[str]
    transaction: Input[str]
    kind: Input[str]
    quantity: Input[Exact]
    ratio: Input[Exact]
    paid: Input[Exact]
    exercise_price: Input[Exact]
    first_exercisable: Input[date | str]
    adjustment: Input[str]
    floor: Input[Exact]
    sold_with: Input[str]
    replaces: Input[str]
    share_class: Input[str]
    principal: Input[Exact]
    cash: Input[Exact]
    votes_each: Input[Exact]


@dataclass(frozen=True, slots=True)
class Purchaser:
    """A purchaser of one security of this transaction."""

    name: Input[str]
    relationship: Input[str]
    security: Input[str]
    bought: Input[Exact]
    paid: Input[Exact]
    group: Input[str]
    held_before: Input[Exact]
    rights_before: Input[Exact]
    votes_before: Input[Exact]


@dataclass(frozen=True, slots=True)
class Position:
    """Shares held, or shares that one right can acquire."""

    name: Input[str]
    group: Input[str]
    security: Input[str]
    held: Input[Exact]
    rights: Input[Exact]
    exercisable_on: Input[date | str]
    of_class: Input[str]
    blocker: Input[Exact]
    control_purpose: Input[Any]
    converts: Input[str]


@dataclass(frozen=True, slots=True)
class GroupMember:
    """A member of a group, which has positions of its own."""

    group: Input[str]
    member: Input[str]


@dataclass(frozen=True, slots=True)
class EarlierIssuance:
    """An earlier transaction that might be counted together with this one."""

    transaction: Input[str]
    closing: Input[date]
    investor: Input[str]
    issuable: Input[Exact]
    outstanding_before: Input[Exact]
    common_investors: Input[Any]
    planned: Input[Any]
    contingent: Input[Any]
    same_use_of_proceeds: Input[Any]
    same_board_approval: Input[Any]
    votes_before: Input[Exact]


@dataclass(frozen=True, slots=True)
class StatedFigure:
    """A figure that somebody else worked out, to be compared with ours."""

    figure: Input[str]
    security: Input[str]
    stated: Input[Exact]
    basis: Input[Exact]


@dataclass(frozen=True, slots=True)
class FilingFacts:
    """What the cover page of a Schedule 13D states besides its rows."""

    form: Input[str]
    event_date: Input[date]
    filed_on: Input[date]
    filing_cusip: Input[str]
    contact: Input[str]
    outstanding_stated: Input[Exact]
    class_title: Input[str]
    item_5_percent: Input[Exact]
    item_5_shares: Input[Exact]


@dataclass(frozen=True, slots=True)
class CoverRows:
    """The cover rows of one reporting person, as filed."""

    name: Input[str]
    position: Input[str]
    source_of_funds: Input[str]
    citizenship: Input[str]
    sole_voting: Input[Exact]
    shared_voting: Input[Exact]
    sole_dispositive: Input[Exact]
    shared_dispositive: Input[Exact]
    aggregate: Input[Exact]
    percent: Input[Exact]
    person_type: Input[str]
    signature: Input[str]


@dataclass(frozen=True, slots=True)
class SubmittedElement:
    """An element of a structured filing that has no cell of its own."""

    element: Input[str]
    person: Input[str]
    text: Input[str]


@dataclass(frozen=True, slots=True)
class OfferingScenario:
    """A prospectus offering, or one way of doing it. `name` is what its insiders refer to."""

    name: Input[str]
    offer_price: Input[Exact]
    announced_at: Input[Moment]
    disseminated_at: Input[Moment]
    close: Input[Exact]
    close_date: Input[date]
    size: Input[Exact]
    over_allotment: Input[Exact]
    outstanding: Input[Exact]
    purchasers: Input[Exact]
    dealers_notified: Input[Any]
    marketed_abroad: Input[Any]
    confirmed: Input[Any]
    commission: Input[Exact]
    exemption: Input[Any]
    as_of: Input[date]
    placement_net: Input[Exact]
    letter_interest: Input[Any]
    letter_control: Input[Any]
    letter_marketed: Input[Any]
    letter_when_issued: Input[Any]


@dataclass(frozen=True, slots=True)
class OfferingInsider:
    """An insider's purchase in one scenario. Fee and commission are fractions of the price."""

    scenario: Input[str]
    name: Input[str]
    held: Input[Exact]
    bought: Input[Exact]
    fee: Input[Exact]
    commission: Input[Exact]
    stated_pro_rata: Input[Exact]


@dataclass(frozen=True, slots=True)
class SessionClose:
    """Trading on TSX in one session."""

    day: Input[date]
    close: Input[Exact]
    value: Input[Exact]
    volume: Input[Exact]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the workbook that could not be read, for the person who can mend it."""

    sheet: str
    address: str
    message: str
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Deal:
    """Everything read from one workbook's input sheets."""

    path: Path
    facts: Facts
    classes: Sequence[ShareClass]
    prices: Sequence[PriceRow]
    securities: Sequence[Security]
    purchasers: Sequence[Purchaser]
    holders: Sequence[Position]
    issuances: Sequence[EarlierIssuance]
    filing_facts: FilingFacts
    filing: Sequence[CoverRows]
    problems: Sequence[Problem]
    offerings: Sequence[OfferingScenario] = ()
    insiders: Sequence[OfferingInsider] = ()
    session_closes: Sequence[SessionClose] = ()
    submission: Sequence[SubmittedElement] = ()
    groups: Sequence[GroupMember] = ()
    stated: Sequence[StatedFigure] = ()
    texts: Sequence[Input[Any]] = ()
    """Numbers and dates that their cells hold as text."""
    kept: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What was worked out from this deal, each once."""


def once(work_out: Callable[[Deal], T]) -> Callable[[Deal], T]:
    """Work something out of a deal when it is first asked for, and keep it with the deal."""

    @wraps(work_out)
    def kept(deal: Deal) -> T:
        name = f"{work_out.__module__}.{work_out.__qualname__}"
        if name not in deal.kept:
            deal.kept[name] = work_out(deal)
        found: T = deal.kept[name]
        return found

    return kept
