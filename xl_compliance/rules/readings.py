"""Where the sources are ambiguous: what they say, the reading chosen, and the reason.

Each reading names the rules it is about and is shown by calls with their answers, or by what a
check says about a shipped workbook; both are compared with what the code decides.
"""

from __future__ import annotations

import pkgutil
import tomllib
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Shown:
    """A call as it is typed in a cell, and its answer."""

    formula: str
    answer: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A verdict of a check about a shipped workbook, and words of its message."""

    workbook: str
    check: str
    verdict: str
    says: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One ambiguity and the reading chosen."""

    id: str
    title: str
    rules: tuple[str, ...]
    sources_say: str
    chosen: str
    reason: str
    shown: tuple[Shown, ...]
    seen: tuple[Seen, ...]


@cache
def all_readings() -> tuple[Reading, ...]:
    """Every reading, in the order of the file."""
    data = pkgutil.get_data(__name__.rpartition(".")[0], "readings.toml")
    if data is None:
        raise FileNotFoundError("readings.toml is not in the package")
    return tuple(
        Reading(
            id=table["id"],
            title=table["title"],
            rules=tuple(table["rules"]),
            sources_say=table["sources_say"],
            chosen=table["chosen"],
            reason=table["reason"],
            shown=tuple(Shown(*pair) for pair in table.get("shown", [])),
            seen=tuple(Seen(*each) for each in table.get("seen", [])),
        )
        for table in tomllib.loads(data.decode("utf-8"))["reading"]
    )
