"""LibreOffice with our add-in in a profile of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from xl_compliance.excel import libreoffice


def as_other_user(command: list[str]) -> list[str]:
    """unopkg refuses to run as root."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]


def with_add_in(folder: Path) -> tuple[dict[str, str], str]:
    """Install the add-in into a profile below a folder: the environment, and soffice's option."""
    (folder / "xlc.oxt").write_bytes(libreoffice.build())
    (folder / "home").mkdir()
    if os.geteuid() == 0:
        for path in [folder, *folder.rglob("*")]:
            shutil.chown(path, "nobody", "nogroup")
    environment = {**os.environ, "HOME": str(folder / "home")}
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    # In a folder that this user may enter: unopkg returns to the one it was started in.
    added = subprocess.run(
        as_other_user(["unopkg", "add", profile, str(folder / "xlc.oxt")]),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert added.returncode == 0, added.stderr
    return environment, profile


def save_all(folder: Path, paths: dict[str, list[Path]]) -> Path:
    """Workbooks below a folder as LibreOffice saves them, by the kind of file: where they are."""
    environment, profile = with_add_in(folder)
    for kind, sources in paths.items():
        command = ["soffice", profile, "--headless", "--convert-to", kind]
        command += ["--outdir", str(folder / "saved"), *map(str, sources)]
        subprocess.run(
            as_other_user(command),
            cwd=folder,
            env=environment,
            check=True,
            capture_output=True,
            timeout=300,
        )
    return folder / "saved"
