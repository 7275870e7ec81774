"""Units that tell of the tests that they ran: their cases are in the record, and a failed one fails the unit."""

import json
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from tests.project import Project, eventually, shell
from tests.rts_tests.warm.test_warm import add_warm_module

TAP = {"results": {"tap": "stdout"}}
FINE = shell("echo ok 1 - adds", "echo ok 2 - divides '# SKIP no numbers'", "echo 1..2")
BROKEN = shell("echo ok 1 - adds", "echo not ok 2 - divides", "echo '# by zero'", "echo 1..2")


def cases(project: Project, unit: str) -> dict[str, str]:
    """Class and name of the cases of a unit in the last run, and their statuses."""
    rows = project.records()[unit].get("cases", [])
    return {f"{class_name}#{name}": status for class_name, name, status, *_ in rows}


def test_cases_are_in_the_record(project: Project) -> None:
    project.write({"fine": FINE}, modules={"fine": TAP})
    done = project.make("test")
    assert done.status == 0, done.text
    assert cases(project, "v/fine") == {"#adds": "passed", "#divides": "skipped"}
    assert project.records()["v/fine"]["status"] == "passed"


def test_a_unit_that_exited_0_with_a_failed_case_has_failed(project: Project) -> None:
    project.write({"broken": BROKEN}, modules={"broken": TAP})
    done = project.make("test-v-broken")
    record = project.records()["v/broken"]
    assert done.status == 2, done.text
    assert (record["status"], record["exit_code"]) == ("failed", 0)
    assert record["note"] == "1 of 2 cases failed: divides"
    assert "1 of 2 cases failed: divides" in done.out
    assert record["cases"][1][4:6] == ["by zero", "by zero"]
    (finished,) = (event for event in project.events() if event["event"] == "unit finished")
    assert (finished["status"], finished["note"]) == ("failed", record["note"])
    project.make("retest")
    assert (len(project.runs), project.statuses()) == (2, {"v/broken": "failed"})


def test_a_failed_case_ends_a_run_that_is_to_fail_fast(project: Project) -> None:
    project.write({"broken": BROKEN, "fine": FINE}, modules={"broken": {**TAP, "weight": 9}, "fine": TAP})
    done = project.make("-j1", "test", FAIL_FAST="1")
    assert done.status == 2
    assert project.statuses() == {"v/broken": "failed"}, done.text


def test_its_tmpdir_is_kept_like_that_of_any_failed_unit(project: Project) -> None:
    project.write(
        {"broken": shell('echo x >"$TMPDIR/left"', BROKEN)}, modules={"broken": TAP}, limits={"keep": "failed"}
    )
    project.make("test")
    assert (project.last / "units" / "test-v-broken.tmp" / "left").read_text() == "x\n"


def judged(project: Project, rows: Sequence[tuple[str, str, str | None]], results: dict[str, Any]) -> None:
    """Run these scripts as units of one run, and compare status and note; the note of what leaks is left out."""
    scripts = {f"unit{index}": row[0] for index, row in enumerate(rows)}
    project.write(scripts, modules={name: {**results, "skip_status": 77} for name in scripts})
    done = project.make("-k", "-j2", "test")
    records = project.records()
    assert done.status == 2, done.text
    found = [(record["status"], record["note"]) for record in (records[f"v/{name}"] for name in scripts)]
    found = [(status, None if status == "leaked" else note) for status, note in found]
    assert found == [(status, note) for _, status, note in rows], done.text


def test_results_never_turn_red_into_green(project: Project) -> None:
    rows = [
        ("exit 0", "error", "there is no TAP in its output"),
        ("echo 1..0", "error", "it told of no test"),
        ("echo 1..2; echo ok", "error", "only 1 of 2 planned tests were told; 2 is missing"),
        ("echo ok", "error", "its TAP has no plan"),
        ("echo 1..1; echo ok; exit 3", "failed", "exit status 3"),
        ("exit 3", "failed", "exit status 3; there is no TAP in its output"),
        ("exit 77", "skipped", "exit status 77"),
        ("echo no device; exit 77", "skipped", "no device"),
        ("echo 1..0 '# SKIP no device'", "passed", None),
        ("echo not ok; echo 1..1; exit 77", "failed", "exit status 77; 1 of 1 case failed: test 1"),
        ("echo 1..2; echo ok; kill -9 $$", "crashed", "ended by SIGKILL"),
        ("echo 1..2; echo not ok; kill -9 $$", "crashed", "ended by SIGKILL; 1 of 1 case failed: test 1"),
        ("echo 1..1; echo ok; sleep 300 & exit 0", "leaked", None),
        ("echo 1..1; echo ok; sleep 300 >/dev/null & exit 0", "leaked", None),
        ("echo 1..1; echo ok; sleep 300 2>/dev/null & exit 0", "leaked", None),
    ]
    judged(project, rows, TAP)


