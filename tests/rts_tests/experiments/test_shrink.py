"""`longpole shrink`: which of a chunk's seeds fails, alone or after others."""

import os
import re
import signal
import subprocess
from itertools import pairwise

import pytest
import wasmtime
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.seeds import commit_seed
from longpole.rts_tests.experiments.shrink import narrowing, searching
from tests.project import REVISION, Done, Project, eventually, records_in, shell, write_records

EACH = 'for seed in $(echo "$1" | tr , " "); do'
BAD = shell(EACH, 'echo "seed $seed"; case $seed in 31|34) echo "$seed is bad"; exit 5;; esac; done')
AFTER = shell("seen=no", EACH, "case $seed in 6) seen=yes;; 11) test $seen = no || exit 6;; esac; done")
CHUNKS = {"seeds": 20, "chunks": 2, "first_seed": 30}


def again(done: Done) -> list[str]:
    """The lines to paste."""
    return re.findall(r"^    again: (.*)$", done.out, re.MULTILINE)


def paste(project: Project, line: str) -> Done:
    """Run a line in a clean shell."""
    path = f"PATH={os.environ['PATH']}"
    return project.run("env", "-i", path, "sh", "-c", line)


def report(done: Done) -> str:
    """What is told when all is known."""
    return done.out[done.out.index("\n\n") + 2 :] if "\n\n" in done.out else done.out.removeprefix("\n")


# -- bisection --------------------------------------------------------------------------------------------------------


@given(st.integers(2, 300), st.data())
def test_the_shortest_failing_range_is_found_where_failures_grow(count: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, count - 2))
    last = data.draw(st.integers(first + 1, count - 1))
    search = narrowing(count)
    tries = 0
    try:
        tried = next(search)
        while True:
            tries += 1
            assert len(tried) > 1, "one alone is known to pass"
            tried = search.send(tried.start <= first and last < tried.stop)
    except StopIteration as end:
        assert end.value == range(first, last + 1)
    assert tries <= 2 * count.bit_length()


@given(st.integers(2, 300), st.randoms(use_true_random=False))
def test_whatever_comes_and_goes_the_search_ends_with_a_range_that_failed(count: int, random: object) -> None:
    search = narrowing(count)
    failed = [range(count)]
    tries = 0
    try:
        tried = next(search)
        while True:
            tries += 1
            fails = random.random() < 0.5  # type: ignore[attr-defined]
            failed += [tried] if fails else []
            tried = search.send(fails)
    except StopIteration as end:
        assert end.value == failed[-1]
    assert all(set(after) < set(before) for before, after in pairwise(failed))
    assert tries <= 2 * count.bit_length()


@pytest.mark.parametrize("status", [None, "timeout"])
def test_where_all_together_pass_or_take_too_long_there_is_no_search(status: str | None) -> None:
    search = searching(8)
    assert next(search) == range(8)
    with pytest.raises(StopIteration):
        search.send(status)


# -- one seed ---------------------------------------------------------------------------------------------------------


def test_every_seed_that_fails_alone_is_found(project: Project) -> None:
    project.write({"x": BAD, "y": ""}, modules={"x": CHUNKS})
    done = project.longpole("shrink", "v/x[0]", "-j2")
    assert done.status == 1
    run = f".longpole/runs/{project.last.name}/units"
    assert report(done) == (
        "v/x[0]: 2 of 10 seeds fail alone\n"
        "  seed 31: failed: exit status 5\n"
        "    | seed 31\n"
        "    | 31 is bad\n"
        "    log:   test-v-x-0+2.log\n"
        "    again: make test-v-x-0 SEED=31\n"
        "  seed 34: failed: exit status 5\n"
        "    | seed 34\n"
        "    | 34 is bad\n"
        "    log:   test-v-x-0+5.log\n"
        "    again: make test-v-x-0 SEED=34\n"
        f"kept in: {run}\n"
    )
    assert (project.last / "units" / "test-v-x-0+5.log").read_text() == "seed 34\n34 is bad\n"


