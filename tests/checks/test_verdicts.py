"""The verdicts beside 5635(d), and what counts: each fact that decides, on and off the line."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from xl_compliance.deal import evaluation, ways_out
from xl_compliance.deal.evaluation import approval


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
        "paid": 0,
        "exercise_price": 10,
        "first_exercisable": "2024-03-15",
        "adjustment": "NONE",
        "sold_with": "Shares",
    }
    return {**row, **changes}


def words(findings, code, **changes):
    return [finding.verdict for finding in findings(code, **changes)]


# ---------------------------------------------------------------- kinds of shares that count


def test_pre_funded_warrants_are_stock_at_both_payments(verdict):
    """Paid 9.99 and 0.01 at exercise: 10, the Minimum Price; a tick less is a discount."""
    row = security(kind="PREFUNDED", exercise_price=0.01)
    assert verdict(Securities=[row]) == "NOT REQUIRED"
    assert verdict(Securities=[{**row, "exercise_price": 0.0099}]) == "REQUIRED"
    assert verdict(Securities=[{**row, "exercise_price": None}]) == "NEEDS INPUT"


@pytest.mark.parametrize("kind", ["EARN-OUT", "ASSUMED AWARD"])
def test_shares_without_a_price_count(verdict, kind):
    """FAQ 182: earn-outs and assumed awards are in the numerator; one share decides."""
    sold = security(quantity=600_000, paid=5_990_000)
    extra = {"name": "Extra", "kind": kind, "adjustment": "NONE"}
    assert verdict(Securities=[sold, {**extra, "quantity": 399_999}]) == "NOT REQUIRED"
    assert verdict(Securities=[sold, {**extra, "quantity": 400_000}]) == "REQUIRED"
    assert verdict(Securities=[sold, extra]) == "NEEDS INPUT"


def test_penalty_shares_lower_the_price_and_count(verdict):
    """FAQ 276: extra shares for the same money. 10,100,000 for 1,010,000 shares is 10."""
    sold = security(paid=10_100_000)
    penalty = {"name": "Penalty", "kind": "PENALTY", "sold_with": "Shares", "adjustment": "NONE"}
    assert verdict(Securities=[sold, {**penalty, "quantity": 10_000}]) == "NOT REQUIRED"
    assert verdict(Securities=[sold, {**penalty, "quantity": 10_001}]) == "REQUIRED"
    loose = {**penalty, "quantity": 10_000, "sold_with": None}
    assert verdict(Securities=[sold, loose]) == "NEEDS INPUT"


def test_sales_by_insiders_count(verdict):
    sold = security(quantity=900_000, paid=8_990_000)
    assert verdict(Securities=[sold], Deal={"insider_sales": 99_999}) == "NOT REQUIRED"
    assert verdict(Securities=[sold], Deal={"insider_sales": 100_000}) == "REQUIRED"


def test_a_share_cap_binds_and_is_reviewed(verdict, findings):
    sold = security(quantity=2_000_000, paid=19_000_000)
    assert verdict(Securities=[sold], Deal={"share_cap": 999_999}) == "NOT REQUIRED"
    assert verdict(Securities=[sold], Deal={"share_cap": 1_000_000}) == "REQUIRED"
    found = words(findings, "NDQ014", Securities=[sold], Deal={"share_cap": 999_999})
    assert found == ["REVIEW", "NOTE"]


@pytest.mark.parametrize("cap", [0.5, 1e-300, "0.999999"])
def test_a_share_cap_below_one_share_lowers_no_verdict(deal, verdict, cap):
    sold = security(quantity=2_000_000, paid=19_000_000)
    (problem,) = deal(Securities=[sold], Deal={"share_cap": cap}).problems
    assert problem.address
    assert "Share cap: it is below 1" in problem.message
    assert verdict(Securities=[sold], Deal={"share_cap": cap}) == "REQUIRED"


def test_a_class_that_only_votes_is_no_part_of_the_shares(verdict):
    common = {"name": "Common", "outstanding": 4_900_000, "votes_per_share": 1}
    preferred = {"name": "Preferred", "outstanding": 10_000, "votes_per_share": 100}
    sold = security(quantity=990_000, paid=9_890_000)
    as_common = verdict(Securities=[sold], Classes=[common, {**preferred, "outstanding": 100_000}])
    assert as_common == "REVIEW", "read as common, ten million votes could be issued"
    votes_only = {**preferred, "counts_as": "VOTES ONLY"}
    assert verdict(Securities=[sold], Classes=[common, votes_only]) == "REQUIRED"
    fewer = security(quantity=979_999, paid=9_790_000)
    assert verdict(Securities=[fewer], Classes=[common, votes_only]) == "NOT REQUIRED"


def test_the_class_that_is_issued_settles_the_votes(verdict):
    one = {"name": "A", "outstanding": 5_000_000, "votes_per_share": 1}
    ten = {"name": "B", "outstanding": 500_000, "votes_per_share": 10}
    stock = security(quantity=900_000, paid=8_990_000)
    assert verdict(Securities=[stock], Classes=[one, ten]) == "REVIEW"
    assert verdict(Securities=[{**stock, "share_class": "a"}], Classes=[one, ten]) == "NOT REQUIRED"
    assert verdict(Securities=[{**stock, "share_class": "B"}], Classes=[one, ten]) == "REQUIRED"


def test_warrants_that_only_a_vote_makes_exercisable_leave_the_price_open(verdict):
    """At the Minimum Price without their value, below it with: nobody can settle that by sums."""
    sold = security(quantity=2_400_000, paid=24_000_000)
    gated = warrant(quantity=2_400_000, first_exercisable="APPROVAL")
    assert verdict(Securities=[sold, gated]) == "REVIEW"
    assert verdict(Securities=[{**sold, "paid": 23_990_000}, gated]) == "REQUIRED"


def test_a_warrant_that_replaces_another_is_open(findings, verdict):
    sold = security(quantity=600_000, paid=5_990_000)
    swapped = warrant(replaces="Old warrants")
    assert verdict(Securities=[sold, warrant()]) == "REQUIRED"
    assert verdict(Securities=[sold, swapped]) == "REVIEW"
    (found,) = findings("NDQ005", Securities=[sold, swapped])
    assert "it replaces Old warrants" in found.message


# ---------------------------------------------------------------- 5635(a)

ACQUISITION = {
    "deal_kind": "ACQUISITION",
    "insider_interest": 0,
    "insiders_together_interest": 0,
}


@pytest.mark.parametrize(
    ("quantity", "facts", "word"),
    [
        (1_000_000, {}, "REQUIRED"),
        (999_999, {}, "OK"),
        (999_999, {"insider_interest": 0.05, "insiders_together_interest": 0.05}, "REQUIRED"),
        (249_999, {"insider_interest": 0.05, "insiders_together_interest": 0.05}, "OK"),
        (250_000, {"insider_interest": 0.05, "insiders_together_interest": 0.05}, "REQUIRED"),
        (999_999, {"insider_interest": 0.0499, "insiders_together_interest": 0.0999}, "OK"),
        (999_999, {"insider_interest": None, "insiders_together_interest": None}, "NEEDS INPUT"),
        (1_000_000, {"deal_kind": "PRIVATE PLACEMENT"}, "OK"),
        (1_000_000, {"deal_kind": None}, "NEEDS INPUT"),
        (1_000, {"deal_kind": None}, "OK"),
    ],
)
def test_acquisitions(findings, quantity, facts, word):
    """At any price: 20%, or 5% with an insider's interest of 5% alone or 10% together."""
    sold = security(quantity=quantity, paid=quantity * 12)
    facts = {**ACQUISITION, **facts}
    assert words(findings, "NDQ010", Securities=[sold], Deal=facts) == [word]


