"""What is known of units that are cut anew: durations of old chunks become expectations of new ones.

The history knows units by their ids, and `gc[3]` of ten chunks is not `gc[3]` of twenty. So when a number of chunks
changes, each new chunk is given the one duration that its seeds are known to take, the last status of the chunks that
it is made of, and of all of them the highest peak of memory and number of threads.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from longpole.gen.plan.plan import chunk_ranges
from longpole.gen.suite.model import Module, Suite
from longpole.rts_tests.contracts.files import read_json, write_atomic
from longpole.rts_tests.contracts.history import VERSION, history_path
from longpole.rts_tests.contracts.median import median
from longpole.rts_tests.contracts.status import GREEN, Status

Rows = dict[str, dict[str, Any]]


def relearn(state: Path, before: Suite, after: Suite) -> None:
    """Rewrite the history for the modules whose number of chunks differs; raises `OSError`."""
    old = {module.name: module for module in before.modules}
    changed = [(old[module.name], module) for module in after.modules if module.chunks != old[module.name].chunks]

    def recut_all(_key: str, rows: Rows) -> None:
        for one, other in changed:
            for variant in other.variants:
                recut(rows, variant, one, other)

    rewrite_history(state, recut_all)


def rewrite_history(state: Path, change: Callable[[str, Rows], None]) -> None:
    """Let `change` change the rows of each platform, under the history's lock; raises `OSError`.

    A history that cannot be understood is left to the next run, which sets it aside.
    """
    from filelock import FileLock

    path = history_path(state)
    with FileLock(f"{path}.lock"):
        try:
            data = read_json(path)
            if data["version"] != VERSION:
                return
            for key, rows in data["platforms"].items():
                change(key, rows)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return
        write_atomic(path, (json.dumps(data, separators=(",", ":"), sort_keys=True) + "\n").encode())


def recut(rows: Rows, variant: str, before: Module, after: Module) -> None:
    """Replace the rows of one module in one variant."""
    known = [(first, count, rows.pop(name)) for name, first, count in _units(variant, before) if name in rows]
    timed = [(first, count, median(row["durations_s"])) for first, count, row in known if row["durations_s"]]
    if not timed:
        return
    peak = max((size for _, _, row in known for size in row.get("peaks_bytes", ())), default=0)
    threads = max(row.get("threads", 1.0) for _, _, row in known)
    a_seed_s = sum(seconds for _, _, seconds in timed) / sum(count for _, count, _ in timed)
    for name, first, count in _units(variant, after):
        covered, seconds = 0, 0.0
        for start, size, took_s in timed:
            shared = max(0, min(first + count, start + size) - max(first, start))
            covered += shared
            seconds += took_s * shared / size
        seconds += a_seed_s * (count - covered)
        statuses = [row["status"] for start, size, row in known if start < first + count and first < start + size]
        status = next((status for status in statuses if status not in GREEN), Status.PASSED)
        rows[name] = {"durations_s": [round(seconds, 4)], "status": status}
        if peak:
            rows[name]["peaks_bytes"] = [peak]
        if threads > 1:
            rows[name]["threads"] = threads


def _units(variant: str, module: Module) -> Iterator[tuple[str, int, int]]:
    """Ids of a module's units, with the index of the first of their seeds and the number of them."""
    if module.chunks is None:
        yield f"{variant}/{module.name}", 0, module.seeds
        return
    for number, (first, count) in enumerate(chunk_ranges(module.seeds, module.chunks)):
        yield f"{variant}/{module.name}[{number}]", first, count
