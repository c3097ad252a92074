"""The xl-compliance command: thin, and loads what a subcommand needs when it runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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


_OUTPUT = click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The file to write.",
)
_FORCE = click.option("--force", is_flag=True, help="Replace a file that is there already.")


class _FileOrFolder(click.Path):
    """A path; one that ends in a slash is a folder, and not a file of that name."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Refuse a folder that is not there."""
        if str(value).endswith(("/", "\\")) and not Path(value).is_dir():
            self.fail(f"{value} is not a folder; make it first", param, ctx)
        return super().convert(value, param, ctx)


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=str))
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
    type=_FileOrFolder(path_type=Path),
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
    "--executor",
    metavar="EXECUTOR",
    help="Check on other machines or in your own pool, in place of --jobs: dask://HOST:PORT, or "
    "package.module:factory for a function that gives a concurrent.futures.Executor. Limits hold "
    "there as here.",
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
@click.option(
    "--mapping",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the cap tables are, from: xl-compliance inspect FILE --write-mapping MAP.toml",
)
@click.option("--working", is_flag=True, default=None, help="Show every step (console).")
@click.option("--watch", is_flag=True, help="Check again whenever a workbook is saved.")
@click.option("--quiet", "-q", is_flag=True, help="No progress and no remarks.")
def check(config: Path | None, **options: Any) -> None:
    """Check workbooks, or all workbooks in folders. The files are only read.

    A path may be a URL, such as s3://BUCKET/FOLDER, where fsspec and its driver are installed.
    """
    from xl_compliance.batch.command import run

    sys.exit(run(options, config))


_AS_OF = click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Thresholds in force on this day.  [default: today]",
)


@main.command()
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write every version of every threshold to this .xlsx or .csv file instead; with --as-of "
    "those in force on that day.",
)
@_FORCE
@_AS_OF
def rules(output: Path | None, force: bool, as_of: datetime | None) -> None:
    """List the rules with the thresholds in force, their sources and the checks that apply them."""
    if output is not None:
        from xl_compliance.batch import thresholds

        _new_file(output, thresholds.SUFFIXES, force)
        _write_whole(output, thresholds.file_content(output, as_of.date() if as_of else None))
        click.echo(f"{output}: written")
        return
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
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Every cell, for programs.")
@click.option(
    "--write-mapping",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="MAP.toml",
    help="Write what was understood as a mapping to edit.",
)
@click.option("--force", is_flag=True, help="Replace a mapping that is there already.")
@click.option(
    "--mapping",
    "mapping_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Show the workbook as this mapping reads it.",
)
def inspect(
    path: Path, as_json: bool, write_mapping: Path | None, force: bool, mapping_path: Path | None
) -> None:
    """Show what was understood of the cap tables in a workbook, cell by cell."""
    from xl_compliance.batch import inspection
    from xl_compliance.deal.cap_table_mapping import MappingMistake, mapping_text, read_cap_tables
    from xl_compliance.workbook.snapshot import UnreadableWorkbook, read

    if write_mapping is not None:
        if _is_workbook(write_mapping, (path,)):
            raise click.UsageError(f"{write_mapping}: a mapping is not written over a workbook")
        if write_mapping.exists() and not force:
            raise click.UsageError(f"{write_mapping} is there already; --force replaces it")
    try:
        found = read_cap_tables(read(path), _mapping(mapping_path))
    except (UnreadableWorkbook, MappingMistake) as problem:
        click.echo(str(problem), err=True)
        sys.exit(2)
    click.echo(inspection.as_json(found) if as_json else inspection.render(found), nl=False)
    if write_mapping is not None:
        _write_whole(write_mapping, mapping_text(found))
        click.echo(f"{write_mapping}: mapping written", err=True)


@main.command()
@click.argument("output", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--example",
    type=click.Choice(["giga-tronics", "nasdaq-pipe", "tsx-offering", "cap-table"]),
    help="Filled in with a real deal, a private placement on Nasdaq, offerings on TSX, or a cap "
    "table with two classes.",
)
@click.option(
    "--kind",
    type=click.Choice(["deal", "offering"]),
    default="deal",
    show_default=True,
    help="What a blank workbook is for: a deal, or prospectus offerings on TSX.",
)
@_FORCE
def template(output: Path, example: str | None, kind: str, force: bool) -> None:
    """Write the input workbook, blank or filled in with an example."""
    from xl_compliance.workbook.examples import EXAMPLES
    from xl_compliance.workbook.template import BLANK_OFFERING, write_workbook

    _new_file(output, (".xlsx",), force)
    blank = BLANK_OFFERING if kind == "offering" else None
    write_workbook(output, EXAMPLES[example] if example else blank)
    click.echo(f"{output}: written")


