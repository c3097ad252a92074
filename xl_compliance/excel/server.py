"""The worksheet functions for xlwings Server, where a firm runs one.

Excel reaches it through an add-in that the administrator hands out; nothing is installed beside
Excel. xlwings asks for a licence key of whoever runs the server, a commercial one or
`noncommercial` for such use, in the environment variable `XLWINGS_LICENSE_KEY`. This package brings
none, and without one xlwings' server part is not even imported.

To set up, in a project of xlwings Server (https://server.xlwings.org):

1. Install xl-compliance in the Python that runs the server.
2. Set `XLWINGS_LICENSE_KEY` for it.
3. In `app/custom_functions/__init__.py` add:

       from xl_compliance.excel.server import worksheet_functions

       globals().update(worksheet_functions())

4. Start the server again, and load the add-in anew in Excel.

Then `=XLC.MINPRICE(A1:A5)` works, as in xlwings Lite; both run the same adapter.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final

LICENCE: Final = "XLWINGS_LICENSE_KEY"


class NoLicence(Exception):
    """Why the functions for the server cannot be made here."""


def worksheet_functions() -> dict[str, Callable[..., Any]]:
    """The functions as xlwings Server finds them in a module, by name.

    Raises `NoLicence` where the environment has no key; xlwings itself judges the key.
    """
    if not os.environ.get(LICENCE):
        raise NoLicence(
            f"xlwings Server needs the environment variable {LICENCE}: a commercial key, or "
            "noncommercial for such use (https://www.xlwings.org). Without a server, use xlwings "
            "Lite: xl-compliance excel lite OUT.xlsx"
        )
    from xlwings import server

    from xl_compliance.excel.lite import declarations
    from xl_compliance.excel.officejs import cell
    from xl_compliance.functions.registry import all_functions

    namespace: dict[str, Any] = {"__name__": __name__, "xw": server, "cell": cell}
    exec(compile(declarations(), f"<functions of {__name__}>", "exec"), namespace)
    names = [function.name.lower() for function in all_functions()]
    return {name: namespace[name] for name in names}
