"""The shipped Giga-tronics workbook, end to end: as shipped, filled in, and signed under each rule."""

from __future__ import annotations

import json
import shutil
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from xl_compliance import call
from xl_compliance.batch.run import WorkbookReport, check_workbook
from xl_compliance.cli import main

SHIPPED = Path(__file__).parents[2] / "workbooks" / "giga-tronics.xlsx"

BEFORE_SIGNING_2024 = [date(2024, 6, day) for day in (20, 21, 24, 25, 26)]


def table_cells(sheet, name: str) -> dict[str, list]:
    """The cells under each header of a table."""
    rows = list(sheet[sheet.tables[name].ref])
    headers = [cell.value for cell in rows[0]]
    return {header: [row[i] for row in rows[1:]] for i, header in enumerate(headers)}


def filled_in(tmp_path: Path, change) -> WorkbookReport:
    """A report on a copy of the shipped workbook with some inputs changed."""
    copy = tmp_path / "giga-tronics.xlsx"
    shutil.copy(SHIPPED, copy)
    workbook = openpyxl.load_workbook(copy)
    change(workbook)
    workbook.save(copy)
    return check_workbook(copy)


def fact(workbook, label: str):
    """The value cell of a fact of the deal."""
    cells = table_cells(workbook["Deal"], "Deal")
    return cells["Value"][[cell.value for cell in cells["Field"]].index(label)]


def prices(workbook, days, close=None, bid=None) -> None:
    """Fill the Prices table from the top and clear the rest of it."""
    cells = table_cells(workbook["Prices"], "Prices")
    for row in range(len(cells["Date"])):
        given = row < len(days)
        cells["Date"][row].value = days[row] if given else None
        cells["Official close"][row].value = close if given else None
        cells["Closing bid"][row].value = bid if given else None


def nothing_lowers_a_price(workbook) -> None:
    """What the filing does not say: that no clause lowers a price, and that no insider sells."""
    cells = table_cells(workbook["Securities"], "Securities")
    for name, adjustment in zip(cells["Security"], cells["Adjustment"], strict=True):
        if name.value:
            adjustment.value = "NONE"
    fact(workbook, "Sales by insiders").value = 0


def one(report: WorkbookReport, code: str):
    """The only finding with a code."""
    found = [finding for finding in report.findings if finding.code == code]
    assert len(found) == 1, [finding.message for finding in found]
    return found[0]


def messages(report: WorkbookReport, code: str) -> str:
    return "\n".join(f.message for f in report.findings if f.code == code)


@pytest.fixture(scope="module")
def shipped() -> WorkbookReport:
    return check_workbook(SHIPPED)


def test_every_finding_names_its_place_and_source(shipped):
    sheets = set(openpyxl.load_workbook(SHIPPED, read_only=True).sheetnames)
    assert shipped.findings
    for finding in shipped.findings:
        assert finding.sheet in sheets, finding
        assert finding.cell, finding
        assert finding.source, finding


def test_row_11_and_row_13_tie_for_all_four_persons(shipped):
    ties = [f for f in shipped.findings if f.code in ("SEC001", "SEC002")]
    assert [f.verdict for f in ties] == ["OK"] * 8
    assert messages(shipped, "SEC001").count("row 11 = 2,870,756 ties") == 4
    assert messages(shipped, "SEC002").count("row 13 = 36.2% ties (36.199%)") == 4


def test_the_parts_of_the_footnote_sum(shipped):
    parts = [f for f in shipped.findings if f.code == "SEC003"]
    assert {f.verdict for f in parts} == {"OK"}
    assert "999,700 + 342,465 + 511,186 + 506,219 + 511,186 = 2,870,756" in messages(
        shipped, "SEC003"
    ).replace("511,186 + 511,186 + 506,219", "511,186 + 506,219 + 511,186")
    assert "Series D: 511,186 = 5,111.86 x 100" in messages(shipped, "SEC003")


