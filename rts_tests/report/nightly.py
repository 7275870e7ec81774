"""The one open issue about the nightly run: created, updated, closed or reopened with GitHub's `gh`.

`gh` takes its token from GH_TOKEN and the repository from GH_REPO. Issues are found by label and then by title, because
GitHub's list by label is always up to date and its search by title is not; so no issue is created twice.

Each night has other seeds, so a night that passes says nothing about a seed that failed before. The issue keeps its
failures (`open_failures`). They are run again first, and the issue is closed when each of them has passed.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.plan import Plan, Unit
from longpole.rts_tests.contracts.quantities import count
from longpole.rts_tests.report.cases import without_fork
from longpole.rts_tests.report.formats.issue import earlier_section, issue_text, jobs_section
from longpole.rts_tests.report.open_failures import Failure, failures_of, from_issue, in_comment, is_gone, to_json
from longpole.rts_tests.report.summary import Summary, read_summary

LABEL = "nightly"
AGAIN = "again"
"""The job that runs failures again, which is skipped if there are none; its folders of runs begin with this word."""


# -- what a night left ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Night:
    """The runs of one night by name, the names of those that left nothing, and the runs of earlier failures."""

    runs: Mapping[str, Summary]
    missing: tuple[str, ...]
    again: tuple[tuple[str, Summary], ...]


def jobs_ended(needs: str) -> dict[str, str]:
    """The result of each job in GitHub's `toJSON(needs)`; raises `UseError` for anything else."""
    try:
        results = {name: job["result"] for name, job in json.loads(needs).items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        results = {}
    if not results or not all(isinstance(result, str) for result in results.values()):
        remedy = "set it to `${{ toJSON(needs) }}`"
        raise UseError.at("NEEDS", "does not hold the results of the jobs", remedy)
    return results


def read_night(folder: Path, expected: Sequence[str]) -> Night:
    """The runs in `folder/<name>`, and those in `folder/again-<name>/*`."""
    runs: dict[str, Summary] = {}
    missing = []
    again: list[tuple[str, Summary]] = []
    for name in expected:
        try:
            runs[name] = read_summary(folder / name)
        except UseError:
            missing.append(name)
        for run in sorted((folder / f"{AGAIN}-{name}").glob("*/run.json")):
            try:
                again.append((name, read_summary(run.parent)))
            except UseError:
                continue  # what it ran counts as not run
    return Night(runs, tuple(missing), tuple(again))


# -- issues -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue about the nightly run."""

    number: int
    is_open: bool
    failures: tuple[Failure, ...]


def _gh(*arguments: str, body: str | None = None) -> str:
    try:
        done = subprocess.run(["gh", *arguments], input=body, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        raise UseError.at("gh", "GitHub's command line is missing", "install gh") from None
    except subprocess.CalledProcessError as error:
        what = f"`gh {' '.join(arguments[:2])}` failed: {error.stderr.strip()}"
        raise UseError.at("gh", what, "check its token and permissions") from None
    return done.stdout


def _issues(title: str, state: str) -> list[Issue]:
    """The issues with this title and our label, the oldest first."""
    fields = "number,title,state,body"
    listed = _gh("issue", "list", "--state", state, "--label", LABEL, "--limit", "500", "--json", fields)
    try:
        issues = [
            Issue(int(issue["number"]), issue["state"].upper() == "OPEN", tuple(from_issue(issue["body"])))
            for issue in json.loads(listed)
            if issue["title"] == title
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UseError.at("gh", f"`gh issue list` printed no list of issues ({error})", "use a newer gh") from None
    return sorted(issues, key=lambda issue: issue.number)


def title_of(suite: str) -> str:
    """The title of the issue about a suite."""
    return f"The nightly tests of {suite} fail"


def open_failures(suite: str, planned: Mapping[str, str]) -> str:
    """The failures of the open issue that a night has to run again, as JSON; empty if there are none.

    These are the failures with seeds of a commit, of units that are still `planned`; the night itself runs the others.
    """
    failures = [failure for issue in _issues(title_of(suite), "open") for failure in issue.failures]
    failures = [failure for failure in failures if failure.commit is not None and failure.unit in planned]
    return to_json(failures) if failures else ""


def keep_issue(plan: Plan, needs: str, folder: Path, expected: Sequence[str], environ: Mapping[str, str]) -> str:
    """Report the nightly run on GitHub; return what was done, as text. Raises `UseError`.

    GitHub calls a job that ran into its time limit `cancelled`, so that is a failure. (Whoever cancels the workflow
    cancels the job that calls this, too.) If jobs were skipped and none failed, the issue is not changed.
    """
    results = jobs_ended(needs)
    skipped = [name for name, result in results.items() if result == "skipped" and name != AGAIN]
    bad = {name: result for name, result in results.items() if result not in ("success", "skipped")}
    night = read_night(folder, expected)
    failures = failures_of(night.runs, night.missing)
    if skipped and not bad:
        return "neither passed nor failed; the issue stays as it is"
    title = title_of(plan.suite)
    address = "/".join(environ.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY"))
    address += f"/actions/runs/{environ.get('GITHUB_RUN_ID', '')}"
    issues = _issues(title, "all")
    planned = {unit.id: goal_of(unit) for unit in plan.units}
    runs = [*night.runs.items(), *night.again]
    known = [failure for issue in issues if issue.is_open for failure in issue.failures]
    earlier = sorted({one for one in known if not is_gone(one, runs, planned) and one not in failures})
    if not bad and not failures and not earlier:
        return _say_passed(issues, known, address)
    marker = in_comment([*failures, *earlier])
    head = jobs_section(bad) + earlier_section(earlier, night.again, planned)
    body = head + issue_text(night.runs, address=address, missing=night.missing, room=len(head) + len(marker))
    body = f"{body}\n{marker}"
    return _say_failed(title, body, issues, failures)


def goal_of(unit: Unit) -> str:
    """The make target that runs a unit again; of a fork that of its module, because a class may be in another fork."""
    return unit.target if unit.fork is None else f"test-{unit.variant}-{unit.module}"


def _about(failure: Failure) -> tuple[str, str | None]:
    """The run and the unit of a failure; the forks of a module are alike."""
    return failure.run, failure.unit and without_fork(failure.unit)


def _say_failed(title: str, body: str, issues: Sequence[Issue], failures: Sequence[Failure]) -> str:
    """Update the oldest open issue and close any other; else reopen the last one about a failure of today; else open.

    Return what was done, as text.
    """
    still_open = [issue.number for issue in issues if issue.is_open]
    if still_open:
        first, *others = still_open
        _gh("issue", "edit", str(first), "--body-file", "-", body=body)
        for number in others:
            _gh("issue", "close", str(number), "--comment", f"The same as #{first}.")
        return f"updated issue {first}"
    now = set(map(_about, failures))
    for issue in reversed(issues):
        if not now.isdisjoint(map(_about, issue.failures)):
            _gh("issue", "edit", str(issue.number), "--body-file", "-", body=body)
            _gh("issue", "reopen", str(issue.number), "--comment", "It is back.")
            return f"reopened issue {issue.number}"
    _gh("label", "create", LABEL, "--force", "--description", "Kept by the nightly workflow")
    address = _gh("issue", "create", "--title", title, "--label", LABEL, "--body-file", "-", body=body)
    return f"opened {address.strip()}"


def _say_passed(issues: Sequence[Issue], known: Sequence[Failure], address: str) -> str:
    """Close the issue with a comment if it is open; return what was done, as text."""
    numbers = [issue.number for issue in issues if issue.is_open]
    again = sum(failure.commit is not None for failure in known)
    shown = f" {count(again, 'earlier failure')} passed with the same seeds, too." if again else ""
    for number in numbers:
        _gh("issue", "close", str(number), "--comment", f"It passes again: {address}{shown}")
    return f"closed {', '.join(f'issue {number}' for number in numbers)}" if numbers else "nothing to close"
