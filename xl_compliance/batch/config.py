"""The configuration of `xl-compliance check`.

An option on the command line goes before the configuration file, and that before the defaults.
The file is the one of `--config`, else the nearest one found from the current folder upwards:
`xl-compliance.toml`, or in the same folder after it `pyproject.toml` where it has a table
`[tool.xl-compliance]`. One file is read; files are not merged. Paths in it count from its folder.
A key that is not known is an error, not a setting that silently does nothing.

```toml
fail-on = "error"
ignore = ["IDS"]
baseline = "baseline.json"

[[suppress]]
code = "NDQ006"
verdict = "REVIEW"
workbook = "models/*.xlsx"
reason = "earlier rounds were closed before the new investor came in (memo of 3 May)"
until = 2027-06-30

[[suppress]]
code = "INP004"
verdict = "NEEDS INPUT"
workbook = "models/price-list.xlsx"
reason = "a list of prices: there is nothing to check in it"
```

A suppression names a workbook, or the end of its path: `*` stands for part of a name, never for a
folder. A bare name is that workbook in every folder, and a run says so where there are several. The
second one lets a workbook that holds no deal, no cap table and no call of ours be in a folder that
is checked; it has to name the workbook, and says nothing about one that cannot be read.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from xl_compliance.batch.selection import Suppression

OWN_FILE: Final = "xl-compliance.toml"
SHARED_FILE: Final = "pyproject.toml"
TABLE: Final = "xl-compliance"

_WORDS = "a list of words"
_KEYS: Final[dict[str, str]] = {
    "format": _WORDS,
    "output": _WORDS,
    "fail-on": "a word",
    "select": _WORDS,
    "ignore": _WORDS,
    "baseline": "a word",
    "mapping": "a word",
    "jobs": "a whole number",
    "timeout": "a number",
    "max-memory": "a whole number",
    "working": "true or false",
    "annotate": "a word",
    "suppress": "a list of tables",
}
_PATHS: Final = ("output", "baseline", "annotate", "mapping")
_CHOICES: Final = {"fail-on": ("warning", "error")}
_SUPPRESS_KEYS: Final = ("code", "verdict", "reason", "workbook", "cell", "anchor", "until")
_SUPPRESS_NEEDED: Final = ("code", "verdict", "reason")


class ConfigMistake(Exception):
    """A configuration that cannot be followed; the message names file, key and remedy."""


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration: options by their name on the command line, and suppressions."""

    path: Path | None = None
    options: dict[str, Any] = field(default_factory=dict)
    suppressions: tuple[Suppression, ...] = ()


def load(given: Path | None, folder: Path) -> Config:
    """The configuration for a run in `folder`. Raises `ConfigMistake`."""
    if given is not None:
        return _config(given, _read(given))
    for place in (folder, *folder.parents):
        own, shared = place / OWN_FILE, place / SHARED_FILE
        if own.is_file():
            return _config(own, _read(own))
        if shared.is_file() and (table := _table(shared)) is not None:
            return _config(shared, table)
    return Config()


def _read(path: Path) -> dict[str, Any]:
    if path.name == SHARED_FILE:
        table = _table(path)
        if table is None:
            raise ConfigMistake(f"{path}: it has no table [tool.{TABLE}]")
        return table
    return _toml(path)


def _table(path: Path) -> dict[str, Any] | None:
    table = _toml(path).get("tool", {}).get(TABLE)
    if table is not None and not isinstance(table, dict):
        raise ConfigMistake(f"{path}: tool.{TABLE} is {table!r}. Expected a table [tool.{TABLE}]")
    return table


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise ConfigMistake(f"{path}: it cannot be read ({problem})") from None


def _config(path: Path, table: dict[str, Any]) -> Config:
    options: dict[str, Any] = {}
    for key, value in table.items():
        _known(path, key, tuple(_KEYS))
        if not _is(_KEYS[key], value):
            raise ConfigMistake(f"{path}: {key} is {value!r}. Expected {_KEYS[key]}")
        if key in _CHOICES and value not in _CHOICES[key]:
            wanted = " or ".join(_CHOICES[key])
            raise ConfigMistake(f"{path}: {key} is {value!r}. Expected {wanted}")
        options[key] = _from(path.parent, value) if key in _PATHS else value
    entries = options.pop("suppress", [])
    return Config(path, options, tuple(_suppression(path, entry) for entry in entries))


def _known(path: Path, key: str, known: tuple[str, ...]) -> None:
    if key in known:
        return
    close = get_close_matches(key.replace("_", "-"), known, n=1)
    hint = f'Did you mean "{close[0]}"?' if close else f"Known: {', '.join(known)}."
    raise ConfigMistake(f'{path}: there is no key "{key}". {hint}')


def _is(kind: str, value: Any) -> bool:
    if kind == _WORDS:
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    if kind == "a list of tables":
        return isinstance(value, list) and all(isinstance(each, dict) for each in value)
    if kind == "a word":
        return isinstance(value, str)
    if kind == "true or false":
        return isinstance(value, bool)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return value >= 0 and (kind == "a number" or isinstance(value, int))


def _from(folder: Path, value: Any) -> Any:
    if isinstance(value, list):
        return [folder / each for each in value]
    return folder / value


def _suppression(path: Path, entry: dict[str, Any]) -> Suppression:
    for key, value in entry.items():
        _known(path, key, _SUPPRESS_KEYS)
        wanted = date if key == "until" else str
        if type(value) is not wanted:
            shape = "a date such as 2027-06-30, without quotes" if key == "until" else "a word"
            raise ConfigMistake(f"{path}: suppress: {key} is {value!r}. Expected {shape}")
    for key in _SUPPRESS_NEEDED:
        if not entry.get(key, "").strip():
            raise ConfigMistake(
                f"{path}: a suppression without {key}: {entry!r}. "
                "Every suppression names the check's code, the verdict it accepts and the reason"
            )
    return Suppression(**entry)
