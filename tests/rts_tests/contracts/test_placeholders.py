"""Placeholders: a word comes apart into text and names, goes together again, and takes its values literally."""

import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.placeholders import (
    Literal,
    Name,
    PlaceholderError,
    escape,
    expand,
    names,
    parse,
    ports,
    unparse,
)

WORDS = st.lists(st.sampled_from(["{", "}", "{{", "}}", "{a}", "{module}", "{port:a}", "x", " ", "\n", "é", "$"])).map(
    "".join
)


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("", ()),
        ("plain", (Literal("plain"),)),
        ("{module}", (Name("module"),)),
        ("test_{module}.{chunk}", (Literal("test_"), Name("module"), Literal("."), Name("chunk"))),
        ("{a}{b}", (Name("a"), Name("b"))),
        ("{{module}}", (Literal("{module}"),)),
        ("{{{module}}}", (Literal("{"), Name("module"), Literal("}"))),
        ("awk '{{print $1}}'", (Literal("awk '{print $1}'"),)),
        ("two\nlines {{", (Literal("two\nlines {"),)),
        ("{port:http}", (Name("port:http"),)),
        ("a={port:0-b_C},", (Literal("a="), Name("port:0-b_C"), Literal(","))),
    ],
)
def test_a_word_is_text_and_names_and_doubled_braces_are_text(word: str, parts: tuple[Literal | Name, ...]) -> None:
    assert parse(word) == parts


@pytest.mark.parametrize(
    ("word", "brace", "offset"),
    [
        ("{", "{", 0),
        ("a}", "}", 1),
        ("{module", "{", 0),
        ("{{module}", "}", 8),
        ("{}", "{", 0),
        ("{1}", "{", 0),
        ("{a b}", "{", 0),
        ("{{{", "{", 2),
        ("{port:}", "{", 0),
        ("{:a}", "{", 0),
        ("{port:a:b}", "{", 0),
        ("{port:é}", "{", 0),
        ("{port: a}", "{", 0),
    ],
)
def test_a_brace_that_is_neither_doubled_nor_a_placeholders_is_refused_with_its_place(
    word: str, brace: str, offset: int
) -> None:
    with pytest.raises(PlaceholderError) as caught:
        parse(word)
    assert (caught.value.brace, caught.value.offset) == (brace, offset)


@given(st.text())
def test_an_escaped_text_stands_for_itself(text: str) -> None:
    assert expand(escape(text), {}) == text
    assert names(escape(text)) == frozenset()


@given(WORDS)
def test_a_word_taken_apart_goes_together_again(word: str) -> None:
    try:
        parts = parse(word)
    except PlaceholderError:
        return
    assert parse(unparse(parts)) == parts
    assert "".join(p.text if isinstance(p, Literal) else f"<{p.name}>" for p in parts) == expand(
        word, {name: f"<{name}>" for name in names(word)}
    )


@given(WORDS, st.text())
def test_a_value_is_put_in_as_it_is_and_never_expanded_again(word: str, value: str) -> None:
    try:
        parts = parse(word)
    except PlaceholderError:
        return
    expected = "".join(p.text if isinstance(p, Literal) else value for p in parts)
    assert expand(word, dict.fromkeys(names(word), value)) == expected


@pytest.mark.parametrize("value", ["$(exit 7)", "a b", "'; exit 7; '", "`x`", "", "\n", "-n", '"'])
def test_a_value_quoted_for_the_shell_reaches_the_program_unchanged(value: str) -> None:
    text = expand("printf '<%s>' {a} {{}}", {"a": value}, shlex.quote)
    done = subprocess.run(["sh", "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout == f"<{value}><{{}}>"


def test_a_name_without_a_value_is_an_error_and_not_an_empty_string() -> None:
    with pytest.raises(KeyError):
        expand("{module}", {})


def test_the_ports_that_words_name() -> None:
    words = ["{port:http}", "--at={port:http},{port:debug-2}", "{{port:no}}", "{port}", "{module}"]
    assert ports(words) == {"http", "debug-2"}
