"""Nothing is left out unseen: names that match nothing, names twice, holdings without a number."""

from __future__ import annotations

from dataclasses import replace

from xl_compliance.checks.registry import run_checks
from xl_compliance.workbook.input_sheets import INPUT_TABLES

HOLDER = {"name": "Fund LP", "security": "Common", "held": 100_000}
COVER = {
    "name": "Fund LP",
    "shared_voting": 100_000,
    "shared_dispositive": 100_000,
    "aggregate": 100_000,
    "percent": 0.02,
}
FACTS = {"event_date": "2024-03-15", "outstanding_stated": 5_000_000}


def test_a_transaction_that_is_named_nowhere(findings, pipe):
    row = {**pipe["Securities"][0], "transaction": "PIPE 24"}
    (found,) = findings("INP006", Securities=[*pipe["Securities"], row])
    assert found.verdict == "NEEDS INPUT"
    assert findings("INP006", Securities=[{**row, "transaction": " pipe "}]) == []


def test_a_security_that_is_named_nowhere(findings):
    (found,) = findings("INP007", Purchasers=[{"name": "Fund LP", "security": "Sharse"}])
    assert '"Sharse" is not the name of a security' in found.message
    assert findings("INP007", Purchasers=[{"name": "Fund LP", "security": "SHARES"}]) == []
    assert findings("INP007", Holders=[HOLDER]) == []


def test_two_securities_of_one_name(findings, pipe):
    row = pipe["Securities"][0]
    assert len(findings("INP008", Securities=[row, {**row, "name": "shares "}])) == 2
    assert findings("INP008", Securities=[row, {**row, "name": "Other"}]) == []


def test_a_position_without_a_number_does_not_tie(findings):
    given = {"FilingFacts": FACTS, "Filing": [COVER]}
    assert [f.verdict for f in findings("SEC001", Holders=[HOLDER], **given)] == ["OK"]
    blank = {"name": "Fund LP", "security": "Common", "exercisable_on": "2024-01-01"}
    for code in ("SEC001", "SEC002"):
        (found,) = findings(code, Holders=[HOLDER, blank], **given)
        assert found.verdict == "NEEDS INPUT"
        assert "fill Holders!" in found.message


def test_row_11_outside_rows_7_to_10(findings):
    given = {"Holders": [HOLDER], "FilingFacts": FACTS}
    assert [f.verdict for f in findings("SEC006", Filing=[COVER], **given)] == ["OK"]
    for rows, verdict in (
        ({"shared_voting": 100_001}, "BREACH"),
        ({"sole_voting": 1}, "BREACH"),
        ({"shared_voting": None}, "NEEDS INPUT"),
    ):
        (found,) = findings("SEC006", Filing=[{**COVER, **rows}], **given)
        assert found.verdict == verdict


def test_outstanding_stated_in_the_filing(findings):
    given = {"Holders": [HOLDER], "Filing": [COVER]}
    assert [f.verdict for f in findings("SEC005", FilingFacts=FACTS, **given)] == ["OK"]
    other = {**FACTS, "outstanding_stated": 5_000_001}
    (found,) = findings("SEC005", FilingFacts=other, **given)
    assert found.verdict == "REVIEW"


def test_two_cusips(findings):
    found = findings(
        "IDS001", Deal={"cusip": "375175106"}, FilingFacts={"filing_cusip": "037833100"}
    )
    assert "037833100 on the cover page, 375175106 in Deal!" in found[0].message


def test_purchases_that_do_not_add_up(findings):
    buyers = [
        {"name": "One", "security": "shares", "bought": 600_000, "paid": 6_000_000},
        {"name": "Two", "security": "Shares", "bought": 399_999, "paid": 4_000_000},
    ]
    (found,) = findings("INP003", Purchasers=buyers)
    assert found.verdict == "BREACH"
    assert "purchasers buy 999,999 in all, quantity says 1,000,000" in found.message
    tied = [buyers[0], {**buyers[1], "bought": 400_000}]
    assert findings("INP003", Purchasers=tied) == []
    (paid,) = findings("INP003", Purchasers=[tied[0], {**tied[1], "paid": 5}])
    assert "purchasers pay 6,000,005 in all, total paid says 10,000,000" in paid.message


def test_a_workbook_written_before_the_newer_columns(read_tables, pipe, findings):
    """Nothing is missed in it, and what it does not have is read as not given."""
    older = [
        replace(table, entries=tuple(entry for entry in table.entries if not entry.newer))
        for table in INPUT_TABLES
        if not table.newer
    ]
    assert sum(len(table.entries) for table in older) < sum(len(t.entries) for t in INPUT_TABLES)
    found = run_checks(read_tables(pipe, older))
    assert [f for f in found if f.code == "INP002"] == []
    assert [f.verdict for f in found if f.code == "NDQ007"] == ["NOT REQUIRED"]
    assert {f.code: f.verdict for f in found} == {f.code: f.verdict for f in findings()}
