"""No answer of no rests on what is blank, unread, or named nowhere: each case is one that did.

The private placement of conftest: 5,000,000 outstanding, a Minimum Price and closing bid of 10.
"""

from __future__ import annotations

import pytest


def security(**changes):
    row = {
        "name": "Shares",
        "kind": "COMMON",
        "quantity": 1_000_000,
        "ratio": 1,
        "paid": 10_000_000,
        "adjustment": "NONE",
    }
    return {**row, **changes}


def warrant(**changes):
    row = {
        "name": "Warrants",
        "kind": "WARRANT",
        "quantity": 1_000_000,
        "ratio": 1,
        "paid": 0,
        "exercise_price": 10,
        "first_exercisable": "2024-03-15",
        "adjustment": "NONE",
        "sold_with": "Shares",
    }
    return {**row, **changes}


def note(**changes):
    return security(kind="CONVERTIBLE", **changes)


def buyer(**changes):
    row = {
        "name": "Fund",
        "relationship": "NONE",
        "security": "Shares",
        "bought": 1_000_000,
        "held_before": 0,
        "rights_before": 0,
    }
    return {**row, **changes}


def one(findings, code, **changes):
    (found,) = findings(code, **changes)
    return found


# ---------------------------------------------------------------- price adjustments


def test_a_warrant_of_which_nobody_says_whether_its_price_can_fall(verdict):
    """At the unit floor, with warrants that a reset would put below the Minimum Price."""
    unit = security(paid=10_125_000)
    assert verdict(Securities=[unit, warrant()]) == "NOT REQUIRED"
    assert verdict(Securities=[unit, warrant(adjustment=None)]) == "NEEDS INPUT"
    assert verdict(Securities=[unit, warrant(adjustment="SPLIT")]) == "NOT REQUIRED"


def test_a_small_convertible_whose_price_might_fall_without_end(findings):
    """10% as it stands; nothing says that a lower price does not make it 20%."""
    row = note(quantity=500_000, paid=4_900_000, adjustment=None)
    found = one(findings, "NDQ007", Securities=[row])
    assert found.verdict == "NEEDS INPUT"
    assert "whether a price can fall is not stated" in found.message
    assert one(findings, "NDQ007", Securities=[{**row, "adjustment": "NONE"}]).verdict == (
        "NOT REQUIRED"
    )


def test_a_floor_settles_what_an_unstated_adjustment_can_do(verdict):
    """600,000 at 10 fall to 9 at most: 666,666 shares, 13.3%."""
    row = note(quantity=600_000, paid=6_000_000, adjustment=None, floor=9)
    assert verdict(Securities=[row]) == "NOT REQUIRED"
    assert verdict(Securities=[{**row, "floor": 6}]) == "NEEDS INPUT", "1,000,000 shares, 20%"


def test_an_acquisition_and_a_notice_wait_for_the_adjustment_too(findings):
    facts = {
        "deal_kind": "ACQUISITION",
        "insider_interest": 0,
        "insiders_together_interest": 0,
        "unapproved_equity_plan": False,
    }
    given = {
        "Deal": facts,
        "Purchasers": [buyer(bought=400_000)],
    }
    row = note(quantity=400_000, paid=8_000_000)
    assert one(findings, "NDQ010", Securities=[row], **given).verdict == "OK"
    assert one(findings, "NDQ013", Securities=[row], **given).verdict == "OK"
    row["adjustment"] = None
    assert one(findings, "NDQ010", Securities=[row], **given).verdict == "NEEDS INPUT"
    assert one(findings, "NDQ013", Securities=[row], **given).verdict == "NEEDS INPUT"


