"""The xl-compliance command: thin, and loads what a subcommand needs when it runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xl_compliance import __version__

if TYPE_CHECKING:
    from xl_compliance.checks.findings import Severity

EXIT_CODES = """
Exit codes: 0 clean, 1 findings, 2 a workbook could not be checked or the command was wrong.
"""


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, epilog=EXIT_CODES)
@click.version_option(__version__, prog_name="xl-compliance")
def main() -> None:
    """Exchange and ownership rules for cap tables and deal models in Excel."""


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "style",
    type=click.Choice(["console", "json"]),
    default="console",
    show_default=True,
    help="How to report.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the report to this file instead of the terminal.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["warning", "error"]),
    default="warning",
    show_default=True,
    help="Exit with 1 from this severity on: warning is REVIEW or "
    "NEEDS INPUT, error is REQUIRED or BREACH.",
)
@click.option("--working", is_flag=True, help="Show every step behind each finding (console).")
def check(
    paths: tuple[Path, ...], style: str, output: Path | None, fail_on: str, working: bool
) -> None:
    """Check workbooks, or all workbooks in folders. The files are only read."""
    from xl_compliance.batch.reports import console
    from xl_compliance.batch.reports import json as json_report
    from xl_compliance.batch.run import check_all
    from xl_compliance.checks.findings import Severity

    if output is not None and _is_workbook(output, paths):
        raise click.UsageError(f"{output}: a report is not written over a workbook")
    report = check_all(paths)
    if style == "json":
        text = json_report.render(report)
    else:
        width, paint = (100, console.plain_text) if output else (_width(), _paint)
        text = console.render(report, width, paint, working)
    if output is None:
        click.echo(text, nl=False)
    else:
        _write_whole(output, text)
        click.echo(f"{output}: report written", err=True)
    sys.exit(report.exit_code(Severity(fail_on)))


@main.command()
@click.argument("output", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--example",
    type=click.Choice(["giga-tronics", "nasdaq-pipe", "tsx-offering"]),
    help="Filled in with a real deal, a private placement on Nasdaq, or offerings on TSX.",
)
@click.option(
    "--kind",
    type=click.Choice(["deal", "offering"]),
    default="deal",
    show_default=True,
    help="What a blank workbook is for: a deal, or prospectus offerings on TSX.",
)
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
def template(output: Path, example: str | None, kind: str, force: bool) -> None:
    """Write the input workbook, blank or filled in with an example."""
    from xl_compliance.workbook.examples import EXAMPLES
    from xl_compliance.workbook.template import BLANK_OFFERING, write_workbook

    if output.suffix.lower() != ".xlsx":
        raise click.UsageError(f"{output.name}: the workbook's name must end in .xlsx")
    if output.exists() and not force:
        raise click.UsageError(f"{output} is there already; --force replaces it")
    if not output.parent.is_dir():
        raise click.UsageError(f"{output.parent} is not a folder")
    blank = BLANK_OFFERING if kind == "offering" else None
    write_workbook(output, EXAMPLES[example] if example else blank)
    click.echo(f"{output}: written")


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--explain", is_flag=True, help="Show the working.")
def call(name: str, arguments: tuple[str, ...], explain: bool) -> None:
    """Call a worksheet function: xl-compliance call ISSUANCEPCT 1022372 5059747

    Numbers, dates (2024-03-08 16:30) and words as in a cell; a range as Excel writes an array:
    rows apart by semicolons, columns by commas, as in {15.91;15.89;15.91;15.81;16.13}. An empty
    argument ("") is one that is not given.
    """
    from xl_compliance.functions import calling
    from xl_compliance.functions.arrays import ArrayMistake, argument_from_text

    try:
        values = [argument_from_text(text) for text in arguments]
        answer = (calling.explain if explain else calling.call)(name, *values)
    except KeyError as unknown:
        raise click.UsageError(_did_you_mean(str(unknown.args[0]), name)) from None
    except ArrayMistake as mistake:
        raise click.UsageError(str(mistake)) from None
    click.echo(_rendered(answer))
    if isinstance(answer, str) and answer.startswith("#"):
        click.echo(str(calling.explain(name, *values)[-1][2]), err=True)


def _did_you_mean(problem: str, name: str) -> str:
    from difflib import get_close_matches

    from xl_compliance.functions.registry import all_functions

    names = [function.name for function in all_functions()]
    close = get_close_matches(name.upper(), names, n=3)
    return (
        f"{problem}. Did you mean {', '.join(close)}?"
        if close
        else (f"{problem}. Known: {', '.join(names)}")
    )


def _rendered(answer: Any) -> str:
    if not isinstance(answer, list):
        return _cell(answer)
    return "\n".join("\t".join(_cell(cell) for cell in row) for row in answer)


def _cell(value: Any) -> str:
    return str(value).upper() if isinstance(value, bool) else str(value)


def _is_workbook(output: Path, paths: tuple[Path, ...]) -> bool:
    """Whether a report of that name would take the place of a workbook."""
    suffixes = (".xlsx", ".xlsm", ".xls", ".xlsb", ".xltx", ".xltm", ".ods")
    checked = {path.resolve() for path in paths}
    return output.suffix.lower() in suffixes or output.resolve() in checked


def _width() -> int:
    import shutil

    return min(shutil.get_terminal_size().columns, 140)


def _paint(text: str, severity: Severity | None) -> str:
    if severity is None:
        return click.style(text, bold=True)
    colours = {"error": "red", "warning": "yellow", "note": "blue", "ok": "green"}
    return click.style(text, fg=colours[severity.value])


def _write_whole(path: Path, text: str) -> None:
    """Write beside the file, then rename: a report is there whole or not at all."""
    import os
    import tempfile

    folder = path.parent
    if not folder.is_dir():
        raise click.UsageError(f"{folder} is not a folder")
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.replace(name, path)
    except OSError as problem:
        Path(name).unlink(missing_ok=True)
        raise click.ClickException(f"{path}: cannot be written ({problem.strerror})") from None


if __name__ == "__main__":
    main()
