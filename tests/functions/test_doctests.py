"""The examples in every docstring, and the order in which a worksheet function documents itself."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import xl_compliance
from xl_compliance import call, explain
from xl_compliance.functions.registry import Function, all_functions

PACKAGE = Path(xl_compliance.__file__).parent
LABELS = ("Formula:", "Errors:", "Example:", "Source:", "Judgement:")


def _modules() -> list[str]:
    paths = (path.relative_to(PACKAGE.parent) for path in sorted(PACKAGE.rglob("*.py")))
    names = (".".join(path.with_suffix("").parts) for path in paths)
    return [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]


@pytest.mark.parametrize("name", _modules())
def test_examples(name: str) -> None:
    module = importlib.import_module(name)
    result = doctest.testmod(module, extraglobs={"call": call, "explain": explain})
    assert result.failed == 0


@pytest.mark.parametrize("function", all_functions(), ids=lambda f: f.name)
def test_documentation_has_its_paragraphs_in_order(function: Function) -> None:
    paragraphs = [part for part in function.document.split("\n\n") if part.strip()]
    assert not paragraphs[0].startswith(LABELS), "the first paragraph is the summary"
    labelled = [p.split(maxsplit=1)[0] for p in paragraphs[1:] if p.startswith(LABELS)]
    assert labelled == list(LABELS)


@pytest.mark.parametrize("function", all_functions(), ids=lambda f: f.name)
def test_documentation_has_an_example_that_calls_the_function(function: Function) -> None:
    examples = doctest.DocTestParser().get_examples(function.document)
    assert examples
    spelled = (function.name, function.name.replace("TSX6", "TSX_6"))
    assert any(f'"{name}"' in example.source for example in examples for name in spelled)
