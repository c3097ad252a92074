"""The Nasdaq functions beyond 5635(d) against their oracle, most calls drawn near a line."""

from __future__ import annotations

import math
from datetime import date
from fractions import Fraction
from typing import Any

import nasdaq_oracle as oracle
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rule_oracle import UNKNOWN, nearest_float, unit_floor

from xl_compliance import call, explain
from xl_compliance.functions.registry import Function, all_functions

CENT = Fraction(1, 100)
FACTS = st.sampled_from([True, False, UNKNOWN, None])
COUNTS = st.integers(1, 90_000_000)


def cell(number: Fraction | int | None) -> Any:
    return None if number is None else float(number)


def column(values: list[Any] | None) -> list[list[Any]] | None:
    return values and [[value] for value in values]


def cents(least: int = 1, most: int = 10_000) -> st.SearchStrategy[Fraction]:
    return st.integers(least, most).map(lambda n: n * CENT)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy, strategy)


def near(*lines: Fraction, tick: Fraction = Fraction(1, 10_000)) -> st.SearchStrategy[Fraction]:
    """On one of the lines, or a few ticks to either side, never below 0."""
    return st.tuples(st.sampled_from(lines), st.integers(-2, 2)).map(
        lambda drawn: max(Fraction(0), drawn[0] + drawn[1] * tick)
    )


@st.composite
def sizes(draw: st.DrawFn, *lines: Fraction) -> list[Any]:
    """Issuable, outstanding and their votes, near the lines; any of them may be missing."""
    outstanding = draw(st.integers(40, 90_000_000))
    line = draw(st.sampled_from(lines))
    issuable = max(1, math.ceil(outstanding * line) + draw(st.integers(-2, 2)))
    votes = draw(st.integers(40, 90_000_000))
    line = draw(st.sampled_from(lines))
    new_votes = max(1, math.ceil(votes * line) + draw(st.integers(-2, 2)))
    first = draw(st.integers(1, outstanding - 1))
    classes = st.sampled_from([[outstanding], [outstanding], [first, outstanding - first]])
    return [
        draw(maybe(st.just([issuable]))),
        draw(maybe(classes)),
        *draw(st.sampled_from([(None, None), (None, None), (new_votes, votes), (new_votes, None)])),
    ]


def sized(drawn: list[Any]) -> list[Any]:
    issuable, outstanding, *votes = drawn
    return [column(issuable), column(outstanding), *votes]


# The size lines, tick by tick


@pytest.mark.parametrize(
    ("name", "line", "strictly", "rest", "below", "beyond"),
    [
        ("NASDAQ5635A", Fraction(20, 100), False, (0, 0), "NOT REQUIRED", "REQUIRED"),
        ("NASDAQ5635A", Fraction(5, 100), False, (0.05, 0.05), "NOT REQUIRED", "REQUIRED"),
        ("NASDAQLAS", Fraction(10, 100), True, (False,) * 3, "NOT REQUIRED", "REQUIRED"),
    ],
    ids=["5635a1", "5635a2", "LAS"],
)
@given(st.integers(40, 900_000_000))
def test_no_share_is_on_the_wrong_side(
    name: str, line: Fraction, strictly: bool, rest: Any, below: str, beyond: str, outstanding: int
) -> None:
    first = math.floor(outstanding * line) + 1 if strictly else math.ceil(outstanding * line)
    for issuable in range(first - 2, first + 3):
        if issuable < 1:
            continue
        expected = beyond if issuable >= first else below
        assert call(name, issuable, outstanding, None, None, *rest) == expected
        votes = (1, 90_000_000_000, issuable, outstanding)
        assert call(name, *votes, *rest) == expected