def test_the_size_of_the_issuance_step_by_step(shipped):
    text = messages(shipped, "NDQ003")
    assert "511,186 issuable is 10.103% of 5,059,747, below 20%" in text
    assert "1,022,372 issuable is 20.206% of 5,059,747, at or over 20%" in text
    assert "1,528,591 issuable is 30.211% of 5,059,747, at or over 20%" in text


def test_the_unit_price_equals_its_floor_at_143_and_is_a_discount_at_144(shipped):
    text = one(shipped, "NDQ004").message
    assert "unit price 1.555" in text
    assert "equals the floor at a Minimum Price of 1.43" in text
    assert "is a discount at 1.44, where the floor is 1.575" in text


def test_minimum_price_and_book_value_need_input_and_name_the_cells(shipped):
    workbook = openpyxl.load_workbook(SHIPPED)
    cells = table_cells(workbook["Prices"], "Prices")
    closes, bids = cells["Official close"], cells["Closing bid"]
    price = one(shipped, "NDQ001")
    assert price.verdict == "NEEDS INPUT"
    assert f"fill Prices!{closes[0].coordinate}:{closes[5].coordinate}" in price.message
    assert "2013-06-27" in price.message
    book = [f for f in shipped.findings if f.code == "NDQ002" and "Book value" in f.message]
    assert [f.verdict for f in book] == ["NEEDS INPUT"]
    assert f"Deal!{fact(workbook, 'Book value per share').coordinate}" in book[0].message
    approval = one(shipped, "NDQ007")
    assert approval.verdict == "NEEDS INPUT"
    assert f"fill Prices!{bids[4].coordinate}:{bids[5].coordinate}" in approval.message
    assert f"Deal!{fact(workbook, 'Book value per share').coordinate}" in approval.message


def test_what_was_paid_each(shipped):
    text = messages(shipped, "SEC004")
    assert "New Warrant: 63,277.38 for 506,219 shares" in text
    assert "0.125 each, the total rounded to the cent" in text
    assert "Series D: 730,995.98 for 511,186 shares is 1.43 each" in text


def test_the_misspelt_name_is_reported_and_not_corrected(shipped):
    text = messages(shipped, "IDS002")
    assert '"Darrin C. Wallis"' in text
    assert '"Darren C. Wallis"' in text


def test_series_c_is_reviewed_for_aggregation_and_says_what_is_missing(shipped):
    found = [f for f in shipped.findings if f.code == "NDQ006"]
    (finding,) = [f for f in found if f.message.startswith("Series C")]
    assert finding.verdict == "REVIEW"
    assert "133 days before" in finding.message
    assert "common investors" in finding.message
    assert "fill Issuances!" in finding.message


def test_filled_in_with_a_bid_of_144_and_book_value_of_1_approval_is_required(tmp_path):
    def change(workbook):
        fact(workbook, "Book value per share").value = 1.00
        for cell in table_cells(workbook["Prices"], "Prices")["Closing bid"][:6]:
            cell.value = 1.44

    approval = one(filled_in(tmp_path, change), "NDQ007")
    assert approval.verdict == "REQUIRED"
    assert "greater of book value and closing bid" in approval.message
    assert ("Rule in force", "greater of book value and closing bid", "to 2018-09-25") in [
        line[:3] for line in approval.working
    ]


def test_the_cells_that_the_verdict_names_are_enough(tmp_path):
    def change(workbook):
        fact(workbook, "Book value per share").value = 1.00
        bids = table_cells(workbook["Prices"], "Prices")["Closing bid"]
        bids[4].value = bids[5].value = 1.44

    assert one(filled_in(tmp_path, change), "NDQ007").verdict == "REQUIRED"


def test_one_bid_is_enough_with_the_time_of_signing(tmp_path):
    def change(workbook):
        fact(workbook, "Signed at").value = datetime(2013, 6, 27, 10, 0)
        fact(workbook, "Book value per share").value = 1.00
        table_cells(workbook["Prices"], "Prices")["Closing bid"][4].value = 1.44

    assert one(filled_in(tmp_path, change), "NDQ007").verdict == "REQUIRED"


