"""Exchange and ownership rules inside Excel, and over folders of workbooks.

>>> import xl_compliance
>>> xl_compliance.call("EXCHANGECAP", 5059747)
1011949
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from xl_compliance.batch.api import check_workbook
    from xl_compliance.batch.results import Report
    from xl_compliance.batch.run import check_all
    from xl_compliance.deal.frames import ownership_table
    from xl_compliance.functions.calling import call, explain

__all__ = [
    "Report",
    "__version__",
    "call",
    "check_all",
    "check_workbook",
    "explain",
    "ownership_table",
]

_HOMES = {
    "Report": "batch.results",
    "call": "functions.calling",
    "check_all": "batch.run",
    "check_workbook": "batch.api",
    "explain": "functions.calling",
    "ownership_table": "deal.frames",
}


def __getattr__(name: str) -> Any:
    # Loaded on first use: the command's --help and the hosts that list functions need no rules.
    if name in _HOMES:
        from contextlib import suppress
        from importlib import import_module

        # Not there where only the rules and functions are packed into something else.
        with suppress(ModuleNotFoundError):
            import_module(f"{__name__}.columns")
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
