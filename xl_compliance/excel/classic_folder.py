"""The folder that someone with Excel on Windows and Python opens and uses.

The workbook is the one that `xlwings quickstart` makes, out of the xlwings that is installed, and
is not changed: its macro runs `main` of the Python file beside it that has its name. That file
checks the workbook in front; a configuration file tells xlwings where the worksheet functions are.
"""

from __future__ import annotations

import os
import pkgutil
import subprocess
import sys
from keyword import iskeyword
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

MODULE: Final = "xl_compliance.excel.classic"
FUNCTIONS: Final = "xlwings_udfs.bas"
"""The VBA that xlwings generates for the worksheet functions, kept up to date by a test."""


class CannotWrite(Exception):
    """Why the folder cannot be written, and what to do."""


def write_folder(target: str | Path) -> None:
    """Write the folder, whole or not at all. Raises `CannotWrite`."""
    target = Path(target)
    _check(target)
    with TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as beside:
        folder = _quickstart(Path(beside), target.name)
        for name, text in _files(target.name).items():
            # As Windows ends lines: Notepad and the VBA editor show them, VBA imports nothing else.
            (folder / name).write_text(text, encoding="utf-8", newline="\r\n")
        os.replace(folder, target)


def _check(target: Path) -> None:
    if not target.name.isidentifier() or iskeyword(target.name):
        raise CannotWrite(
            f"{target.name}: the folder's name is also that of its Python file, so it may hold "
            "letters, digits and underscores, such as compliance"
        )
    if target.exists():
        raise CannotWrite(f"{target} is there already: name a folder that is not")
    if not target.parent.is_dir():
        raise CannotWrite(f"{target.parent} is not a folder")


def _quickstart(beside: Path, name: str) -> Path:
    """The folder as xlwings' own command makes it."""
    if getattr(sys, "frozen", False):  # the standalone program, which has no xlwings in it
        raise CannotWrite(
            "this folder is for Excel with Python: install xl-compliance in the Python that Excel "
            "shall use, and give this command there"
        )
    command = [sys.executable, "-m", "xlwings.cli", "quickstart", name]
    done = subprocess.run(command, cwd=beside, capture_output=True, text=True, check=False)
    folder = beside / name
    if done.returncode or not (folder / f"{name}.xlsm").exists():
        said = (done.stderr or done.stdout).strip()
        raise CannotWrite(f"xlwings quickstart stopped: {said}")
    return folder


def _files(name: str) -> dict[str, str]:
    functions = pkgutil.get_data(__package__ or "", FUNCTIONS)
    assert functions is not None, f"{FUNCTIONS} is in the package"
    return {
        f"{name}.py": _SCRIPT.format(name=name),
        "xlwings.conf": f'"UDF MODULES","{MODULE}"\n',
        FUNCTIONS: functions.decode("utf-8"),
        "README.txt": _README.format(name=name),
    }


_SCRIPT: Final = '''\
"""What the macro of {name}.xlsm runs: a check of the workbook in front."""

import xlwings as xw


def main():
    """Check the workbook in front; what is found goes to its sheet Compliance."""
    from xl_compliance.batch.open_book import check_book

    check_book(xw.Book.caller())


if __name__ == "__main__":
    xw.Book("{name}.xlsm").set_mock_caller()
    main()
'''

_README: Final = """\
xl-compliance in Excel on Windows, in five steps

1. Install Python 3.11 or later and, in a command window, xl-compliance as its README says; then:
       xlwings addin install
   Where Python is not on the PATH: on Excel's xlwings tab, write the path of python.exe into
   Interpreter.

2. Open {name}.xlsm and enable its macros.

3. Get the functions: press Alt+F11, then File, Import File, xlwings_udfs.bas of this folder.
   Or let xlwings do it, again after each update of xl-compliance: File, Options, Trust Center,
   Trust Center Settings, Macro Settings, tick "Trust access to the VBA project object model";
   then press Import Functions on the xlwings tab. Close and open the workbook.

4. Use them: =MINPRICE(A1:A5), =TSX_606(...). EXPLAIN("MINPRICE",A1:A5) shows the working.
   Every error value is #VALUE!; EXPLAIN says which it is.

5. Check a workbook: keep {name}.xlsm open, put your workbook into this folder, bring it to the
   front, press Alt+F8 and run SampleCall. What is found goes to its sheet Compliance, with links
   to the cells; run it again whenever you like. Your workbook need not be saved for it.

Not tried in Excel itself: the functions were run by xlwings' own code with Windows stood in for,
the check on doubles of the workbooks that come with xl-compliance.
"""
