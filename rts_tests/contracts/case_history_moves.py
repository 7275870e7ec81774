"""Moving the history of cases from modules to others, whose tests they are now."""

from collections.abc import Callable, Collection
from contextlib import ExitStack
from pathlib import Path

from longpole.rts_tests.contracts.case_history import (
    _TIMES,
    VERSION,
    Row,
    _encode,
    _Group,
    _Platform,
    _read,
    _read_groups,
    _sound,
    case_history_path,
)
from longpole.rts_tests.contracts.files import write_atomic

_Case = tuple[_Platform, str, _Group, str, Row]
"""What is known of a platform, a class, the cases of the class, a case, and its row."""


def move_cases(
    state: Path, variant: str, modules: Collection[str], module_of: Callable[[str, str], str | None]
) -> None:
    """Make the history of these modules that of others: `module_of` has the new module of a class's case.

    Cases for which it returns None are forgotten, and so are the modules that get none. Raises `OSError`.
    """
    from filelock import FileLock

    paths = {path for path in (case_history_path(state, variant, name) for name in modules) if path is not None}
    with ExitStack() as locks:
        for path in sorted(path for path in paths if path.exists()):
            locks.enter_context(FileLock(f"{path}.lock"))
        moved: dict[str, _Moved] = {}
        for path in sorted(paths):
            platforms, lines = _read(path)
            for key, platform in platforms.items():
                for name, group in _read_groups(path, lines[key]).items():
                    for case, row in group[2].items():
                        module = module_of(name, case)
                        if module is not None and (sound := _sound(row)) is not None:
                            moved.setdefault(module, _Moved()).add(key, (platform, name, group, case, sound))
        new = {case_history_path(state, variant, module): each for module, each in moved.items()}
        for target, each in new.items():
            if target is not None:
                target.parent.mkdir(parents=True, exist_ok=True)
                write_atomic(target, each.content)
        for path in paths - new.keys():
            path.unlink(missing_ok=True)


class _Moved:
    """The history of a module that is made of those of others, by platform.

    How often something ran is that of the module that ran most often; how long ago something was told stays.
    """

    def __init__(self) -> None:
        self._rows: dict[str, list[_Case]] = {}

    def add(self, key: str, case: _Case) -> None:
        """Enter a case on a platform."""
        self._rows.setdefault(key, []).append(case)

    @property
    def content(self) -> bytes:
        """The content of the file."""
        head = {key: self._platform(key) for key in self._rows}
        return b"\n".join([_encode({"version": VERSION, "platforms": head}), *map(self._cases, self._rows), b""])

    def _platform(self, key: str) -> _Platform:
        every = [platform for platform, *_ in self._rows[key]]
        run = max(str(platform.get("run", "")) for platform in every)
        return {"runs": max(platform["runs"] for platform in every), "classes": {}, "run": run}

    def _cases(self, key: str) -> bytes:
        groups: dict[str, _Group] = {}
        number = self._platform(key)["runs"]
        times: dict[str, int] = {}
        for _, name, group, _, _ in self._rows[key]:
            times[name] = max(group[0], times.get(name, 0))
        for platform, name, group, case, row in self._rows[key]:
            _, last, rows = groups.get(name, (0, 0, {}))
            rows[case] = [row[0], max(0, times[name] - max(0, group[0] - row[1])), *row[_TIMES:]]
            groups[name] = (times[name], max(last, number - max(0, platform["runs"] - group[1])), rows)
        return _encode(groups)
