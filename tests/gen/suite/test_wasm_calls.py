"""`run: {wasm: FILE, call: FUNCTION, args: [...]}`: what it means, and each mistake in it with place and remedy."""

import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from longpole.gen.suite import schema
from longpole.gen.suite.model import Command, Variant
from longpole.gen.suite.read import suite_from_bytes
from longpole.rts_tests.contracts.errors import UseError
from tests.gen.suite.mistakes import HEAD, one_mistake, problems

BEGIN = ("{longpole_python}", "-EPm", "longpole.rts_tests.warm.wasm")
CALL = '{wasm: "{artifact}", call: "test_{module}", args: ["{first_seed}", "{seed_count}"]}'


def variants(text: str, defaults: str = "{artifact: t.cwasm}", module: str = "{m: }") -> list[Variant]:
    text = f"{HEAD}defaults: {defaults}\nvariants: {text}\nmodules: {module}\n"
    return list(suite_from_bytes(text.encode(), "suite.yaml").variants)


def test_a_call_is_the_command_that_its_old_spelling_is() -> None:
    old = '["{python}", -m, rts_tests.warm.wasm, "{artifact}", "test_{module}", "{first_seed}", "{seed_count}"]'
    new, before = variants(f"{{new: {{run: {CALL}}}, old: {{run: {old}, warm: true}}}}")
    assert new.run == before.run
    assert new.warm is before.warm is True


def test_a_call_takes_no_arguments_unless_it_says_so() -> None:
    left_out, empty = variants("{a: {run: {wasm: t.cwasm, call: f}}, b: {run: {wasm: t.cwasm, call: f, args: []}}}")
    assert left_out.run == empty.run == Command((*BEGIN, "t.cwasm", "f"), shell=False)


def test_a_call_in_the_defaults_is_every_variants() -> None:
    own, other = variants("{a: {run: [x]}, b: }", f"{{artifact: t.cwasm, run: {CALL}}}")
    assert (own.run.argv, own.warm) == (("x",), False)
    assert (other.run.argv[:3], other.warm) == (BEGIN, True)


@pytest.mark.parametrize(
    ("defaults", "own", "warm"),
    [
        ("", "", True),
        ("", ", warm: true", True),
        ("", ", warm: false", False),
        (", warm: false", "", False),
        (", warm: false", ", warm: true", True),
        (", warm: true", ", warm: false", False),
    ],
)
def test_a_call_is_warm_unless_the_suite_says_otherwise(defaults: str, own: str, warm: bool) -> None:
    (made,) = variants(f"{{a: {{run: {CALL}{own}}}}}", f"{{artifact: t.cwasm{defaults}}}")
    assert made.warm is warm


def test_the_old_spelling_is_warm_only_where_the_suite_says_so() -> None:
    (made,) = variants('{a: {run: ["{python}", -m, rts_tests.warm.wasm, t.cwasm, f]}}')
    assert (made.run.argv[:3], made.warm) == (BEGIN, False)


def test_arguments_may_be_numbers_of_yaml() -> None:
    (made,) = variants("{a: {run: {wasm: t, call: f, args: [7, -1, '12', 18446744073709551615, '-{first_seed}']}}}")
    assert made.run.argv[5:] == ("7", "-1", "12", "18446744073709551615", "-{first_seed}")


def test_one_module_may_be_a_file_of_its_own() -> None:
    (made,) = variants("{a: {run: {wasm: '{target_dir}/{variant}/{module}.cwasm', call: '{variant}_{module}'}}}")
    assert made.run.argv[3:] == ("{target_dir}/{variant}/{module}.cwasm", "{variant}_{module}")


def test_the_module_may_be_compiled_by_longpole_itself() -> None:
    words = '["{python}", -EPm, longpole, precompile, t.wasm, "{artifact}"]'
    (made,) = variants(f"{{a: {{run: {CALL}, build: {words}}}}}")
    assert made.build == Command(
        ("{longpole_python}", "-EPm", "longpole", "precompile", "t.wasm", "{artifact}"), shell=False
    )


def test_the_old_way_to_compile_it_still_works() -> None:
    words = '["{python}", -m, rts_tests.warm.precompile, t.wasm, "{artifact}"]'
    (made,) = variants(f"{{a: {{run: {CALL}, build: {words}}}}}")
    assert made.build is not None
    assert made.build.argv[:3] == ("{longpole_python}", "-EPm", "longpole.rts_tests.warm.precompile")


