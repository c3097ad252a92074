"""Mappings: what is written is read back, what is wrong in one is said, and what one lays down
is checked."""

from __future__ import annotations

import json

import pytest
from cap_table_shapes import (
    EXAMPLE,
    SHAPES,
    carta,
    found_in,
    law_firm,
    value_of,
    write_openpyxl,
    write_xlsxwriter,
)
from click.testing import CliRunner

from xl_compliance.cli import main
from xl_compliance.deal.cap_table_mapping import (
    MappingMistake,
    load_mapping,
    mapping_text,
    read_cap_tables,
)

# No header that says what the columns are: detection finds nothing here.
BARE = {
    "A1": "Beteiligte",
    "B1": "Stamm",
    "C1": "Vorzug",
    "D1": "Summe",
    "E1": "Anteil",
    "A2": "Ana",
    "B2": 60,
    "C2": 0,
    "D2": 60,
    "E2": 0.6,
    "A3": "Ben",
    "B3": 10,
    "C3": 20,
    "D3": 30,
    "E3": 0.3,
    "A4": "Cho",
    "B4": 5,
    "C4": 5,
    "D4": 10,
    "E4": 0.1,
    "A5": "Summe",
    "B5": 75,
    "C5": 25,
    "D5": 100,
    "E5": 1,
}
BARE_MAPPING = """
[[table]]
sheet = "Cap table"
header = 1
first_row = 2
last_row = 5
names = "A"

[table.columns]
B = "class"
C = { role = "class", name = "Preferred" }
D = "total"
E = "percent"

[table.rows]
5 = "total"
"""


