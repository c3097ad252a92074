"""The page in Chromium, opened as a file: what it finds is what the command finds."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import shutil
import subprocess
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from threading import Thread

import openpyxl
import pytest
import xlsxwriter
from browser import Page, addresses_in_net_log, chromium, missing
from click.testing import CliRunner
from selenium.webdriver.common.keys import Keys

from xl_compliance.cli import main
from xl_compliance.functions import calling
from xl_compliance.functions.documented import worked_calls
from xl_compliance.functions.registry import all_functions
from xl_compliance.web import calculator
from xl_compliance.web.serving import LOOPBACK, server

WORKBOOKS = Path(__file__).parents[2] / "workbooks"
NAMES = sorted(path.name for path in WORKBOOKS.glob("*.xlsx"))
HOSTILE = "<img src=x onerror=alert(1)>"
MEGABYTE = 2**20


@pytest.fixture
def from_the_command(monkeypatch: pytest.MonkeyPatch):
    """The JSON that the command writes about workbooks in a folder."""

    def told(folder: Path, *names: str) -> str:
        monkeypatch.chdir(folder)
        done = CliRunner().invoke(main, ["check", *names, "--format", "json", "--jobs", "0", "-q"])
        assert done.exit_code in (0, 1, 2), done.output
        return done.stdout

    return told


def test_every_shipped_workbook_gives_the_json_of_the_command_to_the_byte(
    page: Page, from_the_command
) -> None:
    page.choose(*(WORKBOOKS / name for name in NAMES))
    assert page.json() == from_the_command(WORKBOOKS, *NAMES)
    assert list(page.results()) == NAMES


def test_what_the_page_shows_is_the_report_of_batch_mode(page: Page) -> None:
    page.drop(WORKBOOKS / "nasdaq-pipe.xlsx", WORKBOOKS / "cap-table.xlsx")
    found = json.loads(page.json())
    shown = page.run(
        "return Array.from(document.querySelectorAll('#report tr[data-code]'), row => "
        "[row.dataset.code, row.dataset.severity, row.cells[2].textContent, "
        "row.querySelector('td p').textContent, row.querySelectorAll('details tbody tr').length])"
    )
    assert shown == [
        [
            it["code"],
            it["severity"],
            f"{it['sheet']}!{it['cell']}" if it["cell"] else it["sheet"],
            it["message"],
            len(it["working"]),
        ]
        for workbook in found["workbooks"]
        for it in workbook["findings"]
    ]
    captions = page.run(
        "return Array.from(document.querySelectorAll('#report figcaption'), it => it.textContent)"
    )
    assert [text.split()[0].rstrip(":") for text in captions] == [
        "Findings",
        *("Headroom", "Closes"),
        *("Headroom", "Ownership", "Closes"),
    ]
    # The page takes from a report only what is on its list: nothing of it may be missing.
    html = page.saved('[data-style="html"]', "compliance-report.html").decode()
    body = html[html.index("<header") : html.index("<footer")]
    elements = len(re.findall(r"<[a-z]", body))
    assert page.run("return document.querySelectorAll('#report *').length") == elements


def test_the_line_of_state_counts_workbooks_and_findings(page: Page) -> None:
    page.choose(WORKBOOKS / "nasdaq-pipe.xlsx", WORKBOOKS / "tsx-offering.xlsx")
    whole = json.loads(page.json())["summary"]
    count = sum(whole[severity] for severity in ("error", "warning", "note", "ok"))
    said = page.text("status")
    assert said.startswith(f"Checked. 2 workbooks: 2 with something to act on. {count} findings: ")
    headline = page.run("return document.querySelector('#report .headline').textContent")
    assert said.endswith(f"{headline.partition(': ')[2]}.")


def test_the_filters_of_the_report_work_in_the_page(page: Page) -> None:
    page.choose(WORKBOOKS / "nasdaq-pipe.xlsx")
    severities = [it["severity"] for it in json.loads(page.json())["workbooks"][0]["findings"]]
    for severity in ("ok", "note", "warning"):
        page.run(f"document.querySelector('#filters [value={severity}]').click()")
    wanted = f"Showing {severities.count('error')} of {len(severities)}"
    assert page.text("shown") == wanted


def test_the_downloads_are_those_of_batch_mode(page: Page) -> None:
    page.choose(WORKBOOKS / "nasdaq-pipe.xlsx")
    found = json.loads(page.json())["workbooks"][0]["findings"]
    report = openpyxl.load_workbook(
        io.BytesIO(page.saved('[data-style="xlsx"]', "compliance-report.xlsx"))
    )
    assert report.sheetnames == ["Summary", "Findings", "Headroom", "Deals"]
    assert [row[3] for row in report["Findings"].iter_rows(min_row=2, values_only=True)] == [
        it["code"] for it in found
    ]
    name = "nasdaq-pipe-compliance.xlsx"
    content = page.saved("#files td:nth-child(3) button", name)
    copy = openpyxl.load_workbook(io.BytesIO(content))
    assert copy.sheetnames[-1] == "Compliance"
    before = zipfile.ZipFile(WORKBOOKS / "nasdaq-pipe.xlsx")
    with before, zipfile.ZipFile(io.BytesIO(content)) as after:
        assert set(before.namelist()) < set(after.namelist())
        assert before.read("xl/theme/theme1.xml") == after.read("xl/theme/theme1.xml")


def test_the_page_asks_for_nothing(page_file: Path, tmp_path: Path) -> None:
    """The browser's own log says so; that it would say otherwise, another page shows."""
    log = tmp_path / "net.json"
    asking = tmp_path / "asking.html"
    asking.write_text("<script>fetch('http://127.0.0.1:9/asked').catch(() => {})</script>")
    with chromium(tmp_path, f"--log-net-log={log}", "--net-log-capture-mode=Everything") as driver:
        page = Page(driver, tmp_path / "downloads")
        page.open(page_file.as_uri())
        page.choose(WORKBOOKS / "tsx-offering.xlsx")
        page.function("MINPRICE")
        page.calculated(["10\n10\n10\n10\n10"])
        assert page.text("answer") == "10"
        assert page.addresses() == []
        assert page.violations() == []
        driver.get(asking.as_uri())
    assert addresses_in_net_log(log) == ["http://127.0.0.1:9/asked"]


