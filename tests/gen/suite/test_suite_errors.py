"""Suites that are wrong: every mistake with its place, what it is and how to mend it, all of them at once."""

import pytest

from longpole.gen.suite.read import load_suite, suite_from_bytes
from longpole.rts_tests.contracts.errors import UseError
from tests.gen.suite.mistakes import HEAD, one_mistake, only, problems

# One mistake each, in a file that is right but for it; § marks the place that is told.
WHOLE = [
    ("version: §2\nname: x\nanything: else\n", "newer than this Longpole, which reads version 1", "newer Longpole"),
    ("version: §0\n", "there is no version 0", "`version: 1`"),
    ("version: §-1\n", "there is no version -1", "`version: 1`"),
    ("version: §'1'\n", "must be the number 1", "without quotes"),
    ("version: §1.0\n", "must be the number 1", "without quotes"),
    ("version: §true\n", "must be the number 1", "without quotes"),
    ("version: §[1]\n", "must be the number 1", "without quotes"),
    ("version:§\n", "must be the number 1", "without quotes"),
    ("§name: x\nvariants: {a: {run: [x]}}\nmodules: {m: }\n", "no `version`", "add `version: 1`"),
    ("§version: 1\nvariants: {a: {run: [x]}}\nmodules: {m: }\n", "no `name`", "add `name:`"),
    ("§version: 1\nname: x\nmodules: {m: }\n", "no `variants`", "add `variants:`"),
    ("§version: 1\nname: x\nvariants: {a: {run: [x]}}\n", "no `modules`", "add `modules:`"),
    ("version: 1\nname: x\nvariants: §{}\nmodules: {m: }\n", "`variants` is empty", "at least one"),
    ("version: 1\nname: x\nvariants: {a: {run: [x]}}\nmodules: §{}\n", "`modules` is empty", "at least one"),
    ("version: 1\nname: x\nvariants: {a: {run: [x]}}\nmodules:§\n", "`modules` has no value", "give it one"),
    ("version: 1\nname: x\nvariants: {a: {run: [x]}}\nmodules: §[m]\n", "must be a mapping", "name: value"),
    ("version: 1\nname: §5\nvariants: {a: {run: [x]}}\nmodules: {m: }\n", "must be text", "quotes"),
    ("version: 1\nname: §a b\nvariants: {a: {run: [x]}}\nmodules: {m: }\n", "`a b` cannot be a name", "letters"),
    (
        "version: 1\nname: x\nvariants: {a: {run: [x]}}\nmodules: {m: }\n§varaints: 1\n",
        "no key `varaints`",
        "`variants`?",
    ),
    ("version: 1\nname: x\nvariants: {a: {run: [x]}}\nmodules: {m: }\n§timeout: 1\n", "no key", "key of `limits` and"),
]
LIMITS = [
    ("{jobs: §0}", "`jobs` must be at least 1, and is `0`", ""),
    ("{jobs: §-1}", "at least 1", ""),
    ("{jobs: §true}", "must be a whole number, and is `true`, which YAML reads as true", ""),
    ("{jobs: §1.0}", "must be a whole number, and is `1.0`", ""),
    ("{jobs: §'1'}", "must be a whole number", ""),
    ("{jobs: §~}", "`jobs` has no value", "remove the key"),
    ("{timeout: §0}", "must be above 0", ""),
    ("{timeout: §-0.5}", "must be above 0", ""),
    ("{timeout: §.inf}", "must be a finite number", ""),
    ("{timeout: §-.inf}", "must be", ""),
    ("{timeout: §.nan}", "must be a finite number", ""),
    ("{timeout: §1.0e+300}", "must be at most 31,622,400", ""),
    ("{timeout: §yes}", "must be a number, and is `yes`, which YAML reads as true", ""),
    ("{timeout: §1:30}", "must be a number, and is `1:30`", ""),
    ("{timeout: §99999999999999999999999999999999999999999999}", "must be a number", ""),
    ("{grace: §0}", "must be above 0", ""),
    ("{log: §1023}", "must be at least 1,024", ""),
    ("{log: §010}", "must be a whole number", ""),
    ("{flaky: §psas}", "`flaky` must be `fail` or `pass`, and is `psas`", "did you mean `pass`?"),
    ("{keep: §all}", "`keep` must be `none` or `failed`", "write `none` or `failed`"),
    ("{slots: §0}", "`slots` must be a number of slots or `auto`, and is `0`", "from 1 to 65,536, or `auto`"),
    ("{slots: §65537}", "must be a number of slots", ""),
    ("{slots: §true}", "must be a number of slots", ""),
    ("{slots: §'4'}", "must be a number of slots", ""),
    ("{slots: §[4]}", "must be a number of slots or `auto`, and is a list", ""),
    ("{slots: §~}", "`slots` has no value", "remove the key"),
    ("{memory: §half}", "`memory` must be a size or `auto`, and is `half`", "as in `512 MiB`"),
    ("{memory: §512 MB}", "must be a size", "KiB, MiB, GiB, TiB"),
    ("{memory: §0}", "must be a size", ""),
    ("{memory: §0 GiB}", "must be a size", ""),
    ("{memory: §-1}", "must be a size", ""),
    ("{memory: §1.5}", "must be a size", ""),
    ("{memory: §99999 TiB}", "must be a size", ""),
    ("{§tiemout: 1}", "`limits` has no key `tiemout`", "did you mean `timeout`?"),
    ("§[1]", "`limits` must be a mapping, and is a list", ""),
]
PLATFORMS = [
    ("{x86_64-linux: {default: §cheked}}", "must be `checked` or `build`", "did you mean `checked`?"),
    ("{x86_64-linux: {default: §true}}", "must be `checked` or `build`", "write"),
    ("{§x86-64-linux: }", "not one of Nix's names", "did you mean `x86_64-linux`?"),
    ("{§linux: }", "not one of Nix's names", ""),
    ("{x86_64-linux: {shards: §0}}", "at least 1", ""),
    ("{x86_64-linux: {shards: §257}}", "at most 256", ""),
    ("{x86_64-linux: {nightly: §1}}", "must be true or false, and is `1`", ""),
    ("{x86_64-linux: {§nightli: true}}", "a platform has no key `nightli`", "did you mean `nightly`?"),
]
VARIANTS = [
    ("§{}", "is empty", "at least one"),
    ("{§a: {}}", "variant `a` has no `run`", "add `run:` to it, to `defaults` or to its modules"),
    ("{a: {run: §[]}}", "`run` is empty", "a command needs a word"),
    ("{a: {run: §make}}", "must be a command, and is `make`", "list of words"),
    ("{a: {run: [§'']}}", "first word of `run` is empty", ""),
    ("{a: {run: [x, §true]}}", "a word of `run` must be text or a number", "in quotes"),
    ("{a: {run: [x, §~]}}", "a word of `run` must be text or a number", "in quotes"),
    ("{a: {run: [x, §[y]]}}", "a word of `run` must be text or a number, and is a list", "in quotes"),
    ("{a: {run: [§{make}, x]}}", "YAML reads `{make}` as a mapping", 'put it in quotes: "{make}"'),
    ('{a: {run: [x, §"a\\0b"]}}', "NUL", ""),
    ("{a: {run: [x, §'" + "y" * 131_072 + "']}}", "longer than 131,071 bytes", ""),
    ("{a: {run: [x, §'" + "é" * 70_000 + "']}}", "longer than 131,071 bytes", ""),
    ("{a: {§run: {}}}", "a shell command has no `shell`", ""),
    ("{a: {run: {shell: §''}}}", "`shell` is empty", ""),
    ("{a: {run: {shell: §[x]}}}", "`shell` must be text", ""),
    ("{a: {run: {shell: x, §cwd: y}}}", "a shell command has no key `cwd`", ""),
    ("{a: {run: §5}}", "`run` must be a command, and is `5`", "list of words"),
    ("{a: {run: [x, §'{modul}']}}", "`run` has no placeholder `{modul}`", "did you mean `module`?"),
    ("{a: {run: [x, §'{HOME}']}}", "`run` has no placeholder `{HOME}`", "write {{HOME}}"),
    ("{a: {run: {shell: §'echo ${HOME}'}}}", "`run` has no placeholder `{HOME}`", "write {{HOME}}"),
    ("{a: {run: [x, §'{module']}}", "a single `{` at character 1", "write `{{`"),
    ("{a: {run: [x, §'a}']}}", "a single `}` at character 2", "write `}}`"),
    ("{a: {run: [x], build: [y, §'{module}']}}", "`build` has no placeholder `{module}`", ""),
    ("{a: {run: [x], build: [y, §'{seeds}']}}", "`build` has no placeholder `{seeds}`", ""),
    ("{a: {run: [x], target_dir: §'{module}'}}", "`target_dir` has no placeholder `{module}`", ""),
    ("{a: {run: [x], target_dir: §'{target_dir}'}}", "`target_dir` has no placeholder", ""),
    ("{a: {run: [x], artifact: §'{make}'}}", "`artifact` has no placeholder `{make}`", ""),
    ("{a: {run: §[x, '{artifact}']}}", "`run` of variant `a` uses {artifact}", "add `artifact:`"),
    ("{a: {run: [x], build: §[y, '{artifact}']}}", "`build` of variant `a` uses {artifact}", "add `artifact:`"),
    ("{a: {run: §[x], warm: true}}", "its `run` calls no warm module", "`warm: false`"),
    ("{a: {run: §['{python}', -m, rts_tests.report.publish], warm: true}}", "calls no warm module", ""),
    ("{a: {run: §['{python}', -m, rts_tests.warm.], warm: true}}", "calls no warm module", ""),
    ("{a: {run: §{shell: '{python} -m rts_tests.warm.wasm'}, warm: true}}", "calls no warm module", ""),
    ("{a: {run: [x], warm: §1}}", "`warm` must be true or false", ""),
    ("{a: {run: [x], §weight: 1}}", "a variant has no key `weight`", "it is a key of a module"),
    ("{a: {run: [x], §biuld: [y]}}", "a variant has no key `biuld`", "did you mean `build`?"),
    ("{a: {run: [x], build: §~}}", "`build` has no value", ""),
    ("{a: §[x]}", "`a` must be a mapping, and is a list", ""),
    ("{name: §[x]}", "`name` must be a mapping, and is a list", ""),
    ("{§on: {run: [x]}}", "YAML reads the key `on` as true", 'quote it: `"on":`'),
    ("{§1.5: {run: [x]}}", "YAML reads the key `1.5` as a number", 'quote it: `"1.5":`'),
    ("{a: {run: [x]}, §a: {}}", "`a` is given twice, first in line 4", "remove one"),
    ("{a: {run: [x]}, §A: {run: [x]}}", "`a` and `A` differ only in case", "rename"),
    *[
        (f"{{§'{name}': {{run: [x]}}}}", "cannot be a name", "letters")
        for name in ("", ".", "..", "-a", ".a", "a b", "a/b", "é", "a:b", "a\u200bb")
    ],
    ("{§" + "x" * 101 + ": {run: [x]}}", "longer than 100 characters", "shorter"),
    *[
        (f"{{a: {{run: [x], env: {{§{name}: x}}}}}}", "set by Longpole", "remove")
        for name in ("LONGPOLE_", "LONGPOLE_SEED", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "TMPDIR")
    ],
    *[
        (f"{{a: {{run: [x], env: {{§'{name}': x}}}}}}", "cannot be the name of an environment", "")
        for name in ("", "1A", "A-B", "A=B", "A B", "É")
    ],
    ("{a: {run: [x], env: {A: §}}}", "`A` has no value", ""),
    ("{a: {run: [x], env: {A: §[1]}}}", "`A` must be text or a number", ""),
    ('{a: {run: [x], env: {A: §"\\0"}}}', "NUL", ""),
    ("{a: {run: [x], env: §[A]}}", "`env` must be a mapping", ""),
    ("{a: {run: [x], target_dir: §''}}", "is empty", ""),
    ("{a: {run: [x], target_dir: §.}}", "the suite's own directory", ""),
    ("{a: {run: [x], target_dir: §.//./}}", "the suite's own directory", ""),
    ("{a: {run: [x], target_dir: §/x}}", "absolute", ""),
    ("{a: {run: [x], target_dir: §x/../y}}", "holds `..`", ""),
    ("{a: {run: [x], target_dir: §..}}", "holds `..`", ""),
    ("{a: {run: [x], target_dir: §-x}}", "like an option", ""),
    ("{a: {run: [x], target_dir: §" + "x" * 1001 + "}}", "longer than 1000", ""),
    ("{a: {run: [x], target_dir: §5}}", "must be text", "quotes"),
    *[
        (f'{{a: {{run: [x], artifact: §"x{escape}y"}}}}', "which make cannot use in a target", "use A-Z")
        for escape in (
            " ",
            "\\t",
            "\\n",
            "#",
            "$",
            ":",
            "%",
            "=",
            ";",
            "'",
            '\\"',
            "\\\\",
            "*",
            "?",
            "[",
            "~",
            "|",
            "&",
        )
    ],
    ('{a: {run: [x], artifact: §"x\\0"}}', "make cannot use", ""),
    ('{a: {run: [x], artifact: §"x\\n"}}', "make cannot use", ""),
    ("{a: {run: [x], artifact: §'x{{'}}", "`{`, which make cannot use", ""),
    ("{a: {run: [x], target_dir: t}, §b: {run: [x], target_dir: T/}}", "share the target directory `T`", "{variant}"),
    ("{a: {run: [x], target_dir: t}, §b: {run: [x], target_dir: t/b}}", "inside that of `a`", "beside"),
    ("{§a: {run: [x], target_dir: t/a/c}, b: {run: [x], target_dir: t}}", "inside that of `b`", "beside"),
    ("{a: {run: [x], artifact: o, build: [y]}, §b: {run: [x], artifact: O}}", "share the artifact `O`", ""),
    ("{§a: {run: [x], artifact: target-a}}", "path of a target directory", ""),
    ("{§a: {run: [x], target_dir: t/a, artifact: t}}", "path of a target directory", ""),
    ("{§a: {run: [x], artifact: test-a-m}}", "also the make target `test-a-m`", ""),
    ("{§a: {run: [x], artifact: build-a}}", "also the make target", ""),
    ("{§a: {run: [x], artifact: clean}}", "also the make target `clean`", ""),
]
MODULES = [
    ("{m: {weight: §0}}", "`weight` must be above 0", ""),
    ("{m: {leaks: §foo}}", "`leaks` must be `fail` or `warn` or `allow`, and is `foo`", "write `fail`"),
    ("{m: {slots: §0}}", "`slots` must be at least 1, and is `0`", ""),
    ("{m: {slots: §auto}}", "`slots` must be a whole number", ""),
    ("{m: {memory: §auto}}", "`memory` must be a size, and is `auto`", "as in `512 MiB`"),
    ("{m: {memory: §~}}", "`memory` has no value", ""),
    ("{m: {exclusive: §1}}", "`exclusive` must be true or false", ""),
    ("{m: {locks: §port}}", "`locks` must be a list", ""),
    ("{m: {locks: §[a, a]}}", "`locks` names `a` twice", ""),
    ("{m: {locks: [§../port]}}", "`../port` cannot be a name", "letters, digits"),
    ("{m: {locks: [§'a b']}}", "`a b` cannot be a name", ""),
    ("{m: {locks: [§'']}}", "cannot be a name", ""),
    ("{m: {locks: [§.]}}", "`.` cannot be a name", ""),
    ("{m: {locks: [§-a]}}", "`-a` cannot be a name", ""),
    ('{m: {locks: [§"a\\e[31m"]}}', "cannot be a name", ""),
    ('{m: {locks: [§"a\\nb"]}}', "cannot be a name", ""),
    ("{m: {locks: [§8080]}}", "must be text", "in quotes"),
    ("{m: {weight: §-1}}", "`weight` must be above 0", ""),
    ("{m: {weight: §.nan}}", "finite", ""),
    ("{m: {weight: §true}}", "must be a number", ""),
    ("{m: {weight: §~}}", "has no value", ""),
    ("{m: {§wieght: 1}}", "a module has no key `wieght`", "did you mean `weight`?"),
    ("{m: {§warm: true}}", "a module has no key `warm`", "it is a key of `defaults` and of a variant"),
    ("{m: {seeds: §0}}", "at least 1", ""),
    ("{m: {seeds: §1.5}}", "whole number", ""),
    ("{m: {seeds: §4294967297}}", "at most 4,294,967,296", ""),
    ("{m: {§chunks: 2}}", "`chunks` of module `m` needs `seeds`", ""),
    ("{m: {§seed_policy: fixed}}", "`seed_policy` of module `m` needs `seeds`", ""),
    ("{m: {§first_seed: 1}}", "`first_seed` of module `m` needs `seeds`", ""),
    ("{m: {seeds: 2, chunks: §3}}", "3 chunks for 2 seeds", "at most 2"),
    ("{m: {seeds: 2, chunks: §0}}", "at least 1", ""),
    ("{m: {seeds: 2, seed_policy: §comit}}", "`fixed` or `commit`", "did you mean `commit`?"),
    ("{m: {seeds: 1, seed_policy: commit, §first_seed: 0}}", "come from the commit", "remove it"),
    ("{m: {seeds: 2, first_seed: §4294967295}}", "above 4294967295, the largest seed", "at most 4294967294"),
    ("{m: {seeds: 2, first_seed: §4294967296}}", "at most", ""),
    ("{m: {seeds: 2, first_seed: §-1}}", "at least 0", ""),
    ("{m: {timeout: §0}}", "above 0", ""),
    ("{m: {timeout_cpu: §0}}", "above 0", ""),
    ("{m: {timeout_cpu: §.inf}}", "must be a finite number", ""),
    ("{m: {§timeout_cpuu: 1}}", "no key `timeout_cpuu`", "did you mean `timeout_cpu`?"),
    ("{m: {only: [§epo]}}", "no variant `epo`", "did you mean `eop`?"),
    ("{m: {except: [§qqq]}}", "no variant `qqq`", "the variants are eop"),
    ("{m: {only: [eop], except: [§eop]}}", "both in `only` and in `except`", "remove one"),
    ("{m: {only: §[eop, eop]}}", "names `eop` twice", "remove one"),
    ("{§m: {only: []}}", "left with no variant", "widen"),
    ("{§m: {except: [eop]}}", "left with no variant", "widen"),
    ("{m: {only: §eop}}", "must be a list", ""),
    ("{m: {only: [§1]}}", "must be text", "quotes"),
    ("{m: {only: §~}}", "has no value", ""),
    ("{m: {env: {§TMPDIR: x}}}", "set by Longpole", ""),
    ("{gc: {seeds: 9, chunks: 4}, §gc-3: }", "would both be the make target `test-eop-gc-3`", "rename"),
    ("{gc: {seeds: 9, chunks: 4}, §GC-0: }", "would both be the make target `test-eop-gc-0`", "rename"),
    ("{gc: , §Gc: }", "differ only in case", "rename"),
    ("{§.m: }", "cannot be a name", ""),
]


