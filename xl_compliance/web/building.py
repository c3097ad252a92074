"""Builds the page: one HTML file with Pyodide, the libraries and this package inside.

The same sources make the same bytes. Nothing in the page is fetched when it is opened.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import message_from_string
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import xl_compliance
from xl_compliance import __version__
from xl_compliance.excel.embedding import data_of, files_behind
from xl_compliance.web import calculator
from xl_compliance.web.parts import CannotBuild, Parts, node, part, parts

_PACKAGE: Final = Path(xl_compliance.__file__).parent
# Imported by name where they are used, so that no import statement leads to them.
_BY_NAME: Final = (
    "xl_compliance.web.inside",
    "xl_compliance.workbook.plain_engine",
    "xl_compliance.batch.reports.html",
    "xl_compliance.batch.reports.json",
    "xl_compliance.batch.reports.xlsx",
)
# What the packages read beside their tables; what lies in this one is the page itself.
_TEMPLATES: Final = (".html", ".css", ".js")
_OF_THE_PAGE: Final = "xl_compliance/web/"
_LEFT_OUT: Final = (".so.txt", ".pyi", ".c", "py.typed", "RECORD", "WHEEL", "top_level.txt")
# Parts of the standard library that have no use in a page: a terminal, servers, mail, processes.
_UNUSED: Final = (
    *("_pyio.py", "_pyrepl/", "bdb.py", "cProfile.py", "curses/", "doctest.py", "ensurepip/"),
    *("ftplib.py", "idlelib/", "imaplib.py", "lib2to3/", "mailbox.py", "multiprocessing/"),
    *("optparse.py", "pdb.py", "pickletools.py", "poplib.py", "profile.py", "pstats.py"),
    *("pydoc.py", "pydoc_data/", "smtplib.py", "socketserver.py", "test/", "tkinter/"),
    *("trace.py", "turtle.py", "turtledemo/", "unittest/", "venv/", "webbrowser.py"),
    *("wsgiref/", "xmlrpc/"),
)
_STAMP: Final = (2025, 1, 1, 0, 0, 0)
# Pyodide runs in classic workers only when importScripts fails, and pages from file:// have no
# module workers: so its module is made a script, by two replacements that must fit.
_MODULE_URL: Final = "import.meta.url"
_MODULE_EXPORT: Final = "export default _createPyodideModule;"
_PYODIDE: Final = "Pyodide"


@dataclass(frozen=True, slots=True)
class Licence:
    """A work that the page holds, and the terms it comes under."""

    name: str
    version: str
    terms: str
    text: str


def build(cache: Path) -> str:
    """The page. Raises `CannotBuild`."""
    found = parts(cache)
    assets, licences = _assets(found)
    worker = _worker(found)
    meta = {
        "assets": {name: f"asset-{place}" for place, name in enumerate(assets)},
        "calculator": calculator.forms(),
        "lock": json.loads((found.pyodide / "pyodide-lock.json").read_text("utf-8"))["info"],
        "tags": _TAGS,
        "attributes": _ATTRIBUTES,
    }
    return _page(meta, assets, worker, licences)


def _page(
    meta: Mapping[str, Any],
    assets: Mapping[str, bytes],
    worker: str,
    licences: list[Licence],
) -> str:
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    style = _report_part("report.css") + part("page.css")
    script = _report_part("report.js") + part("page.js")
    for text in (style, script):
        if "</" in text:
            raise CannotBuild("a script or style sheet of the page ends its own element")
    packed = {f"asset-{place}": _packed(content) for place, content in enumerate(assets.values())}
    return environment.from_string(part("page.html")).render(
        version=__version__,
        style=Markup(style),
        script=Markup(script),
        style_hash=_hash(style),
        script_hash=_hash(script),
        meta=Markup(json.dumps(meta).replace("<", "\\u003c")),
        assets=packed | {"worker": _packed(worker.encode())},
        licences=licences,
    )


def _report_part(name: str) -> str:
    return (_PACKAGE / "batch" / "reports" / name).read_text(encoding="utf-8").replace("\r\n", "\n")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _packed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()


def _worker(found: Parts) -> str:
    module = (found.pyodide / "pyodide.asm.mjs").read_text(encoding="utf-8")
    urls, exports = module.count(_MODULE_URL), module.count("export default")
    if (
        urls != module.count("import.meta")
        or exports != module.count(_MODULE_EXPORT)
        or exports != 1
    ):
        raise CannotBuild("this Pyodide is put together in another way than the one pinned here")
    module = module.replace(_MODULE_URL, '"mem://app/pyodide.asm.js"').replace(_MODULE_EXPORT, "")
    loader = (found.pyodide / "pyodide.js").read_text(encoding="utf-8")
    guard = 'self.importScripts = () => { throw new TypeError("importScripts is off"); };'
    return "\n".join((guard, loader, module, part("worker.js")))


# ---------------------------------------------------------------- what Python finds in the page


def _assets(found: Parts) -> tuple[dict[str, bytes], list[Licence]]:
    members: dict[str, bytes] = dict(_own_files())
    machine: dict[str, bytes] = {}
    licences = [_pyodide_licence(found)]
    for wheel in found.wheels:
        with ZipFile(wheel) as archive:
            content = {
                it.filename: archive.read(it) for it in archive.infolist() if not it.is_dir()
            }
        licences.append(_licence(content))
        of_use = {name: data for name, data in content.items() if _belongs(name)}
        has_code = any(name.endswith(".so") for name in of_use)
        (machine if has_code else members).update(of_use)
    with ZipFile(found.pyodide / "python_stdlib.zip") as archive:
        standard = {
            it.filename: archive.read(it)
            for it in archive.infolist()
            if not it.is_dir() and not it.filename.startswith(_UNUSED)
        }
    archives = {"libraries.zip": members, "machine.zip": machine, "python_stdlib.zip": standard}
    compiled = _compiled(found, archives)
    wasm = (found.pyodide / "pyodide.asm.wasm").read_bytes()
    return {"pyodide.asm.wasm": wasm, **compiled}, licences


def _own_files() -> Iterator[tuple[str, bytes]]:
    code = files_behind(*_BY_NAME)
    yield from code.items()
    for name, content in data_of(code, *_TEMPLATES).items():
        if not name.startswith(_OF_THE_PAGE):
            yield name, content


def _belongs(name: str) -> bool:
    """Whether a file of a wheel is of use: no notes for its authors, nothing for other systems."""
    if name.endswith(_LEFT_OUT) or "/tests/" in name or "dist-info/" in name:
        return False
    return not name.endswith(".so") or "wasm32" in name


def _compiled(found: Parts, archives: Mapping[str, Mapping[str, bytes]]) -> dict[str, bytes]:
    with TemporaryDirectory() as folder:
        command = [node(), "-", str(found.pyodide)]
        for name, members in archives.items():
            source, target = Path(folder, f"source-{name}"), Path(folder, name)
            source.write_bytes(_zipped(members))
            command += [str(source), str(target)]
        script = Path(folder, "compile.mjs")
        script.write_text(part("compile.mjs"), encoding="utf-8")
        command[1] = str(script)
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=False
        )
        if done.returncode:
            raise CannotBuild(f"Pyodide could not compile the page's Python: {done.stderr[-600:]}")
        return {name: Path(folder, name).read_bytes() for name in archives}


def _zipped(members: Mapping[str, bytes]) -> bytes:
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_STORED) as archive:
        for name in sorted(members):
            archive.writestr(ZipInfo(name, _STAMP), members[name])
    return stream.getvalue()


# ---------------------------------------------------------------- terms


def _pyodide_licence(found: Parts) -> Licence:
    data = json.loads((found.pyodide / "package.json").read_text(encoding="utf-8"))
    return Licence(_PYODIDE, data["version"], data["license"], "")


def _licence(content: Mapping[str, bytes]) -> Licence:
    metadata = next(data for name, data in content.items() if name.endswith("dist-info/METADATA"))
    said = message_from_string(metadata.decode("utf-8"))
    texts = [
        data.decode("utf-8", "replace").strip()
        for name, data in sorted(content.items())
        if "dist-info/" in name and "LICEN" in name.upper()
    ]
    terms = said["License-Expression"] or said["License"] or ""
    return Licence(said["Name"], said["Version"], terms.split("\n")[0], "\n\n".join(texts))


# ---------------------------------------------------------------- what of a report the page takes

_TAGS: Final = (
    *("a", "br", "caption", "circle", "dd", "details", "div", "dl", "dt", "em", "fieldset"),
    *("figcaption", "figure", "form", "h1", "h2", "header", "input", "label", "legend", "li"),
    *("line", "main", "ol", "option", "output", "p", "polyline", "rect", "section", "select"),
    *("small", "span", "strong", "summary", "svg", "table", "tbody", "td", "text", "th"),
    *("thead", "title", "tr", "ul"),
)
_ATTRIBUTES: Final = (
    *("aria-label", "aria-live", "autocomplete", "checked", "class", "cx", "cy", "data-code"),
    *("data-severity", "height", "hidden", "id", "name", "points", "r", "role", "rx", "scope"),
    *("tabindex", "text-anchor", "type", "value", "viewBox", "width", "x", "x1", "x2", "y"),
    *("y1", "y2"),
)
