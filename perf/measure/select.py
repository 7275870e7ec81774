"""Which benchmarks of a file are meant."""

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from longpole.perf.measure.bench import Bench
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.nearest import nearest


def select(bench: Bench, globs: Sequence[str], rounds: int | None = None) -> Bench:
    """The benchmarks whose names match one of `globs`, and none of those with `!`; all without globs.

    `rounds`, if given, is the number of rounds of each. Raises `UseError` if nothing is left.
    """
    wanted = [glob for glob in globs if not glob.startswith("!")]
    unwanted = [glob.removeprefix("!") for glob in globs if glob.startswith("!")]
    chosen = tuple(
        each if rounds is None else replace(each, rounds=rounds)
        for each in bench.benchmarks
        if (not wanted or _matches(each.name, wanted)) and not _matches(each.name, unwanted)
    )
    if not chosen:
        names = [each.name for each in bench.benchmarks]
        near = nearest(wanted[0], names) if wanted else None
        remedy = f"did you mean {near!r}?" if near else f"the benchmarks are {', '.join(names)}"
        raise UseError.at("", f"no benchmark matches {' '.join(globs)!r}", remedy, ExitStatus.NOTHING_SELECTED)
    return replace(bench, benchmarks=chosen)


def _matches(name: str, globs: Sequence[str]) -> bool:
    """Whether one of `globs` matches. A glob also matches the text that it is."""
    return any(name == glob or fnmatchcase(name, glob) for glob in globs)
