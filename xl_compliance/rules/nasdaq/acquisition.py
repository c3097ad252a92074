"""Shareholder approval of an issuance in an acquisition (Listing Rule 5635(a))."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from xl_compliance.rules.exact import Exact, exactly, percent, total
from xl_compliance.rules.nasdaq.issuance_size import issuance_steps, reaches, size_steps
from xl_compliance.rules.outcome import (
    NEEDS_INPUT,
    NOT_REQUIRED,
    REQUIRED,
    REVIEW,
    UNKNOWN,
    Fact,
    Outcome,
    OutOfDomain,
    Step,
    assumed,
    note,
    said,
)
from xl_compliance.rules.parameters import rules_in

RULE: Final = rules_in("nasdaq/acquisition")["NASDAQ-5635A"]
SIZE: Final = RULE["size"]
INTEREST: Final = RULE["interest"]
TOGETHER: Final = RULE["together"]
INCREASE: Final = RULE["increase"]


@exactly
def shareholder_approval(
    issuable: Sequence[Exact],
    outstanding: Sequence[Exact],
    votes_issuable: Sequence[Exact] = (),
    votes_outstanding: Sequence[Exact] = (),
    insider_interest: Exact | None = None,
    insiders_together_interest: Exact | None = None,
    public_offering_for_cash: Fact = None,
) -> Outcome:
    """Whether shareholders must approve: 20%, or 5% where insiders have an interest.

    The interests are fractions, 0 for none; the sequences hold one number a component or class.

    >>> shareholder_approval([1000000], [5000000]).value
    'REQUIRED'
    >>> shareholder_approval([999999], [5000000], (), (), 0, 0).value
    'NOT REQUIRED'
    """
    _check(insider_interest, insiders_together_interest)
    shares_and_votes = (issuable, outstanding, votes_issuable, votes_outstanding)
    limbs = (
        (
            _twenty_per_cent(reaches(SIZE.on(), *shares_and_votes), public_offering_for_cash),
            "(a)(1): at or above the size line, and not a public offering for cash",
        ),
        (
            _with_interest(
                reaches(INCREASE.on(), *shares_and_votes),
                _interested(insider_interest, insiders_together_interest),
            ),
            "(a)(2): insiders have an interest, and the increase is at or above its line",
        ),
    )

    def working() -> Iterator[Step]:
        yield from issuance_steps(SIZE.on(), *shares_and_votes, RULE.source)
        yield from _increase_steps(*shares_and_votes)
        yield from _interest_steps(insider_interest, insiders_together_interest)
        yield from _public_steps(public_offering_for_cash)
        yield note("no price test: the line applies at any price", RULE.source)

    lines = (SIZE.on(), INTEREST.on(), TOGETHER.on(), INCREASE.on())
    return Outcome(*_verdict(limbs), lines, working)


def _check(one: Exact | None, together: Exact | None) -> None:
    if one is not None and together is not None and together < one:
        raise OutOfDomain(
            f"insiders together have {percent(together)}, one of them {percent(one)}: the interest "
            "of all cannot be below that of one"
        )


def _twenty_per_cent(large: bool | None, public: Fact) -> Fact:
    if public is True or large is False:
        return False
    if large is None:
        return None
    return UNKNOWN if public is UNKNOWN else True


def _interested(one: Exact | None, together: Exact | None) -> bool | None:
    """Whether insiders have an interest that counts; None where it cannot be told."""
    if one is not None and INTEREST.on().met_by(one):
        return True
    if together is not None and TOGETHER.on().met_by(together):
        return True
    # What all have together, one of them cannot exceed.
    if together is not None and (one is not None or not INTEREST.on().met_by(together)):
        return False
    return None


def _with_interest(larger: bool | None, interested: bool | None) -> Fact:
    if larger is False or interested is False:
        return False
    return None if larger is None or interested is None else True


def _verdict(limbs: Sequence[tuple[Fact, str]]) -> tuple[str, str]:
    required = [reason for answer, reason in limbs if answer is True]
    if required:
        return REQUIRED, "; ".join(required)
    if any(answer is None for answer, _ in limbs):
        return NEEDS_INPUT, "shares, votes or the interests of insiders are not given, and matter"
    if any(answer is UNKNOWN for answer, _ in limbs):
        return REVIEW, "whether it is a public offering for cash is not decided, and it matters"
    return NOT_REQUIRED, "below the size line or public, and no insider interest that counts"


def _increase_steps(
    issuable: Sequence[Exact],
    outstanding: Sequence[Exact],
    votes_issuable: Sequence[Exact],
    votes_outstanding: Sequence[Exact],
) -> Iterator[Step]:
    line = INCREASE.on()
    for part, whole, what in (
        (issuable, outstanding, "shares"),
        (votes_issuable, votes_outstanding, "votes"),
    ):
        if part and whole:
            yield from size_steps(line, total(part), total(whole), what)


def _interest_steps(one: Exact | None, together: Exact | None) -> Iterator[Step]:
    for item, interest, line in (
        ("Largest interest of one insider", one, INTEREST.on()),
        ("Interest of all insiders together", together, TOGETHER.on()),
    ):
        shown = None if interest is None else percent(interest, line.value)
        yield Step(item, shown, line.test, line.source)
    if one is None and together is not None and INTEREST.on().met_by(together):
        yield note(f"one insider could hold {INTEREST.on().shown} or more of it", RULE.source)


def _public_steps(public: Fact) -> Iterator[Step]:
    if public is None:
        yield assumed("public_offering_for_cash", "not given: read as no", RULE.source)
    else:
        yield Step("Public offering for cash", said(public), "removes only (a)(1)", RULE.source)
