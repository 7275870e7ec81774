"""Remotes for tests: bare repositories, reached as a folder, or through ssh that runs the command on this machine."""

from pathlib import Path

import pytest

from longpole.perf.files import place_of, to_bytes
from longpole.perf.model import Result, Skip
from tests.perf.branches import Repository, files_of

SSH = """#!/bin/sh
while [ "$1" != host ]; do shift; done; shift
exec sh -c "$*"
"""


class Bare(Repository):
    """A bare repository that others push to. It notes every change of a branch in its reflog."""

    def __init__(self, folder: Path, *options: str) -> None:
        super().__init__(folder, *options)
        self.git("config", "core.logAllRefUpdates", "always")
        self.git("config", "gc.auto", "0")

    def files(self, branch: str = "perf") -> dict[str, str]:
        """The path of each file on a branch, and its blob; empty if there is no such branch."""
        lines = self.git("ls-tree", "-r", branch).splitlines() if self.commits(branch) else []
        return {line.partition("\t")[2]: line.split()[2] for line in lines}

    def commits(self, branch: str = "perf") -> list[str]:
        """The names of the commits of a branch, the newest first."""
        exists = self.git("for-each-ref", f"refs/heads/{branch}")
        return self.git("rev-list", branch).split() if exists else []


def by_ssh(remote: Bare, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address under which git reaches a bare repository by "ssh", so as if it were on another machine."""
    script = remote.folder.parent / "ssh"
    script.write_text(SSH)
    script.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(script))
    return f"host:{remote.folder}"


def artifact(folder: Path, *items: Result | Skip) -> Path:
    """A folder with a folder an item, as the results of jobs are downloaded."""
    for number, item in enumerate(items):
        place = folder / f"benchmark-results-{item.commit}-{item.platform}-{number}"
        place.mkdir(parents=True)
        data = to_bytes(item)
        (place / Path(place_of(item, data)).name).write_bytes(data)
    return folder


def places(*items: Result | Skip) -> set[str]:
    """The paths of results on the branch."""
    return set(files_of(*items))