def test_a_notice_of_what_nothing_bounds(findings):
    """5% at today's price, without a floor: the notice looks at what could be issued."""
    rows = [note(quantity=250_000, paid=2_500_000, adjustment="RESET")]
    given = {
        "Deal": {"deal_kind": "PRIVATE PLACEMENT", "unapproved_equity_plan": False},
        "Purchasers": [buyer(bought=250_000)],
    }
    assert one(findings, "NDQ013", Securities=rows, **given).verdict == "NEEDS INPUT"
    rows[0]["floor"] = 6
    assert one(findings, "NDQ013", Securities=rows, **given).verdict == "OK"


# ---------------------------------------------------------------- sales by insiders


def test_sales_by_insiders_that_nobody_states(findings):
    """999,999 at a discount; one share sold by an officer makes it 20%."""
    row = security(quantity=999_999, paid=9_900_000)
    found = one(findings, "NDQ007", Securities=[row], Deal={"insider_sales": None})
    assert found.verdict == "NEEDS INPUT"
    assert "(0 for none)" in found.message
    at_market = security(paid=10_000_000)
    assert one(
        findings, "NDQ007", Securities=[at_market], Deal={"insider_sales": None}
    ).verdict == ("NOT REQUIRED"), "at market their number does not matter"


def test_a_cap_is_no_way_out_while_sales_by_insiders_are_not_known(findings):
    rows = [security(paid=9_990_000)]
    ways = findings("NDQ015", Securities=rows, Deal={"insider_sales": None})
    said = {way.message.split(":")[0]: way.verdict for way in ways}
    assert "Raise unit price" in said
    assert "Cap shares" not in said
    assert "NEEDS INPUT" in said.values()


# ---------------------------------------------------------------- names that match nothing


def test_a_purchase_of_something_that_is_no_security_of_this_deal(findings):
    """The warrants' row was cleared, or moved to another transaction: the unit looks dearer."""
    unit = [security(), warrant(transaction="Earlier")]
    buyers = [buyer(), buyer(security="Warrants", held_before=None, rights_before=None)]
    earlier = {"transaction": "Earlier", "closing": "2020-01-15"}
    given = {"Purchasers": buyers, "Issuances": [earlier]}
    found = one(findings, "NDQ007", Securities=unit, **given)
    assert found.verdict == "NEEDS INPUT"
    assert "is no security of this transaction" in found.message
    assert [f.verdict for f in findings("INP007", Securities=unit, **given)] == ["NEEDS INPUT"]


def test_a_transaction_that_is_named_nowhere_may_be_this_one(verdict):
    other = security(name="More shares", transaction="PIPE, second closing")
    assert verdict(Securities=[security(), other]) == "NEEDS INPUT"
    earlier = {"transaction": "PIPE, second closing", "closing": "2020-01-15"}
    assert verdict(Securities=[security(), other], Issuances=[earlier]) == "NOT REQUIRED"


# ---------------------------------------------------------------- who buys


def test_warrants_that_no_purchaser_is_given_for(findings):
    """1,000,000 of 6,000,000 is 16.7%; with the warrants of the units it is 28.6%."""
    unit = [security(paid=10_125_000), warrant()]
    found = one(findings, "NDQ011", Securities=unit, Purchasers=[buyer()])
    assert found.verdict == "NEEDS INPUT"
    assert "who buys Warrants" in found.message
    both = [buyer(), buyer(security="Warrants", held_before=None, rights_before=None)]
    assert one(findings, "NDQ011", Securities=unit, Purchasers=both).verdict == "REVIEW"


def test_what_is_left_over_is_too_little_to_matter(findings):
    """100,000 warrants more would be 17.9% of 6,100,000 and 18.0% at most."""
    unit = [security(paid=10_125_000), warrant(quantity=100_000)]
    assert one(findings, "NDQ011", Securities=unit, Purchasers=[buyer()]).verdict == "OK"


def test_a_row_of_purchasers_that_could_not_be_read_may_be_an_insider(findings):
    unread = buyer(bought="one million")
    assert one(findings, "NDQ008", Purchasers=[unread]).verdict == "NEEDS INPUT"
    assert one(findings, "NDQ008", Purchasers=[buyer()]).verdict == "OK"


