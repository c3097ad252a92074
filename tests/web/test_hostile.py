"""Hostile formulas in the page itself: what is said is what the command says, to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import Page
from click.testing import CliRunner
from hostile_corpus import corpus

from xl_compliance.cli import main


def test_of_every_hostile_formula_the_page_says_what_the_command_says(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [it for it in corpus(large=False) if it.file.startswith("model-formula")]
    assert len(cases) > 60
    for case in cases:
        (tmp_path / case.file).write_bytes(case.content)
    names = sorted(case.file for case in cases)
    page.choose(*(tmp_path / name for name in names))
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["check", *names, "--format", "json", "--jobs", "0", "-q"])
    assert page.json() == done.stdout
