"""Whether separate issuances are counted as one (FAQ 283)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from xl_compliance.rules.dates import months_later
from xl_compliance.rules.exact import exactly
from xl_compliance.rules.outcome import NEEDS_INPUT, REVIEW, UNKNOWN, Fact, Outcome, Step, said
from xl_compliance.rules.parameters import rules_in

RULE: Final = rules_in("nasdaq/aggregation")["NASDAQ-FAQ-283"]
APART: Final = RULE["apart"]

NOT_AGGREGATED: Final = "NOT AGGREGATED"


@exactly
def aggregation(
    first_closing: date | None,
    second_closing: date | None,
    common_investors: Fact = None,
    planned: Fact = None,
    contingent: Fact = None,
    same_use_of_proceeds: Fact = None,
    same_board_approval: Fact = None,
) -> Outcome:
    """`NOT AGGREGATED` only beyond six months with every link stated to be absent.

    >>> aggregation(date(2024, 1, 15), date(2024, 7, 16), False, False, False, False, False).value
    'NOT AGGREGATED'
    """
    factors: dict[str, Fact] = {
        "common investors": common_investors,
        "planned at the first": planned,
        "contingent on each other": contingent,
        "same use of proceeds": same_use_of_proceeds,
        "same board approval": same_board_approval,
    }
    value, reason = _aggregated(first_closing, second_closing, factors)

    def working() -> Iterator[Step]:
        if first_closing is not None and second_closing is not None:
            first, second = sorted((first_closing, second_closing))
            yield Step("Days between closings", (second - first).days)
            yield Step(
                f"{APART.on().shown} after the first",
                _boundary(first),
                APART.on().test,
                RULE.source,
            )
        for name, fact in factors.items():
            yield Step(name.capitalize(), said(fact), "", RULE.source)

    return Outcome(value, reason, (APART.on(),), working)


def _aggregated(
    first_closing: date | None, second_closing: date | None, factors: dict[str, Fact]
) -> tuple[str, str]:
    if first_closing is None or second_closing is None:
        return NEEDS_INPUT, "a closing date is not given"
    linked = [name for name, fact in factors.items() if fact is True]
    if linked:
        return REVIEW, f"linked: {', '.join(linked)}"
    first, second = sorted((first_closing, second_closing))
    if second <= _boundary(first):
        return REVIEW, "not far enough apart"
    undecided = [name for name, fact in factors.items() if fact is UNKNOWN]
    if undecided:
        return REVIEW, f"not decided: {', '.join(undecided)}"
    blank = [name for name, fact in factors.items() if fact is None]
    if blank:
        return NEEDS_INPUT, f"not given: {', '.join(blank)}"
    return NOT_AGGREGATED, "far enough apart and every link stated to be absent"


def _boundary(first: date) -> date:
    return months_later(first, int(APART.on().value))
