"""Many workbooks, each checked where it can harm nothing but its own result.

A lane is one process that checks one workbook at a time. So it is always known which workbook a
process had in hand when it ended, ran out of time or was stopped; the lane then gets a new one.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    as_completed,
    wait,
)
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import current_process, get_context, parent_process
from pathlib import Path
from threading import Lock, Thread, Timer
from typing import TYPE_CHECKING, Any, Final

from xl_compliance.batch.results import WorkbookReport

if TYPE_CHECKING:
    from xl_compliance.batch.run import Check, Done

Found = list[WorkbookReport | None]

_STARTS_TRIED: Final = 3
_STARTS_TRIED_LATER: Final = 50  # where one has run before, those that follow are being killed
_SECONDS_TO_START: Final = 120.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What checking one workbook may take: seconds, and MiB of memory; 0 is no limit.

    Memory is limited where the system can do it for a process: on Linux and macOS, not Windows.
    """

    seconds: float = 120
    memory: int = 4096


def check_here(paths: list[Path], check: Check, done: Done) -> Found:
    """One after the other in this process."""
    found: Found = [None] * len(paths)
    try:
        for index, path in enumerate(paths):
            report = found[index] = check(path)
            done(report)
    except KeyboardInterrupt:
        pass
    return found


def check_through(
    factory: Callable[[], Executor], paths: list[Path], check: Check, done: Done
) -> Found:
    """Through any executor. What its pool loses is tried again alone, each in a pool of its own."""
    found: Found = [None] * len(paths)
    try:
        lost = list(_submitted(factory, paths, check, found, done))
        gone = ""
        for index in lost:
            try:
                pool = None if gone else factory()
            except Exception as problem:  # as it is for one, so for those that follow
                pool, gone = None, _stopped_at(problem)
            path = paths[index]
            report = found[index] = _alone(pool, path, check) if pool else _failed(path, gone)
            done(report)
    except KeyboardInterrupt:
        pass
    return found


def _submitted(
    factory: Callable[[], Executor], paths: list[Path], check: Check, found: Found, done: Done
) -> Iterator[int]:
    """Check the workbooks, and give the places of those that a broken pool lost."""
    pool = factory()
    try:
        futures: dict[Future[WorkbookReport], int] = {}
        for index, path in enumerate(paths):
            try:
                futures[pool.submit(check, path)] = index
            except BrokenExecutor:
                yield index
            except Exception as problem:
                refused = _failed(path, _stopped_at(problem))
                found[index] = refused
                done(refused)
        for future in as_completed(futures):
            index = futures[future]
            try:
                report = future.result()
            except (BrokenExecutor, CancelledError):
                yield index
                continue
            except Exception as problem:
                report = _failed(paths[index], _stopped_at(problem))
            found[index] = report
            done(report)
    finally:
        _let_go(pool)


def _alone(pool: Executor, path: Path, check: Check) -> WorkbookReport:
    try:
        return pool.submit(check, path).result()
    except (BrokenExecutor, CancelledError):
        return _failed(path, _ENDED)
    except Exception as problem:
        return _failed(path, _stopped_at(problem))
    finally:
        _let_go(pool)


def _let_go(pool: Executor) -> None:
    """Without waiting; executors older than Python 3.9's can call nothing off."""
    try:
        pool.shutdown(wait=False, cancel_futures=True)
    except TypeError:
        pool.shutdown(wait=False)


_ENDED = (
    "the process that checked it ended before it was done (out of memory, or stopped from outside)"
)


def _stopped_at(problem: BaseException) -> str:
    detail = " ".join(f"{type(problem).__name__}: {problem}".split())
    return f"checking it stopped at an error ({detail})"


def _failed(path: Path, what: str) -> WorkbookReport:
    return WorkbookReport(path, failure=f"{path.name}: {what}. Nothing is known about it.")


# ---------------------------------------------------------------- processes of our own


def check_in_processes(
    paths: list[Path], check: Check, jobs: int, limits: Limits, done: Done
) -> Found:
    """In `jobs` processes, each workbook within the limits."""
    lanes = [_Lane(check, limits) for _ in range(max(1, min(jobs, len(paths))))] if paths else []
    try:
        return _through_lanes(lanes, paths, done)
    finally:
        for lane in lanes:
            lane.close()


