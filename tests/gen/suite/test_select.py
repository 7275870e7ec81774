"""The key `select`: which units have one, and each mistake with its remedy."""

import pytest

from longpole.gen.plan.plan import make_plan
from longpole.gen.suite.read import suite_from_bytes
from longpole.rts_tests.contracts.plan import Plan, from_text, to_text
from tests.gen.suite.mistakes import HEAD, only

RESULTS = "results: {tap: stdout}"
SELECT = 'select: [s, "{cases}"]'


def plan(text: str) -> Plan:
    made = make_plan(suite_from_bytes(f"{HEAD}{text}\n".encode(), "suite.yaml"))
    assert from_text(to_text(made)) == made
    return made


def test_a_command_has_the_select_that_stands_beside_it() -> None:
    made = plan(
        "defaults: {run: [x], select: [d, '{args}', '{cases}'], args: [v]}\n"
        "variants: {a: , b: {run: [y, '{args}']}, c: {run: [z], select: {shell: 'c {cases_regex}'}}}\n"
        f"modules:\n  m: {{{RESULTS}}}\n  own: {{run: [o, '{{args}}'], {RESULTS}}}\n"
        f"  both: {{run: [o, '{{args}}'], {SELECT}, {RESULTS}}}\n  silent: {{run: [o, '{{args}}']}}\n  none: "
    )
    commands = {unit.id: made.select_command(unit) for unit in made.units}
    assert {name: command.words for name, command in commands.items() if command is not None} == {
        "a/m": ("d", "v", "{cases}"),
        "c/m": ("sh", "-c", "c {cases_regex}"),
        "a/both": ("s", "{cases}"),
        "b/both": ("s", "{cases}"),
        "c/both": ("s", "{cases}"),
    }


def test_a_plan_of_an_older_version_has_no_select() -> None:
    made = plan(f"defaults: {{run: [x]}}\nvariants: {{a: }}\nmodules: {{m: {{{RESULTS}}}}}")
    assert '"select"' not in to_text(made)


@pytest.mark.parametrize(
    ("module", "what", "remedy"),
    [
        (SELECT, "module `m` has `select` and no `results`", "add `results:`, or remove `select`"),
        (f"select: [s], {RESULTS}", "`select` is not told which cases to run", "write {cases} or {cases_regex}"),
        (f'select: ["{{cases}}"], {RESULTS}', "which may stand for no word", "name the program that is run"),
        (f'select: [s, "--only={{cases}}"], {RESULTS}', "is a part of `--only={cases}`", "or use {cases_regex}"),
        (f'select: [s, "{{cases}}", "{{first_seed}}"], {RESULTS}', "no placeholder `{first_seed}`", "placeholders are"),
        (f'select: [s, "{{artifact}}", "{{cases}}"], {RESULTS}', "variant `v` has no `artifact`", "add `artifact:`"),
        (f"{SELECT}, forks: {{list: [l], run: [r, '{{classes}}']}}", "`select` is for modules without", "remove one"),
    ],
)
def test_a_mistake_is_told_with_its_remedy(module: str, what: str, remedy: str) -> None:
    problem = only(f"{HEAD}defaults: {{run: [x]}}\nvariants: {{v: }}\nmodules: {{m: {{{module}}}}}")
    assert what in problem.what
    assert remedy in problem.remedy


def test_run_knows_no_cases() -> None:
    problem = only(HEAD + 'defaults: {run: [x, "{cases}"]}\nvariants: {v: }\nmodules: {m: }')
    assert "`run` has no placeholder `{cases}`" in problem.what
