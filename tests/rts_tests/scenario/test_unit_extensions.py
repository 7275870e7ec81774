"""Conditions, matrices and golden files in real runs."""

import json
import os
import re
from pathlib import Path

import pytest

from tests.project import Project
from tests.rts_tests.scenario.page_examples import example_of
from tests.rts_tests.scenario.suites import cases, with_scenarios
from tests.rts_tests.scenario.test_scenarios_page import PAGE
from tests.tiers import slow

MATRIX = """
name: Two values
matrix: {HOW: [one, two], MORE: ['a/b', c]}
exclude: [{HOW: two, MORE: c}]
steps:
  - name: text and environment
    run: test "$HOW" = $HOW && env
    expect: {exit_code: 0, output_contains: [HOW=$HOW, MORE=$MORE]}
  - name: fails in one cell
    run: test $HOW != two
    expect: {exit_code: 0}
"""
GOLDEN = """
name: Golden
repos: [{name: origin}]
steps:
  - name: prints
    run: printf 'in %s\\n\\033[1m%s' $WORK_DIR/x 0123456789; echo $REMOTE_ORIGIN >&2; date; exit 3
    expect: {exit_code: 3, golden: prints}
"""
NUMBERS = [{"match": "[0-9]{10}.*", "as": "[NUMBER]"}]
PRINTS = """exit code: 3
stdout:
  in [WORK_DIR]/x
  \\x1b[1m[NUMBER][..]
stderr:
  [REMOTE_ORIGIN]
"""


def skips(keys: str) -> str:
    return f"name: Skips\n{keys}\nsteps: [{{name: a, run: echo never}}]\n"


def golden_file(project: Project, scenario: str, name: str) -> Path:
    path = project.root / "scenarios" / f"{scenario}.golden" / f"{name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def test_each_cell_is_a_unit(project: Project) -> None:
    with_scenarios(project, {"group/m.yml": MATRIX})
    assert project.make("-j2", "test").status == 2
    assert project.statuses() == {
        "v/group/m--one--a-b": "passed",
        "v/group/m--one--c": "passed",
        "v/group/m--two--a-b": "failed",
    }
    records = project.records()
    assert cases(records["v/group/m--two--a-b"]) == {"text and environment": "passed", "fails in one cell": "failed"}
    log = (project.last / "units" / "test-v-group-m--two--a-b.log").read_text()
    assert "HOW=two" in log
    assert "ok      output_contains: MORE=a/b" in log
    assert project.make("test-v-group-m--one--c").status == 0
    assert project.make("test", "FILTER=*/m--one*").status == 0
    assert project.make("test-v-group-m").status == 2
    assert len(project.statuses()) == 3
    (record,) = [each for each in records.values() if each["module"] == "group/m--one--c"]
    assert "one--c" in " ".join(record["command"])


def test_a_variable_of_a_matrix_that_the_suite_has_is_an_error(project: Project) -> None:
    with_scenarios(project, {"m.yml": MATRIX}, names={"HOW": "else"}, short_folders=["MORE"])
    assert project.make("test").status == 2
    assert set(project.statuses().values()) == {"error"}
    assert (
        "scenarios/m.yml: the suite sets the variables `HOW`, `MORE` of the matrix; choose other"
        in project.make("test").out
    )


@pytest.mark.parametrize("warm", ["1", *slow("0")])
def test_conditions_skip_with_their_reason(project: Project, warm: str) -> None:
    bin_dir = project.root / "bin"
    bin_dir.mkdir()
    tool = bin_dir / "tool"
    tool.write_text(f"#!/bin/sh\necho asked >>{project.root}/asked\necho tool 2.5\n")
    tool.chmod(0o755)
    files = {
        "missing.yml": skips("requires: [no-such-program, tool>=2]"),
        "old.yml": skips("requires: [tool>=3]"),
        "new.yml": skips("requires: [tool>=2.5, git>=2]"),
        "if.yml": skips("skip_if: test \"$ANSWER\" = 42 && pwd && echo it is $ANSWER\nenv: {ANSWER: '42'}"),
        "runs.yml": skips("skip_if: exit 1\nrequires: [tty]"),
    }
    with_scenarios(project, files, variants={"v": {"bin": "bin"}})
    done = project.make("-j2", "test", WARM=warm)
    assert done.status == 0, done.text
    assert project.statuses() == {
        "v/missing": "skipped",
        "v/old": "skipped",
        "v/new": "passed",
        "v/if": "skipped",
        "v/runs": "passed",
    }
    records = project.records()
    assert records["v/missing"]["note"] == "it needs `no-such-program`, which is not on PATH"
    assert records["v/old"]["note"] == "it needs `tool>=3`, and this is version 2.5"
    assert records["v/if"]["note"] == "skip_if: it is 42"
    assert (project.root / "asked").read_text() == "asked\n"  # once a run
    assert "SKIP v/old" in done.out
    strict = project.make("-j2", "test", "NO_SKIP=1")
    assert strict.status == 2
    assert "skipped, which NO_SKIP forbids: it needs `tool>=3`, and this is version 2.5" in strict.out
    assert len((project.root / "asked").read_text().splitlines()) == 2


