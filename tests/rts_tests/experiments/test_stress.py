"""`longpole stress`: how often one unit fails."""
# long: one command, whose tests share what reads its output

import os
import pty
import re
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.seeds import execution_seeds
from longpole.rts_tests.experiments.stress import parse_duration, percent, wilson
from longpole.rts_tests.machine.processes import children_of, command_of, started_at
from longpole.rts_tests.supervise.executions import MAX_KEPT
from tests.project import Done, Project, eventually, records_in, shell

THIRD = shell("echo x >>counter", "n=$(wc -l <counter)", "echo this is $n", "test $((n % 3)) != 0 || exit 7")
ONE_SEED = 'case "$1" in 31|*,31|31,*|*,31,*) echo "31 is bad"; exit 5;; esac'


def counts(done: Done) -> dict[str, int]:
    """What the report says of how many executions came to what."""
    line = next(line for line in done.out.splitlines() if re.fullmatch(r"       \d+ [a-z]+(, \d+ [a-z]+)*", line))
    return {word: int(number) for number, word in re.findall(r"(\d+) ([a-z]+)", line)}


def again(done: Done) -> list[str]:
    """The lines to paste."""
    return [line.partition("again:")[2].strip() for line in done.out.splitlines() if "again:" in line]


# -- the rate ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failed", "total", "low", "high"),
    [  # Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0),
    ],
)
def test_the_interval_is_wilsons(failed: int, total: int, low: float, high: float) -> None:
    found = wilson(failed, total)
    assert (round(found[0], 4), round(found[1], 4)) == (low, high)


@given(st.integers(1, 10**9), st.data())
def test_the_interval_holds_the_rate_and_mirrors(total: int, data: st.DataObject) -> None:
    failed = data.draw(st.integers(0, total))
    low, high = wilson(failed, total)
    assert 0 <= low <= failed / total <= high <= 1
    mirrored = wilson(total - failed, total)
    assert low == pytest.approx(1 - mirrored[1], abs=1e-9)


def test_without_trials_nothing_is_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (1 / 3, "33.3 %"),
        (0.5, "50 %"),
        (0.003, "0.3 %"),
        (0.00383, "0.38 %"),
        (1e-6, "0.0001 %"),
    ],
)
def test_rates_are_told_with_the_digits_that_count(rate: float, text: str) -> None:
    assert percent(rate) == text


# -- counting ---------------------------------------------------------------------------------------------------------


def test_a_unit_that_fails_every_third_time(project: Project) -> None:
    project.write({"x": THIRD, "y": ""})
    done = project.longpole("stress", "v/x", "--count", "10", "-j1")
    assert done.status == 1
    assert "v/x: 10 executions by -j1 in " in done.out
    assert "rate:  3 of 10 failed, 30 %; 95 %: 10.8 % to 60.3 %\n       7 passed, 3 failed\n" in done.out
    assert re.findall(r"^  #(\d+): failed: exit status 7$", done.out, re.MULTILINE) == ["3", "6", "9"]
    assert "    | this is 6\n    log:   test-v-x+6.log\n" in done.out
    assert again(done) == ["make test-v-x"]


def test_only_failing_executions_leave_files_and_they_are_where_the_report_says(project: Project) -> None:
    project.write({"x": THIRD})
    done = project.longpole("stress", "v/x", "--count", "9", "-j1")
    folder = project.root / done.out.splitlines()[-1].removeprefix("kept in: ")
    assert {path.name for path in folder.iterdir()} == {f"test-v-x+{number}.log" for number in (3, 6, 9)}
    assert [row["target"] for row in records_in(project.last)] == [f"test-v-x+{number}" for number in (3, 6, 9)]
    assert (folder / "test-v-x+6.log").read_bytes() == b"this is 6\n"


@pytest.mark.slow
def test_a_unit_that_always_passes(project: Project) -> None:
    project.write({"x": "echo x >>counter"})
    done = project.longpole("stress", "test-v-x", "--count", "1000", "-j2")
    assert done.status == 0
    assert "rate:  none of 1000 failed; 95 %: at most 0.38 %\n       1000 passed\n" in done.out
    assert len((project.root / "counter").read_text()) == 2000
    assert list((project.last / "units").iterdir()) == []


