"""From the text of `suite.yaml` to a suite.

All errors in a file are reported at once. `schema` says what a single value may be; `variants`, `modules` and `goals`
say what values must be to each other. A check that needs a value which is wrong or missing is left out, so that no
mistake is reported twice.
"""

from typing import TYPE_CHECKING

from longpole.gen.suite.dialect import SUITE
from longpole.gen.suite.forks import check_shifted_ports
from longpole.gen.suite.goals import check_goals
from longpole.gen.suite.model import Limits, Platform, Suite
from longpole.gen.suite.modules import read_module
from longpole.gen.suite.scenarios import read_scenarios
from longpole.gen.suite.steps import Steps
from longpole.gen.suite.variants import Variants
from longpole.rts_tests.contracts import yamltree
from longpole.rts_tests.contracts.problems import Problems
from longpole.rts_tests.contracts.tree import Mapping, Node, Scalar, good_entries
from longpole.rts_tests.scenario.cache import Cache

if TYPE_CHECKING:
    from longpole.gen.suite.model import Module, Scenarios
    from longpole.gen.suite.schema import LimitsSpec, SuiteSpec


def load_suite(path: str, cache: Cache | None = None) -> Suite:
    """The suite in the file at `path`. Raises `UseError` with all problems of the file, in its order.

    Its scenarios are those of the current folder; `cache` has some that were parsed earlier.
    """
    return suite_from_bytes(yamltree.read(path, SUITE), path, cache)


def suite_from_bytes(data: bytes, path: str, cache: Cache | None = None) -> Suite:
    """The suite in `data`; `path` is only its name in messages. Raises `UseError` like `load_suite`."""
    from longpole.gen.suite import schema, validate  # pydantic, imported only if a suite is loaded

    problems = Problems(path)
    root = yamltree.parse(data, problems, SUITE)
    _check_version(root, schema.VERSION, problems)
    spec, bad = validate.validate(root, problems)
    steps = Steps(spec, root, bad, problems)
    variants = Variants(spec, root, bad, problems, steps.needs)
    modules = [
        read_module(entry, spec.modules[name], spec.limits, variants, bad)
        for name, entry in good_entries(root, "modules", bad)
        if name in spec.modules
    ]
    scenarios, found = _scenarios(spec, root, variants, bad, cache or Cache(None))
    modules += found
    variants.unused_args.report(problems)
    check_shifted_ports([module for module, _ in modules if module.scenario is None], root, variants)
    check_goals(variants, modules, steps, root, problems)
    if problems:
        problems.stop()
    limits = _limits(spec.limits)
    platforms = tuple(
        Platform(name, platform.default == "checked", platform.nightly, platform.shards, platform.benchmarks)
        for name, platform in spec.platforms.items()
    )
    return Suite(
        path=path,
        name=spec.name,
        limits=limits,
        platforms=platforms,
        variants=variants.definite,
        modules=tuple(module for module, _ in modules),
        steps=steps.definite,
        scenarios=scenarios,
    )


def _scenarios(
    spec: "SuiteSpec", root: Mapping, variants: Variants, bad: frozenset[Node], cache: Cache
) -> "tuple[Scenarios | None, list[tuple[Module, Scalar]]]":
    """The scenarios of the suite and their modules; report a suite that has neither scenarios nor modules."""
    entry = root.entries.get("scenarios")
    if entry is None and "modules" not in root.entries:
        what = "a suite has no `modules`"
        variants.problems.add(root, what, "add `modules:`, or `scenarios:` for tests of a command line")
    if entry is None or entry.key in bad or spec.scenarios is None:
        return None, []
    return read_scenarios(spec.scenarios, spec.limits, root, variants, cache)


def _limits(spec: "LimitsSpec") -> Limits:
    return Limits(
        spec.jobs,
        spec.timeout,
        spec.grace,
        spec.log,
        spec.retries,
        spec.flaky,
        spec.keep,
        spec.slots,
        spec.memory,
        spec.python,
    )


def _check_version(root: Mapping, version: int, problems: Problems) -> None:
    """Refuse other versions first: the meaning of the rest of such a file is unknown."""
    entry = root.entries.get("version")
    if entry is None:
        return  # reported with the other missing keys
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
