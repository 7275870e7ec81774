"""The text of an issue, with real records."""

import re
from pathlib import Path
from typing import Any

import pytest

from longpole.rts_tests.contracts.records import Record, RunInfo
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.report.formats.issue import MAX_CHARACTERS, MAX_LISTED, code, issue_text
from longpole.rts_tests.report.summary import summarize
from tests.project import REVISION, Project

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


def test_brief_shows_the_end_of_the_failing_unit_s_log(project: Project) -> None:
    script = (
        "for i in 1 2 3 4 5 6 7 8 9; do echo line $i; done; echo; printf '\\033[31mthe cause\\033[0m\\n\\n'; exit 1"
    )
    project.write({"bad": script, "good": ""}).make("test")
    lines = project.longpole("report", "--format", "brief").out.splitlines()
    assert lines[0].startswith("FAIL v/bad: failed (exit status 1); again: ")
    assert lines[1:-1] == [*(f"  | line {number}" for number in range(4, 10)), "  | the cause"]


@pytest.mark.parametrize(("failures", "each"), [(1, 7), (2, 3), (4, 1), (7, 0)])
def test_brief_gives_each_failure_its_share_of_the_lines(project: Project, failures: int, each: int) -> None:
    project.write({f"m{number}": "seq 20; exit 1" for number in range(failures)}).make("test")
    lines = project.longpole("report", "--format", "brief").out.splitlines()
    assert len(lines) <= 9
    assert sum(line.startswith("  | ") for line in lines) == failures * each
    assert each == 0 or lines[each] == "  | 20"


def test_a_long_line_of_a_log_is_cut_in_brief(project: Project) -> None:
    project.write({"bad": "head -c 100000 /dev/zero | tr '\\0' x; exit 1"}).make("test")
    lines = project.longpole("report", "--format", "brief").out.splitlines()
    assert lines[1] == "  | " + "x" * 200


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
