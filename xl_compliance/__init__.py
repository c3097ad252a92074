"""Exchange and ownership rules inside Excel, and over folders of workbooks.

>>> import xl_compliance
>>> xl_compliance.call("EXCHANGECAP", 5059747)
1011949
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from xl_compliance.deal.frames import ownership_table
    from xl_compliance.functions.calling import call, explain

__all__ = ["__version__", "call", "explain", "ownership_table"]


def __getattr__(name: str) -> Any:
    # Loaded on first use: the command's --help and the hosts that list functions need no rules.
    if name in ("call", "explain"):
        from xl_compliance.functions import calling

        return getattr(calling, name)
    if name == "ownership_table":
        from xl_compliance.deal import frames

        return frames.ownership_table
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
