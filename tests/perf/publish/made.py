"""Results, commits and sites for tests of the page."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from longpole.perf.changes import Change
from longpole.perf.commits import Commit, Commits
from longpole.perf.index import Index
from longpole.perf.model import Benchmark, Failure, Metric, Result, Skip
from longpole.perf.publish.changes import Changes
from longpole.perf.publish.contents import About
from longpole.perf.publish.publish import Site, site
from longpole.perf.sources import FolderSource
from tests.perf.branches import files_of, write

FIRST = datetime(2026, 4, 20, 12, tzinfo=UTC)
ABOUT = About("made", "https://git.example.com/made/commit/{sha}")
NO_CHANGES = Changes()


def sha(number: int) -> str:
    """The name of a commit; its first digits tell it from the others."""
    return f"{number:04x}".ljust(40, "c")


def commits(number: int, *, subject: str = "change") -> Commits:
    """So many commits, six hours apart."""
    made = (Commit(sha(each), FIRST + timedelta(hours=6 * each), f"{subject} {each}") for each in range(number))
    return Commits(tuple(made), "made")


def result(
    commit: int, times: Mapping[str, float], *, platform: str = "x86_64-linux", run: int = 0, **metrics: Metric
) -> Result:
    """A run of a commit; `run` tells those of one commit apart. `metrics` are further ones, of every benchmark."""
    benchmarks = [Benchmark(name, {"time": Metric("s", value), **metrics}) for name, value in times.items()]
    return Result(platform, sha(commit), FIRST + timedelta(hours=6 * commit, minutes=run), tuple(benchmarks))


def failed(commit: int, message: str = "no compiler\n", *, platform: str = "x86_64-linux", run: int = 0) -> Result:
    """A run that measured nothing."""
    at = FIRST + timedelta(hours=6 * commit, minutes=run)
    return Result(platform, sha(commit), at, failures=(Failure("build", message),))


def skip(commit: int, why: str = "too many runs", *, platform: str = "x86_64-linux", depth: int = 21) -> Skip:
    return Skip(platform, sha(commit), FIRST + timedelta(hours=6 * commit, minutes=5), why, depth, "push")


def step(before: int, after: int, **changes: object) -> Change:
    """A regression of `parse`, after the one commit and not after the other."""
    made = Change("x86_64-linux", "parse", "time", sha(before), sha(after), 1.25, "regression", q_value=0.0004)
    return replace(made, **changes)  # type: ignore[arg-type]


def index(folder: Path, items: Iterable[Result | Skip], others: Mapping[str, bytes] | None = None) -> Index:
    """The index of results; `others` are files beside them."""
    write(folder / "results", {**files_of(*items), **(others or {})})
    return Index.open(FolderSource(folder / "results"), folder / "state")


def made_site(
    folder: Path,
    items: Iterable[Result | Skip],
    along: Commits | None = None,
    changes: Changes = NO_CHANGES,
    about: About = ABOUT,
    others: Mapping[str, bytes] | None = None,
) -> Site:
    """The site of results, by default along ten commits."""
    return site(index(folder, items, others), along or commits(10), changes, about)


def story() -> list[Result | Skip]:
    """Ten commits on two platforms: repeats, gaps, a failure, a skip, a step at commit 6, and one more metric."""
    size = Metric("B", 155_032.0)
    found: list[Result | Skip] = []
    for commit in (0, 1, 2, 4, 6, 7):
        slow = 1.25 if commit >= 6 else 1.0
        for run in range(3 if commit == 2 else 1):
            noise = 1 + 0.01 * run
            found.append(result(commit, {"parse": 0.5 * slow * noise, "check": 1.5 * noise}, run=run, size=size))
    found += [result(commit, {"parse": 0.75, "check": 2.0}, platform="aarch64-linux") for commit in (0, 4, 8)]
    return [*found, failed(5), skip(3), skip(9, "waits for others", depth=4)]
