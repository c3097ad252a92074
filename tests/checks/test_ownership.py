"""Checks of the ownership table and of cover pages, and what is typed wrong into either."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

import xl_compliance
from xl_compliance.checks.sec_cover import _late
from xl_compliance.deal.frames import OwnershipInputError
from xl_compliance.rules.business_days import business_days_later, on_or_after

TOMORROW = (date.today() + timedelta(days=1)).isoformat()


def holder(name, held=0, rights=0, **more):
    return {"name": name, "held": held, "rights": rights, **more}


def person(name, aggregate, percent, **more):
    both = {"shared_voting": aggregate, "shared_dispositive": aggregate}
    return {"name": name, "aggregate": aggregate, "percent": percent, **both, **more}


FILING = {
    "Classes": [{"name": "Common", "outstanding": 1_000_000}],
    "Securities": [],
    "Holders": [holder("Fund", held=100_000)],
    "FilingFacts": {
        "form": "SC 13D",
        "event_date": "2024-03-01",
        "filed_on": "2024-03-08",
        "outstanding_stated": 1_000_000,
    },
    "Filing": [person("Fund", 100_000, "10%", source_of_funds="WC", person_type="PN")],
}


@pytest.fixture
def filed(findings):
    """The findings of one code about the filing above, changed."""

    def found(code, **changes):
        return findings(code, **{**FILING, **changes})

    return found


def only(found):
    (one,) = found
    return one


# The table


def test_the_table_names_what_is_not_counted(filed):
    rights = [holder("Fund", rights=50_000, exercisable_on="2024-12-01")]
    one = only(filed("SEC009", Holders=[*FILING["Holders"], *rights]))
    assert (one.verdict, one.cell) == ("NOTE", "B" + one.cell[1:])
    assert "100,000 of 1,000,000 is 10%; 50,000 not counted: more than 60 days away" in one.message


def test_a_right_without_its_date_leaves_its_holder_open_and_no_other(filed):
    rows = [
        holder("A", held=5, rights=10),
        holder("B", held=5, rights=10, exercisable_on="2024-03-01"),
    ]
    first, second = filed("SEC009", Holders=rows)
    assert (first.verdict, second.verdict) == ("NEEDS INPUT", "NOTE")
    assert "the date of first exercise is not given" in first.message


def test_a_position_without_its_holder_is_named(filed):
    one = only(filed("SEC009", Holders=[holder("A", held=5), {"held": 7}]))
    assert one.verdict == "NEEDS INPUT"
    assert "without its holder: fill Holders!B" in one.message


def test_a_position_without_its_class_is_named(filed):
    classes = [{"name": "A", "outstanding": 10}, {"name": "B", "outstanding": 10}]
    rows = [holder("F", held=5, of_class="A"), holder("G", held=5)]
    one = only(filed("SEC009", Classes=classes, Holders=rows))
    assert 'none of "A", "B": fill Holders!' in one.message


def test_more_held_than_outstanding_is_a_breach(filed):
    rows = [holder("A", held=600_000), holder("B", held=400_001)]
    assert {one.verdict for one in filed("SEC009", Holders=rows)} == {"REVIEW"}
    one = only(filed("SEC010", Holders=rows))
    assert one.verdict == "BREACH"
    assert "1,000,001 held in all, 1,000,000 outstanding" in one.message
    assert filed("SEC010", Holders=[holder("A", held=600_000), holder("B", held=400_000)]) == []


TWO_CLASSES = [
    {"name": "Common", "outstanding": 1_000_000, "votes_per_share": 1, "listed": True},
    {"name": "Series B", "outstanding": 500, "votes_per_share": 100, "counts_as": "VOTES ONLY"},
]


def test_a_right_that_converts_a_class_with_votes_has_to_say_so(filed):
    rows = [holder("F", rights=50_000, security="Series B", of_class="Common")]
    found = filed("SEC009", Classes=TWO_CLASSES, Holders=rows)
    (open_one,) = [one for one in found if one.verdict == "NEEDS INPUT"]
    assert '"Series B" has votes of its own, which count a second time' in open_one.message
    assert "enter its name in Holders!K" in open_one.message
    rows = [
        {**rows[0], "converts": "Series B"},
        holder("F", held=500, security="Series B", of_class="Series B"),
    ]
    common, preferred = filed("SEC009", Classes=TWO_CLASSES, Holders=rows)
    assert "50,000 of 1,050,000 is 4.762%, 4.762% of votes" in common.message
    assert "500 of 500 is 100%, 4.762% of votes" in preferred.message


def test_zero_held_with_rights_left_blank_is_not_nothing(filed):
    rows = [holder("Fund", held=100_000), {"name": "Fund", "held": 0, "security": "Warrant"}]
    one = only(filed("SEC009", Holders=rows))
    assert one.verdict == "NEEDS INPUT"
    assert "0 held and rights not given: 0 for none" in one.message
    for code in ("SEC001", "SEC002"):
        one = only(filed(code, Holders=rows))
        assert one.verdict == "NEEDS INPUT", "row 11 would tie to what is held alone"
        assert "fill Holders!F" in one.message


def test_a_holder_spelt_in_two_ways_is_not_two_holders_of_half_the_size(filed):
    rows = [holder("Birch LP", held=30_000), holder("Birch, L.P.", held=30_000)]
    found = filed("SEC009", Holders=rows, Filing=[])
    assert [one.verdict for one in found] == ["REVIEW", "REVIEW"]
    assert '"Birch, L.P.": the same holder in another spelling?' in found[0].message


def test_a_member_that_holds_nothing_is_entered_as_the_message_says(filed):
    rows = [holder("A", held=5, group="G"), holder("B", held=0, rights=0, group="G")]
    members = [{"group": "G", "member": "A"}, {"group": "G", "member": "B"}]
    assert filed("SEC018", Holders=rows, Groups=members) == []
    assert {one.verdict for one in filed("SEC009", Holders=rows, Groups=members)} == {"NOTE"}


# The cover page


def test_a_cover_page_that_agrees_with_itself(filed):
    assert only(filed("SEC011")).verdict == "OK"


def test_row_13_that_does_not_follow_from_row_11(filed):
    one = only(filed("SEC011", Filing=[person("Fund", 100_000, "11%")]))
    assert one.verdict == "BREACH"
    assert "row 13 says 11%, row 11 over outstanding and rights is 10.0%" in one.message


def test_row_11_and_row_13_under_a_blocker(filed):
    rows = [holder("Fund", 50_000), holder("Fund", rights=90_000, blocker=0.0999)]
    rows[1]["exercisable_on"] = "2024-03-01"
    counted = 55_438  # floor((9.99% x 1,000,000 - 50,000) / (1 - 9.99%))
    cover = [person("Fund", 50_000 + counted, "10%")]
    for code in ("SEC001", "SEC002", "SEC011"):
        assert only(filed(code, Holders=rows, Filing=cover)).verdict == "OK", code
    cover = [person("Fund", 140_000, "12.8%")]
    assert only(filed("SEC001", Holders=rows, Filing=cover)).verdict == "BREACH"


def test_four_persons_of_one_position_are_not_added_up(filed):
    persons = [person(f"P{n}", 100_000, "10%", position="Fund") for n in range(4)]
    one = only(filed("SEC012", Filing=persons))
    assert one.verdict == "NOTE"
    assert "4 persons report one position of 100,000: 10% once, not 40%" in one.message


def test_one_who_reports_the_sum_of_the_others_is_a_breach(filed):
    persons = [person(f"P{n}", 100_000, "10%", position="Fund") for n in range(3)]
    persons.append(person("All", 300_000, "30%", position="Fund"))
    assert "BREACH" in {one.verdict for one in filed("SEC012", Filing=persons)}


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"source_of_funds": "WC, OO", "person_type": "HC; IA"}, ""),
        ({"source_of_funds": "Cash", "person_type": "IN"}, "row 4 says CASH"),
        ({"source_of_funds": "PF", "person_type": "LLC"}, "row 14 says LLC"),
    ],
)
def test_codes_of_source_and_type(filed, changes, wrong):
    found = filed("SEC013", Filing=[person("Fund", 100_000, "10%", **changes)])
    assert [one.verdict for one in found] == (["BREACH"] if wrong else [])
    assert all(wrong in one.message for one in found)


def test_item_5_against_the_cover(filed):
    facts = {**FILING["FilingFacts"], "item_5_shares": 100_001, "item_5_percent": "10%"}
    shares, part = filed("SEC014", FilingFacts=facts)
    assert (shares.verdict, part.verdict) == ("BREACH", "OK")
    assert "Item 5 says 100,001, row 11 100,000" in shares.message


ONE_POSITION = [person("Fund", 100_000, "10%"), person("Manager", 100_000, "10%")]
TWO_POSITIONS = [person("Fund", 100_000, "10%"), person("Manager", 120_000, "12%")]


@pytest.mark.parametrize(
    ("shares", "persons", "verdict", "says"),
    [
        (100_000, ONE_POSITION, "OK", "row 11 100,000"),
        (100_000, TWO_POSITIONS, "REVIEW", "it is not what every person reports"),
        (120_000, TWO_POSITIONS, "REVIEW", "it is not what every person reports"),
        (220_000, TWO_POSITIONS, "REVIEW", "the sum of the persons', right only where none"),
        (200_000, ONE_POSITION, "BREACH", "shares of one position are added up"),
        (150_000, TWO_POSITIONS, "BREACH", "row 11 100,000, 120,000"),
    ],
)
def test_item_5_has_to_tie_to_every_person(filed, shares, persons, verdict, says):
    facts = {**FILING["FilingFacts"], "item_5_shares": shares}
    one = only(filed("SEC014", FilingFacts=facts, Filing=persons))
    assert (one.verdict, says in one.message) == (verdict, True), one.message


@pytest.mark.parametrize(
    ("item_5", "row_13", "verdict"),
    [
        ("5.08%", "5.1%", "OK"),  # one percentage at two roundings, as Jushi's filing has it
        ("5.1%", "5.08%", "OK"),
        ("36%", "36.2%", "OK"),  # "approximately"
        ("5.04%", "5.1%", "BREACH"),
        ("36.2%", "36.3%", "BREACH"),
    ],
)
def test_item_5_at_another_rounding_than_row_13(filed, item_5, row_13, verdict):
    facts = {**FILING["FilingFacts"], "item_5_percent": item_5}
    one = only(filed("SEC014", FilingFacts=facts, Filing=[person("Fund", 100_000, row_13)]))
    assert one.verdict == verdict, one.message


def test_row_13_stated_to_more_decimals_is_held_to_them(filed):
    for row_13, verdict in (("10.04%", "BREACH"), ("10.00%", "OK"), ("10%", "OK")):
        cover = [person("Fund", 100_000, row_13)]
        assert only(filed("SEC002", Filing=cover)).verdict == verdict, row_13
        assert only(filed("SEC011", Filing=cover)).verdict == verdict, row_13


@pytest.mark.parametrize(
    ("form", "event", "filing", "verdict", "says"),
    [
        ("Schedule 13D, Amendment 3", "2024-03-01", "2024-03-06", "BREACH", "due 2024-03-05"),
        ("13D-A", "2024-03-01", "2024-03-06", "BREACH", "due 2024-03-05"),
        ("Amended SC 13D", "2024-03-01", "2024-03-05", "OK", "due 2024-03-05"),
        ("SC 13D", "2024-02-02", "2024-02-12", "OK", "due 2024-02-12"),
        ("SC 13D", "2024-02-05", "2024-02-13", "BREACH", "due 2024-02-12: 1 business day late"),
        ("SC 13D", "2024-11-22", "2024-12-03", "BREACH", "due 2024-12-02: 1 business day late"),
        ("SC 13D/A", "2024-07-03", "2024-07-08", "OK", "due 2024-07-08"),
        ("SC 13G", "2024-03-01", "2024-06-30", "REVIEW", '"SC 13G": its due date is not decided'),
        ("SC 13G/A", "2024-03-01", "2024-03-02", "REVIEW", "only that of a 13D"),
        ("SC 13G", "2024-03-08", "2024-03-01", "BREACH", "before the event"),
        ("8-K", "2024-03-01", "2024-03-04", "REVIEW", '"8-K": its due date is not decided'),
        ("SC 13D", "2024-03-01", "2024-03-08", "OK", "due 2024-03-08"),
        ("SC 13D", "2024-03-01", "2024-03-11", "BREACH", "1 business day late"),
        ("SC 13D/A", "2024-03-01", "2024-03-06", "BREACH", "due 2024-03-05"),
        ("SC 13D/A", "2013-07-08", "2013-07-17", "REVIEW", "promptly"),
        ("SC 13D", "2013-07-08", "2013-07-18", "OK", "due 2013-07-18"),
        ("SC 13D", "2024-03-08", "2024-03-01", "BREACH", "before the event"),
    ],
)
def test_filed_in_time(filed, form, event, filing, verdict, says):
    facts = {"form": form, "event_date": event, "filed_on": filing, "outstanding_stated": 1_000_000}
    then = only([one for one in filed("SEC015", FilingFacts=facts) if one.verdict != "NOTE"])
    assert then.verdict == verdict
    assert says in then.message


@pytest.mark.parametrize(
    "blank",
    [
        ["form"],
        ["event_date"],
        ["filed_on"],
        ["event_date", "filed_on"],
        ["form", "event_date", "filed_on"],
    ],
)
def test_a_filing_without_form_or_dates_is_not_in_time_by_silence(filed, deal, blank):
    facts = {**FILING["FilingFacts"], **dict.fromkeys(blank)}
    one = only(filed("SEC015", FilingFacts=facts))
    assert one.verdict == "NEEDS INPUT"
    assert "whether it was filed in time is not known: fill " in one.message
    read = deal(**{**FILING, "FilingFacts": facts}).filing_facts
    for key in ("form", "event_date", "filed_on"):
        assert (getattr(read, key).address in one.message) == (key in blank), one.message


def test_a_cap_table_without_a_filing_has_no_due_date(filed):
    facts = dict.fromkeys(FILING["FilingFacts"]) | {"event_date": "2024-03-01"}
    assert filed("SEC015", FilingFacts=facts, Filing=[]) == []


@pytest.mark.parametrize("key", ["event_date", "filed_on"])
def test_a_filing_of_tomorrow_is_neither_early_nor_late(filed, key):
    assert filed("SEC015", FilingFacts={**FILING["FilingFacts"], key: TOMORROW}) == []


def test_days_late_are_business_days_across_weekends_and_holidays():
    def one_by_one(due: date, filing: date) -> int:
        days = 0
        while business_days_later(due, days + 1) <= filing:
            days += 1
        return days + (on_or_after(filing) != filing)

    start = date(2023, 12, 1)
    for first in range(60):
        due = on_or_after(start + timedelta(first))
        for later in range(1, 40):
            days = one_by_one(due, due + timedelta(later))
            plural = "day" if days == 1 else "days"
            assert _late(due, due + timedelta(later)) == f"{days} business {plural} late"


def test_a_saturday_after_a_friday_is_one_day_late():
    assert _late(date(2024, 3, 8), date(2024, 3, 9)) == "1 business day late"
    assert _late(date(2024, 3, 8), date(2024, 3, 11)) == "1 business day late"
    assert _late(date(2024, 11, 27), date(2024, 11, 29)) == "1 business day late", "Thanksgiving"


def test_giga_tronics_would_be_five_business_days_late_today(filed):
    facts = {"form": "SC 13D/A", "event_date": "2013-07-08", "filed_on": "2013-07-17"}
    _, today = filed("SEC015", FilingFacts=facts)
    assert "due 2013-07-10: 5 business days late" in today.message


# Typed wrong


def test_a_percentage_without_its_sign_is_named(filed):
    one = only(filed("INP001", Filing=[person("Fund", 100_000, 36.2)]))
    assert one.verdict == "UNREADABLE"
    assert "Row 13" in one.message
    assert "36.2 is above 1" in one.message
    assert one.sheet == "Filing"


def test_a_blocker_without_its_percent_sign_is_named(filed):
    one = only(filed("INP001", Holders=[holder("Fund", rights=5, blocker=9.99)]))
    assert "Blocker: 9.99 is above 1" in one.message


def test_shares_and_percentage_swapped(filed):
    one = only(filed("SEC017", Filing=[person("Fund", "17.4", 174_000)]))
    assert one.verdict == "BREACH"
    assert "are the two columns swapped?" in one.message
    assert filed("SEC017") == []


def test_a_negative_holding_is_named_and_dropped_from_nothing_silently(filed):
    rows = [holder("Fund", held=-5), holder("Other", held=7)]
    one = only(filed("INP001", Holders=rows))
    assert "Held: -5 is negative" in one.message
    assert {f.message.split(",")[0] for f in filed("SEC009", Holders=rows)} == {"Fund", "Other"}


@pytest.mark.parametrize("key", ["event_date", "filed_on"])
def test_a_date_in_the_future_is_named(filed, key):
    found = filed("SEC016", FilingFacts={**FILING["FilingFacts"], key: TOMORROW})
    assert only(found).verdict == "NEEDS INPUT"
    assert "is in the future" in only(found).message


def test_a_member_without_a_position_is_named(filed):
    rows = [holder("A", held=5, group="G")]
    members = [{"group": "G", "member": "A"}, {"group": "G", "member": "B"}]
    one = only(filed("SEC018", Holders=rows, Groups=members))
    assert one.verdict == "NEEDS INPUT"
    assert '"B" of "G" has no position on the Holders sheet' in one.message


def test_a_position_that_does_not_say_its_group_is_named(filed):
    rows = [holder("A", held=5, group="G"), holder("A", held=7)]
    one = only(filed("SEC018", Holders=rows, Groups=[{"group": "G", "member": "A"}]))
    assert "does not say so" in one.message


def test_several_holders_of_one_security_add_up(filed):
    securities = [
        {"name": "W", "transaction": "Old", "kind": "WARRANT", "quantity": 30, "ratio": 1}
    ]
    rows = [holder("A", rights=10, security="W"), holder("B", rights=20, security="W")]
    one = only(filed("SEC003", Securities=securities, Holders=rows, Filing=[]))
    assert one.verdict == "OK"
    assert "W: 30 by 2 positions = 30 x 1" in one.message


# Data frames

CLASSES = pd.DataFrame({"class": ["Common"], "outstanding": [1000]})


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"held": [5, -5]}, 'holders, row 1, column "held": -5 is negative'),
        ({"held": [5, "5O"]}, 'row 1, column "held": "5O" is not a number (letter O?)'),
        ({"held": [5, 5], "blocker": [None, 9.99]}, "for 9.99% enter 0.0999"),
        ({"shares": [5, 5]}, 'column "shares" is not one of holder'),
        ({"held": [5, 5], "exercisable_on": ["soon", None]}, '"soon" is not a date'),
        ({"held": [5, 5], "class": ["Common", "B"]}, '"B" is not among the classes: Common'),
    ],
)
def test_frames_that_cannot_be_read_say_where(columns, says):
    holders = pd.DataFrame({"holder": ["A", "B"], **columns})
    with pytest.raises(OwnershipInputError) as raised:
        xl_compliance.ownership_table(holders, CLASSES)
    assert says in str(raised.value)


def test_every_problem_of_a_frame_is_told():
    holders = pd.DataFrame({"holder": ["A", None], "held": [-1, -2]})
    with pytest.raises(OwnershipInputError) as raised:
        xl_compliance.ownership_table(holders, CLASSES)
    assert len(raised.value.problems) == 3


def test_a_member_missing_from_the_holders_frame_is_named():
    holders = pd.DataFrame({"holder": ["A"], "held": [5]})
    groups = pd.DataFrame({"group": ["G", "G"], "member": ["A", "B"]})
    with pytest.raises(OwnershipInputError, match='"B", a member of "G", has no position'):
        xl_compliance.ownership_table(holders, CLASSES, groups=groups)


def test_a_member_whose_position_says_another_group_is_named():
    holders = pd.DataFrame({"holder": ["A", "B"], "held": [5, 6], "group": ["H", None]})
    groups = pd.DataFrame({"group": ["G", "g "], "member": ["A", "B"]})
    with pytest.raises(OwnershipInputError) as raised:
        xl_compliance.ownership_table(holders, CLASSES, groups=groups)
    assert '"A" is a member of "G", but a position of it says "H"' in str(raised.value)


def test_a_group_spelt_in_two_ways_is_one():
    holders = pd.DataFrame({"holder": ["A"], "held": [5]})
    groups = pd.DataFrame({"group": ["G", "g "], "member": ["A", "a"]})
    table = xl_compliance.ownership_table(holders, CLASSES, groups=groups)
    assert table["name"].tolist() == ["A", "G"]


def test_a_column_that_is_not_there_is_none_and_a_blank_in_one_is_not():
    without = pd.DataFrame({"holder": ["A", "B"], "held": [5, 0]})
    table = xl_compliance.ownership_table(without, CLASSES)
    assert table["status"].tolist() == ["OK", "OK"]
    table = xl_compliance.ownership_table(without.assign(rights=[None, None]), CLASSES)
    assert table["status"].tolist() == ["OK", "NEEDS INPUT"]


def test_a_column_that_is_there_twice_is_named():
    holders = pd.DataFrame([["A", 5, 6]], columns=["holder", "held", "held"])
    with pytest.raises(OwnershipInputError, match='holders: the column "held" is there twice'):
        xl_compliance.ownership_table(holders, CLASSES)


def test_a_frame_gives_a_frame_and_is_not_changed():
    holders = pd.DataFrame(
        {"holder": ["A", "A", "B"], "held": [5, None, 7.5], "rights": [0, 3, None]}
    )
    before = holders.copy()
    table = xl_compliance.ownership_table(holders, CLASSES)
    assert table["name"].tolist() == ["A", "B"]
    assert table["percent_of_class"].tolist() == [8 / 1003, 7.5 / 1000]
    pd.testing.assert_frame_equal(holders, before)


def test_reading_keeps_the_cell_of_every_new_entry(deal):
    read = deal(**{**FILING, "Groups": [{"group": "G", "member": "A"}]})
    assert read.groups[0].member.where.startswith("Groups!C")
    assert read.holders[0].blocker.value is None
