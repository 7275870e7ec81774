"""Fingerprints of folders: every change is seen, and nothing is touched by looking."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from longpole.rts_tests.machine.fingerprint import MAX_HASHED, changes, fingerprint


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A folder with something of each kind."""
    folder = tmp_path / "top"
    (folder / "sub").mkdir(parents=True)
    (folder / "file").write_text("one\n")
    (folder / "large").write_bytes(b"x" * (MAX_HASHED + 1))
    (folder / "empty").touch()
    (folder / "sub" / "deep").write_text("two\n")
    (folder / "link").symlink_to("file")
    (folder / "dangling").symlink_to("nothing")
    os.mkfifo(folder / "pipe")
    return folder


def seen(top: Path, change: Callable[[], object]) -> dict[str, str]:
    """What is reported of a change, by the path within `top`."""
    before = fingerprint([str(top)])
    assert before.problems == ()
    change()
    return {os.path.relpath(path, top): what for path, what in changes(before, fingerprint([str(top)]))}


def keeping_times(path: Path, change: Callable[[], object]) -> None:
    """Make a change, and give the path its modification time back."""
    status = path.lstat()
    change()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns), follow_symlinks=False)


def replaced(path: Path, make: Callable[[], object]) -> None:
    path.unlink()
    make()


def made_and_removed(folder: Path) -> None:
    (folder / "new").touch()
    (folder / "new").unlink()


def emptied_and_closed(path: Path) -> None:
    path.write_text("")
    path.chmod(0o600)


