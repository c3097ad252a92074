"""Prospectus offerings through the checks: each code on its line, and one step off it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from xl_compliance.checks.findings import Severity, severity_of
from xl_compliance.checks.registry import run_checks
from xl_compliance.deal.reading import read_deal
from xl_compliance.functions.calling import call
from xl_compliance.workbook.input_sheets import ALL_TABLES, OFFERING_TABLES
from xl_compliance.workbook.snapshot import Snapshot, UnreadableWorkbook

OFFERING: dict[str, Any] = {
    "name": "Base",
    "offer_price": 8.5,
    "announced_at": "2024-05-06 17:00",
    "close": 10,
    "close_date": "2024-05-06",
    "size": 1_000_000,
    "over_allotment": 150_000,
    "outstanding": 10_000_000,
    "purchasers": 50,
    "confirmed": True,
    "letter_interest": "The chair buys",
    "letter_control": "None",
    "letter_marketed": True,
    "letter_when_issued": False,
}
CHAIR = {"scenario": "Base", "name": "Chair", "held": 1_000_000, "bought": 100_000}
FUND = {"scenario": "base", "name": "Fund", "held": 2_000_000, "bought": 50_000}
CLOSES = [
    {"day": f"2024-{day}", "close": 10, "value": 1_000_000, "volume": 100_000}
    for day in ("04-30", "05-01", "05-02", "05-03", "05-06")
]


@pytest.fixture
def offering(read_tables):
    """The findings about one offering with some inputs changed."""

    def found(code: str, insiders=(CHAIR,), closes=CLOSES, **changes):
        contents = {
            "Offerings": [{**OFFERING, **changes}],
            "Insiders": list(insiders),
            "SessionCloses": closes,
        }
        every = run_checks(read_tables(contents, OFFERING_TABLES))
        return [finding for finding in every if finding.code == code]

    return found


@pytest.fixture
def only(offering):
    """The one finding with a code."""

    def found(code: str, **changes):
        (finding,) = offering(code, **changes)
        return finding

    return found


# ---------------------------------------------------------------- the route


@pytest.mark.parametrize(
    ("changes", "verdict", "severity"),
    [
        ({}, "606", Severity.OK),
        ({"offer_price": 8.49}, "607 ALL INSIDER PURCHASES", Severity.ERROR),
        ({"insiders": [{**CHAIR, "bought": 100_001}]}, "607 INSIDER EXCESS", Severity.ERROR),
        ({"purchasers": 49, "dealers_notified": False}, "607 WHOLE OFFERING", Severity.ERROR),
        ({"purchasers": 49, "dealers_notified": True}, "606", Severity.OK),
        ({"purchasers": 49}, "NEEDS INPUT", Severity.WARNING),
        ({"purchasers": 49.5}, "NEEDS INPUT", Severity.WARNING),
        ({"purchasers": 49, "marketed_abroad": True}, "REVIEW", Severity.WARNING),
        ({"confirmed": False}, "607 WHOLE OFFERING", Severity.ERROR),
        ({"confirmed": None}, "606", Severity.OK),
        ({"insiders": []}, "NEEDS INPUT", Severity.WARNING),
        ({"insiders": [{**CHAIR, "bought": 0}]}, "606", Severity.OK),
        ({"insiders": [{**CHAIR, "held": 10_000_001}]}, "BREACH", Severity.ERROR),
        ({"as_of": "2023-04-19"}, "REVIEW", Severity.WARNING),
        ({"as_of": "2023-04-20"}, "606", Severity.OK),
        ({"exemption": "LIFE"}, "606", Severity.OK),
        (
            {"exemption": "LIFE", "purchasers": 49, "dealers_notified": False},
            "REVIEW",
            Severity.WARNING,
        ),
        ({"close": None, "close_date": None}, "606", Severity.OK),
        ({"close": None, "closes": []}, "NEEDS INPUT", Severity.WARNING),
    ],
)
def test_route(only, changes, verdict, severity):
    finding = only("TSX001", **changes)
    assert (finding.verdict, finding.severity) == (verdict, severity)
    assert finding.sheet == "Offerings"
    assert finding.source


def test_the_route_says_how_many_and_by_how_much(only):
    beyond = only("TSX001", offer_price=8.49)
    assert "section 607 applies to 100,000 of 1,000,000 securities" in beyond.message
    assert beyond.headroom == "0.01 below 8.5, the lowest price within the discount"
    assert "> 15%" in beyond.threshold
    assert "Offerings!C6" in beyond.inputs
    assert only("TSX001").headroom.startswith("0 above 8.5")


def test_what_is_missing_is_named_by_its_cell(only):
    assert "fill Offerings!G6" not in only("TSX001").message
    assert only("TSX001", outstanding=None).message.endswith("fill Offerings!J6")
    closed = only("TSX001", outstanding=None, close=None, close_date=None)
    assert "fill Offerings!J6;" in closed.message, "the reference close stands in"
    halves = only("TSX001", insiders=[CHAIR, {**FUND, "held": None}])
    assert halves.message.endswith("fill Insiders!D11")


def test_a_cell_and_the_check_agree(only):
    for price in (8.5, 8.49, 8.4999, 8.51):
        cell = call("TSX606", price, 10, True, 1_000_000, 100_000, 1_000_000, 10_000_000)
        assert only("TSX001", offer_price=price).verdict == cell


def test_the_severities_of_the_words():
    assert severity_of("607 WHOLE OFFERING") is Severity.ERROR
    assert severity_of("606") is Severity.OK


# ---------------------------------------------------------------- insiders


def test_room_and_excess_insider_by_insider(offering):
    rows = [{**CHAIR, "bought": 100_001}, FUND]
    over, within = sorted(offering("TSX002", insiders=rows), key=lambda it: it.verdict)
    assert (over.verdict, over.headroom) == ("NOTE", "1 over")
    assert (within.verdict, within.headroom) == ("OK", "150,000 left")
    assert offering("TSX002", offer_price=8.49) == []


def test_insiders_who_hold_more_together_than_is_outstanding(offering):
    both = [{**CHAIR, "held": 600, "bought": 0}, {**FUND, "held": 400, "bought": 0}]
    assert offering("TSX014", both, outstanding=1_000) == []
    (one,) = offering("TSX014", both, outstanding=999)
    assert one.verdict == "REVIEW"
    assert "insiders hold 1,000 together of 999 outstanding" in one.message
    (routed,) = offering("TSX001", both, outstanding=999)
    assert routed.verdict == "BREACH"
    assert "insiders hold 1,000 together of 999 outstanding" in routed.message


def test_insiders_who_buy_more_than_is_offered_with_the_option(offering):
    rows = [{**CHAIR, "bought": 1_150_000}]
    (whole,) = offering("TSX001", rows)
    assert whole.verdict == "607 INSIDER EXCESS"
    (beyond,) = offering("TSX001", [*rows, {**FUND, "bought": 1}])
    assert beyond.verdict == "BREACH"
    assert "insiders buy 1,150,001 together of 1,150,000 offered" in beyond.message


def test_an_excess_is_not_offset(offering):
    rows = [{**CHAIR, "bought": 100_001}, FUND]
    (finding,) = offering("TSX009", insiders=rows)
    assert finding.verdict == "NOTE"
    assert "together insiders buy 150,001 of 300,000 pro rata, but Chair" in finding.message
    assert offering("TSX009", insiders=[CHAIR, FUND]) == []
    together = [{**CHAIR, "bought": 100_001}, {**FUND, "bought": 200_000}]
    assert offering("TSX009", insiders=together) == [], "over together as well"


@pytest.mark.parametrize(
    ("stated", "verdict", "words"),
    [
        (100_000, "OK", ""),
        (115_000, "BREACH", "with the over-allotment option in the offering"),
        (90_909, "BREACH", "over those outstanding after the offering"),
        (99_999, "BREACH", "100000 worked out"),
    ],
)
def test_pro_rata_on_the_wrong_base(only, stated, verdict, words):
    finding = only("TSX010", insiders=[{**CHAIR, "stated_pro_rata": stated}])
    assert finding.verdict == verdict
    assert words in finding.message


def test_no_share_stated_nothing_to_compare(offering):
    assert offering("TSX010") == []


# ---------------------------------------------------------------- section 607


def test_what_607_asks_of_an_excess(only):
    finding = only("TSX003", offer_price=8.49)
    assert finding.verdict == "REQUIRED", "15.1% is beyond the band above 2.00 too"
    assert "0.1% of 10,000,000" not in finding.message
    assert "100,000, 1% of 10,000,000 outstanding" in finding.message
    assert "s. 607(g)(i): most securities below the market price without approval 2,500,000" in (
        finding.message
    )
    assert "s. 607(g)(ii)" in finding.message
    assert "market price 10 over five sessions" in finding.message


def test_607_waits_for_the_other_six_months_and_the_market_price(only):
    rows = [{**CHAIR, "bought": 100_001}]
    assert only("TSX003", insiders=rows).verdict == "NEEDS INPUT"
    without = [{"day": one["day"], "close": 10} for one in CLOSES]
    finding = only("TSX003", insiders=rows, closes=without)
    assert finding.verdict == "NEEDS INPUT"
    assert "market price needs value and volume" in finding.message


def test_an_excess_above_ten_percent_needs_a_vote_even_at_market(only):
    rows = [{**CHAIR, "bought": 1_100_001}]
    at_market = {"offer_price": 10, "size": 2_000_000}
    assert only("TSX003", insiders=rows, **at_market).verdict == "NEEDS INPUT"
    over = [{**CHAIR, "bought": 1_200_001}]
    assert only("TSX003", insiders=over, **at_market).verdict == "REQUIRED"


def test_nothing_goes_to_607_nothing_is_asked(offering):
    assert offering("TSX003") == []


# ---------------------------------------------------------------- notice and marketing


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "OK"),
        ({"letter_when_issued": None}, "INCOMPLETE"),
        ({"letter_control": True}, "INCOMPLETE"),
        ({"letter_interest": "TBD"}, "INCOMPLETE"),
        (
            dict.fromkeys(
                ("letter_interest", "letter_control", "letter_marketed", "letter_when_issued")
            ),
            "NEEDS INPUT",
        ),
    ],
)
def test_letter(only, changes, verdict):
    assert only("TSX004", **changes).verdict == verdict


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "OK"),
        ({"purchasers": 49}, "NEEDS INPUT"),
        ({"purchasers": 49, "dealers_notified": False}, "NOTE"),
        ({"purchasers": 49, "marketed_abroad": True}, "REVIEW"),
    ],
)
def test_broadly_marketed(only, changes, verdict):
    assert only("TSX005", **changes).verdict == verdict


@pytest.mark.parametrize(
    ("confirmed", "verdict"),
    [(True, "OK"), (False, "BREACH"), (None, "NEEDS INPUT"), ("UNKNOWN", "REVIEW")],
)
def test_confirmation(only, confirmed, verdict):
    finding = only("TSX006", confirmed=confirmed)
    assert finding.verdict == verdict
    assert finding.cell == "N6"


def test_nothing_to_confirm_where_it_was_not_broadly_marketed(offering):
    assert offering("TSX006", purchasers=49, dealers_notified=False, confirmed=None) == []


def test_five_factors_had_no_broad_marketing_and_another_letter(offering):
    for code in ("TSX004", "TSX005", "TSX006"):
        assert offering(code, as_of="2023-04-19") == []


# ---------------------------------------------------------------- the close


@pytest.mark.parametrize(
    ("changes", "verdict", "words"),
    [
        ({}, "OK", "last session completed before announcement"),
        ({"close_date": "2024-05-07"}, "BREACH", "taken after the announcement"),
        ({"close_date": "2024-05-03"}, "BREACH", "the rule picks 10 of 2024-05-06"),
        ({"close": 9.99}, "BREACH", "the Closes sheet gives 10"),
        ({"announced_at": "2024-05-06 10:00"}, "BREACH", "the rule picks 10 of 2024-05-03"),
        ({"announced_at": "2024-05-06 10:00", "close_date": "2024-05-03"}, "OK", ""),
        ({"close_date": None}, "NEEDS INPUT", "enter its date"),
        ({"close": None, "close_date": None}, "OK", "no close is entered; 10 of 2024-05-06"),
        ({"closes": []}, "NEEDS INPUT", "2024-05-06"),
        ({"announced_at": None}, "NEEDS INPUT", "announced is not given"),
    ],
)
def test_reference_close(only, changes, verdict, words):
    finding = only("TSX007", **changes)
    assert finding.verdict == verdict
    assert words in finding.message


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ("2024-05-06 08:30", "OK"),
        ("2024-05-06 16:30", "BREACH"),
        ("2024-05-06 12:00", "REVIEW"),
        ("2024-05-06", "NEEDS INPUT"),
        ("2024-05-03 18:00", "OK"),
    ],
)
def test_seasoning(only, told, verdict):
    assert only("TSX008", disseminated_at=told).verdict == verdict


def test_no_material_information_no_seasoning(offering):
    assert offering("TSX008") == []


# ---------------------------------------------------------------- net proceeds


@pytest.mark.parametrize(
    ("terms", "commission", "verdict"),
    [
        ({"fee": 0.03}, 0.06, "607"),
        ({"fee": 0.03}, None, "NEEDS INPUT"),
        ({"fee": 0.06, "commission": 0}, 0.06, "606"),
        ({"fee": 0.0601, "commission": 0}, 0.06, "607"),
        ({"commission": 0}, 0.06, "606"),
    ],
)
def test_net_proceeds(only, terms, commission, verdict):
    finding = only("TSX011", insiders=[{**CHAIR, **terms}], commission=commission, offer_price=9.9)
    assert finding.verdict == verdict


def test_a_fee_without_the_commission_leaves_the_route_open(only):
    paid = [{**CHAIR, "fee": 0.03}]
    finding = only("TSX001", insiders=paid, offer_price=9.9)
    assert finding.verdict == "NEEDS INPUT"
    assert "Offerings!O6" in finding.message
    finding = only("TSX001", insiders=paid, offer_price=9.9, commission=0.06)
    assert finding.verdict == "607 INSIDER EXCESS"
    assert "applies to 100,000" in finding.message


def test_a_commission_alone_does_not_move_the_discount(only, offering):
    """The public's net price is below 85% of the close; no insider has terms of its own."""
    assert only("TSX001", commission=0.06).verdict == "606"
    assert offering("TSX011", commission=0.06) == []