def test_a_condition_that_hangs_meets_the_timeout_of_its_scenario(project: Project) -> None:
    with_scenarios(project, {"a.yml": skips("skip_if: sleep 1000")}, limits={"timeout": 0.5})
    assert project.make("test").status == 2
    assert project.statuses() == {"v/a": "timeout"}


def test_tags_are_labels(project: Project) -> None:
    with_scenarios(project, {"a.yml": skips("tags: [slow]"), "b.yml": skips("tags: [quick]")})
    assert project.make("test", "FILTER=label:slow").status == 0
    assert project.statuses() == {"v/a": "passed"}


def test_a_golden_file_is_compared(project: Project) -> None:
    with_scenarios(project, {"g.yml": GOLDEN}, redact=[{"match": "[0-9]{10}", "as": "[NUMBER]"}])
    golden_file(project, "g.yml", "prints").write_text(PRINTS)
    done = project.make("test")
    assert done.status == 0, done.text
    golden_file(project, "g.yml", "prints").write_text(PRINTS.replace("in [WORK", "at [WORK"))
    done = project.make("test")
    assert done.status == 2
    log = (project.last / "units" / "test-v-g.log").read_text()
    assert "FAILED  scenarios/g.yml:7: golden: prints.txt: differs from scenarios/g.yml.golden/prints.txt\n" in log
    assert "-  at [WORK_DIR]/x\n" in log
    assert "+  in [WORK_DIR]/x\n" in log
    assert "\x1b" not in log
    (case,) = project.records()["v/g"]["cases"]
    assert "+  in [WORK_DIR]/x" in json.dumps(case)


def test_golden_files_that_no_step_names_are_an_error_of_the_run(project: Project) -> None:
    with_scenarios(project, {"a.yml": skips("")})
    golden_file(project, "a.yml", "old").write_text("")
    done = project.make("test")
    assert done.status == 2
    assert project.statuses() == {"v/a": "error"}
    assert "scenarios/a.yml.golden/old.txt: no step of the scenario names this golden file; remove it" in done.out


def by_hand(project: Project, name: str) -> tuple[int, str]:
    done = project.run(
        *(
            project.python,
            "-EPm",
            "longpole.rts_tests.scenario.unit",
            ".longpole/scenarios.json",
            "v",
            f"scenarios/{name}",
        )
    )
    return done.status, done.text


def update_by_hand(project: Project, name: str) -> str:
    """Run one scenario that writes its golden files; what it printed."""
    config = project.root / ".longpole" / "scenarios.json"
    text = config.read_text()
    config.write_text(json.dumps({**json.loads(text), "update": True}))
    status, out = by_hand(project, name)
    config.write_text(text)
    assert status == 0, out
    return out


def test_update_writes_golden_files_that_then_match(project: Project) -> None:
    with_scenarios(project, {"g.yml": GOLDEN}, redact=NUMBERS)
    path = golden_file(project, "g.yml", "prints")
    out = update_by_hand(project, "g.yml")
    assert "ok      golden: prints.txt: written" in out
    assert "+  in [WORK_DIR]/x" in out
    assert path.read_text() == PRINTS.replace("[NUMBER][..]", "[NUMBER]")
    assert project.make("test").status == 0
    (row,) = project.records()["v/g"]["cases"]
    assert "prints.txt" not in json.dumps(row)
    assert not os.path.lexists(project.root / "scenarios" / "g.yml.golden" / "prints.txt.tmp")


def test_what_was_written_is_shown_with_its_step(project: Project) -> None:
    with_scenarios(project, {"g.yml": GOLDEN}, redact=NUMBERS)
    config = project.root / ".longpole" / "scenarios.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "update": True}))
    assert project.make("test").status == 0
    (row,) = project.records()["v/g"]["cases"]
    assert "golden: prints.txt: written" in json.dumps(row)
    assert "+  in [WORK_DIR]/x" in json.dumps(row)