def test_the_policy_refuses_the_network_and_handlers(
    page_file: Path, tmp_path: Path, page: Page
) -> None:
    with chromium(tmp_path) as driver:
        probed = Page(driver, tmp_path / "downloads")
        probed.open(page_file.as_uri())
        said = driver.execute_async_script(
            """
            const done = arguments[0], url = 'http://127.0.0.1:9/', said = [];
            const image = new Image();
            image.onerror = () => said.push('image');
            image.src = url;
            fetch(url).catch(() => said.push('fetch'));
            try { new WebSocket('ws://127.0.0.1:9/'); } catch { said.push('socket'); }
            const element = document.createElement('div');
            try { element.innerHTML = '<b onclick="1">'; } catch { said.push('innerHTML'); }
            try { element.setAttribute('onclick', '1'); } catch { said.push('handler'); }
            setTimeout(() => done(said.sort()), 500);
            """
        )
        assert said == ["fetch", "handler", "image", "innerHTML"]
        directives = {violation.split()[0] for violation in probed.violations()}
        assert {"connect-src", "img-src", "require-trusted-types-for"} <= directives


# ---------------------------------------------------------------- models and tables of others


def model_of_others(path: Path) -> Path:
    """Calls that are right, stale, typed over, answered, and one that only the command settles."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Model")
        sheet.write_column(0, 0, [15.91, 15.89, 15.91, 15.81, 16.13])
        for row, (formula, stored) in enumerate(
            (
                ("=MINPRICE(A1:A5)", 15.93),
                ("=ROUND(MINPRICE(A1:A5),1)", 15.5),
                ('=IF(ISNUMBER(A1),NASDAQ5635D(9.99,A1,1000000,5000000),"")', "REQUIRED"),
                ("=IFERROR(ISSUANCEPCT(A9,0),-1)", -1),
                ("=SUM(A1:A5)*UNITFLOOR(1.43,1.43)", 1),
                ('=TEXT(MINPRICE(A1:A5),"0.00")', "15.93"),
            )
        ):
            sheet.write_formula(row, 3, formula, None, stored)
    return path


def test_a_model_of_others_differs_from_the_command_only_in_what_is_left_open(
    page: Page, from_the_command, tmp_path: Path
) -> None:
    model_of_others(tmp_path / "model.xlsx")
    page.choose(tmp_path / "model.xlsx")
    in_page, told = (
        json.loads(text)["workbooks"][0]["findings"]
        for text in (page.json(), from_the_command(tmp_path, "model.xlsx"))
    )
    left_open = [it for it in in_page if it not in told]
    assert [it for it in told if it not in in_page] == []
    assert [(it["code"], it["verdict"], it["cell"]) for it in left_open] == [
        ("MDL006", "REVIEW", "D6")
    ]
    assert {it["code"] for it in told} >= {"MDL001", "MDL005"}
    assert page.text("differs").startswith("1 formula was not recomputed")


def test_an_old_workbook_is_read_for_its_values_as_by_the_command(
    page: Page, from_the_command, tmp_path: Path
) -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        missing("not installed: soffice")
    source = tmp_path / "caps.xlsx"
    book = openpyxl.Workbook()
    for row in (
        ["Stockholder", "Common", "Total"],
        ["A", 100, 100],
        ["B", 50, 60],
        ["Total", 150, 160],
    ):
        book.active.append(row)
    book.save(source)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [
        str(soffice),
        profile,
        "--headless",
        "--convert-to",
        "xls",
        "--outdir",
        str(tmp_path),
    ]
    subprocess.run([*command, str(source)], check=True, capture_output=True, timeout=180)
    page.choose(tmp_path / "caps.xls")
    assert page.json() == from_the_command(tmp_path, "caps.xls")
    page.run("document.querySelector('#files td:nth-child(3) button').click()")
    page.until("document.querySelector('#files .said')")
    assert "caps.xls" in page.run("return document.querySelector('#files .said').textContent")


# ---------------------------------------------------------------- files that are no workbooks


@pytest.fixture
def odd(tmp_path: Path) -> dict[str, Path]:
    files = {
        "broken.xlsx": (WORKBOOKS / "cap-table.xlsx").read_bytes()[:20_000],
        "encrypted.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(600)
        + "EncryptedPackage".encode("utf-16-le")
        + bytes(900),
        "text.xlsx": b"holder,shares\nA Fund,100\n",
        "large.xlsx": b"",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    os.truncate(tmp_path / "large.xlsx", 50 * MEGABYTE)
    with zipfile.ZipFile(tmp_path / "unpacks.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):
            with archive.open(f"xl/{number}.xml", "w") as member:
                for _ in range(100):
                    member.write(bytes(MEGABYTE))
    return {path.name: path for path in tmp_path.glob("*.xlsx")}


def test_each_file_that_cannot_be_checked_says_why_and_the_page_goes_on(
    page: Page, odd: dict[str, Path]
) -> None:
    page.choose(*odd.values(), WORKBOOKS / "tsx-offering.xlsx")
    said = page.results()
    for name, words in (
        ("broken.xlsx", "cut short or damaged"),
        ("encrypted.xlsx", "encrypted with a password"),
        ("text.xlsx", "a text file (CSV?) under an Excel name"),
        ("large.xlsx", "it has 50 MB, and this page takes workbooks of up to 30 MB"),
        ("unpacks.xlsx", "it unpacks to 500 MB"),
    ):
        assert said[name].startswith(f"{name}: "), said[name]
        assert words in said[name]
    assert said["tsx-offering.xlsx"].startswith("7 to act on")
    assert "5 could not be checked" in page.text("status")
    page.function("ISSUANCEPCT")
    assert page.calculated(["1500000", "8000000"])["answer"] == "0.1875"


def test_odd_files_are_told_as_the_command_tells_them(
    page: Page, odd: dict[str, Path], from_the_command
) -> None:
    names = ["broken.xlsx", "encrypted.xlsx", "text.xlsx"]
    page.choose(*(odd[name] for name in names))
    assert page.json() == from_the_command(odd["text.xlsx"].parent, *names)


def test_a_holder_named_like_a_tag_stays_text(page: Page, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "<b>caps"
    for row in (
        ["Stockholder", "Common", "Total"],
        [HOSTILE, 1000, 1500],
        [f"</td><script>alert(2)</script>{HOSTILE}", 2000, 2000],
        ["A Fund", 3000, 3000],
        ["Total", 6000, 6500],
    ):
        sheet.append(row)
    path = tmp_path / f"{HOSTILE}.xlsx".replace("/", "")
    book.save(path)
    page.choose(path)
    assert HOSTILE in page.text("report")
    assert list(page.results()) == [path.name]
    assert page.run("return document.images.length") == 0
    assert page.run("return document.querySelectorAll('#report script, #files script').length") == 0
    assert page.violations() == []


def test_a_workbook_dropped_again_replaces_its_earlier_result(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "deal.xlsx"
    path.write_bytes((WORKBOOKS / "tsx-offering.xlsx").read_bytes())
    page.choose(path)
    before = page.results()
    path.write_bytes((WORKBOOKS / "nasdaq-pipe.xlsx").read_bytes())
    page.choose(path)
    assert list(page.results()) == list(before) == ["deal.xlsx"]
    assert page.results() != before
    assert json.loads(page.json())["summary"]["workbooks"] == 1


def test_two_workbooks_of_one_name_are_kept_apart(page: Page, tmp_path: Path) -> None:
    paths = [tmp_path / folder / "deal.xlsx" for folder in "ab"]
    for path, name in zip(paths, ("tsx-offering", "nasdaq-pipe"), strict=True):
        path.parent.mkdir()
        path.write_bytes((WORKBOOKS / f"{name}.xlsx").read_bytes())
    page.choose(*paths)
    assert list(page.results()) == ["deal.xlsx", "deal (2).xlsx"]


def test_two_files_of_one_name_without_an_ending_are_kept_apart(page: Page, tmp_path: Path) -> None:
    paths = [tmp_path / folder / "deal" for folder in "ab"]
    for path in paths:
        path.parent.mkdir()
        path.write_bytes(b"text")
    page.choose(*paths)
    assert list(page.results()) == ["deal", "deal (2)"]


def test_a_workbook_named_as_its_copy_would_be_can_be_copied(page: Page, tmp_path: Path) -> None:
    path = tmp_path / ".copy.xlsx"
    path.write_bytes((WORKBOOKS / "tsx-offering.xlsx").read_bytes())
    page.choose(path)
    # Chromium saves nothing under a name that begins with a dot.
    saved = page.saved("#files td:nth-child(3) button", "copy-compliance.xlsx")
    assert openpyxl.load_workbook(io.BytesIO(saved)).sheetnames


def test_a_check_can_be_stopped_and_the_others_are_there_afterwards(
    page: Page, tmp_path: Path
) -> None:
    slow = tmp_path / "slow.xlsx"
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Caps")
    sheet.append(["Stockholder", "Common", "Preferred", "Total"])
    for number in range(60_000):
        sheet.append([f"Holder {number}", number, 1, number + 1])
    book.save(slow)
    page.choose(WORKBOOKS / "tsx-offering.xlsx")
    before = page.results()["tsx-offering.xlsx"]
    checked = int(page.run("return document.body.dataset.checked"))
    page.find("pick").send_keys(str(slow))
    page.until("document.getElementById('status').textContent.startsWith('Checking slow')")
    page.run("document.getElementById('stop').click()")
    page.until(f"Number(document.body.dataset.checked) > {checked}")
    assert "its check was stopped" in page.results()["slow.xlsx"]
    assert page.results()["tsx-offering.xlsx"] == before
    assert json.loads(page.json())["summary"]["failures"] == 1


# ---------------------------------------------------------------- the calculator


def test_the_calculator_answers_every_documented_example_as_call_does(page: Page) -> None:
    for function in all_functions():
        page.function(function.name)
        (worked, *_) = worked_calls(function)
        found = page.calculated(calculator.as_typed(function, worked.arguments))
        answer = calling.call(function.name, *worked.arguments)
        wanted = calculator.shown(answer)
        single = len(wanted) == len(wanted[0]) == 1
        assert found["answer"].startswith(wanted[0][0] if single else f"{len(wanted)} rows")
        assert found["table"] == ([] if single else wanted), function.name
        working = calculator.shown(calling.explain(function.name, *worked.arguments))
        assert [row[:2] for row in found["working"][1:]] == [row[:2] for row in working[2:]]
        assert found["formula"].startswith("=")


def test_the_example_is_filled_in_and_the_formula_is_spelled_for_each_program(page: Page) -> None:
    page.function("TSX606")
    page.run("document.body.dataset.answered = ''; document.getElementById('example').click()")
    page.until("document.body.dataset.answered")
    told = []
    for spelling in ("LITE", "LIBREOFFICE", "LAMBDA", "CLASSIC"):
        page.run(
            "document.body.dataset.answered = '';"
            "const choice = document.getElementById('spelling'); choice.value = arguments[0];"
            "choice.dispatchEvent(new Event('change'));",
            spelling,
        )
        page.until("document.body.dataset.answered")
        told.append(page.run("return document.getElementById('formula').value"))
    arguments = "(0.85,1,TRUE,1000000,100000,10,100)"
    assert told == [
        f"={name}{arguments}" for name in ("XLC.TSX606", "XLC.TSX606", "TSX_606", "TSX_606")
    ]


def test_cells_pasted_from_a_sheet_are_a_range_and_a_slip_is_named(page: Page) -> None:
    page.function("MINPRICE")
    pasted = "15.91\r\n15.89\r\n15.91\r\n15.81\r\n16.13\r\n"
    assert page.calculated([pasted])["answer"] == "15.93"
    assert "letter O?" in page.calculated([pasted.replace("15.81", "15.8O")])["answer"]
    assert "ends with a brace" in page.calculated(["{1;2"])["answer"]


def test_the_finder_narrows_the_functions(page: Page) -> None:
    page.function("MINPRICE")
    page.find("search").send_keys("row 13")
    names = page.run(
        "return Array.from(document.querySelectorAll('#function option'), it => it.value)"
    )
    page.find("search").send_keys(Keys.CONTROL, "a", Keys.DELETE)
    assert "SC13DROW13" in names
    assert len(names) < 10


# ---------------------------------------------------------------- for everyone


def test_tabs_go_by_the_arrow_keys_and_everything_has_a_name(page: Page) -> None:
    page.run("document.getElementById('tab-check').click()")
    page.find("tab-check").send_keys(Keys.ARROW_RIGHT)
    assert page.run("return document.activeElement.id") == "tab-calculator"
    assert page.run("return document.getElementById('panel-check').hidden")
    page.find("tab-calculator").send_keys(Keys.HOME)
    assert page.run("return document.getElementById('tab-check').ariaSelected") == "true"
    page.choose(WORKBOOKS / "tsx-offering.xlsx")
    nodes = page.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    controls = ("button", "textbox", "searchbox", "combobox", "listbox", "checkbox", "tab", "image")
    nameless = [
        node["role"]["value"]
        for node in nodes
        if not node.get("ignored")
        and node["role"]["value"] in controls
        and not node.get("name", {}).get("value")
    ]
    assert nameless == []
    live = page.run("return Array.from(document.querySelectorAll('[role=status]'), it => it.id)")
    assert "status" in live


@pytest.fixture
def seen(page: Page):
    """Set the width of the window and the colours of the system; both are put back afterwards."""
    driver = page.driver

    def as_by(width: int, scheme: str = "light", media: str = "") -> None:
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        colours = [{"name": "prefers-color-scheme", "value": scheme}]
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": colours})

    yield as_by
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cut_off_and_text_stands_out_from_its_ground(
    page: Page, seen, scheme: str
) -> None:
    page.choose(WORKBOOKS / "nasdaq-pipe.xlsx", WORKBOOKS / "tsx-offering.xlsx")
    root = "document.documentElement"
    for tab in ("tab-check", "tab-calculator", "tab-about"):
        page.run("document.getElementById(arguments[0]).click()", tab)
        for width in (320, 390, 1280):
            seen(width, scheme)
            assert page.run(f"return {root}.scrollWidth <= {root}.clientWidth"), (tab, width)
            assert page.run(_CONTRASTS) == []


def test_a_name_is_broken_at_its_underscores_only(page: Page, seen) -> None:
    """In a narrow column lowest_exercise_price was broken before its last letter."""
    broken = []
    page.run("document.getElementById('tab-calculator').click()")
    for width in (320, 1280):
        seen(width)
        broken += page.run(_BROKEN_NAMES)
    assert broken == []


# The parts of the arguments' names that stand on more than one line.
_BROKEN_NAMES = """
const choice = document.getElementById('function'), found = [];
for (const option of choice.options) {
  choice.value = option.value;
  choice.dispatchEvent(new Event('change'));
  for (const label of document.querySelectorAll('#fields label')) {
    for (const part of label.childNodes) {
      const range = document.createRange();
      range.selectNodeContents(part);
      if (part.nodeType === 3 && range.getClientRects().length > 1) found.push(part.data);
    }
  }
}
return found;
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_chosen_function_stands_out_from_its_line(page: Page, seen, scheme: str) -> None:
    """Browsers paint the chosen line in colours of their own, which no style sheet tells."""
    page.function("MINPRICE")
    seen(1280, scheme)
    for act in ("focus", "blur"):
        page.run(f"document.getElementById('function').{act}()")
        picture = page.driver.execute_cdp_cmd("Page.captureScreenshot", {})["data"]
        ratio, ground = page.driver.execute_async_script(_CHOSEN_LINE, picture)
        assert ratio >= 4.5, (act, ratio, ground)


