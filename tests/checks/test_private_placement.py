"""A private placement through the checks: each fact that decides, on and off the line."""

from __future__ import annotations

import pytest


def security(**changes):
    row = {
        "name": "Shares",
        "kind": "COMMON",
        "quantity": 1_000_000,
        "ratio": 1,
        "paid": 9_990_000,
        "adjustment": "NONE",
    }
    return {**row, **changes}


def warrant(**changes):
    row = {
        "name": "Warrants",
        "kind": "WARRANT",
        "quantity": 500_000,
        "ratio": 1,
        "paid": 62_500,
        "exercise_price": 10,
        "first_exercisable": "2024-03-15",
        "adjustment": "NONE",
        "sold_with": "Shares",
    }
    return {**row, **changes}


def test_at_the_minimum_price_any_size_needs_no_vote(verdict):
    assert verdict() == "NOT REQUIRED"


def test_a_cent_below_at_twenty_percent(verdict):
    assert verdict(Securities=[security()]) == "REQUIRED"


def test_a_cent_below_one_share_under_twenty_percent(verdict):
    row = security(quantity=999_999, paid=9_989_990.01)
    assert verdict(Securities=[row]) == "NOT REQUIRED"


def test_warrants_that_join_carry_it_over_the_line(verdict):
    shares = security(quantity=600_000, paid=5_990_000)
    assert verdict(Securities=[shares]) == "NOT REQUIRED"
    assert verdict(Securities=[shares, warrant()]) == "REQUIRED"


def test_a_unit_at_its_floor_is_not_discounted(verdict):
    """Half a warrant a share loads the unit with 0.0625, and exactly that was paid for it."""
    shares = security(paid=10_000_000)
    assert verdict(Securities=[shares, warrant()]) == "NOT REQUIRED"


def test_a_unit_a_cent_in_all_below_its_floor(verdict):
    shares = security(paid=9_999_999.99)
    assert verdict(Securities=[shares, warrant()]) == "REQUIRED"


def test_warrants_exercisable_after_six_months_stay_out(verdict):
    shares = security(quantity=600_000, paid=5_990_000)
    late = warrant(first_exercisable="2024-09-15")
    assert verdict(Securities=[shares, late]) == "NOT REQUIRED"
    early = warrant(first_exercisable="2024-09-14")
    assert verdict(Securities=[shares, early]) == "REQUIRED"


def test_the_verdict_is_open_where_the_exercise_date_decides_and_is_not_given(verdict):
    shares = security(quantity=600_000, paid=5_990_000)
    assert verdict(Securities=[shares, warrant(first_exercisable=None)]) == "NEEDS INPUT"


def test_an_exercise_price_that_can_fall_is_reviewed(verdict):
    shares = security(paid=10_200_000)
    resettable = warrant(adjustment="RESET", floor=9.99)
    assert verdict(Securities=[shares, warrant()]) == "NOT REQUIRED"
    assert verdict(Securities=[shares, resettable]) == "REVIEW"


def test_a_conversion_price_that_can_fall_is_the_price(verdict):
    notes = security(name="Notes", kind="CONVERTIBLE", paid=10_000_000)
    assert verdict(Securities=[notes]) == "NOT REQUIRED"
    assert verdict(Securities=[{**notes, "adjustment": "SPLIT"}]) == "NOT REQUIRED"
    assert verdict(Securities=[{**notes, "adjustment": "ANTIDILUTION"}]) == "REQUIRED"
    assert verdict(Securities=[{**notes, "adjustment": "RESET", "floor": 10}]) == "NOT REQUIRED"


@pytest.mark.parametrize(
    ("fact", "answer"), [(None, "REQUIRED"), ("UNKNOWN", "REVIEW"), (True, "NOT REQUIRED")]
)
def test_public_offering(verdict, fact, answer):
    assert verdict(Securities=[security()], Deal={"public_offering": fact}) == answer


def test_a_deep_discount_is_reviewed_though_public(verdict):
    half = security(paid=5_000_000)
    deeper = security(paid=4_990_000)
    public = {"public_offering": True}
    assert verdict(Securities=[half], Deal=public) == "NOT REQUIRED"
    assert verdict(Securities=[deeper], Deal=public) == "REVIEW"


