"""The history of cases: the last durations and the last outcome of each case, and of each class of a fork suite.

There is a file for each variant and module, `.longpole/cases/VARIANT/MODULE.jsonl`; for a scenario of a group it is
`.longpole/cases/VARIANT/GROUP/STEM.jsonl`. Its first line has the classes of
all platforms; each following line has the cases of one platform, in the order of their names. What needs only the
classes, as the start of a run does, parses only the first line. A row is `[status, seen, durations...]`, where
`seen` is the number of the run in which it was last told, and durations are microseconds.

A file is merged under a lock after each run that told of cases, and replaced by rename. It never fails a run: a damaged
file is renamed with a warning, and a new history begins.
"""

import json
import os
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from longpole.rts_tests.contracts.files import parse_json, read_regular, write_atomic
from longpole.rts_tests.contracts.history import platform_key, set_aside
from longpole.rts_tests.contracts.median import median
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import GREEN, Status

VERSION = 1
MAX_KEPT = 10
"""Durations kept of each case and class."""
CASE_RUNS_UNSEEN = 5
CLASS_RUNS_UNSEEN = 20
"""For each duration that is kept of it, a case may be missing in so many runs of its class before it is forgotten, and
a class in so many runs of its module. So names that are new in every run do not pile up."""

_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}")
"""Names of variants and modules that become parts of a path. The suite allows no others, but a record may have them."""

_ENDED = frozenset({Status.PASSED, Status.FAILED})
"""Statuses of classes, and of units, that ran to their end."""
_TIMES = 2
"""The index of the first duration in a row."""

