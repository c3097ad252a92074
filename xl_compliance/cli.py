"""The xl-compliance command: thin, and loads what a subcommand needs when it runs."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from xl_compliance import __version__

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
    multiple=True,
    metavar="FORMAT",
    help="console, json, sarif, junit, html, xlsx or csv; may be given several times. "
    "Without it the name of --output decides, or else it is console.",
)
@click.option(
    "--output",
    "-o",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Write the report to this file instead of the terminal: one for each format, "
    "or one folder for all.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["warning", "error"]),
    help="Exit with 1 from this severity on: warning is REVIEW or "
    "NEEDS INPUT, error is REQUIRED or BREACH.  [default: warning]",
)
@click.option("--select", multiple=True, help="Only this check (NDQ007), family (NDQ) or rule.")
@click.option("--ignore", multiple=True, help="Without this check, family or rule.")
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Count apart what this file says was there before.",
)
@click.option(
    "--write-baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what is found now to this file; exits with 0.",
)
@click.option(
    "--annotate",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write copies with a Compliance sheet and notes in cells to this folder.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The configuration.  [default: xl-compliance.toml, or pyproject.toml, upwards from here]",
)
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(0),
    help="So many processes; 0 checks in this one, without limits.  [default: one a core]",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0),
    help="Seconds that one workbook may take; 0 is no limit.  [default: 120]",
)
@click.option(
    "--max-memory",
    type=click.IntRange(0),
    help="MiB of memory that checking one workbook may take; 0 is no limit.  [default: 4096]",
)
@click.option("--working", is_flag=True, default=None, help="Show every step (console).")
@click.option("--watch", is_flag=True, help="Check again whenever a workbook is saved.")
@click.option("--quiet", "-q", is_flag=True, help="No progress and no remarks.")
def check(config: Path | None, **options: Any) -> None:
    """Check workbooks, or all workbooks in folders. The files are only read."""
    from xl_compliance.batch.command import run

    sys.exit(run(options, config))


_AS_OF = click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Thresholds in force on this day.  [default: today]",
)


@main.command()
@_AS_OF
def rules(as_of: datetime | None) -> None:
    """List the rules with the thresholds in force, their sources and the checks that apply them."""
    from xl_compliance.batch.reference import rules_text

    click.echo(rules_text((as_of or datetime.now()).date()), nl=False)


@main.command()
@click.argument("name")
@_AS_OF
def explain(name: str, as_of: datetime | None) -> None:
    """Explain a check (NDQ007), a worksheet function (MINPRICE) or a rule (NASDAQ-5635D)."""
    from xl_compliance.batch.reference import explanation

    try:
        click.echo(explanation(name, (as_of or datetime.now()).date()), nl=False)
    except KeyError as unknown:
        raise click.UsageError(str(unknown.args[0])) from None


@main.command()
@click.argument("output", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--example",
    type=click.Choice(["giga-tronics", "tsx-offering"]),
    help="Filled in with a real deal, or with offerings on TSX.",
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


if __name__ == "__main__":
    main()