# ---------------------------------------------------------------- what each purchaser pays


def test_an_insider_that_pays_less_than_the_others(findings):
    """10 on average, and 9.99 by the officer."""
    rows = [
        buyer(bought=900_000, paid=9_001_000),
        buyer(name="CEO", relationship="OFFICER", bought=100_000, paid=999_000),
    ]
    assert one(findings, "NDQ008", Purchasers=rows).verdict == "REQUIRED"
    rows[0]["paid"], rows[1]["paid"] = 9_000_000, 1_000_000
    assert one(findings, "NDQ008", Purchasers=rows).verdict == "OK"


def test_a_cent_of_rounding_is_no_lower_price(findings):
    """10.00 by three: two pay 3.33 and one 3.34, which is a third of it each."""
    prices = [{"day": f"2024-03-{day:02}", "close": 3.3333, "bid": 3.3333} for day in range(4, 9)]
    rows = [
        buyer(name=name, relationship="OFFICER", bought=1, paid=paid)
        for name, paid in (("A", 3.33), ("B", 3.33), ("C", 3.34))
    ]
    given = {"Prices": prices, "Purchasers": rows}
    found = findings("NDQ008", Securities=[security(quantity=3, paid=10)], **given)
    assert [each.verdict for each in found] == ["OK", "OK", "OK"]
    rows[0]["paid"], rows[2]["paid"] = 3.32, 3.35
    found = findings("NDQ008", Securities=[security(quantity=3, paid=10)], **given)
    assert sorted(each.verdict for each in found) == ["OK", "OK", "REQUIRED"]


def test_one_purchaser_below_the_minimum_price_among_others_above(findings, verdict):
    """10 on average; 100,000 of the million are sold at 9."""
    rows = [
        buyer(bought=900_000, paid=9_100_000),
        buyer(name="Late", bought=100_000, paid=900_000),
    ]
    found = one(findings, "NDQ007", Purchasers=rows)
    assert found.verdict == "REVIEW"
    assert "Late pays less than the others" in found.message
    rows[0]["paid"], rows[1]["paid"] = 9_000_000, 1_000_000
    assert verdict(Purchasers=rows) == "NOT REQUIRED"


# ---------------------------------------------------------------- insiders and warrants


@pytest.mark.parametrize(
    ("strike", "paid", "word"),
    [(10, 10_125_000, "OK"), (9.99, 10_135_000, "REVIEW"), (9.99, 10_134_999, "REQUIRED")],
)
def test_an_insider_s_warrants_below_the_bid(findings, strike, paid, word):
    """FAQ 277: an insider's exercise price cannot be below market value, whatever the unit costs."""
    unit = [security(paid=paid), warrant(exercise_price=strike)]
    rows = [buyer(relationship="OFFICER")]
    assert one(findings, "NDQ008", Securities=unit, Purchasers=rows).verdict == word


def test_an_insider_s_warrant_in_no_unit_at_the_bid(findings):
    """FAQ 276 asks of what is exercisable for stock that it be above market value."""
    rows = [buyer(relationship="DIRECTOR", security="Warrants")]
    alone = warrant(sold_with=None, paid=1)
    for strike, word in ((9.99, "REQUIRED"), (10, "REVIEW"), (10.01, "OK")):
        securities = [{**alone, "exercise_price": strike}]
        assert one(findings, "NDQ008", Securities=securities, Purchasers=rows).verdict == word


# ---------------------------------------------------------------- earlier and later issuances

SMALL = security(quantity=500_000, paid=4_900_000)


def issuance(**changes):
    return {
        "transaction": "Other",
        "closing": "2024-02-01",
        "issuable": 500_000,
        "outstanding_before": 5_500_000,
        **changes,
    }


