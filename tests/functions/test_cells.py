"""How cells are read: numbers, facts, dates, words, blanks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from xl_compliance import call, explain


def as_number(raw: Any) -> Any:
    """What a number slot makes of a cell: a count of shares over one share outstanding."""
    return call("ISSUANCEPCT", raw, 1)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,250,000", 1250000),
        ("1250000", 1250000),
        ("$1.43", 1.43),
        ("$1,250.50", 1250.5),
        ("15%", 0.15),
        ("0.5%", 0.005),
        (".5", 0.5),
        ("5.", 5),
        ("+7", 7),
        ("  12  ", 12),
        ("1E5", 100000),
        ("1.5e-3", 0.0015),
        ("007", 7),
    ],
)
def test_numeric_text_is_read_as_value_reads_it(text: str, number: float) -> None:
    assert as_number(text) == number


@pytest.mark.parametrize("text", ["-1", "(1,000)", "-$1.43", "($1.43)", "-15%"])
def test_negative_text_is_a_negative_number(text: str) -> None:
    """Readable, and outside the domain of a count: #NUM! and not #VALUE!."""
    assert as_number(text) == "#NUM!"


@pytest.mark.parametrize(
    "text",
    [
        "12,5O",  # a letter O
        "1,25",  # a decimal comma
        "1,2500",
        ",125",
        "--1",
        "+-1",
        "(1,000",
        "1,000)",
        "(-1)",
        "1.2.3",
        "1 000",
        "15%%",
        "%",
        "$",
        ".",
        "E5",
        "ten",
        "TRUE",
        "nan",
        "inf",
        "0x10",
        "1_000",
        "１２５",  # full-width digits
        "١٢٥",  # Arabic-Indic digits
    ],
)
def test_text_that_is_no_number_is_malformed(text: str) -> None:
    assert as_number(text) == "#VALUE!"


@pytest.mark.parametrize("text", ["\u00a012", "12\u00a0", "1\u00a0250", "$\u00a012"])
def test_a_no_break_space_is_no_part_of_a_number(text: str) -> None:
    """VALUE() answers #VALUE! for it, and so do we: the cell is text in every other formula too."""
    assert as_number(text) == "#VALUE!"


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        (0.1 + 0.2, 0.3),
        (5111.86 * 100, 511186),
        (1.005, 1.005),
        (123456789012345678, 123456789012346000),
        ("0.1234567890123456", 0.123456789012346),
        (Decimal("1.43"), 1.43),
        (Fraction(3, 2), 1.5),
    ],
)
def test_fifteen_significant_digits(raw: Any, number: float) -> None:
    assert as_number(raw) == number


@pytest.mark.parametrize("raw", [float("inf"), float("-inf"), 1e309])
def test_a_number_that_is_not_finite_is_outside_the_domain(raw: float) -> None:
    assert as_number(raw) == "#NUM!"


@pytest.mark.parametrize("raw", [True, False])
def test_a_truth_value_is_no_number(raw: bool) -> None:
    assert as_number(raw) == "#VALUE!"


@pytest.mark.parametrize("raw", [None, "", [[None]], [[""], [None]]])
def test_blanks_are_not_given(raw: Any) -> None:
    assert as_number(raw) == "#N/A"
    assert call("NASDAQ5635D", 9.99, 10, raw, 5000000) == "NEEDS INPUT"


@pytest.mark.parametrize("raw", [0, 0.0, -0.0, "0", "0.00", "0%", "$0"])
def test_zero_as_a_price_is_not_given(raw: Any) -> None:
    assert call("NASDAQ5635D", 9.99, raw, 1000000, 5000000) == "NEEDS INPUT"
    assert call("DISCOUNTPCT", raw, 10) == "#NUM!"


@pytest.mark.parametrize("raw", [0, 0.0, -0.0, "0"])
def test_zero_as_an_exercise_price_is_real(raw: Any) -> None:
    assert call("WARRANTVALUE", 10, raw) == 10.125
    assert call("WARRANTVALUE", 10, 10, raw) == 10.125


# Facts. Two calls tell the four readings apart.