@pytest.mark.parametrize("fact", ["signed_at"])
def test_a_blank_fact_never_answers_no(verdict, fact):
    assert verdict(Securities=[security()], Deal={fact: None}) == "NEEDS INPUT"
    assert verdict(Deal={fact: None}) == "NEEDS INPUT"


@pytest.mark.parametrize("column", ["kind", "quantity", "paid"])
def test_a_blank_of_a_security_never_answers_no(verdict, column):
    assert verdict(Securities=[security(**{column: None})]) == "NEEDS INPUT"


def test_blank_shares_outstanding(verdict):
    assert verdict(Securities=[security()], Classes=[{"name": "Common"}]) == "NEEDS INPUT"
    assert verdict(Securities=[security()], Classes=[]) == "NEEDS INPUT"


def test_a_class_without_its_count_is_not_left_out(verdict):
    classes = [{"name": "A", "outstanding": 9_000_000}, {"name": "B"}]
    assert verdict(Securities=[security()], Classes=classes) == "NEEDS INPUT"


def test_two_classes_leave_the_votes_open(verdict):
    classes = [{"name": "A", "outstanding": 4_000_000}, {"name": "B", "outstanding": 2_000_000}]
    assert verdict(Securities=[security()], Classes=classes) == "NEEDS INPUT"


def test_a_close_too_few(verdict, pipe):
    assert verdict(Securities=[security()], Prices=pipe["Prices"][1:]) == "NEEDS INPUT"


def test_a_linked_earlier_issuance_opens_the_verdict(findings, verdict):
    row = security(quantity=600_000, paid=5_990_000)
    purchasers = [{"name": "Fund LP", "security": "Shares"}]
    earlier = {
        "transaction": "January",
        "closing": "2024-01-15",
        "investor": "fund  lp",
        "issuable": 500_000,
        "outstanding_before": 5_000_000,
    }
    alone = {"Securities": [row], "Purchasers": purchasers}
    assert verdict(**alone) == "NOT REQUIRED"
    assert verdict(**alone, Issuances=[earlier]) == "REVIEW"
    (link,) = findings("NDQ006", **alone, Issuances=[earlier])
    assert "Together 1,100,000 is 22% of 5,000,000" in link.message
    small = {**earlier, "issuable": 399_999}
    assert verdict(**alone, Issuances=[small]) == "NOT REQUIRED"
    without = {**earlier, "outstanding_before": None}
    assert verdict(**alone, Issuances=[without]) == "NEEDS INPUT"


def test_an_earlier_issuance_stated_to_be_unlinked_is_left_out(verdict):
    row = security(quantity=600_000, paid=5_990_000)
    earlier = {
        "closing": "2023-01-15",
        "issuable": 500_000,
        "outstanding_before": 5_000_000,
        "common_investors": False,
        "planned": False,
        "contingent": False,
        "same_use_of_proceeds": False,
        "same_board_approval": False,
    }
    assert verdict(Securities=[row], Issuances=[earlier]) == "NOT REQUIRED"
    assert verdict(Securities=[row], Issuances=[{**earlier, "planned": None}]) == "REVIEW"


def test_a_blank_exchange_does_not_switch_the_checks_off(verdict):
    assert verdict(Securities=[security()], Deal={"exchange": None}) == "REQUIRED"


def test_an_exchange_without_checks_is_said(findings):
    found = findings(Deal={"exchange": "NYSE"})
    assert [(f.code, f.verdict) for f in found if f.verdict != "NOTE"] == [("INP005", "REVIEW")]


def test_nothing_entered_is_not_clean(findings):
    found = findings(Securities=[], Prices=[], Classes=[])
    assert ("INP004", "NEEDS INPUT") in [(f.code, f.verdict) for f in found]


def test_securities_of_another_transaction_are_not_counted(verdict):
    other = security(name="Old", transaction="Series A", quantity=4_000_000, paid=1)
    rows = [security(paid=10_000_000), other]
    earlier = {"transaction": "Series A", "closing": "2020-01-15"}
    assert verdict(Securities=rows, Issuances=[earlier]) == "NOT REQUIRED"
    assert verdict(Securities=rows) == "NEEDS INPUT", "a name mistyped may be this deal's"


