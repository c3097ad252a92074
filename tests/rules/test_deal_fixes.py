"""Ways out of a vote: each reaches its verdict and one tick less does not, by another reckoning.

The oracle below knows nothing of the product: plain fractions and the text of the FAQs.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xl_compliance import call
from xl_compliance.rules.nasdaq import deal_fixes
from xl_compliance.rules.nasdaq.deal_fixes import Terms, Unit, Warrants, fixes, shares_left

TICK = Fraction(1, 10_000)
WEIGHT = {"NOT REQUIRED": 0, "REVIEW": 1, "REQUIRED": 2}


def six_months_after(day: date) -> date:
    year, month = day.year + (day.month + 5) // 12, (day.month + 5) % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def oracle(terms: Terms) -> str:
    """REQUIRED, REVIEW or NOT REQUIRED, by FAQ 182, 277, 278 and 279 in fractions."""
    floor_price = Fraction(terms.compared_with)
    prices = []
    for unit in terms.units:
        value = sum(
            Fraction(each.shares)
            / Fraction(unit.shares)
            * (Fraction(1, 8) + max(0, floor_price - Fraction(each.lowest)))
            for each in unit.warrants
        )
        prices.append(Fraction(unit.price) - value)
    prices += [Fraction(each.lowest) for each in terms.alone]
    discounted = min(prices) < floor_price
    counted = Fraction(terms.beside) + sum(Fraction(unit.shares) for unit in terms.units)
    for each in terms.warrants:
        cheap = Fraction(each.lowest) < floor_price
        late = isinstance(
            each.first_exercisable, date
        ) and each.first_exercisable >= six_months_after(terms.closing)
        if (discounted and not (late and not cheap)) or (not discounted and cheap):
            counted += Fraction(each.shares)
    if terms.cap is not None:
        counted = min(counted, Fraction(terms.cap))
    counted += Fraction(terms.issued)
    if counted * 5 < sum(map(Fraction, terms.outstanding)):
        return "NOT REQUIRED"
    if discounted:
        return "REQUIRED"
    cheapest = min((Fraction(each.lowest) for each in terms.warrants), default=floor_price)
    return "REVIEW" if cheapest < floor_price else "NOT REQUIRED"


cents = st.integers(min_value=50, max_value=2_000).map(lambda n: Decimal(n).scaleb(-2))
days = st.dates(min_value=date(2023, 1, 1), max_value=date(2025, 12, 31))


@st.composite
def deals(draw) -> Terms:
    closing = draw(days)
    units = []
    for _ in range(draw(st.integers(1, 2))):
        shares = draw(st.integers(1_000, 2_000_000))
        warrants = []
        for _ in range(draw(st.integers(0, 2))):
            strike = draw(cents)
            warrants.append(
                Warrants(
                    draw(st.integers(1_000, 2_000_000)),
                    strike,
                    draw(st.sampled_from([strike, min(strike, Decimal("1.5"))])),
                    draw(
                        st.sampled_from(
                            [
                                closing,
                                six_months_after(closing),
                                six_months_after(closing) - timedelta(days=1),
                            ]
                        )
                    ),
                )
            )
        units.append(Unit(shares, draw(cents), tuple(warrants)))
    return Terms(
        tuple(units),
        draw(cents),
        (draw(st.integers(1_000_000, 20_000_000)),),
        closing,
        beside=draw(st.sampled_from([0, 50_000])),
        issued=draw(st.sampled_from([0, 100_000])),
    )


@given(deals())
def test_the_verdict_is_the_oracle_s(terms):
    assert deal_fixes.verdict(terms).value == oracle(terms)


@given(deals())
def test_a_way_out_reaches_its_verdict_and_one_tick_less_does_not(terms):
    found = fixes(terms)
    assert bool(found) == (oracle(terms) == "REQUIRED")
    for fix in found:
        if fix.way == deal_fixes.VOTE:
            continue
        assert oracle(fix.terms) == fix.verdict != "REQUIRED", fix
        for less in one_tick_less(terms, fix):
            assert WEIGHT[oracle(less)] > WEIGHT[fix.verdict], (fix, less)


def one_tick_less(terms: Terms, fix):
    """The same way, stopped one step short, in every figure of it that was changed."""
    after = fix.terms
    if fix.way == deal_fixes.CAP:
        # One share more than the cap allows.
        yield replace(after, cap=fix.to + 1)
    elif fix.way == deal_fixes.DEFER:
        yield with_warrants(after, lambda each: earlier(each, fix.to))
    elif fix.way in (deal_fixes.RAISE_STRIKE, deal_fixes.DEFER_AND_RAISE):
        strike = fix.to if fix.way == deal_fixes.RAISE_STRIKE else fix.second
        yield with_warrants(after, lambda each: cheaper(each, strike))
        if fix.way == deal_fixes.DEFER_AND_RAISE:
            yield with_warrants(after, lambda each: earlier(each, fix.to))
    else:
        for place, (old, new) in enumerate(zip(terms.units, after.units, strict=True)):
            if new.price != old.price:
                units = list(after.units)
                units[place] = replace(new, price=Decimal(new.price) - Decimal("0.0001"))
                yield replace(after, units=tuple(units))


def with_warrants(terms: Terms, change) -> Terms:
    units = tuple(replace(u, warrants=tuple(map(change, u.warrants))) for u in terms.units)
    return replace(terms, units=units, alone=tuple(map(change, terms.alone)))


def earlier(each: Warrants, day: date) -> Warrants:
    if each.first_exercisable != day:
        return each
    return replace(each, first_exercisable=day - timedelta(days=1))


def cheaper(each: Warrants, strike) -> Warrants:
    less = strike - Decimal("0.0001")
    if each.lowest != strike:
        return each
    return replace(each, exercise_price=less, lowest=less)


@given(deals())
def test_shares_left_are_the_last_that_need_no_vote(terms):
    left = shares_left(terms)
    more = deal_fixes.counted_shares(terms) + terms.issued + left
    whole = sum(terms.outstanding)
    assert (more + 1) * 5 >= whole
    assert more * 5 < whole or left == 0


@pytest.mark.parametrize(
    ("closing", "day"),
    [
        (date(2023, 8, 31), date(2024, 2, 29)),
        (date(2024, 8, 31), date(2025, 2, 28)),
        (date(2024, 8, 30), date(2025, 2, 28)),
        (date(2024, 2, 29), date(2024, 8, 29)),
        (date(2024, 12, 31), date(2025, 6, 30)),
        (date(2024, 1, 15), date(2024, 7, 15)),
    ],
)
def test_deferring_on_month_ends(closing, day):
    """Six months from a day that the later month does not have end on that month's last."""
    warrant = Warrants(600_000, 10, 10, closing)
    terms = Terms((Unit(600_000, Decimal("9.99"), (warrant,)),), 10, (5_000_000,), closing)
    (found,) = [fix for fix in fixes(terms) if fix.way == deal_fixes.DEFER]
    assert (found.to, found.verdict) == (day, "NOT REQUIRED")


