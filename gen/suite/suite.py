"""The suite: what `suite.yaml` says, checked and made definite.

Every mistake of a file is told at once. `gen.suite.schema` says what a single value may be; here is what values must be to
each other. A check that needs a value which is wrong or missing is left out, so that nothing is told twice.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from longpole.gen.suite import yamltree
from longpole.gen.suite.yamltree import Entry, Mapping, Node, Problems, Scalar, Sequence, shown
from longpole.rts_tests.contracts import placeholders

if TYPE_CHECKING:
    from longpole.gen.suite.schema import LimitsSpec, ModuleSpec, SuiteSpec, VariantSpec

MAX_UNITS = 1_000_000
MAX_PATH = 1000

_IN_TARGET_DIR = ("variant",)
_IN_ARTIFACT = ("variant", "target_dir")
_IN_BUILD = ("make", "python", "variant", "target_dir", "artifact")
_IN_RUN = (*_IN_BUILD, "module", "chunk", "first_seed", "seed_count", "seeds")
_IN_COMMAND = {"build": _IN_BUILD, "run": _IN_RUN}

_SAFE_IN_PATH = re.compile(r"[A-Za-z0-9_./+@,-]*")
_WARM_MODULE = re.compile(r"rts_tests\.warm\.[A-Za-z_][A-Za-z0-9_]*")
_EMPTY = Mapping({}, 1, 1)


@dataclass(frozen=True, slots=True)
class Command:
    """An argument list whose placeholders are still in it.

    With `shell` it is `sh -c TEXT`, and values are quoted for the shell when they are put into TEXT.
    """

    argv: tuple[str, ...]
    shell: bool


@dataclass(frozen=True, slots=True)
class Variant:
    """One way of building the program under test; `target_dir` and `artifact` are normal relative paths."""

    name: str
    target_dir: str
    artifact: str | None
    build: Command | None
    run: Command
    warm: bool
    env: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Module:
    """One named group of tests and the variants it is run in.

    Without seeds `seeds` is 0 and `seed_policy` None. `chunks` is None where the module is not split. `weight` and
    `timeout_s` are seconds, the first of the whole module, the second of each of its units.
    """

    name: str
    weight: float
    seeds: int
    first_seed: int
    chunks: int | None
    seed_policy: Literal["fixed", "commit"] | None
    timeout_s: float
    retries: int
    leaks: Literal["fail", "warn", "allow"]
    variants: tuple[str, ...]
    env: tuple[tuple[str, str], ...]
    slots: int = 1
    memory_bytes: int | None = None
    exclusive: bool = False
    locks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use. `jobs` is None where the suite leaves it to whoever runs it.

    `slots` and `memory` (bytes) are shared with other runs; None is no limit, `auto` what the machine has.
    """

    jobs: int | None
    timeout_s: float
    grace_s: float
    log_bytes: int
    retries: int
    flaky: Literal["fail", "pass"]
    keep: Literal["none", "failed"]
    slots: int | Literal["auto"] | None = None
    memory: int | Literal["auto"] | None = None


@dataclass(frozen=True, slots=True)
class Platform:
    """What is done on one of Nix's systems: tested or only built by default, every night or not, in how many shards."""

    name: str
    checked: bool
    nightly: bool
    shards: int


@dataclass(frozen=True, slots=True)
class Suite:
    """A whole suite file; platforms, variants and modules in the file's order."""

    path: str
    name: str
    limits: Limits
    platforms: tuple[Platform, ...]
    variants: tuple[Variant, ...]
    modules: tuple[Module, ...]


def load_suite(path: str) -> Suite:
    """The suite that the file at `path` describes. Raises `UseError` with every problem of the file, in its order."""
    return suite_from_bytes(yamltree.read(path), path)


def suite_from_bytes(data: bytes, path: str) -> Suite:
    """The suite that `data` describes; `path` is only what it is called. Raises `UseError` like `load_suite`."""
    from longpole.gen.suite import schema  # pydantic, paid for only where a suite is loaded

    problems = Problems(path)
    root = yamltree.parse(data, problems)
    _check_version(root, schema.VERSION, problems)
    spec, bad = schema.validate(root, problems)
    variants = _Variants(spec, root, bad, problems)
    modules = [
        _module(entry, spec.modules[name], spec.limits, variants, bad)
        for name, entry in _entries(root, "modules", bad)
        if name in spec.modules
    ]
    _check_goals(variants, modules, root, problems)
    if problems:
        problems.stop()
    limits = _limits(spec.limits)
    platforms = tuple(
        Platform(name, platform.default == "checked", platform.nightly, platform.shards)
        for name, platform in spec.platforms.items()
    )
    return Suite(path, spec.name, limits, platforms, variants.made, tuple(module for module, _ in modules))