def test_an_acquisition_with_a_linked_earlier_issuance_is_reviewed(findings):
    sold = security(quantity=600_000, paid=12_000_000)
    earlier = {
        "transaction": "First step",
        "closing": "2024-02-01",
        "issuable": 500_000,
        "outstanding_before": 5_000_000,
    }
    assert words(findings, "NDQ010", Securities=[sold], Deal=ACQUISITION) == ["OK"]
    assert words(findings, "NDQ010", Securities=[sold], Deal=ACQUISITION, Issuances=[earlier]) == [
        "REVIEW"
    ]


# ---------------------------------------------------------------- 5635(b)

BUYER = {"name": "Fund LP", "relationship": "NONE", "security": "Shares", "bought": 1_000_000}


@pytest.mark.parametrize(
    ("held", "rights", "word"),
    [
        (200_000, 0, "REVIEW"),
        (199_999, 0, "OK"),
        (0, 249_999, "OK"),
        (0, 250_000, "REVIEW"),
        (None, 0, "NEEDS INPUT"),
        (0, None, "NEEDS INPUT"),
        (300_000, None, "REVIEW"),
    ],
)
def test_change_of_control(findings, held, rights, word):
    """1,200,000 of 6,000,000 is 20%; rights of its own are added to what is outstanding."""
    buyer = {**BUYER, "held_before": held, "rights_before": rights}
    assert words(findings, "NDQ011", Securities=[security()], Purchasers=[buyer]) == [word]


