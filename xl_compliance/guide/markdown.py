"""Text as Markdown: tables, links, and what is no markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

_MARKS: Final = re.compile(r"[\\`*]|(?<!\w)_|_(?!\w)|\](?=[\[(])")
_TAG: Final = re.compile(r"<(?=[\w/!?])")
_NO_ANCHOR: Final = re.compile(r"[^\w -]")
_CODE: Final = re.compile(r"(`[^`]*`)")


def plain(text: str) -> str:
    """A text in which nothing is markup.

    >>> plain("a_b <c> < 2 * 3")
    'a_b &lt;c> < 2 \\\\* 3'
    """
    return _TAG.sub("&lt;", _MARKS.sub(r"\\\g<0>", text))


def prose(text: str) -> str:
    """A docstring's text: code between backticks stays code, all else is plain.

    >>> prose("`a*b` for 2 * 3")
    '`a*b` for 2 \\\\* 3'
    """
    parts = _CODE.split(text)
    return "".join(part if part.startswith("`") else plain(part) for part in parts)


def sentence(text: str) -> str:
    """A docstring's text as a paragraph of its own: it begins with a capital, ends with a stop.

    >>> sentence("none but this"), sentence("`#N/A` where none")
    ('None but this.', '`#N/A` where none.')
    """
    marked = prose(" ".join(text.split()))
    stopped = marked if marked.endswith((".", "?", "!")) else f"{marked}."
    return stopped[:1].upper() + stopped[1:]


def code(text: str) -> str:
    """A text as code."""
    return f"`{text}`" if text else ""


def link(text: str, target: str) -> str:
    """A link to a page."""
    return f"[{text}]({target})"


def anchor(heading: str) -> str:
    """What a link to a heading ends with, on the website and where the file is shown.

    >>> anchor("A market price, between the bands of section 607(e)")
    'a-market-price-between-the-bands-of-section-607e'
    """
    return _NO_ANCHOR.sub("", heading.lower()).replace(" ", "-")


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table, and the blank line behind it; nothing where there are no rows."""
    lines = [_row(row) for row in rows]
    if lines:
        yield from (_row(headers), _row(["---"] * len(headers)), *lines, "")


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in cells)} |"


def section(title: str, lines: Iterable[str], level: int = 2) -> Iterator[str]:
    """A headed part of a page, left out where it has no lines."""
    body = list(lines)
    if body:
        yield from (f"{'#' * level} {title}", "", *body)
        if body[-1]:
            yield ""


def page(title: str, *parts: Iterable[str]) -> str:
    """A page: its title, and its parts one below the other."""
    lines = [f"# {title}", ""]
    for part in parts:
        lines += part
    return "\n".join(lines).rstrip("\n") + "\n"
