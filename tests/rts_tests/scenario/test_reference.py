"""The reference interpreter and the generator, which the product is compared with, are right themselves."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from longpole.rts_tests.scenario.fixtures import Fixtures
from longpole.rts_tests.scenario.model import Settings
from longpole.rts_tests.scenario.parse import parse
from longpole.rts_tests.scenario.shapes import BRANCH, EXPECT, REPOSITORY, SCENARIO, STEP, Shape
from tests.rts_tests.scenario.generator import generate
from tests.rts_tests.scenario.reference import StepVerdict, processes_of, read, run

SEEDS = range(200)

FILES = """
mkdir -p d/e && ln -s d link && ln -s nowhere dangling && mkfifo pipe && : >empty
printf 'one\\ntwo $NAME\\n' >text && ln -s text text-link && printf '\\377' >binary
"""

CHECKS: list[tuple[dict[str, Any], list[bool]]] = [
    ({"dirs_exist": ["d/e", "link", "$WORK_DIR", "$BASE_DIR/remotes"]}, [True, True, True, True]),
    ({"dirs_exist": ["d/f", "text", "dangling", "pipe"]}, [False, False, False, False]),
    ({"files_exist": ["text", "text-link", "$WORK_DIR/empty"]}, [True, True, True]),
    ({"files_exist": ["d", "dangling", "pipe", "nothing"]}, [False, False, False, False]),
    ({"files_not_exist": ["nothing", "d/nothing", "text/below"]}, [True, True, True]),
    ({"files_not_exist": ["text", "d", "link", "pipe"]}, [False, False, False, False]),
    (
        {"file_contains": [{"path": "text", "content": "one\ntwo"}, {"path": "text-link", "content": "it"}]},
        [True, True],
    ),
    ({"file_contains": [{"path": "text", "content": "$NAME"}, {"path": "empty", "content": ""}]}, [True, True]),
    ({"file_contains": [{"path": "text", "content": "three"}, {"path": "binary", "content": ""}]}, [False, False]),
    ({"file_contains": [{"path": "nothing", "content": ""}, {"path": "d", "content": ""}]}, [False, False]),
    ({"file_not_contains": [{"path": "text", "content": "three"}]}, [True]),
    ({"file_not_contains": [{"path": "text", "content": "two"}, {"path": "binary", "content": "x"}]}, [False, False]),
    ({"file_not_contains": [{"path": "nothing", "content": "x"}, {"path": "pipe", "content": "x"}]}, [False, False]),
    ({"is_git_worktree": [{"dir": "$WORK_DIR", "branch": ""}, {"dir": "nothing", "branch": ""}]}, [False, False]),
    ({"branch_exists": [{"repo": "$WORK_DIR", "branch": "*"}]}, [False]),
]

RUNS: list[tuple[str, int, str]] = [
    ("true", 0, ""),
    ("exit 7", 7, ""),
    ("no-such-command", 127, "bash: line 1: no-such-command: command not found"),
    ("kill -TERM $$", -1, ""),
    ("printf '  out \\n\\n'; printf ' err ' >&2", 0, "out\nerr"),
    ("echo err >&2", 0, "err"),
    ("printf 'a\\377b'", 0, "a\ufffdb"),
    ("printf '\\034a\\n'", 0, "\x1ca"),
    ("echo '$NAME' \\$NAME ${NAME} $NAMES $3", 0, "it it it"),
    ("cat; pwd", 0, "[BASE_DIR]/work"),
    ("(sleep 0.05; echo late) &", 0, "late"),
    ("printenv WORK_DIR BASE_DIR GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL", 0, "[BASE_DIR]/work\n[BASE_DIR]\nA\na@b"),
    ("GIT_AUTHOR_NAME=Other printenv GIT_AUTHOR_NAME", 0, "Other"),
    ("echo $REMOTE_MY_REPO", 0, "[BASE_DIR]/remotes/my-repo"),
]


def settings(folder: Path, **other: Any) -> Settings:
    return Settings(str(folder), str(folder / "fixtures"), identity=("A", "a@b"), home="sandbox", **other)


def verdicts(folder: Path, scenario: dict[str, Any], **other: Any) -> tuple[StepVerdict, ...]:
    path = folder / "scenario.yml"
    path.write_text(json.dumps({"name": "x"} | scenario))
    return run(path, settings(folder, **other), folder)


def step(run: str, **other: Any) -> dict[str, Any]:
    return {"name": "s", "run": run} | other


def test_the_reference_tells_checks_that_hold_from_those_that_do_not(tmp_path: Path) -> None:
    steps = [step(FILES), *(step("true", expect=expect) for expect, _results in CHECKS)]
    made, *checked = verdicts(tmp_path, {"env": {"NAME": "it"}, "steps": steps})
    assert made == StepVerdict("s", 0, "", ())
    assert [[holds for _key, holds in verdict.checks] for verdict in checked] == [results for _e, results in CHECKS]


def test_the_reference_runs_steps_as_bash_does_and_reports_their_output(tmp_path: Path) -> None:
    found = verdicts(
        tmp_path,
        {"env": {"NAME": "it"}, "repos": [{"name": "my-repo"}], "steps": [step(run) for run, _code, _output in RUNS]},
    )
    assert [(verdict.exit_code, verdict.output) for verdict in found] == [(code, output) for _run, code, output in RUNS]


def test_a_dangling_link_is_absent_in_strict_mode_only(tmp_path: Path) -> None:
    steps = [step("ln -s nowhere link", expect={"files_not_exist": ["link"]})]
    assert [verdict.passed for verdict in verdicts(tmp_path, {"steps": steps}, strict=True)] == [True]
    assert [verdict.passed for verdict in verdicts(tmp_path, {"steps": steps})] == [False]


def test_a_step_without_a_folder_fails_and_the_next_one_runs_in_its_own(tmp_path: Path) -> None:
    steps = [
        step("true", cwd="nowhere", expect={"exit_code": 0}),
        step("mkdir -p a/b"),
        step("pwd", cwd="a", expect={"dirs_exist": ["b"], "files_not_exist": ["a"]}),
    ]
    first, _second, third = verdicts(tmp_path, {"steps": steps})
    assert (first.exit_code, first.checks, first.passed) == (None, (), False)
    assert (third.output, third.passed) == ("[BASE_DIR]/work/a", True)


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_the_reference_makes_repositories(tmp_path: Path, object_format: str) -> None:
    main = {"name": "main", "files": [{"path": "a/b.txt", "content": "b"}], "commits": [{"message": "First"}]}
    one = {"name": "f/one", "files": [{"path": "one", "content": "1"}]}
    two = {"name": "two", "from": "f/one"}
    repository = {"name": "r", "branches": [two, main, one]}
    repository |= {"daft_yml": "x: y\n", "hook_scripts": [{"name": "post-clone", "content": "#!/bin/sh\n"}]}
    repository["branches"] = [main, one, two]
    worktree = {"is_git_worktree": [{"dir": "$REMOTE_R", "branch": "main"}, {"dir": "$REMOTE_R", "branch": "f/one"}]}
    branches = {
        "branch_exists": [{"repo": "$REMOTE_R", "branch": name} for name in ("f/*", "two", "t?", "[mt]*o", "f")]
    }
    steps = [
        step("git -C $REMOTE_R log --format='%s|%an' two", expect=worktree | branches),
        step("git -C $REMOTE_R ls-tree -r --format='%(objectmode) %(path)' two"),
        step("git -C $REMOTE_R rev-parse --show-object-format --is-bare-repository"),
    ]
    log, tree, kind = verdicts(tmp_path, {"repos": [repository], "steps": steps}, object_format=object_format)
    assert log.output == "Initial commit|A\nAdd hook scripts|A\nAdd daft.yml config|A\nFirst|A"
    assert [holds for _key, holds in log.checks] == [True, False, True, True, False, True, False]
    assert tree.output == "100755 .daft/hooks/post-clone\n100644 a/b.txt\n100644 daft.yml\n100644 one"
    assert kind.output == f"{object_format}\ntrue"


def test_a_fixture_is_told_the_name_of_its_repository(tmp_path: Path) -> None:
    fixture = tmp_path / "fixtures/repos/model.v1.yml"
    fixture.parent.mkdir(parents=True)
    fixture.write_text('branches: [{name: main, files: [{path: name, content: "{{NAME}}"}]}]\n')
    repositories = [{"name": name, "use_fixture": "model.v1"} for name in ("one", "two")]
    steps = [step("git -C $REMOTE_ONE show main:name; echo; git -C $REMOTE_TWO show main:name")]
    assert verdicts(tmp_path, {"repos": repositories, "steps": steps})[0].output == "one\ntwo"


def test_a_repository_without_branches_has_one_commit_and_an_empty_branch_none(tmp_path: Path) -> None:
    repositories = [{"name": "a"}, {"name": "b", "branches": [{"name": "main"}]}]
    steps = [step("git -C $REMOTE_A ls-tree -r --name-only main; git -C $REMOTE_B for-each-ref; cat $REMOTE_B/HEAD")]
    assert verdicts(tmp_path, {"repos": repositories, "steps": steps})[0].output == "README.md\nref: refs/heads/main"


def test_what_a_scenario_started_ends_with_it(tmp_path: Path) -> None:
    daemon = "setsid env -i sh -c 'echo $$ >pid; exec sleep 1000' >/dev/null 2>&1 & while [ ! -s pid ]; do :; done"
    steps = [step(daemon), step('kill -0 "$(cat pid)" && pwd', expect={"exit_code": 0})]
    _started, alive = verdicts(tmp_path, {"steps": steps})
    assert alive.passed
    assert processes_of(tmp_path) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scenario.yml"]


def test_a_seed_has_one_scenario_and_all_seeds_have_all_keys() -> None:
    def keys(value: Any) -> set[str]:
        if isinstance(value, dict):
            return set(value).union(*map(keys, value.values()))
        return set[str]().union(*map(keys, value)) if isinstance(value, list) else set()

    assert generate(7) == generate(7) != generate(8)
    files = [file for seed in SEEDS for file in generate(seed).files.values()]
    used = set[str]().union(*(keys(read(file)) for file in files))

    def base(shape: Shape) -> set[str]:
        return {key.name for key in shape.keys.values() if not key.extension}

    assert used >= {"use_fixture"}.union(*map(base, (SCENARIO, STEP, EXPECT, REPOSITORY, BRANCH)))


def test_generated_scenarios_are_valid_in_strict_mode(tmp_path: Path) -> None:
    for seed in SEEDS:
        path = generate(seed).write(tmp_path / str(seed))
        parse(path.read_bytes(), str(path), Fixtures(str(path.parent / "fixtures")), strict=True)


@pytest.mark.slow
def test_generated_scenarios_have_each_check_both_ways_and_most_steps_run(tmp_path: Path) -> None:
    counted: Counter[tuple[str, bool]] = Counter()
    for seed in SEEDS[:60]:
        generated = generate(seed)
        path = generated.write(tmp_path / str(seed))
        own = settings(path.parent, strict=generated.strict, object_format=generated.object_format)
        for verdict in run(path, own, path.parent):
            counted.update(verdict.checks)
            counted[("step", verdict.passed)] += 1
    keys = ["step", *(key.name for key in EXPECT.keys.values() if not key.extension)]
    assert {(key, holds): counted[(key, holds)] > 3 for key in keys for holds in (True, False)} == {
        (key, holds): True for key in keys for holds in (True, False)
    }
