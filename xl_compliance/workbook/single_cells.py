"""Single cells as arguments, written so that LibreOffice Calc can tell blank, 0 and FALSE apart.

Calc hands over a cell, B7, as a number or a text, a blank one as 0; but a range, B7:B7, as it is.
So a workbook for Calc has its single cells as ranges, and gets them back as cells on the way home.
TRUE and FALSE, which Calc would hand over as 1 and 0, come as texts: in the place of a number they
are no more a 1 and a 0 than elsewhere. What was such an expression before is put in brackets
meanwhile, so that it returns as it was.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from xl_compliance.functions.spellings import NAMESPACE, Called, argument_spans, calls

_OF_CALC: Final = f"{NAMESPACE}."
_SHEET: Final = r"(?:'(?:[^'\[\]]|'')+'!|[A-Za-z_\u0080-\uffff][\w.]*!)?"
_CELL: Final = re.compile(rf"{_SHEET}\$?[A-Za-z]{{1,3}}\$?[1-9]\d{{0,6}}")
_THIS_ROW: Final = re.compile(r"[\w.]*\[\[#This Row\],\[(?:[^\[\]']|'.)+\]\]", re.IGNORECASE)
_COLUMN: Final = r"[\w.]+\[(?:[^\[\]]|\[[^\[\]]*\])*\]"
_INDEX: Final = re.compile(rf"INDEX\((?P<first>{_COLUMN}|[^,()]+),[^()]*\)", re.IGNORECASE)
_TOLD_APART: Final = "IF(ISLOGICAL("
_RANGE: Final = re.compile(rf"{_SHEET}\$?[A-Za-z]{{1,3}}\$?\d+:\$?[A-Za-z]{{1,3}}\$?\d+|{_COLUMN}")
_NAMED_CELL: Final = re.compile(rf"=?{_SHEET}\$?[A-Za-z]{{1,3}}\$?[1-9]\d{{0,6}}")


class SingleCells:
    """Which arguments are single cells in a workbook with these names.

    >>> cells = SingleCells([("price", "Deal!$B$7"), ("prices", "Deal!$B$7:$B$9")])
    >>> for text in ("B7", "prices", "B7:B7", "IF(A1,B7)"):
    ...     changed = cells.for_calc(text)
    ...     print(changed and changed[0] + text + changed[1])
    IF(ISLOGICAL(B7),IF(B7,"TRUE","FALSE"),B7:B7)
    None
    (B7:B7)
    None
    >>> [cells.from_calc(text) for text in ("B7:B7", "price:price", "(B7:B7)", "B7", "B7:B9")]
    ['B7', 'price', 'B7:B7', None, None]
    """

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        self._names = {
            name.casefold() for name, meant in names if _NAMED_CELL.fullmatch(meant.strip())
        }

    def for_calc(self, argument: str) -> tuple[str, str] | None:
        """What Calc shall have before and after it; None where it stays as it is."""
        if self._single_behind(_bare(argument)):
            return "(", ")"
        return _around(argument) if self._is_single(argument) else None

    def from_calc(self, argument: str) -> str | None:
        """How it stood before; None where it is as it was."""
        single = self._single_behind(_bare(argument))
        return argument[1:-1] if single and argument.startswith("(") else single

    def in_excel(self, formula: str, known: Callable[[str], bool]) -> str:
        """A formula as it was before it was written for Calc; any other as it is.

        >>> SingleCells([]).in_excel("XLC.DISCOUNTPCT(B7:B7,10)", {"DISCOUNTPCT"}.__contains__)
        'XLC.DISCOUNTPCT(B7,10)'
        """
        if _OF_CALC not in formula.upper():
            return formula
        taken = sorted(
            stretch
            for call in calls(formula, known)
            if is_of_calc(formula, call)
            for stretch in self.added(formula, call)
        )
        for start, end in reversed(taken):
            formula = formula[:start] + formula[end:]
        return formula

    def added(self, formula: str, call: Called) -> Iterator[tuple[int, int]]:
        """What was added around the arguments of a call when it was written for Calc."""
        for start, end in argument_spans(formula, call):
            argument = formula[start:end]
            kept = self.from_calc(argument) if argument else None
            if kept is not None:
                at = start + argument.rindex(kept)
                around = ((start, at), (at + len(kept), end))
                yield from (stretch for stretch in around if stretch[0] < stretch[1])

    def _single_behind(self, argument: str) -> str | None:
        """The single cell that was made into this for Calc."""
        single = argument[len(argument) // 2 + 1 :]
        if argument.startswith(_TOLD_APART) and argument.endswith(")"):
            single = argument[len(_TOLD_APART) : argument.find("),IF(")]
        before, after = _around(single) if argument.startswith(_TOLD_APART) else ("", f":{single}")
        return single if argument == before + single + after and self._is_single(single) else None

    def _is_single(self, argument: str) -> bool:
        tests: tuple[Callable[[str], object], ...] = (
            _CELL.fullmatch,
            _THIS_ROW.fullmatch,
            self._is_named,
            self._is_picked,
        )
        return any(test(argument) for test in tests)

    def _is_named(self, argument: str) -> bool:
        return argument.casefold() in self._names

    def _is_picked(self, argument: str) -> bool:
        """INDEX of a range or of a column of a table, which is a cell of it."""
        match = _INDEX.fullmatch(argument)
        return match is not None and _RANGE.fullmatch(match["first"].strip()) is not None


def is_of_calc(formula: str, call: Called) -> bool:
    """Whether a call is spelled as Calc spells it."""
    return formula[call.start : call.end].upper().startswith(_OF_CALC)


def _around(single: str) -> tuple[str, str]:
    return f'{_TOLD_APART}{single}),IF({single},"TRUE","FALSE"),{single}:', ")"


def _bare(argument: str) -> str:
    while argument.startswith("(") and argument.endswith(")"):
        argument = argument[1:-1]
    return argument
