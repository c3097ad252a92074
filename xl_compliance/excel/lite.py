"""The code that a workbook for xlwings Lite carries: one file, with the package inside.

xlwings Lite is a free add-in from Excel's store; it runs the `main.py` of the workbook in Excel
itself, so that nothing has to be installed beside it. `main.py` here declares every worksheet
function with its arguments and their help, and holds the package as text.

This was not run in Excel: it is tested as it stands in Pyodide, the Python that the add-in runs.
"""

from __future__ import annotations

from base64 import b64encode
from textwrap import wrap
from typing import Final

from xl_compliance import __version__
from xl_compliance.excel.embedding import package_files, zipped
from xl_compliance.excel.wizard import argument_help
from xl_compliance.functions.registry import Function, Shape, all_functions
from xl_compliance.functions.spellings import NAMESPACE, Host, spelled

# What the add-in itself marks as required; the functions need nothing more.
REQUIREMENTS: Final = "xlwings  # required\npython-dotenv  # required\npyodide-http  # required\n"


def main_py() -> str:
    """The text of `main.py`: the package, then a declaration of each function."""
    packed = b64encode(zipped(package_files("officejs", "handed_over"))).decode()
    declared = "\n\n".join(map(_declaration, all_functions()))
    return _MAIN.format(
        version=__version__,
        namespace=NAMESPACE,
        packed="\n".join(wrap(packed, 100)),
        declared=declared,
    )


def function_ids() -> list[str]:
    """What the workbook lists as its functions, as its formulas spell them."""
    return [spelled(function.name, Host.LITE) for function in all_functions()]


def _declaration(function: Function) -> str:
    """A function as xlwings reads it; every argument may be left out."""
    names = [argument.name for argument in function.arguments]
    repeats = any(argument.shape is Shape.REST for argument in function.arguments)
    # xlwings refuses optional arguments before ones that repeat.
    default = "" if repeats else "=None"
    taken = [
        f"*{name}" if argument.shape is Shape.REST else f"{name}{default}"
        for name, argument in zip(names, function.arguments, strict=True)
    ]
    passed = [each.removesuffix(default) for each in taken]
    lines = [f'@xw.func(name="{function.name}", namespace="{NAMESPACE}")']
    lines += [
        f"@xw.arg({name!r}, ndim=2, err_to_str=True, doc={argument_help(argument)!r})"
        for name, argument in zip(names, function.arguments, strict=True)
    ]
    lines += [
        f"def {function.name.lower()}({', '.join(taken)}):",
        f"    {function.summary!r}",
        f"    return cell({', '.join([repr(function.name), *passed])})",
    ]
    return "\n".join(lines) + "\n"


_MAIN: Final = '''\
"""xl-compliance {version}: exchange and ownership rules as worksheet functions.

Type ={namespace}.MINPRICE(A1:A5) into a cell. Nothing here needs to be edited. The text below is
the package itself, zipped; the functions that it answers follow it.
"""

import base64
import pathlib
import sys
import tempfile

import xlwings as xw

PACKAGE = """
{packed}
"""

_path = pathlib.Path(tempfile.mkdtemp()) / "xl_compliance.zip"
_path.write_bytes(base64.b64decode(PACKAGE))
sys.path.insert(0, str(_path))

from xl_compliance.excel.officejs import cell  # noqa: E402

__xlwings_func_namespace__ = "{namespace}"


{declared}'''
