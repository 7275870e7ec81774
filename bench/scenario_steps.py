"""`scenario-steps`: what a scenario's step costs over its command, with a shell and without one.

The command does nothing. The floor is `posix_spawn` of it, or of the shell with the same text, and `waitpid`.
"""

import os
import shutil
import time
from collections.abc import Callable

from bench import budgets
from bench.measure import CannotMeasure, Conditions
from bench.result import Figure, Result
from longpole.rts_tests.scenario.steps import run_step

TIMES = 200
QUICK = 20


def measure(conditions: Conditions) -> Result:
    """Measure and return what was found."""
    times = QUICK if conditions.quick else TIMES
    nothing, bash = shutil.which("true"), shutil.which("bash")
    if nothing is None or bash is None:
        raise CannotMeasure("there is no `true` or no `bash` on the PATH")
    environ = {"PATH": os.environ["PATH"], "HOME": os.fspath(conditions.scratch)}
    cwd, with_shell = os.fspath(conditions.scratch), f"{nothing}; exit $?"

    def step(text: str) -> Callable[[], object]:
        return lambda: run_step(text, cwd=cwd, environ=environ)

    ways: dict[str, Callable[[], object]] = {
        "the command": lambda: _execute(nothing, ("true",), environ),
        "a step": step(nothing),
        "a step with 2>&1": step(f"{nothing} 2>&1"),
        "the shell": lambda: _execute(bash, ("bash", "-c", with_shell), environ),
        "a step with a shell": step(with_shell),
    }
    values: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(conditions.rounds.most + 1):
        conditions.say(f"round {turn}/{conditions.rounds.most}")
        for way, act in ways.items():
            taken = _mean_ms(act, times)
            if turn:
                values[way].append(taken)
    limit = None if conditions.quick else budgets.STEP_MS
    figures = (
        Figure("a step without a shell over its command", _over(values, "a step", "the command"), "ms", limit),
        Figure("the same with 2>&1", _over(values, "a step with 2>&1", "the command"), "ms", limit),
        Figure("a step with a shell over the shell", _over(values, "a step with a shell", "the shell"), "ms", limit),
        *(Figure(f"{way} alone", tuple(values[way]), "ms") for way in ("the command", "the shell")),
    )
    return Result("scenario-steps", (), figures)


def _over(values: dict[str, list[float]], way: str, floor: str) -> tuple[float, ...]:
    return tuple(value - least for value, least in zip(values[way], values[floor], strict=True))


def _mean_ms(act: Callable[[], object], times: int) -> float:
    begun = time.perf_counter()
    for _ in range(times):
        act()
    return 1000 * (time.perf_counter() - begun) / times


def _execute(path: str, argv: tuple[str, ...], environ: dict[str, str]) -> None:
    os.waitpid(os.posix_spawn(path, argv, environ), 0)
