"""Annotated copies: what is added, what stays byte for byte, what is refused."""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import foreign_package
import openpyxl
import pytest
import python_calamine

from xl_compliance.workbook.annotate import Annotated, Entry, annotate, is_annotated
from xl_compliance.workbook.snapshot import UnreadableWorkbook
from xl_compliance.workbook.xml_places import UnusualXml, mapped, outline

SOFFICE = shutil.which("soffice")
DATA, PLAIN = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"
HEADER = ("Severity", "Finding")


def entry(sheet: str, cell: str, note: str = "look here", severity: str = "error") -> Entry:
    return Entry(severity, (severity, f"about {cell}"), sheet, cell, note)


ENTRIES = (
    entry("It's data", "B1"),
    entry("It's data", "B2", "continued"),
    entry("It's data", "B3", "never shown"),
    entry("It's data", "$A$5", "=cmd|' /C calc'!A0 \x01 _x0041_ é 中 ]]>", "warning"),
    entry("Plain", "C2"),
    entry("Plain", "C3", "", "ok"),
    entry("Plain", "XFD1048576"),
    entry("Nowhere", "A1"),
)


@pytest.fixture
def made(tmp_path):
    """Annotate the foreign package, some parts changed."""

    def make(changes=None, entries=ENTRIES, name="foreign.xlsm") -> tuple[Path, Path, Annotated]:
        source = foreign_package.write(tmp_path / name, changes)
        target = tmp_path / "copies" / name
        target.parent.mkdir(exist_ok=True)
        before = source.read_bytes()
        done = annotate(source, target, ["Compliance", "a line"], HEADER, entries)
        assert source.read_bytes() == before, "the source is only read"
        return source, target, done

    return make


def raw_parts(path: Path) -> dict[str, tuple]:
    """Each part as it lies in the file: method, checksum, compressed bytes."""
    whole = path.read_bytes()
    found = {}
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        for info in archive.infolist():
            name, extra = struct.unpack_from("<HH", whole, info.header_offset + 26)
            start = info.header_offset + 30 + name + extra
            data = whole[start : start + info.compress_size]
            found[info.filename] = (
                info.compress_type,
                info.CRC,
                info.file_size,
                info.date_time,
                data,
            )
    return found


def text(path: Path, part: str) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read(part).decode("utf-8")


def inserted_only(before: str, after: str) -> bool:
    """Whether `after` is `before` with something put in and counts changed."""
    strip = re.compile(r'\scount=(["\'])\d+\1')
    rest = iter(strip.sub("", after))
    return all(character in rest for character in strip.sub("", before))


# ---------------------------------------------------------------- what stays


def test_every_other_part_is_byte_for_byte_what_it_was(made):
    source, target, _ = made()
    before, after = raw_parts(source), raw_parts(target)
    changed = {name for name in before if before[name] != after.get(name)}
    assert changed == {
        "[Content_Types].xml",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
        "xl/comments1.xml",
        "xl/drawings/vmlDrawing1.vml",
        PLAIN,
    }
    assert list(after)[: len(before)] == list(before), "in their order"
    assert set(after) - set(before) == {
        "xl/worksheets/1-xl-compliance-findings.xml",
        "xl/worksheets/_rels/sheet2.xml.rels",
        "xl/comments2.xml",
        "xl/drawings/vmlDrawing2.vml",
    }
    assert zipfile.ZipFile(target).comment == b"kept"


def test_parts_that_change_only_gain_something(made):
    source, target, _ = made()
    for part in (
        "[Content_Types].xml",
        "xl/workbook.xml",
        "xl/styles.xml",
        PLAIN,
        "xl/comments1.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/drawings/vmlDrawing1.vml",
    ):
        after = text(target, part).replace("<r><t>Ask counsel</t></r>", "<t>Ask counsel</t>")
        assert inserted_only(text(source, part), after), part


def test_what_is_added_is_well_formed(made):
    _, target, _ = made()
    with zipfile.ZipFile(target) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels", "vmlDrawing2.vml")):
                ElementTree.fromstring(archive.read(name))