def test_affiliates_count_as_one(findings):
    one = {**BUYER, "bought": 500_000, "held_before": 100_000, "rights_before": 0}
    two = {**one, "name": "Fund II LP"}
    apart = words(findings, "NDQ011", Securities=[security()], Purchasers=[one, two])
    assert apart == ["OK", "OK"]
    group = [{**one, "group": "Funds"}, {**two, "group": "Funds"}]
    assert words(findings, "NDQ011", Securities=[security()], Purchasers=group) == ["REVIEW"]


def test_who_buys_is_not_given(findings):
    assert words(findings, "NDQ011", Securities=[security()]) == ["NEEDS INPUT"]


def test_votes_of_a_position_where_they_differ(findings):
    classes = [
        {"name": "A", "outstanding": 4_000_000, "votes_per_share": 1},
        {"name": "B", "outstanding": 1_000_000, "votes_per_share": 10},
    ]
    buyer = {**BUYER, "held_before": 0, "rights_before": 0}
    given = {"Securities": [security()], "Classes": classes}
    (unknown,) = findings("NDQ011", Purchasers=[buyer], **given)
    assert unknown.verdict == "NEEDS INPUT"
    assert "Votes and shares differ" in unknown.message
    (votes,) = findings("NDQ011", Purchasers=[{**buyer, "votes_before": 0}], **given)
    assert votes.verdict == "REVIEW", "ten million votes of twenty-four"
    both = "1,000,000 of 6,000,000 shares, 16.667%, and 10,000,000 of 24,000,000 votes, 41.667%"
    assert f"{both}: at or above the line" in votes.message
    issued = {**given, "Securities": [security(share_class="A")]}
    (votes,) = findings("NDQ011", Purchasers=[{**buyer, "votes_before": 0}], **issued)
    assert votes.verdict == "OK", "the class issued has one vote: a million of fifteen"
    issued = {**given, "Securities": [security(share_class="B")]}
    (votes,) = findings("NDQ011", Purchasers=[{**buyer, "votes_before": 0}], **issued)
    assert votes.verdict == "REVIEW"


# ---------------------------------------------------------------- 5635(c)


@pytest.mark.parametrize(
    ("relationship", "paid", "word"),
    [
        ("DIRECTOR", 9_990_000, "REQUIRED"),
        ("OFFICER", 10_000_000, "OK"),
        ("CONTROLLED ENTITY", 9_990_000, "REVIEW"),
        ("SUBSTANTIAL SHAREHOLDER", 9_990_000, "OK"),
        ("NONE", 9_990_000, "OK"),
        (None, 9_990_000, "NEEDS INPUT"),
        (None, 10_000_000, "OK"),
    ],
)
def test_sales_to_insiders(findings, relationship, paid, word):
    buyer = {**BUYER, "relationship": relationship}
    given = {"Securities": [security(paid=paid)], "Purchasers": [buyer]}
    assert words(findings, "NDQ008", **given) == [word]


