"""One scenario, step by step: the user decides before each step, and after a step whose checks fail.

Before a step: Enter or Space runs it, x runs it without its checks, s skips it, a runs all that are left, q or Esc
quits. After a check that failed, and after a step that was not checked: Enter goes on, c shows the checks, r runs the
command again, R resets everything and starts over, q quits. A step whose checks hold is followed by the next one.

This is the dialogue alone: it reads keys from a function, and says lines to one. `scenario.keys` is the terminal.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Generic, Protocol, TypeVar

from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.scenario.model import Step

ENTER, SPACE, ESCAPE = "\r", " ", "\x1b"
GO_ON = frozenset({ENTER, "\n", SPACE})
QUIT = frozenset({"q", ESCAPE, ""})
"""Nothing is read at the end of the input."""


class Stepped(Protocol):
    """What a step came to: `interpreter.StepResult`."""

    @property
    def status(self) -> Status:
        """`passed`, or how it failed."""


Result = TypeVar("Result", bound=Stepped)


class Steps(Protocol[Result]):
    """A scenario in its sandbox: `interpreter.Interpreter`. Steps count from 1."""

    def run_step(self, number: int, *, checks: bool = True) -> Result:
        """Run the command of a step, and make its checks."""

    def check(self, result: Result) -> Result:
        """Make the checks of a step that has been run."""

    def reset(self) -> None:
        """Begin again with a new sandbox; nothing that was started lives on."""


Shown_contra = TypeVar("Shown_contra", bound=Stepped, contravariant=True)


class Show(Protocol[Shown_contra]):
    """What the user sees."""

    def step(self, number: int) -> None:
        """A step that is about to be run: its number, its name, its command."""

    def result(self, result: Shown_contra, *, checks: bool) -> None:
        """What a step came to; with `checks` each of its checks."""

    def say(self, text: str) -> None:
        """A line."""

    def ask(self, choices: str) -> None:
        """Which keys there are."""


class End(Enum):
    """How a dialogue ends."""

    DONE = "done"
    QUIT = "quit"


@dataclass(slots=True)
class Dialogue(Generic[Result]):
    """A scenario's steps with the user in between. `failed` says whether a check failed since everything was reset."""

    steps: Sequence[Step]
    interpreter: Steps[Result]
    show: Show[Result]
    key: Callable[[], str]
    """Returns the next key, as text; an empty text if there are no more."""
    failed: bool = False

    def run(self, first: int = 1) -> End:
        """Go through the steps from `first`; those before it are run silently."""
        while True:
            self._until(first)
            ended = self._from(first)
            if ended is not None:
                return ended
            self._reset("everything is reset; from the start")
            first = 1

    def repeat(self, number: int, count: int) -> End:
        """Run step `number` `count` times; each time everything is new, and the steps before it are run silently."""
        for turn in range(1, count + 1):
            if turn > 1:
                self.interpreter.reset()
            self.show.say(f"round {turn} of {count}")
            self._until(number)
            self.show.step(number)
            self._run(number)
            if turn < count and self._choice("[Enter] next round  [q] quit", GO_ON) in QUIT:
                return End.QUIT
        return End.DONE

    # -- one way through the steps ------------------------------------------------------------------------------------

    def _until(self, number: int) -> None:
        """Run the steps before `number`; those of which a check fails are shown."""
        for each in range(1, number):
            result = self.interpreter.run_step(each)
            if result.status is not Status.PASSED:
                self.failed = True
                self.show.step(each)
                self.show.result(result, checks=False)

    def _from(self, number: int) -> End | None:
        """Go through the steps from `number`; None if the user wants to start over."""
        asks = True
        for each in range(number, len(self.steps) + 1):
            checks = bool(self.steps[each - 1].checks) or self.steps[each - 1].exit_code is not None
            self.show.step(each)
            key = self._choice(_before(checks=checks), {*GO_ON, "s", "a", *("x" * checks)}) if asks else ENTER
            if key in QUIT:
                return End.QUIT
            if key == "s":
                self.show.say("skipped")
                continue
            asks = asks and key != "a"
            result = self._run(each, checks=key != "x")
            if not asks or (checks and key != "x" and result.status is Status.PASSED):
                continue
            decision = self._after(each, result, checks=checks)
            if decision != ENTER:
                return End.QUIT if decision in QUIT else None
        return End.DONE

    def _run(self, number: int, *, checks: bool = True) -> Result:
        result = self.interpreter.run_step(number, checks=checks)
        self.failed = self.failed or result.status is not Status.PASSED
        self.show.result(result, checks=False)
        return result

    def _after(self, number: int, result: Result, *, checks: bool) -> str:
        """What the user wants after a step: Enter for the next one, R to start over, or a key to quit."""
        while True:
            key = self._choice(_after(checks=checks), {*GO_ON, "r", "R", *("c" * checks)})
            if key == "c":
                result = self.interpreter.check(result)
                self.failed = self.failed or result.status is not Status.PASSED
                self.show.result(result, checks=True)
            elif key == "r":
                result = self._run(number, checks=False)
            else:
                return ENTER if key in GO_ON else key

    def _reset(self, why: str) -> None:
        self.show.say(why)
        self.interpreter.reset()
        self.failed = False

    def _choice(self, choices: str, keys: "frozenset[str] | set[str]") -> str:
        """Ask until the user presses one of these keys, or one to quit; all others mean nothing."""
        self.show.ask(choices)
        while True:
            key = self.key()
            if key in keys or key in QUIT:
                return key


def _before(*, checks: bool) -> str:
    unchecked = "[x] run without checks  " if checks else ""
    return f"[Enter] run  {unchecked}[s] skip  [a] run to the end  [q] quit"


def _after(*, checks: bool) -> str:
    return f"[Enter] next  {'[c] show checks  ' if checks else ''}[r] run again  [R] start over  [q] quit"
