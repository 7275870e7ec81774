"""bench.yaml: what is read, and every error with its place and remedy."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from longpole.perf.measure.bench import Bench, Benchmark, Command
from longpole.perf.measure.read import bench_from_bytes, read_bench
from longpole.perf.measure.shapes import json_schema
from longpole.rts_tests.contracts.errors import UseError

SCHEMA = Draft202012Validator(json.loads(json_schema()))
ENVIRON = {"PATH": "/bin", "LANG": "C"}


def read(text: str) -> Bench:
    made = bench_from_bytes(text.encode(), "/project/bench.yaml", ENVIRON)
    SCHEMA.validate(yaml.safe_load(text))
    return made


def only(text: str) -> Benchmark:
    (benchmark,) = read(text).benchmarks
    return benchmark


def test_the_least_that_can_be_written() -> None:
    made = read("version: 1\nbenchmarks:\n  sleep: {run: [sleep, 0.1]}\n")
    run = Command(("sleep", "0.1"), "/project/", ENVIRON)
    assert made == Bench(
        (Benchmark("sleep", run, None, None, None, None, 1, 10, 600.0, (), metrics=False),), reference=True
    )


def test_all_that_can_be_written() -> None:
    made = only(
        """
version: 1
reference: false
benchmarks:
  a b/c:
    cwd: sub
    env: {N: 1, LANG: de}
    run: {shell: "x | y"}
    setup: make all
    prepare: [sync]
    conclude: "rm -f out"
    cleanup: [make, clean]
    warmup: 0
    rounds: 3
    timeout: 2.5
    exit_status: [0, 1]
    output: [out, lib/]
    metrics: stdout
"""
    )
    environ = {"PATH": "/bin", "LANG": "de", "N": "1"}

    def command(*argv: str, statuses: tuple[int, ...] = (0,)) -> Command:
        return Command(argv, "/project/sub", environ, statuses)

    assert made == Benchmark(
        "a b/c",
        command("sh", "-c", "x | y", statuses=(0, 1)),
        command("sh", "-c", "make all"),
        command("sync"),
        command("sh", "-c", "rm -f out"),
        command("make", "clean"),
        0,
        3,
        2.5,
        ("/project/sub/out", "/project/sub/lib/"),
        metrics=True,
    )


def test_defaults_are_for_those_that_do_not_say_otherwise() -> None:
    made = read(
        """
version: 1
defaults: {rounds: 3, warmup: 2, env: {A: 1, B: 2}, prepare: sync, timeout: 7, cwd: /}
benchmarks:
  all: {run: [x]}
  own: {run: [x], rounds: 4, env: {B: 3, C: 4}, prepare: , cwd: sub}
