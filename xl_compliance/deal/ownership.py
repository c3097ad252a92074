"""The ownership table of a deal, before and after it, by the rule that OWNERSHIPTABLE calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from xl_compliance.deal.evaluation import common_classes, current_securities, folded
from xl_compliance.deal.model import Deal, Position, ShareClass
from xl_compliance.rules.exact import Exact
from xl_compliance.rules.outcome import NotEnoughData, Outcome
from xl_compliance.rules.sec import ownership_table as rule


def class_of(deal: Deal, position: Position) -> str | None:
    """The class a position is in: as entered, the security where that is the name of one, or the
    only one.

    What is entered under the name of a class that only votes is the right to convert it.
    """
    if position.of_class.value:
        return position.of_class.value
    names = [row.name.value for row in common_classes(deal)]
    security = position.security.value
    if security and folded(security) in map(folded, names):
        return security
    return names[0] if len(names) == 1 else None


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
        _position(deal, position, position.group.value, before and is_in_deal(deal, position))
        for position in deal.holders
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


def _position(
    deal: Deal, position: Position, group: str | None, gone: bool = False
) -> rule.Position:
    return rule.Position(
        holder=position.name.value or "",
        of=class_of(deal, position),
        held=0 if gone else position.held.value,
        rights=0 if gone else position.rights.value,
        exercisable_on=position.exercisable_on.value,
        limit=position.blocker.value,
        control_purpose=position.control_purpose.value,
        group=group,
        converts=position.converts.value,
    )


def reported_class(deal: Deal) -> ShareClass | None:
    """The class a filing is about: as entered, the only one, or the only one that is listed."""
    title = folded(deal.filing_facts.class_title.value)
    if title:
        named = [row for row in deal.classes if folded(row.name.value) == title]
        return named[0] if named else None
    listed = [row for row in deal.classes if row.listed.value is True]
    alone = deal.classes if len(deal.classes) == 1 else listed
    return alone[0] if len(alone) == 1 else None


def reported_positions(deal: Deal, name: str) -> list[Position]:
    """The positions of a holder or a group, in the class that the filing is about."""
    wanted, stock = folded(name), reported_class(deal)
    return [
        position
        for position in deal.holders
        if wanted
        and wanted in (folded(position.group.value), folded(position.name.value))
        and _is_in(deal, position, stock)
    ]


def _is_in(deal: Deal, position: Position, stock: ShareClass | None) -> bool:
    of = class_of(deal, position)
    return stock is None or not of or folded(of) == folded(stock.name.value)


def needs_table(positions: Sequence[Position]) -> bool:
    """Whether more than sixty days decides what counts: a blocker, or a purpose of control."""
    return any(
        position.blocker.value is not None or position.control_purpose.value is not None
        for position in positions
    )


def shares_together(deal: Deal, positions: Sequence[Position]) -> Outcome:
    """What one holder or group beneficially owns; raises `RuleError` where it is not known."""
    row = _together(deal, positions)
    return Outcome(_known(row.shares, row), row.reason, rule.thresholds(counted_from(deal)))


def part_together(deal: Deal, positions: Sequence[Position]) -> Outcome:
    """The part of the class that is, exactly."""
    row = _together(deal, positions)
    return Outcome(_known(row.fraction, row), row.reason, rule.thresholds(counted_from(deal)))


def _known(figure: Exact | None, row: rule.Row) -> Exact:
    if figure is None:
        raise NotEnoughData(row.reason)
    return figure


def _together(deal: Deal, positions: Sequence[Position]) -> rule.Row:
    stock = reported_class(deal)
    stated = deal.filing_facts.outstanding_stated.value
    if stated is None and stock is not None:
        stated = stock.outstanding_after.value or stock.outstanding.value
    name = (stock.name.value if stock else "") or ""
    mine = [
        _position(deal, position, "together")._replace(of=None, converts=None)
        for position in positions
    ]
    table = rule.ownership_table(mine, [rule.StockClass(name, stated)], counted_from(deal))
    return next(row for row in table if row.kind is rule.Kind.GROUP)
