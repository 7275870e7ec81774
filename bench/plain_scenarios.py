"""A plain runner of scenarios to compare with: repositories by git commands, a shell for each step, git for branches.

`python -m bench.plain_scenarios FOLDER FIXTURES JOBS` runs all scenarios of a folder, without a supervisor, records or
reports, and exits with the number of scenarios that failed, at most 100. It knows the checks of the base format.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from longpole.rts_tests.machine.trees import remove_tree
from longpole.rts_tests.scenario import git
from longpole.rts_tests.scenario.cache import Cache
from longpole.rts_tests.scenario.commits import changes
from longpole.rts_tests.scenario.discover import discover
from longpole.rts_tests.scenario.fixtures import Fixtures
from longpole.rts_tests.scenario.model import Check, Scenario
from longpole.rts_tests.scenario.names import variable
from longpole.rts_tests.scenario.variables import Variables

IDENTITY = ("Bench", "bench@example.com")


def main(folder: str, fixtures: str, jobs: str) -> int:
    """Run the scenarios in `jobs` processes; return how many failed."""
    cache, known = Cache(None), Fixtures(fixtures)
    scenarios = [
        cache.scenario(Path(found.path).read_bytes(), found.path, known, strict=True) for found in discover(folder)
    ]
    workers = []
    for job in range(int(jobs)):
        pid = os.fork()
        if pid == 0:
            os._exit(min(100, sum(not _passes(scenario) for scenario in scenarios[job :: int(jobs)])))
        workers.append(pid)
    return sum(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in workers)


def _passes(scenario: Scenario) -> bool:
    base = tempfile.mkdtemp()
    work, remotes = f"{base}/work", f"{base}/remotes"
    os.mkdir(work)
    os.mkdir(remotes)
    values = {"WORK_DIR": work, "BASE_DIR": base, **scenario.env}
    for repository in scenario.repositories:
        bare = values[variable(repository.name)] = f"{remotes}/{repository.name}"
        git.empty_repository(bare, "sha1")
        git.git("symbolic-ref", "HEAD", f"refs/heads/{repository.default_branch}", cwd=bare, environ=dict(os.environ))
        git.commit_all(tuple(changes(repository)), bare, f"{base}/made", "sha1", IDENTITY)
        remove_tree(f"{base}/made")
    variables, environ = Variables(values), {**git.clean_environment(IDENTITY), **values}
    passed = True
    for step in scenario.steps:
        command = ("bash", "-c", variables.expand(step.run))
        cwd = os.path.join(work, variables.expand(step.cwd or ""))
        done = subprocess.run(command, cwd=cwd, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        output = "\n".join(part.decode(errors="replace").strip() for part in (done.stdout, done.stderr) if part)
        passed &= step.exit_code in (None, done.returncode)
        passed &= all(_holds(check, output, cwd, variables, environ) for check in step.checks)
    remove_tree(base)
    return passed


def _holds(check: Check, output: str, cwd: str, variables: Variables, environ: dict[str, str]) -> bool:
    first, *others = (variables.expand(text) for text in check.texts)
    path = os.path.join(cwd, first)
    if check.key == "dirs_exist":
        return os.path.isdir(path)
    if check.key == "files_exist":
        return os.path.isfile(path)
    if check.key == "file_contains":
        return others[0] in Path(path).read_text()
    if check.key == "is_git_worktree":
        return git.git("branch", "--show-current", cwd=path, environ=environ).strip() == others[0]
    assert check.key == "output_contains", f"{check.key} is not known here"
    return first in output


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
