"""What a shell offers for the words of a command line: units, runs, files and make targets.

click calls these functions while the user types. They read what the last render and the runs left, and offer nothing if
that cannot be read.
"""

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import click
from click.shell_completion import CompletionItem

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _offered(
    words: Callable[[Path], Iterable[str]], context: click.Context, _: click.Parameter, typed: str
) -> list[CompletionItem]:
    from longpole.rts_tests.contracts.errors import UseError

    folder = Path(context.find_root().params.get("folder") or ".")  # -C DIR
    try:
        return [CompletionItem(word) for word in words(folder) if word.startswith(typed)]
    except (OSError, ValueError, UseError):
        return []


def _state(folder: Path) -> Path:
    from longpole.rts_tests.state.run_folders import state_dir

    return folder / state_dir(os.environ)


def _units(folder: Path) -> list[str]:
    from longpole.rts_tests.contracts.plan import read_plan

    return [unit.id for unit in read_plan(_state(folder) / "plan.json").units]


def _runs(folder: Path) -> list[str]:
    from longpole.rts_tests.state.run_folders import all_run_dirs

    return ["last", "previous", *(run.name for run in reversed(all_run_dirs(_state(folder))))]


def _targets(folder: Path) -> list[str]:
    from longpole.rts_tests.contracts.last_render import makefile_in_force
    from longpole.targets import targets_of

    makefile = makefile_in_force(_state(folder), folder)
    if makefile is None:
        return []
    rules, units = targets_of((folder / makefile).read_text(errors="replace"))
    return [*rules, *sorted(units)]


def _commands(folder: Path) -> list[str]:
    from longpole.command_line import COMMANDS

    return sorted(COMMANDS)


def _scenarios(folder: Path) -> list[str]:
    """Groups, and stems that are those of one scenario only."""
    from longpole.scenarios.corpus import corpus_of

    with contextlib.chdir(folder):
        found = corpus_of(None).discovered()
    stems = Counter(each.stem for each in found)
    groups = {each.group for each in found} - {""}
    return sorted(groups | {stem for stem, number in stems.items() if number == 1})


def _benchmarks(context: click.Context, _: click.Parameter, typed: str) -> list[CompletionItem]:
    """The benchmarks of the file that `longpole perf run` would read, but those whose names a shell would divide."""

    def names(folder: Path) -> list[str]:
        from longpole.perf.measure.read import read_bench

        found = read_bench(str(folder / context.params["file"]), {}).benchmarks
        return [each.name for each in found if len(each.name.split()) == 1]

    return _offered(names, context, _, typed)


def _files_and(
    completer: Completer, context: click.Context, parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    return [*completer(context, parameter, typed), CompletionItem(typed, type="file")]


def _kind(kind: str, _context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    return [CompletionItem(typed, type=kind)]


units: Completer = partial(_offered, _units)
benchmarks: Completer = _benchmarks
runs: Completer = partial(_offered, _runs)
targets: Completer = partial(_offered, _targets)
commands: Completer = partial(_offered, _commands)
scenarios: Completer = partial(_files_and, partial(_offered, _scenarios))
files: Completer = partial(_kind, "file")
folders: Completer = partial(_kind, "dir")
