"""Excel on Windows for xlwings, without Windows: its own code runs, pywin32 and Excel are stubbed.

`windows()` imports xlwings anew as it imports itself on Windows, with `_xlwindows`, `com_server`
and `udfs` as they are, and takes it away again afterwards. What stands in for Excel is a `Desktop`:
`import_functions` is the button of that name, `cell` what the VBA wrapper calls, and `shown` what
pywin32 and Excel make of the answer, as far as their sources and documented behaviour say.
"""

import contextlib
import ctypes
import importlib
import inspect
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import DEFAULT, MagicMock, patch

# First as it is here: what it imports must be there before the platform is said to be another.
import xlwings  # noqa: F401

MODULE = "xl_compliance.excel.classic"
MISSING = -2147352572  # what an argument left out is to pywin32: DISP_E_PARAMNOTFOUND
RANGE = "{00020846-0000-0000-C000-000000000046}"
ERRORS = {
    "#NULL!": -2146826288,
    "#DIV/0!": -2146826281,
    "#VALUE!": -2146826273,
    "#REF!": -2146826265,
    "#NAME?": -2146826259,
    "#NUM!": -2146826252,
    "#N/A": -2146826246,
    "#SPILL!": -2146826243,
    "#CALC!": -2146826238,
}


class ComTime(datetime):
    """A `pywintypes.datetime`: wall-clock time that claims to be UTC."""


class ComError(Exception):
    """A `pywintypes.com_error`."""


def com_time(*parts: int) -> ComTime:
    return ComTime(*parts, tzinfo=UTC)


class ComRange:
    """A range as COM hands it over: one cell is a value, more are rows.

    A `Currency` cell has four decimals in `Value`, and all of them in `Value2`, where dates are
    numbers.
    """

    _oleobj_ = SimpleNamespace(
        GetTypeInfo=lambda: SimpleNamespace(GetTypeAttr=lambda: SimpleNamespace(iid=RANGE))
    )

    def __init__(self, *rows: tuple[Any, ...]) -> None:
        self.Value = self._read(rows, lambda cell: getattr(cell, "rounded", cell))
        self.Value2 = self._read(rows, _number_beneath)
        self.Row = self.Column = 1
        self.Rows = SimpleNamespace(Count=len(rows))
        self.Columns = SimpleNamespace(Count=len(rows[0]))
        self.Worksheet = SimpleNamespace(
            Name="Sheet1",
            Parent=SimpleNamespace(
                Name="deal.xlsm", Application=SimpleNamespace(Hwnd=1, Version="16.0")
            ),
        )

    @staticmethod
    def _read(rows: tuple[tuple[Any, ...], ...], look: Callable[[Any], Any]) -> Any:
        if len(rows) == 1 and len(rows[0]) == 1:
            return look(rows[0][0])
        return tuple(tuple(map(look, row)) for row in rows)


def _number_beneath(cell: Any) -> Any:
    """What `Value2` holds: no dates and no currency, only numbers."""
    if isinstance(cell, ComTime):
        return (cell - com_time(1899, 12, 30)) / timedelta(days=1)
    return getattr(cell, "full", cell)


class Currency:
    """A cell in a currency format."""

    def __init__(self, full: float) -> None:
        self.full = full
        self.rounded = Decimal(str(full)).quantize(Decimal("0.0001"))


def column(*cells: Any) -> ComRange:
    return ComRange(*((cell,) for cell in cells))


def row(*cells: Any) -> ComRange:
    return ComRange(cells)


def _variant(value: Any) -> Any:
    """What pywin32's `PyCom_VariantFromPyObject` and then a worksheet cell make of a value.

    Fails for what no VBA Variant holds, or Excel does not show as it is meant.
    """
    if value is None:
        return "#VALUE!"  # Null
    if isinstance(value, bool | float):
        return value
    if isinstance(value, str):
        assert value not in ERRORS, f"{value} would be text in the cell"
        return value
    if isinstance(value, datetime):
        assert value.tzinfo is UTC, "pywin32 would shift the time"
        return value.replace(tzinfo=None)
    raise AssertionError(f"{value!r} of type {type(value).__name__} in a cell")


