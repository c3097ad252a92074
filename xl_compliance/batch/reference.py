"""What `xl-compliance rules` and `xl-compliance explain` say: generated from what decides."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches

from xl_compliance.checks.registry import Check, all_checks
from xl_compliance.functions.registry import Function, all_functions
from xl_compliance.functions.spellings import canonical
from xl_compliance.rules.parameters import Rule, Threshold, all_rules
from xl_compliance.rules.readings import all_readings


def rules_text(as_of: date) -> str:
    """Every rule with its thresholds as they stand on a day, and the checks that apply it."""
    checks = checks_by_rule()
    lines = [f"Rules and thresholds in force on {as_of}", ""]
    for rule in sorted(all_rules(), key=lambda it: it.id):
        lines += [*_rule(rule, as_of), *_applied_by(checks.get(rule.id, [])), ""]
    return "\n".join(lines)


def checks_by_rule() -> dict[str, list[str]]:
    """The codes of the checks that apply each rule."""
    checks: dict[str, list[str]] = {}
    for check in all_checks():
        checks.setdefault(check.rule, []).append(check.code)
    return checks


def _rule(rule: Rule, as_of: date) -> Iterator[str]:
    yield f"{rule.id}  {rule.title}"
    yield f"  {rule.source}"
    for name, parameter in rule.parameters.items():
        versions = [it for it in parameter.versions if it.covers(as_of)]
        if not versions:
            yield f"  {name}: nothing in force on {as_of}"
        for version in versions:
            yield f"  {_threshold(version)}"


def _threshold(version: Threshold) -> str:
    shown = f"{version.title}: {version.test or version.shown}"
    return f"{shown} ({version.in_force()}; {version.source}; {version.verification})"


def _applied_by(codes: list[str]) -> list[str]:
    return [f"  checks {', '.join(codes)}"] if codes else []


def explanation(name: str, as_of: date) -> str:
    """What a check, worksheet function or rule decides. Raises `KeyError` with a suggestion."""
    wanted = name.strip().upper()
    function = canonical(name)
    found = [
        *(_check_text(it) for it in all_checks() if it.code.upper() == wanted),
        *(_function_text(it) for it in all_functions() if it.name == function),
        *(_rule_text(it, as_of) for it in all_rules() if it.id.upper() == wanted),
    ]
    if not found:
        raise KeyError(_suggestion(name, wanted))
    return "\n".join(found)


def _check_text(check: Check) -> str:
    to_do = textwrap.fill(f"To do: {check.to_do}", 96)
    rests_on = (f"rule    {check.rule}", f"source  {check.source}")
    title = f"{check.code}  {check.title}"
    return "\n".join([title, "", check.about, "", to_do, "", *rests_on, ""])


def _function_text(function: Function) -> str:
    lines = [f"={function.signature}", "", function.document, ""]
    for argument in function.arguments:
        blank = f" Left out: {argument.when_blank}." if argument.when_blank else ""
        lines.append(f"{argument.name}: {argument.help} ({argument.shape.value}).{blank}")
    words = f" ({', '.join(function.words)})" if function.words else ""
    lines += ["", f"gives   {function.result.value}{words}"]
    return "\n".join([*lines, f"rules   {', '.join(function.rules)}", ""])


def _rule_text(rule: Rule, as_of: date) -> str:
    decides = textwrap.fill(" ".join(rule.decides.split()), 96)
    head, *rest = _rule(rule, as_of)
    codes = [check.code for check in all_checks() if check.rule == rule.id]
    return "\n".join([head, "", decides, "", *rest, *_applied_by(codes), *_readings(rule), ""])


def _readings(rule: Rule) -> Iterator[str]:
    """Where the sources of a rule are ambiguous, and the reading chosen."""
    for reading in all_readings():
        if rule.id in reading.rules:
            chosen = textwrap.wrap(f"{reading.chosen} {reading.reason}", 92)
            yield from ("", f"reading: {reading.title}", *(f"    {line}" for line in chosen))


def _suggestion(name: str, wanted: str) -> str:
    known = [
        *(it.code for it in all_checks()),
        *(it.name for it in all_functions()),
        *(it.id for it in all_rules()),
    ]
    close = get_close_matches(wanted, known, n=3, cutoff=0.5)
    hint = f"Did you mean {', '.join(close)}?" if close else "See xl-compliance rules."
    return f'no check, function or rule is called "{name}". {hint}'