def test_the_log_has_both_streams_and_standard_error_is_kept_alone_as_well(project: Project) -> None:
    project.write(
        {"unit": shell("printf 'half ' >&2", "echo ok", "echo warning >&2", "echo 1..1", "printf end >&2")},
        modules={"unit": TAP},
    )
    assert project.make("test").status == 0
    log = project.log("test-v-unit")
    assert sorted(log.splitlines()) == [b"1..1", b"end", b"half warning", b"ok"]
    assert (project.last / "units" / "test-v-unit.err").read_bytes() == b"half warning\nend"


def test_other_units_have_one_pipe_and_no_file_of_errors(project: Project) -> None:
    project.write({"unit": shell("test /proc/self/fd/1 -ef /proc/self/fd/2 && echo one", "echo error >&2")})
    assert project.make("test").status == 0
    assert project.log("test-v-unit") == b"one\nerror\n"
    assert not (project.last / "units" / "test-v-unit.err").exists()


def test_the_file_of_errors_is_capped_like_the_log(project: Project) -> None:
    project.write({"unit": shell("echo ok", "echo 1..1", "seq 2000 >&2")}, modules={"unit": TAP}, limits={"log": 1024})
    assert project.make("test").status == 0
    errors = (project.last / "units" / "test-v-unit.err").read_bytes()
    assert b"bytes omitted here; a log keeps 1024 bytes" in errors
    assert len(errors) < 1200


def test_all_output_is_read_even_if_the_unit_has_ended_before(project: Project) -> None:
    lines = shell("seq 1 20000 | sed 's/^/ok /'", "seq 1 20000 >&2", "echo 1..20000")
    project.write({"unit": lines}, modules={"unit": TAP})
    assert project.make("test").status == 0
    assert len(cases(project, "v/unit")) == 20000


def test_a_timeout_keeps_what_was_told(project: Project) -> None:
    project.write({"unit": shell("echo ok 1 - done", "sleep 300")}, modules={"unit": {**TAP, "timeout": 1}})
    project.make("test")
    record = project.records()["v/unit"]
    assert (record["status"], cases(project, "v/unit")) == ("timeout", {"#done": "passed"})


def test_an_interrupted_run_keeps_what_was_told(project: Project) -> None:
    project.write({"unit": shell("echo ok 1 - done", "touch started", "sleep 300")}, modules={"unit": TAP})
    process = project.start("make", "test")
    eventually("the unit runs", (project.root / "started").exists)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate()
    assert (project.statuses(), cases(project, "v/unit")) == ({"v/unit": "cancelled"}, {"#done": "passed"})


def test_a_unit_that_cannot_start_tells_of_none(project: Project) -> None:
    project.write({"unit": ""}, modules={"unit": {**TAP, "run": ["./nowhere"]}})
    project.make("test")
    record = project.records()["v/unit"]
    assert (record["status"], record.get("cases")) == ("error", None)
    assert record["note"].startswith("./nowhere cannot be executed")


def test_output_of_a_long_unit_is_visible_while_it_runs(project: Project) -> None:
    project.write(
        {"unit": shell("echo ok 1 - early", "echo warned >&2", "until test -e go; do sleep 0.01; done", "echo 1..1")},
        modules={"unit": TAP},
    )
    process = project.start("make", "test")

    def is_shown() -> bool:
        parts = list((project.root / ".longpole" / "runs").glob("*/units/test-v-unit.log.part"))
        return bool(parts) and sorted(parts[0].read_bytes().splitlines()) == [b"ok 1 - early", b"warned"]

    eventually("the output so far is shown", is_shown)
    (project.root / "go").touch()
    assert process.wait() == 0


