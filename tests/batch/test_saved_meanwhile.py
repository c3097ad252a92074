"""A workbook that is saved, cut short or taken away while a run is at it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from hostile_bases import packed
from hostile_corpus import base, replaced, sheet_part

from xl_compliance.batch import run
from xl_compliance.batch.annotations import annotate_all
from xl_compliance.batch.results import Report, WorkbookReport
from xl_compliance.batch.run import check_all, check_workbook
from xl_compliance.cli import main
from xl_compliance.workbook import refresh as refreshing
from xl_compliance.workbook.snapshot import Snapshot, UnreadableWorkbook, read

Then = Callable[[Path], object]


def placement(paid: int) -> bytes:
    """A deal that needs a vote at 9,876,543 and none at 12,500,000 paid."""
    parts = base("deal")
    sheet = sheet_part(parts, "Securities")
    return packed(replaced(parts, sheet, b"<v>9876543</v>", b"<v>%d</v>" % paid))


NEEDS_A_VOTE, NEEDS_NONE = placement(9_876_543), placement(12_500_000)


def verdict(report: WorkbookReport) -> str:
    assert not report.failure, report.failure
    return next(it.verdict for it in report.findings if it.code == "NDQ007")


@pytest.fixture
def deal(tmp_path: Path) -> Path:
    path = tmp_path / "deal.xlsx"
    path.write_bytes(NEEDS_NONE)
    return path


@pytest.fixture
def after_reading(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Path]]:
    """Do something to the file each time it was read, as often as there is something to do."""

    def wrapped(*then: Then) -> list[Path]:
        left, seen = list(then), list[Path]()

        def reads(path: Path) -> Snapshot:
            snapshot = read(path)
            seen.append(path)
            if left:
                left.pop(0)(path)
            return snapshot

        monkeypatch.setattr(run, "read", reads)
        return seen

    return wrapped


def saves(content: bytes) -> Then:
    """As Excel saves: a file of its own takes the place of the other."""

    def saved(path: Path) -> None:
        beside = path.with_name("saved.tmp")
        beside.write_bytes(content)
        os.replace(beside, path)

    return saved


def test_the_version_that_was_saved_meanwhile_is_the_one_that_is_reported(deal, after_reading):
    before = verdict(check_workbook(deal))
    seen = after_reading(saves(NEEDS_A_VOTE))
    assert before != "REQUIRED"
    assert verdict(check_workbook(deal)) == "REQUIRED"
    assert len(seen) == 2


def test_a_workbook_that_is_saved_again_and_again_is_not_reported_on(deal, after_reading):
    after_reading(*[saves(NEEDS_A_VOTE), saves(NEEDS_NONE)] * 2)
    report = check_workbook(deal)
    assert not report.findings
    assert report.failure == (
        "deal.xlsx: this file changed while it was being checked, 3 times in a row. Expected a "
        "workbook that nobody is saving. Check it again once it is saved."
    )


@pytest.mark.parametrize(
    ("what", "then", "said"),
    [
        ("taken away", Path.unlink, "there is no such file"),
        ("emptied", lambda path: path.write_bytes(b""), "this file is empty (0 bytes)"),
        (
            "cut short",
            lambda path: path.write_bytes(NEEDS_NONE[:5_000]),
            "this file is cut short or damaged",
        ),
        ("made a folder", lambda path: (path.unlink(), path.mkdir()), "this is a folder"),
        ("made something else", lambda path: path.write_bytes(b"%PDF-1.7"), "this is a PDF"),
    ],
)
def test_a_workbook_that_is_no_longer_one_once_it_was_read(deal, after_reading, what, then, said):
    after_reading(then)
    failure = check_workbook(deal).failure
    assert failure.startswith(f"deal.xlsx: {said}"), what
    assert ". Expected " in failure


@pytest.mark.parametrize(
    ("then", "said"),
    [
        (Path.unlink, "there is no such file"),
        (lambda path: path.write_bytes(b""), "this file is empty (0 bytes)"),
    ],
)
def test_a_workbook_that_goes_between_being_listed_and_read_leaves_the_others(tmp_path, then, said):
    paths = [tmp_path / f"{name}.xlsx" for name in "abc"]
    for path in paths:
        path.write_bytes(NEEDS_NONE)

    def done(report: WorkbookReport) -> None:
        if report.path.name == "a.xlsx":
            then(paths[1])

    first, second, third = check_all([tmp_path], done=done).workbooks
    assert not first.failure
    assert not third.failure
    assert second.failure.startswith(f"b.xlsx: {said}")


def test_no_annotated_copy_is_made_of_a_version_that_nobody_checked(deal, tmp_path):
    report = check_workbook(deal)
    saves(NEEDS_A_VOTE)(deal)
    ((target, said),) = annotate_all(Report((report,)), tmp_path / "copies")
    assert not target.exists()
    assert said == (
        "deal.xlsx: it was saved again after it was read, so no copy was made. Expected the file "
        "as it was read. Close it or wait until it is saved, and start again."
    )


def test_results_of_one_version_are_not_stored_in_another(tmp_path, monkeypatch):
    source, target = tmp_path / "model.xlsx", tmp_path / "right.xlsx"
    parts = base("model")
    source.write_bytes(packed(parts))
    stale = replaced(parts, sheet_part(parts, "Model"), b"<v>0.2</v>", b"<v>0.19</v>")

    def reads(path: Path) -> Snapshot:
        snapshot = read(path)
        saves(packed(stale))(path)
        return snapshot

    monkeypatch.setattr(refreshing, "read", reads)
    with pytest.raises(UnreadableWorkbook, match="saved again after it was read"):
        refreshing.refresh(source, target)
    assert not target.exists()
    source.write_bytes(packed(parts))
    done = CliRunner().invoke(main, ["refresh", str(source), "-o", str(target)])
    assert done.exit_code == 2
    assert "saved again after it was read" in done.output
    assert "Traceback" not in done.output


@pytest.fixture
def being_saved(deal: Path) -> Iterator[Path]:
    """A workbook that somebody saves without a pause, one version over the other."""
    ended = threading.Event()

    def save() -> None:
        while not ended.wait(0.001):
            for content in (NEEDS_A_VOTE, NEEDS_NONE):
                deal.write_bytes(content)

    saver = threading.Thread(target=save)
    saver.start()
    yield deal
    ended.set()
    saver.join()


def test_a_report_is_of_one_version_or_says_that_there_is_none(being_saved, tmp_path):
    whole = []
    for content in (NEEDS_A_VOTE, NEEDS_NONE):
        alone = tmp_path / "alone" / "deal.xlsx"
        alone.parent.mkdir(exist_ok=True)
        alone.write_bytes(content)
        whole.append(check_workbook(alone).findings)
    for _ in range(20):
        report = check_workbook(being_saved)
        if report.failure:
            assert report.failure.startswith("deal.xlsx: this file ")
            assert "error of this program" not in report.failure
        else:
            assert report.findings in whole
