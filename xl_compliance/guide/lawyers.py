"""For lawyers: every threshold, everything unverified, every reading chosen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from xl_compliance.functions.calling import explain
from xl_compliance.functions.documented import paragraphs, worked_calls
from xl_compliance.functions.registry import all_functions
from xl_compliance.functions.spellings import bare
from xl_compliance.guide.markdown import code, link, page, plain, section, sentence, table
from xl_compliance.guide.reference import threshold_row, versions
from xl_compliance.rules.parameters import Threshold
from xl_compliance.rules.readings import Reading, all_readings

_HEADERS: Final = ("Rule", "What", "Test", "In force", "Source", "Verification")
_UNVERIFIED: Final = "unverified"
_DOUBT: Final = re.compile(r"\bunverified\b|\bnot verified\b")
_SENTENCES: Final = re.compile(r"(?<=\.)\s+(?=[A-Z])")


def lawyers_pages() -> Iterator[tuple[str, str]]:
    """The pages for lawyers, by their path in the guide."""
    yield "thresholds.md", _thresholds()
    yield "unverified.md", _unverified()
    yield "readings.md", _readings()


def _thresholds() -> str:
    return page(
        "Every threshold",
        (
            "The test is the comparison as the code makes it: `>= 20%` is met at exactly 20%. "
            "Where a rule changed, each version has a row with its dates. No date: as the source "
            "stands on its own date.",
            "",
            "As a workbook, with the readings beside it: "
            "`xl-compliance rules --output thresholds.xlsx`. As they stood on a day: "
            "`xl-compliance rules --as-of 2018-01-01`.",
            "",
        ),
        table(
            ("Verification", "Meaning"),
            (
                ("source document", "Stands in one of the three documents the product is built on"),
                ("published page", "Read on a published page, which is named"),
                (_UNVERIFIED, "From practice or memory: check it before you rely on it"),
            ),
        ),
        section("Thresholds", _table(versions())),
    )


def _unverified() -> str:
    found = [it for it in versions() if it.verification == _UNVERIFIED]
    return page(
        "Everything unverified",
        (
            f"{len(found)} thresholds rest on practice or memory. Whatever uses one says so: in "
            "`EXPLAIN`, in a report's column of verification, and here.",
            "",
        ),
        _table(found),
        section("What functions say of it", table(("Function", "It says"), _said())),
        section("Excel itself", _not_tried()),
    )


def _said() -> Iterator[tuple[str, str]]:
    """What a function's documentation, or a note in the working of its example, doubts."""
    for function in all_functions():
        paragraphs_of = (function.summary, *paragraphs(function).values())
        sentences = [each for text in paragraphs_of for each in _SENTENCES.split(text)]
        working = explain(function.name, *worked_calls(function)[0].arguments)
        notes = [str(value) for item, value, *_ in working if item == "Note"]
        said = [sentence(text) for text in (*sentences, *notes) if _DOUBT.search(text)]
        if said and function.rules:
            target = f"functions/{function.name}.md"
            yield link(code(bare(function.name)), target), " ".join(dict.fromkeys(said))


def _not_tried() -> Iterator[str]:
    yield from (
        "What no test could try, because no Excel was at hand, stands under "
        + link("what has been tried", "which-one.md#what-has-been-tried-and-what-has-not")
        + ".",
        "",
    )


def _table(thresholds: Iterable[Threshold]) -> Iterator[str]:
    return table(
        _HEADERS,
        ((link(it.rule, f"rules/{it.rule}.md"), *threshold_row(it)) for it in thresholds),
    )


def _readings() -> str:
    return page(
        "Readings chosen",
        (
            "Where the sources are silent, or say two things, one reading had to be taken. Each "
            "stands here with its reason and with what the functions answer under it; a test "
            "compares those answers with the code. None of it is legal advice.",
            "",
        ),
        *map(_reading, all_readings()),
    )


def _reading(reading: Reading) -> Iterator[str]:
    yield f"## {plain(reading.title)}"
    yield ""
    rules = ", ".join(link(rule, f"rules/{rule}.md") for rule in reading.rules)
    yield from ("**The sources.** " + plain(reading.sources_say), "")
    yield from ("**Reading chosen.** " + plain(reading.chosen), "")
    yield from ("**Reason.** " + plain(reading.reason), "")
    yield from ("**Rules.** " + rules, "")
    if reading.shown:
        yield "```excel"
        for each in reading.shown:
            yield from (each.formula, each.answer)
        yield from ("```", "")
    yield from table(
        ("Workbook", "Check", "Verdict", "Says"),
        (
            (
                f"{it.workbook}.xlsx",
                link(it.check, f"checks/{it.check}.md"),
                code(it.verdict),
                plain(it.says),
            )
            for it in reading.seen
        ),
    )
