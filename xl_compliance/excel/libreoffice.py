"""The add-in for LibreOffice Calc: one .oxt file with the package inside.

To install it: open the file with LibreOffice, or Tools > Extension Manager > Add; then restart
LibreOffice. `=XLC.MINPRICE(A1:A5)` works from then on, and the Function Wizard (Ctrl+F2, category
Add-in) explains every function and argument. The Python that LibreOffice runs on must be 3.11 or
later: Tools > Macros > Run Macro shows an error at the first call where it is not.

Building it takes `unoidl-write`, which comes with LibreOffice's SDK (on Debian and Ubuntu:
libreoffice-dev); using it takes nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from xl_compliance import __version__
from xl_compliance.excel.calc import answers_in_rows
from xl_compliance.excel.embedding import package_files, zipped
from xl_compliance.excel.wizard import argument_help, worksheet_arguments
from xl_compliance.functions.registry import Function, all_functions
from xl_compliance.functions.spellings import NAMESPACE, Host, spelled

IDENTIFIER: Final = "org.xlcompliance.calc"
_INTERFACE: Final = "XFunctions"
_INSTALLED: Final = (
    "/usr/lib/libreoffice",
    "/usr/lib64/libreoffice",
    "/opt/libreoffice*",
    "C:/Program Files/LibreOffice",
)
# Of a method that may return either, Python can return a value, but no rows.
_ROWS: Final = "sequence< sequence< any > >"
_TYPES: Final = ("types.rdb", "types/offapi.rdb")


class CannotBuild(Exception):
    """What is missing on this machine, and how to get it."""


def build() -> bytes:
    """The .oxt file. Raises `CannotBuild` where LibreOffice's SDK is not installed."""
    functions = all_functions()
    files = {
        "META-INF/manifest.xml": _MANIFEST.encode(),
        "description.xml": _DESCRIPTION.format(id=IDENTIFIER, version=__version__).encode(),
        "CalcAddIns.xcu": wizard(functions).encode(),
        "functions.rdb": _type_library(interface(functions)),
        "functions.py": component().encode(),
    }
    inside = package_files("calc", "handed_over")
    return zipped(files | {f"pythonpath/{name}": content for name, content in inside.items()})


def method(function: Function) -> str:
    """The name of a function in the interface."""
    return function.name.lower()


def parameters(function: Function) -> list[str]:
    """The names of a function's arguments in the interface; they sort as they stand."""
    count = len(worksheet_arguments(function))
    return [f"argument{position:02}" for position in range(1, count + 1)]


# ---------------------------------------------------------------- the interface


def interface(functions: tuple[Function, ...]) -> str:
    """The interface in UNO's language: every argument may be a value, a range or left out."""
    methods = "\n".join(f"    {_declared(function)}" for function in functions)
    return _IDL.format(name=_INTERFACE, methods=methods)


def _declared(function: Function) -> str:
    # Calc fills in an argument of this type by itself: the document, whose dates may count from
    # 1904.
    taken = ["[in] com::sun::star::beans::XPropertySet document"]
    # No arguments that repeat: in an array formula Calc cuts the answer to the size of a range
    # among them.
    taken += [f"[in] any {name}" for name in parameters(function)]
    result = _ROWS if answers_in_rows(function) else "any"
    return f"{result} {method(function)}( {', '.join(taken)} );"


def _type_library(idl: str) -> bytes:
    program, types = _unoidl_write()
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "functions.idl"), Path(folder, "functions.rdb")
        source.write_text(idl, encoding="utf-8")
        command = [program, *types, str(source), str(target)]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, env=_with_system_programs()
            )
        except OSError as problem:
            raise CannotBuild(_stopped(program, problem.strerror or str(problem))) from None
        if done.returncode or not target.exists():
            raise CannotBuild(_stopped(program, done.stderr or done.stdout))
        return target.read_bytes()


def _with_system_programs() -> dict[str, str]:
    """On Linux unoidl-write is a script, which calls programs that the PATH may leave out."""
    given = os.environ.get("PATH", "")
    return {**os.environ, "PATH": os.pathsep.join(filter(None, (given, os.defpath)))}


def _stopped(program: str, said: str) -> str:
    said = " ".join(said.split()) or "without a word"
    return (
        f"{program}, which comes with LibreOffice's SDK, stopped: {said}. Install LibreOffice and "
        "its SDK in one version, on Debian and Ubuntu: apt-get install --reinstall libreoffice-dev"
    )


def _unoidl_write() -> tuple[str, list[str]]:
    """The program, and the type libraries that our interface rests on."""
    for folder in _installations():
        program = next(iter(sorted((folder / "sdk" / "bin").glob("unoidl-write*"))), None)
        types = [folder / "program" / name for name in _TYPES]
        if program and all(path.exists() for path in types):
            return str(program), [str(path) for path in types]
    on_path = "is not there" if shutil.which("soffice") is None else "is there, without an SDK"
    raise CannotBuild(
        "unoidl-write, which comes with LibreOffice's SDK, was not found. Looked for: soffice on "
        f"the PATH, which {on_path}; {', '.join(_INSTALLED) or 'no other folder'}. On Debian and "
        "Ubuntu: apt-get install libreoffice-dev. On Windows: install the SDK from "
        "libreoffice.org. Where LibreOffice is elsewhere, put its program folder on the PATH"
    )


