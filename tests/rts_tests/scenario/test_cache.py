"""Parsed scenarios, kept by content: the same as parsed anew, never stale, never believed blindly."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.scenario import cache, parse
from longpole.rts_tests.scenario.cache import Cache
from longpole.rts_tests.scenario.fixtures import Fixtures
from longpole.rts_tests.scenario.model import Scenario
from tests.rts_tests.scenario.scenarios import HEAD, write_fixture
from tests.rts_tests.scenario.test_parse import WHOLE

EXTENDED = f"{HEAD}matrix: {{A: [a, b], B: [c, '']}}\nexclude: [{{A: a, B: c}}, {{B: ''}}]\n"
EXTENDED += "requires: [jq, git>=2]\nskip_if: a b\nisolate: {tmp: private, clock: 2030-01-31}\nlocks: [a, b]\n"
PROGRAMS = "name: x\nsteps:\n  - {name: s, run: r, background: d, ready: {port: 1, timeout: 2.5}}\n"
PROGRAMS += (
    "  - {name: t, run: r, background: e}\n  - {name: u, stop: {name: d, signal: INT}}\n  - {name: v, wait: e}\n"
)
INPUTS = "name: x\nsteps:\n  - {name: s, run: r, stdin: a, tty: {rows: 5}}\n"
INPUTS += "  - {name: t, run: r, tty: {}, eventually: {within: 5}}\n"
INPUTS += "  - {name: u, run: r, dialog: [{wait: a, send: b, timeout: 2}], eventually: {within: 5, every: 2}}\n"
USES = f"{HEAD}timeout: 1.5\ntags: [a, b]\nrepos: [{{name: r, use_fixture: std}}, {{name: q, use_fixture: std}}]\n"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The paths of what is really parsed."""
    paths: list[str] = []
    real = parse.parse

    def counting(data: bytes, path: str, fixtures: parse.HasRepositories, *, strict: bool) -> Scenario:
        paths.append(path)
        return real(data, path, fixtures, strict=strict)

    monkeypatch.setattr(parse, "parse", counting)
    yield paths


@pytest.fixture
def fixtures(tmp_path: Path) -> str:
    write_fixture(tmp_path, "std", "branches: [{name: main, files: [{path: a, content: '{{NAME}}'}]}]\n")
    return str(tmp_path)


def read(path: Path, text: str, fixtures: str, *, name: str = "a.yml", strict: bool = False) -> Scenario:
    """The scenario by a cache of its own, which is saved, as a new process would have it."""
    mine = Cache(str(path))
    scenario = mine.scenario(text.encode(), name, Fixtures(fixtures), strict=strict)
    mine.save()
    return scenario


@pytest.mark.parametrize(
    "text", [WHOLE, USES, EXTENDED, PROGRAMS, INPUTS, HEAD, f'{HEAD}description: "\\0 \\U0001F600 \\u2028"\n']
)
def test_what_was_kept_is_what_was_parsed(tmp_path: Path, fixtures: str, parsed: list[str], text: str) -> None:
    first = read(tmp_path / "cache", text, fixtures)
    again = read(tmp_path / "cache", text, fixtures)
    assert again == first
    assert parsed == ["a.yml"]
    moved = read(tmp_path / "cache", text, fixtures, name="elsewhere/b.yml")
    assert (moved.path, moved.steps) == ("elsewhere/b.yml", first.steps)
    assert parsed == ["a.yml"]


def test_a_change_of_the_file_is_parsed(tmp_path: Path, fixtures: str, parsed: list[str]) -> None:
    read(tmp_path / "cache", HEAD, fixtures)
    assert read(tmp_path / "cache", HEAD + "description: new\n", fixtures).description == "new"
    assert len(parsed) == 2
    read(tmp_path / "cache", HEAD, fixtures)
    assert len(parsed) == 2  # the other one is kept as well


