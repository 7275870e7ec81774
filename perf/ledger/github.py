"""The queue of a workflow, as GitHub's API tells it. Whatever goes wrong is a queue whose depth is not known."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from longpole.perf.ledger.gate import Job, Queue

TIMEOUT_S = 20.0
"""How long all questions together may take."""
_OPEN = ("in_progress", "queued", "pending", "requested", "waiting")
"""The statuses of a run that has not ended. `pending` is one that waits for its concurrency group."""
_WAITING = ("queued", "pending", "waiting")
"""The statuses of a job that no machine has taken yet."""
_QUESTIONS: tuple[dict[str, str], ...] = ({}, {"status": "in_progress"})
"""The newest runs; and those that have run for so long that many newer ones have ended. A question a status would be
exact for others, too, but a token has 1,000 questions an hour."""
_PER_PAGE = 100
_MAX_PAGES = 5
_MAX_ASKED = 8
"""Of how many of the runs in progress the jobs are asked for; there are more only if runs are not limited to one."""


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow on GitHub, and the run of it that asks.

    `url` is the API's address, `name` the file name of the workflow (None: all workflows of the repository), `run` the
    number of the run, `branch` its branch.
    """

    url: str
    repository: str
    name: str | None = None
    run: int | None = None
    branch: str | None = None
    token: str | None = None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Workflow | None":
        """The workflow in whose job this process runs; None outside of GitHub Actions."""
        repository = environ.get("GITHUB_REPOSITORY")
        if not repository:
            return None
        path = environ.get("GITHUB_WORKFLOW_REF", "").partition("@")[0]
        number = environ.get("GITHUB_RUN_ID", "")
        return cls(
            environ.get("GITHUB_API_URL") or "https://api.github.com",
            repository,
            path.rpartition("/")[2] or None,
            int(number) if number.isdecimal() else None,
            environ.get("GITHUB_REF_NAME") or None,
            environ.get("GH_TOKEN") or environ.get("GITHUB_TOKEN") or None,
        )


@dataclass(frozen=True, slots=True)
class _Run:
    """A run of the workflow that has not ended, as far as the API says what it should."""

    number: int
    status: str
    event: str
    branch: str
    started_at: datetime | None


class _Garbage(Exception):
    """The API has answered something else than what it is documented to."""


def queue_of(workflow: Workflow, timeout: float = TIMEOUT_S) -> Queue:
    """The other runs of the workflow that have not ended. Takes at most `timeout` seconds, and raises nothing.

    The questions are asked in a thread: the client's own time-out is one of each read, and a server that sends a byte
    now and then would keep it waiting.
    """
    answers: list[Queue] = []
    asking = threading.Thread(target=lambda: answers.append(_ask(workflow, timeout)), daemon=True)
    asking.start()
    asking.join(timeout)
    return answers[0] if answers else Queue(problem=f"GitHub's API has not answered in {timeout:g} s")


def _ask(workflow: Workflow, timeout: float) -> Queue:
    try:
        return _queue(_client(workflow, timeout), workflow)
    except Exception as error:
        # of the client, of the libraries below it, of its own checks: none may stop a measurement
        return Queue(problem=_message(error))


def _client(workflow: Workflow, timeout: float) -> Any:  # noqa: ANN401  a client of an optional library
    from github import Auth, Github

    auth = Auth.Token(workflow.token) if workflow.token else None
    # it waits neither for a limit to be over nor between requests: an answer that is late is worth nothing
    unhurried: dict[str, Any] = {"retry": None, "seconds_between_requests": None, "seconds_between_writes": None}
    return Github(
        base_url=workflow.url.rstrip("/"), auth=auth, timeout=max(1, round(timeout / 2)), **unhurried
    ).requester


