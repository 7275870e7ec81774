"""The variables `$PORT_NAME` in the texts of a scenario, for which free ports are reserved."""

import re
from collections.abc import Collection

from longpole.rts_tests.scenario.model import Scenario
from longpole.rts_tests.scenario.texts import texts_of

_PORT = re.compile(r"\$(PORT_[A-Z0-9_]+)")


def port_names(scenario: Scenario, taken: Collection[str]) -> tuple[str, ...]:
    """The names of these variables, sorted, without those in `taken`, which have values already."""
    texts = (text for step in scenario.steps for text in texts_of(step))
    found = {name for text in texts if "$PORT_" in text for name in _PORT.findall(text)}
    return tuple(sorted(found.difference(taken)))
