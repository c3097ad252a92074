"""Stated figures: the mistakes seen in practice, each found by its own code with the right figure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from xl_compliance import call

CASES = json.loads((Path(__file__).parent / "published_deals.json").read_text(encoding="utf-8"))

SHARES = {
    "name": "Shares",
    "kind": "COMMON",
    "quantity": 600_000,
    "ratio": 1,
    "paid": 5_990_000,
    "adjustment": "NONE",
}
WARRANTS = {
    "name": "Warrants",
    "kind": "WARRANT",
    "quantity": 600_000,
    "ratio": 1,
    "paid": 0,
    "exercise_price": 10,
    "first_exercisable": "2024-03-15",
    "adjustment": "NONE",
    "sold_with": "Shares",
}
NOTES = {
    "name": "Old notes",
    "transaction": "2022 notes",
    "kind": "CONVERTIBLE",
    "quantity": 10_000,
    "ratio": 100,
}
EARLIER = {
    "transaction": "2022 notes",
    "closing": "2024-01-15",
    "issuable": 500_000,
    "outstanding_before": 4_000_000,
}
# Closes that differ from day to day, the consolidated ones a cent or two off.
PRICES = [
    {"day": f"2024-03-{day:02}", "close": close, "consolidated": other, "bid": bid}
    for day, close, other, bid in (
        (1, 9.0, 9.01, 8.9),
        (4, 10.0, 10.01, 9.9),
        (5, 10.2, 10.22, 10.1),
        (6, 10.4, 10.41, 10.3),
        (7, 10.6, 10.61, 10.5),
        (8, 10.8, 10.83, 10.7),
        (11, 10.1, 10.11, 10.0),
    )
]


def stated(findings, figure, value, **changes):
    """Code, verdict and message of the findings about one stated figure."""
    given = {"Prices": PRICES, "Securities": [SHARES, WARRANTS], **changes}
    found = findings(**given, Stated=[{"figure": figure, "stated": value}])
    return [(f.code, f.verdict, f.message) for f in found if f.sheet == "Stated"]


@pytest.mark.parametrize(
    ("figure", "value", "code", "said"),
    [
        # Signed on 11 March at 11:30: 4 to 8 March count, 10.40 on average.
        ("MINIMUM PRICE", 10.4, "NDQ024", "agrees"),
        ("MINIMUM PRICE", 10.416, "NDQ019", "10.4 is right: the consolidated close stands"),
        ("MINIMUM PRICE", 10.1, "NDQ020", "only for a deal signed at or after 16:00"),
        ("MINIMUM PRICE", 10.6, "NDQ021", "the average is of 3 sessions, not 5"),
        ("MINIMUM PRICE", 10.8, "NDQ024", "the last close where the average is lower"),
        ("MINIMUM PRICE", 10.7, "NDQ021", "the average is of 2 sessions, not 5"),
        ("MINIMUM PRICE", 12.34, "NDQ024", "10.4 follows from the input sheets"),
        ("MARKET VALUE", 10.7, "NDQ024", "agrees"),
        ("PERCENTAGE", 0.24, "NDQ024", "agrees"),
        ("PERCENTAGE", 0.12, "NDQ018", "24% is right: Warrants is left out"),
        ("PERCENTAGE", 0.2, "NDQ016", "24% is right: Old notes is counted as outstanding"),
        ("PERCENTAGE", 0.1, "NDQ016", "Old notes is counted as outstanding; Warrants is left out"),
        ("PERCENTAGE", 0.19355, "NDQ024", "it is over the count after the deal"),
        ("OUTSTANDING", 5_000_000, "NDQ024", "agrees"),
        ("OUTSTANDING", 6_000_000, "NDQ016", "5,000,000 is right"),
        ("ISSUABLE", 1_200_000, "NDQ024", "agrees"),
        ("ISSUABLE", 600_000, "NDQ018", "1,200,000 is right: Warrants is left out"),
        # 1,700,000 of 4,000,000 before the first closing.
        ("AGGREGATED", 0.425, "NDQ024", "agrees"),
        ("AGGREGATED", 0.34, "NDQ022", "42.5% is right: it is over the count before this deal"),
        ("AGGREGATED", 0.365, "NDQ023", "percentages of different counts are added up"),
        ("AGGREGATED", 0.24, "NDQ024", "earlier issuances are left out"),
    ],
)
def test_which_mistake_explains_it(findings, figure, value, code, said):
    ((found_code, verdict, message),) = stated(
        findings, figure, value, Securities=[SHARES, WARRANTS, NOTES], Issuances=[EARLIER]
    )
    assert (found_code, verdict) == (code, "OK" if said == "agrees" else "BREACH")
    assert said in message


LATER = {**WARRANTS, "exercise_price": 10.4, "first_exercisable": "2024-09-15"}
TWO_CLASSES = [
    {"name": "A", "listed": True, "outstanding": 3_000_000, "votes_per_share": 1},
    {"name": "B", "listed": False, "outstanding": 2_000_000, "votes_per_share": 1},
]
ON_ONE_COUNT = {**EARLIER, "outstanding_before": 5_000_000}


@pytest.mark.parametrize(
    ("code", "figure", "value", "changes"),
    [
        ("NDQ016", "PERCENTAGE", 0.24, {"Securities": [SHARES, WARRANTS, NOTES]}),
        ("NDQ017", "PERCENTAGE", 0.24, {"Classes": TWO_CLASSES}),
        ("NDQ018", "PERCENTAGE", 0.12, {"Securities": [SHARES, LATER]}),
        ("NDQ019", "MINIMUM PRICE", 10.4, {}),
        ("NDQ020", "MINIMUM PRICE", 10.1, {"Deal": {"signed_at": "2024-03-11 16:00"}}),
        (
            "NDQ021",
            "MINIMUM PRICE",
            10.4,
            {"Prices": [dict(r, split=2) if r["day"] == "2024-03-04" else r for r in PRICES]},
        ),
        ("NDQ022", "AGGREGATED", 0.34, {"Issuances": [ON_ONE_COUNT]}),
        ("NDQ023", "AGGREGATED", 0.34, {"Issuances": [ON_ONE_COUNT]}),
    ],
)
def test_a_near_miss_is_no_mistake(findings, code, figure, value, changes):
    """The same look, and right: old notes outside the figure, warrants after six months, one count,
    a split on the first session that counts."""
    given = {"Prices": PRICES, "Securities": [SHARES, WARRANTS], **changes}
    found = findings(**given, Stated=[{"figure": figure, "stated": value}])
    assert [f for f in found if f.code == code] == []
    (stated_one,) = [f for f in found if f.sheet == "Stated"]
    assert (stated_one.code, stated_one.verdict) == ("NDQ024", "OK")


def test_the_listed_class_only(findings):
    classes = [
        {"name": "A", "listed": True, "outstanding": 3_000_000, "votes_per_share": 1},
        {"name": "B", "listed": False, "outstanding": 2_000_000, "votes_per_share": 1},
    ]
    ((code, verdict, message),) = stated(findings, "PERCENTAGE", 0.4, Classes=classes)
    assert (code, verdict) == ("NDQ017", "BREACH")
    assert "24% is right: only the listed class A is in it" in message


def test_a_figure_that_rounding_carries_across_the_line(findings):
    """19.9999% stated as 20% is another answer, not another decimal."""
    row = {**SHARES, "quantity": 999_999}
    ((_, verdict, message),) = stated(findings, "PERCENTAGE", 0.2, Securities=[row])
    assert verdict == "BREACH"
    assert "19.99998% follows" in message
    ((_, verdict, _),) = stated(
        findings, "PERCENTAGE", 0.2, Securities=[{**row, "quantity": 10**6}]
    )
    assert verdict == "OK"


def test_a_signing_after_the_close_uses_that_day(findings):
    after = {"signed_at": "2024-03-11 16:00"}
    ((code, verdict, _),) = stated(findings, "MINIMUM PRICE", 10.1, Deal=after)
    assert (code, verdict) == ("NDQ024", "OK")


def test_an_average_across_a_split(findings):
    """1-for-2 on the 7th: closes before it are doubled; the raw average mixes old and new shares."""
    rows = [dict(row, split=2) if row["day"] == "2024-03-07" else row for row in PRICES]
    given = {"Prices": rows}
    ((code, _, message),) = stated(findings, "MINIMUM PRICE", 10.4, **given)
    assert code == "NDQ021"
    assert "10.8 is right: the average runs across a split" in message
    found = findings("NDQ021", Prices=rows)
    assert [(f.verdict, f.sheet) for f in found] == [("REVIEW", "Prices")]


def test_a_split_in_the_window_keeps_no_from_being_said(verdict):
    rows = [dict(row, split=2) if row["day"] == "2024-03-07" else row for row in PRICES]
    at_market = {**SHARES, "quantity": 2_000_000, "paid": 20_800_000}
    assert verdict(Securities=[at_market], Prices=PRICES) == "NOT REQUIRED"
    assert verdict(Securities=[at_market], Prices=rows) == "NEEDS INPUT"


@pytest.mark.parametrize("name", ["Series A Preferred", "Old notes", "Warrants"])
def test_a_class_that_may_be_a_convertible(findings, name):
    classes = [{"name": "Common", "outstanding": 5_000_000}, {"name": name, "outstanding": 10_000}]
    given = {"Securities": [SHARES, WARRANTS, NOTES]}
    (found,) = findings("NDQ016", Classes=classes, **given)
    assert found.verdict == "REVIEW"
    classes[1]["counts_as"] = "VOTES ONLY"
    assert findings("NDQ016", Classes=classes, **given) == []


def test_official_closes_that_are_all_consolidated(findings):
    rows = [{**row, "consolidated": row["close"]} for row in PRICES]
    (found,) = findings("NDQ019", Prices=rows)
    assert found.verdict == "REVIEW"
    assert findings("NDQ019", Prices=PRICES) == []


def test_what_cannot_be_worked_out_needs_input(findings):
    ((code, verdict, _),) = stated(findings, "MINIMUM PRICE", 10, Prices=[])
    assert (code, verdict) == ("NDQ024", "NEEDS INPUT")


# ---------------------------------------------------------------- published deals


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_published_figures_through_the_functions(case):
    for entry in case.get("calls", ()):
        got = call(*entry["call"])
        assert (
            got == pytest.approx(entry["expect"], rel=1e-12)
            if isinstance(entry["expect"], float)
            else got == entry["expect"]
        ), entry


@pytest.mark.parametrize(
    "case", [case for case in CASES if "tables" in case], ids=lambda case: case["name"]
)
def test_published_figures_through_the_checks(case, deal):
    from xl_compliance.checks.registry import run_checks

    found = run_checks(deal(**{**BLANK_TABLES, **case["tables"]}))
    for wanted in case["findings"]:
        matching = [
            finding
            for finding in found
            if finding.code == wanted["code"]
            and finding.verdict == wanted["verdict"]
            and wanted["says"] in finding.message
        ]
        assert matching, (wanted, [(f.code, f.verdict, f.message) for f in found])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_published_case_says_why_it_is_here(case):
    assert case["reason"]
    assert case["source"]
    assert case["agrees"] in (True, False)
    if not case["agrees"]:
        assert any(f["verdict"] == "BREACH" for f in case["findings"]), "the difference is flagged"


BLANK_TABLES = {
    "Deal": {"signed_at": None, "closing_date": None, "transaction": None},
    "Classes": [],
    "Prices": [],
    "Securities": [],
}
