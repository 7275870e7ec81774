"""From a plan to text: the Makefile, and the plan file that the runner reads.

Everything here depends only on its arguments and the templates, so the same suite gives the same bytes everywhere.
"""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import jinja2

from longpole.gen.render.folders import SKELETON
from longpole.gen.render.make_syntax import NEWLINE, recipe_command, recipe_word
from longpole.gen.suite.model import Command, Step, Suite, Variant
from longpole.rts_tests.contracts.plan import Plan, Unit
from longpole.rts_tests.contracts.unit_ids import module_goal, scenario_goals


@dataclass(frozen=True, slots=True)
class ModuleTargets:
    """The targets of one module in one variant; `goal` is the module's target, None if its only unit has that name."""

    goal: str | None
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VariantTargets:
    """A variant as the template needs it. `build` is a recipe line or None; `units` are sorted, heaviest first."""

    name: str
    target_dir: str
    build: str | None
    modules: tuple[ModuleTargets, ...]
    units: tuple[str, ...]
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepTargets:
    """A step as the template needs it; `build` is a recipe line."""

    name: str
    output: str
    build: str
    needs: tuple[str, ...]


def _build_line(command: Command, env: Iterable[tuple[str, str]], values: Mapping[str, str]) -> str:
    if command.shell:
        values = {name: shlex.quote(value) for name, value in values.items()}
    settings = [recipe_word(f"{name}={value}") for name, value in env]
    return " ".join([*settings, "--", recipe_command(command.argv, values)])


def _step_targets(step: Step) -> StepTargets:
    build = _build_line(step.build, step.env, {"step": step.name, "output": step.output})
    return StepTargets(step.name, step.output, build, step.needs)


def _variant_targets(variant: Variant, units: list[Unit], groups: list[ModuleTargets]) -> VariantTargets:
    modules: dict[str, list[Unit]] = {}
    for unit in units:
        modules.setdefault(unit.module, []).append(unit)
    rows = []
    for members in modules.values():
        members.sort(key=lambda unit: unit.chunk or unit.fork or 0)
        goal = (
            None
            if members[0].chunk is None and members[0].fork is None
            else module_goal(variant.name, members[0].module)
        )
        rows.append(ModuleTargets(goal, tuple(unit.target for unit in members)))
    rows += groups
    values = {"variant": variant.name, "target_dir": variant.target_dir, "artifact": variant.artifact or ""}
    return VariantTargets(
        name=variant.name,
        target_dir=variant.target_dir,
        build=_build_line(variant.build, variant.env, values) if variant.build else None,
        modules=tuple(rows),
        units=tuple(unit.target for unit in units),
        needs=variant.needs,
    )


def _groups(plan: Plan) -> dict[str, list[ModuleTargets]]:
    """By variant: the goals of groups of scenarios, and of the cells of a file, that are no goal of anything else."""
    taken = {f"test-{variant}" for variant in plan.variants} | {unit.target for unit in plan.units}
    taken |= {module_goal(variant, module) for variant, module in {(unit.variant, unit.module) for unit in plan.units}}
    groups: dict[str, dict[str, list[str]]] = {}
    owners: dict[str, str] = {}
    for unit in plan.units:
        for goal in scenario_goals(unit.variant, unit.module, plan.modules[unit.module].cell):
            if goal not in taken:
                variant = owners.setdefault(goal, unit.variant)  # names joined by `-` may meet; then it is for both
                groups.setdefault(variant, {}).setdefault(goal, []).append(unit.target)
    return {
        variant: [ModuleTargets(goal, tuple(sorted(targets))) for goal, targets in sorted(own.items())]
        for variant, own in groups.items()
    }


@dataclass(frozen=True, slots=True)
class Places:
    """What a Makefile mentions besides the suite: paths inside its folder, and the command that rendered it."""

    suite_file: str
    makefile: str
    inputs: tuple[str, ...]
    suite_option: str
    """For commands that read the suite; empty, or begins with a space, as the next two."""
    output_option: str
    file_option: str
    """For make, if it does not find this makefile by itself."""
    own_targets: bool
    scenarios: tuple[str, ...] = ()
    """The folders and files of scenarios that decide which units there are."""

    @property
    def command(self) -> str:
        """The command that renders this makefile again."""
        return f"longpole render{self.suite_option}{self.output_option}"


def render_makefile(suite: Suite, plan: Plan, places: Places, skeleton: Path, folders: list[Path]) -> str:
    """The text of the Makefile, from a skeleton and what it includes, which is looked up in `folders`."""
    by_variant: dict[str, list[Unit]] = {variant.name: [] for variant in suite.variants}
    for unit in plan.units:
        by_variant[unit.variant].append(unit)

    groups = _groups(plan)

    def skeleton_loader(name: str) -> tuple[str, str, None] | None:
        return (skeleton.read_text(), str(skeleton), None) if name == SKELETON else None

    environment = jinja2.Environment(  # noqa: S701  make is not HTML; gen.render.make_syntax escapes
        loader=jinja2.ChoiceLoader([jinja2.FunctionLoader(skeleton_loader), jinja2.FileSystemLoader(folders)]),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
    )
    return environment.get_template(SKELETON).render(
        suite=suite,
        variants=[
            _variant_targets(variant, by_variant[variant.name], groups.get(variant.name, []))
            for variant in suite.variants
        ],
        steps=[_step_targets(step) for step in suite.steps],
        units=[unit.target for unit in plan.units],
        unit_count=len(plan.units),
        newline=NEWLINE,
        python=_python(suite.limits.python),
        command=places.command,
        **{field.name: getattr(places, field.name) for field in fields(places)},
    )


def _python(python: str | None) -> str | None:
    """`limits.python` as make sees it: a path inside the project is absolute there: a build may change its folder."""
    return f"$(CURDIR)/{python}" if python is not None and "/" in python and not python.startswith("/") else python


def local_makefile(python: str, package: str, clients: str, templates: Sequence[str]) -> str:
    """The text of `local.mk`: where Longpole is installed. Relative paths are put below the project's folder.

    `package` may be empty.
    """

    def place(path: str) -> str:
        return path if not path or path.startswith("/") else f"$(CURDIR)/{path}"

    lines = [
        "# Written by `longpole render`, for this machine alone.",
        f"LONGPOLE_PYTHON = {place(python)}",
        f"LONGPOLE_PACKAGE = {place(package)}",
        f"LONGPOLE_CLIENTS = {place(clients)}",
        f"LONGPOLE_TEMPLATES = {' '.join(map(place, templates))}",
    ]
    return "\n".join(lines) + "\n"
