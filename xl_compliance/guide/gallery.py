"""The gallery: pictures of what people see, rendered by LibreOffice and Chromium.

`PICTURES` says what each shows and how it is made; `render_all` makes them all again. One whose
command is not there is left out, on the page as well.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import chdir
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile

from xl_compliance.cli import main
from xl_compliance.guide.markdown import page

IMAGES: Final = Path(__file__).parent / "images"
MOST_BYTES: Final = 150_000
"""The most that one picture may take, so that all stay small together."""

_DOTS_AN_INCH: Final = 190
_COLOURS: Final = 64
_PIXELS: Final = 1_300
_SECONDS: Final = 180
_PROGRAMS: Final = ("soffice", "pdftoppm", "chromium", "chromedriver", "convert", "identify")
_SHEET: Final = re.compile(rb"<sheet [^>]*>")
_ACTIVE: Final = re.compile(rb' activeTab="\d+"')
_AREAS: Final = re.compile(rb"<definedName [^>]*_xlnm\.Print_Area.*?</definedName>")
CHROMIUM: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Flags of a browser that nobody sees and that asks the network for nothing of its own."""


class CannotRender(RuntimeError):
    """A program that is missing, or one that made no picture."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: its name, what it shows, how to get there, and what makes it.

    `command` is the subcommand it needs; `width` is how much of its breadth is kept, `height` how
    high it then is, both in thousandths.
    """

    name: str
    title: str
    shows: str
    command: str
    make: Callable[[Path], Path]
    width: int
    height: int

    @property
    def file(self) -> Path:
        """Where it lies."""
        return IMAGES / f"{self.name}.png"


def _run(*arguments: str | Path) -> None:
    """Run our own command in this process, as a reader would at the prompt."""
    from click.testing import CliRunner

    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exit_code not in (0, 1):
        raise CannotRender(f"xl-compliance {' '.join(map(str, arguments))}: {result.output}")


def _example(folder: Path, name: str) -> Path:
    workbook = folder / f"{name}.xlsx"
    if not workbook.exists():
        _run("template", workbook, "--example", name)
    return workbook


def _deal(folder: Path) -> Path:
    return _sheet(_example(folder, "nasdaq-pipe"), "Securities")


def _checks(folder: Path) -> Path:
    return _sheet(_example(folder, "nasdaq-pipe"), "Checks")


def _report(folder: Path) -> Path:
    report = folder / "report.html"
    workbooks = [_example(folder, name) for name in ("nasdaq-pipe", "giga-tronics")]
    _run("check", *workbooks, "-o", report, "--jobs", "0", "-q")
    return _browsed(report, 1280, 1000)


def _annotated(folder: Path) -> Path:
    workbook = _example(folder, "nasdaq-pipe")
    _run("check", workbook, "--annotate", folder / "copies", "--jobs", "0", "-q")
    return _sheet(folder / "copies" / workbook.name, "Compliance")


def _ownership(folder: Path) -> Path:
    report = folder / "ownership.xlsx"
    _run("check", _example(folder, "cap-table"), "-o", report, "--jobs", "0", "-q")
    return _sheet(report, "Ownership")


def _web(folder: Path) -> Path:
    target = folder / "web.html"
    _run("web", target)
    return _checked_in_browser(target, _example(folder, "nasdaq-pipe"))


PICTURES: Final = (
    Picture(
        "checks-sheet",
        "The Checks sheet of a deal",
        "Live formulas over the input sheets, a master check on top. From `xl-compliance template "
        "deal.xlsx --example nasdaq-pipe`.",
        "template",
        _checks,
        780,
        640,
    ),
    Picture(
        "deal-model",
        "The deal model",
        "What is sold, row by row: inputs in blue, units in the headers, lists behind every closed "
        "choice. The same workbook, sheet Securities.",
        "template",
        _deal,
        905,
        376,
    ),
    Picture(
        "report",
        "A report",
        "One HTML file, readable offline. From `xl-compliance check FOLDER -o report.html`.",
        "check",
        _report,
        1000,
        575,
    ),
    Picture(
        "annotated-copy",
        "An annotated copy",
        "The sheet Compliance in a copy of the workbook; the cells it names carry notes. From "
        "`xl-compliance check deal.xlsx --annotate copies`.",
        "check",
        _annotated,
        830,
        430,
    ),
    Picture(
        "ownership-chart",
        "Holdings and their chart",
        "What each holder has and has rights to, as entered; which rights count within sixty days "
        "is in the findings. From `xl-compliance check cap-table.xlsx -o report.xlsx`, sheet "
        "Ownership.",
        "check",
        _ownership,
        1000,
        620,
    ),
    Picture(
        "web-page",
        "The web page",
        "The checks in a browser, in one file that needs no network.",
        "web",
        _web,
        1000,
        575,
    ),
)
"""Every picture; the web page's own is taken as soon as there is a command `web`."""


def pictures() -> tuple[Picture, ...]:
    """The pictures whose command is there."""
    return tuple(picture for picture in PICTURES if picture.command in main.commands)


def gallery_page() -> str:
    """The page of the gallery."""
    said = (
        "All rendered by one command from what the product writes; cropped, and otherwise as it is."
    )
    return page("Gallery", (said, ""), *map(_shown, pictures()))


def _shown(picture: Picture) -> Iterator[str]:
    yield from (f"## {picture.title}", "", picture.shows, "")
    yield from (f"![{picture.title}](images/{picture.file.name})", "")


