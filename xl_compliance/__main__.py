"""The xl-compliance command as `python -m xl_compliance`, and where a standalone program starts."""

from __future__ import annotations

from multiprocessing import freeze_support

from xl_compliance.cli import main

if __name__ == "__main__":
    # In a standalone program the processes in which workbooks are checked start here as well.
    freeze_support()
    main(prog_name="xl-compliance")
