"""What a user of `longpole scenario -i` sees, in plain text that scrolls."""

from collections.abc import Callable

from longpole.rts_tests.contracts.colour import Colour, coloured
from longpole.rts_tests.contracts.harmless import harmless, harmless_text
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.scenario.interpreter import Interpreter, StepResult
from longpole.rts_tests.scenario.text import command_lines, outcome_lines


class Screen:
    """Writes about the steps of a scenario. `write` takes a text with its newlines. See `stepping.Show`."""

    def __init__(self, running: Interpreter, write: Callable[[str], None], *, colour: bool, all_checks: bool) -> None:
        """With `all_checks` the checks that hold are always shown, too."""
        self._running = running
        self._write = write
        self._colour = colour
        self._all_checks = all_checks

    def begin(self, variant: str) -> None:
        """The scenario, and where it works."""
        scenario = self._running.scenario
        about = f"\n{scenario.description.strip()}" if scenario.description else ""
        head = f"{scenario.name}  {scenario.path}  variant {variant}{about}\nin {self._running.sandbox.work}\n"
        self._write(f"{harmless_text(head)}")

    def step(self, number: int) -> None:
        """A step that is about to be run."""
        start = self._running.begin(number)
        path = self._running.scenario.path
        head = f"[{number}/{len(self._running.scenario.steps)}] {start.step.name}  {path}:{start.step.line}"
        lines = [harmless(head, colour=False), *command_lines(start, self._running.sandbox.work)]
        self._write("\n" + "".join(f"{line}\n" for line in lines))

    def result(self, result: StepResult, *, checks: bool) -> None:
        """What a step came to."""
        lines = outcome_lines(result, self._running.scenario.path, checks=checks or self._all_checks)
        self._write("".join(f"{self._coloured(line)}\n" for line in lines))
        if result.status is Status.TIMEOUT or (result.status is not Status.PASSED and not result.checked):
            self._write(f"{self._coloured('  FAILED')}\n")

    def say(self, text: str) -> None:
        """A line."""
        self._write(f"  {text}\n")

    def ask(self, choices: str) -> None:
        """Which keys there are."""
        self._write(f"{choices}\n")

    def _coloured(self, line: str) -> str:
        if not self._colour:
            return line
        for word, colour in (("ok", Colour.GREEN), ("FAILED", Colour.RED)):
            if line.startswith(f"  {word}"):
                return f"  {coloured(word, colour)}{line[2 + len(word) :]}"
        return line