@pytest.mark.slow
def test_the_lines_to_paste_fail_and_those_of_other_seeds_do_not(project: Project) -> None:
    project.write({"x": BAD}, modules={"x": CHUNKS})
    lines = again(project.longpole("shrink", "test-v-x-0"))
    assert lines == ["make test-v-x-0 SEED=31", "make test-v-x-0 SEED=34"]
    for line in lines:
        assert "v/x[0]: failed: exit status 5" in paste(project, line).out
    assert paste(project, "make test-v-x-0 SEED=32").status == 0


def test_without_a_name_it_is_what_failed_in_the_last_run(project: Project) -> None:
    both: dict[str, dict[str, str]] = {"a": {}, "b": {}}
    project.write({"x": BAD, "ok": "", "plain": "exit 1"}, modules={"x": CHUNKS, "ok": {"seeds": 3}}, variants=both)
    project.make("test", "-j2")
    done = project.longpole("shrink")
    assert done.status == 1
    assert again(done) == [f"make test-{name}-x-0 SEED={seed}" for name in "ab" for seed in (31, 34)]
    assert project.longpole("runs").out.splitlines()[1].endswith("shrink: 16 passed, 4 failed")


def test_the_first_is_enough_where_that_is_asked_for(project: Project) -> None:
    project.write({"x": BAD}, modules={"x": CHUNKS})
    done = project.longpole("shrink", "v/x[0]", "-x", "-j1")
    assert done.status == 1
    assert report(done).startswith(
        "v/x[0]: 1 of the 2 seeds that were tried, out of 10, fails alone\n  seed 31: failed"
    )
    assert len(again(done)) == 1


def test_then_the_other_units_are_not_looked_at_any_more(project: Project) -> None:
    together = 'case "$1" in *,*) exit 6;; esac'
    project.write({"x": BAD, "y": together}, modules={"x": {**CHUNKS, "weight": 9}, "y": {"seeds": 3}})
    project.make("test")
    done = project.longpole("shrink", "-x", "-j1")
    assert again(done) == ["make test-v-x-0 SEED=31"]
    assert "v/y: 0 of 3 seeds tried alone, none failed\n" in done.out


@pytest.mark.slow
def test_seeds_of_the_commit_are_those_that_failed(project: Project) -> None:
    bad = commit_seed(REVISION, "x", 2)
    project.write({"x": f"case ,$1, in *,{bad},*) exit 5;; esac"}, modules={"x": {"seeds": 4, "seed_policy": "commit"}})
    project.make("test")
    del project.environ["LONGPOLE_REV"]
    for argv in (["shrink"], ["shrink", "v/x"]):
        done = project.longpole(*argv)
        assert again(done) == [f"make test-v-x SEED={bad}"], done.text
    assert paste(project, again(done)[0]).status == 2
    other = project.longpole("shrink", "v/x", LONGPOLE_REV="a" * 40)
    assert (other.status, report(other).startswith("v/x: nothing failed, neither one of 4 seeds alone")) == (0, True)


def test_seeds_that_were_given_are_those_that_are_looked_at(project: Project) -> None:
    project.write({"x": BAD}, modules={"x": {"seeds": 2}})
    done = project.longpole("shrink", "v/x", SEED="29-32")
    assert again(done) == ["make test-v-x SEED=31"]
    assert project.make("test-v-x", "SEED=33-36").status == 2
    assert again(project.longpole("shrink")) == ["make test-v-x SEED=34"]


def test_kinds_of_failure_are_told(project: Project) -> None:
    kinds = shell('case "$1" in 0) kill -SEGV $$;; 1) sleep 300;; 2) sleep 300 & exit 0;; 3) exit 9;; esac')
    project.write({"x": kinds}, modules={"x": {"seeds": 5, "timeout": 0.3}})
    done = project.longpole("shrink", "v/x")
    assert re.findall(r"^  seed (\d): (\w+)", done.out, re.MULTILINE) == [
        ("0", "crashed"),
        ("1", "timeout"),
        ("2", "leaked"),
        ("3", "failed"),
    ]
    assert not project.processes()


