"""The registry of checks: those of a deal, and those of any workbook that calls our functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from xl_compliance.checks.findings import Finding, Severity
from xl_compliance.deal.model import Deal
from xl_compliance.rules.exact import exactly
from xl_compliance.workbook.calls import ModelCalls

Run = Callable[["Check", Any], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """One check: a stable code, what it looks at, the rule it puts the deal to, and its source."""

    code: str
    title: str
    rule: str
    source: str
    run: Run
    takes: type = Deal

    def __call__(self, subject: Deal | ModelCalls) -> Iterator[Finding]:
        """The findings about one deal, or one workbook, whichever the check takes."""
        return exactly(lambda: iter(list(self.run(self, subject))))()


CHECKS: dict[str, Check] = {}


def check(
    code: str, title: str, rule: str, source: str, takes: type = Deal
) -> Callable[[Run], Check]:
    """Register a check under its code; its docstring is its documentation.

    `takes` is what it looks at: a `Deal`, or the `ModelCalls` of a workbook.
    """

    def register(run: Run) -> Check:
        if code in CHECKS:
            raise ValueError(f"{code} is registered twice")
        CHECKS[code] = Check(code, title, rule, source, run, takes)
        return CHECKS[code]

    return register


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check, in the order of its code."""
    from xl_compliance.checks import (  # noqa: F401
        completeness,
        identifiers,
        inputs,
        model_calls,
        nasdaq,
        sec,
        tsx,
    )

    return tuple(CHECKS[code] for code in sorted(CHECKS))


# What a reader came for stands before what the figures rest on and how names are spelt.
_FAMILIES = ("NDQ", "TSX", "SEC", "MDL", "INP", "IDS")


def run_checks(deal: Deal | None, model: ModelCalls | None = None) -> list[Finding]:
    """What all checks find in a deal and in its workbook, gravest first, then by family and code.

    Either may be missing: a model of someone else's holds no deal of ours, but may call functions.
    """
    subjects: dict[type, Deal | ModelCalls | None] = {Deal: deal, ModelCalls: model}
    found: list[Finding] = []
    for each in all_checks():
        subject = subjects[each.takes]
        if subject is not None:
            found += each(subject)
    return sorted(found, key=_order)


def _order(finding: Finding) -> tuple[int, int, str]:
    severities = list(Severity)
    return (
        severities.index(finding.severity),
        _FAMILIES.index(finding.code[:3]),
        finding.code,
    )
