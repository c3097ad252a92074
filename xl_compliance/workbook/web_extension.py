"""The parts of a workbook that carry the code of xlwings Lite.

The add-in keeps its files in its own settings, as Office stores them with a workbook: a task pane
that names the add-in by its number in the store, and properties, each a JSON text. openpyxl drops
these parts when it saves, so they are added last, to a finished file.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_DEFLATED, ZipInfo

from xl_compliance.workbook.cached_values import write_package
from xl_compliance.workbook.snapshot import failures_told, open_package

_ADD_IN: Final = "wa200008175"
_FOLDER: Final = "xl/webextensions"
_WE: Final = "http://schemas.microsoft.com/office/webextensions/webextension/2010/11"
_STAMP: Final = (2025, 1, 1, 0, 0, 0)
_OFFICE: Final = "http://schemas.microsoft.com/office/2011/relationships"
_TYPES: Final = {
    "taskpanes.xml": "application/vnd.ms-office.webextensiontaskpanes+xml",
    "webextension1.xml": "application/vnd.ms-office.webextension+xml",
}


class AlreadyCarriesCode(ValueError):
    """A workbook that has an add-in's parts in it already."""


def embed_code(
    source: str | Path, target: str | Path, files: Mapping[str, str], functions: Sequence[str]
) -> None:
    """Write a copy of a workbook that carries these files for xlwings Lite.

    `functions` are the names by which its formulas know them. Every part of the source stays as it
    is, but for the two lists in which a part must be entered. Raises `AlreadyCarriesCode` where
    the source has a task pane of any add-in.
    """
    source, target = Path(source), Path(target)
    with open_package(source) as package:
        with failures_told(source):
            members = [(info, package.archive.read(info)) for info in package.archive.infolist()]
        if any(info.filename.lower().startswith(f"{_FOLDER}/") for info, _ in members):
            raise AlreadyCarriesCode(
                f"{source.name} carries an add-in's code already. Start from a copy without it: "
                "File, Info, Inspect Document, Task Pane Add-ins, Remove All"
            )
        listed = [(info, _entered(info.filename, content)) for info, content in members]
        write_package(target, listed + _parts(files, functions), package.archive.comment)


def embedded_code(path: str | Path) -> dict[str, str]:
    """The files that a workbook carries for xlwings Lite, by name."""
    from defusedxml.ElementTree import fromstring

    with open_package(Path(path)) as package, failures_told(Path(path)):
        names = [name for name in package.archive.namelist() if name.startswith(f"{_FOLDER}/")]
        return {
            node.get("name", ""): json.loads(node.get("value", '""'))
            for name in names
            if re.fullmatch(r".*/webextension\d+\.xml", name)
            for node in fromstring(package.archive.read(name)).iter(f"{{{_WE}}}property")
        }


def _entered(name: str, content: bytes) -> bytes:
    """The part, with ours entered in it where it is one of the two lists."""
    if name == "_rels/.rels":
        return _before_end(
            content,
            b"Relationships",
            f'<Relationship Id="xlComplianceLite" Type="{_OFFICE}/webextensiontaskpanes" '
            f'Target="{_FOLDER}/taskpanes.xml"/>',
        )
    if name == "[Content_Types].xml":
        entries = (
            f'<Override PartName="/{_FOLDER}/{part}" ContentType="{kind}"/>'
            for part, kind in _TYPES.items()
        )
        return _before_end(content, b"Types", "".join(entries))
    return content


def _before_end(xml: bytes, tag: bytes, entry: str) -> bytes:
    """An entry at the end of a list, in the namespace prefix that the list uses."""
    closing = re.search(rb"</((?:[\w.-]+:)?)" + tag + rb"\s*>\s*$", xml)
    if closing is None:
        raise ValueError(f"the list {tag.decode()} of the package has no end")
    prefixed = entry.replace("<", f"<{closing[1].decode()}")
    return xml[: closing.start()] + prefixed.encode() + xml[closing.start() :]


def _parts(files: Mapping[str, str], functions: Sequence[str]) -> list[tuple[ZipInfo, bytes]]:
    contents = {
        "taskpanes.xml": _TASK_PANES,
        "_rels/taskpanes.xml.rels": _RELATION,
        "webextension1.xml": _extension(files, functions),
    }
    return [(_entry(f"{_FOLDER}/{name}"), text.encode()) for name, text in contents.items()]


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _STAMP)
    entry.compress_type = ZIP_DEFLATED
    return entry


def _extension(files: Mapping[str, str], functions: Sequence[str]) -> str:
    # The same files make the same part.
    identity = str(uuid5(NAMESPACE_URL, json.dumps([dict(files), list(functions)])))
    settings = {
        **files,
        "xlwingsWorkbookId": identity,
        "xlwingsSettingsWorkbook": {"startupBehavior": "taskpane"},
    }
    properties = "".join(
        f"<we:property name={quoteattr(name)} value={quoteattr(json.dumps(value))}/>"
        for name, value in settings.items()
    )
    ids = "".join(f"<we:customFunctionIds>{each}</we:customFunctionIds>" for each in functions)
    return _EXTENSION.format(
        id=identity.upper(), add_in=_ADD_IN, capital=_ADD_IN.upper(), properties=properties, ids=ids
    )


_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_R: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

_TASK_PANES: Final = (
    f'{_XML}<wetp:taskpanes xmlns:wetp="http://schemas.microsoft.com/office/webextensions/'
    'taskpanes/2010/11"><wetp:taskpane dockstate="right" visibility="1" width="438" row="3">'
    f'<wetp:webextensionref xmlns:r="{_R}" r:id="rId1"/></wetp:taskpane></wetp:taskpanes>'
)
_RELATION: Final = (
    f'{_XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/webextension" Target="webextension1.xml"/>'
    "</Relationships>"
)
_EXTENSION: Final = (
    f'{_XML}<we:webextension xmlns:we="{_WE}" id="{{{{{{id}}}}}}">'
    '<we:reference id="{add_in}" version="1.0.0.0" store="en-US" storeType="OMEX"/>'
    '<we:alternateReferences><we:reference id="{capital}" version="1.0.0.0" store="{capital}" '
    'storeType="OMEX"/></we:alternateReferences><we:properties>{properties}</we:properties>'
    f'<we:bindings/><we:snapshot xmlns:r="{_R}"/><we:extLst>'
    '<a:ext xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'uri="{{D87F86FE-615C-45B5-9D79-34F1136793EB}}"><we:containsCustomFunctions/></a:ext>'
    '<a:ext xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'uri="{{7C84B067-C214-45C3-A712-C9D94CD141B2}}">'
    "<we:customFunctionIdList>{ids}</we:customFunctionIdList></a:ext></we:extLst>"
    "</we:webextension>"
)
