"""The sheets of an input workbook that hold formulas of ours and nothing that anyone enters."""

from __future__ import annotations

from typing import Final

from xl_compliance.workbook.check_sheets import WORKINGS_SHEET
from xl_compliance.workbook.cover_sheet import COVER_SHEET
from xl_compliance.workbook.headroom_sheet import HEADROOM_SHEET
from xl_compliance.workbook.input_sheets import CHECKS_SHEET, OWNERSHIP_SHEET, SCENARIOS_SHEET
from xl_compliance.workbook.offering_sheets import BY_INSIDER_SHEET

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
