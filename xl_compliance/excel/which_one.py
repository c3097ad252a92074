"""The page "Which one do I need?", out of the tables of hosts and of their differences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from xl_compliance.excel.differences import DIFFERENCES
from xl_compliance.excel.lambdas import all_lambdas


@dataclass(frozen=True, slots=True)
class HostGuide:
    """One program, for whom it is, how to get there, and what has been tried of it."""

    title: str
    have: str
    get: str
    steps: tuple[str, ...]
    tried: str
    not_tried: str


HOSTS: Final = (
    HostGuide(
        "xlwings Lite",
        "Excel 365 or 2021, for Windows, Mac or the web, and nothing else",
        "Every function, and the check of the open workbook",
        (
            "`xl-compliance excel lite OUT.xlsx` writes a worked example of every function; "
            "with `--from YOURS.xlsx`, a copy of your workbook. The first is there ready made: "
            "`workbooks/xl-compliance-lite.xlsx`.",
            "Open it in Excel. Home, Add-ins, look for xlwings Lite, add it. It is free.",
            "Wait until its pane says that it is ready: some seconds at the first start.",
            'Type `=XLC.MINPRICE(A1:A5)`. `=XLC.EXPLAIN("MINPRICE",A1:A5)` shows the working.',
            "To check the workbook, saved or not: in the pane, run `check_this_workbook`. What is "
            "found goes to the sheet Compliance, with links to the cells.",
        ),
        "The code was taken back out of the workbook and run as it stands in Pyodide, the Python "
        "that the add-in runs: every function against the desktop's answers to the last bit, and "
        "the check on doubles of the shipped workbooks",
        "That Excel takes a file made this way; the add-in's pane, the function wizard and "
        "recalculation in it",
    ),
    HostGuide(
        "Excel 365 alone (LAMBDA)",
        "Excel 365 where no add-in and no Python is allowed",
        f"The {len(all_lambdas())} functions that arithmetic alone decides",
        (
            "`xl-compliance excel lambda OUT.xlsx` writes a worked example of each; "
            "`xl-compliance convert YOURS.xlsx OUT.xlsx --to lambda` a copy of your workbook that "
            "carries the names it uses.",
            "Open it. Nothing has to be installed.",
            "Type `=ISSUANCEPCT(B5,B6)`. Formulas, Name Manager shows each name with its help.",
            "Into another workbook: copy a cell with a call there; the name comes along.",
        ),
        "Each formula was taken back out of the file and calculated by another engine "
        "(formualizer), against all test cases and against the desktop's answers. How optional "
        "arguments, prefixes and comments are stored follows what others saw Excel write",
        "Everything in Excel itself: opening the file, calculating, the help while typing",
    ),
    HostGuide(
        "Excel on Windows with Python (classic xlwings)",
        "Excel on Windows, and Python on the machine",
        "Every function, and the check of the workbook in front",
        (
            "`xl-compliance excel classic compliance` writes the folder `compliance`.",
            "Follow its `README.txt`: install the xlwings add-in, open `compliance.xlsm`, import "
            "the functions.",
            "Type `=MINPRICE(A1:A5)`, and `=TSX_606(...)` with an underscore.",
            "To check the workbook in front: Alt+F8, run SampleCall.",
        ),
        "xlwings' own code wrote the workbook and the VBA, and passed calls with Windows and COM "
        "stood in for; the check ran on doubles of the shipped workbooks",
        "What Windows, COM and Excel do: importing the functions, the macro, the wizard",
    ),
    HostGuide(
        "LibreOffice Calc",
        "LibreOffice with its Python, on any system",
        "Every function",
        (
            "`xl-compliance excel libreoffice xlc.oxt` writes the add-in (LibreOffice's SDK is "
            "needed for this step alone).",
            "Open `xlc.oxt` with LibreOffice, accept, start LibreOffice again.",
            "`xl-compliance convert YOURS.xlsx OUT.xlsx --to libreoffice` respells a workbook.",
            "Type `=XLC.MINPRICE(A1:A5)`. The Function Wizard shows the arguments and their help.",
        ),
        "Installed and run headless: every shipped workbook recalculated, every function's "
        "examples compared",
        "Versions of LibreOffice other than the one that the tests ran with",
    ),
    HostGuide(
        "xlwings Server",
        "A firm that runs a server for its analysts, and a licence of xlwings",
        "Every function",
        (
            "The administrator follows the steps in `xl_compliance/excel/server.py`; the licence "
            "key is the firm's own.",
            "Analysts load the add-in that the administrator hands out.",
            "Type `=XLC.MINPRICE(A1:A5)`.",
        ),
        "The adapter is that of xlwings Lite. Its tests with xlwings' server part run only where "
        "the person running them has set a licence key",
        "A running server, and Excel in front of it",
    ),
)

_LAMBDA_LIMITS: Final = (
    "A number or a date typed as text is `#VALUE!`; elsewhere it is read.",
    "A range where a function takes one value is `#VALUE!`; write the call once a cell.",
    "A number that Excel's arithmetic cannot decide exactly (about 15 digits in all) is `#NUM!`.",
    "`MINPRICE` takes five closes without dates; with dates it is `#N/A`. `TSX_606` takes one "
    "insider; with several it is `#VALUE!`.",
    "In a workbook that counts dates from 1904, dates are right.",
    "There is no `EXPLAIN`: the working needs one of the others.",
)


def page() -> str:
    """The page, as Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "# Which one do I need?"
    yield ""
    yield "The same functions, with the same answers, wherever you sit. Take the first that fits."
    yield ""
    yield from _table(
        ("You have", "Take", "You get"),
        ((it.have, f"[{it.title}](#{_anchor(it)})", it.get) for it in HOSTS),
    )
    yield ""
    yield (
        "Never put the LAMBDA names and an add-in's functions into one workbook: Excel stops every "
        "function of an add-in that has the name of a LAMBDA. `xl-compliance convert` refuses it."
    )
    yield ""
    yield (
        "Where no formulas are needed, none of these is: `xl-compliance web compliance.html` "
        "writes one HTML file that checks workbooks in a browser, offline, with a calculator of "
        "every function."
    )
    for host in HOSTS:
        yield ""
        yield f"## {host.title}"
        yield ""
        yield from (f"{number}. {step}" for number, step in enumerate(host.steps, 1))
        if host.title == "LibreOffice Calc":
            yield ""
            yield "![A deal's checks in LibreOffice Calc](images/libreoffice-calc.png)"
    yield ""
    yield "## What has been tried, and what has not"
    yield ""
    yield "No Excel was at hand when this was made. What that leaves open:"
    yield ""
    yield from _table(
        ("Program", "Tried", "Not tried"), ((it.title, it.tried, it.not_tried) for it in HOSTS)
    )
    yield ""
    yield "## Where answers differ"
    yield ""
    yield "What is not listed is alike everywhere."
    yield ""
    yield from _table(
        ("", "Excel on Windows", "xlwings Lite, xlwings Server", "LibreOffice Calc"),
        ((it.topic, it.classic, it.lite, it.libreoffice) for it in DIFFERENCES),
    )
    yield ""
    yield "LAMBDA names are typed as on Windows and answer as xlwings Lite does, but for these:"
    yield ""
    yield from (f"- {limit}" for limit in _LAMBDA_LIMITS)
    yield ""


def _anchor(host: HostGuide) -> str:
    kept = (letter for letter in host.title.lower() if letter.isalnum() or letter in " -")
    return "".join(kept).replace(" ", "-")


def _table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(headers)
    yield _row(["---"] * len(headers))
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