@pytest.mark.parametrize(("text", "what", "remedy"), WHOLE)
def test_a_mistake_in_the_suite_itself(text: str, what: str, remedy: str) -> None:
    one_mistake(text, what, remedy)


@pytest.mark.parametrize(("text", "what", "remedy"), LIMITS)
def test_a_mistake_in_limits(text: str, what: str, remedy: str) -> None:
    one_mistake(f"{HEAD}limits: {text}\nvariants: {{a: {{run: [x]}}}}\nmodules: {{m: }}\n", what, remedy)


@pytest.mark.parametrize(("text", "what", "remedy"), PLATFORMS)
def test_a_mistake_in_platforms(text: str, what: str, remedy: str) -> None:
    one_mistake(f"{HEAD}platforms: {text}\nvariants: {{a: {{run: [x]}}}}\nmodules: {{m: }}\n", what, remedy)


@pytest.mark.parametrize(("text", "what", "remedy"), VARIANTS)
def test_a_mistake_in_a_variant(text: str, what: str, remedy: str) -> None:
    one_mistake(f"{HEAD}modules: {{m: }}\nvariants: {text}\n", what, remedy)


@pytest.mark.parametrize(("text", "what", "remedy"), MODULES)
def test_a_mistake_in_a_module(text: str, what: str, remedy: str) -> None:
    one_mistake(f"{HEAD}variants: {{eop: {{run: [x]}}}}\nmodules: {text}\n", what, remedy)


