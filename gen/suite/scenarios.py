"""The scenarios of a suite: its settings, checked, and a module for each scenario.

A file with errors is a module, too: its unit fails with these errors, and all other units run.
"""

import os
import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING

from longpole.gen.suite.model import Command, Limits, Module, Scenarios, Suite, Variant
from longpole.gen.suite.paths import wrong_with_path
from longpole.gen.suite.variants import Variants
from longpole.rts_tests.contracts import yamltree
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.problems import Problems, shown
from longpole.rts_tests.contracts.tree import Mapping as Tree
from longpole.rts_tests.contracts.tree import Node, Scalar, mapping_of
from longpole.rts_tests.scenario.cache import Cache
from longpole.rts_tests.scenario.discover import FIXTURES, Found, discover
from longpole.rts_tests.scenario.fixtures import Fixtures
from longpole.rts_tests.scenario.matrix import cells, module_name
from longpole.rts_tests.scenario.model import Scenario, Settings
from longpole.rts_tests.scenario.parse import SCENARIO
from longpole.rts_tests.scenario.tmp_names import locks_of

if TYPE_CHECKING:
    from longpole.gen.suite.scenario_shapes import ScenariosSpec
    from longpole.gen.suite.schema import LimitsSpec

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
"""As the name of a module."""
MAX_NAMES = 220
"""Characters of the names of a variant and a scenario together: a name of a file has 255 bytes."""
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")
MAX_PART = 80
"""Characters of the name of a group or a file that is in no suite."""
ONLY_VARIANT = "default"
"""The variant of scenarios of which no suite says more."""
_IDENTITY = ("Test User", "test@example.com")


def read_scenarios(
    spec: "ScenariosSpec", limits: "LimitsSpec", root: Tree, variants: Variants, cache: Cache
) -> tuple[Scenarios | None, list[tuple[Module, Scalar]]]:
    """The scenarios under `scenarios`, as far as they are valid, and their modules with the place of the section."""
    key = root.entries["scenarios"].key
    folders = _folders(spec, root, variants.problems)
    if folders is None:
        return None, []
    found = _discovered(folders, root, variants.problems)
    settings = {each.name: _settings(spec, root, each, folders) for each in variants.definite}
    inputs, shared = _inputs(found, folders.path), _shared(spec, limits, variants.names)
    guard = tuple(spec.guard)
    scenarios = Scenarios(folders.path, folders.fixtures, spec.strict, settings, inputs, shared, guard)
    read = Reader(folders.fixtures, cache, strict=spec.strict, private_tmp=scenarios.private_tmp)
    modules = [made for each in found for made in modules_of(each, read, shared)]
    for module in modules:
        _check_length(module, key, variants)
    _check_cells(modules, root, key, variants.problems)
    return scenarios, [(module, key) for module in modules]


def _check_length(module: Module, key: Scalar, variants: Variants) -> None:
    """Report a name too long for the files that are called by it."""
    longest = max((len(name) for name in variants.names), default=0) + len(module.name)
    if longest > MAX_NAMES:
        what = f"the scenario {module.scenario} has a name too long for a unit, {shown(module.name)}"
        remedy = f"shorten it, its folder or its matrix: with that of a variant, at most {MAX_NAMES} characters"
        variants.problems.add(key, what, remedy)


def _check_cells(modules: list[Module], root: Tree, key: Scalar, problems: Problems) -> None:
    """Report cells of a matrix that are called as another file is, or a module."""
    others = {module.name: str(module.scenario) for module in modules if not module.cell}
    others |= dict.fromkeys(mapping_of(root.entries.get("modules")).entries, "a module")
    for cell in modules:
        if cell.cell and cell.name in others:
            what = f"{others[cell.name]} and a cell of {cell.scenario} are both called {shown(cell.name)}"
            problems.add(key, what, "rename one of them, or change the value in the matrix")


