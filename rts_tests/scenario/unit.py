"""Run one scenario as a unit.

By hand: `python -m longpole.rts_tests.scenario.unit CONFIG VARIANT FILE [CELL]`, in the suite's folder; CONFIG is what
`longpole render` has written. As a unit it tells what it does by the protocol of forks (docs/protocol.md): the scenario
is the class, its steps are the cases, and the output is the whole text of the steps. By hand it prints this text.

The zygote imports all that a scenario needs, and has the scenario parsed before it forks, so a child only runs it.
"""

import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from types import FrameType
from typing import Any

from longpole.rts_tests.contracts.cases import MAX_DETAILS, MAX_OUTPUT, shortened
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.exit_status import SKIPPED, ExitStatus
from longpole.rts_tests.contracts.files import read_regular
from longpole.rts_tests.contracts.harmless import harmless_text
from longpole.rts_tests.contracts.nearest import nearest
from longpole.rts_tests.contracts.problems import shown
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.machine.short_folders import REGISTRY, remove_short_folders
from longpole.rts_tests.machine.trees import remove_tree
from longpole.rts_tests.scenario import interpreter
from longpole.rts_tests.scenario.background import Ended
from longpole.rts_tests.scenario.cache import Cache
from longpole.rts_tests.scenario.conditions import Skipped
from longpole.rts_tests.scenario.config import Config, read_config
from longpole.rts_tests.scenario.environment import inherited
from longpole.rts_tests.scenario.fixtures import Fixtures
from longpole.rts_tests.scenario.golden_files import orphan_problems
from longpole.rts_tests.scenario.interpreter import Interpreter, StepResult, StepStart
from longpole.rts_tests.scenario.matrix import cell_of, refuse_taken
from longpole.rts_tests.scenario.model import Scenario, Settings
from longpole.rts_tests.scenario.repositories import Store
from longpole.rts_tests.scenario.text import ALL, failures, notes, program_lines, step_lines

_FLUSH_S = 1.0
"""What has happened is told when a step begins, if nothing has been told for so many seconds."""
_FLUSH_SIZE = 4 * 1024 * 1024
"""... or if there are so many characters to tell: an envelope has a limit."""
_REPOSITORIES = "scenario-repositories"
_VERSIONS = "scenario-versions"
_WORDS = 3
_USAGE = "usage: python -m longpole.rts_tests.scenario.unit CONFIG VARIANT FILE [CELL]"


class _Terminated(BaseException):
    """SIGTERM has arrived, or by hand SIGINT; its number is the argument."""


_ENDING = (signal.SIGTERM, signal.SIGINT)


# -- before the fork --------------------------------------------------------------------------------------------------


class _Shared:
    """What the scenarios of a suite share: the settings, the fixtures, the parsed scenarios."""

    def __init__(self, config: str) -> None:
        """Raises `UseError`."""
        self.config: Config = read_config(config)
        self._cache = Cache(self.config.cache)
        self._fixtures: dict[str, Fixtures] = {}
        for settings in self.config.variants.values():
            inherited({}, settings.inherited)  # compiles its pattern, which forks share

    def settings(self, variant: str) -> Settings:
        """The settings of a variant. Raises `UseError`."""
        known = self.config.variants
        if variant not in known:
            near = nearest(variant, sorted(known))
            remedy = f"did you mean `{near}`?" if near else f"the variants are {', '.join(known)}"
            raise UseError.at("", f"there is no variant {shown(variant)}", remedy)
        return known[variant]

    def scenario(self, path: str, settings: Settings) -> Scenario:
        """The scenario in the file at `path`. Raises `UseError` with all its errors."""
        try:
            data = read_regular(path)
        except OSError as error:
            raise UseError.at(path, f"cannot be read: {error.strerror}", "name the file of a scenario") from None
        fixtures = self._fixtures.setdefault(settings.fixtures, Fixtures(settings.fixtures))
        return self._cache.scenario(data, path, fixtures, strict=settings.strict)


@lru_cache(maxsize=8)
def _shared(config: str) -> _Shared:
    return _Shared(config)


def prepare(argv: list[str]) -> Callable[[], int]:
    """Parse the scenario; return the rest as a function that returns the exit status."""
    config, variant, path, *cell = argv
    try:
        shared = _shared(config)
        settings = shared.settings(variant)
        whole = shared.scenario(path, settings)
        refuse_taken(whole, settings)
        scenario = cell_of(whole, *(cell or [""]))
        orphans = () if shared.config.update else orphan_problems(path, whole)
        if orphans:
            raise UseError(*orphans)
    except UseError as error:
        return partial(_refuse, path, error)
    return partial(_run, scenario, settings, shared.config)


