"""The one issue about benchmarks: opened once, brought up to date, closed."""

from pathlib import Path

import pytest

from longpole.perf.alarm import MAX_BODY, keep_issue
from longpole.rts_tests.contracts.errors import UseError
from tests.issues import Issues


@pytest.fixture
def issues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Issues:
    made = Issues(tmp_path)
    for name, value in made.environ.items():
        monkeypatch.setenv(name, value)
    return made


def test_it_is_opened_once_brought_up_to_date_and_closed(issues: Issues) -> None:
    assert keep_issue("No results", "since `a`; $(id) \n") == "opened https://github.example/owner/project/issues/1"
    assert keep_issue("No results", "since b") == "updated issue 1"
    (issue,) = issues.all
    assert (issue["title"], issue["labels"], issue["body"], issue["open"]) == (
        "No results",
        ["benchmarks"],
        "since b",
        True,
    )
    assert keep_issue("No results", None) == "closed issue 1"
    assert issues.open == []
    assert keep_issue("No results", None) == "no issue is open"
    assert keep_issue("No results", "again").startswith("opened ")
    assert [issue["number"] for issue in issues.open] == [2]


def test_an_issue_with_another_title_is_left_alone(issues: Issues) -> None:
    keep_issue("Another", "text")
    assert keep_issue("No results", None) == "no issue is open"
    assert len(issues.open) == 1


def test_a_long_text_is_cut_to_what_github_takes(issues: Issues) -> None:
    keep_issue("No results", "x" * 100_000)
    assert len(issues.open[0]["body"]) == MAX_BODY


def test_what_gh_says_is_told(issues: Issues, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GH_FAILS", "1")
    with pytest.raises(UseError, match=r"`gh issue list` failed: HTTP 403: Resource not accessible.*token"):
        keep_issue("No results", None)


def test_a_missing_gh_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UseError, match=r"GitHub's command line is missing; install gh"):
        keep_issue("No results", None)
