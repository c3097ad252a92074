"""The reference: one page a worksheet function, a check and a rule, written from what decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from xl_compliance.batch.run import check_workbook
from xl_compliance.checks.findings import Finding
from xl_compliance.checks.registry import Check, all_checks
from xl_compliance.deal.cap_table import CapTables
from xl_compliance.deal.model import Deal
from xl_compliance.excel.lambdas import names as lambda_names
from xl_compliance.excel.wizard import argument_help
from xl_compliance.functions.calling import call, explain
from xl_compliance.functions.documented import paragraphs, worked_calls
from xl_compliance.functions.registry import Argument, Function, all_functions
from xl_compliance.functions.spellings import NAMESPACE, bare
from xl_compliance.guide.formulas import formula_of, shown
from xl_compliance.guide.markdown import (
    anchor,
    code,
    link,
    page,
    plain,
    prose,
    section,
    sentence,
    table,
)
from xl_compliance.rules.parameters import Rule, Threshold, all_rules
from xl_compliance.rules.readings import Reading, all_readings
from xl_compliance.workbook.examples import EXAMPLES
from xl_compliance.workbook.template import write_workbook

_LOOKS_AT: Final = {
    Deal: "the input sheets of a deal",
    CapTables: "the cap tables of any workbook",
}
_CALLS: Final = "the calls of our functions in any workbook"
_THRESHOLDS: Final = ("What", "Test", "In force", "Source", "Verification")
_MOST_ROWS: Final = 30


def reference_pages() -> Iterator[tuple[str, str]]:
    """Every page of the reference, by its path in the guide."""
    yield "functions/index.md", _functions_index()
    for function in all_functions():
        yield f"functions/{function.name}.md", function_page(function)
    yield "checks/index.md", _checks_index()
    for check in all_checks():
        yield f"checks/{check.code}.md", check_page(check)
    yield "rules/index.md", _rules_index()
    for rule in all_rules():
        yield f"rules/{rule.id}.md", rule_page(rule)


# ---------------------------------------------------------------- functions


def _functions_index() -> str:
    said = (
        "Typed as here in Excel on Windows; in xlwings Lite, LibreOffice and on a server with "
        f"`{NAMESPACE}.` before the name. A blank cell never makes an answer more lenient, but "
        "where its argument says what it is read as. What the answers mean: "
        + link("words", "../words.md")
        + ".",
        "",
    )
    families = groupby(sorted(all_functions(), key=attrgetter("family")), key=attrgetter("family"))
    parts = [
        section(
            family,
            table(
                ("Function", "What it decides"),
                ((link(code(bare(it.name)), f"{it.name}.md"), prose(it.summary)) for it in found),
            ),
        )
        for family, found in ((family, list(found)) for family, found in families)
    ]
    return page("Worksheet functions", said, *parts)


def function_page(function: Function) -> str:
    """The page of a worksheet function."""
    said = paragraphs(function)
    return page(
        bare(function.name),
        (f"{link('Worksheet functions', 'index.md')}: {function.family}", ""),
        (prose(function.summary), "", "```excel", _signature(function), "```", ""),
        (_spelled(function), ""),
        section("Arguments", _arguments(function)),
        section("Answer", _answer(function)),
        section("Formula", (sentence(said["Formula"]), "")),
        section("Errors", (sentence(said["Errors"]), "")),
        section("Example", _examples(function)),
        section("Source", (sentence(said["Source"]), "")),
        section("Left to judgement", (sentence(said["Judgement"]), "")),
        section("Thresholds", _thresholds_of(function.rules)),
        section("Readings chosen", _readings_of(function.rules)),
        section("Checks of the same rules", _checks_of(function.rules)),
    )


def _signature(function: Function) -> str:
    """The signature as Excel shows it: optional arguments in brackets."""
    shown = (f"[{it.name}]" if it.optional else it.name for it in function.arguments)
    return f"={bare(function.name)}({', '.join(shown)})"


def _spelled(function: Function) -> str:
    with_space = f"In xlwings Lite and LibreOffice: `={NAMESPACE}.{function.name}(...)`."
    if function.name in lambda_names():
        return f"{with_space} Also a LAMBDA name, for Excel 365 with nothing installed."
    return with_space


def _arguments(function: Function) -> Iterator[str]:
    if not function.arguments:
        yield from ("None.", "")
    yield from table(
        ("Argument", "What it is", "Takes", "Unit"),
        (
            (code(it.name), plain(argument_help(it)), plain(it.kind.expects), plain(it.kind.unit))
            for it in function.arguments
        ),
    )
    yield from _needed(function.arguments)


def _needed(arguments: Iterable[Argument]) -> Iterator[str]:
    needed = [code(it.name) for it in arguments if not it.optional]
    if needed:
        yield f"Needed: {', '.join(needed)}. The others may be left out."
        yield ""


def _answer(function: Function) -> Iterator[str]:
    words = ", ".join(link(code(word), "../words.md") for word in function.words)
    yield f"{function.result.value.capitalize()}{f': {words}' if words else ''}."
    yield ""


def _examples(function: Function) -> Iterator[str]:
    for number, worked in enumerate(worked_calls(function)):
        answer = call(function.name, *worked.arguments)
        yield from ("```excel", formula_of(worked))
        yield from () if isinstance(answer, list) else (shown(answer),)
        yield from ("```", "")
        if isinstance(answer, list):
            yield from _grid(answer)
        elif number == 0 and function.arguments:
            yield from ("The working, as `EXPLAIN` shows it:", "")
            yield from _grid(explain(function.name, *worked.arguments))


def _grid(rows: list[list[Any]]) -> Iterator[str]:
    """An answer that spills, or the working; the headers are its own where it has them."""
    cells = [[plain(shown(cell)) for cell in row] for row in rows[:_MOST_ROWS]]
    if len(cells) > 1 and all(isinstance(cell, str) for cell in rows[0]):
        yield from table(cells[0], cells[1:])
    else:
        yield from table([""] * len(cells[0]), cells)


# ---------------------------------------------------------------- checks


def _checks_index() -> str:
    said = (
        "What `xl-compliance check` puts to a workbook. `--select` and `--ignore` take a code, the "
        "letters of a family or a rule.",
        "",
    )
    families = groupby(all_checks(), key=lambda check: check.code[:3])
    parts = [
        section(
            family,
            table(
                ("Check", "Title", "Rule"),
                (
                    (link(it.code, f"{it.code}.md"), plain(it.title), _rule_link(it.rule))
                    for it in found
                ),
            ),
        )
        for family, found in ((family, list(found)) for family, found in families)
    ]
    return page("Checks", said, *parts)


def check_page(check: Check) -> str:
    """The page of a check."""
    facts = (
        f"- **Looks at** {_LOOKS_AT.get(check.takes, _CALLS)}.",
        f"- **Rule** {_rule_link(check.rule)}.",
        f"- **Source** {sentence(check.source)}",
        f"- **Alone** `xl-compliance check FILE --select {check.code}`",
        "",
    )
    return page(
        f"{check.code}: {check.title}",
        (link("Checks", "index.md"), ""),
        (sentence(check.about), ""),
        facts,
        section("What to do", (sentence(check.to_do), "")),
        section("Thresholds", _thresholds_of((check.rule,))),
        section("In the shipped workbooks", _found(check)),
        section("Readings chosen", _readings_of((check.rule,))),
        section("Functions of the same rule", _functions_of(check.rule)),
    )


def _found(check: Check) -> Iterator[str]:
    """One finding for each verdict that the check has about a shipped workbook."""
    found: dict[str, tuple[str, Finding]] = {}
    for name, finding in shipped_findings():
        if finding.code == check.code:
            found.setdefault(finding.verdict, (name, finding))
    if not found:
        yield from ("Nothing to say about any of them.", "")
    yield from table(
        ("Verdict", "Where", "What it says"),
        (
            (link(code(verdict), "../words.md"), f"{name}, {finding.place}", plain(finding.message))
            for verdict, (name, finding) in found.items()
        ),
    )


@cache
def shipped_findings() -> tuple[tuple[str, Finding], ...]:
    """Every finding about the shipped input workbooks, with the name of the workbook."""
    found: list[tuple[str, Finding]] = []
    with TemporaryDirectory() as folder:
        for name, contents in EXAMPLES.items():
            workbook = Path(folder, f"{name}.xlsx")
            write_workbook(workbook, contents)
            found += [(workbook.name, it) for it in check_workbook(workbook).findings]
    return tuple(found)


# ---------------------------------------------------------------- rules


def _rules_index() -> str:
    return page(
        "Rules",
        (
            'Each with its thresholds through time. In a cell: `=RULEINFO("NASDAQ-5635D")`. All '
            "thresholds on one page: " + link("thresholds", "../thresholds.md") + ".",
            "",
        ),
        table(
            ("Rule", "Title", "Source"),
            ((_rule_link(it.id, ""), plain(it.title), plain(it.source)) for it in _sorted_rules()),
        ),
    )


def rule_page(rule: Rule) -> str:
    """The page of a rule."""
    used = [it for it in all_functions() if rule.id in it.rules]
    functions = (
        (link(code(bare(it.name)), f"../functions/{it.name}.md"), prose(it.summary)) for it in used
    )
    return page(
        rule.id,
        (f"{link('Rules', 'index.md')}: {plain(rule.title)}", ""),
        section("What it decides", (sentence(rule.decides), "")),
        section("Source", (sentence(rule.source), "")),
        section("Thresholds", _rule_thresholds(rule)),
        section("Readings chosen", _readings_of((rule.id,))),
        section("Functions", table(("Function", "What it decides"), functions)),
        section("Checks", _checks_of((rule.id,))),
    )


def _rule_thresholds(rule: Rule) -> Iterator[str]:
    if not rule.parameters:
        yield from ("None: nothing in it is compared with a figure of its own.", "")
    yield from _threshold_table(_versions((rule,)))


# ---------------------------------------------------------------- what they share


def _sorted_rules() -> list[Rule]:
    return sorted(all_rules(), key=attrgetter("id"))


def versions() -> Iterator[Threshold]:
    """Every threshold of every rule, each as it stood through time."""
    return _versions(_sorted_rules())


def _versions(rules: Iterable[Rule]) -> Iterator[Threshold]:
    for rule in rules:
        for parameter in rule.parameters.values():
            yield from parameter.versions


def _thresholds_of(ids: Iterable[str]) -> Iterator[str]:
    wanted = tuple(ids)
    yield from _threshold_table(_versions(it for it in _sorted_rules() if it.id in wanted))


def _threshold_table(thresholds: Iterable[Threshold]) -> Iterator[str]:
    return table(_THRESHOLDS, map(threshold_row, thresholds))


def threshold_row(threshold: Threshold) -> tuple[str, str, str, str, str]:
    """A threshold as a row: what, test, in force, source, verification."""
    verification = threshold.verification
    return (
        plain(threshold.title),
        plain(threshold.test or threshold.shown),
        threshold.in_force(),
        plain(threshold.source),
        f"**{verification}**" if verification == "unverified" else verification,
    )


def _rule_link(rule: str, folder: str = "../rules/") -> str:
    known = {it.id for it in all_rules()}
    return link(rule, f"{folder}{rule}.md") if rule in known else rule


def _readings_of(rules: Iterable[str]) -> Iterator[str]:
    wanted = set(rules)
    found = [it for it in all_readings() if wanted & set(it.rules)]
    yield from (f"- {_reading_link(it)}" for it in found)
    yield from ("",) if found else ()


def _reading_link(reading: Reading) -> str:
    return link(plain(reading.title), f"../readings.md#{anchor(reading.title)}")


def _checks_of(rules: Iterable[str]) -> Iterator[str]:
    wanted = set(rules)
    return table(
        ("Check", "Title"),
        (
            (link(it.code, f"../checks/{it.code}.md"), plain(it.title))
            for it in all_checks()
            if it.rule in wanted
        ),
    )


def _functions_of(rule: str) -> Iterator[str]:
    return table(
        ("Function", "What it decides"),
        (
            (link(code(bare(it.name)), f"../functions/{it.name}.md"), prose(it.summary))
            for it in all_functions()
            if rule in it.rules
        ),
    )