# -- in the child -----------------------------------------------------------------------------------------------------


def _run(scenario: Scenario, settings: Settings, config: Config) -> int:
    teller = _Teller(scenario.path, scenario.name, timed=config.timed)
    teller.begin()
    with _Place(config.keep) as place:
        store = Store(place.repositories, settings.object_format, settings.identity)
        running = Interpreter(
            scenario,
            settings,
            place.parent,
            store,
            os.environ,
            registry=place.registry,
            versions=place.versions,
            update=config.update,
        )
        _handle_ends(_terminate)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # who listened may be killed; then there is all the more to end
        try:
            try:
                interpreter.run(running, teller)
            finally:
                _handle_ends(signal.SIG_IGN)  # what is left is removed now, or by the supervisor
                running.close(keep=config.keep is not None or (config.keeps_failed and teller.failed))
        except _Terminated as terminated:
            teller.stopped(running.interrupted, running.unfinished)
            return 128 + int(terminated.args[0])
        except Skipped as skipped:
            return teller.skipped(str(skipped))
        except UseError as error:
            return teller.error(str(error))
        except OSError as error:
            return teller.error(f"the sandbox cannot be made: {error}")
    return teller.end()


def _handle_ends(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for number in _ENDING:
        signal.signal(number, handler)


def _terminate(number: int, _frame: FrameType | None) -> None:
    raise _Terminated(number)


def _refuse(path: str, error: UseError) -> int:
    """Tell that the file has errors."""
    teller = _Teller(path, path)
    teller.begin()
    return teller.error(str(error))


@dataclass(slots=True)
class _Place:
    """The folders of one unit: `parent` for its sandbox, `repositories` for those of the whole run.

    A unit of a run has a TMPDIR in a folder of the run, which the supervisor removes. By hand it is made here, and
    removed.
    """

    keep: str | None
    parent: str = ""
    repositories: str = ""
    registry: str = ""
    versions: str = ""
    own: str | None = None

    def __enter__(self) -> "_Place":
        if "LONGPOLE_RUN" in os.environ:
            self.parent = os.environ["TMPDIR"]
            shared = os.path.dirname(self.parent)
        else:
            self.own = self.parent = shared = tempfile.mkdtemp(prefix="longpole-")
        self.repositories = os.path.join(shared, _REPOSITORIES)
        self.registry = os.path.join(shared, REGISTRY)
        self.versions = os.path.join(shared, _VERSIONS)
        if self.keep is not None:
            self.parent = _new_folder(
                os.path.join(self.keep, os.environ.get("LONGPOLE_UNIT", "scenario").replace("/", "-"))
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self.own is not None:
            remove_short_folders(self.registry)
            remove_tree(self.own)


def _new_folder(path: str) -> str:
    """Make a folder with this path, or with a number after it if there is one, as of an earlier attempt."""
    number, made = 1, path
    while True:
        try:
            os.makedirs(made)
        except FileExistsError:
            number += 1
            made = f"{path}-{number}"
        else:
            return made


class _Teller:
    """Tells of the steps as they are run: by the protocol, or as text."""

    def __init__(self, path: str, name: str, *, timed: bool = True) -> None:
        self._path = path
        self._timed = timed
        self._name = name or os.path.basename(path)
        self._as_text = os.environ.get("LONGPOLE_PROTOCOL") != "1"
        self._began = self._flushed = time.monotonic()
        self._pending: list[str] = []
        self._size = 0
        """Characters in `_pending`."""
        self._cases: list[dict[str, Any]] = []
        self._names: Counter[str] = Counter()
        self._under_way: StepStart | None = None

    @property
    def failed(self) -> bool:
        """Whether a step has failed, or has not ended."""
        return self._under_way is not None or any(case["status"] != "passed" for case in self._cases)

    def begin(self) -> None:
        """Tell that the scenario begins."""
        self._tell(
            {"event": "fork_started", "version": 1, "client": "longpole scenarios"},
            {"event": "suite_started", "suite": self._name},
        )

    def started(self, step: StepStart) -> None:
        """A step begins."""
        if self._pending and time.monotonic() - self._flushed > _FLUSH_S:
            self.flush()
        self._under_way = step

    def ended(self, result: StepResult) -> None:
        """A step has ended."""
        self._under_way = None
        before = len(self._pending)
        self._pending += step_lines(result, ALL, self._path, timed=self._timed)
        self._size += sum(map(len, self._pending[before:]))
        case: dict[str, Any] = {"name": self._name_of(result), "seconds": result.seconds}
        case["status"] = str(result.status)
        case["location"] = f"{self._path}:{result.step.line}"
        if result.status is not Status.PASSED:
            case["message"] = harmless_text(result.message or str(result.status))
            case["details"] = shortened("\n".join(failures(result, self._path)), MAX_DETAILS)
            case["output"] = harmless_text(shortened(result.outcome.output, MAX_OUTPUT))
        elif written := notes(result, self._path):
            case["details"] = "\n".join(written)
        self._cases.append(case)
        if self._size > _FLUSH_SIZE:
            self.flush()

    def _name_of(self, result: StepResult) -> str:
        """The name of a step, with a number if an earlier one has it."""
        name = given = result.step.name.strip() or f"step {result.number}"
        while name in self._names:
            self._names[given] += 1
            name = f"{given} ({self._names[given]})"
        self._names[name] = 1
        return name

    def left(self, programs: tuple[Ended, ...]) -> None:
        """Background programs have ended with the last step; what they printed may tell why a step has failed."""
        lines = [line for program in programs for line in program_lines(program)]
        self._pending += lines
        failed = [case for case in self._cases if case["status"] != "passed"]
        if failed and lines:
            failed[-1]["details"] = shortened("\n".join([failed[-1]["details"], *lines]), MAX_DETAILS)

    def stopped(self, result: StepResult | None, programs: tuple[Ended, ...]) -> None:
        """Tell what has happened so far, and which step was under way; `result` is what it had printed."""
        step = self._under_way
        if result is not None:
            self._pending += step_lines(result, ALL, self._path)
        elif step is not None:
            self._pending.append(f"ended while it ran  {step.number}. {harmless_text(step.step.name)}")
        self.left(programs)
        self.flush()

    def flush(self) -> None:
        """Tell what has happened so far."""
        text = self._text()
        if text:
            self._tell({"event": "suite_output", "suite": self._name, "text": text}, text=text)

    def end(self) -> int:
        """Tell the results; return the exit status."""
        red = [str(case["status"]) for case in self._cases if case["status"] != "passed"]
        self._complete(red[0] if red else "passed", {}, {})
        return int(ExitStatus.FAILED) if red else 0

    def skipped(self, reason: str) -> int:
        """Tell that the scenario was not run, and why; return the exit status."""
        self._pending.append(reason)
        self._complete("skipped", {"message": reason}, {})
        return SKIPPED

    def error(self, message: str) -> int:
        """Tell that the scenario could not be run, or not to its end; return the exit status."""
        message = harmless_text(message)
        if self._as_text:
            self._pending.append(message)
        self._complete("error", {"message": message}, {"problem": message.partition("\n")[0]})
        return int(ExitStatus.MISUSE) if self._as_text else 0  # it is not the status that tells

    def _complete(self, status: str, more: dict[str, Any], at_end: dict[str, Any]) -> None:
        took, text = time.monotonic() - self._began, self._text()
        whole = {"event": "suite_completed", "suite": self._name, "status": status, "seconds": took, "output": text}
        counts = Counter(str(case["status"]) for case in self._cases)
        end = {"event": "fork_completed", "suites": 1, "cases": counts, **at_end}
        self._tell({**whole, **more, "cases": self._cases}, end, text=text)

    def _text(self) -> str:
        text = "".join(f"{line}\n" for line in self._pending)
        self._pending.clear()
        self._size = 0
        self._flushed = time.monotonic()
        return text

    def _tell(self, *events: dict[str, Any], text: str = "") -> None:
        if self._as_text:
            data = text.encode(errors="replace")
        else:
            data = b"".join(b"@@LONGPOLE@@ " + json.dumps(event).encode() + b"\n" for event in events)
        while data:
            data = data[os.write(1, data) :]


def main(argv: list[str]) -> int:
    """Parse and run the scenario; return the exit status: 0; 1 if it fails or has errors; 2 for a wrong call."""
    if len(argv) not in (_WORDS, _WORDS + 1):
        print(_USAGE, file=sys.stderr)
        return 2
    return prepare(argv)()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