@dataclass
class Desktop:
    """Excel with the xlwings add-in, and a workbook."""

    xlwings: types.ModuleType
    server: Any
    module: types.ModuleType
    name: str = "deal.xlsm"
    version: str = "16.0"
    imported: list[str] = field(default_factory=list)
    options: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def workbook(self) -> Any:
        components = MagicMock()
        components.Import.side_effect = lambda path: self.imported.append(Path(path).read_text())
        return SimpleNamespace(
            Name=self.name,
            Worksheets=MagicMock(__iter__=lambda _: iter(())),
            VBProject=SimpleNamespace(VBComponents=components),
            Application=SimpleNamespace(
                Version=self.version,
                MacroOptions=lambda name, **options: self.options.append((name, options)),
            ),
        )

    def import_functions(self) -> str:
        """The button `Import Functions`; the VBA module it makes."""
        self.xlwings.import_udfs(MODULE, self.workbook())
        return self.imported[-1]

    def answer(self, name: str, *arguments: Any) -> Any:
        """What the VBA wrapper gets back from Python: it passes every argument there is."""
        left_out = len(getattr(self.module, name).__xlfunc__["args"]) - len(arguments)
        arguments = (*arguments, *[MISSING] * left_out)
        return self.server.CallUDF(MODULE, name, arguments, None, ComRange((None,)))

    def cell(self, name: str, *arguments: Any, table: bool = False) -> Any:
        """What the formula shows: a value, or rows where it spills."""
        answer = self.answer(name, *arguments)
        if not isinstance(answer, list):
            return _variant(answer)
        rows = answer if isinstance(answer[0], list) else [answer]
        if table:  # error values in a table are there to be read
            return [[c if c in ERRORS else _variant(c) for c in cells] for cells in rows]
        return [list(map(_variant, cells)) for cells in rows]


def _pywin32() -> dict[str, types.ModuleType]:
    def refuse(_: Any) -> Any:
        raise ComError("not one of Python's own objects")

    stubs: dict[str, Any] = {
        name: MagicMock(name=name)
        for name in (
            "pythoncom",
            "pywintypes",
            "win32api",
            "win32con",
            "win32event",
            "win32gui",
            "win32process",
            "win32timezone",
            "win32com",
            "win32com.client",
            "win32com.server",
            "win32com.server.dispatcher",
            "win32com.server.policy",
            "win32com.server.util",
        )
    }
    stubs["pythoncom"].__file__ = "pythoncom.dll"
    stubs["pywintypes"].TimeType = ComTime
    stubs["pywintypes"].com_error = ComError
    stubs["pywintypes"].IID = str
    stubs["win32timezone"].TimeZoneInfo.utc = lambda: UTC
    stubs["win32process"].GetWindowThreadProcessId = lambda hwnd: (0, hwnd)
    stubs["win32com"].client = stubs["win32com.client"]
    stubs["win32com"].server = stubs["win32com.server"]
    stubs["win32com.server"].util = stubs["win32com.server.util"]
    stubs["win32com.client"].Dispatch = lambda raw, **_: raw
    stubs["win32com.client"].CDispatch = type("CDispatch", (), {})
    stubs["win32com.client"].DispatchBaseClass = type("DispatchBaseClass", (), {})
    stubs["win32com.server.util"].unwrap = refuse
    return stubs


def _ours(name: str) -> bool:
    return name == MODULE or name == "xlwings" or name.startswith("xlwings.")


@contextlib.contextmanager
def windows() -> Iterator[Desktop]:
    """xlwings as on Windows, and our functions as it exports them."""
    package = importlib.import_module("xl_compliance.excel")
    attribute = getattr(package, "classic", None)
    stubs = _pywin32()

    def take_out() -> dict[str, types.ModuleType]:
        names = [name for name in sys.modules if _ours(name) or name in stubs]
        return {name: sys.modules.pop(name) for name in names}

    before = take_out()
    sys.modules.update(stubs)
    try:
        with (
            patch.object(sys, "platform", "win32"),
            patch.multiple(ctypes, create=True, windll=DEFAULT, oledll=DEFAULT, PyDLL=DEFAULT),
        ):
            fresh = importlib.import_module("xlwings")
        server = importlib.import_module("xlwings.com_server").XLPython()
        module = importlib.import_module(MODULE)
        assert inspect.getmodule(fresh.func) is sys.modules["xlwings.udfs"]
        yield Desktop(fresh, server, module)
    finally:
        take_out()
        sys.modules.update(before)
        if attribute is None:
            vars(package).pop("classic", None)
        else:
            package.classic = attribute
