"""Where the hosts differ, as one table: what people read before they choose, and tests hold to.

What is not in it is alike on every host: numbers, texts in any script, dates coming in, blank
cells of a range, arguments left out in the middle, ranges of one cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Difference:
    """A topic, and what each host does about it."""

    key: str
    topic: str
    classic: str
    lite: str
    libreoffice: str


DIFFERENCES: Final = (
    Difference(
        "spelling",
        "How a call is typed",
        "=MINPRICE(A1:A5), =TSX_606(...)",
        "=XLC.MINPRICE(A1:A5), =XLC.TSX606(...)",
        "=XLC.MINPRICE(A1:A5), =XLC.TSX606(...)",
    ),
    Difference(
        "zero",
        "A blank cell as an argument, and 0",
        "A blank cell is not given; a link to one is 0",
        "A blank cell is not given; a link to one is 0",
        "Calc hands over a blank cell as 0. A 0 that is never a value of its own is read as not "
        "given. Where it may be either and that makes a difference, the answer is NEEDS INPUT or "
        '#N/A: write the cell as a range (B7:B7), or the 0 as a text ("0"). In a workbook that '
        "xl-compliance convert wrote, it is so",
    ),
    Difference(
        "truth in",
        "TRUE and FALSE as arguments",
        "As they are",
        "As they are",
        "Calc has only 1 and 0: 1 is read as yes, 0 as not given. Say Yes and No, or the texts "
        "TRUE and FALSE. In a workbook that xl-compliance convert wrote, cells that hold them come "
        "as such texts. Otherwise, and in a range of several cells, TRUE in a place for a number "
        "or a date is 1 and FALSE 0, instead of #VALUE!",
    ),
    Difference(
        "date for a number",
        "A cell with a date in a place for a number",
        "#VALUE!",
        "The number that the date is to Excel, 45359 for 8 March 2024",
        "The number that the date is to Calc, 45359 for 8 March 2024",
    ),
    Difference(
        "truth out",
        "Answers that are TRUE or FALSE",
        "TRUE, FALSE",
        "TRUE, FALSE",
        "1 and 0, which equal TRUE and FALSE in formulas; the number format Boolean shows them so",
    ),
    Difference(
        "error out",
        "Error values as answers",
        "Always #VALUE!; EXPLAIN says which it is",
        "The one that is meant; newer ones such as #SPILL! as #VALUE!",
        "The one that is meant; newer ones such as #SPILL! as #VALUE!",
    ),
    Difference(
        "error in range",
        "An error value in a range that comes in",
        "It is the answer, as #VALUE!",
        "It is the answer",
        "The answer is Err:504, saved in .xlsx as #VALUE!; of a spilling function all cells are",
    ),
    Difference(
        "error in table",
        "Error values in a table, such as EXPLAIN's",
        "Text",
        "The error value itself",
        "Text",
    ),
    Difference(
        "error explained",
        "EXPLAIN of a call with an error value in an argument",
        "The working, which ends with the error value",
        "The working, which ends with the error value",
        "The error value",
    ),
    Difference(
        "spill",
        "Answers of more than one cell",
        "They spill in Excel 365; before, Ctrl+Shift+Enter over a range",
        "They spill",
        "Ctrl+Shift+Enter, with Array ticked",
    ),
    Difference(
        "spilled words",
        "A range where a function takes one value",
        "One answer a cell",
        "One answer a cell",
        "One answer a cell where the answer is a number; #VALUE! where it is a word or a truth "
        "value: write the function once a cell",
    ),
    Difference(
        "text in tables",
        "Comparing a text of a table with another",
        "As usual",
        "As usual",
        'A text that came in a table equals no other: take it with INDEX or add &"" first',
    ),
    Difference(
        "too many arguments",
        "More arguments than a function has",
        "Excel does not take the formula",
        "Excel does not take the formula",
        "Err:504, saved in .xlsx as #VALUE!",
    ),
    Difference(
        "dates out",
        "Dates as answers",
        "Dates",
        "Formatted in the short form of the region",
        "Numbers: give the cell a date format",
    ),
    Difference(
        "1904",
        "Workbooks that count dates from 1904",
        "Dates are right",
        "Dates arrive four years and a day early: do not use such a workbook, or pass dates as "
        "text (2024-03-08)",
        "Dates are right",
    ),
)
"""What differs, one row a topic."""