# The contrast of the lightest with the darkest pixel in the line that is chosen.
_CHOSEN_LINE = """
const [picture, done] = arguments, image = new Image();
image.onload = () => {
  const option = document.querySelector('#function option:checked'), box = option.getBoundingClientRect();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.width, image.height];
  const drawn = canvas.getContext('2d');
  drawn.drawImage(image, 0, 0);
  const inner = [box.left + 4, box.top + 2, box.width - 40, box.height - 4].map(Math.round);
  const pixels = drawn.getImageData(...inner).data, lights = [];
  const channel = part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  for (let at = 0; at < pixels.length; at += 4) {
    const [r, g, b] = Array.from(pixels.slice(at, at + 3), part => channel(part / 255));
    lights.push(0.2126 * r + 0.7152 * g + 0.0722 * b);
  }
  const sorted = lights.toSorted((a, b) => a - b);
  done([(sorted.at(-1) + 0.05) / (sorted[0] + 0.05), Array.from(pixels.slice(0, 3))]);
};
image.src = 'data:image/png;base64,' + picture;
"""


# ---------------------------------------------------------------- on paper


A4, LETTER = (8.27, 11.69), (8.5, 11.0)


def printed(page: Page, folder: Path, paper: tuple[float, float]) -> str:
    """The text of the page as it comes out on paper."""
    if not shutil.which("pdftotext"):
        missing("not installed: pdftotext")
    settings = {"paperWidth": paper[0], "paperHeight": paper[1], "printBackground": False}
    made = page.driver.execute_cdp_cmd("Page.printToPDF", settings)["data"]
    (folder / "printed.pdf").write_bytes(base64.b64decode(made))
    command = ["pdftotext", "-layout", str(folder / "printed.pdf"), "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def test_verdicts_and_workings_come_out_on_paper_without_the_controls(
    page: Page, tmp_path: Path
) -> None:
    page.choose(WORKBOOKS / "nasdaq-pipe.xlsx")
    found = json.loads(page.json())["workbooks"][0]["findings"]
    values = {line["value"].split()[0] for it in found for line in it["working"]}
    for paper in (A4, LETTER):
        text = printed(page, tmp_path, paper)
        assert "nasdaq-pipe.xlsx" in text
        for verdict in {it["verdict"] for it in found}:
            assert text.count(verdict) >= sum(it["verdict"] == verdict for it in found)
        assert [it for it in values if it not in text] == []
        for word in ("Choose workbooks", "Save", "Remove", "Report on all", "Severity", "About"):
            assert word not in text
    assert page.run("return document.querySelectorAll('#findings details[open]').length") == 0