@pytest.mark.parametrize(
    ("variants", "modules", "goal"),
    [
        ("{a: , a-b: }", "{b-c: , §c: }", "test-a-b-c"),
        ("{a: , A-b: }", "{b-c: , §c: }", "test-a-b-c"),
        ("{a: , a-b: }", "{§b: }", "test-a-b"),
        ("{a: , §a-m-1: }", "{x: , m: {seeds: 2, chunks: 2}}", "test-a-m-1"),
        ("{a: , a-b: }", "{b-c: {seeds: 2, chunks: 2}, §c-1: }", "test-a-b-c-1"),
    ],
)
def test_two_things_that_would_be_one_make_target_are_refused(variants: str, modules: str, goal: str) -> None:
    text = f"{HEAD}defaults: {{run: [x]}}\nvariants: {variants}\nmodules: {modules}\n"
    one_mistake(text, f"would both be the make target `{goal}`", "rename")


@pytest.mark.parametrize(
    ("run", "module"),
    [
        ("['{first_seed}']", "{seeds: 4, chunks: 2, seed_policy: §commit}"),
        ("[x, '{seed_count}']", "{seeds: 2, seed_policy: §commit}"),
        ("{shell: 'x {seeds} {seed_count}'}", "{seeds: 5, chunks: 4, seed_policy: §commit}"),
    ],
)
def test_several_seeds_from_the_commit_are_no_range(run: str, module: str) -> None:
    problem = "which are not a range"
    one_mistake(
        f"{HEAD}variants: {{a: {{run: {run}}}, b: {{run: [x]}}}}\nmodules: {{m: {module}}}\n", problem, "{seeds}"
    )
    elsewhere = module.replace("§", "").replace("}", ", only: [b]}")
    suite_from_bytes(
        f"{HEAD}variants: {{a: {{run: {run}}}, b: {{run: [x]}}}}\nmodules: {{m: {elsewhere}}}\n".encode(), "suite.yaml"
    )


