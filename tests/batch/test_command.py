"""The command: call, template, options, start-up."""

from __future__ import annotations

import subprocess
import sys

from click.testing import CliRunner

from xl_compliance.cli import main


def run(*arguments: str):
    return CliRunner().invoke(main, list(arguments))


def test_call_with_numbers():
    assert run("call", "UNITFLOOR", "1.43", "1.43").output == "1.555\n"


def test_call_with_an_array_constant():
    assert run("call", "minprice", "{15.91;15.89;15.91;15.81;16.13}").output == "15.93\n"


def test_call_with_an_argument_left_out():
    assert run("call", "EXCHANGECAP", "5059747", "", "19.99%").output == "1011443\n"


def test_call_with_a_negative_number():
    result = run("call", "UNITFLOOR", "-1", "1")
    assert result.stdout == "#NUM!\n"
    assert "-1 is negative" in result.stderr


def test_call_explained():
    output = run("call", "ISSUANCEPCT", "1022372", "5059747", "--explain").output
    assert "20.206%\t>= 20%" in output


def test_call_of_an_unknown_name_suggests_the_right_one():
    result = run("call", "MINPRIZE", "1")
    assert result.exit_code == 2
    assert "Did you mean MINPRICE?" in result.output


def test_call_with_an_array_constant_left_open():
    result = run("call", "MINPRICE", "{1;2")
    assert result.exit_code == 2
    assert "ends with a brace" in result.output


def test_template_is_not_written_over_a_file(tmp_path):
    target = tmp_path / "deal.xlsx"
    target.write_bytes(b"mine")
    result = run("template", str(target))
    assert result.exit_code == 2
    assert "is there already" in result.output
    assert target.read_bytes() == b"mine"


def test_template_needs_the_right_ending(tmp_path):
    assert "must end in .xlsx" in run("template", str(tmp_path / "deal.xls")).output


def test_template_blank_needs_input_and_nothing_else(tmp_path):
    target = tmp_path / "deal.xlsx"
    assert run("template", str(target)).exit_code == 0
    result = run("check", str(target))
    assert "NOT REQUIRED" not in result.output
    assert "cannot be checked" not in result.output


def test_template_for_an_offering(tmp_path):
    target = tmp_path / "offering.xlsx"
    assert run("template", str(target), "--kind", "offering").exit_code == 0
    result = run("check", str(target))
    assert result.exit_code == 1
    assert "nothing was checked" in " ".join(result.output.split())


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import sys, xl_compliance; xl_compliance.call('ISSUANCEPCT', 1, 5); "
        "print([m for m in ('pandas', 'openpyxl', 'numpy', 'xlwings') if m in sys.modules])"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert output == "[]\n"


def test_help_loads_no_rule_and_nothing_heavy():
    code = (
        "import sys\n"
        "from xl_compliance.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = ('pandas', 'openpyxl', 'numpy', 'xlwings', 'xl_compliance.rules')\n"
        "print([m for m in heavy if m in sys.modules], file=sys.stderr)"
    )
    error = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stderr
    assert error == "[]\n"
