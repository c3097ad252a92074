"""xlwings Server: refused without a licence; with the key of whoever runs the tests, as it runs.

xlwings' server part asks for a licence when it is imported, so what needs it runs only where
`XLWINGS_LICENSE_KEY` is set by the person running the tests, in continuous integration too.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import types

import pytest

from xl_compliance import call
from xl_compliance.excel.server import LICENCE, NoLicence, worksheet_functions
from xl_compliance.functions.registry import all_functions

licensed = pytest.mark.skipif(
    not os.environ.get(LICENCE), reason=f"{LICENCE} is not set: xlwings Server needs a licence"
)


def test_without_a_key_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(LICENCE, raising=False)
    with pytest.raises(NoLicence, match="xlwings Lite"):
        worksheet_functions()


def test_importing_it_asks_for_nothing() -> None:
    code = (
        "import sys, xl_compliance.excel.server;"
        "print([m for m in sys.modules if m.startswith('xlwings')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@licensed
def test_every_function_is_there_with_its_arguments() -> None:
    from xlwings.server import custom_functions_meta

    module = types.ModuleType("custom_functions")
    vars(module).update(worksheet_functions())
    listed = {each["name"]: each for each in custom_functions_meta(module)["functions"]}
    assert set(listed) == {f"XLC.{function.name}" for function in all_functions()}
    for function in all_functions():
        each = listed[f"XLC.{function.name}"]
        assert [parameter["name"] for parameter in each["parameters"]] == [
            argument.name for argument in function.arguments
        ]
        assert each["description"] == function.summary


@licensed
def test_a_call_answers_as_a_cell_would_show() -> None:
    from xlwings.server import custom_functions_call

    module = types.ModuleType("custom_functions")
    vars(module).update(worksheet_functions())
    data = {
        "func_name": "issuancepct",
        "args": [[[1500000.0]], [[5000000.0], [3000000.0]]],
        "caller_address": "Sheet1!A1",
        "content_language": "en-US",
        "version": "",
        "runtime": "1.4",
    }
    answer = asyncio.run(custom_functions_call(data, module))
    assert answer == [[call("ISSUANCEPCT", 1500000, [[5000000], [3000000]])]]
