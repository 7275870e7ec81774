"""Every `run:` step of the workflows is executed here as it stands, by bash as GitHub's runners start it.

The steps are those of the adopter, whose suite has a platform of every kind that this machine can be; a test holds that
this repository's own workflows have no other command than these, but for the name of the suite.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.nix.world import Nix, commit
from tests.project import REPOSITORY, Done, tool

ADOPTER = REPOSITORY / "examples/nix-adopter"


def commands(project: Path) -> set[str]:
    """Every command of the project's workflows, with what is particular to the project taken out.

    That of benchmarks is executed by a test of its own.
    """
    found = set()
    name = re.findall(r"^name: (\w+)$", (project / "suite.yaml").read_text(), re.MULTILINE)[0]
    for path in (project / ".github/workflows" / file for file in ("ci.yml", "nightly.yml")):
        for job in yaml.safe_load(path.read_text())["jobs"].values():
            for step in job["steps"]:
                if "NEEDS" not in step.get("run", "NEEDS"):  # the gate has a test of its own
                    command = step["run"].replace(f".#{name}", ".#SUITE")
                    found.add(re.sub(r"( nightly-[a-z0-9_]+-[a-z]+)+", " NIGHTLY", command))
    return found


PART = "shard-${{ matrix.shard }}-of-${{ matrix.shards }}"
PROVE = (
    "nix run .#longpole -- prove-shards --into longpole-results "
    "longpole-shards/shard-${{ matrix.system }}-{1..${{ matrix.shards }}}-of-${{ matrix.shards }}"
)
EXECUTED = {
    "nix build .#SUITE --print-build-logs",
    "nix build .#SUITE-results --out-link longpole-results",
    "nix build --impure .#SUITE-checked --print-build-logs",
    "nix build --impure .#SUITE-results --out-link longpole-results",
    "nix build .#SUITE-build --print-build-logs --out-link longpole-built",
    "nix-store --export $(nix-store --query --requisites ./longpole-built) >longpole-artifacts",
    "nix-store --import <longpole-artifacts",
    f"nix build .#SUITE-{PART} --print-build-logs --out-link longpole-results",
    f"nix build --impure .#SUITE-{PART} --print-build-logs --out-link longpole-results",
    PROVE,
    "nix run .#longpole -- nightly-open",
    "nix run .#longpole -- nightly-again --nix .#SUITE-results --into longpole-again nightly-${{ matrix.system }}",
    "nix run .#longpole -- report longpole-results",
    "nix run .#longpole -- nightly-issue --results longpole-results NIGHTLY",
    'date --utc +day=%F >>"$GITHUB_OUTPUT"',
}
OF_THIS_REPOSITORY = {"./configure", "make ${{ matrix.goal }}"}


def test_no_command_is_left_out() -> None:
    assert commands(ADOPTER) == EXECUTED
    assert commands(REPOSITORY) <= EXECUTED | OF_THIS_REPOSITORY


class Runner:
    """A checkout on a machine of GitHub's, whose steps are executed one by one."""

    def __init__(self, nix: Nix, folder: Path) -> None:
        self.nix = nix
        self.folder = folder
        self.log: list[str] = []

    def step(self, command: str, **environ: str) -> Done:
        """Execute one of EXECUTED, with `SUITE` for the suite and values for the matrix."""
        assert command in EXECUTED
        command = command.replace("SUITE", "calc").replace("NIGHTLY", "nightly-x86_64-linux nightly-aarch64-darwin")
        matrix = {"shard": environ.pop("matrix_shard", ""), "shards": "2", "system": "x86_64-linux"}
        command = re.sub(r"\$\{\{ matrix\.(\w+) \}\}", lambda match: matrix[match[1]], command)
        done = subprocess.run(
            [tool("bash"), "--noprofile", "--norc", "-eo", "pipefail", "-c", command],
            cwd=self.folder,
            env={**self.nix.environ(), **environ},
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def runner(nix: Nix, adopter: Path) -> Runner:
    return Runner(nix, adopter)


def plant(runner: Runner) -> None:
    source = runner.folder / "src/calc.c"
    source.write_text(source.read_text().replace("result *= base;", "result += base;"))
    commit(runner.folder, "a planted defect")


def test_ci_of_a_good_commit(runner: Runner) -> None:
    assert runner.step("nix build .#SUITE --print-build-logs").status == 0
    assert runner.step("nix build .#SUITE-results --out-link longpole-results").status == 0
    assert (runner.folder / "longpole-results/share/longpole/junit.xml").is_file()


def test_ci_of_a_bad_commit_fails_and_still_has_results(runner: Runner) -> None:
    plant(runner)
    done = runner.step("nix build .#SUITE --print-build-logs")
    assert done.status != 0
    assert "FAIL fast/power" in done.err
    again = runner.step("nix build .#SUITE-results --out-link longpole-results")
    assert again.status == 0
    assert "PASS" not in again.err  # they are those of the run that failed, not of another
    assert "4 failed" in (runner.folder / "longpole-results/share/longpole/report.txt").read_text()


def test_the_date_is_an_output(runner: Runner, tmp_path: Path) -> None:
    output = tmp_path / "output"
    assert runner.step('date --utc +day=%F >>"$GITHUB_OUTPUT"', GITHUB_OUTPUT=str(output)).status == 0
    assert re.fullmatch(r"day=[0-9]{4}-[0-9]{2}-[0-9]{2}\n", output.read_text())


def test_a_night_on_a_platform_that_is_not_split(runner: Runner) -> None:
    day = {"LONGPOLE_DAY": "2026-11-21"}
    done = runner.step("nix build --impure .#SUITE-checked --print-build-logs", **day)
    assert done.status == 0, done.text
    assert runner.step("nix build --impure .#SUITE-results --out-link longpole-results", **day).status == 0
    report = (runner.folder / "longpole-results/share/longpole/report.txt").read_text()
    assert re.search(r"commit [0-9a-f]{12} \(LONGPOLE_REV, on 2026-11-21\)", report)


def night_in_shards(runner: Runner) -> None:
    """Build once, then test two shards with what was built, as a night does."""
    for command in (
        "nix build .#SUITE-build --print-build-logs --out-link longpole-built",
        "nix-store --export $(nix-store --query --requisites ./longpole-built) >longpole-artifacts",
        "nix-store --import <longpole-artifacts",
    ):
        done = runner.step(command)
        assert done.status == 0, done.text
    for number in ("1", "2"):
        command = f"nix build --impure .#SUITE-{PART} --print-build-logs --out-link longpole-results"
        done = runner.step(command, matrix_shard=number, LONGPOLE_DAY="2026-11-21")
        assert done.status == 0, done.text
        shard = f"longpole-shards/shard-x86_64-linux-{number}-of-2"
        shutil.copytree(runner.folder / "longpole-results/share/longpole", runner.folder / shard)
        (runner.folder / "longpole-results").unlink()


def run_again(runner: Runner, programs: Path, output: Path, body: str) -> None:
    """Run the failures of the open issue with this text again, after the defect was mended."""
    issue = {"number": 1, "title": "The nightly tests of calc fail", "state": "OPEN", "body": body}
    (programs / "gh").write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps([issue])}\nEND\n")
    path = {"PATH": f"{programs}:{os.environ['PATH']}"}
    done = runner.step("nix run .#longpole -- nightly-open", GITHUB_OUTPUT=str(output), **path)
    assert done.status == 0, done.text
    again = output.read_text().removeprefix("failures=").strip()
    (runner.folder / "src/calc.c").write_text((ADOPTER / "src/calc.c").read_text())
    commit(runner.folder, "mended")
    done = runner.step(
        "nix run .#longpole -- nightly-again --nix .#SUITE-results --into longpole-again nightly-${{ matrix.system }}",
        AGAIN=again,
    )
    assert done.status == 0, done.text
    runs = [json.loads(path.read_text()) for path in (runner.folder / "longpole-again").glob("*/run.json")]
    assert [run["commit"].partition("+")[2] for run in runs] == ["2026-11-21"]
    assert sorted(name for run in runs for name, _, _ in run["planned"]) == ["checked/power", "fast/power"]


