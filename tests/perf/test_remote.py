"""Which remote is meant, and that git reaches it as the user's repository says, without a word about passwords."""

import subprocess
from pathlib import Path

import pytest

from longpole.perf.git import git
from longpole.perf.remote import NAME, Remote, find_remote
from longpole.rts_tests.contracts.errors import UseError
from tests.perf.remotes import Bare
from tests.project import tool


@pytest.fixture
def remote(tmp_path: Path) -> Bare:
    return Bare(tmp_path / "remote.git")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    subprocess.run([tool("git"), "init", "--quiet", tmp_path / "work"], check=True)
    return tmp_path / "work"


def config(work: Path, key: str, value: str) -> None:
    subprocess.run([tool("git"), "config", "--add", key, value], cwd=work, check=True)


def reached(remote: Remote) -> str:
    """The address that git uses for it."""
    return git(".", "ls-remote", "--get-url", NAME, env=remote.environment()).decode().strip()


@pytest.mark.parametrize("address", ["https://h.invalid/x.git", "git@h.invalid:x.git", "ssh://h.invalid/x"])
def test_an_address_is_used_as_it_is(tmp_path: Path, address: str) -> None:
    found = find_remote(str(tmp_path), address)
    assert reached(found) == address
    assert found.objects is None


@pytest.mark.parametrize("address", ["remote.git", "./remote.git", "../{}/remote.git"])
def test_a_folder_is_relative_to_where_the_user_is(
    remote: Bare, work: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.chdir(remote.folder.parent)
    found = find_remote(str(work), address.format(remote.folder.parent.name))
    assert reached(found) == str(remote.folder)
    assert found.objects == str(remote.folder / "objects")


def test_the_address_of_a_named_remote_is_relative_to_its_repository(remote: Bare, work: Path) -> None:
    config(work, "remote.origin.url", "../remote.git")
    (work / "deep").mkdir()
    assert reached(find_remote(str(work / "deep"), "origin")) == str(remote.folder)


def test_the_repositorys_own_settings_reach_the_remote(remote: Bare, work: Path) -> None:
    config(work, f"url.{remote.folder.parent}/.insteadOf", "there:")
    config(work, "remote.origin.url", "there:remote.git")
    config(work, "http.https://h.invalid/.extraheader", "AUTHORIZATION: basic c2VjcmV0")
    config(work, "credential.helper", "mine")
    config(work, "user.name", "somebody")
    found = find_remote(str(work), "origin")
    assert reached(found) == str(remote.folder)
    assert found.objects == str(remote.folder / "objects")
    assert ("http.https://h.invalid/.extraheader", "AUTHORIZATION: basic c2VjcmV0") in found.settings
    assert ("credential.helper", "mine") in found.settings
    assert not any(key.startswith("user.") for key, _ in found.settings)


def test_settings_that_hold_in_this_repository_only_are_found(remote: Bare, work: Path, tmp_path: Path) -> None:
    """`includeIf.gitdir`, as recent versions of actions/checkout use it to hide a token."""
    (tmp_path / "token").write_text('[http "https://h.invalid/"]\n\textraheader = AUTHORIZATION: basic c2VjcmV0\n')
    config(work, f"includeIf.gitdir:{work}/.git.path", str(tmp_path / "token"))
    found = find_remote(str(work), str(remote.folder))
    assert ("http.https://h.invalid/.extraheader", "AUTHORIZATION: basic c2VjcmV0") in found.settings


def test_settings_of_the_callers_environment_are_kept(
    remote: Bare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{remote.folder}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://h.invalid/x")
    assert reached(find_remote(str(tmp_path), "https://h.invalid/x")) == str(remote.folder)


def test_a_push_address_of_its_own_is_used(remote: Bare, work: Path) -> None:
    config(work, "remote.origin.url", "https://h.invalid/x.git")
    config(work, "remote.origin.pushurl", "../remote.git")
    config(work, "remote.origin.pushurl", "../other.git")
    found = find_remote(str(work), "origin")
    assert [value for key, value in found.settings if key.endswith(".pushurl")] == [str(remote.folder)]


def test_a_mirror_is_pushed_as_any_other(remote: Bare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"remote.{NAME}.mirror")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "true")
    found = find_remote(str(tmp_path), str(remote.folder))
    assert git(".", "config", "--bool", f"remote.{NAME}.mirror", env=found.environment()) == b"false\n"


def test_passwords_are_not_shown(tmp_path: Path) -> None:
    assert find_remote(str(tmp_path), "https://me:secret@h.invalid/x.git").shown == "https://h.invalid/x.git"


@pytest.mark.parametrize("name", ["", "-x", "--upload-pack=touch x", "a\nb", "a\x1b[31m"])
def test_what_is_no_remote_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UseError, match="--remote"):
        find_remote(str(tmp_path), name)


def test_a_name_that_the_repository_does_not_have_is_refused(work: Path) -> None:
    with pytest.raises(UseError, match="has no remote 'upstream'"):
        find_remote(str(work), "upstream")


def test_a_shallow_clone_and_a_folder_that_is_no_repository_will_do(remote: Bare, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert reached(find_remote(str(tmp_path / "empty"), str(remote.folder))) == str(remote.folder)
