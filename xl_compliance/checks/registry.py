"""The registry of checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from xl_compliance.checks.findings import Finding, Severity
from xl_compliance.deal.model import Deal
from xl_compliance.rules.exact import exactly

Run = Callable[["Check", Deal], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """One check: a stable code, what it looks at, the rule it puts the deal to, and its source."""

    code: str
    title: str
    rule: str
    source: str
    run: Run

    def __call__(self, deal: Deal) -> Iterator[Finding]:
        """The findings about one deal."""
        return exactly(lambda: iter(list(self.run(self, deal))))()


CHECKS: dict[str, Check] = {}


def check(code: str, title: str, rule: str, source: str) -> Callable[[Run], Check]:
    """Register a check under its code; its docstring is its documentation."""

    def register(run: Run) -> Check:
        if code in CHECKS:
            raise ValueError(f"{code} is registered twice")
        CHECKS[code] = Check(code, title, rule, source, run)
        return CHECKS[code]

    return register


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check, in the order of its code."""
    from xl_compliance.checks import (  # noqa: F401
        aggregation,
        completeness,
        identifiers,
        inputs,
        nasdaq,
        nasdaq_verdicts,
        sec,
        stated,
        tsx,
    )

    return tuple(CHECKS[code] for code in sorted(CHECKS))


# What a reader came for stands before what the figures rest on and how names are spelt.
_FAMILIES = ("NDQ", "TSX", "SEC", "INP", "IDS")


def run_checks(deal: Deal) -> list[Finding]:
    """What all checks find in one deal, gravest first, then by family and code."""
    found = [finding for each in all_checks() for finding in each(deal)]
    return sorted(found, key=_order)


def _order(finding: Finding) -> tuple[int, int, str]:
    severities = list(Severity)
    return (
        severities.index(finding.severity),
        _FAMILIES.index(finding.code[:3]),
        finding.code,
    )
