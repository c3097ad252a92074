"""The guide as a website: built strictly, and a link that leads nowhere stops it."""

from __future__ import annotations

import shutil
from pathlib import Path

import click
import pytest

from xl_compliance.guide.pages import GUIDE
from xl_compliance.guide.website import build


def test_the_site_is_built_and_needs_no_network(tmp_path: Path) -> None:
    build(tmp_path)
    start = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "Readings chosen" in start
    assert (tmp_path / "functions" / "MINPRICE.html").is_file()
    assert (tmp_path / "images" / "checks-sheet.png").is_file()
    assert 'src="http' not in start
    assert "fonts.googleapis.com" not in start
    assert list(tmp_path.rglob("*.py")) == []


def test_a_link_that_leads_nowhere_stops_it(tmp_path: Path, caplog) -> None:
    pages = tmp_path / "pages"
    shutil.copytree(GUIDE, pages, ignore=shutil.ignore_patterns("*.py", "__pycache__", "site"))
    (pages / "one-more.md").write_text("# A page that the navigation does not name\n")
    index = pages / "index.md"
    wrong = "\n[page](nowhere.md) [heading](words.md#nowhere)\n"
    index.write_text(index.read_text(encoding="utf-8") + wrong, encoding="utf-8")
    with pytest.raises(click.ClickException, match="2 warnings"):
        build(tmp_path / "site", pages)
    said = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert [any(target in line for line in said) for target in ("nowhere.md", "#nowhere")] == [
        True,
        True,
    ]
