"""For `make -n`: print the commands of a run without executing them."""

import shlex
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from longpole.rts_tests.contracts.commit import find_commit
from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.contracts.project_python import project_python
from longpole.rts_tests.contracts.seeds import unit_seeds
from longpole.rts_tests.run.prepare import builds_of, names_again, selected
from longpole.rts_tests.run.request import Request
from longpole.rts_tests.state.outstanding import Outstanding
from longpole.rts_tests.unit.command import unit_command


def show(request: Request, again: Outstanding | None, make: str, makefile: str) -> int:
    """Print the builds that make would run, then every unit's command, in the order in force; return make's status."""
    plan, units = selected(request, again)
    names = names_again(plan, units, request, again)
    sha = find_commit(Path(), request.commit).sha
    builds = [f"build-{name}" for name in builds_of(plan, units, request)]
    status = 0
    if builds:
        argv = [make, "--no-print-directory", "-f", makefile, *builds]
        status = subprocess.run(argv, env=dict(request.environ), close_fds=False, check=False).returncode
    lines = []
    python = project_python(request.environ, plan.python)
    for unit in _with_listings(units):
        seeds = unit_seeds(unit, plan.modules[unit.module], sha, request.seeds)
        words = unit_command(plan, unit, seeds, make, python, cases=names.get(unit.target, ()), state=request.state)
        command, cwd = shlex.join(words), plan.cwd_of(unit)
        command = command if cwd is None else f"(cd {shlex.quote(cwd)} && {command})"
        lines.append(f"{command}  # {unit.id}")
    print("\n".join(lines), flush=True)
    return status


def _with_listings(units: Iterable[Unit]) -> Iterator[Unit]:
    """The units, each listing before the first of its forks."""
    listed = set()
    for unit in units:
        if unit.fork is not None and unit.listed_by not in listed:
            listed.add(unit.listed_by)
            yield unit.listed_by
        yield unit