def test_a_transaction_spelt_differently_is_not_a_clean_report(tmp_path):
    def change(workbook):
        fact(workbook, "Transaction").value = "Series D 2013"

    report = filled_in(tmp_path, change)
    found = [f for f in report.findings if f.code == "INP006"]
    assert len(found) == 3
    assert {f.verdict for f in found} == {"NEEDS INPUT"}


def test_a_report_is_not_written_over_a_workbook(tmp_path):
    copy = tmp_path / "giga-tronics.xlsx"
    shutil.copy(SHIPPED, copy)
    before = copy.read_bytes()
    result = CliRunner().invoke(main, ["check", str(copy), "--output", str(copy)])
    assert result.exit_code == 2
    assert "not written over a workbook" in result.output
    assert copy.read_bytes() == before


def test_a_row_below_the_table_is_not_passed_over(tmp_path):
    def change(workbook):
        sheet = workbook["Securities"]
        last = list(sheet[sheet.tables["Securities"].ref])[-1]
        sheet.cell(last[0].row + 1, last[0].column).value = "Series E"

    found = [f for f in filled_in(tmp_path, change).findings if f.code == "INP001"]
    assert len(found) == 1
    assert "below the last row of table" in found[0].message


def test_filled_in_with_a_bid_of_143_and_book_value_of_1_it_is_not(tmp_path):
    def change(workbook):
        fact(workbook, "Book value per share").value = 1.00
        for cell in table_cells(workbook["Prices"], "Prices")["Closing bid"][:6]:
            cell.value = 1.43

    open_still = one(filled_in(tmp_path, change), "NDQ007")
    assert open_still.verdict == "NEEDS INPUT"
    assert "whether a price can fall is not stated" in open_still.message

    def change_all(workbook):
        change(workbook)
        nothing_lowers_a_price(workbook)

    assert one(filled_in(tmp_path, change_all), "NDQ007").verdict == "NOT REQUIRED"


def test_book_value_above_the_price_alone_requires_approval(tmp_path):
    def change(workbook):
        fact(workbook, "Book value per share").value = 1.44
        for cell in table_cells(workbook["Prices"], "Prices")["Closing bid"][:6]:
            cell.value = 1.00

    assert one(filled_in(tmp_path, change), "NDQ007").verdict == "REQUIRED"


@pytest.mark.parametrize(
    ("close", "verdict"), [(1.44, "REQUIRED"), (1.43, "NOT REQUIRED"), (1.30, "NOT REQUIRED")]
)
def test_the_same_deal_signed_in_2024(tmp_path, close, verdict):
    def change(workbook):
        fact(workbook, "Signed at").value = datetime(2024, 6, 27, 10, 0)
        fact(workbook, "Closing date").value = date(2024, 7, 8)
        prices(workbook, BEFORE_SIGNING_2024, close=close, bid=close)
        nothing_lowers_a_price(workbook)

    approval = one(filled_in(tmp_path, change), "NDQ007")
    assert approval.verdict == verdict
    assert "compared with the Minimum Price" in approval.message


def test_signed_in_2024_with_only_the_closes_filled_in(tmp_path):
    def change(workbook):
        fact(workbook, "Signed at").value = datetime(2024, 6, 27, 10, 0)
        prices(workbook, BEFORE_SIGNING_2024, close=1.44)

    assert one(filled_in(tmp_path, change), "NDQ007").verdict == "REQUIRED"


def test_command_on_the_shipped_workbook():
    result = CliRunner().invoke(main, ["check", str(SHIPPED)])
    assert result.exit_code == 1
    assert "NEEDS INPUT" in result.output
    assert "36.2%" in result.output
    assert CliRunner().invoke(main, ["check", str(SHIPPED), "--fail-on", "error"]).exit_code == 0


