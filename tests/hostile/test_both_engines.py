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


def both(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    by_formualizer = said(path, formualizer, monkeypatch)
    return by_formualizer, said(path, plain_engine, monkeypatch)


def test_of_every_hostile_model_the_page_says_what_the_command_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = [case for case in corpus(large=False) if case.base == "model"]
    assert len(models) > 200
    for case in models:
        path = tmp_path / case.file
        path.write_bytes(case.content)
        ours, theirs = both(path, monkeypatch)
        assert ours == theirs, case.file


FORMULAS = {
    "one cell by position": "@ISSUANCEPCT(A2,B2)",
    "one argument by position": "ISSUANCEPCT(@A2,B2)",
    "closed before it is opened": "ISSUANCEPCT(A2,B2))+(1",
    "an array of several lengths": "ISSUANCEPCT({1,2;3},B2)",
    "an array of one length": "ISSUANCEPCT({1,2;3,4},B2)",
    "seventy brackets in one another": "(" * 70 + "ISSUANCEPCT(A2,B2)" + ")" * 70,
    "seventy-one brackets in one another": "(" * 71 + "ISSUANCEPCT(A2,B2)" + ")" * 71,
    "additions in brackets": "(1+" * 35 + "ISSUANCEPCT(A2,B2)" + ")" * 35,
    "a sum of two hundred and fifty": "ISSUANCEPCT(A2,B2)" + "+1" * 250,
    "a sum of three hundred": "ISSUANCEPCT(A2,B2)" + "+1" * 300,
    "a sum of three hundred in an argument": "ISSUANCEPCT(A2" + "+1" * 300 + ",B2)",
    "a text that is not closed": 'ISSUANCEPCT(A2,B2)&"x',
    "a link": 'HYPERLINK("https://example.com",ISSUANCEPCT(A2,B2))',
    "the largest number there is": "ISSUANCEPCT(1.7976931348623157E+308,B2)",
    "a number of thirty digits": "ISSUANCEPCT(123456789012345678901234567890,B2)",
}


@pytest.mark.parametrize("name", FORMULAS)
def test_of_a_formula_with(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = base("model")
    formula = FORMULAS[name].replace("&", "&amp;").encode()
    old, new = b"<f>ISSUANCEPCT(A2,B2)</f>", b"<f>" + formula + b"</f>"
    path = tmp_path / "model.xlsx"
    path.write_bytes(packed(replaced(parts, sheet_part(parts, "Model"), old, new)))
    ours, theirs = both(path, monkeypatch)
    assert ours == theirs
    assert "pop from" not in ours
    assert "Tokenizer" not in ours


def test_what_a_link_shows_is_not_made_a_text(tmp_path: Path) -> None:
    parts = base("model")
    old = b"<f>ISSUANCEPCT(A2,B2)</f>"
    new = b'<f>HYPERLINK("https://example.com",ISSUANCEPCT(A2,B2))</f>'
    path = tmp_path / "model.xlsx"
    path.write_bytes(packed(replaced(parts, sheet_part(parts, "Model"), old, new)))
    found = check_workbook(path).findings
    assert not any(it.code == "MDL001" and it.cell == "C2" for it in found)
    assert any(it.code == "MDL006" and "HYPERLINK is not known here" in it.message for it in found)
