"""Number formats that show nothing: what a person who looks at the workbook does not see."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xl_compliance.workbook.snapshot import NOT_CALCULATED, ExcelError
from xl_compliance.workbook.unseen import may_show_nothing, shows_nothing

SEEN = [
    *("General", "0", "#,##0.00", "0.0%", "@", "yyyy-mm-dd", '0" shares"', "0;-0;;@", '0;0;"-"'),
    *("#,##0_);(#,##0)", '_-* #,##0.00_-;-* #,##0.00_-;_-* "-"??_-;_-@_-', "[Red]0;[Blue]-0"),
    *('[=1]"OK";[=0]"Error";General', "[$$-409]#,##0", "\\;0", '";;;"0', "[h]:mm"),
]
NOTHING = [";;;", '"";"";"";""', " ; ; ; ", "_x;_x;_x;_x", "[Red];[Red];[Red];[Red]", "* ;* ;* ;* "]


@pytest.mark.parametrize("code", SEEN)
@pytest.mark.parametrize("value", [1, -2.5, "x", True, date(2024, 3, 11)])
def test_common_formats_show_what_is_there(code, value):
    assert not shows_nothing(code, value)
    assert not may_show_nothing(code)


@pytest.mark.parametrize("code", NOTHING)
@pytest.mark.parametrize("value", [1, -2.5, "x", True, date(2024, 3, 11)])
def test_formats_that_hide_everything(code, value):
    assert shows_nothing(code, value)
    assert may_show_nothing(code)


@pytest.mark.parametrize("code", [*SEEN, *NOTHING])
@pytest.mark.parametrize("value", [None, "", 0, ExcelError("#REF!"), NOT_CALCULATED])
def test_blanks_zeros_and_error_values_are_not_hidden(code, value):
    assert not shows_nothing(code, value)


@pytest.mark.parametrize(
    ("code", "hidden", "seen"),
    [
        (";;", [1, -1], ["x", True]),
        (";", [1, -1], ["x"]),
        ('""', [1, -1], ["x"]),
        ("0;", [-1], [1, "x"]),
        (";-0", [1], [-1]),
        ("0;-0;0;", ["x", False], [1, -1]),
        ("[<9]0;", [9, 10], [8, "x"]),
        ('[>=5000000]"";0', [5_000_000], [4_999_999]),
        ("[=7]0;[=8]0", [], [9]),
    ],
)
def test_the_section_for_a_value_decides(code, hidden, seen):
    assert [value for value in hidden if not shows_nothing(code, value)] == []
    assert [value for value in seen if shows_nothing(code, value)] == []


@given(
    st.text(alphabet='0#;"[]<>=1.9_*\\@ -$x', max_size=12),
    st.one_of(st.integers(), st.floats(allow_nan=False), st.text(max_size=3), st.booleans()),
)
def test_what_a_format_hides_is_never_missed_by_the_first_look(code, value):
    assert may_show_nothing(code) or not shows_nothing(code, value)