def _limits(spec: "LimitsSpec") -> Limits:
    return Limits(
        spec.jobs, spec.timeout, spec.grace, spec.log, spec.retries, spec.flaky, spec.keep, spec.slots, spec.memory
    )


def _check_version(root: Mapping, version: int, problems: Problems) -> None:
    """Refuse other versions before anything else: what the rest of such a file means is not known here."""
    entry = root.entries.get("version")
    if entry is None:
        return  # told with the other missing keys
    node = entry.value
    value = node.value if isinstance(node, Scalar) and not isinstance(node.value, bool) else None
    if value != version or isinstance(value, float):
        if isinstance(value, int) and value > version:
            what = f"version {value} of the suite format is newer than this Longpole, which reads version {version}"
            remedy = "use a newer Longpole"
        elif isinstance(value, int):
            what, remedy = f"there is no version {value} of the suite format", f"write `version: {version}`"
        else:
            what = f"`version` must be the number {version}"
            remedy = f"write `version: {version}`, without quotes"
        problems.add(node, what, remedy)
        problems.stop()


def _entries(root: Mapping, key: str, bad: frozenset[Node]) -> Iterator[tuple[str, Entry]]:
    """The good entries of one of the suite's mappings."""
    section = root.entries.get(key)
    if section and isinstance(section.value, Mapping):
        for name, entry in section.value.entries.items():
            if entry.key not in bad and entry.value not in bad:
                yield name, entry


def _mapping(entry: Entry | None) -> Mapping:
    return entry.value if entry and isinstance(entry.value, Mapping) else _EMPTY


def _env(*mappings: Mapping) -> tuple[tuple[str, str], ...]:
    """The variables of several mappings' `env`, later ones winning, as they are written in the file."""
    found: dict[str, str] = {}
    for mapping in mappings:
        for name, entry in _mapping(mapping.entries.get("env")).entries.items():
            if isinstance(entry.value, Scalar):
                found[name] = entry.value.text
    return tuple(found.items())