@pytest.mark.parametrize("modules", ["{x-c: , §c: }", "{c: {seeds: 2, chunks: 2}, §c-1: }"])
def test_two_modules_that_meet_in_many_variants_are_told_once(modules: str) -> None:
    variants = "{a: , a-x: , b: , b-x: }"
    one_mistake(f"{HEAD}defaults: {{run: [x]}}\nvariants: {variants}\nmodules: {modules}\n", "both be", "rename")


def test_too_many_units_are_refused_before_they_are_counted_one_by_one() -> None:
    text = "variants: {a: , b: }\nmodules: {m: {seeds: 1000000, chunks: 1000000}}\n"
    assert "2,000,000 units" in only(f"{HEAD}defaults: {{run: [x]}}\n{text}").what


def test_a_mistake_in_the_defaults_is_told_once_and_at_its_own_place() -> None:
    text = "defaults: {run: [x, §'{modul}']}\nvariants: {a: , b: , c: }\nmodules: {m: , n: }\n"
    one_mistake(HEAD + text, "`{modul}`", "`module`")


def test_a_mistake_in_defaults_is_told_even_where_every_variant_overrides_it() -> None:
    text = "defaults: {build: [x, §'{module}']}\nvariants: {a: {run: [x], build: [y]}}\nmodules: {m: }\n"
    one_mistake(HEAD + text, "`{module}`", "")


