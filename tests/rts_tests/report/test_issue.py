"""The text of an issue, and the one issue that says how the nightly run went; with real records and a model of `gh`."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from longpole.rts_tests.contracts.records import Record, RunInfo
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.report.formats.issue import MAX_CHARACTERS, MAX_LISTED, code, issue_text
from longpole.rts_tests.report.nightly import jobs_ended
from longpole.rts_tests.report.summary import summarize
from tests.project import REVISION, Done, Project

SCRIPTS = {"fine": "", "bad": "exit 3", "seeded": "exit 4", "gc": 'test "$2" != 1', "crash": "kill -ABRT $$"}
MODULES = {"seeded": {"seeds": 1, "seed_policy": "commit"}, "gc": {"seeds": 4, "chunks": 2}}
ADDRESS = "https://github.example/owner/project/actions/runs/17"


@pytest.fixture
def failed(project: Project) -> Project:
    project.write(SCRIPTS, modules=MODULES).make("test")
    return project


def row(text: str, unit: str) -> str:
    (found,) = [line for line in text.splitlines() if line.startswith(f"| `{unit}` |")]
    return found


def test_an_issue_has_units_seeds_reproducers_and_the_address(failed: Project) -> None:
    done = failed.longpole("report", "--format", "issue", RUN_ADDRESS=ADDRESS)
    assert done.status == 1
    assert done.out.startswith("### `tiny`: 6 units: 2 passed, 3 failed, 1 crashed\n")
    seed = failed.records(failed.runs[0])["v/seeded"]["seed"]
    assert row(done.out, "v/bad") == "| `v/bad` | failed `exit status 3` |  | `make test-v-bad` |"
    again = f"`make test-v-seeded SEED={seed}`"
    assert row(done.out, "v/seeded") == f"| `v/seeded` | failed `exit status 4` | {seed} | {again} |"
    assert "| 2 from 2 | `make test-v-gc-1` |" in row(done.out, "v/gc[1]")
    assert "crashed `ended by SIGABRT`" in row(done.out, "v/crash")
    assert f"commit {REVISION[:12]} (LONGPOLE_REV)" in done.out
    assert done.out.endswith(f"The run: {ADDRESS}\n")
    assert "v/fine" not in done.out


def test_a_reproducer_from_an_issue_fails_the_same_way(failed: Project) -> None:
    text = failed.longpole("report", "--format", "issue").out
    again = re.findall("`([^`]*)` \\|$", row(text, "v/seeded"))[0]
    done = failed.run("sh", "-c", again)
    assert done.status != 0
    assert "FAIL v/seeded" in done.out


def test_a_run_that_passed_is_an_issue_without_a_table(project: Project) -> None:
    project.write({"fine": ""}).make("test")
    done = project.longpole("report", "--format", "issue")
    assert done.status == 0
    assert "1 unit: 1 passed" in done.out
    assert "|" not in done.out


def test_a_nightly_date_is_part_of_the_seed_and_of_what_is_said(project: Project) -> None:
    project.write({"seeded": "exit 1"}, modules={"seeded": {"seeds": 2, "seed_policy": "commit"}})
    project.make("test", LONGPOLE_REV=f"{REVISION}+2026-11-21")
    text = project.longpole("report", "--format", "issue").out
    assert f"commit {REVISION[:12]} (LONGPOLE_REV, on 2026-11-21)." in text
    assert f"`LONGPOLE_REV={REVISION}+2026-11-21 make test-v-seeded`" in text
    first = project.records(project.runs[0])["v/seeded"]["seed"]
    project.make("test")
    assert project.records(project.runs[1])["v/seeded"]["seed"] != first


def test_brief_is_a_line_a_failure_and_the_counts(failed: Project) -> None:
    done = failed.longpole("report", "--format", "brief")
    assert done.status == 1
    lines = done.out.splitlines()
    assert lines[-1] == "6 units: 2 passed, 3 failed, 1 crashed"
    assert "FAIL v/bad: failed (exit status 3); again: make test-v-bad" in lines
    assert "FAIL v/gc[1]: failed (exit status 1), seed 2 and 1 more; again: make test-v-gc-1" in lines


def test_brief_fits_where_ten_lines_are_shown(project: Project) -> None:
    project.write({f"m{number}": "exit 1" for number in range(40)}).make("test")
    lines = project.longpole("report", "--format", "brief").out.splitlines()
    assert len(lines) <= 9
    assert lines[-1] == "40 units: 40 failed"
    assert lines[-2].startswith("and 34 more: make test-v-")
    assert len(set(re.findall("make test-v-m[0-9]+", "\n".join(lines)))) == 40


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "`plain`"),
        ("a`b", "``a`b``"),
        ("`", "`` ` ``"),
        ("a|b", "`a\\|b`"),
        ("a\nb\x1b[31m", "`ab`"),
        ("@someone #1", "`@someone #1`"),
        ("x" * 400, "`" + "x" * 299 + "…`"),
        ("", ""),
    ],
)
def test_words_of_tests_are_shown_as_code(text: str, shown: str) -> None:
    assert code(text) == shown


def _summary(count: int, note: str) -> Any:  # long: every field of a record
    names = [f"v/m{number}" for number in range(count)]
    info = RunInfo(
        suite="big",
        started_at="2026-01-02T03:04:05.000Z",
        plan_hash="",
        commit=None,
        commit_source="",
        seed_override=None,
        jobs=1,
        host="h",
        machine="m",
        cores=1,
        goals=("test",),
        filter=None,
        shard=None,
        planned=tuple((name, f"test-{name.replace('/', '-')}", 1.0) for name in names),
    )
    records = {
        target: Record(
            id=name,
            target=target,
            variant="v",
            module=name[2:],
            chunk=None,
            seed=None,
            first_seed=None,
            seed_count=0,
            command=("false",),
            status=Status.FAILED,
            exit_code=1,
            signal=None,
            started_at=info.started_at,
            started_s=0.0,
            wall_s=1.0,
            user_s=0.0,
            sys_s=0.0,
            max_rss_bytes=0,
            attempts=1,
            lane=0,
            host="h",
            artifact_sha256=None,
            reproducer=f"make {target}",
            note=note,
        )
        for name, target, _ in info.planned
    }
    return summarize(Path("run"), info, records)


def test_an_issue_is_never_longer_than_github_takes() -> None:
    runs = {f"platform-{number}": _summary(MAX_LISTED + 5, "n" * 1000) for number in range(10)}
    text = issue_text(runs, address=ADDRESS)
    assert len(text) < MAX_CHARACTERS + 500
    assert "and 5 more" in text
    assert text.endswith(f"The run: {ADDRESS}\n")


# -- the one issue -------------------------------------------------------------------------------------------------

GH = """#!{python}
import json, os, sys
from pathlib import Path
path = Path(os.environ["GH_MODEL"])
issues = json.loads(path.read_text())
log = Path(os.environ["GH_MODEL"] + ".log")
log.write_text(log.read_text() + " ".join(sys.argv[1:]) + chr(10) if log.exists() else " ".join(sys.argv[1:]) + chr(10))
what, args = sys.argv[1:3], sys.argv[3:]
options = {{name: value for name, value in zip(args, args[1:]) if name.startswith("--")}}
if os.environ.get("GH_FAILS"):
    sys.exit("HTTP 403: Resource not accessible by integration")
