"""The one issue that says how the nightly run went: nights of real runs, and a model of `gh` that keeps its state."""

import json
import shutil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.report.nightly import jobs_ended
from longpole.rts_tests.report.open_failures import MAX_KEPT, Failure, from_issue, from_json, in_comment, to_json
from tests.issues import Issues
from tests.project import REVISION, Done, Project

NAME = "nightly-x86_64-darwin"
ADDRESS = "https://github.example/owner/project/actions/runs/17"
SCRIPTS = {"fine": "", "bad": "exit 3", "seeded": "exit 4"}
MODULES = {"seeded": {"seeds": 1, "seed_policy": "commit"}}
PASSING = dict.fromkeys(SCRIPTS, "")
FIRST, SECOND = f"{REVISION}+2026-11-21", f"{REVISION}+2026-11-22"


class GitHub:
    """A repository's issues, and nights of a project: `results` is what the jobs of a night have uploaded."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.results = project.root / "results"
        self.kept = Issues(project.root)
        self.environ = {
            **self.kept.environ,
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_REPOSITORY": "owner/project",
            "GITHUB_RUN_ID": "17",
        }

    def test(self, scripts: dict[str, str], revision: str = SECOND) -> None:
        """Run the suite with these scripts, and upload the run."""
        self.project.write(scripts, modules=MODULES).make("test", LONGPOLE_REV=revision)
        shutil.rmtree(self.results, ignore_errors=True)
        shutil.copytree(self.project.last, self.results / NAME)

    def open_failures(self) -> str:
        """What the job that reads the issue hands to the job that runs its failures again."""
        done = self.project.longpole("nightly-open", **self.environ)
        assert done.status == 0, done.text
        return done.out.strip()

    def again(self) -> Done:
        """Run the failures of the open issue again, and upload the runs."""
        into = self.results / f"again-{NAME}"
        return self.project.longpole("nightly-again", "--into", str(into), NAME, AGAIN=self.open_failures())

    def night(self, *results: str, names: tuple[str, ...] = (NAME,), again: str = "skipped", **environ: str) -> Done:
        """Report a night whose jobs ended with these results."""
        needs = {f"job{number}": {"result": result, "outputs": {}} for number, result in enumerate(results)}
        needs["again"] = {"result": again, "outputs": {}}
        environ = {"NEEDS": json.dumps(needs), **self.environ, **environ}
        return self.project.longpole("nightly-issue", "--results", "results", *names, **environ)

    @property
    def issues(self) -> list[dict[str, Any]]:
        return self.kept.all

    @property
    def open(self) -> list[dict[str, Any]]:
        return self.kept.open


@pytest.fixture
def github(project: Project) -> GitHub:
    """A project after a first night in which two units failed, one of them with a seed of that night."""
    made = GitHub(project)
    made.test(SCRIPTS, FIRST)
    return made


# -- nights ------------------------------------------------------------------------------------------------------------


def test_a_failing_night_opens_one_issue(github: GitHub) -> None:
    done = github.night("success", "failure")
    assert done.status == 0, done.text
    (issue,) = github.open
    assert issue["title"] == "The nightly tests of tiny fail"
    assert issue["labels"] == ["nightly"]
    assert f"### `{NAME}`: 3 units: 1 passed, 2 failed" in issue["body"]
    assert "`make test-v-bad`" in issue["body"]
    assert "Jobs: `job1` failed.\n" in issue["body"]
    assert f"The run: {ADDRESS}\n" in issue["body"]


def test_a_night_that_ran_into_its_time_limit_is_a_failure(github: GitHub) -> None:
    shutil.rmtree(github.results)
    assert github.night("success", "cancelled").status == 0
    (issue,) = github.open
    assert "Jobs: `job1` was cancelled or ran out of time.\n" in issue["body"]
    assert f"### `{NAME}`: failed, and left no results" in issue["body"]


def test_a_night_that_ran_into_its_time_limit_does_not_close_the_issue(github: GitHub) -> None:
    github.night("failure")
    github.test(PASSING)
    github.night("success", "cancelled")
    assert len(github.open) == 1


def test_jobs_that_succeed_with_failures_in_their_results_are_a_failure(github: GitHub) -> None:
    github.night("success")
    assert len(github.open) == 1


def test_the_next_failing_night_brings_it_up_to_date(github: GitHub) -> None:
    github.night("failure")
    github.night("failure", GITHUB_RUN_ID="18")
    (issue,) = github.issues
    assert "/actions/runs/18\n" in issue["body"]


def test_a_night_that_passes_closes_an_issue_without_seeds(github: GitHub) -> None:
    github.test({**PASSING, "bad": "exit 3"}, FIRST)
    github.night("failure")
    github.test(PASSING)
    assert github.open_failures() == ""
    assert github.night("success", "success").status == 0
    (issue,) = github.issues
    assert not issue["open"]
    assert issue["comments"] == [f"It passes again: {ADDRESS}"]


def test_a_night_that_passes_does_not_close_an_issue_about_a_seed_that_it_did_not_run(github: GitHub) -> None:
    github.night("failure")
    github.test(PASSING)
    assert github.night("success").status == 0
    (issue,) = github.open
    line = f"| `v/seeded` | `{NAME}` | `LONGPOLE_REV={FIRST} make test-v-seeded` | not run again |"
    assert line in issue["body"]
    assert "v/bad" not in issue["body"]  # it has no seeds, so the night that passed has run it
    assert json.loads(github.open_failures())["failures"] == [[NAME, "v/seeded", FIRST]]


def test_it_is_closed_when_its_seeds_have_passed(github: GitHub) -> None:
    github.night("failure")
    github.test(PASSING)
    done = github.again()
    assert done.status == 0, done.text
    assert "1 earlier failure of" in done.out
    assert github.night("success", again="success").status == 0
    (issue,) = github.issues
    assert not issue["open"]
    comment = f"It passes again: {ADDRESS} 1 earlier failure passed with the same seeds, too."
    assert issue["comments"] == [comment]


def test_it_runs_them_with_the_seeds_of_that_night(github: GitHub) -> None:
    seed = github.project.records()["v/seeded"]["seed"]
    github.night("failure")
    github.test({**PASSING, "seeded": f'test "$1" != {seed}'})
    assert github.project.records()["v/seeded"]["status"] == "passed"
    assert github.again().status == 1
    github.night("success", again="failure")
    (issue,) = github.open
    assert f"`LONGPOLE_REV={FIRST} make test-v-seeded` | failed |" in issue["body"]
    assert json.loads(github.open_failures())["failures"] == [[NAME, "v/seeded", FIRST]]


def test_a_failing_night_keeps_the_failures_of_earlier_ones(github: GitHub) -> None:
    github.night("failure")
    github.test({**PASSING, "fine": "exit 1"})
    github.night("failure")
    (issue,) = github.open
    assert "FAIL" not in issue["body"]
    assert "| `v/fine` | failed" in issue["body"]
    assert "### Earlier failures that have not passed yet" in issue["body"]
    assert f"LONGPOLE_REV={FIRST} make test-v-seeded" in issue["body"]


def test_a_failure_that_comes_back_reopens_the_issue(github: GitHub) -> None:
    github.night("failure")
    github.test(PASSING)
    github.again()
    github.night("success", again="success")
    assert github.open == []
    github.test(SCRIPTS)
    assert "reopened issue 1" in github.night("failure").out
    (issue,) = github.issues
    assert issue["open"]
    assert issue["comments"][1:] == ["It is back."]


def test_another_failure_opens_another_issue(github: GitHub) -> None:
    github.night("failure")
    github.test(PASSING)
    github.again()
    github.night("success", again="success")
    github.test({**PASSING, "fine": "exit 1"})
    github.night("failure")
    assert [issue["number"] for issue in github.open] == [2]


def test_a_unit_that_is_no_longer_planned_does_not_keep_it_open(github: GitHub) -> None:
    github.night("failure")
    github.test({"fine": "", "bad": "", "more": ""})  # MODULES still has `seeded`: the suite plans it without a script
    suite = json.loads((github.project.root / "suite.yaml").read_text())
    del suite["modules"]["seeded"]
    (github.project.root / "suite.yaml").write_text(json.dumps(suite))
    github.project.make("test", LONGPOLE_REV=SECOND)
    shutil.rmtree(github.results)
    shutil.copytree(github.project.last, github.results / NAME)
    assert github.open_failures() == ""
    assert "closed issue 1" in github.night("success").out


def test_of_several_open_ones_the_oldest_stays(github: GitHub) -> None:
    github.night("failure")
    again = {**github.issues[0], "number": 2}
    github.kept.file.write_text(json.dumps([*github.issues, again]))
    github.night("failure")
    assert [issue["number"] for issue in github.open] == [1]


def test_a_night_that_passes_with_nothing_open_does_nothing(github: GitHub) -> None:
    github.test(PASSING)
    assert "nothing to close" in github.night("success").out
    assert github.issues == []


def test_a_night_whose_jobs_were_skipped_changes_nothing(github: GitHub) -> None:
    github.night("failure")
    before = github.issues
    assert "stays as it is" in github.night("success", "skipped").out
    assert github.issues == before


def test_a_failing_job_without_results_is_named(github: GitHub) -> None:
    github.night("failure", names=("nightly-aarch64-darwin", NAME))
    (issue,) = github.open
    assert "### `nightly-aarch64-darwin`: failed, and left no results" in issue["body"]
    assert f"### `{NAME}`: 3 units" in issue["body"]


def test_issues_of_others_are_left_alone(github: GitHub) -> None:
    other = {"number": 1, "title": "Something else", "labels": ["nightly"], "body": "", "open": True, "comments": []}
    github.kept.file.write_text(json.dumps([other]))
    github.night("failure")
    assert github.issues[0] == other
    assert [issue["number"] for issue in github.open] == [1, 2]


def test_what_gh_refuses_is_a_message(github: GitHub) -> None:
    for command in ("night", "open"):
        argv = ("nightly-open",) if command == "open" else ("nightly-issue", NAME)
        needs = '{"a": {"result": "failure"}}'
        done = github.project.longpole(*argv, NEEDS=needs, GH_FAILS="1", **github.environ)
        assert done.status == 2
        assert "`gh issue list` failed: HTTP 403" in done.err
        assert "Traceback" not in done.err


@pytest.mark.parametrize("needs", ["", "{}", "[]", "not json", '{"a": {}}', '{"a": {"result": 1}}'])
def test_needs_that_say_nothing_are_refused(needs: str) -> None:
    with pytest.raises(UseError, match="NEEDS: does not hold the results of the jobs"):
        jobs_ended(needs)


# -- what an issue keeps -----------------------------------------------------------------------------------------------

FAILURES = st.builds(
    Failure,
    st.text(min_size=1, max_size=40),
    st.none() | st.text(min_size=1, max_size=80),
    st.sampled_from([None, FIRST]),
)


@given(st.lists(FAILURES, max_size=20), st.text())
def test_what_an_issue_keeps_is_what_is_read_back(failures: list[Failure], text: str) -> None:
    comment = in_comment(failures)
    assert comment.count("-->") == 1
    assert "--" not in comment.removeprefix("<!--").removesuffix("-->\n")
    assert set(from_issue(f"{text}\n{comment}")) == set(failures)
    assert set(from_json(to_json(failures))) == set(failures)


def test_an_issue_keeps_first_what_the_next_night_cannot_find() -> None:
    fixed = [Failure(NAME, f"v/a{number:04}", None) for number in range(MAX_KEPT + 10)]
    seeded = [Failure(NAME, f"v/z{number:04}", FIRST) for number in range(10)]
    kept = from_json(to_json([*fixed, *seeded]))
    assert len(kept) == MAX_KEPT
    assert set(seeded) <= set(kept)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<!-- longpole: {} -->",
        '<!-- longpole: {"version":2,"failures":[]} -->',
        '<!-- longpole: {"version":1,"failures":[["n","v/a","$(touch x)"]]} -->',
        '<!-- longpole: {"version":1,"failures":[["n"]]} -->',
        '<!-- longpole: {"version":1,"failures":' + "[" * 100_000 + "} -->",
        '<!-- longpole: {"version":1,"failures":[["n", 1, ""]]} -->',
    ],
)
def test_what_others_wrote_into_an_issue_is_no_failure(text: str) -> None:
    assert from_issue(text) == []


def test_what_others_wrote_into_an_issue_is_never_executed(github: GitHub) -> None:
    hostile = [[NAME, "v/bad; touch canary", FIRST], [NAME, "$(touch canary)", FIRST], ["-f x", "v/seeded", FIRST]]
    text = json.dumps({"version": 1, "failures": hostile})
    done = github.project.longpole("nightly-again", "--into", "again", NAME, AGAIN=text)
    assert done.status == 0
    assert "0 earlier failures" in done.out
    done = github.project.longpole("nightly-again", "--into", "again", NAME, AGAIN="{")
    assert done.status == 2
    assert "AGAIN: not a list of failures" in done.err
    assert not (github.project.root / "canary").exists()
