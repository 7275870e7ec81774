"""Git work trees are found from inside, as git finds them."""

import subprocess
from pathlib import Path

import pytest

from longpole.rts_tests.machine.work_trees import work_tree_around


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(("git", "-c", "user.name=x", "-c", "user.email=x", *arguments), cwd=folder, check=True)


def test_every_folder_of_a_work_tree_is_in_it(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside" / "a" / "b"
    outside.mkdir()
    inside.mkdir(parents=True)
    assert work_tree_around(str(tmp_path)) is None
    _git(tmp_path / "inside", "init", "-q")
    assert work_tree_around(str(inside)) == work_tree_around(str(tmp_path / "inside")) == str(tmp_path / "inside")
    assert work_tree_around(str(outside)) is None
    (outside / "link").symlink_to(inside)
    assert work_tree_around(str(outside / "link")) == str(tmp_path / "inside")


@pytest.mark.parametrize("kind", ["linked", "bare"])
def test_a_linked_work_tree_and_a_bare_repository_count(kind: str, tmp_path: Path) -> None:
    main = tmp_path / "main"
    main.mkdir()
    _git(main, "init", "-q")
    _git(main, "commit", "-q", "--allow-empty", "-m", "x")
    found = tmp_path / kind
    _git(
        main,
        *(("worktree", "add", "-q", str(found)) if kind == "linked" else ("clone", "-q", "--bare", ".", str(found))),
    )
    (found / "below").mkdir()
    assert work_tree_around(str(found / "below")) == str(found)


def test_a_folder_that_does_not_exist_is_where_it_would_be(tmp_path: Path) -> None:
    assert work_tree_around(str(tmp_path / "no" / "such")) is None
    (tmp_path / ".git").mkdir()
    assert work_tree_around(str(tmp_path / "no" / "such")) == str(tmp_path)