# ---------------------------------------------------------------- rendering


def render_all() -> Iterator[Path]:
    """Make every picture again; gives the files as they are written."""
    with TemporaryDirectory() as folder, chdir(folder):
        for picture in pictures():
            render(picture, picture.file)
            yield picture.file


def render(picture: Picture, target: Path) -> None:
    """Make one picture, with what it needs in the current folder."""
    _cropped(picture.make(Path()), picture, target)


def _sheet(workbook: Path, sheet: str) -> Path:
    """The first page of a sheet as LibreOffice prints it."""
    alone = workbook.with_name(f"{workbook.stem}-{sheet}.xlsx")
    alone.write_bytes(_with_one_sheet(workbook, sheet))
    with TemporaryDirectory() as profile:
        _program(
            "soffice",
            f"-env:UserInstallation=file://{profile}",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            alone.parent,
            alone,
        )
    picture = alone.with_suffix("")
    resolution = str(_DOTS_AN_INCH)
    pages = ("-f", "1", "-l", "1", "-singlefile")
    _program("pdftoppm", "-r", resolution, *pages, "-png", alone.with_suffix(".pdf"), picture)
    return picture.with_suffix(".png")


def _with_one_sheet(workbook: Path, sheet: str) -> bytes:
    """A workbook in which only one sheet is printed; stored results stay as they are."""
    stream = BytesIO()
    with ZipFile(workbook) as source, ZipFile(stream, "w", ZIP_DEFLATED) as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == "xl/workbook.xml":
                content = _shown_alone(content, sheet.encode())
            target.writestr(info, content)
    return stream.getvalue()


def _shown_alone(book: bytes, sheet: bytes) -> bytes:
    """The workbook part with that sheet open, the others hidden, and no areas to print."""
    entries = _SHEET.findall(book)
    place = next(n for n, entry in enumerate(entries) if b'name="' + sheet + b'"' in entry)
    opened = _ACTIVE.sub(b"", book).replace(
        b"<workbookView ", b'<workbookView activeTab="%d" ' % place, 1
    )
    return _SHEET.sub(partial(_hidden, sheet), _AREAS.sub(b"", opened))


def _hidden(shown: bytes, match: re.Match[bytes]) -> bytes:
    entry = re.sub(rb' state="[^"]*"', b"", match[0])
    if b'name="' + shown + b'"' in entry:
        return entry
    return entry.replace(b"<sheet ", b'<sheet state="hidden" ')


def _browsed(file: Path, width: int, height: int, wait: int = 3_000) -> Path:
    """A page as Chromium shows it, without any network."""
    target = file.with_suffix(".png")
    with TemporaryDirectory() as profile:
        _program(
            "chromium",
            *CHROMIUM,
            "--hide-scrollbars",
            f"--user-data-dir={profile}",
            f"--window-size={width},{height}",
            f"--virtual-time-budget={wait}",
            f"--screenshot={target}",
            file.resolve().as_uri(),
        )
    return target


def _checked_in_browser(page: Path, workbook: Path) -> Path:
    """The web page once it has checked a workbook; it takes one as a person would give it."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.support.ui import WebDriverWait

    target = page.with_suffix(".png")
    options = webdriver.ChromeOptions()
    options.binary_location = _found("chromium")
    with TemporaryDirectory() as profile:
        for flag in (
            *CHROMIUM,
            "--hide-scrollbars",
            f"--user-data-dir={profile}",
            "--window-size=1280,1000",
        ):
            options.add_argument(flag)
        driver = webdriver.Chrome(options=options, service=Service(_found("chromedriver")))
        try:
            driver.get(page.resolve().as_uri())
            wait = WebDriverWait(driver, _SECONDS)
            wait.until(
                lambda it: it.execute_script("return !document.querySelector('#pick').disabled")
            )
            driver.find_element("id", "pick").send_keys(str(workbook.resolve()))
            wait.until(lambda it: it.find_element("id", "report").text)
            driver.save_screenshot(str(target))
        finally:
            driver.quit()
    return target


def _cropped(made: Path, picture: Picture, target: Path) -> None:
    """Without the margins, no higher than asked for, in few colours."""
    trimmed = made.with_name(f"{picture.name}-trimmed.png")
    _program("convert", made, "-trim", "+repage", trimmed)
    width = int(_program("identify", "-format", "%w", trimmed)) * picture.width // 1000
    keep = f"{width}x{width * picture.height // 1000}+0+0"
    small = ("-resize", f"{_PIXELS}x>")
    clipped = ("-crop", keep, "+repage", "-trim", "+repage")
    border = ("-bordercolor", "white", "-border", "12")
    few = ("+dither", "-colors", str(_COLOURS), "-strip", "-define", "png:compression-level=9")
    _program("convert", trimmed, *clipped, *small, *border, *few, f"png8:{target}")


def _found(program: str) -> str:
    """Where a program is, or an error that says what the pictures need."""
    found = shutil.which(program)
    if found is None:
        raise CannotRender(f"{program} is not installed; the pictures need {', '.join(_PROGRAMS)}")
    return found


def _program(name: str, *arguments: str | Path) -> str:
    """Run a program; what it says, or an error that says what to do."""
    done = subprocess.run(
        [_found(name), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode:
        raise CannotRender(f"{name} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout
