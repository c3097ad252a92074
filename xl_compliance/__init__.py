"""Exchange and ownership rules inside Excel, and over folders of workbooks.

>>> import xl_compliance
>>> xl_compliance.call("EXCHANGECAP", 5059747)
1011949
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from xl_compliance.functions.calling import call, explain

__all__ = ["__version__", "call", "explain"]


def __getattr__(name: str) -> Any:
    # Loaded on first use: the command's --help and the hosts that list functions need no rules.
    if name in ("call", "explain"):
        from contextlib import suppress
        from importlib import import_module

        from xl_compliance.functions import calling

        # Not there where only the rules and functions are packed into something else.
        with suppress(ModuleNotFoundError):
            import_module("xl_compliance.columns")
        return getattr(calling, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
