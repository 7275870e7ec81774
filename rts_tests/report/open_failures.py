"""Failures that an issue is about: kept in its text for programs, until a run shows that each has gone.

An issue can be edited by others, so what is read back is data and never a command: the name of a run, the id of a unit,
and a commit from which the unit's seeds are derived. Whoever runs units again looks these ids up in the plan.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from longpole.rts_tests.contracts.commit import parse_revision
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.status import UNFINISHED
from longpole.rts_tests.report.summary import Outcome, Summary

VERSION = 1
MAX_KEPT = 150
"""Failures that one issue keeps; those with seeds of a commit first, because the next night cannot find them itself."""

_COMMENT = re.compile(r"<!-- longpole: (\{[^<>]*\}) -->")
_ESCAPED = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>@#`"})
"""Characters that could end the comment, mention a user or refer to an issue, as JSON escapes; so is the second `-`."""


@dataclass(frozen=True, slots=True, order=True)
class Failure:
    """A unit that failed in a run of this name; without a unit, the run itself, which left no results."""

    run: str
    unit: str | None
    commit: str | None
    """What its seeds were derived from; None if every run has the same seeds."""


def failures_of(runs: Mapping[str, Summary], missing: Sequence[str]) -> list[Failure]:
    """The failures of these runs, by name, and of the runs that are missing."""
    failures = [
        Failure(name, outcome.id, _commit(outcome, summary))
        for name, summary in runs.items()
        for outcome in summary.failures
    ]
    return [*failures, *(Failure(name, None, None) for name in missing)]


def _commit(outcome: Outcome, summary: Summary) -> str | None:
    record = outcome.record
    seeded = record is not None and record.seed_source == "commit" and outcome.status not in UNFINISHED
    return summary.info.commit if seeded else None


def is_gone(failure: Failure, runs: Iterable[tuple[str, Summary]], planned: Collection[str]) -> bool:
    """Whether a run of the same name shows that the failure has gone: the unit passed, with the same seeds.

    A unit that is no longer planned is gone, too. `runs` are pairs of name and summary.
    """
    if failure.unit is not None and failure.unit not in planned:
        return True
    for name, summary in runs:
        if name != failure.run:
            continue
        if failure.unit is None:
            return True
        if failure.commit not in (None, summary.info.commit):
            continue
        if any(outcome.id == failure.unit and outcome.record and not outcome.failed for outcome in summary.outcomes):
            return True
    return False


def to_json(failures: Iterable[Failure]) -> str:
    """The failures as JSON on one line, at most `MAX_KEPT` of them, without characters that mean something in Markdown.

    They are `[run, unit, commit]`.
    """
    chosen = sorted(set(failures), key=lambda failure: failure.commit is None)[:MAX_KEPT]
    rows = sorted((failure.run, failure.unit or "", failure.commit or "") for failure in chosen)
    text = json.dumps({"version": VERSION, "failures": rows}, separators=(",", ":"))
    return text.translate(_ESCAPED).replace("--", "-\\u002d")


def from_json(text: str) -> list[Failure]:
    """The failures in the text of `to_json`. Raises `UseError` for any other text."""
    try:
        data = json.loads(text)
        if data["version"] != VERSION:
            raise ValueError(f"version {data['version']}, not {VERSION}")
        return [_failure(*row) for row in data["failures"][:MAX_KEPT]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, UseError) as error:
        remedy = "pass on what `longpole nightly-open` prints"
        raise UseError.at("AGAIN", f"not a list of failures ({error})", remedy) from None


def _failure(run: str, unit: str, commit: str) -> Failure:
    if not all(isinstance(text, str) and len(text) < 1000 for text in (run, unit, commit)):
        raise ValueError("not a failure")
    parse_revision(commit)
    return Failure(run, unit or None, commit or None)


def in_comment(failures: Iterable[Failure]) -> str:
    """The failures as a comment for the end of an issue's text, which GitHub does not show."""
    return f"<!-- longpole: {to_json(failures)} -->\n"


def from_issue(text: str) -> list[Failure]:
    """The failures in an issue's text; none if it has no such comment, or a damaged one."""
    found = _COMMENT.findall(text)
    try:
        return from_json(found[-1]) if found else []
    except UseError:
        return []
