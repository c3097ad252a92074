"""Workbooks and formulas changed at random: always an answer in words, never an error of ours.

The same seed makes the same changes on every machine. XLC_FUZZ=20000 looks longer. What was found
is a case of its own in `FOUND`, or in the corpus.
"""

from __future__ import annotations

import os
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hostile_bases import Parts, packed
from hostile_corpus import BASES, base

from xl_compliance.batch.run import check_workbook
from xl_compliance.functions.registry import all_functions
from xl_compliance.functions.spellings import calls
from xl_compliance.workbook.calls import ModelCalls
from xl_compliance.workbook.snapshot import Cell, Sheet, Snapshot

ROUNDS = int(os.environ.get("XLC_FUZZ", "150"))
TOKENS = (
    b"<", b">", b"/>", b"</c>", b"<v>", b"</v>", b"<f>", b"&amp;", b"&#0;", b"&", b'"', b"'", b"=",
    b"-1", b"0", b"99999999999", b"1E400", b"NaN", b"A1", b"XFD1048577", b"$", b":", b"#REF!",
    b' t="s"', b' t="e"', b' r="A1"', b' si="0"', b"\x00", b"\xff", b"\r\n", "\u202e".encode(),
)  # fmt: skip


def _changed(content: bytes, chosen: random.Random) -> bytes:
    """A part with one to four small changes."""
    text = bytearray(content)
    for _ in range(chosen.randint(1, 4)):
        place = chosen.randrange(len(text) + 1)
        length = chosen.choice((0, 1, 2, 8, 64))
        match chosen.randrange(5):
            case 0:
                del text[place : place + length]
            case 1:
                text[place:place] = chosen.choice(TOKENS)
            case 2:
                text[place : place + length] = chosen.choice(TOKENS)
            case 3:
                text[place:place] = text[place : place + chosen.choice((4, 40, 400))]
            case _:
                _swap_attributes(text, chosen)
    return bytes(text)


def _swap_attributes(text: bytearray, chosen: random.Random) -> None:
    values = [it.span(1) for it in re.finditer(rb'="([^"]*)"', bytes(text))]
    if len(values) > 1:
        (first, last), (start, end) = sorted(chosen.sample(values, 2))
        text[first:end] = text[start:end] + text[last:start] + text[first:last]


def _mutant(number: int) -> tuple[str, Parts]:
    chosen = random.Random(f"package {number}")
    name = chosen.choice(sorted(BASES))
    parts = base(name)
    read = [it for it in parts if "theme" not in it and "docProps" not in it]
    for part in chosen.sample(read, chosen.choice((1, 1, 1, 2))):
        parts[part] = _changed(parts[part], chosen)
    return name, parts


def test_packages_changed_at_random(tmp_path: Path) -> None:
    path = tmp_path / "mutant.xlsx"
    for number in range(ROUNDS):
        _, parts = _mutant(number)
        path.write_bytes(packed(parts))
        report = check_workbook(path)
        assert "error of this program" not in report.failure, (number, report.failure)
        for text in (report.failure, *(it.message for it in report.findings)):
            assert "\n" not in text, (number, text)


# ---------------------------------------------------------------- formulas

PIECES = (
    "A1", "B2:C9", "$A:$A", "1:1", "Sheet!A1", "'It''s'!A1", "[1]S!A1", "Name", "Table[Col]",
    "Table[[#This Row],[Col]]", "{1,2;3,4}", '"text"', '"', "#REF!", "#N/A", "1", "1E400", "-", "+",
    "*", "^", "%", "&", "=", "<>", ",", ";", " ", "(", ")", ")", ":", "!", "@", "#", "TRUE", "_xlfn.",
    "_xll.", "_xldudf_XLC_", "XLC.", "LET(x,1,x)", "LAMBDA(x,x)(1)", "SUM(", "IF(", "NOW()", "\u202e",
    "é", "\U0001f600", "\x00", "\n", "_x0000_",
)  # fmt: skip


def _formula(number: int) -> str:
    chosen = random.Random(f"formula {number}")
    names = [function.name for function in all_functions()]
    pieces: list[str] = []
    for _ in range(chosen.randint(1, 14)):
        pieces.append(chosen.choice(PIECES))
        if chosen.random() < 0.4:
            pieces.append(f"{chosen.choice(names)}(")
    return "=" + "".join(pieces) + ")" * chosen.randint(0, 4)


def _model(formulas: list[str]) -> Snapshot:
    cells: dict[tuple[int, int], Cell] = {(1, 1): Cell(1), (2, 2): Cell("text")}
    cells |= {(row, 5): Cell(0, text) for row, text in enumerate(formulas, 1)}
    return Snapshot(Path("fuzz.xlsx"), (Sheet("Sheet", True, cells),), (), (), False)


def test_formulas_made_at_random() -> None:
    known = {function.name for function in all_functions()}.__contains__
    for start in range(0, 20 * ROUNDS, 500):
        formulas = [_formula(number) for number in range(start, start + 500)]
        for text in formulas:
            list(calls(text, known))
        for cell in ModelCalls(_model(formulas)).cells:
            assert cell.problem or cell.answer.values, cell.cell.formula


# ---------------------------------------------------------------- what was found

FOUND: dict[str, Any] = {
    "a cell beyond the last row made the engine panic": "=MINPRICE(A9999999)",
    "a range beyond the last column": "=MINPRICE(A1:XFE9)",
    "names in a formula that cannot be taken apart": "=MINPRICE(((",
}


@pytest.mark.parametrize("name", FOUND)
def test_a_formula_that_once_stopped_a_check(name: str) -> None:
    (cell,) = ModelCalls(_model([FOUND[name]])).cells
    assert cell.problem
