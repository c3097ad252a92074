"""What each word means that a function or a check can answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xl_compliance.checks import findings
from xl_compliance.guide.markdown import code, page, section, table
from xl_compliance.rules.outcome import NEEDS_INPUT, NOT_REQUIRED, REQUIRED, REVIEW

MEANINGS: Final = {
    REQUIRED: "Arithmetic settles it: shareholders must approve, or notice or a filing is due.",
    NOT_REQUIRED: "Arithmetic settles it on everything that matters, and nothing is owed.",
    REVIEW: "The rule leaves it to judgement, or a fact that matters is UNKNOWN. The reason says "
    "which.",
    NEEDS_INPUT: "Something needed is blank. A blank never turns into a no.",
    "TRUE": "Arithmetic says yes.",
    "FALSE": "Arithmetic says no.",
    "NOT AGGREGATED": "More than six months apart, and every link stated to be absent.",
    "NOT PRESUMED": "The figures presume no change of control; a person may still see one. As a "
    "fact in another function it is UNKNOWN.",
    "LIKELY PUBLIC": "Generally public, never certain. As a fact in another function it is "
    "UNKNOWN.",
    "PRECLUDED": "The discount typically rules a public offering out.",
    "MAY BE SUFFICIENT": "Nothing that the FAQ asks for is missing; whether it suffices is for "
    "Nasdaq.",
    "INSUFFICIENT": "Something that the FAQ asks for is missing, or such a proposal cannot do.",
    findings.BREACH: "What was done or stated is not what the rule or the arithmetic allows.",
    findings.OK: "It agrees, or is within the line.",
    "606": "Section 606 alone applies.",
    "606 IF WAIVED": "Section 606 applies where TSX waives section 607.",
    "607": "Section 607 applies to the purchase.",
    "607 INSIDER EXCESS": "Section 607 applies to what insiders buy beyond their share, or on "
    "lower net terms.",
    "607 ALL INSIDER PURCHASES": "Section 607 applies to everything that insiders buy.",
    "607 WHOLE OFFERING": "Section 607 applies to the whole offering.",
    "INCOMPLETE": "A statement that the rule asks for is missing; the reason names it.",
    findings.NOTE: "A figure worth knowing; nothing is wrong.",
    findings.UNREADABLE: "A cell that cannot be read, so that nothing can be decided from it.",
}
"""The words, and what they mean."""

ERRORS: Final = {
    "#N/A": "Not enough data: something the answer rests on is not given.",
    "#NUM!": "Out of domain: a negative price, more held than outstanding, a 0 that cannot be.",
    "#DIV/0!": "A percentage of nothing outstanding.",
    "#VALUE!": "Cannot be read: not a number, date or word that the argument takes.",
}
"""The error values, and what they mean."""

NUMBERS: Final = (
    "A number comes back as a number at full precision; a percentage as a fraction, so that 20% is "
    "0.2. Thresholds are compared exactly, on the digits as they were typed.",
)


def words_page() -> str:
    """The page on what answers mean."""
    return page(
        "What the answers mean",
        (*NUMBERS, ""),
        section("Words", table(("Word", "Meaning", "Severity in a report"), _words())),
        section("Error values", table(("Value", "Meaning"), _errors())),
    )


def _words() -> Iterator[tuple[str, str, str]]:
    for word, meaning in MEANINGS.items():
        severity = findings.severity_of(word)
        nothing_said = severity is findings.Severity.OK and word != findings.OK
        yield code(word), meaning, "" if nothing_said else severity.value


def _errors() -> Iterator[tuple[str, str]]:
    for value, meaning in ERRORS.items():
        yield code(value), meaning
