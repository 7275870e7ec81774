"""All that `longpole doctor` looks at, in the order in which it matters."""

from collections.abc import Mapping
from pathlib import Path

from longpole.doctor.finding import Finding, Level, without_home
from longpole.doctor.machine import machine, versions
from longpole.doctor.programs import programs
from longpole.doctor.state import kept
from longpole.doctor.suite import needs_of, programs_of, read_suite, rendered
from longpole.gen.render.outputs import Project
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.run.request import Request
from longpole.rts_tests.run.variables import OURS, TYPED
from longpole.rts_tests.state.run_folders import state_dir


def examine(suite_file: str, environ: Mapping[str, str]) -> list[Finding]:
    """What was found, without values of the environment, and with `~` for the home folder. Nothing is written."""
    suite, about_suite = read_suite(suite_file)
    needs = needs_of(suite)
    state = state_dir(environ)
    about_machine = machine(needs)  # first: it forks, and no other process must run then
    findings = [*programs(needs, environ), *about_suite]
    if suite is not None:
        findings += [*programs_of(suite, environ), rendered(Project(suite_file, state))]
    name = ".longpole" if state == Path(".longpole") else "$LONGPOLE_STATE"
    if suite is not None or state.is_dir():
        findings += kept(state, name)
    findings += [*about_machine, *variables(environ), *versions()]
    return [
        Finding(each.name, without_home(each.what, environ), each.level, without_home(each.remedy, environ))
        for each in findings
    ]


def variables(environ: Mapping[str, str]) -> list[Finding]:
    """The names of variables that steer runs, and those whose values are not valid. Their values are not shown."""
    present = sorted(name for name in (*TYPED, *OURS, "MAKEFLAGS") if environ.get(name))
    found = [Finding("variables", f"set: {', '.join(present)}" if present else "none that steers runs is set")]
    try:
        Request.from_environ(("test",), environ)
    except UseError as error:
        found += [
            Finding("variables", f"the value of {problem.file} is not valid", Level.WRONG, problem.remedy)
            for problem in error.problems
        ]
    return found
