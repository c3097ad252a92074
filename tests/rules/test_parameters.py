"""The law as data: every threshold dated, sourced, verified or marked; none written into a rule."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from worksheet_cases import Case, all_cases

from xl_compliance import call, explain
from xl_compliance.rules import parameters
from xl_compliance.rules.parameters import FILES, UNITS, all_rules, rules_in

PARAMETERS = Path(parameters.__file__).parent
RULES = PARAMETERS.parent
TODAY = date(2026, 11, 22)
STRICTNESS = {">=", ">", "<=", "<"}
VERIFICATIONS = {"source document", "published page", "unverified"}


def _tables() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(PARAMETERS.rglob("*.toml")):
        file = path.relative_to(PARAMETERS).with_suffix("").as_posix()
        for rule in tomllib.loads(path.read_text(encoding="utf-8"))["rule"]:
            yield file, rule


RULE_TABLES = [pytest.param(file, rule, id=rule["id"]) for file, rule in _tables()]
PARAMETER_TABLES = [
    pytest.param(rule, name, body, id=f"{rule['id']}/{name}")
    for _, rule in _tables()
    for name, body in rule.get("parameter", {}).items()
]


def test_every_file_is_loaded() -> None:
    assert set(FILES) == {file for file, _ in _tables()}
    assert len(set(FILES)) == len(FILES)


def test_rule_ids_are_unique() -> None:
    ids = [rule["id"] for _, rule in _tables()]
    assert len(set(ids)) == len(ids)
    assert sorted(rule.id for rule in all_rules()) == sorted(ids)


@pytest.mark.parametrize(("file", "rule"), RULE_TABLES)
def test_rule_is_described(file: str, rule: dict[str, Any]) -> None:
    for key in ("id", "title", "decides", "source"):
        assert rule[key].strip(), key
    assert rule["id"] == rule["id"].upper()
    assert (RULES / f"{file}.py").is_file(), "a parameter file stands beside its rule module"
    assert set(rule) <= {"id", "title", "decides", "source", "parameter"}


@pytest.mark.parametrize(("rule", "name", "body"), PARAMETER_TABLES)
def test_parameter_is_described(rule: dict[str, Any], name: str, body: dict[str, Any]) -> None:
    assert body["title"].strip()
    assert body["unit"] in UNITS
    assert body.get("strictness", ">") in STRICTNESS
    assert body["versions"]
    for version in body["versions"]:
        assert version["source"].strip()
        assert version["verification"] in VERIFICATIONS
        assert isinstance(version["value"], str), "values are text: no binary number is read"
        if body["unit"] not in ("regime", "local time"):
            assert Decimal(version["value"]) > 0
        for key in ("from", "to"):
            assert type(version.get(key, TODAY)) is date
        assert set(version) <= {"value", "from", "to", "source", "verification"}


@pytest.mark.parametrize(("rule", "name", "body"), PARAMETER_TABLES)
def test_versions_follow_each_other_without_a_gap(
    rule: dict[str, Any], name: str, body: dict[str, Any]
) -> None:
    versions = body["versions"]
    for earlier, later in pairwise(versions):
        assert later["from"] == earlier["to"] + timedelta(1)
    for version in versions:
        assert version.get("from", date.min) <= version.get("to", date.max)
    assert "to" not in versions[-1], "the last version is in force"


@pytest.mark.parametrize(("rule", "name", "body"), PARAMETER_TABLES)
def test_nothing_starts_in_the_future(
    rule: dict[str, Any], name: str, body: dict[str, Any]
) -> None:
    assert all(version.get("from", TODAY) <= TODAY for version in body["versions"])


@pytest.mark.parametrize(("rule", "name", "body"), PARAMETER_TABLES)
def test_version_in_force_on_its_first_and_last_day(
    rule: dict[str, Any], name: str, body: dict[str, Any]
) -> None:
    file = next(file for file, table in _tables() if table["id"] == rule["id"])
    parameter = rules_in(file)[rule["id"]][name]
    for version in body["versions"]:
        for key in ("from", "to"):
            if key in version:
                assert parameter.on(version[key]).word == version["value"]
    assert parameter.on(None).word == body["versions"][-1]["value"]


# Shown as it is


@pytest.mark.parametrize(("rule", "name", "body"), PARAMETER_TABLES)
def test_ruleinfo_shows_source_and_verification(
    rule: dict[str, Any], name: str, body: dict[str, Any]
) -> None:
    for version in body["versions"]:
        day = version.get("from") or version.get("to")
        rows = call("RULEINFO", rule["id"], day)
        (row,) = [row for row in rows if row[1] == body["title"]]
        assert row[3] == body.get("strictness", "")
        assert row[4:6] == [version.get("from", ""), version.get("to", "")]
        assert row[6:] == [version["source"], version["verification"]]


@pytest.mark.parametrize(("rule", "name", "body"), PARAMETER_TABLES)
@pytest.mark.parametrize("day", [date(2000, 1, 3), date(2018, 9, 25), date(2023, 4, 19), TODAY])
def test_ruleinfo_shows_no_threshold_outside_its_dates(
    rule: dict[str, Any], name: str, body: dict[str, Any], day: date
) -> None:
    """As_of picks the rule in force on that date, and nothing else."""
    for row in call("RULEINFO", rule["id"], day)[1:]:
        if row[1] == body["title"] and row[2]:
            assert (row[4] or date.min) <= day <= (row[5] or date.max), row


UNVERIFIED = [
    pytest.param(file, rule["id"], name, bool(body.get("strictness")), id=f"{rule['id']}/{name}")
    for file, rule in _tables()
    for name, body in rule.get("parameter", {}).items()
    if any(version["verification"] == "unverified" for version in body["versions"])
]


@pytest.mark.parametrize(("file", "rule", "name", "strict"), UNVERIFIED)
def test_what_is_unverified_is_shown_as_such(file: str, rule: str, name: str, strict: bool) -> None:
    assert "unverified" in [row[-1] for row in call("RULEINFO", rule)]
    tag = f"{rule}/{name}"
    # What is not compared has no cases on a line: every answer of its module shows it.
    cases = [
        case
        for case in all_cases()
        if (case.entry.get("threshold") == tag if strict else _answers_from(case, file))
    ]
    assert cases, "no vector uses it"
    for case in cases:
        working = explain(case.function, *case.arguments)
        assert any("unverified" in str(cell) for row in working for cell in row), case.name


# Thresholds are data, not code

# Numbers that are arithmetic and no law: what each module may hold beside -1, 0, 1 and 2.
ARITHMETIC: dict[str, set[float]] = {
    "dates.py": {12},  # months of a year
    "sec/cusip.py": {9, 10},  # characters of a CUSIP, modulus of its check digit
    "sec/schedule_13d.py": {12, 100},  # decimals shown at most, per cent
    "sec/conversion.py": {8},  # decimals shown
    "nasdaq/deal_fixes.py": {100},  # cents of a dollar
    "nasdaq/minimum_price.py": set(),
    "parameters/__init__.py": set(),
}
# Exact arithmetic and calendars are no rules.
NOT_RULES = ("exact.py", "sessions/__init__.py", "business_days/__init__.py")
ALWAYS = {0, 1, 2}

MODULES = [
    path
    for path in sorted(RULES.rglob("*.py"))
    if path.relative_to(RULES).as_posix() not in NOT_RULES
]


def _numbers(tree: ast.AST) -> Iterator[tuple[int, float]]:
    """Every numeric literal, and every text handed to Decimal, Fraction or a fromisoformat."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float, complex):
            yield node.lineno, node.value
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            text = node.args[0].value
            if called in ("Decimal", "D", "Fraction", "fromisoformat") and isinstance(text, str):
                yield node.lineno, float("nan")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(RULES).as_posix())
def test_no_rule_module_holds_a_threshold(path: Path) -> None:
    allowed = ALWAYS | ARITHMETIC.get(path.relative_to(RULES).as_posix(), set())
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [(line, number) for line, number in _numbers(tree) if number not in allowed]
    assert found == [], "thresholds belong in the parameter files"


def test_the_scan_finds_thresholds() -> None:
    code = "a = 0.2\nb = Decimal('0.15')\nc = x >= 50\nd = time(16, 0)\ne = date(2018, 9, 26)"
    found = {line for line, number in _numbers(ast.parse(code)) if number not in ALWAYS}
    assert found == {1, 2, 3, 4, 5}


def _answers_from(case: Case, file: str) -> bool:
    return case.file == file and not str(call(case.function, *case.arguments)).startswith("#")
