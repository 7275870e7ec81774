"""The sandbox: its folders, where it must not be, and that it can always be removed."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.scenario import sandbox


def test_a_sandbox_has_its_folders_and_its_configuration(tmp_path: Path) -> None:
    made = sandbox.make(str(tmp_path), "[user]\n\tname = ü\r\n")
    assert made.base.startswith(f"{tmp_path}/")
    for folder in (made.work, made.remotes, made.tmp, made.home):
        assert os.path.dirname(folder) == made.base
        assert os.listdir(folder) == []
    assert [os.path.basename(path) for path in (made.work, made.remotes)] == ["work", "remotes"]
    assert Path(made.gitconfig) == Path(made.base, "gitconfig")
    assert Path(made.gitconfig).read_bytes() == b"[user]\n\tname = \xc3\xbc\r\n"
    assert os.stat(made.base).st_mode & 0o777 == 0o700


def test_paths_are_as_commands_see_them(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    made = sandbox.make(str(tmp_path / "link"), "")
    assert (
        subprocess.run(("pwd", "-P"), cwd=made.work, capture_output=True, text=True, check=True).stdout
        == f"{made.work}\n"
    )


def test_a_sandbox_adds_little_to_the_path_of_a_socket(tmp_path: Path) -> None:
    made = sandbox.make(str(tmp_path), "")
    assert len(made.work) - len(str(tmp_path)) <= len("/s/work")
    if len(made.work) < 90:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(f"{made.work}/s")


@pytest.mark.parametrize("below", ["", "a", "a/b"])
def test_a_sandbox_is_never_in_a_work_tree(below: str, tmp_path: Path) -> None:
    subprocess.run(("git", "init", "-q", tmp_path), check=True)
    parent = tmp_path / below
    parent.mkdir(parents=True, exist_ok=True)
    before = list(parent.iterdir())
    with pytest.raises(UseError, match=r"is in the git work tree .*set TMPDIR"):
        sandbox.make(str(parent), "")
    assert list(parent.iterdir()) == before


def test_two_sandboxes_never_share_a_folder(tmp_path: Path) -> None:
    sandbox.make(str(tmp_path), "")
    with pytest.raises(FileExistsError):
        sandbox.make(str(tmp_path), "")


LEFT = {
    "read-only": "mkdir -p a/b && touch a/b/c && chmod -R a-w a",
    "closed": "mkdir -p a/b && touch a/b/c && chmod 0 a/b a",
    "deep": "i=0; while [ $i -lt 200 ]; do mkdir dddddddddddddddd && cd dddddddddddddddd; i=$((i+1)); done",
    "special": "mkfifo p; ln -s / root; ln -s nowhere dangling; touch -- -rf 'a b' \"$(printf 'x\\ny')\"",
    "repository": "git init -q && git -c user.name=x -c user.email=x commit -q --allow-empty -m x",
    "itself": 'chmod 0 "$PWD" "$PWD/.."',
}


@pytest.mark.parametrize("left", LEFT)
def test_whatever_is_left_in_it_can_be_removed(left: str, tmp_path: Path) -> None:
    made = sandbox.make(str(tmp_path), "")
    subprocess.run(("sh", "-ec", LEFT[left]), cwd=made.work, check=True)
    assert made.remove() is None
    assert list(tmp_path.iterdir()) == []


def test_it_is_removed_once_its_writer_has_ended(tmp_path: Path) -> None:
    made = sandbox.make(str(tmp_path), "")
    script = "touch begun; i=0; while mkdir -p d/$i && touch d/$i/f; do i=$((i+1)); done 2>/dev/null"
    writer = subprocess.Popen(("sh", "-c", script), cwd=made.work)
    while not os.path.exists(f"{made.work}/begun") and writer.poll() is None:
        pass
    made.remove()  # the writer may win this time
    writer.kill()
    writer.wait()
    assert made.remove() is None
    assert list(tmp_path.iterdir()) == []
