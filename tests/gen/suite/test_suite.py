"""Suites that are right: what is written is what is loaded, and what is left out has its default."""

import json
from pathlib import Path

import pytest

from longpole.gen.suite.model import Command, Limits, Module, Platform, Suite, Variant
from longpole.gen.suite.read import load_suite, suite_from_bytes
from tests.project import REPOSITORY

FULL = """\
# yaml-language-server: $schema=docs/suite.schema.json
version: 1
name: rts
limits:
  jobs: 8
  timeout: 300
  grace: 2.5
  log: 4096
  retries: 2
  flaky: pass
  keep: failed
  slots: auto
  memory: 1.5 GiB
platforms:
  x86_64-linux: {default: checked}
  aarch64-darwin: {default: build, nightly: true, shards: 2}
defaults:
  target_dir: "target-{variant}"
  build: ["{make}", -C, rts, "VARIANT={variant}", "OUT=../{target_dir}"]
  artifact: "{target_dir}/rts-test.cwasm"
  run: ["{python}", -m, rts_tests.warm.wasm, "{artifact}", "test_{module}", "{first_seed}", "{seed_count}"]
  warm: true
  env: {NAME: value, LEVEL: 1.10}
variants:
  eop: {}
  incremental:
    env: {LEVEL: 2, MORE: yes}
modules:
  gc: {weight: 15, seeds: 100, chunks: 10, first_seed: 5, timeout: 120, only: [eop], except: [], env: {A: b},
    retries: 3, leaks: warn, slots: 4, memory: 512MiB, locks: [port-8080, db], exclusive: true}
  crc32:
"""

SMALL = "version: 1\nname: small\n"
RUN = "defaults: {run: [./run]}\n"


def suite(text: str) -> Suite:
    return suite_from_bytes(text.encode(), "suite.yaml")


def modules(text: str, variants: str = "{a: , b: , c: }") -> dict[str, Module]:
    loaded = suite(f"{SMALL}{RUN}variants: {variants}\nmodules: {text}\n")
    return {module.name: module for module in loaded.modules}


def variant(text: str, name: str = "a") -> Variant:
    return suite(f"{SMALL}variants:\n  {name}: {text}\nmodules: {{m: }}\n").variants[0]


def test_everything_that_is_written_is_loaded(tmp_path: Path) -> None:  # long: every key of a suite
    path = tmp_path / "suite.yaml"
    path.write_text(FULL)
    build = Command(("{make}", "-C", "rts", "VARIANT={variant}", "OUT=../{target_dir}"), shell=False)
    begin = ("{longpole_python}", "-EPm", "longpole.rts_tests.warm.wasm")
    run = Command((*begin, "{artifact}", "test_{module}", "{first_seed}", "{seed_count}"), shell=False)
    assert load_suite(str(path)) == Suite(
        path=str(path),
        name="rts",
        limits=Limits(8, 300, 2.5, 4096, retries=2, flaky="pass", keep="failed", slots="auto", memory=3 * 2**29),
        platforms=(
            Platform("x86_64-linux", checked=True, nightly=False, shards=1),
            Platform("aarch64-darwin", checked=False, nightly=True, shards=2),
        ),
        variants=(
            Variant(
                name="eop",
                target_dir="target-eop",
                artifact="target-eop/rts-test.cwasm",
                build=build,
                run=run,
                warm=True,
                env=(("NAME", "value"), ("LEVEL", "1.10")),
            ),
            Variant(
                name="incremental",
                target_dir="target-incremental",
                artifact="target-incremental/rts-test.cwasm",
                build=build,
                run=run,
                warm=True,
                env=(("NAME", "value"), ("LEVEL", "2"), ("MORE", "yes")),
            ),
        ),
        modules=(
            Module(
                "gc",
                15,
                100,
                5,
                10,
                "fixed",
                120,
                3,
                "warn",
                ("eop",),
                (("A", "b"),),
                slots=4,
                memory_bytes=2**29,
                exclusive=True,
                locks=("db", "port-8080"),
            ),
            Module("crc32", 1, 0, 0, None, None, 300, 2, "fail", ("eop", "incremental"), ()),
        ),
    )