class _Variants:
    """The variants of a suite, and what is known even of those with mistakes in them."""

    def __init__(self, spec: "SuiteSpec", root: Mapping, bad: frozenset[Node], problems: Problems) -> None:
        self.problems = problems
        self._bad = bad
        self._commands: dict[Node, tuple[Command, frozenset[str]] | None] = {}
        defaults = _mapping(root.entries.get("defaults"))
        for key in _IN_COMMAND:  # checked even where every variant has its own
            self._command(key, defaults)
        section = _mapping(root.entries.get("variants"))
        # Every name in the file, so that a module may name a variant which has a mistake in it.
        self.names = tuple(section.entries)
        self.keys = {name: entry.key for name, entry in section.entries.items()}
        # By variant: the placeholders its run command uses, and its target directory and artifact.
        self.run_names: dict[str, frozenset[str]] = {}
        self.target_dirs: dict[str, str] = {}
        self.artifacts: dict[str, str] = {}
        self.builders: set[str] = set()
        made = [
            self._variant(entry, spec.variants[name], spec.defaults, defaults)
            for name, entry in _entries(root, "variants", bad)
            if name in spec.variants
        ]
        self.made = tuple(variant for variant in made if variant)

    def _variant(
        self, entry: Entry, spec: "VariantSpec", default_spec: "VariantSpec", defaults: Mapping
    ) -> Variant | None:
        name, own = entry.key.text, _mapping(entry)
        target_dir = self._path("target_dir", _IN_TARGET_DIR, {"variant": name}, entry, defaults)
        if target_dir is None:
            if "target_dir" not in own.entries and "target_dir" not in defaults.entries:
                target_dir = self.target_dirs[name] = f"target-{name}"
        else:
            self.target_dirs[name] = target_dir
        values = {"variant": name, "target_dir": target_dir or "target"}
        artifact = self._path("artifact", _IN_ARTIFACT, values, entry, defaults)
        if artifact is not None and target_dir is not None:
            self.artifacts[name] = artifact
        has_artifact = "artifact" in own.entries or "artifact" in defaults.entries
        build = self._command("build", own, defaults)
        run = self._command("run", own, defaults)
        if "build" in own.entries or "build" in defaults.entries:
            self.builders.add(name)
        for key, command in (("build", build), ("run", run)):
            if command and "artifact" in command[1] and not has_artifact:
                node = self._given(key, own, defaults)
                what = f"`{key}` of variant {shown(name)} uses {{artifact}}, and the variant has no `artifact`"
                self.problems.add(node or entry.key, what, "add `artifact:` to it or to `defaults`")
        warm = spec.warm if spec.warm is not None else default_spec.warm or False
        if run is None:
            if "run" not in own.entries and "run" not in defaults.entries:
                what = f"variant {shown(name)} has no `run`"
                self.problems.add(entry.key, what, "say in it or in `defaults` how a unit is run")
            return None
        self.run_names[name] = run[1]
        if warm and not _is_warm(run[0]):
            what = f"variant {shown(name)} is warm, and its `run` calls no warm module"
            remedy = 'begin `run` with "{python}", -m, rts_tests.warm.<module>, or say `warm: false`'
            self.problems.add(self._given("run", own, defaults) or entry.key, what, remedy)
        if target_dir is None:
            return None
        return Variant(name, target_dir, artifact, build and build[0], run[0], warm, _env(defaults, own))

    def _given(self, key: str, *mappings: Mapping) -> Node | None:
        """The value of `key` in the first mapping that has it, unless that value is a mistake already told."""
        for mapping in mappings:
            if entry := mapping.entries.get(key):
                return None if entry.key in self._bad or entry.value in self._bad else entry.value
        return None

    def _command(self, key: str, *mappings: Mapping) -> tuple[Command, frozenset[str]] | None:
        """The command under `key` with the placeholders in it; None if there is none, or none that is right."""
        node = self._given(key, *mappings)
        if node is None:
            return None
        if node not in self._commands:  # one command may be that of many variants
            self._commands[node] = self._check_command(key, node)
        return self._commands[node]

    def _check_command(self, key: str, node: Node) -> tuple[Command, frozenset[str]] | None:
        is_shell = isinstance(node, Mapping)
        nodes = node.items if isinstance(node, Sequence) else (_mapping_value(node, "shell"),)
        words = [word for word in nodes if isinstance(word, Scalar)]
        used = [self._names(word, _IN_COMMAND[key], f"`{key}`") for word in words]
        if not is_shell and words[0].text == "":
            self.problems.add(words[0], f"the first word of `{key}` is empty", "name the program that is run")
            return None
        names: set[str] = set()
        for found in used:
            if found is None:
                return None
            names |= found
        texts = _installed(tuple(word.text for word in words))
        return Command(("sh", "-c", *texts) if is_shell else texts, is_shell), frozenset(names)

    def _names(self, word: Scalar, allowed: tuple[str, ...], where: str) -> frozenset[str] | None:
        """The placeholders in a word; None, and a problem, if there is one that `where` does not have."""
        if "{" not in word.text and "}" not in word.text:
            return frozenset()
        try:
            used = placeholders.names(word.text)
        except placeholders.PlaceholderError as error:
            remedy = f"write `{error.brace * 2}` for a brace that is meant, or `{{name}}` for a placeholder"
            self.problems.add(word, f"{error} of a word in {where}", remedy)
            return None
        for name in sorted(used.difference(allowed)):
            known = ", ".join(f"{{{each}}}" for each in allowed)
            otherwise = f"write {{{{{name}}}}} for braces that are meant; the placeholders are {known}"
            what = f"{where} has no placeholder {shown(f'{{{name}}}')}"
            self.problems.add(word, what, self.problems.suggest(name, allowed, otherwise))
        return used if used.issubset(allowed) else None

    def _path(
        self, key: str, allowed: tuple[str, ...], values: dict[str, str], entry: Entry, defaults: Mapping
    ) -> str | None:
        """The expanded, normal path under `key`; None if there is none, or none that is right."""
        own = _mapping(entry)
        node = self._given(key, own, defaults)
        if not isinstance(node, Scalar) or self._names(node, allowed, f"`{key}`") is None:
            return None
        path = placeholders.expand(node.text, values)
        subject = f"`{key}` of variant {shown(entry.key.text)}" if key in own.entries else f"`{key}`"
        if wrong := _wrong_with_path(path, shown(node.text)):
            self.problems.add(node, f"{subject} {wrong[0]}", wrong[1])
            return None
        return posixpath.normpath(path)


