"""What a render does for scenarios: it keeps the parsed files, and writes the settings that their units read."""

from collections.abc import Mapping
from pathlib import Path

from longpole.gen.suite.model import Suite
from longpole.gen.suite.read import load_suite
from longpole.rts_tests.contracts.plan_parts import SCENARIO_SETTINGS
from longpole.rts_tests.scenario.cache import Cache
from longpole.rts_tests.scenario.config import CACHE, Config, to_text


def load_with_cache(suite_file: str, state: Path) -> tuple[Suite, Cache]:
    """The suite, whose scenarios are parsed only if they have changed, and the parsed ones. Raises `UseError`.

    They are to be saved when everything else has been written: there may be no folder `state` yet.
    """
    cache = Cache(str(state / CACHE))
    return load_suite(suite_file, cache), cache


def settings_of_scenarios(state: Path, suite: Suite) -> Mapping[Path, str]:
    """Path to text of the file that units of scenarios read beside their own; none if the suite has no scenarios."""
    if suite.scenarios is None:
        return {}
    keeps_failed = suite.limits.keep == "failed"
    config = Config(suite.scenarios.settings, str(state / CACHE), keeps_failed=keeps_failed)
    return {state / SCENARIO_SETTINGS: to_text(config)}
