"""What is suggested for a mistyped word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.nearest import nearest


@pytest.mark.parametrize(
    ("word", "meant"),
    [("tset", "test"), ("TEST", "test"), ("bild", "build"), ("xyz", None), ("", None), ("retests", "retest")],
)
def test_the_most_similar_word_is_meant(word: str, meant: str | None) -> None:
    assert nearest(word, ["test", "retest", "build"]) == meant


def test_the_first_of_equals_is_meant_as_it_is_spelled() -> None:
    assert nearest("abc", ["ABC", "abc"]) == "ABC"


def test_a_ratio_limits_what_is_similar() -> None:
    assert nearest("FILE", ["FILTER"], 0.81) is None
    assert nearest("FILE", ["FILTER"], 0.8) == "FILTER"


def test_very_long_words_are_not_compared() -> None:
    longest = "a" * 100
    assert nearest(longest, [longest]) == longest
    assert nearest(f"{longest}a", [f"{longest}a"]) is None


@given(st.text(max_size=20), st.lists(st.text(max_size=20)))
def test_only_known_words_are_meant(word: str, known: list[str]) -> None:
    assert nearest(word, known) in {None, *known}
    if word.casefold() in {name.casefold() for name in known}:
        near = nearest(word, known)
        assert near is not None and near.casefold() == word.casefold()
