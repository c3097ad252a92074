"""Findings: what a check says about a workbook. Values, never raised and never printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from xl_compliance.deal.model import Input
from xl_compliance.rules.exact import plain
from xl_compliance.rules.outcome import (
    NEEDS_INPUT,
    REQUIRED,
    REVIEW,
    Outcome,
    Part,
    Step,
)
from xl_compliance.rules.parameters import Threshold
from xl_compliance.rules.tsx import net_proceeds, offering_notice, prospectus_offering

BREACH = "BREACH"
OK = "OK"
NOTE = "NOTE"
UNREADABLE = "UNREADABLE"


class Severity(Enum):
    """How much a finding matters, gravest first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    OK = "ok"


_SEVERITIES = {
    REQUIRED: Severity.ERROR,
    BREACH: Severity.ERROR,
    UNREADABLE: Severity.ERROR,
    REVIEW: Severity.WARNING,
    NEEDS_INPUT: Severity.WARNING,
    NOTE: Severity.NOTE,
    prospectus_offering.INSIDER_EXCESS: Severity.ERROR,
    prospectus_offering.ALL_INSIDER_PURCHASES: Severity.ERROR,
    prospectus_offering.WHOLE_OFFERING: Severity.ERROR,
    net_proceeds.PRIVATE_PLACEMENT: Severity.ERROR,
    net_proceeds.STAYS_IF_WAIVED: Severity.NOTE,
    offering_notice.INCOMPLETE: Severity.ERROR,
}


def severity_of(verdict: str) -> Severity:
    """The severity a verdict has."""
    return _SEVERITIES.get(verdict, Severity.OK)


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer about one workbook.

    `cell` is where it shows, `inputs` the cells it rests on; `threshold`, `headroom`, `source` and
    `effective` are empty where there is none; `working` holds the steps in the order of EXPLAIN.
    `anchor` names the cell by what stands beside and above it, so that it outlives a new row.
    """

    code: str
    title: str
    rule: str
    verdict: str
    message: str
    sheet: str
    cell: str
    inputs: tuple[str, ...] = ()
    threshold: str = ""
    headroom: str = ""
    source: str = ""
    effective: str = ""
    verification: str = ""
    working: tuple[tuple[str, str, str, str], ...] = ()
    anchor: str = ""

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return severity_of(self.verdict)

    @property
    def place(self) -> str:
        """Sheet and cell."""
        return f"{self.sheet}!{self.cell}" if self.cell else self.sheet


def finding(
    check: Any,
    verdict: str,
    message: str,
    at: Input[Any],
    inputs: Iterable[Input[Any]] = (),
    outcome: Outcome | None = None,
    threshold: str = "",
    headroom: str = "",
) -> Finding:
    """A finding of `check`; thresholds, headroom, source and working come from the outcome."""
    steps = outcome.steps() if outcome else ()
    used = outcome.thresholds if outcome else ()
    return Finding(
        code=check.code,
        title=check.title,
        rule=check.rule,
        verdict=verdict,
        message=message,
        sheet=at.sheet,
        cell=at.address,
        inputs=tuple(dict.fromkeys(entry.where for entry in inputs if entry.address)),
        threshold=threshold or _thresholds(used),
        headroom=headroom or _headroom(steps),
        source=check.source,
        effective=_effective(used),
        verification=_weakest(used),
        working=tuple(_line(step) for step in steps),
    )


def _thresholds(used: Sequence[Threshold]) -> str:
    return "; ".join(threshold.test for threshold in used if threshold.test)


def _headroom(steps: Sequence[Step]) -> str:
    shown = [f"{s.item.lower()}: {_text(s.value)}" for s in steps if s.part is Part.HEADROOM]
    return "; ".join(shown)


def _effective(used: Sequence[Threshold]) -> str:
    dated = {threshold.in_force() for threshold in used if threshold.start or threshold.end}
    return "; ".join(sorted(dated))


def _weakest(used: Sequence[Threshold]) -> str:
    order = ("source document", "published page", "unverified")
    return max((threshold.verification for threshold in used), key=order.index, default="")


def _line(step: Step) -> tuple[str, str, str, str]:
    return step.item, _text(step.value), step.test, step.source


def _text(value: Any) -> str:
    if value is None:
        return "not given"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (str, tuple)):
        return value if isinstance(value, str) else ", ".join(map(str, value))
    return plain(value) if hasattr(value, "numerator") or hasattr(value, "scaleb") else str(value)
