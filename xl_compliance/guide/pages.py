"""All pages of the guide, and whether those that are there are what they should be.

Written pages are output and nothing else. Pages that a person wrote are left alone here; the
blocks of the start page and of the tutorials are run by `tutorials`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from xl_compliance.excel import which_one
from xl_compliance.guide.commands import commands_page
from xl_compliance.guide.gallery import gallery_page
from xl_compliance.guide.lawyers import lawyers_pages
from xl_compliance.guide.reference import reference_pages
from xl_compliance.guide.words import words_page

GUIDE: Final = Path(__file__).parent
_REFERENCE: Final = ("functions", "checks", "rules")
"""Folders in which every page is written, so that one of what is gone is left over."""


@cache
def written_pages() -> Mapping[str, str]:
    """Every page that is written from what decides, by its path in the guide."""
    return dict(_written())


def _written() -> Iterator[tuple[str, str]]:
    yield from reference_pages()
    yield from lawyers_pages()
    yield "words.md", words_page()
    yield "commands.md", commands_page()
    yield "which-one.md", which_one.page()
    yield "gallery.md", gallery_page()


def stale(guide: Path = GUIDE) -> list[str]:
    """The pages that are not what they should be, or should not be there."""
    wanted = written_pages()
    wrong = [name for name, text in wanted.items() if _text(guide / name) != text]
    there = {path for folder in _REFERENCE for path in (guide / folder).glob("*.md")}
    left_over = {path.relative_to(guide).as_posix() for path in there} - set(wanted)
    return sorted([*wrong, *left_over])


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def write(guide: Path = GUIDE) -> list[str]:
    """Write every page that is stale and remove those of what is gone; gives their names."""
    wanted = written_pages()
    changed = stale(guide)
    for name in changed:
        path = guide / name
        if name not in wanted:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[name], encoding="utf-8", newline="\n")
    return changed