CHANGES: dict[str, tuple[Callable[[Path], object], dict[str, str]]] = {
    "nothing": (lambda top: None, {}),
    "a file is made": (lambda top: (top / "new").touch(), {"new": "was made, a file"}),
    "a folder is made": (lambda top: (top / "new").mkdir(), {"new": "was made, a folder"}),
    "a link is made": (lambda top: (top / "new").symlink_to("x"), {"new": "was made, a link"}),
    "a file is removed": (lambda top: (top / "file").unlink(), {"file": "was removed, a file"}),
    "a pipe is removed": (lambda top: (top / "pipe").unlink(), {"pipe": "was removed, a pipe"}),
    "a file grows": (lambda top: (top / "file").write_text("more\n"), {"file": "4 bytes are now 5"}),
    "a deep file grows": (lambda top: (top / "sub/deep").write_text("more\n"), {"sub/deep": "4 bytes are now 5"}),
    "content": (lambda top: (top / "file").write_text("two\n"), {"file": "its content changed"}),
    "content, and the time is given back": (
        lambda top: keeping_times(top / "file", lambda: (top / "file").write_text("two\n")),
        {"file": "its content changed"},
    ),
    "the same content": (
        lambda top: os.utime(top / "file", ns=(0, 0)),
        {"file": "was written again"},
    ),
    "a large file": (lambda top: os.utime(top / "large", ns=(0, 0)), {"large": "was written again"}),
    "an empty file": (lambda top: os.utime(top / "empty", ns=(0, 0)), {"empty": "was written again"}),
    "a mode": (lambda top: (top / "file").chmod(0o600), {"file": "mode 0644 is now 0600"}),
    "the mode of a folder": (lambda top: (top / "sub").chmod(0o700), {"sub": "mode 0755 is now 0700"}),
    "mode and size": (
        lambda top: emptied_and_closed(top / "file"),
        {"file": "mode 0644 is now 0600, 4 bytes are now 0"},
    ),
    "a link points elsewhere": (
        lambda top: keeping_times(top, lambda: replaced(top / "link", lambda: (top / "link").symlink_to("else"))),
        {"link": "points to else, not to file"},
    ),
    "a file becomes a folder": (
        lambda top: keeping_times(top, lambda: replaced(top / "file", (top / "file").mkdir)),
        {"file": "was a file, is a folder"},
    ),
    "made and removed": (
        lambda top: made_and_removed(top / "sub"),
        {"sub": "something was made or removed in it"},
    ),
    "the folder itself is removed": (
        lambda top: os.rename(top, top.with_name("away")),
        {
            **{".": "was removed, a folder", "sub": "was removed, a folder", "pipe": "was removed, a pipe"},
            **{name: "was removed, a file" for name in ("file", "large", "empty", "sub/deep")},
            **{name: "was removed, a link" for name in ("link", "dangling")},
        },
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_is_seen_and_named_once(top: Path, name: str) -> None:
    os.umask(0o022)
    change, expected = CHANGES[name]
    (top / "file").chmod(0o644)
    (top / "sub").chmod(0o755)
    for path in (top, top / "sub"):
        os.utime(path, ns=(1, 1))
    assert seen(top, lambda: change(top)) == expected


def test_a_folder_that_did_not_exist_is_made(tmp_path: Path) -> None:
    top = tmp_path / "new"
    assert seen(top, lambda: (top / "sub").mkdir(parents=True)) == {
        ".": "was made, a folder",
        "sub": "was made, a folder",
    }


def test_a_file_may_be_named(top: Path) -> None:
    before = fingerprint([str(top / "file")])
    assert list(before.entries) == [str(top / "file")]
    (top / "file").write_text("more\n")
    assert changes(before, fingerprint([str(top / "file")])) == [(str(top / "file"), "4 bytes are now 5")]


def test_a_named_link_is_followed_and_others_are_not(top: Path) -> None:
    named = top.with_name("named")
    named.symlink_to(top)
    other = top.with_name("other")
    other.mkdir()
    (top / "sub" / "link").symlink_to(other)
    before = fingerprint([str(named)])
    (other / "x").touch()
    assert changes(before, fingerprint([str(named)])) == []
    (top / "file").write_text("more\n")
    assert changes(before, fingerprint([str(named)])) == [(str(top / "file"), "4 bytes are now 5")]
    named.unlink()
    named.symlink_to(other)
    reported = dict(changes(before, fingerprint([str(named)])))
    assert reported[str(named)] == f"points to {other}, not to {top}"
    assert reported[str(top / "file")] == "was removed, a file"  # it is no longer there for whoever uses the name


def test_links_in_a_circle_and_folders_named_twice_are_looked_at_once(top: Path) -> None:
    (top / "sub" / "up").symlink_to("..")
    once = fingerprint([str(top)])
    twice = fingerprint([str(top / "sub"), str(top), str(top / "sub")])
    assert dict(twice.entries) == dict(once.entries)
    assert twice.problems == ()


def test_what_is_excluded_may_change(top: Path) -> None:
    before = fingerprint([str(top)], [str(top / "sub")])
    (top / "sub" / "deep").write_text("more\n")
    assert changes(before, fingerprint([str(top)], [str(top / "sub")])) == []
    assert fingerprint([str(top / "sub")], [str(top)]).entries.keys() == {str(top / "sub")}


def test_looking_changes_nothing_and_waits_for_nothing(top: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(top / "s"))
        os.utime(top / "file", ns=(1, 1))
        before = {path: path.lstat() for path in top.rglob("*") if path.is_file() and not path.is_symlink()}
        assert fingerprint([str(top)]).problems == ()
        assert {path: path.lstat().st_atime_ns for path in before} == {
            path: status.st_atime_ns for path, status in before.items()
        }


def test_what_cannot_be_read_is_named(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As root reads everything, the refusals of the kernel are made up."""
    scandir, opened = os.scandir, os.open

    def refuse_folder(path: str) -> object:
        if path.endswith("/sub"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    def refuse_file(path: str, flags: int) -> int:
        if path.endswith("/file"):
            raise PermissionError(13, "Permission denied", path)
        return opened(path, flags)

    monkeypatch.setattr(os, "scandir", refuse_folder)
    monkeypatch.setattr(os, "open", refuse_file)
    found = fingerprint([str(top)])
    assert sorted(found.problems) == [
        f"{top}/file: its content cannot be read: Permission denied",
        f"{top}/sub: Permission denied",
    ]
    monkeypatch.undo()
    assert {path for path, _ in changes(found, fingerprint([str(top)]))} == {str(top / "sub" / "deep")}


def test_of_too_many_entries_only_what_both_looks_saw_is_compared(top: Path) -> None:
    for number in range(20):
        (top / "sub" / str(number)).mkdir()
    before = fingerprint([str(top)], max_entries=10)
    assert before.problems == (f"{top}: more than 10 entries; the rest is not looked at",)
    (top / "new").touch()
    (top / "file").write_text("more\n")
    reported = changes(before, fingerprint([str(top)], max_entries=10))
    assert reported == [(str(top), "something was made or removed in it"), (str(top / "file"), "4 bytes are now 5")]


def test_names_of_any_bytes(top: Path) -> None:
    name = os.fsdecode(b"\xff\n\x1b[31m")
    assert seen(top, (top / name).touch) == {name: "was made, a file"}