def test_a_second_closing_after_this_one_counts_over_the_count_before_this_one(findings, verdict):
    """1,000,000 of 5,000,000, not of the 5,500,000 before the second closing."""
    second = issuance(closing="2024-05-01")
    assert verdict(Securities=[SMALL], Issuances=[second]) == "REVIEW"
    found = one(findings, "NDQ006", Securities=[SMALL], Issuances=[second])
    assert "closed 47 days after" in found.message
    assert "20% of 5,000,000 outstanding before the first closing" in found.message


def test_two_closings_on_one_day_count_over_the_smaller_count(verdict):
    rows = [
        issuance(transaction="One", issuable=250_000, outstanding_before=9_500_000),
        issuance(transaction="Two", issuable=250_000, outstanding_before=5_000_000),
    ]
    assert verdict(Securities=[SMALL], Issuances=rows) == "REVIEW"
    rows[1]["outstanding_before"] = 5_000_001
    assert verdict(Securities=[SMALL], Issuances=rows) == "NOT REQUIRED"


def test_an_investor_that_is_a_group_of_purchasers(findings):
    """Stated to have no common investor, and named as the purchasers' group is."""
    apart = dict.fromkeys(
        (
            "common_investors",
            "planned",
            "contingent",
            "same_use_of_proceeds",
            "same_board_approval",
        ),
        False,
    )
    earlier = issuance(closing="2023-01-15", investor="Big Fund", **apart)
    rows = [buyer(name="Fund I", group="big fund", bought=500_000)]
    given = {"Securities": [SMALL], "Issuances": [earlier]}
    assert one(findings, "NDQ006", Purchasers=rows, **given).verdict == "REVIEW"
    rows[0]["group"] = "Small Fund"
    assert one(findings, "NDQ006", Purchasers=rows, **given).verdict == "OK"


# ---------------------------------------------------------------- convertibles and votes


def test_a_note_issued_at_a_discount_converts_its_whole_principal(verdict, findings):
    """12,000,000 of principal for 10,800,000: at the floor of 10, 1,200,000 shares at 9 each."""
    row = note(paid=10_800_000, adjustment="RESET", floor=10)
    assert verdict(Securities=[row]) == "NOT REQUIRED"
    (said,) = findings("NDQ007", Securities=[row])
    assert "principal not given" in said.message
    assert verdict(Securities=[{**row, "principal": 12_000_000}]) == "REQUIRED"
    (counted,) = findings("NDQ014", Securities=[{**row, "principal": 12_000_000}])
    assert "1,200,000 counted" in counted.message


def test_cash_on_conversion_is_no_price_of_the_stock(verdict):
    """FAQ 276: foregone interest is taken out; what is left over 1,000,000 shares is 10, or not."""
    assert verdict(Securities=[note(paid=10_500_000, cash=500_000)]) == "NOT REQUIRED"
    assert verdict(Securities=[note(paid=10_500_000, cash=500_000.01)]) == "REQUIRED"


def test_a_reset_and_penalty_shares_at_once(verdict):
    """12,000,000 falls to 1,200,000 shares at 10; one share for nothing is below 10."""
    row = note(paid=12_000_000, adjustment="RESET", floor=10)
    extra = {"name": "Late", "kind": "PENALTY", "quantity": 1, "sold_with": "Shares"}
    assert verdict(Securities=[row]) == "NOT REQUIRED"
    assert verdict(Securities=[row, extra]) == "REQUIRED"


@pytest.mark.parametrize(("votes", "word"), [(99_999, "NOT REQUIRED"), (100_000, "REQUIRED")])
def test_preferred_with_many_votes_before_it_converts(verdict, votes, word):
    """Ten preferred for 100,000 shares, 2%: their votes are 20% of 5,000,000 on the line."""
    row = note(quantity=10, ratio=10_000, paid=900_000, votes_each=votes)
    assert verdict(Securities=[row]) == word