def _through_lanes(lanes: list[_Lane], paths: list[Path], done: Done) -> Found:
    found: Found = [None] * len(paths)
    waiting = iter(enumerate(paths))
    try:
        _start_up(lanes)
        while True:
            for lane in lanes:
                if lane.idle and (following := next(waiting, None)) is not None:
                    lane.give(*following)
            busy = [lane for lane in lanes if lane.future is not None]
            if not any(lane.index is not None for lane in busy):
                break
            wait([lane.future for lane in busy if lane.future], _pause(busy), FIRST_COMPLETED)
            for lane in busy:
                for index, report in lane.collect():
                    found[index] = report
                    done(report)
    except KeyboardInterrupt:
        for lane in lanes:
            lane.stop()
    except _NoProcess as problem:
        for index, path in enumerate(paths):
            if found[index] is None:
                report = found[index] = _failed(path, str(problem))
                done(report)
    return found


def _start_up(lanes: list[_Lane]) -> None:
    for lane in lanes:
        if not lane.started:
            lane.start()


def _pause(busy: list[_Lane]) -> float | None:
    """How long to wait: until the first workbook runs out of time."""
    ends = [lane.deadline for lane in busy if lane.deadline is not None]
    return max(0.0, min(ends) - time.monotonic()) if ends else None


class _NoProcess(Exception):
    """No process can be started; the message says so of a workbook."""


class _Lane:
    """One process, and the workbook it has in hand."""

    def __init__(self, check: Check, limits: Limits) -> None:
        self.check = check
        self._limits = limits
        self._executor: ProcessPoolExecutor | None = None
        self._process = 0
        self._starts = 0
        self._has_run = False
        self._path = Path()
        self.future: Future[Any] | None = None
        self.index: int | None = None
        self.deadline: float | None = None

    @property
    def idle(self) -> bool:
        """Whether it can be given a workbook: before its process is there, too."""
        return self.index is None

    @property
    def started(self) -> bool:
        """Whether it has a process, or is waiting for one."""
        return self._executor is not None

    def start(self) -> None:
        """Start the process; the workbook in hand, if any, follows when it is ready."""
        self._starts += 1
        self._process = 0
        self._executor = ProcessPoolExecutor(
            1, get_context("spawn"), _prepare, (self._limits.memory,)
        )
        with _interrupts_held_back():
            self.future = self._executor.submit(_ready)
        self.deadline = time.monotonic() + _SECONDS_TO_START

    def give(self, index: int, path: Path) -> None:
        """Give it a workbook, to be checked now or when the process is ready."""
        self.index, self._path = index, path
        if self.future is None:
            self._hand_over()

    def _hand_over(self) -> None:
        if self._executor is None:
            self.start()
            return
        try:
            self.future = self._executor.submit(_checked, self.check, self._path, self._limits)
        except BrokenExecutor:  # it ended while it had nothing to do
            self._end()
            self.start()
            return
        seconds = self._limits.seconds
        self.deadline = time.monotonic() + seconds if seconds else None

    def collect(self) -> Iterator[tuple[int, WorkbookReport]]:
        """The workbook's place and report, if it is done, was lost or has had its time."""
        assert self.future is not None
        if not self.future.done():
            if self.deadline is None or time.monotonic() < self.deadline:
                return
            yield from self._overdue()
        elif not self._process:
            self._started(self.future)
        else:
            yield from self._finished(self.future)

    def _started(self, future: Future[Any]) -> None:
        self.future = self.deadline = None
        try:
            self._process = future.result()
        except Exception as problem:
            self._end()
            if self._starts >= (_STARTS_TRIED_LATER if self._has_run else _STARTS_TRIED):
                raise _NoProcess(f"no process could be started to check it ({problem})") from None
            self.start()
            return
        self._starts = 0
        self._has_run = True
        if self.index is not None:
            self._hand_over()

    def _finished(self, future: Future[Any]) -> Iterator[tuple[int, WorkbookReport]]:
        index = self._put_down()
        try:
            report, worn_out = future.result()
        except BrokenExecutor:
            report, worn_out = _failed(self._path, _ENDED), True
        except Exception as problem:
            report, worn_out = _failed(self._path, _stopped_at(problem)), False
        if worn_out:
            self._end()
        yield index, report

    def _overdue(self) -> Iterator[tuple[int, WorkbookReport]]:
        if not self._process:
            self._end()
            raise _NoProcess("no process could be started to check it in time")
        index = self._put_down()
        self.stop()
        took = f"checking it was not done after {self._limits.seconds:g} seconds"
        yield index, _failed(self._path, f"{took} (--timeout)")

    def _put_down(self) -> int:
        assert self.index is not None
        index, self.index = self.index, None
        self.future = self.deadline = None
        return index

    def stop(self) -> None:
        """End the process at once, whatever it is doing."""
        if self._process:
            with suppress(ProcessLookupError, PermissionError):  # it may have ended already
                os.kill(self._process, getattr(signal, "SIGKILL", signal.SIGTERM))
        self._end()

    def _end(self, wait: bool = False) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=wait, cancel_futures=True)
        self._executor = self.future = None
        self._process = 0

    def close(self) -> None:
        """Let the process end; one with nothing to do is waited for.

        CPython 3.11 may write a traceback when it ends while a pool is being shut down.
        """
        self._end(wait=self.future is None)


