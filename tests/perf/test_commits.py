"""Lists of commits: read, resolved, refused."""

from pathlib import Path

import pytest

from longpole.perf.commits import Commit, Commits, read_commits
from longpole.rts_tests.contracts.errors import UseError

A, B = "a" * 40, "ab" + "0" * 38


def written(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def test_a_list_with_and_without_heading_and_dates(tmp_path: Path) -> None:
    full = read_commits(written(tmp_path / "a", f"sha\tcommitted_at\n{A}\t2026-04-18T09:05:09-04:00\tsubject\n\n{B}\n"))
    assert full.positions == {A: 0, B: 1}
    first, second = full.commits
    assert first.committed_at is not None
    assert (first.committed_at.isoformat(), first.subject) == ("2026-04-18T09:05:09-04:00", "subject")
    assert second == Commit(B)
    assert read_commits(written(tmp_path / "b", "")).commits == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("abc\n", "1: 'abc' is not the whole name of a commit"),
        (f"{A}\n{A.upper()}\n", "2: "),
        (f"{A}\tyesterday\n", "1: 'yesterday' is not a time"),
        (f"{A}\n{A}\n", "a commit occurs twice"),
    ],
)
def test_what_is_no_list_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UseError, match=message):
        read_commits(written(tmp_path / "commits", text))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path, data in ((tmp_path / "none", None), (tmp_path / "binary", b"\xff\xfe")):
        if data:
            path.write_bytes(data)
        with pytest.raises(UseError, match="commit a line"):
            read_commits(str(path))


def test_a_prefix_names_one_commit_or_is_an_error() -> None:
    commits = Commits((Commit(A), Commit(B)), "the list")
    assert commits.resolve("aa", "x") == A
    assert commits.resolve(B, "x") == B
    for prefix, message in (("a", "2 commits begin with 'a' in the list"), ("b", "no commit 'b'"), ("", "2 commits")):
        with pytest.raises(UseError, match=f"^x: {message}"):
            commits.resolve(prefix, "x")
