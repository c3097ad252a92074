"""The worksheet functions as xlwings UDFs: Excel on Windows, through the xlwings add-in.

To connect them, once a machine:

1. In the Python that Excel shall use: install xl-compliance, then `xlwings addin install`.
2. In Excel: File > Options > Trust Center > Trust Center Settings > Macro Settings, tick "Trust
   access to the VBA project object model".

Once a workbook, saved as .xlsm:

3. On the xlwings tab, write `xl_compliance.excel.classic` into `UDF Modules`, and the path of that
   Python's `python.exe` into `Interpreter` unless it is the one on the PATH.
4. Alt+F11, Tools > References, tick `xlwings`. (`xlwings quickstart NAME` makes a workbook that has
   this already.)
5. On the xlwings tab, press `Import Functions`; press it again after updating xl-compliance.

Then `=MINPRICE(A1:A5)` works, and `=TSX_606(...)` with an underscore, because `TSX606` is a cell
address. Arguments named `close` or `function` are shown as `close_` and `function_`.

This was not run in Excel itself: it is tested through xlwings' own code, with Windows stubbed.

What a cell shows differs from the other hosts in one respect. **Every error value is `#VALUE!`.**
Python cannot hand VBA any other: text such as "#N/A" stays text, which `IF`, `SUM` and `IFERROR`
would take for an answer, so a real error of the wrong kind is returned instead of a text of the
right one. EXPLAIN says which error it is, and why.

On Linux and macOS the xlwings decorators do nothing: the module imports, and the functions can be
called by position, as the worksheet calls them.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, zip_longest
from textwrap import shorten, wrap
from typing import Any, Final

import xlwings as xw
from xlwings.conversion import (
    Accessor,
    ConversionContext,
    Options,
    Pipeline,
    ReadValueFromRangeStage,
    ValueAccessor,
)

import xl_compliance.columns  # noqa: F401  (long ranges are computed with at once)
from xl_compliance.excel import wizard
from xl_compliance.excel.handed_over import error_of_number
from xl_compliance.excel.wizard import worksheet_arguments
from xl_compliance.functions.calling import call
from xl_compliance.functions.cells import Raw, error_value
from xl_compliance.functions.registry import Argument, Function, Result, all_functions
from xl_compliance.functions.spellings import bare

logger = logging.getLogger(__name__)

CATEGORY: Final = "xl-compliance"
FAILED: Final = "#VALUE!"

# `MacroOptions` takes no longer description; xlwings cuts there, in the middle of a word.
LONGEST_DESCRIPTION: Final = 255
# The function wizard loses its arguments when their names, each with a separator, pass this
# (xlwings issue 1489).
LONGEST_NAMES: Final = 254
# A text in an array that comes from VBA: a longer one is #VALUE! (xlwings issue 456).
LONGEST_TEXT_IN_ARRAY: Final = 255

# Words that no VBA argument may be called: the reserved identifiers of the VBA language
# specification (MS-VBAL 3.3.5.2), and the names that xlwings uses in the wrapper it generates.
_RESERVED: Final = """
    call case close const declare defbool defbyte defcur defdate defdbl defint deflng deflnglng
    deflngptr defobj defsng defstr defvar dim do else elseif end endif enum erase event exit for
    friend function get global gosub goto if implements input let lock loop lset next on open
    option print private public put raiseevent redim resume return rset seek select set static stop
    sub type unlock wend while width with write
    any as byref byval each in new optional paramarray preserve shared spc tab then to until
    withevents
    addressof and eqv imp is like mod not or typeof xor
    abs cbool cbyte ccur cdate cdbl cdec cint clng clnglng clngptr csng cstr cvar cverr date debug
    doevents fix int len lenb me pset scale sgn string
    array circle inputb lbound ubound
    boolean byte currency double integer long longlong longptr single variant
    true false nothing empty null rem attribute cdecl decimal defdec lineinput
    activeworkbook app application argsarray caller err k thisworkbook xlpy
