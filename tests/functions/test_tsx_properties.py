"""Sections 606 and 607 against an independent oracle: every line, every insider, every session."""

from __future__ import annotations

import importlib.util
import math
import os
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

import pytest
import rule_oracle as oracle
from hypothesis import assume, given
from hypothesis import strategies as st

from xl_compliance import call, explain

CENT = Fraction(1, 100)

# exchange_calendars 4.13 itself trips this warning of pandas 3.1.
pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning")


def cell(number: Fraction | int | None) -> Any:
    """The number as a cell holds it: a float."""
    return None if number is None else float(number)


def column(values: list[Any]) -> list[list[Any]]:
    return [[value] for value in values]


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Given, or not."""
    return st.one_of(st.none(), strategy, strategy)


# The 15% line


def test_every_cent_pair_within_a_cent_of_the_fifteen_per_cent_line() -> None:
    """Up to $100: the offers next to 85% of every close, two to each side."""
    wrong = []
    for close in range(1, 10_001):
        below = close * 85 // 100
        for offer in range(max(1, below - 1), below + 3):
            # One holding of ten shares in a hundred, and a purchase within pro rata.
            route = call("TSX606", offer / 100, close / 100, True, 1000, 1, 10, 100)
            beyond = 100 * offer < 85 * close
            if route != ("607 ALL INSIDER PURCHASES" if beyond else "606"):
                wrong.append((offer, close, route))
    assert wrong == []


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_any_cent_pair(offer: int, close: int) -> None:
    route = call("TSX606", offer / 100, close / 100, True, 1000, 1, 10, 100)
    beyond = oracle.beyond_fifteen(Fraction(offer, 100), Fraction(close, 100))
    assert route == ("607 ALL INSIDER PURCHASES" if beyond else "606")


# The insider split


@st.composite
def insider_books(draw: st.DrawFn) -> dict[str, Any]:
    """Insiders around their pro rata shares, in whole shares or in hundredths of a share."""
    unit = draw(st.sampled_from([1, CENT]))
    outstanding = draw(st.integers(1_000, 90_000_000))
    offering = draw(st.integers(1, 5_000_000))
    insiders, left = [], outstanding
    for _ in range(draw(st.integers(1, 6))):
        held = draw(st.integers(0, left))
        left -= held  # together they hold no more than there is
        held *= unit
        room = oracle.pro_rata(held, outstanding, offering)
        near = draw(st.integers(-2, 2)) * unit + room
        bought = draw(st.one_of(st.just(0), st.just(max(near, 0)), st.integers(0, offering)))
        insiders.append((bought, held, draw(st.sampled_from([94, 94, 93, 95])) * CENT))
    price = draw(st.sampled_from([84, 85, 90, 100])) * CENT
    return {"insiders": insiders, "outstanding": outstanding, "offering": offering, "price": price}


def split(book: dict[str, Any], with_nets: bool) -> Any:
    bought, held, nets = zip(*book["insiders"], strict=True)
    return call(
        "TSX606EXCESS",
        cell(book["price"]),
        1,
        True,
        book["offering"],
        column(list(map(cell, bought))),
        column(list(map(cell, held))),
        book["outstanding"],
        column(list(map(cell, nets))) if with_nets else None,
        cell(94 * CENT) if with_nets else None,
    )


@given(insider_books(), st.booleans())
def test_never_more_than_insiders_bought_never_less_than_each_excess(
    book: dict[str, Any], with_nets: bool
) -> None:
    sent = split(book, with_nets)
    everything = sum(bought for bought, _, _ in book["insiders"])
    excesses = sum(
        max(0, bought - oracle.pro_rata(held, book["outstanding"], book["offering"]))
        for bought, held, _ in book["insiders"]
    )
    assert cell(excesses) <= sent <= cell(everything)


@given(insider_books(), st.booleans())
def test_the_split_is_the_oracle_s(book: dict[str, Any], with_nets: bool) -> None:
    insiders = [(b, h, net if with_nets else None) for b, h, net in book["insiders"]]
    _, securities = oracle.tsx_606(
        book["price"],
        1,
        True,
        book["offering"],
        insiders,
        book["outstanding"],
        94 * CENT if with_nets else None,
    )
    assert split(book, with_nets) == (cell(securities) if securities is not None else "#N/A")


@given(insider_books(), st.integers(1, 1_000))
def test_insiders_who_hold_too_much_together_get_no_answer(book: dict[str, Any], more: int) -> None:
    whole = sum(held for _, held, _ in book["insiders"])
    short = math.ceil(whole) - more
    assume(short > max(held for _, held, _ in book["insiders"]))
    assert split(book | {"outstanding": short}, False) == "#NUM!"


@given(insider_books())
def test_one_more_insider_never_sends_less(book: dict[str, Any]) -> None:
    fewer = book | {"insiders": book["insiders"][:-1]}
    assume(fewer["insiders"])
    assert split(fewer, False) <= split(book, False)


# Net proceeds

POINTS = st.integers(0, 2000).map(lambda n: Fraction(n, 20_000))


@given(st.integers(1, 10_000), POINTS, POINTS, maybe(POINTS), st.booleans())
def test_net_test(
    price: int, commission: Fraction, fee: Fraction, insider: Fraction | None, tie: bool
) -> None:
    if tie and insider is not None and insider <= commission:
        fee = commission - insider
    less = oracle.insider_nets_less(price * CENT, commission, fee, insider)
    arguments = (cell(price * CENT), cell(commission), cell(fee), cell(insider))
    assert call("TSXNETTEST", *arguments) == ("607" if less else "606")
    net = price * CENT * (1 - commission - fee)
    assert call("TSXNETPRICE", cell(price * CENT), cell(commission), cell(fee)) == cell(net)


@given(st.integers(1, 10_000), st.integers(-2, 2))
def test_net_prices_tell_the_two_tests_the_same(price: int, off: int) -> None:
    """What TSXNETPRICE gives, TSXCONCURRENT and TSX606 compare as TSXNETTEST does."""
    fee = Fraction(6, 100) + Fraction(off, 10_000)
    public = call("TSXNETPRICE", price / 100, 0.06)
    insider = call("TSXNETPRICE", price / 100, 0, cell(fee))
    less = off > 0
    assert call("TSXCONCURRENT", public, insider) == ("607" if less else "606 IF WAIVED")
    route = call("TSX606", price / 100, price / 100, True, 1000, 1, 10, 100, insider, public)
    assert route == ("607 INSIDER EXCESS" if less else "606")


# Market price, bands, section 607


@given(
    st.lists(
        st.tuples(st.integers(1, 10**9).map(lambda n: n * CENT), st.integers(1, 10**7)),
        min_size=5,
        max_size=5,
    )
)
def test_vwap_is_exact(rows: list[tuple[Fraction, int]]) -> None:
    values, volumes = zip(*rows, strict=True)
    exact = oracle.vwap(values, volumes)
    got = call("TSXVWAP", column(list(map(cell, values))), column(list(volumes)))
    assert got == oracle.nearest_float(exact)


@given(st.lists(st.integers(1, 10_000), max_size=9).filter(lambda values: len(values) != 5))
def test_vwap_of_other_than_five_sessions_is_not_available(values: list[int]) -> None:
    assume(values)
    assert call("TSXVWAP", column(values), column(values)) == "#N/A"


def test_the_band_of_every_tenth_of_a_cent_up_to_three_dollars() -> None:
    for tenths in range(1, 3001):
        discounts = oracle.maximum_discounts(Fraction(tenths, 1000))
        expected = cell(discounts[0]) if len(discounts) == 1 else "#N/A"
        assert call("TSXMAXDISCOUNT", tenths / 1000) == expected, tenths


def test_the_lowest_price_of_every_band_is_within_it_and_a_tick_less_is_not() -> None:
    tick = Fraction(1, 10_000)
    for cents in range(1, 10_001):
        market = cents * CENT
        (most,) = oracle.maximum_discounts(market)
        lowest = market * (1 - most)
        rest = (1, 100, 0, 0.1)
        assert call("TSX607", cell(lowest), cell(market), *rest) == "NOT REQUIRED", cents
        assert call("TSX607", cell(lowest - tick), cell(market), *rest) == "REQUIRED", cents


@st.composite
def placements(draw: st.DrawFn) -> dict[str, Any]:
    """A placement near the lines of section 607, any piece of which may be missing."""
    market = draw(
        st.one_of(
            st.integers(495, 515).map(lambda n: Fraction(n, 1000)),
            st.integers(195, 205).map(lambda n: n * CENT),
            st.integers(1, 10_000).map(lambda n: n * CENT),
        )
    )
    discount = draw(st.sampled_from([Fraction(n, 100) for n in (-1, 0, 1, 14, 15, 20, 25)]))
    price = market * (1 - discount) + draw(st.integers(-1, 1)) * Fraction(1, 10**6)
    outstanding = draw(st.integers(10, 90_000_000))
    near = st.integers(-1, 1)
    return {
        "price": draw(maybe(st.just(price))),
        "market_price": draw(maybe(st.just(market))),
        "issuable": draw(maybe(near.map(lambda n: max(1, outstanding // 4 + n)))),
        "outstanding": draw(maybe(st.just(outstanding))),
        "insiders": draw(maybe(st.one_of(st.just(0), near.map(lambda n: outstanding // 10 + n)))),
        "holder_after": draw(maybe(st.sampled_from([1, 1999, 2000, 2001, 10_000]))),
        "holder_before": draw(maybe(st.sampled_from([1, 1999, 2000, 2001]))),
    }


@given(placements())
def test_607(placement: dict[str, Any]) -> None:
    assume(placement["insiders"] is None or placement["insiders"] >= 0)
    for holder in ("holder_after", "holder_before"):
        if placement[holder] is not None:
            placement[holder] = Fraction(placement[holder], 10_000)
    got = call("TSX607", *map(cell, placement.values()))
    assert got == oracle.tsx_607(**placement)


@pytest.mark.parametrize("market", [Fraction(1, 2), Fraction(505, 1000), 1, 10])
@given(off=st.integers(-3, 3), places=st.integers(3, 9))
def test_no_displayed_discount_crosses_a_band(market: Fraction, off: int, places: int) -> None:
    for most in oracle.maximum_discounts(market):
        price = market * (1 - most) + off * Fraction(1, 10**places)
        exact = 1 - price / market
        for row in explain("TSX607", cell(price), cell(market), 1, 100, 0, 0.1):
            if row[0] == "Discount to the market price" and "just" not in str(row[1]):
                shown = Fraction(str(row[1]).removesuffix("%")) / 100
                assert (shown > most) == (exact > most), row
                assert (shown < most) == (exact < most), row


# Sessions: a walk, day by day, over another source's calendar


@pytest.fixture(scope="module")
def sessions() -> oracle.Sessions:
    """Opens and closes of TSX, on the clock of Toronto."""
    if importlib.util.find_spec("exchange_calendars") is None:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail("exchange_calendars is not installed: the sessions went unchecked")
        pytest.skip("exchange_calendars is not installed; it is the reference for this test")
    import exchange_calendars

    calendar = exchange_calendars.get_calendar("XTSE", start="2022-12-01", end="2027-12-31")
    return {
        day.date(): tuple(
            moment.tz_convert("America/Toronto").tz_localize(None).to_pydatetime()
            for moment in (calendar.session_open(day), calendar.session_close(day))
        )
        for day in calendar.sessions
    }


CLOCKS = [
    time(0, 0, 1),
    time(9, 29, 59),
    time(9, 30),
    time(9, 30, 1),
    time(12, 59, 59),
    time(13),
    time(13, 0, 1),
    time(15, 59, 59),
    time(16),
    time(16, 0, 1),
    time(23, 59, 59),
]
FIRST_DAY, LAST_DAY = date(2023, 4, 20), date(2027, 12, 20)
DAYS = [FIRST_DAY + timedelta(n) for n in range((LAST_DAY - FIRST_DAY).days)]
# Around every early close and holiday of a year, and the first days of the rule.
INTERESTING = [day for day in DAYS if day.month in (4, 5, 12) or day.day <= 4]


def test_seasoning_over_every_interesting_day(sessions: oracle.Sessions) -> None:
    for day in INTERESTING:
        answers = set()
        for clock in CLOCKS:
            released = datetime.combine(day, clock)
            expected = oracle.first_completed_after(sessions, released) or "REVIEW"
            assert call("TSXSEASONEDFROM", released) == expected, released
            answers.add(expected)
        whole_day = call("TSXSEASONEDFROM", day)
        assert whole_day == (answers.pop() if len(answers) == 1 else "#N/A"), day


def test_reference_close_over_every_interesting_day(sessions: oracle.Sessions) -> None:
    """Every session has a close of its own, so a close tells which session it is of."""
    for day in INTERESTING:
        around = [d for n in range(-7, 8) if (d := day + timedelta(n)) in sessions]
        closes, dates = column([d.toordinal() for d in around]), column(around)
        for clock in CLOCKS:
            announced = datetime.combine(day, clock)
            expected = oracle.last_completed(sessions, announced)
            got = call("TSXREFERENCECLOSE", closes, dates, announced)
            assert got == expected.toordinal(), announced


@given(
    st.sampled_from(DAYS[14:]),
    st.sampled_from(CLOCKS),
    st.integers(-1, 6),
    st.sampled_from(CLOCKS),
)
def test_reference_close_after_material_information(
    sessions: oracle.Sessions, day: date, clock: time, days_before: int, released_at: time
) -> None:
    announced = datetime.combine(day, clock)
    released = datetime.combine(day - timedelta(days_before), released_at)
    around = [d for n in range(-14, 8) if (d := day + timedelta(n)) in sessions]
    reference = oracle.last_completed(sessions, announced)
    # While a session is open, only the next one is sure.
    usable = oracle.first_completed_after(sessions, released)
    if usable is None:
        usable = oracle.first_completed_after(
            sessions, sessions[released.date()][1] + timedelta(hours=1)
        )
    got = call(
        "TSXREFERENCECLOSE",
        column([d.toordinal() for d in around]),
        column(around),
        announced,
        released,
    )
    assert got == (reference.toordinal() if reference >= usable else "#N/A")


# Many insiders


def test_100_000_insiders_in_one_call_are_what_row_by_row_gives() -> None:
    outstanding, offering = 250_000_007, 40_000_003
    held = [(n * 7919) % 5_000 for n in range(100_000)]
    bought = [(n * 104_729) % 900 for n in range(100_000)]
    together = call(
        "TSX606EXCESS", 9, 10, True, offering, column(bought), column(held), outstanding
    )
    plain = sum(max(0, b - h * offering // outstanding) for b, h in zip(bought, held, strict=True))
    assert together == plain
    some = range(0, 100_000, 97)
    by_row = [
        call("TSX606EXCESS", 9, 10, True, offering, bought[n], held[n], outstanding) for n in some
    ]
    assert by_row == [max(0, bought[n] - held[n] * offering // outstanding) for n in some]
    together = call(
        "TSX606EXCESS", 8.49, 10, True, offering, column(bought), column(held), outstanding
    )
    assert together == sum(bought)
