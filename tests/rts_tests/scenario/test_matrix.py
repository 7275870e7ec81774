"""Matrices: which cells a scenario has, what they are called, and what is refused."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.scenario.matrix import MAX_CELL, MAX_CELLS, cell_of, cells, module_name
from longpole.rts_tests.scenario.model import Scenario
from tests.rts_tests.scenario.scenarios import HEAD, STEPS, one_mistake, parsed, problems


def of(matrix: str, more: str = "") -> tuple[Scenario, ...]:
    return cells(parsed(f"{HEAD}matrix: {matrix}\n{more}", strict=False))


def names(matrix: str, more: str = "") -> list[str]:
    return [cell.cell for cell in of(matrix, more)]


def test_a_scenario_without_a_matrix_is_its_only_cell() -> None:
    scenario = parsed(HEAD)
    assert cells(scenario) == (scenario,)
    assert (scenario.cell, module_name("group/stem", scenario.cell)) == ("", "group/stem")


def test_each_combination_is_a_cell_in_the_order_of_the_file() -> None:
    found = of("{FROM: [merge, rebase], TO: [main, 'feature/x']}", "env: {OTHER: o}\n")
    assert [cell.cell for cell in found] == [
        *("merge--main", "merge--feature-x", "rebase--main", "rebase--feature-x"),
    ]
    assert found[1].name == "x [FROM=merge, TO=feature/x]"
    assert found[1].env == {"OTHER": "o", "FROM": "merge", "TO": "feature/x"}
    assert found[1].steps == parsed(HEAD).steps
    assert all(cell.matrix == () for cell in found)
    assert module_name("group/stem", found[1].cell) == "group/stem--merge--feature-x"


def test_excluded_combinations_are_no_cells() -> None:
    more = "exclude: [{A: '1', B: x}, {A: '2'}, {B: z, A: '3'}]\n"
    assert names("{A: ['1', '2', '3'], B: [x, y, z]}", more) == ["1--y", "1--z", "3--x", "3--y"]
    assert names("{A: [1, 2]}", "exclude:\n") == ["1", "2"]


def test_values_are_text_as_written() -> None:
    assert [cell.env["A"] for cell in of("{A: [010, yes, null, 1.50, '']}")] == ["010", "yes", "null", "1.50", ""]


@pytest.mark.parametrize(
    ("values", "called"),
    [
        ("[a, A, a-]", ["a", "A-2", "a-3"]),  # some file systems ignore case
        ("['', ' ', empty]", ["empty", "empty-2", "empty-3"]),
        ("[a b, a_b, a/b, ../..]", ["a-b", "a_b", "a-b-3", "empty"]),
        ("[2.39, -x, .x, 'é']", ["2.39", "x", "x-3", "empty"]),
        ("[a--b, a---b]", ["a-b", "a-b-2"]),
        ("[a, a-2, 'a ']", ["a", "a-2", "a-3"]),
        ("['a ', a, a-2]", ["a", "a-2", "a-2-3"]),
    ],
)
def test_names_of_cells_differ_and_are_safe_in_paths_and_targets(values: str, called: list[str]) -> None:
    assert names(f"{{A: {values}}}") == called


def test_a_long_name_is_shortened_and_stays_its_own() -> None:
    long = [f"{'v' * 200}{number}" for number in range(3)]
    found = names(f"{{A: [{', '.join(long)}], B: [{', '.join(long)}]}}")
    assert len(set(found)) == 9
    assert max(map(len, found)) <= MAX_CELL


_VALUES = st.lists(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40), min_size=1, max_size=5, unique=True
)


@given(st.lists(_VALUES, min_size=1, max_size=3))
def test_any_values_give_distinct_names_of_files(axes: list[list[str]]) -> None:
    scenario = Scenario("a.yml", "x", matrix=tuple((f"A{number}", tuple(axis)) for number, axis in enumerate(axes)))
    found = cells(scenario)
    called = [cell.cell for cell in found]
    assert len({name.casefold() for name in called}) == len(called)
    assert all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", name) and len(name) <= MAX_CELL for name in called)
    assert len({tuple(cell.env.items()) for cell in found}) == len(found)
    assert all(cell_of(scenario, cell.cell) == cell for cell in found)


def test_an_unknown_cell_is_an_error_that_lists_them() -> None:
    scenario = parsed(f"{HEAD}matrix: {{A: [1, 2]}}\n", strict=False)
    with pytest.raises(UseError, match="has no cell `3`; it has `1`, `2`"):
        cell_of(scenario, "3")
    with pytest.raises(UseError, match="has no cell ``"):
        cell_of(scenario, "")
    with pytest.raises(UseError, match="has no matrix"):
        cell_of(parsed(HEAD), "1")


WRONG = [
    (HEAD + "matrix: §[a]\n", "`matrix` must be a mapping, and is a list; write `NAME: [value, value]`"),
    (HEAD + "matrix: §{}\n", "`matrix` names no variable; add one"),
    (HEAD + "matrix: {A: §x}\n", "the values of `A` must be a list, and are `x`"),
    (HEAD + "matrix: {A: §[]}\n", "`A` has no values"),
    (HEAD + "matrix: {A: [a, §[b]]}\n", "a value of `A` must be text, and is a list"),
    (HEAD + "matrix:\n  A:\n    - a\n    -§\n", "a value of `A` has no value"),
    (HEAD + 'matrix: {A: [§"\\0"]}\n', "a value of `A` holds a NUL character"),
    (HEAD + "matrix: {A: [a, b, §a]}\n", "the value `a` is given twice"),
    (HEAD + "matrix: {§a: [a]}\n", "`a` cannot be a variable of a matrix; write capital letters"),
    (HEAD + "matrix: {§1A: [a]}\n", "cannot be a variable of a matrix"),
    (HEAD + "matrix: {§WORK_DIR: [a]}\n", "`WORK_DIR` is set by Longpole"),
    (HEAD + "matrix: {§REMOTE_X: [a]}\n", "`REMOTE_X` is set by Longpole"),
    (HEAD + "matrix: {§LONGPOLE_RUN: [a]}\n", "is set by Longpole"),
    (HEAD + "env: {A: a}\nmatrix: {§A: [a]}\n", "`A` is in `env`, too"),
    (HEAD + "matrix: {A: [a], §A: [b]}\n", "is given twice"),
    (HEAD + "exclude: §[{A: a}]\n", "`exclude` needs `matrix`"),
    (HEAD + "matrix: {A: [a]}\nexclude: §{A: a}\n", "`exclude` must be a list"),
    (HEAD + "matrix: {A: [a]}\nexclude: [§a]\n", "an item of `exclude` must be a mapping, and is `a`"),
    (HEAD + "matrix: {A: [a]}\nexclude: [§{}]\n", "this excludes every combination"),
    (
        HEAD + "matrix: {FROM: [a]}\nexclude: [{§FORM: a}]\n",
        "`FORM` is no variable of the matrix; did you mean `FROM`?",
    ),
    (HEAD + "matrix: {A: [a, b]}\nexclude: [{A: §c}]\n", "`A` never is `c`; its values are `a`, `b`"),
    (HEAD + "matrix: {A: [a]}\nexclude: §[{A: a}]\n", "every combination is excluded"),
    (HEAD + f"matrix: §{{A: {list(range(16))}, B: {list(range(17))}}}\n", f"272 combinations, more than {MAX_CELLS}"),
]


@pytest.mark.parametrize(("text", "what"), WRONG)
def test_a_wrong_matrix_is_one_error(text: str, what: str) -> None:
    one_mistake(text, what, strict=False)


def test_many_long_axes_are_refused_without_making_their_cells() -> None:
    axes = ", ".join(f"A{number}: {list(range(1000))}" for number in range(100))
    (problem,) = problems(f"{HEAD}matrix: {{{axes}}}\n", strict=False)
    assert "combinations, more than" in str(problem)


@pytest.mark.parametrize("key", ["matrix: {A: [a]}", "exclude: [{A: a}]"])
def test_a_strict_suite_has_no_matrix(key: str) -> None:
    (problem,) = problems(f"name: x\n{STEPS}{key}\n")
    assert "is an extension, and the suite is strict" in str(problem)
