"""Workbooks for xlwings Lite: our formulas in its spelling, and the code that answers them."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from xl_compliance.excel import lite
from xl_compliance.functions.spellings import Host
from xl_compliance.workbook.cached_values import same_file
from xl_compliance.workbook.conversion import CannotConvert, Conversion, convert_workbook
from xl_compliance.workbook.function_examples import write_examples
from xl_compliance.workbook.web_extension import embed_code

STEPS: Final = (
    "In Excel 365 or 2021, for the desktop or the web: Home, Add-ins, look for xlwings Lite, add "
    "it. It is free; nothing else has to be installed.",
    "Keep its pane open until it says that it is ready. The first start takes some seconds.",
    "Every answer here is now calculated in Excel. Before that, the answers stored in the file "
    "are shown.",
    "In your own workbook: xl-compliance excel lite OUT.xlsx --from YOURS.xlsx writes a copy with "
    "the same code in it.",
    "Not tried in real Excel yet: the code in this file was taken back out of it and run in the "
    "same Python (Pyodide) that the add-in runs.",
)


def write_lite_examples(target: str | Path) -> None:
    """Write the workbook with a worked example of every function."""
    with TemporaryDirectory() as folder:
        examples = Path(folder, "examples.xlsx")
        write_examples(examples, STEPS)
        _embed(examples, Path(target))


def write_lite(source: str | Path, target: str | Path) -> Conversion:
    """Write a copy of a workbook for xlwings Lite; what was converted.

    Raises what `convert_workbook` and `embed_code` raise.
    """
    if same_file(Path(source), Path(target)):
        raise CannotConvert(f"{target} is the workbook itself: name another file for the copy")
    with TemporaryDirectory() as folder:
        converted = Path(folder, Path(source).name)
        conversion = convert_workbook(source, converted, Host.LITE)
        _embed(converted, Path(target))
    return conversion


def _embed(source: Path, target: Path) -> None:
    files = {"main.py": lite.main_py(), "requirements.txt": lite.REQUIREMENTS}
    embed_code(source, target, files, lite.function_ids())
