"""Every hostile file through the real command, once: one result each, foreseen, never cleaner."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hostile_bases import packed
from hostile_corpus import BASES, Case, base, corpus

from xl_compliance.cli import main

EXPECTED = Path(__file__).with_name("expected.json")
GRAVE = ("error", "warning")
MEMORY = 1024
Found = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Case]]:
    """The files, in a folder, beside the sound ones that they were made from."""
    folder = tmp_path_factory.mktemp("corpus")
    for name in BASES:
        (folder / f"sound-{name}.xlsx").write_bytes(packed(base(name)))
    found = list(corpus())
    for case in found:
        (folder / case.file).write_bytes(case.content)
    return folder, found


@pytest.fixture(scope="module")
def ran(cases: tuple[Path, list[Case]]) -> tuple[subprocess.CompletedProcess[str], Found]:
    """The command over all of them, in processes with little memory; its report by file."""
    folder, found = cases
    code = "from xl_compliance.cli import main; main()"
    others = sorted({case.file for case in found if not case.file.endswith((".xlsx", ".xlsm"))})
    arguments = ["check", ".", *others, "-o", "report.json", "--max-memory", str(MEMORY)]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments, "--jobs", "2", "--timeout", "60", "--quiet"],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert not report["unchecked"]
    results = {Path(it["path"]).name: it for it in report["workbooks"]}
    assert len(results) == len(report["workbooks"]), "each file once"
    return done, results


def test_there_are_enough_and_each_has_a_name_of_its_own(cases: tuple[Path, list[Case]]) -> None:
    _, found = cases
    names = {case.file for case in found}
    assert len(names) == len(found) >= 300


def test_one_result_each_and_no_traceback(
    cases: tuple[Path, list[Case]], ran: tuple[subprocess.CompletedProcess[str], Found]
) -> None:
    done, results = ran
    assert done.returncode == 2
    assert (done.stdout, done.stderr) == ("", "")
    assert set(results) == {it.file for it in cases[1]} | {f"sound-{name}.xlsx" for name in BASES}


def test_nothing_hangs_swells_or_ends_its_process(
    ran: tuple[subprocess.CompletedProcess[str], Found],
) -> None:
    endings = ("seconds (--timeout)", "more memory", "ended before it was done", "error of this pr")
    for name, result in ran[1].items():
        assert not any(ending in (result["failure"] or "") for ending in endings), name


def test_what_is_said_is_one_printable_line(
    ran: tuple[subprocess.CompletedProcess[str], Found],
) -> None:
    for name, result in ran[1].items():
        said = [result["failure"] or "", *(it["message"] for it in result["findings"])]
        for text in said:
            assert "\n" not in text, name
            assert "Traceback" not in text, name
            assert len(text) < 1_500, (name, text)


QUICK = ("model", "cap", "table", "book")


def test_the_other_commands_end_in_a_line_too(cases: tuple[Path, list[Case]]) -> None:
    folder, found = cases
    runner = CliRunner()
    out = str(folder / "out.xlsx")
    chosen = [it for it in found if it.base in QUICK and it.suffix == ".xlsx"]
    for case in chosen[:: len(chosen) // 100]:
        path = str(folder / case.file)
        for command in (
            ["inspect", path],
            ["refresh", path, "-o", out, "--force"],
            ["convert", path, out, "--to", "lite", "--force"],
            ["excel", "lite", out, "--from", path, "--force"],
        ):
            result = runner.invoke(main, command)
            ended = result.exception is None or isinstance(result.exception, SystemExit)
            assert ended, (case.file, command[0], result.exception)
            assert not list(folder.glob(".*")), "nothing half-written is left"


def _key(finding: dict[str, Any]) -> tuple[str, ...]:
    return tuple(finding[it] for it in ("code", "verdict", "sheet", "cell", "message"))


def _sound(case: Case) -> str:
    if case.base in BASES:
        return f"sound-{case.base}.xlsx"
    return "sound-model.xlsx" if case.name == "a macro sheet beside" else "sound-deal.xlsx"


def _line(case: Case, results: Found) -> str:
    """What is said of a file: why it was not checked, or the first finding that damage added."""
    result = results[case.file]
    if result["failure"]:
        text = result["failure"].removeprefix(f"{case.file}: ").split(". Expected")[0]
        text = re.sub(r"[\d,]+ bytes would", "some bytes would", text)  # zlib packs as it likes
        return re.sub(r"(\(|stopped at )\w+: .*", r"\1...", text)
    before = {_key(it) for it in results[_sound(case)]["findings"]}
    for it in result["findings"]:
        if _key(it) not in before:
            place = f"{it['sheet']}!{it['cell']}"
            return f"{it['code']} {it['verdict']} {place}: {it['message']}"[:160]
    return "as the sound one" if len(result["findings"]) == len(before) else "less is said"


def test_what_is_said_is_what_was_foreseen(
    cases: tuple[Path, list[Case]], ran: tuple[subprocess.CompletedProcess[str], Found]
) -> None:
    said = {case.file: _line(case, ran[1]) for case in cases[1] if case.foreseen}
    if os.environ.get("XLC_UPDATE_GOLDEN"):
        EXPECTED.write_text(
            json.dumps(said, indent=0, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8"
        )
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    assert said == expected


# The part that is lost stands in a comment or is blank: what is read is what the file holds.
NOT_THERE = ("in a comment", "a comment around it", "an instruction for it", " nothing")
BLANK = ("as an empty text", "as spaces")
OTHER_DAY = ("a day of 29 February 1900", "a day four years early")


def _lost(case: Case, results: Found) -> Iterator[tuple[str, str]]:
    """Grave findings of the sound workbook that are gone, with nothing said instead."""
    result, sound = results[case.file], results[_sound(case)]
    before = {_key(it) for it in sound["findings"]}
    new = [it for it in result["findings"] if _key(it) not in before and it["severity"] in GRAVE]
    if result["failure"] or any(it["code"][:3] in ("INP", "FIL", "MDL", "CAP") for it in new):
        return
    kept = {(it["code"], it["sheet"], it["cell"], it["verdict"]) for it in result["findings"]}
    for it in sound["findings"]:
        place = (it["code"], it["sheet"], it["cell"])
        if it["severity"] != "error" or (*place, it["verdict"]) in kept:
            continue
        yield it["code"], next((k[3] for k in kept if k[:3] == place), "gone")


def test_damage_never_makes_a_report_cleaner(
    cases: tuple[Path, list[Case]], ran: tuple[subprocess.CompletedProcess[str], Found]
) -> None:
    for case in cases[1]:
        for code, now in _lost(case, ran[1]):
            excused = case.name.endswith((*NOT_THERE, *BLANK, *OTHER_DAY))
            assert excused, (case.file, code, now)
            assert now in ("NEEDS INPUT", "gone"), (case.file, code, now)
