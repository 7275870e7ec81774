"""Golden texts: what a step's output looks like as text, what matches it, and how a difference is shown. Pure."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.harmless import harmless_text
from longpole.rts_tests.scenario import golden
from longpole.rts_tests.scenario.golden import Redactor, as_text, difference, matches, merged

NONE = Redactor({}, ())


def text(stdout: bytes = b"", stderr: bytes = b"", exit_code: int = 0) -> str:
    return as_text(exit_code, stdout, stderr, NONE)


def body(*lines: str) -> str:
    return "exit code: 0\nstdout:\n" + "".join(f"  {line}\n" if line else "\n" for line in lines)


def test_output_becomes_a_text_that_can_be_read_and_compared() -> None:
    found = text(b"Cloning into 'x'...\n\ttab\n\n  two\n", b"fatal: no\n", 128)
    assert found == ("exit code: 128\nstdout:\n  Cloning into 'x'...\n  \ttab\n\n    two\nstderr:\n  fatal: no\n")
    assert text() == "exit code: 0\n"
    assert text(b"", b"\n") == "exit code: 0\nstderr:\n\n"
    assert text(b"a", b"b\nc") == (
        "exit code: 0\nstdout, without a newline at its end:\n  a\nstderr, without a newline at its end:\n  b\n  c\n"
    )


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"\x1b[31mred\x1b[0m\r\n", "\\x1b[31mred\\x1b[0m\\x0d"),
        (b"\x00\x7f\x08\n", "\\x00\\x7f\\x08"),
        (b"\xff\xc3\n", "\\xff\\xc3"),
        (b"\x80\x81\n", "\\x80\\x81"),
        ("é 木\n".encode(), "é 木"),
        ("\u202egnp\u2028\x85\n".encode(), "\\u202egnp\\u2028\\u0085"),
        (b"C:\\new\\table \\ \\x \\xg0\n", "C:\\new\\table \\ \\x \\xg0"),
        (b"\\x1b \\u0085\n", "\\x5cx1b \\x5cu0085"),
        (b"a [..] b [...]\n", "a \\x5b..] b [...]"),
        (b"...\n", "\\x2e.."),
        (b" ... \n", " \\x2e.. "),
        (b"...x\n", "...x"),
    ],
)
def test_what_a_terminal_obeys_or_a_pattern_means_is_escaped(data: bytes, line: str) -> None:
    assert text(data) == body(line)
    assert matches(text(data), text(data))


@given(st.binary(max_size=200), st.binary(max_size=200))
@example(b"\\x1b", b"\x1b")
@example(b"\xc2\x85", b"\\u0085")
@example(b"\xff", "ÿ".encode())
@example(b"[..]", b"\\x5b..]")
@example(b"a\n", b"a")
@example(b"\xed\xb2\x80", b"\x80")
def test_different_output_has_different_text(one: bytes, other: bytes) -> None:
    assert (text(one) == text(other)) is (one == other)
    assert (text(one, other) == text(other, one)) is (one == other)
    assert matches(text(one), text(other)) is (one == other)
    assert harmless_text(text(one, other)) == text(one, other)


@pytest.mark.parametrize(
    ("pattern", "line", "is_match"),
    [
        ("[..]", "", True),
        ("[..]", "anything", True),
        ("a[..]z", "az", True),
        ("a[..]z", "a to z", True),
        ("a[..]z", "a to y", False),
        ("[..]b[..]", "abc", True),
        ("[..]b[..]b[..]", "abc", False),
        ("aa[..]aa", "aaa", False),
        ("aa[..]aa", "aaaa", True),
        ("[..][..]", "x", True),
        ("a[..]b[..]c", "a b c b", False),
        ("a.c", "abc", False),
    ],
)
def test_two_dots_in_brackets_match_within_a_line(pattern: str, line: str, is_match: bool) -> None:
    assert matches(body(pattern), body(line)) is is_match
    assert not matches(body(pattern), body(line, "more"))


def test_wildcards_match_anywhere_else() -> None:
    assert matches("exit code: [..]\n...\n", text(b"a\nb\n", exit_code=3)) is False
    assert matches("exit code: [..]\nstdout:\n...\n", text(b"a\nb\n", exit_code=3))
    assert matches("[..]exit[..]0\n", text())


@pytest.mark.parametrize(
    ("lines", "actual", "is_match"),
    [
        (["..."], ["a", "", "b"], True),
        (["a", "..."], ["a"], True),
        (["...", "b"], ["a", "a", "b"], True),
        (["...", "b"], ["a", "b", "a"], False),
        (["...", "b", "..."], ["a", "b", "a"], True),
        (["a", "...", "b", "...", "c"], ["a", "x", "b", "b", "c"], True),
        (["a", "...", "b", "...", "c"], ["a", "x", "c"], False),
        (["...", "[..]1", "..."], ["x", "y1"], True),
        (["...", "..."], ["x"], True),
        (["   ... "], ["x"], True),
    ],
)
def test_three_dots_alone_match_any_lines(lines: list[str], actual: list[str], is_match: bool) -> None:
    assert matches(body(*lines), body(*actual)) is is_match


def test_three_dots_stay_within_a_stream() -> None:
    two = text(b"a\n", b"b\n")
    assert matches("exit code: 0\nstdout:\n  ...\nstderr:\n  ...\n", two)
    assert not matches("exit code: 0\nstdout:\n  ...\n", two)
    assert not matches("exit code: 0\n...\n", text(b"", b"b\n"))


def test_a_checkout_with_other_line_ends_matches() -> None:
    assert matches(text(b"a\n").replace("\n", "\r\n"), text(b"a\n"))
    assert matches(text(b"a\n").removesuffix("\n"), text(b"a\n"))


_LINE = st.sampled_from(["a", "b", "", "ab", "..", "x y"])
_PATTERN = st.sampled_from(["a", "b", "", "...", "[..]", "a[..]", "[..]b"])


def plainly(pattern: list[str], actual: list[str]) -> bool:
    """Whether a pattern matches, by trying everything."""
    if not pattern:
        return not actual
    first, *rest = pattern
    if first == "...":
        return any(plainly(rest, actual[count:]) for count in range(len(actual) + 1))
    start, wild, end = first.partition("[..]")
    one = bool(actual) and (
        actual[0] == first
        if not wild
        else actual[0].startswith(start) and actual[0].endswith(end) and len(actual[0]) >= len(start + end)
    )
    return one and plainly(rest, actual[1:])


@given(st.lists(_PATTERN, max_size=7), st.lists(_LINE, max_size=7))
def test_matching_is_what_the_definition_says(pattern: list[str], actual: list[str]) -> None:
    assert matches(body(*pattern), body(*actual)) is plainly(pattern, actual)


@given(st.lists(_PATTERN, max_size=7), st.lists(_LINE, max_size=7))
def test_there_is_a_difference_if_it_does_not_match(pattern: list[str], actual: list[str]) -> None:
    expected, found = body(*pattern), body(*actual)
    is_match = matches(expected, found)
    assert (difference(expected, found, "old", "new") == []) is is_match
    assert matches(merged(expected, found), found)
    if is_match:
        assert merged(expected, found) == expected


@given(st.lists(_LINE, max_size=9), st.lists(_LINE, max_size=9))
def test_a_difference_has_all_lines_that_went_and_came(old: list[str], new: list[str]) -> None:
    lines = difference(body(*old), body(*new), "old", "new")
    gone = [line[3:] for line in lines[2:] if line.startswith("-")]
    come = [line[3:] for line in lines[2:] if line.startswith("+")]
    assert Counter(old) - Counter(gone) == Counter(new) - Counter(come)
    assert merged(body(*old), body(*new)) == body(*new)


def test_a_difference_is_a_unified_diff_with_wildcards_in_place() -> None:
    expected = body("one", "took [..] s", "...", "two", *"abcdefgh", "last")
    found = body("one", "took 5 s", "x", "y", "three", *"abcdefgh", "end")
    assert difference(expected, found, "a.txt", "this run") == [
        "--- a.txt",
        "+++ this run",
        "@@ -3,7 +3,6 @@",
        "   one",
        "   took [..] s",
        "   ...",
        "-  two",
        "   a",
        "   b",
        "   c",
        "@@ -12,4 +11,4 @@",
        "   f",
        "   g",
        "   h",
        "-  last",
        "+  end",
    ]
    assert merged(expected, found) == body("one", "took [..] s", "...", *"abcdefgh", "end")


def test_a_text_that_is_new_is_a_difference_to_nothing() -> None:
    assert difference("", text(b"a\n"), "a.txt", "this run") == [
        *("--- a.txt", "+++ this run", "@@ -0,0 +1,3 @@", "+exit code: 0", "+stdout:", "+  a"),
    ]


def test_long_differences_are_shortened_and_quick() -> None:
    old = body(*(f"line {number}" for number in range(50_000)))
    new = body(*(f"line {number + number % 3}" for number in range(50_000)))
    lines = difference(old, new, "old", "new")
    assert len(lines) <= golden.MAX_DIFFERENCE + 1
    assert "more lines" in lines[-1]
    assert merged(old, new) == new
    wide = difference(body("x" * 1_000_000), body("y" * 1_000_000), "old", "new")
    assert max(map(len, wide)) < 2_000


def test_a_difference_that_is_as_long_as_may_be_is_whole() -> None:
    lines = difference("", body(*("x" for _ in range(golden.MAX_DIFFERENCE - 5))), "old", "new")
    assert len(lines) == golden.MAX_DIFFERENCE
    assert lines[-1] == "+  x"


def test_long_outputs_match_by_wildcards_without_a_difference() -> None:
    many = [f"line {number}" for number in range(2_000)]
    pattern = body("...", *many[:-1], "...")
    actual = body("more", "line 0", *many)
    assert difference(pattern, actual, "old", "new") == []
    assert merged(pattern, actual) == pattern


def test_one_change_in_a_long_output_is_one_change() -> None:
    many = [f"line {number}" for number in range(50_000)]
    lines = difference(body(*many), body(*many[:30_000], "new", *many[30_000:]), "old", "new")
    assert [line for line in lines if line.startswith(("+ ", "- "))] == ["+  new"]


def test_many_wildcards_are_quick() -> None:
    pattern = body(*["...", "a"] * 2_000, "b")
    assert not matches(pattern, body(*["a"] * 20_000))
    assert matches(body("[..]a" * 5_000 + "b[..]"), body("a" * 20_000)) is False


def test_paths_of_the_sandbox_are_named() -> None:
    redactor = Redactor({"BASE_DIR": "/tmp/s", "WORK_DIR": "/tmp/s/work", "REMOTE_A": "/tmp/s/remotes/a"}, ())
    data = b"/tmp/s/work/x /tmp/s/remotes/a.git /tmp/s/remotes/b file:///tmp/s /tmp\n"
    found = "[WORK_DIR]/x [REMOTE_A].git [BASE_DIR]/remotes/b file://[BASE_DIR] /tmp"
    assert as_text(0, data, b"", redactor) == body(found)


def test_paths_through_links_are_named_too(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    redactor = Redactor({"WORK_DIR": str(tmp_path / "link")}, ())
    assert as_text(0, f"{tmp_path}/real {tmp_path}/link\n".encode(), b"", redactor) == body("[WORK_DIR] [WORK_DIR]")


def test_redactions_are_made_in_order_and_their_texts_are_literal() -> None:
    rules = (("[0-9a-f]{7,40}", "[HASH]"), ("^Date: .*$", r"Date: \1 [DATE]"), (r"\[HASH\]-", "x"))
    redactor = Redactor({"WORK_DIR": "/w"}, rules)
    found = as_text(0, b"commit deadbeef0 deadbeef-\nDate: now\n", b"cafecafe\n", redactor)
    assert found == body("commit [HASH] x", r"Date: \1 [DATE]") + "stderr:\n  [HASH]\n"


def test_empty_values_redact_nothing() -> None:
    assert as_text(0, b"a\n", b"", Redactor({"BINARY_DIR": "", "X": "/"}, ())) == body("a")