@pytest.mark.parametrize("variables", [{}, {"WARM": "0"}])
def test_a_range_of_seeds_reaches_warm_and_cold_units(project: Project, variables: dict[str, str]) -> None:
    text = """(module (func (export "test_x") (param $first i64) (param $count i64)
      (if (i64.lt_u (i64.sub (i64.const 31) (local.get $first)) (local.get $count)) (then unreachable))))"""
    (project.root / "tests.wasm").write_bytes(wasmtime.wat2wasm(text))
    words = ["{python}", "-m", "rts_tests.warm.wasm", "{artifact}", "test_{module}", "{first_seed}", "{seed_count}"]
    build = ["{python}", "-m", "longpole.rts_tests.warm.precompile", "tests.wasm", "{artifact}"]
    variant = {"warm": True, "artifact": "tests.cwasm", "build": build, "run": words}
    project.write({}, modules={"x": {"seeds": 40, "chunks": 4}}, variants={"v": variant})
    done = project.longpole("shrink", "v/x[3]", **variables)
    assert again(done) == ["make test-v-x-3 SEED=31"]
    stressed = project.longpole("stress", "v/x[3]", "--count", "5", SEED="28-31", **variables)
    assert "rate:  5 of 5 failed, 100 %" in stressed.out


# -- seeds together ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_failure_after_another_seed_is_narrowed_down_to_the_two(project: Project) -> None:
    project.write({"x": AFTER}, modules={"x": {"seeds": 20}})
    done = project.longpole("shrink", "v/x")
    assert done.status == 1
    found = report(done)
    assert found.startswith(
        "v/x: none of 20 seeds fails alone, but these do together:\n  seeds 6-11: failed: exit status 6\n"
    )
    assert "  11 fails only after those before it\n" in found
    assert again(done) == ["make test-v-x SEED=6-11"]
    assert paste(project, again(done)[0]).status == 2
    for shorter in ("6-10", "7-11", "11"):
        assert paste(project, f"make test-v-x SEED={shorter}").status == 0


def test_commit_seeds_that_fail_together_are_listed(project: Project) -> None:
    seeds = [commit_seed(REVISION, "x", index) for index in range(6)]
    script = f"case ,$1, in *,{seeds[1]},*,{seeds[3]},*) exit 6;; esac"
    project.write({"x": script}, modules={"x": {"seeds": 6, "seed_policy": "commit"}})
    done = project.longpole("shrink", "v/x")
    assert again(done) == [f"make test-v-x SEED={seeds[1]},{seeds[2]},{seeds[3]}"]
    assert paste(project, again(done)[0]).status == 2


@pytest.mark.slow
def test_several_chunks_are_narrowed_down_at_once(project: Project) -> None:
    script = 'case "$1" in *,*) case ",$1," in *,3,*|*,14,*) exit 6;; esac;; esac'
    project.write({"x": script}, modules={"x": {"seeds": 20, "chunks": 2}})
    project.make("test")
    found = report(project.longpole("shrink"))
    assert re.findall(r"^  seeds (\S+): failed", found, re.MULTILINE) == ["2-3", "13-14"]


def test_nothing_fails(project: Project) -> None:
    project.write({"x": "", "one": ""}, modules={"x": {"seeds": 4}, "one": {"seeds": 1, "first_seed": 7}})
    done = project.longpole("shrink", "v/x")
    assert (done.status, report(done)) == (
        0,
        "v/x: nothing failed, neither one of 4 seeds alone nor all together\n"
        "  to see how often it fails: longpole stress test-v-x --count 100\n",
    )
    done = project.longpole("shrink", "v/one")
    assert (done.status, report(done).splitlines()[0]) == (0, "v/one: seed 7 did not fail")


def test_seeds_that_take_too_long_together_are_not_searched(project: Project) -> None:
    project.write({"x": 'case "$1" in *,*) sleep 300;; esac'}, modules={"x": {"seeds": 8, "timeout": 0.3}})
    done = project.longpole("shrink", "v/x")
    assert done.status == 1
    assert "  seeds 0-7: timeout: took longer than 0.3 s\n" in done.out
    assert "  one of them gets stuck, or they take too long together\n" in done.out
    assert project.longpole("runs").out.splitlines()[1].endswith("shrink: 8 passed, 1 timeout")


