"""What the commands of a workflow share: the options of the gate and of its simulation, and the results so far."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from longpole.commands.perf.options import open_index, with_options

if TYPE_CHECKING:
    from longpole.perf.index import Run
    from longpole.perf.model import Skip
    from longpole.perf.sources import Source

_Command = TypeVar("_Command", bound=Callable[..., Any])
_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def as_duration(_: click.Context, option: click.Parameter, text: str) -> timedelta:
    """The callback of an option with a time such as `20s`, `10m`, `24h` or `7d`. Raises `click.BadParameter`."""
    match = re.fullmatch(r"([0-9]{1,6})([smhd])", text)
    if match is None:
        raise click.BadParameter(f"{text!r} is not a valid duration; write it as 20s, 10m, 24h or 7d", param=option)
    return int(match[1]) * _UNITS[match[2]]


def as_rate(_: click.Context, option: click.Parameter, text: str | None) -> float | None:
    """The callback of an option with a rate such as `60/h`, `1/m` or `10/d`: how often in an hour.

    None where the option is not given. Raises `click.BadParameter`.
    """
    if text is None:
        return None
    match = re.fullmatch(r"([0-9]{1,7}(?:\.[0-9]{1,7})?)/([smhd])", text)
    if match is None or not float(match[1]):
        raise click.BadParameter(f"{text!r} is not a valid rate; write it as 60/h, 1/m or 10/d", param=option)
    return float(match[1]) * (_UNITS["h"] / _UNITS[match[2]])


_RULES = (
    click.option(
        "--samples",
        type=click.IntRange(1),
        default=3,
        show_default=True,
        metavar="N",
        help="Number of results of a commit that are enough.",
    ),
    click.option(
        "--window",
        callback=as_duration,
        default="15m",
        show_default=True,
        metavar="TIME",
        help="Measure once in this time; with more than 10 runs queued, once in twice the time.",
    ),
)
_MACHINES = (
    click.option(
        "--runners",
        type=click.IntRange(1),
        default=1,
        show_default=True,
        metavar="N",
        help="Number of machines of each platform.",
    ),
    click.option(
        "--run-time",
        callback=as_duration,
        default="10m",
        show_default=True,
        metavar="TIME",
        help="How long a measurement takes.",
    ),
    click.option(
        "--gate-time",
        callback=as_duration,
        default="20s",
        show_default=True,
        metavar="TIME",
        help="How long a gate takes.",
    ),
    click.option(
        "--gate-runners", type=click.IntRange(1), metavar="N", help="Number of gates at once; default: no limit."
    ),
)


def results_so_far(source: "Callable[[], Source]") -> "tuple[list[Run], list[Skip]]":
    """The results and skips that there are. A branch that is not there yet has none: the first ones make it."""
    from longpole.perf.branch_source import NoBranch

    try:
        index = open_index(source())
    except NoBranch:
        return [], []
    return index.runs(), index.skips()


def rules_options(command: _Command) -> Callable[..., Any]:
    """Give a command `--samples` and `--window`. It is called with `rules`."""

    @wraps(command)
    def with_rules(*args: object, samples: int, window: timedelta, **others: object) -> object:
        from longpole.perf.ledger.gate import Rules

        return command(*args, rules=Rules(samples, window, busy_window=2 * window), **others)

    return with_options(_RULES, with_rules)


def machines_options(command: _Command) -> Callable[..., Any]:
    """Give a command the options of what runs measurements. It is called with `machines`."""

    @wraps(command)
    def with_machines(
        *args: object,
        runners: int,
        run_time: timedelta,
        gate_time: timedelta,
        gate_runners: int | None,
        **others: object,
    ) -> object:
        from longpole.perf.ledger.simulate import Machines

        return command(*args, machines=Machines(runners, run_time, gate_time, gate_runners), **others)

    return with_options(_MACHINES, with_machines)
