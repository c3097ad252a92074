"""What the page is built from: where it cannot be had, the message says what to do."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from xl_compliance.cli import main
from xl_compliance.web import building, parts
from xl_compliance.web.serving import server


def built(folder: Path, *options: str) -> tuple[int, str]:
    target = folder / "page.html"
    done = CliRunner().invoke(main, ["web", str(target), "--cache", str(folder), *options])
    assert not target.exists()
    return done.exit_code, done.output


def test_without_npm_the_command_says_what_is_needed(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    code, said = built(tmp_path)
    assert code == 1
    assert "npm was not found. Node.js with npm is needed to build the page" in said
    assert list(tmp_path.iterdir()) == []


def test_without_a_network_the_command_says_so_and_leaves_nothing_half_done(
    tmp_path, monkeypatch
) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'getaddrinfo ENOTFOUND' >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda _: str(npm))
    cache = tmp_path / "cache"
    with pytest.raises(parts.CannotBuild, match=r"The first build needs the network.*ENOTFOUND"):
        parts.parts(cache)
    assert list(cache.iterdir()) == []


def test_a_cache_that_lost_files_is_named(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(parts, "_fetch", lambda folder, _: folder.mkdir())
    with pytest.raises(parts.CannotBuild, match="is not complete: delete that folder"):
        parts.parts(tmp_path)


def test_another_pyodide_is_not_taken_for_the_pinned_one(tmp_path) -> None:
    (tmp_path / "pyodide.asm.mjs").write_text("export default somethingElse; import.meta.url")
    with pytest.raises(parts.CannotBuild, match="put together in another way"):
        building._worker(parts.Parts(tmp_path, ()))


def test_everything_fetched_is_pinned_by_hash() -> None:
    lines = [it for it in parts.part("requirements.txt").splitlines() if it and it[0] != "#"]
    assert all(re.fullmatch(r"[\w-]+==[\d.]+ --hash=sha256:[0-9a-f]{64}", it) for it in lines)
    lock = json.loads(parts.part("package-lock.json"))["packages"]
    assert all("integrity" in it for name, it in lock.items() if name)
    wanted = json.loads(parts.part("package.json"))["dependencies"]["pyodide"]
    assert lock["node_modules/pyodide"]["version"] == wanted


def test_a_page_is_not_written_over_a_file_or_under_another_kind_of_name(tmp_path) -> None:
    (tmp_path / "there.html").write_text("mine")
    for name, said in (("there.html", "is there already"), ("page.txt", "must end in .html")):
        done = CliRunner().invoke(main, ["web", str(tmp_path / name)])
        assert done.exit_code == 2
        assert said in done.output
    assert (tmp_path / "there.html").read_text() == "mine"


def test_a_port_that_is_taken_is_named(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(building, "build", lambda _: "<!DOCTYPE html>")
    with server(b"", 0) as other:
        command = ["web", str(tmp_path / "a.html"), "--serve", "--port", str(other.server_port)]
        done = CliRunner().invoke(main, command)
    assert done.exit_code == 1
    assert f"port {other.server_port} cannot be served on" in done.output