def test_a_change_of_a_fixture_is_parsed(tmp_path: Path, fixtures: str, parsed: list[str]) -> None:
    read(tmp_path / "cache", USES, fixtures)
    write_fixture(tmp_path, "std", "daft_yml: new\n")
    assert read(tmp_path / "cache", USES, fixtures).repositories[0].daft_yml == "new"
    (tmp_path / "repos" / "std.yml").unlink()
    with pytest.raises(UseError, match="there is no such fixture"):
        read(tmp_path / "cache", USES, fixtures)
    assert len(parsed) == 3


def test_strict_and_not_strict_are_kept_apart(tmp_path: Path, fixtures: str) -> None:
    read(tmp_path / "cache", USES, fixtures)
    with pytest.raises(UseError, match="is an extension"):
        read(tmp_path / "cache", USES, fixtures, strict=True)


def test_errors_are_not_kept(tmp_path: Path, fixtures: str) -> None:
    for _ in range(2):
        with pytest.raises(UseError, match="needs `name`"):
            read(tmp_path / "cache", "steps: [{name: a, run: b}]\n", fixtures)
    assert not (tmp_path / "cache").exists()


def test_another_parser_parses_anew(
    tmp_path: Path, fixtures: str, parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read(tmp_path / "cache", HEAD, fixtures)
    monkeypatch.setattr(cache, "FORMAT", cache.FORMAT + 1)
    read(tmp_path / "cache", HEAD, fixtures)
    monkeypatch.setattr(cache, "_PARSER", cache._PARSER[:-1])
    read(tmp_path / "cache", HEAD, fixtures)
    assert len(parsed) == 3


@pytest.mark.parametrize("at", [0, 40, 200, 300, -1])
def test_a_damaged_file_is_parsed_anew_and_written_again(
    tmp_path: Path, fixtures: str, parsed: list[str], at: int
) -> None:
    path = tmp_path / "cache"
    first = read(path, WHOLE, fixtures)
    whole = path.read_bytes()
    damaged = bytearray(whole)
    damaged[at] ^= 1
    for data in (bytes(damaged), whole[:at], b"", b"\n", b"[]\n{}"):
        path.write_bytes(data)
        assert read(path, WHOLE, fixtures) == first
        assert path.read_bytes() == whole
    assert len(parsed) == 6


@pytest.mark.parametrize("row", [None, 5, [], [[], []], [[], None], ["x", "y"], [[["std", 5]], []], [{}, [1] * 7]])
def test_a_row_of_another_form_is_parsed_anew(tmp_path: Path, fixtures: str, parsed: list[str], row: object) -> None:
    path = tmp_path / "cache"
    first = read(path, HEAD, fixtures)
    (digest,) = json.loads(path.read_bytes().split(b"\n", 1)[1])
    body = json.dumps({digest: row}).encode()
    path.write_bytes(cache._header(body) + body)
    assert read(path, HEAD, fixtures) == first
    assert len(parsed) == 2


def test_what_was_used_last_is_kept(tmp_path: Path, fixtures: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MAX_ROWS", 2)
    path = tmp_path / "cache"
    for name in ("one", "two", "three"):
        read(path, HEAD.replace("name: x", f"name: {name}"), fixtures)
    assert [row[1][0] for row in json.loads(path.read_bytes().split(b"\n", 1)[1]).values()] == ["two", "three"]


def test_a_cache_that_cannot_be_written_is_none(tmp_path: Path, fixtures: str) -> None:
    assert read(tmp_path / "no" / "folder" / "cache", HEAD, fixtures).name == "x"
    (tmp_path / "cache").mkdir()
    assert read(tmp_path / "cache", HEAD, fixtures).name == "x"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "repos"]
    in_memory = Cache(None)
    in_memory.scenario(HEAD.encode(), "a.yml", Fixtures(fixtures), strict=True)
    in_memory.save()


def test_nothing_is_written_where_nothing_is_new(tmp_path: Path, fixtures: str) -> None:
    path = tmp_path / "cache"
    read(path, HEAD, fixtures)
    before = path.stat()
    read(path, HEAD, fixtures)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