@pytest.mark.slow
def test_a_long_execution_that_passes_leaves_nothing_either(project: Project) -> None:
    script = "echo hello; until ls .longpole/runs/*/units/*.part; do :; done"
    project.write({"x": script}, modules={"x": {"timeout": 60}})
    assert project.longpole("stress", "v/x", "--count", "1").status == 0
    assert list((project.last / "units").iterdir()) == []


def test_every_kind_of_failure_is_counted(project: Project) -> None:
    one_of_four = shell(
        "echo x >>counter",
        "case $(wc -l <counter) in 1) exit 3;; 2) kill -ABRT $$;; 3) sleep 300;; 4) sleep 300 & ;; esac",
    )
    project.write({"x": one_of_four}, modules={"x": {"timeout": 0.3}})
    done = project.longpole("stress", "v/x", "--count", "6", "-j1")
    assert counts(done) == {"passed": 2, "failed": 1, "timeout": 1, "crashed": 1, "leaked": 1}
    assert re.findall(r"^  #(\d): (\w+)", done.out, re.MULTILINE) == [
        ("1", "failed"),
        ("2", "crashed"),
        ("3", "timeout"),
        ("4", "leaked"),
    ]
    assert not project.processes()


def test_executions_run_at_once_in_folders_of_their_own_and_are_not_mixed_up(project: Project) -> None:
    meet = shell(
        'mkdir -p here; touch "here/${LONGPOLE_UNIT##*/}"',
        'test -z "$(ls -A "$TMPDIR")" || exit 9; touch "$TMPDIR/mine"',
        "while test $(ls here | wc -l) -lt 3; do :; done",
    )
    project.write({"x": meet}, modules={"x": {"timeout": 60}})
    done = project.longpole("stress", "v/x", "--count", "3", "-j3")
    assert done.status == 0, done.text
    assert sorted(path.name for path in (project.root / "here").iterdir()) == ["x#1", "x#2", "x#3"]


def test_retries_of_the_suite_do_not_hide_failures(project: Project) -> None:
    project.write({"x": THIRD}, limits={"retries": 3})
    assert counts(project.longpole("stress", "v/x", "--count", "3", "-j1", RETRIES="5")) == {"passed": 2, "failed": 1}


def test_what_is_kept_of_failures_is_bounded_and_all_are_counted(project: Project) -> None:
    project.write({"x": 'echo core >"$TMPDIR/core"; exit 1'}, limits={"keep": "failed"})
    done = project.longpole("stress", "v/x", "--count", str(MAX_KEPT + 5), "-j2")
    assert counts(done) == {"failed": MAX_KEPT + 5}
    assert "  and 5 more, which were only counted\n" in done.out
    assert done.out.count("FAIL v/x#") == MAX_KEPT
    assert len(records_in(project.last)) == MAX_KEPT
    assert len(list((project.last / "units").glob("*.tmp"))) == MAX_KEPT


def test_the_first_failure_ends_it_where_that_is_asked_for(project: Project) -> None:
    project.write({"x": THIRD})
    for option in ("-x", "--fail-fast"):
        (project.root / "counter").unlink(missing_ok=True)
        done = project.longpole("stress", "v/x", "--count", "1000", option, "-j1")
        assert (done.status, counts(done)) == (1, {"passed": 2, "failed": 1})


