"""`longpole perf publish`, as it is typed."""

from pathlib import Path

import pytest

from longpole.perf.publish.write import FILES, INDEX, MARKER
from tests.perf.branches import Repository, files_of, write
from tests.perf.publish.made import commits, sha, story
from tests.project import Done, Project

MADE = f"site/{INDEX}: 12 runs, 10 commits, 2 platforms, 0."


@pytest.fixture
def given(project: Project) -> Project:
    """A folder with results and a list of commits."""
    write(project.root / "results", files_of(*story()))
    (project.root / "commits").write_text("".join(f"{each.sha}\t{each.committed_at}\n" for each in commits(10).commits))
    return project


def publish(project: Project, *words: str, **environ: str) -> Done:
    where = ("--results", "results", "--commits", "commits")
    return project.longpole("perf", "publish", "--out", "site", *where, *words, **environ)


def page(project: Project) -> str:
    return (project.root / "site" / INDEX).read_text()


def test_a_folder_of_results_becomes_a_site_and_is_published_again(given: Project) -> None:
    for _ in range(2):
        done = publish(given, "--title", "The <parser>")
        assert (done.status, done.out.split(" MiB")[0][: len(MADE)]) == (0, MADE)
    assert "<title>The &lt;parser&gt;</title>" in page(given)
    assert {path.name for path in (given.root / "site").iterdir()} == {INDEX, FILES, MARKER}


def test_a_branch_of_a_repository_is_published(project: Project) -> None:
    repository = Repository(project.root / "repository")
    first = repository.commit({"README": b"text"}, branch="main")
    repository.commit(files_of(*story()))
    done = project.longpole("perf", "publish", "--out", "site", "--repo", "repository")
    assert (done.status, done.err.count("Traceback")) == (0, 0)
    assert "12 runs, 1 commit, 2 platforms" in done.out
    assert first != sha(0)


def test_on_github_commits_have_their_addresses(given: Project) -> None:
    done = publish(given, GITHUB_SERVER_URL="https://github.example.com", GITHUB_REPOSITORY="me/parser")
    assert done.status == 0
    (site,) = (given.root / "site" / FILES).glob("site-*.js")
    assert '"commitUrl":"https://github.example.com/me/parser/commit/{sha}"' in site.read_text()


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--title", ""), "--title: not a title"),
        (("--title", "a\nb"), "--title: not a title"),
        (("--title", "a" * 201), "--title: not a title"),
        (("--commit-url", "https://example.com/"), "--commit-url: not an address with {sha} in it"),
        (("--commit-url", "javascript:alert('{sha}')"), "--commit-url: not an address with {sha} in it"),
        (("--stale-after", "soon"), "'soon' is not an age such as 12h, 7d or 2w"),
        (("--changes", "none"), "none: No such file or directory"),
        (("--changes", "commits"), "commits: not JSON"),
        (("--branch", "perf"), "use --results or --branch, not both"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(given: Project, words: tuple[str, ...], what: str) -> None:
    done = publish(given, *words)
    assert (done.status, what in done.err) == (2, True), done.err
    assert not (given.root / "site").exists()


def test_a_folder_of_somebody_else_is_not_touched(given: Project) -> None:
    write(given.root / "site", {"thesis.txt": b"mine"})
    done = publish(given)
    assert done.status == 2
    assert f"no page was published there; name another folder: it has no {MARKER}" in done.err
    assert [path.name for path in Path(given.root / "site").iterdir()] == ["thesis.txt"]