@main.command()
@click.argument("workbook", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--output",
    "-o",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The copy to write; of the same kind, .xlsx or .xlsm.",
)
@_FORCE
def refresh(workbook: Path, output: Path, force: bool) -> None:
    """Store right results in a copy of a workbook, for readers without the functions.

    Our calls are recomputed on the workbook's own values, and so are the formulas that rest on
    them, where that is possible; nothing else in the copy differs. Exit codes: 0 done, 1 some
    formulas could not be recomputed and are listed, 2 nothing was written.
    """
    from xl_compliance.batch.text import visible
    from xl_compliance.workbook.refresh import refresh as refreshed
    from xl_compliance.workbook.refresh import told
    from xl_compliance.workbook.snapshot import UnreadableWorkbook

    _new_file(output, (workbook.suffix.lower(),), force)
    try:
        done = refreshed(workbook, output)
    except (UnreadableWorkbook, ValueError) as problem:
        raise click.UsageError(str(problem)) from None
    except OSError as problem:
        raise click.UsageError(f"{output}: cannot be written ({problem.strerror})") from None
    for line in told(done):
        click.echo(visible(line))
    click.echo(f"{output}: written", err=True)
    sys.exit(1 if done.left else 0)


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


def _mapping(path: Path | None) -> Any:
    """The mapping in a file, or none; a file that cannot be used ends the command."""
    if path is None:
        return None
    from xl_compliance.deal.cap_table_mapping import MappingMistake, load_mapping

    try:
        return load_mapping(path)
    except MappingMistake as mistake:
        raise click.UsageError(str(mistake)) from None


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


HOSTS = ("classic", "lite", "libreoffice")


@main.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("output", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--to",
    "host",
    required=True,
    type=click.Choice([*HOSTS, "lambda"]),
    help="classic: Excel on Windows with the xlwings add-in; lite: Excel with xlwings Lite; "
    "libreoffice: LibreOffice Calc; lambda: Excel 365 alone, the functions as names in the copy.",
)
@_FORCE
def convert(source: Path, output: Path, host: str, force: bool) -> None:
    """Copy a workbook, with our functions spelled for another program.

    Nothing else changes, but that for LibreOffice a single cell among their arguments is written
    so that a blank one is not taken for 0, nor TRUE for 1; it comes back as it was. Exit codes:
    0 done, 2 nothing was written.
    """
    from xl_compliance.functions.spellings import Host
    from xl_compliance.workbook.conversion import convert_workbook
    from xl_compliance.workbook.lambdas import convert_to_lambda

    _new_file(output, _suffix_of(source), force)
    with _failures_told():
        if host == "lambda":
            converted = convert_to_lambda(source, output)
        else:
            converted = convert_workbook(source, output, Host(host))
    click.echo(f"{output}: {_counted(converted.total)} spelled for {host}")
    _signature_told(converted.signed)


