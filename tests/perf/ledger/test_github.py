"""The queue of a workflow by GitHub's API, over real sockets: what is counted, and that no failure stops the gate."""

import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from longpole.perf.ledger.gate import Job, Queue
from longpole.perf.ledger.github import Workflow, queue_of
from tests.perf.ledger.fake_github import Answer, fake_github, runs

ENVIRON = {
    "GITHUB_API_URL": "https://api.example.com",
    "GITHUB_REPOSITORY": "o/r",
    "GITHUB_WORKFLOW_REF": "o/r/.github/workflows/benchmarks.yml@refs/heads/main",
    "GITHUB_RUN_ID": "100",
    "GITHUB_REF_NAME": "main",
    "GITHUB_TOKEN": "secret",
}


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def asked(answer: Callable[[str, dict[str, str]], Answer], timeout: float = 20.0) -> Queue:
    with fake_github(answer) as github:
        return queue_of(Workflow(github.url, "o/r", "benchmarks.yml", 100, "main", "secret"), timeout)


def a_run(number: int, status: str = "queued", **others: Any) -> dict[str, Any]:
    return {"id": number, "status": status, "event": "push", "head_branch": "main", **others}


def of_status(*listed: dict[str, Any]) -> Callable[[str, dict[str, str]], Answer]:
    """A server with these runs, which a question for a status selects from, as GitHub's does."""

    def answer(path: str, parameters: dict[str, str]) -> Answer:
        if path.endswith("/jobs"):
            return Answer(body=b'{"total_count": 1, "jobs": [{}]}')
        assert path == "/repos/o/r/actions/workflows/benchmarks.yml/runs"
        return runs(*(run for run in listed if run["status"] == parameters.get("status", run["status"])))

    return answer


def test_the_environment_of_a_job_says_which_workflow() -> None:
    assert Workflow.from_environ(ENVIRON) == Workflow(
        "https://api.example.com", "o/r", "benchmarks.yml", 100, "main", "secret"
    )
    assert Workflow.from_environ({"GITHUB_REPOSITORY": "o/r"}) == Workflow("https://api.github.com", "o/r")
    assert Workflow.from_environ({}) is None


def test_other_runs_that_have_not_ended_are_counted() -> None:
    statuses = ("queued", "in_progress", "pending", "requested", "waiting", "completed")
    listed = [a_run(number, status) for number, status in enumerate(statuses)]
    assert asked(of_status(*listed, a_run(100, "in_progress"))).depth == 5


def test_a_server_that_does_not_select_by_status_makes_no_difference() -> None:
    listed = [a_run(1), a_run(2, "in_progress"), a_run(3, "completed")]
    assert asked(lambda path, parameters: runs(*listed)).depth == 2


def test_the_token_is_sent_and_pages_are_followed() -> None:
    def answer(path: str, parameters: dict[str, str]) -> Answer:
        first = int(parameters["page"]) * 100
        last = min(first + 100, 350)
        return runs(*(a_run(number) for number in range(first, last))) if not parameters.get("status") else runs()

    with fake_github(answer) as github:
        assert queue_of(Workflow(github.url, "o/r", None, 100, "main", "secret")).depth == 249
        paths = {path for path, _, _ in github.asked}
        assert paths == {"/repos/o/r/actions/runs"}
        assert len(github.asked) == 4
        assert {headers["Authorization"] for _, _, headers in github.asked} <= {"token secret", "Bearer secret"}


def test_a_server_of_ones_own_has_its_api_below_a_path() -> None:
    with fake_github(lambda path, parameters: runs(a_run(1))) as github:
        assert queue_of(Workflow(f"{github.url}/api/v3/", "o/r", "w.yml")).depth == 1
        assert {path for path, _, _ in github.asked} == {"/api/v3/repos/o/r/actions/workflows/w.yml/runs"}


def test_pages_without_end_are_not_followed_for_ever() -> None:
    same = [a_run(number) for number in range(100)]
    assert asked(lambda path, parameters: runs(*same)).depth == 100
    endless = lambda path, parameters: runs(*(a_run(int(parameters["page"]) * 1000 + n) for n in range(100)))  # noqa: E731
    assert asked(endless).depth == 500


@pytest.mark.parametrize(
    ("run", "newer"),
    [
        (a_run(101), True),
        (a_run(99), False),
        (a_run(101, "pending"), True),
        (a_run(101, "in_progress"), False),
        (a_run(101, event="workflow_dispatch"), False),
        (a_run(101, head_branch="other"), False),
        ({"id": 101, "status": "queued"}, True),
    ],
)
def test_a_newer_run_that_waits(run: dict[str, Any], newer: bool) -> None:
    assert asked(of_status(run, a_run(100))).newer is newer