def test_more_of_a_class_that_only_votes_has_its_votes(verdict):
    classes = [
        {"name": "Common", "outstanding": 5_000_000, "votes_per_share": 1},
        {
            "name": "Preferred",
            "outstanding": 1_000,
            "votes_per_share": 1_000,
            "counts_as": "VOTES ONLY",
        },
    ]
    row = note(quantity=1_200, ratio=100, paid=1_000_000, share_class="Preferred")
    assert verdict(Classes=classes, Securities=[row]) == "REQUIRED", "1.2 of 6 million votes"
    row["quantity"] = 1_199
    assert verdict(Classes=classes, Securities=[row]) == "NOT REQUIRED"


# ---------------------------------------------------------------- on the close

RISING = [
    {"day": f"2024-03-{day:02}", "close": price, "bid": price}
    for day, price in ((4, 10), (5, 10), (6, 10), (7, 10), (8, 10), (11, 12))
]


@pytest.mark.parametrize(
    ("time", "word"),
    [("15:59:59", "NOT REQUIRED"), ("16:00:00", "REVIEW"), ("16:00:01", "REQUIRED")],
)
def test_signed_on_the_close(verdict, time, word):
    """10.10 is above the Minimum Price before the close, and below the 10.40 after it."""
    facts = {"signed_at": f"2024-03-11 {time}"}
    row = security(paid=10_100_000)
    assert verdict(Deal=facts, Prices=RISING, Securities=[row]) == word


@pytest.mark.parametrize(
    ("time", "word"),
    [
        ("12:59:59", "NOT REQUIRED"),
        ("13:00", "REVIEW"),
        ("15:59:59", "REVIEW"),
        ("16:00", "REQUIRED"),
    ],
)
def test_signed_after_an_early_close(verdict, time, word):
    """The FAQ names 4 p.m.; on 24 November 2023 the closing price was known at 13:00."""
    days = ("2023-11-16", "2023-11-17", "2023-11-20", "2023-11-21", "2023-11-22", "2023-11-24")
    prices = [{**row, "day": day} for row, day in zip(RISING, days, strict=True)]
    facts = {"signed_at": f"2023-11-24 {time}", "closing_date": "2023-11-29"}
    row = security(paid=10_100_000)
    assert verdict(Deal=facts, Prices=prices, Securities=[row]) == word


def test_an_insider_on_the_close(findings):
    facts = {"signed_at": "2024-03-11 16:00"}
    given = {"Prices": RISING, "Securities": [security(paid=10_100_000)]}
    rows = [buyer(relationship="OFFICER")]
    assert one(findings, "NDQ008", Deal=facts, Purchasers=rows, **given).verdict == "REVIEW"


def test_a_position_in_votes_that_its_security_has_before_it_converts(findings):
    """A tenth of the shares at most, and 1,250,000 of 6,250,000 votes: 20%."""
    row = note(quantity=10, ratio=10_000, paid=900_000, votes_each=125_000)
    rows = [buyer(bought=10)]
    found = one(findings, "NDQ011", Securities=[row], Purchasers=rows)
    assert found.verdict == "REVIEW"
    assert "1,250,000 of 6,250,000 votes, 20%" in found.message
    row["votes_each"] = 124_999
    assert one(findings, "NDQ011", Securities=[row], Purchasers=rows).verdict == "OK"


def test_a_position_has_the_votes_of_the_class_that_is_issued(findings):
    classes = [
        {"name": "A", "outstanding": 4_000_000, "votes_per_share": 1},
        {"name": "B", "outstanding": 1_000_000, "votes_per_share": 10},
    ]
    rows = [buyer(votes_before=0)]
    given = {"Classes": classes, "Purchasers": rows}
    low = one(findings, "NDQ011", Securities=[security(share_class="A")], **given)
    assert low.verdict == "OK"
    assert "1,000,000 of 15,000,000 votes" in low.message
    high = one(findings, "NDQ011", Securities=[security(share_class="B")], **given)
    assert high.verdict == "REVIEW", "10,000,000 of 24,000,000"
    assert one(findings, "NDQ011", Securities=[security()], **given).verdict == "REVIEW"
