"""The ownership table of a deal, before and after it, by the rule that OWNERSHIPTABLE calls."""

from __future__ import annotations

from datetime import date

from xl_compliance.deal.evaluation import current_securities, folded
from xl_compliance.deal.model import Deal, Position
from xl_compliance.rules.sec import ownership_table as rule


def class_of(deal: Deal, position: Position) -> str | None:
    """The class a position is in: as entered, or the security where that is the name of one."""
    if position.of_class.value:
        return position.of_class.value
    names = {folded(row.name.value) for row in deal.classes}
    security = position.security.value
    return security if security and folded(security) in names else None


def counted_from(deal: Deal) -> date | None:
    """The day the sixty days run from: that of the event, else of the closing."""
    return deal.filing_facts.event_date.value or deal.facts.closing_date.value


def is_in_deal(deal: Deal, position: Position) -> bool:
    """Whether a position comes with this transaction: its security is one of those issued in it."""
    names = {folded(security.name.value) for security in current_securities(deal)} - {""}
    return folded(position.security.value) in names


def table(deal: Deal, before: bool = False) -> tuple[rule.Row, ...]:
    """The rows after the deal, or before it; raises `RuleError` where there can be none."""
    positions = [
        rule.Position(
            holder=position.name.value or "",
            of=class_of(deal, position),
            held=0 if gone else position.held.value,
            rights=0 if gone else position.rights.value,
            exercisable_on=position.exercisable_on.value,
            limit=position.blocker.value,
            control_purpose=position.control_purpose.value,
            group=position.group.value,
            converts=position.converts.value,
        )
        for position in deal.holders
        for gone in [before and is_in_deal(deal, position)]
    ]
    classes = [
        rule.StockClass(
            row.name.value or "",
            row.outstanding.value
            if before
            else row.outstanding_after.value or row.outstanding.value,
            row.votes_per_share.value,
        )
        for row in deal.classes
    ]
    return rule.ownership_table(positions, classes, counted_from(deal))
