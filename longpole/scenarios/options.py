"""The options of `longpole scenario`, and which of them contradict each other."""

import os
from dataclasses import dataclass

from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.machine.processes import usable_cores
from longpole.rts_tests.scenario.jobs import VARIABLE, Jobs, jobs_of

KEPT = "longpole-kept-"
"""What the name of a folder of sandboxes that are kept begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options as they were typed."""

    selectors: tuple[str, ...] = ()
    as_list: bool = False
    as_text: bool = False
    checks: bool = False
    suite_file: str | None = None
    variant: str | None = None
    folder: str | None = None
    fixtures: str | None = None
    programs: str | None = None
    jobs: int | None = None
    parallel: bool = False
    order: str | None = None
    quiet: bool = False
    verbose: int = 0
    fail_fast: bool = False
    keep: bool = False
    setup_only: bool = False
    interactive: bool = False
    step: int | None = None
    loop_count: int | None = None
    update: bool = False
    tags: tuple[str, ...] = ()
    not_tags: tuple[str, ...] = ()
    no_skip: bool = False


def jobs_asked(options: Options, suite: int | None) -> Jobs:
    """How many scenarios run at once; `suite` is what the suite says. Raises `UseError` for a wrong variable."""
    variable = os.environ.get(VARIABLE)
    return jobs_of(options.jobs, variable, parallel=options.parallel, suite=suite, cores=usable_cores())


_MODES = {"as_list": "--list", "as_text": "--show", "setup_only": "--setup-only", "interactive": "-i"}
_OF_A_RUN = {"order": "--order", "quiet": "-q", "fail_fast": "-x", "update": "--update"}
_NOT_WITH = {
    "as_list": {**_OF_A_RUN, "verbose": "-v", "keep": "--keep"},
    "as_text": {**_OF_A_RUN, "verbose": "-v", "keep": "--keep"},
    "setup_only": _OF_A_RUN,
    "interactive": _OF_A_RUN,
}
"""Options that mean nothing beside one of the modes."""


def check_options(options: Options, jobs: Jobs) -> None:
    """Raise `UseError` with everything that is wrong with the options together."""
    problems = [Problem("", None, None, what, remedy) for what, remedy in _mistakes(options, jobs)]
    if problems:
        raise UseError(*problems)


def _mistakes(options: Options, jobs: Jobs) -> list[tuple[str, str]]:
    """What is wrong, and how to mend it."""
    modes = [name for name in _MODES if getattr(options, name)]
    found = []
    if len(modes) > 1:
        found.append((f"{' and '.join(map(_MODES.__getitem__, modes))} contradict each other", "use one of them"))
    for mode in modes[:1]:
        found += [
            (f"{text} means nothing with {_MODES[mode]}", "leave it out")
            for name, text in _NOT_WITH[mode].items()
            if getattr(options, name)
        ]
    one_at_a_time = [_MODES[mode] for mode in modes if mode in ("interactive", "setup_only")]
    if one_at_a_time and jobs.source is not None and jobs.number > 1:
        what = f"{jobs.source} asks for {jobs.number} jobs, and {one_at_a_time[0]} runs one scenario at a time"
        found.append((what, "leave it out, or use -j1"))
    if options.quiet and options.verbose:
        found.append(("-q and -v contradict each other", "use one of them"))
    if options.checks and not options.as_text:
        found.append(("--checks belongs to --show", "add --show, or use -vv to see the checks of a run"))
    if options.step is not None and not one_at_a_time:
        found.append(("--step belongs to -i or --setup-only", "add one of them"))
    if options.loop_count is not None and not (options.interactive and options.step is not None):
        found.append(("--loop-count belongs to -i with --step", "add both, as in -i --step 3 --loop-count 10"))
    return found
