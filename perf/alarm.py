"""The one issue on GitHub that is open while something is wrong with the benchmarks, kept with `gh`.

`gh` takes its token from GH_TOKEN and the repository from GH_REPO. The issue is found by label and title, because
GitHub's list by label is always up to date and its search by title is not; so no second one is opened.
"""

import json

from longpole.rts_tests.contracts.errors import UseError

LABEL = "benchmarks"
MAX_BODY = 60_000
"""Characters of an issue that are written; GitHub takes 65,536."""


def keep_issue(title: str, text: str | None) -> str:
    """Open the issue with this text, or bring it up to date; without a text, close it. Return what was done, as text.

    Raises `UseError` if `gh` is missing or fails.
    """
    numbers = _open_issues(title)
    if text is None:
        for number in numbers:
            _gh("issue", "close", str(number), "--comment", "There are new results again.")
        return f"closed {', '.join(f'issue {number}' for number in numbers)}" if numbers else "no issue is open"
    if numbers:
        _gh("issue", "edit", str(numbers[0]), "--body-file", "-", body=text[:MAX_BODY])
        return f"updated issue {numbers[0]}"
    _gh("label", "create", LABEL, "--force", "--description", "Kept by the benchmarks workflow")
    made = _gh("issue", "create", "--title", title, "--label", LABEL, "--body-file", "-", body=text[:MAX_BODY])
    return f"opened {made.strip()}"


def _open_issues(title: str) -> list[int]:
    """The numbers of the open issues with this title and our label, the oldest first."""
    fields = ("--label", LABEL, "--limit", "500", "--json", "number,title")
    listed = _gh("issue", "list", "--state", "open", *fields)
    try:
        return sorted(int(issue["number"]) for issue in json.loads(listed) if issue["title"] == title)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UseError.at("gh", f"`gh issue list` printed no list of issues ({error})", "use a newer gh") from None


def _gh(*words: str, body: str = "") -> str:
    import sh

    try:
        return str(sh.Command("gh")(*words, _in=body, _encoding="utf-8", _tty_out=False))
    except sh.CommandNotFound:
        raise UseError.at("gh", "GitHub's command line is missing", "install gh") from None
    except sh.ErrorReturnCode as error:
        said = error.stderr.decode(errors="replace").strip()
        raise UseError.at(
            "gh", f"`gh {' '.join(words[:2])}` failed: {said}", "check its token and permissions"
        ) from None