def _queue(client: Any, workflow: Workflow) -> Queue:  # noqa: ANN401  a client of an optional library
    of = f"workflows/{workflow.name}/runs" if workflow.name else "runs"
    address = f"/repos/{workflow.repository}/actions/{of}"
    runs: dict[int, _Run] = {}
    for question in _QUESTIONS:
        runs.update((run.number, run) for run in _runs(client, address, question))
    others = [run for run in runs.values() if run.number != workflow.run]
    # the oldest first: what has run for long is no longer in its gate
    started = sorted((run for run in others if run.status == "in_progress"), key=lambda run: run.number)
    jobs = tuple(job for run in started[:_MAX_ASKED] for job in _jobs(client, workflow, run))
    return Queue(len(others), _newer_waits(others, workflow), jobs)


def _newer_waits(others: Iterable[_Run], workflow: Workflow) -> bool:
    """Whether one that waits has started later than the run that asks, for the same branch, and not by hand."""
    number, branch = workflow.run, workflow.branch
    return number is not None and any(
        run.number > number
        and run.status != "in_progress"
        and run.event not in ("workflow_dispatch", "repository_dispatch")
        and (not branch or not run.branch or run.branch == branch)
        for run in others
    )


def _runs(client: Any, address: str, question: dict[str, str]) -> Iterator[_Run]:  # noqa: ANN401
    """The runs that have not ended, by pages, until one has no such run or is not full."""
    seen: set[int] = set()
    for page in range(1, _MAX_PAGES + 1):
        answer = _get(client, address, {**question, "per_page": _PER_PAGE, "page": page})
        listed = _list(answer, "workflow_runs")
        found = [run for run in map(_run, listed) if run.status in _OPEN]
        yield from found
        fresh = {run.number for run in found} - seen
        if len(listed) < _PER_PAGE or not fresh:
            return
        seen |= fresh


def _jobs(client: Any, workflow: Workflow, run: _Run) -> list[Job]:  # noqa: ANN401  a client of an optional library
    """The jobs of a run in progress, without those that do not run; none if that, or its start, is not known."""
    try:
        answer = _get(client, f"/repos/{workflow.repository}/actions/runs/{run.number}/jobs", {"per_page": _PER_PAGE})
        return [
            Job(str(job["name"]), run.started_at, job.get("status") in _WAITING)
            for job in _list(answer, "jobs")
            if run.started_at is not None and job.get("conclusion") not in ("skipped", "cancelled")
        ]
    except Exception:
        # not known; the depth of the queue is
        return []


def _get(client: Any, address: str, parameters: dict[str, object]) -> Any:  # noqa: ANN401  JSON
    _, answer = client.requestJsonAndCheck("GET", address, parameters)
    return answer


def _list(answer: object, name: str) -> list[Any]:
    listed = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(listed, list):
        raise _Garbage(f"the answer has no {name}")
    return listed


def _run(item: object) -> _Run:
    number = item.get("id") if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(number, int) or isinstance(number, bool):
        raise _Garbage("a run has no number")
    started = item.get("run_started_at") or item.get("created_at")
    status, event, branch = (str(item.get(key) or "") for key in ("status", "event", "head_branch"))
    return _Run(number, status, event, branch, _time(started))


def _time(text: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def _message(error: Exception) -> str:
    """What went wrong, in a few words of ours: the client's own text may hold anything that a server has sent."""
    name, status = type(error).__name__, getattr(error, "status", None)
    if name == "RateLimitExceededException" or status == 429:
        return "GitHub's API: the rate limit is exceeded"
    if isinstance(status, int):
        return f"GitHub's API: HTTP {status}"
    return next((text for kind, text in _MESSAGES if isinstance(error, kind)), f"GitHub's API: {name}")


_MESSAGES: tuple[tuple[type[Exception], str], ...] = (
    (_Garbage, "GitHub's API has answered something else than runs"),
    (ImportError, "PyGithub is not installed: pip install 'longpole[perf]'"),
    (RecursionError, "GitHub's API has answered something that has no end"),
    (RuntimeError, "GitHub's API redirects to another place"),
    # of the libraries below the client; an answer that is not JSON is a `ValueError`, too
    (OSError, "GitHub's API cannot be reached"),
    (ValueError, "GitHub's API has answered something else than JSON"),
)