def test_json_on_the_command_line(tmp_path):
    target = tmp_path / "report.json"
    result = CliRunner().invoke(
        main, ["check", str(SHIPPED), "--format", "json", "--output", str(target)]
    )
    assert result.exit_code == 1
    data = json.loads(target.read_text(encoding="utf-8"))
    assert data["schema"] == "xl-compliance-report/1"
    assert data["summary"]["workbooks"] == 1
    assert data["summary"]["error"] == 0
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_the_file_is_not_touched():
    before = SHIPPED.read_bytes(), SHIPPED.stat().st_mtime_ns
    check_workbook(SHIPPED)
    assert (SHIPPED.read_bytes(), SHIPPED.stat().st_mtime_ns) == before


# ---------------------------------------------------------------- the deal under Nasdaq's rules, step by step

COMMON, BUYER_VOTES = 5_059_747, 1_853_351
D, D_WARRANT, NEW_WARRANT = 511_186, 511_186, 506_219


@pytest.mark.parametrize(
    ("minimum", "floor", "common", "discounted", "verdict"),
    [
        (1.30, 1.425, 1.43, False, "NOT REQUIRED"),
        (1.43, 1.555, 1.43, False, "NOT REQUIRED"),
        (1.44, 1.575, 1.42, True, "REQUIRED"),
        (1.50, 1.695, 1.36, True, "REQUIRED"),
    ],
)
def test_step_1_the_price_by_the_minimum_price(minimum, floor, common, discounted, verdict):
    """One cent of market price more costs two cents: the warrant comes into the money as well."""
    assert call("UNITFLOOR", minimum, 1.43) == floor
    assert call("EFFECTIVEPRICE", 1.555, minimum, 1.43) == common
    assert (common < minimum) == discounted
    counted = D + D_WARRANT + NEW_WARRANT if discounted else D
    assert call("NASDAQ5635D", common, minimum, counted, COMMON) == verdict


@pytest.mark.parametrize(
    ("minimum", "says"),
    [
        (1.30, "is not below its floor 1.425; the common stock is sold at 1.43 against 1.3"),
        (1.43, "is not below its floor 1.555; the common stock is sold at 1.43 against 1.43"),
        (1.44, "is below its floor 1.575; the common stock is sold at 1.42 against 1.44"),
        (1.50, "is below its floor 1.695; the common stock is sold at 1.36 against 1.5"),
    ],
)
def test_step_1_in_the_report(tmp_path, minimum, says):
    def change(workbook):
        fact(workbook, "Signed at").value = datetime(2024, 6, 27, 10, 0)
        fact(workbook, "Closing date").value = date(2024, 7, 8)
        prices(workbook, BEFORE_SIGNING_2024, close=minimum, bid=minimum)

    report = filled_in(tmp_path, change)
    assert says in messages(report, "NDQ004")
    required = one(report, "NDQ007").verdict == "REQUIRED"
    assert required == (minimum > 1.43)


@pytest.mark.parametrize("counted", [True, False])
def test_step_1_the_ways_out_at_a_minimum_price_of_144(tmp_path, counted):
    """A way that earlier issuances might undo is not shown while their counts are blank."""

    def change(workbook):
        fact(workbook, "Signed at").value = datetime(2024, 6, 27, 10, 0)
        fact(workbook, "Closing date").value = date(2024, 7, 8)
        prices(workbook, BEFORE_SIGNING_2024, close=1.44, bid=1.44)
        nothing_lowers_a_price(workbook)
        if counted:
            for cell in table_cells(workbook["Issuances"], "Issuances")["Outstanding before"][:2]:
                cell.value = 4_998_501
            for cell in table_cells(workbook["Issuances"], "Issuances")["Votes outstanding before"][
                :2
            ]:
                cell.value = 4_998_501

    ways = messages(filled_in(tmp_path, change), "NDQ015")
    assert "1.565 (Series D + Series D Warrant) and 1.44" in ways
    assert ("Cap shares: 1,011,949" in ways) == counted
    assert "Raise unit price:" not in ways, "the New Warrant's own 1.43 stays below 1.44"
    assert "Seek the vote" in ways