# -- retries --------------------------------------------------------------------------------------------------------

SECOND = "if test -e ran; then {}; else touch ran; {}; fi; echo 1..2"
FLAKY = SECOND.format("echo ok 1 - a; echo ok 2 - b", "echo ok 1 - a; echo not ok 2 - b; echo '# odd'")


def test_a_retry_keeps_the_last_result_of_each_case_and_names_what_flipped(project: Project) -> None:
    project.write({"unit": FLAKY}, modules={"unit": {**TAP, "retries": 2}})
    project.make("test")
    record = project.records()["v/unit"]
    assert (record["status"], record["attempts"]) == ("flaky", 2)
    assert cases(project, "v/unit") == {"#a": "passed", "#b": "passed"}
    assert record["cases"][1][4] == "failed when it was run first: odd"
    assert record["note"] == "1 of 2 cases failed: b; passed when run again: b"


def test_a_case_that_only_an_earlier_attempt_told_is_kept(project: Project) -> None:
    script = SECOND.format("echo not ok 1 - b; echo 1..1; exit 1", "echo not ok 1 - a; echo ok 2 - b")
    project.write({"unit": script}, modules={"unit": {**TAP, "retries": 1}})
    project.make("test")
    assert project.statuses() == {"v/unit": "failed"}
    assert cases(project, "v/unit") == {"#a": "failed", "#b": "failed"}


def test_other_seeds_say_nothing_about_the_cases_of_the_unit(project: Project) -> None:
    script = 'case $1 in 0) echo not ok 1 - a;; *) echo ok 1 - a; echo ok 2 - b;; esac; echo "1..$((1 + ($1 > 0)))"'
    project.write({"unit": script}, modules={"unit": {**TAP, "retries": 1, "seeds": 1}})
    project.make("test")
    record = project.records()["v/unit"]
    assert (record["status"], cases(project, "v/unit")) == ("seed-dependent", {"#a": "failed"}), json.dumps(record)


# -- hostile --------------------------------------------------------------------------------------------------------


def test_names_of_cases_cannot_control_the_terminal(project: Project) -> None:
    project.write({"unit": r"printf 'not ok 1 - a\033[2Jb\033]0;t\007 ##[error]c\n1..1\n'"}, modules={"unit": TAP})
    done = project.make("test")
    assert "\x1b" not in done.out
    assert project.records()["v/unit"]["note"] == "1 of 1 case failed: ab # #[error]c"


def test_a_binary_flood_is_an_error_and_no_more(project: Project) -> None:
    flood = "import random, sys; sys.stdout.buffer.write(random.Random(1).randbytes(3_000_000))"
    project.write({"unit": f"{sys.executable} -c '{flood}'; echo; echo ok 1 - '\\377'"}, modules={"unit": TAP})
    done = project.make("test")
    assert done.status == 2
    assert project.records()["v/unit"]["note"] == "its TAP has no plan"


WARM = """
import os, sys
from functools import partial

def prepare(argv):
    return partial(main, argv)

def main(argv):
    print("not ok 1 - a", "1..1", sep="\\n")
    print("warned", file=sys.stderr)
    return 0
"""


def test_a_warm_unit_tells_of_cases_as_well(project: Project) -> None:
    add_warm_module(project, "tells", WARM)
    run = ["{python}", "-m", "rts_tests.warm.tells"]
    project.write({}, modules={"unit": TAP}, variants={"v": {"warm": True, "run": run}})
    done = project.make("test")
    assert (project.statuses(), cases(project, "v/unit")) == ({"v/unit": "failed"}, {"#a": "failed"}), done.text
    assert (project.last / "units" / "test-v-unit.err").read_bytes() == b"warned\n"
    assert sorted(project.log("test-v-unit").splitlines()) == [b"1..1", b"not ok 1 - a", b"warned"]


# -- Longpole's own protocol ----------------------------------------------------------------------------------

STARTED = '@@LONGPOLE@@ {"event":"suite_started","suite":"s"}'
COMPLETED = (
    '@@LONGPOLE@@ {"event":"suite_completed","suite":"s","status":"passed","seconds":1,"output":"said\\n",'
    '"cases":[{"name":"a","status":"passed","seconds":1}]}'
)
ENDED = '@@LONGPOLE@@ {"event":"fork_completed","suites":1,"cases":{"passed":1}}'


