"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

import click

# What is added to a name must leave it one that a file system takes.
_NAME: Final = 100


class NotWritten(click.ClickException):
    """A file that could not be written; the message says which, why and what to do."""

    exit_code = 2


def write_whole(path: Path, content: bytes) -> None:
    """Write beside the file, then rename: a report is there whole or not at all.

    Raises `NotWritten`.
    """
    name = ""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:_NAME]}.")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except OSError as problem:
        _remove(name)
        raise NotWritten(
            f"{path}: cannot be written ({problem.strerror or problem}). "
            "Close it where it is open, or name another folder"
        ) from None
    except BaseException:
        _remove(name)
        raise


def refuse_folder_of(path: Path) -> None:
    """Say before the work begins that a file cannot go where it was asked for."""
    if not path.parent.is_dir():
        raise click.UsageError(f"{path}: {path.parent} is not a folder; make it first")
    if path.is_dir():
        raise click.UsageError(f"{path} is a folder, not a file")


def _remove(name: str) -> None:
    if name:
        Path(name).unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