@pytest.mark.parametrize(
    ("shares", "of_shares", "of_votes", "wrong"),
    [
        (D, "10.1030", "7.98", None),
        (D + D_WARRANT, "20.2060", "15.97", "15.97"),
        (D + D_WARRANT + NEW_WARRANT, "30.2108", "23.88", None),
    ],
)
def test_step_2_the_size_in_shares_and_in_votes(shares, of_shares, of_votes, wrong):
    votes = COMMON + 999_700 + 342_465
    assert votes == 6_401_912
    assert f"{100 * call('ISSUANCEPCT', shares, COMMON):.4f}" == of_shares
    assert f"{100 * call('ISSUANCEPCT', shares, votes):.2f}" == of_votes
    if wrong:
        mistaken = call("ISSUANCEPCT", shares, [[COMMON], [999_700], [342_465]])
        assert f"{100 * mistaken:.2f}" == wrong, "the preferred as converted hides the 20%"


def test_step_2_the_line_and_what_would_have_to_go():
    assert call("EXCHANGECAP", COMMON) == 1_011_949
    assert D + D_WARRANT - call("EXCHANGECAP", COMMON) == 10_423
    exercisable = date(2013, 7, 8)
    assert call("WARRANTSAGGREGATE", exercisable, exercisable, 1.44, 1.43, True) is True


def test_step_2_in_the_report(shipped):
    text = one(shipped, "NDQ014").message
    assert "1,528,591 counted" in text
    assert "Series D 511,186 (conversion at the lowest price)" in text
    assert "Series D Warrant 511,186 (warrants that join)" in text
    assert "30.211% of the shares, 23.877% of 6,401,912 votes" in text
    assert "it replaces Amended Warrant (506,219 at 3.30)" in messages(shipped, "NDQ005")


@pytest.mark.parametrize(
    ("shares", "of_shares", "of_votes"),
    [
        (D + 342_465, "16.87", "14.09"),
        (D + 342_465 + D_WARRANT, "26.97", "22.52"),
        (D + 342_465 + D_WARRANT + NEW_WARRANT, "36.98", "30.88"),
    ],
)
def test_step_2_aggregated_with_series_c(shares, of_shares, of_votes):
    """133 days apart, one buyer; before Series C the votes were 6,059,447 on the proxy's base."""
    assert call("NASDAQAGGREGATION", date(2013, 2, 25), date(2013, 7, 8), True) == "REVIEW"
    assert (date(2013, 7, 8) - date(2013, 2, 25)).days == 133
    assert f"{100 * call('ISSUANCEPCT', shares, COMMON):.2f}" == of_shares
    assert f"{100 * call('ISSUANCEPCT', shares, 6_059_447):.2f}" == of_votes


def test_step_2_aggregated_in_the_report(tmp_path):
    def change(workbook):
        cells = table_cells(workbook["Issuances"], "Issuances")
        row = [cell.value for cell in cells["Transaction"]].index("Series C, 2013")
        cells["Outstanding before"][row].value = COMMON
        cells["Votes outstanding before"][row].value = 6_059_447

    text = messages(filled_in(tmp_path, change), "NDQ006")
    assert "Together 1,871,056 is 36.979% of 5,059,747" in text
    assert "30.878% of 6,059,447 votes" in text


@pytest.mark.parametrize("new_warrant", [NEW_WARRANT, 0])
def test_step_2_the_re_struck_warrant_counts_or_not_and_both_reach_the_line(new_warrant):
    shares = D + D_WARRANT + new_warrant
    assert call("NASDAQ5635D", 1.42, 1.44, shares, COMMON) == "REQUIRED"


