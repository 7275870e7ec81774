"""A built repository is what git commands would have made, whatever the scenario describes."""

import itertools
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.scenario.commits import changes, is_plain
from longpole.rts_tests.scenario.model import Branch, File, Repository
from longpole.rts_tests.scenario.repositories import Store
from tests.rts_tests.scenario.plain_git import ENVIRON, IDENTITY, by_commands, contents, git

FORMATS = ("sha1", "sha256")
NAMES = ("main", "develop", "feature/one", "feature/two", "fix/a/b", "ünï-code", "x'y")
PATHS = (
    *("README.md", "a", "a.b", "a-b", "a0", "d/a", "d/e/f", "d.x", "d-x", "d0/z", "UP/low"),
    *("with space/ä ö.txt", "-dash", "quote'\"s", "build/out.o", "x.log", ".hidden/.f", ".gitmodules.txt", ".github/w"),
)
IGNORED = ("*.log\n", "/build/\n# no\n\n!x\n", "nothing-here\n*.pyc\n", "x.lo[fg]\n", "ä\n", "**/e/**\n")
ATTRIBUTES = ("* text=auto\n", "*.b -diff merge=ours\n", "*.b ident\n")
TEXTS = ("", "x", "line\n", "a\r\nb\r\n", "$Id$\n", "# ä ö ü €\n", "\0binary\0", "long " * 500)
MESSAGES = ("One", "  lead", "two\n\n\n\nparts  \n \nend \n\n", "# not a comment", "ümlaut\n", "tab\t\n\tin")


@st.composite
def repositories(draw: st.DrawFn) -> Repository:
    """Repositories as the parser lets them through: no commit is empty."""
    number = itertools.count()

    def also() -> bool:
        return draw(st.booleans())

    def files(at_least: int) -> tuple[File, ...]:
        paths = draw(st.lists(st.sampled_from(PATHS), unique=True, min_size=at_least, max_size=5))
        found = [File(path, f"{draw(st.sampled_from(TEXTS))}{next(number)}") for path in paths]
        if found and also():
            found.append(File(draw(st.sampled_from((".gitignore", "d/.gitignore"))), draw(st.sampled_from(IGNORED))))
        # Only of the first commit: where attributes change under files, git adds these again or not, by their times.
        if at_least and also():
            found.append(File(".gitattributes", draw(st.sampled_from(ATTRIBUTES))))
        # One that is never ignored, so that no commit is empty.
        return (*found, File("one.keep", str(next(number)))) if found else ()

    messages = st.lists(st.sampled_from(MESSAGES), max_size=1).map(tuple)
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4))
    branches = []
    for place, name in enumerate(names):
        its_files = files(place == 0)
        base = draw(st.sampled_from([None, *names[:place]])) if place else None
        branches.append(Branch(name, base, its_files, draw(messages) if its_files else ()))
    default, later = names[0] if names else "main", draw(st.permutations(branches[:1]))
    return Repository(
        "r",
        default,
        (*later, *branches[1:]),
        draw(st.none() | st.sampled_from(TEXTS).map(lambda text: f"{text}daft")),
        tuple(File(name, f"#!/bin/sh\n{name}") for name in draw(st.lists(st.sampled_from("pqr"), unique=True))),
    )


def _same(repository: Repository, object_format: str) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        by_commands(repository, folder / "expected", object_format)
        Store(f"{folder}/store", object_format, IDENTITY).materialise(repository, f"{folder}/built")
        assert contents(folder / "built") == contents(folder / "expected")
        assert git(folder / "built", "fsck", "--strict", "--full", "--no-dangling") == ""


WITH_FILES = (Branch("main", None, (File("a", "1"),)),)
EXECUTABLE_AGAIN = Repository(
    "r", branches=(*WITH_FILES, Branch("b", None, (File(".daft/hooks/p", "new"),))), hook_scripts=(File("p", "old"),)
)
LINE_ENDS = Repository(
    "r", branches=(Branch("main", None, (File(".gitattributes", "* text=auto\n"), File("a", "x\r\ny\r\n"))),)
)
IGNORED_LATER = Repository(
    "r",
    branches=(
        Branch("main", None, (File(".gitignore", "*.log\n"), File("a.log", "1"))),
        Branch("b", None, (File(".gitignore", "none\n"),)),
    ),
)


