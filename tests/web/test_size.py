"""The size of the page that README.md states."""

from __future__ import annotations

import re
from math import ceil
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_states_the_size_of_the_file(page_file: Path) -> None:
    (stated,) = re.findall(r"one file of (\d+) MB", README.read_text(encoding="utf-8"))
    assert ceil(page_file.stat().st_size / 1_000_000) == int(stated)
