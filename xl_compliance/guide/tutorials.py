"""The blocks of pages that a person wrote: run, and compared with what they show.

`console`   lines after `$` are commands of ours, what follows is what they print
`excel`     a line `name = value` names cells; a formula is followed by its answer
`cells`     a workbook, then what is typed into it: sheet, row, column and value
`python`    as at Python's prompt

A line of three dots in an answer stands for any number of lines. `text` and `toml` blocks show and
do nothing.
"""

from __future__ import annotations

import doctest
import re
import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import chdir
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from xl_compliance.guide import formulas
from xl_compliance.guide.pages import GUIDE
from xl_compliance.workbook.examples import EXAMPLES

SHOWN_ONLY: Final = ("text", "toml")
"""Languages of blocks that are not run."""

CHECKOUT: Final = GUIDE.parents[1]
README: Final = CHECKOUT / "README.md"

_FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ANY_LINES: Final = "..."
_COMMAND: Final = "xl-compliance"
_DONE: Final = (0, 1)
_TYPED: Final = re.compile(r"(?P<sheet>[^>]+) > (?P<row>[^>]+) > (?P<column>[^>]+): (?P<value>.+)")


class BlockMistake(ValueError):
    """A block that cannot be run as it stands."""


@dataclass(slots=True)
class Session:
    """What the blocks of one page share: names of cells, names in Python."""

    names: dict[str, Any] = field(default_factory=dict)
    globals: dict[str, Any] = field(default_factory=dict)


def refreshed(text: str) -> str:
    """A page with what its blocks show replaced where it is not what they give.

    They run in a folder of their own that holds the shipped workbooks.
    """
    session = Session()
    with TemporaryDirectory() as folder, chdir(folder):
        # In one process: the answers are the same and come sooner.
        Path("xl-compliance.toml").write_text("jobs = 0\n", encoding="utf-8")
        _shipped_workbooks(Path("workbooks"))
        return _FENCE.sub(lambda match: _block(match[1], match[2], session), text)


def _shipped_workbooks(folder: Path) -> None:
    """Input workbooks as a checkout has them; the largest, of worked examples, is left out."""
    folder.mkdir()
    for name in EXAMPLES:
        shipped = CHECKOUT / "workbooks" / f"{name}.xlsx"
        if shipped.is_file():
            shutil.copy(shipped, folder)


def _block(language: str, body: str, session: Session) -> str:
    runner = _RUNNERS.get(language)
    lines = body.splitlines()
    shown = lines if runner is None else list(runner(lines, session))
    return "\n".join([f"```{language}", *shown, "```"])


def matches(expected: Sequence[str], got: Sequence[str]) -> bool:
    """Whether lines are those expected, three dots standing for any number of them.

    >>> matches(["a", "...", "d"], ["a", "b", "c", "d"]), matches(["a", "..."], ["b"])
    (True, False)
    """
    if not expected:
        return not got
    if expected[0] == _ANY_LINES:
        return any(matches(expected[1:], got[start:]) for start in range(len(got) + 1))
    if not got or expected[0].rstrip() != got[0].rstrip():
        return False
    return matches(expected[1:], got[1:])


def _console(lines: Sequence[str], _: Session) -> Iterator[str]:
    for command, expected in _after(lines, lambda line: line.startswith("$ ")):
        got = _printed(command.removeprefix("$ "))
        yield command
        yield from expected if matches(expected, got) else got


def _printed(command: str) -> list[str]:
    """What one of our commands prints; it runs in this process."""
    from click.testing import CliRunner

    from xl_compliance.cli import main

    program, *arguments = shlex.split(command)
    if program != _COMMAND:
        raise BlockMistake(f"{command}: only {_COMMAND} is run")
    result = CliRunner().invoke(main, arguments)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    if result.exit_code not in _DONE:
        raise BlockMistake(f"{command}: exit code {result.exit_code}\n{result.output}")
    lines = result.output.rstrip("\n").split("\n")
    return [line.rstrip() for line in lines if lines != [""]]


