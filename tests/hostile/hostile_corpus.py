"""Some nine hundred malformed and adversarial files, made anew on every run.

Each has a name that says what is wrong with it. What is said of it stands in `expected.json`.
"""

from __future__ import annotations

import random
import re
import struct
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from hostile_bases import Parts, cap_parts, deal_parts, model_parts, packed, sheet_part

MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BASES = {"deal": deal_parts, "model": model_parts, "cap": cap_parts}


@dataclass(frozen=True)
class Case:
    """A file: what is wrong with it, what it was made from, its ending and its bytes.

    Where the damage falls at random what is said of it is not foreseen, only that it is said.
    """

    name: str
    base: str
    content: bytes
    suffix: str = ".xlsx"
    foreseen: bool = True

    @property
    def file(self) -> str:
        """The file's name."""
        return re.sub(r"[^a-z0-9]+", "-", f"{self.base} {self.name}".lower()).strip("-") + (
            self.suffix
        )


def base(name: str) -> Parts:
    """The parts of a sound workbook, to be spoilt."""
    return dict(BASES[name]())


def replaced(parts: Parts, part: str, old: bytes, new: bytes, count: int = -1) -> Parts:
    """The parts with some bytes of one replaced; they must be there."""
    assert old in parts[part], (part, old)
    return {**parts, part: parts[part].replace(old, new, count)}


def corpus(large: bool = True) -> Iterator[Case]:
    """Every case, or those whose files take no time to make."""
    quick = (
        _no_workbooks,
        _cut_and_flipped,
        _parts_spoilt,
        _workbook_lies,
        _tables_lie,
        _cells_lie,
        _numbers_lie,
        _formulas,
        _texts,
    )
    for family in (*quick, _archives, _swollen) if large else quick:
        yield from family()


# ---------------------------------------------------------------- no workbooks at all


def _no_workbooks() -> Iterator[Case]:
    good = packed(base("deal"))
    contents = {
        "nothing": b"",
        "one byte": b"P",
        "zeros": bytes(5_000),
        "noise": random.Random(1).randbytes(5_000),
        "text": b"Holder,Shares\nAnn,1\n",
        "text in UTF-16": "Holder;Shares".encode("utf-16"),
        "a page of HTML": b"<html><table><tr><td>Ann</td></tr></table></html>",
        "a page of HTML with a doctype": b"\xef\xbb\xbf<!DOCTYPE html><html></html>",
        "a PDF": b"%PDF-1.7\n%\xe2\xe3\n" + bytes(500),
        "an XML spreadsheet of 2003": b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
        "a picture": b"\x89PNG\r\n\x1a\n" + bytes(500),
        "gzip": b"\x1f\x8b\x08\x00" + bytes(500),
        "7-Zip": b"7z\xbc\xaf'\x1c" + bytes(500),
        "RAR": b"Rar!\x1a\x07\x00" + bytes(500),
        "an old workbook": OLE2 + bytes(2_000),
        "an encrypted workbook": OLE2 + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
        "an empty zip": packed({}),
        "a zip of something else": packed({"readme.txt": b"hello"}),
        "a Word file": packed(
            {
                "[Content_Types].xml": b"<Types/>",
                "_rels/.rels": b"<Relationships/>",
                "word/document.xml": b"<document/>",
            }
        ),
        "a PowerPoint file": packed(
            {
                "[Content_Types].xml": b"<Types/>",
                "_rels/.rels": b"<Relationships/>",
                "ppt/presentation.xml": b"<presentation/>",
            }
        ),
        "an OpenDocument file": packed(
            {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}
        ),
        "a binary workbook": packed({"[Content_Types].xml": b"<Types/>", "xl/workbook.bin": b"x"}),
        "a workbook in a zip": packed({"deal.xlsx": good}),
    }
    for name, content in contents.items():
        yield Case(name, "not", content)
    for suffix in (".xls", ".xlsb", ".ods"):
        yield Case(f"an xlsx named {suffix}", "named", good, suffix)
        yield Case(f"nothing named {suffix}", "named", b"", suffix)
        yield Case(f"zeros named {suffix}", "named", bytes(3_000), suffix)
        yield Case(f"OLE named {suffix}", "named", OLE2 + bytes(3_000), suffix)
        yield Case(f"noise after OLE named {suffix}", "named", OLE2 + _noise(3_000), suffix)
        encrypted = contents["an encrypted workbook"]
        yield Case(f"an encrypted one named {suffix}", "named", encrypted, suffix)
        bomb = packed({"content.xml": b" " * 40_000_000, "mimetype": b"x"})
        yield Case(f"a bomb named {suffix}", "named", bomb, suffix)
    for suffix in (".xltx", ".csv", ".xlsx.bak", ".txt"):
        yield Case("a good one under another name", "named", good, suffix)
    yield Case("a good one with macros in its name", "named", good, ".xlsm")


def _noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


# ---------------------------------------------------------------- damage in transit


