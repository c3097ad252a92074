"""`python -m xl_compliance.workbook.examples OUTPUT_FOLDER` writes every example."""

from __future__ import annotations

import sys
from pathlib import Path

from xl_compliance.workbook.examples import write_all

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for written in write_all(Path(sys.argv[1])):
        print(written)
