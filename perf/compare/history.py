"""The history that two commits are looked up in: an index of results, and the repository that names commits."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from longpole.perf.compare.sides import Side, side_of_source
from longpole.perf.git import git
from longpole.perf.index import Index, Run
from longpole.perf.sources import Source
from longpole.rts_tests.contracts.errors import UseError

_PREFIX = re.compile("[0-9a-f]{4,64}")


@dataclass(frozen=True, slots=True)
class History:
    """Results with their index, and the folder of a repository, which need not have the commits."""

    source: Source
    index: Index
    repo: str

    def side(self, name: str) -> Side:
        """All results of the commit that a user names. Raises `UseError` if it is unknown or was not measured."""
        runs = self.index.runs()
        commit = measured_commit(name, runs) or self._by_git(name)
        paths = [run.path for run in runs if run.commit == commit]
        if not paths:
            what = f"commit {commit[:12]} was not measured, by {self.source.place}"
            raise UseError.at(name, what, "`longpole perf list` shows which were; or name a result file")
        return side_of_source(name, self.source, paths)

    def _by_git(self, name: str) -> str:
        words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        try:
            return git(self.repo, *words, place=name).decode().strip()
        except UseError:
            what = f"no file of this name, no such commit in {self.repo}, and none that was measured"
            raise UseError.at(name, what, "name a commit, a result file, or a folder of result files") from None


def measured_commit(name: str, runs: Sequence[Run]) -> str | None:
    """The measured commit that begins with `name`, None if there is none. Raises `UseError` for more than one."""
    if not _PREFIX.fullmatch(name):
        return None
    commits = {run.commit for run in runs if run.commit.startswith(name)}
    if len(commits) > 1:
        raise UseError.at(name, f"{len(commits)} measured commits begin like this", "write more digits")
    return next(iter(commits), None)