@main.command()
@click.argument("output", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--serve", is_flag=True, help="Serve the page on this computer alone, until Ctrl-C.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="For --serve.  [default: one that is free]",
)
@click.option(
    "--cache",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where Pyodide and the libraries are kept once they were fetched.  [default: the "
    "system's folder for such things]",
)
@_FORCE
def web(output: Path, serve: bool, port: int, cache: Path | None, force: bool) -> None:
    """Write one HTML file that checks workbooks in a browser, offline, with nothing installed.

    To build it, node and npm are needed, and the network the first time. The file needs nothing:
    whoever gets it opens it and drops workbooks on it, which stay on their computer.
    """
    from xl_compliance.web.building import build
    from xl_compliance.web.parts import CannotBuild, default_cache
    from xl_compliance.web.serving import serve as serve_page

    _new_file(output, (".html", ".htm"), force)
    try:
        page = build(cache or default_cache())
    except CannotBuild as problem:
        raise click.ClickException(str(problem)) from None
    _write_whole(output, page)
    click.echo(f"{output}: written, {len(page) / 1e6:.1f} MB. Open it in a browser")
    if not serve:
        return
    try:
        serve_page(page.encode("utf-8"), port, click.echo)
    except OSError as problem:
        said = f"port {port} cannot be served on ({problem.strerror}): name another with --port"
        raise click.ClickException(said) from None


@main.group()
def excel() -> None:
    """What the programs need in which the functions run."""


@excel.command()
@click.argument("output", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    help="Your workbook; without it, a worked example of every function.",
)
@_FORCE
def lite(output: Path, source: Path | None, force: bool) -> None:
    """Write a workbook for xlwings Lite: Excel with a free add-in, and no Python."""
    from xl_compliance.workbook.lite import write_lite, write_lite_examples

    _new_file(output, _suffix_of(source) if source else (".xlsx",), force)
    with _failures_told():
        if source is None:
            write_lite_examples(output)
            click.echo(f"{output}: written")
        else:
            converted = write_lite(source, output)
            click.echo(f"{output}: written, {_counted(converted.total)} spelled for xlwings Lite")
            _signature_told(converted.signed)


@excel.command()
@click.argument("output", type=click.Path(path_type=Path, dir_okay=False))
@_FORCE
def libreoffice(output: Path, force: bool) -> None:
    """Write the add-in for LibreOffice Calc (needs LibreOffice's SDK on this machine)."""
    from xl_compliance.excel.libreoffice import CannotBuild, build

    _new_file(output, (".oxt",), force)
    try:
        content = build()
    except CannotBuild as problem:
        raise _Failure(str(problem)) from None
    _write_whole(output, content)
    click.echo(f"{output}: written. Open it with LibreOffice to install it")


@excel.command()
@click.argument("folder", type=click.Path(path_type=Path))
def classic(folder: Path) -> None:
    """Write a folder for Excel on Windows with Python: workbook, macro, functions, README."""
    from xl_compliance.excel.classic_folder import CannotWrite, write_folder

    try:
        write_folder(folder)
    except CannotWrite as problem:
        raise click.ClickException(str(problem)) from None
    click.echo(f"{folder}: written. Start with README.txt in it")


@excel.command("lambda")
@click.argument("output", type=click.Path(path_type=Path, dir_okay=False))
@_FORCE
def lambda_names(output: Path, force: bool) -> None:
    """Write a workbook with the functions that arithmetic alone decides as LAMBDA names."""
    from xl_compliance.workbook.lambdas import write_lambda_examples

    _new_file(output, (".xlsx",), force)
    with _failures_told():
        write_lambda_examples(output)
    click.echo(f"{output}: written")


def _signature_told(signed: bool) -> None:
    from xl_compliance.workbook.snapshot import SIGNATURE_LOST

    if signed:
        click.echo(SIGNATURE_LOST, err=True)


def _counted(calls: int) -> str:
    return f"{calls} {'call' if calls == 1 else 'calls'}"


def _suffix_of(source: Path) -> tuple[str, ...]:
    """A copy is of the same kind: Excel refuses a workbook under the other kind's name."""
    suffix = source.suffix.lower()
    return (suffix,) if suffix in (".xlsx", ".xlsm") else (".xlsx", ".xlsm")


@contextmanager
def _failures_told() -> Iterator[None]:
    """A workbook that cannot be taken ends the command with what to do, not with a traceback."""
    from xl_compliance.workbook.snapshot import UnreadableWorkbook

    try:
        yield
    except (UnreadableWorkbook, ValueError) as problem:
        raise _Failure(str(problem)) from None
    except OSError as problem:
        raise _Failure(f"{problem.filename}: {problem.strerror}") from None


def _is_workbook(output: Path, paths: tuple[Path, ...]) -> bool:
    """Whether a report of that name would take the place of a workbook."""
    suffixes = (".xlsx", ".xlsm", ".xls", ".xlsb", ".xltx", ".xltm", ".ods")
    checked = {os.path.realpath(path) for path in paths}
    return output.suffix.lower() in suffixes or os.path.realpath(output) in checked


def _write_whole(path: Path, content: str | bytes) -> None:
    from xl_compliance.batch.whole_files import write_whole

    write_whole(path, content.encode("utf-8") if isinstance(content, str) else content)


@main.command("import-13d")
@click.argument("file", type=click.Path(path_type=Path))
@_OUTPUT
@_FORCE
def import_13d(file: Path, output: Path, force: bool) -> None:
    """Turn the XML of a Schedule 13D or 13G into an input workbook.

    What is left out is listed. The structured form states neither the shares outstanding nor the
    positions behind the cover page: enter them before the check.
    """
    from xl_compliance.deal.files import UnreadableFile
    from xl_compliance.deal.filing_xml import contents_of, read_filing
    from xl_compliance.workbook.template import write_workbook

    _new_file(output, (".xlsx",), force)
    try:
        filing = read_filing(file)
    except UnreadableFile as problem:
        raise _Failure(str(problem)) from None
    contents, notes = contents_of(filing, file.name)
    write_workbook(output, contents)
    _told(output, f"{len(filing.persons)} reporting persons", [*filing.left_out, *notes])


@main.command("export-13d")
@click.argument("workbook", type=click.Path(path_type=Path))
@_OUTPUT
@_FORCE
def export_13d(workbook: Path, output: Path, force: bool) -> None:
    """Turn an input workbook into the XML of a Schedule 13D or 13G.

    Elements that the specification asks for and the workbook does not give are listed; exit code 1
    where there are any besides the filer's access code, which no workbook holds.
    """
    from xl_compliance.deal.files import UnreadableFile
    from xl_compliance.deal.filing_xml import filing_of, unfilled, xml_of
    from xl_compliance.deal.reading import read_deal
    from xl_compliance.workbook.snapshot import UnreadableWorkbook, read

    _new_file(output, (".xml",), force)
    try:
        deal = read_deal(read(workbook))
        filing = filing_of(deal)
    except (UnreadableFile, UnreadableWorkbook) as problem:
        raise _Failure(str(problem)) from None
    read_badly = [
        f"{problem.sheet}{'!' if problem.address else ''}{problem.address}: {problem.message}"
        for problem in deal.problems
        if problem.sheet in ("Deal", "Filing", "Submission")
    ]
    _write_whole(output, xml_of(filing).decode("utf-8"))
    wanting = unfilled(filing)
    _told(
        output,
        f"{len(filing.persons)} reporting persons",
        [*read_badly, *filing.left_out, *wanting],
    )
    sys.exit(1 if any("/ccc:" not in line for line in (*read_badly, *wanting)) else 0)


@main.command("import-ocf")
@click.argument("source", type=click.Path(path_type=Path), metavar="FOLDER_OR_ZIP")
@_OUTPUT
@_FORCE
def import_ocf(source: Path, output: Path, force: bool) -> None:
    """Turn an Open Cap Table Format file set into an input workbook.

    What is not understood, does not fit together or is left out is listed by file and id; exit
    code 1 where there is any.
    """
    from xl_compliance.deal.files import UnreadableFile
    from xl_compliance.deal.open_cap_format import read_ocf
    from xl_compliance.deal.open_cap_sheets import contents_of
    from xl_compliance.workbook.template import write_workbook

    _new_file(output, (".xlsx",), force)
    try:
        table = read_ocf(source)
    except UnreadableFile as problem:
        raise _Failure(str(problem)) from None
    contents, remarks = contents_of(table)
    write_workbook(output, contents)
    notes = [str(remark) for remark in (*table.remarks, *remarks)]
    _told(output, f"{len(table.live)} securities outstanding", notes)
    sys.exit(1 if notes else 0)


def _new_file(output: Path, suffixes: tuple[str, ...], force: bool) -> None:
    """Refuse a name that is of the wrong kind, taken, or in no folder."""
    suffixes = tuple(filter(None, suffixes)) or (".xlsx", ".xlsm")
    if output.suffix.lower() not in suffixes:
        raise click.UsageError(f"{output.name}: the name must end in {' or '.join(suffixes)}")
    if output.exists() and not force:
        raise click.UsageError(f"{output} is there already; --force replaces it")
    if not output.parent.is_dir():
        raise click.UsageError(f"{output.parent} is not a folder")


class _Failure(click.ClickException):
    """A file that could not be read, told in one line."""

    exit_code = 2


def _told(output: Path, what: str, notes: list[str]) -> None:
    """Say what was written, and line by line what somebody should know of it."""
    click.echo(f"{output}: written, {what}")
    if notes:
        click.echo(f"{len(notes)} to note:", err=True)
    for note in notes:
        click.echo(f"  {note}", err=True)


if __name__ == "__main__":
    main()
