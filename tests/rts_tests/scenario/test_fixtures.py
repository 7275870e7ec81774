"""Fixtures: repositories described in files of their own."""

from pathlib import Path

import pytest

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.scenario.fixtures import Fixtures
from longpole.rts_tests.scenario.model import Branch, File
from tests.rts_tests.scenario.scenarios import HEAD, parsed, problems, write_fixture

TEXT = "branches: [{name: main, files: [{path: a, content: '{{NAME}} {{name}} {{NAME}}'}]}]\n"


def _use(fixture: str, name: str = "r") -> str:
    return f"{HEAD}repos:\n  - {{name: {name}, use_fixture: {fixture}}}\n"


def test_the_name_is_filled_in_before_the_text_is_read(tmp_path: Path) -> None:
    write_fixture(tmp_path, "std", TEXT)
    fixtures = Fixtures(str(tmp_path))
    for name in ("one", "two"):
        found = fixtures.repository("std", name)
        assert found.name == name
        assert found.branches == (Branch("main", None, (File("a", f"{name} {{{{name}}}} {name}"),)),)


def test_a_fixture_without_the_name_is_read_once(tmp_path: Path) -> None:
    write_fixture(tmp_path, "std", "daft_yml: x\n")
    fixtures = Fixtures(str(tmp_path))
    one = fixtures.repository("std", "one")
    (tmp_path / "repos" / "std.yml").unlink()
    two = fixtures.repository("std", "two")
    assert (one.name, two.name, one.daft_yml) == ("one", "two", two.daft_yml)


def test_the_suffix_is_appended_and_none_is_replaced(tmp_path: Path) -> None:
    write_fixture(tmp_path, "v1.2", "daft_yml: right\n")
    write_fixture(tmp_path, "v1", "daft_yml: wrong\n")
    assert parsed(_use("v1.2"), str(tmp_path)).repositories[0].daft_yml == "right"


def test_a_fixture_may_be_in_a_folder(tmp_path: Path) -> None:
    write_fixture(tmp_path, "old/one", "daft_yml: x\n")
    assert parsed(_use("old/one"), str(tmp_path)).repositories[0].daft_yml == "x"


def test_a_missing_fixture_names_both_files(tmp_path: Path) -> None:
    write_fixture(tmp_path, "standard", TEXT)
    (problem,) = problems(_use("standrd"), str(tmp_path))
    assert str(problem) == (
        f"a.yml:5:28: the fixture `standrd` cannot be used: {tmp_path}/repos/standrd.yml: there is no such fixture; "
        "did you mean `standard`?"
    )


def test_a_folder_of_fixtures_that_does_not_exist(tmp_path: Path) -> None:
    (problem,) = problems(_use("x"), str(tmp_path / "none"))
    assert "there is no such fixture; write it, or name its folder by `fixtures` in the suite, or --fixtures" in str(
        problem
    )


def test_all_errors_of_a_fixture_are_reported_with_both_places(tmp_path: Path) -> None:
    write_fixture(tmp_path, "bad", "branchs: []\ndefault_branch: a..b\n")
    first, second = problems(_use("bad"), str(tmp_path))
    path = tmp_path / "repos" / "bad.yml"
    assert str(first) == (
        f"a.yml:5:28: the fixture `bad` cannot be used: {path}:1:1: a fixture has no key `branchs`; "
        "did you mean `branches`?"
    )
    assert f"{path}:2:17: the default branch holds '..'" in str(second)


@pytest.mark.parametrize("text", ["", "[", "name: x\n", "steps: []\n", "branches: [{name: b}]\n", "&a [*a]"])
def test_broken_fixtures_are_refused_each_time(tmp_path: Path, text: str) -> None:
    write_fixture(tmp_path, "bad", text)
    fixtures = Fixtures(str(tmp_path))
    messages = []
    for name in ("one", "two"):
        with pytest.raises(UseError) as caught:
            fixtures.repository("bad", name)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]
    assert messages[0].startswith(str(tmp_path))


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a//b", "''", '"a\\0b"'])
def test_a_fixture_cannot_be_outside_of_its_folder(tmp_path: Path, name: str) -> None:
    write_fixture(tmp_path, "f", TEXT)
    (tmp_path / "x.yml").write_text(TEXT)
    (problem,) = problems(_use(name), str(tmp_path))
    assert "cannot be" in str(problem) or "NUL" in str(problem)


def test_a_folder_or_fifo_in_the_place_of_a_fixture(tmp_path: Path) -> None:
    import os

    (tmp_path / "repos" / "dir.yml").mkdir(parents=True)
    os.mkfifo(tmp_path / "repos" / "fifo.yml")
    assert "is a directory" in str(problems(_use("dir"), str(tmp_path))[0])
    assert "not an ordinary file" in str(problems(_use("fifo"), str(tmp_path))[0])


def test_a_name_that_is_yaml_is_only_a_name(tmp_path: Path) -> None:
    write_fixture(tmp_path, "f", "daft_yml: '{{NAME}}'\n")
    (found,) = parsed(_use("f", '"it]: x"'), str(tmp_path)).repositories
    assert (found.name, found.daft_yml) == ("it]: x", "it]: x")
