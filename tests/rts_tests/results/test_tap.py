"""TAP as its producers write it, and what is made of output that only looks like it."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.cases import MAX_OUTPUT, Case
from longpole.rts_tests.contracts.status import GREEN, Status
from longpole.rts_tests.results import tap
from longpole.rts_tests.results.tap import TapReader
from longpole.rts_tests.results.tap_lines import test_line as line_of_test
from longpole.rts_tests.results.told import End, Told

PASSED, FAILED, SKIPPED = Status.PASSED, Status.FAILED, Status.SKIPPED


def told(*lines: str, status: Status = PASSED) -> Told:
    reader = TapReader()
    text = "".join(f"{line}\n" for line in lines).encode()
    assert reader.feed(text) == text
    return reader.finish(End(status, 0, "/"))


def cases(*lines: str) -> list[Case]:
    """The cases of output without a problem."""
    result = told(*lines)
    assert result.problem is None, result.problem
    return list(result.cases)


def statuses(*lines: str) -> dict[str, Status]:
    return {case.id: case.status for case in cases(*lines)}


# -- documents --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lines",
    [
        ("1..2", "ok 1 - a", "not ok 2 - b"),
        ("ok 1 - a", "not ok 2 - b", "1..2"),
        ("TAP version 13", "1..2", "ok - a", "not ok - b"),
        ("TAP version 14", "pragma +strict", "1..2", "not ok 2 - b", "ok 1 - a"),
        ("1..2\r", "ok 1 - a\r", "not ok 2 - b\r"),
        ("noise", "", "1..2", "ok 1 - a", "more noise", "# a comment", "not ok 2 - b", "end"),
    ],
)
def test_the_plan_may_come_first_or_last_and_numbers_in_any_order(lines: tuple[str, ...]) -> None:
    assert statuses(*lines) == {"a": PASSED, "b": FAILED}


@pytest.mark.parametrize(
    ("line", "status", "message"),
    [
        ("ok - a # SKIP why", SKIPPED, "why"),
        ("not ok - a # SKIP why", FAILED, "why"),
        ("ok - a # TODO why", PASSED, "todo: why"),
        ("not ok - a # TODO why", SKIPPED, "todo: why"),
        ("not ok - a # TODO", SKIPPED, "todo"),
    ],
)
def test_directives(line: str, status: Status, message: str) -> None:
    (case,) = cases(line, "1..1")
    assert (case.status, case.message) == (status, message)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ((), "there is no TAP in its output"),
        (("hello",), "there is no TAP in its output"),
        (("ok",), "its TAP has no plan"),
        (("1..0",), "it told of no test"),
        (("1..3", "ok", "ok"), "only 2 of 3 planned tests were told; 3 is missing"),
        (("1..3", "ok 3", "ok 1"), "only 2 of 3 planned tests were told; 2 is missing"),
        (("1..1", "ok", "ok"), "test 2 is beyond the plan, 1 tests"),
        (("1..2", "ok 1", "ok 3"), "test 3 is beyond the plan, 2 tests"),
        (("1..2", "ok 1", "ok 1", "ok 2"), "test 1 was told twice"),
        (("1..1", "ok", "1..1"), "there are two plans"),
        (("1..2", "ok", "Bail out! no disk", "ok"), "it bailed out: no disk"),
        (("1..2", "ok", "ok", "bail out!"), "it bailed out: no reason given"),
        (("    ok 1 - a", "    1..2", "ok 1 - s", "1..1"), "s: only 1 of 2 planned tests were told; 2 is missing"),
        (("    Bail out! deep", "ok", "1..1"), "it bailed out: deep"),
        (("ok - s {", "    1..2", "    ok", "}", "1..1"), "s: only 1 of 2 planned tests were told; 2 is missing"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_a_problem(lines: tuple[str, ...], problem: str) -> None:
    assert told(*lines).problem == problem


def test_a_unit_that_was_ended_need_not_keep_to_its_plan() -> None:
    for status in (Status.TIMEOUT, Status.CRASHED, Status.CANCELLED, Status.ERROR):
        result = told("1..3", "ok", status=status)
        assert (len(result.cases), result.problem) == (1, None)
    assert told(status=Status.SKIPPED) == Told()
    assert told("1..3", "ok", status=Status.SKIPPED).problem is not None
    assert told("1..3", "ok", status=Status.FAILED).problem is not None


def test_a_plan_that_skips_all_is_one_skipped_case() -> None:
    assert cases("1..0 # SKIP no device") == [Case("", "all tests", SKIPPED, 0.0, "no device")]


def test_numbers_name_what_has_no_name() -> None:
    assert list(statuses("ok", "ok 2", "1..2")) == ["test 1", "test 2"]


# -- subtests ---------------------------------------------------------------------------------------------------------

NODE = """TAP version 13
# hello from adds
# Subtest: adds
ok 1 - adds
  ---
  duration_ms: 1.5
  ...
