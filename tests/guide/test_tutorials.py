"""Every block that a person wrote is run, and every figure in the prose stands in one."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from xl_compliance.guide.tutorials import (
    README,
    SHOWN_ONLY,
    BlockMistake,
    blocks,
    pages_with_blocks,
    refreshed,
)
from xl_compliance.rules.parameters import all_rules

RUN = {"console", "excel", "cells", "python"}
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")
# What is no figure: rules, forms, dates, versions, exit codes.
NAMES = re.compile(
    r"5635(?:\([a-d]\))?|FAQ \d+|FAQs|60[67](?:\([a-z]\))*|Schedule 13[DG](?:/A)?|13[dDG]|"
    r"response \d|\d{1,2} (?:July|March|February)(?: \d{4})?|July \d{4}|the \d+th|in 2013|"
    r"[Rr]ows? \d+(?:(?:,| to| and) \d+)*|Item 5|SARIF \d\.\d\.\d|LibreOffice \d\.\d|"
    r"Excel 365(?: or 2021)?|Python \d\.\d+|Apache-2\.0|`[^`]*`|\]\([^)]*\)|^\d\. |^\| \d \|",
    re.MULTILINE,
)


@pytest.mark.parametrize("path", pages_with_blocks(), ids=lambda path: path.name)
def test_what_blocks_show_is_what_they_give(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert refreshed(text) == text, "run python -m xl_compliance.guide and review what it changes"


@pytest.mark.parametrize("path", pages_with_blocks(), ids=lambda path: path.name)
def test_every_block_is_run(path: Path) -> None:
    commands = path == README
    languages = [language for language, _ in blocks(path.read_text(encoding="utf-8"))]
    # CI runs README's two commands as they stand; no other block is without a language.
    assert languages.count("") == (2 if commands else 0)
    assert set(languages) <= RUN | set(SHOWN_ONLY) | {""}


@pytest.mark.parametrize("path", pages_with_blocks(), ids=lambda path: path.name)
def test_every_figure_in_the_prose_stands_in_a_block(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    inside = " ".join(body for _, body in blocks(text))
    known = {normal(it) for it in NUMBER.findall(inside)} | thresholds()
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    figures = NUMBER.findall(NAMES.sub(" ", prose))
    assert [it for it in figures if normal(it) not in known] == []


def normal(figure: str) -> str:
    plain = figure.replace(",", "").rstrip(".")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def thresholds() -> set[str]:
    found = {v.shown for r in all_rules() for p in r.parameters.values() for v in p.versions}
    return {normal(it) for text in found for it in NUMBER.findall(text)}


def test_readme_s_counts_are_right() -> None:
    text = README.read_text(encoding="utf-8")
    faqs = [rule for rule in all_rules() if rule.id.startswith("NASDAQ-FAQ-")]
    assert ("nineteen FAQs" in text) == (len(faqs) == 19)
    project = tomllib.loads((README.parent / "pyproject.toml").read_text(encoding="utf-8"))
    needed = project["project"]["requires-python"].removeprefix(">=")
    assert f"Python {needed} or newer" in text


@pytest.mark.parametrize(
    ("block", "shown"),
    [
        ("```excel\n=UNITFLOOR(10, 10)\n9\n```\n", "10.125"),
        ("```excel\nprice = 10\n=UNITFLOOR(price, 10)\n```\n", "10.125"),
        ("```excel\n=ISSUANCEPCT(1022372, 5059747)\n20.2%\n```\n", "20.2%"),
        ("```excel\n=ISSUANCEPCT(1022372, 5059747)\n20.3%\n```\n", "0.202059905367"),
        ("```console\n$ xl-compliance call UNITFLOOR 10 10\n9\n```\n", "10.125"),
    ],
)
def test_a_wrong_answer_is_replaced_and_a_rounded_one_kept(block: str, shown: str) -> None:
    assert refreshed(block).splitlines()[-2] == shown


@pytest.mark.parametrize(
    "block",
    [
        "```python\n>>> 1 + 1\n3\n```\n",
        "```python\nx = 1\n```\n",
        "```console\n$ xl-compliance check nowhere.xlsx\n...\n```\n",
        "```console\n$ rm -rf .\n```\n",
        "```excel\n10\n=UNITFLOOR(10, 10)\n```\n",
    ],
)
def test_a_block_that_cannot_be_run_is_no_page(block: str) -> None:
    with pytest.raises(BlockMistake):
        refreshed(block)
