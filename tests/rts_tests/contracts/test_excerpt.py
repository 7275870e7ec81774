"""A failure's excerpt shows its cause: over what real tools print, and for any text."""

import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.capture import Capture
from longpole.rts_tests.contracts.excerpt import GAP, causes, excerpt, patterns
from longpole.rts_tests.contracts.log_tail import HEAD_BYTES, READ_WHOLE, excerpt_of

LOGS = Path(__file__).parent / "logs"
"""What compilers, sanitizers and test runners printed when they were made to fail, with other paths."""
COUNT = 20

CAUSES = {
    "asan": ["AddressSanitizer: heap-use-after-free on address", "#0 0x5599398de2af in use", "SUMMARY: Address"],
    "assert": ['Assertion `c==2 && "two arguments"\' failed'],
    "bash": ["+ cp /nonexistent/file", "cp: cannot stat"],
    "gcc": ["no member named", "expected"],
    "go": ["x_test.go:4: got 1, want 2", "--- FAIL: TestBad", "panic: assignment to entry in nil map"],
    "java": ["java.lang.RuntimeException: run failed", "Caused by: java.lang.IllegalStateException: no more room"],
    "javac": ["incompatible types", "cannot find symbol"],
    "ld": ["undefined reference to `g'"],
    "lsan": ["LeakSanitizer: detected memory leaks", "Direct leak of 10 byte(s)"],
    "make": ["has no member named", "make: *** [m.mk:3: a.o] Error 1"],
    "node": ["AssertionError [ERR_ASSERTION]: Expected values to be strictly deep-equal"],
    "nodetest": ["not ok 2 - fails", "Expected values to be strictly equal", "2 !== 3"],
    "pytest": ["E       assert 4 == 3", "E       AssertionError: assert {'a': 1", "FAILED test_x.py::test_add"],
    "python": ["JSONDecodeError: Expecting value", "RuntimeError: the configuration is not readable"],
    "rust": ["panicked at src/lib.rs:6:65", "  left: 4", " right: 3", "panicked at src/lib.rs:7:57"],
    "rustc": ["mismatched types", "src/lib.rs:1:35"],
    "tsan": ["ThreadSanitizer: data race (pid", "Read of size 4"],
    "ubsan": ["runtime error: signed integer overflow"],
    "unittest": ["FAIL: test_two", "AssertionError: {'a': 1} != {'a': 2}"],
    "valgrind": ["Invalid read of size 4", "main (v.c:2)"],
}


def recorded(name: str) -> list[str]:
    return (LOGS / f"{name}.txt").read_text().splitlines()


def test_there_is_a_cause_for_every_recorded_log() -> None:
    assert sorted(CAUSES) == sorted(path.stem for path in LOGS.glob("*.txt"))


@pytest.mark.parametrize("name", CAUSES)
def test_the_cause_of_a_real_failure_is_shown(name: str) -> None:
    shown = "\n".join(excerpt(recorded(name), COUNT))
    assert [cause for cause in CAUSES[name] if cause not in shown] == []


@pytest.mark.parametrize("name", CAUSES)
def test_so_it_is_after_an_hour_of_other_output_and_before_a_long_epilogue(name: str) -> None:
    noise = [f"case {number}: passed, 0 errors, errors: 0, no failures" for number in range(500)]
    shown = "\n".join(excerpt([*noise, *recorded(name), *noise], COUNT))
    assert CAUSES[name][0] in shown


def test_excerpts_of_real_failures(golden: Callable[[str, str], None]) -> None:
    parts = [f"== {name}\n" + "".join(f"{line}\n" for line in excerpt(recorded(name), COUNT)) for name in CAUSES]
    golden("excerpts.txt", "\n".join(parts))


@pytest.mark.parametrize(
    "line",
    [
        "0 errors, 0 failures",
        "errors: 0",
        "error: 0",
        "FAIL: 0",
        "# FAIL:  0",
        "cc -Werror -c a.c",
        "all assertions hold",
        "defaults: none",
        "self.error = None",
        "checking for pthread.h... no",
    ],
)
def test_a_line_that_only_looks_like_it_is_no_cause(line: str) -> None:
    assert causes([line]) == []


@pytest.mark.parametrize(
    "line",
    [
        "\x1b[0m\x1b[1m\x1b[38;5;9merror[E0308]\x1b[0m\x1b[1m: mismatched types\x1b[0m",
        "debug: heap.c:3:1: fatal error: heap.h: No such file",
        "[12:00:01] ERROR could not connect",
        "com.example.db.ConnectionException: refused",
        "fatal: not a git repository",
        "Segmentation fault (core dumped)",
        "/bin/sh: 1: frobnicate: Command not found",
        "rts/tests/leb128.c:133: failed: a hand-made input is judged rightly (0 is not 3; seed 7, step 5)",
        "src/a-b.cpp:7:12: expected 3, found 4",
    ],
)
def test_colours_prefixes_and_packages_do_not_hide_a_cause(line: str) -> None:
    assert causes(["before", line, "after"]) == [1]


