"""How a Schedule 13D cover page states its figures, and whether they agree with each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from xl_compliance.rules.exact import (
    Exact,
    cut_off,
    exactly,
    floor,
    percent,
    plain,
    plus,
    quotient,
    rounded_half_up,
    times,
    total,
)
from xl_compliance.rules.outcome import (
    NEEDS_INPUT,
    NothingOutstanding,
    Outcome,
    OutOfDomain,
    Step,
    assumed,
    note,
)
from xl_compliance.rules.parameters import Threshold, rules_in

RULE: Final = rules_in("sec/schedule_13d")["SEC-13D"]
PLACES: Final = RULE["places"]
ROUNDING: Final = RULE["rounding"]
PERSON_TYPES: Final = RULE["person_types"]
SOURCES_OF_FUNDS: Final = RULE["sources_of_funds"]

HALF_UP: Final = "HALF UP"
CUT_OFF: Final = "CUT OFF"
_ROUND: Final[Mapping[str, Any]] = {HALF_UP: rounded_half_up, CUT_OFF: cut_off}
ROUNDINGS: Final = tuple(_ROUND)
_MOST_PLACES: Final = 12

OK: Final = "OK"
BREACH: Final = "BREACH"


@exactly
def row_13(fraction: Exact, places: Exact | None = None, rounding: str | None = None) -> Outcome:
    """The percentage of row 13 as text, by default rounded half up to one decimal.

    >>> from decimal import Decimal as D
    >>> row_13(D("0.361989141")).value, row_13(D("0.086566"), 2, "CUT OFF").value
    ('36.2%', '8.65%')
    """
    conventions = _conventions()
    digits, mode = _convention(places, rounding)
    text = f"{_ROUND[mode](times(fraction, 100), digits)}%"
    return Outcome(
        text,
        f"{'rounded half up' if mode == HALF_UP else 'cut off'} at {digits} decimal places",
        conventions,
        lambda: (Step("Fraction", fraction), Step("Row 13", text, "", conventions[0].source)),
    )


def _conventions() -> tuple[Threshold, Threshold]:
    return PLACES.on(), ROUNDING.on()


def _convention(places: Exact | None, rounding: str | None) -> tuple[int, str]:
    """The decimal places and the way of rounding, the form's where they are not given."""
    usual_places, usual_rounding = _conventions()
    digits = usual_places.value if places is None else places
    if digits != floor(digits) or digits > _MOST_PLACES:
        raise OutOfDomain(f"{plain(digits)}: a whole number of decimal places, 0 to {_MOST_PLACES}")
    return int(digits), rounding or usual_rounding.word


@exactly
def row_13_agrees(
    stated: Exact, exact: Exact, places: Exact | None = None, rounding: str | None = None
) -> bool:
    """Whether a percentage, as a fraction, is the exact one in its rounding.

    Stated to more decimals than the convention has, it must agree in those, too.

    >>> from decimal import Decimal as D
    >>> row_13_agrees(D("0.362"), D("0.361989")), row_13_agrees(D("0.3621"), D("0.361989"))
    (True, False)
    """
    digits, mode = _convention(places, rounding)
    shown = times(stated, 100)
    digits = max(digits, _decimals(shown))
    return bool(_ROUND[mode](times(exact, 100), digits) == shown)


@exactly
def same_percentage(one: Exact, other: Exact) -> bool:
    """Whether two stated percentages are one: the finer rounds half up to the coarser.

    >>> from decimal import Decimal as D
    >>> same_percentage(D("0.0508"), D("0.051")), same_percentage(D("0.0504"), D("0.051"))
    (True, False)
    """
    shown = [times(each, 100) for each in (one, other)]
    digits = min(map(_decimals, shown))
    return bool(rounded_half_up(shown[0], digits) == rounded_half_up(shown[1], digits))


def _decimals(number: Exact) -> int:
    """The decimal places a number is stated in."""
    own = number.normalize().as_tuple().exponent if isinstance(number, Decimal) else 0
    return max(0, -own if isinstance(own, int) else 0)


def unknown_codes(stated: str, codes: Threshold) -> tuple[str, ...]:
    """What stands in row 4 or 14 and is none of its codes; several stand apart as people write it.

    >>> unknown_codes("WC, AF", SOURCES_OF_FUNDS.on()), unknown_codes("XX", PERSON_TYPES.on())
    ((), ('XX',))
    """
    known = set(codes.word.split())
    given = re.split(r"[\s,;/&]+", stated.upper().replace(" AND ", " "))
    return tuple(code for code in given if code and code not in known)


