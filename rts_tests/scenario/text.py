"""A step in plain text: what was run, what it printed, what was expected. One renderer for logs and terminals.

Nothing in the text can control a terminal.
"""

from longpole.rts_tests.contracts.cases import shortened
from longpole.rts_tests.contracts.harmless import harmless
from longpole.rts_tests.contracts.quantities import count, seconds
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.scenario.background import Ended
from longpole.rts_tests.scenario.checks import Checked
from longpole.rts_tests.scenario.interpreter import StepResult, StepStart
from longpole.rts_tests.scenario.model import Step
from longpole.rts_tests.scenario.steps import Outcome
from longpole.rts_tests.scenario.waiting import PIPES_S

MAX_OUTPUT = 1 << 18
"""The most characters of a step's output that are shown."""
STEPS, ALL = 1, 2
"""Levels of detail: a line for each step, with all about those that failed; or all about every step."""

_WORDS = {
    Status.PASSED: "ok",
    Status.FAILED: "FAILED",
    Status.TIMEOUT: "TIMEOUT",
    Status.SKIPPED: "skipped",
    Status.CANCELLED: "ENDED",
}
_WIDTH = max(map(len, _WORDS.values()))
_INDENT = " " * (_WIDTH + 2)


def step_lines(result: StepResult, level: int, path: str, *, timed: bool = True) -> list[str]:
    """The lines about a step of the scenario in the file `path`; nothing below `STEPS` about one that passed.

    Without `timed` they do not say how long it took.
    """
    red = result.status is not Status.PASSED
    if not red and level < STEPS:
        return []
    place = f"  {path}:{result.step.line}" if red else ""
    took = f"  {seconds(result.seconds)}" if timed else ""
    took += f"  {result.runs} runs" if timed and result.runs > 1 else ""
    lines = [f"{_word(result.status)}{result.number}. {_line(result.step.name.strip())}{took}{place}"]
    if not red and level < ALL:
        return lines
    lines += [f"{_INDENT}{line}" for line in _command(result.step, result.command)]
    lines.append(f"{_INDENT}in {_line(result.cwd)}")
    lines += [f"{_INDENT}{line}" for line in _outcome(result)]
    for each in result.checked:
        if level >= ALL or each.failure is not None:
            lines += [_INDENT + line for line in _check(each, path)]
    return lines


def outcome_lines(result: StepResult, path: str, *, checks: bool) -> list[str]:
    """The lines below the command of a step: how it ended, what it printed, and its checks.

    Without `checks` only those that do not hold, and only that it passed if it was checked and did.
    """
    lines = _outcome(result)
    for each in result.checked:
        if checks or each.failure is not None:
            lines += _check(each, path)
    if result.checked and not result.failures and not checks:
        lines.append(f"ok, {count(len(result.checked), 'check')}")
    return [f"  {line}" for line in lines]


def command_lines(start: StepStart, work: str) -> list[str]:
    """The lines of a step's command, and where it runs, if that is not the folder `work`."""
    lines = [f"  {line}" for line in _command(start.step, start.command)]
    return lines if start.cwd == work else [*lines, f"  in {_line(start.cwd)}"]


def _command(step: Step, command: str) -> list[str]:
    marked = _marked(command) if step.run else [("-", _line(command))]
    return [f"{mark} {line}" for mark, line in marked]


def failures(result: StepResult, path: str) -> list[str]:
    """A line for everything that is wrong with a step, with its place; empty if it passed."""
    if result.failures:
        return [line for each in result.failures for line in _check(each, path)]
    return [f"{path}:{result.step.line}: {_line(result.message)}"] if result.message else []


def notes(result: StepResult, path: str) -> list[str]:
    """The lines about checks that hold and have more to say: golden files that were written."""
    return [line for each in result.checked if each.failure is None and each.details for line in _check(each, path)]


def _outcome(result: StepResult) -> list[str]:
    outcome = result.outcome
    if outcome.timed_out or result.status is Status.CANCELLED:
        ended = _line(result.message or "")
    elif outcome.problem is not None:
        ended = _line(outcome.problem)
    elif result.step.background is not None:
        ended = f"goes on in the background as {result.step.background}"
    else:
        ended = f"exit code {outcome.exit_code}"
    held = [f"waited {PIPES_S:g} s for what it left running, which has its output open"] if outcome.held else []
    return [ended, *held, *_output(outcome)]


def program_lines(program: Ended) -> list[str]:
    """The lines about a background program that no step ended or waited for."""
    lines = [f"{'':{_WIDTH}}  background program {program.name}: {program.how}"]
    lines += [f"{_INDENT}{mark} {line}" for mark, line in _marked(program.command)]
    return [*lines, *(f"{_INDENT}{line}" for line in _output(program.outcome))]


def _output(outcome: Outcome) -> list[str]:
    output = shortened(outcome.output, MAX_OUTPUT)
    return [f"| {_line(line)}" for line in output.split("\n")] if output else []


def _check(checked: Checked, path: str) -> list[str]:
    about = f"{checked.key}: {_line(checked.text)}"
    details = (f"  {_line(line)}" for line in checked.details)
    if checked.failure is None:
        return [f"ok      {about}", *details]
    return [f"FAILED  {path}:{checked.line}: {about}: {_line(checked.failure)}", *details]


def _marked(command: str) -> list[tuple[str, str]]:
    return [("$" if number == 0 else ">", _line(line)) for number, line in enumerate(command.rstrip("\n").split("\n"))]


def _word(status: Status) -> str:
    return f"{_WORDS.get(status, str(status)):{_WIDTH}}  "


def _line(text: str) -> str:
    return harmless(text.replace("\n", "\\n"), colour=False)