def _mapping_value(node: Node, key: str) -> Node | None:
    entry = node.entries.get(key) if isinstance(node, Mapping) else None
    return entry.value if entry else None


def _installed(argv: tuple[str, ...]) -> tuple[str, ...]:
    """A command that names a warm module as suites once did, `-m rts_tests.warm.wasm`, by its name as installed.

    `-EP` keeps it from meeting anything else of that name, in the project's folder or on PYTHONPATH.
    """
    match argv:
        case ("{python}", "-m", module, *arguments) if _WARM_MODULE.fullmatch(module):
            return ("{python}", "-EPm", f"longpole.{module}", *arguments)
    return argv


def _is_warm(command: Command) -> bool:
    begin = command.argv[:3]
    return (
        len(begin) == 3
        and begin[:2] == ("{python}", "-EPm")
        and bool(_WARM_MODULE.fullmatch(begin[2].removeprefix("longpole.")))
    )


def _wrong_with_path(path: str, written: str) -> tuple[str, str] | None:  # noqa: PLR0911  one return a mistake
    """What is wrong with a path that make and the shell will see, and the remedy; None if nothing is."""
    safe = _SAFE_IN_PATH.match(path)
    if not path:
        return "is empty", "write a relative path, or remove the key"
    if safe and safe.end() < len(path):
        return f"holds {shown(path[safe.end()])}, which make cannot have in a target", "use A-Z a-z 0-9 _ . / + @ , -"
    if path.startswith("/"):
        return f"is the absolute path {written}", "write one relative to the suite"
    if ".." in path.split("/"):
        return f"holds `..` in {written}", "keep it inside the suite's directory"
    if path.startswith("-"):
        return f"begins with `-` in {written}, like an option", "write another name"
    if posixpath.normpath(path) == ".":
        return "is the suite's own directory", "name one below it"
    if len(path) > MAX_PATH:
        return f"is longer than {MAX_PATH} characters", "shorten it"
    return None


def _module(
    entry: Entry,
    spec: "ModuleSpec",
    limits: "LimitsSpec",
    variants: _Variants,
    bad: frozenset[Node],
) -> tuple[Module, Scalar]:
    """The module, as far as it is right, and its key."""
    own = _mapping(entry)
    name = entry.key.text
    chosen = _chosen(entry, variants, bad)
    _check_seeds(entry, spec, chosen, variants)
    module = Module(
        name=name,
        weight=spec.weight,
        seeds=spec.seeds or 0,
        first_seed=spec.first_seed or 0,
        chunks=spec.chunks,
        seed_policy=spec.seed_policy or ("fixed" if spec.seeds else None),
        timeout_s=spec.timeout if spec.timeout is not None else limits.timeout,
        retries=spec.retries if spec.retries is not None else limits.retries,
        leaks=spec.leaks,
        variants=chosen,
        env=_env(own),
        slots=spec.slots,
        memory_bytes=spec.memory,
        exclusive=spec.exclusive,
        locks=tuple(sorted(spec.locks)),
    )
    return module, entry.key


def _chosen(entry: Entry, variants: _Variants, bad: frozenset[Node]) -> tuple[str, ...]:
    """The names of the variants that a module is run in, in the file's order."""
    own, problems = _mapping(entry), variants.problems
    named: dict[str, dict[str, Scalar]] = {}
    complete = True
    for key in ("only", "except"):
        given = own.entries.get(key)
        if given is None:
            continue
        if given.value in bad or given.key in bad or not isinstance(given.value, Sequence):
            complete = False
            continue
        items = [item for item in given.value.items if isinstance(item, Scalar)]
        named[key] = {item.text: item for item in items}
        for item in items:
            if item.text not in variants.keys:
                complete = False
                known = ", ".join(variants.names[:20])
                remedy = problems.suggest(item.text, variants.names, f"the variants are {known}")
                problems.add(item, f"there is no variant {shown(item.text)}", remedy)
    for name, item in named.get("except", {}).items():
        if name in named.get("only", {}):
            complete = False
            problems.add(item, f"variant {shown(name)} is both in `only` and in `except`", "remove one of the two")
    only, excluded = named.get("only"), named.get("except", {})
    chosen = tuple(name for name in variants.names if (only is None or name in only) and name not in excluded)
    if not chosen and complete and variants.names:
        what = f"module {shown(entry.key.text)} is left with no variant"
        problems.add(entry.key, what, "widen `only` or `except`, or remove the module")
    return chosen


