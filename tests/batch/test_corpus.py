"""Every check with a workbook that triggers it and one that must not, by three programs.

The workbooks of deals, filings and offerings are in `corpus`, those of cap tables in
`tests/checks/test_cap_tables.py`; the models that call our functions are here, because what is
wrong with them is wrong with formulas and their stored results, or with the file around them.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import corpus
import openpyxl
import pytest
import xlsxwriter
from hostile_bases import packed
from office import save_all
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.workbook.defined_name import DefinedName

from xl_compliance import call
from xl_compliance.batch.run import check_workbook
from xl_compliance.checks.registry import all_checks, run_checks
from xl_compliance.deal.cap_table import CapTables
from xl_compliance.excel import libreoffice
from xl_compliance.functions.spellings import Host
from xl_compliance.workbook.cached_values import store_cached_values
from xl_compliance.workbook.calls import ModelCalls
from xl_compliance.workbook.conversion import convert_workbook
from xl_compliance.workbook.input_sheets import InputTable
from xl_compliance.workbook.snapshot import ExcelError, read

WRITERS: dict[str, Callable[..., Path]] = {
    "openpyxl": corpus.write_openpyxl,
    "xlsxwriter": corpus.write_xlsxwriter,
}
KINDS = ("fault", "near_miss")


# ---------------------------------------------------------------- models that call our functions


@dataclass(frozen=True)
class Book:
    """What differs from ten right rows of ISSUANCEPCT: in cells, and around them.

    `cells` are formulas and their stored results; `sheet` is a second sheet without a cell,
    `listed` one that the workbook lists and that has no part in the file.
    """

    cells: dict[str, tuple[str, Any]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    epoch_1904: bool = False
    hidden_row: int = 0
    merged: str = ""
    sheet: str = ""
    listed: str = ""


@dataclass(frozen=True)
class Model:
    """A planted fault and its near miss, each in a model of ten right rows."""

    code: str
    verdict: str
    fault: Book
    near_miss: Book
    reason: str
    not_by: str = ""
    """Why LibreOffice cannot be made to save the fault."""


def percent(row: int) -> float:
    answer = call("ISSUANCEPCT", 100 * row, 100_000)
    assert isinstance(answer, float)
    return answer


REQUIRED = "=NASDAQ5635D(9.99,10,1000000,5000000)"
MODELS = (
    Model(
        "MDL001",
        "BREACH",
        Book({"C4": ("=ISSUANCEPCT(B4,$E$1)", 0.25)}),
        Book({"C4": ("=ISSUANCEPCT(B4,$E$1)", percent(4) * (1 + 2**-52))}),
        "the last digit of a double is no other answer",
    ),
    Model(
        "MDL002",
        "NEEDS INPUT",
        Book({"C4": ("=ISSUANCEPCT(B4,$E$1)", None)}),
        Book({"G1": ("=B4+1", None)}),
        "somebody else's formula may lack its result",
        not_by="it calculates what it saves",
    ),
    Model(
        "MDL003",
        "NEEDS INPUT",
        Book({"G1": ("=ISSUANCEPCT(-1,100)", ExcelError("#NUM!"))}),
        Book({"G1": ("=IFERROR(ISSUANCEPCT(-1,100),0)", 0)}),
        "an error that the formula catches",
    ),
    Model(
        "MDL004",
        "REVIEW",
        Book({"C4": ("=ISSUANCEPCT(400,$E$1)", percent(4))}),
        Book({"G4": ("=ISSUANCEPCT(400,$E$1)", percent(4))}),
        "a constant in a call that has no neighbours",
    ),
    Model(
        "MDL005",
        "REQUIRED",
        Book({"G1": (REQUIRED, "REQUIRED")}),
        Book({"G1": ("=NASDAQ5635D(10,10,1000000,5000000)", "NOT REQUIRED")}),
        "a cent more, and nothing is required",
    ),
    Model(
        "MDL006",
        "REVIEW",
        Book({"G1": ("=NASDAQ5635D([1]Deal!A1,10,100,5000000)", "NOT REQUIRED")}),
        Book({"G1": ("=TODAY()+1", 45_000)}),
        "a formula of somebody else's may depend on the day",
        not_by="it turns the link to another workbook into an error",
    ),
    Model(
        "MDL008",
        "REVIEW",
        Book({"C4": ("", 0.25)}),
        Book({"G4": ("", 0.25)}),
        "a number beside the calls, not among them",
    ),
    Model(
        "MDL009",
        "REVIEW",
        Book({"E1": ("", 10**15)}),
        Book({"E1": ("", 10**15 - 1)}),
        "fifteen digits are kept",
    ),
    Model(
        "MDL010",
        "REVIEW",
        Book(names={"Part": "=ISSUANCEPCT(Model!$B$4,Model!$E$1)"}),
        Book(names={"Part": "=Model!$C$4"}),
        "a name of a cell that calls",
    ),
    Model(
        "MDL011",
        "REVIEW",
        Book({"G1": ("=Module1.ISSUANCEPCT(B4,$E$1)", percent(4))}),
        Book({"G1": ('="Module1.ISSUANCEPCT("&B4', "Module1.ISSUANCEPCT(400")}),
        "another's function named in a text",
    ),
    Model(
        "FIL001",
        "REVIEW",
        Book(listed="Old"),
        Book(sheet="Old"),
        "an empty sheet has a part of its own",
        not_by="it reads a sheet without a part as an empty one",
    ),
    Model(
        "FIL002",
        "NOTE",
        Book(epoch_1904=True),
        Book({"G1": ("", datetime(1904, 1, 1))}),
        "a date of 1904 in a workbook that counts from 1900",
    ),
    Model(
        "FIL003",
        "NOTE",
        Book(hidden_row=5),
        Book(hidden_row=20),
        "a hidden row that is empty",
    ),
    Model(
        "FIL004",
        "REVIEW",
        Book(merged="A4:B4"),
        Book(merged="E1:F1"),
        "a merged cell over blank ones",
    ),
)


def formulas(changed: dict[str, tuple[str, Any]]) -> Iterator[tuple[str, str, Any]]:
    """Address, formula and stored result of every cell of a model."""
    cells: dict[str, tuple[str, Any]] = {"E1": ("", 100_000)}
    for row in range(1, 11):
        cells[f"A{row}"] = ("", 100 * row)
        cells[f"B{row}"] = (f"=A{row}*1", 100 * row)
        cells[f"C{row}"] = (f"=ISSUANCEPCT(B{row},$E$1)", percent(row))
    for address, (formula, value) in {**cells, **changed}.items():
        yield address, formula, value


def model_by_openpyxl(model: Book, path: Path) -> Path:
    """openpyxl writes formulas without results; they are stored as `refresh` stores them."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Model"
    if model.epoch_1904:
        book.epoch = CALENDAR_MAC_1904
    for name, refers_to in model.names.items():
        book.defined_names[name] = DefinedName(name, attr_text=refers_to.removeprefix("="))
    if model.hidden_row:
        sheet.row_dimensions[model.hidden_row].hidden = True
    if model.merged:  # not by merge_cells, which empties the cells below
        sheet.merged_cells.add(model.merged)
    if model.sheet:
        book.create_sheet(model.sheet)
    results = {}
    for address, formula, value in formulas(model.cells):
        sheet[address] = formula or value
        if formula and value is not None:
            results["Model", address] = value
    without = path.with_suffix(".formulas.xlsx")
    book.save(without)
    store_cached_values(without, path, results)
    without.unlink()
    return with_listed(model.listed, path)


