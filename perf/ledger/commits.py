"""The commits of the main branch, as git knows them."""

import os
from collections.abc import Iterable
from datetime import datetime

from longpole.perf.commits import Commit, Commits
from longpole.perf.git import GitError, git
from longpole.rts_tests.contracts.errors import UseError

_FORMAT = "--format=tformat:%H%x00%cI%x00%s"
_DEFAULTS = ("refs/remotes/origin/HEAD", "refs/heads/main", "refs/heads/master", "HEAD")
_WITH_ALL = "fetch all commits: `git fetch --unshallow`, or `fetch-depth: 0` of actions/checkout"


def commits_of(repo: str | os.PathLike[str], rev: str | None = None) -> Commits:
    """The first-parent commits of `rev` in the repository `repo`, the oldest first, with dates and subjects.

    `rev` is a branch or any other name of a commit; None is the default branch of `origin`, else `main`, `master`, or
    what is checked out. Raises `UseError` if there is no such commit, and for a shallow clone, in which the oldest
    commit and the range before it are not what they seem to be.
    """
    place = f"--repo {os.fspath(repo)}"
    name, tip = _tip_of(repo, rev, place)
    listed = git(repo, "log", "-z", "--first-parent", "--encoding=UTF-8", _FORMAT, tip, "--", place=place)
    fields = listed.decode(errors="replace").split("\0")
    rows = list(zip(fields[0::3], fields[1::3], fields[2::3], strict=False))
    return Commits(tuple(_commit(*row) for row in reversed(rows)), f"{name} of {os.fspath(repo)}")


def first_parents(repo: str | os.PathLike[str], rev: str | None = None) -> dict[str, str | None]:
    """Each first-parent commit of `rev` to its first parent (None for the root), as `git rev-list` has them.

    The newest is first. `rev` and what is raised are as for `commits_of`.
    """
    _, tip = _tip_of(repo, rev, f"--repo {os.fspath(repo)}")
    lines = git(repo, "rev-list", "--first-parent", "--parents", tip, "--").decode().splitlines()
    rows = [line.split() for line in lines]
    return {row[0]: row[1] if len(row) > 1 else None for row in rows}


def whereabouts(repo: str | os.PathLike[str], names: Iterable[str], rev: str | None = None) -> dict[str, str]:
    """Where commits are that are not first-parent commits of `rev`: merged into it, in the repository, or nowhere.

    `rev` and what is raised are as for `commits_of`.
    """
    _, tip = _tip_of(repo, rev, f"--repo {os.fspath(repo)}")
    # not by asking for each: a partial clone would try to fetch what it does not have
    merged, known = (set(git(repo, "rev-list", of, "--").decode().split()) for of in (tip, "--all"))
    return {
        name: "merged" if name in merged else "of another branch" if name in known else "not in the repository"
        for name in names
    }


def _tip_of(repo: str | os.PathLike[str], rev: str | None, place: str) -> tuple[str, str]:
    """The name of the main branch and its newest commit. Raises `UseError` as `commits_of`."""
    remedy = "name a folder with a git repository by --repo"
    if git(repo, "rev-parse", "--is-shallow-repository", place=place, remedy=remedy).strip() == b"true":
        raise UseError.at(place, "a shallow clone: commits are missing", _WITH_ALL)
    for name in _DEFAULTS if rev is None else (rev,):
        if tip := _tip(repo, name):
            return (_short_name(repo, name) if rev is None else name), tip
    if rev is None:
        raise UseError.at(place, "the repository has no commits", "name the main branch by --main")
    raise UseError.at(place, f"no commit {rev!r}", "name the main branch by --main, and fetch it first")


def _short_name(repo: str | os.PathLike[str], rev: str) -> str:
    return git(repo, "rev-parse", "--abbrev-ref", rev).decode(errors="replace").strip() or rev


def _tip(repo: str | os.PathLike[str], rev: str) -> str | None:
    """The whole name of the commit `rev`; None if there is none."""
    try:
        return git(repo, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}").decode().strip()
    except GitError as error:
        if error.status not in (1, 128):
            raise
        return None


def _commit(sha: str, committed_at: str, subject: str) -> Commit:
    return Commit(sha.strip(), _time(committed_at), subject)


def _time(text: str) -> datetime | None:
    """The time, or None where a commit has an impossible date, as some made by other programs have."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
