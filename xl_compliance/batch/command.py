"""What `xl-compliance check` does: configuration, run, selection, reports, copies."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from xl_compliance.batch import baseline, config
from xl_compliance.batch.executors import ExecutorMistake, Factory, named
from xl_compliance.batch.places import PlaceMistake, afar, place, whole
from xl_compliance.batch.reports import FORMATS, SUFFIXES, Wanted, console, file_content
from xl_compliance.batch.reports.rows import headline
from xl_compliance.batch.reports.xlsx import MARK
from xl_compliance.batch.results import FAILURE, Report
from xl_compliance.batch.run import check_all, check_workbook, workbooks_in
from xl_compliance.batch.selection import (
    SelectionMistake,
    Suppression,
    by_suppressions,
    check_codes,
    selected,
)
from xl_compliance.batch.whole_files import NotWritten, refuse_folder_of, write_whole
from xl_compliance.batch.workers import Limits
from xl_compliance.checks.findings import Severity
from xl_compliance.deal.cap_table_mapping import Mapping, MappingMistake, load_mapping

REPORT_NAME: Final = "xl-compliance"
_MOST: Final = 10**9  # no system's clock or memory goes much further
_WORKBOOKS: Final = (".xlsx", ".xlsm", ".xls", ".xlsb", ".xltx", ".xltm", ".ods")


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a run, as the command line or the configuration gives them."""

    paths: tuple[Path, ...]
    executor: str | None = None
    format: tuple[str, ...] = ()
    output: tuple[Path, ...] = ()
    fail_on: str = "warning"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    baseline: Path | None = None
    write_baseline: Path | None = None
    annotate: Path | None = None
    jobs: int | None = None
    timeout: float = Limits().seconds
    max_memory: int = Limits().memory
    mapping: Path | None = None
    working: bool = False
    quiet: bool = False
    watch: bool = False


Style = tuple[str, Path | None]


def run(given: dict[str, Any], config_file: Path | None) -> int:
    """Carry out the command; gives its exit code."""
    try:
        settings = config.load(config_file, Path.cwd())
        options = _options(given, settings.options)
        factory = _factory(options, given)
        check_codes([*options.select, *options.ignore, *(it.code for it in settings.suppressions)])
    except (config.ConfigMistake, SelectionMistake, PlaceMistake, ExecutorMistake) as mistake:
        raise click.UsageError(str(mistake)) from None
    run = _Run(options, settings.suppressions, factory)
    with _ended_as_by_the_keyboard():
        try:
            return run.watch() if options.watch else run.once()
        except (PlaceMistake, ExecutorMistake) as mistake:
            raise click.UsageError(str(mistake)) from None


def _options(given: dict[str, Any], configured: dict[str, Any]) -> Options:
    """The command line first, then the configuration, then the defaults."""
    named = {key.replace("-", "_"): value for key, value in configured.items()}
    chosen = {key: value for key, value in given.items() if value not in (None, ())}
    if "output" in chosen and "format" not in chosen:
        named.pop("format", None)  # a file named here is written as its name says
    if "format" in chosen and "output" not in chosen:
        named.pop("output", None)
    merged: dict[str, Any] = {**named, **chosen}
    lists = ("format", "output", "select", "ignore")
    merged |= {name: tuple(merged[name]) for name in lists if name in merged}
    merged["paths"] = tuple(place(path) for path in merged["paths"])
    for name, unit in (("timeout", "seconds"), ("max_memory", "MiB")):
        if not 0 <= merged.get(name, 0) <= _MOST:
            option = name.replace("_", "-")
            raise config.ConfigMistake(
                f"--{option} is {merged[name]}. Expected at most {_MOST:,} {unit}, "
                "or 0 for no limit"
            )
    return Options(**merged)


def _factory(options: Options, given: dict[str, Any]) -> Factory | None:
    """What `--executor` names. It is not taken from a configuration, which may be a stranger's."""
    if options.watch and any(afar(path) for path in options.paths):
        raise PlaceMistake("--watch follows files of this machine, not URLs")
    if options.executor is None:
        return None
    if given.get("jobs") is not None:
        raise ExecutorMistake(
            "--jobs is for processes of this machine; with --executor, the executor says how many "
            "workbooks are checked at once. Leave one of them out"
        )
    return named(options.executor)


