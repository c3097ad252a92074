"""Workbooks whose formulas mean LAMBDA names: Excel 365 calculates them, nothing installed."""

import re
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from xl_compliance.excel.lambdas import Lambda, all_lambdas, names
from xl_compliance.functions.spellings import Host
from xl_compliance.workbook.cached_values import write_package
from xl_compliance.workbook.conversion import CannotConvert, Conversion, convert_workbook
from xl_compliance.workbook.function_examples import Contents, write_examples
from xl_compliance.workbook.snapshot import Package, failures_told, open_package

STEPS: Final = (
    "Nothing has to be installed: the functions are names in this workbook, and Excel 365 "
    "calculates them. Formulas, Name Manager shows each with its help.",
    "In your own workbook: copy a cell with a call into it and the name comes along, or "
    "xl-compliance convert YOURS.xlsx OUT.xlsx --to lambda writes a copy that carries the names.",
    "Only what arithmetic alone decides is here. A number that Excel's arithmetic cannot decide, a "
    "number or date typed as text, and a range where one value is taken give an error value.",
    "Never open the add-in's functions and these names in one workbook: Excel stops every function "
    "of an add-in that has the name of a LAMBDA.",
    "Not tried in real Excel yet: each formula was taken back out of the file and calculated by "
    "another program.",
)
_TITLE: Final = "xl-compliance: what arithmetic alone decides, as LAMBDA names"
_WEB_EXTENSIONS: Final = "xl/webextensions/"
_LIST: Final = re.compile(rb"<((?:\w+:)?)definedNames\s*(/>|>)")
# The list of names stands behind these, and before all else that a workbook part may hold.
_BEFORE: Final = re.compile(rb"</((?:\w+:)?)(?:sheets|functionGroups|externalReferences)\s*>")


def write_lambda_examples(target: str | Path) -> None:
    """Write the workbook with a worked example of every function that is a LAMBDA."""
    functions = tuple(each.function for each in all_lambdas())
    with TemporaryDirectory() as folder:
        examples = Path(folder, "examples.xlsx")
        write_examples(examples, Contents(_TITLE, STEPS, functions, Host.CLASSIC))
        _add_names(examples, Path(target), all_lambdas())


def convert_to_lambda(source: str | Path, target: str | Path) -> Conversion:
    """Write a copy of a workbook that carries the LAMBDA names its formulas use.

    Raises `CannotConvert` where a formula calls a function that is no LAMBDA, where the workbook
    uses one of the names itself, and where it carries an add-in's code; otherwise as
    `convert_workbook`.
    """
    source = Path(source)
    _check_add_in(source)
    with TemporaryDirectory() as folder:
        converted = Path(folder, source.name)
        conversion = convert_workbook(source, converted, Host.CLASSIC)
        others = sorted(set(conversion.calls) - names())
        if others:
            raise CannotConvert(
                f"{source.name} calls {', '.join(others)}, which needs more than arithmetic: there "
                "is no LAMBDA of it. Leave these out of a copy, or use xlwings Lite: --to lite"
            )
        used = [each for each in all_lambdas() if each.function.name in conversion.calls]
        _add_names(converted, Path(target), used)
    return conversion


def _check_add_in(source: Path) -> None:
    with open_package(source) as package:
        members = package.archive.namelist()
    if any(name.lower().startswith(_WEB_EXTENSIONS) for name in members):
        raise CannotConvert(
            f"{source.name} carries an add-in's code, and Excel stops every function of an add-in "
            "that has the name of a LAMBDA. Start from a copy without it: File, Info, Inspect "
            "Document, Task Pane Add-ins, Remove All"
        )


def _add_names(source: Path, target: Path, lambdas: Iterable[Lambda]) -> None:
    with open_package(source) as package:
        _check_names(package, source, lambdas)
        with failures_told(source):
            members = [(info, package.archive.read(info)) for info in package.archive.infolist()]
        part = package.member(package.workbook_part)
        copies = [
            (info, _with_names(content, lambdas) if info.filename == part else content)
            for info, content in members
        ]
        write_package(target, copies, package.archive.comment)


def _check_names(package: Package, source: Path, lambdas: Iterable[Lambda]) -> None:
    taken = {
        node.get("name", "").casefold()
        for node in package.workbook.findall("{*}definedNames/{*}definedName")
    }
    clash = [each.name for each in lambdas if each.name.casefold() in taken]
    if clash:
        raise CannotConvert(
            f"{source.name} has a name {', '.join(clash)} of its own. Rename it in the Name "
            "Manager (Formulas tab) of a copy, and convert that"
        )


def _with_names(xml: bytes, lambdas: Iterable[Lambda]) -> bytes:
    """The workbook part with the names at the end of its list."""
    found = _LIST.search(xml)
    if found and found[2] == b">":
        closing = b"</" + found[1] + b"definedNames>"
        at = xml.index(closing)
        return xml[:at] + _entries(found[1].decode(), lambdas) + xml[at:]
    behind = found or list(_BEFORE.finditer(xml))[-1]
    prefix = behind[1].decode()
    listed = f"<{prefix}definedNames>".encode() + _entries(prefix, lambdas)
    start = behind.start() if found else behind.end()
    return xml[:start] + listed + f"</{prefix}definedNames>".encode() + xml[behind.end() :]


def _entries(prefix: str, lambdas: Iterable[Lambda]) -> bytes:
    return "".join(
        f"<{prefix}definedName name={quoteattr(each.name)} comment={quoteattr(each.comment)}>"
        f"{escape(each.stored)}</{prefix}definedName>"
        for each in lambdas
    ).encode()
