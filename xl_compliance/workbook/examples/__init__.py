"""Input workbooks filled in: a real deal, an invented cap table, a private placement and offerings
made up to show each route; every value has its source."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from xl_compliance.workbook.examples import cap_table, giga_tronics, nasdaq_pipe, tsx_offering
from xl_compliance.workbook.lite import write_lite_examples
from xl_compliance.workbook.template import Contents, write_workbook

EXAMPLES: Final[Mapping[str, Contents]] = {
    "giga-tronics": giga_tronics.CONTENTS,
    "nasdaq-pipe": nasdaq_pipe.CONTENTS,
    "tsx-offering": tsx_offering.CONTENTS,
    "cap-table": cap_table.CONTENTS,
}


def write_all(folder: Path) -> list[Path]:
    """Write every example into a folder, each under its name."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.xlsx" for name in EXAMPLES]
    for path, contents in zip(paths, EXAMPLES.values(), strict=True):
        write_workbook(path, contents)
    lite = folder / "xl-compliance-lite.xlsx"
    write_lite_examples(lite)
    return [*paths, lite]
