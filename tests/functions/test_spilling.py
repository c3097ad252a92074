"""What spills is what each cell alone answers, and what the cells share is read and summed once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal, getcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xl_compliance import call, explain
from xl_compliance.functions import long_ranges
from xl_compliance.functions.calling import rendered
from xl_compliance.functions.long_ranges import without_columns
from xl_compliance.functions.registry import Function, all_functions, find
from xl_compliance.functions.spellings import canonical
from xl_compliance.rules import exact
from xl_compliance.rules.exact import exactly, quotient, quotient_shown, to_float

ROWS = 40
ERRORS = ["#REF!", "#DIV/0!", "abc", "15%", "1,250", "", None, True, -1.0, 0.0, 0]
HARD = [
    0.1 + 0.2,
    1e-5,
    5e-324,
    1e15,
    999999999999999.0,
    99999999999999.95,
    1e300,
    10**400,
    float("nan"),
    float("inf"),
    Decimal("0.30"),
    Fraction(1, 3),
    "UNKNOWN",
    "YES",
    "LIFE",
    "2018-09-25",
    45359.0,
]
# Few numbers, so that prices, sizes and rooms meet their lines.
NUMBERS = [0.85, 0.8499, 1.0, 8.5, 10.0, 9.99, 100.0, 1e6, 5e6, 2e5, 199999.0, 0.2, 0.1]
CELLS = st.sampled_from([*NUMBERS, *NUMBERS, *ERRORS, *HARD])
RANGES = st.lists(CELLS, min_size=1, max_size=5).map(lambda cells: [[cell] for cell in cells])
QUICK = [function for function in all_functions() if function.answer is not None]


class Counted(float):
    """A cell that counts how often it is read."""

    reads = 0

    def is_integer(self) -> bool:
        Counted.reads += 1
        return super().is_integer()


@pytest.fixture
def sums(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many numbers each sum that is worked out has."""
    worked_out: list[int] = []
    plain = exact._sum

    def counted(numbers: Any) -> Any:
        numbers = list(numbers)
        worked_out.append(len(numbers))
        return plain(numbers)

    monkeypatch.setattr(exact, "_sum", counted)
    Counted.reads = 0
    return worked_out


def counted(rows: int = ROWS) -> list[list[Any]]:
    return [[Counted(100 + row)] for row in range(rows)]


PRICES = [[9.0 + row / 100] for row in range(ROWS)]


def test_a_summed_range_beside_a_column_of_prices_is_read_and_summed_once(sums: list[int]) -> None:
    answers = call("NASDAQ5635D", PRICES, 9.5, counted(), counted())
    assert answers == [["REQUIRED" if price < 9.5 else "NOT REQUIRED"] for (price,) in PRICES]
    assert Counted.reads == 2 * ROWS
    assert sums == [ROWS, ROWS]


def test_a_summed_range_beside_prices_in_rows_and_columns_is_read_and_summed_once(
    sums: list[int],
) -> None:
    square = [[9.0, 10.0, 9.49] for _ in range(ROWS)]
    answers = call("NASDAQ5635D", square, 9.5, counted(), counted())
    assert answers == [["REQUIRED", "NOT REQUIRED", "REQUIRED"]] * ROWS
    assert Counted.reads == 2 * ROWS
    assert sums == [ROWS, ROWS]


def test_a_summed_range_is_not_read_again_for_each_row_that_is_an_error(sums: list[int]) -> None:
    assert call("NASDAQ5635D", [["abc"]] * ROWS, 9.5, counted(), counted()) == [["#VALUE!"]] * ROWS
    assert Counted.reads == 2 * ROWS


def test_a_summed_range_that_cannot_be_read_is_not_read_again_for_each_row(
    sums: list[int],
) -> None:
    broken = [*counted(), ["abc"]]
    assert call("NASDAQ5635D", PRICES, 9.5, counted(), broken) == [["#VALUE!"]] * ROWS
    assert call("NASDAQ5635D", PRICES, 9.5, counted(), [*broken, ["#REF!"]]) == [["#REF!"]] * ROWS
    # Once as it is read with the others, once to find which of them it is.
    assert Counted.reads <= 2 * 2 * 2 * ROWS


def test_a_long_column_beside_a_column_of_prices_is_summed_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from xl_compliance import columns

    rows, worked_out = long_ranges.LONG, []
    plain = columns._Whole._summed
    monkeypatch.setattr(
        columns._Whole, "_summed", lambda self: worked_out.append(len(self)) or plain(self)
    )
    shares = [[float(100 + row)] for row in range(rows)]
    assert call("NASDAQ5635D", PRICES, 9.5, shares, shares)[0] == ["REQUIRED"]
    assert worked_out == [rows, rows]


def test_the_working_of_many_insiders_sums_what_is_outstanding_once(sums: list[int]) -> None:
    explain("TSX606", 9, 10, True, 1000, [[1.0]] * ROWS, [[1.0]] * ROWS, counted(ROWS + 1))
    assert sums.count(ROWS + 1) == 1


def test_prices_beside_insiders_that_no_column_of_numbers_holds() -> None:
    shares = [[999_999_999_999_999.0]] * long_ranges.LONG
    given = (10, True, 1e14, shares, shares, 1e18)
    alone = call("TSX606EXCESS", 9.0, *given)
    assert call("TSX606EXCESS", [[9.0], [8.9]], *given) == [[alone], [alone]]


def test_the_name_that_explain_is_given_is_looked_for_at_its_start() -> None:
    digits = "1" * 20_000
    assert canonical(digits) == digits
    assert canonical("MIN_xll.PRICE") == "MIN_XLL.PRICE"
    assert call("EXPLAIN", digits) == "#VALUE!"