MISTAKES = [
    # keys
    ("{a: {§run: {wasm: t}}}", "a wasm call has no `call`", "add `call:`"),
    ("{a: {§run: {call: f}}}", "a wasm call has no `wasm`", "add `wasm:`"),
    ("{a: {run: {wasm: t, call: f, §arg: [1]}}}", "a wasm call has no key `arg`", "did you mean `args`?"),
    ("{a: {run: {wasm: t, call: f, §cwd: x}}}", "a wasm call has no key `cwd`", "it is a key of `defaults`"),
    ("{a: {run: {wasm: t, call: f, §warm: true}}}", "a wasm call has no key `warm`", "a key of `defaults`"),
    ("{a: {run: {shell: t, §wasm: t}}}", "a shell command has no key `wasm`", "it is a key of a wasm call"),
    ("{a: {run: [x], build: §{wasm: t, call: f}}}", "`build` cannot be a wasm call", "only `run` calls wasm"),
    ("{a: {run: {wasm: t, call: f, §call: g}}}", "the key `call` is given twice", ""),
    # values
    ("{a: {run: {wasm: §'', call: f}}}", "`wasm` is empty", "at least one character"),
    ("{a: {run: {wasm: t, call: §''}}}", "`call` is empty", "at least one character"),
    ("{a: {run: {wasm: §, call: f}}}", "`wasm` has no value", ""),
    ("{a: {run: {wasm: §5, call: f}}}", "`wasm` must be text, and is `5`", "put it in quotes"),
    ("{a: {run: {wasm: t, call: §[f]}}}", "`call` must be text, and is a list", ""),
    ("{a: {run: {wasm: §{artifact}, call: f}}}", "YAML reads `{artifact}` as a mapping", 'quotes: "{artifact}"'),
    ('{a: {run: {wasm: §"t\\0", call: f}}}', "NUL", "remove it"),
    ("{a: {run: {wasm: t, call: f, args: §}}}", "`args` has no value", "remove the key"),
    ("{a: {run: {wasm: t, call: f, args: §1}}}", "`args` must be a list, and is `1`", ""),
    ("{a: {run: {wasm: t, call: f, args: [§true]}}}", "a word of `args` must be text or a number", ""),
    ("{a: {run: {wasm: t, call: f, args: [§{seed}]}}}", "YAML reads `{seed}` as a mapping", "put it in quotes"),
    *[
        (
            f"{{a: {{run: {{wasm: t, call: f, args: [1, §{word}]}}}}}}",
            "`args` are integers of at most 64 bits",
            "digits",
        )
        for word in ("x", "''", "1.0", "0x10", "1_000", "--1", "'1 '", "18446744073709551616", "-9223372036854775809")
    ],
    ("{a: {run: {wasm: t, call: f, args: [§'{{1']}}}", "`args` are integers", ""),
    # placeholders
    ("{a: {run: {wasm: §'{make}', call: f}}}", "`wasm` has no placeholder `{make}`", "the placeholders are {variant}"),
    ("{a: {run: {wasm: t, call: §'f{chunk}'}}}", "`call` has no placeholder `{chunk}`", "{variant}, {module}"),
    ("{a: {run: {wasm: t, call: §'{modul}'}}}", "`call` has no placeholder `{modul}`", "did you mean `module`?"),
    ("{a: {run: {wasm: t, call: f, args: [§'{seeds}']}}}", "`args` has no placeholder `{seeds}`", ""),
    ("{a: {run: {wasm: t, call: f, args: [§'{module}']}}}", "`args` has no placeholder `{module}`", "{first_seed}"),
    ("{a: {run: {wasm: t, call: §'f{'}}}", "a single `{`", "write `{{`"),
    ("{a: {run: §{wasm: '{artifact}', call: f}}}", "`run` of variant `a` uses {artifact}", "add `artifact:`"),
    # warm
    ("{a: {run: §[x], warm: true}}", "its `run` calls no warm module", "`run: {wasm: FILE, call: FUNCTION}`"),
]


@pytest.mark.parametrize(("text", "what", "remedy"), MISTAKES)
def test_a_mistake_in_a_call(text: str, what: str, remedy: str) -> None:
    one_mistake(f"{HEAD}modules: {{m: }}\nvariants: {text}\n", what, remedy)


def test_all_mistakes_of_a_call_are_reported_at_once() -> None:
    text = "variants: {a: {run: {wasm: '{make}', call: '{chunk}', args: ['{seeds}']}}}\n"
    assert [problem.what[:6] for problem in problems(f"{HEAD}modules: {{m: }}\n{text}")] == [
        "`wasm`",
        "`call`",
        "`args`",
    ]


def test_several_seeds_from_the_commit_cannot_be_told_to_a_call() -> None:
    text = f"{HEAD}variants: {{a: {{artifact: t, run: {CALL}}}}}\nmodules: {{m: {{seeds: 4, seed_policy: §commit}}}}\n"
    one_mistake(text, "which are not a range", "give every unit one seed by `chunks: 4`")
    (problem,) = problems(text.replace("§", ""))
    assert "{seeds}" not in problem.remedy  # a list is no integer


_WORDS = st.one_of(
    st.sampled_from(
        ["{first_seed}", "-{seed_count}", "{seeds}", "x", "", "1", "-1", "1.5", "{first_seed", "2{first_seed}"]
    ),
    st.integers(-(2**64), 2**65),
    st.text("0123456789-{}a", max_size=6),
)


@given(st.lists(_WORDS, max_size=3))
@pytest.mark.slow
def test_the_published_schema_and_the_loader_agree_about_arguments(words: list[Any]) -> None:
    text = json.dumps(
        {
            "version": 1,
            "name": "x",
            "variants": {"a": {"run": {"wasm": "t", "call": "f", "args": words}}},
            "modules": {"m": None},
        }
    )
    valid = jsonschema.Draft202012Validator(json.loads(schema.json_schema())).is_valid(yaml.safe_load(text))
    try:
        suite_from_bytes(text.encode(), "suite.yaml")
    except UseError:
        assert not valid
    else:
        assert valid
