"""Changing the branch of a remote: what is made, what is retried, and what ends it."""

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from longpole.perf.branch import Decide, Destination, Patience, change
from longpole.perf.git import GitError, GitTimeout
from longpole.perf.remote import find_remote
from longpole.perf.store import NewCommit, Store, Tip, check_author, check_branch
from longpole.rts_tests.contracts.errors import UseError
from tests.perf.remotes import Bare, by_ssh
from tests.project import tool


@pytest.fixture
def remote(tmp_path: Path) -> Bare:
    return Bare(tmp_path / "remote.git")


def adds(*texts: str) -> Decide:
    """What adds a file for each of these texts, unless it is there."""

    def decide(store: Store, tip: Tip) -> Sequence[NewCommit]:
        new = {f"runs/{text}": store.write(text.encode()) for text in texts if f"runs/{text}" not in tip.files}
        return [NewCommit("Add", new)] if new else []

    return decide


def branch_of(address: str, repo: str = ".", patience: Patience | None = None) -> Destination:
    """The branch perf of a remote."""
    return Destination(find_remote(repo, address), "perf", patience=patience or Patience())


def no_wait(seconds: float) -> None:
    assert 0 <= seconds <= 20


@pytest.mark.parametrize("form", ["sha1", "sha256"])
@pytest.mark.parametrize("way", ["folder", "file", "ssh", "ssh with filters"])
def test_a_branch_is_made_and_extended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, way: str) -> None:
    remote = Bare(tmp_path / "remote.git", f"--object-format={form}")
    remote.git("config", "uploadpack.allowFilter", str(way == "ssh with filters").lower())
    address = {"folder": str(remote.folder), "file": f"file://{remote.folder}"}.get(way) or by_ssh(remote, monkeypatch)
    to = branch_of(address)
    first = change(to, adds("a", "b"))
    assert (first.before, first.after, first.commits) == (None, remote.commits()[0], 1)
    second = change(to, adds("b", "c"))
    assert (second.before, second.after) == (first.after, remote.commits()[0])
    assert remote.files().keys() == {"runs/a", "runs/b", "runs/c"}
    third = change(to, adds("a", "c"))
    assert (third.before, third.after, third.commits) == (second.after, second.after, 0)
    assert len(remote.commits()) == 2
    remote.git("fsck", "--strict")


