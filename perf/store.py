"""A store of objects of our own, in which commits for a branch of a remote are made without a checkout.

The store is a bare repository in a temporary folder. Of the remote it fetches the newest commit of the branch and its
trees, but no file (`--depth 1 --filter=blob:none`); from a remote on the same machine nothing is copied at all: its
objects are an alternate of the store. New files and commits are one stream for `git fast-import`, which changes only
the trees that the new paths lie in. Whatever happens, nothing but a push changes the remote, so a killed process leaves
no lock behind, and no half of anything.
"""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import new as digest
from types import MappingProxyType
from typing import IO

from longpole.perf.git import GitError, git
from longpole.perf.partial import fetch_from
from longpole.perf.remote import NAME, Remote
from longpole.rts_tests.contracts.errors import UseError

NETWORK_TIMEOUT_S = 300.0
_AUTHOR = re.compile(r"[^<>\x00-\x1f]*[^<>\x00-\x20] <[^<>\x00-\x20]+>")
DEFAULT_AUTHOR = "longpole <longpole@localhost>"
_OTHER_FORMAT = re.compile(r"mismatched algorithms|hash algorithm|mismatched object format")


@dataclass(frozen=True, slots=True)
class Tip:
    """What a branch holds: its newest commit, None if there is no such branch, and the id of each file by its path."""

    commit: str | None
    files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class NewCommit:
    """A commit to make: what it adds, id by path, and which paths it removes."""

    message: str
    add: Mapping[str, str]
    remove: Sequence[str] = ()


class OtherFormat(GitError):
    """The remote names objects by another digest than the store, which has been made again with that digest."""


