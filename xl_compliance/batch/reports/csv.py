"""The CSV report: one row a finding, every field text, none a formula."""

from __future__ import annotations

import csv
import io

from xl_compliance.batch.reports.rows import COLUMNS, rows
from xl_compliance.batch.results import Report
from xl_compliance.batch.text import as_field


def render(report: Report) -> str:
    """The report as CSV with a header row (RFC 4180). Files of it start with a byte order mark."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    writer.writerows([as_field(text) for text in row] for row in rows(report))
    return stream.getvalue()
