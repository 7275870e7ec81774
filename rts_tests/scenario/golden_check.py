"""The golden checks of one scenario in one sandbox."""

from collections.abc import Iterable, Mapping

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.scenario.checks import Checked
from longpole.rts_tests.scenario.golden import Redactor, as_text
from longpole.rts_tests.scenario.golden_files import Goldens
from longpole.rts_tests.scenario.golden_names import KEY, file_name
from longpole.rts_tests.scenario.model import Step
from longpole.rts_tests.scenario.steps import Outcome
from longpole.rts_tests.scenario.variables import Variables

WRITTEN = "written"


class GoldenChecks:
    """Compares what steps do with the golden files of the scenario at `path`. With `update`, writes what differs."""

    def __init__(
        self,
        path: str,
        rules: Iterable[tuple[str, str]],
        variables: Variables,
        places: Mapping[str, str],
        *,
        update: bool = False,
    ) -> None:
        """`rules` are the redactions of the suite; `places` are paths that are written as their names."""
        self._files = Goldens(path, update=update)
        self._rules = tuple(rules)
        self._variables = variables
        self._places = places
        self._redactor: Redactor | None = None

    def made(
        self, step: Step, outcome: Outcome, checked: Iterable[Checked], *, write: bool = True
    ) -> tuple[Checked, ...]:
        """The golden check of a step that has ended, if it has one; `checked` are its other checks.

        Nothing is written unless `write`.
        """
        check = next((each for each in step.checks if each.key == KEY), None)
        if check is None:
            return ()
        if self._redactor is None:
            self._redactor = Redactor(self._places, self._rules)
        actual = as_text(outcome.exit_code, outcome.stdout, outcome.stderr, self._redactor)
        try:
            name = file_name(check.texts[0], self._variables)
        except UseError as error:
            return (Checked(KEY, check.texts[0], check.line, str(error)),)
        others_hold = all(each.failure is None for each in checked)
        verdict = self._files.check(name, actual, others_hold=others_hold, write=write)
        text = f"{name}: {WRITTEN}" if verdict.was_written else name
        return (Checked(KEY, text, check.line, verdict.failure, verdict.details),)