def _check_seeds(entry: Entry, spec: "ModuleSpec", chosen: tuple[str, ...], variants: _Variants) -> None:
    name, entries, problems = entry.key.text, _mapping(entry).entries, variants.problems
    if "seeds" not in entries:
        for key in ("chunks", "seed_policy", "first_seed"):
            if key in entries:
                what = f"`{key}` of module {shown(name)} needs `seeds`"
                problems.add(entries[key].key, what, "add `seeds:`, the number of seeds, or remove it")
        return
    if spec.seeds is None:
        return
    if spec.chunks is not None and spec.chunks > spec.seeds:
        what = f"module {shown(name)} has {spec.chunks} chunks for {spec.seeds} seeds"
        problems.add(entries["chunks"].value, what, f"write at most {spec.seeds}, or more seeds")
        return
    if spec.seed_policy == "commit":
        if spec.first_seed is not None:
            what = f"module {shown(name)} has a `first_seed`, and its seeds come from the commit"
            problems.add(entries["first_seed"].key, what, "remove it, or say `seed_policy: fixed`")
        if spec.seeds > (spec.chunks or 1) and ("chunks" not in entries or spec.chunks is not None):
            _check_commit_seeds(entry, spec.seeds, chosen, variants)
    elif spec.first_seed is not None and spec.first_seed + spec.seeds > 2**32:
        what = f"the last of {spec.seeds} seeds from {spec.first_seed} is above {2**32 - 1}, the largest seed"
        problems.add(entries["first_seed"].value, what, f"write at most {2**32 - spec.seeds}")


def _check_commit_seeds(entry: Entry, seeds: int, chosen: tuple[str, ...], variants: _Variants) -> None:
    """Seeds that come from the commit are no range, so a unit can be told several of them only one by one."""
    for variant in chosen:
        used = variants.run_names.get(variant, frozenset()) & {"first_seed", "seed_count"}
        if used:
            words = " and ".join(f"{{{each}}}" for each in sorted(used))
            what = (
                f"units of module {shown(entry.key.text)} get several seeds from the commit, which are no range, "
                f"and `run` of variant {shown(variant)} uses {words}"
            )
            place = _mapping(entry).entries["seed_policy"].value
            variants.problems.add(place, what, f"use {{seeds}} there, or give every unit one seed by `chunks: {seeds}`")
            return


def _check_goals(
    variants: _Variants, modules: Iterable[tuple[Module, Scalar]], root: Mapping, problems: Problems
) -> None:
    """Refuse two things that would share a target of make or a path, also on a file system that ignores case.

    Make targets of variants, modules and chunks are joined by `-`, which names may hold, so that different units can
    come out equal. Chunk targets are not listed one by one: what follows their last `-` is a number, so a chunk can
    only meet another goal that ends in a number, and never another module's chunk.
    """
    names = _distinct(variants.keys.items(), "variants", problems)
    by_name = {module.name: (module, key) for module, key in modules}
    kept = _distinct(((name, key) for name, (_, key) in by_name.items()), "modules", problems)
    units = sum(len(module.variants) * (module.chunks or 1) for module, _ in by_name.values())
    if units > MAX_UNITS:
        what = f"the suite has {units:,} units, more than {MAX_UNITS:,}"
        problems.add(root.entries["modules"].key, what, "use fewer chunks, modules or variants")
        return
    goals: dict[str, tuple[str, str | None]] = {}
    for name in names:
        goals[f"test-{name}".casefold()] = goals[f"build-{name}".casefold()] = (name, None)
    met: set[tuple[Node, Node]] = set()  # pairs of keys, each told once however many variants they meet in
    chunked: dict[str, tuple[str, Module]] = {}
    present = set(names)
    for module, key in (by_name[name] for name in kept):
        for variant in module.variants:
            if variant not in present:
                continue
            goal = f"test-{variant}-{module.name}".casefold()
            other = goals.setdefault(goal, (variant, module.name))
            pair = (key, by_name[other[1]][1] if other[1] is not None else variants.keys[other[0]])
            if other != (variant, module.name) and pair not in met:
                met.add(pair)
                _clash(key, goal, _goal(variant, module.name), _goal(*other), problems)
            if module.chunks is not None:
                chunked[goal] = (variant, module)
    for goal, other in goals.items():
        if owner := _owner_of_chunk(goal, chunked):
            variant, module = owner
            place = by_name[other[1]][1] if other[1] is not None else variants.keys[other[0]]
            pair = (place, by_name[module.name][1])
            if pair not in met:
                met.add(pair)
                chunk = f"a chunk of {_goal(variant, module.name)}"
                _clash(place, goal, _goal(*other), chunk, problems)
    _check_paths(variants, names, goals, chunked, problems)


