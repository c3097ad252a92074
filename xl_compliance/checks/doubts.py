"""Answers of no that rest on an input which nothing bears out: left open, with the reason."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from xl_compliance.checks.findings import Finding, Severity
from xl_compliance.checks.registry import CHECKS, Check
from xl_compliance.deal.model import Deal, Input
from xl_compliance.rules.outcome import REVIEW

R = TypeVar("R")
_LISTED = 5


class Watched(Input[Any]):
    """An input that tells when its value is looked at."""

    __slots__ = ("_content", "_seen")
    _content: Any
    _seen: set[str]

    def __init__(self, watched: Input[Any], seen: set[str]) -> None:
        for name in ("sheet", "address", "label"):
            object.__setattr__(self, name, getattr(watched, name))
        object.__setattr__(self, "_content", watched.value)
        object.__setattr__(self, "_seen", seen)

    @property
    def value(self) -> Any:
        """The value, of which somebody now knows."""
        self._seen.add(self.where)
        return self._content


def left_open(
    findings: Collection[Finding], deal: Deal, doubted: Collection[str]
) -> Iterator[Finding]:
    """The same findings, those that are settled by looking at a doubted cell as a `REVIEW`."""
    rests_on = {
        code: cells
        for code in {it.code for it in findings if it.severity is Severity.OK}
        if CHECKS[code].takes is Deal and (cells := _looked_at(CHECKS[code], deal, doubted))
    }
    for it in findings:
        if it.severity is Severity.OK and it.code in rests_on:
            why = _why(rests_on[it.code])
            yield replace(it, verdict=REVIEW, message=f"{it.message}. {why}")
        else:
            yield it


def _why(cells: Collection[str]) -> str:
    shown = ", ".join(sorted(cells)[:_LISTED])
    more = f" and {len(cells) - _LISTED} more" if len(cells) > _LISTED else ""
    return (
        f"It rests on {shown}{more}, which its formula does not bear out (INP011), so it is not "
        "settled"
    )


def _looked_at(check: Check, deal: Deal, doubted: Collection[str]) -> set[str]:
    """The doubted cells that a check looks at; nothing worked out before answers in their place."""
    seen: set[str] = set()
    check(_watched(deal, doubted, seen))
    return seen


def _watched(part: R, doubted: Collection[str], seen: set[str]) -> R:
    """A deal, or a part of one, with its doubted inputs watched."""
    if isinstance(part, Input):
        watched: Any = Watched(part, seen) if part.where in doubted else part
        return watched  # type: ignore[no-any-return]
    if isinstance(part, tuple):
        return tuple(_watched(it, doubted, seen) for it in part)  # type: ignore[return-value]
    if not is_dataclass(part) or isinstance(part, type):
        return part
    changed = {
        it.name: _watched(getattr(part, it.name), doubted, seen) for it in fields(part) if it.init
    }
    return replace(part, **changed)
