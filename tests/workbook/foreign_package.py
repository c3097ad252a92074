"""A workbook with all that no library carries along, written part by part.

Macros, a chart, an image, slicers, sparklines, threaded comments, a web extension, custom XML, a
button whose drawing is not well-formed XML, relations with absolute targets and odd ids.
"""

from __future__ import annotations

import base64
import zipfile
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MICROSOFT = "http://schemas.microsoft.com/office"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def _relations(*items: tuple[str, str, str]) -> str:
    inner = "".join(f'<Relationship Id="{i}" Type="{t}" Target="{to}"/>' for i, t, to in items)
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{inner}</Relationships>'


def _cells(rows: int) -> str:
    return "".join(
        f'<row r="{r}"><c r="A{r}" t="inlineStr"><is><t>Holder {r}</t></is></c>'
        f'<c r="B{r}"><v>{r * 100}</v></c><c r="C{r}"><f>B{r}*2</f><v>{r * 200}</v></c></row>'
        for r in range(1, rows + 1)
    )


CONTENT_TYPES = f"""{HEAD}<Types xmlns="{PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>
<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>
<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
<Override PartName="/xl/worksheets/sheet2.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
<Override PartName="/xl/worksheets/sheet3.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>
<Override PartName="/xl/drawings/drawing1.xml" ContentType="application/vnd.openxmlformats-officedocument.drawing+xml"/>
<Override PartName="/xl/charts/chart1.xml" ContentType="application/vnd.openxmlformats-officedocument.drawingml.chart+xml"/>
<Override PartName="/xl/comments1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"/>
<Override PartName="/xl/threadedComments/threadedComment1.xml" ContentType="application/vnd.ms-excel.threadedcomments+xml"/>
<Override PartName="/xl/persons/person.xml" ContentType="application/vnd.ms-excel.person+xml"/>
<Override PartName="/xl/slicers/slicer1.xml" ContentType="application/vnd.ms-excel.slicer+xml"/>
<Override PartName="/xl/slicerCaches/slicerCache1.xml" ContentType="application/vnd.ms-excel.slicerCache+xml"/>
<Override PartName="/xl/webextensions/taskpanes.xml" ContentType="application/vnd.ms-office.webextensiontaskpanes+xml"/>
<Override PartName="/xl/webextensions/webextension1.xml" ContentType="application/vnd.ms-office.webextension+xml"/>
<Override PartName="/customXml/itemProps1.xml" ContentType="application/vnd.openxmlformats-officedocument.customXmlProperties+xml"/>
</Types>"""

WORKBOOK = f"""{HEAD}<workbook xmlns="{MAIN}" xmlns:rel="{REL}"><workbookPr codeName="ThisWorkbook"/>
<workbookProtection lockStructure="1"/><bookViews><workbookView activeTab="1"/></bookViews>
<sheets><sheet name="It's data" sheetId="7" rel:id="rIdA"/><sheet name="Plain" sheetId="3" rel:id="rId9"/><sheet name="compliance" sheetId="12" state="hidden" rel:id="rId4"/></sheets>
<definedNames><definedName name="_xlnm.Print_Area" localSheetId="1">Plain!$A$1:$C$5</definedName></definedNames><calcPr calcId="191029"/></workbook>"""

STYLES = f"""{HEAD}<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="Arial"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count='2'><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles><dxfs count="0"/></styleSheet>"""

SPARKLINES = f"""<extLst><ext uri="{{05C60535-1F16-4fd2-B633-F4F36F0B64E0}}" xmlns:x14="{MICROSOFT}/spreadsheetml/2009/9/main"><x14:sparklineGroups xmlns:xm="{MICROSOFT}/excel/2006/main"><x14:sparklineGroup><x14:sparklines><x14:sparkline><xm:f>'It''s data'!B1:B5</xm:f><xm:sqref>E1</xm:sqref></x14:sparkline></x14:sparklines></x14:sparklineGroup></x14:sparklineGroups></ext><ext uri="{{3A4CF648-6AED-40f4-86FF-DC5316D8AED3}}" xmlns:x14="{MICROSOFT}/spreadsheetml/2009/9/main"><x14:slicerList><x14:slicer r:id="rIdS" xmlns:r="{REL}"/></x14:slicerList></ext></extLst>"""