def test_a_unit_sold_to_an_insider_pays_for_its_warrants(findings):
    """FAQ 279: 0.125 a warrant is taken out before the price is put against the closing bid."""
    buyer = {**BUYER, "relationship": "OFFICER"}
    unit = [security(paid=10_125_000), warrant(quantity=1_000_000)]
    assert words(findings, "NDQ008", Securities=unit, Purchasers=[buyer]) == ["OK"]
    unit[0]["paid"] = 10_124_999
    assert words(findings, "NDQ008", Securities=unit, Purchasers=[buyer]) == ["REQUIRED"]


def test_a_convertible_at_the_bid_is_reviewed(findings):
    """FAQ 276 asks for more than market value, the other FAQs for not less."""
    buyer = {**BUYER, "relationship": "DIRECTOR"}
    note = security(kind="CONVERTIBLE", paid=10_000_000)
    assert words(findings, "NDQ008", Securities=[note], Purchasers=[buyer]) == ["REVIEW"]


# ---------------------------------------------------------------- directors and notice

RIGHTS = {
    "board_size": 7,
    "designees": 2,
    "investor_votes": 2_681,
    "total_votes": 10_000,
    "minimum_ownership": 0.05,
    "step_down": True,
}


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({}, "OK"),
        ({"designees": 3}, "BREACH"),
        ({"minimum_ownership": None}, "REVIEW"),
        ({"step_down": False}, "REVIEW"),
        ({"investor_votes_now": 1_000, "total_votes_now": 10_000}, "REVIEW"),
        ({"total_votes": None}, "NEEDS INPUT"),
        ({"investor_votes": 10_001}, "NEEDS INPUT"),
    ],
)
def test_rights_to_name_directors(findings, facts, word):
    assert words(findings, "NDQ012", Deal={**RIGHTS, **facts}) == [word]


def test_rights_that_are_not_given_are_said(findings):
    assert words(findings, "NDQ012") == ["NOTE"]
    assert words(findings, "NDQ012", Deal={"designees": 0}) == []


NO_TRIGGER = {"deal_kind": "PRIVATE PLACEMENT", "unapproved_equity_plan": False}
SMALL_BUYER = {**BUYER, "bought": 500_000, "held_before": 0, "rights_before": 0}


@pytest.mark.parametrize(
    ("quantity", "facts", "word"),
    [
        (500_000, {}, "OK"),
        (500_001, {}, "NEEDS INPUT"),
        (500_001, {"las_submitted": "2024-02-29"}, "OK"),
        (500_001, {"las_submitted": "2024-03-01"}, "BREACH"),
        (500_000, {"unapproved_equity_plan": None}, "NEEDS INPUT"),
        (500_000, {"deal_kind": None}, "NEEDS INPUT"),
    ],
)
def test_notice_of_additional_shares(findings, quantity, facts, word):
    """Above 10%, fifteen calendar days before the closing of 15 March: 29 February."""
    sold = security(quantity=quantity, paid=quantity * 10)
    found = findings(
        "NDQ013",
        Securities=[sold],
        Purchasers=[{**SMALL_BUYER, "bought": quantity}],
        Deal={**NO_TRIGGER, **facts},
    )
    assert [each.verdict for each in found] == [word]
    assert word != "BREACH" or "1 days late" in found[0].message


# ---------------------------------------------------------------- clusters


def issuance(name, closing, **more):
    return {
        "transaction": name,
        "closing": closing,
        "issuable": 300_000,
        "outstanding_before": 5_000_000,
        **more,
    }


APART = dict.fromkeys(
    ("common_investors", "planned", "contingent", "same_use_of_proceeds", "same_board_approval"),
    False,
)


