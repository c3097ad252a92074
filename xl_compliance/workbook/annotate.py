"""Annotated copies: a sheet of findings and notes in cells, everything else byte for byte.

The copy is made by adding parts to the package. The few parts that must know of them are changed
by putting bytes in between: the list of content types, the workbook and its relations, the
styles (new ones at the end, none renumbered), and a sheet that gets its first note. The new
sheet stands last and is not selected: other sheets are known by their position.

A note is left out, and the sheet says so, where the cell has a threaded comment (Excel keeps a
note of its own there), lies far outside what the sheet holds, or is on no worksheet.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from xl_compliance.workbook.cached_values import same_file
from xl_compliance.workbook.package_copy import CannotCopy, PackageCopy
from xl_compliance.workbook.snapshot import (
    Package,
    SheetPart,
    UnreadableWorkbook,
    failures_told,
    format_address,
    open_package,
    parse_address,
)
from xl_compliance.workbook.versions import Version, refuse_another
from xl_compliance.workbook.xml_places import (
    Node,
    Splices,
    UnusualXml,
    mapped,
    outline,
    prefixed,
)

SHEET_NAME: Final = "Compliance"
AUTHOR: Final = "xl-compliance"
SHEET_PART: Final = "xl-compliance-findings.xml"
"""The part that holds the sheet; by its name an annotated copy is known."""

_TRANSITIONAL: Final = "http://schemas.openxmlformats.org/"
_RELATIONSHIPS: Final = "officeDocument/2006/relationships"
_PACKAGE_RELATIONSHIPS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_SPREADSHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_TYPES: Final = {
    "worksheet": f"{_SPREADSHEET}.worksheet+xml",
    "comments": f"{_SPREADSHEET}.comments+xml",
    "styles": f"{_SPREADSHEET}.styles+xml",
    "vmlDrawing": "application/vnd.openxmlformats-officedocument.vmlDrawing",
}
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_LONGEST_NOTE: Final = 30_000
_LONGEST_TEXT: Final = 32_767
_ALWAYS_NEAR: Final = (1_000, 100)
_MOST_SHEET_ID: Final = 65_534
_SHAPES_A_BLOCK: Final = 1_024


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the sheet: its fields, how grave it is, its cell, and the note for that cell.

    `severity` is `error`, `warning`, `note` or `ok`; a blank note puts none into the cell.
    """

    severity: str
    fields: tuple[str, ...]
    sheet: str
    cell: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Annotated:
    """What was done: the new sheet, the cells with a note, those left out and why, warnings."""

    sheet: str
    noted: tuple[str, ...]
    skipped: Mapping[str, str]
    warnings: tuple[str, ...]


def is_annotated(path: Path) -> bool:
    """Whether a file is a copy made here, which a later one may take the place of."""
    try:
        with open_package(path) as package:
            return any(it.endswith(SHEET_PART) for it in package.archive.namelist())
    except UnreadableWorkbook:
        return False


def annotate(
    source: Path,
    target: Path,
    heading: Sequence[str],
    header: Sequence[str],
    entries: Sequence[Entry],
    version: Version | None = None,
) -> Annotated:
    """Write a copy of a workbook with a sheet of findings and notes in their cells.

    `heading` are lines above the table, `header` the names of its columns; the cell and what
    became of its note follow the columns of the entries.

    `version` is the one that the findings are about. Raises `UnreadableWorkbook` for a source that
    is no workbook, is another version, or of which no copy can be made, and `ValueError` where the
    target is the source or a file that is no such copy.
    """
    if target.exists() and (same_file(source, target) or not is_annotated(target)):
        raise ValueError(f"{target} is there already and is no annotated copy: name another folder")
    with open_package(source) as package, failures_told(source):
        refuse_another(source, version)
        try:
            return _Annotator(package).annotate(target, heading, header, entries)
        except (CannotCopy, UnusualXml) as problem:
            raise UnreadableWorkbook(
                source,
                f"no annotated copy can be made: {problem}",
                "a workbook as Excel saves it",
                "Open it in Excel, save it under a new name and annotate that copy",
            ) from None