@pytest.mark.slow
def test_a_length_of_time_ends_it(project: Project) -> None:
    project.write({"x": "echo x >>counter"})
    done = project.longpole("stress", "v/x", "--for", "1s")
    assert done.status == 0
    assert counts(done) == {"passed": len((project.root / "counter").read_text()) // 2}


def test_a_command_that_is_not_there_is_tried_once(project: Project) -> None:
    project.write({"x": ""}, defaults={"run": ["./nowhere"]})
    done = project.longpole("stress", "v/x", "--count", "1000", "-j1")
    assert (done.status, counts(done)) == (1, {"error": 1})
    assert "#1: error: ./nowhere cannot be executed: No such file or directory\n" in done.out


# -- seeds ------------------------------------------------------------------------------------------------------------


def test_without_a_word_the_seeds_are_always_the_same(project: Project) -> None:
    project.write({"x": "echo $1 >>seen"}, modules={"x": {"seeds": 3, "first_seed": 7}})
    done = project.longpole("stress", "v/x", "--count", "4")
    assert "seeds: each with the same 3, from 7\n" in done.out
    assert (project.root / "seen").read_text().splitlines() == ["7,8,9"] * 4


def test_each_execution_can_have_seeds_of_its_own_the_same_each_time(project: Project) -> None:
    project.write({"x": "echo $1 >>seen"}, modules={"x": {"seeds": 2}})
    for _ in range(2):
        assert project.longpole("stress", "v/x", "--count", "5", "--seeds", "-j1").status == 0
    seen = (project.root / "seen").read_text().splitlines()
    expected = [execution_seeds(project.environ["LONGPOLE_REV"], "x", number, 2).values for number in range(1, 6)]
    assert seen == [f"{first},{second}" for first, second in expected] * 2
    assert len(set(expected)) == 5


@given(st.text(max_size=9), st.integers(1, 10**6), st.integers(1, 1000))
def test_seeds_of_an_execution_are_a_range_that_fits(module: str, number: int, count: int) -> None:
    values = execution_seeds("a" * 40, module, number, count).values
    assert values == tuple(range(values[0], values[0] + count))
    assert values[-1] < 2**32


def test_another_commit_has_other_seeds() -> None:
    assert (
        execution_seeds("a" * 40, "x", 1, 9) != execution_seeds("b" * 40, "x", 1, 9) != execution_seeds(None, "x", 1, 9)
    )


@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.slow
def test_reproducers_of_failing_seeds_fail_when_they_are_pasted(project: Project, seeds: int) -> None:
    script = shell('for seed in $(echo "$1" | tr , " "); do test $((seed % 3)) != 0 || exit 5; done')
    project.write({"x": script}, modules={"x": {"seeds": 9, "chunks": 9 // seeds}})
    done = project.longpole("stress", "v/x[1]", "--count", "6", "--seeds", "-j1")
    lines = again(done)
    assert lines
    assert len(lines) == counts(done)["failed"]
    titles = re.findall(r"^  #\d+, seeds? (\S+): failed: exit status 5$", done.out, re.MULTILINE)
    assert lines == [f"make test-v-x-1 SEED={title}" for title in titles]
    pasted = project.run("env", "-i", f"PATH={os.environ['PATH']}", "sh", "-c", lines[0])
    assert pasted.status == 2
    assert "v/x[1]: failed: exit status 5" in pasted.out


def test_seed_says_which_seeds_and_the_line_to_paste_says_it_too(project: Project) -> None:
    project.write({"x": ONE_SEED}, modules={"x": {"seeds": 4}})
    done = project.longpole("stress", "v/x", "--count", "2", SEED="30-32")
    assert done.status == 1
    assert again(done) == ["make test-v-x SEED=30-32"]
    assert project.longpole("stress", "v/x", "--count", "2", SEED="32").status == 0


def test_commit_seeds_are_repeated_on_their_commit(project: Project) -> None:
    project.write({"x": "exit 1"}, modules={"x": {"seeds": 2, "seed_policy": "commit"}})
    done = project.longpole("stress", "v/x", "--count", "1")
    assert again(done) == [f"LONGPOLE_REV={project.environ['LONGPOLE_REV']} make test-v-x"]


# -- misuse -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def small(project: Project) -> Project:
    return project.write({"plain": "", "gc": ""}, modules={"gc": {"seeds": 4, "chunks": 2}})


@pytest.mark.parametrize(
    ("argv", "status", "said"),
    [
        (["v/gc[1]"], 2, "use either --count N or --for TIME"),
        (["v/gc[1]", "--count", "1", "--for", "1s"], 2, "use either --count N or --for TIME"),
        (["v/gc[1]", "--count", "0"], 2, "--count"),
        (["v/gc[1]", "--for", "0s"], 2, "longpole: --for: '0s' is not a valid duration; give a number above 0 and "),
        (["v/gc[1]", "--for", "ten"], 2, "longpole: --for: 'ten' is not a valid duration"),
        (["v/gc[1]", "--count", "1", "-j0"], 2, "--jobs"),
        (["--count", "1"], 2, "UNIT"),
        (["v/plain", "--count", "1", "--seeds"], 2, "longpole: --seeds: v/plain takes no seeds; leave it out"),
        (["v/plian", "--count", "1"], 4, "longpole: there is no unit 'v/plian'; did you mean v/plain? `longpole list`"),
        (["test-v-gc-7", "--count", "1"], 4, "longpole: there is no unit 'test-v-gc-7'; did you mean test-v-gc-0? "),
        (["v/cg[1]", "--count", "1"], 4, "longpole: there is no unit 'v/cg[1]'; did you mean v/gc[1]? "),
        (["", "--count", "1"], 4, "longpole: there is no unit ''; `longpole list`"),
        (["\x1b[31mqqqqqq", "--count", "1"], 4, "longpole: there is no unit '\\x1b[31mqqqqqq'; `longpole list`"),
        (["v/gc", "--count", "1"], 4, "longpole: 'v/gc' stands for 2 units; name one of them, such as v/gc[0]"),
    ],
)
def test_misuse_is_a_message(small: Project, argv: list[str], status: int, said: str) -> None:
    done = small.longpole("stress", *argv)
    assert done.status == status, done.text
    assert said in done.err
    assert "Traceback" not in done.text
    assert small.runs == []


def test_seeds_of_their_own_and_seed_exclude_each_other(small: Project) -> None:
    done = small.longpole("stress", "v/gc[1]", "--count", "1", "--seeds", SEED="7")
    assert (done.status, small.runs) == (2, [])
    assert "longpole: --seeds: SEED gives each execution its seeds; leave out one of the two\n" in done.err


def test_without_a_plan(project: Project) -> None:
    done = project.longpole("stress", "v/x", "--count", "1")
    assert (done.status, done.out) == (2, "")
    assert done.err == "longpole: .longpole/plan.json: no plan here; run `longpole render`\n"


@pytest.mark.slow
def test_the_plan_is_that_of_the_suite_as_it_is_now(small: Project) -> None:
    suite = small.root / "suite.yaml"
    suite.write_text(suite.read_text().replace('"plain"', '"renamed"'))
    later = (small.root / ".longpole" / "rendered").stat().st_mtime + 10
    os.utime(suite, (later, later))
    (small.root / "units" / "renamed.sh").write_text("")
    assert small.longpole("stress", "v/renamed", "--count", "1").status == 0


@pytest.mark.slow
def test_a_suite_that_is_wrong_now(small: Project) -> None:
    suite = small.root / "suite.yaml"
    suite.write_text("version: 1\n")
    later = (small.root / ".longpole" / "rendered").stat().st_mtime + 10
    os.utime(suite, (later, later))
    done = small.longpole("stress", "v/plain", "--count", "1")
    assert (done.status, small.runs) == (2, [])
    assert "longpole: Makefile: the plan cannot be brought up to date; see the messages above\n" in done.err
    assert "suite.yaml:1:" in done.err


def test_a_number_that_is_no_length_of_time() -> None:
    assert [parse_duration(text) for text in ("90s", "10m", "1h")] == [90.0, 600.0, 3600.0]
    for text in ("", "10", "m", "1.5h", "-1s", "٣s", "00s"):
        with pytest.raises(UseError, match="is not a valid duration"):
            parse_duration(text)


# -- builds -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_variant_is_built_first_and_only_it(project: Project) -> None:
    build = {"build": ["sh", "-c", "mkdir -p {target_dir}; echo built >>{target_dir}/log"]}
    project.write({"x": "test -f target-$3/log"}, variants={"a": build, "b": build})
    assert project.longpole("stress", "a/x", "--count", "3").status == 0
    assert (project.root / "target-a" / "log").read_text() == "built\n"
    assert not (project.root / "target-b").exists()
    assert project.longpole("stress", "b/x", "--count", "1", PREBUILT="1").status == 1


def test_a_build_that_fails_is_no_rate(project: Project) -> None:
    project.write({"x": ""}, variants={"v": {"build": ["false"]}})
    done = project.longpole("stress", "v/x", "--count", "3")
    assert done.status == 1
    assert "make failed, see above; until then:\nv/x: 0 executions" in done.out
    assert "rate:  unknown, because no execution finished\n" in done.out
    assert "build-v] Error 1" in done.err


# -- interruptions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_tells_the_rate_so_far(project: Project, number: signal.Signals) -> None:
    hangs = shell(
        "echo x >>counter", "test $(wc -l <counter) != 2 || exit 3", "test $(wc -l <counter) -lt 4 || sleep 300"
    )
    project.write({"x": hangs})
    process = project.start("python3", "-m", "longpole", "stress", "v/x", "--for", "10h", "-j1")
    counter = project.root / "counter"
    eventually("the fourth is under way", lambda: counter.exists() and len(counter.read_text()) == 8)
    os.killpg(process.pid, number)
    out, err = process.communicate()
    assert (process.returncode, err) == (130, b"")
    assert b"interrupted; so far:\nv/x: 3 executions by -j1 in " in out
    assert b"rate:  1 of 3 failed, 33.3 %; " in out
    assert not project.processes()
    assert project.longpole("runs").out.splitlines()[1].endswith("stress: 2 passed, 1 failed, 1 cancelled")


def test_the_rate_outlives_a_supervisor_that_is_killed(project: Project) -> None:
    hangs = shell("echo x >>counter", "test $(wc -l <counter) -lt 4 || sleep 300")
    project.write({"x": hangs})
    process = project.start("python3", "-m", "longpole", "stress", "v/x", "--count", "9", "-j1")
    counter = project.root / "counter"
    eventually("the fourth is under way", lambda: counter.exists() and len(counter.read_text()) == 8)
    supervisor = int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0])
    os.kill(supervisor, signal.SIGKILL)
    out, _ = process.communicate()
    assert process.returncode == 1
    assert b"the supervisor was killed by signal 9, and what it had started was ended; until then:\nv/x: 3 exec" in out
    assert not project.processes()


def test_on_a_terminal_progress_is_short_and_gone_in_the_end(project: Project) -> None:
    project.write({"x": "test ! -e stop || exit 1; touch stop; while test ! -e go; do :; done"})
    leader, follower = pty.openpty()
    environ = {"TERM": "xterm", "NO_COLOR": "1"}
    process = project.start(
        "python3", "-m", "longpole", "stress", "v/x", "--count", "2", "-j1", stdout=follower, environ=environ
    )
    os.close(follower)
    (project.root / "go").touch()
    said = b""
    try:
        while data := os.read(leader, 4096):
            said += data
    except OSError:
        pass  # nobody has the terminal open any more
    os.close(leader)
    assert process.wait() == 1
    assert b"\r\x1b[K1 of 2, 0 failed\r\x1b[KFAIL v/x#2" in said
    assert b"1 of 2 failed, 50 %" in said


def test_not_on_a_terminal_there_is_no_progress(project: Project) -> None:
    project.write({"x": ""})
    done = project.longpole("stress", "v/x", "--count", "2")
    assert "\r" not in done.out
    assert "\x1b" not in done.out


@pytest.mark.slow
def test_what_a_unit_says_drives_neither_the_terminal_nor_a_workflow(project: Project) -> None:
    project.write({"x": "printf '\\033[2J\\n::error::no\\n##[error]no\\n\\377\\r\\n'; exit 1"})
    for environ in ({}, {"LC_ALL": "en_US.ISO-8859-1", "PYTHONIOENCODING": "latin-1"}):
        done = project.longpole("stress", "v/x", "--count", "1", **environ)
        assert done.status == 1, done.text
        assert "    | \n    | ::error::no\n    | # #[error]no\n    | \ufffd\n    log:" in done.out


def test_a_reader_that_stops_reading(project: Project) -> None:
    project.write({"x": "exit 1"})
    done = project.run(
        "sh", "-c", "python3 -m longpole stress v/x --count 3 | true; test -e .longpole/runs/*/ended.json"
    )
    assert (done.status, done.err) == (0, "")


# -- what it must not touch -------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_it_teaches_nothing_and_is_nobodys_last_run(project: Project) -> None:
    project.write({"x": "test ! -e broken || exit 1", "y": "test ! -e half"})
    assert project.make("test").status == 0
    (project.root / "half").touch()
    assert project.make("test").status == 2
    history = (project.root / ".longpole" / "history.json").read_bytes()
    tests = project.runs
    (project.root / "broken").touch()
    stressed = project.longpole("stress", "v/x", "--count", "3", "-j1")
    assert stressed.status == 1
    run = project.runs[-1]
    assert run not in tests
    assert (project.root / ".longpole" / "history.json").read_bytes() == history
    assert project.longpole("report").out == project.longpole("report", tests[-1].name).out
    assert "2 units: 1 passed, 1 failed" in project.longpole("report", "last").out
    assert project.longpole("report", "previous").out == project.longpole("report", tests[0].name).out
    assert f"before: {tests[0].name}\nafter:  {tests[1].name}\n" in project.longpole("compare").out
    project.make("retest")
    assert set(project.statuses()) == {"v/y"}
    shown = project.longpole("report", run.name)
    assert (shown.status, shown.out) == (1, stressed.out[stressed.out.index("\nv/x: 3 exec") :])
    assert "3 units: 3 failed" in project.longpole("report", "--failed", run.name).out
    assert '"status": "failed"' in project.longpole("report", "--format", "json", run.name).out
    listed = project.longpole("runs").out.splitlines()
    assert listed[2].startswith(run.name)
    assert listed[2].endswith("stress: 3 failed")
    assert "asked:     stress v/x --count 3\n" in project.longpole("runs", "show", run.name).out
    assert project.longpole("runs", "remove", run.name).status == 0
    assert run not in project.runs


@pytest.mark.slow
def test_its_private_folders_are_gone_and_those_of_a_killed_one_are_swept(project: Project) -> None:
    project.write({"x": "touch up; sleep 300", "y": ""})
    process = project.start("python3", "-m", "longpole", "stress", "v/x", "--count", "9")
    eventually("it runs", (project.root / "up").exists)
    folders = [Path(os.fsdecode(each)) for each in (project.last / "private").read_bytes().split(b"\0")]
    assert all(folder.exists() for folder in folders)
    os.kill(process.pid, signal.SIGKILL)
    eventually("nothing of it is left", lambda: not project.processes())
    process.communicate()
    assert project.longpole("stress", "v/y", "--count", "1").status == 0
    assert not any(folder.exists() for folder in folders)
    assert not (project.last / "private").exists()


def test_an_interruption_is_one_also_where_make_ends_before_the_guard_has_passed_it_on(project: Project) -> None:
    project.write({"x": "touch up; sleep 300"})
    process = project.start(sys.executable, "-m", "longpole", "stress", "v/x", "--count", "9", "-j1")
    eventually("it runs", (project.root / "up").exists)
    (supervisor,) = [pid for pid in children_of(process.pid) if "longpole" in command_of(pid)]
    os.kill(process.pid, signal.SIGSTOP)
    os.killpg(process.pid, signal.SIGINT)
    eventually("the supervisor has ended", lambda: started_at(supervisor) is None)
    os.kill(process.pid, signal.SIGCONT)
    assert process.wait() == 130
