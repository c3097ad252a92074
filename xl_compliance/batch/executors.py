"""Past one machine: what `--executor` names, and how a workbook is checked where it leads.

Wherever a workbook is checked, it is in a process of its own there, within the limits of the run,
unless both limits are 0: so they mean on any machine what they mean on this one.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from xl_compliance import __version__
from xl_compliance.batch.places import afar, to_install
from xl_compliance.batch.results import WorkbookReport
from xl_compliance.batch.workers import Limits, check_in_kept_process

if TYPE_CHECKING:
    from xl_compliance.batch.run import Check

Factory = Callable[[], Executor]

EXPECTED: Final = "dask://HOST:PORT, or package.module:factory"
_DASK: Final = "dask://"


class ExecutorMistake(Exception):
    """An executor that cannot be had; the message says what was read, expected and to be done."""


def named(text: str) -> Factory:
    """The factory that `--executor` names. Raises `ExecutorMistake`; so does the factory.

    >>> named("concurrent.futures:ThreadPoolExecutor")().shutdown()
    """
    if text.startswith(_DASK):
        return _dask(text)
    module, _, attribute = text.partition(":")
    if not module or not attribute:
        raise ExecutorMistake(f'--executor "{text}": expected {EXPECTED}')
    return _Named(text, _found(text, module, attribute))


def _dask(text: str) -> Factory:
    host, _, port = text.removeprefix(_DASK).rstrip("/").rpartition(":")
    if not host or not port.isdecimal():
        raise ExecutorMistake(f'--executor "{text}": expected dask://HOST:PORT')
    try:
        from xl_compliance.batch.dask_pool import DaskPool
    except ImportError:
        raise ExecutorMistake(
            f'--executor "{text}" needs dask.distributed. {to_install("distributed")}'
        ) from None
    return lambda: DaskPool(f"tcp://{host}:{port}")


def _found(text: str, module: str, attribute: str) -> Callable[[], Any]:
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)  # last: nothing beside workbooks takes the place of a library
    try:
        found: Any = importlib.import_module(module)
        for part in attribute.split("."):
            found = getattr(found, part)
    except (Exception, SystemExit) as problem:
        raise ExecutorMistake(
            f'--executor "{text}": it cannot be loaded ({_detail(problem)}). Expected {EXPECTED}, '
            f"with the module installed or in {here}"
        ) from None
    if not callable(found):
        raise ExecutorMistake(
            f'--executor "{text}": {attribute} is {type(found).__name__}, not a function. '
            "Expected one that gives a concurrent.futures.Executor"
        )
    return found  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class _Named:
    """A factory that says of itself what went wrong."""

    text: str
    factory: Callable[[], Any]

    def __call__(self) -> Executor:
        try:
            pool = self.factory()
        except (Exception, SystemExit) as problem:
            raise ExecutorMistake(
                f'--executor "{self.text}": calling it failed ({_detail(problem)})'
            ) from None
        if not isinstance(pool, Executor):
            raise ExecutorMistake(
                f'--executor "{self.text}": it gave {type(pool).__name__}. '
                "Expected a concurrent.futures.Executor"
            )
        return pool


def _detail(problem: BaseException) -> str:
    return " ".join(f"{type(problem).__name__}: {problem}".split())


# ---------------------------------------------------------------- where the executor leads


@dataclass(frozen=True, slots=True)
class Within:
    """A check within limits, to be sent to wherever an executor has it carried out."""

    check: Check
    limits: Limits
    folder: Path
    version: str = __version__

    def __call__(self, path: Path) -> WorkbookReport:
        """Check a workbook here, named as it is where the run was started."""
        if self.version != __version__:
            return WorkbookReport(path, failure=self._other_version(path))
        here = path if afar(path) else self.folder / path
        if self.limits.seconds or self.limits.memory:
            report = check_in_kept_process(here, self.check, self.limits)
        else:
            report = self.check(here)
        return replace(report, path=path)

    def _other_version(self, path: Path) -> str:
        import platform

        return (
            f"{path.name}: {platform.node()} has xl-compliance {__version__}, and this run is of "
            f"{self.version}. Nothing was checked there. Install one version on every machine."
        )
