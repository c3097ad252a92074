"""The code of the Lite workbook in Pyodide under node: start, and one call, beside Python here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyodide_host import in_pyodide

CALLS = [("nasdaq5635d", [[[9.99]], [[10]], [[1000000]], [[5000000]]])] * 2000


def test_start_and_call(benchmark: Any, tmp_path: Path) -> None:
    found = benchmark.pedantic(in_pyodide, args=(tmp_path, CALLS), rounds=1)
    for measured in ("load_ms", "start_ms", "ms_a_call"):
        benchmark.extra_info[measured] = round(found[measured], 3)
    assert set(found["results"]) == {"REQUIRED"}
