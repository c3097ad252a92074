"""The registry of checks: of a deal, of the calls of our functions, and of cap tables."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from xl_compliance.checks.findings import Finding, Severity
from xl_compliance.deal.model import Deal
from xl_compliance.rules.exact import exactly

Run = Callable[["Check", Any], Iterator[Finding]]
_TO_DO: Final = "To do: "


@dataclass(frozen=True, slots=True)
class Check:
    """One check: a stable code, what it looks at, the rule it puts that to, and its source.

    `takes` is what it looks at: the `Deal` of a workbook, its `ModelCalls`, its `CapTables`, or
    the `Snapshot` of all that was read.
    """

    code: str
    title: str
    rule: str
    source: str
    run: Run
    takes: type = Deal

    @property
    def about(self) -> str:
        """What it finds: the docstring of its function."""
        return self._document()[0]

    @property
    def to_do(self) -> str:
        """What to do where it finds something: what the docstring says behind `To do:`."""
        return self._document()[1]

    def _document(self) -> tuple[str, str]:
        about, _, to_do = inspect.cleandoc(self.run.__doc__ or "").partition(f"\n\n{_TO_DO}")
        return about, " ".join(to_do.split())

    def __call__(self, subject: Any) -> Iterator[Finding]:
        """The findings about one deal, or one workbook, whichever the check takes."""
        return iter(_found(self, subject))


@exactly
def _found(check: Check, subject: Any) -> list[Finding]:
    return list(check.run(check, subject))


NOT_BORNE_OUT: Final = "INP011"
"""The check whose inputs are cells that no answer of no may rest on."""

CHECKS: dict[str, Check] = {}


def check(
    code: str, title: str, rule: str, source: str, takes: type = Deal
) -> Callable[[Run], Check]:
    """Register a check under its code; its docstring is its documentation, `To do:` included.

    `takes` is what it looks at: a `Deal`, or the `ModelCalls`, `CapTables` or `Snapshot` of a
    workbook.
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
        aggregation,
        cap_table,
        completeness,
        exactness,
        file,
        identifiers,
        input_formulas,
        inputs,
        model_calls,
        nasdaq,
        nasdaq_verdicts,
        sec,
        sec_cover,
        stated,
        tsx,
    )

    return tuple(CHECKS[code] for code in sorted(CHECKS))


_SEVERITIES = tuple(Severity)
# What a reader came for stands before what the figures rest on and how names are spelt.
_FAMILIES = ("NDQ", "TSX", "SEC", "MDL", "CAP", "INP", "IDS", "FIL")


def run_checks(*subjects: Any) -> list[Finding]:
    """What all checks find in the parts of one workbook, gravest first, then by family and code.

    `subjects` are its deal, its calls of functions, its cap tables and what was read of it, any of
    which may be missing or None: a model of someone else's holds no deal of ours.
    """
    by_type = {type(subject): subject for subject in subjects}
    found = _all_found(by_type)
    doubted = {place for it in found if it.code == NOT_BORNE_OUT for place in it.inputs}
    if doubted and Deal in by_type:
        from xl_compliance.checks.doubts import left_open

        found = list(left_open(found, by_type[Deal], doubted))
    return sorted(found, key=_order)


@exactly
def _all_found(by_type: Mapping[type, Any]) -> list[Finding]:
    return [
        finding
        for each in all_checks()
        if each.takes in by_type
        for finding in each.run(each, by_type[each.takes])
    ]


def _order(finding: Finding) -> tuple[int, int, str]:
    return (
        _SEVERITIES.index(finding.severity),
        _FAMILIES.index(finding.code[:3]),
        finding.code,
    )
