"""The guide: pages are what decides, name nothing that is not there, leave nothing out."""

from __future__ import annotations

import os
import re
import shutil
import struct
from datetime import date
from functools import cache
from pathlib import Path

import click
import pytest

from xl_compliance.batch.reference import explanation
from xl_compliance.checks.registry import all_checks
from xl_compliance.cli import main
from xl_compliance.excel.wizard import argument_help
from xl_compliance.functions.documented import paragraphs
from xl_compliance.functions.registry import all_functions, find
from xl_compliance.functions.spellings import bare
from xl_compliance.guide import gallery, pages
from xl_compliance.guide.__main__ import guide
from xl_compliance.guide.commands import every_command
from xl_compliance.guide.formulas import answer, shows
from xl_compliance.guide.markdown import plain, sentence
from xl_compliance.guide.reference import shipped_findings
from xl_compliance.guide.words import ERRORS, MEANINGS
from xl_compliance.rules.parameters import all_rules
from xl_compliance.rules.readings import all_readings

CHECKOUT = Path(__file__).parents[2]
ANEW = "run python -m xl_compliance.guide and review what it changes"
CODES = {check.code for check in all_checks()}
FAMILIES = sorted({code[:3] for code in CODES})
RULES = {rule.id for rule in all_rules()}
OURS = sorted(
    [path.relative_to(pages.GUIDE).as_posix() for path in pages.GUIDE.rglob("*.md")]
    + ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
)
# Names of rules that no parameter file has: what a check is about where no law decides.
NO_LAW = {check.rule for check in all_checks()} - RULES
# Options of other programs that the pages tell to run.
OTHERS = {"--check", "--dist", "--help", "--quiet", "--version"}


@cache
def text_of(name: str) -> str:
    inside = pages.GUIDE / name
    path = inside if inside.is_file() else CHECKOUT / name
    text = path.read_text(encoding="utf-8")
    # The rule that shows how one is added is invented.
    return re.sub(r"## One rule from end to end.*?(?=\n## )", "", text, flags=re.DOTALL)


def test_pages_are_what_the_code_says() -> None:
    assert pages.stale() == [], ANEW


def test_writing_puts_right_what_is_stale_lost_or_left_over(tmp_path: Path) -> None:
    copy = tmp_path / "guide"
    shutil.copytree(pages.GUIDE, copy, ignore=shutil.ignore_patterns("*.py", "*.png"))
    (copy / "functions" / "MINPRICE.md").unlink()
    (copy / "checks" / "NDQ001.md").write_text("by hand\n", encoding="utf-8")
    (copy / "checks" / "NDQ000.md").write_text("of a check that is gone\n", encoding="utf-8")
    wrong = ["checks/NDQ000.md", "checks/NDQ001.md", "functions/MINPRICE.md"]
    assert pages.stale(copy) == pages.write(copy) == wrong
    assert pages.stale(copy) == []
    assert not (copy / "checks" / "NDQ000.md").exists()


# ---------------------------------------------------------------- sections


def sections(name: str) -> list[str]:
    return re.findall(r"^## (.+)$", text_of(name), re.MULTILINE)


@pytest.mark.parametrize("function", all_functions(), ids=lambda it: it.name)
def test_a_function_s_page_has_its_sections(function) -> None:
    wanted = ["Arguments", "Answer", "Formula", "Errors", "Example", "Source", "Left to judgement"]
    assert [it for it in sections(f"functions/{function.name}.md") if it in wanted] == wanted
    text = text_of(f"functions/{function.name}.md")
    assert all(f"| `{argument.name}` |" in text for argument in function.arguments)
    assert all(f"`{word}`" in text for word in function.words)
    examples = text.partition("## Example")[2]
    assert f"={bare(function.name)}(" in examples


@pytest.mark.parametrize("check", all_checks(), ids=lambda it: it.code)
def test_a_check_s_page_has_its_sections(check) -> None:
    text = text_of(f"checks/{check.code}.md")
    assert "In the shipped workbooks" in sections(f"checks/{check.code}.md")
    for said in ("Looks at", "Rule", "Source"):
        assert re.search(rf"^- \*\*{said}\*\* \S", text, re.MULTILINE)


@pytest.mark.parametrize("rule", list(all_rules()), ids=lambda it: it.id)
def test_a_rule_s_page_has_its_sections(rule) -> None:
    wanted = ["What it decides", "Source", "Thresholds"]
    assert [it for it in sections(f"rules/{rule.id}.md") if it in wanted] == wanted
    text = text_of(f"rules/{rule.id}.md")
    for parameter in rule.parameters.values():
        assert all(version.verification in text for version in parameter.versions)


def test_the_thresholds_of_all_rules_are_on_one_page() -> None:
    rows = re.findall(r"^\| \[[A-Z0-9-]+\]\(rules/", text_of("thresholds.md"), re.MULTILINE)
    unverified = re.findall(r"^\| \[[A-Z0-9-]+\]\(rules/", text_of("unverified.md"), re.MULTILINE)
    versions = [v for r in all_rules() for p in r.parameters.values() for v in p.versions]
    assert len(rows) == len(versions)
    assert len(unverified) == sum(it.verification == "unverified" for it in versions) > 0


def test_every_word_that_can_be_answered_has_its_meaning() -> None:
    answered = {word for function in all_functions() for word in function.words}
    found = {finding.verdict for _, finding in shipped_findings()}
    assert (answered | found) - set(MEANINGS) == set()
    errors = {word for f in all_functions() for word in re.findall(r"`(#[A-Z/0!?]+)`", f.document)}
    assert errors <= set(ERRORS)


