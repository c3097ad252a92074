"""Builds the command as one file that runs where no Python is installed.

    python -m xl_compliance.executable dist/xl-compliance

For Windows it is built on Windows, for macOS on macOS, for Linux on Linux. Beside it goes a text
with the licences of what is inside. It takes PyInstaller: `pip install '.[exe]'`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click

import xl_compliance

_NAME: Final = "xl-compliance"
# What the command does without: data frames and long columns are for those who write Python, the
# host on Windows is Python's own.
_LEFT_OUT: Final = ("pandas", "numpy", "xlwings", "_tkinter")
# Read as files, not only imported: `excel lite` and `excel libreoffice` pack their sources.
_AS_FILES: Final = ("xl_compliance", "defusedxml")
_LICENCE: Final = re.compile(r"(?:LICEN[CS]E|COPYING|NOTICE)", re.IGNORECASE)


class CannotBuild(Exception):
    """What is missing, and how to get it."""


def build(target: Path) -> None:
    """Write the program and, beside it, the licences of what is in it. Raises `CannotBuild`."""
    if find_spec("PyInstaller") is None:
        raise CannotBuild("PyInstaller is not installed here: pip install '.[exe]'")
    from PyInstaller.__main__ import run

    with TemporaryDirectory(dir=target.parent, prefix=f".{_NAME}.") as name:
        folder = Path(name)
        run([*_options(folder), str(Path(xl_compliance.__file__).with_name("__main__.py"))])
        (built,) = (folder / "dist").iterdir()
        os.replace(built, target)
    licences = "\n".join(_licences())
    licences_of(target).write_text(licences, encoding="utf-8", newline="\n")


def licences_of(program: Path) -> Path:
    """Where the licences of what is in a program stand."""
    return program.with_name(f"{program.stem}-licences.txt")


def _options(folder: Path) -> Iterator[str]:
    yield from ("--onefile", "--console", "--noconfirm", "--log-level", "WARN", "--name", _NAME)
    for option in ("dist", "work", "spec"):
        yield from (f"--{option}path", str(folder / option))
    # Reports go through pipes as UTF-8 on Windows, too.
    yield from ("--python-option", "X utf8_mode=1")
    yield from ("--collect-submodules", "xl_compliance")
    for module in sorted({*_LEFT_OUT, *_not_needed()}):
        yield from ("--exclude-module", module)
    for package in _AS_FILES:
        yield from _files(package)
    # Libraries ask for their own version, and bring their licences.
    for distribution in _needed(_NAME):
        yield from ("--copy-metadata", distribution.name)


def _not_needed() -> Iterator[str]:
    """The modules of everything else that is installed, which a library might find and take."""
    needed = {_plain(each.name) for each in _needed(_NAME)}
    for module, distributions in metadata.packages_distributions().items():
        if needed.isdisjoint(map(_plain, distributions)):
            yield module


def _files(package: str) -> Iterator[str]:
    from PyInstaller.utils.hooks import collect_data_files

    found = collect_data_files(package, include_py_files=True, excludes=["**/__pycache__/*"])
    for source, folder in found:
        yield from ("--add-data", f"{source}{os.pathsep}{folder}")


def _licences() -> Iterator[str]:
    """The licence texts of Python and of every library that the command rests on."""
    yield f"Licences of what is in {_NAME} {xl_compliance.__version__}\n"
    yield from _entry(f"Python {sys.version.split()[0]}", _licence_of_python())
    for distribution in sorted(_needed(_NAME), key=lambda each: each.name.lower()):
        texts = [
            Path(str(file.locate())).read_text(encoding="utf-8", errors="replace")
            for file in distribution.files or []
            if _LICENCE.match(file.name) and Path(str(file.locate())).is_file()
        ]
        texts = texts or [
            _terms(distribution) or "It names no licence in its package: see its own page"
        ]
        yield from _entry(f"{distribution.name} {distribution.version}", "\n".join(texts))


def _terms(distribution: metadata.Distribution) -> str:
    said = distribution.metadata
    fields = ("License-Expression", "License")
    return next((said[field] for field in fields if field in said), "")


def _entry(title: str, text: str) -> tuple[str, str, str]:
    return f"{'=' * 70}\n{title}\n{'=' * 70}", text.strip(), ""


def _licence_of_python() -> str:
    folders = (Path(os.__file__).parent, Path(sys.base_prefix))
    found = (folder / "LICENSE.txt" for folder in folders)
    texts = (path.read_text(encoding="utf-8") for path in found if path.is_file())
    return next(texts, "See https://docs.python.org/3/license.html")


def _plain(name: str) -> str:
    """The name of a distribution as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _needed(name: str) -> Iterator[metadata.Distribution]:
    """A distribution and those that it needs, without those that are left out."""
    from packaging.requirements import Requirement

    waiting, seen = [name], set[str]()
    while waiting:
        each = _plain(waiting.pop())
        if each in seen or each in _LEFT_OUT:
            continue
        seen.add(each)
        try:
            distribution = metadata.distribution(each)
        except metadata.PackageNotFoundError:  # needed on another system
            continue
        yield distribution
        for text in distribution.requires or []:
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)


@click.command()
@click.argument("output", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
def main(output: Path, force: bool) -> None:
    """Build the xl-compliance command as one file, for machines without Python."""
    if sys.platform == "win32" and output.suffix.lower() != ".exe":
        raise click.UsageError(f"{output.name}: on Windows the name must end in .exe")
    if output.exists() and not force:
        raise click.UsageError(f"{output} is there already; --force replaces it")
    if not output.parent.is_dir():
        raise click.UsageError(f"{output.parent} is not a folder")
    try:
        build(output)
    except CannotBuild as problem:
        raise click.ClickException(str(problem)) from None
    size = output.stat().st_size / 1_000_000
    click.echo(f"{output}: written, {size:.0f} MB. Licences: {licences_of(output).name}")


if __name__ == "__main__":
    main()
