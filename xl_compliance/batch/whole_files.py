"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import click


def write_whole(path: Path, content: bytes) -> None:
    """Write beside the file, then rename: a report is there whole or not at all."""
    folder = path.parent
    if not folder.is_dir():
        raise click.UsageError(f"{folder} is not a folder")
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except OSError as problem:
        Path(name).unlink(missing_ok=True)
        raise click.ClickException(f"{path}: cannot be written ({problem.strerror})") from None
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
