"""The text about a scenario: one line, and below it its steps, as far as they are shown."""

import re

from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.excerpt import excerpt
from longpole.rts_tests.contracts.harmless import harmless, harmless_note
from longpole.rts_tests.contracts.quantities import seconds
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.sandbox_paths import without_paths
from longpole.rts_tests.contracts.status import GREEN, NOT_FAILURES, Status
from longpole.rts_tests.supervise.watch import Log
from longpole.rts_tests.view.lines import EXCERPT_LINES, Lines

_WORDS = {Status.PASSED: "ok", Status.FAILED: "FAILED", Status.TIMEOUT: "TIMEOUT", Status.SKIPPED: "skipped"}
_WIDTH = max(map(len, _WORDS.values()))
_SUMMARY = re.compile(r"^(\d[\d,]* [a-z ]+(?:, \d[\d,]* [a-z ]+)*) in \d.* (?:s|min)$")
"""The last line of a log, with the time that all steps took: `2 passed in 0.30 s`."""
_UNTIMED = frozenset({Status.FAILED, Status.ERROR})
"""Statuses that the steps below the line explain, if there are any."""


class ScenarioLines(Lines):
    """Formats the texts about scenarios; see `Lines`.

    By `verbosity`: 0 the steps that failed or wrote a golden file, 1 a line for each of the others as well, 2 all
    about each of them.
    Without `timed` the paths of sandboxes, those of the run called `run`, are left out.
    """

    _has_commands = False

    def __init__(
        self, *, colour: bool, actions: bool = False, verbosity: int = 0, timed: bool = True, run: str = ""
    ) -> None:
        super().__init__(colour=colour, actions=actions, verbosity=verbosity, timed=timed)
        self._without_paths = without_paths(run) if run and not timed else None

    def started(self, name: str, command: object) -> str | None:
        """Nothing: its command says no more than its name."""
        return None

    def log_lines(self, record: Record) -> int | None:
        """How many lines of its log are shown; None for all. The steps that failed are in its record."""
        if self._verbosity > 1:
            return None
        return 0 if record.status in NOT_FAILURES or _failed(record) else EXCERPT_LINES

    def _is_hidden(self, record: Record) -> bool:
        """Never if a golden file was written."""
        return super()._is_hidden(record) and not any(case.details for case in record.cases)

    def _about(self, record: Record) -> list[str]:
        if record.status in _UNTIMED and _failed(record) and not record.tries:
            return []
        return super()._about(record)

    def _told(self, record: Record, log: Log) -> list[str]:
        count = self.log_lines(record)
        if count is None:
            return [f"  {self._clean(line)}" for line in log(None)]
        lines = []
        for number, case in enumerate(record.cases, 1):
            if case.status not in GREEN or case.details or self._verbosity > 0:
                lines += self._step(number, case)
        return [*lines, *super()._told(record, log)]

    def _step(self, number: int, case: Case) -> list[str]:
        red = case.status not in GREEN
        details = (case.details or (case.message if red else None) or "").splitlines()
        output = [f"| {line}" for line in excerpt((case.output or "").splitlines(), EXCERPT_LINES)] if red else []
        margin = " " * (_WIDTH + 4 if case.name else 2)
        lines = [margin + self._clean(line) for line in (*details, *output)]
        if not case.name:  # the scenario as a whole
            return lines
        word = _WORDS.get(case.status, str(case.status))
        took = f"  {seconds(case.seconds)}" if self._timed else ""
        place = f"  {harmless_note(case.location)}" if red and case.location else ""
        head = f"  {word:{_WIDTH}}  {number}. {harmless_note(case.name)}{took}{place}"
        return [head, *lines]

    def _clean(self, line: str) -> str:
        text = harmless(line, colour=self._colour)
        if self._without_paths is None:
            return text
        return _SUMMARY.sub(r"\1", self._without_paths(text))


def _failed(record: Record) -> bool:
    return any(case.status not in GREEN for case in record.cases)
