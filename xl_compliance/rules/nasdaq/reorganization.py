"""Issuances under a court-ordered reorganization (FAQ 287, whose answer is not known here)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xl_compliance.rules.outcome import NEEDS_INPUT, REVIEW, Fact, Outcome, Step, note, said
from xl_compliance.rules.parameters import rules_in

RULE: Final = rules_in("nasdaq/reorganization")["NASDAQ-FAQ-287"]


def reorganization(court_ordered: Fact) -> Outcome:
    """`REVIEW` whatever is stated: the source has the question and no answer.

    >>> reorganization(True).value
    'REVIEW'
    """

    def working() -> Iterator[Step]:
        yield Step("Court-ordered reorganization", said(court_ordered), "", RULE.source)
        yield note("the source document has the question of FAQ 287 and no answer", RULE.source)

    if court_ordered is None:
        return Outcome(NEEDS_INPUT, "whether it is court-ordered is not given", (), working)
    if court_ordered is False:
        return Outcome(
            REVIEW, "not court-ordered: test it under Listing Rule 5635(a) to (d)", (), working
        )
    return Outcome(REVIEW, "the answer of FAQ 287 is not in the source: ask Nasdaq", (), working)
