"""Every limit: with a reason, on the page that people read, and in one place alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from xl_compliance.workbook import limits as module
from xl_compliance.workbook.limits import Limit, limits

PAGE = Path(module.__file__).parents[1] / "guide" / "security.md"


@pytest.mark.parametrize("name", limits())
def test_a_limit_has_a_reason_and_stands_on_the_page(name: str) -> None:
    it = limits()[name]
    assert it.most > 0
    measured = f", measured above {it.start:,} bytes" if it.start else ""
    line = f"| {it.what}{measured} | {it.most:,} | {it.reason} |"
    assert line in PAGE.read_text(encoding="utf-8").splitlines()


def test_the_line_is_drawn_above_the_most() -> None:
    limit = Limit(10, "parts", "so")
    assert limit.passed_by(10) == ""
    assert limit.passed_by(11) == "11 parts, where at most 10 are read"
