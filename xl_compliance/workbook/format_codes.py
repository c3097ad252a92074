"""Number formats by their numbers and letters: the built-in ones, and which show dates or times.

openpyxl knows both, and takes longer to load than a hundred small workbooks to check.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from xl_compliance.workbook.limits import TooMuch, limit

BUILT_IN: Final[Mapping[int, str]] = MappingProxyType(
    {
        0: "General",
        1: "0",
        2: "0.00",
        3: "#,##0",
        4: "#,##0.00",
        5: '"$"#,##0_);("$"#,##0)',
        6: '"$"#,##0_);[Red]("$"#,##0)',
        7: '"$"#,##0.00_);("$"#,##0.00)',
        8: '"$"#,##0.00_);[Red]("$"#,##0.00)',
        9: "0%",
        10: "0.00%",
        11: "0.00E+00",
        12: "# ?/?",
        13: "# ??/??",
        14: "mm-dd-yy",
        15: "d-mmm-yy",
        16: "d-mmm",
        17: "mmm-yy",
        18: "h:mm AM/PM",
        19: "h:mm:ss AM/PM",
        20: "h:mm",
        21: "h:mm:ss",
        22: "m/d/yy h:mm",
        37: "#,##0_);(#,##0)",
        38: "#,##0_);[Red](#,##0)",
        39: "#,##0.00_);(#,##0.00)",
        40: "#,##0.00_);[Red](#,##0.00)",
        41: r'_(* #,##0_);_(* \(#,##0\);_(* "-"_);_(@_)',
        42: r'_("$"* #,##0_);_("$"* \(#,##0\);_("$"* "-"_);_(@_)',
        43: r'_(* #,##0.00_);_(* \(#,##0.00\);_(* "-"??_);_(@_)',
        44: r'_("$"* #,##0.00_);_("$"* \(#,##0.00\);_("$"* "-"??_);_(@_)',
        45: "mm:ss",
        46: "[h]:mm:ss",
        47: "mmss.0",
        48: "##0.0E+0",
        49: "@",
    }
)
"""Those that a file names by number alone (ECMA-376, part 1, 18.8.30)."""

_LITERALS: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_ELAPSED: Final = re.compile(r"\[(?:hh?|mm?|ss?)\]", re.IGNORECASE)
_NOT_SHOWN: Final = re.compile(r'"[^"\n]*"|\[(?!(?:hh?|mm?|ss?)\])[^\]]*\]')
_OF_DATES: Final = re.compile(r"(?<![_\\])[DHMSYdhmsy]")


@lru_cache(maxsize=1024)
def kind_of_format(number_format: str) -> str:
    """Whether a number format shows a `number`, a `date` or a `time`.

    >>> [kind_of_format(it) for it in ("0.0%", "d mmm yyyy", "h:mm", "[h]:mm", '0.0" days"')]
    ['number', 'date', 'time', 'number', 'number']
    """
    too_long = limit("number_format").passed_by(len(number_format))
    if too_long:
        raise TooMuch(f"it has {too_long}")
    positive = number_format.split(";")[0]
    if _ELAPSED.search(positive) or not _OF_DATES.search(_NOT_SHOWN.sub("", positive)):
        return "number"
    letters = set(_LITERALS.sub("", positive).lower())
    return "time" if letters & {"h", "s"} and not letters & {"d", "y"} else "date"
