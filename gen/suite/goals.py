"""Refuse names in a suite that would lead to the same make target or path, also if they differ only in case.

Make targets of variants, modules, chunks and forks are joined by `-`, which names may hold, so that different units can
come out equal. Targets of chunks and forks are not listed one by one: what follows their last `-` is a number, so they
can only meet another goal that ends in a number. Chunks never meet another module's chunks, but the forks of a module
`m` meet the chunks of a module `m-fork`.
"""

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from longpole.gen.suite.model import Module
from longpole.gen.suite.steps import Steps
from longpole.gen.suite.variants import Variants
from longpole.rts_tests.contracts.problems import Problems, shown
from longpole.rts_tests.contracts.tree import Mapping, Node, Scalar

MAX_UNITS = 1_000_000
_NEVER_REMOVED = (".git", ".longpole", "Makefile")
_TYPED_GOALS = frozenset(
    {"test", "build", "list", "retest", "report", "check", "bench", "clean", "help", "all", "makefile"}
)


def check_goals(
    variants: Variants, modules: Iterable[tuple[Module, Scalar]], steps: Steps, root: Mapping, problems: Problems
) -> None:
    """Add to `problems` every collision of names, make targets, target directories and artifacts."""
    names = _distinct(variants.keys.items(), "variants", problems)
    by_name = {module.name: (module, key) for module, key in modules}
    kept = _distinct(((name, key) for name, (_, key) in by_name.items()), "modules", problems)
    units = sum(len(module.variants) * module.unit_count for module, _ in by_name.values())
    if units > MAX_UNITS:
        what = f"the suite has {units:,} units, more than {MAX_UNITS:,}"
        section = root.entries.get("modules") or root.entries["scenarios"]
        problems.add(section.key, what, "use fewer chunks, forks, modules or variants")
        return
    targets = _Targets(problems)
    for name in names:
        targets.add_variant(name, variants.keys[name])
    for name in _distinct(steps.keys.items(), "steps", problems):
        targets.add_step(name, steps.keys[name])
    present = set(names)
    for module, key in (by_name[name] for name in kept):
        for variant in module.variants:
            if variant in present:
                targets.add_module(variant, module, key)
    targets.check_numbered()
    _check_target_dirs(variants, names, problems)
    _check_outputs(steps, variants, names, problems)
    _check_removed(steps, variants, names, problems)
    _check_artifacts(variants, names, targets, problems)


@dataclass(frozen=True, slots=True)
class _Owner:
    """The variant, the module in it, or the step, that a make target stands for. `key` is its place in the file."""

    variant: str
    module: Module | None
    key: Scalar
    step: str | None = None

    @property
    def name(self) -> str:
        """That of the module; empty if there is none."""
        return self.module.name if self.module is not None else ""

    def __str__(self) -> str:
        if self.step is not None:
            return f"step {shown(self.step)}"
        variant = f"variant {shown(self.variant)}"
        if self.module is None:
            return variant
        kind = "module" if self.module.scenario is None else "scenario"
        return f"{kind} {shown(self.module.name)} in {variant}"


@dataclass(slots=True)
class _Targets:
    """The make targets that have an owner, their case ignored."""

    problems: Problems
    owners: dict[str, _Owner] = field(default_factory=dict)
    numbered: dict[str, _Owner] = field(default_factory=dict)
    """Modules with chunks or forks, by what the numbers of these are appended to."""
    # Pairs that have been reported, by keys and names of modules; each is reported once, for any number of variants.
    met: set[tuple[Node, Node, str, str]] = field(default_factory=set)

    def add_variant(self, name: str, key: Scalar) -> None:
        """Take the targets of a variant; variants come before modules."""
        self.owners[f"test-{name}".casefold()] = self.owners[f"build-{name}".casefold()] = _Owner(name, None, key)

    def add_step(self, name: str, key: Scalar) -> None:
        """Take the target of a step; steps come after variants."""
        owner = _Owner("", None, key, name)
        other = self.owners.setdefault(f"build-{name}".casefold(), owner)
        if other is not owner:
            self._clash(f"build-{name}", owner, other, str(other))

    def add_module(self, variant: str, module: Module, key: Scalar) -> None:
        """Take the target of a module in a variant, and remember that its chunks or forks have targets."""
        goal = f"test-{variant}-{module.name.replace('/', '-')}".casefold()
        owner = _Owner(variant, module, key)
        other = self.owners.setdefault(goal, owner)
        if other is not owner:
            self._clash(goal, owner, other, str(other))
        if module.chunks is not None or module.forks is not None:
            base = goal if module.forks is None else f"{goal}-fork"
            other = self.numbered.setdefault(base, owner)
            if other is not owner:
                self._clash(f"{base}-0", owner, other, _part_of(other))

    def check_numbered(self) -> None:
        """Report targets that are also a chunk's or a fork's."""
        for goal, owner in self.owners.items():
            if other := self.of_number(goal):
                self._clash(goal, owner, other, _part_of(other))

    def of_number(self, goal: str) -> _Owner | None:
        """The module in a variant of which `goal` is the target of a chunk or a fork, if it is one."""
        base, _, number = goal.rpartition("-")
        owner = self.numbered.get(base)
        if owner is not None and number.isdecimal() and (number == "0" or number[0] != "0"):
            assert owner.module is not None
            if int(number) < owner.module.unit_count:
                return owner
        return None

    def _clash(self, goal: str, owner: _Owner, other: _Owner, called: str) -> None:
        pair = (owner.key, other.key, owner.name, other.name)
        if pair not in self.met:
            self.met.add(pair)
            what = f"{owner} and {called} would both be the make target {shown(goal)}"
            self.problems.add(owner.key, what, "rename one of them")