Row = list[Any]
_Platform = dict[str, Any]
_Group = tuple[int, int, dict[str, Row]]
"""The cases of a class: how many runs of the class there were, the last run of the module that told of it, and rows."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """What is known of a case or a class: its last outcome, and its last durations in seconds, oldest first."""

    status: str | None = None
    seconds: tuple[float, ...] = ()


class _Rows(Mapping[str, CaseRow]):
    """Rows by name; each becomes a `CaseRow` when it is asked for, because most never are."""

    def __init__(self, rows: Mapping[str, Row]) -> None:
        self._rows = rows

    def __getitem__(self, name: str) -> CaseRow:
        row = _sound(self._rows[name])
        return CaseRow(row[0], tuple(value / 1e6 for value in row[_TIMES:])) if row else CaseRow()

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


@dataclass(frozen=True)
class CaseHistory:
    """The history of the classes and cases of a module in a variant, on one platform."""

    classes: Mapping[str, CaseRow] = field(default_factory=dict)
    """By name; only modules with forks have them."""
    _read_cases: Callable[[], Mapping[str, CaseRow]] = dict
    run: str = ""
    """The name of the last run that was merged."""

    @cached_property
    def cases(self) -> Mapping[str, CaseRow]:
        """By `Case.id`. They are parsed when they are first asked for."""
        return self._read_cases()

    @property
    def class_seconds(self) -> dict[str, float]:
        """The median duration of each class that has any, in seconds."""
        return {name: median(row.seconds) for name, row in self.classes.items() if row.seconds}


def case_history_path(state: Path, variant: str, module: str) -> Path | None:
    """The path of the history of a module in a variant; None for names that no suite has."""
    group, slash, name = module.rpartition("/")
    if not all(map(_SAFE.fullmatch, (variant, name, *((group,) if slash else ())))):
        return None
    return state / "cases" / variant / group / f"{name}.jsonl"


def read_case_history(state: Path, variant: str, module: str, key: str | None = None) -> CaseHistory:
    """Return the history of a module in a variant on the platform `key` (default: this one); empty if there is none."""
    path = case_history_path(state, variant, module)
    if path is None:
        return CaseHistory()
    platforms, lines = _read(path)
    name = key or platform_key()
    if name not in platforms:
        return CaseHistory()
    platform = platforms[name]
    return CaseHistory(_Rows(platform["classes"]), lambda: _cases_in(path, lines[name]), platform.get("run", ""))


def _cases_in(path: Path, line: bytes) -> Mapping[str, CaseRow]:
    groups = _read_groups(path, line)
    return _Rows({_id(name, case): row for name, (_, _, rows) in groups.items() for case, row in rows.items()})


def _read_groups(path: Path, line: bytes) -> dict[str, _Group]:
    try:
        return _checked_groups(parse_json(line))
    except ValueError as error:
        set_aside(path, f"damaged ({error})")
        return {}


def _id(class_name: str, name: str) -> str:
    """As `Case.id`."""
    return f"{class_name}#{name}" if class_name and name else class_name or name


# -- the file ---------------------------------------------------------------------------------------------------------


def _read(path: Path) -> tuple[dict[str, _Platform], dict[str, bytes]]:
    """The platforms, and the line with the cases of each."""
    try:
        head, *lines = read_regular(path).split(b"\n")
        platforms = _checked_platforms(parse_json(head))
        if len(lines) != len(platforms) + 1 or lines.pop():
            raise ValueError("not a line of cases for each platform")
        return platforms, dict(zip(platforms, lines, strict=True))
    except FileNotFoundError:
        return {}, {}
    except OSError as error:
        if os.path.exists(path) and not os.path.isfile(path):
            set_aside(path, str(error.strerror))
        else:
            print(f"longpole: {path}: {error.strerror}; continuing without this history", file=sys.stderr)
    except ValueError as error:
        set_aside(path, f"damaged ({error})")
    return {}, {}


def _checked_platforms(data: object) -> dict[str, _Platform]:
    if not isinstance(data, dict) or data.get("version") != VERSION or not isinstance(data.get("platforms"), dict):
        raise ValueError("not a history of cases of this version")
    for platform in data["platforms"].values():
        if not isinstance(platform, dict) or not isinstance(platform.get("classes"), dict):
            raise ValueError("not a platform")
        if not _is_count(platform.get("runs")):
            raise ValueError("not a number of runs")
        if not isinstance(platform.get("run", ""), str):
            raise ValueError("not the name of a run")
    platforms: dict[str, _Platform] = data["platforms"]
    return platforms


def _checked_groups(data: object) -> dict[str, _Group]:
    if not isinstance(data, dict):
        raise ValueError("not the cases of a platform")
    for group in data.values():
        if not (isinstance(group, list) and len(group) == 3 and all(map(_is_count, group[:2]))):
            raise ValueError("not the cases of a class")
        if not isinstance(group[2], dict):
            raise ValueError("not the cases of a class")
    return data


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**63


def _sound(row: object) -> Row | None:
    """The row; None for one that is damaged, which is then unknown.

    Rows are checked one by one, when they are used, because most are not.
    """
    if isinstance(row, list) and len(row) >= _TIMES and isinstance(row[0], str):
        numbers = row[1:]
        if {*map(type, numbers)} == {int} and min(numbers) >= 0 and max(numbers) < 10**15:
            return row
    return None


# -- merging ----------------------------------------------------------------------------------------------------------


def merge_case_history(
    state: Path,
    records: Iterable[Record],
    key: str | None = None,
    *,
    run: str = "",
    seeded: bool = False,
    selection: Collection[str] = (),
) -> None:
    """Add what the records of one run tell of cases and classes, under a lock for each file. Raises `OSError`.

    Only durations of passed ones count: a failure ends early, a timeout late. For a class that never passed, that of a
    failure counts. With `seeded`, SEED chose the seeds, and durations in units with seeds do not count. With a
    `selection` nothing is forgotten; if it selects single cases (`#`), the classes ran in part: then their durations do
    not count, and a class that failed before is not known to pass. `run` is the run's name.
    """
    told: dict[Path, _Told] = {}
    for record in records:
        path = case_history_path(state, record.variant, record.module)
        if path is not None and (record.cases or record.classes):
            told.setdefault(path, _Told()).add(record, timed=not seeded or record.seed_count == 0)
    for path, of_module in told.items():
        _merge(path, key or platform_key(), of_module, run, selection)


_Outcome = tuple[Status, tuple[int, ...]]
"""A status, and the durations that count, in microseconds."""
_Outcomes = dict[str, _Outcome]


@dataclass(slots=True)
class _Told:
    """What a run told of the classes and cases of a module. `ended` are the classes that ran to their end."""

    classes: _Outcomes = field(default_factory=dict)
    cases: dict[str, _Outcomes] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)

    def add(self, record: Record, *, timed: bool) -> None:
        """Enter a record; with `timed`, its durations count."""
        for each in record.classes:
            _enter(self.classes, each.name, each.status, each.seconds if timed and each.status in _ENDED else None)
        if record.classes:
            self.ended.update(each.name for each in record.classes if each.status in _ENDED)
        elif record.status in _ENDED:
            self.ended.update(case.class_name for case in record.cases)
        for case in record.cases:
            passed = timed and case.status == Status.PASSED
            of_class = self.cases.setdefault(case.class_name, {})
            _enter(of_class, case.name, case.status, case.seconds if passed else None)


def _enter(told: _Outcomes, name: str, status: Status, seconds: float | None) -> None:
    """Enter an outcome. Chunks may run the same tests, and classes may use a name twice: the worst outcome counts."""
    took = () if seconds is None else (round(seconds * 1e6),)
    if name in told:
        known, durations = told[name]
        status = status if known in GREEN and (status not in GREEN or status == Status.PASSED) else known
        took = (*durations, *took)
    told[name] = status, took


def _merge(path: Path, key: str, told: _Told, run: str, selection: Collection[str]) -> None:
    from filelock import FileLock  # 38 ms, and only at the end of a run

    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock"):
        platforms, lines = _read(path)
        platform = platforms.setdefault(key, {"runs": 0, "classes": {}})
        groups = _read_groups(path, lines[key]) if key in lines else {}
        platform["run"] = run
        if not selection:
            platform["runs"] += 1
        number, rows = platform["runs"], platform["classes"]
        for name, outcome in told.classes.items():
            rows[name] = _class_row(rows.get(name), number, outcome, in_part=any("#" in term for term in selection))
        for name, cases in told.cases.items():
            groups[name] = _group(groups.get(name), number, cases, ended=name in told.ended, whole=not selection)
        kept = {name: row for name, row in rows.items() if not _is_forgotten(row, number, CLASS_RUNS_UNSEEN)}
        platform["classes"] = kept
        lines[key] = _encode({name: group for name, group in groups.items() if not _is_gone(group, number)})
        head = _encode({"version": VERSION, "platforms": platforms})
        write_atomic(path, b"\n".join([head, *(lines[name] for name in platforms), b""]))


def _class_row(known: object, run: int, outcome: _Outcome, *, in_part: bool) -> Row:
    status, took = outcome
    row = _sound(known)
    if row is not None:
        if in_part and status in GREEN and row[0] not in GREEN:
            status = row[0]
        if status != Status.PASSED and len(row) > _TIMES:
            took = ()
    return _row(row, run, status, () if in_part else took)


def _group(known: _Group | None, run: int, told: _Outcomes, *, ended: bool, whole: bool) -> _Group:
    """The cases of a class after a run; those are forgotten that were missing for long in runs of the whole class."""
    runs, _, rows = known or (0, run, {})
    runs += ended and whole
    if ended and "" not in told:
        rows.pop("", None)  # the class has cases again
    for name in [name for name, row in rows.items() if name not in told and _is_forgotten(row, runs, CASE_RUNS_UNSEEN)]:
        del rows[name]
    for name, (status, took) in told.items():
        rows[name] = _row(_sound(rows.get(name)), runs, status, took)
    return runs, run, rows


def _row(known: Row | None, run: int, status: str, took: tuple[int, ...]) -> Row:
    durations = known[_TIMES:] if known else []
    if took:
        durations = [*durations, sum(took) // len(took)][-MAX_KEPT:]
    return [status, run, *durations]


def _is_forgotten(row: object, run: int, runs_unseen: int) -> bool:
    known = _sound(row)
    return known is None or run - known[1] > runs_unseen * max(1, len(known) - _TIMES)


def _is_gone(group: _Group, run: int) -> bool:
    """Whether a class is forgotten with all its cases."""
    runs, seen, _ = group
    return run - seen > CLASS_RUNS_UNSEEN * max(1, min(runs, MAX_KEPT))


def _encode(data: object) -> bytes:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False, check_circular=False).encode(errors="replace")