class _Annotator:
    """One package on its way to an annotated copy."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._copy = PackageCopy(package)
        self._workbook = package.workbook_part
        self._folder = posixpath.dirname(self._workbook)
        self._root = mapped(self._copy.read(self._workbook), 3)
        strict = "purl.oclc.org" in self._root.namespace
        base = "http://purl.oclc.org/ooxml/" if strict else _TRANSITIONAL
        self._relations = base + ("officeDocument/relationships" if strict else _RELATIONSHIPS)
        self._notes = _Notes(self)
        if any(name.lower().startswith("xl/revisions/") for name in self._copy.names()):
            raise CannotCopy("it is a shared workbook with a log of its sheets")

    @property
    def package(self) -> Package:
        return self._package

    @property
    def copy(self) -> PackageCopy:
        return self._copy

    @property
    def namespace(self) -> str:
        return self._root.namespace

    def annotate(
        self, target: Path, heading: Sequence[str], header: Sequence[str], entries: Sequence[Entry]
    ) -> Annotated:
        noted, skipped = self._notes.put(entries)
        styles = self._styles()
        rows = _sheet(self.namespace, styles, heading, header, entries, noted, skipped)
        name = self._add_sheet(rows)
        self._copy.save(target)
        return Annotated(name, tuple(noted), skipped, tuple(self._warnings()))

    def _warnings(self) -> Iterator[str]:
        names = [name.lower() for name in self._copy.names()]
        if any(name.startswith("_xmlsignatures/") for name in names):
            yield "it is digitally signed: the copy's signature is no longer valid"
        if any("vbaprojectsignature" in name for name in names):
            yield "its macros are signed: Excel may ask about them anew"
        protection = self._root.child("workbookProtection")
        if protection is not None and protection.attribute("lockStructure") in ("1", "true"):
            yield "its structure is protected: the added sheet stays until the password is given"

    # -------------------------------------------------------- parts, relations, types

    def free_name(self, pattern: str) -> str:
        """The first name of that pattern which no part has."""
        number = 1
        while self._copy.has(pattern.format(number)):
            number += 1
        return pattern.format(number)

    def in_folder(self, name: str) -> str:
        """The name of a part beside the workbook's."""
        return posixpath.join(self._folder, name)

    def relate(self, part: str, kind: str, target: str) -> str:
        """Let a part point to another, and give the id of that."""
        folder, name = posixpath.split(part)
        listing = posixpath.join(folder, "_rels", f"{name}.rels")
        where = quoteattr(posixpath.relpath(target, folder or "."))
        relation = f'Relationship Id="{{}}" Type="{self._relations}/{kind}" Target={where}/>'
        if not self._copy.has(listing):
            whole = f'<Relationships xmlns="{_PACKAGE_RELATIONSHIPS}"><{relation}</Relationships>'
            self._copy.write(listing, (_XML + whole.format("rId1")).encode())
            return "rId1"
        xml = self._copy.read(listing)
        root = mapped(xml, 2)
        used = {child.attribute("Id").lower() for child in root.children}
        number = len(used) + 1
        while f"rid{number}" in used:
            number += 1
        splices = Splices(xml)
        splices.append_to(root, f"<{root.prefix}{relation.format(f'rId{number}')}")
        self._copy.write(listing, splices.done())
        return f"rId{number}"

    def declare(self, part: str, kind: str) -> None:
        """Say in the list of content types what a part is."""
        listing = "[Content_Types].xml"
        xml = self._copy.read(listing)
        root = mapped(xml, 2)
        ending = part.rpartition(".")[2].lower()
        for child in root.named("Default"):
            same = child.attribute("ContentType").lower() == _TYPES[kind].lower()
            if same and child.attribute("Extension").lower() == ending:
                return
        splices = Splices(xml)
        name = quoteattr(f"/{part}")
        override = f'Override PartName={name} ContentType="{_TYPES[kind]}"/>'
        splices.append_to(root, f"<{root.prefix}{override}")
        self._copy.write(listing, splices.done())

    def relation_id(self, scope: Mapping[str, str]) -> tuple[str, str]:
        """The prefix for relation ids, and its declaration where none is in force."""
        for prefix, uri in scope.items():
            if prefix and uri == self._relations:
                return prefix, ""
        return "r", f' xmlns:r="{self._relations}"'

    # -------------------------------------------------------- the sheet

    def _add_sheet(self, xml: str) -> str:
        part = self.free_name(self.in_folder("worksheets/{}-" + SHEET_PART))
        self._copy.write(part, xml.encode("ascii", "xmlcharrefreplace"))
        self.declare(part, "worksheet")
        key = self.relate(self._workbook, "worksheet", part)
        sheets = self._root.child("sheets")
        if sheets is None:
            raise CannotCopy("it lists no sheets")
        listed = list(sheets.named("sheet"))
        name = _free_sheet_name({it.attribute("name").casefold() for it in listed})
        used = {int(it.attribute("sheetId") or 0) for it in listed}
        following = max(used, default=0) + 1
        if following > _MOST_SHEET_ID:
            following = next(it for it in range(1, _MOST_SHEET_ID) if it not in used)
        prefix, declaration = self.relation_id(sheets.scope)
        splices = Splices(self._copy.read(self._workbook))
        splices.append_to(
            sheets,
            f"<{sheets.prefix}sheet{declaration} name={quoteattr(name)} "
            f'sheetId="{following}" {prefix}:id="{key}"/>',
        )
        self._copy.write(self._workbook, splices.done())
        return name

    # -------------------------------------------------------- styles

    def _styles(self) -> dict[str, int]:
        """Append the styles of the sheet, and give their numbers."""
        part = next(
            (it.part for it in self._package.relations(self._workbook) if it.kind == "styles"), ""
        )
        if not part or not self._copy.has(part):
            usual = self.in_folder("styles.xml")
            part = (
                self.free_name(self.in_folder("styles{}.xml")) if self._copy.has(usual) else usual
            )
            self._copy.write(part, (_XML + _STYLES.format(self.namespace)).encode())
            self.declare(part, "styles")
            self.relate(self._workbook, "styles", part)
        xml = self._copy.read(part)
        root = mapped(xml, 3)
        splices = Splices(xml)
        font = _appended(splices, root, "fonts", _FONTS)
        fill = _appended(splices, root, "fills", _FILLS)
        formats = [
            f'<xf numFmtId="0" fontId="{font + its_font}" fillId="{fill + its_fill}" borderId="0" '
            'quotePrefix="1" applyFont="1" applyFill="1" applyAlignment="1">'
            f'<alignment vertical="top" wrapText="{int(wrap)}"/></xf>'
            for its_font, its_fill, wrap in _FORMATS.values()
        ]
        first = _appended(splices, root, "cellXfs", formats)
        self._copy.write(part, splices.done())
        return {name: first + number for number, name in enumerate(_FORMATS)}


