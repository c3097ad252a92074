"""Where workbooks lie: in folders, or behind a URL that fsspec can read (extra `remote`).

A place behind a URL is a `UPath` of universal-pathlib, which offers what is asked of a path here;
its text is the URL, and so is the workbook's name in every report. It is only ever read.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, Final, cast

_URL: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.\-]+::)*[A-Za-z][A-Za-z0-9+.\-]+://")


class PlaceMistake(Exception):
    """A URL that cannot be read; the message says which, why and what to do."""


def place(given: str | Path) -> Path:
    """The path that a text names: a URL as one, anything else a path of this machine.

    Raises `PlaceMistake` for a URL that nothing installed can read.

    >>> place("models/deal.xlsx").name
    'deal.xlsx'
    """
    if not isinstance(given, str):
        return given
    if not _URL.match(given):
        return Path(given)
    try:
        from upath import UPath
    except ImportError:
        raise PlaceMistake(
            f"{given}: reading URLs needs universal-pathlib and fsspec. "
            + to_install("universal-pathlib")
        ) from None
    try:
        found: Any = UPath(given)
        _ = found.fs
    except (ImportError, ValueError) as problem:
        raise PlaceMistake(f"{given}: {_told(problem)}") from None
    return cast(Path, found)


def to_install(library: str) -> str:
    """What to do where a library is missing: the standalone program takes none in.

    >>> to_install("distributed")
    'Install it: pip install distributed'
    """
    if getattr(sys, "frozen", False):
        return (
            "The standalone program has it not, and none can be added: use xl-compliance in "
            f"Python, with {library} installed"
        )
    return f"Install it: pip install {library}"


def afar(path: PurePath) -> bool:
    """Whether it lies behind a URL."""
    return not isinstance(path, PurePath)


@contextmanager
def reached(path: Path) -> Iterator[None]:
    """Whatever goes wrong on the way to a URL is said of it."""
    try:
        yield
    except Exception as problem:
        if not afar(path):
            raise
        raise PlaceMistake(
            f"{path}: it cannot be reached ({type(problem).__name__}: {_told(problem)}). "
            "Check the URL, the network and the credentials"
        ) from None


def unreachable(path: Path) -> str:
    """Why a workbook behind a URL cannot be reached; what its reader tells itself is left to it."""
    try:
        with reached(path):
            path.stat()
    except PlaceMistake as problem:
        return f"{problem}." if not isinstance(problem.__context__, OSError) else ""
    return ""


def whole(path: Path) -> Path:
    """The path with its links followed, as far as they lead: one that leads to itself stays one."""
    return path.resolve() if afar(path) else Path(os.path.realpath(path))


def as_folders(path: Path) -> PurePath:
    """A whole path to tell places apart by: of a URL, its parts as folders."""
    if not afar(path):
        return Path(os.path.realpath(path))
    parts = re.split(r"[/\\:]+", str(path))
    return PurePosixPath("/", *(part for part in parts if part not in ("", ".", "..")))


def _told(problem: BaseException) -> str:
    return " ".join(str(problem).split())
