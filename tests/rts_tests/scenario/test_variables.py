"""Variables in the texts of a scenario."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.scenario.variables import Variables

NAMES = st.text("AB_1", min_size=1, max_size=4)
TEXTS = st.text("$AB_1ab{} '\\\n", max_size=30)
VALUES = Variables({"A": "<a>", "AB": "<$A>", "WORK_DIR": "/w", "R": r"a\1b", "E": ""})


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("$A", "<a>"),
        ("$AB", "<$A>"),
        ("$ABC", "$ABC"),
        ("$Abc", "<a>bc"),
        ("$A$A-$AB/x", "<a><a>-<$A>/x"),
        ("'$A' \\$A \"$A\"", "'<a>' \\<a> \"<a>\""),
        ("${A} $ A $", "${A} $ A $"),
        ("$3 costs $", "$3 costs $"),
        ("$$A", "$<a>"),
        ("$WORK_DIR/x$E", "/w/x"),
        ("$R", r"a\1b"),
        ("$a", "$a"),
        ("", ""),
    ],
)
def test_texts(text: str, expanded: str) -> None:
    assert VALUES.expand(text) == expanded


def _plain(text: str, values: dict[str, str]) -> str:
    """The rule, character by character."""
    out, at = "", 0
    while at < len(text):
        end = at + 1
        while text[at] == "$" and end < len(text) and (text[end].isdigit() or text[end] == "_" or text[end] in "AB"):
            end += 1
        out += values.get(text[at + 1 : end], text[at:end]) if text[at] == "$" and end > at + 1 else text[at:end]
        at = end
    return out


@given(st.dictionaries(NAMES, TEXTS), TEXTS)
def test_the_longest_name_that_follows_counts(values: dict[str, str], text: str) -> None:
    assert Variables(values).expand(text) == _plain(text, values)


@given(st.dictionaries(NAMES, TEXTS), NAMES)
def test_in_a_pattern_a_value_matches_itself(values: dict[str, str], name: str) -> None:
    pattern = Variables(values).expand_pattern(f"^x${name}$")
    if name in values:
        assert re.search(pattern, "x" + values[name])
    else:
        assert pattern == f"^x${name}$"


def test_a_pattern_keeps_what_is_no_variable() -> None:
    assert VALUES.expand_pattern("^a.*$A+$") == "^a.*<a>+$"
    assert Variables({"V": "a.b"}).expand_pattern("$V$") == r"a\.b$"
