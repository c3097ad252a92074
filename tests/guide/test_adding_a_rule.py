"""CONTRIBUTING.md's rule from end to end: its files go into a copy, as they stand there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
CONTRIBUTING = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
WALK = CONTRIBUTING.partition("## One rule from end to end")[2].partition("\n## ")[0]
STEP = re.compile(r"^(?P<said>[^\n]*`:)\n\n```\w+\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
ADDED = re.compile(r"`(?P<file>[^`]+)`, below the line `(?P<line>[^`]+)`:$")
NEW = re.compile(r"`(?P<file>[^`]+)`:$")
TESTS = (
    "tests/functions/test_vectors.py",
    "tests/functions/test_doctests.py",
    "tests/functions/test_registry.py",
    "tests/functions/test_blanks.py",
    "tests/rules/test_parameters.py",
    "tests/checks/test_registry.py",
    "tests/checks/test_smallest_price.py",
)
NAMES = (
    "SMALLESTPRICE or smallest_price or NDQ900 or NASDAQ-EXAMPLE or every_file or below_one_cent"
)


def take_the_steps(checkout: Path) -> list[str]:
    """Write and change files as the text says, in its order; gives their names."""
    taken = []
    for step in STEP.finditer(WALK):
        added = ADDED.search(step["said"])
        if added is None:
            file = NEW.search(step["said"])["file"]
            target = checkout / file
            assert not target.exists(), file
            target.write_text(step["body"], encoding="utf-8")
        else:
            file, line = added["file"], f"{added['line']}\n"
            target = checkout / file
            text = target.read_text(encoding="utf-8")
            assert text.count(line) == 1, f"{file}: {line}"
            target.write_text(text.replace(line, line + step["body"]), encoding="utf-8")
        taken.append(file)
    return taken


def run(checkout: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    copy = tmp_path_factory.mktemp("checkout")
    left_out = shutil.ignore_patterns("__pycache__", "images", "benchmarks", "guide")
    shutil.copytree(CHECKOUT / "xl_compliance", copy / "xl_compliance", ignore=left_out)
    guide = CHECKOUT / "xl_compliance" / "guide"
    pictures = shutil.ignore_patterns("__pycache__", "images")
    shutil.copytree(guide, copy / "xl_compliance" / "guide", ignore=pictures)
    shutil.copytree(CHECKOUT / "tests", copy / "tests", ignore=left_out)
    # Nothing is measured here, but what all tests share names the goals.
    shutil.copytree(CHECKOUT / "tests" / "benchmarks", copy / "tests" / "benchmarks")
    shutil.copy(CHECKOUT / "pyproject.toml", copy)
    return copy


def test_the_steps_are_a_rule_that_passes_its_tests(checkout: Path) -> None:
    taken = take_the_steps(checkout)
    order = [name.split("/")[1] if name.startswith("xl_") else "tests" for name in taken]
    assert list(dict.fromkeys(order)) == ["rules", "functions", "checks", "tests"]

    said = run(checkout, "pytest", "-q", "-k", NAMES, *TESTS)
    assert re.search(r"\d{2,} passed", said), said
    assert not re.search(r"failed|error", said), said

    assert run(checkout, "xl_compliance.cli", "call", "SMALLESTPRICE", "0.009") == "BREACH\n"
    explained = run(checkout, "xl_compliance.cli", "explain", "NDQ900")
    assert "Each official close against the smallest price." in explained

    pages = "from xl_compliance.guide import pages; print(*pages.write(), sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", pages], cwd=checkout, capture_output=True, text=True, check=True
    )
    written = done.stdout.split()
    for page in ("functions/SMALLESTPRICE.md", "checks/NDQ900.md", "rules/NASDAQ-EXAMPLE.md"):
        assert page in written
    assert set(written) >= {"thresholds.md", "functions/index.md", "checks/index.md"}


def test_nothing_of_it_is_in_the_product() -> None:
    for file in STEP.finditer(WALK):
        if not ADDED.search(file["said"]):
            assert not (CHECKOUT / NEW.search(file["said"])["file"]).exists()
