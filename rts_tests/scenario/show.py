"""A scenario as text, without running it: its steps, with variables replaced as far as their values are known."""

from collections.abc import Iterator
from datetime import UTC, datetime

from longpole.rts_tests.contracts.harmless import harmless
from longpole.rts_tests.scenario.environment import Names, text_variables
from longpole.rts_tests.scenario.model import Check, Repository, Scenario, Settings, Step
from longpole.rts_tests.scenario.names import variable
from longpole.rts_tests.scenario.programs_text import about_background, about_program
from longpole.rts_tests.scenario.variables import Variables

_INDENT = "   "
_VERBATIM = frozenset({"golden"})
"""Checks whose texts hold no variables."""


def known_variables(scenario: Scenario, settings: Settings) -> Variables:
    """The variables of the texts whose values do not depend on the sandbox; the others stay as they are written."""
    places = Names("$BASE_DIR", "$WORK_DIR", "$BASE_DIR/remotes", "$BASE_DIR/tmp", "$BASE_DIR/home", "", {})
    values = text_variables(scenario, settings, places)
    own = {"BASE_DIR", "WORK_DIR", *(variable(repository.name) for repository in scenario.repositories)}
    return Variables({name: value for name, value in values.items() if name not in own})


def scenario_lines(scenario: Scenario, variables: Variables, *, checks: bool) -> list[str]:
    """The lines about a scenario; with `checks` also those about what is expected of each step."""
    lines = [f"{line(scenario.name)}  {line(scenario.path)}"]
    lines += [_INDENT + line(text) for text in (scenario.description or "").strip().splitlines()]
    lines += [f"{_INDENT}repository {_repository(each)}" for each in scenario.repositories]
    lines += [f"{_INDENT}{line(name)}={line(value)}" for name, value in scenario.env.items()]
    lines += [_INDENT + each for each in _apart(scenario)]
    for number, step in enumerate(scenario.steps, 1):
        lines += ["", *_step(number, step, variables)]
        if checks:
            lines += [_INDENT + each for each in _expected(step, variables)]
    return lines


def _apart(scenario: Scenario) -> Iterator[str]:
    """What it does not share with the machine and with other scenarios."""
    isolation = scenario.isolation
    parts = (
        ("private /tmp", isolation.tmp),
        ("home in the sandbox", isolation.home),
        ("no network", isolation.network),
    )
    words = [word for word, holds in parts if holds]
    if isolation.clock_s is not None:
        words.append(f"clock from {datetime.fromtimestamp(isolation.clock_s, UTC):%Y-%m-%d %H:%M:%S} UTC")
    if words:
        yield f"isolated: {', '.join(words)}"
    if scenario.locks:
        yield f"locks: {', '.join(scenario.locks)}"


def _step(number: int, step: Step, variables: Variables) -> Iterator[str]:
    yield f"{number}. {line(step.name)}  (line {step.line})"
    if not step.run:
        yield f"{_INDENT}- {about_program(step)}"
        return
    marks = ["$", *[">"] * step.run.count("\n")]
    for mark, text in zip(marks, variables.expand(step.run).rstrip("\n").split("\n"), strict=False):
        yield f"{_INDENT}{mark} {line(text)}"
    if step.cwd is not None:
        yield f"{_INDENT}in {line(variables.expand(step.cwd))}"
    if step.background is not None:
        ready = "" if step.ready is None else variables.expand(step.ready.text)
        yield _INDENT + line(about_background(step, ready))


def _expected(step: Step, variables: Variables) -> Iterator[str]:
    if step.exit_code is not None:
        yield f"exit_code: {step.exit_code}"
    for check in step.checks:
        yield check_line(check, variables)


def check_line(check: Check, variables: Variables) -> str:
    """One line about what is expected: `file_contains: README.md: # Hello`."""
    texts = check.texts if check.key in _VERBATIM else map(variables.expand, check.texts)
    return f"{check.key}: {': '.join(line(text) for text in texts)}"


def _repository(repository: Repository) -> str:
    branches = ", ".join(branch.name for branch in repository.branches) or repository.default_branch
    return line(f"${variable(repository.name)}: {branches}")


def line(text: str) -> str:
    """The text in one line, harmless on a terminal."""
    return harmless(text.rstrip("\n").replace("\n", "\\n"), colour=False)
