"""Single lines of TAP: tests, plans, and diagnostics in YAML."""

import pytest

from longpole.rts_tests.results.tap_lines import diagnosis, plan_line
from longpole.rts_tests.results.tap_lines import test_line as line_of_test


@pytest.mark.parametrize(
    ("text", "ok", "number", "name", "directive", "reason"),
    [
        ("ok", True, None, "", None, None),
        ("not ok", False, None, "", None, None),
        ("ok 1", True, 1, "", None, None),
        ("ok 1 - adds", True, 1, "adds", None, None),
        ("ok 1 adds", True, 1, "adds", None, None),
        ("ok - adds", True, None, "adds", None, None),
        ("ok adds 2 and 2", True, None, "adds 2 and 2", None, None),
        ("ok 42nd", True, None, "42nd", None, None),
        ("ok 1 - - dash", True, 1, "- dash", None, None),
        ("ok 1 -1 is negative", True, 1, "-1 is negative", None, None),
        ("not ok 3 - a # TODO later", False, 3, "a", "todo", "later"),
        ("ok 3 - a # skip", True, 3, "a", "skip", None),
        ("ok 3 - a # SKIP no device", True, 3, "a", "skip", "no device"),
        ("ok 3 - a # Skipped: no device", True, 3, "a", "skip", "no device"),
        ("ok 3 # SKIP no device", True, 3, "", "skip", "no device"),
        ("ok 3 -  a  #  todo  x # y", True, 3, "a", "todo", "x # y"),
        (r"ok 3 - a \# SKIP b", True, 3, "a # SKIP b", None, None),
        (r"ok 3 - a \\ b", True, 3, r"a \ b", None, None),
        ("ok 3 - issue #12", True, 3, "issue #12", None, None),
        ("ok 3 - a # 12 apples", True, 3, "a # 12 apples", None, None),
        ("ok 3 - todos # todoist", True, 3, "todos # todoist", None, None),
        ("ok 3 - C# skip", True, 3, "C# skip", None, None),
    ],
)
def test_test_lines(
    text: str, ok: bool, number: int | None, name: str, directive: str | None, reason: str | None
) -> None:
    line = line_of_test(text)
    assert line is not None
    assert (line.ok, line.number, line.name, line.directive, line.reason) == (ok, number, name, directive, reason)
    assert (line.seconds, line.opens) == (0.0, False)


@pytest.mark.parametrize("text", ["okay", "ok, then", "not okay", "OK 1", "not  ok", "ok_1", "oks"])
def test_lines_that_only_begin_like_one(text: str) -> None:
    assert line_of_test(text) is None


@pytest.mark.parametrize(
    ("comment", "seconds"), [("time=12.5ms", 0.0125), ("TIME=2s", 2.0), ("time=3", 0.0), ("time=4sec", 0.0)]
)
def test_durations_in_comments(comment: str, seconds: float) -> None:
    line = line_of_test(f"ok 1 - adds # {comment}")
    assert line is not None
    assert line.seconds == seconds
    assert line.name == ("adds" if seconds else f"adds # {comment}")


def test_what_a_case_has_apart_is_not_in_its_details() -> None:
    lines = ["message: x", "severity: fail", "stack: |", "  a", "error: |-", "  b", "got: 1", "location: 'x:1'", "- y"]
    assert diagnosis(lines).details == ("stack: |", "  a", "got: 1")


def test_durations_and_braces_of_node_tap() -> None:
    line = line_of_test("ok 1 - adds # time=12.5ms {")
    assert line is not None
    assert (line.name, line.seconds, line.opens) == ("adds", 0.0125, True)
    for text in ("ok 1 - adds {", "ok 1 - adds   {"):
        line = line_of_test(text)
        assert line is not None
        assert (line.name, line.opens) == ("adds", True)
    line = line_of_test("ok 1 - adds{")
    assert line is not None
    assert (line.name, line.opens) == ("adds{", False)


@pytest.mark.parametrize(
    ("text", "count", "reason"),
    [
        ("1..5", 5, None),
        ("1..0", 0, None),
        ("1..5 ", 5, None),
        ("1..0 # SKIP no device", 0, "no device"),
        ("1..0 # skipped", 0, "all tests are skipped"),
        ("1..5 # five", 5, None),
    ],
)
def test_plans(text: str, count: int, reason: str | None) -> None:
    plan = plan_line(text)
    assert plan is not None
    assert (plan.count, plan.reason) == (count, reason)


@pytest.mark.parametrize("text", ["1..", "1..x", "1..5x", "1..-1", "1..99999999999"])
def test_lines_that_are_no_plan(text: str) -> None:
    assert plan_line(text) is None


@pytest.mark.parametrize(
    ("lines", "message", "location", "seconds"),
    [
        (["message: 'it''s wrong'", "severity: fail"], "it's wrong", None, None),
        (['message: "a \\"b\\"\\n"'], 'a "b"\n', None, None),
        (["error: |-", "  first", "    second", "", "  third", "code: 'X'"], "first\n  second\n\nthird", None, None),
        (["duration_ms: 12.5"], None, None, 0.0125),
        (["duration_ms: 0"], None, None, 0.0),
        (["duration_ms: -1"], None, None, None),
        (["duration_ms: nan"], None, None, None),
        (["duration_ms: inf"], None, None, None),
        (["at:", "  fileName: b.js"], None, None, None),
        (["at:", "  lineNumber: 7"], None, None, None),
        (["file: t/a.t"], None, None, None),
        (["line: 7"], None, None, None),
        (["duration_ms: soon", "message: plain"], "plain", None, None),
        (["location: '/a b/c.mjs:7:3'"], None, "/a b/c.mjs:7", None),
        (["location: '/c.mjs:7:3'"], None, "/c.mjs:7", None),
        (["at: Test.<anonymous> (/a/b.js:10:9)"], None, "/a/b.js:10", None),
        (["at:", "  fileName: b.js", "  lineNumber: 7", "  columnNumber: 1"], None, "b.js:7", None),
        (["at:", "  line: 7", "  column: 5", "  file: b.js", "stack: |", "  x"], None, "b.js:7", None),
        (["file: t/a.t", "line: 3"], None, "t/a.t:3", None),
        (['message: "', "duration_ms: '1'"], '"', None, 0.001),
        (["message: '"], "'", None, None),
        (["message: ''"], None, None, None),
        (['message: "a\\q"'], r"a\q", None, None),
        (['message: "\\ud800x"'], "?x", None, None),
        (['message: "x" and "y"'], 'x" and "y', None, None),
        (["message: >-", "  a", "  b"], "a\n  b".replace("  ", ""), None, None),
        (["- a list", "nonsense: ["], None, None, None),
        ([], None, None, None),
    ],
)
def test_diagnostics(lines: list[str], message: str | None, location: str | None, seconds: float | None) -> None:
    found = diagnosis(lines)
    assert (found.message, found.location, found.seconds) == (message, location, seconds)
