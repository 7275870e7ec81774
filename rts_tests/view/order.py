"""Hold the texts about units back, to print them in the order of the plan."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator

UnitText = str | None | Callable[[], str | None]
"""A text, nothing, or a function that makes a long text when its turn has come."""


class InPlanOrder:
    """Holds the text of a unit back until all units before it have ended."""

    def __init__(self) -> None:
        self._awaited: deque[str] = deque()
        self._held: dict[str, UnitText] = {}

    def begin(self, targets: Iterable[str]) -> None:
        """The units that will run, in the plan's order."""
        self._awaited = deque(targets)

    def add(self, target: str, text: UnitText) -> Iterator[str]:
        """Take the text of a unit that ended; yield the texts that may be printed now."""
        self._held[target] = text
        while self._awaited and self._awaited[0] in self._held:
            yield from self._release(self._awaited.popleft())

    def drop(self, targets: Iterable[str]) -> Iterator[str]:
        """These units will not run; yield the texts that may be printed now."""
        dropped = set(targets)
        self._awaited = deque(target for target in self._awaited if target not in dropped)
        while self._awaited and self._awaited[0] in self._held:
            yield from self._release(self._awaited.popleft())

    def rest(self) -> Iterator[str]:
        """Yield the texts that are still held at the end of the run: some unit before them never ended."""
        while self._awaited:
            target = self._awaited.popleft()
            if target in self._held:
                yield from self._release(target)
        for target in list(self._held):
            yield from self._release(target)

    def _release(self, target: str) -> Iterator[str]:
        held = self._held.pop(target)
        text = held() if callable(held) else held
        if text is not None:
            yield text