def test_an_issuance_linked_through_another_joins(findings, verdict):
    """Far from this deal and stated apart, but four months from one that may be counted."""
    sold = security(quantity=500_000, paid=4_990_000)
    first = issuance("First", "2023-08-01", **APART)
    second = issuance("Second", "2023-12-01")
    assert verdict(Securities=[sold], Issuances=[first]) == "NOT REQUIRED"
    assert verdict(Securities=[sold], Issuances=[second]) == "NOT REQUIRED"
    assert verdict(Securities=[sold], Issuances=[first, second]) == "REVIEW"
    found = findings("NDQ006", Securities=[sold], Issuances=[first, second])
    text = "\n".join(each.message for each in found)
    assert "First is stated apart from this deal, but linked with Second" in text
    assert "First and Second (not far enough apart)" in text
    assert "Together 1,100,000 is 22% of 5,000,000 outstanding before the first closing" in text


def test_a_later_first_closing_with_a_smaller_count_is_tried_too(verdict):
    """Shares were bought back in between: counted from the second on, the line is reached."""
    sold = security(quantity=500_000, paid=4_990_000)
    first = issuance("First", "2023-11-01", issuable=1, outstanding_before=9_000_000)
    second = issuance("Second", "2023-12-01", issuable=500_000)
    assert verdict(Securities=[sold], Issuances=[first, second]) == "REVIEW"


def test_votes_before_an_earlier_closing(verdict):
    classes = [
        {"name": "A", "outstanding": 3_000_000, "votes_per_share": 1},
        {"name": "B", "outstanding": 3_000_000, "votes_per_share": 10},
    ]
    stock = security(quantity=590_000, paid=5_310_000)
    earlier = issuance("Earlier", "2024-03-01", issuable=10_000, outstanding_before=6_000_000)
    given = {"Securities": [stock], "Classes": classes}
    assert verdict(Issuances=[earlier], **given) == "NEEDS INPUT"
    known = {**earlier, "votes_before": 33_000_000}
    assert verdict(Issuances=[known], **given) == "NOT REQUIRED"


# ---------------------------------------------------------------- headroom and ways out


def test_what_counts_is_labelled(findings):
    rows = [
        security(quantity=400_000, paid=3_990_000),
        warrant(quantity=100_000),
        {"name": "Earn-out", "kind": "EARN-OUT", "quantity": 50_000},
    ]
    (found,) = findings("NDQ014", Securities=rows, Deal={"insider_sales": 10_000})
    for part in (
        "560,000 counted",
        "Shares 400,000 (closing shares)",
        "Warrants 100,000 (warrants that join)",
        "Earn-out 50,000 (earn-out)",
        "sales by insiders 10,000",
        "Over Common 5,000,000: 11.2%",
    ):
        assert part in found.message
    assert "shares left before a vote: 439,999" in found.headroom


def test_every_way_out_is_named_with_its_figure(findings):
    rows = [security(quantity=600_000, paid=6_000_000), warrant(quantity=600_000)]
    messages = [found.message for found in findings("NDQ015", Securities=rows)]
    assert [message.split(":")[0] for message in messages] == [
        "Raise unit price",
        "Cap shares",
        "Defer exercise",
        "Seek the vote",
    ]
    assert "10.125 (Shares + Warrants)" in messages[0]
    assert "999,999" in messages[1]
    assert "2024-09-15" in messages[2]


@pytest.mark.parametrize(
    ("paid", "then"), [((3_000_000, 3_000_000), "NOT REQUIRED"), ((2_990_000, 3_010_000), "REVIEW")]
)
def test_a_raised_price_is_paid_by_every_purchaser(findings, paid, then):
    """Payments that stayed as they were made each purchaser one that pays less than all do."""
    rows = [security(quantity=600_000, paid=6_000_000), warrant(quantity=600_000)]
    facts = {"relationship": "NONE", "security": "Shares", "held_before": 0, "rights_before": 0}
    buyers = [
        {"name": name, "bought": 300_000, "paid": each, **facts}
        for name, each in zip(("First Fund", "Second Fund"), paid, strict=True)
    ]
    raised = findings("NDQ015", Securities=rows, Purchasers=buyers)[0]
    assert raised.message.startswith("Raise unit price: 10.125")
    assert raised.message.endswith(f"The changed deal: {then}")


