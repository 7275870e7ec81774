"""SELECT: which classes are run, whatever the terms are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.forks.selection import Selection, in_lines, parse_selection

SPEC, SLOW, FILE = "com.example.ParserSpec", "com.example.io.SlowSpec", "tests/a/test_b.py"


def selected(text: str, *names: str) -> list[str]:
    selection = parse_selection(text)
    assert selection is not None
    return [name for name in names if selection.may_run(name)]


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("com.example.*", [SPEC, SLOW]),
        ("*Spec ~*Slow*", [SPEC]),
        ("ParserSpec", [SPEC]),
        ("~ParserSpec", [SLOW, FILE]),
        ("test_b.py", [FILE]),
        ("tests/a/*", [FILE]),
        ("py", []),
        ("Spec", []),
        ("parserspec", []),
        ("ParserSpec#adds test_b.py", [SPEC, FILE]),
        ("~ParserSpec#adds", [SPEC, SLOW, FILE]),
        ("*Spec ~*#adds", [SPEC, SLOW]),
        ("[P]arserSpec", [SPEC]),
        ("*Spec\n", [SPEC, SLOW]),
    ],
)
def test_which_classes_are_selected(text: str, chosen: list[str]) -> None:
    assert selected(text, SPEC, SLOW, FILE) == chosen


def test_parts_of_a_file_are_selected_by_the_file_and_by_their_own_names() -> None:
    parts = [f"{FILE}::TestA", f"{FILE}::test_b"]
    for text in ("tests/a/test_b.py", "test_b.py", "tests/a/*", "test_b.py#x"):
        assert selected(text, *parts) == parts
    for text in ("tests/a/test_b.py::TestA", "test_b.py::TestA", "*::TestA"):
        assert selected(text, *parts) == parts[:1]
    assert selected("TestA", *parts) == []


@pytest.mark.parametrize("text", [None, "", "  ", "\n\n"])
def test_nothing_is_no_selection(text: str | None) -> None:
    assert parse_selection(text) is None


def test_in_several_lines_a_term_may_contain_spaces() -> None:
    assert selected("a class\n~b*", "a class", "a", "class", "b c") == ["a class"]


@pytest.mark.parametrize("text", ["~", "~~a", "#m", "~#m", "a#", "a ~"])
def test_what_is_no_term_is_refused(text: str) -> None:
    with pytest.raises(UseError) as raised:
        parse_selection(text)
    assert raised.value.problems[0].file == "SELECT"
    assert raised.value.problems[0].remedy


def test_the_remedy_for_a_test_without_a_class() -> None:
    with pytest.raises(UseError, match=r"write ~\*#adds$"):
        parse_selection("~#adds")


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=20)


@given(st.text(), TEXT)
def test_any_text_selects_or_is_refused(text: str, name: str) -> None:
    try:
        selection = parse_selection(text)
    except UseError:
        return
    if selection is not None:
        selection.may_run(name)
        assert parse_selection(selection.lines + "\n") == Selection(selection.text, selection.terms)


@given(st.lists(st.sampled_from(["a*", "b", "~a", "~b*", "*", "~*c"]), min_size=1, max_size=5))
def test_the_order_of_terms_does_not_matter(words: list[str]) -> None:
    names = ["a", "ab", "b", "bc", "c"]
    assert selected(" ".join(words), *names) == selected(" ".join(reversed(words)), *names)


def test_the_remedy_for_a_class_without_a_test() -> None:
    with pytest.raises(UseError, match=r"names no test after `#`; write ~abc for the whole class$"):
        parse_selection("~abc#")


def test_options_become_lines_so_that_each_may_contain_spaces() -> None:
    assert in_lines(["a b", "c"]) == "a b\nc\n"
    assert parse_selection(in_lines(["a b"])) == parse_selection("a b\n")


def test_which_classes_may_run_in_part() -> None:
    selection = parse_selection("A#m B ~C#n")
    assert selection is not None
    assert [name for name in "ABCD" if selection.may_split(name)] == ["A", "C"]
