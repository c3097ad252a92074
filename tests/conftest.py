"""What all tests share: the fixed hypothesis profile, the helper modules, the doctest names."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from xl_compliance import call, explain

HERE = Path(__file__).parent

# The same examples on every run and every machine: a red build can be repeated.
settings.register_profile(
    "fixed",
    derandomize=True,
    max_examples=150,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("fixed")


def _importable(name: str, path: Path) -> None:
    """Make a helper importable as `name`: folders of tests are no packages."""
    if name in sys.modules:
        return
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


_importable("worksheet_cases", HERE / "functions" / "worksheet_cases.py")
_importable("worker_checks", HERE / "batch" / "worker_checks.py")
_importable("foreign_package", HERE / "workbook" / "foreign_package.py")
_importable("hostile_bases", HERE / "hostile" / "hostile_bases.py")
_importable("hostile_corpus", HERE / "hostile" / "hostile_corpus.py")
_importable("soak", HERE / "hostile" / "soak.py")
_importable("rule_oracle", HERE / "functions" / "rule_oracle.py")
_importable("browser", HERE / "web" / "browser.py")
_importable("goals", HERE / "benchmarks" / "goals.py")
_importable("record", HERE / "benchmarks" / "record.py")
_importable("made_workbooks", HERE / "benchmarks" / "made_workbooks.py")
_importable("nasdaq_oracle", HERE / "functions" / "nasdaq_oracle.py")
_importable("cap_table_shapes", HERE / "checks" / "cap_table_shapes.py")
_importable("plain_cap_table", HERE / "checks" / "plain_cap_table.py")
_importable("host_cases", HERE / "excel" / "host_cases.py")
_importable("pyodide_host", HERE / "excel" / "pyodide_host.py")
_importable("sec_oracle", HERE / "functions" / "sec_oracle.py")
_importable("open_book_double", HERE / "excel" / "open_book_double.py")
_importable("office", HERE / "office.py")
_importable("corpus", HERE / "batch" / "corpus.py")


# Side by side, what takes longest starts first, so that nothing long is left for the end. The
# others follow as they are collected (pytest-xdist would begin with the most tests, however short).
LONGEST_FIRST = (
    "test_template.py",
    "test_libreoffice.py",
    "test_workers.py",
    "test_executors.py",
    "test_blanks.py",
    "test_lite.py",
    "test_giga_tronics.py",
    "test_long_ranges.py",
    "test_reading.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


@pytest.fixture(autouse=True)
def _doctest_names(doctest_namespace: dict[str, Any]) -> None:
    doctest_namespace["call"] = call
    doctest_namespace["explain"] = explain