# ---------------------------------------------------------------- one process, kept between calls


def check_in_kept_process(path: Path, check: Check, limits: Limits) -> WorkbookReport:
    """One workbook, in a process of its own; the process is kept a while for the next.

    For executors, which call this in a thread or process of theirs, here or on another machine.
    """
    current_process().daemon = False  # a cluster's workers are, and may start no process then
    lane = _KEPT.take(limits)
    lane.check = check
    try:
        report = _through_lanes([lane], [path], lambda _: None)[0]
    finally:
        _KEPT.put_back(limits, lane)
    return report or _failed(path, "checking it was interrupted")


class _KeptLanes:
    """Lanes that nobody uses just now; a process that is not used any more is let go."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._forget()
        if hasattr(os, "register_at_fork"):  # the processes are the parent's
            os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._lock = Lock()
        self._idle: list[tuple[float, Limits, _Lane]] = []
        self._timer: Timer | None = None

    def take(self, limits: Limits) -> _Lane:
        with self._lock:
            for kept in reversed(self._idle):
                if kept[1] == limits:
                    self._idle.remove(kept)
                    return kept[2]
        return _Lane(_no_check, limits)

    def put_back(self, limits: Limits, lane: _Lane) -> None:
        if not lane.started:
            return
        with self._lock:
            self._idle.append((time.monotonic(), limits, lane))
            if self._timer is None:
                self._wait()

    def _wait(self) -> None:
        self._timer = Timer(self._seconds, self._let_go)
        self._timer.daemon = True
        self._timer.start()

    def _let_go(self) -> None:
        with self._lock:
            unused = time.monotonic() - self._seconds
            for since, _, lane in self._idle:
                if since <= unused:
                    lane.close()
            self._idle = [kept for kept in self._idle if kept[0] > unused]
            self._timer = None
            if self._idle:
                self._wait()


def _no_check(path: Path) -> WorkbookReport:
    raise AssertionError(f"no check was given for {path}")


_KEPT: Final = _KeptLanes(seconds=30)


# ---------------------------------------------------------------- in the process


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """A process started here never sees Ctrl-C: it is this one's to decide what becomes of it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def _prepare(memory: int) -> None:
    """What a process does first: what it has to say is in its result, or in how it ended."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    if memory:
        _limit_memory(memory)


def _end_with_parent() -> None:
    """No process outlives the one that started it, however that one ended."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _limit_memory(memory: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    _, highest = resource.getrlimit(resource.RLIMIT_AS)
    wanted = memory * 1024 * 1024
    if highest != resource.RLIM_INFINITY:
        wanted = min(wanted, highest)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, highest))


def _ready() -> int:
    """Load what every check needs, so that no workbook's time is spent on it."""
    from xl_compliance.checks.registry import all_checks

    all_checks()
    return os.getpid()


def _checked(check: Check, path: Path, limits: Limits) -> tuple[WorkbookReport, bool]:
    """The report, and whether the process has grown so much that a new one should follow."""
    report = check(path)
    return report, bool(limits.memory) and _most_memory() > limits.memory / 2


def _most_memory() -> float:
    """The most memory this process has had, in MiB."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    import sys

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)
