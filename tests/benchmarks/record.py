"""The guide's page of benchmarks and its pictures, made from one run and from nothing else."""

from __future__ import annotations

import os
import platform
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import goals

GUIDE = Path(__file__).parents[2] / "xl_compliance" / "guide"
PAGE = GUIDE / "benchmarks.md"


@dataclass(frozen=True)
class Growth:
    """How one job grows: by the number of its items, its seconds and its peak memory in bytes."""

    job: str
    items: str
    points: Mapping[int, tuple[float, float]]


GROWTH: list[Growth] = []


def page(
    found: Sequence[goals.Goal], medians: Mapping[str, float], best: Mapping[str, float]
) -> str:
    """The page, in Markdown."""
    missed = goals.in_the_way(found, medians)
    parts = [
        "# Benchmarks",
        "Every job runs beside its peer in the same run; machines differ, so look at the ratios. "
        "Median and best of the rounds; processor time, but where a job is in other processes, "
        'which is marked "the clock". "Best" is what other work on the machine disturbs least.',
        _made(),
        goals.table(found, medians, best),
        f"What stands in the way of the goals that are missed:\n\n{missed}" if missed else "",
        "How time and memory grow: [growth.md](growth.md).",
    ]
    return _joined(parts)


def _joined(parts: Sequence[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


def _made() -> str:
    return (
        f"Made by `{_command()}`, which writes this page; nothing of it is typed by hand.\n\n"
        f"Measured on {date.today():%d %B %Y}: {_processor()}. {goals.machine()}."
    )


def _command() -> str:
    """The command of this run, with what it was told about sizes."""
    told = [f"{name}={it}" for name, it in sorted(os.environ.items()) if "XLC_BENCHMARK" in name]
    return " ".join([*told, "python -m pytest", *map(shlex.quote, sys.argv[1:])])


def _processor() -> str:
    name = platform.processor() or platform.machine()
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        lines = listed.read_text(encoding="utf-8").splitlines()
        name = next((it.split(":")[1].strip() for it in lines if it.startswith("model name")), name)
    busy = f", load {os.getloadavg()[0]:.0f} by other work" if hasattr(os, "getloadavg") else ""
    return f"{os.cpu_count()} cores of {name}{busy}"


def growth_page() -> str:
    """The page of growth, in Markdown."""
    sizes = sorted({size for growth in GROWTH for size in growth.points})
    header = ["Job", *(f"{size:,}" for size in sizes), "time grows by"]
    lines = [header, ["---"] * len(header)]
    for growth in GROWTH:
        cells = [_cell(growth.points[it]) if it in growth.points else "-" for it in sizes]
        lines.append([f"{growth.job}, {growth.items}", *cells, _exponent(growth)])
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    pictures = "\n\n".join(
        f"![{title}](images/{name})"
        for title, name in (
            ("Time by size, both scales logarithmic", "growth-time.svg"),
            ("Peak memory by size, both scales logarithmic", "growth-memory.svg"),
        )
    )
    return _joined(
        [
            "# Growth",
            "Time and peak memory by size, each in a process of its own. Of calls the memory "
            "beyond the arguments; of workbooks all that the process takes beyond what it has when "
            "it starts. The last column: at so many times the items, so many times the time, over "
            "the two largest sizes.",
            _made(),
            table,
            pictures,
        ]
    )


def _cell(point: tuple[float, float]) -> str:
    seconds, memory = point
    return f"{goals.in_words(seconds)}, {memory / 1e6:.3g} MB"


def _exponent(growth: Growth) -> str:
    *_, before, last = sorted(growth.points)
    times = growth.points[last][0] / growth.points[before][0]
    return f"{times:.3g} x at {last // before} x"


def write_growth() -> None:
    """Write the page of growth and its pictures."""
    (GUIDE / "growth.md").write_text(growth_page(), encoding="utf-8")
    for name, axis, which, unit in (
        ("growth-time.svg", "seconds", 0, 1.0),
        ("growth-memory.svg", "MB", 1, 1e-6),
    ):
        curves = {
            f"{it.job} ({it.items})": {
                n: max(at[which] * unit, 1e-4) for n, at in it.points.items()
            }
            for it in GROWTH
        }
        (GUIDE / "images" / name).write_text(picture(curves, axis), encoding="utf-8")


# ---------------------------------------------------------------- a picture

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, RIGHT = 900, 460, 70, 20, 50, 360
COLOURS = ("#0b5394", "#cc4125", "#38761d", "#b45f06", "#674ea7", "#45818e", "#990055", "#666666")


def picture(curves: Mapping[str, Mapping[int, float]], axis: str) -> str:
    """Curves over the number of items, both scales logarithmic, as SVG."""
    from math import ceil, floor, log10

    across = [log10(n) for points in curves.values() for n in points]
    up = [log10(value) for points in curves.values() for value in points.values()]
    x0, x1, y0, y1 = floor(min(across)), ceil(max(across)), floor(min(up)), ceil(max(up))

    def x(n: float) -> float:
        return LEFT + (log10(n) - x0) / (x1 - x0) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (log10(value) - y0) / (y1 - y0) * (HEIGHT - TOP - BOTTOM)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    for power in range(x0, x1 + 1):
        at = x(10**power)
        lines.append(f'<path d="M{at:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#dddddd"/>')
        lines.append(
            f'<text x="{at:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{10**power:,}</text>'
        )
    for power in range(y0, y1 + 1):
        at = y(10.0**power)
        lines.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="#dddddd"/>')
        lines.append(
            f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:g}</text>'
        )
    lines.append(f'<text x="{LEFT}" y="{HEIGHT - 8}">items</text>')
    lines.append(f'<text x="{LEFT}" y="{TOP - 8}">{axis}</text>')
    for number, (name, points) in enumerate(curves.items()):
        colour = COLOURS[number % len(COLOURS)]
        dashes = "" if number < len(COLOURS) else ' stroke-dasharray="5 3"'
        places = [(x(n), y(value)) for n, value in sorted(points.items())]
        path = "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in places)
        lines.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>')
        lines += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in places]
        below, right = TOP + 14 + number * 20, WIDTH - RIGHT + 20
        lines.append(
            f'<path d="M{right} {below - 4}h22" stroke="{colour}" stroke-width="2"{dashes}/>'
        )
        lines.append(f'<text x="{right + 30}" y="{below}">{name}</text>')
    return "\n".join([*lines, "</svg>\n"])