def as_fact(raw: Any) -> str:
    link = call("NASDAQAGGREGATION", "2024-01-15", "2024-10-15", raw, False, False, False, False)
    discounted = call("WARRANTSAGGREGATE", "2024-01-15", "2024-01-16", 10, 10, raw)
    readings = {
        ("REVIEW", "True"): "true",
        ("NOT AGGREGATED", "False"): "false",
        ("REVIEW", "REVIEW"): "unknown",
        ("NEEDS INPUT", "True"): "not given",
        ("#VALUE!", "#VALUE!"): "malformed",
    }
    return readings[link, str(discounted)]


@pytest.mark.parametrize(
    ("raw", "reading"),
    [
        (True, "true"),
        ("TRUE", "true"),
        ("Yes", "true"),
        ("yes", "true"),
        (1, "true"),
        (1.0, "true"),
        (False, "false"),
        ("FALSE", "false"),
        ("No", "false"),
        ("PRECLUDED", "false"),
        ("UNKNOWN", "unknown"),
        ("unknown", "unknown"),
        ("REVIEW", "unknown"),
        ("LIKELY PUBLIC", "unknown"),
        (0, "not given"),
        (0.0, "not given"),
        (-0.0, "not given"),
        (None, "not given"),
        ("", "not given"),
        ("NEEDS INPUT", "not given"),
        (2, "malformed"),
        (-1, "malformed"),
        (0.5, "malformed"),
        ("maybe", "malformed"),
        (date(2024, 1, 15), "malformed"),
    ],
)
def test_facts(raw: Any, reading: str) -> None:
    assert as_fact(raw) == reading


# Dates


def as_day(raw: Any) -> Any:
    """What a date slot makes of a cell, from the working."""
    rows = explain("NASDAQAGGREGATION", raw, "2024-10-15")
    shown = next(row[1] for row in rows if row[0] == "first_closing")
    return shown.isoformat() if isinstance(shown, date) else shown


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        (1, "1900-01-01"),
        (59, "1900-02-28"),
        (61, "1900-03-01"),
        (36526, "2000-01-01"),
        (45359, "2024-03-08"),
        (45359.0, "2024-03-08"),
        (45359.6875, "2024-03-08"),
        (2958465, "9999-12-31"),
        ("2024-03-08", "2024-03-08"),
        ("2024-03-08 16:30", "2024-03-08"),
        ("2024-03-08T16:30:15", "2024-03-08"),
        (date(2024, 3, 8), "2024-03-08"),
        (datetime(2024, 3, 8, 16, 30), "2024-03-08"),
    ],
)
def test_days(raw: Any, day: str) -> None:
    assert as_day(raw) == day


def test_the_day_that_never_was_lies_between_its_neighbours() -> None:
    """Serial 60 is 29 February 1900, which only Excel knows."""
    answer = call("NASDAQAGGREGATION", 60, "2024-10-15")
    assert answer in ("NEEDS INPUT", "#NUM!", "#VALUE!")
    assert as_day(60) in ("1900-02-28", "1900-03-01", "60")


@pytest.mark.parametrize(
    "raw",
    [
        "3/8/2024",
        "8.3.2024",
        "8 March 2024",
        "2024-3-8",
        "2024-02-30",
        "2024-13-01",
        "2024-03-08 25:00",
        "2024-03-08T16:30:00Z",
        "2024-03-08T16:30:00-05:00",
        "soon",
        True,
        False,
        datetime(2024, 3, 8, 16, 30, tzinfo=UTC),
        datetime(2024, 3, 8, 16, 30, tzinfo=timezone(timedelta(hours=-5))),
    ],
    ids=str,
)
def test_what_is_no_date_is_malformed(raw: Any) -> None:
    assert call("NASDAQAGGREGATION", raw, "2024-10-15") == "#VALUE!"
    assert call("PRICINGDATES", raw) == "#VALUE!"


@pytest.mark.parametrize("raw", [-1, 2958467, 1e9, float("inf")])
def test_a_serial_number_of_no_date_is_outside_the_domain(raw: float) -> None:
    assert call("NASDAQAGGREGATION", raw, "2024-10-15") == "#NUM!"