class Reader:
    """Reads the files of scenarios, for what the plan has to know of them."""

    def __init__(self, fixtures: str, cache: Cache, *, strict: bool, private_tmp: bool = False) -> None:
        """With `private_tmp` no scenario meets another one in /tmp."""
        self.private_tmp = private_tmp
        self._strict = strict
        self._fixtures = Fixtures(fixtures)
        self._cache = cache

    def scenario(self, path: str) -> Scenario | None:
        """The scenario in a file; None if it has errors, which its unit will report."""
        try:
            return self._cache.scenario(yamltree.read(path, SCENARIO), path, self._fixtures, strict=self._strict)
        except UseError:
            return None


def modules_of(found: Found, read: Reader, shared: Module) -> list[Module]:
    """The modules of a file: one, or one for each cell of its matrix. `shared` is what the suite says of all."""
    scenario = read.scenario(found.path)
    if scenario is None:  # its unit reports the errors
        return [replace(shared, name=found.name, scenario=found.path)]
    return [
        replace(
            shared,
            name=module_name(found.name, cell.cell),
            timeout_s=shared.timeout_s if cell.timeout_s is None else cell.timeout_s,
            locks=tuple(sorted({*shared.locks, *cell.locks, *(() if read.private_tmp else locks_of(cell))})),
            labels=tuple(sorted({*shared.labels, *cell.tags})),
            scenario=found.path,
            cell=cell.cell,
        )
        for cell in cells(scenario)
    ]


def _shared(spec: "ScenariosSpec", limits: "LimitsSpec", variants: tuple[str, ...]) -> Module:
    """What all modules of scenarios have, in a module of no scenario."""
    return Module(
        name="",
        weight=spec.weight,
        seeds=0,
        first_seed=0,
        chunks=None,
        seed_policy=None,
        timeout_s=spec.timeout if spec.timeout is not None else limits.timeout,
        timeout_cpu_s=limits.timeout_cpu,
        retries=spec.retries if spec.retries is not None else limits.retries,
        leaks="allow",
        variants=variants,
        env=(),
        slots=spec.slots,
        locks=tuple(sorted(spec.locks)),
        labels=tuple(spec.labels or ()),
    )


def unit_name(found: Found, taken: Collection[str]) -> Found:
    """A scenario that is in no suite, with a name that a unit can have. `taken` are names as in targets."""
    group, stem = (_UNSAFE.sub("-", name).lstrip(".-")[:MAX_PART] for name in (found.group, found.stem))
    stem = stem or "scenario"
    for number in count(1):
        named = replace(found, group=group, stem=stem if number == 1 else f"{stem}-{number}")
        if name_in_target(named.name) not in taken:
            return named
    raise AssertionError("there is a number for every name")


def name_in_target(name: str) -> str:
    """The name of a module as it is in its make target; these have to differ also where case is ignored."""
    return name.replace("/", "-").casefold()


def without_suite(name: str, fixtures: str) -> Suite:
    """A suite without a file, without scenarios so far, and with one variant; all else is the default.

    It is not read as a suite is, since that takes longer than most scenarios.
    """
    limits = Limits(None, 600.0, 5.0, 1 << 24, 0, "fail", "none")
    variant = Variant(ONLY_VARIANT, f"target-{ONLY_VARIANT}", None, None, Command((), False), False, ())
    shared = Module("", 1.0, 0, 0, None, None, limits.timeout_s, limits.retries, "allow", (ONLY_VARIANT,), ())
    settings = {ONLY_VARIANT: Settings(root=".", fixtures=fixtures, identity=_IDENTITY)}
    return Suite(name, name, limits, (), (variant,), (), (), Scenarios("", fixtures, False, settings, (), shared))


# -- the section ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Folders:
    """The folders of scenarios and of fixtures, normal relative paths, and the node that names the first."""

    path: str
    fixtures: str
    node: Node