def test_before_the_change_of_rule_book_value_counts(verdict, pipe):
    facts = {"signed_at": "2018-03-12 11:30", "closing_date": "2018-03-15", "book_value": 12}
    days = ["2018-03-05", "2018-03-06", "2018-03-07", "2018-03-08", "2018-03-09"]
    prices = [{"day": day, "close": 9, "bid": 9} for day in days]
    assert verdict(Deal=facts, Prices=prices) == "REQUIRED"
    assert verdict(Deal={**facts, "book_value": 10}, Prices=prices) == "NOT REQUIRED"
    assert verdict(Deal={**facts, "book_value": None}, Prices=prices) == "NEEDS INPUT"
    assert verdict(Deal={**facts, "book_value": -3}, Prices=prices) == "NOT REQUIRED"


def test_a_unit_sold_at_one_price(verdict):
    """The warrants are paid for in the price of the unit: nothing is paid for them apart."""
    unit = security(paid=10_062_500)
    assert verdict(Securities=[unit, warrant(paid=0)]) == "NOT REQUIRED"
    assert verdict(Securities=[{**unit, "paid": 10_062_499.99}, warrant(paid=0)]) == "REQUIRED"
    assert verdict(Securities=[unit, warrant(paid=None)]) == "NEEDS INPUT"


def test_nothing_paid_for_the_stock_itself_is_not_given(verdict):
    assert verdict(Securities=[security(paid=0)]) == "NEEDS INPUT"


def test_warrants_exercisable_only_after_a_vote_are_reviewed(verdict):
    shares = security(quantity=600_000, paid=5_990_000)
    voted = warrant(first_exercisable="APPROVAL")
    assert verdict(Securities=[shares, voted]) == "REVIEW"


def test_a_warrant_that_names_no_unit_is_not_left_out_of_the_price(verdict):
    stock = security(quantity=2_000_000, paid=20_000_000)
    cheap = warrant(quantity=2_000_000, paid=20_000, exercise_price=10.5)
    assert verdict(Securities=[stock, cheap]) == "REQUIRED"
    assert verdict(Securities=[stock, {**cheap, "sold_with": None}]) == "NEEDS INPUT"
    assert verdict(Securities=[stock, {**cheap, "sold_with": "Sharse"}]) == "NEEDS INPUT"
    paid_for = {**cheap, "sold_with": None, "paid": 250_000}
    assert verdict(Securities=[stock, paid_for]) == "NOT REQUIRED"


def test_a_conversion_price_that_can_fall_makes_more_shares(verdict):
    note = security(name="Note", kind="CONVERTIBLE", quantity=500_000, paid=5_000_000)
    assert verdict(Securities=[note]) == "NOT REQUIRED"
    reset = {**note, "adjustment": "RESET"}
    assert verdict(Securities=[{**reset, "floor": 5.01}]) == "NOT REQUIRED"
    assert verdict(Securities=[{**reset, "floor": 5}]) == "REQUIRED"
    assert verdict(Securities=[reset]) == "NEEDS INPUT"
    assert verdict(Securities=[{**note, "adjustment": "FUTUREPRICED"}]) == "NEEDS INPUT"


def test_closes_without_dates_are_not_put_into_an_order(verdict, findings):
    prices = [{"close": close} for close in (9, 10, 10, 10, 10)]
    assert verdict(Securities=[security()], Prices=prices) == "NEEDS INPUT"
    (price,) = findings("NDQ001", Securities=[security()], Prices=prices)
    assert "the dates in Prices!B" in price.message


def test_a_row_without_a_bid_does_not_block_the_closes(verdict, pipe):
    older = {"day": "2024-03-01", "bid": 3}
    assert verdict(Securities=[security()], Prices=[older, *pipe["Prices"]]) == "REQUIRED"


def test_one_closing_bid_is_enough_where_it_is_the_one_that_counts(verdict):
    facts = {"signed_at": "2018-03-12 11:30", "closing_date": "2018-03-15", "book_value": 9}
    days = ["2018-03-08", "2018-03-09"]
    prices = [{"day": days[0]}, {"day": days[1], "bid": 10}]
    assert verdict(Securities=[security()], Deal=facts, Prices=prices) == "REQUIRED"
    wrong = [{"day": days[0], "bid": 10}, {"day": days[1]}]
    assert verdict(Securities=[security()], Deal=facts, Prices=wrong) == "NEEDS INPUT"


