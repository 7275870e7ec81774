"""The recipes of make that wait for an answer: each has asked for a unit, and exits as that does.

A recipe is known by its target. It gets whatever unit is next, so that whose end it waits for is kept here. A recipe
for which nothing is ready while a listing is under way is parked: it asks again when that has ended.
"""

from collections.abc import Callable, Collection

from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.make.handover import NOT_RUN, Handover

MAX_SHOWN = 200
"""Characters that a message shows of a request that make cannot have made."""


class Recipes:
    """The recipes that have asked, and for what."""

    def __init__(self, handover: Handover, known: Collection[str], warn: Callable[[str], None], *, once: bool) -> None:
        """`known` are the targets of this run; with `once` make asks once for each of them.

        `warn` is called with each warning to print at the end.
        """
        self._handover = handover
        self._known = known
        self._warn = warn
        self._once = once
        self._asked: set[str] = set()
        self._odd = False
        self._of_unit: dict[str, str] = {}  # by target of a unit: the target whose recipe asked for a unit
        self._parked: list[str] = []
        self.unanswered = False
        """Whether an answer could not be delivered yet; `flush` tries again."""

    def expects(self, target: str) -> bool:
        """Whether make may ask for `target` now. Other processes of the user can write to the pipe of requests, too."""
        known = target in self._known
        if known and target not in self._asked:
            if self._once:
                self._asked.add(target)
            return True
        if not self._odd:
            what = "was requested twice" if known else "was requested, and is not part of this run"
            self._warn(f"{target[:MAX_SHOWN]!r} {what}; requests like this are ignored")
        self._odd = True
        return False

    def give(self, target: str, unit: Unit) -> None:
        """The recipe of `target` waits for the end of `unit` from now on."""
        self._of_unit[unit.target] = target

    def take_back(self, unit: Unit) -> str:
        """The target of the recipe that waits for `unit`; it waits for nothing any more."""
        return self._of_unit.pop(unit.target)

    def park(self, target: str) -> None:
        """The recipe of `target` waits until a listing has ended."""
        self._parked.append(target)

    def unpark(self) -> list[str]:
        """The targets of all recipes that were parked, in the order in which they asked."""
        parked, self._parked = self._parked, []
        return parked

    def answer(self, target: str, status: int) -> None:
        """Let the recipe of `target` exit with `status`."""
        self._handover.answer(target, status)
        self.unanswered = True

    def refuse(self, *targets: str) -> None:
        """Tell these recipes that no unit is run for them any more."""
        for target in targets:
            self.answer(target, NOT_RUN)

    def flush(self) -> None:
        """Try to deliver the answers that could not be delivered yet."""
        if self.unanswered:
            self.unanswered = self._handover.flush()