def test_the_jobs_of_runs_in_progress() -> None:
    listed = [a_run(number, "in_progress", run_started_at=f"2026-05-01T1{number}:00:00Z") for number in range(5)]
    listed += [a_run(5, "in_progress", run_started_at="yesterday"), a_run(6)]
    gate = {"name": "gate", "status": "completed", "conclusion": "success"}
    jobs = {
        "0": [gate, {"name": "measure (aarch64-linux)", "status": "queued", "conclusion": None}],
        "1": [gate, {"name": "measure (x86_64-linux)", "status": "in_progress"}],
        "2": [gate, {"name": "measure on linux", "status": "completed", "conclusion": "skipped"}, {"name": "collect"}],
        "3": [{}, {}],
        "5": [gate, {"name": "measure (riscv64-linux)", "status": "waiting"}],
    }

    def answer(path: str, parameters: dict[str, str]) -> Answer:
        if path.endswith("/jobs"):
            number = path.split("/")[-2]
            return Answer(body=json.dumps({"jobs": jobs[number]}).encode()) if number in jobs else Answer(500)
        return of_status(*listed)(path, parameters)

    def at(hour: int) -> datetime:
        return datetime(2026, 5, 1, hour, tzinfo=UTC)

    assert asked(answer).jobs == (
        Job("gate", at(10)),
        Job("measure (aarch64-linux)", at(10), waits=True),
        Job("gate", at(11)),
        Job("measure (x86_64-linux)", at(11)),
        Job("gate", at(12)),
        Job("collect", at(12)),
    )


NO_RUNS = "GitHub's API has answered something else than runs"
LIMITED = Answer(
    403,
    b'{"message": "API rate limit exceeded for installation ID 1."}',
    {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9999999999", "Retry-After": "3600"},
)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (LIMITED, "GitHub's API: the rate limit is exceeded"),
        (Answer(429, b"{}", {"Retry-After": "3600"}), "GitHub's API: the rate limit is exceeded"),
        (Answer(403, b'{"message": "Resource not accessible by integration"}'), "GitHub's API: HTTP 403"),
        (Answer(401, b'{"message": "Bad credentials"}'), "GitHub's API: HTTP 401"),
        (Answer(404, b'{"message": "Not Found"}'), "GitHub's API: HTTP 404"),
        (Answer(500, b"oops"), "GitHub's API: HTTP 500"),
        (Answer(503, b"<html>\x1b[31m</html>"), "GitHub's API: HTTP 503"),
        (Answer(200, b""), NO_RUNS),
        (Answer(200, b"<html>maintenance"), NO_RUNS),
        (Answer(200, b"{broken"), "GitHub's API has answered something else than JSON"),
        (Answer(200, b"[]"), NO_RUNS),
        (Answer(200, b'{"workflow_runs": 5}'), NO_RUNS),
        (Answer(200, b'{"workflow_runs": [5]}'), NO_RUNS),
        (Answer(200, b'{"workflow_runs": [{"id": "1"}]}'), NO_RUNS),
        (Answer(200, b"[" * 100_000), "GitHub's API has answered something that has no end"),
        (Answer(301, b"", {"Location": "http://elsewhere.invalid/x"}), "GitHub's API redirects to another place"),
        (Answer(302, b"", {"Location": "http://elsewhere.invalid/x"}), NO_RUNS),
    ],
)
def test_whatever_goes_wrong_is_a_queue_that_is_not_known(answer: Answer, problem: str) -> None:
    assert asked(lambda path, parameters: answer) == Queue(problem=problem)


def test_the_token_does_not_follow_a_redirect_to_elsewhere() -> None:
    with fake_github(lambda path, parameters: runs()) as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        for status in (301, 302, 307, 308):
            answer = Answer(status, b"", {"Location": f"{elsewhere}/repos/o/r/actions/runs"})
            assert asked(lambda path, parameters, answer=answer: answer).problem  # type: ignore[misc]
        assert other.asked == []


@pytest.mark.parametrize("answer", [Answer(hangs=True), Answer(drips=True)])
def test_a_server_that_does_not_end_its_answer(answer: Answer) -> None:
    problem = asked(lambda path, parameters: answer, timeout=0.5).problem
    assert problem in ("GitHub's API has not answered in 0.5 s", "GitHub's API cannot be reached")


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert queue_of(Workflow(address, "o/r")).problem == "GitHub's API cannot be reached"


@pytest.mark.parametrize("url", ["", "not a url", "ftp://x", "http://"])
def test_an_address_that_is_none(url: str) -> None:
    assert queue_of(Workflow(url, "o/r")).problem


def test_no_client_is_a_queue_that_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "github", None)
    assert queue_of(Workflow("http://127.0.0.1:1", "o/r")).problem.startswith("PyGithub is not installed: pip install")
