"""The functions against an independent oracle, over many drawn calls, most of them near a line."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
import rule_oracle as oracle
from hypothesis import assume, example, given
from hypothesis import strategies as st
from rule_oracle import UNKNOWN
from stdnum import cusip as stdnum_cusip

from xl_compliance import call, explain

CENT = Fraction(1, 100)
FACTS = st.sampled_from([True, False, UNKNOWN, None])


def cell(number: Fraction | int | None) -> Any:
    """The number as a cell holds it: a float."""
    return None if number is None else float(number)


def column(values: list[Any]) -> list[list[Any]]:
    return [[value] for value in values]


def cents(least: int = 1, most: int = 10_000) -> st.SearchStrategy[Fraction]:
    return st.integers(least, most).map(lambda n: n * CENT)


def around(line: Fraction | int, tick: Fraction | int, ticks: int = 3) -> st.SearchStrategy[Any]:
    """On the line, or a few ticks to either side."""
    return st.integers(-ticks, ticks).map(lambda n: line + n * tick)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Given, or not."""
    return st.one_of(st.none(), strategy, strategy)


@st.composite
def parts_of(draw: st.DrawFn, whole: int, most: int = 4) -> list[int]:
    """Positive parts that add up to `whole`."""
    cuts = draw(st.lists(st.integers(1, max(1, whole - 1)), max_size=most - 1, unique=True))
    marks = [0, *sorted(cut for cut in cuts if cut < whole), whole]
    return [b - a for a, b in pairwise(marks)]


# Nasdaq: Listing Rule 5635(d)


