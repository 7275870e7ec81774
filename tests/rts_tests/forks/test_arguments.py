"""What a fork is given: words, variables, and the file with its classes."""

import subprocess

from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.forks.arguments import ForkArguments, expanded_words

NAMES = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1), max_size=5)


def arguments(*classes: str, forks: int = 2, queue: str | None = None) -> ForkArguments:
    return ForkArguments(
        fork=1, forks=forks, threads=3, classes=classes, classes_file="/r/x.classes", queue=queue, ports={"web": 8123}
    )


def test_every_placeholder_of_a_fork() -> None:
    words = ("{fork}/{forks}", "-t{threads}", "{classes_file}", "{queue}", "{port:web}", "{classes}")
    given = arguments("a", "b c", queue="/q")
    expected = ("1/2", "-t3", "/r/x.classes", "/q", "8123", "a", "b c")
    assert expanded_words(words, given.values, {"{classes}": given.classes}, shell=False) == expected


def test_variables_of_a_fork() -> None:
    common = {
        "LONGPOLE_FORK": "1",
        "LONGPOLE_FORKS": "2",
        "LONGPOLE_THREADS": "3",
        "LONGPOLE_CLASSES": "/r/x.classes",
    }
    assert arguments("a").variables == common
    assert arguments("a", queue="/q").variables == {**common, "LONGPOLE_QUEUE": "/q"}


def test_the_only_fork_has_no_tag() -> None:
    assert (arguments("a", forks=1).tag, arguments("a").tag) == (None, "fork-1")


@given(NAMES)
def test_classes_are_words_and_lines_whatever_they_are_called(names: list[str]) -> None:
    given = arguments(*names)
    assert expanded_words(("x", "{classes}", "y"), given.values, {"{classes}": given.classes}, shell=False) == (
        "x",
        *names,
        "y",
    )
    assert given.file.decode().split("\n")[:-1] == names


def test_a_shell_sees_each_class_as_one_word() -> None:
    names = ("a b", "it's", "$(echo x)", "-n", "{classes}", "é*", "`id`", '"')
    (text,) = expanded_words(("printf '%s\\n' {classes}",), {}, {"{classes}": names}, shell=True)
    printed = subprocess.run(["sh", "-c", text], capture_output=True, text=True, check=True).stdout
    assert printed.splitlines() == list(names)
