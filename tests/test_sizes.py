"""Sizes: no file above 400 lines and no function above 40, unless a reason stands beside it.

The reason is `# long: REASON` on the line of the `def`, or in the first lines of the file; in a file of another
language, in a comment of that language.
"""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project import REPOSITORY, tool

MAX_FILE = 400
MAX_FUNCTION = 40
FIRST_LINES = 12
FOLDERS = ("bench", "clients", "gen", "longpole", "nix", "perf", "rts_tests", "templates", "tests")
LANGUAGES = (".py", ".nix", ".js", ".css", ".html", ".mk", ".in")

_REASON = re.compile(r"(?:#|//|/\*|<!--) ?long: \S")


def files() -> list[Path]:
    """The source files of the checkout, also those that are not committed yet."""
    argv = [tool("git"), "ls-files", "--cached", "--others", "--exclude-standard", "-z", *FOLDERS]
    listed = subprocess.run(argv, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    paths = (REPOSITORY / name for name in listed.split("\0") if name)
    return [path for path in paths if path.suffix in LANGUAGES and path.is_file() and not path.is_symlink()]


def too_long(text: str, *, python: bool) -> Iterator[str]:
    """What is longer than it may be, and has no reason beside it, one message each."""
    lines = text.splitlines()
    if len(lines) > MAX_FILE and not any(map(_REASON.search, lines[:FIRST_LINES])):
        yield f"{len(lines)} lines, more than {MAX_FILE}"
    for node in ast.walk(ast.parse(text)) if python else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            size = node.end_lineno - node.lineno + 1
            if size > MAX_FUNCTION and not any(map(_REASON.search, lines[node.lineno - 1 : node.body[0].lineno])):
                yield f"line {node.lineno}: {node.name} has {size} lines, more than {MAX_FUNCTION}"


def test_no_file_and_no_function_is_too_long_without_a_reason() -> None:
    reported = {
        str(path.relative_to(REPOSITORY)): list(too_long(path.read_text(encoding="utf-8"), python=path.suffix == ".py"))
        for path in files()
    }
    long = {name: what for name, what in reported.items() if what}
    assert long == {}, "split it, or write `# long: REASON`"


def test_the_files_that_are_looked_at_are_all_folders_with_code() -> None:
    folders = {path.relative_to(REPOSITORY).parts[0] for path in files()}
    assert folders == set(FOLDERS)


_FUNCTION = "def f() -> None:{}\n" + "    x = 1\n" * 39 + "    y = 2\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1\n" * 400, []),
        ("x = 1\n" * 401, ["401 lines, more than 400"]),
        ("# long: one table\n" + "x = 1\n" * 401, []),
        ("# long:\n" + "x = 1\n" * 401, ["402 lines, more than 400"]),
        ("x = 1\n" * 401 + "# long: too late\n", ["402 lines, more than 400"]),
        (_FUNCTION.format("").replace("    y = 2\n", ""), []),
        (_FUNCTION.format(""), ["line 1: f has 41 lines, more than 40"]),
        (_FUNCTION.format("  # long: a list of steps"), []),
        ("async " + _FUNCTION.format(""), ["line 1: f has 41 lines, more than 40"]),
        ("@g\n" + _FUNCTION.format("").replace("    y = 2\n", ""), []),
    ],
)
def test_what_counts_as_too_long(text: str, expected: list[str]) -> None:
    assert list(too_long(text, python=True)) == expected


def test_a_script_of_another_language_gives_its_reason_in_a_comment_of_its_own() -> None:
    assert list(too_long("/* long: one page, one script */\n" + "x\n" * 401, python=False)) == []
    assert list(too_long("x\n" * 401, python=False)) == ["401 lines, more than 400"]
