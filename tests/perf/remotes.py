"""Remotes for tests: bare repositories, reached as a folder, or through ssh that runs the command on this machine."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from longpole.perf.files import place_of, to_bytes
from longpole.perf.model import Result, Skip
from tests.project import tool

SSH = """#!/bin/sh
while [ "$1" != host ]; do shift; done; shift
exec sh -c "$*"
"""
AUTHOR = "tests <tests@example.invalid>"


@dataclass(frozen=True)
class Bare:
    """A bare repository."""

    path: Path

    def git(self, *words: str, check: bool = True) -> str:
        """Run git in it; what it printed."""
        done = subprocess.run([tool("git"), *words], cwd=self.path, check=False, capture_output=True, text=True)
        assert done.returncode == 0 or not check, done.stderr
        return done.stdout.strip()

    def files(self, branch: str = "perf") -> dict[str, str]:
        """The path of each file on a branch, and its blob; empty if there is no such branch."""
        lines = self.git("ls-tree", "-r", branch, check=False).splitlines()
        return {line.partition("\t")[2]: line.split()[2] for line in lines}

    def commits(self, branch: str = "perf") -> list[str]:
        """The names of the commits of a branch, the newest first."""
        return self.git("rev-list", branch, check=False).split()

    def write(self, files: dict[str, str], branch: str = "perf") -> None:
        """Put a commit with these files, and no others, on the branch."""
        stream = [f"reset refs/heads/{branch}\n\ncommit refs/heads/{branch}\ncommitter {AUTHOR} 1 +0000\ndata 0\n"]
        before = self.commits(branch)
        stream += [f"from {before[0]}\n" if before else "", "deleteall\n"]
        stream += [f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n" for path, text in files.items()]
        words = [tool("git"), "fast-import", "--quiet", "--force", "--date-format=raw"]
        subprocess.run(words, cwd=self.path, input="".join(stream).encode(), check=True)


def bare(path: Path, *options: str) -> Bare:
    """A new bare repository, which notes every change of a branch in its reflog."""
    subprocess.run([tool("git"), "init", "--quiet", "--bare", *options, path], check=True)
    made = Bare(path)
    made.git("config", "core.logAllRefUpdates", "always")
    made.git("config", "gc.auto", "0")
    return made


def by_ssh(remote: Bare, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address under which git reaches a bare repository by "ssh", so as if it were on another machine."""
    script = remote.path.parent / "ssh"
    script.write_text(SSH)
    script.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(script))
    return f"host:{remote.path}"


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
    return {place_of(item, to_bytes(item)) for item in items}
