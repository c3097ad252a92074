"""Headers and labels as people write them."""

from __future__ import annotations

import pytest

from xl_compliance.deal.cap_table_words import Role, RowKind, column_role, holder_header, row_kind

HEADERS = {
    "Common Stock": Role.CLASS,
    "Series Seed-2 Pref.": Role.CLASS,
    "Preferred\n(outstanding) (1.0000)": Role.CLASS,
    "Ordinary Shares": Role.CLASS,
    "No. of Shares": Role.CLASS,
    "Class B Units (CB)": Role.CLASS,
    "ISO/NSO Options": Role.RIGHT,
    "Options and RSU's Outstanding Under 2021 Stock Option Plan": Role.RIGHT,
    "Warrants": Role.RIGHT,
    "Equity Incentive Plan": Role.RIGHT,
    "# Issued and Outstanding [16]": Role.OUTSTANDING,
    "Outstanding Units": Role.OUTSTANDING,
    "Total Stock\n(outstanding)*": Role.OUTSTANDING,
    "Total shares issued & outstanding": Role.OUTSTANDING,
    "Fully-Diluted Shares**": Role.FULLY_DILUTED,
    "FDS": Role.FULLY_DILUTED,
    "Total": Role.TOTAL,
    "Total Preferred Shares": Role.TOTAL,
    "Total Common & Options": Role.TOTAL,
    "% Ownership": Role.PERCENT,
    "Ownership": Role.PERCENT,
    "Voting power (%)": Role.PERCENT,
    "Outstanding Ownership": Role.PERCENT_BASIC,
    "% Issued and Outstanding": Role.PERCENT_BASIC,
    "Fully Diluted Ownership": Role.PERCENT_DILUTED,
    "FD %": Role.PERCENT_DILUTED,
    "# Shares Issued": Role.CHANGE,
    "New shares purchased": Role.CHANGE,
    "$ Investment Amount": Role.MONEY,
    "Amount invested": Role.MONEY,
    "Share value": Role.MONEY,
    "Series A Price Per Share": Role.OTHER,
    "% Discount Rate": Role.OTHER,
    "Valuation Cap": Role.OTHER,
    "Authorized Shares": Role.OTHER,
    "Issue date": Role.OTHER,
    "Certificate No.": Role.TEXT,
    "Stakeholder ID": Role.TEXT,
    "Email": Role.TEXT,
    "Zone": Role.UNKNOWN,
    "": Role.UNKNOWN,
}


@pytest.mark.parametrize(("header", "role"), HEADERS.items())
def test_headers(header, role):
    assert column_role(header) is role


@pytest.mark.parametrize(
    ("text", "strength"),
    [
        ("Shareholder", "strong"),
        ("STOCKHOLDERS", "strong"),
        ("Name of Investor", "strong"),
        ("Investor/Series", "strong"),
        ("Investor (Partner)", "strong"),
        ("Stakeholder name", "strong"),
        ("Beneficial owner", "strong"),
        ("Name", "weak"),
        ("Entity name", "weak"),
        ("Class of shares", "class"),
        ("Share Class", "class"),
        ("Seed Investor", ""),
        ("A Investor", ""),
        ("Other Investors", ""),
        ("Total shareholders' equity", ""),
        ("Member Rewards", ""),
        ("Company name and address of the registered office of it", ""),
        (None, ""),
    ],
)
def test_headers_of_names(text, strength):
    assert holder_header(text) == strength


LABELS = {
    "Ana Diaz": RowKind.HOLDER,
    "Totalis Capital LP": RowKind.HOLDER,
    "Poolside Ventures": RowKind.HOLDER,
    "Options Fund I, L.P.": RowKind.HOLDER,
    "Warrants": RowKind.POOL,
    "Option Pool": RowKind.POOL,
    "Units available for issuance under the plan": RowKind.POOL,
    "Options Remaining for Issuance": RowKind.POOL,
    "Total": RowKind.TOTAL,
    "Sub-total Founders": RowKind.TOTAL,
    "Grand Total": RowKind.TOTAL,
    "Fully diluted units": RowKind.TOTAL,
    "Total Units Outstanding": RowKind.TOTAL,
    "Percentage Outstanding": RowKind.PERCENT,
    "Fully Diluted Ownership": RowKind.PERCENT,
    "Price per unit": RowKind.MEMO,
    "Total Dollars": RowKind.MEMO,
}


@pytest.mark.parametrize(("label", "kind"), LABELS.items())
def test_labels(label, kind):
    assert row_kind(label) is kind