DATA = f"""{HEAD}<worksheet xmlns="{MAIN}" xmlns:r="{REL}"><dimension ref="A1:C5"/><sheetData>{_cells(5)}</sheetData>
<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/><drawing r:id="rIdD"/><legacyDrawing r:id="rIdV"/>{SPARKLINES}</worksheet>"""

# No prefix for relations, a prefix for all else, an alternative for controls, a link at the end.
PLAIN = f"""{HEAD}<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{_cells(3).replace("<", "<x:").replace("<x:/", "</x:")}</x:sheetData>
<x:pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/><x:extLst><x:ext uri="{{A}}"/></x:extLst></x:worksheet>"""

HIDDEN = f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData/></worksheet>'

COMMENTS = f"""{HEAD}<comments xmlns="{MAIN}"><authors><author>A. Banker</author><author>tc={{1}}</author></authors><commentList>
<comment ref="B2" authorId="0"><text><t>Ask counsel</t></text></comment>
<comment ref="B3" authorId="1"><text><t>[Threaded comment] Is this right?</t></text></comment></commentList></comments>"""

# <br> is not closed, as Excel itself writes it.
DRAWING = """<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout>
<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"/>
<v:shape id="_x0000_s1025" type="#_x0000_t201" style='position:absolute' o:button="t"><v:textbox><div>Run<br>now</div></v:textbox><x:ClientData ObjectType="Button"><x:Anchor>5, 0, 1, 0, 7, 0, 3, 0</x:Anchor><x:FmlaMacro>[0]!Go</x:FmlaMacro></x:ClientData></v:shape>
<v:shape id="_x0000_s1026" type="#_x0000_t202" style='visibility:hidden'><x:ClientData ObjectType="Note"><x:Anchor>2, 15, 0, 10, 4, 15, 4, 4</x:Anchor><x:Row>1</x:Row><x:Column>1</x:Column></x:ClientData></v:shape>
<v:shape id="_x0000_s1027" type="#_x0000_t202" style='visibility:hidden'><x:ClientData ObjectType="Note"><x:Anchor>2, 15, 1, 10, 4, 15, 5, 4</x:Anchor><x:Row>2</x:Row><x:Column>1</x:Column></x:ClientData></v:shape></xml>"""

SPREADSHEET_DRAWING = f"""{HEAD}<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><xdr:oneCellAnchor><xdr:from><xdr:col>6</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>1</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:ext cx="4000000" cy="2000000"/><xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="2" name="Chart 1"/><xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart"><c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:r="{REL}" r:id="rId1"/></a:graphicData></a:graphic></xdr:graphicFrame><xdr:clientData/></xdr:oneCellAnchor><xdr:oneCellAnchor><xdr:from><xdr:col>6</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>20</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:ext cx="9525" cy="9525"/><xdr:pic><xdr:nvPicPr><xdr:cNvPr id="3" name="Logo"/><xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill><a:blip xmlns:r="{REL}" r:embed="rId2"/><a:stretch><a:fillRect/></a:stretch></xdr:blipFill><xdr:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="9525" cy="9525"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr></xdr:pic><xdr:clientData/></xdr:oneCellAnchor></xdr:wsDr>"""

CHART = f"""{HEAD}<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><c:chart><c:plotArea><c:layout/><c:barChart><c:barDir val="col"/><c:grouping val="clustered"/><c:ser><c:idx val="0"/><c:order val="0"/><c:val><c:numRef><c:f>'It''s data'!$B$1:$B$5</c:f></c:numRef></c:val></c:ser><c:axId val="1"/><c:axId val="2"/></c:barChart><c:catAx><c:axId val="1"/><c:scaling><c:orientation val="minMax"/></c:scaling><c:axPos val="b"/><c:crossAx val="2"/></c:catAx><c:valAx><c:axId val="2"/><c:scaling><c:orientation val="minMax"/></c:scaling><c:axPos val="l"/><c:crossAx val="1"/></c:valAx></c:plotArea></c:chart></c:chartSpace>"""

THREAD = f'{HEAD}<ThreadedComments xmlns="{MICROSOFT}/spreadsheetml/2018/threadedcomments"><threadedComment ref="B3" dT="2026-01-02T10:00:00.00" personId="{{P}}" id="{{1}}"><text>Is this right?</text></threadedComment></ThreadedComments>'


