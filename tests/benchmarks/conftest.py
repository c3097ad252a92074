"""Benchmarks run when they are asked for, and say at the end which goals were met."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import goals
import pytest
import record

HERE = Path(__file__).parent
GOALS: list[goals.Goal] = []


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    asked = [Path(argument.partition("::")[0]).resolve() for argument in config.args]
    if asked and all(path.is_relative_to(HERE) for path in asked):
        config.option.benchmark_skip = False


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if goals.RECORD:
        _leave_out(config, items, [it for it in items if not _is_recorded(it)])
    modules = {item.getparent(pytest.Module).obj: None for item in items}  # type: ignore[union-attr]
    for module in modules:
        GOALS.extend(goal for goal in getattr(module, "GOALS", ()) if goal not in GOALS)


def _is_recorded(item: pytest.Item) -> bool:
    """Whether the page says anything of it: it is in a goal, or in growth."""
    module = item.getparent(pytest.Module).obj  # type: ignore[union-attr]
    stated = {name for it in getattr(module, "GOALS", ()) for name in (it.ours, it.theirs)}
    return item.name in stated or module.__name__.endswith("test_growth")


def _leave_out(config: pytest.Config, items: list[pytest.Item], out: list[pytest.Item]) -> None:
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [it for it in items if it not in out]


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    session = getattr(config, "_benchmarksession", None)
    if goals.RECORD and record.GROWTH:
        record.write_growth()
    if not GOALS or session is None or not session.benchmarks:
        return
    medians, best = (goals.times(session.benchmarks, figure) for figure in ("median", "min"))
    terminalreporter.section("goals")
    terminalreporter.write_line(f"{goals.machine()}\n")
    terminalreporter.write_line(goals.table(GOALS, medians, best))
    if goals.RECORD:
        record.PAGE.write_text(record.page(GOALS, medians, best), encoding="utf-8")
        terminalreporter.write_line(f"\n{record.PAGE}: written")
