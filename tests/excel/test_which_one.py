"""The page on hosts is what the tables say, and its picture is there."""

from __future__ import annotations

import os
import re
from pathlib import Path

import xl_compliance
from xl_compliance.cli import main
from xl_compliance.excel.differences import DIFFERENCES
from xl_compliance.excel.which_one import HOSTS, page

GUIDE = Path(xl_compliance.__file__).parent / "guide"
PAGE = GUIDE / "which-one.md"


def test_the_page_is_what_the_tables_say() -> None:
    if os.environ.get("XLC_UPDATE_GOLDEN") == "1":
        PAGE.write_text(page(), encoding="utf-8", newline="\n")
    assert PAGE.read_text(encoding="utf-8") == page(), "run with XLC_UPDATE_GOLDEN=1 and review"


def test_every_host_has_few_steps_and_says_what_was_not_tried() -> None:
    for host in HOSTS:
        assert 1 <= len(host.steps) <= 5
        assert host.tried
        assert host.not_tried
    assert all(difference.topic in page() for difference in DIFFERENCES)


def test_links_and_pictures_lead_somewhere() -> None:
    text = page()
    headings = {
        re.sub(r"[^\w -]", "", line[3:].lower()).replace(" ", "-")
        for line in text.splitlines()
        if line.startswith("## ")
    }
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in headings, target
        else:
            picture = GUIDE / target
            assert picture.read_bytes().startswith(b"\x89PNG")
            assert picture.stat().st_size < 100_000


def test_every_command_on_the_page_exists() -> None:
    named = set(re.findall(r"xl-compliance (\w+)(?: (\w+))?", page()))
    group = main.commands["excel"].commands  # type: ignore[attr-defined]
    for command, below in named:
        assert command in main.commands
        assert command != "excel" or below in group
