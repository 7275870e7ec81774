"""From a draft to a result: the commit's whole name, the platform, and the time."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from longpole.perf.commits import Commits
from longpole.perf.importers.drafts import Draft
from longpole.perf.importers.metrics import name_of
from longpole.perf.model import Result
from longpole.perf.platforms import platform_in
from longpole.rts_tests.contracts.errors import UseError

_WHOLE = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PART = re.compile(r"[0-9a-f]{4,64}")

Resolve = Callable[[str, str], str]
"""From the beginning of a commit's name, and a place for the message, to the whole name. Raises `UseError`."""


@dataclass(frozen=True)
class Completer:
    """What the user says about all records, each None if nothing; `resolve` knows the commits, if there are any."""

    platform: str | None = None
    commit: str | None = None
    measured_at: datetime | None = None
    resolve: Resolve | None = None
    _known: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)

    def result(self, draft: Draft, path: Path, modified_at: datetime) -> Result:
        """The result; `path` and `modified_at` are of the file. Raises `UseError` for what is not known of it."""
        place = draft.place
        return Result(
            platform=self.platform or draft.platform or _platform_of(path, place),
            commit=self._commit(draft),
            measured_at=draft.measured_at or self.measured_at or modified_at,
            benchmarks=draft.benchmarks,
            failures=draft.failures,
            tool=draft.tool and name_of(draft.tool),
            reason=draft.reason and name_of(draft.reason),
            machine=draft.machine,
        )

    def _commit(self, draft: Draft) -> str:
        name = (draft.commit or "").lower()
        if not _PART.fullmatch(name):
            if self.commit is None:
                what = f"{draft.commit[:60]!r} is not the name of a commit" if draft.commit else "names no commit"
                raise UseError.at(draft.place, what, "give --commit")
            return self.commit
        if self.commit is not None:
            if self.commit.startswith(name):
                return self.commit
            raise UseError.at(draft.place, f"is of commit {name}, not of that of --commit", "leave out --commit")
        key = (name, draft.commits)
        if key not in self._known:
            self._known[key] = self._whole(name, draft)
        return self._known[key]

    def _whole(self, name: str, draft: Draft) -> str:
        if _WHOLE.fullmatch(name):
            return name
        own = {each for each in draft.commits if each.startswith(name) and _WHOLE.fullmatch(each)}
        if len(own) == 1:
            return own.pop()
        if self.resolve is None:
            what = f"{name} is the beginning of a commit's name only"
            raise UseError.at(draft.place, what, "give --repo, or --commits, to say of which")
        return self.resolve(name, draft.place)


def from_list(commits: Commits) -> Resolve:
    """Names by a list of commits."""
    return commits.resolve


def from_repository(folder: str) -> Resolve:
    """Names by the commits of a git repository. Raises `UseError` if `folder` is none."""
    from longpole.perf.git import git

    git(folder, "rev-parse", "--git-dir", place=f"--repo {folder}", remedy="name a folder with a git repository")

    def resolve(name: str, place: str) -> str:
        sha = revision(folder, name, place)
        if not sha.startswith(name):  # a branch has this name
            raise UseError.at(place, f"{name} names a branch in {folder}", "give --commits")
        return sha

    return resolve


def revision(folder: str, name: str, place: str) -> str:
    """The commit that git calls `name`. Raises `UseError`, with `place`, if there is not exactly one."""
    from longpole.perf.git import GitError, git

    try:
        words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return git(folder, *words, place=place).decode().strip()
    except GitError as error:
        if error.status != 1:
            raise
        remedy = "fetch all of its history, or name the repository that has it"
        raise UseError.at(place, f"no commit {name!r}, or more than one, in {folder}", remedy) from None


def whole_commit(name: str, repo: str | None, commits: Commits | None) -> str:
    """The commit of `--commit`: a whole name, or what the list or the repository (by default that here) calls so."""
    if _WHOLE.fullmatch(name.lower()):
        return name.lower()
    if repo is not None:
        return revision(repo, name, "--commit")
    if commits is not None:
        return commits.resolve(name.lower(), "--commit")
    try:
        return revision(".", name, "--commit")
    except UseError:
        what = f"{name[:60]!r} is no whole name of a commit, and none that git knows here"
        raise UseError.at("--commit", what, "write it whole, or add --repo") from None


def _platform_of(path: Path, place: str) -> str:
    """The platform in the name of the file, or of the folder that it is in, as the artifacts of a workflow have it."""
    name = platform_in(path.name) or platform_in(path.absolute().parent.name)
    if name is None:
        raise UseError.at(place, "does not say on which platform it was measured", "give --platform")
    return name