def test_what_could_not_be_read_is_not_read_as_none(verdict):
    notes = security(name="Notes", kind="CONVERTIBLE", paid=10_000_000)
    assert verdict(Securities=[{**notes, "adjustment": "Full ratchet"}]) == "NEEDS INPUT"
    assert verdict(Deal={"public_offering": "perhaps"}) == "NEEDS INPUT"


def test_votes_of_several_classes(verdict):
    one = {"name": "A", "outstanding": 5_000_000, "votes_per_share": 1}
    ten = {"name": "B", "outstanding": 500_000, "votes_per_share": 10}
    stock = security(quantity=900_000, paid=8_990_000)
    # 16.4% of the shares; 9% of the votes as class A, 90% as class B.
    assert verdict(Securities=[stock], Classes=[one, ten]) == "REVIEW"
    assert verdict(Securities=[stock], Classes=[one, {**ten, "votes_per_share": 1}]) == (
        "NOT REQUIRED"
    )
    big = security(quantity=1_100_000, paid=10_989_000)
    assert verdict(Securities=[big], Classes=[one, ten]) == "REQUIRED"
    assert verdict(Securities=[stock], Classes=[one, {**ten, "votes_per_share": None}]) == (
        "NEEDS INPUT"
    )


def test_a_warrant_without_a_quantity_is_not_left_out_of_the_unit(verdict):
    stock = security(quantity=2_000_000, paid=20_000_000)
    unit = [stock, warrant(quantity=2_000_000, paid=0, exercise_price=12)]
    assert verdict(Securities=unit) == "REQUIRED"
    assert verdict(Securities=[stock, {**unit[1], "quantity": None}]) == "NEEDS INPUT"


def test_a_falling_conversion_price_needs_what_was_paid(verdict):
    note = security(kind="CONVERTIBLE", quantity=100_000, paid=None, adjustment="FUTUREPRICED")
    assert verdict(Securities=[note]) == "NEEDS INPUT"
    assert verdict(Securities=[{**note, "floor": 0.5}]) == "NEEDS INPUT"


LINKED = {"investor": "Fund LP", "outstanding_before": 5_000_000, "common_investors": True}


def test_an_earlier_issuance_without_its_closing_hides_no_smaller_base(verdict):
    stock = security(quantity=700_000, paid=6_300_000)
    dated = {**LINKED, "issuable": 1_000, "closing": "2024-03-01"}
    older = {**LINKED, "issuable": 1_000, "outstanding_before": 3_000_000}
    assert verdict(Securities=[stock], Issuances=[dated]) == "NOT REQUIRED"
    assert verdict(Securities=[stock], Issuances=[dated, older]) == "NEEDS INPUT"
    older["closing"] = "2024-01-08"
    assert verdict(Securities=[stock], Issuances=[dated, older]) == "REVIEW"


def test_votes_before_an_earlier_closing_are_not_read_as_one_a_share(verdict):
    classes = [
        {"name": "A", "outstanding": 3_000_000, "votes_per_share": 1},
        {"name": "B", "outstanding": 3_000_000, "votes_per_share": 10},
    ]
    stock = security(quantity=590_000, paid=5_310_000)
    earlier = {
        **LINKED,
        "issuable": 100_000,
        "closing": "2024-03-01",
        "outstanding_before": 6_000_000,
    }
    assert verdict(Securities=[stock], Classes=classes) == "NOT REQUIRED"
    assert verdict(Securities=[stock], Classes=classes, Issuances=[earlier]) == "NEEDS INPUT"


def test_a_price_adjustment_that_is_not_given_is_said(findings):
    note = security(kind="CONVERTIBLE", adjustment=None)
    (found,) = findings("NDQ009", Securities=[note])
    assert found.verdict == "NEEDS INPUT"
    assert "fill Securities!J" in found.message
    assert findings("NDQ009", Securities=[{**note, "adjustment": "NONE"}]) == []
    assert findings("NDQ009", Securities=[security(adjustment=None)]) == []