_STYLES: Final = (
    '<styleSheet xmlns="{}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font>'
    '</fonts><fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="1"><xf xfId="0"/></cellXfs></styleSheet>'
)
_ORDER_OF_STYLES: Final = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs")


def _font(colour: str, size: int = 10, more: str = "") -> str:
    return (
        f'<font>{more}<sz val="{size}"/><color rgb="FF{colour}"/><name val="Calibri"/>'
        '<family val="2"/></font>'
    )


def _fill(colour: str) -> str:
    return (
        f'<fill><patternFill patternType="solid"><fgColor rgb="FF{colour}"/>'
        '<bgColor indexed="64"/></patternFill></fill>'
    )


_FONTS: Final = [
    _font("FFFFFF", more="<b/>"),
    _font("1B2430"),
    _font("0B57A4", more="<u/>"),
    _font("1F3864", 14, "<b/>"),
    _font("9C1C14", more="<b/>"),
    _font("7A4F00", more="<b/>"),
    _font("1F4E8C", more="<b/>"),
    _font("1A5C38", more="<b/>"),
]
_NO_FILL: Final = '<fill><patternFill patternType="none"/></fill>'
_FILLS: Final = [
    _NO_FILL,
    *map(_fill, ("1F3864", "FBE3E1", "FDF0D0", "E4EDF9", "E1F3E8")),
]
# What a list must start with where a workbook has none: cells without a style have these.
_FIRST_STYLES: Final = {
    "fonts": ['<font><sz val="11"/><name val="Calibri"/></font>'],
    "fills": [_NO_FILL, '<fill><patternFill patternType="gray125"/></fill>'],
    "cellXfs": ["<xf/>"],
}
# Font and fill by their place above, and whether text is wrapped.
_FORMATS: Final = {
    "header": (0, 1, False),
    "text": (1, 0, True),
    "line": (1, 0, False),
    "link": (2, 0, False),
    "title": (3, 0, False),
    "error": (4, 2, False),
    "warning": (5, 3, False),
    "note": (6, 4, False),
    "ok": (7, 5, False),
}


