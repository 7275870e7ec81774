"""Scenarios one at a time, without a run: `longpole scenario -i`, and `--setup-only`.

They work in a child of this process, which outlives it: so whatever happens to the child, nothing that it started is
left, and its private folder is removed. If both are killed, the next run removes that.
"""

import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import FrameType

from longpole.rts_tests.contracts.colour import has_colour
from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.harmless import harmless, harmless_text
from longpole.rts_tests.contracts.problems import shown
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.machine.guard import guarded
from longpole.rts_tests.machine.short_folders import REGISTRY
from longpole.rts_tests.machine.trees import remove_tree
from longpole.rts_tests.scenario.conditions import Skipped
from longpole.rts_tests.scenario.discover import Found
from longpole.rts_tests.scenario.interpreter import Interpreter
from longpole.rts_tests.scenario.keys import Keys
from longpole.rts_tests.scenario.model import Scenario, Settings
from longpole.rts_tests.scenario.repositories import Store
from longpole.rts_tests.scenario.screen import Screen
from longpole.rts_tests.scenario.stepping import Dialogue, End
from longpole.rts_tests.scenario.text import STEPS, step_lines
from longpole.rts_tests.state.begin import begin_run, sweep
from longpole.rts_tests.state.private import make_private, remove_private
from longpole.rts_tests.state.run_folders import state_dir
from longpole.scenarios.chosen import Chosen, choose
from longpole.scenarios.corpus import Corpus
from longpole.scenarios.options import KEPT, Options

_STDIN = 0
_INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class _Place:
    """A scenario in a variant; the folder of its sandbox, and the private one."""

    scenario: Scenario
    settings: Settings
    variant: str
    parent: str
    private: str

    def interpreter(self) -> Interpreter:
        """Its interpreter; `reset` makes the sandbox."""
        store = Store(
            f"{self.private}/repositories-{self.variant}", self.settings.object_format, self.settings.identity
        )
        registry = f"{self.private}/{REGISTRY}"
        return Interpreter(self.scenario, self.settings, self.parent, store, os.environ, registry=registry)


def alone(corpus: Corpus, found: Sequence[Found], options: Options) -> int:
    """Go through the scenarios in the first of the variants; return the exit status of `longpole`.

    Raises `UseError` before anything starts: for files with errors, and for options that do not fit.
    """
    if options.interactive and not (os.isatty(_STDIN) and sys.stdout.isatty()):
        raise UseError.at("-i", "standard input or output is no terminal", "leave out -i")
    state = state_dir()
    chosen = choose(corpus, found, options, state)
    scenarios = _read(chosen)
    variant = chosen.variants[0]
    settings = [chosen.settings(member.fixtures, variant) for member in chosen.members]
    _refuse(scenarios, options, settings[0], variant)
    kept = tempfile.mkdtemp(prefix=KEPT) if options.setup_only or options.keep else None

    def work(private: Path) -> int:
        status = 0
        for number, (scenario, own) in enumerate(zip(scenarios, settings, strict=True), 1):
            parent = f"{kept or private}/{number}"
            os.mkdir(parent, 0o700)
            place = _Place(scenario, own, variant, parent, str(private))
            one = _set_up if options.setup_only else _go_through
            ended, goes_on = one(place, options)
            status = max(status, ended)
            if not goes_on:
                break
        return status

    ended = _in_private(state, work)
    if kept is not None and (ended not in (ExitStatus.PASSED, ExitStatus.FAILED)):
        remove_tree(kept)
    elif kept is not None and not options.setup_only:
        print(f"sandboxes are kept in {kept}")
    return ended


def _refuse(scenarios: Sequence[Scenario], options: Options, settings: Settings, variant: str) -> None:
    """Raise `UseError` for a step that a scenario does not have, and for programs that are not there."""
    for scenario in scenarios:
        if options.step is not None and options.step > len(scenario.steps):
            what = f"{shown(scenario.path)} has {len(scenario.steps)} steps, and no step {options.step}"
            raise UseError.at("--step", what, "`longpole scenario --show` shows them")
    if settings.bin is not None and not os.path.isdir(settings.bin):
        what = f"{shown(settings.bin)}, the `bin` of variant {variant}, is not there"
        raise UseError.at("", what, f"build it first, as by `make build-{variant}`")