def _excel(lines: Sequence[str], session: Session) -> Iterator[str]:
    for line, expected in _after(lines, lambda line: line.startswith("=") or " = " in line):
        yield line
        if not line.startswith("="):
            name, _, value = line.partition(" = ")
            session.names[name.strip()] = formulas.argument(value.strip(), session.names)
            continue
        yield from _answered(line, expected, session.names)


def _answered(line: str, expected: Sequence[str], names: Mapping[str, Any]) -> Iterator[str]:
    answer = formulas.answer(line, names)
    if isinstance(answer, list):
        got = formulas.grid(answer)
        yield from expected if matches(expected, got) else got
    elif len(expected) == 1 and formulas.shows(expected[0], answer):
        yield from expected
    else:
        yield formulas.shown(answer)


def _cells(lines: Sequence[str], _: Session) -> Iterator[str]:
    from openpyxl import load_workbook

    workbook, *typed = lines
    book = load_workbook(workbook)
    for line in typed:
        match = _TYPED.fullmatch(line)
        if match is None:
            raise BlockMistake(f"{line}: written as Sheet > row > column: value")
        _cell(book[match["sheet"]], match["row"], match["column"]).value = _value(match["value"])
    book.save(workbook)
    yield from lines


def _cell(sheet: Any, name: str, header: str) -> Any:
    """The cell in the first row of a table that holds a name, below a header."""
    column = None
    for row in sheet.iter_rows():
        values = [cell.value for cell in row]
        if column is None and header in values:
            column = values.index(header)
        elif column is not None and name in values:
            return row[column]
    raise BlockMistake(f"{sheet.title}: no row {name} below a header {header}")


def _value(text: str) -> Any:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return datetime.fromisoformat(text)
    value = formulas.argument(text, {})
    return float(value) if isinstance(value, str) and not text.startswith('"') else value


def _python(lines: Sequence[str], session: Session) -> Iterator[str]:
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    text = "\n".join(lines) + "\n"
    test = doctest.DocTestParser().get_doctest(text, session.globals, "block", None, None)
    said: list[str] = []
    results = doctest.DocTestRunner(verbose=False, optionflags=flags).run(
        test, out=said.append, clear_globs=False
    )
    session.globals.update(test.globs)
    if results.failed:
        raise BlockMistake("".join(said))
    if not test.examples:
        raise BlockMistake(f"a python block without a prompt: {text}")
    yield from lines


def _after(lines: Sequence[str], begins: Callable[[str], bool]) -> Iterator[tuple[str, list[str]]]:
    """Each line that begins something, with the lines up to the next."""
    starts = [n for n, line in enumerate(lines) if begins(line)]
    if not starts or starts[0] != 0:
        raise BlockMistake(f"begins with an answer: {lines[:1]}")
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield lines[start], list(lines[start + 1 : end])


_RUNNERS: Final[Mapping[str, Callable[[Sequence[str], Session], Iterator[str]]]] = {
    "console": _console,
    "excel": _excel,
    "cells": _cells,
    "python": _python,
}


def blocks(text: str) -> list[tuple[str, str]]:
    """The blocks of a page: language and content."""
    return [(match[1], match[2]) for match in _FENCE.finditer(text)]


def pages_with_blocks() -> list[Path]:
    """The start page, the tutorials, and the README of a checkout."""
    tutorials = sorted((GUIDE / "tutorial").glob("*.md"))
    return [GUIDE / "index.md", *tutorials, *([README] if README.is_file() else [])]


def refresh() -> list[str]:
    """Bring what is shown up to date in those pages; gives the names of what changed."""
    changed = []
    for path in pages_with_blocks():
        before = path.read_text(encoding="utf-8")
        after = refreshed(before)
        if after != before:
            path.write_text(after, encoding="utf-8", newline="\n")
            changed.append(path.name)
    return changed