def _folders(spec: "ScenariosSpec", root: Tree, problems: Problems) -> _Folders | None:
    entry = root.entries["scenarios"]
    own = mapping_of(entry).entries
    places = {name: own[name].value if name in own else entry.key for name in ("path", "fixtures")}
    right = True
    for name in own.keys() & places.keys():
        path = getattr(spec, name)
        if isinstance(path, str) and (wrong := wrong_with_path(path, shown(path))):
            problems.add(places[name], f"`{name}` of `scenarios` {wrong[0]}", wrong[1])
            right = False
    if not right:
        return None
    path = posixpath.normpath(spec.path)
    fixtures = posixpath.normpath(spec.fixtures or f"{path}/{FIXTURES}")
    return _Folders(path, fixtures, places["path"])


def _discovered(folders: _Folders, root: Tree, problems: Problems) -> list[Found]:
    """The scenarios in the folder, without those with a name that no unit can have; that is reported."""
    if not os.path.isdir(folders.path):
        what = f"there is no folder {shown(folders.path)} for scenarios"
        problems.add(folders.node, what, "make it, or name another by `path`; `longpole scenario new NAME` begins one")
        return []
    try:
        found = discover(folders.path, folders.fixtures)
    except UseError as error:
        for problem in error.problems:
            problems.add(folders.node, f"{problem.file}: {problem.what}", problem.remedy)
        return []
    if not found:
        what = f"there are no scenarios in {shown(folders.path)}"
        problems.add(folders.node, what, "`longpole scenario new NAME` writes one")
    modules = mapping_of(root.entries.get("modules")).entries
    return [each for each in found if _has_name(each, modules, folders.node, problems)]


def _has_name(found: Found, modules: Mapping[str, object], node: Node, problems: Problems) -> bool:
    for name in found.name.split("/"):
        if not _NAME.fullmatch(name):
            what = f"the scenario {found.path} cannot be a unit, because of {shown(name)} in its name"
            remedy = "rename it: letters, digits, `_`, `.` and `-`, not beginning with `.` or `-`, at most 100"
            problems.add(node, what, remedy)
            return False
    if found.name in modules:
        what = f"the scenario {found.path} and a module are both called {shown(found.name)}"
        problems.add(node, what, "rename one of them")
        return False
    return True


def _inputs(found: list[Found], path: str) -> tuple[str, ...]:
    """The folders and files that decide which units there are: a new file changes its folder."""
    folders = sorted({os.path.dirname(each.path) for each in found} | {path})
    return (*folders, *(each.path for each in found))


# -- settings ---------------------------------------------------------------------------------------------------------


def _settings(spec: "ScenariosSpec", root: Tree, variant: Variant, folders: _Folders) -> Settings:
    section = mapping_of(root.entries["scenarios"])
    texts = [text for text in (spec.gitconfig, variant.gitconfig) if text]
    identity = spec.identity
    return Settings(
        root=".",
        fixtures=folders.fixtures,
        strict=spec.strict,
        inherited=tuple(spec.inherit),
        env={**_texts(section, "env"), **dict(variant.env)},
        safety_env=_texts(section, "safety_env"),
        names=_texts(section, "names"),
        identity=(identity.name, identity.email) if identity is not None else _IDENTITY,
        gitconfig="".join(text if text.endswith("\n") else f"{text}\n" for text in texts),
        home=spec.home,
        bin=variant.bin,
        object_format=variant.object_format,
        step_timeout_s=spec.step_timeout,
        folders=dict(spec.folders),
        short_folders=tuple(spec.short_folders),
        redact=tuple((each.match, each.as_) for each in spec.redact),
        isolate=_isolated(spec),
    )


def _isolated(spec: "ScenariosSpec") -> tuple[str, ...]:
    isolate = spec.isolate
    parts = {} if isolate is None else {"tmp": isolate.tmp, "network": isolate.network}
    return tuple(name for name, value in parts.items() if value is not None)


def _texts(section: Tree, key: str) -> dict[str, str]:
    """The variables under a key, as they are written in the file."""
    return dict(_written(mapping_of(section.entries.get(key))))


def _written(mapping: Tree) -> Iterator[tuple[str, str]]:
    for name, entry in mapping.entries.items():
        if isinstance(entry.value, Scalar):
            yield name, entry.value.text
