"""Which classes each fork of a module has in a run: `forks/VARIANT/MODULE.json` in the run's folder.

The file is written when the classes have been listed, before the first fork starts, and again when forks that take
their classes from a queue have ended. `retest`, reports and `prove-shards` read it.
"""

import math
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from longpole.rts_tests.contracts.files import read_json, write_atomic
from longpole.rts_tests.contracts.median import median
from longpole.rts_tests.contracts.records import VERSION, encode
from longpole.rts_tests.forks.distribution import distribute


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """The classes of a module's forks in a run.

    `forks` has the classes of each fork that has some, by name. With a queue that is only the plan, and
    `claimed` says what each of them took.
    """

    variant: str
    module: str
    forks: tuple[tuple[str, ...], ...]
    seconds: Mapping[str, float] = field(default_factory=dict)
    """The median duration of each class that has run before."""
    left_out: tuple[str, ...] = ()
    """Classes that were listed and are not run: not selected, or not to be run again."""
    stealing: bool = False
    """Whether forks take their classes from a queue."""
    claimed: tuple[tuple[str, ...], ...] | None = None
    """The classes that each fork took, in order; None without a queue, and until all forks have ended."""

    @cached_property
    def _unseen_s(self) -> float:
        return median(self.seconds.values()) if self.seconds else 0.0

    def expected_s(self, classes: Collection[str]) -> float:
        """The expected duration of these classes in seconds, of which those that never ran count as the median class.

        0 if no class has run before.
        """
        return sum(self.seconds.get(name, self._unseen_s) for name in classes)

    def of_fork(self, number: int) -> tuple[str, ...]:
        """The classes of a fork: those that it took from the queue, if that is known; else those that it was given."""
        forks = self.forks if self.claimed is None else self.claimed
        return forks[number] if number < len(forks) else ()

    @property
    def queue(self) -> tuple[str, ...]:
        """All classes in the order in which they are taken from a queue: the heaviest first."""
        names = (name for fork in self.forks for name in fork)
        return tuple(sorted(names, key=lambda name: (-self.expected_s((name,)), name)))


def assign(
    variant: str,
    module: str,
    classes: Collection[str],
    *,
    forks: int,
    seconds: Mapping[str, float],
    left_out: Collection[str] = (),
    stealing: bool = False,
) -> Assignment:
    """Distribute `classes` over at most `forks` forks, so that each fork has one at least.

    `seconds` are the durations that are known; without any, the classes go round robin, by name.
    """
    known = {name: seconds[name] for name in classes if name in seconds and 0 <= seconds[name] < math.inf}
    shares = distribute(classes, known, min(forks, len(set(classes)))) if classes else ()
    return Assignment(
        variant=variant, module=module, forks=shares, seconds=known, left_out=tuple(sorted(left_out)), stealing=stealing
    )


def assignment_path(run: str | os.PathLike[str], variant: str, module: str) -> str:
    """The path of the file in a run."""
    return f"{os.fspath(run)}/forks/{variant}/{module}.json"


def list_log_path(run: str | os.PathLike[str], variant: str, module: str) -> str:
    """The path of the log of the command that listed the classes."""
    return f"{os.fspath(run)}/forks/{variant}/{module}.list.log"


def write_assignment(run: Path, assignment: Assignment) -> None:
    """Write the file by rename; raises `OSError`."""
    path = assignment_path(run, assignment.variant, assignment.module)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    rows = [[[name, assignment.seconds.get(name)] for name in fork] for fork in assignment.forks]
    fields = {
        "variant": assignment.variant,
        "module": assignment.module,
        "stealing": assignment.stealing,
        "forks": rows,
        "left_out": assignment.left_out,
        "claimed": assignment.claimed,
    }
    write_atomic(path, encode(fields))


def read_assignment(run: str | os.PathLike[str], variant: str, module: str) -> Assignment | None:
    """Read the file; None if there is none, or none of this version that can be read."""
    try:
        return _assignment_in(read_json(assignment_path(run, variant, module)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _assignment_in(data: Any) -> Assignment:  # noqa: ANN401  the content of a file
    if data["version"] != VERSION:
        raise ValueError("another version")
    rows = [(_text(name), seconds) for fork in data["forks"] for name, seconds in fork]
    claimed = data["claimed"]
    return Assignment(
        variant=_text(data["variant"]),
        module=_text(data["module"]),
        forks=tuple(tuple(name for name, _ in fork) for fork in data["forks"]),
        seconds={name: _seconds(seconds) for name, seconds in rows if seconds is not None},
        left_out=tuple(map(_text, data["left_out"])),
        stealing=data["stealing"] is True,
        claimed=None if claimed is None else tuple(tuple(map(_text, fork)) for fork in claimed),
    )


def _text(value: object) -> str:
    if type(value) is not str:
        raise TypeError("not a text")
    return value


def _seconds(value: object) -> float:
    if type(value) not in (int, float) or not 0 <= value < math.inf:  # type: ignore[operator]
        raise ValueError("not a duration")
    return float(value)  # type: ignore[arg-type]
