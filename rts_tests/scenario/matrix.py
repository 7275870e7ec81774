"""Matrices: one file that describes a scenario for each combination of some values, its *cells*.

A cell is a scenario of its own, in which the variables of the matrix have one value each. It is called by its values,
as slugs that are safe in paths and make targets, and that differ within a file also where case is ignored.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from itertools import product

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.problems import Problems, shown
from longpole.rts_tests.contracts.tree import Mapping as Tree
from longpole.rts_tests.scenario.model import Axis, Scenario, Settings
from longpole.rts_tests.scenario.reading import Record

MAX_CELLS = 256
MAX_CELL = 80
"""Characters of a cell's name."""
_BETWEEN = "--"
_DIGEST = 8
_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")
_OURS = re.compile(
    r"WORK_DIR|BASE_DIR|BINARY_DIR|WORKSPACE_ROOT|PATH|HOME|TMPDIR|GIT_CONFIG_GLOBAL|(REMOTE|LONGPOLE)_.*"
)
_UNSAFE = re.compile(r"[^A-Za-z0-9_.]+")

Exclusion = tuple[tuple[str, str], ...]


def cells(scenario: Scenario) -> tuple[Scenario, ...]:
    """The scenarios that a file describes, in the order of its values: the scenario itself if it has no matrix."""
    if not scenario.matrix:
        return (scenario,)
    names = [name for name, _ in scenario.matrix]
    slugs = [dict(zip(values, _slugs(values), strict=True)) for _, values in scenario.matrix]
    return tuple(
        replace(
            scenario,
            name=f"{scenario.name} [{', '.join(map('='.join, chosen))}]",
            env={**scenario.env, **dict(chosen)},
            matrix=(),
            excluded=(),
            cell=_shortened(_BETWEEN.join(slug[value] for slug, (_, value) in zip(slugs, chosen, strict=True))),
        )
        for values in product(*(values for _, values in scenario.matrix))
        if not _is_excluded(chosen := tuple(zip(names, values, strict=True)), scenario.excluded)
    )


def refuse_taken(scenario: Scenario, settings: Settings) -> None:
    """Raise `UseError` if the suite sets variables of the matrix, which would then be the same in all cells."""
    of_suite = {*settings.names, *settings.folders, *settings.short_folders, *settings.safety_env}
    taken = [shown(name) for name, _ in scenario.matrix if name in of_suite]
    if taken:
        what = f"the suite sets the variable{'s' * (len(taken) > 1)} {', '.join(taken)} of the matrix"
        raise UseError.at(scenario.path, what, "choose other names")


def cell_of(scenario: Scenario, cell: str) -> Scenario:
    """The cell with this name. Raises `UseError`."""
    found = {each.cell: each for each in cells(scenario)}
    if cell in found:
        return found[cell]
    if not scenario.matrix:
        raise UseError.at(scenario.path, f"it has no matrix, and so no cell {shown(cell)}", "render again")
    listed = ", ".join(map(shown, found))
    raise UseError.at(scenario.path, f"it has no cell {shown(cell)}; it has {listed}", "render again")


def module_name(name: str, cell: str) -> str:
    """What the units of a cell are called: `group/stem--a--b`, or `group/stem` where there is no matrix."""
    return f"{name}{_BETWEEN}{cell}" if cell else name


def matrix_of(
    record: Record, env: Mapping[str, str], problems: Problems
) -> tuple[tuple[Axis, ...], tuple[Exclusion, ...]]:
    """The matrix of a scenario, and the combinations that it excludes. Errors go to `problems`."""
    before = len(problems)
    axes = _axes(record, env, problems)
    if "matrix" not in record.places:
        if "exclude" in record.maps_in_list:
            problems.add(record.places["exclude"], "`exclude` needs `matrix`", "remove it")
        return (), ()
    excluded = _exclusions(record, dict(axes), problems)
    if len(problems) > before or record.bad:
        return (), ()
    count = math.prod(len(values) for _, values in axes)
    if count > MAX_CELLS:
        what = f"the matrix has {count:,} combinations, more than {MAX_CELLS}"
        problems.add(record.places["matrix"], what, "use fewer values, or several files")
    elif axes and not any(not _is_excluded(chosen, excluded) for chosen in _combinations(axes)):
        problems.add(record.places["exclude"], "every combination is excluded", "leave one")
    return axes, excluded


def _axes(record: Record, env: Mapping[str, str], problems: Problems) -> tuple[Axis, ...]:
    place = record.places.get("matrix")
    lists = record.text_lists.get("matrix")
    if lists is None or not isinstance(place, Tree):
        return ()
    if not place.entries:
        problems.add(place, "`matrix` names no variable", "add one: `NAME: [value, value]`")
    for name, entry in place.entries.items():
        if not _NAME.fullmatch(name):
            what = f"{shown(name)} cannot be a variable of a matrix"
            problems.add(entry.key, what, "write capital letters, digits and `_`, as `$NAME` needs them")
        elif _OURS.fullmatch(name):
            problems.add(entry.key, f"{shown(name)} is set by Longpole", "choose another name")
        elif name in env:
            problems.add(entry.key, f"{shown(name)} is in `env`, too", "remove one of the two")
        values: set[str] = set()
        for item in lists.get(name, ()):
            if item.text in values:
                problems.add(item, f"the value {shown(item.text)} is given twice", "remove one of the two")
            values.add(item.text)
    return tuple((name, tuple(item.text for item in items)) for name, items in lists.items())


def _exclusions(record: Record, axes: Mapping[str, tuple[str, ...]], problems: Problems) -> tuple[Exclusion, ...]:
    exclusions: list[Exclusion] = []
    for node, texts in record.maps_in_list.get("exclude", ()):
        if not isinstance(node, Tree):
            continue  # reported already
        if not node.entries:
            problems.add(node, "this excludes every combination", "name a variable and a value, or remove it")
        for name, value in texts.items():
            entry = node.entries[name]
            if name not in axes:
                what = f"{shown(name)} is no variable of the matrix"
                problems.add(entry.key, what, problems.suggest(name, axes, f"its variables are {', '.join(axes)}"))
            elif value not in axes[name]:
                what = f"{shown(name)} never is {shown(value)}"
                listed = ", ".join(map(shown, axes[name][:10]))
                problems.add(entry.value, what, f"its values are {listed}")
        exclusions.append(tuple(texts.items()))
    return tuple(exclusions)


def _combinations(axes: tuple[Axis, ...]) -> Iterable[Exclusion]:
    names = [name for name, _ in axes]
    return (tuple(zip(names, values, strict=True)) for values in product(*(values for _, values in axes)))


def _is_excluded(chosen: Exclusion, excluded: tuple[Exclusion, ...]) -> bool:
    return any(set(each) <= set(chosen) for each in excluded)


def _slugs(values: tuple[str, ...]) -> list[str]:
    """A name for each value: its safe characters, `-` for others, and its number where an earlier one has that name."""
    used: set[str] = set()
    slugs = []
    for number, value in enumerate(values, 1):
        slug = _UNSAFE.sub("-", value).strip("-.") or "empty"
        if slug.casefold() in used:
            slug = f"{slug}-{number}"
        while slug.casefold() in used:
            slug = f"{slug}-{number}"
        used.add(slug.casefold())
        slugs.append(slug)
    return slugs


def _shortened(name: str) -> str:
    if len(name) <= MAX_CELL:
        return name
    digest = sha256(name.encode()).hexdigest()[:_DIGEST]
    return f"{name[: MAX_CELL - _DIGEST - len(_BETWEEN)]}{_BETWEEN}{digest}"
