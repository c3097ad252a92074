"""Pyodide under node, as what runs the code of a Lite workbook."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import xlwings

from xl_compliance.workbook.web_extension import embedded_code

HERE = Path(__file__).parent
SHIPPED = HERE.parents[1] / "workbooks" / "xl-compliance-lite.xlsx"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "xl-compliance-tests"


@cache
def tools() -> tuple[Path, Path] | str:
    """The folder of Pyodide and xlwings' wheel, fetched once; or why there are none."""
    if not shutil.which("npm") or not shutil.which("node"):
        return "node and npm are not installed"
    CACHE.mkdir(parents=True, exist_ok=True)
    pinned = (HERE / "package.json").read_text(encoding="utf-8")
    folder = CACHE / f"pyodide-{json.loads(pinned)['dependencies']['pyodide']}"
    pyodide = folder / "node_modules" / "pyodide"
    if not (pyodide / "pyodide.mjs").exists():
        folder.mkdir(exist_ok=True)
        (folder / "package.json").write_text(pinned, encoding="utf-8")
        npm = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder)]
        done = subprocess.run(npm, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"npm could not fetch Pyodide: {done.stderr[-300:]}"
    wheel = CACHE / f"xlwings-{xlwings.__version__}-py3-none-any.whl"
    if not wheel.exists():
        pip = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--dest",
            str(CACHE),
        ]
        pip += ["--platform", "any", "--only-binary=:all:", f"xlwings=={xlwings.__version__}"]
        done = subprocess.run(pip, capture_output=True, text=True, check=False)
        if done.returncode or not wheel.exists():
            return f"pip could not fetch xlwings' wheel: {done.stderr[-300:]}"
    return pyodide, wheel


def in_pyodide(folder: Path, calls: list[tuple[str, list[Any]]]) -> dict[str, Any]:
    """What the shipped workbook's code answers."""
    found = tools()
    if isinstance(found, str):
        assert os.environ.get("CI") != "true", found
        pytest.skip(found)
    asked = {"main": embedded_code(SHIPPED)["main.py"], "calls": calls}
    questions, answers = folder / "questions.json", folder / "answers.json"
    questions.write_text(json.dumps(asked), encoding="utf-8")
    command = ["node", str(HERE / "run_in_pyodide.mjs"), *map(str, found)]
    subprocess.run([*command, str(questions), str(answers)], check=True, timeout=300)
    answered: dict[str, Any] = json.loads(answers.read_text(encoding="utf-8"))
    return answered
