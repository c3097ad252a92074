"""What the default install brings along: its licences allow commercial use, its bounds are known."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution, requires
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

# Licences that let anyone use and sell, as SPDX names them.
ALLOWED = {
    "Apache-2.0", "MIT", "MIT-CMU", "BSD-2-Clause", "BSD-3-Clause", "BSD", "PSF-2.0", "0BSD", "Zlib",
    "Unlicense", "CC0-1.0", "HPND", "BlueOak-1.0.0",
}  # fmt: skip
_WORDS = {
    "Apache Software License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "MIT License": "MIT",
    "BSD License": "BSD",
    "BSD 3-Clause License": "BSD-3-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "Python Software Foundation License": "PSF-2.0",
    "PSFL": "PSF-2.0",
    "Dual License": "",
}
# Packages whose metadata names no licence that can be read; the licence as its own file says it.
READ_BY_HAND: dict[str, str] = {}


def _installed(name: str, seen: dict[str, str]) -> None:
    """A distribution and all that it requires by default, by name and version."""
    key = re.sub(r"[-_.]+", "-", name).lower()
    if key in seen:
        return
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return  # a requirement of another system
    seen[key] = found.version
    for text in requires(name) or []:
        requirement, _, marker = text.partition(";")
        if "extra ==" not in marker:
            match = re.match(r"[\w.-]+", requirement.strip())
            assert match is not None
            _installed(match[0], seen)


def _brought_along() -> dict[str, str]:
    seen: dict[str, str] = {}
    for text in PROJECT["dependencies"]:
        _installed(re.split(r"[>=<~!\[ ]", text)[0], seen)
    return seen


def _licences(name: str) -> set[str]:
    if name in READ_BY_HAND:
        return {READ_BY_HAND[name]}
    metadata = distribution(name).metadata
    expression = metadata.get("License-Expression")
    if expression:
        return set(re.split(r"\s+(?:AND|OR)\s+|[()]", expression)) - {""}
    classifiers = [
        it.rpartition(" :: ")[2]
        for it in metadata.get_all("Classifier") or []
        if it.startswith("License ::") and not it.endswith("OSI Approved")
    ]
    named = [*classifiers, *([metadata["License"]] if not classifiers else [])]
    return {_WORDS.get(it, it) for it in named if it} - {""}


@pytest.mark.parametrize("name", sorted(_brought_along()))
def test_a_licence_allows_commercial_use(name: str) -> None:
    licences = _licences(name)
    assert licences, f"{name} names no licence: read it and enter it in READ_BY_HAND"
    assert licences <= ALLOWED, licences


@pytest.mark.parametrize("text", PROJECT["dependencies"])
def test_a_dependency_has_a_lowest_version_and_no_highest(text: str) -> None:
    assert re.fullmatch(r"[\w.-]+>=[\d.]+", text), ".ci/lowest installs exactly these"
