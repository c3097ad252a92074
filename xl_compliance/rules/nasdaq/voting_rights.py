"""The Voting Rights Rule, and a vote that cures nothing (Listing Rule 5640, FAQ 296)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xl_compliance.rules.outcome import NEEDS_INPUT, REVIEW, Fact, Outcome, Step, note, said
from xl_compliance.rules.parameters import rules_in

RULE: Final = rules_in("nasdaq/voting_rights")["NASDAQ-FAQ-296"]

BREACH: Final = "BREACH"
OK: Final = "OK"


def voting_rights(disparate_reduction: Fact, shareholder_approved: Fact = None) -> Outcome:
    """`BREACH` where votes are disparately reduced, whether shareholders approved or not.

    >>> voting_rights(True, True).value
    'BREACH'
    """
    value, reason = _verdict(disparate_reduction)

    def working() -> Iterator[Step]:
        yield Step("Disparate reduction of votes", said(disparate_reduction), "", RULE.source)
        yield Step("Approved by shareholders", said(shareholder_approved), "changes nothing")
        if shareholder_approved is True and disparate_reduction is not False:
            yield note("shareholders may not vote to reduce their own votes", RULE.source)

    return Outcome(value, reason, (), working)


def _verdict(disparate: Fact) -> tuple[str, str]:
    if disparate is None:
        return NEEDS_INPUT, "whether votes are disparately reduced is not given"
    if disparate is True:
        return BREACH, "a disparate reduction of votes, which no approval remedies"
    if disparate is False:
        return OK, "stated not to reduce votes disparately"
    return REVIEW, "whether votes are disparately reduced is not decided"