def _installations() -> Iterator[Path]:
    soffice = shutil.which("soffice")
    if soffice:
        yield Path(soffice).resolve().parents[1]
    for root in map(Path, _INSTALLED):
        yield from sorted(root.parent.glob(root.name))


# ---------------------------------------------------------------- the function wizard


def wizard(functions: tuple[Function, ...]) -> str:
    """The names and the help that the Function Wizard shows."""
    nodes = "".join(map(_function_node, functions))
    return _XCU.format(namespace=NAMESPACE, nodes=nodes)


def _function_node(function: Function) -> str:
    named = zip(parameters(function), worksheet_arguments(function), strict=True)
    inside = "".join(
        _node(name, _shown_as(argument.name, argument_help(argument))) for name, argument in named
    )
    document = _node("document", _shown_as("document", "Filled in by Calc"))
    name = spelled(function.name, Host.LIBREOFFICE)
    return _node(
        method(function),
        _shown_as(name, function.summary)
        + '<prop oor:name="Category"><value>Add-In</value></prop>'
        + _property("CompatibilityName", name)
        + f'<node oor:name="Parameters">{document}{inside}</node>',
    )


def _node(name: str, content: str) -> str:
    return f'<node oor:name={quoteattr(name)} oor:op="replace">{content}</node>\n'


def _shown_as(name: str, description: str) -> str:
    return _property("DisplayName", name) + _property("Description", description)


def _property(name: str, text: str) -> str:
    return f'<prop oor:name="{name}"><value xml:lang="en">{escape(text)}</value></prop>'


# ---------------------------------------------------------------- the component


def component() -> str:
    """The file that LibreOffice loads: a method for each function, all alike."""
    return _COMPONENT.format(identifier=IDENTIFIER, namespace=NAMESPACE, interface=_INTERFACE)


_IDL: Final = """\
#include <com/sun/star/beans/XPropertySet.idl>
#include <com/sun/star/uno/XInterface.idl>

module org {{ module xlcompliance {{

interface {name} : com::sun::star::uno::XInterface
{{
{methods}
}};

}}; }};
"""

_MANIFEST: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">
<manifest:file-entry manifest:full-path="functions.rdb" \
manifest:media-type="application/vnd.sun.star.uno-typelibrary;type=RDB"/>
<manifest:file-entry manifest:full-path="functions.py" \
manifest:media-type="application/vnd.sun.star.uno-component;type=Python"/>
<manifest:file-entry manifest:full-path="CalcAddIns.xcu" \
manifest:media-type="application/vnd.sun.star.configuration-data"/>
</manifest:manifest>
"""

_DESCRIPTION: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<description xmlns="http://openoffice.org/extensions/description/2006" \
xmlns:xlink="http://www.w3.org/1999/xlink">
<identifier value="{id}"/>
<version value="{version}"/>
<display-name><name lang="en">xl-compliance</name></display-name>
</description>
"""

_XCU: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<oor:component-data xmlns:oor="http://openoffice.org/2001/registry" \
xmlns:xs="http://www.w3.org/2001/XMLSchema" oor:name="CalcAddIns" \
oor:package="org.openoffice.Office">
<node oor:name="AddInInfo">
<node oor:name="{namespace}" oor:op="replace">
<node oor:name="AddInFunctions">
{nodes}</node>
</node>
</node>
</oor:component-data>
"""

_COMPONENT: Final = """\
\"\"\"The worksheet functions of xl-compliance for LibreOffice Calc.\"\"\"

import datetime
import sys

import unohelper
from com.sun.star.lang import XServiceInfo
from org.xlcompliance import {interface}

if sys.version_info < (3, 11):
    raise ImportError("xl-compliance needs Python 3.11 or later, not " + sys.version)

from xl_compliance.excel.calc import cell
from xl_compliance.functions.registry import all_functions

SERVICES = ("{identifier}", "com.sun.star.sheet.AddIn")


def _method(function):
    def answer(self, document, *arguments):
        day_0 = document.NullDate
        day_0 = datetime.date(day_0.Year, day_0.Month, day_0.Day)
        return cell(function.name, arguments, day_0)

    return answer


class Functions(unohelper.Base, {interface}, XServiceInfo):
    def __init__(self, context):
        self.context = context

    def getImplementationName(self):
        return "{namespace}"

    def supportsService(self, name):
        return name in SERVICES

    def getSupportedServiceNames(self):
        return SERVICES


for _function in all_functions():
    setattr(Functions, _function.name.lower(), _method(_function))

g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(Functions, "{namespace}", SERVICES)
"""
