"""The documentation of the functions as data: its paragraphs, and the worked calls in it."""

from __future__ import annotations

import ast
import doctest
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from xl_compliance.functions.cells import Raw
from xl_compliance.functions.registry import Function, find

_DATES: Final = {"date": date, "datetime": datetime}
_CALLS: Final = ("call", "explain")

LABELS: Final = ("Formula", "Errors", "Example", "Source", "Judgement")
"""The labelled paragraphs of a function's documentation, in their order."""

_LABEL: Final = re.compile(rf"^({'|'.join(LABELS)}):\s*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class WorkedCall:
    """A call as the documentation shows it."""

    function: Function
    arguments: tuple[Raw, ...]


def paragraphs(function: Function) -> dict[str, str]:
    """The labelled paragraphs of a function's documentation, by label.

    >>> paragraphs(find("UNITFLOOR"))["Source"]
    'Nasdaq FAQ 279 (10 Oct 2018).'
    """
    _, *parts = _LABEL.split(function.document)
    return {
        label: text.strip() if label == "Example" else " ".join(text.split())
        for label, text in zip(parts[::2], parts[1::2], strict=True)
    }


def worked_calls(function: Function) -> tuple[WorkedCall, ...]:
    """The calls of a function in its documentation's examples, in order.

    >>> worked_calls(find("UNITFLOOR"))[0].arguments
    (1.43, 1.43)
    """
    examples = doctest.DocTestParser().get_examples(function.document)
    found = [each for example in examples for each in _calls(example.source)]
    return tuple(each for each in found if each.function is function)


def _calls(source: str) -> Iterator[WorkedCall]:
    for node in ast.walk(ast.parse(source.strip())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id in _CALLS:
            name, *arguments = [_value(argument) for argument in node.args]
            yield WorkedCall(find(name), tuple(arguments))


def _value(node: ast.expr) -> Any:
    """A literal, or a date."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _DATES[node.func.id](*[ast.literal_eval(argument) for argument in node.args])
    return ast.literal_eval(node)
