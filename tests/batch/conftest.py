"""Reports built in memory, so that a format's cases need no file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from xl_compliance.batch.results import Holding, Report, Suppressed, WorkbookReport
from xl_compliance.checks.findings import Finding

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\x1b[2J\x1b]0;owned\x07",
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "{{ 7*7 }}",
    "a\nb",
    "\u202egnp.exe",
    "\x9b31m",
    "null\x00byte",
    "\ud800 alone",
    "]]>&amp;",
    '"quoted", comma',
    "_x0041_",
)

FINDING = Finding(
    code="NDQ007",
    title="Shareholder approval of the issuance",
    rule="NASDAQ-5635D",
    verdict="REQUIRED",
    message="20.206% at 9.99, below the Minimum Price of 10",
    sheet="Deal",
    cell="C10",
    inputs=("Deal!C10", "Classes!D7"),
    threshold=">= 20%; < Minimum Price",
    headroom="shares over the line: 10,423",
    source="Listing Rule 5635(d)",
    effective="from 2018-09-26",
    verification="source document",
    working=(
        ("Issuance as a percentage of shares", "20.206%", ">= 20%", "FAQ 182"),
        ("Minimum Price", "10", "", ""),
    ),
    anchor="Deal[Value] / Signed at",
)


@pytest.fixture
def finding() -> Finding:
    return FINDING


@pytest.fixture
def report() -> Report:
    """Two workbooks, one of which cannot be read, with each severity and hostile texts."""
    verdicts = ("REQUIRED", "BREACH", "REVIEW", "NEEDS INPUT", "NOTE", "OK")
    ordinary = [replace(FINDING, verdict=v, cell=f"C{i}") for i, v in enumerate(verdicts, 10)]
    hostile = [
        replace(FINDING, verdict="OK", message=text, title=text, sheet=text, cell="", headroom=text)
        for text in HOSTILE
    ]
    good = WorkbookReport(
        Path("models/deal 1.xlsx"),
        (*ordinary, *hostile),
        about=(("issuer", "=HYPERLINK(1)"), ("exchange", "NASDAQ")),
        holdings=(Holding("=1+1", 1_000, 500), Holding("Smith", 0, 7)),
        suppressed=(Suppressed(replace(FINDING, verdict="REVIEW"), "accepted: memo of 3 May"),),
        left_out=2,
    )
    bad = WorkbookReport(Path("models/new\nline\x1b.xlsx"), failure="it is empty \x1b[2J")
    return Report((good, bad), (Path("models/late.xlsx"),))


@pytest.fixture
def files(tmp_path):
    """Empty files of these names, for `worker_checks.check`."""

    def named(*names: str) -> list[Path]:
        paths = [tmp_path / f"{name}.xlsx" for name in names]
        for path in paths:
            path.touch()
        return paths

    return named
