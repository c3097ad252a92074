"""Safety of blanks, error values, and whatever a cell can hold.

Taking a fact away must never turn a strict answer into a lenient one. Every verdict function needs
a strategy here: a new one without it fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worksheet_cases import all_cases

from xl_compliance import call, explain
from xl_compliance.functions.registry import Function, Result, Shape, all_functions, find

UNKNOWN = "UNKNOWN"
FACTS = st.sampled_from([True, False, UNKNOWN, None])
DAYS = st.sampled_from([date(2017, 3, 1), date(2018, 9, 25), date(2018, 9, 26), date(2024, 3, 1)])

# The functions whose answer is a verdict: by the kind of result, so that a new one is found.
VERDICTS = [f for f in all_functions() if f.result in (Result.VERDICT, Result.TRUTH)]

# What 0 means in a link to an empty cell, by the contract's sentence on zero: not given. An
# exercise price, a lowest price and a holding of 0 are real; insider_purchases of 0 says none.
ZERO_IS_NOT_GIVEN = {
    "price",
    "min_price",
    "offer_price",
    "close",
    "closing_bid",
    "book_value",
    "offering_shares",
    "issuable",
    "insider_net_price",
    "public_net_price",
    "broadly_marketed",
    "public_offering",
    "common_discounted",
    "common_investors",
    "planned",
    "contingent",
    "same_use_of_proceeds",
    "same_board_approval",
    "dealers_notified",
    "marketed_outside_canada",
    "purchasers",
    "market_price",
    "prospectus_net",
    "placement_net",
    "largest_holder_after",
    "largest_holder_before",
    "control_effect",
    "if_as_and_when",
    "conversion_price",
    "owned_after",
    "public_offering_for_cash",
    "convertible",
    "recipient",
    "firm_commitment",
    "registered",
    "designees",
    "minimum_ownership",
    "step_down",
    "disparate_reduction",
    "shareholder_approved",
    "kind",
    "max_shares",
    "max_dollars",
    "max_discount",
    "purpose",
    "months",
    "change_of_control",
    "controller_named",
    "court_ordered",
    "insider_acquisition",
    "unapproved_equity_plan",
}

# The only blanks that may lead from a strict answer to a lenient one, with the sentence of the
# contract that says what they are read as. The working must name them as read so.
READ_AS_NONE = (
    "Optional quantities not given are read as none (no lower exercise price, no cash at "
    "conversion, no floor, no cap, no earlier issuance, one warrant per share); the working lists "
    "what was read so."
)
READ_AS_TODAY = "`signed_on`, `as_of` not given: the rule in force today."
READ_AS_NOT_FOR_CONTROL = (
    "BENEFICIALSHARES counts rights held for control at any date; SC13DREQUIRED has five arguments "
    "and no such fact, so not given is read as not held for control."
)
READ_AS_ZERO = "blank sole rows read as zero"
READ_AS_THE_FORM = "half up to one decimal is the form's convention"
READ_AS_COMMISSION = "insider commission blank = commission"
AT_THE_BID = "at the bid: `NOT REQUIRED`, but a convertible `REVIEW`"
EXCEPTIONS = {
    ("NASDAQ5635D", "lowest_exercise_price"): READ_AS_NONE,
    ("NASDAQ5635C", "convertible"): AT_THE_BID,
    ("CONVERTIBLEDISCOUNTED", "exercise_price"): READ_AS_NONE,
    ("CONVERTIBLEDISCOUNTED", "warrants_per_share"): READ_AS_NONE,
    ("CONVERTIBLEDISCOUNTED", "lowest_conversion_price"): READ_AS_NONE,
    ("CONVERTIBLEDISCOUNTED", "lowest_exercise_price"): READ_AS_NONE,
    ("TSX606", "as_of"): READ_AS_TODAY,
    ("SC13DREQUIRED", "control_purpose"): READ_AS_NOT_FOR_CONTROL,
    ("SC13DCOVER", "row7"): READ_AS_ZERO,
    ("SC13DCOVER", "row9"): READ_AS_ZERO,
    ("SC13DCOVER", "rights"): READ_AS_NONE,
    ("SC13DCOVER", "places"): READ_AS_THE_FORM,
    ("SC13DCOVER", "rounding"): READ_AS_THE_FORM,
    ("TSXNETTEST", "insider_commission"): READ_AS_COMMISSION,
}


@dataclass(frozen=True)
class Verdict:
    """How calls of a verdict function are drawn, and which of its words are the lenient ones."""

    calls: Callable[[], st.SearchStrategy[list[Any]]]
    lenient: tuple[Any, ...]
    strict: tuple[Any, ...] = field(default=("REVIEW",))


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


@st.composite
def _placements(draw: st.DrawFn) -> list[Any]:
    """Often required or for review, under either rule and under none stated."""
    return [
        draw(st.sampled_from([4.99, 9, 9.99, 10])),
        draw(st.sampled_from([9, 10, 10, 10])),
        draw(st.sampled_from([1_000_000, 1_000_000, 999_999, [[600_000], [400_000]]])),
        draw(st.sampled_from([5_000_000, 5_000_000, [[4_000_000], [1_000_000]]])),
        draw(optional(st.sampled_from([5_000_000, 999_999]))),
        draw(optional(st.sampled_from([20_000_000, 5_000_000]))),
        draw(FACTS),
        draw(optional(DAYS)),
        draw(optional(st.sampled_from([8, 10, 12]))),
        draw(optional(st.sampled_from([8, 10, 12]))),
        draw(optional(st.sampled_from([0, 5, 9.99, 10]))),
    ]


@st.composite
def _warrants(draw: st.DrawFn) -> list[Any]:
    closing = draw(st.sampled_from([date(2024, 1, 15), date(2023, 8, 31)]))
    first = draw(
        st.one_of(
            st.just("APPROVAL"),
            st.sampled_from([0, 181, 182, 183, 400]).map(lambda days: closing + timedelta(days)),
        )
    )
    lowest = draw(st.sampled_from([0, 9.99, 10, 12]))
    return [closing, first, 10, lowest, draw(FACTS)]


@st.composite
def _offerings(draw: st.DrawFn) -> list[Any]:
    insiders = draw(st.integers(1, 3))

    def each(*values: Any) -> list[list[Any]]:
        return [[draw(st.sampled_from(values))] for _ in range(insiders)]

    return [
        draw(st.sampled_from([8.49, 8.5, 9, 10])),
        10,
        draw(st.sampled_from([True, True, True, True, False, UNKNOWN])),
        1_000_000,
        each(0, 10_000, 100_000, 100_001),
        each(0, 10, 30),
        100,
        draw(optional(st.just(None).map(lambda _: each(8.4, 9.3, 9.4)))),
        draw(optional(st.sampled_from([9.4, 9.3]))),
        draw(optional(st.sampled_from([date(2023, 4, 19), date(2023, 4, 20), date(2025, 6, 2)]))),
        draw(optional(st.sampled_from(["LIFE", "NONE"]))),
        draw(optional(st.just(150_000))),
    ]


def _marketing() -> st.SearchStrategy[list[Any]]:
    return st.tuples(st.sampled_from([30, 49, 50]), FACTS, FACTS).map(list)


def _net_tests() -> st.SearchStrategy[list[Any]]:
    fees = st.sampled_from([0, 0.01, 0.0599, 0.06, 0.0601])
    return st.tuples(st.sampled_from([0.85, 10]), fees, fees, optional(fees)).map(list)


def _concurrent() -> st.SearchStrategy[list[Any]]:
    prices = st.sampled_from([9.39, 9.4, 9.41])
    return st.tuples(prices, prices).map(list)


def _notices() -> st.SearchStrategy[list[Any]]:
    words = st.sampled_from(["None", "None", "A director buys", True, False, UNKNOWN, "TBD", None])
    facts = st.sampled_from([True, True, False, UNKNOWN, None])
    return st.tuples(words, words, facts, facts).map(list)


@st.composite
def _placements_under_607(draw: st.DrawFn) -> list[Any]:
    """Often required, or for review: in the hole between the bands, or above a held 20%."""
    market = draw(st.sampled_from([0.5, 0.505, 0.505, 1, 10]))
    return [
        round(market * draw(st.sampled_from([0.74, 0.75, 0.78, 0.8, 0.85, 1])), 6),
        market,
        draw(st.sampled_from([1_000, 2_500_000, 2_500_001, [[2_000_000], [500_001]]])),
        draw(st.sampled_from([10_000_000, [[6_000_000], [4_000_000]]])),
        draw(st.sampled_from([0, 0, 1_000_000, 1_000_001])),
        draw(st.sampled_from([0.1, 0.1999, 0.2, 0.3])),
        draw(optional(st.sampled_from([0.1, 0.2, 0.3]))),
    ]


def _aggregation() -> st.SearchStrategy[list[Any]]:
    second = st.sampled_from([date(2024, 7, 14), date(2024, 7, 15), date(2024, 7, 16)])
    facts = [st.sampled_from([True, False, False, False, UNKNOWN, None])] * 5
    return st.tuples(st.just(date(2024, 1, 15)), second, *facts).map(list)


@st.composite
def _sizes(draw: st.DrawFn) -> list[Any]:
    """Issuable and outstanding, votes of both or of neither, near 5%, 10% and 20%."""
    return [
        draw(
            st.sampled_from([249_999, 250_000, 500_000, 500_001, 999_999, [[600_000], [400_000]]])
        ),
        draw(st.sampled_from([5_000_000, 5_000_000, [[4_000_000], [1_000_000]]])),
        *draw(st.sampled_from([(None, None), (5_000_000, 20_000_000), (100, 20_000_000)])),
    ]


@st.composite
def _acquisitions(draw: st.DrawFn) -> list[Any]:
    one = st.sampled_from([0, 0.0499, 0.05])
    together = st.sampled_from([0.05, 0.0999, 0.1])
    facts = [draw(optional(one)), draw(optional(together)), draw(FACTS)]
    return [*draw(_sizes()), *facts]


@st.composite
def _notifications(draw: st.DrawFn) -> list[Any]:
    return [
        *draw(_sizes()),
        *(draw(st.sampled_from([True, False, False, UNKNOWN, None])) for _ in "abc"),
    ]


def _positions() -> st.SearchStrategy[list[Any]]:
    owned = st.sampled_from([1_999_999, 2_000_000, [[1_500_000], [500_000]]])
    other = st.sampled_from([None, 0, 1_000_000, 3_000_000])
    return st.tuples(owned, st.just(10_000_000), other).map(list)


def _sales_to_insiders() -> st.SearchStrategy[list[Any]]:
    prices = st.sampled_from([4.99, 9.99, 10, 10, 10.01])
    recipients = st.sampled_from(
        ["DIRECTOR", "OFFICER", "EMPLOYEE", "CONSULTANT", "CONTROLLED ENTITY", UNKNOWN, None]
    )
    return st.tuples(prices, st.just(10), recipients, FACTS, FACTS).map(list)


@st.composite
def _convertibles(draw: st.DrawFn) -> list[Any]:
    return [
        draw(st.sampled_from([9.99, 10, 10.0625, 10.12, 10.125, 10.25, 12])),
        10,
        draw(optional(st.sampled_from([0, 9.99, 10, 11]))),
        draw(optional(st.sampled_from([0.5, 1, 2]))),
        draw(optional(st.sampled_from([0, 9.99, 10, 10.125]))),
        draw(optional(st.sampled_from([0, 9.99, 10]))),
    ]


def _public_offerings() -> st.SearchStrategy[list[Any]]:
    facts = [st.sampled_from([True, True, True, False, UNKNOWN, None])] * 3
    purchasers = st.sampled_from([49, 50, 250])
    discounts = st.sampled_from([-0.05, 0.06, 0.4499, 0.45, 0.5, 0.5005])
    return st.tuples(*facts, optional(purchasers), optional(discounts)).map(list)


@st.composite
def _director_rights(draw: st.DrawFn) -> list[Any]:
    return [
        draw(st.sampled_from([2, 3, 3, 4])),
        draw(st.sampled_from([30, [[20], [10]]])),
        100,
        10,
        draw(optional(st.sampled_from([0.0499, 0.05, 0.25]))),
        draw(st.sampled_from([True, True, False, UNKNOWN, None])),
        *draw(st.sampled_from([(None, None), (20, 100), (30, 100), (4, 100)])),
    ]


def _proxies() -> st.SearchStrategy[list[Any]]:
    kinds = ["PRIVATE PLACEMENT"] * 6 + ["ACQUISITIONS", "EQUITY COMPENSATION", UNKNOWN]
    return st.tuples(
        st.sampled_from(kinds),
        st.just(5_000_000),
        st.just(10_000_000),
        st.just(0.2),
        st.sampled_from(["debt", "debt", "debt", "TBD"]),
        st.sampled_from([2, 3, 3.1]),
        FACTS,
        FACTS,
    ).map(list)


def _cusips() -> st.SearchStrategy[list[Any]]:
    return st.sampled_from(["375175106", "375175107", "17275R102", 37833100, "0"]).map(
        lambda text: [text]
    )


def _days_ahead() -> st.SearchStrategy[list[Any]]:
    first = date(2024, 3, 1)
    days = st.sampled_from([0, 59, 60, 61, 300]).map(lambda n: first + timedelta(n))
    return st.tuples(st.one_of(days, st.just("APPROVAL")), st.just(first)).map(list)


@st.composite
def _holders(draw: st.DrawFn) -> list[Any]:
    """Often just over or at 5%, with rights near and far, for control and not."""
    first = date(2024, 3, 1)
    count = draw(st.integers(1, 2))
    rights = [[draw(st.sampled_from([0, 1, 100_000]))] for _ in range(count)]
    near_and_far = st.sampled_from([first, first + timedelta(60), first + timedelta(61)])
    days = [[draw(st.one_of(near_and_far, st.just("APPROVAL")))] for _ in range(count)]
    return [
        draw(st.sampled_from([0, 150_000, 249_999, 250_000, 250_001])),
        rights,
        draw(st.sampled_from([5_000_000, [[4_000_000], [1_000_000]]])),
        draw(st.sampled_from([days, days, None])),
        draw(st.sampled_from([first, first, None])),
        draw(FACTS),
    ]


@st.composite
def _covers(draw: st.DrawFn) -> list[Any]:
    sole = st.sampled_from([None, 0, 100])
    return [
        draw(sole),
        draw(st.sampled_from([0, 1_000])),
        draw(sole),
        draw(st.sampled_from([0, 1_000])),
        draw(st.sampled_from([100, 1_000, 1_100, 3_000])),
        draw(st.sampled_from([0.1, 0.091, 0.0909, 0.0999, 0.11])),
        10_000,
        draw(optional(st.sampled_from([0, 1_000]))),
        draw(optional(st.sampled_from([0, 1, 2]))),
        draw(optional(st.sampled_from(["HALF UP", "CUT OFF"]))),
    ]


def _changes_of_holding() -> st.SearchStrategy[list[Any]]:
    shares = st.sampled_from([0, 49_999, 50_000, 50_001])
    return st.tuples(shares, shares, st.just(5_000_000)).map(list)


STRATEGIES: dict[str, Verdict] = {
    "NASDAQ5635D": Verdict(_placements, ("NOT REQUIRED",), ("REQUIRED", "REVIEW")),
    "WARRANTSAGGREGATE": Verdict(_warrants, (False,), (True, "REVIEW")),
    "NASDAQAGGREGATION": Verdict(_aggregation, ("NOT AGGREGATED",)),
    "NASDAQ5635A": Verdict(_acquisitions, ("NOT REQUIRED",), ("REQUIRED", "REVIEW")),
    "NASDAQ5635B": Verdict(_positions, ("NOT PRESUMED",)),
    "NASDAQ5635C": Verdict(_sales_to_insiders, ("NOT REQUIRED",), ("REQUIRED", "REVIEW")),
    "NASDAQLAS": Verdict(_notifications, ("NOT REQUIRED",), ("REQUIRED", "REVIEW")),
    "CONVERTIBLEDISCOUNTED": Verdict(_convertibles, (False,), (True,)),
    "PUBLICOFFERING": Verdict(_public_offerings, ("LIKELY PUBLIC",), ("PRECLUDED", "REVIEW")),
    "DIRECTORRIGHTS": Verdict(_director_rights, ("OK",), ("BREACH", "REVIEW")),
    "VOTINGRIGHTS": Verdict(
        lambda: st.tuples(FACTS, FACTS).map(list), ("OK",), ("BREACH", "REVIEW")
    ),
    "GENERICPROXY": Verdict(_proxies, ("MAY BE SUFFICIENT",), ("INSUFFICIENT", "REVIEW")),
    "REORGANIZATION": Verdict(lambda: FACTS.map(lambda fact: [fact]), ()),
    "TSX606": Verdict(
        _offerings,
        ("606",),
        ("607 INSIDER EXCESS", "607 ALL INSIDER PURCHASES", "607 WHOLE OFFERING", "REVIEW"),
    ),
    "TSXBROADLYMARKETED": Verdict(_marketing, (True,), (False, "REVIEW")),
    "TSXNETTEST": Verdict(_net_tests, ("606",), ("607",)),
    "TSXCONCURRENT": Verdict(_concurrent, ("606 IF WAIVED",), ("607",)),
    "TSX606NOTICE": Verdict(_notices, ("OK",), ("INCOMPLETE",)),
    "TSX607": Verdict(_placements_under_607, ("NOT REQUIRED",), ("REQUIRED", "REVIEW")),
    "WITHIN60DAYS": Verdict(_days_ahead, (False,), (True, "REVIEW")),
    "SC13DREQUIRED": Verdict(_holders, ("NOT REQUIRED",), ("REQUIRED", "REVIEW")),
    "SC13DCOVER": Verdict(_covers, ("OK",), ("BREACH",)),
    # REVIEW is the lenient word here: less than 1% may be material all the same.
    "SC13DMATERIAL": Verdict(_changes_of_holding, ("REVIEW",), ("REQUIRED",)),
    "CUSIPVALID": Verdict(_cusips, (True,), (False,)),
}

BLANKS = (None, "", UNKNOWN, [[None]], "NEEDS INPUT", 0)
OMITTED = object()


def _changes(function: Function, position: int) -> list[Any]:
    name = function.arguments[position].name
    return [blank for blank in (*BLANKS, OMITTED) if blank != 0 or name in ZERO_IS_NOT_GIVEN]


def _changed(arguments: list[Any], position: int, blank: Any) -> list[Any] | None:
    if blank is OMITTED:
        return arguments[:position] if position == len(arguments) - 1 else None
    return [*arguments[:position], blank, *arguments[position + 1 :]]


def _is_one_of(answer: Any, words: tuple[Any, ...]) -> bool:
    return any(answer is word or (type(answer) is str and answer == word) for word in words)


@pytest.mark.parametrize("function", VERDICTS, ids=lambda f: f.name)
def test_verdict_function_has_a_strategy(function: Function) -> None:
    assert function.name in STRATEGIES, f"say how calls of {function.name} are drawn"
    verdict = STRATEGIES[function.name]
    words = {str(word).upper() for word in (*verdict.lenient, *verdict.strict)}
    assert words | {"NEEDS INPUT"} == set(function.words) | {"NEEDS INPUT"}


@pytest.mark.parametrize("name", [f.name for f in VERDICTS])
def test_a_blank_never_turns_a_strict_answer_into_a_lenient_one(name: str) -> None:
    """The same calls show that every strict word is drawn: without them nothing is tested."""
    function, verdict = find(name), STRATEGIES.get(name)
    assert verdict is not None, f"say how calls of {name} are drawn"
    seen: set[str] = set()

    @settings(max_examples=400)
    @given(verdict.calls())
    def each_argument_taken_away(arguments: list[Any]) -> None:
        before = call(name, *arguments)
        seen.add(str(before))
        if _is_one_of(before, verdict.strict):
            _take_each_away(function, verdict, arguments, before)

    each_argument_taken_away()
    assert {str(word) for word in verdict.strict} <= seen


def _take_each_away(
    function: Function, verdict: Verdict, arguments: list[Any], before: Any
) -> None:
    for position, argument in enumerate(function.arguments[: len(arguments)]):
        for blank in _changes(function, position):
            changed = _changed(arguments, position, blank)
            if changed is None:
                continue
            after = call(function.name, *changed)
            if not _is_one_of(after, verdict.lenient):
                continue
            said = f"{arguments} is {before}; without {argument.name} ({blank!r}) it is {after}"
            assert (function.name, argument.name) in EXCEPTIONS, said
            assert any(
                row[0] == argument.name and str(row[1]).startswith("not given")
                for row in explain(function.name, *changed)
            ), f"{said}, and the working does not say how it was read"


@pytest.mark.parametrize(("name", "argument"), EXCEPTIONS)
def test_exceptions_are_used(name: str, argument: str) -> None:
    """An exception that no call needs any more must go."""
    calls = {
        ("NASDAQ5635D", "lowest_exercise_price"): [10, 10, 30, 100, *[None] * 6, 5],
        ("NASDAQ5635C", "convertible"): [10, 10, "DIRECTOR", False, True],
        ("CONVERTIBLEDISCOUNTED", "exercise_price"): [10, 10, 10],
        ("CONVERTIBLEDISCOUNTED", "warrants_per_share"): [10.125, 10, 10, 2],
        ("CONVERTIBLEDISCOUNTED", "lowest_conversion_price"): [10, 10, None, None, 9.99],
        ("CONVERTIBLEDISCOUNTED", "lowest_exercise_price"): [12, 10, 10, None, None, 9.99],
        ("TSX606", "as_of"): [9, 10, True, 1000, 1, 10, 100, None, None, "2023-04-19"],
        ("TSXNETTEST", "insider_commission"): [10, 0.05, 0, 0.06],
        ("SC13DREQUIRED", "control_purpose"): [0, 300, 5000, "2026-01-02", "2024-01-02", True],
        ("SC13DCOVER", "row7"): [5, 10, 0, 10, 10, 0.1, 100],
        ("SC13DCOVER", "row9"): [0, 10, 5, 10, 10, 0.1, 100],
        ("SC13DCOVER", "rights"): [0, 10, 0, 10, 10, 0.1, 100, 10],
        ("SC13DCOVER", "places"): [0, 10, 0, 10, 10, "3.4%", 291, 0, 2],
        ("SC13DCOVER", "rounding"): [0, 10, 0, 10, 10, "3.5%", 289, 0, None, "CUT OFF"],
    }
    position = [a.name for a in find(name).arguments].index(argument)
    arguments = calls[name, argument]
    assert _is_one_of(call(name, *arguments), STRATEGIES[name].strict)
    changed = [*arguments[:position], None, *arguments[position + 1 :]]
    assert _is_one_of(call(name, *changed), STRATEGIES[name].lenient)


# Error values, truth values, counts and ragged ranges, in every argument of every function

ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")


def _sample(function: Function) -> list[Any]:
    """A call of the function that gives one answer, padded with blanks to its last argument."""
    for case in all_cases():
        answer = str(case.entry.get("expect", "#"))
        one_value = zip(function.arguments, case.arguments, strict=False)
        if (
            case.function == function.name
            and not answer.startswith(("#", "NEEDS"))
            and not any(a.shape is Shape.ONE and isinstance(v, list) for a, v in one_value)
        ):
            padding = [None] * (len(_plain_arguments(function)) - len(case.arguments))
            return [*case.arguments, *padding]
    raise AssertionError(f"no vector of {function.name} gives an answer")


def _plain_arguments(function: Function) -> list[Any]:
    """Without the arguments that EXPLAIN hands on, whose errors stand in the working."""
    return [a for a in function.arguments if a.shape is not Shape.REST]


POSITIONS = [
    pytest.param(function, position, id=f"{function.name}-{argument.name}")
    for function in all_functions()
    for position, argument in enumerate(_plain_arguments(function))
]


def _with(function: Function, position: int, value: Any) -> list[Any]:
    arguments = _sample(function)
    arguments[position] = value
    return arguments


@pytest.mark.parametrize(("function", "position"), POSITIONS)
def test_an_error_value_in_any_argument_is_the_result(function: Function, position: int) -> None:
    for error in ERRORS:
        assert call(function.name, *_with(function, position, error)) == error
        assert call(function.name, *_with(function, position, [[error]])) == error


@pytest.mark.parametrize(("function", "position"), POSITIONS)
def test_an_error_value_in_any_cell_of_a_range_is_the_result(
    function: Function, position: int
) -> None:
    original = _sample(function)[position]
    if function.arguments[position].shape is Shape.ONE:
        spilled = call(function.name, *_with(function, position, [[original], ["#REF!"]]))
        assert spilled[1] == ["#REF!"]
        assert spilled[0] != ["#REF!"]
        return
    rows = original if isinstance(original, list) else [[original]]
    for place in range(len(rows) + 1):
        with_error = [*rows[:place], ["#REF!"], *rows[place:]]
        assert call(function.name, *_with(function, position, with_error)) == "#REF!"


@pytest.mark.parametrize(
    ("function", "position"),
    [p for p in POSITIONS if p.values[0].arguments[p.values[1]].kind.numeric],
)
@pytest.mark.parametrize("truth", [True, False])
def test_a_truth_value_in_a_number_slot_is_malformed(
    function: Function, position: int, truth: bool
) -> None:
    assert call(function.name, *_with(function, position, truth)) == "#VALUE!"
    if function.arguments[position].shape is not Shape.ONE:
        assert call(function.name, *_with(function, position, [[1], [truth]])) == "#VALUE!"


@pytest.mark.parametrize(("function", "position"), POSITIONS)
def test_a_ragged_or_empty_range_is_malformed(function: Function, position: int) -> None:
    for ragged in ([[1, 2], [3]], [[1], []], [[], [1]], [1, [2]], [[1], 2], [], [[]]):
        assert call(function.name, *_with(function, position, ragged)) == "#VALUE!", ragged


LIMITED = [f for f in all_functions() if all(a.shape is not Shape.REST for a in f.arguments)]


@pytest.mark.parametrize("function", LIMITED, ids=lambda f: f.name)
@pytest.mark.parametrize("extra", [1, None, "", "x"])
def test_one_argument_too_many_is_malformed(function: Function, extra: Any) -> None:
    assert call(function.name, *_sample(function), extra) == "#VALUE!"


# Whatever a cell can hold: an answer, never an exception

NUMBERS = st.one_of(
    st.integers(-3, 100),
    st.integers(-(10**18), 10**18),
    st.floats(),
    st.sampled_from(
        [0.0, -0.0, 1e308, -1e308, 1e-307, 5e-324, 0.1 + 0.2, 1.0, 60, 61, 2958465, 2958465.999999,
         2958466, float("inf"), float("nan")]
    ),
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", " ", "TRUE", "no", "UNKNOWN", "REVIEW", "NEEDS INPUT", "LIKELY PUBLIC", "PRECLUDED",
         "APPROVAL", "LIFE", "STRICT", "19.99%", "NASDAQ", "TSX", "1,250,000", "$1.43", "15%",
         "(1,000)", "12,5O", "1E999", "-1E999", "9.99999999999999E999", "1.23456789012345E-999",
         "1E-400", "#REF!", "#N/A", "#", "2024-03-11", "2024-03-11 16:00:00", "9999-12-31",
         "0001-01-01", "2024-02-30", "375175106", "NASDAQ-5635D", "TSX-606", "MINPRICE", "EXPLAIN"]
    ),
)  # fmt: skip
DATES = st.one_of(
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.timezones()),
    st.times(),
    st.sampled_from([date.min, date.max, datetime.min, datetime.max, datetime(2024, 3, 11)]),
)
CELLS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS, DATES)
RANGES = st.one_of(
    st.lists(CELLS, max_size=4),
    st.lists(st.lists(CELLS, max_size=3), max_size=3),
    st.integers(1, 4).flatmap(
        lambda width: st.lists(
            st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=3
        )
    ),
    st.lists(st.lists(st.lists(CELLS, max_size=2), max_size=2), max_size=2),
)
JUNK = st.one_of(CELLS, CELLS, RANGES)


@st.composite
def _junk_calls(draw: st.DrawFn, function: Function) -> list[Any]:
    """Junk throughout, or junk in a few places of a call that otherwise works."""
    arity = len(function.arguments)
    if draw(st.booleans()):
        return draw(st.lists(JUNK, max_size=arity + 1))
    arguments = _sample(function)
    for _ in range(draw(st.integers(1, 3))):
        if arguments:
            arguments[draw(st.integers(0, len(arguments) - 1))] = draw(JUNK)
    return arguments


def _is_a_cell(value: Any) -> bool:
    if isinstance(value, float):
        return value - value == 0
    return isinstance(value, (int, str, date))


@pytest.mark.parametrize("name", [f.name for f in all_functions()])
def test_call_and_explain_answer_whatever_they_are_given(name: str) -> None:
    """Drawing the arguments takes most of the time, so both are asked about the same ones."""

    @settings(max_examples=150)
    @given(_junk_calls(find(name)))
    def answered(arguments: list[Any]) -> None:
        answer = call(name, *arguments)
        if isinstance(answer, list):
            assert all(isinstance(row, list) and all(map(_is_a_cell, row)) for row in answer)
        else:
            assert _is_a_cell(answer)
        table = explain(name, *arguments)
        assert table[0] == ["Item", "Value", "Test", "Source"]
        assert all(len(row) == 4 and all(map(_is_a_cell, row)) for row in table)
        assert table[-1][0] == "Result"

    answered()


@given(st.text())
def test_a_name_that_is_not_ours_raises_a_key_error(name: str) -> None:
    for reach in (call, explain):
        with pytest.raises(KeyError):
            reach(f"?{name}", 1)


# Edges of the calendar and of the number line that junk alone finds too rarely

LAST_DAYS = ["9999-12-31", date.max, datetime.max, 2958465, 2958465.999999, 2958466, "9999-07-01"]


@pytest.mark.parametrize(
    "function", [f for f in all_functions() if f.arguments], ids=lambda f: f.name
)
def test_the_last_days_that_a_cell_can_hold(function: Function) -> None:
    raised = []
    dates = [n for n, a in enumerate(function.arguments) if "date" in a.kind.name]
    for last in LAST_DAYS:
        everywhere = _sample(function)
        for position in dates:
            everywhere[position] = last
        one_each = [_with(function, n, last) for n in range(len(_plain_arguments(function)))]
        for arguments in [everywhere, *one_each]:
            for reach in (call, explain):
                try:
                    reach(function.name, *arguments)
                except (ValueError, ArithmeticError) as problem:
                    raised.append(f"{reach.__name__}{(function.name, *arguments)}: {problem!r}")
    assert raised == []


def test_numbers_far_apart_add_up_or_are_refused() -> None:
    huge, tiny = "9.99999999999999E999", "1.23456789012345E-999"
    for name in ("BENEFICIALSHARES", "ISSUANCEPCT", "DISCOUNTPCT", "UNITFLOOR", "PRICEPERSHARE"):
        assert _is_a_cell(call(name, huge, tiny)), name
        assert _is_a_cell(call(name, tiny, huge)), name
        explain(name, huge, tiny)
        explain(name, tiny, huge)


def test_a_time_of_day_alone_is_no_date() -> None:
    assert call("PRICINGDATES", time(16, 0)) == "#VALUE!"