"""
    ).benchmarks
    assert [(each.rounds, each.warmup, each.timeout_s) for each in made] == [(3, 2, 7.0), (4, 2, 7.0)]
    assert [each.run.environ for each in made] == [
        {**ENVIRON, "A": "1", "B": "2"},
        {**ENVIRON, "A": "1", "B": "3", "C": "4"},
    ]
    assert [each.prepare is None for each in made] == [False, True]
    assert [each.run.cwd for each in made] == ["/", "/project/sub"]


BEGIN = "version: 1\nbenchmarks:\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1:1: the file is empty; begin it with `version: 1`"),
        ("[]", "1:1: a file of benchmarks is a mapping"),
        ("version: 1\n", "1:1: the file has no `benchmarks`; add `benchmarks:`"),
        ("benchmarks: {a: {run: [x]}}\n", "1:1: the file has no `version`; add `version:`"),
        ("version: 2\nbenchmarks: 7\n", "1:10: version 2 of this format is newer than this Longpole"),
        ("version: 0\nbenchmarks: {a: {run: [x]}}\n", "1:10: `version` must be 1"),
        ("version: 1\nbenchmarks: {}\n", "2:13: `benchmarks` is empty"),
        ("version: 1\nbenchmarks: [a]\n", "2:13: `benchmarks` must be a mapping"),
        (f"{BEGIN}  a: [x]\n", "3:6: `a` must be a mapping"),
        (f"{BEGIN}  a: {{}}\n", "3:3: `a` has no `run`; add `run:`"),
        (f"{BEGIN}  a:\n    run: [x]\n    round: 3\n", "5:5: there is no key `round` here; did you mean `rounds`?"),
        (
            f"version: 1\nbenchmark: 1\n{BEGIN[11:]}  a: {{run: [x]}}\n",
            "2:1: there is no key `benchmark` here; did you",
        ),
        (
            f"version: 1\ndefaults: {{run: [x]}}\n{BEGIN[11:]}  a: {{run: [x]}}\n",
            "2:12: there is no key `run` here; it is a",
        ),
        (f"{BEGIN}  a: {{run: []}}\n", "3:12: `run` is no command; write a list of words"),
        (f"{BEGIN}  a: {{run: ' '}}\n", "3:12: `run` is no command"),
        (f"{BEGIN}  a: {{run: ['']}}\n", "3:12: `run` is no command"),
        (f"{BEGIN}  a: {{run: 7}}\n", "3:12: `run` is no command"),
        (f"{BEGIN}  a: {{run: {{shell: [x]}}}}\n", "3:12: `run` has no text for the shell"),
        (f"{BEGIN}  a: {{run: {{sh: x}}}}\n", "3:12: `run` is no command"),
        (f"{BEGIN}  a: {{run: [x, yes]}}\n", "3:12: `run` must be text, and a word of it is not; put it in quotes"),
        (f'{BEGIN}  a: {{run: [x, "\\0"]}}\n', "3:12: `run` holds text that no program can be given"),
        (f"{BEGIN}  a: {{run: [x], rounds: 0}}\n", "3:25: `rounds` must be at least 1"),
        (f"{BEGIN}  a: {{run: [x], rounds: 9999}}\n", "3:25: `rounds` must be at most 1,000"),
        (f"{BEGIN}  a: {{run: [x], rounds: 1.5}}\n", "3:25: `rounds` must be a whole number"),
        (f"{BEGIN}  a: {{run: [x], warmup: -1}}\n", "3:25: `warmup` must be at least 0"),
        (f"{BEGIN}  a: {{run: [x], timeout: 0}}\n", "3:26: `timeout` must be above 0"),
        (f"{BEGIN}  a: {{run: [x], timeout: .inf}}\n", "3:26: `timeout` must be"),
        (f"{BEGIN}  a: {{run: [x], timeout: .nan}}\n", "3:26: `timeout` must be"),
        (f"{BEGIN}  a: {{run: [x], timeout: 5 s}}\n", "3:26: `timeout` must be a number"),
        (f"{BEGIN}  a: {{run: [x], env: [x]}}\n", "3:22: `env` must be a mapping"),
        (f"{BEGIN}  a: {{run: [x], env: {{A-B: 1}}}}\n", "3:22: `env` has 'A-B', which cannot be the name"),
        (f"{BEGIN}  a: {{run: [x], env: {{A: yes}}}}\n", "3:22: `env` must be text, and the value of A is not"),
        (f"{BEGIN}  a: {{run: [x], exit_status: 256}}\n", "3:30: `exit_status` must be an exit status"),
        (f"{BEGIN}  a: {{run: [x], exit_status: []}}\n", "3:30: `exit_status` must be an exit status"),
        (f"{BEGIN}  a: {{run: [x], output: 7}}\n", "3:25: `output` must be a path, or a list of paths"),
        (f"{BEGIN}  a: {{run: [x], output: []}}\n", "3:25: `output` must be a path"),
        (f"{BEGIN}  a: {{run: [x], metrics: file}}\n", "3:26: `metrics` must be 'stdout'"),
        (f"{BEGIN}  a: {{run: [x], cwd: ''}}\n", "3:22: `cwd` must be a path"),
        (f"{BEGIN}  a: {{run: [x], cwd: 7}}\n", "3:22: `cwd` must be text"),
        (f"{BEGIN}  {'a' * 201}: {{run: [x]}}\n", "is too long"),
        (f'{BEGIN}  "a\\e": {{run: [x]}}\n', "has a character that cannot be printed"),
        (f"{BEGIN}  a: {{run: [x]}}\n  a: {{run: [y]}}\n", "4:3: the key `a` is given twice"),
        (f"{BEGIN}  7: {{run: [x]}}\n", "3:3: YAML reads the key `7` as a number"),
    ],
)
def test_errors_have_their_place_and_a_remedy(text: str, message: str) -> None:
    with pytest.raises(UseError) as error:
        bench_from_bytes(text.encode(), "bench.yaml", ENVIRON)
    assert message in str(error.value)
    assert all(line.startswith("bench.yaml:") and "; " in line for line in str(error.value).splitlines())


def test_all_errors_are_reported_at_once() -> None:
    with pytest.raises(UseError) as error:
        bench_from_bytes(f"{BEGIN}  a: {{run: 7, rounds: x}}\n  b: {{warmup: 1, x: 1}}\n".encode(), "b", ENVIRON)
    assert [(problem.line, problem.column) for problem in error.value.problems] == [(3, 12), (3, 23), (4, 3), (4, 18)]


_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_KEYS = st.sampled_from([*json.loads(json_schema())["$defs"]["BenchmarkSpec"]["properties"]])


@given(st.dictionaries(_KEYS, _VALUES, max_size=3))
def test_any_values_are_read_or_refused(values: dict[str, Any]) -> None:
    document = {"version": 1, "benchmarks": {"a": {"run": ["x"], **values}}}
    try:
        bench_from_bytes(json.dumps(document).encode(), "b", ENVIRON)
    except UseError as error:
        assert all(problem.remedy and problem.line for problem in error.problems)


def test_files_that_are_none(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(UseError, match=r"docs/perf-measure\.md|name the file of benchmarks"):
            read_bench(str(path), {})
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UseError, match="not an ordinary file"):
        read_bench(str(tmp_path / "pipe"), {})


def test_commands_run_in_the_folder_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bench.yaml").write_text(f"{BEGIN}  a: {{run: [x], cwd: y}}\n")
    monkeypatch.chdir(tmp_path)
    for path in ("bench.yaml", "./bench.yaml", str(tmp_path / "bench.yaml")):
        (benchmark,) = read_bench(path, {}).benchmarks
        assert Path(benchmark.run.cwd) == tmp_path / "y"
