"""Past one machine: any executor, a dask cluster on loopback, and what becomes of lost workers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
import worker_checks
from click.testing import CliRunner
from worker_checks import told

from xl_compliance.batch import executors
from xl_compliance.batch.executors import ExecutorMistake, Within, named
from xl_compliance.batch.run import check_all
from xl_compliance.batch.workers import Limits
from xl_compliance.cli import main

distributed = pytest.importorskip("distributed")

from xl_compliance.batch.dask_pool import DaskPool  # noqa: E402

POSIX = pytest.mark.skipif(os.name != "posix", reason="memory and signals of POSIX")
GIGA = Path(__file__).parents[2] / "workbooks" / "giga-tronics.xlsx"
NO_LIMIT = Limits(seconds=0, memory=0)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler and two workers, each a process of one thread that a nanny starts again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parent))  # the workers have it from here
        with distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            local_directory=str(tmp_path_factory.mktemp("dask")),
            silence_logs=50,
        ) as started:
            yield started


@pytest.fixture
def pool(cluster):
    return partial(DaskPool, cluster.scheduler_address)


def workers_of(cluster) -> dict[str, int]:
    with distributed.Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        return client.run(os.getpid)


# ---------------------------------------------------------------- a cluster


@pytest.mark.parametrize("limits", [None, Limits()], ids=["in the workers", "within limits"])
@POSIX
def test_a_worker_killed_in_mid_run_loses_no_file(cluster, pool, files, limits):
    pids = list(workers_of(cluster).values())

    def kill_one(_):
        if len(pids) == 2:
            os.kill(pids.pop(), signal.SIGKILL)

    failures = told(files(*(f"slow{i}" for i in range(10))), kill_one, executor=pool, limits=limits)
    assert len(pids) == 1, "one was killed"
    assert set(failures.values()) == {""}


@POSIX
def test_a_workbook_that_kills_whoever_checks_it_is_a_failure_alone(pool, files):
    failures = told(files("a", "killed", "b"), executor=pool, limits=Limits())
    assert {name for name, failure in failures.items() if failure} == {"killed"}
    assert "ended before it was done" in failures["killed"]


@POSIX
def test_the_time_limit_holds_in_a_cluster(pool, files):
    failures = told(files("a", "hangs", "b"), executor=pool, limits=Limits(seconds=1))
    assert {name for name, failure in failures.items() if failure} == {"hangs"}
    assert "not done after 1 seconds" in failures["hangs"]


@pytest.mark.skipif(sys.platform != "linux", reason="memory limits are those of Linux")
def test_the_memory_limit_holds_in_a_cluster(pool, files):
    failures = told(files("large", "b"), executor=pool, limits=Limits(memory=2048))
    assert "more memory" in failures["large"]
    assert failures["b"] == ""


def test_an_error_in_a_cluster(pool, files):
    failures = told(files("a", "raises"), executor=pool)
    assert "RuntimeError: unforeseen" in failures["raises"]


def test_a_cluster_says_what_this_process_says(pool):
    assert check_all([GIGA], executor=pool, limits=Limits()) == check_all([GIGA])


def test_the_command_on_a_cluster(cluster, tmp_path):
    output = tmp_path / "report.json"
    address = cluster.scheduler_address.replace("tcp://", "dask://")
    result = CliRunner().invoke(
        main, ["check", str(GIGA), "--executor", address, "-o", str(output), "-q"]
    )
    assert result.exit_code == 1, result.output
    (workbook,) = json.loads(output.read_text(encoding="utf-8"))["workbooks"]
    assert workbook["path"] == GIGA.as_posix()
    assert workbook["findings"]


def test_a_cluster_without_workers_is_said_to_have_none(files):
    with distributed.LocalCluster(
        n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=50
    ) as empty:
        factory = partial(DaskPool, empty.scheduler_address, patience=1)
        failures = told(files("a", "b"), executor=factory)
    assert all("no worker of the cluster" in failure for failure in failures.values())


@POSIX
def test_a_scheduler_that_ends_in_mid_run(files, monkeypatch):
    """Whatever was not done by then is said not to be; the run ends."""
    monkeypatch.setattr("xl_compliance.batch.dask_pool._SECONDS_TO_CONNECT", 2)
    scheduler = subprocess.Popen(
        [sys.executable, "-c", _SCHEDULER], stdout=subprocess.PIPE, text=True
    )
    address = scheduler.stdout.readline().strip()
    try:
        failures = told(
            files("a", "slow1", "slow2", "slow3"),
            lambda _: scheduler.kill(),
            executor=partial(DaskPool, address, patience=1),
        )
    finally:
        scheduler.kill()
        scheduler.communicate(timeout=60)
    assert any(failures.values())
    said = ("no worker of the cluster", "no dask scheduler answers", "ended before it was done")
    assert all(any(word in it for word in said) for it in failures.values() if it), failures


_SCHEDULER = f"""
import sys, time, distributed
sys.path.insert(0, {str(Path(__file__).parent)!r})
cluster = distributed.LocalCluster(
    n_workers=1, threads_per_worker=1, processes=False, protocol="tcp://", host="127.0.0.1",
    dashboard_address="127.0.0.1:0",
)
print(cluster.scheduler_address, flush=True)
time.sleep(600)
"""


# ---------------------------------------------------------------- limits through any executor


@POSIX
def test_limits_hold_through_threads(files):
    paths = files("a", "hangs", "killed", "b")
    failures = told(paths, executor=ThreadPoolExecutor, limits=Limits(seconds=1))
    assert {name for name, failure in failures.items() if failure} == {"hangs", "killed"}


class _OlderPool(ThreadPoolExecutor):
    """As executors were before Python 3.9, and as dask's own still is."""

    def shutdown(self, wait=True):
        super().shutdown(wait)


