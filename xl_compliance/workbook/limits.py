"""What a file may hold before it is read: the limits of `limits.toml`, each with its reason.

Whoever opens a file that others made asks here; no other module holds such a number.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Limit:
    """How much of something is taken, and why no more; `start` is from where on it is measured."""

    most: int
    what: str
    reason: str
    start: int = 0

    def passed_by(self, number: int) -> str:
        """What is too much about a number, or nothing."""
        if number <= self.most:
            return ""
        return f"{number:,} {self.what}, where at most {self.most:,} are read"


class TooMuch(Exception):
    """A file that goes beyond a limit; the message says which."""


@cache
def limits() -> Mapping[str, Limit]:
    """Every limit by its name."""
    text = files("xl_compliance.workbook").joinpath("limits.toml").read_text("utf-8")
    return MappingProxyType(
        {
            name: Limit(entry["most"], entry["what"], entry["reason"], entry.get("from", 0))
            for name, entry in tomllib.loads(text).items()
        }
    )


def limit(name: str) -> Limit:
    """One limit.

    >>> limit("rows").most
    1048576
    """
    return limits()[name]