"""
NOT_IN_VBA: Final = frozenset(_RESERVED.split())

_CLEAN: Final = frozenset({float, bool, type(None)})


class FromTheCell(Accessor):
    """What comes in from Excel, past what xlwings itself does with an argument.

    xlwings reads `Range.Value` and makes dates naive, as they stand in the cell. But:

    - Excel hands over cells in a currency format rounded to four decimals (pywin32: `Decimal`).
      Their full value is in `Range.Value2`.
    - The error values that xlwings does not know would be read as negative numbers.
    - One cell is a value, so that the working shows it as one.
    - It looks at every cell of a range to make it what a number or a truth value already is.
    """

    @classmethod
    def reader(cls, options: Options) -> Pipeline:
        """The stages that xlwings runs over an argument that is given."""
        stages: Pipeline = ValueAccessor.reader(options)  # type: ignore[no-untyped-call]
        (read,) = (
            position
            for position, stage in enumerate(stages)
            if isinstance(stage, ReadValueFromRangeStage)
        )

        def clean(context: ConversionContext) -> None:
            if _is_clean(context.value):
                return
            for stage in stages[read + 1 :]:
                stage(context)
            _read_as_given(context)

        return Pipeline([*stages[: read + 1], _read_in_full, clean])


def _is_clean(value: Any) -> bool:
    """A range of numbers, truth values and empty cells, which xlwings hands on as they are."""
    if not isinstance(value, tuple) or not isinstance(value[0], tuple):
        return False
    return _CLEAN.issuperset(map(type, chain.from_iterable(value)))


def _read_in_full(context: ConversionContext) -> None:
    if context.range is None:
        return
    if isinstance(context.value, Decimal):
        context.value = context.range.api.Value2
    elif isinstance(context.value, tuple) and Decimal in map(
        type, chain.from_iterable(context.value)
    ):
        context.value = [
            [full if isinstance(cell, Decimal) else cell for cell, full in zip(*rows, strict=True)]
            for rows in zip(context.value, context.range.api.Value2, strict=True)
        ]


def _read_as_given(context: ConversionContext) -> None:
    rows = [[_named(cell) for cell in row] for row in context.value]
    context.value = rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else rows


def _named(cell: Raw) -> Raw:
    return error_of_number(cell) or cell


class ForTheCell(Accessor):
    """What goes back to Excel, past what xlwings itself does with a result.

    xlwings puts dates into COM dates and hands the rest to pywin32, and Excel shows what that
    makes of it (xlwings 0.37.8, `conversion/standard.py` and `_xlwindows.py`; pywin32,
    `com/win32com/src/oleargs.cpp`):

    - "#N/A" becomes text. `VARIANT(VT_ERROR, number)` loses its number on the way (`case VT_ERROR`
      in `MakeObjToVariant`), and the number alone is shown as -2146826246. None becomes Null, which
      a cell shows as #VALUE! (xlwings issue 390); in an array it may turn all of it into #VALUE!.
    - Integers beyond 31 bits become types that VBA does not have, and the cell would show the text
      of VBA's complaint. A float is what Excel calculates with anyway.
    - A table is there to be read: error values in it stay text, and texts too long for an array
      continue in the rows below.
    """

    @classmethod
    def writer(cls, options: Options) -> Pipeline:
        """The stages that xlwings runs over a result."""

        def deliver(context: ConversionContext) -> None:
            table = options.get("table", False) and not context.meta.get("scalar", False)
            deliver_row = _table_rows if table else _value_rows
            context.value = [cells for row in context.value for cells in deliver_row(row)]

        stages: Pipeline = ValueAccessor.writer(options)  # type: ignore[no-untyped-call]
        stages.append(deliver)

        def write(context: ConversionContext) -> None:
            # A column of numbers, as a spill has it, needs no look at each cell.
            kinds = _kinds_in(context.value)
            if kinds == {float}:
                return
            if kinds == {float, int}:
                context.value = [list(map(float, row)) for row in context.value]
                return
            for stage in stages:
                stage(context)

        return Pipeline([write])


def _kinds_in(value: Any) -> set[type]:
    """The types in the rows of a result; none where it is a single value."""
    if not isinstance(value, list) or set(map(type, value)) != {list}:
        return set()
    return set(map(type, chain.from_iterable(value)))


def _value_rows(row: Sequence[Any]) -> Iterator[list[Any]]:
    yield [None if error_value(cell) else _as_number(cell) for cell in row]


def _table_rows(row: Sequence[Any]) -> Iterator[list[Any]]:
    columns = [
        wrap(cell, LONGEST_TEXT_IN_ARRAY, break_on_hyphens=False)
        if isinstance(cell, str) and len(cell) > LONGEST_TEXT_IN_ARRAY
        else [_as_number(cell)]
        for cell in row
    ]
    for cells in zip_longest(*columns, fillvalue=""):
        yield list(cells)


def _as_number(cell: Any) -> Any:
    try:
        return float(cell) if type(cell) is int else cell
    except OverflowError:
        return None


def parameter_names(arguments: Sequence[Argument]) -> list[str]:
    """The arguments' names as VBA and the function wizard can take them.

    A word that VBA reserves gets an underscore. Where the names together are too long for the
    wizard, the longest loses its last word, and so on, as long as no two become the same.

    >>> from xl_compliance.functions.registry import find
    >>> parameter_names(find("TSX606").arguments)[:3]
    ['offer_price', 'close_', 'broadly_marketed']
    """
    names = [_for_vba(argument.name) for argument in arguments]
    while sum(map(len, names)) + len(names) > LONGEST_NAMES:
        for name in sorted(names, key=len, reverse=True):
            shorter = _for_vba(name.rstrip("_").rpartition("_")[0])
            if shorter and shorter not in names:
                names[names.index(name)] = shorter
                break
        else:
            break
    return names


def _for_vba(name: str) -> str:
    return f"{name}_" if name.lower() in NOT_IN_VBA else name


def argument_help(argument: Argument) -> str:
    """What the function wizard says about an argument."""
    return _described(wizard.argument_help(argument))


def _described(text: str) -> str:
    return shorten(text, LONGEST_DESCRIPTION, placeholder=" ...")


def _udf(function: Function) -> Callable[..., Any]:
    """The function as `Import Functions` finds it."""

    def cell(*arguments: Raw) -> Any:
        # What is raised here, the VBA wrapper would show in the cell as text.
        try:
            return call(function.name, *_given(arguments))
        except Exception:
            logger.exception("%s failed", function.name)
            return FAILED

    # VBA has a ParamArray for arguments that repeat, but xlwings' wrapper copies it by value: what
    # EXPLAIN then saw of a cell in a currency format would be rounded.
    arguments = worksheet_arguments(function)
    names = parameter_names(arguments)
    cell.__name__ = cell.__qualname__ = bare(function.name)
    cell.__doc__ = _described(function.summary)
    # xlwings takes the arguments from `inspect.signature`, which believes `__signature__`, and
    # would take converters from annotations: with these two no source text need be written.
    cell.__signature__ = _signature(names)  # type: ignore[attr-defined]
    cell.__annotations__ = {}
    udf: Any = cell
    for name, argument in zip(names, arguments, strict=True):
        # Without `err_to_str` an error in a cell would arrive as a blank, and without `ndim` a row
        # and a column would look alike.
        udf = xw.arg(name, FromTheCell, doc=argument_help(argument), ndim=2, err_to_str=True)(udf)
    # No `expand`: it makes xlwings write a legacy array formula over the cells. Excel with dynamic
    # arrays spills the array by itself; an older one needs Ctrl+Shift+Enter over a range.
    udf = xw.ret(ForTheCell, table=function.result is Result.TABLE)(udf)
    # Last, because the other decorators set the category back.
    decorated: Callable[..., Any] = xw.func(category=CATEGORY)(udf)
    return decorated


def _signature(names: Sequence[str]) -> inspect.Signature:
    """Every argument may be left out: what that means is for the function, not for VBA."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Signature([inspect.Parameter(name, kind, default=None) for name in names])


def _given(arguments: Sequence[Raw]) -> Sequence[Raw]:
    """The arguments up to the last one given."""
    count = len(arguments)
    while count and arguments[count - 1] is None:
        count -= 1
    return arguments[:count]


FUNCTIONS: Final = {udf.__name__: udf for udf in map(_udf, all_functions())}
globals().update(FUNCTIONS)
