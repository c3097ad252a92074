"""What the page is built from: Pyodide from npm and wheels from pip, once, into a cache.

Versions and hashes stand in `package-lock.json` and `requirements.txt` beside this file; npm and
pip refuse whatever differs. The page itself, once built, needs nothing of this.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

_LISTS: Final = ("package.json", "package-lock.json", "requirements.txt")
_PLATFORMS: Final = ("pyemscripten_2026_0_wasm32", "manylinux2014_x86_64", "any")
_NEEDED: Final = "Node.js with npm is needed to build the page (not to use it): install it"


class CannotBuild(Exception):
    """Why the page cannot be built, and what to do."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Pyodide's folder and the wheels."""

    pyodide: Path
    wheels: tuple[Path, ...]


def part(name: str) -> str:
    """The text of a file beside this one."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8").replace("\r\n", "\n")


def default_cache() -> Path:
    """Where this system keeps what can be fetched again."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local")) / "xl-compliance"
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/xl-compliance"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xl-compliance"


def node() -> str:
    """The program that compiles. Raises `CannotBuild`."""
    found = shutil.which("node")
    if found is None:
        raise CannotBuild(f"node was not found. {_NEEDED}")
    return found


def parts(cache: Path) -> Parts:
    """The parts, from the cache or fetched into it. Raises `CannotBuild`."""
    lists = {name: part(name) for name in _LISTS}
    digest = hashlib.sha256("".join(lists.values()).encode()).hexdigest()[:16]
    folder = cache / f"web-{digest}"
    if not folder.is_dir():
        _fetch(folder, lists)
    pyodide = folder / "node_modules" / "pyodide"
    wheels = tuple(sorted((folder / "wheels").glob("*.whl")))
    wanted = sum("==" in line for line in lists["requirements.txt"].splitlines())
    if len(wheels) != wanted or not (pyodide / "pyodide.asm.wasm").is_file():
        raise CannotBuild(f"{folder} is not complete: delete that folder and try again")
    return Parts(pyodide, wheels)


def _fetch(folder: Path, lists: dict[str, str]) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise CannotBuild(f"npm was not found. {_NEEDED}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent) as name:
        unfinished = Path(name, "parts")
        unfinished.mkdir()
        for each, text in lists.items():
            (unfinished / each).write_text(text, encoding="utf-8")
        quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        _run("npm", [npm, "ci", *quiet], unfinished)
        platforms = [f"--platform={each}" for each in _PLATFORMS]
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
        python = ["--python-version=3.14", "--implementation=cp", "--abi=cp314", "--abi=none"]
        chosen = ["--only-binary=:all:", "--dest=wheels", "--requirement=requirements.txt"]
        _run("pip", [*pip, *platforms, *python, *chosen], unfinished)
        if not folder.is_dir():
            os.replace(unfinished, folder)


def _run(program: str, command: Sequence[str], folder: Path) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, errors="replace", check=False
        )
    except OSError as problem:
        raise CannotBuild(f"{program} could not be started ({problem.strerror})") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-600:]
        raise CannotBuild(
            f"{program} could not fetch what the page is built from. The first build needs the "
            f"network, or {program}'s own mirror; later ones do not. It said: {said}"
        )
