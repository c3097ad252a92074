"""The XML of a part as a tree. A document that declares a type or entities is refused.

defusedxml refuses it in the middle of parsing, and for that parses in Python. A document type may
stand only before the first element: where nothing does, the parser of the standard library, which
is in C, gives the same tree.
"""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree

from defusedxml.ElementTree import fromstring

_ELEMENT_FIRST: Final = re.compile(
    rb"""(?:\xef\xbb\xbf)?(?:<\?xml version=["']1\.0["'](?: encoding=["']utf-8["'])?"""
    rb"""(?: standalone=["'](?:yes|no)["'])? ?\?>)?\s*<\w""",
    re.IGNORECASE,
)


def parsed(xml: bytes) -> ElementTree.Element:
    """The root of a part. Raises `DefusedXmlException` for a document type, `ParseError`."""
    if _ELEMENT_FIRST.match(xml):
        return ElementTree.fromstring(xml)
    root: ElementTree.Element = fromstring(xml, forbid_dtd=True)
    return root