# -- misuse, and what there is nothing to look for in -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "status", "said"),
    [
        (["v/plain"], 2, "longpole: v/plain takes no seeds; name a unit that takes seeds"),
        (["v/y"], 4, "longpole: there is no unit 'v/y'; did you mean v/x? `longpole list` shows them all"),
        (["v/x", "v/y"], 2, "Usage: "),
        ([], 2, "longpole: there is no run yet to take failing units from; type `make test`, or name a"),
        (["v/x", "-j0"], 2, "--jobs"),
    ],
)
def test_misuse_is_a_message(project: Project, argv: list[str], status: int, said: str) -> None:
    project.write({"plain": "", "x": ""}, modules={"x": {"seeds": 4}})
    done = project.longpole("shrink", *argv)
    assert done.status == status, done.text
    assert said in done.err
    assert "Traceback" not in done.text
    assert project.runs == []


@pytest.mark.slow
def test_a_last_run_without_failing_seeds(project: Project) -> None:
    project.write({"plain": "exit 1", "x": ""}, modules={"x": {"seeds": 4}})
    project.make("test")
    done = project.longpole("shrink")
    said = "longpole: no unit of the last run that failed takes seeds; there is nothing to shrink\n"
    assert (done.status, done.out) == (0, said)
    assert len(project.runs) == 1


def test_a_unit_that_the_suite_cuts_otherwise_now_is_left_out(project: Project) -> None:
    project.write({"x": "exit 1"}, modules={"x": CHUNKS})
    project.make("test")
    project.write({"x": "exit 1"}, modules={"x": {**CHUNKS, "chunks": 4}})
    done = project.longpole("shrink")
    assert done.status == 0
    assert "longpole: v/x[0] has changed in the suite since it failed, and is skipped\n" in done.out


def test_an_interruption_tells_what_is_known(project: Project) -> None:
    script = 'case "$1" in 1) exit 5;; 3) touch up; sleep 300;; esac'
    project.write({"x": script, "y": script}, modules={"x": {"seeds": 5}, "y": {"seeds": 3}})
    process: subprocess.Popen[bytes] = project.start("python3", "-m", "longpole", "shrink", "v/x", "-j1")
    eventually("the fourth is under way", (project.root / "up").exists)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, err) == (130, b"")
    assert (
        b"interrupted; so far:\nv/x: 1 of the 3 seeds that were tried, out of 5, fails alone\n  seed 1: failed" in out
    )
    assert not project.processes()


@pytest.mark.slow
def test_it_teaches_nothing_and_is_nobodys_last_run(project: Project) -> None:
    project.write({"x": BAD, "ok": ""}, modules={"x": CHUNKS})
    project.make("test")
    history = (project.root / ".longpole" / "history.json").read_bytes()
    tested = project.last
    done = project.longpole("shrink")
    assert project.last != tested
    assert (project.root / ".longpole" / "history.json").read_bytes() == history
    assert project.longpole("report").out == project.longpole("report", tested.name).out
    assert project.longpole("report", project.last.name).out == "\n" + report(done)
    project.make("retest")
    assert set(project.statuses()) == {"v/x[0]"}


def test_the_seeds_are_those_of_the_record_whatever_the_suite_says_now(project: Project) -> None:
    script = 'echo $1 >>seen; case ",$1," in *,3,*) exit 1 ;; esac'
    project.write({"x": script}, modules={"x": {"seeds": 4}})
    project.make("test")
    project.write({"x": script}, modules={"x": {"seeds": 4, "first_seed": 50}})
    (project.root / "seen").unlink()
    done = project.longpole("shrink", "-j1")
    assert done.status == 1, done.text
    assert "again: make test-v-x SEED=3\n" in done.out
    assert sorted((project.root / "seen").read_text().split()) == ["0", "1", "2", "3"]


def test_seeds_of_a_record_that_nobody_wrote_are_not_believed(project: Project) -> None:
    project.write({"x": "exit 1"}, modules={"x": {"seeds": 4}})
    project.make("test")
    (row,) = records_in(project.last)
    for text in ("4-1", "1-9", "x", ""):
        write_records(project.last, [{**row, "seeds": text}])
        done = project.longpole("shrink")
        assert (done.status, "has changed in the suite since it failed" in done.out) == (0, True), done.text
    write_records(project.last, [{name: value for name, value in row.items() if not name.startswith("seed")}])
    assert "there is nothing to shrink" in project.longpole("shrink").out
    old = {name: value for name, value in row.items() if name not in ("seeds", "seed_source", "log", "execution")}
    write_records(project.last, [old])
    assert "4 of 4 seeds fail alone" in project.longpole("shrink", "-j2").out