def model_by_xlsxwriter(model: Book, path: Path) -> Path:
    options = {"date_1904": model.epoch_1904, "default_date_format": "yyyy-mm-dd"}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet("Model")
        if model.sheet:
            book.add_worksheet(model.sheet)
        for name, refers_to in model.names.items():
            book.define_name(name, refers_to)
        if model.hidden_row:
            sheet.set_row(model.hidden_row - 1, None, None, {"hidden": True})
        if model.merged:
            sheet.merge_range(model.merged, "")
        for address, formula, value in formulas(model.cells):
            if formula:
                stored = "" if value is None else value
                sheet.write_formula(
                    address, formula, None, str(stored) if isinstance(stored, str) else stored
                )
            else:
                sheet.write(address, value)
    return with_listed(model.listed, path)


def with_listed(name: str, path: Path) -> Path:
    """The workbook with one more sheet in its list: neither program writes such a file."""
    if name:
        with zipfile.ZipFile(path) as archive:
            parts = {info.filename: archive.read(info) for info in archive.infolist()}
        listed = f'<sheet name="{name}" sheetId="77"/></sheets>'.encode()
        assert b"</sheets>" in parts["xl/workbook.xml"]
        parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"</sheets>", listed)
        path.write_bytes(packed(parts))
    return path


MODEL_WRITERS: dict[str, Callable[..., Path]] = {
    "openpyxl": model_by_openpyxl,
    "xlsxwriter": model_by_xlsxwriter,
}


# ---------------------------------------------------------------- what is found


def assert_found(case: corpus.Case | Model, kind: str, path: Path) -> None:
    report = check_workbook(path)
    assert not report.failure, report.failure
    says = case.says if isinstance(case, corpus.Case) else ""
    found = [
        it
        for it in report.findings
        if it.code == case.code and it.verdict == case.verdict and says in it.message
    ]
    if kind == "fault":
        assert found, [(it.verdict, it.message) for it in report.findings if it.code == case.code]
        assert all(it.sheet for it in found)
    else:
        assert not found, (case.reason, [it.message for it in found])


