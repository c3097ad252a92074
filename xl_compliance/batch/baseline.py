"""Baselines: what was found on a day, so that a later run shows what is new.

A finding is kept by check, verdict, workbook and anchor: the table, header and name beside its
cell (`Purchasers[Bought] / Smith`), not the cell. Rows may be put in and taken out; a verdict that
has changed is new. Where two findings have one anchor the file counts them, and a third is new.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any, Final

from xl_compliance.batch.places import afar
from xl_compliance.batch.results import Report
from xl_compliance.batch.selection import accepted
from xl_compliance.checks.findings import Finding, Severity

SCHEMA: Final = "xl-compliance-baseline/1"
_FIELDS: Final = ("workbook", "code", "verdict", "anchor")

Key = tuple[str, ...]


class BaselineMistake(Exception):
    """A file that is no baseline; the message says what was read."""


def render(report: Report, folder: Path) -> str:
    """The baseline of a run, for a file in `folder`: workbooks are named from there."""
    counted: Counter[Key] = Counter()
    for workbook in report.workbooks:
        kept = [each.finding for each in workbook.suppressed] + list(workbook.findings)
        counted.update(
            _key(workbook.path, finding, folder)
            for finding in kept
            if finding.severity is not Severity.OK
        )
    entries = [
        {**dict(zip(_FIELDS, key, strict=True)), "count": count}
        for key, count in sorted(counted.items())
    ]
    return json.dumps({"schema": SCHEMA, "findings": entries}, indent=2) + "\n"


def apply(report: Report, path: Path) -> tuple[Report, int]:
    """The report with what the baseline holds counted apart, and how much of it is gone.

    Raises `BaselineMistake` for a file that is no baseline.
    """
    left = read(path)

    def ground(workbook: Path, finding: Finding) -> str:
        key = _key(workbook, finding, path.parent)
        if not left[key]:
            return ""
        left[key] -= 1
        return f"in the baseline {path.name}"

    found = accepted(report, ground)
    checked = {_named(it.path, path.parent) for it in report.workbooks if not it.failure}
    return found, sum(count for key, count in left.items() if key[0] in checked)


def read(path: Path) -> Counter[Key]:
    """How often each finding stands in a baseline."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BaselineMistake(
            f"{path}: there is no such baseline. Write one with --write-baseline {path}"
        ) from None
    except (OSError, ValueError) as problem:
        raise BaselineMistake(f"{path}: this is no baseline ({problem})") from None
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise BaselineMistake(f'{path}: this is no baseline: expected "schema": "{SCHEMA}"')
    counted: Counter[Key] = Counter()
    for entry in data.get("findings", ()):
        counted[_entry(path, entry)] += entry.get("count", 1)
    return counted


def _entry(path: Path, entry: Any) -> Key:
    given = entry if isinstance(entry, dict) else {}
    fields = tuple(given[name] for name in _FIELDS if isinstance(given.get(name), str))
    if len(fields) < len(_FIELDS) or type(given.get("count", 1)) is not int:
        wanted = ", ".join(_FIELDS)
        raise BaselineMistake(f"{path}: {entry!r} is no finding: expected {wanted} and a count")
    return fields


def _key(workbook: Path, finding: Finding, folder: Path) -> Key:
    return _named(workbook, folder), finding.code, finding.verdict, finding.anchor or finding.sheet


def _named(workbook: Path, folder: Path) -> str:
    if afar(workbook):
        return workbook.as_posix()
    whole = Path(os.path.realpath(workbook))
    try:
        return Path(os.path.relpath(whole, folder.resolve())).as_posix()
    except ValueError:  # another drive
        return whole.as_posix()