@pytest.mark.parametrize(
    ("lines", "status", "found"),
    [
        ((STARTED, COMPLETED, ENDED), "passed", {"s#a": "passed"}),
        ((STARTED, COMPLETED), "error", {"s#a": "passed"}),
        ((STARTED,), "error", {"s#": "crashed"}),
    ],
)
def test_any_unit_may_speak_the_protocol(
    project: Project, lines: tuple[str, ...], status: str, found: dict[str, str]
) -> None:
    script = shell(
        'test "$LONGPOLE_PROTOCOL" = 1 || exit 9', *(f"printf '%s\\n' '{line}'" for line in lines), "echo w >&2"
    )
    project.write({"unit": script}, modules={"unit": {"results": {"protocol": "stdout"}}})
    done = project.make("test")
    assert (project.statuses(), cases(project, "v/unit")) == ({"v/unit": status}, found), done.text
    assert b"@@LONGPOLE@@" not in project.log("test-v-unit")
    assert (b"=== s ===\nsaid\n" in project.log("test-v-unit")) == (COMPLETED in lines)


def test_stress_counts_an_execution_with_a_failed_case_as_a_failure(project: Project) -> None:
    project.write({"broken": BROKEN}, modules={"broken": TAP})
    done = project.longpole("stress", "v/broken", "--count", "3")
    assert done.status == 1, done.text
    assert "3 failed" in done.out


# -- JUnit XML ------------------------------------------------------------------------------------------------------

JUNIT = {"results": {"junit": "reports/*.xml"}}
SUITE = '<testsuite name="s"><testcase name="a"/><testcase name="b">{}</testcase></testsuite>'


def writes(inside: str) -> str:
    """A unit that prints, and leaves a file of JUnit XML."""
    return shell("echo said", 'mkdir "$TMPDIR/reports"', f"echo '{SUITE.format(inside)}' >\"$TMPDIR/reports/a.xml\"")


def test_files_in_tmpdir_are_read_before_it_is_removed(project: Project) -> None:
    project.write({"fine": writes(""), "broken": writes("<failure/>")}, modules={"fine": JUNIT, "broken": JUNIT})
    done = project.make("-j2", "test")
    assert project.statuses() == {"v/fine": "passed", "v/broken": "failed"}, done.text
    assert cases(project, "v/fine") == {"s#a": "passed", "s#b": "passed"}
    assert cases(project, "v/broken") == {"s#a": "passed", "s#b": "failed"}
    assert project.log("test-v-fine") == b"said\n"
    assert not (project.last / "units" / "test-v-fine.err").exists()


def test_files_never_turn_red_into_green(project: Project) -> None:
    bad = shell(writes(""), "echo '<' >$TMPDIR/reports/b.xml")
    rows = [
        ("exit 0", "error", "no file below $TMPDIR matches reports/*.xml"),
        ("exit 77", "skipped", "exit status 77"),
        ("exit 3", "failed", "exit status 3; no file below $TMPDIR matches reports/*.xml"),
        ("kill -9 $$", "crashed", "ended by SIGKILL"),
        (shell(writes(""), "exit 3"), "failed", "exit status 3"),
        (bad, "error", "reports/b.xml: line 1: not well-formed (invalid token)"),
    ]
    judged(project, rows, JUNIT)


def test_the_files_of_pytest_are_read_and_its_status_5_can_be_a_skip(project: Project) -> None:
    (project.root / "test_it.py").write_text("def test_a(): pass\n\n\ndef test_b():\n    assert 1 == 2\n")
    (project.root / "test_none.py").write_text("")
    run = "{longpole_python} -m pytest -p no:cacheprovider --junitxml=$TMPDIR/r.xml test_{module}.py"
    results = {"junit": "*.xml"}
    project.write(
        {},
        modules={"it": {"results": results}, "none": {"results": results, "skip_status": 5}},
        defaults={"run": {"shell": run}},
    )
    done = project.make("-j2", "test")
    assert project.statuses() == {"v/it": "failed", "v/none": "skipped"}, done.text
    assert cases(project, "v/it") == {"test_it#test_a": "passed", "test_it#test_b": "failed"}
    assert project.records()["v/it"]["note"] == "exit status 1; 1 of 2 cases failed: test_it#test_b"
