"""`longpole perf predict`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from longpole.options import example, run_argument, show
from longpole.rts_tests.contracts.errors import UseError

if TYPE_CHECKING:
    from longpole.perf.predict.work import RunRead

_MAX_LEVEL = 1024
_KINDS = ("jobs", "shards", "builders")


def _levels(_: click.Context, parameter: click.Parameter, value: str) -> tuple[int, ...]:
    """The numbers in `1,2,4`, sorted. Raises `click.BadParameter`."""
    words = [word.strip() for word in value.split(",")]
    if not all(word.isascii() and word.isdigit() and len(word) <= 4 and 1 <= int(word) <= _MAX_LEVEL for word in words):
        message = f"{value!r} is not a list of numbers from 1 to {_MAX_LEVEL}, such as 1,2,4"
        raise click.BadParameter(message, param=parameter)
    return tuple(sorted(set(map(int, words))))


@click.command(
    epilog=example(
        "longpole perf predict",
        "longpole perf predict --cores 16 --over jobs",
        "longpole perf predict --over shards --levels 3,6,9 -j 4",
    )
)
@run_argument("run")
@click.option(
    "--over", "kinds", multiple=True, type=click.Choice(_KINDS), help="What there is more of; repeatable; default: all."
)
@click.option(
    "--levels",
    default="1,2,4,8,16,32,64",
    show_default=True,
    callback=_levels,
    metavar="N,N...",
    help="How many jobs, shards or builders.",
)
@click.option(
    "--cores", type=click.IntRange(1, _MAX_LEVEL), metavar="N", help="Cores of each machine; default: those of the run."
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(1, _MAX_LEVEL),
    metavar="N",
    help="Jobs on each machine of shards and builders; default: those of the run.",
)
@click.option("--idle", is_flag=True, help="Predict for machines on which nothing else runs.")
@click.option("--json", "as_object", is_flag=True, help="Print JSON.")
def predict(
    *,
    run: str | None,
    kinds: tuple[str, ...],
    levels: tuple[int, ...],
    cores: int | None,
    jobs: int | None,
    idle: bool,
    as_object: bool,
) -> None:
    """Predict makespan and CPU time with other numbers of jobs, shards or builders.

    The suite's own runs say what each unit takes; RUN says which units there are, by default the newest run of the
    whole suite. The prediction is for machines like that of the run, and as busy with other programs as it was.
    docs/perf-predict.md describes the model.
    """
    from longpole.perf.predict.others import usual_others
    from longpole.perf.predict.predict import Over
    from longpole.perf.predict.predict import predict as predicted
    from longpole.perf.predict.text import as_json, text
    from longpole.perf.predict.work import suite_of
    from longpole.perf.progress import progress
    from longpole.rts_tests.contracts.history import read_history
    from longpole.rts_tests.state.run_folders import state_dir

    state = state_dir()
    suite = suite_of(_latest(state, run), _runs(state), read_history(state))
    every = list(Over) if suite.builds else [Over.JOBS, Over.SHARDS]  # without builds, builders are as shards
    wanted = [Over(kind) for kind in kinds] or every
    prediction = predicted(
        suite,
        levels,
        kinds=wanted,
        cores=cores,
        jobs=jobs,
        others=0.0 if idle else usual_others(suite),
        through=lambda asked: progress(asked, "Simulating", len(asked)),
    )
    shown = json.dumps(as_json(suite, prediction), indent=2) if as_object else text(suite, prediction)
    show(shown.removesuffix("\n"))


def _latest(state: Path, name: str | None) -> "RunRead":
    """The run that is named, else the newest of the whole suite, else the newest. Raises `UseError`."""
    from longpole.perf.predict.work import read_run
    from longpole.rts_tests.state.run_folders import find_run

    if name is not None:
        return read_run(find_run(state, name))
    return next((run for run in _runs(state) if run.whole), None) or read_run(find_run(state, None))


def _runs(state: Path) -> "Iterator[RunRead]":
    """The runs that can be read, the newest first, each read when it is asked for."""
    from longpole.perf.predict.work import read_run
    from longpole.rts_tests.state.run_folders import run_dirs

    for folder in reversed(run_dirs(state)):
        try:
            yield read_run(folder)
        except UseError:
            continue  # damaged, or removed since: other runs know the same units
