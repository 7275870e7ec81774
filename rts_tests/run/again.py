"""Failures of earlier nights, run again with their seeds: one run of make for each commit that the seeds are from."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.last_render import MAKEFILE, file_option, makefile_in_force
from longpole.rts_tests.contracts.plan import Plan
from longpole.rts_tests.report.open_failures import from_json
from longpole.rts_tests.state.run_folders import all_run_dirs, state_dir


def run_again(
    plan: Plan, text: str, name: str, into: Path, *, jobs: int | None, environ: Mapping[str, str]
) -> ExitStatus:
    """Run the failures in `text` that a run called `name` had, and copy each run to `into/<number>`.

    Failures without a commit are left out: every night runs them itself. Raises `UseError` for a text that holds no
    failures, and if make cannot be called or ran nothing.
    """
    failures = from_json(text) if text.strip() else []
    targets = {unit.id: unit.target for unit in plan.units}
    by_commit: dict[str, list[str]] = {}
    for failure in failures:
        if failure.run == name and failure.commit is not None and failure.unit in targets:
            by_commit.setdefault(failure.commit, []).append(targets[failure.unit])
    into.mkdir(parents=True, exist_ok=True)
    total = sum(map(len, by_commit.values()))
    print(f"{total} earlier failure{'s' * (total != 1)} of {name} to run again", flush=True)
    number = jobs or min(plan.jobs or sys.maxsize, os.cpu_count() or 1)
    statuses = []
    for index, (commit, goals) in enumerate(sorted(by_commit.items()), 1):
        run, status = _make([f"-j{number}", *sorted(set(goals))], {**environ, "LONGPOLE_REV": commit})
        shutil.copytree(run, into / str(index), symlinks=True)
        statuses.append(status)
    return ExitStatus.FAILED if any(statuses) else ExitStatus.PASSED


def _make(arguments: list[str], environ: Mapping[str, str]) -> tuple[Path, int]:
    """Call make; return the folder of its run and make's exit status. Raises `UseError`."""
    state = state_dir(environ)
    makefile = str(makefile_in_force(state) or MAKEFILE)
    option = ["-f", makefile] if file_option(makefile) else []
    before = set(all_run_dirs(state))
    try:
        done = subprocess.run(["make", *option, *arguments], env=environ, check=False)
    except FileNotFoundError:
        raise UseError.at("make", "make is missing", "install GNU make") from None
    made = sorted(set(all_run_dirs(state)) - before)
    if not made:
        raise UseError.at("make", "it ran no unit", "see the messages above")
    return made[-1], done.returncode
