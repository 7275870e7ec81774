"""When what is said of a unit is let go: as units end, or in the order of the plan."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator

Said = str | None | Callable[[], str | None]
"""Text, nothing, or text that is made when it is its turn, because it is long."""


class InPlanOrder:
    """Holds texts back until all units before theirs have ended."""

    def __init__(self) -> None:
        self._awaited: deque[str] = deque()
        self._held: dict[str, Said] = {}

    def begin(self, targets: Iterable[str]) -> None:
        """The units that will run, in the plan's order."""
        self._awaited = deque(targets)

    def add(self, target: str, said: Said) -> Iterator[str]:
        """Take in what is said of a unit that ended; what may be printed now."""
        self._held[target] = said
        while self._awaited and self._awaited[0] in self._held:
            yield from self._release(self._awaited.popleft())

    def rest(self) -> Iterator[str]:
        """What is held still, at the run's end: units before these never ended."""
        while self._awaited:
            target = self._awaited.popleft()
            if target in self._held:
                yield from self._release(target)
        for target in list(self._held):
            yield from self._release(target)

    def _release(self, target: str) -> Iterator[str]:
        said = self._held.pop(target)
        text = said() if callable(said) else said
        if text is not None:
            yield text
