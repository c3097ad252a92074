"""The configuration: where it is found, what goes before what, and mistakes in it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from xl_compliance.batch import config
from xl_compliance.cli import main

SHIPPED = Path(__file__).parents[2] / "workbooks" / "giga-tronics.xlsx"


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_none(tmp_path):
    assert config.load(None, tmp_path / "a").options == {}


def test_own_file_goes_before_the_shared_one(tmp_path):
    write(tmp_path, "pyproject.toml", '[tool.xl-compliance]\nfail-on = "warning"\n')
    own = write(tmp_path, "xl-compliance.toml", 'fail-on = "error"\n')
    found = config.load(None, tmp_path)
    assert (found.path, found.options) == (own, {"fail-on": "error"})


def test_the_nearest_folder_counts_and_files_are_not_merged(tmp_path):
    write(tmp_path, "xl-compliance.toml", "jobs = 3\n")
    near = write(tmp_path / "a", "pyproject.toml", "[tool.xl-compliance]\ntimeout = 5\n")
    found = config.load(None, tmp_path / "a")
    assert (found.path, found.options) == (near, {"timeout": 5})


def test_a_shared_file_without_our_table_is_passed_over(tmp_path):
    far = write(tmp_path, "xl-compliance.toml", "jobs = 3\n")
    write(tmp_path / "a", "pyproject.toml", "[project]\n")
    assert config.load(None, tmp_path / "a").path == far


def test_a_file_that_is_named_goes_before_all(tmp_path):
    write(tmp_path, "xl-compliance.toml", "jobs = 3\n")
    other = write(tmp_path, "other.toml", "jobs = 1\n")
    assert config.load(other, tmp_path).options == {"jobs": 1}


def test_paths_count_from_its_folder(tmp_path):
    write(tmp_path, "xl-compliance.toml", 'baseline = "b.json"\noutput = ["r.html"]\n')
    options = config.load(None, tmp_path / "deep").options
    assert options == {"baseline": tmp_path / "b.json", "output": [tmp_path / "r.html"]}


def test_suppressions(tmp_path):
    text = (
        '[[suppress]]\ncode = "NDQ006"\nverdict = "REVIEW"\nreason = "memo"\nuntil = 2027-06-30\n'
    )
    (found,) = config.load(write(tmp_path, "c.toml", text), tmp_path).suppressions
    assert (found.code, found.until) == ("NDQ006", date(2027, 6, 30))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('fail_on = "error"', 'no key "fail_on". Did you mean "fail-on"?'),
        ('formt = ["json"]', 'Did you mean "format"?'),
        ("colour = 1", "Known: format, output"),
        ("jobs = true", "jobs is True. Expected a whole number"),
        ("jobs = -1", "Expected a whole number"),
        ('fail-on = "note"', "Expected warning or error"),
        ('format = "json"', "Expected a list of words"),
        ("[[suppress]]\ncode = 'A'", "without verdict"),
        ("[[suppress]]\ncode = 'A'\nverdict = 'REVIEW'\nreason = ' '", "without reason"),
        ("[[suppress]]\nrow = 7", 'no key "row"'),
        ("[[suppress]]\nuntil = '2027-01-01'", "a date such as 2027-06-30"),
        ("jobs = ", "cannot be read"),
    ],
)
def test_mistakes_name_file_key_and_remedy(tmp_path, text, said):
    path = write(tmp_path, "c.toml", text)
    with pytest.raises(config.ConfigMistake) as mistake:
        config.load(path, tmp_path)
    assert str(mistake.value).startswith(str(path))
    assert said in str(mistake.value)


def test_every_key_is_an_option_of_the_command():
    options = {name for it in main.commands["check"].params for name in it.opts}
    assert {f"--{key}" for key in config._KEYS if key != "suppress"} <= options


# ---------------------------------------------------------------- precedence, on the command line


def check(*arguments, monkeypatch, folder: Path) -> int:
    monkeypatch.chdir(folder)
    return CliRunner().invoke(main, ["check", str(SHIPPED), "--jobs", "0", *arguments]).exit_code


def test_default_then_configuration_then_command_line(tmp_path, monkeypatch):
    assert check(monkeypatch=monkeypatch, folder=tmp_path) == 1
    write(tmp_path, "xl-compliance.toml", 'fail-on = "error"\n')
    assert check(monkeypatch=monkeypatch, folder=tmp_path) == 0
    assert check("--fail-on", "warning", monkeypatch=monkeypatch, folder=tmp_path) == 1


def test_an_unknown_key_stops_the_command(tmp_path, monkeypatch):
    write(tmp_path, "pyproject.toml", '[tool.xl-compliance]\nfailon = "error"\n')
    assert check(monkeypatch=monkeypatch, folder=tmp_path) == 2


def test_a_suppression_of_no_check_stops_the_command(tmp_path, monkeypatch):
    text = '[[suppress]]\ncode = "NDQ999"\nverdict = "REVIEW"\nreason = "memo"\n'
    write(tmp_path, "xl-compliance.toml", text)
    assert check(monkeypatch=monkeypatch, folder=tmp_path) == 2