if what == ["issue", "list"]:
    open_ = [i for i in issues if i["open"] and options["--label"] in i["labels"]]
    print(json.dumps([{{"number": i["number"], "title": i["title"]}} for i in open_]))
elif what == ["label", "create"]:
    pass
elif what == ["issue", "create"]:
    number = len(issues) + 1
    issues.append({{"number": number, "title": options["--title"], "labels": [options["--label"]],
                   "body": sys.stdin.read(), "open": True, "comments": []}})
    print(f"https://github.example/owner/project/issues/{{number}}")
else:
    issue = next(i for i in issues if i["number"] == int(args[0]))
    if what == ["issue", "edit"]:
        issue["body"] = sys.stdin.read()
    elif what == ["issue", "close"]:
        issue["open"] = False
        issue["comments"].append(options["--comment"])
    else:
        sys.exit(f"gh: unknown {{what}}")
path.write_text(json.dumps(issues))
"""


class GitHub:
    """A repository's issues, and nights that end as told."""

    def __init__(self, project: Project) -> None:
        import sys

        self.project = project
        self.model = project.root / "issues.json"
        self.model.write_text("[]")
        programs = project.root / "programs"
        programs.mkdir()
        (programs / "gh").write_text(GH.format(python=sys.executable))
        (programs / "gh").chmod(0o755)

    def night(self, *results: str, names: tuple[str, ...] = ("nightly-x86_64-darwin",), **environ: str) -> Done:
        needs = {f"job{number}": {"result": result, "outputs": {}} for number, result in enumerate(results)}
        return self.project.longpole(
            "nightly-issue",
            "--results",
            "results",
            *names,
            **{
                "NEEDS": json.dumps(needs),
                "PATH": f"{self.project.root}/programs:{os.environ['PATH']}",
                "GH_MODEL": str(self.model),
                "GITHUB_SERVER_URL": "https://github.example",
                "GITHUB_REPOSITORY": "owner/project",
                "GITHUB_RUN_ID": "17",
                **environ,
            },
        )

    @property
    def issues(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.model.read_text())
        return found

    @property
    def open(self) -> list[dict[str, Any]]:
        return [issue for issue in self.issues if issue["open"]]


