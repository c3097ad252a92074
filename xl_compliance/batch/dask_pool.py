"""A dask.distributed cluster as an executor (extra `dask`).

The cluster gives what a lost worker had in hand to another by itself. What it gives up on, because
worker after worker ended over it, is handed back as lost, as a broken pool of processes does. A
cluster that is gone, or has no workers, is waited for a while and then said to be gone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, InvalidStateError
from contextlib import suppress
from typing import Any, Final

import distributed

from xl_compliance.batch.executors import ExecutorMistake

_SECONDS_TO_CONNECT: Final = 10
_SECONDS_BETWEEN_LOOKS: Final = 1.0


class ClusterGone(Exception):
    """The cluster can no longer be reached, or has no workers."""


class DaskPool(Executor):
    """An executor on the cluster at an address such as `tcp://127.0.0.1:8786`.

    `patience` is how many seconds it is waited for workers when there are none.
    """

    def __init__(self, address: str, patience: float = 60) -> None:
        self._address = address
        self._patience = patience
        try:
            self._client = distributed.Client(
                address, timeout=_SECONDS_TO_CONNECT, set_as_default=False
            )
        except (OSError, ValueError) as problem:
            detail = " ".join(str(problem).split())
            raise ExecutorMistake(
                f"no dask scheduler answers at {address} ({detail}). "
                "Expected the address that dask scheduler prints when it starts"
            ) from None
        self._lock = threading.Lock()
        self._waiting: dict[Future[Any], Any] = {}
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have the cluster call a function."""
        if self._over.is_set():
            raise RuntimeError("cannot schedule new futures after shutdown")
        promised: Future[Any] = Future()
        promised.set_running_or_notify_cancel()
        remote = self._client.submit(fn, *args, pure=False, **kwargs)
        with self._lock:
            self._waiting[promised] = remote
        remote.add_done_callback(lambda done: self._hand_on(promised, done))
        return promised

    def _hand_on(self, promised: Future[Any], remote: Any) -> None:
        with self._lock:
            self._waiting.pop(promised, None)
        with suppress(InvalidStateError):  # it was given up already
            if remote.status == "finished":
                try:
                    promised.set_result(remote.result(timeout=_SECONDS_TO_CONNECT))
                except Exception as problem:  # the result was lost on its way
                    promised.set_exception(_lost(problem))
            elif remote.status == "error":
                promised.set_exception(_as_lost(remote.exception()))
            else:
                promised.set_exception(_lost(ClusterGone("the cluster let go of it")))

    def _watch(self) -> None:
        without = 0.0
        while not self._over.wait(_SECONDS_BETWEEN_LOOKS):
            without = 0.0 if self._has_workers() else without + _SECONDS_BETWEEN_LOOKS
            if without >= self._patience:
                self._give_up()
                without = 0.0

    def _has_workers(self) -> bool:
        try:
            return bool(self._client.nthreads(callback_timeout=_SECONDS_TO_CONNECT))
        except Exception:  # the scheduler does not answer
            return False

    def _give_up(self) -> None:
        with self._lock:
            given_up = list(self._waiting)
            self._waiting.clear()
        said = (
            f"no worker of the cluster at {self._address} was there for {self._patience:g} seconds"
        )
        for promised in given_up:
            with suppress(InvalidStateError):
                promised.set_exception(ClusterGone(said))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let go of the cluster; what it still had to do is called off or awaited."""
        if self._over.is_set():
            return
        with self._lock:
            waiting = dict(self._waiting)
        if wait and not cancel_futures:
            for promised in waiting:
                promised.exception()
        self._over.set()
        with suppress(Exception):  # a cluster that is gone cannot be told
            self._client.cancel(list(waiting.values()), force=True)
        with suppress(Exception):
            self._client.close(timeout=_SECONDS_TO_CONNECT)


def _as_lost(problem: BaseException) -> BaseException:
    """What the cluster gave up on because workers ended over it, as a broken pool says it."""
    if isinstance(problem, distributed.KilledWorker):
        return _lost(problem)
    return problem


def _lost(problem: BaseException) -> BaseException:
    lost = BrokenExecutor(str(problem))
    lost.__cause__ = problem
    return lost