def test_on_paper_nothing_is_beyond_the_edge_and_a_dark_system_prints_light(
    page: Page, seen
) -> None:
    page.choose(WORKBOOKS / "nasdaq-pipe.xlsx", WORKBOOKS / "cap-table.xlsx")
    page.function("EFFECTIVEPRICE")
    page.run("document.body.dataset.answered = ''; document.getElementById('example').click()")
    page.until("document.body.dataset.answered")
    seen(640, "dark", "print")
    page.run("dispatchEvent(new Event('beforeprint'))")
    shown = []
    for tab in ("tab-check", "tab-calculator"):
        page.run("document.getElementById(arguments[0]).click()", tab)
        shown += page.run(_NOT_FOR_PAPER)
    page.run("dispatchEvent(new Event('afterprint'))")
    assert shown == []


# What stands beyond the edge, what somebody could press, and a ground that is not white.
_NOT_FOR_PAPER = """
const seen = Array.from(document.querySelectorAll('body *')).filter(it => it.checkVisibility());
const beyond = seen.filter(it => !it.closest('.skip, .hidden, svg') && it.getBoundingClientRect().right > innerWidth);
const controls = seen.filter(it => it.matches('button, select, input, summary, progress'));
const ground = getComputedStyle(document.body).backgroundColor;
const found = [...beyond, ...controls].map(it => it.outerHTML.slice(0, 80));
return ground === 'rgb(255, 255, 255)' ? found : [...found, ground];
"""


