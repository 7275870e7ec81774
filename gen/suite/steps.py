"""The steps of a suite, what variants and modules share and is built once; and who needs which of them, checked."""

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from longpole.gen.suite.commands import IN_STEP, check_command, check_placeholders
from longpole.gen.suite.model import Step
from longpole.gen.suite.paths import wrong_with_path
from longpole.gen.suite.variants import env_of
from longpole.rts_tests.contracts import placeholders
from longpole.rts_tests.contracts.problems import Problems, shown
from longpole.rts_tests.contracts.tree import Entry, Mapping, Node, Scalar, Sequence, good_entries, mapping_of

if TYPE_CHECKING:
    from longpole.gen.suite.schema import SuiteSpec


class Steps:
    """The steps of a suite, and what is known about those with errors."""

    def __init__(self, spec: "SuiteSpec", root: Mapping, bad: frozenset[Node], problems: Problems) -> None:
        self._problems = problems
        self._bad = bad
        section = mapping_of(root.entries.get("steps"))
        self.names = tuple(section.entries)
        """All names in the file, so that others may need a step which has a mistake in it."""
        self.keys = {name: entry.key for name, entry in section.entries.items()}
        self.outputs: dict[str, str] = {}
        steps = [self._step(entry) for name, entry in good_entries(root, "steps", bad) if name in spec.steps]
        self.definite = tuple(self._needed_first({step.name: step for step in steps if step}))

    def _step(self, entry: Entry) -> Step | None:
        own, name = mapping_of(entry), entry.key.text
        needs = self.needs(own)
        output = self._output(entry)
        node = self._given("build", own)
        build = check_command("build", node, self._problems, IN_STEP) if node else None
        if output is None or build is None:
            return None
        return Step(name, build.command, output, needs, env_of(own))

    def _output(self, entry: Entry) -> str | None:
        node = self._given("output", mapping_of(entry))
        if not isinstance(node, Scalar) or check_placeholders(node, ("step",), "`output`", self._problems) is None:
            return None
        path = placeholders.expand(node.text, {"step": entry.key.text})
        if wrong := wrong_with_path(path, shown(node.text)):
            self._problems.add(node, f"`output` of step {shown(entry.key.text)} {wrong[0]}", wrong[1])
            return None
        self.outputs[entry.key.text] = posixpath.normpath(path)
        return self.outputs[entry.key.text]

    def _given(self, key: str, own: Mapping) -> Node | None:
        entry = own.entries.get(key)
        return None if entry is None or entry.key in self._bad or entry.value in self._bad else entry.value

    def needs(self, *mappings: Mapping) -> tuple[str, ...]:
        """The names under `need` in the first mapping that has the key; report those that are no steps."""
        mapping = next((mapping for mapping in mappings if "need" in mapping.entries), None)
        node = self._given("need", mapping) if mapping else None
        if not isinstance(node, Sequence):
            return ()
        items = [item for item in node.items if isinstance(item, Scalar)]
        for item in items:
            if item.text not in self.keys:
                known = f"the steps are {', '.join(self.names[:20])}" if self.names else "the suite has no `steps`"
                remedy = self._problems.suggest(item.text, self.names, known)
                self._problems.add(item, f"there is no step {shown(item.text)}", remedy)
        return tuple(item.text for item in items if item.text in self.keys)

    def _needed_first(self, steps: dict[str, Step]) -> Iterator[Step]:
        """The steps, each after those that it needs; report the first needs that lead back to a step."""
        left = dict(steps)
        way: list[Step] = []
        while left or way:
            way = way or [next(iter(left.values()))]
            after = next((need for need in way[-1].needs if need in left), None)
            if after is None:
                step = way.pop()
                del left[step.name]
                yield step
                continue
            names = [step.name for step in way]
            way.append(left[after])
            if after in names:
                circle = " needs ".join(shown(name) for name in [*names[names.index(after) :], after])
                self._problems.add(self.keys[after], f"step {circle}", "remove one of these needs")
                return
