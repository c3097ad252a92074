"""Small parts are parsed in C where they declare nothing: the same tree, the same refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from hypothesis import example, given
from hypothesis import strategies as st

from xl_compliance.workbook import xml_parts
from xl_compliance.workbook.xml_parts import parsed

SHIPPED = sorted((Path(__file__).parents[2] / "workbooks").glob("*.xlsx"))
HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
DOCTYPE = "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>"
STARTS = (
    "",
    "\ufeff",
    HEAD.decode(),
    "<?xml version='1.0' encoding='utf-8'?>",
    '<?xml version="1.0" encoding="us-ascii"?>',
    '<?xml version="1.0" encoding="iso-8859-1"?>',
    '<?xml version="1.0" encoding="cp037"?>',
    '<?xml version="1.0" encoding="utf-7"?>',
    '<?xml version="1.0" encoding="utf-16"?>',
    '<?xml version="1.1"?>',
    "<?other?>",
)
PIECES = (
    "<a>", "</a>", "<b x='1' y=\"&lt;2\"/>", '<p:b xmlns:p="urn:p" p:x="1">', "</p:b>",
    '<c xmlns="urn:d">', "</c>", "text", " é ", "&amp;", "&#65;", "&#x0;", "&e;", "<![CDATA[x]]>",
    "<!-- y -->", "<?z?>", DOCTYPE, "<!DOCTYPE", "<!", "<", "&", "]]>", "\x00", "\r\n", "a='1'",
)  # fmt: skip


def flat(root: Any) -> list[Any]:
    return [
        (it.tag, it.text, it.tail, list(it.attrib.items()), len(it))
        for it in root.iter()
        if isinstance(it.tag, str)
    ]


def outcome(parse: Any, xml: bytes) -> Any:
    """The tree, or how it is refused."""
    try:
        return flat(parse(xml))
    except Exception as problem:
        return type(problem).__name__, str(problem)


def plainly(xml: bytes) -> Any:
    return fromstring(xml, forbid_dtd=True)


@given(
    st.sampled_from(STARTS),
    st.lists(st.sampled_from(PIECES), max_size=9),
    st.sampled_from(("utf-8", "utf-8", "utf-16", "utf-16-le", "latin-1")),
)
@example("", [DOCTYPE], "utf-16-le")
@example("", [DOCTYPE], "utf-8")
def test_every_document_gives_the_tree_or_the_refusal_of_the_parser_in_python(
    start, pieces, coding
):
    xml = (start + "".join(pieces)).encode(coding, "replace")
    for each in (xml, f"{start}<r>{''.join(pieces)}</r>".encode(coding, "replace")):
        assert outcome(parsed, each) == outcome(plainly, each)


@given(st.binary(max_size=40), st.integers(0, 600), st.integers(0, 4))
def test_bytes_put_anywhere_into_a_part_change_neither(noise, place, length):
    xml = HEAD + b'<a xmlns="urn:a"><b c="1">' + "é".encode() * 200 + b"</b></a>"
    spoilt = xml[:place] + noise + xml[place + length :]
    assert outcome(parsed, spoilt) == outcome(plainly, spoilt)


@pytest.mark.parametrize("book", SHIPPED, ids=lambda it: it.name)
def test_every_part_of_a_shipped_workbook_gives_the_same_tree(book):
    with ZipFile(book) as archive:
        parts = [archive.read(it) for it in archive.namelist() if it.endswith((".xml", ".rels"))]
    for xml in parts:
        assert xml_parts._ELEMENT_FIRST.match(xml)
        assert flat(parsed(xml)) == flat(plainly(xml))


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_a_document_type_is_refused_in_every_encoding(coding):
    with pytest.raises(DefusedXmlException):
        parsed(DOCTYPE.encode(coding))
