"""Which files are scenarios, and what a selector means."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.scenario.discover import Found, discover, select

FILES = (
    "top.yml",
    "clone/basic.yml",
    "clone/deep/must-fail.yml",
    "clone/empty.yaml",
    "worktree/basic.yml",
    "worktree/add.yml",
    "worktree/top.yml",
    "fixtures/not-a-scenario.yml",
    "fixtures/repos/standard.yml",
    ".hidden/a.yml",
    "clone/.hidden.yml",
    "clone/notes.txt",
    "clone/yml",
    "odd.yml/inside.yml",
)


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    for name in FILES:
        path = tmp_path / "scenarios" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    monkeypatch.chdir(tmp_path)
    return "scenarios"


def names(found: tuple[Found, ...]) -> list[str]:
    return [each.name for each in found]


ALL = ["top", "clone/basic", "clone/empty", "odd.yml/inside", "worktree/add", "worktree/basic", "worktree/top"]


def test_the_top_and_one_level_of_folders(corpus: str) -> None:
    found = discover(corpus)
    assert names(found) == ALL
    assert found[1] == Found("clone", "basic", "scenarios/clone/basic.yml")
    assert all(os.path.isfile(each.path) for each in found)


def test_the_folder_of_fixtures_is_no_group(corpus: str) -> None:
    assert "fixtures/not-a-scenario" in names(discover(corpus, "elsewhere"))
    assert "clone/basic" not in names(discover(corpus, "scenarios/clone"))


def test_what_is_no_ordinary_file_is_no_scenario(corpus: str) -> None:
    os.mkfifo("scenarios/pipe.yml")
    os.symlink("nowhere", "scenarios/dangling.yml")
    os.symlink("round.yml", "scenarios/round.yml")
    os.symlink("top.yml", "scenarios/link.yml")
    assert names(discover(corpus)) == ["link", *ALL]
    assert names(select(discover(corpus), ["scenarios/link.yml", "scenarios/top.yml"])) == ["link", "top"]


def test_two_files_of_one_name_are_refused(corpus: str) -> None:
    Path("scenarios/clone/basic.yaml").write_text("")
    with pytest.raises(UseError) as caught:
        discover(corpus)
    assert "clone/basic.yml: `scenarios/clone/basic.yaml` is the same scenario, `clone/basic`" in str(caught.value)


@pytest.mark.parametrize("folder", ["none", "scenarios/top.yml", "a\0b"])
def test_a_folder_that_cannot_be_read(corpus: str, folder: str) -> None:
    with pytest.raises(UseError, match="cannot be read"):
        discover(folder)


@pytest.mark.parametrize(
    ("selectors", "chosen"),
    [
        ([], ALL),
        (["clone"], ["clone/basic", "clone/empty"]),
        (["clone:basic"], ["clone/basic"]),
        (["add"], ["worktree/add"]),
        (["worktree", "clone:basic"], ["clone/basic", "worktree/add", "worktree/basic", "worktree/top"]),
        (["add", "worktree", "add", "scenarios/worktree/add.yml"], ["worktree/add", "worktree/basic", "worktree/top"]),
        (["scenarios"], ALL),
        (["scenarios/clone"], ["clone/basic", "clone/empty"]),
        (["./scenarios/clone/"], ["clone/basic", "clone/empty"]),
        (["scenarios/../scenarios/top.yml"], ["top"]),
        (["scenarios/clone/deep"], ["must-fail"]),
        (["scenarios/clone/deep/must-fail.yml"], ["deep/must-fail"]),
        ([":top"], ["top"]),
    ],
)
def test_selectors(corpus: str, selectors: list[str], chosen: list[str]) -> None:
    assert names(select(discover(corpus), selectors)) == chosen


def test_an_existing_path_wins(corpus: str) -> None:
    Path("add").write_text("")
    Path("clone").mkdir()
    Path("clone/other.yml").write_text("")
    assert [each.path for each in select(discover(corpus), ["add"])] == ["add"]
    assert [each.path for each in select(discover(corpus), ["clone"])] == ["clone/other.yml"]


def test_a_group_selects_the_same_from_everywhere(corpus: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(corpus)
    assert names(select(discover("."), ["clone"])) == ["clone/basic", "clone/empty"]


def test_an_ambiguous_stem_lists_all_that_it_names(corpus: str) -> None:
    with pytest.raises(UseError) as caught:
        select(discover(corpus), ["top"])
    assert str(caught.value) == "`top` is the name of 2 scenarios; name one of `scenarios/top.yml`, `worktree:top`"
    assert caught.value.exit_code == 2


def test_all_selectors_that_name_nothing_are_reported(corpus: str) -> None:
    Path("empty-folder").mkdir()
    with pytest.raises(UseError) as caught:
        select(discover(corpus), ["clon", "clone:basci", "xyzzy", "empty-folder", "a\0", "add", ""])
    assert str(caught.value).splitlines() == [
        "`clon` is no file, folder, group or scenario; did you mean `clone`?",
        "`clone:basci` is no file, folder, group or scenario; did you mean `clone:basic`?",
        "`xyzzy` is no file, folder, group or scenario; `longpole scenario --list` shows all",
        "empty-folder: there are no scenarios in this folder; name a file, or write one",
        "`a\\x00` is no file, folder, group or scenario; `longpole scenario --list` shows all",
        "`` is no file, folder, group or scenario; `longpole scenario --list` shows all",
    ]


@given(st.lists(st.sampled_from(["add", "clone", "clone:basic", "worktree:add", "empty", "inside"]), max_size=6))
def test_the_order_of_selectors_does_not_matter(words: list[str]) -> None:
    found = tuple(Found(name.split("/")[0], name.split("/")[1], f"x/{name}.yml") for name in ALL if "/" in name)
    assert select(found, words) == select(found, words[::-1])
    assert list(select(found, words)) == sorted(set(select(found, words)))
