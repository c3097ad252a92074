"""Processes that end, hang or swell: each workbook has one result, and the others are checked."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pytest
from worker_checks import told

from xl_compliance.batch.run import check_all
from xl_compliance.batch.workers import Limits

POSIX = pytest.mark.skipif(os.name != "posix", reason="memory and signals of POSIX")
WORKBOOKS = Path(__file__).parents[2] / "workbooks"


@pytest.fixture(autouse=True)
def _found_by_processes(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent))


def test_order_is_that_of_the_files(files):
    assert set(told(files("slow1", "a", "slow2", "b", "c"), jobs=2).values()) == {""}


@POSIX
def test_a_killed_process_is_a_failure_of_its_file_alone(files):
    failures = told(files("a", "killed", "b", "killed2", "c", "d"), jobs=2)
    assert {name for name, failure in failures.items() if failure} == {"killed", "killed2"}
    assert "ended before it was done" in failures["killed"]


@POSIX
def test_every_process_killed(files):
    assert all(told(files(*(f"killed{i}" for i in range(6))), jobs=2).values())


def test_a_workbook_that_hangs_runs_out_of_time(files):
    failures = told(files("a", "hangs", "b", "c"), jobs=2, limits=Limits(seconds=1))
    assert {name for name, failure in failures.items() if failure} == {"hangs"}
    assert "not done after 1 seconds" in failures["hangs"]


def test_an_error_that_no_check_caught(files):
    failures = told(files("a", "raises", "b"), jobs=1)
    assert "RuntimeError: unforeseen" in failures["raises"]
    assert failures["b"] == ""


@pytest.mark.skipif(sys.platform != "linux", reason="memory limits are those of Linux")
def test_a_workbook_that_takes_too_much_memory(files):
    failures = told(files("a", "large", "b"), jobs=1, limits=Limits(memory=2048))
    assert "more memory" in failures["large"]
    assert failures["b"] == ""


@POSIX
def test_no_process_can_be_started(files):
    failures = told(files("a", "b"), jobs=1, limits=Limits(memory=1))
    assert all("no process could be started" in failure for failure in failures.values())


def test_no_workbook_starts_no_process(tmp_path):
    assert check_all([tmp_path], jobs=4).workbooks == ()


# ---------------------------------------------------------------- any executor


def test_threads(files):
    assert set(told(files("a", "slow", "b"), executor=ThreadPoolExecutor).values()) == {""}


def test_an_error_through_an_executor(files):
    failures = told(files("a", "raises"), executor=ThreadPoolExecutor)
    assert "unforeseen" in failures["raises"]


@POSIX
def test_a_pool_that_breaks_loses_no_file(files):
    pool = partial(ProcessPoolExecutor, 2, get_context("spawn"))
    failures = told(files("a", "killed", "b", "c"), executor=pool)
    assert {name for name, failure in failures.items() if failure} == {"killed"}


# ---------------------------------------------------------------- interrupted


def start(files: list[Path], *arguments: str) -> subprocess.Popen:
    code = (
        "import sys; sys.path.insert(0, sys.argv.pop(1))\n"
        "import worker_checks\n"
        "import xl_compliance.batch.command as command\n"
        "command.check_workbook = worker_checks.check\n"
        "from xl_compliance.cli import main\n"
        "main()"
    )
    here = str(Path(__file__).parent)
    return subprocess.Popen(
        [sys.executable, "-c", code, here, "check", *map(str, files), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([here, *sys.path])},
        start_new_session=True,
    )


@POSIX
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("jobs", ["2", "0"])
def test_an_interrupted_run_reports_what_was_done(files, tmp_path, by, jobs):
    paths = files("a", "b", "hangs", "hangs2", "z")
    output = tmp_path / "report.json"
    process = start(paths, "--jobs", jobs, "--output", str(output))
    hung = [paths[2], paths[3]] if jobs == "2" else [paths[2]]
    until = time.monotonic() + 60
    while not all(it.with_suffix(".mark").exists() for it in hung) and time.monotonic() < until:
        time.sleep(0.05)
    if by is signal.SIGINT:
        os.killpg(process.pid, by)  # Ctrl-C goes to every process of the terminal
    else:
        process.send_signal(by)
    _, error = process.communicate(timeout=60)
    assert "Traceback" not in error, error
    assert process.returncode == 2
    report = json.loads(output.read_text(encoding="utf-8"))
    done = {Path(it["path"]).stem for it in report["workbooks"]}
    assert {"a", "b"} <= done
    assert done | {Path(it).stem for it in report["unchecked"]} == {it.stem for it in paths}
    assert not list(tmp_path.glob(".report*")), "nothing half-written is left"
    assert "interrupted" in error


# ---------------------------------------------------------------- the same report either way


def test_processes_threads_and_none_say_the_same():
    here = check_all([WORKBOOKS])
    assert check_all([WORKBOOKS], jobs=2) == here
    assert check_all([WORKBOOKS], executor=ThreadPoolExecutor) == here