def test_raising_the_strike_cannot_pay_for_the_value_of_the_warrant():
    """FAQ 279: increasing the exercise price by 0.125 does not satisfy the requirement."""
    warrant = Warrants(1_000_000, 10, 10, date(2024, 3, 15))
    terms = Terms((Unit(1_000_000, 10, (warrant,)),), 10, (5_000_000,), date(2024, 3, 15))
    ways = {fix.way: fix.to for fix in fixes(terms)}
    assert deal_fixes.RAISE_STRIKE not in ways
    assert ways[deal_fixes.RAISE_PRICE] == Decimal("10.125")


def test_no_second_figure_where_the_first_is_enough():
    """Not exercisable for six months: once the strike is not below, the warrants do not count."""
    late = date(2023, 7, 1)
    warrant = Warrants(199_000, Decimal("0.50"), Decimal("0.50"), late)
    unit = Unit(1_000, Decimal("0.50"), (warrant,))
    terms = Terms((unit,), Decimal("0.51"), (1_000_000,), date(2023, 1, 1))
    ways = {fix.way: fix.to for fix in fixes(terms)}
    assert ways[deal_fixes.RAISE_STRIKE] == Decimal("0.51")
    assert deal_fixes.RAISE_BOTH not in ways


def test_two_figures_where_one_leaves_a_review():
    """Giga-tronics' terms at a Minimum Price of 1.44: the strike is then below it as well."""
    rows = call(
        "DEALFIXES", 1.555, 1.44, 511186, 5059747, 1.43, 1, None, date(2013, 7, 8), None, 506219
    )
    found = {row[0]: row[1:4] for row in rows}
    assert found["RAISE UNIT PRICE"] == [1.575, "-", "REVIEW"]
    assert found["RAISE UNIT AND EXERCISE PRICE"] == [1.565, 1.44, "NOT REQUIRED"]
    assert found["CAP SHARES"] == [505_730, "-", "NOT REQUIRED"]
    assert found["CENTS SHORT OF UNIT FLOOR"][0] == 2


def test_without_a_closing_date_nothing_is_deferred():
    rows = call("DEALFIXES", 9.99, 10, 600_000, 5_000_000, 10)
    assert "DEFER EXERCISE" not in {row[0] for row in rows}


@pytest.mark.parametrize("blank", [0, 1, 2, 3])
def test_a_blank_gives_no_table(blank):
    arguments = [9.99, 10, 1_000_000, 5_000_000]
    arguments[blank] = None
    assert call("DEALFIXES", *arguments) == "#N/A"
