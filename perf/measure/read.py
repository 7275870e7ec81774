"""From the text of `bench.yaml` to benchmarks. All errors in a file are reported at once, each with its place."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from longpole.perf.measure.bench import Bench, Benchmark, Command
from longpole.rts_tests.contracts import tree, yamltree
from longpole.rts_tests.contracts.problems import Problems, shown
from longpole.rts_tests.contracts.yamltree import Dialect

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from longpole.perf.measure.shapes import BenchmarkSpec, Settings

VERSION = 1
_DIALECT = Dialect(
    "a file of benchmarks",
    "begin it with `version: 1`",
    "four levels",
    "share keys by `defaults:`",
    "docs/perf-measure.md",
)
_WARMUP = 1
_ROUNDS = 10
_TIMEOUT_S = 600.0


def read_bench(path: str, environ: Mapping[str, str]) -> Bench:
    """The benchmarks of the file at `path`; their commands run in its folder, with `environ` and what the file adds.

    Raises `UseError` with all problems of the file.
    """
    return bench_from_bytes(yamltree.read(path, _DIALECT), path, environ)


def bench_from_bytes(data: bytes, path: str, environ: Mapping[str, str]) -> Bench:
    """The benchmarks in `data`; `path` names it in messages, and its folder is that of the commands."""
    from pydantic import ValidationError

    from longpole.perf.measure.shapes import BenchSpec

    problems = Problems(path)
    root = yamltree.parse(data, problems, _DIALECT)
    _check_version(root, problems)
    try:
        spec = BenchSpec.model_validate(_plain(root))
    except ValidationError as error:
        for details in error.errors(include_url=False, include_input=False):
            _report(details, root, problems)
        problems.stop()
    if problems:
        problems.stop()
    folder = os.path.dirname(os.path.abspath(path))
    each = (_benchmark(name, spec.defaults, given, folder, environ) for name, given in spec.benchmarks.items())
    return Bench(tuple(each), spec.reference)


def _plain(node: tree.Node) -> object:
    if isinstance(node, tree.Scalar):
        return node.value
    if isinstance(node, tree.Sequence):
        return [_plain(item) for item in node.items]
    return {name: _plain(entry.value) for name, entry in node.entries.items()}


def _check_version(root: tree.Mapping, problems: Problems) -> None:
    """Refuse a later version first: the meaning of the rest of such a file is unknown."""
    entry = root.entries.get("version")
    value = entry.value.value if entry and isinstance(entry.value, tree.Scalar) else None
    if entry and isinstance(value, int) and not isinstance(value, bool) and value > VERSION:
        what = f"version {value} of this format is newer than this Longpole, which reads version {VERSION}"
        problems.add(entry.value, what, "use a newer Longpole")
        problems.stop()


# -- from values to benchmarks ----------------------------------------------------------------------------------------


def _benchmark(
    name: str, defaults: "Settings", given: "BenchmarkSpec", folder: str, environ: Mapping[str, str]
) -> Benchmark:
    """A benchmark with what it takes from `defaults`. A key without a value, as `prepare:`, takes nothing."""

    def value(key: str, otherwise: object = None) -> object:
        chosen = getattr(given if key in given.model_fields_set else defaults, key)
        return otherwise if chosen is None else chosen

    cwd = os.path.join(folder, str(value("cwd", "")))
    variables = {**environ, **defaults.env, **given.env}

    def command(key: str) -> Command | None:
        argv = value(key)
        return Command(argv, cwd, variables) if isinstance(argv, tuple) else None

    statuses, warmup, rounds = value("exit_status", (0,)), value("warmup", _WARMUP), value("rounds", _ROUNDS)
    timeout_s = value("timeout", _TIMEOUT_S)
    assert isinstance(statuses, tuple) and isinstance(warmup, int) and isinstance(rounds, int)
    assert isinstance(timeout_s, float | int)
    return Benchmark(
        name,
        Command(given.run, cwd, variables, statuses),
        command("setup"),
        command("prepare"),
        command("conclude"),
        command("cleanup"),
        warmup,
        rounds,
        float(timeout_s),
        tuple(os.path.join(cwd, path) for path in given.output or ()),
        given.metrics is not None,
        None if given.records is None else os.path.join(cwd, given.records),
    )


# -- errors -----------------------------------------------------------------------------------------------------------

_DUE = {
    "bool_type": ("must be true or false", "write `true` or `false`"),
    "int_type": ("must be a whole number", "write digits only"),
    "float_type": ("must be a number", "write one such as 10 or 0.5"),
    "finite_number": ("must be a finite number", "write one such as 10 or 0.5"),
    "string_type": ("must be text", "put it in quotes"),
    "string_too_short": ("is empty", "write at least one character"),
    "string_too_long": ("is too long", "write at most 200 characters"),
    "value_error": ("has a character that cannot be printed", "remove it"),
    "dict_type": ("must be a mapping", "write `name: value` below it, indented"),
    "model_type": ("must be a mapping", "write `key: value` below it, indented"),
    "too_short": ("is empty", "write at least one"),
}
_BOUNDS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than_equal": ("le", "at most"),
}


def _report(details: "ErrorDetails", root: tree.Mapping, problems: Problems) -> None:
    """Add one of pydantic's errors in our words, at its place."""
    from longpole.perf.measure.shapes import WRONG

    kind, path, context = details["type"], details["loc"], details.get("ctx", {})
    node, key = _find(root, path)
    subject = shown(key.text) if key else "the file"
    if kind == "extra_forbidden":
        what, remedy = f"there is no key {subject} here", _known_keys(str(path[-1]), path, problems)
        node = key or node
    elif kind == "missing":
        what, remedy = f"{subject if key else 'the file'} has no `{path[-1]}`", f"add `{path[-1]}:`"
        node = key or node
    elif kind == WRONG:
        what, remedy = f"{subject} {context['what']}", context["remedy"]
    elif kind in _BOUNDS:
        bound, words = _BOUNDS[kind]
        what, remedy = f"{subject} must be {words} {context[bound]:,g}", "write such a number"
    elif kind == "literal_error":
        what, remedy = f"{subject} must be {context['expected']}", "write that, or remove the key"
    else:
        what, remedy = _DUE.get(kind, (f"is not valid: {details['msg']}", "docs/perf-measure.md describes the key"))
        what = f"{subject} {what}"
    problems.add(node, what, remedy)


def _find(root: tree.Mapping, path: tuple[int | str, ...]) -> tuple[tree.Node, tree.Scalar | None]:
    """The innermost node on the way of one of pydantic's paths, and the key that it is under."""
    node: tree.Node = root
    key = None
    for step in path:
        if isinstance(node, tree.Mapping) and (entry := node.entries.get(str(step))):
            node, key = entry.value, entry.key
    return node, key


def _known_keys(name: str, path: tuple[int | str, ...], problems: Problems) -> str:
    from longpole.perf.measure.shapes import BenchmarkSpec, BenchSpec, Settings

    model = BenchSpec if len(path) == 1 else Settings if path[0] == "defaults" else BenchmarkSpec
    known = list(model.model_fields)
    if model is Settings and name in BenchmarkSpec.model_fields:
        return "it is a key of a benchmark"
    return problems.suggest(name, known, f"the keys are {', '.join(known)}")
