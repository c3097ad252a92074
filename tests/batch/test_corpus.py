"""Every check with a workbook that triggers it and one that must not, by three programs.

The workbooks of deals, filings and offerings are in `corpus`, those of cap tables in
`tests/checks/test_cap_tables.py`; the models that call our functions are here, because what is
wrong with them is wrong with formulas and their stored results.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import corpus
import openpyxl
import pytest
import xlsxwriter
from office import save_all

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
class Model:
    """Cells that differ from ten right rows of ISSUANCEPCT: the formula, and the stored result."""

    code: str
    verdict: str
    fault: dict[str, tuple[str, Any]]
    near_miss: dict[str, tuple[str, Any]]
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
        {"C4": ("=ISSUANCEPCT(B4,$E$1)", 0.25)},
        {"C4": ("=ISSUANCEPCT(B4,$E$1)", percent(4) * (1 + 2**-52))},
        "the last digit of a double is no other answer",
    ),
    Model(
        "MDL002",
        "NEEDS INPUT",
        {"C4": ("=ISSUANCEPCT(B4,$E$1)", None)},
        {"G1": ("=B4+1", None)},
        "somebody else's formula may lack its result",
        not_by="it calculates what it saves",
    ),
    Model(
        "MDL003",
        "NEEDS INPUT",
        {"G1": ("=ISSUANCEPCT(-1,100)", ExcelError("#NUM!"))},
        {"G1": ("=IFERROR(ISSUANCEPCT(-1,100),0)", 0)},
        "an error that the formula catches",
    ),
    Model(
        "MDL004",
        "REVIEW",
        {"C4": ("=ISSUANCEPCT(400,$E$1)", percent(4))},
        {"G4": ("=ISSUANCEPCT(400,$E$1)", percent(4))},
        "a constant in a call that has no neighbours",
    ),
    Model(
        "MDL005",
        "REQUIRED",
        {"G1": (REQUIRED, "REQUIRED")},
        {"G1": ("=NASDAQ5635D(10,10,1000000,5000000)", "NOT REQUIRED")},
        "a cent more, and nothing is required",
    ),
    Model(
        "MDL006",
        "REVIEW",
        {"G1": ("=NASDAQ5635D([1]Deal!A1,10,100,5000000)", "NOT REQUIRED")},
        {"G1": ("=TODAY()+1", 45_000)},
        "a formula of somebody else's may depend on the day",
        not_by="it turns the link to another workbook into an error",
    ),
    Model(
        "MDL008",
        "REVIEW",
        {"C4": ("", 0.25)},
        {"G4": ("", 0.25)},
        "a number beside the calls, not among them",
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


def model_by_openpyxl(changed: dict[str, tuple[str, Any]], path: Path) -> Path:
    """openpyxl writes formulas without results; they are stored as `refresh` stores them."""
    book = openpyxl.Workbook()
    book.active.title = "Model"
    results = {}
    for address, formula, value in formulas(changed):
        book.active[address] = formula or value
        if formula and value is not None:
            results["Model", address] = value
    without = path.with_suffix(".formulas.xlsx")
    book.save(without)
    store_cached_values(without, path, results)
    without.unlink()
    return path


def model_by_xlsxwriter(changed: dict[str, tuple[str, Any]], path: Path) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Model")
        for address, formula, value in formulas(changed):
            if formula:
                stored = "" if value is None else value
                sheet.write_formula(
                    address, formula, None, str(stored) if isinstance(stored, str) else stored
                )
            else:
                sheet.write(address, value)
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
        right = model_by_xlsxwriter({}, folder / "MDL007.xlsx")
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
    """Those of a cap table alone have theirs, by the same programs, in test_cap_tables."""
    covered = {case.code for case in (*corpus.CASES, *MODELS)} | {"MDL007"}
    of_tables = {check.code for check in all_checks() if check.takes is CapTables} - {"CAP015"}
    assert sorted(covered | of_tables) == [check.code for check in all_checks()]
    assert not covered & of_tables


def test_a_near_miss_differs_from_its_fault():
    for case in (*corpus.CASES, *MODELS):
        assert case.fault != case.near_miss, case.code
        assert case.reason
