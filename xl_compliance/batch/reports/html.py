"""The HTML report: one file that needs nothing else, for reading, filtering and forwarding.

Its one script and one style sheet are named by their hashes in the page's content security
policy, so that nothing a workbook holds can run, whatever became of the escaping.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from xl_compliance import __version__
from xl_compliance.batch.reports.rows import (
    NOT_REACHED,
    WORDS,
    Gauge,
    details,
    gauges,
    headline,
    to_do,
)
from xl_compliance.batch.results import Report, WorkbookReport
from xl_compliance.batch.text import visible
from xl_compliance.checks.findings import Finding, Severity
from xl_compliance.rules.exact import plain, plus, to_float

if TYPE_CHECKING:
    from jinja2 import Template

MOST_BARS: Final = 12
"""How many headroom bars stand in one workbook's chart."""

_FULL_SCALE: Final = 2.0  # a bar ends at twice its line
_BAR_WIDTH: Final = 360
_LEFT, _TOP, _CHART_WIDTH, _CHART_HEIGHT = 70, 12, 550, 110


def render(report: Report, made: datetime | None = None) -> str:
    """The report as one page of HTML."""
    style, script = _part("report.css"), _part("report.js")
    return _template().render(
        report=report,
        headline=headline(report),
        made=made.strftime("%Y-%m-%d %H:%M") if made else "",
        version=__version__,
        verdict=_verdict(report),
        counts=[(it.value, WORDS[it], report.count(it)) for it in Severity],
        bars=_severity_bars(report),
        codes=_codes(report),
        sections=[_section(number, it) for number, it in enumerate(report.workbooks, 1)],
        not_reached=NOT_REACHED,
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
    )


@cache
def _part(name: str) -> str:
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return text.replace("\r\n", "\n")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _template() -> Template:
    from jinja2 import Environment

    def shown(value: Any) -> Any:
        return visible(value) if type(value) is str else value

    environment = Environment(autoescape=True, finalize=shown, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_part("report.html"))


def _verdict(report: Report) -> tuple[str, str]:
    if not report.workbooks or report.failures or report.unchecked:
        return "failure", "Not everything could be checked"
    if report.count(Severity.ERROR):
        return "error", "Something needs action"
    if report.count(Severity.WARNING):
        return "warning", "Something needs review or input"
    if report.left_open:
        return "warning", "Nothing to act on among what was selected, but among the rest"
    if report.suppressed:
        return "ok", "Nothing to act on but what was accepted"
    return "ok", "Nothing to act on"


def _codes(report: Report) -> list[tuple[str, str]]:
    found = {it.code: it.title for workbook in report.workbooks for it in workbook.findings}
    return sorted(found.items())


def _severity_bars(report: Report) -> list[dict[str, Any]]:
    most = max((report.count(severity) for severity in Severity), default=0) or 1
    return [
        {
            "severity": severity.value,
            "words": WORDS[severity],
            "count": report.count(severity),
            "width": round(_BAR_WIDTH * report.count(severity) / most, 1),
            "y": 28 * place,
        }
        for place, severity in enumerate(Severity)
    ]


def _section(number: int, workbook: WorkbookReport) -> dict[str, Any]:
    headroom = _headroom(workbook)
    return {
        "id": f"workbook-{number}",
        "workbook": workbook,
        "path": workbook.path.as_posix(),
        "about": " · ".join(text for _, text in workbook.about),
        "counts": [(it.value, workbook.count(it)) for it in Severity],
        "findings": [_finding(it) for it in workbook.findings],
        "headroom": headroom[:MOST_BARS],
        "bars_left_out": max(0, len(headroom) - MOST_BARS),
        "ownership": _ownership(workbook),
        "prices": _prices(workbook),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "it": finding,
        "severity": finding.severity.value,
        "details": [*details(finding), *(("to do", it) for it in to_do(finding))],
        "inputs": ", ".join(finding.inputs),
    }


def _headroom(workbook: WorkbookReport) -> list[dict[str, Any]]:
    found: dict[tuple[str, Gauge], dict[str, Any]] = {}
    for finding in workbook.findings:
        for gauge in gauges(finding):
            found.setdefault((finding.place, gauge), _bar(finding, gauge, len(found)))
    return list(found.values())


def _ownership(workbook: WorkbookReport) -> dict[str, Any]:
    """The largest holders, each a bar of shares held and shares that rights can acquire."""
    holdings = sorted(
        workbook.holdings, key=lambda it: (-to_float(plus(it.held, it.rights)), it.holder)
    )
    most = max((to_float(plus(it.held, it.rights)) for it in holdings), default=0.0)
    if most <= 0:
        return {}
    bars = []
    for place, it in enumerate(holdings[:MOST_BARS]):
        held, rights = (
            round(_BAR_WIDTH * max(0.0, to_float(part)) / most, 1) for part in (it.held, it.rights)
        )
        text = f"{plain(it.held)} held, {plain(it.rights)} from rights"
        bars.append(
            {"label": it.holder, "text": text, "held": held, "rights": rights, "y": 40 * place}
        )
    return {"bars": bars, "left_out": max(0, len(holdings) - MOST_BARS)}


def _prices(workbook: WorkbookReport) -> dict[str, Any]:
    """The closes as a line from the first day to the last."""
    prices = workbook.prices
    if len(prices) < 2:
        return {}
    closes = [to_float(it.close) for it in prices]
    low, high = min(closes), max(closes)
    first = prices[0].day.toordinal()
    days = prices[-1].day.toordinal() - first

    def point(day: int, close: float) -> dict[str, float]:
        part = (close - low) / (high - low) if high > low else 0.5
        return {
            "x": round(_LEFT + _CHART_WIDTH * day / days, 1),
            "y": round(_TOP + _CHART_HEIGHT * (1 - part), 1),
        }

    points = [
        point(it.day.toordinal() - first, close) for it, close in zip(prices, closes, strict=True)
    ]
    by_close = sorted(prices, key=lambda it: to_float(it.close))
    return {
        "points": [
            at | {"title": f"{it.day}: {plain(it.close)}"}
            for at, it in zip(points, prices, strict=True)
        ],
        "line": " ".join(f"{at['x']},{at['y']}" for at in points),
        "low": plain(by_close[0].close),
        "high": plain(by_close[-1].close),
        "first": str(prices[0].day),
        "last": str(prices[-1].day),
        "count": len(prices),
    }


def _bar(finding: Finding, gauge: Gauge, place: int) -> dict[str, Any]:
    shown = min(max(gauge.part, 0.0), _FULL_SCALE) / _FULL_SCALE
    return {
        "label": f"{gauge.item} ({finding.code} {finding.place})",
        "text": f"{gauge.value}, tested {gauge.test}",
        "severity": finding.severity.value,
        "width": round(_BAR_WIDTH * shown, 1),
        "beyond": gauge.part > _FULL_SCALE,
        "y": 40 * place,
    }
