"""`retest` of a unit that can select its cases: only those run again that did not pass."""

import json
import shlex
from collections.abc import Sequence

import pytest

from longpole.rts_tests.contracts import placeholders
from tests.project import Project

RUNNER = r"""
# Runs the tests that it is given, which are files in `tests`: what is in them is executed.
for name; do
  printf '%s\n' "$name" >>ran
  if (. "./tests/$name"); then echo "ok - $name"; else echo "not ok - $name"; bad=1; fi
  total=$((total + 1))
done
echo "1..${total:-0}"
exit ${bad:-0}
"""
ALL = ["a", "b", "c.x y", "d|*$(echo)"]


def adopt(project: Project, tests: Sequence[str] = ALL, **keys: object) -> Project:
    """A suite with one unit that runs these tests, of which the second fails."""
    (project.root / "tests").mkdir()
    for name in tests:
        (project.root / "tests" / name).write_text("false\n" if name == tests[1] else "true\n")
    (project.root / "run.sh").write_text(RUNNER)
    module = {
        "run": ["sh", "run.sh", "{args}"],
        "select": ["sh", "run.sh", "{cases}"],
        "args": [placeholders.escape(name) for name in tests],
        "results": {"tap": "stdout"},
        **keys,
    }
    return project.write({}, modules={"m": {key: value for key, value in module.items() if value is not None}})


def ran(project: Project) -> list[str]:
    """The tests that ran since the last call."""
    path = project.root / "ran"
    names = path.read_text().splitlines()
    path.unlink()
    return names


def cases(project: Project) -> dict[str, str]:
    """The statuses of the cases of the last run, by name."""
    (record,) = project.records().values()
    return {row[1]: row[2] for row in record["cases"]}


def test_only_the_failed_case_runs_again(project: Project) -> None:
    adopt(project)
    assert project.make("test").status == 2
    assert ran(project) == ALL
    done = project.make("retest")
    assert done.status == 2
    assert ran(project) == ["b"]
    assert cases(project) == {"b": "failed"}
    (project.root / "tests/b").write_text("true\n")
    done = project.make("retest")
    assert (done.status, ran(project), cases(project)) == (0, ["b"], {"b": "passed"})
    assert project.records()["v/m"]["selected"] == ["b"]
    assert "PASS v/m" in done.out
    assert "only 1 case ran again: b" in done.out
    assert "there is nothing to run again" in project.make("retest").out
    assert project.make("test").status == 0
    assert ran(project) == ALL


def test_names_are_words_whatever_is_in_them(project: Project) -> None:
    adopt(project, ["plain", "$(touch x) `touch x` 'y' {z} \\ \"q\"", "-n", "?*"])
    assert project.make("test").status == 2
    ran(project)
    assert project.make("retest").status == 2
    assert ran(project) == ["$(touch x) `touch x` 'y' {z} \\ \"q\""]
    assert not (project.root / "x").exists()


def test_names_are_quoted_for_a_shell(project: Project) -> None:
    name = "$(touch x) 'y'"
    adopt(project, ["plain", name], select={"shell": "exec sh run.sh {cases}"})
    assert project.make("test").status == 2
    ran(project)
    assert project.make("retest").status == 2
    assert ran(project) == [name]
    assert not (project.root / "x").exists()


def test_a_regular_expression_of_exactly_these_names(project: Project) -> None:
    adopt(project, ["a", "b.c", "bxc"], select=["sh", "-c", 'echo "$1" >pattern; sh run.sh b.c', "x", "{cases_regex}"])
    assert project.make("test").status == 2
    assert project.make("retest").status == 2
    assert (project.root / "pattern").read_text() == "^(b\\.c)$\n"


def test_the_duration_of_some_cases_is_not_that_of_the_unit(project: Project) -> None:
    adopt(project)
    assert project.make("test").status == 2
    (project.root / "tests/b").write_text("true\n")
    assert project.make("retest").status == 0
    assert project.history()["v/m"]["durations_s"] == []
    assert project.history()["v/m"]["status"] == "passed"
    assert project.make("test").status == 0
    assert len(project.history()["v/m"]["durations_s"]) == 1


def test_what_would_run_is_shown(project: Project) -> None:
    adopt(project)
    assert project.make("test").status == 2
    assert f"{shlex.join(['sh', 'run.sh', 'b'])}  # v/m" in project.make("-n", "retest").out


@pytest.mark.parametrize(
    "why",
    ["no select", "crashed", "ended early", "failed without a case", "with another goal"],
)
def test_the_whole_unit_runs_again(project: Project, why: str) -> None:
    adopt(project, select=None if why == "no select" else ["sh", "run.sh", "{cases}"])
    if why == "crashed":
        (project.root / "run.sh").write_text(f"{RUNNER.replace('exit ${bad:-0}', 'kill -9 $$')}")
    elif why == "ended early":
        (project.root / "run.sh").write_text(RUNNER.replace("bad=1", "echo 'Bail out!'; exit 1"))
    elif why == "failed without a case":
        (project.root / "tests/b").write_text("true\n")
        (project.root / "run.sh").write_text(RUNNER.replace("${bad:-0}", "7"))
    assert project.make("test").status == 2
    ran(project)
    (project.root / "run.sh").write_text(RUNNER)
    project.make("retest", *(["test-v-m"] if why == "with another goal" else []))
    assert ran(project) == ALL


def test_a_case_that_is_gone_is_an_error_and_then_the_whole_unit_runs(project: Project) -> None:
    adopt(project, select=["sh", "run.sh", "a", "{cases}"])
    assert project.make("test").status == 2
    (project.root / "run.sh").write_text(RUNNER.replace("for name; do", 'for name; do\n[ "$name" = b ] && continue'))
    ran(project)
    done = project.make("retest")
    assert done.status == 2
    assert cases(project) == {"a": "passed", "b": "not run"}
    assert project.statuses() == {"v/m": "error"}
    assert "1 case to run again did not run: b" in done.out
    ran(project)
    assert project.make("retest").status == 0
    assert ran(project) == ["a", "c.x y", "d|*$(echo)"]


def test_a_flaky_case_among_those_that_run_again(project: Project) -> None:
    adopt(project, retries=1)
    assert project.make("test").status == 2
    ran(project)
    (project.root / "tests/b").write_text("rm once 2>/dev/null && return 1; true\n")
    (project.root / "once").write_text("")
    assert project.make("retest").status == 2
    assert ran(project) == ["b", "b"]
    assert project.statuses() == {"v/m": "flaky"}


def test_the_variants_own_select(project: Project) -> None:
    adopt(project)
    suite = json.loads((project.root / "suite.yaml").read_text())
    module = suite["modules"]["m"]
    suite["defaults"] = {"run": module.pop("run"), "select": module.pop("select")}
    suite["modules"]["other"] = {"run": ["sh", "run.sh", "a", "b"], "results": {"tap": "stdout"}}
    (project.root / "suite.yaml").write_text(json.dumps(suite))
    project.render()
    assert project.make("-k", "test").status == 2
    ran(project)
    assert project.make("-k", "retest").status == 2
    assert sorted(ran(project)) == ["a", "b", "b"]
