"""`scenarios`: what a scenario costs over its commands, and beside other runners of the same commands.

The floor is a shell script that runs a scenario's commands, and nothing else, in a sandbox that was made before, not
looking at what they print; a step that needs a shell is `bash -c` there, too. Longpole also makes the
sandbox and its repository, checks, records, reports and removes.
"""

import json
import os
import shutil
import sys
from pathlib import Path

from bench import budgets, tools
from bench.measure import (
    Conditions,
    Contender,
    Measured,
    cpu_s,
    differences,
    environment,
    interleaved,
    ratios,
    wall_s,
)
from bench.plain_scenarios import IDENTITY
from bench.project import CHECKOUT, Project, longpole
from bench.result import Comparison, Figure, Result
from longpole.rts_tests.scenario import git
from longpole.rts_tests.scenario.model import Branch, File, Repository
from longpole.rts_tests.scenario.repositories import Store

QUICK = 40
OF_GROUP = 20
FIXTURES = 4
JOBS = (1, 2, 4, 8)
BUDGET_JOBS = 2
"""The number of jobs that the budgets are for."""
BUSY = 60
"""Scenarios that compute, to see what two jobs gain."""
BUSY_QUICK = 6
LOOPS = 40_000
"""What each of them computes: about 0.2 s in bash."""
STEPS = 4
_PLAIN, _BATS = "plain runner, -j2", "bats, -j2"


def measure(conditions: Conditions) -> Result:
    """Measure and return what was found. Raises `CannotMeasure`."""
    count = QUICK if conditions.quick else budgets.SCENARIOS
    busy = BUSY_QUICK if conditions.quick else BUSY
    scratch, left_out = conditions.scratch, []
    conditions.say("preparing")
    scenarios = _project(scratch, "scenarios", {f"s{n}": scenario_of(n) for n in range(count)})
    floor = _Floor(scratch / "floor", count)
    contenders = [scenarios.contender(f"Longpole, -j{n}", "make", f"-j{n}", "test") for n in JOBS]
    contenders += [floor.contender(jobs) for jobs in JOBS]
    folder = scenarios.folder / "scenarios"
    plain = (sys.executable, "-m", "bench.plain_scenarios", str(folder), str(folder / "fixtures"), str(BUDGET_JOBS))
    contenders.append(Contender(_PLAIN, plain, CHECKOUT, environment(scratch)))
    bats = tools.find("bats")
    if bats is None or tools.find("parallel") is None:
        left_out.append(f"bats-core: {'bats' if bats is None else 'GNU parallel'} is not installed")
    else:
        contenders.append(floor.bats(bats))
    measured = interleaved(contenders, conditions.rounds, scratch, conditions.say)

    commands = f"i=0; while [ $i -lt {LOOPS} ]; do i=$((i + 1)); done"
    texts = {f"b{n}": f"name: Busy {n}\nsteps: [{{name: Loop, run: '{commands}'}}]\n" for n in range(busy)}
    working = _project(scratch, "busy", texts)
    turns = [working.contender(f"busy, -j{n}", "make", f"-j{n}", "test") for n in (1, 2)]
    both = interleaved(turns, conditions.rounds, scratch, conditions.say)

    bare = {f"Longpole, -j{jobs}": _Floor.name(jobs) for jobs in JOBS}
    bare |= {name: _Floor.name(BUDGET_JOBS) for name in (_PLAIN, _BATS) if name in measured}
    title = f"{count} scenarios of {STEPS} steps"
    comparison = Comparison(title, count, _Floor.name(BUDGET_JOBS), measured, bare, {})
    figures = _figures(measured, both, count, quick=conditions.quick)
    return Result("scenarios", (comparison,), figures, tuple(left_out), ("starting and ending the run is included",))


def _figures(
    measured: dict[str, Measured], both: dict[str, Measured], count: int, *, quick: bool
) -> tuple[Figure, ...]:
    ours, floor = measured[f"Longpole, -j{BUDGET_JOBS}"], measured[_Floor.name(BUDGET_JOBS)]
    over = tuple(1000 * each / count for each in differences(ours, floor, wall_s))
    over_cpu = tuple(1000 * each / count for each in differences(ours, floor, cpu_s))
    share = ratios(ours, measured[_PLAIN], cpu_s)
    lost = tuple(100 * (1 - each / 2) for each in ratios(both["busy, -j1"], both["busy, -j2"], wall_s))
    figures = (
        Figure("a scenario over its commands, -j2, wall", over, "ms", budgets.SCENARIO_MS),
        Figure("a scenario over its commands, -j2, CPU", over_cpu, "ms"),
        Figure("CPU of all, over the plain runner's", share, "x", budgets.SCENARIOS_OVER_PLAIN),
        Figure("lost of what two jobs could gain", lost, "%", budgets.EFFICIENCY_LOST_PERCENT),
    )
    return tuple(Figure(each.what, each.values, each.unit) for each in figures) if quick else figures