def test_a_whole_number_of_more_digits_than_python_writes_out_is_explained() -> None:
    table = explain("ISSUANCEPCT", 10**20_000, [[10**20_000], [5]])
    assert [row[1] for row in table[-3:-1]] == ["a number with more digits than are shown"] * 2
    assert table[-1][1] == "#NUM!"


@pytest.mark.parametrize("shape", ["a column", "a row", "rows and columns"])
@given(st.data())
def test_what_spills_beside_ranges_is_what_each_cell_alone_answers(
    shape: str, data: st.DataObject
) -> None:
    function = data.draw(st.sampled_from(SPILLING))
    rows = 1 if shape == "a row" else data.draw(st.integers(2, 4))
    columns = 1 if shape == "a column" else data.draw(st.integers(2, 3))
    arguments = list(data.draw(arguments_of(function)))
    for position, argument in enumerate(function.arguments[: len(arguments)]):
        if argument.shape.name == "ONE" and data.draw(st.booleans()):
            height, width = data.draw(
                st.sampled_from([(rows, columns), (rows, 1), (1, columns), (1, 1), (rows + 1, 1)])
            )
            arguments[position] = [[data.draw(CELLS) for _ in range(width)] for _ in range(height)]
    assert repr(call(function.name, *arguments)) == repr(cell_by_cell(function, arguments))


def arguments_of(function: Function) -> st.SearchStrategy[tuple[Any, ...]]:
    each = [
        CELLS if argument.shape.name == "ONE" else st.one_of(CELLS, RANGES)
        for argument in function.arguments
    ]
    return st.integers(1, len(each)).flatmap(lambda given: st.tuples(*each[:given]))


SPILLING = [
    function
    for function in all_functions()
    if any(argument.shape.name == "ONE" for argument in function.arguments)
    and function.name not in ("EXPLAIN", "RULEINFO")
]


def cell_by_cell(function: Function, arguments: list[Any]) -> Any:
    """The same by single calls."""
    spread = [
        position
        for position, argument in enumerate(function.arguments[: len(arguments)])
        if argument.shape.name == "ONE" and isinstance(arguments[position], list)
    ]
    if not spread:
        return call(function.name, *arguments)
    height = max(len(arguments[position]) for position in spread)
    width = max(len(arguments[position][0]) for position in spread)
    if height == width == 1:
        return call(function.name, *at(arguments, spread, 0, 0))
    return [
        [one(function, arguments, spread, row, column) for column in range(width)]
        for row in range(height)
    ]


def one(function: Function, arguments: list[Any], spread: list[int], row: int, column: int) -> Any:
    try:
        single = at(arguments, spread, row, column)
    except IndexError:
        return "#N/A"
    answer = call(function.name, *single)
    return answer[0][0] if isinstance(answer, list) else answer


def at(arguments: list[Any], spread: list[int], row: int, column: int) -> list[Any]:
    single = list(arguments)
    for position in spread:
        cells = arguments[position][row if len(arguments[position]) > 1 else 0]
        single[position] = cells[column if len(cells) > 1 else 0]
    return single


@pytest.mark.parametrize("function", QUICK, ids=lambda function: function.name)
@given(st.data())
def test_what_a_cell_is_answered_with_is_the_value_of_the_outcome(
    function: Function, data: st.DataObject
) -> None:
    arguments = data.draw(arguments_of(function))
    answer = shown(lambda: call(function.name, *arguments))
    decided = shown(lambda: rendered(function.decide(*without_columns(function.read(arguments)))))
    # An error value among the arguments goes before any other error.
    assert answer == decided or (answer[1:-1] in error_values(arguments) and decided[1] == "#")


def error_values(arguments: tuple[Any, ...]) -> list[Any]:
    cells = [argument if isinstance(argument, list) else [[argument]] for argument in arguments]
    return [cell for rows in cells for (cell,) in rows if str(cell).startswith("#")]


def shown(answer: Callable[[], Any]) -> Any:
    """The answer with its type; the error value where it is one."""
    try:
        return repr(answer())
    except Exception as problem:
        return repr(getattr(problem, "excel", problem))


def test_quick_answers_are_those_of_the_functions_that_cells_have_most() -> None:
    assert {"ISSUANCEPCT", "TSX606", "NASDAQ5635D"} <= {function.name for function in QUICK}


EXACT_NUMBERS = st.one_of(
    st.integers(-(10**18), 10**18),
    st.integers(0, 400).map(lambda power: 10**power),
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-99, max_value=99),
    st.fractions(max_denominator=1000),
)


@given(EXACT_NUMBERS, EXACT_NUMBERS.filter(bool))
def test_a_quotient_as_a_cell_shows_it_is_the_quotient_rounded_once(a: Any, b: Any) -> None:
    expected: Any = quotient(a, b)
    answer = quotient_shown(a, b)
    if isinstance(answer, float):
        assert not isinstance(expected, int)
        assert repr(answer) == repr(to_float(expected))
    else:
        assert answer == expected


def test_a_call_leaves_the_arithmetic_of_its_caller_as_it_was() -> None:
    before = getcontext()
    for price in (9.99, "abc", "#REF!", [[9.99], [9.98]]):
        call("NASDAQ5635D", price, 10.0, 1000000.0, 5000000.0)
        assert getcontext() is before
    with pytest.raises(KeyError):
        call("NOT OURS")
    assert getcontext() is before
    assert exactly(lambda: call("DISCOUNTPCT", 0.85, 1.0))() == 0.15


def test_every_reader_is_where_its_argument_is() -> None:
    for function in all_functions():
        single: Iterator[Any] = (it for it in function.arguments if it.shape.name != "REST")
        assert len(function.readers) == len(list(single))
    assert find("TSX606").read((0.85,))[1:3] == [None, None]
