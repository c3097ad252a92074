"""Parts of the package, as files to put inside something else."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
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


def files_behind(*modules: str) -> dict[str, bytes]:
    """Modules, everything of ours that they import, wherever in them, and the tables beside it.

    >>> "xl_compliance/rules/exact.py" in files_behind("xl_compliance.rules.discount")
    True
    >>> "xl_compliance/workbook/limits.toml" in files_behind("xl_compliance.workbook.limits")
    True
    """
    waiting, found = list(modules), dict[str, bytes]()
    while waiting:
        module = waiting.pop()
        path = _file_of(module)
        if path is None or path.relative_to(_PACKAGE.parent).as_posix() in found:
            continue
        content = path.read_bytes()
        found[path.relative_to(_PACKAGE.parent).as_posix()] = content
        waiting += _imported(ast.parse(content))
        parts = module.split(".")
        waiting += [".".join(parts[:end]) for end in range(1, len(parts))]
    return dict(sorted((found | data_of(found, ".toml")).items()))


def data_of(code: Iterable[str], *suffixes: str) -> dict[str, bytes]:
    """The data files of those packages whose code is there, by path."""
    packages = {_PACKAGE.parent / path.rpartition("/")[0] for path in code}
    return {
        path.relative_to(_PACKAGE.parent).as_posix(): path.read_bytes()
        for path in sorted(_PACKAGE.rglob("*"))
        if path.suffix in suffixes and _package_of(path) in packages
    }


def _package_of(path: Path) -> Path:
    return next(folder for folder in path.parents if (folder / "__init__.py").is_file())


def library_files(package: str) -> dict[str, bytes]:
    """A small library in pure Python, with its licence, as it is installed here."""
    from importlib.metadata import files

    return {
        str(file): Path(str(file.locate())).read_bytes()
        for file in sorted(files(package) or [])
        if file.suffix == ".py" or file.name.startswith("LICENSE")
    }


def _file_of(module: str) -> Path | None:
    # Where we are installed, the libraries lie beside us.
    if module.partition(".")[0] != _PACKAGE.name:
        return None
    path = _PACKAGE.parent.joinpath(*module.split("."))
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((each for each in candidates if each.is_file()), None)


def _imported(tree: ast.AST) -> Iterator[str]:
    """What a module imports when it runs: not what only type checkers follow."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{name.name}" for name in node.names))
        yield from _imported(node)


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
