"""Compaction: the result files of each old month become one pack, in one commit, and nothing is lost.

Only a file that its pack gives back under its name, byte for byte, is removed; that is checked before it is. Anything
else stays where it is. A result that arrives late for a month that is packed lies beside the pack, and the next
compaction replaces the pack by one that has it, too. Collectors may write at the same time, see `branch`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from longpole.perf import packs
from longpole.perf.branch import Changed, Destination, change
from longpole.perf.merge import refuse_foreign
from longpole.perf.progress import progress
from longpole.perf.store import NewCommit, Store, Tip
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.quantities import count


@dataclass(frozen=True, slots=True)
class Month:
    """What a branch holds of a platform and month: result files and packs, id by path."""

    folder: str
    platform: str
    year: str
    month: str
    files: Mapping[str, str] = field(default_factory=dict)
    packs: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """`runs/PLATFORM/YYYY/MM`, the folder of its files."""
        return f"{self.folder}/{self.platform}/{self.year}/{self.month}"


@dataclass(frozen=True, slots=True)
class Packed:
    """What became of a month: the packs to add, and the paths to remove. `kept` are files that stay, with the reason.

    `files` is how many files will be in packs only, with `bytes` together.
    """

    month: Month
    packs: Mapping[str, bytes]
    remove: tuple[str, ...]
    files: int
    bytes: int
    kept: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Compacted:
    """What a compaction did, a `Packed` for each month with files beside packs."""

    changed: Changed
    packed: tuple[Packed, ...]


def compact(
    to: Destination, before: str, *, dry_run: bool = False, say: Callable[[str], None] = lambda line: None
) -> Compacted:
    """Pack what the branch holds of months before `before`, `YYYY-MM`; in a `dry_run` only find out what would be.

    Raises `UseError` if the branch cannot be read or written; then it is as it was.
    """
    decision = _Decision(to.branch, before, dry_run)
    changed = change(to, decision.commits, say=say)
    return Compacted(changed, decision.last)


def months_to_pack(files: Mapping[str, str], before: str) -> list[Month]:
    """The months before `before` that have a result file beside or without a pack."""
    found: dict[tuple[str, str, str, str], tuple[dict[str, str], dict[str, str]]] = {}
    for path, name in sorted(files.items()):
        for kind, pattern in enumerate((packs.FILE, packs.PATH)):
            place = pattern.fullmatch(path)
            if place is not None and f"{place['year']}-{place['month']}" < before:
                key = (place["folder"], place["platform"], place["year"], place["month"])
                found.setdefault(key, ({}, {}))[kind][path] = name
    return [Month(*key, *both) for key, both in sorted(found.items()) if both[0]]


def packed(month: Month, contents: Mapping[str, bytes]) -> Packed:
    """The pack, or packs, of a month; `contents` has what is in its files and packs, by path."""
    lines: dict[str, bytes] = {}
    replaced = []
    kept = []
    for path in month.packs:
        try:
            lines |= packs.unpack(path, contents[path])
            replaced.append(path)
        except UseError as error:
            kept.append((path, error.problems[0].what))
    removed = []
    for path in month.files:
        if packs.packable(path, contents[path]):
            lines[path] = contents[path]
            removed.append(path)
        else:
            kept.append((path, "its content does not fit its name"))
    if not removed:
        return Packed(month, {}, (), 0, 0, tuple(kept))
    made = dict(_packs(month, [lines[path] for path in sorted(lines)]))
    _check(made, lines)
    size = sum(len(contents[path]) for path in removed)
    remove = (*removed, *(path for path in replaced if path not in made))
    return Packed(month, made, remove, len(removed), size, tuple(kept))


def _packs(month: Month, lines: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    """The pack of these lines; or several, if readers would refuse one that is so large."""
    path, data = packs.pack(month.folder, month.platform, month.year, month.month, lines)
    if len(lines) > 1 and (len(data) > packs.MAX_PACKED or sum(map(len, lines)) > packs.MAX_CONTENT):
        for half in (lines[: len(lines) // 2], lines[len(lines) // 2 :]):
            yield from _packs(month, half)
    else:
        yield path, data


def _check(made: Mapping[str, bytes], lines: Mapping[str, bytes]) -> None:
    """Make sure that packs give back every file, before any is removed."""
    back: dict[str, bytes] = {}
    for path, data in made.items():
        back |= packs.unpack(path, data)
    if back != lines:
        raise AssertionError("a pack does not give back what was packed; nothing was changed")


@dataclass(slots=True)
class _Decision:
    """What to pack of a branch as it is. Months that another writer has not touched are packed only once."""

    branch: str
    before: str
    dry_run: bool
    done: dict[str, Packed] = field(default_factory=dict)
    last: tuple[Packed, ...] = ()

    def commits(self, store: Store, tip: Tip) -> list[NewCommit]:
        if tip.commit is None:
            raise UseError.at(
                f"branch {self.branch}", "there is no such branch", "name that of the results by --branch"
            )
        refuse_foreign(self.branch, tip.files, "choose the branch of results")
        months = months_to_pack(tip.files, self.before)
        self.last = tuple(self._packed(store, month) for month in progress(months, "Packing"))
        made = {path: data for each in self.last for path, data in each.packs.items()}
        if self.dry_run or not made:
            return []
        remove = [path for each in self.last for path in each.remove]
        files = count(sum(each.files for each in self.last), "file")
        lines = [f"{each.month.name}: {each.files:,}" for each in self.last if each.packs]
        message = "\n".join([f"Pack {files}", "", *lines])
        return [NewCommit(message, {path: store.write(data) for path, data in made.items()}, remove)]

    def _packed(self, store: Store, month: Month) -> Packed:
        known = self.done.get(month.name)
        if known is None or known.month != month:
            ids = {**month.files, **month.packs}
            contents = dict(store.read_many(set(ids.values())))
            known = self.done[month.name] = packed(month, {path: contents[name] for path, name in ids.items()})
        return known
