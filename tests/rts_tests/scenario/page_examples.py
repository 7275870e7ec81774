"""The examples of docs/scenarios.md, executed without any of the machinery around scenarios."""

import os
import re
from pathlib import Path

from longpole.rts_tests.scenario.checks import Checked, check
from longpole.rts_tests.scenario.model import Scenario
from longpole.rts_tests.scenario.steps import folder_of, run_step
from longpole.rts_tests.scenario.variables import Variables
from tests.project import REPOSITORY
from tests.rts_tests.scenario.scenarios import parsed


def example_of(section: str) -> str:
    """The first scenario below the heading `section` of the page."""
    page = (REPOSITORY / "docs" / "scenarios.md").read_text()
    _, heading, rest = page.partition(f"\n### {section}\n")
    assert heading, f"there is no section {section}"
    found = re.search(r"^```yaml\n(.*?)^```$", rest, re.M | re.S)
    assert found is not None
    return found[1]


def run(scenario: Scenario, folder: Path) -> list[Checked]:
    """All checks of all steps, run one after the other in `folder`."""
    environ = {"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(folder), **scenario.env}
    variables = Variables({"WORK_DIR": str(folder), **scenario.env})
    made: list[Checked] = []
    for step in scenario.steps:
        cwd = folder_of(step.cwd, variables, str(folder))
        outcome = run_step(variables.expand(step.run), cwd=cwd, environ=environ, timeout_s=step.timeout_s)
        made += check(step, outcome, variables, cwd, environ=environ)
    return made


def run_example(section: str, folder: Path) -> list[Checked]:
    """All checks of the first example below `section`."""
    return run(parsed(example_of(section), strict=False), folder)