def _project(scratch: Path, name: str, scenarios: dict[str, str]) -> Project:
    """A project whose suite has these scenarios, by their names, in groups."""
    folder = scratch / name
    for number, (stem, text) in enumerate(scenarios.items()):
        path = folder / "scenarios" / f"group-{number // OF_GROUP}" / f"{stem}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    fixtures = folder / "scenarios" / "fixtures" / "repos"
    fixtures.mkdir(parents=True)
    for number in range(FIXTURES):
        (fixtures / f"fixture-{number}.yml").write_text(_fixture(number))
    identity = dict(zip(("name", "email"), IDENTITY, strict=True))
    suite = {"version": 1, "name": name, "variants": {"v": None}, "scenarios": {"strict": True, "identity": identity}}
    (folder / "suite.yaml").write_text(json.dumps(suite))
    project = Project(folder, environment(scratch))
    project.do(*longpole("render"))
    return project


def scenario_of(number: int) -> str:
    """One scenario that passes; it has three steps without shell syntax and one with it."""
    return f"""\
name: Scenario {number} commits on a branch
repos:
  - {{name: my-repo, use_fixture: fixture-{number % FIXTURES}}}
steps:
  - name: Clone
    run: git clone $REMOTE_MY_REPO clone 2>&1
    expect:
      exit_code: 0
      dirs_exist: [$WORK_DIR/clone]
      output_contains: [Cloning into]
  - name: Switch
    run: git switch -c topic-{number}
    cwd: clone
    expect:
      exit_code: 0
      is_git_worktree: [{{dir: $WORK_DIR/clone, branch: topic-{number}}}]
  - name: Commit
    run: git commit --allow-empty -m "Change {number}"
    cwd: clone
    expect: {{exit_code: 0, output_contains: [Change {number}]}}
  - name: Look
    run: git log --oneline -1 && cat README.md
    cwd: clone
    expect:
      exit_code: 0
      output_contains: [Change {number}, fixture {number % FIXTURES}]
      file_contains: [{{path: $WORK_DIR/clone/README.md, content: fixture {number % FIXTURES}}}]
"""


def _fixture(number: int) -> str:
    repository = _repository(number)
    branches = [
        {"name": branch.name, "files": [{"path": file.path, "content": file.content} for file in branch.files]}
        for branch in repository.branches
    ]
    return json.dumps({"default_branch": "main", "branches": branches})


def _repository(number: int) -> Repository:
    readme, other = File("README.md", f"fixture {number}\n"), File("src/one.txt", "one\n")
    return Repository("r", branches=(Branch("main", None, (readme, other)), Branch("dev", None, (File("d", "d\n"),))))


class _Floor:
    """Sandboxes with a shell script for each; they are made anew before each run."""

    def __init__(self, folder: Path, count: int) -> None:
        folder.mkdir()
        self._folder = folder
        self._count = count
        self._store = Store(f"{folder}/store", "sha1", IDENTITY)
        self._environ = {**environment(folder), **git.clean_environment(IDENTITY)}
        for number in range(count):
            (folder / f"{number}.sh").write_text(self._script(number))
        (folder / "scripts").write_text("".join(f"{number}.sh\n" for number in range(count)))

    @staticmethod
    def name(jobs: int) -> str:
        """What the script is called that runs so many at once."""
        return f"bare script, -j{jobs}"

    def contender(self, jobs: int) -> Contender:
        """The scripts, as many as `jobs` at once."""
        argv = ("xargs", "-a", "scripts", "-n", "1", "-P", str(jobs), "sh", "-e")
        return Contender(self.name(jobs), argv, self._folder, self._environ, before=self._prepare)

    def bats(self, bats: str) -> Contender:
        """A test of bats for each script, in files of as many as a group has."""
        folder = self._folder / "bats"
        folder.mkdir()
        for first in range(0, self._count, OF_GROUP):
            tests = [
                f'@test "scenario {number}" {{\n{self._script(number)}}}\n'
                for number in range(first, min(first + OF_GROUP, self._count))
            ]
            (folder / f"group-{first}.bats").write_text("\n".join(tests))
        argv = (bats, "-j", str(BUDGET_JOBS), str(folder))
        return Contender(_BATS, argv, self._folder, self._environ, before=self._prepare)

    def _script(self, number: int) -> str:
        base = f"{self._folder}/sandboxes/{number}"
        return (
            f"cd {base}/work\ngit clone {base}/remotes/my-repo clone 2>&1\ncd clone\ngit switch -c topic-{number}\n"
            f"git commit --allow-empty -m 'Change {number}'\nbash -c 'git log --oneline -1 && cat README.md'\n"
        )

    def _prepare(self) -> None:
        shutil.rmtree(self._folder / "sandboxes", ignore_errors=True)
        for number in range(self._count):
            os.makedirs(self._folder / "sandboxes" / str(number) / "work")
            os.mkdir(self._folder / "sandboxes" / str(number) / "remotes")
            into = self._folder / "sandboxes" / str(number) / "remotes" / "my-repo"
            self._store.materialise(_repository(number % FIXTURES), str(into))
