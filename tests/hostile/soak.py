"""Thousands of checks of sound and hostile files while their processes are killed at random.

Each file must have one result, whoever was killed, and memory must stay where it was. Run at full
size by hand: python tests/hostile/soak.py 5000
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from hostile_bases import packed
from hostile_corpus import BASES, base, corpus

from xl_compliance.batch.results import WorkbookReport
from xl_compliance.batch.run import check_all, check_workbook
from xl_compliance.batch.workers import Limits

KILLED = "ended before it was done"


@dataclass(frozen=True)
class Soaked:
    """What a soak came to: results by kind, processes killed, memory over time in MiB."""

    files: int
    told: Counter[str]
    results: Counter[str]
    wrong: tuple[str, ...]
    kills: int
    memory: tuple[float, ...]
    seconds: float

    @property
    def growth(self) -> float:
        """Memory at the end as a multiple of that after the first quarter."""
        quarter = max(1, len(self.memory) // 4)
        early, late = self.memory[:quarter], self.memory[-quarter:]
        return (sum(late) / len(late)) / (sum(early) / len(early))


def _filled(folder: Path, count: int, seed: int) -> list[Path]:
    """So many files, half of them sound, the rest out of the corpus."""
    chosen = random.Random(seed)
    sound = {name: packed(base(name)) for name in BASES}
    bad = list(corpus(large=False))
    paths = []
    for number in range(count):
        if chosen.random() < 0.5:
            name = chosen.choice(sorted(sound))
            path, content = folder / f"{number:05} sound {name}.xlsx", sound[name]
        else:
            case = chosen.choice(bad)
            path, content = folder / f"{number:05} {case.file}", case.content
        path.write_bytes(content)
        paths.append(path)
    return paths


class _Killer(threading.Thread):
    """Kills one of this process's own children now and then."""

    def __init__(self, seed: int, every: float) -> None:
        super().__init__(daemon=True)
        self._chosen = random.Random(seed)
        self._every = every
        self.done = threading.Event()
        self.kills = 0

    def run(self) -> None:
        while not self.done.wait(self._chosen.uniform(0, 2 * self._every)):
            children = [it for it in multiprocessing.active_children() if it.pid]
            if children:
                os.kill(self._chosen.choice(children).pid or 0, signal.SIGKILL)
                self.kills += 1


def alone(path: Path) -> WorkbookReport:
    """Whether a workbook could be checked: findings themselves take memory, and are no leak."""
    return replace(check_workbook(path), findings=(), about=(), holdings=())


def _memory() -> float:
    """The memory of this process now, in MiB."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def soak(count: int, every: float = 1.0, jobs: int = 2, seed: int = 1) -> Soaked:
    """Check `count` files while a process is killed about every `every` seconds."""
    with tempfile.TemporaryDirectory() as name:
        paths = _filled(Path(name), count, seed)
        told: Counter[str] = Counter()
        memory: list[float] = []

        def done(report: WorkbookReport) -> None:
            told[report.path.name] += 1
            if len(told) % max(1, count // 40) == 0:
                memory.append(_memory())

        killer = _Killer(seed, every)
        killer.start()
        started = time.monotonic()
        report = check_all(paths, jobs=jobs, limits=Limits(60, 2048), check=alone, done=done)
        killer.done.set()
        killer.join()
        wrong = [it.path.name for it in report.workbooks if _is_wrong(it)]
        results = Counter(_kind(it) for it in report.workbooks)
        once = {it.path for it in report.workbooks} == set(paths)
        assert once, "every file has a result"
        assert len(report.workbooks) == count, "and only one"
        return Soaked(
            count,
            told,
            results,
            tuple(wrong),
            killer.kills,
            tuple(memory),
            time.monotonic() - started,
        )


def _kind(report: WorkbookReport) -> str:
    if not report.failure:
        return "checked"
    return "killed" if KILLED in report.failure else "refused"


def _is_wrong(report: WorkbookReport) -> bool:
    """Whether a sound file was not checked for another reason than a kill."""
    return " sound " in report.path.name and _kind(report) == "refused"


def main() -> None:
    """Run at the size named on the command line and print what came of it."""
    found = soak(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000, every=3)
    print(f"{found.files:,} files in {found.seconds:.0f} s, {found.kills} processes killed")
    print(dict(found.results), "told twice or never:", len(_twice(found)))
    print("sound files not checked for another reason than a kill:", len(found.wrong))
    print("memory of the parent, MiB:", [round(it) for it in found.memory])
    print(f"growth: {found.growth:.3f}")


def _twice(found: Soaked) -> list[str]:
    return [name for name, times in found.told.items() if times != 1]


if __name__ == "__main__":
    main()
