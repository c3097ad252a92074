"""The part of the package that answers in cells, as files to put inside something else."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import xl_compliance

_PACKAGE: Final = Path(xl_compliance.__file__).parent
_ROOMS: Final = ("rules", "functions")
_SUFFIXES: Final = (".py", ".toml")
# The same files make the same bytes, whenever they are packed.
_STAMP: Final = (2025, 1, 1, 0, 0, 0)


def package_files(*adapters: str) -> dict[str, bytes]:
    """What a host needs, by path: the rules, the functions, and adapters out of `excel`.

    >>> "xl_compliance/rules/exact.py" in package_files("officejs")
    True
    """
    paths = [path for room in _ROOMS for path in (_PACKAGE / room).rglob("*")]
    paths += [_PACKAGE / "__init__.py", _PACKAGE / "excel" / "__init__.py"]
    paths += [_PACKAGE / "excel" / f"{adapter}.py" for adapter in adapters]
    return {
        path.relative_to(_PACKAGE.parent).as_posix(): path.read_bytes()
        for path in sorted(paths)
        if path.suffix in _SUFFIXES
    }


def zipped(files: dict[str, bytes]) -> bytes:
    """The files as a zip, the same for the same files."""
    stream = BytesIO()
    with ZipFile(stream, "w") as archive:
        for name, content in files.items():
            entry = ZipInfo(name, _STAMP)
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, compresslevel=9)
    return stream.getvalue()
