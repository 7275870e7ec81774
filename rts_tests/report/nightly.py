"""The one open issue about the nightly run: created, updated or closed with GitHub's `gh`.

`gh` takes its token from GH_TOKEN and the repository from GH_REPO. Issues are found by label and then by title, because
GitHub's list by label is always up to date and its search by title is not; so no issue is created twice.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.record_file import read_records
from longpole.rts_tests.contracts.records import read_run_info
from longpole.rts_tests.report.formats.issue import issue_text
from longpole.rts_tests.report.summary import Summary, summarize

LABEL = "nightly"


def jobs_ended(needs: str) -> list[str]:
    """The results of the jobs in GitHub's `toJSON(needs)`; raises `UseError` for anything else."""
    try:
        results = [job["result"] for job in json.loads(needs).values()]
    except (ValueError, TypeError, KeyError, AttributeError):
        results = []
    if not results or not all(isinstance(result, str) for result in results):
        remedy = "set it to `${{ toJSON(needs) }}`"
        raise UseError.at("NEEDS", "does not hold the results of the jobs", remedy)
    return results


def read_results(folder: Path, expected: Sequence[str]) -> tuple[dict[str, Summary], list[str]]:
    """The runs in `folder/<name>` by name, and the names of those that are not there."""
    runs: dict[str, Summary] = {}
    missing = []
    for name in expected:
        try:
            info = read_run_info(folder / name)
        except UseError:
            missing.append(name)
        else:
            runs[name] = summarize(folder / name, info, read_records(folder / name, info))
    return runs, missing


def _gh(*arguments: str, body: str | None = None) -> str:
    try:
        done = subprocess.run(["gh", *arguments], input=body, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        raise UseError.at("gh", "GitHub's command line is missing", "install gh") from None
    except subprocess.CalledProcessError as error:
        what = f"`gh {' '.join(arguments[:2])}` failed: {error.stderr.strip()}"
        raise UseError.at("gh", what, "check its token and permissions") from None
    return done.stdout


def _open_issues(title: str) -> list[int]:
    listed = _gh("issue", "list", "--state", "open", "--label", LABEL, "--limit", "500", "--json", "number,title")
    return sorted(issue["number"] for issue in json.loads(listed) if issue["title"] == title)


def say_failed(title: str, body: str) -> str:
    """Create the issue, or update the oldest open one and close any other; return what was done, as text."""
    numbers = _open_issues(title)
    if not numbers:
        _gh("label", "create", LABEL, "--force", "--description", "Kept by the nightly workflow")
        address = _gh("issue", "create", "--title", title, "--label", LABEL, "--body-file", "-", body=body)
        return f"opened {address.strip()}"
    first, *others = numbers
    _gh("issue", "edit", str(first), "--body-file", "-", body=body)
    for number in others:
        _gh("issue", "close", str(number), "--comment", f"The same as #{first}.")
    return f"updated issue {first}"


def say_passed(title: str, address: str) -> str:
    """Close the issue with a comment if it is open; return what was done, as text."""
    numbers = _open_issues(title)
    for number in numbers:
        _gh("issue", "close", str(number), "--comment", f"It passes again: {address}")
    return f"closed {', '.join(f'issue {number}' for number in numbers)}" if numbers else "nothing to close"


def keep_issue(suite: str, needs: str, folder: Path, expected: Sequence[str], environ: Mapping[str, str]) -> str:
    """Report the nightly run on GitHub; return what was done, as text. Raises `UseError`.

    If no job failed but one was cancelled or skipped, the issue is not changed.
    """
    results = jobs_ended(needs)
    address = "/".join(environ.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY"))
    address += f"/actions/runs/{environ.get('GITHUB_RUN_ID', '')}"
    title = f"The nightly tests of {suite} fail"
    if all(result == "success" for result in results):
        return say_passed(title, address)
    if "failure" not in results:
        return "neither passed nor failed; the issue stays as it is"
    runs, missing = read_results(folder, expected)
    return say_failed(title, issue_text(runs, address=address, missing=missing))