def test_positions_and_the_open_sheet_stay(made):
    _, target, done = made()
    workbook = text(target, "xl/workbook.xml")
    assert done.sheet == "Compliance (2)", "a sheet of that name is there already"
    assert re.findall(r'name="([^"]+)" sheetId="(\d+)"', workbook)[-1] == ("Compliance (2)", "13")
    assert 'activeTab="1"' in workbook
    assert 'rel:id="rId' in workbook.split("Compliance (2)")[1]
    assert "tabSelected" not in text(target, "xl/worksheets/1-xl-compliance-findings.xml")


# ---------------------------------------------------------------- what is added


def notes(path: Path) -> dict[str, str]:
    book = openpyxl.load_workbook(path, keep_vba=True)
    return {
        f"{sheet.title}!{cell.coordinate}": cell.comment.text
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment
    }


def test_notes_stand_in_their_cells(made):
    _, target, done = made()
    found = notes(target)
    assert set(found) == {
        "It's data!B1",
        "It's data!B2",
        "It's data!B3",
        "It's data!A5",
        "Plain!C2",
    }
    assert "look here" in found["Plain!C2"]
    assert "_x0001_" in found["It's data!A5"] or "\x01" in found["It's data!A5"]
    assert "é 中 ]]>" in found["It's data!A5"]
    assert sorted(done.noted) == ["It's data!A5", "It's data!B1", "It's data!B2", "Plain!C2"]


def test_an_older_note_is_continued(made):
    _, target, _ = made()
    assert notes(target)["It's data!B2"].startswith("Ask counsel")
    assert notes(target)["It's data!B2"].endswith("continued")
    assert text(target, "xl/comments1.xml").count('ref="B2"') == 1, "Excel repairs a file with two"


def test_notes_left_out_are_said_with_the_reason(made):
    _, target, done = made()
    assert done.skipped == {
        "It's data!B3": "the cell has a threaded comment",
        "Plain!XFD1048576": "the cell lies outside what the sheet holds",
        "Nowhere!A1": "no worksheet of that name",
    }
    assert "never shown" not in text(target, "xl/comments1.xml")
    shown = [
        row[3]
        for row in openpyxl.load_workbook(target)[done.sheet].iter_rows(min_row=5, values_only=True)
    ]
    assert shown == [
        "yes",
        "yes",
        "the cell has a threaded comment",
        "yes",
        "yes",
        None,
        "the cell lies outside what the sheet holds",
        "no worksheet of that name",
    ]