@given(st.integers(5, 900_000_000))
def test_no_position_is_on_the_wrong_side(base: int) -> None:
    first = -(-base // 5)
    assert call("NASDAQ5635B", first, base) == "REVIEW"
    if first > 1:
        assert call("NASDAQ5635B", first - 1, base) == "NOT PRESUMED"
    if first < base:
        assert call("NASDAQ5635B", first + 1, base) == "REVIEW"


@given(
    sizes(Fraction(5, 100), Fraction(20, 100)),
    maybe(near(Fraction(0), Fraction(5, 100))),
    maybe(near(Fraction(0), Fraction(5, 100), Fraction(10, 100))),
    FACTS,
)
def test_5635a(drawn: list[Any], one: Any, together: Any, public: Any) -> None:
    got = call("NASDAQ5635A", *sized(drawn), cell(one), cell(together), public)
    assert got in oracle.acquisition(*drawn, one, together, public)


@given(sizes(Fraction(10, 100)), st.lists(FACTS, min_size=3, max_size=3))
def test_notification(drawn: list[Any], triggers: list[Any]) -> None:
    got = call("NASDAQLAS", *sized(drawn), *triggers)
    assert got == oracle.notification(*drawn, triggers)


@given(maybe(COUNTS), st.integers(-2, 2), maybe(st.just(1)), maybe(st.integers(0, 10)))
def test_5635b(base: int | None, off: int, is_given: int | None, other: int | None) -> None:
    owned = max(1, -(-(base or 100) // 5) + off)
    assume(base is None or max(owned, other or 0) <= base)
    got = call("NASDAQ5635B", owned if is_given else None, base, other)
    expected = oracle.change_of_control([owned] if is_given else None, base and [base])
    assert got == expected
    if got == "REVIEW":
        reason = explain("NASDAQ5635B", owned, base, other)[-1][2]
        assert ("not presumed" in reason) == (other is not None and other > owned)


@given(
    cents(3),
    st.integers(-2, 2),
    st.booleans(),
    st.sampled_from([*oracle.INSIDERS, "CONTROLLED ENTITY", "NONE", UNKNOWN, None]),
    FACTS,
    FACTS,
    st.sampled_from([(1, 1), (1, 1), (1, 1), (None, 1), (1, None)]),
    maybe(st.integers(-1, 1)),
)
def test_5635c(
    bid: Fraction,
    off: int,
    halved: bool,
    recipient: Any,
    public: Any,
    convertible: Any,
    shown: Any,
    beside: int | None,
) -> None:
    strike = None if beside is None else bid + beside * CENT / 2
    price = (bid / 2 if halved else bid) + off * CENT / 2
    assume(price > 0)
    sale = (shown[0] and price, shown[1] and bid)
    got = call("NASDAQ5635C", *map(cell, sale), recipient, public, convertible, cell(strike))
    assert got in oracle.equity_compensation(*sale, recipient, public, convertible, strike)


# Public offerings


@given(
    st.lists(st.sampled_from([True, True, True, False, UNKNOWN, None]), min_size=3, max_size=3),
    maybe(st.integers(48, 52)),
    maybe(near(Fraction(45, 100), Fraction(1, 2)) | st.just(Fraction(-1, 20))),
)
def test_public_offering(facts: list[Any], purchasers: int | None, discount: Any) -> None:
    got = call("PUBLICOFFERING", *facts, purchasers, cell(discount))
    assert got == oracle.public_offering(*facts, purchasers, discount)


@given(
    cents(),
    cents(10),
    maybe(st.sampled_from([Fraction(1, 8), Fraction(5, 4), Fraction(0)])),
    maybe(st.sampled_from([Fraction(1, 2), Fraction(1), Fraction(2)])),
)
def test_offering_discount(unit: Any, min_price: Any, value: Any, coverage: Any) -> None:
    got = call("OFFERINGDISCOUNT", cell(unit), cell(min_price), cell(value), cell(coverage))
    if coverage is not None and not value:
        assert got == "#N/A"
    else:
        assert got == nearest_float(oracle.offering_discount(unit, min_price, value, coverage))


@given(cents(10))
def test_a_discount_of_half_precludes_nothing_and_a_tick_more_does(min_price: Fraction) -> None:
    """The discount handed from one function to the other: no digit lost at the line."""
    at = min_price / 2 + Fraction(1, 8)

    def offered(unit: Fraction) -> Any:
        discount = call("OFFERINGDISCOUNT", cell(unit), cell(min_price), 0.125)
        return call("PUBLICOFFERING", True, True, True, 250, discount)

    assert offered(at) == "REVIEW"
    assert offered(at + CENT / 10) == "REVIEW"
    assert offered(at - CENT / 10) == "PRECLUDED"


@given(
    st.floats(0.5, 200),
    st.floats(0.5, 200),
    st.floats(0.25, 10),
    st.floats(-0.05, 0.2),
    st.floats(0.1, 2),
    st.floats(0, 0.1),
)
def test_black_scholes(
    spot: float, strike: float, years: float, rate: float, volatility: float, dividend: float
) -> None:
    numbers = [round(n, 4) for n in (spot, strike, years, rate, volatility, dividend)]
    got = call("BLACKSCHOLES", *numbers)
    assert math.isclose(got, oracle.call_value(*numbers), rel_tol=1e-9, abs_tol=1e-9)
    assert max(0, got) <= spot


@given(cents(), cents(0))
def test_prefunded_price(paid: Fraction, nominal: Fraction) -> None:
    assert call("PREFUNDEDPRICE", cell(paid), cell(nominal)) == cell(paid + nominal)


# Convertibles and future priced securities


@given(cents(), st.integers(1, 5_000_000), maybe(cents(0)), maybe(cents(0)))
def test_conversion_price(principal: Any, shares: int, cash: Any, accrued: Any) -> None:
    got = call("CONVERSIONPRICE", cell(principal), shares, cell(cash), cell(accrued))
    expected = oracle.conversion_price(principal, shares, cash, accrued)
    assert got == ("#NUM!" if expected is None else nearest_float(expected))


@st.composite
def convertibles(draw: st.DrawFn) -> list[Any]:
    min_price = draw(cents(10))
    coverage = draw(maybe(st.sampled_from([Fraction(1, 2), Fraction(1), Fraction(2)])))
    floor = unit_floor(min_price, min_price, coverage or 1)
    conversion = near(min_price, floor, tick=CENT / 4)
    exercise = near(min_price, tick=CENT)
    lowest = st.one_of(st.just(Fraction(0)), conversion)
    return [
        draw(maybe(conversion.filter(bool))),
        draw(st.sampled_from([min_price, min_price, min_price, None])),
        draw(maybe(exercise)),
        coverage,
        draw(maybe(lowest)),
        draw(maybe(exercise)),
    ]


@given(convertibles())
def test_convertible_discounted(drawn: list[Any]) -> None:
    got = call("CONVERTIBLEDISCOUNTED", *map(cell, drawn))
    assert any(
        got is w or (w is oracle.NEEDS_INPUT and got == w)
        for w in oracle.convertible_discounted(*drawn)
    )


@given(cents(10), st.sampled_from([Fraction(1, 2), Fraction(1), Fraction(2)]))
def test_the_floor_of_a_convertible_with_warrants(min_price: Fraction, coverage: Fraction) -> None:
    warrants = (cell(min_price), cell(min_price), cell(coverage))
    line = unit_floor(min_price, min_price, coverage)
    assert call("CONVERTIBLEDISCOUNTED", cell(line), *warrants) is False
    assert call("CONVERTIBLEDISCOUNTED", cell(line + CENT / 100), *warrants) is False
    assert call("CONVERTIBLEDISCOUNTED", cell(line - CENT / 100), *warrants) is True


@given(cents(1, 10**8), cents(), maybe(cents(0)), maybe(st.integers(1, 10**6)))
def test_future_priced_shares(value: Any, price: Any, floor: Any, cap: Any) -> None:
    got = call("FUTUREPRICEDSHARES", cell(value), cell(price), cell(floor), cap)
    assert got == oracle.future_priced_shares(value, price, floor, cap)


@given(COUNTS, cents(0), cents())
def test_net_exercise(warrants: int, exercise: Fraction, market: Fraction) -> None:
    got = call("NETEXERCISESHARES", warrants, cell(exercise), cell(market))
    assert got == oracle.net_exercise(warrants, exercise, market)


@given(
    st.lists(st.tuples(cents(), st.integers(1, 10**6)), min_size=1, max_size=6),
    maybe(st.integers(0, 10**6)),
)
def test_average_price(sales: list[Any], commitment: int | None) -> None:
    prices, shares = column([cell(p) for p, _ in sales]), column([n for _, n in sales])
    got = call("AVERAGEPRICE", prices, shares, commitment)
    assert got == nearest_float(oracle.average_price(sales, commitment or 0))


# Directors, votes, proxies, notices


@given(st.integers(1, 10**6), st.integers(1, 25), st.data())
def test_director_seats(every: int, board: int, data: st.DataObject) -> None:
    line = every * data.draw(st.integers(0, board)) // board
    own = min(every, max(0, line + data.draw(st.integers(-1, 1))))
    allowed = oracle.seats(own, every, board)
    assert call("DIRECTORSEATS", own, every, board) == allowed
    terms = (own, every, board, 0.05, True, every, every)
    if allowed:
        assert call("DIRECTORRIGHTS", allowed, *terms) == "OK"
    assert call("DIRECTORRIGHTS", allowed + 1, *terms) == "BREACH"


@given(
    maybe(st.integers(1, 5)),
    st.tuples(st.integers(0, 100), st.just(100)),
    st.integers(1, 12),
    maybe(near(Fraction(5, 100), Fraction(30, 100)).filter(bool)),
    st.sampled_from([True, True, True, False, UNKNOWN, None]),
    maybe(st.integers(0, 60)),
    maybe(st.just(100)),
)
def test_director_rights(
    designees: Any, then: Any, board: int, minimum: Any, step_down: Any, now: Any, every: Any
) -> None:
    got = call("DIRECTORRIGHTS", designees, *then, board, cell(minimum), step_down, now, every)
    assert got in oracle.director_rights(designees, then, board, minimum, step_down, now, every)


@given(st.integers(50, 400), st.integers(50, 90_000))
def test_rights_end_below_the_minimum_and_not_at_it(per_mille: int, every: int) -> None:
    minimum = per_mille / 1000
    least = -(-every * per_mille // 1000)
    then = (1, every, every, 10, minimum, True)
    assert call("DIRECTORRIGHTS", *then, least, every) == "OK"
    assert call("DIRECTORRIGHTS", *then, least - 1, every) == "REVIEW"


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 10**6))
def test_director_ownership(own: int, added: int, every: int) -> None:
    got = call("DIRECTOROWNERSHIP", own, added, every)
    assert got == ("#NUM!" if own > every else nearest_float(Fraction(own + added, every + added)))


@given(FACTS, FACTS)
def test_voting_rights(disparate: Any, approved: Any) -> None:
    words = {True: "BREACH", False: "OK", UNKNOWN: "REVIEW", None: "NEEDS INPUT"}
    assert call("VOTINGRIGHTS", disparate, approved) == words[disparate]


@given(
    st.sampled_from(
        ["PRIVATE PLACEMENT"] * 4 + ["ACQUISITIONS", "EQUITY COMPENSATION", UNKNOWN, None]
    ),
    st.sampled_from(
        [(5, 10, 0.2, "debt")] * 5
        + [
            (None, 10, 0.2, "debt"),
            (5, None, 0.2, "debt"),
            (5, 10, None, "debt"),
            (5, 10, 0.2, None),
        ]
    ),
    maybe(
        st.sampled_from([Fraction(1), Fraction(29999, 10000), Fraction(3), Fraction(30001, 10000)])
    ),
    FACTS,
    FACTS,
)
def test_generic_proxy(kind: Any, disclosed: Any, months: Any, change: Any, named: Any) -> None:
    got = call("GENERICPROXY", kind, *disclosed, cell(months), change, named)
    assert got in oracle.generic_proxy(kind, disclosed, months, change, named)


@given(st.dates(date(1990, 1, 1), date(2040, 12, 31)))
def test_latest_notice(issuance: date) -> None:
    assert call("LASDUE", issuance) == oracle.latest_notice(issuance)


# What is shown beside a verdict


@pytest.mark.parametrize(
    ("name", "line", "rest"),
    [
        ("NASDAQ5635A", Fraction(20, 100), (0, 0)),
        ("NASDAQ5635A", Fraction(5, 100), (0.05, 0.05)),
        ("NASDAQLAS", Fraction(10, 100), (False,) * 3),
        ("NASDAQ5635B", Fraction(20, 100), None),
    ],
)
@given(st.integers(1_000, 90_000_000), st.integers(-2, 2))
def test_no_displayed_share_crosses_its_line(
    name: str, line: Fraction, rest: Any, whole: int, off: int
) -> None:
    part = math.ceil(whole * line) + off
    arguments = (part, whole) if rest is None else (part, whole, None, None, *rest)
    shown = [
        row[1]
        for row in explain(name, *arguments)
        if str(row[0]).startswith(("Issuance as", "Position after"))
        and f"{float(line):.0%}" in str(row[2])
    ]
    assert shown
    for text in shown:
        *hedge, figure = str(text).split()
        value = Fraction(figure.removesuffix("%").replace(",", "")) / 100
        if hedge:
            value += Fraction(1 if hedge[-1] == "over" else -1, 10**60)
        exact = Fraction(part, whole)
        assert (value > line) - (value < line) == (exact > line) - (exact < line)


NINETEEN = (
    182,
    271,
    272,
    275,
    276,
    277,
    278,
    279,
    280,
    283,
    286,
    287,
    288,
    292,
    296,
    1136,
    1143,
    1649,
    1741,
)


@pytest.mark.parametrize("faq", NINETEEN)
def test_every_faq_of_the_source_is_known(faq: int) -> None:
    rows = call("RULEINFO", f"NASDAQ-FAQ-{faq}")[1:]
    assert rows
    assert all(row[0] and row[6] for row in rows)


@pytest.mark.parametrize("function", all_functions(), ids=lambda f: f.name)
def test_the_rules_behind_a_function_are_known(function: Function) -> None:
    for rule in function.rules:
        assert isinstance(call("RULEINFO", rule), list), rule