def last_session(signed_at: Any) -> Any:
    answer = call("PRICINGDATES", signed_at, "NASDAQ", 1)
    return answer[0][0].isoformat() if isinstance(answer, list) else answer


BEFORE, AFTER = "2024-03-08", "2024-03-11"
MONDAY = 45362
SECOND = 1 / 86400
FOUR = MONDAY + 16 / 24


@pytest.mark.parametrize(
    ("signed_at", "session"),
    [
        (FOUR, AFTER),
        (FOUR - 0.4 * SECOND, AFTER),  # rounds up to 16:00:00
        (FOUR - 0.6 * SECOND, BEFORE),  # rounds down to 15:59:59
        (FOUR - SECOND, BEFORE),
        (FOUR + SECOND, AFTER),
        (MONDAY + 0.666666666, AFTER),  # 16:00 as ten digits show it
        (MONDAY, "#N/A"),  # a date alone, on a session
        (datetime(2024, 3, 11), "#N/A"),  # midnight is a date alone
        (date(2024, 3, 11), "#N/A"),
        ("2024-03-11", "#N/A"),
        (datetime(2024, 3, 11, 16), AFTER),
        (datetime(2024, 3, 11, 15, 59, 59), BEFORE),
        ("2024-03-11 15:59:59", BEFORE),
        ("2024-03-11T16:00", AFTER),
        ("2024-03-11 16:00:00", AFTER),
        (datetime(2024, 3, 10), BEFORE),  # a Sunday: the time does not matter
        (MONDAY - 1, BEFORE),
    ],
    ids=str,
)
def test_times_of_day(signed_at: Any, session: str) -> None:
    assert last_session(signed_at) == session


@pytest.mark.parametrize("short_of", [1e-9, 5e-9, 5.7e-6])
def test_half_past_nine_just_below_as_a_float_is_half_past_nine(short_of: float) -> None:
    rows = explain("PRICINGDATES", MONDAY + 9.5 / 24 - short_of)
    assert "2024-03-11 09:30:00" in [row[1] for row in rows if row[0] == "signed_at"]


# Words


@pytest.mark.parametrize("raw", ["LIFE", "life", " Life ", "Life"])
def test_words_in_any_case(raw: str) -> None:
    assert call("TSX606", 9, 10, False, 100, 0, *[None] * 5, raw) == "REVIEW"


@pytest.mark.parametrize("raw", ["approval", "APPROVAL", " Approval "])
def test_approval_stands_where_a_date_does(raw: str) -> None:
    assert call("WARRANTSAGGREGATE", "2024-01-15", raw, 10, 10) == "REVIEW"


@pytest.mark.parametrize("raw", ["19.99%", 0.1999, "0.1999", " 19.99% "])
def test_a_convention_that_a_cell_turned_into_a_number(raw: Any) -> None:
    assert call("EXCHANGECAP", 5059747, None, raw) == 1011443


@pytest.mark.parametrize("raw", ["LIVE", "606", True, 3])
def test_a_word_that_is_not_known_is_malformed(raw: Any) -> None:
    assert call("TSX606", 9, 10, False, 100, 0, *[None] * 5, raw) == "#VALUE!"


# Ranges


def test_a_flat_list_is_a_column() -> None:
    assert call("MINPRICE", [15.91, 15.89, 15.91, 15.81, 16.13]) == 15.93
    assert call("DISCOUNTPCT", [8.5, 9], 10) == [[0.15], [0.1]]


def test_a_row_of_closes_is_read_from_left_to_right() -> None:
    assert call("MINPRICE", [[10, 11, 12, 13, 9]]) == 9


def test_tuples_are_ranges_too() -> None:
    assert call("ISSUANCEPCT", ((1000000,), (500000,)), 5000000) == 0.3


def test_a_range_of_two_dimensions_is_summed() -> None:
    assert call("ISSUANCEPCT", [[1, 2], [3, 4]], 100) == 0.1


def test_blank_cells_of_a_summed_range_are_left_out() -> None:
    assert call("ISSUANCEPCT", [[1], [None], [""], [2]], 100) == 0.03
