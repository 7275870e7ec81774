"""The result files on a branch of a git repository, read without a checkout."""

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import IO, TypeVar

from longpole.perf import packs
from longpole.perf.git import GitError, git
from longpole.perf.partial import fetch_missing
from longpole.perf.sources import WithPacks, too_large
from longpole.rts_tests.contracts.errors import UseError

_T = TypeVar("_T")
_FOLDERS = ("runs", "skips", "packs")
_REGULAR = (b"100644", b"100755")
_AT_ONCE = 32 * 1024 * 1024
"""How many bytes git is asked for at a time, unless one file is larger."""
_GONE = "its content is not in the repository"


class NoBranch(UseError):
    """The repository has no such branch; it may get one with the first results."""


class BranchSource(WithPacks):
    """The result files on a branch of a git repository, which may be bare, shallow or partial.

    Files with another path than that of a result, links and submodules are passed over. `key` is the branch's commit.
    """

    def __init__(self, repo: str | os.PathLike[str], branch: str) -> None:
        """Raises `UseError` if there is no such repository, `NoBranch` if it has no such branch."""
        super().__init__()
        self._repo = os.path.realpath(repo)
        self.place = f"{self._repo} branch {branch}"
        self.key = _tip(self._repo, branch)
        self._ids: dict[str, str] = {}

    def files(self) -> dict[str, str]:
        """See `Source`."""
        rows = git(self._repo, "ls-tree", "-r", "-z", "--full-tree", self.key, *_FOLDERS).split(b"\0")
        listed = {}
        for row in filter(None, rows):
            (mode, _, identity), name = row.split(b"\t", 1)[0].split(b" "), row.split(b"\t", 1)[1]
            if (path := _path(mode, name)) is not None:
                listed[path] = identity.decode()
        self._ids |= listed
        return self.opened(listed)

    def added_since(self, key: str) -> dict[str, str] | None:
        """See `Source`. What counts are the files, not whether the branch was rewritten."""
        if key == self.key:
            return {}
        try:
            words = ("-r", "-z", "--no-renames", "--full-index", key, self.key, "--", *_FOLDERS)
            fields = git(self._repo, "diff-tree", *words).split(b"\0")
        except GitError:
            return None  # git has forgotten that commit
        added: dict[str, str] = {}
        removed: dict[str, str] = {}
        for row, name in zip(fields[0::2], fields[1::2], strict=False):
            old_mode, mode, old, new, _ = row.removeprefix(b":").split(b" ")
            before, after = _path(old_mode, name), _path(mode, name)
            if before is not None and after is not None and old != new:
                return None
            if before is not None and after is None:
                removed[before] = old.decode()
            if after is not None and before is None:
                added[after] = new.decode()
        self._ids |= removed | added
        gone, there = self.opened(removed), self.opened(added)
        # A file that goes into a pack, or from one to another, is still there.
        return {path: there[path] for path in there if path not in gone} if gone.keys() <= there.keys() else None

    def _contents(self, paths: list[str]) -> Iterator[tuple[str, bytes | UseError]]:
        fetch_missing(self._repo, [self._ids[path] for path in paths])
        readable: list[tuple[str, int]] = []
        for path, size in self._sizes(paths):
            limit = packs.MAX_PACKED if packs.PATH.fullmatch(path) else packs.MAX_BYTES
            if size is None:
                yield path, UseError.at(path, _GONE, "fetch it, or repair the repository")
            elif size > limit:
                yield path, too_large(path, limit)
            else:
                readable.append((path, size))
        for file, batch in _one_ahead(map(self._batch, _batches(readable))):
            with file:
                for path in batch:
                    yield path, _content(file)

    def _sizes(self, paths: list[str]) -> Iterator[tuple[str, int | None]]:
        """The size of each file in bytes, None if the repository does not have it."""
        if paths:
            words = ("cat-file", "--batch-check=%(objectsize)", "--buffer")
            lines = git(self._repo, *words, input=self._asked(paths)).decode().splitlines()
            for path, line in zip(paths, lines, strict=True):
                yield path, int(line) if line.isdigit() else None

    def _batch(self, paths: list[str]) -> tuple[IO[bytes], list[str]]:
        """A file with the contents of files, one after another, see `_content`."""
        with ExitStack() as stack:
            file = stack.enter_context(tempfile.TemporaryFile())
            git(self._repo, "cat-file", "--batch=%(objectsize)", "--buffer", input=self._asked(paths), out=file)
            file.seek(0)
            stack.pop_all()  # it is closed when it has been read
        return file, paths

    def _asked(self, paths: list[str]) -> bytes:
        return "".join(f"{self._ids[path]}\n" for path in paths).encode()


def _batches(sizes: list[tuple[str, int]]) -> Iterator[list[str]]:
    """The paths in groups of about `_AT_ONCE` bytes."""
    batch: list[str] = []
    total = 0
    for path, size in sizes:
        if batch and total + size > _AT_ONCE:
            yield batch
            batch, total = [], 0
        batch.append(path)
        total += size
    if batch:
        yield batch


def _one_ahead(items: Iterator[_T]) -> Iterator[_T]:
    """The items. While one is used the next is made, in a thread: git works while we do."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item


def _content(file: IO[bytes]) -> bytes:
    """The next object that `git cat-file --batch` has written."""
    size = int(file.readline())
    data = file.read(size)
    assert len(data) == size and file.read(1) == b"\n"
    return data


def _path(mode: bytes, name: bytes) -> str | None:
    """The path of a file, if it is one that is read."""
    path = name.decode("utf-8", "replace")
    known = packs.FILE.fullmatch(path) or packs.PATH.fullmatch(path)
    return path if known and mode in _REGULAR else None


def _tip(repo: str, branch: str) -> str:
    """The commit of a branch: one of the repository, or else of a remote as it was fetched last."""
    names = [f"refs/heads/{branch}", f"refs/remotes/origin/{branch}", f"refs/remotes/{branch}"]
    names = [branch] if branch.startswith("refs/") else names
    rows = git(repo, "for-each-ref", "--format=%(objectname) %(refname)", *names).decode(errors="replace").splitlines()
    commits = {name: commit for commit, name in (row.split(" ", 1) for row in rows)}
    for name in names:
        if name in commits:
            return commits[name]
    if "origin" in git(repo, "remote").decode(errors="replace").splitlines():
        what = f"no branch {branch!r}, neither its own nor one of origin"
        raise NoBranch.at(repo, what, f"type `git fetch origin {branch}:{branch}`")
    remedy = "put results there with `longpole perf collect`, or read a folder of them with --results"
    raise NoBranch.at(repo, f"no branch {branch!r}", remedy)
