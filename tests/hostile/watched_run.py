"""Runs commands of ours in this process and writes down what they ask of the system.

Called as: watched_run.py OUT.json FOLDER COMMAND... where every command is one JSON list.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

EVENTS: list[tuple[str, str]] = []
NETWORK = ("socket.", "urllib.", "http.", "ftplib.", "smtplib.", "telnetlib.", "webbrowser.")
CHILDREN = (
    "subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty", "os.spawn",
    "os.posix_spawn", "os.startfile", "pty.spawn", "_winapi.CreateProcess",
)  # fmt: skip
CHANGES = (
    "os.remove", "os.rename", "os.rmdir", "os.chmod", "os.link", "os.symlink", "os.truncate",
    "shutil.move", "shutil.rmtree",
)  # fmt: skip


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(NETWORK) or event in CHILDREN or event in CHANGES:
        kind = "changed" if event in CHANGES else event
        EVENTS.append((kind, repr(arguments)[:200]))
    elif event == "open" and not isinstance(arguments[0], int):
        path, mode, flags = (*arguments, None, None)[:3]
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writes or (isinstance(mode, str) and set(mode) & set("wax+")):
            EVENTS.append(("written", str(path)))


def main() -> None:
    """Run the commands, one after the other, and write what was seen."""
    out, folder, *commands = sys.argv[1:]
    os.chdir(folder)
    from click.testing import CliRunner

    from xl_compliance.cli import main as command

    runner = CliRunner()
    sys.addaudithook(_watch)
    codes = []
    for text in commands:
        result = runner.invoke(command, json.loads(text))
        failed = result.exception
        if failed is not None and not isinstance(failed, SystemExit):
            raise failed
        codes.append([result.exit_code, result.output[-2_000:]])
    seen = list(EVENTS)
    Path(out).write_text(json.dumps({"events": seen, "codes": codes}), encoding="utf-8")


main()
