"""The vector files against `call`, and that every function and threshold has its cases."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest
from worksheet_cases import LINES, VECTORS, Case, all_cases, answers

from xl_compliance import call
from xl_compliance.functions.registry import all_functions, find
from xl_compliance.rules import parameters

CASES = all_cases()
RULES = Path(parameters.__file__).parents[1]
PARAMETERS = Path(parameters.__file__).parent


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case) -> None:
    got = call(case.function, *case.arguments)
    if "expect_not" in case.entry:
        assert not answers(case.entry["expect_not"], got), f"{got!r}: {case.entry['reason']}"
    else:
        expected = case.entry["expect"]
        assert answers(expected, got), f"{got!r}, not {expected!r}: {case.entry['reason']}"


def test_no_two_cases_have_the_same_name() -> None:
    counted = Counter(case.name for case in CASES)
    assert [name for name, count in counted.items() if count > 1] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case_is_complete(case: Case) -> None:
    entry = case.entry
    known = {"name", "call", "expect", "expect_not", "reason", "source", "from", "line"}
    assert set(entry) <= known | {"threshold"}
    assert ("expect" in entry) != ("expect_not" in entry)
    assert entry["reason"].strip()
    assert entry["source"].strip()
    assert " " in entry["name"], "a name is a sentence"
    assert ("line" in entry) == ("threshold" in entry)
    assert entry.get("line", "on") in LINES


@pytest.mark.parametrize("name", [function.name for function in all_functions()])
def test_function_has_a_case(name: str) -> None:
    assert any(find(case.function).name == name for case in CASES)


def _thresholds_with_strictness() -> list[tuple[str, str]]:
    found = []
    for path in sorted(PARAMETERS.rglob("*.toml")):
        file = path.relative_to(PARAMETERS).with_suffix("").as_posix()
        for rule in tomllib.loads(path.read_text(encoding="utf-8"))["rule"]:
            for name, body in rule.get("parameter", {}).items():
                if body.get("strictness"):
                    found.append((file, f"{rule['id']}/{name}"))
    return found


@pytest.mark.parametrize(("file", "threshold"), _thresholds_with_strictness())
@pytest.mark.parametrize("line", LINES)
def test_threshold_has_its_three_cases(file: str, threshold: str, line: str) -> None:
    tagged = [case for case in CASES if case.entry.get("threshold") == threshold]
    assert any(case.entry["line"] == line for case in tagged), f"{file}: no case {line} the line"


def test_tagged_thresholds_exist() -> None:
    known = {threshold for _, threshold in _thresholds_with_strictness()}
    assert {case.entry["threshold"] for case in CASES if "threshold" in case.entry} <= known


def _deciding_modules() -> list[str]:
    """Every rule module: those that stand beside a parameter file of their own name."""
    return [
        path.relative_to(PARAMETERS).with_suffix("").as_posix()
        for path in sorted(PARAMETERS.rglob("*.toml"))
    ]


@pytest.mark.parametrize("module", _deciding_modules())
def test_rule_module_has_a_vector_file_of_its_name(module: str) -> None:
    assert (RULES / f"{module}.py").is_file()
    assert (VECTORS / f"{module}.json").is_file()


def test_vector_files_stand_where_their_rule_modules_stand() -> None:
    files = {case.file for case in CASES} - {"functions"}
    assert [file for file in sorted(files) if not (RULES / f"{file}.py").is_file()] == []
