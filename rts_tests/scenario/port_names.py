"""The variables `$PORT_NAME` in the texts of a scenario, for which free ports are reserved."""

import re
from collections.abc import Collection, Iterator

from longpole.rts_tests.scenario.model import Scenario

_PORT = re.compile(r"\$(PORT_[A-Z0-9_]+)")


def port_names(scenario: Scenario, taken: Collection[str]) -> tuple[str, ...]:
    """The names of these variables, sorted, without those in `taken`, which have values already."""
    found = {name for text in _texts(scenario) if "$PORT_" in text for name in _PORT.findall(text)}
    return tuple(sorted(found.difference(taken)))


def _texts(scenario: Scenario) -> Iterator[str]:
    for step in scenario.steps:
        yield step.run
        yield step.cwd or ""
        if step.ready is not None:
            yield step.ready.text
        for check in step.checks:
            yield from check.texts