def test_shape_ids_are_unique_and_in_their_blocks(made):
    _, target, _ = made()
    ids = []
    for part in ("xl/drawings/vmlDrawing1.vml", "xl/drawings/vmlDrawing2.vml"):
        drawing = text(target, part)
        (blocks,) = re.findall(r'<o:idmap[^>]*data="([\d,]+)"', drawing)
        own = [int(key) for key in re.findall(r'id="_x0000_s(\d+)"', drawing)]
        assert {key // 1024 for key in own} <= {int(it) for it in blocks.split(",")}
        ids += own
    assert len(ids) == len(set(ids))


def test_more_notes_than_a_block_of_shapes_holds(made):
    many = [entry("Plain", f"A{row}") for row in range(1, 1_001)]
    many += [entry("Plain", f"B{row}") for row in range(1, 1_001)]
    many += [entry("It's data", f"D{row}") for row in range(1, 1_001)]
    many += [entry("It's data", f"E{row}") for row in range(1, 101)]
    _, target, done = made(entries=many)
    assert len(done.noted) == 3_100
    drawings = "".join(text(target, f"xl/drawings/vmlDrawing{n}.vml") for n in (1, 2))
    ids = re.findall(r'id="_x0000_s(\d+)"', drawings)
    assert len(ids) == 3_103
    assert len(set(ids)) == 3_103
    blocks = [it for data in re.findall(r'data="([\d,]+)"', drawings) for it in data.split(",")]
    assert len(blocks) == len(set(blocks))
    assert {str(int(key) // 1024) for key in ids} == set(blocks)


def test_a_note_goes_into_a_drawing_of_buttons(made):
    """A legacyDrawing without notes holds buttons: it is extended, and not replaced."""
    without = foreign_package.parts()["xl/worksheets/_rels/sheet1.xml.rels"]
    without = re.sub(rb'<Relationship Id="rId[CT]"[^>]*/>', b"", without)
    _, target, _ = made({"xl/worksheets/_rels/sheet1.xml.rels": without})
    assert "Run<br>now" in text(target, "xl/drawings/vmlDrawing1.vml")
    assert text(target, DATA).count("<legacyDrawing") == 1
    assert "look here" in notes(target)["It's data!B1"]


def test_the_drawing_of_headers_is_another(made):
    sheet = foreign_package.DATA.replace("legacyDrawing", "legacyDrawingHF").encode()
    _, target, _ = made({DATA: sheet})
    after = text(target, DATA)
    assert after.index("<legacyDrawing ") < after.index("<legacyDrawingHF ")
    assert after.index("<drawing ") < after.index("<legacyDrawing ")


@pytest.mark.parametrize(
    "follows",
    [
        '<tableParts count="0"/>',
        '<extLst><ext uri="{A}"/></extLst>',
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        '<mc:Choice Requires="x14"><controls/></mc:Choice></mc:AlternateContent>',
        '<picture xmlns:r="urn:r" r:id="rId1"/>',
    ],
)
def test_a_drawing_comes_before_what_the_standard_puts_after_it(made, follows):
    sheet = foreign_package.HIDDEN.replace("<sheetData/>", f"<sheetData/>{follows}").encode()
    _, target, _ = made({PLAIN: sheet})
    after = text(target, PLAIN)
    assert after.index("<legacyDrawing") == after.index("<sheetData/>") + len("<sheetData/>")


def test_styles_are_appended_and_none_is_renumbered(made):
    source, target, _ = made()
    namespace = {"m": foreign_package.MAIN}
    before = ElementTree.fromstring(text(source, "xl/styles.xml"))
    after = ElementTree.fromstring(text(target, "xl/styles.xml"))
    for name in ("fonts", "fills", "cellXfs"):
        old, new = before.find(f"m:{name}", namespace), after.find(f"m:{name}", namespace)
        assert int(new.get("count")) == len(new) > len(old)
        assert [ElementTree.tostring(it) for it in new][: len(old)] == [
            ElementTree.tostring(it) for it in old
        ]


def test_a_workbook_without_styles_gets_some(made):
    relations = foreign_package.parts()["xl/_rels/workbook.xml.rels"]
    relations = re.sub(rb'<Relationship Id="rId5"[^>]*/>', b"", relations)
    _, target, done = made({"xl/_rels/workbook.xml.rels": relations, "xl/styles.xml": None})
    assert openpyxl.load_workbook(target)[done.sheet]["A1"].font.bold


def test_the_sheet_holds_texts_and_links(made):
    _, target, done = made(
        entries=[entry("It's data", "B1"), Entry("ok", ("ok", "=1+1"), "Plain", "")]
    )
    sheet = openpyxl.load_workbook(target)[done.sheet]
    assert sheet["C5"].hyperlink.location == "'It''s data'!B1"
    assert (sheet["B6"].value, sheet["B6"].data_type) == ("=1+1", "s")
    assert sheet["B6"].quotePrefix
    assert sheet["C6"].hyperlink is None
    assert sheet.freeze_panes == "A5"


def test_warnings(made):
    _, _, done = made()
    assert any("structure is protected" in warning for warning in done.warnings)
    assert not any("signed" in warning for warning in done.warnings)
    _, _, done = made(
        {"_xmlsignatures/sig1.xml": b"<Signature/>", "xl/vbaProjectSignature.bin": b"x"},
        name="s.xlsm",
    )
    assert sum("signed" in warning for warning in done.warnings) == 2


def test_an_annotated_copy_can_be_annotated_again(made, tmp_path):
    _, target, _ = made()
    again = tmp_path / "again.xlsm"
    done = annotate(target, again, ["Compliance"], HEADER, ENTRIES)
    assert done.sheet == "Compliance (3)"
    assert len(notes(again)) == 5
    assert is_annotated(again)


# ---------------------------------------------------------------- odd writings


def test_another_encoding_of_one_byte_a_character(made):
    comments = foreign_package.COMMENTS.replace("UTF-8", "ISO-8859-1").replace("counsel", "Müller")
    _, target, _ = made({"xl/comments1.xml": comments.encode("latin-1")})
    found = notes(target)
    assert found["It's data!B2"].startswith("Ask Müller")
    assert "é 中" in found["It's data!A5"]


def test_a_part_name_in_capitals(made):
    contents = foreign_package.parts()
    _, target, _ = made(
        {"xl/Comments1.xml": contents["xl/comments1.xml"], "xl/comments1.xml": None}
    )
    with zipfile.ZipFile(target) as archive:
        assert "xl/Comments1.xml" in archive.namelist()
        assert b"look here" in archive.read("xl/Comments1.xml")


def test_words_in_a_comment_do_not_mislead():
    sheet = foreign_package.DATA.replace("<dimension", "<!-- <sheetData> --><dimension").encode()
    root = outline(sheet)
    drawing = root.child("legacyDrawing")
    assert sheet[drawing.start : drawing.end] == b'<legacyDrawing r:id="rIdV"/>'


def test_an_outline_has_the_offsets_of_a_full_map():
    for sheet in (foreign_package.DATA, foreign_package.PLAIN, foreign_package.HIDDEN):
        xml = sheet.encode()
        short = [(it.name, it.start, it.end, it.inner_end) for it in outline(xml).children]
        assert short == [
            (it.name, it.start, it.end, it.inner_end) for it in mapped(xml, 2).children
        ]


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"xl/revisions/revisionHeaders.xml": b"<headers/>"}, "shared workbook"),
        ({"xl/comments1.xml": foreign_package.COMMENTS.encode("utf-16")}, "UTF-16"),
        ({"xl/drawings/vmlDrawing1.vml": b"<xml"}, "has no end"),
        ({"xl/drawings/vmlDrawing1.vml": None}, "is missing"),
    ],
)
def test_a_package_that_cannot_be_added_to_is_refused(made, tmp_path, changes, said):
    with pytest.raises(UnreadableWorkbook, match="no annotated copy can be made") as refused:
        made(changes)
    assert said in str(refused.value)
    assert not list((tmp_path / "copies").iterdir()), "nothing is left behind"