def parts() -> dict[str, bytes]:
    """Every part by its name."""
    texts = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": _relations(
            ("rId1", f"{REL}/officeDocument", "/xl/workbook.xml"),
            (
                "rId2",
                f"{MICROSOFT}/2011/relationships/webextensiontaskpanes",
                "xl/webextensions/taskpanes.xml",
            ),
        ),
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": _relations(
            ("rIdA", f"{REL}/worksheet", "/xl/worksheets/sheet1.xml"),
            ("rId9", f"{REL}/worksheet", "worksheets/sheet2.xml"),
            ("rId4", f"{REL}/worksheet", "worksheets/sheet3.xml"),
            ("rId5", f"{REL}/styles", "styles.xml"),
            ("rId6", f"{MICROSOFT}/2006/relationships/vbaProject", "vbaProject.bin"),
            ("rId7", f"{MICROSOFT}/2017/10/relationships/person", "persons/person.xml"),
            ("rId8", f"{REL}/customXml", "../customXml/item1.xml"),
            (
                "rId10",
                f"{MICROSOFT}/2007/relationships/slicerCache",
                "slicerCaches/slicerCache1.xml",
            ),
        ),
        "xl/worksheets/sheet1.xml": DATA,
        "xl/worksheets/_rels/sheet1.xml.rels": _relations(
            ("rIdD", f"{REL}/drawing", "../drawings/drawing1.xml"),
            ("rIdV", f"{REL}/vmlDrawing", "/xl/drawings/vmlDrawing1.vml"),
            ("rIdC", f"{REL}/comments", "../comments1.xml"),
            (
                "rIdT",
                f"{MICROSOFT}/2017/10/relationships/threadedComment",
                "../threadedComments/threadedComment1.xml",
            ),
            ("rIdS", f"{MICROSOFT}/2007/relationships/slicer", "../slicers/slicer1.xml"),
        ),
        "xl/worksheets/sheet2.xml": PLAIN,
        "xl/worksheets/sheet3.xml": HIDDEN,
        "xl/styles.xml": STYLES,
        "xl/comments1.xml": COMMENTS,
        "xl/drawings/vmlDrawing1.vml": DRAWING,
        "xl/drawings/drawing1.xml": SPREADSHEET_DRAWING,
        "xl/drawings/_rels/drawing1.xml.rels": _relations(
            ("rId1", f"{REL}/chart", "../charts/chart1.xml"),
            ("rId2", f"{REL}/image", "../media/image1.png"),
        ),
        "xl/charts/chart1.xml": CHART,
        "xl/threadedComments/threadedComment1.xml": THREAD,
        "xl/persons/person.xml": f'{HEAD}<personList xmlns="{MICROSOFT}/spreadsheetml/2018/threadedcomments"><person displayName="A" id="{{P}}" userId="a" providerId="None"/></personList>',
        "xl/slicers/slicer1.xml": f'{HEAD}<slicers xmlns="{MICROSOFT}/spreadsheetml/2009/9/main"><slicer name="Holder" cache="Slicer_Holder" rowHeight="241300"/></slicers>',
        "xl/slicerCaches/slicerCache1.xml": f'{HEAD}<slicerCacheDefinition xmlns="{MICROSOFT}/spreadsheetml/2009/9/main" name="Slicer_Holder" sourceName="Holder"/>',
        "xl/webextensions/taskpanes.xml": f'{HEAD}<wetp:taskpanes xmlns:wetp="{MICROSOFT}/webextensions/taskpanes/2010/11"/>',
        "xl/webextensions/webextension1.xml": f'{HEAD}<we:webextension xmlns:we="{MICROSOFT}/webextensions/webextension/2010/11" id="{{W}}"/>',
        "customXml/item1.xml": "<deal xmlns='urn:deal'>kept</deal>",
        "customXml/itemProps1.xml": f'{HEAD}<ds:datastoreItem xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml" ds:itemID="{{D}}"/>',
    }
    return {
        **{name: text.encode("utf-8") for name, text in texts.items()},
        "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 macros" * 40,
        "xl/media/image1.png": PIXEL,
    }


def write(path: Path, changes: dict[str, bytes | None] | None = None) -> Path:
    """Write the workbook, some parts changed, added, or left out."""
    contents = {**parts(), **(changes or {})}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = b"kept"
        for name, content in contents.items():
            if content is not None:
                stored = name.endswith(".png")
                archive.writestr(name, content, zipfile.ZIP_STORED if stored else None)
    return path
