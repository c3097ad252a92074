"""The guide as a website: MkDocs with Material, built strictly and readable from a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

from xl_compliance.guide.pages import GUIDE

CONFIGURATION: Final = Path(__file__).parent / "site" / "mkdocs.yml"


def build(folder: Path, pages: Path = GUIDE) -> None:
    """Build the pages into a folder; every link must lead to a page and heading that are there."""
    try:
        from mkdocs.commands.build import build as built
        from mkdocs.config import load_config
        from mkdocs.exceptions import Abort
    except ModuleNotFoundError:
        raise click.ClickException(
            "MkDocs is not installed: pip install mkdocs mkdocs-material"
        ) from None
    config = load_config(
        str(CONFIGURATION),
        site_dir=str(folder.resolve()),
        docs_dir=str(pages.resolve()),
        strict=True,
    )
    navigation = list(config.nav or ())
    config.nav = [*navigation, *_elsewhere(navigation, pages)]
    try:
        config.plugins.on_startup(command="build", dirty=False)
        built(config)
    except Abort as problem:
        raise click.ClickException(f"the guide was not built: {problem}") from None
    finally:
        config.plugins.on_shutdown()


def _elsewhere(navigation: Any, pages: Path) -> list[Any]:
    """Pages beside the start page that the navigation does not name, under a heading of theirs."""
    named = set(_files(navigation))
    others = sorted(path.name for path in pages.glob("*.md") if path.name not in named)
    return [{"More": others}] if others else []


def _files(navigation: Any) -> Iterator[str]:
    if isinstance(navigation, str):
        yield navigation
    elif navigation:
        below = navigation.values() if isinstance(navigation, dict) else navigation
        for entry in below:
            yield from _files(entry)