@pytest.fixture
def github(failed: Project) -> GitHub:
    results = failed.root / "results"
    results.mkdir()
    failed.runs[0].rename(results / "nightly-x86_64-darwin")
    return GitHub(failed)


def test_a_failing_night_opens_one_issue(github: GitHub) -> None:
    done = github.night("success", "failure")
    assert done.status == 0, done.text
    (issue,) = github.open
    assert issue["title"] == "The nightly tests of tiny fail"
    assert issue["labels"] == ["nightly"]
    assert "### `nightly-x86_64-darwin`: 6 units: 2 passed, 3 failed, 1 crashed" in issue["body"]
    assert "`make test-v-bad`" in issue["body"]
    assert issue["body"].endswith(f"The run: {ADDRESS}\n")


def test_the_next_failing_night_brings_it_up_to_date(github: GitHub) -> None:
    github.night("failure")
    github.night("failure", GITHUB_RUN_ID="18")
    (issue,) = github.issues
    assert issue["body"].endswith("/actions/runs/18\n")


def test_a_night_that_passes_closes_it_with_a_comment(github: GitHub) -> None:
    github.night("failure")
    assert github.night("success", "success").status == 0
    (issue,) = github.issues
    assert not issue["open"]
    assert issue["comments"] == [f"It passes again: {ADDRESS}"]
    github.night("failure")
    assert [issue["number"] for issue in github.open] == [2]


def test_of_several_open_ones_the_oldest_stays(github: GitHub) -> None:
    github.night("failure")
    again = {**github.issues[0], "number": 2}
    github.model.write_text(json.dumps([*github.issues, again]))
    github.night("failure")
    assert [issue["number"] for issue in github.open] == [1]


def test_a_night_that_passes_with_nothing_open_does_nothing(github: GitHub) -> None:
    assert "nothing to close" in github.night("success").out
    assert github.issues == []


@pytest.mark.parametrize("result", ["cancelled", "skipped"])
def test_a_night_that_did_not_end_changes_nothing(github: GitHub, result: str) -> None:
    github.night("failure")
    before = github.issues
    assert "stays as it is" in github.night("success", result).out
    assert github.issues == before


def test_a_failing_job_without_results_is_named(github: GitHub) -> None:
    github.night("failure", names=("nightly-aarch64-darwin", "nightly-x86_64-darwin"))
    (issue,) = github.open
    assert "### `nightly-aarch64-darwin`: failed, and left no results" in issue["body"]
    assert "### `nightly-x86_64-darwin`: 6 units" in issue["body"]


def test_issues_of_others_are_left_alone(github: GitHub) -> None:
    other = {"number": 1, "title": "Something else", "labels": ["nightly"], "body": "", "open": True, "comments": []}
    github.model.write_text(json.dumps([other]))
    github.night("failure")
    assert github.issues[0] == other
    assert [issue["number"] for issue in github.open] == [1, 2]


def test_what_gh_refuses_is_a_message(github: GitHub) -> None:
    done = github.night("failure", GH_FAILS="1")
    assert done.status == 2
    assert "`gh issue list` failed: HTTP 403" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("needs", ["", "{}", "[]", "not json", '{"a": {}}', '{"a": {"result": 1}}'])
def test_needs_that_say_nothing_are_refused(needs: str) -> None:
    from longpole.rts_tests.contracts.errors import UseError

    with pytest.raises(UseError, match="NEEDS: does not hold the results of the jobs"):
        jobs_ended(needs)