def _part_of(owner: _Owner) -> str:
    assert owner.module is not None
    return f"a {'chunk' if owner.module.forks is None else 'fork'} of {owner}"


def _distinct(keys: Iterable[tuple[str, Scalar]], kind: str, problems: Problems) -> tuple[str, ...]:
    """The names without those that equal an earlier one except for case."""
    seen: dict[str, str] = {}
    for name, key in keys:
        first = seen.setdefault(name.casefold(), name)
        if first != name:
            what = f"the {kind} {shown(first)} and {shown(name)} differ only in case, which some file systems ignore"
            problems.add(key, what, "rename one of them")
    return tuple(seen.values())


def _check_target_dirs(variants: Variants, names: tuple[str, ...], problems: Problems) -> None:
    """Refuse target directories that are equal or inside each other."""
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


def _check_outputs(steps: Steps, variants: Variants, names: tuple[str, ...], problems: Problems) -> None:
    """Refuse outputs of steps that are equal to or inside each other or a target directory, or around one."""
    owners = {
        path.casefold(): f"the target directory of variant {shown(name)}"
        for name in names
        if (path := variants.target_dirs.get(name)) is not None
    }
    for name, path in steps.outputs.items():
        own = path.casefold()
        met = next((other for other in owners if other == own or own in _above(other) or other in _above(own)), None)
        if met is not None:
            what = f"the output of step {shown(name)}, {shown(path)}, is equal to, inside or around {owners[met]}"
            problems.add(steps.keys[name], what, "put them beside each other")
        owners.setdefault(own, f"the output of step {shown(name)}")


def _check_removed(steps: Steps, variants: Variants, names: tuple[str, ...], problems: Problems) -> None:
    """Refuse outputs and target directories that are, or hold, what `make clean` must not remove."""
    kept = [posixpath.relpath(path).casefold() for path in (problems.file or ".", *_NEVER_REMOVED)]
    made = [(f"the target directory of variant {shown(name)}", variants.target_dirs.get(name)) for name in names]
    made += [(f"the output of step {shown(name)}", path) for name, path in steps.outputs.items()]
    keys = [*(variants.keys[name] for name in names), *(steps.keys[name] for name in steps.outputs)]
    for (what, path), key in zip(made, keys, strict=True):
        own = path.casefold() if path is not None else ""
        if own and any(own == other or own in _above(other) for other in kept):
            problems.add(key, f"{what} is {shown(path or '')}, which `make clean` would remove", "name a new folder")


def _check_artifacts(variants: Variants, names: tuple[str, ...], targets: _Targets, problems: Problems) -> None:
    """Refuse artifacts that are another variant's, a directory of target directories, or a make target."""
    target_dirs = [path.casefold() for name in names if (path := variants.target_dirs.get(name)) is not None]
    directories = {above for path in target_dirs for above in (path, *_above(path))}
    owners: dict[str, str] = {}
    for name in names:
        if (artifact := variants.artifacts.get(name)) is None:
            continue
        path = artifact.casefold()
        first = owners.setdefault(path, name)
        what = ""
        if first != name and {first, name} & variants.builders:
            what = f"variants {shown(first)} and {shown(name)} share the artifact {shown(artifact)}"
        elif path in directories:
            what = f"the artifact of variant {shown(name)} is the path of a target directory"
        elif path in targets.owners or path in _TYPED_GOALS or targets.of_number(path):
            what = f"the artifact of variant {shown(name)} is also the make target {shown(artifact)}"
        if what:
            problems.add(variants.keys[name], what, "put it into its target directory: `{target_dir}/...`")


def _above(path: str) -> Iterator[str]:
    """The directories above a path, nearest first; the root, or the folder of a relative path, is not one of them."""
    while (above := posixpath.dirname(path)) not in ("", path):
        yield (path := above)
