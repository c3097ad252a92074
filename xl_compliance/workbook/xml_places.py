"""Where the elements of an XML part stand, in bytes, so that something can be put between them.

A part is never written out anew: whatever is not understood stays as it was. What is put in is
ASCII with character references, which is right under every encoding but UTF-16.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

_TAG = re.compile(rb"""<[^\s/>"']+(?:[^"'>]|"[^"]*"|'[^']*')*>""")
_WRITTEN_NAME = re.compile(rb"<([^\s/>]+)")


class UnusualXml(Exception):
    """XML that nothing can be put into; the message says what it is."""


@dataclass(slots=True)
class Node:
    """An element and its byte offsets: the whole, and what is between its tags.

    `written` is its name with the prefix that the file uses, `scope` maps prefixes to namespaces.
    """

    namespace: str
    name: str
    written: str
    attributes: dict[str, str]
    scope: Mapping[str, str]
    start: int
    open_end: int
    inner_end: int = 0
    end: int = 0
    children: list[Node] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        """The prefix with its colon, or nothing."""
        prefix, colon, _ = self.written.rpartition(":")
        return prefix + colon

    @property
    def closes_itself(self) -> bool:
        """Whether it is written as `<name/>`."""
        return self.end == self.open_end

    def child(self, name: str) -> Node | None:
        """The first child of that name."""
        return next(self.named(name), None)

    def named(self, name: str) -> Iterator[Node]:
        """The children of that name."""
        return (child for child in self.children if child.name == name)

    def attribute(self, name: str) -> str:
        """An attribute by its local name, whatever its namespace."""
        return next(
            (value for key, value in self.attributes.items() if key.rpartition(" ")[2] == name), ""
        )


def mapped(xml: bytes, depth: int = 99) -> Node:
    """The element tree of a part down to a depth. Raises `UnusualXml`."""
    if xml.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in xml[:8]:
        raise UnusualXml("its XML is written in UTF-16")
    return _Mapper(xml, depth).root()


class _Mapper:
    def __init__(self, xml: bytes, depth: int) -> None:
        self._xml = xml
        self._deepest = depth
        self._below = 0
        self._path: list[Node] = []
        self._root: Node | None = None
        self._scopes: list[dict[str, str]] = [{}]
        self._declared: dict[str, str] = {}
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartNamespaceDeclHandler = self._declare
        self._parser.StartDoctypeDeclHandler = self._doctype

    def root(self) -> Node:
        try:
            self._parser.Parse(self._xml, True)
        except expat.ExpatError as problem:
            raise UnusualXml(f"its XML is damaged ({problem})") from None
        assert self._root is not None, "a document that expat accepts has a root"
        return self._root

    def _doctype(self, *_: object) -> None:
        raise UnusualXml("its XML declares a document type, which no workbook may")

    def _declare(self, prefix: str | None, uri: str | None) -> None:
        self._declared[prefix or ""] = uri or ""

    def _start(self, full_name: str, attributes: dict[str, str]) -> None:
        scope = {**self._scopes[-1], **self._declared} if self._declared else self._scopes[-1]
        self._declared = {}
        if self._below or len(self._path) >= self._deepest:
            self._below += 1
            return
        self._scopes.append(scope)
        start = self._parser.CurrentByteIndex
        tag, written = _TAG.match(self._xml, start), _WRITTEN_NAME.match(self._xml, start)
        assert tag is not None, "expat has accepted the XML, so a tag starts here"
        assert written is not None, "expat has accepted the XML, so a name starts here"
        namespace, _, name = full_name.rpartition(" ")
        node = Node(
            namespace, name, written[1].decode("utf-8"), attributes, scope, start, tag.end()
        )
        if self._path:
            self._path[-1].children.append(node)
        else:
            self._root = node
        self._path.append(node)

    def _end(self, _name: str) -> None:
        if self._below:
            self._below -= 1
            return
        node = self._path.pop()
        self._scopes.pop()
        if self._xml[node.open_end - 2 : node.open_end] == b"/>":
            node.inner_end = node.end = node.open_end
            return
        node.inner_end = self._parser.CurrentByteIndex
        node.end = self._xml.index(b">", node.inner_end) + 1


class Splices:
    """What is to be put into a part, and where."""

    def __init__(self, xml: bytes) -> None:
        self._xml = xml
        self._pieces: list[tuple[int, int, int, bytes]] = []

    def put(self, place: int, text: str, until: int | None = None) -> None:
        """Put text in at a place, in the order of the calls, or in place of what stands there."""
        content = text.encode("ascii", "xmlcharrefreplace")
        end = place if until is None else until
        self._pieces.append((place, len(self._pieces), end, content))

    def append_to(self, node: Node, text: str) -> None:
        """Put text in as the last that an element holds."""
        if node.closes_itself:
            self.put(node.open_end - 2, f">{text}</{node.written}>", until=node.open_end)
        else:
            self.put(node.inner_end, text)

    def set_count(self, node: Node, count: int) -> None:
        """Set the attribute `count`, if the element has one."""
        tag = self._xml[node.start : node.open_end]
        match = re.search(rb"""\scount\s*=\s*(["'])[^"']*\1""", tag)
        if match:
            start = node.start + match.start()
            self.put(start, f' count="{count}"', until=node.start + match.end())

    def done(self) -> bytes:
        """The part with everything put in."""
        pieces = []
        position = 0
        for start, _, end, content in sorted(self._pieces):
            pieces += [self._xml[position:start], content]
            position = end
        return b"".join([*pieces, self._xml[position:]])


def prefixed(xml: str, prefix: str) -> str:
    """A piece of XML of ours with the prefix that the file uses for such elements.

    >>> prefixed('<font><b/></font>', "x:")
    '<x:font><x:b/></x:font>'
    """
    return re.sub(r"<(/?)(?=[A-Za-z])", rf"<\1{prefix}", xml) if prefix else xml


def outline(xml: bytes) -> Node:
    """The root of a worksheet and its children, without walking through its cells.

    The cells are left out, what stands before and after them is mapped, and the offsets behind
    them are moved back to where they are in the part.
    """
    opening = re.search(rb"<(?:[\w.-]+:)?sheetData(?:\s[^>]*)?>", xml)
    closing = list(re.finditer(rb"</(?:[\w.-]+:)?sheetData\s*>", xml[-_END_OF_SHEET:]))
    if opening is None or opening[0].endswith(b"/>") or not closing:
        return mapped(xml, 4)
    cut = max(0, len(xml) - _END_OF_SHEET) + closing[-1].start()
    left_out = cut - opening.end()
    try:
        root = mapped(xml[: opening.end()] + xml[cut:], 4)
    except UnusualXml:  # the words stood in a comment, or the part is damaged
        return mapped(xml, 4)
    for node in _all_below(root):
        for name in ("start", "open_end", "inner_end", "end"):
            place = getattr(node, name)
            inside = node.name == "sheetData" and name == "inner_end"
            if place > opening.end() or inside:
                setattr(node, name, place + left_out)
    return root


_END_OF_SHEET = 4_000_000  # what follows the cells of a sheet: formats, links, validations


def _all_below(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _all_below(child)
