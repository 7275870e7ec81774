"""A real git repository whose commits have a date each, for tests of what was measured when."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from longpole.perf.model import Result, Skip
from tests.perf.branches import files_of, write
from tests.project import tool
from tests.rts_tests.scenario.plain_git import ENVIRON

FIRST = datetime(2026, 4, 20, 12, 0, tzinfo=UTC)


class Repository:
    """A work tree; each commit that is made in it is a minute later than the one before."""

    def __init__(self, folder: Path, *, made: int = 0) -> None:
        """Make a repository on branch `main`, or take the one that is there."""
        self.folder = folder
        self.made = made
        if not folder.exists():
            folder.mkdir(parents=True)
            self.git("init", "-q", "-b", "main")

    def git(self, *words: str) -> str:
        at = (FIRST + timedelta(minutes=self.made)).isoformat()
        environ = {**ENVIRON, "GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
        command = (tool("git"), *words)
        done = subprocess.run(command, cwd=self.folder, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout.strip()

    def commit(self, subject: str = "change") -> str:
        self.git("commit", "-q", "--allow-empty", "-m", subject)
        self.made += 1
        return self.git("rev-parse", "HEAD")

    def merge(self, branch: str) -> str:
        """Merge `branch` into what is checked out, by a commit of its own."""
        self.git("merge", "-q", "--no-ff", "-m", f"merge {branch}", branch)
        self.made += 1
        return self.git("rev-parse", "HEAD")

    def publish(self, *items: Result | Skip) -> None:
        """Add result files to the branch `perf`, which is made if there is none; `main` is checked out afterwards."""
        if self.git("branch", "--list", "perf"):
            self.git("checkout", "-q", "perf")
        else:
            self.git("checkout", "-q", "--orphan", "perf")
        write(self.folder, files_of(*items))
        self.git("add", ".")
        self.git("commit", "-q", "-m", "results")
        self.git("checkout", "-q", "main")