def test_only_what_is_new_is_fetched_and_sent(remote: Bare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large branch no file is read: those that are there may be missing from the remote altogether."""
    remote.git("config", "uploadpack.allowFilter", "true")
    to = branch_of(by_ssh(remote, monkeypatch))
    change(to, adds(*map(str, range(50))))
    inside: list[bytes] = []

    def decide(store: Store, tip: Tip) -> Sequence[NewCommit]:
        listed = store._git("cat-file", "--batch-all-objects", "--batch-check=%(objecttype)")
        inside.append(listed)
        return adds("new")(store, tip)

    change(to, decide)
    assert b"commit" in inside[0]
    assert b"blob" not in inside[0]
    assert len(remote.files()) == 51


def test_several_commits_are_one_push(remote: Bare, tmp_path: Path) -> None:
    def decide(store: Store, tip: Tip) -> Sequence[NewCommit]:
        return [NewCommit(f"Message {n}\n\nBody", {f"runs/{n}": store.write(b"x")}) for n in range(3)]

    change(Destination(find_remote(str(tmp_path), str(remote.folder)), "perf", "A B <a@example.invalid>"), decide)
    assert remote.git("log", "--format=%s|%an <%ae>", "perf").splitlines() == [
        f"Message {n}|A B <a@example.invalid>" for n in (2, 1, 0)
    ]
    assert len(remote.git("reflog", "perf").splitlines()) == 1


def test_files_are_removed_and_odd_names_survive(remote: Bare, tmp_path: Path) -> None:
    odd = ['a "quoted"', "b\\c", "d\ne", "ä \udcff", "f"]
    to = branch_of(str(remote.folder))
    change(to, lambda store, tip: [NewCommit("Add", {name: store.write(b"x") for name in odd})])
    seen: list[Tip] = []

    def remove(store: Store, tip: Tip) -> list[NewCommit]:
        seen.append(tip)
        return [NewCommit("Remove", {}, odd[:3])]

    change(to, remove)
    assert sorted(seen[0].files) == sorted(odd)
    assert len(remote.files()) == 2


@pytest.mark.parametrize("way", ["folder", "ssh", "ssh with filters"])
def test_files_that_are_there_can_be_read(
    remote: Bare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    remote.git("config", "uploadpack.allowFilter", str(way == "ssh with filters").lower())
    to = branch_of(str(remote.folder) if way == "folder" else by_ssh(remote, monkeypatch))
    change(to, adds("a", "b\n", "c"))
    found: list[object] = []

    def decide(store: Store, tip: Tip) -> Sequence[NewCommit]:
        found.append(store.read(tip.files["runs/a"]))
        found.append(
            dict(store.read_many(list(tip.files.values()))) == {id: path[5:].encode() for path, id in tip.files.items()}
        )
        return []

    change(to, decide)
    assert found == [b"a", True]


def test_another_who_is_faster_is_followed(remote: Bare, tmp_path: Path) -> None:
    to = branch_of(str(remote.folder))
    change(to, adds("first"))
    others = iter(["x", "y", "z"])

    def decide(store: Store, tip: Tip) -> Sequence[NewCommit]:
        commits = adds("mine")(store, tip)
        for text in others:
            change(to, adds(text))
            break
        return commits

    said: list[str] = []
    changed = change(to, decide, say=said.append, wait=no_wait)
    assert changed.attempts == 4
    assert remote.files().keys() == {"runs/first", "runs/x", "runs/y", "runs/z", "runs/mine"}
    assert said[0].startswith("another writer was faster: attempt 2 of 50 in")
    assert remote.git("rev-list", "--merges", "perf") == ""


def test_two_who_make_the_branch_at_the_same_time_both_land(remote: Bare, tmp_path: Path) -> None:
    to = branch_of(str(remote.folder))

    def decide(store: Store, tip: Tip) -> Sequence[NewCommit]:
        if tip.commit is None:
            change(to, adds("other"))
        return adds("mine")(store, tip)

    change(to, decide, wait=no_wait)
    assert remote.files().keys() == {"runs/other", "runs/mine"}
    assert len(remote.git("rev-list", "--max-parents=0", "perf").split()) == 1


def test_attempts_are_bounded(remote: Bare, tmp_path: Path) -> None:
    to = branch_of(str(remote.folder), patience=Patience(attempts=3))
    count = iter(range(100))

    def decide(store: Store, tip: Tip) -> Sequence[NewCommit]:
        change(to, adds(str(next(count))))
        return adds("mine")(store, tip)

    with pytest.raises(GitError, match="could not be written after 3 attempts: git push: "):
        change(to, decide, wait=no_wait)
    assert "runs/mine" not in remote.files()
    assert len(remote.files()) == 3


@pytest.mark.parametrize("hook", ["pre-receive", "update"])
def test_a_hook_that_declines_ends_it_at_once_and_is_quoted(remote: Bare, tmp_path: Path, hook: str) -> None:
    script = remote.folder / "hooks" / hook
    script.write_text("#!/bin/sh\necho 'this branch is frozen' >&2\nexit 1\n")
    script.chmod(0o755)
    to = branch_of(str(remote.folder))
    with pytest.raises(GitError, match=r"at the first attempt: git push: .*hook declined \(this branch is frozen\)"):
        change(to, adds("a"), wait=no_wait)
    assert remote.commits() == []


def test_a_remote_that_is_none_ends_it_at_once(tmp_path: Path) -> None:
    to = branch_of(str(tmp_path / "none.git"))
    with pytest.raises(GitError, match=r"none\.git' does not appear to be a git repository; check that the address"):
        change(to, adds("a"), wait=no_wait)


def test_a_remote_that_does_not_answer_is_tried_a_few_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_SSH_COMMAND", "sh -c 'echo ssh: connect to host host: Connection refused >&2; exit 255'")
    to = branch_of("host:none.git")
    waits: list[float] = []
    said: list[str] = []
    with pytest.raises(GitError, match="after 5 attempts: git fetch: ssh: connect to host host: Connection refused"):
        change(to, adds("a"), wait=waits.append, say=said.append)
    assert len(waits) == len(said) == 4
    assert said[0].startswith("git fetch: ssh: connect to host host: Connection refused: attempt 2 of 50 in ")


def test_a_remote_that_hangs_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_SSH_COMMAND", "sleep 1000 #")
    to = branch_of("host:none.git", patience=Patience(outages=2, timeout=0.3))
    with pytest.raises(GitError, match="after 2 attempts: git fetch did not end in"):
        change(to, adds("a"), wait=no_wait)


def test_a_push_whose_answer_is_lost_is_not_made_twice(
    remote: Bare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, lost = Store.push, iter([True])

    def push(store: Store, commit: str, branch: str) -> None:
        real(store, commit, branch)
        if next(lost, False):
            error = GitTimeout.at("remote", "the connection was closed")
            raise error

    monkeypatch.setattr(Store, "push", push)
    changed = change(branch_of(str(remote.folder)), adds("a"), wait=no_wait)
    assert (changed.attempts, changed.commits) == (2, 0)
    assert len(remote.commits()) == 1


def test_nothing_is_left_behind_and_no_repository_changes(
    remote: Bare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    work = tmp_path / "work"
    subprocess.run([tool("git"), "clone", "--quiet", remote.folder, work], check=True, capture_output=True)
    before = {path: path.stat().st_mtime_ns for path in work.rglob("*")}
    change(branch_of("origin", str(work)), adds("a"))
    assert {path: path.stat().st_mtime_ns for path in work.rglob("*")} == before
    assert list(temporary.iterdir()) == []
    assert remote.files().keys() == {"runs/a"}


def test_an_interrupt_leaves_nothing_behind(remote: Bare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = set(os.listdir(tmp_path))

    def decide(store: Store, tip: Tip) -> Sequence[NewCommit]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        change(branch_of(str(remote.folder)), decide)
    assert set(os.listdir(tmp_path)) == before


@pytest.mark.parametrize("author", ["", "A", "A <a>\nx", "A <a> b", "<a@b>", "A <>", "A <a b>", "A\t<a>"])
def test_an_author_that_is_none_is_refused(author: str) -> None:
    with pytest.raises(UseError, match="--author"):
        check_author(author)


@pytest.mark.parametrize("branch", ["", "-x", "a..b", "refs/heads/perf", "a b", "perf.lock", "a:b", "a\nb"])
def test_a_branch_that_is_none_is_refused(branch: str) -> None:
    with pytest.raises(UseError, match="--branch"):
        check_branch(branch)