def _cut_and_flipped() -> Iterator[Case]:
    for name in BASES:
        good = packed(base(name))
        for percent in (1, 5, 20, 40, 60, 80, 95, 99):
            cut = good[: len(good) * percent // 100]
            yield Case(f"cut at {percent} percent", name, cut, foreseen=False)
        for number in range(12):
            place = random.Random(f"{name} {number}").randrange(len(good))
            flipped = bytearray(good)
            flipped[place] ^= 0x40
            yield Case(f"a bit flipped {number}", name, bytes(flipped), foreseen=False)
        yield Case("noise behind it", name, good + _noise(70_000))
        yield Case("noise before it", name, _noise(100) + good)
        yield Case("a zip before it", name, packed({"a.txt": b"a"}) + good)
        yield Case("line endings changed", name, good.replace(b"\n", b"\r\n"), foreseen=False)


# ---------------------------------------------------------------- archives


def _archives() -> Iterator[Case]:
    parts = base("deal")
    good = packed(parts)
    sheet = sheet_part(parts, "Classes")
    names = (
        "../../outside.xml",
        "/etc/passwd",
        "C:\\windows\\x.xml",
        "xl\\..\\..\\outside.xml",
        "xl/../../outside.xml",
        "\\\\server\\share\\x.xml",
    )
    for number, name in enumerate(names):
        yield Case(f"a part that leads out {number}", "zip", packed({**parts, name: b"<x/>"}))
    yield Case("a sheet twice", "zip", _with_twice(parts, sheet, sheet))
    yield Case("a sheet twice in capitals", "zip", _with_twice(parts, sheet, sheet.upper()))
    yield Case(
        "the workbook twice", "zip", _with_twice(parts, "xl/workbook.xml", "xl/workbook.xml")
    )
    yield Case("the list of types twice", "zip", _with_twice(parts, *["[Content_Types].xml"] * 2))
    spaces = replaced(parts, sheet, b"<sheetData>", b"<sheetData>" + b" " * 30_000_000)
    yield Case("a sheet of spaces", "zip", packed(spaces))
    yield Case("a bomb beside the parts", "zip", packed({**parts, "x.bin": bytes(60_000_000)}))
    many = {**parts, **{f"x/{number}": b"" for number in range(20_100)}}
    yield Case("very many parts", "zip", packed(many))
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        yield Case(f"packed by method {method}", "zip", _packed_by(parts, method))
    yield Case("an unknown method", "zip", _headers_changed(good, method=99))
    yield Case("an encrypted part", "zip", _headers_changed(good, flags=1))
    yield Case("a size that is too small", "zip", _headers_changed(good, size=10))
    yield Case("a size that is too large", "zip", _headers_changed(good, size=10_000_000))
    yield Case("a size beyond all", "zip", _headers_changed(good, size=0xFFFF_FFF0))
    yield Case("a wrong check sum", "zip", _headers_changed(good, check=7))
    yield Case("two parts in one place", "zip", _headers_changed(good, offset=0))
    yield Case("a part beyond the end", "zip", _headers_changed(good, offset=len(good) + 9))
    yield Case(
        "another name before the part",
        "zip",
        good.replace(b"xl/workbook.xml", b"xl/worxbook.xml", 1),
    )
    yield Case("a zero in a name", "zip", good.replace(b"docProps/app.xml", b"docProps/a\x00p.xml"))
    yield Case("no end", "zip", good[: good.rindex(b"PK\x05\x06")])
    yield Case("an end that counts wrongly", "zip", _count_changed(good, 3))
    yield Case("an end that counts too many", "zip", _count_changed(good, 999))
    yield Case(
        "backslashes in the names",
        "zip",
        packed({n.replace("/", "\\"): c for n, c in parts.items()}),
    )
    yield Case("all names in capitals", "zip", packed({n.upper(): c for n, c in parts.items()}))
    yield Case("parts in another order", "zip", packed(dict(reversed(parts.items()))))


def _with_twice(parts: Parts, part: str, name: str) -> bytes:
    stream = BytesIO()
    with (
        warnings.catch_warnings(),
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        warnings.simplefilter("ignore")  # zipfile warns of a name that stands there already
        for each, content in parts.items():
            archive.writestr(each, content)
        other = parts[part].replace(b"5000000", b"9999999")
        archive.writestr(zipfile.ZipInfo(name), other)
    return stream.getvalue()


def _packed_by(parts: Parts, method: int) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _headers_changed(
    data: bytes,
    method: int | None = None,
    flags: int | None = None,
    size: int | None = None,
    check: int | None = None,
    offset: int | None = None,
) -> bytes:
    """The directory's entry of the first sheet with some fields changed."""
    place = data.index(b"PK\x01\x02")
    while data[place + 46 : place + 46 + 24] != b"xl/worksheets/sheet1.xml":
        place = data.index(b"PK\x01\x02", place + 4)
    changed = bytearray(data)
    for at, form, value in (
        (8, "<H", flags),
        (10, "<H", method),
        (16, "<L", check),
        (24, "<L", size),
        (42, "<L", offset),
    ):
        if value is not None:
            struct.pack_into(form, changed, place + at, value)
    return bytes(changed)


def _count_changed(data: bytes, count: int) -> bytes:
    end = data.rindex(b"PK\x05\x06")
    changed = bytearray(data)
    struct.pack_into("<HH", changed, end + 8, count, count)
    return bytes(changed)


# ---------------------------------------------------------------- parts


def _parts_spoilt() -> Iterator[Case]:
    for name in BASES:
        parts = base(name)
        for part in parts:
            short = part.rpartition("/")[2]
            number = re.search(r"sheet(\d+)|table(\d+)", part)
            if number and int(number[1] or number[2]) > 4:
                continue  # more of the same
            if "theme" in part or "docProps" in part:
                continue
            place = "rels of " if part.endswith(".rels") else ""
            label = f"{place}{short}"
            yield Case(f"without {label}", name, packed(_without(parts, part)))
            yield Case(f"{label} empty", name, packed({**parts, part: b""}))
            half = parts[part][: len(parts[part]) // 2]
            yield Case(f"{label} cut in half", name, packed({**parts, part: half}))
            if number and int(number[1] or number[2]) > 2:
                continue
            yield Case(f"{label} in UTF-16", name, packed({**parts, part: _utf16(parts[part])}))
            bomb = _with_doctype(parts[part], _LAUGHS)
            yield Case(f"{label} with entities", name, packed({**parts, part: bomb}))
            outside = _with_doctype(parts[part], b'<!ENTITY x SYSTEM "file:///etc/passwd">')
            yield Case(f"{label} with a file in it", name, packed({**parts, part: outside}))
            other = parts[part].replace(b"schemas.openxmlformats", b"schemas.example")
            if other != parts[part]:
                changed = packed({**parts, part: other})
                yield Case(f"{label} of another namespace", name, changed)


_LAUGHS = b'<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 20) for n in range(8)
)


def _without(parts: Parts, part: str) -> Parts:
    return {name: content for name, content in parts.items() if name != part}


def _utf16(xml: bytes) -> bytes:
    return xml.decode().replace("UTF-8", "UTF-16").encode("utf-16")


def _with_doctype(xml: bytes, inside: bytes) -> bytes:
    head, _, rest = xml.partition(b"?>")
    return head + b"?><!DOCTYPE x [" + inside + b"]>" + rest


# ---------------------------------------------------------------- the workbook


def _workbook_lies() -> Iterator[Case]:
    parts = base("deal")
    book = "xl/workbook.xml"
    rels = "xl/_rels/workbook.xml.rels"
    edits = {
        "two sheets of one name": (b'sheet name="Purchasers"', b'sheet name="Holders"'),
        "two sheets of one name in capitals": (b'sheet name="Purchasers"', b'sheet name="HOLDERS"'),
        "a sheet renamed": (b'sheet name="Securities"', b'sheet name="Securitys"'),
        "days from 1904": (b"<workbookPr", b'<workbookPr date1904="1"'),
        "days from nowhere": (b"<workbookPr", b'<workbookPr date1904="maybe"'),
        "a sheet with nothing behind it": (b'sheetId="3" r:id="rId3"', b'sheetId="3"'),
        "a sheet that points nowhere": (b'r:id="rId3"', b'r:id="rId333"'),
        "two sheets in one part": (b'r:id="rId3"', b'r:id="rId2"'),
        "a hidden sheet": (b'sheetId="4"', b'sheetId="4" state="hidden"'),
        "a very hidden sheet": (b'sheetId="4"', b'sheetId="4" state="veryHidden"'),
        "no sheets": (b"<sheets>", b"<sheets/><other>"),
        "a decoy of sheets": (
            b"<sheets>",
            b'<x:sheets xmlns:x="urn:x"><x:sheet name="Decoy" sheetId="99"/></x:sheets><sheets>',
        ),
    }
    for name, (old, new) in edits.items():
        changed = replaced(parts, book, old, new)
        if name == "no sheets":
            changed = replaced(changed, book, b"</sheets>", b"</other>")
        yield Case(name, "book", packed(changed))
    kinds = {
        "a sheet listed as a chart": b"relationships/chartsheet",
        "a sheet listed as a macro sheet": b"relationships/xlMacrosheet",
        "a sheet listed as a dialog": b"relationships/dialogsheet",
        "a sheet listed as something": b"relationships/something",
    }
    for name, kind in kinds.items():
        text = parts[rels]
        place = text.index(b"relationships/worksheet", text.index(b'Id="rId4"'))
        changed = text[:place] + text[place:].replace(b"relationships/worksheet", kind, 1)
        yield Case(name, "book", packed({**parts, rels: changed}))
    outside = replaced(
        parts,
        rels,
        b'Target="worksheets/sheet4.xml"',
        b'Target="worksheets/sheet4.xml" TargetMode="External"',
    )
    yield Case("a sheet outside the file", "book", packed(outside))
    climbing = replaced(parts, rels, b"worksheets/sheet4.xml", b"../../../../etc/passwd")
    yield Case("a sheet up the folders", "book", packed(climbing))
    strict = replaced(parts, book, MAIN, b"http://purl.oclc.org/ooxml/spreadsheetml/main")
    yield Case("a strict workbook", "book", packed(strict))
    types = "[Content_Types].xml"
    main = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    for name, given in {
        "the type of a document": b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        "the type of nothing": b"",
        "the type of plain XML": b"application/xml",
    }.items():
        yield Case(name, "book", packed(replaced(parts, types, main, given)))
    macro = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    yield Case("the type with macros", "book", packed(replaced(parts, types, main, macro)))
    macro_sheet = b'<xm:macrosheet xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"/>'
    model = base("model")
    listed = replaced(
        model, book, b"</sheets>", b'<sheet name="Macro1" sheetId="9" r:id="rId99"/></sheets>'
    )
    relation = (
        b'<Relationship Id="rId99" Type="http://schemas.microsoft.com/office/2006/relationships/'
        b'xlMacrosheet" Target="macrosheets/sheet1.xml"/></Relationships>'
    )
    listed = replaced(listed, rels, b"</Relationships>", relation)
    yield Case(
        "a macro sheet beside", "book", packed({**listed, "xl/macrosheets/sheet1.xml": macro_sheet})
    )


# ---------------------------------------------------------------- tables


def _tables_lie() -> Iterator[Case]:
    parts = base("deal")
    order = ["Deal", "Classes", "Prices", "Securities", "Purchasers", "Holders"]
    for table in order:
        sheet = sheet_part(parts, table)
        rels = sheet.replace("worksheets/", "worksheets/_rels/") + ".rels"
        part = next(
            n
            for n, c in parts.items()
            if n.startswith("xl/tables/") and b'displayName="%s"' % table.encode() in c
        )
        text = parts[part]
        match = re.search(rb'ref="B5:([A-Z]+)(\d+)"', text)
        assert match is not None
        column, last = match[1], int(match[2])

        def moved(new: bytes, text: bytes = text, part: str = part) -> bytes:
            return packed(
                {**parts, part: re.sub(rb'ref="B5:[A-Z]+\d+"', b'ref="' + new + b'"', text)}
            )

        yield Case(f"{table} without its relation", "table", packed(_without(parts, rels)))
        bare = re.sub(rb"<tableParts.*?</tableParts>", b"", parts[sheet])
        lost = {**_without(_without(parts, rels), part), sheet: bare}
        yield Case(f"{table} saved by a program that knows no tables", "table", packed(lost))
        yield Case(f"{table} one row shorter", "table", moved(b"B5:%s%d" % (column, last - 1)))
        yield Case(f"{table} one row lower", "table", moved(b"B6:%s%d" % (column, last + 1)))
        yield Case(f"{table} one row higher", "table", moved(b"B4:%s%d" % (column, last)))
        yield Case(f"{table} far away", "table", moved(b"B205:%s%d" % (column, last + 200)))
        yield Case(f"{table} one column narrower", "table", moved(b"B5:%s%d" % (b"C", last)))
        yield Case(f"{table} moved a column", "table", moved(b"C5:%s%d" % (_next(column), last)))
        yield Case(f"{table} to the last row", "table", moved(b"B5:%s1048576" % column))
        yield Case(f"{table} beyond the last row", "table", moved(b"B5:%s9999999" % column))
        yield Case(f"{table} upside down", "table", moved(b"B9:%s5" % column))
        yield Case(f"{table} nowhere", "table", moved(b"#REF!"))
        for name, given in {
            "five header rows": b' headerRowCount="5"',
            "no header row": b' headerRowCount="0"',
            "a totals row": b' totalsRowCount="1"',
            "five totals rows": b' totalsRowCount="5"',
            "rows below zero": b' totalsRowCount="-1"',
        }.items():
            clean = text.replace(b' totalsRowShown="0"', b"")
            yield Case(
                f"{table} with {name}",
                "table",
                packed({**parts, part: clean.replace(b" ref=", given + b" ref=", 1)}),
            )
        columns = re.findall(rb'<tableColumn id="\d+" name="([^"]+)"', text)
        swapped = text.replace(b'name="%s"' % columns[0], b'name="~"')
        swapped = swapped.replace(b'name="%s"' % columns[1], b'name="%s"' % columns[0])
        swapped = swapped.replace(b'name="~"', b'name="%s"' % columns[1])
        yield Case(f"{table} with two columns swapped", "table", packed({**parts, part: swapped}))
        twice = text.replace(b'name="%s"' % columns[1], b'name="%s"' % columns[0])
        yield Case(f"{table} with a column twice", "table", packed({**parts, part: twice}))
        renamed = text.replace(b'"%s"' % table.encode(), b'"Other"')
        yield Case(f"{table} renamed", "table", packed({**parts, part: renamed}))
        other = "Holders" if table != "Holders" else "Classes"
        again = text.replace(b'"%s"' % table.encode(), b'"%s"' % other.encode())
        yield Case(f"{table} named as {other}", "table", packed({**parts, part: again}))


def _next(column: bytes) -> bytes:
    return column[:-1] + bytes([column[-1] + 1])


# ---------------------------------------------------------------- cells


def _cells_lie() -> Iterator[Case]:
    for name, sheet_name, address in (
        ("deal", "Classes", b"D6"),
        ("deal", "Securities", b"G6"),
        ("model", "Model", b"B2"),
        ("cap", "Cap", b"B5"),
    ):
        parts = base(name)
        sheet = sheet_part(parts, sheet_name)
        cell = re.search(rb'<c r="%s"[^>]*><v>[^<]*</v></c>' % address, parts[sheet])
        if cell is None:
            raise AssertionError((sheet_name, address))
        row = re.search(rb'<row r="%s"[^>]*>.*?</row>' % address[1:], parts[sheet])
        assert row is not None
        old = cell[0]
        value = re.search(rb"<v>([^<]*)</v>", old)
        assert value is not None
        edits = {
            "a text that is not there": b'<c r="%s" t="s"><v>9999</v></c>' % address,
            "a text before the first": b'<c r="%s" t="s"><v>-1</v></c>' % address,
            "a text by a fraction": b'<c r="%s" t="s"><v>0.5</v></c>' % address,
            "a type that is not there": b'<c r="%s" t="x">%s</c>' % (address, value[0]),
            "a truth of 2": b'<c r="%s" t="b"><v>2</v></c>' % address,
            "a truth": b'<c r="%s" t="b"><v>1</v></c>' % address,
            "an error that is a number": b'<c r="%s" t="e">%s</c>' % (address, value[0]),
            "a date that is a number": b'<c r="%s" t="d">%s</c>' % (address, value[0]),
            "a text said to be spelled out": b'<c r="%s" t="inlineStr">%s</c>'
            % (address, value[0]),
            "a text spelled out": b'<c r="%s"><is><t>%s</t></is></c>' % (address, value[1]),
            "two values": b'<c r="%s"><v>1</v>%s</c>' % (address, value[0]),
            "a value and a text": b'<c r="%s" t="inlineStr">%s<is><t>1</t></is></c>'
            % (address, value[0]),
            "its cell twice": old + old.replace(value[1], b"1"),
            "its cell twice, the second blank": old + b'<c r="%s"/>' % address,
            "an address of another row": old.replace(b'"%s"' % address, b'"%s9"' % address),
            "an address that is none": old.replace(b'"%s"' % address, b'"7"'),
            "an address beyond the last": old.replace(b'"%s"' % address, b'"XFE%s"' % address[1:]),
            "another element": old.replace(b"<c ", b"<d ").replace(b"</c>", b"</d>"),
            "a namespace of its own": old.replace(b"<c ", b'<c xmlns="urn:x" '),
            "a comment around it": b"<!--" + old + b"-->",
            "an instruction for it": b"<?cell 7?>",
            "a formula without result": b'<c r="%s"><f>1+1</f></c>' % address,
            "a formula that is another's": b'<c r="%s"><f t="shared" si="9"/>%s</c>'
            % (address, value[0]),
            "a style beyond all": old.replace(b"<v>", b"<v>", 1).replace(
                b'r="%s"' % address, b'r="%s" s="99999"' % address
            ),
            "nothing": b"",
        }
        for edit, new in edits.items():
            yield Case(f"{address.decode()} {edit}", name, packed(replaced(parts, sheet, old, new)))
        rows = {
            "twice": row[0] + row[0].replace(value[1], b"1"),
            "twice, the second blank": row[0] + row[0].split(b">")[0] + b"></row>",
            "numbered 0": row[0].replace(b'<row r="%s"' % address[1:], b'<row r="0"'),
            "numbered below 0": row[0].replace(b'<row r="%s"' % address[1:], b'<row r="-3"'),
            "numbered beyond": row[0].replace(b'<row r="%s"' % address[1:], b'<row r="1048577"'),
            "numbered another": row[0].replace(b'<row r="%s"' % address[1:], b'<row r="77"'),
            "hidden": row[0].replace(b"<row ", b'<row hidden="1" '),
            "hidden in single quotes": row[0].replace(b"<row ", b"<row hidden='1' "),
            "in capitals": row[0].replace(b"<row ", b"<ROW ").replace(b"</row>", b"</ROW>"),
            "left open": row[0].replace(b"</row>", b""),
            "in a comment": b"<!--" + row[0] + b"-->",
            "outside the cells": b"",
        }
        for edit, new in rows.items():
            changed = replaced(parts, sheet, row[0], new)
            if edit == "outside the cells":
                changed = replaced(changed, sheet, b"</sheetData>", b"</sheetData>" + row[0])
            yield Case(f"{sheet_name} row {address[1:].decode()} {edit}", name, packed(changed))
        wholes = {
            "its cells twice": (b"</sheetData>", b"</sheetData><sheetData/>"),
            "its cells under another name": (b"sheetData", b"sheetDate"),
            "hidden columns": (
                b"<sheetData>",
                b'<cols><col min="2" max="2147483647" hidden="1"/></cols><sheetData>',
            ),
            "hidden columns without an end": (
                b"<sheetData>",
                b'<cols><col min="2" max="x" hidden="1"/></cols><sheetData>',
            ),
            "a size of the whole sheet": (b"<dimension ref=", b'<dimension ref="A1:XFD1048576" x='),
            "a size of one cell": (b"<dimension ref=", b'<dimension ref="A1" x='),
            "everything merged": (
                b"</sheetData>",
                b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
            ),
            "merges that are none": (
                b"</sheetData>",
                b'</sheetData><mergeCells><mergeCell ref="A1:#REF!"/></mergeCells>',
            ),
            "a prefix everywhere": (b"", b""),
        }
        for edit, (old_, new) in wholes.items():
            if edit == "a prefix everywhere":
                text = re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", parts[sheet])
                changed = {**parts, sheet: text.replace(b"xmlns=", b"xmlns:x=")}
            else:
                changed = replaced(parts, sheet, old_, new)
            yield Case(f"{sheet_name} {edit}", name, packed(changed))


NUMBERS = {
    "as text": ("str", "1234567"),
    "as text with commas": ("str", "1,234,567"),
    "with a decimal comma": ("str", "12,5"),
    "with the letter O": ("str", "12345O7"),
    "with a space that does not break": ("str", "1\u00a0234\u00a0567"),
    "with thin spaces": ("str", "1\u2009234\u2009567"),
    "in full-width digits": ("str", "１２３４５６７"),
    "in Arabic digits": ("str", "١٢٣٤٥٦٧"),
    "with an apostrophe": ("str", "'1234567"),
    "with a unit": ("str", "1234567 shares"),
    "in words": ("str", "one million"),
    "as a dash": ("str", "-"),
    "as n/a": ("str", "n/a"),
    "as an empty text": ("str", ""),
    "as spaces": ("str", "   "),
    "as a formula in text": ("str", "=1+1"),
    "as an error in text": ("str", "#REF!"),
    "negative": ("n", "-1234567"),
    "negative zero": ("n", "-0"),
    "zero": ("n", "0"),
    "nought point nine": ("n", "0.9"),
    "largest": ("n", "1.7976931348623157E+308"),
    "beyond the largest": ("n", "1E+400"),
    "smallest": ("n", "5E-324"),
    "of 2^53 and one": ("n", "9007199254740993"),
    "of thirty digits": ("n", "123456789012345678901234567890"),
    "of four thousand digits": ("n", "1" * 4_000),
    "of five thousand digits": ("n", "1" * 5_000),
    "not a number": ("n", "NaN"),
    "infinite": ("n", "INF"),
    "with underscores": ("n", "1_234_567"),
    "in hexadecimal": ("n", "0x12D687"),
    "with spaces around": ("n", " 1234567 "),
    "a fraction of a share": ("n", "1234567.5"),
    **{
        f"error {text}": ("e", text)
        for text in (
            "#NULL!",
            "#DIV/0!",
            "#VALUE!",
            "#REF!",
            "#NAME?",
            "#NUM!",
            "#N/A",
            "#GETTING_DATA",
            "#SPILL!",
            "#BUSY!",
            "#CALC!",
            "#own",
        )
    },
}


def _numbers_lie() -> Iterator[Case]:
    for name, sheet_name, address in (
        ("deal", "Securities", b"G6"),
        ("model", "Model", b"A2"),
        ("cap", "Cap", b"B5"),
    ):
        parts = base(name)
        sheet = sheet_part(parts, sheet_name)
        cell = re.search(rb'<c r="%s"[^>]*><v>[^<]*</v></c>' % address, parts[sheet])
        assert cell is not None
        for what, (kind, text) in NUMBERS.items():
            new = f'<c r="{address.decode()}" t="{kind}"><v>{text}</v></c>'.encode()
            yield Case(
                f"{address.decode()} {what}", name, packed(replaced(parts, sheet, cell[0], new))
            )
    parts = base("deal")
    sheet = sheet_part(parts, "Prices")
    cell = re.search(rb'<c r="B7"[^>]*><v>[^<]*</v></c>', parts[sheet])
    assert cell is not None
    for what, (kind, text) in {
        "as text": ("str", "2024-03-05"),
        "as text of another country": ("str", "05.03.2024"),
        "as text of two countries": ("str", "04/03/2024"),
        "of 29 February 1900": ("n", "60"),
        "before all": ("n", "-1"),
        "after all": ("n", "99999999"),
        "four years early": ("n", "43894"),
        "spelled out": ("d", "2024-03-05T00:00:00Z"),
        "spelled out wrongly": ("d", "2024-13-45"),
        "a truth": ("b", "1"),
    }.items():
        new = f'<c r="B7" t="{kind}"><v>{text}</v></c>'.encode()
        yield Case(f"a day {what}", "deal", packed(replaced(parts, sheet, cell[0], new)))
    facts = sheet_part(parts, "Deal")
    again = replaced(parts, facts, b'<c r="B9" t="s">', b'<c r="B10" t="s">')
    yield Case("a fact in the wrong row", "deal", packed(again))
    labels = re.findall(rb'<c r="B(?:7|8)" t="s"><v>(\d+)</v>', parts[facts])
    twice = replaced(
        parts,
        facts,
        b'<c r="B8" t="s"><v>%s</v>' % labels[1],
        b'<c r="B8" t="s"><v>%s</v>' % labels[0],
    )
    yield Case("a fact twice", "deal", packed(twice))


# ---------------------------------------------------------------- formulas


def _formulas() -> Iterator[Case]:
    parts = base("model")
    sheet = sheet_part(parts, "Model")
    old = b"<f>ISSUANCEPCT(A2,B2)</f>"
    bodies = {
        "very long": b"ISSUANCEPCT(A2" + b"+0" * 20_000 + b",B2)",
        "very deep": b"ISSUANCEPCT(" + b"(" * 3_000 + b"A2" + b")" * 3_000 + b",B2)",
        "minus and minus": b"ISSUANCEPCT(" + b"-" * 6_000 + b"A2,B2)",
        "deep in functions": b"SUM(" * 200 + b"ISSUANCEPCT(A2,B2)" + b")" * 200,
        "not closed": b"ISSUANCEPCT(A2,B2",
        "closed twice": b"ISSUANCEPCT(A2,B2))",
        "of all cells": b"ISSUANCEPCT(A2,Model!A:XFD)",
        "of all rows": b"ISSUANCEPCT(A2,1:1048576)",
        "of cells beyond": b"ISSUANCEPCT(A2,A9999999)",
        "of another workbook": b"ISSUANCEPCT([1]Sheet1!A1,B2)",
        "of another workbook by path": b"ISSUANCEPCT('C:\\[x.xlsx]S'!A1,B2)",
        "of a program": b"cmd|' /C calc'!A0+ISSUANCEPCT(A2,B2)",
        "of the web": b'WEBSERVICE("http://localhost/x")+ISSUANCEPCT(A2,B2)',
        "of a link": b'HYPERLINK("http://localhost/x",ISSUANCEPCT(A2,B2))',
        "of now": b"ISSUANCEPCT(A2,B2)+NOW()*0",
        "of itself": b"ISSUANCEPCT(A2,C2)",
        "of a name not defined": b"ISSUANCEPCT(A2,Nothing)",
        "of a table that is not there": b"ISSUANCEPCT(A2,Nothing[Shares])",
        "of a sheet that is not there": b"ISSUANCEPCT(A2,Nothing!B2)",
        "of a function that is not there": b"ISSUANCEPCT(A2,NOSUCH(B2))",
        "in a text": b'"ISSUANCEPCT(A2,B2)"',
        "with a zero character": b"ISSUANCEPCT(A2,B2)&amp;&quot;_x0000_&quot;",
        "with a lone bracket": b"ISSUANCEPCT(A2,B2)]",
        "with braces": b"ISSUANCEPCT({1,2;3},B2)",
        "with errors": b"ISSUANCEPCT(#REF!,B2)",
        "with a union": b"ISSUANCEPCT((A2,A3),B2)",
        "with nothing": b"ISSUANCEPCT()",
        "with a thousand arguments": b"ISSUANCEPCT(" + b"A2," * 1_000 + b"B2)",
        "of a macro": b"Module1.ISSUANCEPCT(A2,B2)",
        "of another file": b"'C:\\x\\other.xlam'!ISSUANCEPCT(A2,B2)",
        "of another file that is open": b"other.xlam!ISSUANCEPCT(A2,B2)",
        "of an add-in": b"[1]!ISSUANCEPCT(A2,B2)",
        "with the name of ours in a longer one": b"MY_ISSUANCEPCT(A2,B2)",
        "of one cell by position": b"@ISSUANCEPCT(A2,B2)",
        "of an argument by position": b"ISSUANCEPCT(@A2,B2)",
        "closed before it is opened": b"ISSUANCEPCT(A2,B2))+(1",
        "with an array of one length": b"ISSUANCEPCT({1,2;3,4},B2)",
        "of seventy brackets": b"(" * 70 + b"ISSUANCEPCT(A2,B2)" + b")" * 70,
        "of seventy-one brackets": b"(" * 71 + b"ISSUANCEPCT(A2,B2)" + b")" * 71,
        "of additions in brackets": b"(1+" * 35 + b"ISSUANCEPCT(A2,B2)" + b")" * 35,
        "of a sum of two hundred and fifty": b"ISSUANCEPCT(A2,B2)" + b"+1" * 250,
        "of a sum of three hundred": b"ISSUANCEPCT(A2,B2)" + b"+1" * 300,
        "of a sum of three hundred in an argument": b"ISSUANCEPCT(A2" + b"+1" * 300 + b",B2)",
        "with a text not closed": b"ISSUANCEPCT(A2,B2)&amp;&quot;x",
        "with the largest number": b"ISSUANCEPCT(1.7976931348623157E+308,B2)",
        "with a number of thirty digits": b"ISSUANCEPCT(123456789012345678901234567890,B2)",
        "empty": b"",
    }
    for name, body in bodies.items():
        yield Case(
            f"formula {name}", "model", packed(replaced(parts, sheet, old, b"<f>" + body + b"</f>"))
        )
    elements = {
        "said to be another's": b'<f t="shared" si="0"/>',
        "shared from another": b'<f t="shared" si="0" ref="C2:C4">ISSUANCEPCT(A2,B2)</f>',
        "filling the sheet": b'<f t="array" ref="A1:XFD1048576">ISSUANCEPCT(A2,B2)</f>',
        "filling a column": b'<f t="array" ref="C2:C1048576">ISSUANCEPCT(A2,B2)</f>',
        "filling nothing": b'<f t="array" ref="#REF!">ISSUANCEPCT(A2,B2)</f>',
        "filling backwards": b'<f t="array" ref="C9:C2">ISSUANCEPCT(A2,B2)</f>',
        "of an unknown type": b'<f t="else">ISSUANCEPCT(A2,B2)</f>',
        "of a what-if table": b'<f t="dataTable" ref="C2:C3" r1="A1">ISSUANCEPCT(A2,B2)</f>',
    }
    for name, element in elements.items():
        yield Case(f"formula {name}", "model", packed(replaced(parts, sheet, old, element)))
    book = "xl/workbook.xml"
    name_of = b'<definedName name="%s">%s</definedName>'
    loops = {
        "a name of itself": [(b"Loop", b"Loop+1")],
        "names in a circle": [(b"Loop", b"Round"), (b"Round", b"Loop")],
        "names that double": [(b"Loop", b"Name_1+Name_1")]
        + [(b"Name_%d" % n, b"Name_%d+Name_%d" % (n + 1, n + 1)) for n in range(1, 18)]
        + [(b"Name_18", b"1")],
        "a name that calls us": [(b"Loop", b"ISSUANCEPCT(Model!$A$2,Model!$B$2)")],
        "a name elsewhere": [(b"Loop", b"'[1]Other'!$A$1")],
        "a name of nothing": [(b"Loop", b"#REF!")],
        "a name twice": [(b"Loop", b"Model!$A$2"), (b"Loop", b"Model!$B$2")],
        "an empty name": [(b"Loop", b"")],
        "a name of a text": [(b"Loop", b'"ISSUANCEPCT(1,2)"')],
    }
    for name, defined in loops.items():
        text = b"".join(name_of % it for it in defined)
        changed = replaced(parts, book, b"<definedNames>", b"<definedNames>" + text)
        used = replaced(changed, sheet, old, b"<f>ISSUANCEPCT(A2,Loop)</f>")
        yield Case(f"formula through {name}", "model", packed(used))
        only = replaced(changed, sheet, old, b"<f>Loop</f>")
        yield Case(f"formula that is {name}", "model", packed(only))
    stored = {
        "a word that is milder": (b"<v>REQUIRED</v>", b"<v>NOT REQUIRED</v>"),
        "another figure": (b"<v>0.2</v>", b"<v>0.19</v>"),
        "no result": (b"<v>0.2</v>", b""),
        "an error": (b"<v>0.2</v>", b"<v>#REF!</v>"),
    }
    for name, (before, after) in stored.items():
        yield Case(f"stored {name}", "model", packed(replaced(parts, sheet, before, after)))
    cell = re.search(rb'<c r="D2".*?</c>', parts[sheet])
    assert cell is not None
    typed = b'<c r="D2" t="str"><v>NOT REQUIRED</v></c>'
    yield Case("a verdict typed over", "model", packed(replaced(parts, sheet, cell[0], typed)))
    middle = re.search(rb'<c r="D3".*?</c>', parts[sheet])
    assert middle is not None
    over = typed.replace(b"D2", b"D3")
    yield Case(
        "a verdict typed over between", "model", packed(replaced(parts, sheet, middle[0], over))
    )


# ---------------------------------------------------------------- swollen parts


def _swollen() -> Iterator[Case]:
    for name, sheet_name in (("deal", "Classes"), ("cap", "Cap")):
        parts = base(name)
        sheet = sheet_part(parts, sheet_name)
        styles = b"".join(b'<xf numFmtId="%d" fontId="0"/>' % (n % 50) for n in range(70_000))
        start = re.search(rb'<cellXfs count="\d+">', parts["xl/styles.xml"])
        assert start is not None
        swollen = parts["xl/styles.xml"].replace(start[0], start[0] + styles)
        yield Case("very many formats", name, packed({**parts, "xl/styles.xml": swollen}))
        names = b"".join(b'<definedName name="n%d">1</definedName>' % n for n in range(101_000))
        book = replaced(
            parts,
            "xl/workbook.xml",
            b"</sheets>",
            b"</sheets><definedNames>" + names + b"</definedNames>",
        )
        yield Case("very many names", name, packed(book))
        merges = b"".join(b'<mergeCell ref="H%d:I%d"/>' % (n, n) for n in range(1, 101_000))
        merged = replaced(
            parts, sheet, b"</sheetData>", b"</sheetData><mergeCells>" + merges + b"</mergeCells>"
        )
        yield Case("very many merges", name, packed(merged))
        far = replaced(
            parts,
            sheet,
            b"</sheetData>",
            b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>',
        )
        yield Case("a cell at the very end", name, packed(far))
        deep = replaced(
            parts, sheet, b"</sheetData>", b"</sheetData>" + b"<x>" * 20_000 + b"</x>" * 20_000
        )
        yield Case("elements very deep", name, packed(deep))
        attribute = replaced(
            parts, sheet, b"<sheetData>", b'<sheetPr a="' + _words(3_000_000) + b'"/><sheetData>'
        )
        yield Case("a very long attribute", name, packed(attribute))
        texts = "xl/sharedStrings.xml"
        long = re.sub(rb"<si><t>", b"<si><t>" + _words(2_000_000), parts[texts], count=1)
        yield Case("a very long text", name, packed({**parts, texts: long}))
        phonetic = re.sub(
            rb"<si><t>([^<]*)</t>",
            rb"<si><r><t>\1</t></r><rPh sb='0' eb='1'><t>no</t></rPh>",
            parts[texts],
        )
        yield Case("texts in runs", name, packed({**parts, texts: phonetic}))
        formats = replaced(
            parts,
            "xl/styles.xml",
            b"<fonts",
            b'<numFmts count="1"><numFmt numFmtId="0" formatCode="'
            + b"[" * 50_000
            + b'"/></numFmts><fonts',
        )
        yield Case("a very long number format", name, packed(formats))


def _words(size: int) -> bytes:
    """Text that does not pack to nothing."""
    source = random.Random(size)
    return bytes(source.choices(b"abcdefghij klmnop", k=size))


# ---------------------------------------------------------------- texts


TEXTS = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "@SUM(A1)",
    "\x1b[2J\x1b]0;owned\x07",
    "&lt;img src=x onerror=alert(1)&gt;",
    "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{ 7*7 }}",
    "a_x000A_b",
    "_x001B_[31mred",
    "\u202egnp.exe",
    "_x0000_",
    "_xD800_ alone",
    "]]&gt;",
    "`code` [link](http://x) **bold** | cell",
    "%s %n {0}",
    "\U0001f600 \u0301\u0301\u0301",
)


def _texts() -> Iterator[Case]:
    for name, text in (("deal", b"Example Inc"), ("cap", b"Larch Fund")):
        parts = base(name)
        for number, given in enumerate(TEXTS):
            content = given.replace("\x1b", "_x001B_").replace("\x07", "_x0007_").encode()
            changed = replaced(parts, "xl/sharedStrings.xml", text, content)
            yield Case(f"a text {number}", name, packed(changed))
    parts = base("cap")
    for number, given in enumerate(TEXTS):
        safe = re.sub(r"[\x00-\x1f]", "?", given).replace('"', "")[:31].encode()
        changed = replaced(parts, "xl/workbook.xml", b'name="Cap"', b'name="' + safe + b'"')
        yield Case(f"a sheet named {number}", "cap", packed(changed))
