"""The letter beside a preliminary prospectus: whether it states what section 606(a) asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xl_compliance.rules.outcome import UNKNOWN, Fact, Outcome, Step, note
from xl_compliance.rules.parameters import rules_in

RULE: Final = rules_in("tsx/offering_notice")["TSX-606-NOTICE"]
STATEMENTS: Final = RULE["statements"]

COMPLETE: Final = "OK"
INCOMPLETE: Final = "INCOMPLETE"


def notice(
    insider_interest: str | Fact,
    control_effect: str | Fact,
    broadly_marketed: Fact,
    if_as_and_when: Fact,
) -> Outcome:
    """Whether all four statements are made.

    The nature of an interest and the effect on control need words, where "None" is an answer; the
    other two may be a plain TRUE or FALSE.

    >>> notice("None", "None", True, False).value
    'OK'
    >>> notice(True, "None", True, None).reason
    'not stated: any insider interest, in words; whether an "if, as and when issued" \
market may be requested'
    """
    statements = (
        (
            "Insider interest",
            insider_interest,
            "any insider interest, in words",
            True,
        ),
        ("Effect on control", control_effect, "how control could be affected, in words", True),
        ("Broadly marketed", broadly_marketed, "whether it was broadly marketed", False),
        (
            "If, as and when issued",
            if_as_and_when,
            'whether an "if, as and when issued" market may be requested',
            False,
        ),
    )
    missing = [asked for _, said, asked, words in statements if not _stated(said, words)]

    def working() -> Iterator[Step]:
        for item, said, _, words in statements:
            test = "stated" if _stated(said, words) else "not stated"
            yield Step(item, _shown(said), f"{test} in words" if words else test, RULE.source)
        if any(said is False for said in (insider_interest, control_effect)):
            yield note('FALSE may be a box that nobody ticked: write "None" where there is none')
        yield note("the preliminary prospectus is filed with TSX at the same time", RULE.source)

    if missing:
        return Outcome(INCOMPLETE, f"not stated: {'; '.join(missing)}", (STATEMENTS.on(),), working)
    return Outcome(COMPLETE, "all four statements are made", (STATEMENTS.on(),), working)


def _stated(said: str | Fact, words: bool) -> bool:
    if said is None or said is UNKNOWN:
        return False
    return isinstance(said, str) if words else True


def _shown(said: str | Fact) -> str | None:
    if said is None or isinstance(said, str):
        return said
    return UNKNOWN.value if said is UNKNOWN else str(said).upper()
