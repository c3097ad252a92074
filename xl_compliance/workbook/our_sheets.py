"""The sheets of an input workbook that hold formulas of ours and nothing that anyone enters."""

from __future__ import annotations

from typing import Final

from xl_compliance.workbook.input_sheets import (
    BY_INSIDER_SHEET,
    CHECKS_SHEET,
    COVER_SHEET,
    HEADROOM_SHEET,
    OWNERSHIP_SHEET,
    SCENARIOS_SHEET,
    WORKINGS_SHEET,
)

CALCULATED: Final = frozenset(
    {
        COVER_SHEET,
        CHECKS_SHEET,
        WORKINGS_SHEET,
        HEADROOM_SHEET,
        OWNERSHIP_SHEET,
        SCENARIOS_SHEET,
        BY_INSIDER_SHEET,
    }
)
