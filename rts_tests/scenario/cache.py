"""Parsed scenarios, kept by content, so that a corpus is parsed once for each change of a file.

A scenario is found again by the SHA-256 of its bytes, wherever its file is, if the fixtures that it used have the bytes
that they had. Files with errors are never kept. The cache is one file of two lines: a header, with the format, a
fingerprint of the parser's sources and the checksum of the rest; and the rest, rows in JSON. A file that is damaged or
from another parser counts as empty, and a row that is not of the expected form as missing.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import astuple
from typing import Any

from longpole.rts_tests.contracts import problems, tree, yamltree
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import parse_json, read_regular, write_atomic
from longpole.rts_tests.scenario import (
    conditions,
    golden_names,
    matrix,
    model,
    names,
    parse,
    patterns,
    read_input,
    read_isolation,
    read_programs,
    read_repository,
    reading,
    shapes,
)
from longpole.rts_tests.scenario import fixtures as fixtures_module
from longpole.rts_tests.scenario.fixtures import Fixtures
from longpole.rts_tests.scenario.model import (
    Branch,
    Check,
    Exchange,
    File,
    Input,
    Isolation,
    Ready,
    Repeat,
    Repository,
    Scenario,
    Step,
    Stop,
    Terminal,
)

FORMAT = 1
MAX_ROWS = 20_000
"""Rows that are kept; those that were used last stay."""
_PARSER = (
    parse,
    matrix,
    conditions,
    golden_names,
    reading,
    read_repository,
    read_programs,
    read_input,
    read_isolation,
    patterns,
    fixtures_module,
    shapes,
    names,
    model,
    yamltree,
    tree,
    problems,
)
_Row = list[Any]


class Cache:
    """The parsed scenarios in the file at `path`; with None they are kept in memory only."""

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._rows = _read(path) if path is not None else {}
        self._used: dict[str, _Row] = {}
        self._is_new = False

    def scenario(self, data: bytes, path: str, fixtures: Fixtures, *, strict: bool) -> Scenario:
        """What `parse` returns for the same arguments, or raises."""
        digest = hashlib.sha256(b"strict\n" + data if strict else data).hexdigest()
        row = self._rows.get(digest)
        found = _known(row, path, fixtures) if row is not None else None
        if found is not None and row is not None:
            self._used[digest] = row
            return found
        recorder = _Recorder(fixtures)
        scenario = parse.parse(data, path, recorder, strict=strict)
        self._used[digest] = self._rows[digest] = [list(recorder.digests.items()), _row(scenario)]
        self._is_new = True
        return scenario

    def save(self) -> None:
        """Write what is new, with what was used last at the end. What cannot be written will be parsed again."""
        if self._path is None or not self._is_new:
            return
        kept = {digest: row for digest, row in self._rows.items() if digest not in self._used}
        rows = list({**kept, **self._used}.items())[-MAX_ROWS:]
        body = json.dumps(dict(rows), separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
        try:
            write_atomic(self._path, _header(body) + body)
        except OSError:
            return  # a full disk or a read-only folder costs time, and no run
        self._is_new = False


class _Recorder:
    """Fixtures that remember which of them were used, with the digests of their files."""

    def __init__(self, fixtures: Fixtures) -> None:
        self._fixtures = fixtures
        self.digests: dict[str, str] = {}

    def repository(self, fixture: str, name: str) -> Repository:
        """The repository of a fixture, as `Fixtures.repository`."""
        self.digests[fixture] = _digest(self._fixtures, fixture)
        return self._fixtures.repository(fixture, name)


def _digest(fixtures: Fixtures, fixture: str) -> str:
    return hashlib.sha256(fixtures.data(fixture)).hexdigest()


def _header(body: bytes) -> bytes:
    header = {"format": FORMAT, "parser": _fingerprint(), "sha256": hashlib.sha256(body).hexdigest()}
    return json.dumps(header).encode() + b"\n"


def _fingerprint() -> str:
    """What changes whenever the parser does: rows of another one may lack its checks."""
    digest = hashlib.sha256()
    for module in _PARSER:
        assert module.__file__ is not None
        digest.update(read_regular(module.__file__))
    return digest.hexdigest()


def _read(path: str) -> dict[str, _Row]:
    try:
        header, _, body = read_regular(path).partition(b"\n")
        if header + b"\n" != _header(body):
            return {}
        rows = parse_json(body)
    except (OSError, ValueError):
        return {}
    return rows if isinstance(rows, dict) else {}


def _known(row: _Row, path: str, fixtures: Fixtures) -> Scenario | None:
    """The scenario of a row; None if a fixture has changed, or if the row is none of ours."""
    try:
        digests, scenario = row
        if all(_digest(fixtures, fixture) == digest for fixture, digest in digests):
            return _scenario(scenario, path)
    except (UseError, TypeError, ValueError, AttributeError):
        pass  # parsing it anew says what is wrong
    return None


def _row(scenario: Scenario) -> _Row:
    steps = [
        [
            *(s.name, s.run, s.line, s.cwd, s.exit_code, s.exit_line),
            *(_check_rows(s), s.timeout_s, _input_row(s), *_program_row(s)),
        ]
        for s in scenario.steps
    ]
    repositories = [
        [r.name, r.default_branch, [_branch_row(b) for b in r.branches], r.daft_yml, _file_rows(r.hook_scripts)]
        for r in scenario.repositories
    ]
    env = dict(scenario.env)
    rest: _Row = [scenario.timeout_s, scenario.tags, scenario.matrix, scenario.excluded]
    rest += [scenario.requires, scenario.skip_if, astuple(scenario.isolation), scenario.locks]
    return [scenario.name, scenario.description, repositories, env, steps, *rest]


def _branch_row(branch: Branch) -> _Row:
    return [branch.name, branch.base, _file_rows(branch.files), branch.messages]


def _file_rows(files: tuple[File, ...]) -> list[_Row]:
    return [[file.path, file.content] for file in files]


def _scenario(row: _Row, path: str) -> Scenario:
    name, description, repositories, env, steps, timeout_s, tags, axes, excluded, requires, skip_if, apart, locks = row
    return Scenario(
        path,
        name,
        description,
        tuple(
            Repository(name, default, _each(_branch, branches), daft_yml, _each(_file, hooks))
            for name, default, branches, daft_yml, hooks in repositories
        ),
        env,
        tuple(
            Step(
                *(name, run, line, cwd, exit_code, _each(_check, checks), timeout_s),
                *(*_program(program), *_input(given), exit_line),
            )
            for name, run, line, cwd, exit_code, exit_line, checks, timeout_s, given, *program in steps
        ),
        timeout_s,
        tuple(tags),
        tuple((axis, tuple(values)) for axis, values in axes),
        tuple(tuple((axis, value) for axis, value in each) for each in excluded),
        requires=tuple(requires),
        skip_if=skip_if,
        isolation=Isolation(*apart),
        locks=tuple(locks),
    )


def _each(made: Callable[[_Row], Any], rows: list[_Row]) -> tuple[Any, ...]:
    return tuple(map(made, rows))


def _check_rows(step: Step) -> list[_Row]:
    return [[check.key, check.texts, check.line] for check in step.checks]


def _program_row(step: Step) -> _Row:
    ready, stop = step.ready, step.stop
    return [
        step.background,
        None if ready is None else astuple(ready),
        None if stop is None else astuple(stop),
        step.wait,
    ]


def _input_row(step: Step) -> _Row | None:
    if step.input == Input() and step.repeat is None:
        return None
    return [*astuple(step.input), None if step.repeat is None else astuple(step.repeat)]


def _input(row: _Row | None) -> tuple[Input, Repeat | None]:
    if row is None:
        return Input(), None
    stdin, terminal, dialog, repeat = row
    exchanges = tuple(Exchange(*each) for each in dialog)
    return Input(stdin, terminal and Terminal(*terminal), exchanges), repeat and Repeat(*repeat)


def _program(row: _Row) -> tuple[str | None, Ready | None, Stop | None, str | None]:
    background, ready, stop, wait = row
    return background, ready and Ready(*ready), stop and Stop(*stop), wait


def _branch(row: _Row) -> Branch:
    name, base, files, messages = row
    return Branch(name, base, _each(_file, files), tuple(messages))


def _file(row: _Row) -> File:
    path, content = row
    return File(path, content)


def _check(row: _Row) -> Check:
    key, texts, line = row
    return Check(key, tuple(texts), line)
