"""Failures of earlier nights, run again with their seeds: one run for each commit that the seeds are from.

A run is one of make in this checkout, or one in a derivation of Nix that tests what the variables LONGPOLE_REV and
LONGPOLE_TARGETS say, such as `rts-results`.
"""

import shutil
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.last_render import MAKEFILE, file_words, makefile_in_force
from longpole.rts_tests.contracts.plan import Plan
from longpole.rts_tests.contracts.quantities import count
from longpole.rts_tests.machine.processes import usable_cores
from longpole.rts_tests.report.open_failures import from_json
from longpole.rts_tests.report.summary import read_summary
from longpole.rts_tests.state.run_folders import all_run_dirs, state_dir


def run_again(
    plan: Plan, text: str, name: str, into: Path, *, jobs: int | None, nix: str | None, environ: Mapping[str, str]
) -> ExitStatus:
    """Run the failures in `text` that a run called `name` had, and copy each run to `into/<number>`.

    `nix` is the installable whose build runs them; None for make. Failures without a commit are left out: every night
    runs them itself. Raises `UseError` for a text that holds no failures, and if nothing could be run.
    """
    failures = from_json(text) if text.strip() else []
    targets = {unit.id: unit.target for unit in plan.units}
    by_commit: dict[str, set[str]] = {}
    for failure in failures:
        if failure.run == name and failure.commit is not None and failure.unit in targets:
            by_commit.setdefault(failure.commit, set()).add(targets[failure.unit])
    into.mkdir(parents=True, exist_ok=True)
    print(f"{count(sum(map(len, by_commit.values())), 'earlier failure')} of {name} to run again", flush=True)
    number = jobs or plan.jobs or usable_cores()
    failed = False
    for index, (commit, goals) in enumerate(sorted(by_commit.items()), 1):
        seeded = {**environ, "LONGPOLE_REV": commit}
        run = into / str(index)
        if nix is None:
            _make([f"-j{number}", *sorted(goals)], seeded, run)
        else:
            _nix(nix, {**seeded, "LONGPOLE_TARGETS": " ".join(sorted(goals))}, run)
        failed = bool(read_summary(run).failures) or failed
    return ExitStatus.FAILED if failed else ExitStatus.PASSED


def _make(arguments: list[str], environ: Mapping[str, str], into: Path) -> None:
    """Call make, and copy the folder of its run. Raises `UseError`."""
    state = state_dir(environ)
    option = file_words(makefile_in_force(state) or MAKEFILE)
    before = set(all_run_dirs(state))
    _call(["make", *option, *arguments], environ)
    made = sorted(set(all_run_dirs(state)) - before)
    if not made:
        raise UseError.at("make", "it ran no unit", "see the messages above")
    shutil.copytree(made[-1], into, symlinks=True)


def _nix(installable: str, environ: Mapping[str, str], into: Path) -> None:
    """Build the results with Nix, and copy them. Raises `UseError`."""
    link = into.with_name(f"{into.name}.link")
    # --impure, because a pure evaluation cannot read variables from the environment.
    status = _call(["nix", "build", "--impure", installable, "--print-build-logs", "--out-link", str(link)], environ)
    results = link / "share/longpole"
    if status or not (results / "run.json").is_file():
        raise UseError.at("nix", f"building {installable} left no run", "see the messages above")
    shutil.copytree(results, into, symlinks=True)
    for path in (into, *into.rglob("*")):
        path.chmod(path.stat().st_mode | stat.S_IWUSR)  # in the store everything is read-only
    link.unlink()


def _call(argv: list[str], environ: Mapping[str, str]) -> int:
    try:
        return subprocess.run(argv, env=environ, check=False).returncode
    except FileNotFoundError:
        raise UseError.at(argv[0], "the command is missing", f"install {argv[0]}") from None
