"""The results that a collector was to get: whatever does not arrive is evidence of a failure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import TypeAdapter, ValidationError

from longpole.perf.git import GitError, git
from longpole.perf.model import Failure, Platform, Result, Sha, Time
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import parse_json

OPTION = "--expected"
_REMEDY = 'write P1,P2 or [{"platform": "P1", "commit": "SHA"}]'


@dataclass(frozen=True, slots=True)
class Expected:
    """A result that should have come: of this commit on this platform, decided upon `at` this time, if known."""

    platform: Platform
    commit: Sha
    at: Time | None = None


def parse_expected(text: str, commit: str | None, repo: str) -> tuple[Expected, ...]:
    """Parse what `--expected` says: platforms with commas between, or the JSON that `longpole perf gate` writes.

    Platforms are expected at `commit`, by default what is checked out in `repo`. Raises `UseError`.
    """
    text = text.strip()
    if not text.startswith("["):
        names = [name.strip() for name in text.split(",") if name.strip()]
        if not names:
            return ()
        rows: object = [{"platform": name, "commit": _commit(commit or "HEAD", repo)} for name in names]
    else:
        try:
            rows = parse_json(text)
        except ValueError as error:
            raise UseError.at(OPTION, f"not JSON: {error}", _REMEDY) from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UseError.at(OPTION, "not a list of platforms and commits", _REMEDY)
    known = [{key: row[key] for key in ("platform", "commit", "at") if key in row} for row in rows]
    try:
        found = TypeAdapter(list[Expected]).validate_python(known)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in first["loc"])
        raise UseError.at(OPTION, f"{place}: {first['msg']}", _REMEDY) from None
    return tuple(dict.fromkeys(found))


def missing(expected: Iterable[Expected], arrived: Iterable[tuple[str, str]]) -> tuple[Expected, ...]:
    """Those of which no result arrived; `arrived` are platforms and commits."""
    found = set(arrived)
    return tuple(each for each in expected if (each.platform, each.commit) not in found)


def evidence(of: Expected, others: Iterable[datetime], repo: str, now: datetime) -> Result:
    """The result that says that nothing was measured.

    Its time is when the measurement was decided upon, else the first of the times of `others`, which are of the same
    commit and artifacts, else that of the commit, else `now`: so a collector that is run again makes the same file,
    wherever one of the former is known.
    """
    at = of.at or min(others, default=None) or _committed_at(of.commit, repo) or now
    failure = Failure("job", "no result arrived: the job failed, was cancelled, or did not upload its result")
    return Result(of.platform, of.commit, at, failures=(failure,), tool="longpole perf collect")


def _commit(name: str, repo: str) -> str:
    remedy = "name a commit with --commit"
    try:
        found = git(repo, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", place=repo)
        return found.decode().strip()
    except GitError:
        if len(name) in (40, 64) and not set(name) - set("0123456789abcdef"):
            return name
        raise UseError.at("--commit", f"{repo} has no commit {name!r}", remedy) from None


def _committed_at(commit: str, repo: str) -> datetime | None:
    try:
        shown = git(repo, "log", "-1", "--format=%ct", "--no-walk", "--end-of-options", commit, "--")
        return datetime.fromtimestamp(int(shown), UTC)
    except (GitError, ValueError, OverflowError, OSError):
        return None  # it is not in this repository