class _Run:
    """One run of the command, or several while it watches."""

    def __init__(
        self,
        options: Options,
        suppressions: Sequence[Suppression],
        factory: Factory | None = None,
    ) -> None:
        self._options = options
        self._factory = factory
        self._suppressions = suppressions
        self._styles = _styles(options)
        self._fail_on = Severity(options.fail_on)
        mapping = _mapping(options.mapping)
        self._check = partial(check_workbook, mapping=mapping) if mapping else check_workbook
        outputs = [output for _, output in self._styles if output]
        self._own = [*outputs, *([options.annotate] if options.annotate else [])]
        for output in outputs:
            _refuse_to_replace(output, options.paths)
        for written in (*outputs, *filter(None, [options.write_baseline])):
            refuse_folder_of(written)

    def once(self) -> int:
        """Check, report, and give the exit code."""
        return self._report(self._checked(self._options.paths))

    def watch(self) -> int:
        """Check, report, and again whenever a workbook has been saved, until Ctrl-C."""
        from xl_compliance.batch.watch import changes

        report = self._checked(self._options.paths)
        code = self._report(report)
        click.echo("watching: Ctrl-C ends", err=True)
        try:
            for changed in changes(self._workbooks):
                fresh = {it.path: it for it in self._checked(tuple(changed)).workbooks}
                known = {it.path: it for it in report.workbooks}
                found = [fresh.get(path) or known.get(path) for path in self._workbooks()]
                report = Report(tuple(it for it in found if it))
                code = self._report(report)
        except KeyboardInterrupt:
            pass
        return code

    def _workbooks(self) -> list[Path]:
        return workbooks_in(self._options.paths, self._own)

    def _checked(self, paths: Sequence[Path]) -> Report:
        from xl_compliance.batch.progress import followed

        options = self._options
        total = len(workbooks_in(paths, self._own))
        jobs = min(os.cpu_count() or 1, max(1, total)) if options.jobs is None else options.jobs
        limits = Limits(options.timeout, options.max_memory)
        with followed(total, options.quiet) as done:
            return check_all(
                paths,
                executor=self._factory,
                jobs=jobs,
                limits=limits,
                check=self._check,
                done=done,
                without=self._own,
            )

    def _report(self, found: Report) -> int:
        report = self._sorted_out(found)
        wanted = Wanted(self._fail_on, datetime.now(), Path.cwd(), self._options.working)
        complete = True
        for style, output in self._styles:
            if output is None:
                self._show(style, report, wanted)
            else:
                content = file_content(style, report, replace(wanted, folder=output.parent))
                complete &= self._write(output, content, "report")
        if all(output for _, output in self._styles):
            self._say(headline(report))
        complete &= self._copies(report)
        written = self._options.write_baseline
        if written is not None:
            content = baseline.render(found, written.parent).encode("utf-8")
            complete &= self._write(written, content, "baseline")
            whole = not (report.failures or report.unchecked or not report.workbooks)
            return 0 if whole and complete else FAILURE
        return report.exit_code(self._fail_on) if complete else FAILURE

    def _write(self, path: Path, content: bytes, what: str) -> bool:
        """Write a file; one that cannot be written keeps none of the others back."""
        try:
            write_whole(path, content)
        except NotWritten as problem:
            click.echo(problem.message, err=True)
            return False
        self._say(f"{path}: {what} written")
        return True

    def _sorted_out(self, found: Report) -> Report:
        options = self._options
        report = selected(found, options.select, options.ignore)
        report, said = by_suppressions(report, self._suppressions, date.today())
        if options.baseline is not None:
            try:
                report, gone = baseline.apply(report, options.baseline)
            except baseline.BaselineMistake as mistake:
                raise click.UsageError(str(mistake)) from None
            if gone:
                said.append(f"{options.baseline}: {gone} of its findings are no longer there")
        for line in said:
            self._say(line)
        return report

    def _show(self, style: str, report: Report, wanted: Wanted) -> None:
        if style != "console":
            click.echo(file_content(style, report, wanted).decode("utf-8-sig"), nl=False)
            return
        terminal = sys.stdout.isatty()
        width = _width() if terminal else 100
        paint = _paint if terminal else console.plain_text
        click.echo(console.render(report, width, paint, wanted.working), nl=False)

    def _copies(self, report: Report) -> bool:
        """Write the annotated copies; whether all that were asked for are there."""
        if self._options.annotate is None:
            return True
        from xl_compliance.batch.annotations import annotate_all

        complete = True
        for target, made in annotate_all(report, self._options.annotate):
            if isinstance(made, str):
                complete = False
                click.echo(made, err=True)
                continue
            self._say(f"{target}: annotated copy written")
            for warning in made.warnings:
                click.echo(f"{target}: {warning}", err=True)
        return complete

    def _say(self, line: str) -> None:
        if not self._options.quiet:
            click.echo(line, err=True)


