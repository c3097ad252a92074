"""What a workbook asks for is never done: no macro, link, connection, add-in or outside file.

One workbook asks for everything at once, and a server waits for whoever calls.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import foreign_package
import pytest
from foreign_package import HEAD, MAIN, MICROSOFT, PACKAGE, REL

WATCHED = Path(__file__).with_name("watched_run.py")


def _asking(port: int) -> dict[str, bytes | None]:
    """Parts that ask a program to fetch or start something, each in its own way."""
    there = f"http://127.0.0.1:{port}"
    book = foreign_package.WORKBOOK.replace(
        "<definedNames>",
        "<externalReferences><externalReference rel:id='rIdX1'/><externalReference rel:id='rIdX2'/>"
        "</externalReferences><definedNames>"
        "<definedName name='Auto_Open'>Macro1!$A$1</definedName>"
        f"<definedName name='Web'>WEBSERVICE(\"{there}/name\")</definedName>",
    )
    relations = (
        foreign_package.parts()["xl/_rels/workbook.xml.rels"]
        .decode()
        .replace(
            "</Relationships>",
            f'<Relationship Id="rIdX1" Type="{REL}/externalLink" Target="externalLinks/externalLink1.xml"/>'
            f'<Relationship Id="rIdX2" Type="{REL}/externalLink" Target="externalLinks/externalLink2.xml"/>'
            f'<Relationship Id="rIdX3" Type="{REL}/connections" Target="connections.xml"/>'
            f'<Relationship Id="rIdX4" Type="{REL}/image" TargetMode="External" Target="{there}/logo.png"/>'
            "</Relationships>",
        )
    )
    formulas = (
        f'WEBSERVICE("{there}/cell")',
        f'HYPERLINK("{there}/link","click")',
        f'IMAGE("{there}/image.png")',
        "cmd|'/C touch started'!A0",
        "[1]Prices!A1",
        f"'{there}/[other.xlsx]Sheet1'!A1",
        'RTD("calc.engine",,"x")',
        'CALL("kernel32","WinExec","JCJ","calc",0)',
        "EXEC(&quot;touch started&quot;)",
        "MINPRICE([1]Prices!A1:A5)",
        "ISSUANCEPCT(B1,[1]Prices!A1)",
    )
    rows = "".join(
        f'<row r="{number}"><c r="A{number}"><f>{text.replace(chr(34), "&quot;")}</f><v>1</v></c>'
        f'<c r="B{number}"><v>7</v></c></row>'
        for number, text in enumerate(formulas, 1)
    )
    sheet = (
        f'{HEAD}<worksheet xmlns="{MAIN}" xmlns:r="{REL}"><sheetData>{rows}</sheetData>'
        f'<hyperlinks><hyperlink ref="B1" r:id="rIdH"/></hyperlinks></worksheet>'
    )
    return {
        "xl/workbook.xml": book.encode(),
        "xl/_rels/workbook.xml.rels": relations.encode(),
        "xl/worksheets/sheet2.xml": sheet.encode(),
        "xl/worksheets/_rels/sheet2.xml.rels": (
            f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rIdH" '
            f'Type="{REL}/hyperlink" TargetMode="External" Target="{there}/hyper"/></Relationships>'
        ).encode(),
        "xl/externalLinks/externalLink1.xml": (
            f'{HEAD}<externalLink xmlns="{MAIN}" xmlns:r="{REL}"><externalBook r:id="rId1">'
            "<sheetNames><sheetName val='Prices'/></sheetNames></externalBook></externalLink>"
        ).encode(),
        "xl/externalLinks/_rels/externalLink1.xml.rels": (
            f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{REL}/externalLinkPath" TargetMode="External" Target="{there}/o.xlsx"/>'
            "</Relationships>"
        ).encode(),
        "xl/externalLinks/externalLink2.xml": (
            f'{HEAD}<externalLink xmlns="{MAIN}"><ddeLink ddeService="cmd" ddeTopic="/C calc">'
            "<ddeItems><ddeItem name='A0' advise='1'/></ddeItems></ddeLink></externalLink>"
        ).encode(),
        "xl/connections.xml": (
            f'{HEAD}<connections xmlns="{MAIN}"><connection id="1" name="q" type="4" '
            f'refreshOnLoad="1"><webPr url="{there}/query"/></connection></connections>'
        ).encode(),
        "xl/webextensions/webextension1.xml": (
            f'{HEAD}<we:webextension xmlns:we="{MICROSOFT}/webextensions/webextension/2010/11" '
            f'id="{{W}}"><we:reference id="{there}/addin" version="1" store="{there}"/>'
            "</we:webextension>"
        ).encode(),
    }


@pytest.fixture
def server():
    """A server that nobody should call."""
    with socket.create_server(("127.0.0.1", 0)) as waiting:
        waiting.setblocking(False)
        yield waiting


def _called(server: socket.socket) -> bool:
    try:
        connection, _ = server.accept()
    except BlockingIOError:
        return False
    connection.close()
    return True


def test_the_server_would_notice(server: socket.socket) -> None:
    assert not _called(server)
    socket.create_connection(server.getsockname()).close()
    assert _called(server)


def _watched(folder: Path, *commands: list[str]) -> dict[str, Any]:
    out = folder.parent / "seen.json"
    done = subprocess.run(
        [sys.executable, str(WATCHED), str(out), str(folder), *map(json.dumps, commands)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return seen


def test_nothing_in_a_workbook_is_followed(server: socket.socket, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    path = foreign_package.write(folder / "asks.xlsm", _asking(server.getsockname()[1]))
    before = hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns
    seen = _watched(
        folder,
        ["check", "asks.xlsm", "--jobs", "0", "-o", "../report.json", "--annotate", "../copies"],
        ["inspect", "asks.xlsm"],
        ["refresh", "asks.xlsm", "-o", "../refreshed.xlsm"],
        ["convert", "asks.xlsm", "../converted.xlsm", "--to", "lite"],
        ["excel", "lite", "../lite.xlsm", "--from", "asks.xlsm"],
    )
    told = dict(seen["codes"])
    assert len(seen["codes"]) == 5
    assert all("Traceback" not in text for text in told.values())
    assert "was not recomputed" in (tmp_path / "report.json").read_text(encoding="utf-8")
    asked = [it for it in seen["events"] if it[0] not in ("written", "changed")]
    assert asked == [], "no socket and no child process"
    written = {Path(folder, name).resolve() for event, name in seen["events"] if event == "written"}
    inside = [it for it in written if it.is_relative_to(folder)]
    assert inside == [], "nothing beside the workbook"
    assert not _called(server)
    after = hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns
    assert after == before, "the workbook is as it was"
    assert [it.name for it in folder.iterdir()] == ["asks.xlsm"]


def test_what_watches_sees_sockets_children_and_files(tmp_path: Path) -> None:
    """Without this the test above could pass by being blind."""
    script = tmp_path / "blind.py"
    text = WATCHED.read_text(encoding="utf-8").replace("\nmain()\n", "\n")
    script.write_text(
        text
        + "\nsys.addaudithook(_watch)\n"
        + "import socket, subprocess\n"
        + "socket.socket().close(); subprocess.run([sys.executable, '-c', '']); open('f', 'w')\n"
        + "print(json.dumps(EVENTS))\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, cwd=tmp_path
    )
    events = {event for event, _ in json.loads(done.stdout)}
    assert {"socket.__new__", "subprocess.Popen", "written"} <= events