def test_an_executor_that_can_call_nothing_off(files):
    assert set(told(files("a", "b"), executor=_OlderPool).values()) == {""}


def test_without_limits_no_process_is_started(files):
    (path,) = files("a")
    report = Within(worker_checks.check, NO_LIMIT, Path.cwd())(path)
    assert dict(report.about)["process"] == str(os.getpid())


@POSIX
def test_a_kept_process_is_used_again(files):
    within = Within(worker_checks.check, Limits(seconds=30, memory=3000), Path.cwd())
    first, second = (dict(within(path).about)["process"] for path in files("a", "b"))
    assert first == second != str(os.getpid())


def test_a_relative_path_is_found_from_elsewhere_and_named_as_given(files, monkeypatch, tmp_path):
    files("a")
    within = Within(worker_checks.check, NO_LIMIT, tmp_path)
    monkeypatch.chdir("/")
    assert within(Path("a.xlsx")).path == Path("a.xlsx")
    seen = Within(lambda path: worker_checks.WorkbookReport(path, str(path)), NO_LIMIT, tmp_path)
    assert seen(Path("a.xlsx")).findings == str(tmp_path / "a.xlsx")


def test_another_version_checks_nothing(files):
    (path,) = files("a")
    failure = Within(worker_checks.check, NO_LIMIT, Path.cwd(), "0.0.0")(path).failure
    assert "this run is of 0.0.0" in failure
    assert "Install one version" in failure


# ---------------------------------------------------------------- what --executor names


def test_a_factory_of_ones_own(tmp_path, monkeypatch):
    code = "from concurrent.futures import ThreadPoolExecutor\ndef two():\n    return ThreadPoolExecutor(2)\n"
    (tmp_path / "my_pools_of_two.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    with named("my_pools_of_two:two")() as pool:
        assert pool._max_workers == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nope", "expected dask://HOST:PORT, or package.module:factory"),
        (":", "expected dask://HOST:PORT, or package.module:factory"),
        ("dask://somewhere", "expected dask://HOST:PORT"),
        ("dask://:8786", "expected dask://HOST:PORT"),
        ("no_such_module_here:pool", "it cannot be loaded (ModuleNotFoundError"),
        ("os:no_such_thing", "it cannot be loaded (AttributeError"),
        ("os:name", "is str, not a function"),
        ("os:getcwd", "it gave str"),
        ("os:stat", "calling it failed (TypeError"),
        ("sys:exit", "calling it failed (SystemExit"),
    ],
)
def test_an_executor_that_cannot_be_had(text, said):
    result = CliRunner().invoke(main, ["check", str(GIGA), "--executor", text])
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())
    assert text in result.output


def test_no_scheduler_answers(monkeypatch):
    monkeypatch.setattr("xl_compliance.batch.dask_pool._SECONDS_TO_CONNECT", 1)
    with pytest.raises(ExecutorMistake, match=r"no dask scheduler answers at tcp://127\.0\.0\.1:1"):
        executors.named("dask://127.0.0.1:1")()


def test_jobs_and_an_executor_are_one_too_many():
    how = ["--jobs", "2", "--executor", "concurrent.futures:ThreadPoolExecutor"]
    result = CliRunner().invoke(main, ["check", str(GIGA), *how])
    assert result.exit_code == 2
    assert "Leave one of them out" in result.output


def test_a_configuration_names_no_executor(tmp_path):
    """A folder of workbooks from a stranger runs nothing of the stranger's."""
    (tmp_path / "own.toml").write_text('executor = "os:getcwd"\n')
    config = str(tmp_path / "own.toml")
    result = CliRunner().invoke(main, ["check", str(GIGA), "--config", config])
    assert result.exit_code == 2
    assert 'there is no key "executor"' in " ".join(result.output.split())