@pytest.mark.parametrize(
    ("net", "verdict"), [(7.99, "606 IF WAIVED"), (8, "606 IF WAIVED"), (7.98, "607")]
)
def test_concurrent_placement(only, net, verdict):
    assert only("TSX012", placement_net=net, commission=0.06).verdict == verdict


def test_concurrent_placement_needs_the_commission(only, offering):
    finding = only("TSX012", placement_net=8)
    assert finding.verdict == "NEEDS INPUT"
    assert "fill Offerings!O6" in finding.message
    assert offering("TSX012", commission=0.06) == []


# ---------------------------------------------------------------- names and families


def test_insiders_of_no_scenario_and_names_used_twice(offering, read_tables):
    (stray,) = offering("TSX013", insiders=[CHAIR, {**FUND, "scenario": "Bse"}])
    assert (stray.verdict, stray.sheet) == ("BREACH", "Insiders")
    (nameless,) = offering("TSX013", insiders=[], name=None)
    assert nameless.sheet == "Offerings"
    assert offering("TSX013", insiders=[CHAIR, FUND]) == [], "capitals do not matter"
    contents = {"Offerings": [OFFERING, OFFERING]}
    twice = run_checks(read_tables(contents, OFFERING_TABLES))
    assert sum(finding.code == "TSX013" for finding in twice) == 2


