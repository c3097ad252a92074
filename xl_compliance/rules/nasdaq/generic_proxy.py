"""Whether a generic proxy proposal may be sufficient (FAQ 286)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from xl_compliance.rules.exact import Exact, exactly, percent, plain
from xl_compliance.rules.outcome import (
    NEEDS_INPUT,
    REVIEW,
    UNKNOWN,
    Fact,
    Outcome,
    Step,
    Unknown,
    note,
    said,
)
from xl_compliance.rules.parameters import rules_in

RULE: Final = rules_in("nasdaq/generic_proxy")["NASDAQ-FAQ-286"]
TIME_FRAME: Final = RULE["time_frame"]

PRIVATE_PLACEMENT: Final = "PRIVATE PLACEMENT"
ACQUISITIONS: Final = "ACQUISITIONS"
EQUITY_COMPENSATION: Final = "EQUITY COMPENSATION"
MAY_BE_SUFFICIENT: Final = "MAY BE SUFFICIENT"
INSUFFICIENT: Final = "INSUFFICIENT"


@dataclass(frozen=True, slots=True)
class Disclosures:
    """What the proxy says; None where it says nothing."""

    max_shares: Exact | None = None
    max_dollars: Exact | None = None
    max_discount: Exact | None = None
    purpose: str | None = None
    months: Exact | None = None

    def missing(self) -> list[str]:
        """The disclosures that are not there."""
        items = {
            "maximum number of shares": self.max_shares,
            "maximum dollar amount": self.max_dollars,
            "maximum discount": self.max_discount,
            "purpose": self.purpose,
            "time frame": self.months,
        }
        return [item for item, value in items.items() if value is None]


@exactly
def generic_proxy(
    kind: str | Unknown | None,
    disclosures: Disclosures,
    change_of_control: Fact = None,
    controller_named: Fact = None,
) -> Outcome:
    """Whether the proposal may be sufficient.

    >>> from decimal import Decimal as D
    >>> five = Disclosures(5000000, 10000000, D("0.2"), "working capital", 3)
    >>> generic_proxy(PRIVATE_PLACEMENT, five, False).value
    'MAY BE SUFFICIENT'
    """
    verdict, reason = _verdict(kind, disclosures, change_of_control, controller_named)
    line = TIME_FRAME.on()

    def working() -> Iterator[Step]:
        yield Step("Kind", UNKNOWN.value if kind is UNKNOWN else kind, "", RULE.source)
        yield Step("Maximum number of shares", disclosures.max_shares, "disclosed", RULE.source)
        yield Step("Maximum dollar amount", disclosures.max_dollars, "disclosed", RULE.source)
        discount = disclosures.max_discount
        shown = None if discount is None else percent(discount)
        yield Step("Maximum discount", shown, "disclosed", RULE.source)
        yield Step("Purpose", disclosures.purpose, "disclosed", RULE.source)
        yield Step("Months to complete", disclosures.months, f"not {line.test}", line.source)
        yield Step("Change of control", said(change_of_control), "", RULE.source)
        yield Step("New controller named", said(controller_named), "", RULE.source)
        yield note("whether shareholders can decide on this is for judgement", RULE.source)

    return Outcome(verdict, reason, (line,), working)


def _verdict(
    kind: str | Unknown | None, disclosures: Disclosures, change: Fact, named: Fact
) -> tuple[str, str]:
    if kind == ACQUISITIONS:
        return INSUFFICIENT, "unspecified future acquisitions cannot be approved in advance"
    if kind == EQUITY_COMPENSATION:
        return INSUFFICIENT, "equity compensation cannot be approved by a generic proposal"
    if missing := disclosures.missing():
        return INSUFFICIENT, f"not disclosed: {', '.join(missing)}"
    if change is True and named in (False, None):
        return INSUFFICIENT, "the new controlling shareholder is not named"
    if kind is None:
        return NEEDS_INPUT, "what the proposal is for is not given"
    if change is None:
        return NEEDS_INPUT, "whether it relates to a change of control is not given"
    doubts = _doubts(kind, disclosures, change, named)
    if doubts:
        return REVIEW, "; ".join(doubts)
    return MAY_BE_SUFFICIENT, "a private placement with every disclosure"


def _doubts(kind: str | Unknown, disclosures: Disclosures, change: Fact, named: Fact) -> list[str]:
    line, months = TIME_FRAME.on(), disclosures.months
    doubts = []
    if kind is UNKNOWN:
        doubts.append("what the proposal is for is not decided")
    if months is not None and line.met_by(months):
        doubts.append(f"{plain(months)} months to complete: generally not {line.test}")
    if change is UNKNOWN and named is not True:
        doubts.append("whether it relates to a change of control is not decided")
    if change is True and named is UNKNOWN:
        doubts.append("whether the new controlling shareholder is named is not decided")
    return doubts
