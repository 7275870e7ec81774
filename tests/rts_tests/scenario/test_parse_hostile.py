"""Files that are no scenario at all, or that try to be too large: one clear message, in bounded time."""

from pathlib import Path

import pytest

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.scenario.fixtures import MAX_SUGGESTIONS, Fixtures
from longpole.rts_tests.scenario.model import Scenario
from longpole.rts_tests.scenario.parse import parse
from tests.rts_tests.scenario.scenarios import HEAD, parsed, problems, write_fixture
from tests.rts_tests.scenario.test_parse import WHOLE

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "the file is empty; begin it with `name:`; docs/scenarios.md shows the rest"),
        ("# nothing\n", "the file is empty"),
        ("~\n", "the file is empty"),
        ("[]\n", "a scenario is a mapping of keys to values, and this is a list"),
        ("hello\n", "this is the text `hello`"),
        ("name: x\n---\nname: y\n", "keep one scenario in a file"),
        ("name:\tx\n\tsteps: 5\n", "tab"),
        ("name: x\nsteps: [\n", "the file ends inside a value"),
        ("name: 'x\n", "the file ends inside a value"),
        ("name: !!python/object:os.system x\n" + HEAD[8:], "is not used in a scenario"),
        ("name: *x\n", "names no anchor"),
        ("name: &x [*x]\n", "stands inside what it names"),
        ("name: a\x00b\n", "U+0000"),
        ("name: \x1b[31mred\n", "U+001B"),
        ("%YAML 1.2\n---\nname: x\n", "directs YAML"),
        ("[" * 100_000, "nested more than 32 deep"),
        ("{a: " * 50_000, "nested more than 32 deep"),
        ("- " * 50_000, "nested more than 32 deep"),
        (BOMB, "aliases counted wherever they are used"),
        (f"name: &a {'x' * 1_000_000}\nenv: {{{', '.join(f'A{n}: *a' for n in range(300))}}}\n", "aliases counted"),
    ],
)
def test_one_message(text: str, what: str) -> None:
    (problem,) = problems(text)
    assert what in str(problem)
    assert "\n" not in str(problem)


def test_bytes_that_are_no_utf8() -> None:
    with pytest.raises(UseError) as caught:
        parse(b"name: x\ndescription: \xff\n", "a.yml", Fixtures("f"), strict=True)
    assert str(caught.value).startswith("a.yml:2:14: the byte 0xff is not UTF-8")


def test_a_scalar_of_ten_megabytes_is_a_scalar() -> None:
    scenario: Scenario = parsed(f"{HEAD}description: {'x' * 10_000_000}\n")
    assert scenario.description is not None and len(scenario.description) == 10_000_000


def test_names_that_would_write_to_a_terminal_are_shown_escaped() -> None:
    (problem,) = problems(f'{HEAD}"\\e[2J\\nx": y\n')
    assert str(problem).isprintable()


def test_hundreds_of_unknown_keys_are_reported() -> None:
    assert len(problems(HEAD + "".join(f"keyy{n}: x\n" for n in range(500)))) == 500


@pytest.mark.parametrize("cut", range(0, 600, 7))
def test_a_file_that_was_cut_is_refused_or_read(cut: int) -> None:
    try:
        parsed(WHOLE[:cut])
    except UseError as error:
        assert all(problem.line and problem.remedy for problem in error.problems)


def _files(count: int) -> str:
    return f"[{', '.join(f'{{path: d{n % 100}/f{n}, content: x}}' for n in range(count))}]"


MANY = {
    "files": f"branches: [{{name: main, files: {_files(25_000)}}}]",
    "branches": f"branches: [{{name: main}}, {', '.join(f'{{name: a/b{n}, from: main}}' for n in range(30_000))}]",
    "wrong bases": f"branches: [{{name: main}}, {', '.join(f'{{name: b{n}, from: c{n}}}' for n in range(20_000))}]",
    "deep paths": f"branches: [{{name: main, files: [{{path: {'a/' * 500_000}a, content: x}}]}}]",
}


@pytest.mark.parametrize("described", MANY.values(), ids=MANY.keys())
def test_a_large_repository_takes_no_longer_than_its_text(described: str) -> None:
    """These take a second; with a comparison of each with each they would take hours."""
    try:
        parsed(f"{HEAD}repos: [{{name: r, {described}}}]\n")
    except UseError as error:
        assert len(str(error)) < 3_000_000


def test_trees_of_many_branches_are_bounded() -> None:
    branches = ", ".join(f"{{name: b{n}, files: [{{path: g, content: '{n}'}}]}}" for n in range(2_000))
    text = f"{HEAD}repos: [{{name: r, branches: [{{name: main, files: {_files(1_000)}}}, {branches}]}}]\n"
    (problem,) = problems(text)
    assert "hold more than 200,000 files together; describe a smaller repository" in str(problem)


def test_many_missing_fixtures_are_not_each_compared_with_all(tmp_path: Path) -> None:
    write_fixture(tmp_path, "standard", "daft_yml: x\n")
    uses = "".join(f"  - {{name: r{n}, use_fixture: standard{n}}}\n" for n in range(3_000))
    found = problems(f"{HEAD}repos:\n{uses}", str(tmp_path))
    assert len(found) == 3_000
    assert sum("did you mean" in str(problem) for problem in found) == MAX_SUGGESTIONS