@pytest.mark.parametrize("function", all_functions(), ids=lambda it: it.name)
def test_the_page_excel_s_help_and_explain_say_the_same(function) -> None:
    page = text_of(f"functions/{function.name}.md")
    said = explanation(function.name, date(2024, 3, 1))
    for argument in function.arguments:
        assert plain(argument_help(argument)) in page
        assert argument.help in said
    for text in (function.summary, *paragraphs(function).values()):
        words = re.sub(r"[^\w]+", " ", text).lower().split()
        assert " ".join(words) in re.sub(r"[^\w]+", " ", said).lower()
    for label, text in paragraphs(function).items():
        if label != "Example":
            assert sentence(text) in page


# ---------------------------------------------------------------- readings


@pytest.mark.parametrize("reading", all_readings(), ids=lambda it: it.id)
def test_a_reading_is_what_the_code_does(reading) -> None:
    assert reading.shown or reading.seen
    assert set(reading.rules) <= RULES
    for each in reading.shown:
        got = answer(each.formula, {})
        got = got if isinstance(got, (bool, int, float, str)) else str(got)
        assert shows(each.answer, got), f"{each.formula} gives {got}"
    for each in reading.seen:
        found = [
            finding
            for name, finding in shipped_findings()
            if name == f"{each.workbook}.xlsx" and finding.code == each.check
        ]
        assert any(it.verdict == each.verdict and each.says in it.message for it in found), each


def test_readings_have_names_of_their_own() -> None:
    ids = [reading.id for reading in all_readings()]
    assert len(set(ids)) == len(ids)


# ---------------------------------------------------------------- what is named


@pytest.mark.parametrize("name", OURS)
def test_a_page_names_nothing_that_is_not_there(name: str) -> None:
    text = text_of(name)
    for function in re.findall(r"=(?:XLC\.)?([A-Z][A-Z0-9_]{3,})\(", text):
        assert find(function), function
    for code in re.findall(rf"\b(?:{'|'.join(FAMILIES)})\d{{3}}\b", text):
        assert code in CODES or find(code), code
    for rule in re.findall(r"\b(?:NASDAQ|TSX|SEC)-[A-Z0-9-]*[A-Z0-9]\b", text):
        assert rule in RULES | NO_LAW, rule
    typed = re.compile(
        r"(?:`|\$ |^)xl-compliance ((?:excel )?[a-z][a-z0-9-]*)([^`\n]*)", re.MULTILINE
    )
    for command, rest in typed.findall(text):
        assert f"xl-compliance {command}" in COMMANDS or command in GROUPS, command
        given = re.findall(r"--[a-z][a-z-]*", rest)
        known = COMMANDS.get(f"xl-compliance {command}", set()) | OTHERS
        assert set(given) <= known, f"{command}: {given}"
    for option in re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", text):
        assert option in EVERY_OPTION | OTHERS, option


def options(command: click.Command) -> set[str]:
    return {
        spelling
        for each in command.params
        if isinstance(each, click.Option)
        for spelling in (*each.opts, *each.secondary_opts)
    }


COMMANDS = {name: options(command) for name, command in every_command()}
GROUPS = {name for name, it in main.commands.items() if isinstance(it, click.Group)}
GROUPS |= {name.removeprefix("xl-compliance ") for name in COMMANDS}
EVERY_OPTION = set().union(*COMMANDS.values(), *map(options, guide.commands.values()))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_on_the_page_of_the_command(name: str) -> None:
    section = text_of("commands.md").partition(f"## {name}\n")[2].partition("\n## ")[0]
    for option in COMMANDS[name]:
        assert re.search(rf"`{re.escape(option)}[ `]", section), option


@pytest.mark.parametrize(
    ("index", "names"),
    [
        ("functions/index.md", {function.name for function in all_functions()}),
        ("checks/index.md", CODES),
        ("rules/index.md", RULES),
    ],
)
def test_an_index_leads_to_every_page(index: str, names: set[str]) -> None:
    assert set(re.findall(r"\(([^()/]+)\.md\)", text_of(index))) == names


# ---------------------------------------------------------------- pictures


def test_pictures_are_there_and_small() -> None:
    files = list(gallery.IMAGES.glob("*.png"))
    assert {it.file for it in gallery.pictures()} <= set(files)
    for file in files:
        assert file.read_bytes().startswith(b"\x89PNG")
        assert file.stat().st_size < gallery.MOST_BYTES
    assert sum(file.stat().st_size for file in files) < 2_000_000


def test_a_picture_is_rendered_anew(tmp_path: Path, monkeypatch) -> None:
    missing = [it for it in ("soffice", "pdftoppm", "convert") if shutil.which(it) is None]
    if missing and os.environ.get("CI") != "true":
        pytest.skip(f"{', '.join(missing)} not installed")
    monkeypatch.chdir(tmp_path)
    picture = next(it for it in gallery.PICTURES if it.name == "deal-model")
    gallery.render(picture, tmp_path / "picture.png")
    made = (tmp_path / "picture.png").read_bytes()
    width, height = struct.unpack(">II", made[16:24])
    assert made.startswith(b"\x89PNG")
    assert width > height > 200
    assert 10_000 < len(made) < gallery.MOST_BYTES


def test_every_picture_is_shown_somewhere() -> None:
    shown = {
        Path(it).name for name in OURS for it in re.findall(r"!\[.*?\]\((.*?)\)", text_of(name))
    }
    assert {file.name for file in gallery.IMAGES.iterdir()} <= shown
