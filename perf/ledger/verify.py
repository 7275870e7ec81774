"""The proof that a ledger accounts for the main branch: against git's own chain of first parents."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from longpole.perf.ledger.ledger import Entry, Range, State, ranges
from longpole.rts_tests.contracts.quantities import count

if TYPE_CHECKING:
    from longpole.perf.index import Run
    from longpole.perf.ledger.text import Account

_MAX_NAMED = 3


def verify(
    entries: Sequence[Entry], ranged: Sequence[Range], parents: Mapping[str, str | None], runs: "Iterable[Run]"
) -> list[str]:
    """Return what is wrong with the entries and ranges of one platform, nothing if they are proven.

    `parents` has each commit of the main branch to its first parent, the newest first. Proven are:

    - the entries partition the commits of the branch: each is there once, in the order of the branch, and no other;
    - a commit is `measured` exactly if a result has measured it;
    - the ranges are disjoint, and complete from the first measurement to the last: walking back by parents from each
      measured commit to the next one meets exactly the commits of its range, and these are the entries that name it.
    """
    listed = [entry.commit for entry in entries]
    known = set(listed)
    again = [sha for sha, times in Counter(listed).items() if times > 1]
    found = [
        _named("missing from the ledger", [sha for sha in parents if sha not in known]),
        _named("in the ledger, but none of the branch", [sha for sha in listed if sha not in parents]),
        _named("more than once in the ledger", again),
    ]
    if not any(found):
        found += [_named("out of order", [b for a, b in pairwise(listed) if parents[b] != a])]
        measured = {run.commit for run in runs if not run.failed} & parents.keys()
        told = {entry.commit for entry in entries if entry.state is State.MEASURED}
        found += [_named("measured, or not, unlike the results", sorted(measured ^ told))]
        found += _wrong_ranges(entries, ranged, _walked(parents, measured))
    return [problem for problem in found if problem]


def _walked(parents: Mapping[str, str | None], measured: set[str]) -> dict[str, str | None]:
    """Each commit to the measured one whose range it is in, by walking the branch from parent to parent."""
    walked: dict[str, str | None] = {}
    by: str | None = None
    for sha in parents:
        by = sha if sha in measured else by
        walked[sha] = by
    older = None if by is None else parents[by]
    while older is not None:
        # what is older than the first measurement is in no range
        walked[older] = None
        older = parents[older]
    return walked


def _wrong_ranges(entries: Sequence[Entry], ranged: Sequence[Range], walked: Mapping[str, str | None]) -> Iterator[str]:
    """What is wrong with the ranges, and with those that the entries name; `walked` is what they should be."""
    times = Counter(sha for each in ranged for sha in each.commits)
    by = {sha: each.commit for each in ranged for sha in each.commits}
    earlier = (None, *(each.commit for each in ranged))
    odd = [each.before or "(none)" for each, before in zip(ranged, earlier, strict=False) if each.before != before]
    yield _named("in two ranges", [sha for sha in times if times[sha] > 1])
    yield _named("in the wrong range, or in none", [sha for sha in walked if by.get(sha) != walked[sha]])
    yield _named("in a range, but none of the branch", [sha for sha in by if sha not in walked])
    yield _named("before a range, but not measured before it", odd)
    yield _named(
        "named with the wrong measurement", [each.commit for each in entries if each.by != walked[each.commit]]
    )


def _named(what: str, commits: Sequence[str]) -> str:
    """The problem with the first few of the commits, empty if there is none."""
    if not commits:
        return ""
    names = ", ".join(sha[:12] for sha in commits[:_MAX_NAMED])
    more = ", …" if len(commits) > _MAX_NAMED else ""
    return f"{len(commits):,} {what}: {names}{more}"


def verdict(source: str, accounts: "Sequence[Account]", problems: Mapping[str, Sequence[str]]) -> str:
    """A line for each platform that is proven, and a line for each problem of the others."""
    lines: list[str] = []
    for account in accounts:
        number = len(ranges(account.entries))
        partition = f"{count(len(account.entries), 'commit')} of {source}, each once"
        proven = f"proven: {partition}; {count(number, 'range')}, disjoint and complete"
        lines += [f"{account.platform}: {each}" for each in problems[account.platform] or (proven,)]
    return "\n".join(lines)
