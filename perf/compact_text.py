"""What `longpole perf compact` prints: for people, and as JSON."""

from collections.abc import Iterator
from typing import Any

from longpole.perf.branch import Destination
from longpole.perf.compact import Compacted, Packed
from longpole.rts_tests.contracts.quantities import count

_MAX_LINES = 20
"""How many lines of a kind are printed for people."""


def text(compacted: Compacted, to: Destination, before: str, *, dry_run: bool) -> str:
    """How many files became how many packs, in all and by month."""
    where = f"branch {to.branch} of {to.remote.shown}"
    done = [each for each in compacted.packed if each.packs]
    if not done:
        return f"{where}: nothing to pack before {before}"
    files, packs = count(sum(each.files for each in done), "file"), count(sum(len(each.packs) for each in done), "pack")
    sizes = f"{_size(sum(each.bytes for each in done))} of files, {_size(sum(map(_packed_bytes, done)))} of packs"
    became = "would become" if dry_run else "became"
    rows = [f"  {each.month.name}: {count(each.files, 'file')}, {_size(each.bytes)}" for each in done]
    more = [f"  and {len(rows) - _MAX_LINES} more"] if len(rows) > _MAX_LINES else []
    return "\n".join([f"{where}: {files} {became} {packs} ({sizes})", *rows[:_MAX_LINES], *more])


def kept(compacted: Compacted) -> Iterator[str]:
    """A line for each of the first files that were left as they are."""
    lines = [f"left as it is: {path}: {why}" for each in compacted.packed for path, why in each.kept]
    yield from lines[:_MAX_LINES]
    if len(lines) > _MAX_LINES:
        yield f"and {len(lines) - _MAX_LINES} more"


def as_json(compacted: Compacted, to: Destination, before: str) -> dict[str, Any]:
    """The same for programs; docs/perf-collect.md describes it."""
    changed = compacted.changed
    return {
        "version": 1,
        "remote": to.remote.shown,
        "branch": to.branch,
        "packed_before": before,
        "before": changed.before,
        "after": changed.after,
        "attempts": changed.attempts,
        "packed": [
            {
                "month": each.month.name,
                "files": each.files,
                "bytes": each.bytes,
                "packs": sorted(each.packs),
                "packed_bytes": _packed_bytes(each),
            }
            for each in compacted.packed
            if each.packs
        ],
        "kept": [{"path": path, "why": why} for each in compacted.packed for path, why in each.kept],
    }


def _packed_bytes(packed: Packed) -> int:
    return sum(map(len, packed.packs.values()))


def _size(number: int) -> str:
    return f"{number / 1e6:,.1f} MB"
