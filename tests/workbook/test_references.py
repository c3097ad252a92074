"""What formulas refer to is the same whether an address was met before or not."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from xl_compliance.workbook.references import NotRecomputable, References, Rewritten
from xl_compliance.workbook.snapshot import Cell, DefinedName, Sheet, Snapshot, Table

CELLS = {(row, column): Cell(row * column) for row in range(1, 8) for column in range(1, 5)}
BOOK = Snapshot(
    Path("a.xlsx"),
    (Sheet("One", True, CELLS), Sheet("Two's", True, CELLS), Sheet("Three", True, {})),
    (Table("Rows", "One", 2, 1, ("Name", "Bought"), 4),),
    (
        DefinedName("fixed", "One!$B$2:$B$5"),
        DefinedName("single", "'Two''s'!$C$3"),
        DefinedName("moving", "One!B2"),
        DefinedName("of_names", "fixed+single"),
        DefinedName("fixed", "Three!$A$1", "Three"),
    ),
    False,
)
REFERENCES = (
    "B2", "$B$2", "b2", "B$2:C5", "C5:B2", "B:B", "2:3", "XFE1", "A1048577", "One!B2", "one!B:C",
    "'Two''s'!B2:B4", "One:Three!B2", "One:Three!x", "Four!A1", "fixed", "single", "moving",
    "of_names", "Three!fixed", "unknown", "Rows[Bought]", "Rows[@Bought]", "Rows[[#All],[Name]]",
    "TRUE", "1", '"B2"', "[1]One!B2", "A1#",
)  # fmt: skip
FUNCTIONS = ("SUM", "ISSUANCEPCT", "XLC.ISSUANCEPCT", "_xlfn.SUM", "ROWS", "NOW", "MINPRICE", "")
PARTS = st.sampled_from((*REFERENCES, ",", "+", ")", *(f"{name}(" for name in FUNCTIONS)))
FORMULAS = st.one_of(
    st.lists(PARTS, max_size=9).map("".join),
    st.tuples(st.sampled_from(FUNCTIONS), st.lists(st.sampled_from(REFERENCES), max_size=4)).map(
        lambda it: f"{it[0]}({','.join(it[1])})"
    ),
)
USED = References(BOOK)


def outcome(references: References, formula: str, sheet: str, row: int) -> Rewritten | str:
    try:
        return references.rewrite(formula, sheet, row, 3, 7)
    except NotRecomputable as why:
        return str(why)


@given(FORMULAS, st.sampled_from(("One", "Two's", "Three")), st.integers(1, 8))
def test_a_formula_reads_the_same_among_others_as_alone(formula, sheet, row):
    text = f"={formula}"
    alone = outcome(References(BOOK), text, sheet, row)
    assert outcome(USED, text, sheet, row) == alone
    assert outcome(USED, text, sheet, row) == alone
