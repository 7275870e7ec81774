"""Words in recipes: whatever their text, the command gets exactly that, and make and the shell do nothing else."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from longpole.gen.render.make_syntax import NEWLINE, recipe_command, recipe_word
from tests.project import tool

HEAD = f"define {NEWLINE}\n\n\nendef\nexport {NEWLINE}\nMAKEFLAGS += -rR\n"
PRINT = r"@env printf '%s\0' "
"""An executed command, not the shell's own, that repeats its words on standard output."""

awkward = st.sampled_from(
    [
        "$",
        "$$",
        "$(shell touch canary)",
        "`touch canary`",
        "'",
        '"',
        "\\",
        "\n",
        "\r",
        "\t",
        "#",
        "%",
        ";",
        "&",
        "|",
        "-",
        "@",
        "+",
        "~",
        "*",
        "?",
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        "<",
        ">",
        "!",
        "^",
        "=",
        ":",
        " ",
        "\\\n",
        "\n\t",
        "\ntest: ; touch canary\n",
        "$(MAKE)",
        "${HOME}",
        "$'",
        "é",
        "\u2028",
        "\U0001f40d",
        "\x01",
        "\x7f",
        "endef",
        "\ninclude x",
        "$(eval",
        "\nendef\n",
        "' $(touch canary) '",
        "-n",
        "--",
        "\x0b\x0c",
        "ifdef",
        "define X",
    ]
)
text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
words = st.lists(st.one_of(text, st.lists(awkward, max_size=6).map("".join)), min_size=1, max_size=40)


def received(folder: Path, makefile: str) -> list[str]:
    """The words that the commands of the goal `all` were given."""
    (folder / "Makefile").write_bytes(makefile.encode())
    done = subprocess.run([tool("make"), "-s", "all"], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    return done.stdout.decode().split("\0")[:-1]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(words)
def test_a_command_receives_exactly_the_words(tmp_path: Path, given_words: list[str]) -> None:
    # One line for all words, and each word also last on a line of its own, where a backslash would join two lines.
    lines = [f"\t{PRINT}{' '.join(map(recipe_word, given_words))}", f"\t{PRINT}{recipe_word(given_words[0])}"]
    makefile = HEAD + "all:\n" + "\n".join(lines) + "\n"
    assert received(tmp_path, makefile) == [*given_words, given_words[0]]
    assert not (tmp_path / "canary").exists()


@pytest.mark.parametrize("first", ["-", "@", "+", "-rm", "@true", "+x", "a=b", "~", "*", "if", "{", "!", "\t"])
def test_a_word_that_begins_like_syntax_is_only_a_word(tmp_path: Path, first: str) -> None:
    assert received(tmp_path, f"{HEAD}all:\n\t{PRINT}{recipe_word(first)}\n") == [first]


def test_no_word_is_empty_on_the_line() -> None:
    assert recipe_word("") == "''"
    assert recipe_command([""], {}) == "''"


def test_plain_words_stay_readable() -> None:
    assert recipe_command(["{make}", "-C", "rts", "OUT=../{target_dir}"], {"target_dir": "target-eop"}) == (
        "$(MAKE) -C rts OUT=../target-eop"
    )


def test_the_makes_variables_stand_for_make_and_python() -> None:
    assert recipe_command(["{python}", "-m", "x"], {}) == "$(LONGPOLE_PROJECT_PYTHON) -m x"
    assert recipe_command(["{longpole_python}", "-m", "x"], {}) == "$(LONGPOLE_PYTHON) -m x"


def test_a_word_is_put_together_from_text_and_values() -> None:
    values = {"artifact": "t/x", "variant": "v"}
    assert recipe_command(["a b={artifact}/{variant}$"], values) == "'a b='t/x/v'$$'"
    assert recipe_command(["{{make}}"], {}) == "'{make}'"