@pytest.mark.parametrize(
    ("book", "bid", "verdict"),
    [
        (None, None, "NEEDS INPUT"),
        (1.44, None, "NEEDS INPUT"),
        (1.44, 1.00, "REQUIRED"),
        (1.00, 1.44, "REQUIRED"),
        (1.43, 1.43, "NOT REQUIRED"),
    ],
)
def test_step_3_the_rule_in_force_in_2013(book, bid, verdict):
    """Greater of book value and closing bid; the conversion price is 1.43."""
    signed = date(2013, 6, 27)
    got = call(
        "NASDAQ5635D", 1.43, None, D + D_WARRANT, COMMON, None, None, False, signed, book, bid
    )
    assert got == verdict
    under = call(
        "NASDAQ5635D", 1.43, None, 1_011_949, COMMON, None, None, False, signed, 1.44, 1.44
    )
    assert under == "NOT REQUIRED"


def test_step_4_change_of_control(shipped):
    after = COMMON + BUYER_VOTES
    assert after == 6_913_098
    assert f"{100 * call('ISSUANCEPCT', BUYER_VOTES, after):.2f}" == "26.81"
    assert f"{100 * call('BENEFICIALPCT', 0, 2_870_756, COMMON):.2f}" == "36.20"
    assert f"{100 * call('BENEFICIALPCT', 0, 999_700 + 848_684, COMMON):.2f}" == "26.76"
    assert call("NASDAQ5635B", BUYER_VOTES, after) == "REVIEW"
    found = one(shipped, "NDQ011")
    assert found.verdict == "REVIEW"
    assert "2,870,756 of 7,930,503 shares, 36.199%" in found.message


@pytest.mark.parametrize(
    ("price", "bid", "verdict"),
    [
        (1.43, 1.44, "REVIEW"),
        (1.43, 1.43, "REVIEW"),
        (1.43, 1.42, "NOT REQUIRED"),
        (1.43, None, "NEEDS INPUT"),
    ],
)
def test_step_5_a_buyer_that_two_directors_control(price, bid, verdict):
    """Below the bid: GAAP and Regulation S-K decide. At the bid a convertible is open (FAQ 276)."""
    assert call("NASDAQ5635C", price, bid, "CONTROLLED ENTITY", False, True) == verdict


def test_step_5_in_the_report(shipped):
    found = [f for f in shipped.findings if f.code == "NDQ008"]
    assert {f.verdict for f in found} == {"NEEDS INPUT"}
    assert all("controlled entity" in f.message for f in found)


def test_step_6_directors(shipped):
    assert call("DIRECTORSEATS", BUYER_VOTES, 6_913_098, 7) == 2
    assert call("DIRECTORSEATS", 999_700, 4_998_501 + 999_700, 7) == 2
    assert call("DIRECTORRIGHTS", 2, BUYER_VOTES, 6_913_098, 7, 0.05, True) == "OK"
    assert call("DIRECTORRIGHTS", 3, BUYER_VOTES, 6_913_098, 7, 0.05, True) == "BREACH"
    found = one(shipped, "NDQ012")
    assert found.verdict == "NEEDS INPUT", (
        "the votes at the first appointment are not in the filing"
    )


def test_step_7_notice(shipped):
    assert call("NASDAQLAS", D + D_WARRANT + NEW_WARRANT, COMMON) == "REQUIRED"
    due = call("LASDUE", date(2013, 7, 8))
    assert due == date(2013, 6, 23)
    assert due.strftime("%A") == "Sunday"
    assert due < date(2013, 6, 27), "before the signing"
    assert "Notice by 2013-06-23 at the latest" in one(shipped, "NDQ013").message


def test_step_8_what_the_size_of_series_b_says():
    """999,700 stays under 20% of more than 4,998,500; as 19.99% is drafted, of 5,001,001."""
    assert call("EXCHANGECAP", 4_998_500) == 999_699
    assert call("EXCHANGECAP", 4_998_501) == 999_700
    assert call("EXCHANGECAP", 5_001_000, None, "19.99%") == 999_699
    assert call("EXCHANGECAP", 5_001_001, None, "19.99%") == 999_700