def test_what_is_left_out_has_its_default() -> None:
    loaded = suite(f"{SMALL}variants: {{a: {{run: [x]}}}}\nmodules: {{m: }}\n")
    assert loaded.limits == Limits(None, 600, 5, 16 * 1024 * 1024, retries=0, flaky="fail", keep="none")
    assert loaded.platforms == ()
    assert loaded.variants == (Variant("a", "target-a", None, None, Command(("x",), shell=False), False, ()),)
    assert loaded.modules == (Module("m", 1, 0, 0, None, None, 600, 0, "fail", ("a",), ()),)


def test_sections_of_which_only_the_key_is_written_are_empty() -> None:
    empty = "limits:\nplatforms:\n  x86_64-linux:\ndefaults:\nvariants:\n  a:\n    env:\n    run: [x]\nmodules:\n  m:\n"
    assert suite(SMALL + empty).platforms == (Platform("x86_64-linux", False, False, 1),)


def test_a_variants_own_keys_win_over_the_defaults() -> None:
    loaded = suite(
        SMALL + "defaults: {run: [a], build: [b], artifact: x/a, target_dir: 'x-{variant}', warm: false}\n"
        "variants: {v: {run: [c], artifact: x/b, target_dir: y}, w: }\nmodules: {m: }\n"
    )
    own, other = loaded.variants
    assert (own.run.argv, own.artifact, own.target_dir) == (("c",), "x/b", "y")
    assert (other.run.argv, other.artifact, other.target_dir) == (("a",), "x/a", "x-w")
    assert own.build == other.build == Command(("b",), shell=False)


def test_variants_and_modules_keep_the_files_order() -> None:
    loaded = suite(f"{SMALL}{RUN}variants: {{z: , a: , m: }}\nmodules: {{y: {{only: [m, z]}}, b: }}\n")
    assert [v.name for v in loaded.variants] == ["z", "a", "m"]
    assert [(m.name, m.variants) for m in loaded.modules] == [("y", ("z", "m")), ("b", ("z", "a", "m"))]


def test_a_shell_command_is_sh_with_one_text() -> None:
    assert variant('{run: {shell: "./run {module} | grep {{}}"}}').run == Command(
        ("sh", "-c", "./run {module} | grep {{}}"), shell=True
    )


def test_numbers_are_words_as_they_are_written() -> None:
    assert variant("{run: [x, 010, 1.10, -5, 1_000, 0x1F, 1e3]}").run.argv[1:] == (
        "010",
        "1.10",
        "-5",
        "1_000",
        "0x1F",
        "1e3",
    )


@pytest.mark.parametrize("word", ["", "a b", "a\nb", "$HOME", "'", '"', "\\", "#", "é", "-", "*", "\x7f"])
def test_a_word_of_a_command_may_hold_anything_but_nul(word: str) -> None:
    escaped = "".join(f"\\U{ord(c):08x}" for c in word)
    assert variant(f'{{run: [x, "{escaped}"]}}').run.argv == ("x", word)


def test_paths_come_out_normal() -> None:
    made = variant('{run: [x], target_dir: "./out//{variant}/", artifact: "{target_dir}/./bin/x"}')
    assert (made.target_dir, made.artifact) == ("out/a", "out/a/bin/x")


@pytest.mark.parametrize("name", ["a", "'1'", "_", "0a.b-c_d", "x" * 100, "'1.5'", "'on'", "'null'", "32bit"])
def test_names_hold_letters_digits_and_a_few_signs(name: str) -> None:
    assert variant("{run: [x]}", name).name == name.strip("'")


def test_one_chunk_is_a_chunk_and_no_chunks_are_none() -> None:
    loaded = modules("{one: {seeds: 3, chunks: 1}, none: {seeds: 3}, all: {seeds: 3, chunks: 3}}")
    assert [loaded[name].chunks for name in ("one", "none", "all")] == [1, None, 3]