def _appended(splices: Splices, root: Node, name: str, items: Sequence[str]) -> int:
    """Append to a list of styles; gives the number of the first that was appended."""
    body = prefixed("".join(items), root.prefix)
    found = root.child(name)
    if found is not None:
        before = len(found.children)
        splices.append_to(found, body)
        splices.set_count(found, before + len(items))
        return before
    earlier = [
        node
        for each in _ORDER_OF_STYLES[: _ORDER_OF_STYLES.index(name)]
        if (node := root.child(each))
    ]
    if root.closes_itself:
        raise CannotCopy("its styles are empty")
    tag = f"{root.prefix}{name}"
    place = earlier[-1].end if earlier else root.open_end
    base = _FIRST_STYLES[name]
    count = len(base) + len(items)
    body = prefixed("".join(base), root.prefix) + body
    splices.put(place, f'<{tag} count="{count}">{body}</{tag}>')
    return len(base)


def _free_sheet_name(used: set[str]) -> str:
    name, number = SHEET_NAME, 1
    while name.casefold() in used:
        number += 1
        name = f"{SHEET_NAME} ({number})"
    return name


# ---------------------------------------------------------------- notes


class _Notes:
    """The notes of all sheets."""

    def __init__(self, owner: _Annotator) -> None:
        self._owner = owner

    def put(self, entries: Sequence[Entry]) -> tuple[list[str], dict[str, str]]:
        """Put the notes in: the cells that have one now, and those left out with the reason."""
        noted: list[str] = []
        skipped: dict[str, str] = {}
        sheets = {it.name.casefold(): it for it in self._owner.package.sheets}
        wanted: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for entry in entries:
            if entry.note and entry.cell:
                wanted[entry.sheet][_plain(entry.cell)].append(entry.note)
        for name, notes in wanted.items():
            sheet = sheets.get(name.casefold())
            if sheet is None:
                skipped.update({f"{name}!{cell}": "no worksheet of that name" for cell in notes})
                continue
            texts = {cell: "\n\n".join(each)[:_LONGEST_NOTE] for cell, each in notes.items()}
            for cell, why in self._on_sheet(sheet, texts):
                place = f"{name}!{cell}"
                if why:
                    skipped[place] = why
                else:
                    noted.append(place)
        return noted, skipped

    def _on_sheet(self, sheet: SheetPart, texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """Put in the notes of one sheet; gives each cell, and why its note was left out."""
        copy, part = self._owner.copy, self._owner.package.member(sheet.part)
        relations = self._owner.package.relations(part)
        threaded = _threaded(copy, [it.part for it in relations if it.kind == "threadedComment"])
        xml = copy.read(part)
        fits: dict[str, str] = {}
        for cell, text in texts.items():
            why = _why_not(cell, threaded, xml)
            if not why:
                fits[cell] = text
            yield cell, why
        if not fits:
            return
        comments = next((it.part for it in relations if it.kind == "comments"), "")
        if comments and copy.has(comments):
            fresh = self._extend_comments(comments, fits)
        else:
            fresh = list(fits)
            self._new_comments(part, fits)
        if not fresh:
            return
        root = outline(xml)
        drawing = root.child("legacyDrawing")
        if drawing is None:
            self._new_drawing(part, xml, root, fresh)
            return
        key = drawing.attribute("id")
        shapes = next((it.part for it in relations if it.id == key), "")
        if not shapes or not copy.has(shapes):
            raise CannotCopy(f"the drawing of notes on {sheet.name} is missing")
        copy.write(shapes, self._extended_drawing(copy.read(shapes), fresh))

    def _new_comments(self, part: str, texts: Mapping[str, str]) -> None:
        owner = self._owner
        comments = owner.free_name(owner.in_folder("comments{}.xml"))
        body = "".join(_comment(cell, 0, texts[cell]) for cell in sorted(texts, key=parse_address))
        xml = (
            f'{_XML}<comments xmlns="{owner.namespace}"><authors><author>{AUTHOR}</author>'
            f"</authors><commentList>{body}</commentList></comments>"
        )
        owner.copy.write(comments, xml.encode("ascii", "xmlcharrefreplace"))
        owner.declare(comments, "comments")
        owner.relate(part, "comments", comments)

    def _extend_comments(self, comments: str, texts: Mapping[str, str]) -> list[str]:
        """Add to a sheet's notes; gives the cells that had none, which need a shape.

        A cell has one note, or Excel repairs the file: an older one is continued.
        """
        xml = self._owner.copy.read(comments)
        root = mapped(xml)
        authors, listed = root.child("authors"), root.child("commentList")
        if authors is None or listed is None:
            raise CannotCopy("its notes are not listed as Excel does")
        splices = Splices(xml)
        splices.append_to(authors, prefixed(f"<author>{AUTHOR}</author>", root.prefix))
        author = len(list(authors.named("author")))
        older = {it.attribute("ref").replace("$", "").upper(): it for it in listed.named("comment")}
        fresh = sorted(texts.keys() - older.keys(), key=parse_address)
        for cell in texts.keys() & older.keys():
            _continue(splices, older[cell], texts[cell], root.prefix)
        body = "".join(_comment(cell, author, texts[cell]) for cell in fresh)
        if body:
            splices.append_to(listed, prefixed(body, root.prefix))
        self._owner.copy.write(comments, splices.done())
        return fresh

    # -------------------------------------------------------- shapes of notes

    def _new_drawing(self, part: str, xml: bytes, root: Node, cells: Sequence[str]) -> None:
        owner = self._owner
        shapes = owner.free_name(owner.in_folder("drawings/vmlDrawing{}.vml"))
        used = _blocks_used(owner.copy)
        count = -(-len(cells) // (_SHAPES_A_BLOCK - 1))
        blocks = [number for number in range(1, len(used) + count + 2) if number not in used]
        blocks = blocks[:count]
        ids = [b * _SHAPES_A_BLOCK + it for b in blocks for it in range(1, _SHAPES_A_BLOCK)]
        data = ",".join(map(str, blocks))
        body = "".join(_shape(key, cell) for key, cell in zip(ids, cells, strict=False))
        drawing = (
            f'<xml{_VML}><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{data}"/>'
            f"</o:shapelayout>{_shape_type()}{body}</xml>"
        )
        owner.copy.write(shapes, drawing.encode("ascii"))
        owner.declare(shapes, "vmlDrawing")
        key = owner.relate(part, "vmlDrawing", shapes)
        prefix, declaration = owner.relation_id(root.scope)
        splices = Splices(xml)
        splices.put(
            _place_of_drawing(root),
            f'<{root.prefix}legacyDrawing{declaration} {prefix}:id="{key}"/>',
        )
        owner.copy.write(part, splices.done())

    def _extended_drawing(self, drawing: bytes, cells: Sequence[str]) -> bytes:
        """Add shapes to a drawing, as text: such drawings need not be well-formed XML."""
        if drawing.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise CannotCopy("the drawing of its notes is written in UTF-16")
        end = drawing.rfind(b"</xml>")
        if end < 0:
            raise CannotCopy("the drawing of its notes has no end")
        mapped_blocks = _IDMAP.search(drawing)
        taken = [int(key) for key in _SHAPE_ID.findall(drawing)]
        own = [int(it) for it in re.findall(rb"\d+", mapped_blocks[1])] if mapped_blocks else []
        ids = [key for block in own for key in _free_ids(block, taken)]
        used = _blocks_used(self._owner.copy)
        more: list[int] = []
        number = 1
        while len(ids) < len(cells):
            while number in used:
                number += 1
            used.add(number)
            more.append(number)
            ids += range(number * _SHAPES_A_BLOCK + 1, (number + 1) * _SHAPES_A_BLOCK)
        kind = b"" if _HAS_SHAPE_TYPE.search(drawing) else _shape_type(_VML).encode()
        body = "".join(_shape(key, cell, _VML) for key, cell in zip(ids, cells, strict=False))
        result = drawing[:end] + kind + body.encode("ascii") + drawing[end:]
        if more and mapped_blocks:
            added = ("," + ",".join(map(str, more))).encode()
            result = result[: mapped_blocks.end(1)] + added + result[mapped_blocks.end(1) :]
        return result


_IDMAP = re.compile(rb"""<o:idmap\b[^>]*?\bdata\s*=\s*["']([\d, ]+)""")
_SHAPE_ID = re.compile(rb"""\bid\s*=\s*["']_x0000_s(\d+)["']""")
_HAS_SHAPE_TYPE = re.compile(rb"""<v:shapetype\b[^>]*?\bid\s*=\s*["']_x0000_t202["']""")
_VML: Final = (
    ' xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel"'
)


def _threaded(copy: PackageCopy, parts: Sequence[str]) -> set[str]:
    return {
        it.attribute("ref").replace("$", "").upper()
        for part in parts
        if copy.has(part)
        for it in mapped(copy.read(part), 2).named("threadedComment")
    }


def _plain(cell: str) -> str:
    return cell.replace("$", "").upper()


def _why_not(cell: str, threaded: set[str], xml: bytes) -> str:
    """Why a cell gets no note; nothing where it does."""
    try:
        row, column = parse_address(cell)
    except ValueError:
        return "not one cell"
    if cell in threaded:
        return "the cell has a threaded comment"
    if row <= _ALWAYS_NEAR[0] and column <= _ALWAYS_NEAR[1]:
        return ""
    last_row, last_column = _extent(xml)
    if row > max(last_row, _ALWAYS_NEAR[0]) or column > max(last_column, _ALWAYS_NEAR[1]):
        return "the cell lies outside what the sheet holds"
    return ""


def _extent(xml: bytes) -> tuple[int, int]:
    """The last row and column that hold a cell."""
    last_row = last_column = 0
    for letters, digits in re.findall(rb"""<(?:\w+:)?c\s[^>]*?\br=["']([A-Z]+)(\d+)["']""", xml):
        row, column = parse_address((letters + digits).decode())
        last_row, last_column = max(last_row, row), max(last_column, column)
    return last_row, last_column


def _clean(text: str) -> str:
    """Text as Excel stores it: what XML cannot hold is escaped in Excel's way."""
    text = re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    return re.sub(
        "[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]", lambda it: f"_x{ord(it[0]):04X}_", text
    )


def _runs(text: str) -> str:
    look = '<sz val="9"/><rFont val="Tahoma"/><family val="2"/>'
    said = f'<r><rPr>{look}</rPr><t xml:space="preserve">{escape(_clean(text))}</t></r>'
    return f'<r><rPr><b/>{look}</rPr><t xml:space="preserve">{AUTHOR}:\n</t></r>{said}'


def _comment(cell: str, author: int, text: str) -> str:
    return f'<comment ref="{cell}" authorId="{author}"><text>{_runs(text)}</text></comment>'


def _continue(splices: Splices, comment: Node, text: str, prefix: str) -> None:
    """Continue a note: its plain text becomes a run, since text and runs do not mix."""
    holder = comment.child("text")
    if holder is None:
        raise CannotCopy("a note of it has no text")
    for plain in holder.named("t"):
        splices.put(plain.start, f"<{prefix}r>")
        splices.put(plain.end, f"</{prefix}r>")
    more = prefixed(f'<r><t xml:space="preserve">\n\n</t></r>{_runs(text)}', prefix)
    phonetic = next((it for it in holder.children if it.name in ("rPh", "phoneticPr")), None)
    if phonetic is not None:
        splices.put(phonetic.start, more)
    else:
        splices.append_to(holder, more)


def _blocks_used(copy: PackageCopy) -> set[int]:
    """The blocks of a thousand shape ids that the drawings of the package use."""
    used: set[int] = set()
    for name in copy.names():
        if name.lower().endswith(".vml"):
            drawing = copy.read(name)
            used |= {int(it) // _SHAPES_A_BLOCK for it in _SHAPE_ID.findall(drawing)}
            for blocks in _IDMAP.findall(drawing):
                used |= {int(it) for it in re.findall(rb"\d+", blocks)}
    return used


def _free_ids(block: int, taken: Sequence[int]) -> range:
    """The shape ids of a block that come after those that are taken."""
    first, end = block * _SHAPES_A_BLOCK, (block + 1) * _SHAPES_A_BLOCK
    return range(max((it for it in taken if first <= it < end), default=first) + 1, end)


def _shape_type(namespaces: str = "") -> str:
    return (
        f'<v:shapetype{namespaces} id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
        'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
        '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
    )


def _shape(key: int, cell: str, namespaces: str = "") -> str:
    row, column = (number - 1 for number in parse_address(cell))
    left, top = min(column + 1, 16_378), max(row - 1, 0)
    anchor = f"{left}, 15, {top}, 10, {left + 4}, 15, {min(top + 8, 1_048_570)}, 4"
    return (
        f'<v:shape{namespaces} id="_x0000_s{key}" type="#_x0000_t202" '
        'style="position:absolute;margin-left:80pt;margin-top:5pt;width:220pt;height:110pt;'
        'z-index:1;visibility:hidden" fillcolor="#fff2cc" o:insetmode="auto">'
        '<v:fill color2="#fff2cc"/><v:shadow on="t" color="black" obscured="t"/>'
        '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto">'
        '<div style="text-align:left"></div></v:textbox><x:ClientData ObjectType="Note">'
        f"<x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>"
        f"<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column>"
        "</x:ClientData></v:shape>"
    )


# What follows a worksheet's legacyDrawing, in the order of the standard.
_AFTER_DRAWING: Final = (
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
)


def _place_of_drawing(root: Node) -> int:
    """Where a worksheet's legacyDrawing belongs: before what the standard puts after it."""
    for child in root.children:
        if _meant(child) in _AFTER_DRAWING:
            return child.start
    if root.closes_itself:
        raise CannotCopy("a sheet of it is empty")
    return root.inner_end


def _meant(node: Node) -> str:
    """The name of an element, or of what an alternative for newer programs holds."""
    if node.name != "AlternateContent":
        return node.name
    return next((below.name for choice in node.children for below in choice.children), "")


# ---------------------------------------------------------------- the sheet of findings

_LINE_HEIGHT, _MOST_LINES = 14, 28
_WIDTHS: Final = (10, 16, 10, 20, 80, 26, 30, 34, 22, 24)


def _sheet(
    namespace: str,
    styles: Mapping[str, int],
    heading: Sequence[str],
    header: Sequence[str],
    entries: Sequence[Entry],
    noted: Sequence[str],
    skipped: Mapping[str, str],
) -> str:
    columns = (*header, "Cell", "Note in the cell")
    has_note = set(noted)
    links: list[str] = []
    rows = [
        _row(place, [(line, "line" if place > 1 else "title")], styles)
        for place, line in enumerate(heading, 1)
    ]
    first = len(heading) + 2
    rows.append(_row(first, [(name, "header") for name in columns], styles))
    for place, entry in enumerate(entries, first + 1):
        where = f"{entry.sheet}!{_plain(entry.cell)}" if entry.cell else entry.sheet
        said = "yes" if where in has_note and entry.note else skipped.get(where, "")
        linked = bool(entry.cell)
        cells = [(entry.fields[0], entry.severity)]
        cells += [(text, "text") for text in entry.fields[1:]]
        cells += [(where, "link" if linked else "line"), (said if entry.note else "", "text")]
        rows.append(_row(place, cells, styles))
        if linked:
            quoted = entry.sheet.replace("'", "''")
            target = quoteattr(_clean(f"'{quoted}'!{entry.cell}"))
            links.append(
                f'<hyperlink ref="{format_address(place, len(header) + 1)}" location={target}/>'
            )
    last = format_address(max(first, first + len(entries)), len(columns))
    widths = "".join(
        f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
        for number, width in enumerate(_WIDTHS[: len(columns)], 1)
    )
    below = format_address(first + 1, 1)
    return (
        f'{_XML}<worksheet xmlns="{namespace}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<dimension ref="A1:{last}"/><sheetViews><sheetView showGridLines="0" '
        f'workbookViewId="0"><pane ySplit="{first}" topLeftCell="{below}" '
        'activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/></sheetView>'
        f'</sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>{widths}</cols>'
        f"<sheetData>{''.join(rows)}</sheetData>"
        + (f"<hyperlinks>{''.join(links)}</hyperlinks>" if links else "")
        + '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>'
        '<pageSetup orientation="landscape" fitToHeight="0"/></worksheet>'
    )


def _row(place: int, cells: Sequence[tuple[str, str]], styles: Mapping[str, int]) -> str:
    written = "".join(
        f'<c r="{format_address(place, column)}" s="{styles[style]}" t="inlineStr"><is>'
        f'<t xml:space="preserve">{escape(_clean(text[:_LONGEST_TEXT]))}</t></is></c>'
        for column, (text, style) in enumerate(cells, 1)
        if text
    )
    height = _height([text if style == "text" else "" for text, style in cells])
    return f'<row r="{place}"{height}>{written}</row>'


def _height(texts: Sequence[str]) -> str:
    """The height of a row of wrapped texts: not every program works it out by itself."""
    lines = [-(-len(text) // width) for text, width in zip(texts, _WIDTHS, strict=False) if text]
    most = min(max(lines, default=1), _MOST_LINES)
    return f' ht="{most * _LINE_HEIGHT}" customHeight="1"' if most > 1 else ""
