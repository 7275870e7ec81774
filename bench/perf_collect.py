"""`perf-collect`: the results of a commit on three platforms, added to a branch that has 10,000 already."""

import os
import random
import subprocess
import sys
from functools import partial
from pathlib import Path

from bench import budgets
from bench.measure import Conditions, environment
from bench.perf_index import NEW, QUICK, RESULTS, result, seconds, write
from bench.result import Figure, Result
from longpole.perf.files import to_bytes

_SSH = """#!/bin/sh
while [ "$1" != host ]; do shift; done; shift
exec sh -c "$*"
"""
"""What git takes for ssh: the command runs on this machine, but git knows the repository by its answers only."""


def measure(conditions: Conditions) -> Result:
    """Measure and return what was found."""
    count = QUICK if conditions.quick else RESULTS
    repository, ssh = conditions.scratch / "repository.git", conditions.scratch / "ssh"
    subprocess.run(["git", "init", "-q", "--bare", repository], check=True)
    ssh.write_text(_SSH)
    ssh.chmod(0o755)
    chance = random.Random(1)  # noqa: S311  data for a measurement
    conditions.say(f"writing {count} results")
    count -= count % NEW
    write(repository, 0, count, chance)
    before = count
    figures: list[Figure] = []
    far = f"host:{repository}"
    for what, remote, filters in (
        ("on the same machine", str(repository), True),
        ("on another one, which allows filters", far, True),
        ("on another one, which does not", far, False),
    ):
        subprocess.run(["git", "-C", repository, "config", "uploadpack.allowFilter", str(filters)], check=True)
        times = []
        for number in range(conditions.rounds.most):
            conditions.say(f"{what}, round {number + 1}")
            folder = conditions.scratch / "artifacts" / str(len(figures)) / str(number)
            artifacts(folder, count, chance)
            count += NEW
            times.append(seconds(partial(collect, conditions.scratch, folder, remote, ssh)))
        budget = budgets.COLLECT_S if filters and not conditions.quick else None
        figures.append(Figure(f"{NEW} results added to {before:,}, {what}", tuple(times), "s", budget))
    return Result("perf-collect", (), tuple(figures))


def artifacts(folder: Path, first: int, chance: random.Random) -> None:
    """The results of three platforms, a folder each."""
    for number in range(first, first + NEW):
        (folder / str(number)).mkdir(parents=True)
        (folder / str(number) / "result.json").write_bytes(to_bytes(result(number, chance)))


def collect(scratch: Path, folder: Path, remote: str, ssh: Path) -> None:
    """Add them by a command of its own."""
    words = ["perf", "collect", os.fspath(folder), "--remote", remote, "--repo", os.fspath(scratch)]
    environ = {**environment(scratch), "GIT_SSH_COMMAND": os.fspath(ssh)}
    subprocess.run([sys.executable, "-m", "longpole", *words], env=environ, check=True, stdout=subprocess.DEVNULL)