def _mapping(path: Path | None) -> Mapping | None:
    try:
        return None if path is None else load_mapping(path)
    except MappingMistake as mistake:
        raise click.UsageError(str(mistake)) from None


# ---------------------------------------------------------------- where reports go


def _styles(options: Options) -> list[Style]:
    """Each report that was asked for, and its file; none is the terminal."""
    formats, outputs = options.format, options.output
    for style in formats:
        if style not in FORMATS:
            raise click.UsageError(f'there is no format "{style}": {", ".join(FORMATS)}')
    if not outputs:
        return _to_terminal(formats or ("console",))
    if not formats:
        return [(_style_of(output), output) for output in outputs]
    if len(formats) == len(outputs) and not (len(outputs) == 1 and outputs[0].is_dir()):
        return list(zip(formats, outputs, strict=True))
    if len(outputs) == 1:
        folder = outputs[0]
        if not folder.is_dir():
            raise click.UsageError(f"{folder} is not a folder: several formats need one")
        return [(style, folder / f"{REPORT_NAME}{SUFFIXES[style]}") for style in formats]
    raise click.UsageError("name one --output for each --format, or one folder for all of them")


def _to_terminal(formats: Sequence[str]) -> list[Style]:
    if len(formats) > 1:
        raise click.UsageError("several formats need --output: a folder, or one file for each")
    if formats[0] == "xlsx":
        raise click.UsageError("the format xlsx needs --output FILE.xlsx")
    return [(formats[0], None)]


def _style_of(output: Path) -> str:
    by_suffix = {suffix: style for style, suffix in SUFFIXES.items()} | {".htm": "html"}
    style = by_suffix.get(output.suffix.lower())
    if output.is_dir() or style is None:
        raise click.UsageError(f"{output}: name the format with --format ({', '.join(FORMATS)})")
    return style


def _refuse_to_replace(output: Path, paths: Sequence[Path]) -> None:
    """A report takes the place of an earlier report, never of a workbook."""
    named = {whole(path) for path in paths}
    is_workbook = output.suffix.lower() in _WORKBOOKS
    earlier = output.suffix.lower() == ".xlsx" and (not output.exists() or _is_report(output))
    if whole(output) in named or (is_workbook and not earlier):
        raise click.UsageError(f"{output}: a report is not written over a workbook")


def _is_report(path: Path) -> bool:
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(path) as archive:
            return MARK.encode() in archive.read("docProps/core.xml")
    except (OSError, KeyError, BadZipFile):
        return False


# ---------------------------------------------------------------- the terminal


@contextmanager
def _ended_as_by_the_keyboard() -> Iterator[None]:
    """Being told to end is as Ctrl-C: what was done is reported first."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    before: Callable[..., Any] | int | None = signal.signal(signal.SIGTERM, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


def _width() -> int:
    import shutil

    return min(shutil.get_terminal_size().columns, 140)


def _paint(text: str, severity: Severity | None) -> str:
    if severity is None:
        return click.style(text, bold=True)
    colours = {"error": "red", "warning": "yellow", "note": "blue", "ok": "green"}
    return click.style(text, fg=colours[severity.value])
