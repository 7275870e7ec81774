"""FILTER: globs over ids and labels, and, or, not; and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.filter import Filter, parse_filter


def parsed(text: str) -> Filter:
    made = parse_filter(text)
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("pattern", "unit", "is_meant"),
    [
        ("eop/gc[3]", "eop/gc[3]", True),
        ("eop/gc[3]", "eop/gc3", True),
        ("eop/gc*", "eop/gc[3]", True),
        ("EOP/*", "eop/gc", False),
        ("gc", "eop/gc", False),
        ("*", "eop/gc[3]", True),
        ("eop/*,w/gc", "w/gc", True),
        ("eop/*,w/gc", "w/other", False),
        ("eop/* */gc", "eop/gc", True),
        ("eop/* */gc", "w/gc", False),
        ("!eop/*", "w/gc", True),
        ("!eop/*", "eop/gc", False),
        ("eop/* !*/gc", "eop/gc", False),
        ("eop/gc[[][1,3]]", "eop/gc[3]", True),
        ("eop/gc[!3]", "eop/gc4", True),
        ("eop/gc[!3]", "eop/gc3", False),
        ("  eop/*  ", "eop/gc", True),
    ],
)
def test_globs_over_ids(pattern: str, unit: str, is_meant: bool) -> None:
    assert parsed(pattern).matches(unit, ()) is is_meant


@pytest.mark.parametrize(
    ("pattern", "labels", "is_meant"),
    [
        ("label:slow", {"slow"}, True),
        ("label:slow", {"net", "slow"}, True),
        ("label:slow", set(), False),
        ("label:slow", {"slower"}, False),
        ("label:slow*", {"slower"}, True),
        ("label:*", set(), False),
        ("!label:*", set(), True),
        ("!label:slow", {"slow"}, False),
        ("!label:slow", {"net"}, True),
        ("label:slow label:net", {"slow"}, False),
        ("label:slow label:net", {"slow", "net"}, True),
        ("label:slow,label:net", {"net"}, True),
        ("label:slow,label:net", {"other"}, False),
        ("label:slow !label:net", {"slow", "net"}, False),
        ("!label:slow,label:net", {"slow", "net"}, True),
        ("!label:slow,label:net", {"slow"}, False),
        ("eop/* label:slow", {"slow"}, True),
        ("w/*,label:slow", {"slow"}, True),
        ("w/* label:slow", {"slow"}, False),
        ("label:Slow", {"slow"}, False),
    ],
)
def test_labels(pattern: str, labels: set[str], is_meant: bool) -> None:
    assert parsed(pattern).matches("eop/gc", labels) is is_meant


@pytest.mark.parametrize("text", [None, "", " ", "\t\n "])
def test_nothing_is_no_filter(text: str | None) -> None:
    assert parse_filter(text) is None


@pytest.mark.parametrize("text", [",", "a,", ",a", "a,,b", "!", "a !", "label:", "!label:", "!!a", "label:!a", "b !,a"])
def test_what_lacks_a_condition_is_refused(text: str) -> None:
    with pytest.raises(UseError, match=r"FILTER: .* (lacks a condition|negates a negation); a space between"):
        parse_filter(text)


@pytest.mark.parametrize("text", ["lable:slow", "Label:slow", "!tag:slow", "label:a:b", "a,not:b"])
def test_an_unknown_kind_of_condition_is_refused(text: str) -> None:
    with pytest.raises(UseError, match=r"FILTER: .* is neither a glob over ids nor a label; write .*`label:NAME`"):
        parse_filter(text)


@pytest.mark.parametrize("text", ["label:slwo", "!label:slwo", "eop/* w/*,label:slwo"])
def test_a_misspelt_label_is_refused(text: str) -> None:
    with pytest.raises(UseError, match="no unit has the label 'slwo'; did you mean `label:slow`\\?"):
        parsed(text).refuse_misspelt({"slow", "net"})


@pytest.mark.parametrize("text", ["label:slow", "!label:other", "label:sl?w,label:[s]lo*", "slwo"])
def test_labels_of_other_suites_and_globs_are_not(text: str) -> None:
    parsed(text).refuse_misspelt({"slow", "net"})
    parsed("label:slow").refuse_misspelt(())


def test_its_text_is_kept() -> None:
    assert parsed(" a/*  label:b ").text == " a/*  label:b "


GLOBS = st.text("ab/*?[]!-^", min_size=1).filter(lambda text: not text.startswith("!"))


@given(GLOBS, st.text("ab/"))
def test_a_negated_glob_means_all_others(glob: str, unit: str) -> None:
    assert parsed(glob).matches(unit, ()) is not parsed(f"!{glob}").matches(unit, ())


@given(st.text())
def test_any_text_is_a_filter_or_a_message(text: str) -> None:
    try:
        made = parse_filter(text)
    except UseError:
        return
    assert made is None or made.matches("a/b", {"c"}) in (True, False)
