"""The page, which recomputes calls in plain Python, says of a hostile file what the command says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import formualizer
import pytest
from hostile_bases import packed
from hostile_corpus import base, corpus, replaced, sheet_part

from xl_compliance.batch.reports import json as json_report
from xl_compliance.batch.results import Report
from xl_compliance.batch.run import check_workbook
from xl_compliance.workbook import calls, engine, plain_engine, references


def said(path: Path, library: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """The report on a workbook whose formulas this library calculates."""
    for module in (calls, engine, references):
        monkeypatch.setattr(module, "formula_engine", lambda: library)
    monkeypatch.setattr(engine, "_KNOWN", {})
    return json_report.render(Report((check_workbook(path),)))


def test_of_every_hostile_model_the_page_says_what_the_command_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = [case for case in corpus(large=False) if case.base == "model"]
    assert len(models) > 200
    for case in models:
        path = tmp_path / case.file
        path.write_bytes(case.content)
        by_formualizer = said(path, formualizer, monkeypatch)
        assert said(path, plain_engine, monkeypatch) == by_formualizer, case.file
        assert "pop from" not in by_formualizer, "what a library says to itself"
        assert "Tokenizer" not in by_formualizer


def test_what_a_link_shows_is_not_made_a_text(tmp_path: Path) -> None:
    parts = base("model")
    old = b"<f>ISSUANCEPCT(A2,B2)</f>"
    new = b'<f>HYPERLINK("https://example.com",ISSUANCEPCT(A2,B2))</f>'
    path = tmp_path / "model.xlsx"
    path.write_bytes(packed(replaced(parts, sheet_part(parts, "Model"), old, new)))
    found = check_workbook(path).findings
    assert not any(it.code == "MDL001" and it.cell == "C2" for it in found)
    assert any(it.code == "MDL006" and "HYPERLINK is not known here" in it.message for it in found)