def _owner_of_chunk(goal: str, chunked: dict[str, tuple[str, Module]]) -> tuple[str, Module] | None:
    """The variant and module of which `goal` is a chunk's target, if it is one."""
    base, _, number = goal.rpartition("-")
    if base in chunked and number.isdecimal() and (number == "0" or number[0] != "0"):
        variant, module = chunked[base]
        if int(number) < (module.chunks or 0):
            return variant, module
    return None


def _goal(variant: str, module: str | None) -> str:
    return f"module {shown(module)} in variant {shown(variant)}" if module is not None else f"variant {shown(variant)}"


def _clash(place: Node, goal: str, one: str, other: str, problems: Problems) -> None:
    problems.add(place, f"{one} and {other} would both be the make target {shown(goal)}", "rename one of them")


def _distinct(keys: Iterable[tuple[str, Scalar]], kind: str, problems: Problems) -> tuple[str, ...]:
    """The names that no earlier name equals but for case."""
    seen: dict[str, str] = {}
    for name, key in keys:
        first = seen.setdefault(name.casefold(), name)
        if first != name:
            what = f"the {kind} {shown(first)} and {shown(name)} differ only in case, which some file systems ignore"
            problems.add(key, what, "rename one of them")
    return tuple(seen.values())


def _check_paths(
    variants: _Variants,
    names: tuple[str, ...],
    goals: dict[str, tuple[str, str | None]],
    chunked: dict[str, tuple[str, Module]],
    problems: Problems,
) -> None:
    """Refuse target directories inside each other, and artifacts that are something else's path or goal."""
    owners: dict[str, str] = {}
    for name in names:
        if (target_dir := variants.target_dirs.get(name)) is not None:
            first = owners.setdefault(target_dir.casefold(), name)
            if first != name:
                what = f"variants {shown(first)} and {shown(name)} share the target directory {shown(target_dir)}"
                problems.add(variants.keys[name], what, "use {variant} in `target_dir`")
    for path, name in owners.items():
        for above in _above(path):
            if above in owners:
                what = f"the target directory of variant {shown(name)} is inside that of {shown(owners[above])}"
                problems.add(variants.keys[name], what, "put them beside each other")
    directories = {above for path in owners for above in (path, *_above(path))}
    made: dict[str, str] = {}
    for name in names:
        if (artifact := variants.artifacts.get(name)) is None:
            continue
        path = artifact.casefold()
        first = made.setdefault(path, name)
        what = ""
        if first != name and {first, name} & variants.builders:
            what = f"variants {shown(first)} and {shown(name)} share the artifact {shown(artifact)}"
        elif path in directories:
            what = f"the artifact of variant {shown(name)} is the path of a target directory"
        elif path in goals or path in _TYPED_GOALS or _owner_of_chunk(path, chunked):
            what = f"the artifact of variant {shown(name)} is also the make target {shown(artifact)}"
        if what:
            problems.add(variants.keys[name], what, "put it into its target directory: `{target_dir}/...`")


_TYPED_GOALS = frozenset(
    {"test", "build", "list", "retest", "report", "check", "bench", "clean", "help", "all", "makefile"}
)


def _above(path: str) -> Iterator[str]:
    """The directories above a path, nearest first."""
    while (path := posixpath.dirname(path)) != "":
        yield path