class Store:
    """See the module. Made by `open_store`."""

    def __init__(self, folder: str, remote: Remote, timeout: float) -> None:
        """A store in the new folder `folder`; `timeout`, in seconds, is that of each talk with the remote."""
        self._folder, self._remote, self._timeout = folder, remote, timeout
        self._environment = remote.environment()
        self._format = remote.object_format
        self._attempts = 0
        self._partial = False
        self._written: set[str] = set()
        self._pending: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed by `close`
        self._make()

    def tip(self, branch: str) -> Tip:
        """What the branch holds now on the remote. Raises `GitError`."""
        if self._remote.objects is not None:
            commit = self._listed(branch)
            try:
                return self._tree(commit) if commit else Tip(None)
            except GitError:
                pass  # a partial clone, or its objects are elsewhere: it is fetched as from any other machine
        self._partial = True
        fetch = ("fetch", "--quiet", "--depth=1", "--filter=blob:none", "--no-tags", "--no-write-fetch-head")
        try:
            self._talk(*fetch, NAME, f"+refs/heads/{branch}:refs/longpole/tip")
        except GitError as error:
            if "couldn't find remote ref" in error.stderr:
                return Tip(None)
            raise
        return self._tree(self._git("rev-parse", "refs/longpole/tip").decode().strip())

    def read(self, name: str) -> bytes:
        """The content of a file by its id; it is fetched if need be. Raises `GitError`."""
        return self._talk("cat-file", "blob", name)

    def read_many(self, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
        """The content of many files by their ids; they are fetched at once if need be. Raises `GitError`."""
        listed = "".join(f"{name}\n" for name in names).encode()
        if self._partial:
            fetch_from(NAME, names, self._talk)
        with tempfile.TemporaryFile() as out:
            self._git("cat-file", "--batch", "--buffer", input=listed, out=out)
            out.seek(0)
            for _ in names:
                name, kind, size = out.readline().decode().split()
                assert kind == "blob", f"{name} is a {kind}"
                yield name, out.read(int(size))
                out.read(1)

    def id_of(self, data: bytes) -> str:
        """The id of a file with this content."""
        return digest(self._format, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()

    def write(self, data: bytes) -> str:
        """Add a file to the store with the next commit; return its id."""
        name = self.id_of(data)
        if name not in self._written:
            self._written.add(name)
            self._pending.write(b"blob\ndata %d\n%b\n" % (len(data), data))
        return name

    def commit(self, tip: Tip, commits: Sequence[NewCommit], author: str) -> str:
        """Make commits, the first of them on top of `tip`; return the id of the last one. Raises `GitError`."""
        self._attempts += 1
        ref = f"refs/longpole/{self._attempts}"
        now = int(time.time())
        for number, each in enumerate(commits):
            message = each.message.encode()
            head = f"commit {ref}\ncommitter {author} {now} +0000\ndata {len(message)}\n".encode()
            self._pending.write(head + message + b"\n")
            if number == 0 and tip.commit is not None:
                self._pending.write(f"from {tip.commit}\n".encode())
            for path in each.remove:
                self._pending.write(b"D %b\n" % _quoted(path))
            for path, name in each.add.items():
                self._pending.write(b"M 100644 %b %b\n" % (name.encode(), _quoted(path)))
        self._pending.write(b"done\n")
        self._pending.seek(0)
        self._git("fast-import", "--quiet", "--done", "--date-format=raw", input=self._pending)
        self._forget_pending()
        return self._git("rev-parse", ref).decode().strip()

    def push(self, commit: str, branch: str) -> None:
        """Make `commit` the newest of the branch, if it follows the one that is; never by force. Raises `GitError`."""
        self._talk("push", NAME, f"{commit}:refs/heads/{branch}")

    def close(self) -> None:
        """Remove the store."""
        self._pending.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _forget_pending(self) -> None:
        self._pending.seek(0)
        self._pending.truncate()

    def _make(self) -> None:
        os.makedirs(self._folder, exist_ok=True)
        git(self._folder, "init", "--quiet", "--bare", "--template=", f"--object-format={self._format}", ".")
        if self._remote.objects is not None:
            with open(os.path.join(self._folder, "objects", "info", "alternates"), "w", encoding="utf-8") as file:
                file.write(f"{self._remote.objects}\n")

    def _listed(self, branch: str) -> str | None:
        ref = f"refs/heads/{branch}"
        rows = [line.split("\t") for line in self._talk("ls-remote", NAME, ref).decode(errors="replace").splitlines()]
        return next((name for name, found in rows if found == ref), None)

    def _tree(self, commit: str) -> Tip:
        listed = self._git("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")[:-1]
        rows = (entry.partition(b"\t") for entry in listed)
        files = {path.decode(errors="surrogateescape"): about.split()[2].decode() for about, _, path in rows}
        return Tip(commit, files)

    def _git(self, *words: str, input: bytes | IO[bytes] = b"", out: IO[bytes] | None = None) -> bytes:
        environment = {"GIT_DIR": self._folder}
        return git(self._folder, *words, input=input, env=environment, place=self._remote.shown, out=out)

    def _talk(self, *words: str, input: bytes = b"") -> bytes:
        """Call git for what talks with the remote. Raises `OtherFormat`, and `GitError`."""
        environment = {**self._environment, "GIT_DIR": self._folder}
        try:
            timeout, shown = self._timeout, self._remote.shown
            return git(self._folder, *words, input=input, env=environment, timeout=timeout, place=shown)
        except GitError as error:
            if not _OTHER_FORMAT.search(error.stderr) or self._format != "sha1":
                raise
        shutil.rmtree(self._folder)
        self._format = "sha256"
        self._written.clear()
        self._forget_pending()
        self._make()
        raise OtherFormat.at(self._remote.shown, "its objects are named by SHA-256", "try again")


@contextmanager
def open_store(remote: Remote, timeout: float = NETWORK_TIMEOUT_S) -> Iterator[Store]:
    """A store for commits to a remote, in a temporary folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="longpole-", ignore_cleanup_errors=True) as folder:
        store = Store(os.path.join(folder, "store"), remote, timeout)
        try:
            yield store
        finally:
            store.close()


def check_author(author: str) -> str:
    """Return `author`, which is `NAME <ADDRESS>`. Raises `UseError` for anything else."""
    if not _AUTHOR.fullmatch(author) or not author.isprintable():
        raise UseError.at("--author", f"{author!r} is not of the form 'NAME <ADDRESS>'", "write both")
    return author


def check_branch(branch: str) -> str:
    """Return `branch`, the name of a branch. Raises `UseError` for any other text."""
    try:
        git(".", "check-ref-format", f"refs/heads/{branch}")
    except GitError:
        raise UseError.at("--branch", f"{branch!r} is not the name of a branch", "choose another name") from None
    if branch.startswith(("-", "refs/")):
        raise UseError.at("--branch", f"{branch!r} is not the name of a branch", "write it without 'refs/heads/'")
    return branch


def _quoted(path: str) -> bytes:
    r"""A path as `git fast-import` reads it: in quotes, with `\n`, `"` and `\` escaped."""
    escaped = path.encode(errors="surrogateescape").replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"%b"' % escaped