ALL_AT_ONCE = """\
version: 1
nmae: rts
limits: {jobs: true, grace: 0}
defaults:
  target_dir: "target {variant}"
  run: [x, "{modul}"]
variants:
  eop: {warm: maybe}
  on: {}
  a: {run: [x, "{artifact}"]}
  a: {}
  A: {run: [x]}
modules:
  gc: {wieght: 15, seeds: 10, chunks: 100}
  b: {only: [epo], timeout: -1}
  c: {chunks: 5, env: {TMPDIR: x}}
"""


def test_one_mistake_hides_no_other() -> None:
    places = [(problem.line, problem.column) for problem in problems(ALL_AT_ONCE)]
    assert places == [
        (1, 1),  # no name
        (2, 1),  # nmae
        (3, 16),  # jobs
        (3, 29),  # grace
        (5, 15),  # target_dir, of each variant that has it
        (6, 12),  # modul
        (8, 15),  # warm
        (9, 3),  # on
        (10, 12),  # artifact
        (11, 3),  # a again
        (12, 3),  # A
        (14, 8),  # wieght
        (14, 39),  # chunks
        (15, 14),  # epo
        (15, 29),  # timeout
        (16, 7),  # chunks without seeds
        (16, 24),  # TMPDIR
    ]


def test_nothing_is_told_of_what_a_wrong_value_might_have_meant() -> None:
    assert only(f"{HEAD}variants: {{a: {{run: make}}}}\nmodules: {{m: }}\n").what.startswith("`run` must be")
    text = f"{HEAD}variants: {{a: {{run: [x]}}}}\nmodules: {{m: {{seeds: many, chunks: 2, first_seed: 1}}}}\n"
    assert only(text).what.startswith("`seeds` must be")
    text = f"{HEAD}variants: {{a: {{artifact: 5, run: ['{{artifact}}']}}}}\nmodules: {{m: }}\n"
    assert only(text).what.startswith("`artifact` must be")
    text = f"{HEAD}variants: {{a b: {{run: [x]}}}}\nmodules: {{m: {{only: [a b]}}}}\n"
    assert only(text).what.startswith("`a b` cannot be")


def test_a_missing_file_is_told() -> None:
    with pytest.raises(UseError, match=r"nowhere/suite\.yaml: there is no such file; "):
        load_suite("nowhere/suite.yaml")


def test_the_error_is_one_line_a_problem() -> None:
    with pytest.raises(UseError) as caught:
        suite_from_bytes(ALL_AT_ONCE.encode(), "suite\n.yaml")
    assert len(str(caught.value).splitlines()) == len(caught.value.problems)
    assert str(caught.value).startswith("suite\\n.yaml:1:1: a suite has no `name`; add `name:`\n")


@pytest.mark.slow
def test_thousands_of_mistakes_are_all_told() -> None:
    names = "".join(f"  {'x' * 80}{i}: {{run: [x], {'y' * 80}: 1, {'z' * 80}: 1}}\n" for i in range(5000))
    modules = "".join(f"  m{i}: {{only: [{'x' * 80}q{i}]}}\n" for i in range(5000))
    assert len(problems(f"{HEAD}variants:\n{names}modules:\n{modules}")) == 15_000