# Texts that stand out less than WCAG AA asks (4.5 to 1; large ones 3 to 1).
_CONTRASTS = """
const channel = part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
const numbers = text => (text.match(/[\\d.]+/g) || []).map(Number);
const light = text => {
  const [r, g, b] = numbers(text).map(part => channel(part / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = element => {
  for (let it = element; it; it = it.parentElement) {
    const colour = getComputedStyle(it).backgroundColor, parts = numbers(colour);
    if (parts.length === 3 || parts[3] > 0) return colour;
  }
  return 'rgb(255, 255, 255)';
};
const found = [];
for (const element of document.querySelectorAll('body *')) {
  const own = Array.from(element.childNodes).some(it => it.nodeType === 3 && it.data.trim());
  if (!own || !element.checkVisibility() || element.namespaceURI.endsWith('svg')) continue;
  if (element.disabled || element.closest('script, style, option, .skip, .hidden')) continue;
  const style = getComputedStyle(element);
  const [one, other] = [light(style.color), light(ground(element))].sort((a, b) => b - a);
  const large = parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 600;
  const ratio = (one + 0.05) / (other + 0.05);
  if (ratio < (large ? 3 : 4.5)) found.push(element.tagName + ' ' + element.className + ' ' + element.textContent.slice(0, 30) + ' ' + ratio.toFixed(2));
}
return found;
"""


def test_the_licences_of_what_is_inside_are_told(page: Page) -> None:
    page.run("document.getElementById('tab-about').click()")
    text = page.text("panel-about")
    for name in (
        "Pyodide",
        "Mozilla Public License",
        "CPython",
        "openpyxl",
        "Jinja2",
        "MarkupSafe",
    ):
        assert name in text
    for name in ("xlsxwriter", "python-calamine", "defusedxml", "et_xmlfile", "Apache License"):
        assert name.lower() in text.lower()


# ---------------------------------------------------------------- the command


def test_the_page_is_served_to_this_computer_alone(page_file: Path, page: Page) -> None:
    content = page_file.read_bytes()
    with server(content, 0) as running:
        Thread(target=running.serve_forever, daemon=True).start()
        address = f"http://{LOOPBACK}:{running.server_port}/"
        try:
            assert running.server_address[0] == "127.0.0.1"
            with urllib.request.urlopen(address) as answer:
                assert answer.read() == content
                assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            with pytest.raises(urllib.error.HTTPError):
                urllib.request.urlopen(f"{address}../etc/passwd")
        finally:
            running.shutdown()


def test_the_page_is_at_most_14_mb(page_file: Path) -> None:
    assert page_file.stat().st_size <= 14_000_000
