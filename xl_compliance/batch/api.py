"""Checking a workbook from Python. `xl_compliance.check_workbook` is this one."""

from __future__ import annotations

from pathlib import Path

from xl_compliance.batch.places import place
from xl_compliance.batch.results import Report
from xl_compliance.batch.run import check_workbook as _check_workbook


def check_workbook(path: str | Path) -> Report:
    """Everything the checks find in one workbook, as a report of that workbook alone.

    The file is only read; it may be a URL, where the extra `remote` is installed. A workbook that
    cannot be read is not an exception but a report that says so in `workbooks[0].failure`.
    `Report.to_frame()` gives the findings to pandas.

    >>> report = check_workbook("nowhere.xlsx")
    >>> report.workbooks[0].failure[:37]
    'nowhere.xlsx: there is no such file. '
    >>> report.exit_code()
    2
    """
    return Report((_check_workbook(place(path)),))