# Subtest: suite
    # Subtest: one
    ok 1 - one
      ---
      duration_ms: 0.5
      ...
    # noise
    # Subtest: two
    not ok 2 - two
      ---
      duration_ms: 0.25
      location: '/n/a.test.mjs:7:3'
      failureType: 'testCodeFailure'
      error: 'boom: "quoted"'
      stack: |-
        TestContext.<anonymous> (file:///n/a.test.mjs:7:27)
      ...
    # Subtest: inner
        # Subtest: deep
        ok 1 - deep # SKIP no reason
        1..1
    ok 3 - inner
      ---
      type: 'suite'
      ...
    1..3
not ok 2 - suite
  ---
  duration_ms: 26
  failureType: 'subtestsFailed'
  error: '1 subtest failed'
  ...
# Subtest: parent
    # Subtest: child
    ok 1 - child
    1..1
not ok 3 - parent
  ---
  error: 'after children'
  ...
1..3
# tests 6
# fail 2
""".splitlines()


def test_subtests_of_node_have_the_path_of_their_parents_as_class() -> None:
    found = {case.id: case for case in cases(*NODE)}
    assert {name: case.status for name, case in found.items()} == {
        "adds": PASSED,
        "suite#one": PASSED,
        "suite#two": FAILED,
        "suite > inner#deep": SKIPPED,
        "parent#child": PASSED,
        "parent": FAILED,
    }
    two = found["suite#two"]
    assert (two.message, two.location, two.seconds) == ('boom: "quoted"', "/n/a.test.mjs:7", 0.00025)
    assert two.details == "stack: |-\n  TestContext.<anonymous> (file:///n/a.test.mjs:7:27)"
    assert two.output == "noise"
    assert (found["parent"].name, found["parent"].message) == ("", "after children")


@pytest.mark.parametrize(
    "lines",
    [
        ("    # Subtest: s", "    ok 1 - a", "    1..1", "ok 1 - s", "1..1"),  # Perl, TAP 14
        ("    ok 1 - a", "    1..1", "ok 1 - s", "1..1"),  # older Perl
        ("ok 1 - s {", "    ok 1 - a", "    1..1", "}", "1..1"),  # node-tap
        ("ok 1 - s # time=5ms {", "    ok 1 - a", "}", "1..1"),
        ("ok 1 - s {", "    ok 1 - a", "1..1"),
    ],
)
def test_all_spellings_of_subtests(lines: tuple[str, ...]) -> None:
    assert statuses(*lines) == {"s#a": PASSED}


def test_a_subtest_without_its_parent_is_told_all_the_same() -> None:
    result = told("1..2", "ok 1 - a", "# Subtest: s", "    not ok 1 - b", status=Status.CRASHED)
    assert {case.id: case.status for case in result.cases} == {"a": PASSED, "s#b": FAILED}


def test_a_failing_subtest_of_what_is_to_be_done_is_to_be_done() -> None:
    lines = ("    not ok 1 - a", "    ok 2 - b", "    1..2")
    for line, message in (("not ok 1 - s # TODO soon", "todo: soon"), ("not ok 1 - s # TODO", "todo")):
        found = cases(*lines, line, "1..1")
        assert [(case.id, case.status, case.message) for case in found] == [
            ("s#a", SKIPPED, message),
            ("s#b", PASSED, None),
        ]


def test_a_failing_subtest_fails_whatever_its_parent_says() -> None:
    assert statuses("    not ok 1 - a", "    1..1", "ok 1 - s", "1..1") == {"s#a": FAILED}


def test_what_is_indented_by_chance_is_output() -> None:
    assert statuses("1..1", "  ok 7 - no", "            ok 9 - no", "ok 1 - yes") == {"yes": PASSED}


# -- output and diagnostics -------------------------------------------------------------------------------------------


def test_output_belongs_to_the_test_that_comes_next_and_is_kept_if_that_fails() -> None:
    first, second = cases("of a", "ok - a", "of b", "  of b, too", "not ok - b", "1..2")
    assert (first.output, second.output) == (None, "of b\n  of b, too")


def test_comments_below_a_failure_explain_it() -> None:
    (case,) = cases("not ok - a", "# got 1", "# expected 2", "1..1", "# 1 test failed")
    assert (case.message, case.details) == ("got 1", "got 1\nexpected 2")


def test_yaml_that_never_ends_hides_no_test() -> None:
    lines = ("not ok 1 - a", "  ---", "  message: x", "ok 2 - b", "1..2")
    assert statuses(*lines) == {"a": FAILED, "b": PASSED}


@pytest.mark.parametrize(
    "lines",
    [
        ("ok 1 - " + "n" * 60, "ok 2 - " + "n" * 60, "ok 3", "1..3"),
        ("o" * 60, "not ok 1", "o" * 60, "not ok 2", "ok 3", "1..3"),
        (
            "not ok",
            "  ---",
            "  y: " + "y" * 60,
            "  ...",
            "not ok",
            "  ---",
            "  y: " + "y" * 60,
            "  ...",
            "ok 3",
            "1..3",
        ),
    ],
)
def test_what_is_kept_of_all_tests_is_bounded(monkeypatch: pytest.MonkeyPatch, lines: tuple[str, ...]) -> None:
    assert told(*lines).problem is None
    monkeypatch.setattr(tap, "MAX_KEPT", 100)
    assert "it told too much" in (told(*lines, "ok 4", "1..4").problem or "")


def test_long_yaml_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tap, "MAX_YAML", 20)
    first, second = cases("not ok", "  ---", "  got: aaaaaaaaaaaa", "  want: b", "  more: c", "  ...",
                          "not ok", "  ---", "  got: d", "  ...", "1..2")  # fmt: skip
    assert (first.details, second.details) == ("got: aaaaaaaaaaaa\nwant: b", "got: d")


def test_a_brace_ends_the_subtests_of_its_own_depth_only() -> None:
    (inner, last) = cases("ok 1 - s {", "    ok 1 - a", "}", "not ok 2 - c", "1..2")
    assert (inner.id, last.id, last.output) == ("s#a", "c", None)
    lines = ("ok 1 - s {", "    ok 1 - t {", "        ok 1 - a", "    }", "    ok 2 - b", "}", "}", "ok 2 - c", "1..2")
    assert statuses(*lines) == {"s > t#a": PASSED, "s#b": PASSED, "c": PASSED}


def test_a_name_in_a_comment_is_for_the_next_test_only() -> None:
    assert list(statuses("# Subtest: first", "ok 1", "ok 2", "1..2")) == ["first", "test 2"]
    result = told("# Subtest: s", "    ok 1 - a", "    # Subtest: t", "        ok 1 - b", status=Status.CRASHED)
    assert [case.id for case in result.cases] == ["s#a", "s > t#b"]


def test_floods_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = TapReader()
    for _ in range(100):
        reader.feed(b"x" * 100_000)
    reader.feed(b"\nnot ok\n  ---\n" + b"  y\n" * 100_000 + b"  ...\n1..1\n")
    (case,) = reader.finish(End(PASSED, 0, "/")).cases
    assert case.output is not None
    assert case.details is not None
    assert max(len(case.output), len(case.details)) < 2 * MAX_OUTPUT
    monkeypatch.setattr(tap, "MAX_CASES", 3)
    result = told("ok", "ok", "ok", "not ok", "1..4")
    assert (len(result.cases), result.problem) == (3, "it told too much: what follows its test 3 was not read")


# -- whatever it is ---------------------------------------------------------------------------------------------------

LINES = st.sampled_from(
    [
        *(
            "1..2",
            "1..0 # SKIP",
            "ok",
            "not ok",
            "ok 1 - a",
            "not ok 2 - b",
            "    ok 1 - c",
            "        not ok",
            "    1..1",
        ),
        *(
            "  ---",
            "  message: x",
            "  ...",
            "      ---",
            "# Subtest: s",
            "# comment",
            "ok 3 - s {",
            "}",
            "Bail out!",
            "",
        ),
        *("noise", "\0", "ok 1 - # TODO", "not ok # TODO", "TAP version 14", "\ttab", "ok 1 - \x1b[2J"),
    ]
)
STREAMS = st.lists(LINES | st.text(max_size=10)).map(lambda lines: "\n".join(lines).encode(errors="replace"))


@given(STREAMS | st.binary(), st.lists(st.integers(0, 200)))
@example("\n".join(NODE).encode(), [1, 5, 100])
def test_the_result_does_not_depend_on_the_pieces(data: bytes, cuts: list[int]) -> None:
    whole, pieces = TapReader(), TapReader()
    whole.feed(data)
    places = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    log = b"".join(pieces.feed(data[begin:end]) for begin, end in pairwise(places))
    assert log == data
    end = End(PASSED, 0, "/")
    assert whole.finish(end) == pieces.finish(end)


@given(STREAMS, st.sampled_from([PASSED, SKIPPED, FAILED, Status.CRASHED]))
def test_a_test_that_is_not_ok_is_never_lost(data: bytes, status: Status) -> None:
    """Without YAML, in which a line is text, each `not ok` at the margin without TODO makes the result red."""
    lines = [line for line in data.decode().split("\n") if "---" not in line]
    reader = TapReader()
    reader.feed("\n".join(lines).encode())
    result = reader.finish(End(status, 0, "/"))
    red = any(line.split(" # ")[0].startswith("not ok") and line_of_test(line) and "TODO" not in line for line in lines)
    if red:
        assert any(case.status not in GREEN for case in result.cases)
    for case in result.cases:
        (case.class_name + case.name + (case.details or "")).encode()
        assert "\0" not in case.id
        assert case.class_name or case.name