@exactly
def row_11_among_powers(
    sole_voting: Exact | None,
    shared_voting: Exact | None,
    sole_dispositive: Exact | None,
    shared_dispositive: Exact | None,
    aggregate: Exact | None,
) -> Outcome:
    """Whether row 11 lies between the larger of rows 7+8 and 9+10 and all four together.

    Blank sole rows are read as zero.

    >>> row_11_among_powers(None, 2870756, None, 2870756, 2870756).value
    True
    >>> row_11_among_powers(None, 2870765, None, 2870756, 2870756).value
    False
    """
    if shared_voting is None or shared_dispositive is None or aggregate is None:
        return Outcome(NEEDS_INPUT, "row 8, 10 or 11 is not given")
    voting = total([sole_voting or 0, shared_voting])
    dispositive = total([sole_dispositive or 0, shared_dispositive])
    least, most = max(voting, dispositive), total([voting, dispositive])
    inside = least <= aggregate <= most

    def working() -> Iterator[Step]:
        for name, row in (("row7", sole_voting), ("row9", sole_dispositive)):
            if row is None:
                yield assumed(name, "not given: a blank sole row is read as zero")
        yield Step("Rows 7 + 8", voting)
        yield Step("Rows 9 + 10", dispositive)
        yield Step("Row 11", aggregate, f"from {plain(least)} to {plain(most)}")

    side = "below the larger of rows 7+8 and 9+10" if aggregate < least else "above all four rows"
    reason = "row 11 fits rows 7 to 10" if inside else f"row 11 is {side}"
    return Outcome(inside, reason, (), working)


@exactly
def cover(
    sole_voting: Exact | None,
    shared_voting: Exact | None,
    sole_dispositive: Exact | None,
    shared_dispositive: Exact | None,
    aggregate: Exact | None,
    stated: Exact | None,
    outstanding: Sequence[Exact],
    rights: Sequence[Exact] = (),
    places: Exact | None = None,
    rounding: str | None = None,
) -> Outcome:
    """Whether rows 7 to 13 of one reporting person's cover page agree with each other.

    >>> from decimal import Decimal as D
    >>> rows = (None, 2870756, None, 2870756, 2870756)
    >>> cover(*rows, D("0.362"), [5059747], [2870756]).value
    'OK'
    >>> cover(*rows, D("0.362"), [5059747]).value
    'NEEDS INPUT'
    """
    powers = row_11_among_powers(
        sole_voting, shared_voting, sole_dispositive, shared_dispositive, aggregate
    )
    tied = _row_13_ties(aggregate, stated, outstanding, rights, places, rounding)
    both = (powers, tied)
    word = next((w for w in (BREACH, NEEDS_INPUT) for o in both if _word(o) == w), OK)
    reasons = [o.reason for o in both if _word(o) == word]

    def working() -> Iterator[Step]:
        for outcome in both:
            yield from outcome.working()
        if not rights:
            yield assumed("rights", "not given: read as none")

    return Outcome(word, "; ".join(reasons), _conventions(), working)


def _word(outcome: Outcome) -> str:
    if isinstance(outcome.value, bool):
        return OK if outcome.value else BREACH
    return str(outcome.value)


def _row_13_ties(
    aggregate: Exact | None,
    stated: Exact | None,
    outstanding: Sequence[Exact],
    rights: Sequence[Exact],
    places: Exact | None,
    rounding: str | None,
) -> Outcome:
    if aggregate is None or stated is None or not outstanding:
        return Outcome(NEEDS_INPUT, "row 11, row 13 or the shares outstanding are not given")
    counted = total(rights)
    if counted > aggregate:
        reason = f"rights of {plain(counted)} are more than row 11, {plain(aggregate)}"
        return Outcome(False, reason)
    base = plus(total(outstanding), counted)
    if not base:
        raise NothingOutstanding("nothing is outstanding")
    exact = quotient(aggregate, base)
    ties = row_13_agrees(stated, exact, places, rounding)

    def working() -> Iterator[Step]:
        yield Step("Deemed outstanding for this person", base, "outstanding + rights")
        yield Step("Row 11 of it", percent(exact))
        yield Step("Row 13, worked out", str(row_13(min(exact, 1), places, rounding).value))
        yield Step("Row 13, as filed", percent(stated))
        bare = quotient(aggregate, total(outstanding))
        if not ties and rights and row_13_agrees(stated, bare, places, rounding):
            yield note("row 13 leaves the rights out of the shares outstanding")

    worked_out = row_13(exact, places, rounding).value
    if ties:
        return Outcome(True, f"row 13 is {worked_out}", (), working)
    reason = f"row 13 says {percent(stated)}, row 11 over outstanding and rights is {worked_out}"
    if not rights:
        return Outcome(NEEDS_INPUT, f"{reason}; rights are not given", (), working)
    return Outcome(False, reason, (), working)