DEALS = [(case, kind) for case in corpus.CASES for kind in KINDS]
DEAL_IDS = [f"{case.code}-{kind}" for case, kind in DEALS]
OF_MODELS = [(case, kind) for case in MODELS for kind in KINDS]
MODEL_IDS = [f"{case.code}-{kind}" for case, kind in OF_MODELS]


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize(("case", "kind"), DEALS, ids=DEAL_IDS)
def test_written(case, kind, writer, tmp_path):
    path = WRITERS[writer](getattr(case, kind), case.tables, tmp_path / "deal.xlsx")
    assert_found(case, kind, path)


# XlsxWriter stores a result with every formula: only openpyxl leaves one out.
BY_WRITER = [
    (case, kind, writer)
    for case, kind in OF_MODELS
    for writer in MODEL_WRITERS
    if (case.code, writer) != ("MDL002", "xlsxwriter")
]


@pytest.mark.parametrize(
    ("case", "kind", "writer"), BY_WRITER, ids=[f"{c.code}-{k}-{w}" for c, k, w in BY_WRITER]
)
def test_model_written(case, kind, writer, tmp_path):
    path = MODEL_WRITERS[writer](getattr(case, kind), tmp_path / "model.xlsx")
    assert_found(case, kind, path)


# ---------------------------------------------------------------- saved by LibreOffice


def _missing() -> str:
    if not shutil.which("soffice") or not shutil.which("unopkg"):
        return "LibreOffice is not installed"
    try:
        libreoffice.build()
    except libreoffice.CannotBuild as problem:
        return str(problem)
    return ""


MISSING = _missing()
needs_libreoffice = pytest.mark.skipif(
    bool(MISSING) and os.environ.get("CI") != "true", reason=MISSING
)


def given(case: corpus.Case, kind: str) -> tuple[InputTable, ...]:
    """The tables with something in them: LibreOffice takes twice as long over blank sheets."""
    contents = getattr(case, kind)
    if case.code == "INP002":  # a missing sheet
        return case.tables
    return tuple(table for table in case.tables if table.name in contents)


@pytest.fixture(scope="module")
def saved() -> Iterator[Path]:
    """Every workbook of the corpus as LibreOffice saves it, in one start of it."""
    assert not MISSING, MISSING
    with TemporaryDirectory() as name:
        folder = Path(name)
        paths = [
            corpus.write_openpyxl(getattr(case, kind), given(case, kind), folder / f"{at}.xlsx")
            for (case, kind), at in zip(DEALS, DEAL_IDS, strict=True)
        ]
        for (case, kind), at in zip(OF_MODELS, MODEL_IDS, strict=True):
            if case.not_by:
                continue
            ours = model_by_xlsxwriter(getattr(case, kind), folder / f"{at}.bare")
            paths.append(folder / f"{at}.xlsx")
            convert_workbook(ours.rename(ours.with_suffix(".in.xlsx")), paths[-1], Host.LIBREOFFICE)
        right = model_by_xlsxwriter(Book(), folder / "MDL007.xlsx")
        yield save_all(folder, {"xlsx:Calc MS Excel 2007 XML": [*paths, right], "ods": [right]})


@needs_libreoffice
@pytest.mark.parametrize(("case", "kind"), DEALS, ids=DEAL_IDS)
def test_saved_by_libreoffice(case, kind, saved):
    assert_found(case, kind, saved / f"{case.code}-{kind}.xlsx")


@needs_libreoffice
@pytest.mark.parametrize(
    ("case", "kind"),
    [(case, kind) for case, kind in OF_MODELS if not case.not_by],
    ids=[f"{case.code}-{kind}" for case, kind in OF_MODELS if not case.not_by],
)
def test_model_saved_by_libreoffice(case, kind, saved):
    assert_found(case, kind, saved / f"{case.code}-{kind}.xlsx")


@needs_libreoffice
def test_a_workbook_of_which_only_values_are_read(saved):
    """In .ods our calls are not seen, and that is said; in .xlsx they are."""
    for name, expected in (("MDL007.ods", ["MDL007"]), ("MDL007.xlsx", [])):
        snapshot = read(saved / name)
        codes = [it.code for it in run_checks(None, ModelCalls(snapshot))]
        assert [code for code in codes if code == "MDL007"] == expected, name


# ---------------------------------------------------------------- none is missing


def test_no_check_is_without_a_fault_and_a_near_miss():
    """Those of a cap table alone have theirs, by the same programs, in test_cap_tables.

    That of formulas behind inputs has its own in tests/checks/test_file.py: no program that writes
    these workbooks stores a result that a formula does not give.
    """
    covered = {case.code for case in (*corpus.CASES, *MODELS)} | {"MDL007", "INP011"}
    of_tables = {check.code for check in all_checks() if check.takes is CapTables} - {"CAP015"}
    assert sorted(covered | of_tables) == [check.code for check in all_checks()]
    assert not covered & of_tables


def test_a_near_miss_differs_from_its_fault():
    for case in (*corpus.CASES, *MODELS):
        assert case.fault != case.near_miss, case.code
        assert case.reason