def run(*arguments):
    result = CliRunner().invoke(main, [str(it) for it in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result.exit_code, result.output


def saved(tmp_path, text, name="map.toml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def described(tables):
    return [
        (
            table.sheet,
            table.region,
            [(it.number, it.role, it.name) for it in table.columns],
            [(it.number, it.kind, it.label, dict(it.cells)) for it in table.rows],
        )
        for table in tables
    ]


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_written_is_read_back_as_the_same_tables(shape, tmp_path):
    path = write_xlsxwriter(shape(EXAMPLE), tmp_path / "cap.xlsx")
    mapping = tmp_path / "map.toml"
    code, _ = run("inspect", path, "--write-mapping", mapping)
    assert code == 0
    from xl_compliance.workbook.snapshot import read

    snapshot = read(path)
    alone, mapped = read_cap_tables(snapshot), read_cap_tables(snapshot, load_mapping(mapping))
    assert mapped.tables[0].mapped
    assert described(alone.tables) == described(mapped.tables)


def test_a_table_that_detection_misses_is_checked_by_its_mapping(tmp_path):
    path = write_openpyxl(BARE, tmp_path / "cap.xlsx")
    assert run("check", path)[0] == 2
    code, output = run("check", path, "--mapping", saved(tmp_path, BARE_MAPPING))
    assert (code, "CAP001" in output) == (0, True)


def test_a_fault_in_a_mapped_table_is_found(tmp_path):
    path = write_openpyxl({**BARE, "D3": 31}, tmp_path / "cap.xlsx")
    code, output = run("check", path, "--mapping", saved(tmp_path, BARE_MAPPING))
    assert code == 1
    assert "Cap table!D3" in output
    assert "B, C add up to 30" in " ".join(output.split())


def test_a_mapping_for_another_workbook_changes_nothing(tmp_path):
    path = write_openpyxl(law_firm(EXAMPLE), tmp_path / "cap.xlsx")
    text = 'workbook = "other-*.xlsx"\n' + BARE_MAPPING
    code, output = run("check", path, "--mapping", saved(tmp_path, text))
    assert (code, "A4:H10" in output) == (0, True)


def test_a_skipped_sheet_is_not_read(tmp_path):
    path = write_openpyxl(law_firm(EXAMPLE), tmp_path / "cap.xlsx")
    mapping = load_mapping(saved(tmp_path, 'skip = ["cap TABLE"]'))
    from xl_compliance.workbook.snapshot import read

    assert read_cap_tables(read(path), mapping).tables == ()


MISTAKES = {
    "not TOML": ("[[table", "", "something else than TOML"),
    "unknown key": ("tabel = 1", "tabel: ", "one of the keys workbook, skip, table"),
    "role": (BARE_MAPPING.replace('"total"\nE', '"totl"\nE'), "columns.D", 'did you mean "total"'),
    "row word": (BARE_MAPPING.replace('5 = "total"', '5 = "sum"'), "rows.5", '"sum" was read'),
    "row outside": (BARE_MAPPING.replace('5 = "total"', '9 = "total"'), "rows.9", "from 2 to 5"),
    "letter": (BARE_MAPPING.replace("B =", "7 ="), "columns.7", "the letter of a column"),
    "names": (BARE_MAPPING.replace('names = "A"', "names = 1"), "names", "1 was read"),
    "rows upside down": (
        BARE_MAPPING.replace("last_row = 5", "last_row = 1"),
        "last_row",
        "the number of a row, 2 or more",
    ),
    "no shares": (
        BARE_MAPPING.replace('"class"', '"text"').replace('D = "total"', 'D = "text"'),
        "columns",
        "at least one column",
    ),
    "no sheet": (BARE_MAPPING.replace('sheet = "Cap table"', ""), "sheet", "nothing was read"),
}


@pytest.mark.parametrize(("text", "key", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_names_file_key_and_what_is_expected(text, key, expected, tmp_path):
    path = write_openpyxl(BARE, tmp_path / "cap.xlsx")
    code, output = run("check", path, "--mapping", saved(tmp_path, text))
    said = " ".join(output.split())
    assert code == 2
    for part in ("map.toml", key, expected):
        assert part in said, said


def test_a_sheet_that_is_not_there_is_said_of_the_workbook(tmp_path):
    path = write_openpyxl(BARE, tmp_path / "cap.xlsx")
    text = 'workbook = "cap.xlsx"\n' + BARE_MAPPING.replace('"Cap table"', '"Cap"')
    code, output = run("check", path, "--mapping", saved(tmp_path, text))
    said = " ".join(output.split())
    assert code == 2
    assert 'map.toml: table 1, sheet: "Cap" was read' in said
    assert '"Cap table"' in said


def test_no_such_mapping(tmp_path):
    path = write_openpyxl(BARE, tmp_path / "cap.xlsx")
    code, output = run("check", path, "--mapping", tmp_path / "nowhere.toml")
    assert code == 2
    assert "nowhere.toml" in output
    with pytest.raises(MappingMistake, match=r"nowhere\.toml"):
        load_mapping(tmp_path / "nowhere.toml")


def test_a_mapping_is_not_written_over_anything(tmp_path):
    path = write_openpyxl(law_firm(EXAMPLE), tmp_path / "cap.xlsx")
    before = path.read_bytes()
    assert run("inspect", path, "--write-mapping", path)[0] == 2
    taken = saved(tmp_path, "# mine")
    assert run("inspect", path, "--write-mapping", taken)[0] == 2
    assert taken.read_text(encoding="utf-8") == "# mine"
    assert path.read_bytes() == before


def test_names_that_would_break_the_file_are_quoted(tmp_path):
    grid = {**law_firm(EXAMPLE), "B4": 'Common "A"\\ Stock\x07', "A9": "Pool\navailable"}
    text = mapping_text(found_in(grid))
    mapping = load_mapping(saved(tmp_path, text))
    (table,) = found_in(grid).tables
    assert mapping.tables[0].columns[0][2] == table.columns[1].name


# ---------------------------------------------------------------- inspect


def test_inspect_shows_columns_rows_and_what_each_is_of(tmp_path):
    path = write_xlsxwriter(carta(EXAMPLE), tmp_path / "carta.xlsx")
    code, output = run("inspect", path)
    assert code == 0
    for line in (
        "Cap table!A4:I14, found by its header in row 4",
        "Outstanding Units = C + D",
        "Fully Diluted Units = C + D + E",
        "F / 9,500,000 (row 13)",
        "G / 10,500,000 (row 11)",
    ):
        assert line in output, output
    assert any(line.split()[:2] == ["10", "pool"] for line in output.splitlines())


def test_inspect_as_json_holds_every_cell(tmp_path):
    grid = carta(EXAMPLE)
    path = write_xlsxwriter(grid, tmp_path / "carta.xlsx")
    code, output = run("inspect", path, "--json")
    data = json.loads(output)
    (table,) = data["tables"]
    cells = {cell["cell"]: cell for row in table["rows"] for cell in row["cells"]}
    assert code == 0
    assert cells["C5"] == {
        "cell": "C5",
        "role": "class",
        "kind": "number",
        "value": str(value_of(grid["C5"])),
        "read": str(value_of(grid["C5"])),
        "formula": None,
    }
    assert {row["is"] for row in table["rows"]} == {"holder", "pool", "total", "percent"}


def test_inspect_of_a_workbook_without_a_cap_table(tmp_path):
    path = write_openpyxl({"A1": "Revenue", "A2": 5}, tmp_path / "model.xlsx")
    code, output = run("inspect", path)
    assert (code, "No cap table was found" in output) == (0, True)


def test_inspect_of_a_file_that_is_no_workbook(tmp_path):
    code, output = run("inspect", saved(tmp_path, "x", "a.xlsx"))
    assert code == 2
    assert "a.xlsx" in output
