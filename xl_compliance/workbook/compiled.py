"""Compiled libraries: where they fail, and what stands in where they cannot be installed."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any


def is_failure(problem: BaseException) -> bool:
    """Whether a library has failed on its input: a panic of Rust code is not an `Exception`.

    >>> is_failure(ValueError()), is_failure(KeyboardInterrupt())
    (True, False)
    """
    return isinstance(problem, Exception) or type(problem).__name__ == "PanicException"


@cache
def formula_engine() -> Any:
    """formualizer; in a browser its stand-in; None where there is nothing to take formulas apart.

    >>> formula_engine().__name__
    'formualizer'
    """
    if find_spec("formualizer") is not None:
        return import_module("formualizer")
    if find_spec("openpyxl") is not None:
        return import_module("xl_compliance.workbook.plain_engine")
    return None