def test_the_command_updates_and_shows_what_it_wrote(project: Project) -> None:
    with_scenarios(project, {"g.yml": GOLDEN, "s.yml": skips("requires: [no-such-program]")}, redact=NUMBERS)
    refused = project.longpole("scenario", "--update", CI="true")
    assert refused.status == 2
    assert "golden files are not rewritten on CI" in refused.err
    assert not golden_file(project, "g.yml", "prints").exists()
    done = project.longpole("scenario", "--update", "g")
    assert done.status == 0, done.text
    assert "golden: prints.txt: written" in done.out
    assert "+  in [WORK_DIR]/x" in done.out
    again = project.longpole("scenario", "--update", "g")
    assert (again.status, "written" in again.text) == (0, False)
    strict = project.longpole("scenario", "--no-skip")
    assert strict.status == 1
    assert "skipped, which NO_SKIP forbids: it needs `no-such-program`" in strict.out
    assert "Reproduce: longpole scenario --no-skip scenarios/s.yml\n" in strict.out
    assert project.longpole("scenario").status == 0


def test_a_skipped_scenario_by_hand_says_why(project: Project) -> None:
    with_scenarios(project, {"a.yml": skips("requires: [no-such-program]")})
    assert by_hand(project, "a.yml") == (77, "it needs `no-such-program`, which is not on PATH\n")


GOLDEN_ON_THE_PAGE = next(text for text in re.findall(r"^```text\n(.*?)^```$", PAGE, re.M | re.S) if "[HASH]" in text)
REDACT = [{"match": "[0-9a-f]{40}", "as": "[HASH]"}, {"match": "^Date: .*$", "as": "Date: [DATE]"}]


@pytest.mark.slow
def test_the_examples_of_the_page_do_what_it_says(project: Project) -> None:
    jq = project.root / "bin" / "jq"
    jq.parent.mkdir()
    jq.write_text("#!/bin/sh\n")
    jq.chmod(0o755)
    sections = {"golden.yml": "Golden files", "conditions.yml": "Conditions", "matrix.yml": "Matrix"}
    files = {name: example_of(section) for name, section in sections.items()}
    with_scenarios(project, files, variants={"v": {"bin": "bin"}}, redact=REDACT)
    update_by_hand(project, "golden.yml")
    assert project.make("-j2", "test").status == 0
    wanted = {
        "v/golden": "passed",
        "v/conditions": "skipped" if os.geteuid() == 0 else "passed",
        "v/matrix--merge--feature-one": "passed",
        "v/matrix--merge--feature-two": "passed",
        "v/matrix--rebase--feature-one": "passed",
        "v/matrix--rebase--feature-two": "passed",
        "v/matrix--cherry-pick--feature-one": "passed",
    }
    assert project.statuses() == wanted
    status = golden_file(project, "golden.yml", "status").read_text()
    assert "  commit [HASH]\n  Author: Test User <test@example.com>\n  Date: [DATE]\n" in status
    golden_file(project, "golden.yml", "status").write_text(GOLDEN_ON_THE_PAGE)
    assert project.make("test-v-golden").status == 0
    jq.unlink()
    assert project.make("test-v-conditions").status == 0
    assert "jq" in project.records()["v/conditions"]["note"] or os.path.exists("/usr/bin/jq")


EVENTUALLY = """
name: Golden in the end
steps:
  - name: counts
    run: echo x >>n; wc -l <n; test $(wc -l <n) -ge 3
    eventually: {within: 2s, every: 10ms}
    expect: {exit_code: 0, golden: count}
"""


@pytest.mark.slow
def test_what_is_repeated_is_written_when_its_time_is_over(project: Project) -> None:
    """Not when its other checks hold for the first time: output may still change."""
    with_scenarios(project, {"g.yml": EVENTUALLY})
    update_by_hand(project, "g.yml")
    text = golden_file(project, "g.yml", "count").read_text()
    count = int(text.removeprefix("exit code: 0\nstdout:\n"))
    assert count > 3
    golden_file(project, "g.yml", "count").write_text(text.replace(str(count), "3"))
    assert by_hand(project, "g.yml")[0] == 0
    golden_file(project, "g.yml", "count").write_text(text.replace(str(count), "1"))
    status, out = by_hand(project, "g.yml")
    assert status == 1
    assert "differs from scenarios/g.yml.golden/count.txt" in out
