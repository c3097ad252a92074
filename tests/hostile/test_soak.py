"""The soak at a small size; its full size is run by hand."""

from __future__ import annotations

import sys

import pytest
from soak import soak


@pytest.mark.skipif(sys.platform != "linux", reason="kills and memory as on Linux")
def test_a_small_soak() -> None:
    found = soak(60, every=2)
    assert found.kills, "a process was killed"
    assert set(found.told.values()) == {1}, "each file was told of once"
    assert len(found.told) == found.files == sum(found.results.values())
    assert found.wrong == (), "a sound file is checked unless its process was killed"
    assert found.results["killed"] <= found.kills
    assert found.results["checked"]