def test_a_night_on_a_platform_that_is_split_and_the_issue_about_it(runner: Runner, tmp_path: Path) -> None:
    plant(runner)
    night_in_shards(runner)
    done = runner.step(PROVE)
    assert (done.status, done.out) == (0, "10 units in 2 shards, each run exactly once\n")
    done = runner.step("nix run .#longpole -- report longpole-results")
    assert done.status == 1
    assert "10 units: 6 passed, 4 failed" in done.out

    (runner.folder / "longpole-results").rename(runner.folder / "union")
    shutil.copytree(runner.folder / "union", runner.folder / "longpole-results/nightly-x86_64-linux")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "gh").write_text('#!/bin/sh\n[ "$2" != list ] || echo "[]"\n[ "$2" != create ] || cat >>"$GH_BODY"\n')
    (programs / "gh").chmod(0o755)
    done = runner.step(
        "nix run .#longpole -- nightly-issue --results longpole-results NIGHTLY",
        PATH=f"{programs}:{os.environ['PATH']}",
        GH_BODY=str(tmp_path / "body"),
        NEEDS=json.dumps({"union": {"result": "failure"}, "checked": {"result": "failure"}}),
    )
    assert done.status == 0, done.text
    body = (tmp_path / "body").read_text()
    assert "### `nightly-x86_64-linux`: 10 units: 6 passed, 4 failed" in body
    assert re.search(
        r"\| `fast/power` \| failed `exit status 1` \| [0-9]+ \| `PREBUILT=1 make test-fast-power SEED=[0-9]+` \|", body
    )
    assert "### `nightly-aarch64-darwin`: failed, and left no results" in body
    run_again(runner, programs, tmp_path / "output", body)


def test_the_project_s_own_commands_are_those_that_ci_runs_as_the_readme_has_them() -> None:
    """They take minutes and contain this test, so .ci/run executes them: the README's first block, line by line."""
    script = (REPOSITORY / ".ci/run").read_text()
    assert "README.md" in script
    block = re.findall(r"^```sh\n(.*?)^```", (REPOSITORY / "README.md").read_text(), re.MULTILINE | re.DOTALL)[0]
    words = re.split(r"&&|\n|#.*", block)
    assert {word.strip() for word in words} >= {"./configure", "make check-all"}
