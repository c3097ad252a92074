"""Single cells as arguments, written so that LibreOffice Calc can tell blank, 0 and FALSE apart.

Calc hands over a cell, B7, as a number or a text, a blank one as 0; but a range, B7:B7, as it is.
So a workbook for Calc has its single cells as ranges, and gets them back as cells on the way home.
What was such a range before is put in brackets meanwhile, so that it returns as it was.
"""

import re
from collections.abc import Callable
from typing import Final

_SHEET: Final = r"(?:'(?:[^'\[\]]|'')+'!|[A-Za-z_\u0080-\uffff][\w.]*!)?"
_CELL: Final = re.compile(rf"{_SHEET}\$?[A-Za-z]{{1,3}}\$?[1-9]\d{{0,6}}")
_THIS_ROW: Final = re.compile(r"[\w.]*\[\[#This Row\],\[(?:[^\[\]']|'.)+\]\]", re.IGNORECASE)
_COLUMN: Final = r"[\w.]+\[(?:[^\[\]]|\[[^\[\]]*\])*\]"
_INDEX: Final = re.compile(rf"INDEX\((?P<first>{_COLUMN}|[^,()]+),[^()]*\)", re.IGNORECASE)
_FACT: Final = "IF(ISLOGICAL("
_RANGE: Final = re.compile(rf"{_SHEET}\$?[A-Za-z]{{1,3}}\$?\d+:\$?[A-Za-z]{{1,3}}\$?\d+|{_COLUMN}")
_NAMED_CELL: Final = re.compile(rf"=?{_SHEET}\$?[A-Za-z]{{1,3}}\$?[1-9]\d{{0,6}}")


class SingleCells:
    """Which arguments are single cells in a workbook with these names.

    >>> cells = SingleCells({"price": "Deal!$B$7", "prices": "Deal!$B$7:$B$9"})
    >>> for text in ("B7", "price", "prices", "B7:B7", "IF(A1,B7)"):
    ...     changed = cells.for_calc(text, fact=False)
    ...     print(changed and changed[0] + text + changed[1])
    B7:B7
    price:price
    None
    (B7:B7)
    None
    >>> [cells.from_calc(text) for text in ("B7:B7", "price:price", "(B7:B7)", "B7", "B7:B9")]
    ['B7', 'price', 'B7:B7', None, None]
    """

    def __init__(self, names: dict[str, str]) -> None:
        self._names = {
            name.casefold() for name, meant in names.items() if _NAMED_CELL.fullmatch(meant.strip())
        }

    def for_calc(self, argument: str, fact: bool) -> tuple[str, str] | None:
        """What Calc shall have before and after it; None where it stays as it is.

        A fact's TRUE or FALSE, which Calc would hand over as 1 and 0, comes as a text.
        """
        if self._single_behind(_bare(argument)):
            return "(", ")"
        if not self._is_single(argument):
            return None
        return _around(argument) if fact else ("", f":{argument}")

    def from_calc(self, argument: str) -> str | None:
        """How it stood before; None where it is as it was."""
        single = self._single_behind(_bare(argument))
        return argument[1:-1] if single and argument.startswith("(") else single

    def _single_behind(self, argument: str) -> str | None:
        """The single cell that was made into this for Calc."""
        single = argument[len(argument) // 2 + 1 :]
        if argument.startswith(_FACT) and argument.endswith(")"):
            single = argument[len(_FACT) : argument.find("),IF(")]
        before, after = _around(single) if argument.startswith(_FACT) else ("", f":{single}")
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


def _around(single: str) -> tuple[str, str]:
    return f'{_FACT}{single}),IF({single},"TRUE","FALSE"),{single}:', ")"


def _bare(argument: str) -> str:
    while argument.startswith("(") and argument.endswith(")"):
        argument = argument[1:-1]
    return argument