@pytest.fixture
def codes(read_tables):
    """The codes of the findings about a workbook with some tables."""

    def found(contents, tables) -> set[str]:
        return {finding.code for finding in run_checks(read_tables(contents, tables))}

    return found


def test_a_workbook_of_offerings_misses_no_deal_tables(codes):
    found = codes({"Offerings": [OFFERING]}, OFFERING_TABLES)
    assert not {"INP002", "INP004", "INP005"} & found
    assert {code[:3] for code in found - {"INP009"}} == {"TSX"}
    assert "INP002" in codes({"Offerings": [OFFERING]}, OFFERING_TABLES[:2])


def test_a_tsx_deal_with_offerings_is_checked(pipe, codes):
    contents = {**pipe, "Deal": {**pipe["Deal"], "exchange": "TSX"}}
    assert "INP005" in codes(contents, ALL_TABLES)
    found = codes({**contents, "Offerings": [OFFERING], "Insiders": [CHAIR]}, ALL_TABLES)
    assert "INP005" not in found
    assert "TSX001" in found


def test_offerings_without_a_line_are_nothing_to_check(codes):
    assert codes({}, OFFERING_TABLES) == {"INP004"}


def test_no_table_of_any_family():
    with pytest.raises(UnreadableWorkbook, match="Offerings"):
        read_deal(Snapshot(Path("deal.xlsx"), (), (), (), False))


def test_an_incomplete_insider_stops_no_report_where_the_whole_offering_is_judged(only):
    unstated = {"scenario": "Base", "name": "Unstated", "held": 1_000}
    for changes in ({"purchasers": 10, "dealers_notified": False}, {"confirmed": False}):
        assert only("TSX001", insiders=[unstated, CHAIR], **changes).verdict == (
            "607 WHOLE OFFERING"
        )


def test_a_confirmation_that_is_not_decided_leaves_the_route_open(only):
    assert only("TSX001", confirmed="UNKNOWN").verdict == "REVIEW"