def test_no_way_out_where_none_is_needed(findings):
    assert findings("NDQ015") == []


UNITS = [
    [security(quantity=600_000, paid=6_000_000), warrant(quantity=600_000)],
    [security(paid=9_990_000)],
    [security(paid=10_200_000), warrant(quantity=1_000_000, exercise_price=9.5)],
    [security(quantity=900_000, paid=8_100_000, kind="CONVERTIBLE", adjustment="RESET", floor=8)],
    [
        security(quantity=600_000, paid=5_990_000, kind="PREFUNDED", exercise_price=0.001),
        warrant(quantity=600_000, adjustment="RESET", floor=9),
    ],
    [
        security(quantity=900_000, paid=9_000_000),
        warrant(quantity=300_000),
        {"name": "Award", "kind": "ASSUMED AWARD", "quantity": 40_000},
    ],
    [
        security(quantity=300_000, paid=2_997_000),
        security(name="Notes", kind="CONVERTIBLE", quantity=500_000, paid=4_950_000),
        warrant(quantity=450_000, sold_with="Notes"),
    ],
]


@pytest.mark.parametrize("rows", UNITS)
def test_the_changed_deal_needs_no_vote_and_one_tick_less_does(deal, rows):
    """Every way out is applied to the deal itself and the whole evaluation run again."""
    original = deal(Securities=rows)
    assert approval(original).verdict == "REQUIRED"
    ways = ways_out.ways_out(original)
    assert ways[-1].fix.way == "SEEK THE VOTE"
    assert any(way.fix.way == "CAP SHARES" for way in ways)
    for way in ways[:-1]:
        again = evaluation.approval(way.deal)
        assert again.verdict == way.verdict != "REQUIRED", way.fix


@pytest.mark.parametrize("rows", UNITS)
def test_a_price_or_a_day_less_leaves_the_vote(deal, rows):
    original = deal(Securities=rows)
    before = ways_out.terms_of(original)
    for way in ways_out.ways_out(original):
        if way.fix.way == "RAISE UNIT PRICE":
            units = tuple(
                replace(new, price=Decimal(new.price) - Decimal("0.0001")) if new != old else new
                for old, new in zip(before.units, way.fix.terms.units, strict=True)
            )
            short = replace(way.fix.terms, units=units)
        elif way.fix.way == "DEFER EXERCISE":
            units = tuple(
                replace(unit, warrants=tuple(a_day_sooner(each) for each in unit.warrants))
                for unit in way.fix.terms.units
            )
            short = replace(way.fix.terms, units=units)
        else:
            continue
        less = approval(ways_out.applied(original, before, short))
        assert less.verdict == "REQUIRED", way.fix


def a_day_sooner(warrant):
    return replace(warrant, first_exercisable=warrant.first_exercisable - timedelta(days=1))


def test_a_cap_of_one_share_more_is_too_much(deal, verdict):
    rows = UNITS[0]
    (cap,) = [
        w.fix.to for w in ways_out.ways_out(deal(Securities=rows)) if w.fix.way == "CAP SHARES"
    ]
    assert verdict(Securities=rows, Deal={"share_cap": cap}) == "NOT REQUIRED"
    assert verdict(Securities=rows, Deal={"share_cap": cap + 1}) == "REQUIRED"


def test_the_evaluation_is_made_once(deal, monkeypatch):
    calls = []
    rule = evaluation.shareholder_approval
    monkeypatch.setattr(
        evaluation,
        "shareholder_approval",
        lambda *given, **named: calls.append(1) or rule(*given, **named),
    )
    one = deal()
    assert approval(one) is approval(one)
    made = len(calls)
    approval(one)
    assert len(calls) == made