@st.composite
def placements(draw: st.DrawFn, complete: bool = False) -> dict[str, Any]:
    """A placement near the lines of price and size, any piece of which may be missing."""
    sometimes = (lambda strategy: strategy) if complete else maybe
    facts = st.booleans() if complete else FACTS
    outstanding = draw(st.integers(5, 90_000_000))
    issuable = draw(
        st.one_of(around(-(-outstanding // 5), 1), st.integers(1, 2 * outstanding)).filter(
            lambda n: n > 0
        )
    )
    min_price = draw(cents(10))
    price = draw(
        st.one_of(around(min_price, CENT), around(min_price / 2, CENT / 2), cents()).filter(
            lambda p: p > 0
        )
    )
    votes_outstanding = draw(sometimes(st.integers(5, 90_000_000)))
    votes_issuable = draw(
        sometimes(around(-(-(votes_outstanding or 100) // 5), 1, 2).filter(lambda n: n > 0))
    )
    classes = draw(parts_of(outstanding, 3))
    return {
        "price": draw(sometimes(st.just(price))),
        "min_price": draw(sometimes(st.just(min_price))),
        "issuable": draw(sometimes(parts_of(issuable))),
        "outstanding": draw(sometimes(st.sampled_from([[outstanding], classes]))),
        "votes_issuable": votes_issuable,
        "votes_outstanding": votes_outstanding,
        "public_offering": draw(facts),
        "signed_on": draw(
            sometimes(
                st.sampled_from(
                    [date(2013, 6, 27), date(2018, 9, 25), date(2018, 9, 26), date(2024, 1, 2)]
                )
            )
        ),
        "book_value": draw(sometimes(around(price, CENT).filter(lambda p: p > 0))),
        "closing_bid": draw(sometimes(around(price, CENT).filter(lambda p: p > 0))),
        "lowest_exercise_price": draw(
            sometimes(
                st.one_of(st.just(Fraction(0)), around(min_price, CENT).filter(lambda p: p >= 0))
            )
        ),
    }


def placed(p: dict[str, Any]) -> list[Any]:
    return [
        cell(p["price"]),
        cell(p["min_price"]),
        p["issuable"] and column(p["issuable"]),
        p["outstanding"] and column(p["outstanding"]),
        p["votes_issuable"],
        p["votes_outstanding"],
        p["public_offering"],
        p["signed_on"],
        cell(p["book_value"]),
        cell(p["closing_bid"]),
        cell(p["lowest_exercise_price"]),
    ]


@given(placements())
def test_5635d(p: dict[str, Any]) -> None:
    assert call("NASDAQ5635D", *placed(p)) in oracle.private_placement(**p)


@given(placements(complete=True))
def test_5635d_everything_given(p: dict[str, Any]) -> None:
    (expected,) = oracle.private_placement(**p)
    assert expected in ("REQUIRED", "NOT REQUIRED", "REVIEW")
    assert call("NASDAQ5635D", *placed(p)) == expected


@given(placements())
def test_5635d_the_working_ends_with_the_verdict(p: dict[str, Any]) -> None:
    assert explain("NASDAQ5635D", *placed(p))[-1][:2] == ["Result", call("NASDAQ5635D", *placed(p))]


# Nasdaq: size


@given(st.integers(1, 90_000_000), st.integers(1, 90_000_000), st.data())
def test_issuance_percentage(issuable: int, outstanding: int, data: st.DataObject) -> None:
    expected = oracle.nearest_float(Fraction(issuable, outstanding))
    parts, classes = data.draw(parts_of(issuable)), data.draw(parts_of(outstanding))
    assert call("ISSUANCEPCT", issuable, outstanding) == expected
    assert call("ISSUANCEPCT", column(parts), [classes]) == expected


@given(st.integers(1, 900_000_000))
@example(5_059_747)
def test_cap_is_the_largest_issuance_that_does_not_reach_the_line(outstanding: int) -> None:
    cap = call("EXCHANGECAP", outstanding)
    assert cap == oracle.strict_cap(outstanding)
    assert not oracle.reaches_twenty_per_cent(cap, outstanding)
    assert oracle.reaches_twenty_per_cent(cap + 1, outstanding)
    if cap:
        assert call("NASDAQ5635D", 9.99, 10, cap, outstanding) == "NOT REQUIRED"
    assert call("NASDAQ5635D", 9.99, 10, cap + 1, outstanding) == "REQUIRED"


@given(st.integers(1, 900_000_000), st.integers(0, 900_000_000))
def test_cap_that_is_partly_used(outstanding: int, issued: int) -> None:
    assert call("EXCHANGECAP", outstanding, issued) == oracle.strict_cap(outstanding, issued)
    drafted = call("EXCHANGECAP", outstanding, issued, "19.99%")
    assert drafted == oracle.drafted_cap(outstanding, issued)


@given(st.integers(5, 90_000_000), st.integers(5, 900_000_000), st.integers(1, 20))
def test_cap_by_votes(outstanding: int, votes: int, each: int) -> None:
    cap = call("EXCHANGECAP", outstanding, None, None, votes, each)

    def reaches(shares: int) -> bool:
        return oracle.reaches_twenty_per_cent(
            shares, outstanding
        ) or oracle.reaches_twenty_per_cent(shares * each, votes)

    assert not reaches(cap)
    assert reaches(cap + 1)


@given(st.integers(1, 90_000_000), st.integers(-3, 3))
def test_no_displayed_size_crosses_the_line(outstanding: int, off: int) -> None:
    issuable = -(-outstanding // 5) + off
    assume(issuable > 0)
    exact = Fraction(issuable, outstanding)
    for name, arguments in (
        ("ISSUANCEPCT", (issuable, outstanding)),
        ("NASDAQ5635D", (9.99, 10, issuable, outstanding)),
    ):
        for item, shown, test, _ in explain(name, *arguments):
            if test == ">= 20%" and str(item).startswith("Issuance"):
                assert _side(_percent(shown), Fraction(1, 5)) == _side(exact, Fraction(1, 5))


@pytest.mark.parametrize("line", [Fraction(0), Fraction(1, 2)], ids=["0%", "50%"])
@given(cents(1000), st.integers(-3, 3), st.integers(2, 8))
def test_no_displayed_discount_crosses_a_line(
    line: Fraction, reference: Fraction, off: int, places: int
) -> None:
    """The discount beside the verdict stays on the side of the line where it is."""
    price = reference * (1 - line) + off * Fraction(1, 10**places)
    exact = 1 - price / reference
    for row in explain("NASDAQ5635D", cell(price), cell(reference), 30, 100, None, None, True):
        if row[0] == "Discount":
            assert _side(_percent(row[1]), line) == _side(exact, line), row


@given(st.integers(1, 500), st.integers(-3, 3), st.integers(2, 8))
def test_no_displayed_discount_crosses_fifteen_per_cent(n: int, off: int, places: int) -> None:
    close = 20 * n * CENT
    price = close * Fraction(85, 100) + off * Fraction(1, 10**places)
    assume(price > 0)
    exact, line = 1 - price / close, Fraction(15, 100)
    rows = [
        row
        for row in explain("TSX606", cell(price), cell(close), True, 1000, 1, 10, 100)
        if str(row[0]).startswith("Discount") and row[2] == "> 15%"
    ]
    assert rows
    for row in rows:
        assert _side(_percent(row[1]), line) == _side(exact, line), row


def _percent(text: Any) -> Fraction:
    """A displayed percentage; "just under 20%" is a hair below it."""
    words = str(text).split()
    figure = Fraction(words[-1].removesuffix("%").replace(",", "")) / 100
    hair = Fraction(1, 10**60)
    if words[0] == "just":
        figure += hair if words[1] == "over" else -hair
    return figure


def _side(number: Fraction, line: Fraction) -> int:
    return (number > line) - (number < line)


@given(
    maybe(st.dates(date(2012, 1, 1), date(2026, 12, 31))),
    st.integers(-3, 3),
    maybe(st.just(0)),
    st.lists(FACTS, min_size=5, max_size=5),
)
def test_aggregation(
    first: date | None, off: int, second_given: int | None, factors: list[Any]
) -> None:
    second = None
    if second_given is not None:
        second = oracle.six_months_after(first or date(2024, 1, 15)) + timedelta(off)
    assert call("NASDAQAGGREGATION", first, second, *factors) in oracle.aggregation(
        first, second, factors
    )


@given(st.dates(date(2000, 1, 1), date(2027, 6, 30)))
def test_aggregation_around_six_months(first: date) -> None:
    line = oracle.six_months_after(first)
    nothing = [False] * 5
    assert call("NASDAQAGGREGATION", first, line, *nothing) == "REVIEW"
    assert call("NASDAQAGGREGATION", first, line + timedelta(1), *nothing) == "NOT AGGREGATED"


# Nasdaq: warrants


@given(cents(), cents(0), maybe(cents(0)))
def test_warrant_value(min_price: Fraction, exercise: Fraction, lowest: Fraction | None) -> None:
    got = call("WARRANTVALUE", cell(min_price), cell(exercise), cell(lowest))
    assert got == oracle.nearest_float(oracle.warrant_value(min_price, exercise, lowest))


@given(
    cents(),
    cents(0),
    maybe(cents(0)),
    maybe(st.sampled_from([Fraction(1, 4), Fraction(1, 2), Fraction(1), Fraction(2)])),
)
def test_unit_floor_is_where_the_common_is_sold_at_the_minimum_price(
    min_price: Fraction, exercise: Fraction, lowest: Fraction | None, coverage: Fraction | None
) -> None:
    warrant = (cell(exercise), cell(coverage), cell(lowest))
    exact = oracle.unit_floor(min_price, exercise, coverage or 1, lowest)
    floor = call("UNITFLOOR", cell(min_price), *warrant)
    assert floor == oracle.nearest_float(exact)
    assert call("EFFECTIVEPRICE", floor, cell(min_price), *warrant) == cell(min_price)
    assert call("EFFECTIVEPRICE", cell(exact - CENT), cell(min_price), *warrant) == cell(
        min_price - CENT
    )
    value = call("WARRANTVALUE", cell(min_price), cell(exercise), cell(lowest))
    assert Fraction(str(floor)) == min_price + (coverage or 1) * Fraction(str(value))


@given(
    maybe(st.dates(date(2012, 1, 1), date(2026, 12, 31))),
    st.one_of(st.none(), st.just("APPROVAL"), st.integers(-3, 3), st.integers(-200, 400)),
    maybe(cents()),
    maybe(st.integers(-2, 2)),
    FACTS,
)
def test_warrants_aggregate(
    closing: date | None, first: Any, min_price: Fraction | None, off: int | None, discounted: Any
) -> None:
    if isinstance(first, int):
        first = oracle.six_months_after(closing or date(2024, 1, 15)) + timedelta(first)
    lowest = None if off is None else max(Fraction(0), (min_price or Fraction(10)) + off * CENT)
    got = call("WARRANTSAGGREGATE", closing, first, cell(min_price), cell(lowest), discounted)
    assert any(
        got is word if isinstance(word, bool) else got == word
        for word in oracle.warrants_aggregate(closing, first, min_price, lowest, discounted)
    )


@given(st.dates(date(2000, 1, 1), date(2027, 6, 30)))
@example(date(2023, 8, 31))
@example(date(2024, 8, 29))
def test_warrants_aggregate_around_six_months(closing: date) -> None:
    line = oracle.six_months_after(closing)
    assert call("WARRANTSAGGREGATE", closing, line, 10, 10) is False
    assert call("WARRANTSAGGREGATE", closing, line - timedelta(1), 10, 10) is True


# Nasdaq: prices

# Three weeks of March 2024 without a holiday.
SESSIONS = [
    day for day in (date(2024, 3, 4) + timedelta(n) for n in range(19)) if day.weekday() < 5
]


@given(st.lists(cents(), min_size=5, max_size=5))
def test_minimum_price_is_exact(closes: list[Fraction]) -> None:
    expected = oracle.nearest_float(oracle.minimum_price(closes))
    assert call("MINPRICE", column(list(map(cell, closes)))) == expected


@given(st.lists(cents(), min_size=5, max_size=5))
def test_a_deal_priced_at_the_average_is_not_below_it(closes: list[Fraction]) -> None:
    """The Minimum Price fed back as the price of a deal: at it, not below."""
    minimum = call("MINPRICE", column(list(map(cell, closes))))
    exact = oracle.minimum_price(closes)
    assert call("NASDAQ5635D", cell(exact), minimum, 30, 100) == "NOT REQUIRED"
    assert call("NASDAQ5635D", cell(exact - CENT / 10), minimum, 30, 100) == "REQUIRED"


@given(
    st.lists(cents(), min_size=len(SESSIONS), max_size=len(SESSIONS)),
    st.permutations(range(len(SESSIONS))),
    st.sampled_from([SESSIONS[0] + timedelta(n) for n in range(21)]),
    st.sampled_from([time(9, 30), time(15, 59, 59), time(16), time(16, 0, 1), time(23, 59)]),
    st.sets(st.integers(0, len(SESSIONS) - 1), max_size=2),
)
def test_minimum_price_with_dates(
    closes: list[Fraction], order: list[int], day: date, clock: time, missing: set[int]
) -> None:
    rows = [n for n in order if n not in missing]
    window = oracle.counting_sessions(SESSIONS, day, clock >= time(16), 5)
    given_days = {SESSIONS[n] for n in rows}
    got = call(
        "MINPRICE",
        column([cell(closes[n]) for n in rows]),
        column([SESSIONS[n] for n in rows]),
        datetime.combine(day, clock),
    )
    if len(window) < 5 or not set(window) <= given_days:
        assert got == "#N/A"
    else:
        counted = [closes[SESSIONS.index(session)] for session in window]
        assert got == oracle.nearest_float(oracle.minimum_price(counted))
    bid = call(
        "MARKETVALUE",
        column([cell(closes[n]) for n in rows]),
        column([SESSIONS[n] for n in rows]),
        datetime.combine(day, clock),
    )
    if not window or window[-1] not in given_days:
        assert bid == "#N/A"
    else:
        assert bid == cell(closes[SESSIONS.index(window[-1])])


@given(
    st.sampled_from([*SESSIONS[5:], SESSIONS[-1] + timedelta(1)]),
    st.sampled_from([time(9, 30), time(15, 59, 59), time(16), time(16, 0, 1)]),
    st.integers(1, 5),
)
def test_pricing_dates(day: date, clock: time, count: int) -> None:
    expected = oracle.counting_sessions(SESSIONS, day, clock >= time(16), count)
    got = call("PRICINGDATES", datetime.combine(day, clock), "NASDAQ", count)
    assert got == column(expected)


@given(cents(), cents())
def test_discount(price: Fraction, reference: Fraction) -> None:
    expected = oracle.nearest_float((reference - price) / reference)
    assert call("DISCOUNTPCT", cell(price), cell(reference)) == expected


# TSX


def _pairs_on_the_line() -> list[tuple[int, int]]:
    """Offer and close in cents, up to $100, whose discount is exactly 15%."""
    return [
        (offer, close)
        for close in range(1, 10_001)
        for offer in [close * 85 // 100]
        if offer * 100 == close * 85
    ]


def test_every_cent_pair_on_the_fifteen_per_cent_line() -> None:
    pairs = _pairs_on_the_line()
    traps = [(o, c) for o, c in pairs if 1 - (o / 100) / (c / 100) > 0.15]
    assert len(traps) == 364
    for offer, close in pairs:
        at = (offer / 100, close / 100)
        assert call("DISCOUNTPCT", *at) == 0.15, at
        assert call("TSX606", *at, True, 1000, 1, 10, 100) == "606", at
        beyond = ((offer - 1) / 100, close / 100)
        if offer > 1:
            route = call("TSX606", *beyond, True, 1000, 1, 10, 100)
            assert route == "607 ALL INSIDER PURCHASES", beyond


@st.composite
def offerings(draw: st.DrawFn) -> dict[str, Any]:
    """A prospectus offering with everything given, near its lines."""
    close = draw(st.integers(1, 500).map(lambda n: 20 * n * CENT))
    price = draw(
        st.one_of(around(close * Fraction(85, 100), CENT), around(close, CENT)).filter(
            lambda p: p > 0
        )
    )
    offering = draw(st.integers(100, 5_000_000))
    outstanding = draw(st.integers(1_000, 90_000_000))
    public_net = draw(maybe(around(price, CENT).filter(lambda p: p > 0)))
    insiders, left = [], outstanding  # together they hold no more than there is
    for _ in range(draw(st.integers(1, 4))):
        held = draw(st.integers(0, left))
        left -= held
        room = oracle.pro_rata(held, outstanding, offering)
        bought = draw(st.one_of(st.just(0), around(room, 1), st.integers(0, offering)))
        net = None
        if public_net is not None:
            net = draw(
                maybe(
                    st.one_of(
                        around(public_net, CENT), around(close * Fraction(85, 100), CENT)
                    ).filter(lambda p: p > 0)
                )
            )
        insiders.append((max(0, bought), held, net))
    if draw(st.booleans()):
        insiders = [(bought, held, net or public_net) for bought, held, net in insiders]
    return {
        "price": price,
        "close": close,
        "broadly_marketed": draw(st.sampled_from([True, True, True, False, UNKNOWN, None])),
        "offering": offering,
        "insiders": insiders,
        "outstanding": outstanding,
        "public_net": public_net,
        "as_of": draw(
            maybe(st.sampled_from([date(2023, 4, 19), date(2023, 4, 20), date(2026, 1, 2)]))
        ),
        "life": draw(st.booleans()),
    }


@given(offerings())
def test_606(offering: dict[str, Any]) -> None:
    insiders = offering["insiders"]
    nets = [cell(net) for _, _, net in insiders]
    arguments = [
        cell(offering["price"]),
        cell(offering["close"]),
        offering["broadly_marketed"],
        offering["offering"],
        column([bought for bought, _, _ in insiders]),
        column([held for _, held, _ in insiders]),
        offering["outstanding"],
        column(nets),
        cell(offering["public_net"]),
        offering["as_of"],
        "LIFE" if offering["life"] else None,
    ]
    route, securities = oracle.tsx_606(**offering)
    assert call("TSX606", *arguments) == route
    excess = call("TSX606EXCESS", *arguments)
    assert excess == ("#N/A" if securities is None else securities)


@given(offerings())
def test_606_nobody_offsets_anybody(offering: dict[str, Any]) -> None:
    """The excess of all insiders is the sum of each alone."""
    offering |= {"broadly_marketed": True, "public_net": None, "as_of": None, "life": False}
    price = offering["close"]

    def excess(insiders: list[Any]) -> Any:
        return call(
            "TSX606EXCESS",
            cell(price),
            cell(offering["close"]),
            True,
            offering["offering"],
            column([bought for bought, _, _ in insiders]),
            column([held for _, held, _ in insiders]),
            offering["outstanding"],
        )

    together = excess(offering["insiders"])
    assert together == sum(excess([insider]) for insider in offering["insiders"])


@given(offerings(), st.integers(1, 1_000))
def test_606_of_more_than_there_is(offering: dict[str, Any], more: int) -> None:
    """What insiders hold together is at most what is outstanding; one share more is no holding."""
    held = [held for _, held, _ in offering["insiders"]]
    for another, possible in ((0, True), (more, False)):
        held[-1] = offering["outstanding"] - sum(held[:-1]) + another
        answer = call(
            "TSX606EXCESS",
            *(cell(offering["close"]), cell(offering["close"]), True, offering["offering"]),
            *(column([0 for _ in held]), column(held), offering["outstanding"]),
        )
        assert answer == (0 if possible else "#NUM!")


@given(st.integers(1, 90_000_000), st.integers(1, 5_000_000), st.data())
def test_pro_rata(outstanding: int, offering: int, data: st.DataObject) -> None:
    held = data.draw(st.integers(0, outstanding))
    expected = oracle.pro_rata(held, outstanding, offering)
    assert call("TSXPRORATA", held, outstanding, offering) == expected
    if expected:
        route = call("TSX606", 9, 10, True, offering, expected, held, outstanding)
        assert route == "606"
    route = call("TSX606", 9, 10, True, offering, expected + 1, held, outstanding)
    assert route == "607 INSIDER EXCESS"


@given(st.one_of(st.none(), st.integers(47, 53), st.integers(1, 500)), FACTS, FACTS)
def test_broadly_marketed(purchasers: int | None, dealers: Any, abroad: Any) -> None:
    got = call("TSXBROADLYMARKETED", purchasers, dealers, abroad)
    assert any(
        got is word if isinstance(word, bool) else got == word
        for word in oracle.broadly_marketed(purchasers, dealers, abroad)
    )


# SEC

RIGHTS = st.lists(
    st.tuples(st.integers(0, 5_000_000), st.one_of(st.integers(57, 63), st.integers(-900, 900))),
    min_size=1,
    max_size=5,
)


@given(st.integers(0, 5_000_000), RIGHTS, st.integers(5_000_000, 90_000_000), st.booleans())
def test_beneficial_ownership(
    held: int, drawn: list[tuple[int, int]], outstanding: int, control: bool
) -> None:
    as_of = date(2024, 1, 15)
    rights = [(shares, as_of + timedelta(days)) for shares, days in drawn]
    counted = oracle.counted_rights(rights, as_of, control)
    shares, days = column([s for s, _ in rights]), column([d for _, d in rights])
    got = call("BENEFICIALSHARES", held, shares, days, as_of, control)
    assert got == held + counted
    percentage = call("BENEFICIALPCT", held, shares, outstanding, days, as_of, control)
    exact = oracle.beneficial_fraction(held, counted, outstanding)
    assert percentage == oracle.nearest_float(exact)
    everything = oracle.counted_rights([(s, None) for s, _ in rights], None)
    assert call("BENEFICIALSHARES", held, shares) == held + everything


@given(
    st.one_of(
        st.integers(0, 10_000).map(lambda n: Fraction(n, 10_000)),
        st.integers(0, 1999).map(lambda n: Fraction(2 * n + 1, 4000)),
        st.integers(0, 10**12).map(lambda n: Fraction(n, 10**12)),
    )
)
@example(Fraction(361989141, 10**9))
def test_row_13_rounds_half_up(fraction: Fraction) -> None:
    assert call("SC13DROW13", cell(fraction)) == oracle.row_13(fraction)


CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*@#"


@given(st.text(CHARACTERS + "abcxyz ", min_size=7, max_size=11).filter(lambda t: t.strip()))
def test_cusip_against_stdnum(text: str) -> None:
    assert call("CUSIPVALID", text) is stdnum_cusip.is_valid(text)


@given(st.text(CHARACTERS, min_size=8, max_size=8))
def test_exactly_one_check_digit_is_right(first_eight: str) -> None:
    right = [digit for digit in "0123456789" if call("CUSIPVALID", first_eight + digit) is True]
    assert right == [stdnum_cusip.calc_check_digit(first_eight)]


@given(cents(0, 10_000_000), cents(1, 100_000))
def test_converted_shares(preferred: Fraction, ratio: Fraction) -> None:
    expected = int(preferred * ratio)
    assert call("CONVERTEDSHARES", cell(preferred), cell(ratio)) == expected


@given(cents(1, 100_000_000), st.integers(1, 5_000_000))
def test_price_per_share(paid: Fraction, shares: int) -> None:
    assert call("PRICEPERSHARE", cell(paid), shares) == oracle.nearest_float(paid / shares)


@pytest.mark.parametrize("name", ["DISCOUNTPCT", "PRICEPERSHARE", "CONVERTEDSHARES"])
@given(st.lists(cents(), min_size=1, max_size=4), st.lists(cents(), min_size=1, max_size=4))
def test_what_spills_is_what_each_cell_alone_would_be(
    name: str, first: list[Fraction], second: list[Fraction]
) -> None:
    rows, columns = list(map(cell, first)), list(map(cell, second))
    table = [[call(name, a, b) for b in columns] for a in rows]
    expected = table if len(rows) > 1 or len(columns) > 1 else table[0][0]
    assert call(name, column(rows), [columns]) == expected