@pytest.mark.parametrize("object_format", FORMATS)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(repository=repositories())
@example(repository=EXECUTABLE_AGAIN)
@example(repository=IGNORED_LATER)
@example(repository=LINE_ENDS)
@example(repository=Repository("r"))
@example(repository=Repository("r", "trunk", (Branch("trunk"),)))
@example(repository=Repository("r", "trunk", (Branch("trunk"),), daft_yml=""))
@example(repository=Repository("r", "trunk", (Branch("b", None), Branch("trunk")), hook_scripts=(File("h", ""),)))
def test_a_built_repository_is_what_git_commands_make(repository: Repository, object_format: str) -> None:
    _same(repository, object_format)


@pytest.mark.slow
@pytest.mark.parametrize("object_format", FORMATS)
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(repository=repositories())
def test_many_built_repositories_are_what_git_commands_make(repository: Repository, object_format: str) -> None:
    _same(repository, object_format)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ignoring")
    git(folder, "init", "-q")
    return folder


@settings(deadline=None, max_examples=150)
@given(
    patterns=st.lists(st.text("ab*./!#[] \\-", max_size=6), max_size=3).map("\n".join),
    paths=st.lists(st.from_regex(r"[ab][ab.]?(/[ab]{1,2})?", fullmatch=True), unique=True, min_size=1, max_size=3),
)
def test_where_a_file_may_be_ignored_git_decides(patterns: str, paths: list[str], work: Path) -> None:
    files = (File(".gitignore", patterns), *(File(path, "") for path in paths))
    if is_plain(tuple(changes(Repository("r", branches=(Branch("main", None, files),))))):
        (work / ".gitignore").write_text(patterns)
        done = subprocess.run(
            ("git", "check-ignore", "--no-index", *paths), cwd=work, env=ENVIRON, capture_output=True, check=False
        )
        assert (done.returncode, done.stdout) == (1, b"")


def test_a_typical_ignore_file_needs_no_git() -> None:
    files = (File(".gitignore", "# made\n*.log\n/target/\nnode_modules\n"), File("src/a.py", ""))
    assert is_plain(tuple(changes(Repository("r", branches=(Branch("main", None, files),)))))


@pytest.mark.parametrize("path", ["git~1/config", ".git /config", "a/.git::$INDEX/x", "a\\.git/x"])
def test_spellings_of_dot_git_are_git_s_to_refuse(path: str, tmp_path: Path) -> None:
    files = (File("b", ""), File(path, "[core]\n"))
    repository = Repository("r", branches=(Branch("main", None, files),))
    assert not is_plain(tuple(changes(repository)))
    store = Store(f"{tmp_path}/store", "sha1", IDENTITY)
    try:
        store.materialise(repository, f"{tmp_path}/built")
    except UseError as error:
        assert "git" in str(error)  # which spellings are refused depends on git's version


def test_all_files_ignored_is_an_error_that_says_what_git_said(tmp_path: Path) -> None:
    branches = (*WITH_FILES, Branch("b", None, (File("b.log", ""),)))
    ignoring = (Branch("main", None, (File(".gitignore", "*.log"),)), *branches[1:])
    store = Store(f"{tmp_path}/store", "sha1", IDENTITY)
    with pytest.raises(UseError, match="git commit"):
        store.materialise(Repository("r", branches=ignoring), f"{tmp_path}/built")
    assert not (tmp_path / "built").exists()


def test_commits_are_made_now(tmp_path: Path) -> None:
    before = int(time.time())
    Store(f"{tmp_path}/store", "sha1", IDENTITY).materialise(Repository("r"), f"{tmp_path}/built")
    made = int(git(tmp_path / "built", "log", "-1", "--format=%ct"))
    assert before <= made <= time.time()


@pytest.mark.parametrize("name", ["", " ", "<>", ".,"])
def test_an_identity_without_a_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UseError, match="the name is empty"):
        Store(str(tmp_path), "sha1", (name, "a@b"))


@pytest.mark.parametrize("identity", [(" A <x>\nB. ", "<a@b>"), ('"q"', ""), ("Ä", "ö@ü")])
def test_an_identity_is_written_as_git_writes_it(
    identity: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setitem(ENVIRON, f"GIT_{role}_NAME", identity[0])
        monkeypatch.setitem(ENVIRON, f"GIT_{role}_EMAIL", identity[1])
    by_commands(Repository("r"), tmp_path / "expected", "sha1")
    Store(f"{tmp_path}/store", "sha1", identity).materialise(Repository("r"), f"{tmp_path}/built")
    assert contents(tmp_path / "built") == contents(tmp_path / "expected")
