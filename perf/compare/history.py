"""The history that two commits are looked up in: an index of results, and the repository that names commits."""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from longpole.perf.commits import Commits
from longpole.perf.compare.compare import Comparison, Options, Series, Thresholds, compare
from longpole.perf.compare.noise import mood_limit, noise
from longpole.perf.compare.sides import Side, side_of_path, side_of_source
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

    def compare(self, before: str, after: str, options: Options, least: float | None) -> Comparison:
        """Compare two commits, or a commit and results, by the thresholds of this history. Raises `UseError`."""
        sides = [side_of_path(name) if os.path.exists(name) else self.side(name) for name in (before, after)]
        both = set(sides[0].platforms) & set(sides[1].platforms)
        return compare(sides[0], sides[1], self.thresholds(both, options, least), options)

    def side(self, name: str) -> Side:
        """All results of the commit that a user names. Raises `UseError` if it is unknown or was not measured."""
        runs = self.index.runs()
        commit = measured_commit(name, runs) or self._named(name)
        paths = [run.path for run in runs if run.commit == commit]
        if not paths:
            what = f"commit {commit[:12]} was not measured, by {self.source.place}"
            raise UseError.at(name, what, "`longpole perf list` shows which were; or name a result file")
        return side_of_source(name, self.source, paths)

    def _named(self, name: str) -> str:
        what = f"no file of this name, no such commit in {self.repo}, and none that was measured"
        return by_git(self.repo, name, what, "name a commit, a result file, or a folder of result files")

    def thresholds(self, platforms: Iterable[str], options: Options, least: float | None) -> Thresholds:
        """The thresholds of these platforms, of series that have enough runs of the same commits."""
        found: dict[bool, dict[Series, float]] = {True: {}, False: {}}
        moods: dict[tuple[str, str], float] = {}
        for platform in platforms:
            for metric in self.index.metrics(platform):
                if options.takes_metric(metric):
                    table = self.index.table(platform, metric)
                    limit = mood_limit(table)
                    if limit is not None:
                        moods[platform, metric] = limit
                    for divided, known in found.items():
                        for name, each in noise(table, divide=divided).items():
                            if each.threshold is not None:
                                known[platform, name, metric] = each.threshold
        return Thresholds(found[False], found[True], moods, least)


def by_git(repo: str, name: str, what: str, remedy: str) -> str:
    """The whole name of the commit that git knows by `name`. Raises `UseError`, with this text, if there is none."""
    words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    try:
        return git(repo, *words, place=name).decode().strip()
    except UseError:
        raise UseError.at(name, what, remedy) from None


def commit_of(commits: Commits, repo: str, name: str) -> str:
    """The commit of the main branch that begins with `name`, or that git calls so. Raises `UseError`."""
    if _PREFIX.fullmatch(name) and any(sha.startswith(name) for sha in commits.positions):
        return commits.resolve(name, name)
    sha = by_git(repo, name, f"no such commit in {commits.source}", "name a commit of the main branch")
    return commits.resolve(sha, name)


def measured_commit(name: str, runs: Sequence[Run]) -> str | None:
    """The measured commit that begins with `name`, None if there is none. Raises `UseError` for more than one."""
    if not _PREFIX.fullmatch(name):
        return None
    commits = {run.commit for run in runs if run.commit.startswith(name)}
    if len(commits) > 1:
        raise UseError.at(name, f"{len(commits)} measured commits begin like this", "write more digits")
    return next(iter(commits), None)