def _read(chosen: Chosen) -> list[Scenario]:
    """The scenarios. Raises `UseError` with the errors of all their files."""
    found: list[Scenario] = []
    problems: list[Problem] = []
    for member in chosen.members:
        try:
            found.append(chosen.read(member))
        except UseError as error:
            problems += error.problems
    if problems:
        raise UseError(*problems)
    return found


# -- in a child -------------------------------------------------------------------------------------------------------


def _in_private(state: Path, work: Callable[[Path], int]) -> int:
    """Call `work` with a private folder in a child; return its exit status. Nothing of it is left afterwards."""
    try:
        run, held = begin_run(state, datetime.now(UTC))
    except OSError as error:
        remedy = "set LONGPOLE_STATE to a folder that can be written"
        raise UseError.at(str(error.filename or state), f"cannot be written: {error.strerror}", remedy) from None
    try:
        sweep(state)
        private, _ = make_private(run, lambda _: None)
        ended = guarded(partial(_child, work, private), f"LONGPOLE_RUN={run.name}", failed=_report_bug)
    finally:
        remove_private(run)
        remove_tree(run)
        os.close(held)
    return ended if ended >= 0 else ExitStatus.FAILED


def _child(work: Callable[[Path], int], private: Path) -> int:
    """Call `work`; the first interruption is an exception in it, and the next ones are ignored."""
    for number in _INTERRUPTIONS:
        signal.signal(number, _interrupt)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    try:
        status = work(private)
    except KeyboardInterrupt:
        status = ExitStatus.INTERRUPTED
    except UseError as error:
        print(f"longpole: {error}", file=sys.stderr)
        status = error.exit_code
    except OSError as error:
        print(f"longpole: {error}", file=sys.stderr)
        status = ExitStatus.MISUSE
    sys.stdout.flush()
    return status


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    for number in _INTERRUPTIONS:  # SIG_IGN would make Python complain about one that has arrived already
        signal.signal(number, lambda *_: None)
    raise KeyboardInterrupt


def _report_bug(error: BaseException) -> None:
    traceback.print_exception(error)
    sys.stderr.flush()


# -- one scenario -----------------------------------------------------------------------------------------------------


def _go_through(place: _Place, options: Options) -> tuple[int, bool]:
    """Go through a scenario with the user; return the exit status, and whether to go on with the next one."""
    running = place.interpreter()
    colour = has_colour(os.environ, terminal=True)
    screen = Screen(running, _write, colour=colour, all_checks=options.verbose > 1)
    dialogue = Dialogue(place.scenario.steps, running, screen, Keys(_STDIN).next)
    try:
        running.reset()
        screen.begin(place.variant)
        if options.loop_count is not None:
            ended = dialogue.repeat(options.step or 1, options.loop_count)
        else:
            ended = dialogue.run(options.step or 1)
    except Skipped as skipped:
        return _skipped(place, str(skipped), options)
    except KeyboardInterrupt:
        _write("\n")
        raise
    finally:
        running.close(keep=options.keep)
    _write("\nfailed\n" if dialogue.failed else "\n")
    return (ExitStatus.FAILED if dialogue.failed else ExitStatus.PASSED), ended is End.DONE


def _set_up(place: _Place, options: Options) -> tuple[int, bool]:
    """Run the steps, or those before `--step`; print the work directory, and go on."""
    running = place.interpreter()
    level = STEPS if options.verbose else 0
    failed = False
    try:
        running.reset()
        work = running.sandbox.work
        for number in range(1, options.step or len(place.scenario.steps) + 1):
            result = running.run_step(number)
            failed = failed or result.status is not Status.PASSED
            for line in step_lines(result, level, place.scenario.path):
                print(line, file=sys.stderr)
    except Skipped as skipped:
        _skipped(place, str(skipped), options)
        return ExitStatus.FAILED, True  # there is no work directory
    finally:
        running.close(keep=True)
    print(harmless(work, colour=False), flush=True)
    return (ExitStatus.FAILED if failed else ExitStatus.PASSED), True


def _skipped(place: _Place, reason: str, options: Options) -> tuple[int, bool]:
    print(harmless_text(f"longpole: {place.scenario.path} is skipped: {reason}"), file=sys.stderr)
    return (ExitStatus.FAILED if options.no_skip else ExitStatus.PASSED), True


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
