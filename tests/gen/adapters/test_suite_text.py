"""The draft of a suite as text: what is read back is what was meant, whatever the names."""

from hypothesis import given
from hypothesis import strategies as st

from longpole.gen.adapters.model import Draft, Entry
from longpole.gen.adapters.suite import MAX_NAME, name_for, to_text
from longpole.gen.suite.read import suite_from_bytes

WORDS = st.text(st.characters(exclude_characters="\0{}", exclude_categories=["Cs"]), min_size=1, max_size=30)


@given(st.lists(WORDS, min_size=1, max_size=40))
def test_words_of_any_kind_come_back(words: list[str]) -> None:
    draft = Draft("x", (Entry("v", {}),), (Entry("m", {"run": ["true", *words]}, "two\nlines"),))
    try:
        text = to_text(draft)
    except Exception as error:  # characters that no suite may hold are refused, with their place
        assert "suite.yaml:" in str(error)
        return
    suite = suite_from_bytes(text.encode(), "suite.yaml")
    command = suite.modules[0].run
    assert command is not None
    assert list(command.argv[1:]) == words
    assert "  # two\n  # lines\n" in text


@given(st.text(max_size=200), st.lists(st.text(max_size=5), max_size=3))
def test_a_name_is_one_that_a_suite_takes_and_is_not_taken(text: str, taken: list[str]) -> None:
    first = name_for(text, taken)
    second = name_for(text, [*taken, first])
    for name in (first, second):
        assert len(name) <= MAX_NAME
        assert name.strip("-.") == name
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
    assert first.casefold() != second.casefold()


def test_short_entries_are_a_line_and_long_ones_a_key_a_line() -> None:
    modules = (Entry("a", {"weight": 2}), Entry("on", {"run": ["x"] * 50}))
    text = to_text(Draft("1.5", (Entry("v", {}),), modules, defaults={"run": ["true"]}, limits={"timeout": 5}))
    assert 'name: "1.5"\n' in text
    assert "  a: {weight: 2}\n" in text
    assert '  "on":\n    run:\n      - x\n' in text
    assert "\nlimits:\n  timeout: 5\n" in text