def test_only_and_except_choose_variants() -> None:
    loaded = modules("{o: {only: [c, a]}, e: {except: [b]}, both: {only: [a, b], except: [c]}}")
    assert [loaded[name].variants for name in ("o", "e", "both")] == [("a", "c"), ("a", "c"), ("a", "b")]


def test_seeds_reach_up_to_the_largest_and_no_further() -> None:
    assert modules("{m: {seeds: 2, first_seed: 4294967294}}")["m"].first_seed == 2**32 - 2
    assert modules("{m: {seeds: 4294967296}}")["m"].seeds == 2**32


def test_commit_seeds_are_told_one_by_one() -> None:
    run = "defaults: {run: [x, '{seeds}']}\n"
    loaded = suite(SMALL + run + "variants: {a: }\nmodules: {m: {seeds: 4, chunks: 2, seed_policy: commit}}\n")
    assert loaded.modules[0].seed_policy == "commit"
    run = "defaults: {run: [x, '{first_seed}', '{seed_count}']}\n"
    loaded = suite(SMALL + run + "variants: {a: }\nmodules: {m: {seeds: 4, chunks: 4, seed_policy: commit}}\n")
    assert loaded.modules[0].chunks == 4


def test_a_prebuilt_artifact_may_serve_several_variants() -> None:
    run = "defaults: {artifact: bin/x, run: ['{artifact}', '{variant}']}\n"
    assert len(suite(f"{SMALL}{run}variants: {{a: , b: }}\nmodules: {{m: }}\n").variants) == 2


@pytest.mark.parametrize(
    "text",
    [
        "{gc: {seeds: 9, chunks: 3}, gc-3: }",
        "{gc: {seeds: 9, chunks: 3}, gc-01: }",
        "{gc: {seeds: 9}, gc-0: }",
        "{b-c: , c: {except: [a-b]}}",
        "{b-c: {except: [a]}, c: }",
    ],
)
def test_names_that_only_nearly_meet_are_fine(text: str) -> None:
    assert modules(text, "{a: , a-b: }")


def test_a_million_units_are_allowed() -> None:
    assert modules("{m: {seeds: 1000000, chunks: 1000000}}", "{a: }")["m"].chunks == 1_000_000


def test_the_example_of_the_documentation_is_a_suite_of_22_units() -> None:
    page = (REPOSITORY / "docs" / "suite.md").read_text()
    loaded = suite(page.split("```yaml\n")[1].split("```")[0])
    assert sum(len(module.variants) * (module.chunks or 1) for module in loaded.modules) == 22


def test_the_example_of_the_schema_is_a_suite() -> None:
    published = json.loads((REPOSITORY / "docs" / "suite.schema.json").read_text())
    assert suite(json.dumps(published["examples"][0])).name == "rts"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        ("1073741824", 2**30),
        ("2GiB", 2**31),
        ("512 MiB", 2**29),
        ("0.5 KiB", 512),
        ("7 B", 7),
        ("1 TiB", 2**40),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert (
        suite(f"{SMALL}limits: {{memory: {text}}}\nvariants: {{a: {{run: [x]}}}}\nmodules: {{m: }}\n").limits.memory
        == size
    )


def test_a_limit_of_cpu_time_is_that_of_the_module_else_that_of_the_suite() -> None:
    text = (
        "version: 1\nname: x\nlimits: {timeout_cpu: 60}\nvariants: {v: {run: [x]}}\n"
        "modules: {own: {timeout_cpu: 2.5}, inherited: }\n"
    )
    limits = {module.name: module.timeout_cpu_s for module in suite_from_bytes(text.encode(), "suite.yaml").modules}
    assert limits == {"own": 2.5, "inherited": 60.0}
    without = suite_from_bytes(text.replace("limits: {timeout_cpu: 60}\n", "").encode(), "suite.yaml")
    assert without.modules[1].timeout_cpu_s is None
