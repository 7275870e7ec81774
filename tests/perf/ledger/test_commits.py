"""The commits of the main branch, by real git: first parents, oldest first; a shallow clone is refused."""

from datetime import timedelta
from pathlib import Path

import pytest

from longpole.perf.ledger.commits import commits_of, first_parents
from longpole.rts_tests.contracts.errors import UseError
from tests.perf.ledger.repository import FIRST, Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def test_first_parents_oldest_first_with_dates_and_subjects(repository: Repository) -> None:
    root = repository.commit("the root")
    repository.git("checkout", "-q", "-b", "side")
    repository.commit("on the side")
    repository.git("checkout", "-q", "main")
    subject = "with \x1b[31m, tab\tand \u2028 in \u00fc"
    second = repository.commit(subject)
    merge = repository.merge("side")
    made = commits_of(repository.folder)
    assert [commit.sha for commit in made.commits] == [root, second, merge]
    assert [commit.committed_at for commit in made.commits] == [FIRST + timedelta(minutes=n) for n in (0, 2, 3)]
    assert [commit.subject for commit in made.commits] == ["the root", subject, "merge side"]
    assert made.source == f"main of {repository.folder}"
    assert first_parents(repository.folder, merge) == {root: None, second: root, merge: second}


def test_the_main_branch_is_that_of_origin_else_main_else_what_is_checked_out(
    repository: Repository, tmp_path: Path
) -> None:
    first = repository.commit()
    repository.git("branch", "-m", "trunk")
    repository.git("clone", "-q", str(repository.folder), str(tmp_path / "clone"))
    clone = Repository(tmp_path / "clone", made=5)
    clone.commit("not pushed")
    assert [commit.sha for commit in commits_of(clone.folder).commits] == [first]
    assert commits_of(clone.folder).source == f"origin/trunk of {clone.folder}"
    clone.git("remote", "set-head", "origin", "--delete")
    assert len(commits_of(clone.folder).commits) == 2
    clone.git("branch", "main", first)
    assert commits_of(clone.folder).source == f"main of {clone.folder}"
    clone.git("checkout", "-q", "--detach")
    clone.git("branch", "-D", "-q", "main")
    assert commits_of(clone.folder).source == f"HEAD of {clone.folder}"


def test_a_name_that_is_also_a_file_and_one_like_an_option(repository: Repository) -> None:
    (repository.folder / "main").write_text("")
    repository.commit()
    assert len(commits_of(repository.folder, "main").commits) == 1
    for name in ("--all", "-1", "none", "", "HEAD:main", "main..main"):
        with pytest.raises(UseError, match=r"no commit .*; name the main branch by --main"):
            commits_of(repository.folder, name)


def test_a_shallow_clone_is_refused_with_what_to_do(repository: Repository, tmp_path: Path) -> None:
    repository.commit()
    repository.commit()
    repository.git("clone", "-q", "--depth", "1", f"file://{repository.folder}", str(tmp_path / "shallow"))
    with pytest.raises(UseError, match=r"a shallow clone: commits are missing; .*`fetch-depth: 0`"):
        commits_of(tmp_path / "shallow", "main")


def test_no_repository_and_no_commits(repository: Repository, tmp_path: Path) -> None:
    with pytest.raises(UseError, match=r"no commits; name the main branch by --main"):
        commits_of(repository.folder)
    with pytest.raises(UseError, match="no such folder"):
        commits_of(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UseError, match=r"not a git repository.*; name a folder with a git repository by --repo"):
        commits_of(tmp_path / "empty")


def test_settings_that_would_change_output(repository: Repository) -> None:
    repository.commit("first")
    for key, value in {
        "log.showSignature": "true",
        "log.date": "relative",
        "color.ui": "always",
        "i18n.logOutputEncoding": "UTF-16",
    }.items():
        repository.git("config", key, value)
    assert [commit.subject for commit in commits_of(repository.folder).commits] == ["first"]
