"""Collecting: the results of artifacts are added to the branch of a remote, those of a commit in one commit."""

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby

from longpole.perf import packs
from longpole.perf.artifacts import Found, Gathered, gather
from longpole.perf.branch import Changed, Destination, change
from longpole.perf.expected import Expected, evidence, missing
from longpole.perf.files import to_bytes
from longpole.perf.merge import Merge, merge, problem, refuse_foreign
from longpole.perf.store import NewCommit, Store, Tip
from longpole.rts_tests.contracts.errors import Problem, UseError


@dataclass(frozen=True, slots=True)
class Collected:
    """What became of artifacts. `missing` were expected and are recorded as failures; they are among `added`, too."""

    changed: Changed
    added: tuple[Found, ...]
    present: tuple[Found, ...]
    missing: tuple[Expected, ...]
    refused: tuple[Problem, ...]
    ignored: tuple[str, ...]


def collect(
    artifacts: Sequence[str],
    to: Destination,
    expected: Sequence[Expected] = (),
    *,
    repo: str = ".",
    dry_run: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> Collected:
    """Add what `artifacts` hold to the branch; in a `dry_run` only find out what would be added.

    `repo` may know the dates of the commits of `expected`. What is refused is in the result, and does not keep the rest
    from being added. Raises `UseError` if the branch cannot be written; then nothing is added.
    """
    with tempfile.TemporaryFile() as spool:
        gathered = gather(artifacts, spool)
        arrived = ((item.platform, item.commit) for item in gathered.found.values() if item.kind == "result")
        absent = missing(expected, arrived)
        times = [(item.commit, item.at) for item in gathered.found.values()]
        for each in absent:
            others = (at for commit, at in times if commit == each.commit)
            failure = evidence(each, others, repo, datetime.now(UTC))
            gathered.add(failure, to_bytes(failure), "--expected")
        decision = _Decision(gathered, to.branch, dry_run)
        changed = Changed(None, None, 0, 0)
        if gathered.found:
            changed = change(to, decision.commits, say=say)
        found, last = gathered.found, decision.last
        refused = [problem(found[path].place, why) for path, why in last.refused.items()]
        return Collected(
            changed,
            tuple(found[path] for path in last.new),
            tuple(found[path] for path in last.present),
            absent,
            tuple(sorted((*gathered.refused, *refused), key=lambda each: each.file)),
            tuple(gathered.ignored),
        )


@dataclass(slots=True)
class _Decision:
    """What to add to a branch as it is. `last` is what was found out in the last attempt."""

    gathered: Gathered
    branch: str
    dry_run: bool
    last: Merge = field(default_factory=lambda: Merge((), (), {}))

    def commits(self, store: Store, tip: Tip) -> list[NewCommit]:
        refuse_foreign(self.branch, tip.files, "choose the branch of results, or a new one,")
        found = self.gathered.found
        ids = {path: store.id_of(self.gathered.content(item)) for path, item in found.items()}
        self.last = merge(tip.files, _packed(store, tip, ids), ids)
        if self.dry_run:
            return []
        for path in self.last.new:
            store.write(self.gathered.content(found[path]))
        new = sorted((found[path] for path in self.last.new), key=lambda item: (item.at, item.commit, item.path))
        order = {commit: number for number, commit in enumerate(dict.fromkeys(item.commit for item in new))}
        new.sort(key=lambda item: order[item.commit])
        return [_commit(list(items), ids) for _, items in groupby(new, key=lambda item: item.commit)]


def _packed(store: Store, tip: Tip, wanted: Mapping[str, str]) -> set[str]:
    """Those of the files `wanted` that lie in packs. Only packs of their platforms and months are read."""
    months = {_month(packs.FILE.fullmatch(path)) for path in wanted}
    found: set[str] = set()
    for path, name in tip.files.items():
        place = packs.PATH.fullmatch(path)
        if place is not None and _month(place) in months:
            inside = packs.names(path, store.read(name))
            found.update([] if isinstance(inside, UseError) else inside)
    return found & wanted.keys()


def _month(place: re.Match[str] | None) -> tuple[str | None, ...]:
    assert place is not None, "`artifacts` takes no other paths"
    return place["folder"], place["platform"], place["year"], place["month"]


def _commit(items: Sequence[Found], ids: Mapping[str, str]) -> NewCommit:
    """The commit that adds the results and skips of one commit."""
    commit = items[0].commit
    what = "Results" if any(item.kind == "result" for item in items) else "Skips"
    platforms = ", ".join(dict.fromkeys(sorted(platform_of(item) for item in items)))
    message = f"{what} of {commit[:12]}: {platforms}\n\nCommit: {commit}\n"
    return NewCommit(message, {item.path: ids[item.path] for item in items})


def platform_of(item: Found) -> str:
    """The platform of a result, and whether it was skipped or failed."""
    note = " (skipped)" if item.kind == "skip" else " (failed)" if item.failed else ""
    return item.platform + note
