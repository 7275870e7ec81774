"""What a render does for scenarios: it keeps the parsed files, and writes the settings that their units read."""

from collections.abc import Mapping
from pathlib import Path

from longpole.gen.suite.model import Suite
from longpole.gen.suite.read import load_suite
from longpole.rts_tests.contracts.plan_parts import SCENARIO_SETTINGS
from longpole.rts_tests.scenario.cache import Cache
from longpole.rts_tests.scenario.config import CACHE, Config, to_text


def load_with_cache(suite_file: str, state: Path) -> Suite:
    """The suite, whose scenarios are parsed only if they have changed. Raises `UseError`."""
    cache = Cache(str(state / CACHE))
    suite = load_suite(suite_file, cache)
    cache.save()
    return suite


def settings_of_scenarios(state: Path, suite: Suite) -> Mapping[Path, str]:
    """Path to text of the file that units of scenarios read beside their own; none if the suite has no scenarios."""
    if suite.scenarios is None:
        return {}
    return {state / SCENARIO_SETTINGS: to_text(Config(suite.scenarios.settings, str(state / CACHE)))}
