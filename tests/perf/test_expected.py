"""Results that did not arrive are evidence of failure."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from longpole.perf.expected import Expected, evidence, missing, parse_expected
from longpole.rts_tests.contracts.errors import UseError
from tests.perf.results import COMMIT
from tests.project import tool

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def repository(folder: Path) -> str:
    """A repository with one commit of 2026-04-20; its name."""
    words = ["-c", "user.name=t", "-c", "user.email=t@example.invalid", "commit", "--quiet", "--allow-empty", "-m", "x"]
    subprocess.run([tool("git"), "init", "--quiet", folder], check=True)
    environ = {"GIT_COMMITTER_DATE": "2026-04-20T12:00:00Z", "PATH": str(Path(tool("git")).parent)}
    subprocess.run([tool("git"), *words], cwd=folder, check=True, env=environ)
    named = subprocess.run([tool("git"), "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True)
    return named.stdout.strip()


@pytest.mark.parametrize("text", ["", " ", ",", "[]"])
def test_nothing_may_be_expected(text: str, tmp_path: Path) -> None:
    assert parse_expected(text, None, str(tmp_path)) == ()


def test_platforms_of_a_commit() -> None:
    assert parse_expected("a, b,a", COMMIT, ".") == (Expected("a", COMMIT), Expected("b", COMMIT))


def test_platforms_of_what_is_checked_out(tmp_path: Path) -> None:
    commit = repository(tmp_path)
    assert parse_expected("a", None, str(tmp_path)) == (Expected("a", commit),)
    assert parse_expected("a", commit[:10], str(tmp_path)) == (Expected("a", commit),)


def test_the_matrix_of_the_gate() -> None:
    text = f'[{{"platform": "a", "commit": "{COMMIT}", "at": "2026-05-01T00:00:00Z", "runner": "big"}}]'
    assert parse_expected(text, None, ".") == (Expected("a", COMMIT, NOW),)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[", "not JSON"),
        ("[1]", "not a list"),
        ('[{"platform": "a"}]', r"\[0\].commit: Field required"),
        ('[{"platform": "../a", "commit": "' + COMMIT + '"}]', r"\[0\].platform: "),
        ("a b", r"\[0\].platform: "),
        ("a/b,c", r"\[0\].platform: "),
    ],
)
def test_anything_else_is_refused(text: str, what: str) -> None:
    with pytest.raises(UseError, match=f"--expected: {what}"):
        parse_expected(text, COMMIT, ".")


def test_a_commit_that_is_unknown_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UseError, match="--commit"):
        parse_expected("a", "main", str(tmp_path))


def test_what_did_not_arrive_is_missing() -> None:
    a, b = Expected("a", COMMIT), Expected("b", COMMIT)
    assert missing([a, b], [("a", COMMIT), ("b", "f" * 40)]) == (b,)


def test_the_time_of_the_evidence_does_not_change(tmp_path: Path) -> None:
    commit = repository(tmp_path)
    at, repo = NOW - timedelta(days=1), str(tmp_path)
    later = [NOW - timedelta(hours=1), NOW - timedelta(hours=2)]
    assert evidence(Expected("a", commit, at), later, repo, NOW).measured_at == at
    assert evidence(Expected("a", commit), later, repo, NOW).measured_at == later[1]
    assert evidence(Expected("a", commit), [], repo, NOW).measured_at == datetime(2026, 4, 20, 12, tzinfo=UTC)
    assert evidence(Expected("a", COMMIT), [], repo, NOW).measured_at == NOW
    assert evidence(Expected("a", COMMIT), [], repo, NOW).failed
