"""The XML of a part as a tree. A document that declares a type or entities is refused.

defusedxml refuses it in the middle of parsing, and for that parses in Python. A document that can
hold no declaration, as nearly every part, is left to the parser of the standard library in C.
"""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree

from defusedxml.ElementTree import fromstring

_UTF_8: Final = re.compile(
    rb"""(?:\xef\xbb\xbf)?(?:<\?xml version=["']1\.0["'](?: encoding=["']utf-8["'])?"""
    rb"""(?: standalone=["'](?:yes|no)["'])? ?\?>)?\s*<\w""",
    re.IGNORECASE,
)


def parsed(xml: bytes) -> ElementTree.Element:
    """The root of a part. Raises `DefusedXmlException` for a document type, `ParseError`."""
    if _declares_nothing(xml):
        try:
            return ElementTree.fromstring(xml)
        except ElementTree.ParseError:
            pass  # told below, as of every other part
    root: ElementTree.Element = fromstring(xml, forbid_dtd=True)
    return root


def _declares_nothing(xml: bytes) -> bool:
    """Whether it is in UTF-8 by all that it says of itself, and no declaration begins in it."""
    return b"<!" not in xml and b"\x00" not in xml and _UTF_8.match(xml) is not None