def test_the_last_line_of_a_traceback_is_a_cause_whatever_its_name() -> None:
    lines = [
        "  log: Traceback (most recent call last):",
        '  log:   File "a.py", line 1',
        "  log: mine.NotFound: x",
        "ok",
    ]
    assert causes(lines) == [2]


def test_the_first_cause_comes_first_then_the_last_then_those_between() -> None:
    lines = ["FAIL a", "error: one", "x", "error: two", "y", "error: three", "FAIL b"]
    assert causes(lines) == [1, 5, 3, 0, 6]


# -- any text ---------------------------------------------------------------------------------------------------------

_TELLING = [
    *("panicked at", "panic: ", "error: ", "error[E1]: ", "FAIL", "ERROR", "Error", "fatal ", "Assertion `x' failed"),
    *("==1==ERROR: ", "== ", "WARNING: ASanitizer", "runtime error: ", "Traceback (most recent call last):", "E   x"),
    *("a.BException: ", "Caused by: ", "not ok", "undefined reference to", "bus error", "*** ", "SUMMARY: XSanitizer"),
    *("Command not found", "no such file or directory", "permission denied", "Cannot ", "core dumped", "Killed"),
    *(" ", "x", "0", ":", "\t", "\x1b[31m", "é", "-", "assert ", "ASSERT", "Exception in thread", "FATAL", "failed"),
]
_LINES = st.lists(st.lists(st.sampled_from(_TELLING), max_size=4).map("".join), max_size=60)


@given(_LINES, st.integers(1, 30))
def test_an_excerpt_is_some_lines_in_their_order_with_marks_that_count_the_rest(lines: list[str], count: int) -> None:
    shown, position, left_out = 0, 0, 0
    for line in excerpt(lines, count):
        if mark := re.fullmatch(r"\[\.\.\. (\d+) lines? left out \.\.\.\]", line):
            position += int(mark[1])
            left_out += int(mark[1])
        else:
            assert lines[position] == line
            position, shown = position + 1, shown + 1
    assert position == len(lines)
    assert shown == min(len(lines), count)
    assert left_out == len(lines) - shown


@given(_LINES)
def test_causes_are_lines_of_the_log_each_once(lines: list[str]) -> None:
    found = causes(lines)
    assert len(set(found)) == len(found)
    assert set(found) <= set(range(len(lines)))


@given(_LINES)
def test_no_cause_is_passed_over_because_no_hint_is_in_it(lines: list[str]) -> None:
    found = set(causes(lines))
    for index, line in enumerate(lines):
        text = line.replace("\x1b[31m", "")
        if any(pattern.search(text) for pattern in patterns()):
            assert index in found


@given(_LINES, st.integers(1, 30))
def test_the_end_and_the_likeliest_cause_are_always_there(lines: list[str], count: int) -> None:
    shown = excerpt(lines, count)
    if lines:
        assert shown[-1] == lines[-1]
    if causes(lines) and count > 1:
        assert lines[causes(lines)[0]] in shown


def test_a_long_line_is_cut() -> None:
    assert excerpt(["error: " + "x" * 1993], 5) == ["error: " + "x" * 993 + " [... 1,000 characters left out ...]"]


# -- long logs --------------------------------------------------------------------------------------------------------


def test_a_log_of_ten_gigabytes_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("wb") as file:
        file.write(b"begun\nerror: the cause is at the beginning\n" + b"row\n" * 20_000)
        file.truncate(10 << 30)
        file.seek(0, 2)
        file.write(b"\n" + b"row\n" * 60_000 + b"FAIL: at the end\nbye\n")
    tracemalloc.start()
    shown = excerpt_of(str(path), COUNT)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "error: the cause is at the beginning" in shown
    assert shown[-2:] == ["FAIL: at the end", "bye"]
    assert any(line.startswith("[... more than ") for line in shown)
    assert peak < 32 << 20


@pytest.mark.parametrize("cap", [1024, HEAD_BYTES, READ_WHOLE, 16 << 20])
@pytest.mark.parametrize("size", [0, 100, HEAD_BYTES, READ_WHOLE - 20, READ_WHOLE + 1, 1 << 20])
def test_what_is_in_memory_and_what_is_on_disk_give_the_same_excerpt(tmp_path: Path, cap: int, size: int) -> None:
    path = tmp_path / "log"
    capture = Capture(str(path), cap)
    line = b"error: first\n" + b"row 123456\n" * (size // 11)
    for begin in range(0, size, 4096):
        capture.add(line[begin : begin + 4096])
    capture.finish()
    assert capture.excerpt(COUNT) == (excerpt_of(str(path), COUNT) if size else [])


@pytest.mark.parametrize("size", [0, 10, READ_WHOLE, 3 << 20])
def test_the_last_lines_are_the_end_of_the_output(tmp_path: Path, size: int) -> None:
    capture = Capture(str(tmp_path / "log"), 2 << 20)
    capture.add(b"x" * size)
    capture.add(b"\nbefore\nlast\n")
    assert capture.last_lines()[-2:] == ["before", "last"]


def test_a_gap_is_told_from_lines_that_were_read() -> None:
    rows = [f"row {number}" for number in range(50)]
    assert "[... more than 81 lines left out ...]" in excerpt([*rows, GAP, *rows], COUNT)
