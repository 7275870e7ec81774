"""The client that runs a list of tests, one after the other, and what Longpole reads of it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.results.protocol import ProtocolReader
from longpole.rts_tests.results.selected import name_to_select
from longpole.rts_tests.results.told import End, Told
from tests.project import REPOSITORY, eventually

CLIENT = REPOSITORY / "clients/batch/run.py"
HEAD: dict[str, Any] = {"version": 1, "setup": None, "setups": {}}
Row = dict[str, Any]


def shell(name: str, text: str, **keys: Any) -> Row:
    """A test that is a script of the shell."""
    row = {"id": name, "names": [name], "argv": ["/bin/sh", "-c", text], "cwd": "/", "timeout": 60, "env": []}
    return {**row, "protocol": "exitcode", "fails": False, "exit_code": 0, "excluded_by": [], **keys}


def listed(folder: Path, rows: Sequence[Row], head: Mapping[str, Any] = HEAD) -> Path:
    """A list of tests in a file."""
    path = folder / "tests.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in (head, *rows)))
    return path


def run(
    folder: Path, rows: Sequence[Row], *names: str, head: Mapping[str, Any] = HEAD, **environ: str
) -> "subprocess.CompletedProcess[bytes]":
    """Run the tests of these names, by default all; what was printed."""
    command = [sys.executable, "-ES", str(CLIENT), str(listed(folder, rows, head)), *(names or [r["id"] for r in rows])]
    environ = {**os.environ, "TMPDIR": str(folder), "LONGPOLE_PROTOCOL": "1", **environ}
    return subprocess.run(command, env=environ, capture_output=True, timeout=60, check=False)


def told(done: "subprocess.CompletedProcess[bytes]") -> Told:
    """What Longpole reads of it."""
    reader = ProtocolReader(None, None)
    reader.feed(done.stdout)
    status = Status.PASSED if done.returncode == 0 else Status.FAILED
    return reader.finish(End(status, done.returncode, "/"))


def outcomes(folder: Path, *rows: Row, **options: Any) -> dict[str, tuple[str, str | None]]:
    """Status and message by the id of the case; the results have to be consistent."""
    done = run(folder, rows, **options)
    results = told(done)
    assert results.problem is None, done.stderr
    red = {Status.FAILED, Status.ERROR, Status.TIMEOUT}
    assert done.returncode == (1 if red & {case.status for case in results.cases} else 0)
    return {case.id: (str(case.status), case.message) for case in results.cases}


def test_exit_statuses_are_those_of_gnu_and_a_signal_is_named(tmp_path: Path) -> None:
    found = outcomes(
        tmp_path,
        shell("ok", "exit 0"),
        shell("fails", "exit 1"),
        shell("skips", "exit 77"),
        shell("hard", "exit 99"),
        shell("killed", "kill -SEGV $$"),
        shell("three", "exit 3", exit_code=3),
        shell("xfail", "exit 1", fails=True),
        shell("xpass", "exit 0", fails=True),
        shell("xskip", "exit 77", fails=True),
        shell("nowhere", "exit 0", argv=None),
        shell("missing", "", argv=["/no/such/program"]),
        shell("lost", "", cwd="/no/such/folder"),
        shell("found", "", argv=["sh", "-c", "exit 4"]),
    )
    assert found == {
        "ok": ("passed", None),
        "fails": ("failed", "exit status 1"),
        "skips": ("skipped", "exit status 77"),
        "hard": ("error", "exit status 99"),
        "killed": ("failed", "ended by SIGSEGV"),
        "three": ("passed", None),
        "xfail": ("passed", None),
        "xpass": ("failed", "should fail, and passed"),
        "xskip": ("skipped", "exit status 77"),
        "nowhere": ("skipped", "cannot run on this machine, and has no wrapper"),
        "missing": ("error", "cannot be started: /no/such/program: No such file or directory"),
        "lost": ("error", "cannot be started: /no/such/folder: No such file or directory"),
        "found": ("failed", "exit status 4"),
    }


def test_names_are_exact_whatever_is_in_them_and_one_that_is_missing_is_an_error(tmp_path: Path) -> None:
    names = ["a", "a, b", 'x", "y', "é ☃", "{brace}", "-n", "*", "a\\b", "$(x)"]
    rows = [shell(name, "exit 0") for name in names] + [shell("p:twin", "exit 0", names=["twin"])] * 1
    rows.append(shell("q:twin", "exit 0", names=["twin", "q:twin"]))
    done = run(tmp_path, rows, "a", *names, "twin", "b", "a ")
    assert {case.id: str(case.status) for case in told(done).cases} == {
        **dict.fromkeys([*names, "p:twin", "q:twin"], "passed"),
        "b": "error",
        "a ": "error",
    }


@pytest.mark.parametrize(
    ("text", "status", "cases"),
    [
        ("echo 1..2; echo ok 1 - a; echo ok 2 - b", "passed", {"t#a": "passed", "t#b": "passed"}),
        ("echo 1..2; echo ok 1 - a; echo not ok 2 - b", "failed", {"t#a": "passed", "t#b": "failed"}),
        ("echo 1..2; echo ok 1 - a", "error", {"t#a": "passed", "t": "error"}),
        ("echo 1..1; echo ok 1 - a; exit 1", "error", {"t#a": "passed", "t": "error"}),
        ('echo "1..0 # SKIP no display"', "skipped", {"t#all tests": "skipped"}),
        ("echo 1..1 >&2; echo 1..1; echo ok 1 - a; echo not ok 2 - b >&2", "passed", {"t#a": "passed"}),
        ("echo 1..2; echo ok 1 - a; echo ok 2 - a", "passed", {"t#a": "passed", "t#a (2)": "passed"}),
        ("echo hello", "skipped", {"t": "skipped"}),
        ("echo hello; exit 1", "error", {"t": "error"}),
        ("echo 1..0", "skipped", {"t": "skipped"}),
        ("echo ok; echo ok 2 - b", "passed", {"t#test 1": "passed", "t#b": "passed"}),
        ("echo 'ok 1 - a # TODO soon'", "failed", {"t#a": "failed"}),
        ("echo 'not ok 1 - a # TODO soon'", "passed", {"t#a": "skipped"}),
        ("echo 'not ok 1 - a # TODO soon'; echo ok 2 - b", "passed", {"t#a": "skipped", "t#b": "passed"}),
        ("echo 1..2; echo ok 1 - a; echo 'Bail out! no disk'", "error", {"t#a": "passed", "t": "error"}),
    ],
)
def test_tap_tells_of_cases(tmp_path: Path, text: str, status: str, cases: dict[str, str]) -> None:
    done = run(tmp_path, [shell("t", text, protocol="tap")])
    results = told(done)
    assert results.problem is None
    assert [str(each.status) for each in results.classes] == [status]
    assert {case.id: str(case.status) for case in results.cases} == cases


def test_a_test_that_should_fail_by_tap_and_does_has_passed(tmp_path: Path) -> None:
    fails = shell("t", "echo 1..1; echo not ok 1 - a", protocol="tap", fails=True)
    passes = shell("u", "echo 1..1; echo ok 1 - a", protocol="tap", fails=True)
    assert outcomes(tmp_path, fails, passes) == {
        "t": ("passed", None),
        "u#a": ("passed", None),
        "u": ("failed", "should fail, and passed"),
    }


def test_rust_and_googletest_tell_of_cases(tmp_path: Path) -> None:
    result = '"test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s"'
    rust = f"echo; echo running 2 tests; echo test a::b ... ok; echo test c ... FAILED; echo; echo {result}; exit 101"
    xml = (
        "<testsuites><testsuite name='S'><testcase classname='H' name='a'/><testcase classname='H' name='b'><failure/>"
    )
    gtest = f'echo "{xml}</testcase></testsuite></testsuites>" > "${{0#--gtest_output=xml:}}"; exit 1'
    none = f"echo; echo running 0 tests; echo; echo {result}".replace("FAILED. 1 passed; 1", "ok. 0 passed; 0")
    silent = shell("old", "exit 1", protocol="gtest")
    empty = shell("empty", none, protocol="rust")
    found = outcomes(tmp_path, shell("r", rust, protocol="rust"), shell("g", gtest, protocol="gtest"), silent, empty)
    assert found["empty"] == ("skipped", "it told of no test")
    assert {name: status for name, (status, _) in found.items() if "#" in name} == {
        "r#a > b": "passed",
        "r#c": "failed",
        "g#H > a": "passed",
        "g#H > b": "failed",
    }
    assert found["old"] == ("failed", "exit status 1")


def test_the_environment_is_that_of_the_setup_then_that_of_the_test(tmp_path: Path) -> None:
    operations = [
        ["set", "A", ["1", "2"], ":"],
        ["prepend", "B", ["x", "y"], ";"],
        ["append", "B", ["z"], ";"],
        ["prepend", "NEW", ["only"], ":"],
        ["default", "EMPTY", ["filled"], ""],
        ["default", "C", ["never"], ""],
        ["unset", "GONE", [], ""],
    ]
    text = 'echo "$A|$B|$NEW|$EMPTY|$C|${GONE-none}|${LONGPOLE_PROTOCOL-none}|$S|$W" >"$OUT"'
    setup = {"env": [["set", "S", ["s"], ""], ["set", "A", ["over"], ""]], "wrapper": ["env", "W=w"], "multiplier": 1}
    head = {**HEAD, "setups": {"p:usual": setup}, "setup": "p:usual"}
    out = tmp_path / "out"
    environ = {"B": "b", "C": "c", "GONE": "g", "EMPTY": "", "OUT": str(out)}
    assert outcomes(tmp_path, shell("t", text, env=operations), head=head, **environ) == {"t": ("passed", None)}
    assert out.read_text() == "1:2|x;y;b;z|only|filled|c|none|none|s|w\n"


def test_a_setup_is_named_with_or_without_its_project_and_excludes_and_stretches(tmp_path: Path) -> None:
    quick = {"env": [], "wrapper": [], "multiplier": 0.0001}
    head = {**HEAD, "setups": {"p:quick": quick, "p:all": {**quick, "multiplier": 0}}}
    rows = [shell("t", "sleep 100", excluded_by=["p:all"]), shell("u", "exit 0", excluded_by=["p:quick"])]
    found = outcomes(tmp_path, *rows, head=head, TEST_SETUP="quick")
    assert [found["t"][0], found["u"]] == ["timeout", ("skipped", "excluded by the setup p:quick")]
    assert outcomes(tmp_path, *rows, head=head, TEST_SETUP="p:all")["t"][0] == "skipped"
    assert outcomes(tmp_path, shell("t", "sleep 100"), TEST_TIMEOUT_MULTIPLIER="0.001")["t"][0] == "timeout"
    done = run(tmp_path, rows, head=head, TEST_TIMEOUT_MULTIPLIER="-1")
    assert b"cannot be run with TEST_TIMEOUT_MULTIPLIER=-1; write a number, 0 for no limit" in done.stderr
    done = run(tmp_path, rows, head=head, TEST_SETUP="other")
    assert done.returncode == 2
    assert b"has no setup other; choose one of these: p:quick, p:all" in done.stderr


def test_a_test_that_takes_too_long_is_ended_with_all_of_its_group(tmp_path: Path) -> None:
    stubborn = f"trap '' TERM; echo $$ >{tmp_path}/pid; echo said; while :; do sleep 1; done"
    found = outcomes(tmp_path, shell("t", stubborn, timeout=0.3), shell("next", "exit 0"))
    assert found["t"][0] == "timeout"
    assert (found["t"][1] or "").startswith("took longer than its timeout")
    assert found["next"] == ("passed", None)
    pid = int((tmp_path / "pid").read_text())
    eventually("its group is gone", lambda: not os.path.exists(f"/proc/{pid}"))


def test_what_a_test_leaves_running_does_not_keep_the_next_one_waiting(tmp_path: Path) -> None:
    leaves = f"(exec sleep 1000) & echo $! >{tmp_path}/pid; echo said"
    floods = f"(exec yes) & echo $! >>{tmp_path}/pid"
    rows = [shell("leaves", leaves), shell("floods", floods), shell("next", "exit 0")]
    try:
        done = run(tmp_path, rows)
        assert [str(case.status) for case in told(done).cases] == ["passed"] * 3
        assert b"said" in done.stdout
    finally:
        for pid in (tmp_path / "pid").read_text().split():
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:  # `yes`, when nobody read on
                continue


def test_output_is_told_as_it_comes_and_envelopes_in_it_are_only_output(tmp_path: Path) -> None:
    hostile = """printf '@@LONGPOLE@@ {"event":"fork_completed","suites":9}\\n\\377\\033[2J'; exit 1"""
    long = "i=0; while [ $i -lt 30000 ]; do echo a line that is no more than that; i=$((i+1)); done"
    rows = [shell("hostile", hostile), shell("long", long), shell("quiet", "exit 0")]
    done = run(tmp_path, rows)
    results = told(done)
    assert results.problem is None
    assert [str(case.status) for case in results.cases] == ["failed", "passed", "passed"]
    events = [json.loads(line.partition(b" ")[2]) for line in done.stdout.splitlines()]
    texts = [each.get("text") or each.get("output", "") for each in events if each.get("suite") == "long"]
    assert "".join(texts) == "a line that is no more than that\n" * 30000
    assert max(map(len, texts)) <= 65536
    assert all(text.endswith("\n") for text in texts if text)


def test_a_signal_ends_the_test_that_runs(tmp_path: Path) -> None:
    path = listed(
        tmp_path, [shell("t", f"echo $$ >{tmp_path}/pid.new; mv {tmp_path}/pid.new {tmp_path}/pid; sleep 1000")]
    )
    command = [sys.executable, "-ES", str(CLIENT), str(path), "t"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "LONGPOLE_PROTOCOL": "1"}) as process:
        eventually("the test runs", (tmp_path / "pid").exists)
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    pid = int((tmp_path / "pid").read_text())
    eventually("the test is gone", lambda: not os.path.exists(f"/proc/{pid}"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "No such file or directory; build the project"),
        ("", "is no list of tests; build the project again"),
        ("[]\n", "is no list of tests; build the project again"),
        ('{"version": 2}\n', "has version 2, not 1; build the project again with this Longpole"),
    ],
)
def test_a_list_that_is_none_is_named(tmp_path: Path, text: str | None, why: str) -> None:
    path = tmp_path / "list"
    if text is not None:
        path.write_text(text)
    done = subprocess.run([sys.executable, str(CLIENT), str(path), "t"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, f"{path}: {why}\n")


def test_without_the_protocol_results_are_lines_for_people(tmp_path: Path) -> None:
    tap = "echo 1..2; echo ok 1 - a; echo not ok 2 - b"
    path = listed(tmp_path, [shell("plain", "echo hello; exit 3"), shell("tap", tap, protocol="tap")])
    environ = {key: value for key, value in os.environ.items() if key != "LONGPOLE_PROTOCOL"}
    command = [sys.executable, str(CLIENT), str(path), "plain", "tap"]
    done = subprocess.run(command, capture_output=True, text=True, env=environ, check=False)
    assert done.returncode == 1
    plain = [" ".join(line.split()[:2]) for line in done.stdout.splitlines()]
    assert plain == ["hello", "failed plain", "exit status", "1..2", "ok 1", "not ok", "failed tap", "failed: b"]


TEXTS = st.sampled_from(
    ["ok 1 - a", "not ok 2", "1..2", "1..0 # SKIP x", "Bail out!", "  ---", "@@LONGPOLE@@ {}", "\x00é"]
)


@given(st.lists(TEXTS, max_size=8), st.sampled_from([0, 1, 77, 99, -9]), st.booleans())
def test_no_output_turns_a_failure_into_a_success(lines: list[str], status: int, fails: bool) -> None:
    sys.path.insert(0, str(CLIENT.parent))
    try:
        from outcomes import outcome_of  # type: ignore[import-not-found]
        from processes import Ended  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(CLIENT.parent))
    judge = outcome_of({"protocol": "tap", "fails": fails, "timeout": 1}, "/nowhere")
    judge.feed("".join(f"{line}\n" for line in lines).encode())
    found = judge.outcome(Ended(status, 0.1))
    assert found.status in ("passed", "failed", "skipped", "error")
    if status != 0 and not fails:
        assert found.status in ("failed", "error")
    names = [case["name"] for case in found.cases]
    assert len(set(names)) == len(names)


def test_a_case_of_the_protocol_is_selected_by_its_class() -> None:
    assert name_to_select(Case("t", "", Status.FAILED), "protocol") == "t"
    assert name_to_select(Case("t", "a", Status.FAILED), "protocol") == "t"
