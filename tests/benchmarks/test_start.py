"""How long `xl-compliance --help` takes to start, beside Python doing nothing.

Run: python -m pytest tests/benchmarks/test_start.py
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from goals import Goal


def children() -> float:
    """What the processes that have ended took of the processors."""
    return sum(os.times()[2:4])


pytestmark = pytest.mark.benchmark(group="start", timer=children)
GOALS = [
    Goal("xl-compliance --help", "test_help", "python -c pass", "test_python", seconds_more=0.150)
]


def run(*arguments: str) -> str:
    return subprocess.run(
        [sys.executable, *arguments], check=True, capture_output=True, text=True
    ).stdout


def test_python(benchmark):
    benchmark.pedantic(run, args=("-c", "pass"), rounds=9, warmup_rounds=1)


def test_help(benchmark):
    shown = benchmark.pedantic(
        run, args=("-m", "xl_compliance.cli", "--help"), rounds=9, warmup_rounds=1
    )
    assert "Usage:" in shown
