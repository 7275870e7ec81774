"""`args` and `build_args`: words that stand where `{args}` stands; and what can be wrong with them."""

import json
import shlex
import subprocess
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longpole.gen.plan.plan import make_plan
from longpole.gen.suite.read import suite_from_bytes
from longpole.rts_tests.contracts.placeholders import escape, expand
from longpole.rts_tests.contracts.plan import from_text
from longpole.rts_tests.contracts.seeds import Seeds
from longpole.rts_tests.unit.command import unit_command
from tests.gen.suite.mistakes import HEAD, one_mistake

WORDS = st.lists(st.text(st.characters(max_codepoint=0xD7FF, exclude_characters="\0"), max_size=8), max_size=4)


def _suite(**more: Any) -> bytes:
    return json.dumps({"version": 1, "name": "x", "variants": {"v": {}}, "modules": {"m": {}}, **more}).encode()


def _command(suite: bytes, variant: str = "v", module: str = "m") -> tuple[str, ...]:
    plan = from_text(make_plan(suite_from_bytes(suite, "s")).text)
    (unit,) = [unit for unit in plan.units if (unit.variant, unit.module) == (variant, module)]
    return unit_command(plan, unit, Seeds((), ""), "make", "python")


def _build(suite: bytes, variant: str = "v") -> tuple[str, ...]:
    found = {each.name: each.build for each in suite_from_bytes(suite, "s").variants}[variant]
    assert found is not None
    return tuple(expand(word, {}) for word in found.argv)


@settings(deadline=None)
@given(WORDS, WORDS)
def test_args_of_the_variant_then_of_the_module(of_variant: list[str], of_module: list[str]) -> None:
    given_args = {
        "variants": {"v": {"args": [escape(word) for word in of_variant]}},
        "modules": {"m": {"args": [escape(word) for word in of_module]}},
    }
    expected = (*of_variant, *of_module)
    assert _command(_suite(defaults={"run": ["t", "{args}", "end"]}, **given_args)) == ("t", *expected, "end")
    *_, text = _command(_suite(defaults={"run": {"shell": "t {args} end"}}, **given_args))
    assert tuple(shlex.split(text)) == ("t", *expected, "end")


@settings(deadline=None)
@given(WORDS)
def test_build_args_are_words_of_the_build(words: list[str]) -> None:
    own = {"variants": {"v": {"build_args": [escape(word) for word in words]}, "plain": {}}}
    suite = _suite(defaults={"run": ["t"], "build": ["b", "{args}", "end"]}, **own)
    assert _build(suite) == ("b", *words, "end")
    assert _build(suite, "plain") == ("b", "end")
    suite = _suite(defaults={"run": ["t"], "build": {"shell": "b {args} end"}}, **own)
    assert tuple(shlex.split(_build(suite)[-1])) == ("b", *words, "end")


def test_a_real_shell_gets_the_words() -> None:
    suite = _suite(defaults={"run": {"shell": "printf '[%s]' {args}"}, "args": ["a b", "$HOME", "'", "*"]})
    assert subprocess.run(_command(suite), capture_output=True, check=True).stdout == b"[a b][$HOME]['][*]"


def test_args_hold_placeholders() -> None:
    suite = _suite(
        defaults={
            "run": ["t", "{args}"],
            "build": ["b", "{args}"],
            "args": ["{variant}/{target_dir}"],
            "build_args": ["O={target_dir}"],
        },
        modules={"m": {"args": ["{module}{chunk}"]}},
    )
    assert _command(suite) == ("t", "v/target-v", "m")
    assert _build(suite) == ("b", "O=target-v")


def test_a_variant_s_own_args_replace_those_of_the_defaults() -> None:
    suite = _suite(
        defaults={"run": ["t", "{args}"], "args": ["d"]},
        variants={"v": {}, "w": {"args": ["own"]}, "none": {"args": []}, "other": {"run": ["u"]}},
    )
    commands = {name: _command(suite, name) for name in ("v", "w", "none", "other")}
    assert commands == {"v": ("t", "d"), "w": ("t", "own"), "none": ("t",), "other": ("u",)}


def test_a_module_s_own_run_has_them_too() -> None:
    suite = _suite(
        defaults={"run": ["t", "{args}"], "args": ["d"]}, modules={"m": {"run": ["own", "{args}"], "args": ["x"]}}
    )
    assert _command(suite) == ("own", "d", "x")


@pytest.mark.parametrize(
    ("text", "what", "remedy"),
    [
        (
            "variants: {v: {run: [t], args: §[x]}}\nmodules: {m: }\n",
            "`run` of variant `v` has no `{args}`, so `args` are used nowhere",
            "write {args} in `run`",
        ),
        ("defaults: {run: [t], args: §[x]}\nvariants: {v: , w: }\nmodules: {m: }\n", "`run` of `defaults`", "write"),
        ("variants: {v: {run: [t]}}\nmodules: {m: {args: §[x]}}\n", "`run` of variant `v` has no `{args}`", "write"),
        ("variants: {v: {run: [t]}}\nmodules: {m: {run: [u], args: §[x]}}\n", "`run` of module `m`", "write"),
        ("variants: {v: {run: [t], build_args: §[x]}}\nmodules: {m: }\n", "variant `v` has no `build`", "add `build:`"),
        (
            "variants: {v: {run: [t], build: [b], build_args: §[x]}}\nmodules: {m: }\n",
            "`build` of variant `v`",
            "in `b",
        ),
        (
            "variants: {v: {artifact: a, run: {wasm: '{artifact}', call: f}}}\nmodules: {m: {args: §[x]}}\n",
            "`run` of variant `v` has no `{args}`",
            "`args` of the call",
        ),
        ("variants: {v: {run: [§'{args}']}}\nmodules: {m: }\n", "is `{args}`, which may stand for no word", "name the"),
        ("variants: {v: {run: [t], build: [§'{args}']}}\nmodules: {m: }\n", "first word of `build` is `{args}`", ""),
        (
            "variants: {v: {run: [t, §'-x{args}']}}\nmodules: {m: }\n",
            "part of `-x{args}`",
            "word of its own, and write the words in full",
        ),
        ("variants: {v: {run: [t, '{args}'], args: [§'{seeds}']}}\nmodules: {m: }\n", "no placeholder `{seeds}`", "{v"),
        ("variants: {v: {run: [t, '{args}'], args: [§'{args}']}}\nmodules: {m: }\n", "no placeholder `{args}`", ""),
        ("variants: {v: {run: [t, '{args}'], args: §x}}\nmodules: {m: }\n", "args", ""),
    ],
)
def test_a_mistake_is_told_at_its_place(text: str, what: str, remedy: str) -> None:
    one_mistake(HEAD + text, what, remedy)