def test_encrypted_binary_and_ambiguous_workbooks_are_refused(tmp_path):
    encrypted = tmp_path / "locked.xlsx"
    name = "EncryptedPackage".encode("utf-16-le")
    encrypted.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + name + bytes(600))
    binary = foreign_package.write(tmp_path / "b.xlsx", {"xl/workbook.bin": b"x"})
    twice = foreign_package.write(tmp_path / "c.xlsx", {"xl/STYLES.xml": b"<styleSheet/>"})
    reasons = ((encrypted, "encrypted"), (binary, "binary workbook"), (twice, "this part twice"))
    for path, said in reasons:
        with pytest.raises(UnreadableWorkbook, match=said):
            annotate(path, tmp_path / "copy.xlsx", [], HEADER, ENTRIES)


def test_a_document_type_is_refused():
    with pytest.raises(UnusualXml, match="document type"):
        mapped(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')


# ---------------------------------------------------------------- read by others


def test_calamine_reads_the_same_values(made):
    source, target, done = made()
    before = python_calamine.load_workbook(str(source))
    after = python_calamine.load_workbook(str(target))
    assert after.sheet_names == [*before.sheet_names, done.sheet]
    for name in before.sheet_names:
        old, new = before.get_sheet_by_name(name), after.get_sheet_by_name(name)
        assert old.to_python() == new.to_python()
    assert len(after.get_sheet_by_name(done.sheet).to_python()) == 4 + len(ENTRIES)


@pytest.mark.skipif(
    SOFFICE is None and os.environ.get("CI") != "true", reason="LibreOffice is not installed"
)
def test_libreoffice_opens_it_and_keeps_the_notes(made, tmp_path):
    assert SOFFICE, "LibreOffice (soffice) is missing, and under CI it must not be"
    _, target, done = made()
    subprocess.run(
        [
            SOFFICE,
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--headless",
            *("--convert-to", "xlsx", "--outdir", str(tmp_path / "office"), str(target)),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    saved = tmp_path / "office" / "foreign.xlsx"
    found = notes(saved)
    for cell in done.noted:
        assert "look here" in found[cell] or "continued" in found[cell] or "calc" in found[cell]
    assert openpyxl.load_workbook(saved).sheetnames[-1] == done.sheet
