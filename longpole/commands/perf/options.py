"""Options of the commands that read results: where these are, which series, and the commits of the main branch."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from longpole import completers

if TYPE_CHECKING:
    from longpole.perf.commits import Commits
    from longpole.perf.index import Index
    from longpole.perf.sources import Source

_Command = TypeVar("_Command", bound=Callable[..., Any])

_SOURCE = (
    click.option(
        "--results",
        metavar="DIR",
        shell_complete=completers.files,
        help="Folder of result files to read, instead of a branch.",
    ),
    click.option(
        "--repo", default=".", show_default=True, metavar="DIR", shell_complete=completers.files, help="Git repository."
    ),
    click.option(
        "--branch",
        default="perf",
        show_default=True,
        metavar="NAME",
        help="Branch of the repository that holds the results; if there is no such branch, that of `origin`.",
    ),
)
_COMMITS = (
    click.option(
        "--commits",
        "commits_file",
        metavar="FILE",
        shell_complete=completers.files,
        help="File with a commit a line, the oldest first, instead of those of the repository.",
    ),
    click.option(
        "--main",
        metavar="REV",
        help="Branch whose commits are accounted for; default: the default branch of `origin`, else `main`, `master`, "
        "or what is checked out.",
    ),
)


platforms_option = click.option(
    "--platform", "platforms", multiple=True, metavar="GLOB", help="Only these platforms; repeatable."
)


class Globs(NamedTuple):
    """What a command looks at; without `metrics` it has a default of its own."""

    platforms: tuple[str, ...]
    benchmarks: tuple[str, ...]
    metrics: tuple[str, ...]


def series_options(default: str) -> Callable[[_Command], Callable[..., Any]]:
    """Give a command `--platform`, `--benchmark` and `--metric`, whose help says its default.

    It is called with `globs`, whose parts are the first arguments of the options of `perf.detect` and `perf.compare`.
    """
    options = (
        platforms_option,
        click.option(
            "--benchmark", "benchmarks", multiple=True, metavar="GLOB", help="Only these benchmarks; repeatable."
        ),
        click.option(
            "--metric",
            "metrics",
            multiple=True,
            metavar="GLOB",
            help=f"Only these metrics, such as `time`; repeatable; default: {default}.",
        ),
    )

    def give(command: _Command) -> Callable[..., Any]:
        @wraps(command)
        def with_globs(
            *args: object,
            platforms: tuple[str, ...],
            benchmarks: tuple[str, ...],
            metrics: tuple[str, ...],
            **others: object,
        ) -> object:
            return command(*args, globs=Globs(platforms or ("*",), benchmarks or ("*",), metrics), **others)

        return with_options(options, with_globs)

    return give


def source_options(command: _Command) -> Callable[..., Any]:
    """Give a command `--results`, `--repo` and `--branch`. It is called with `source`, see `perf.sources`."""

    @wraps(command)
    def with_source(*args: object, results: str | None, repo: str, branch: str, **others: object) -> object:
        return command(*args, source=open_source(results, repo, branch), **others)

    return with_options(_SOURCE, with_source)


def deferred_source_options(command: _Command) -> Callable[..., Any]:
    """The same for a command that may do without: it is called with `repo`, and `source`, which opens the source."""

    @wraps(command)
    def with_source(*args: object, results: str | None, repo: str, branch: str, **others: object) -> object:
        return command(*args, repo=repo, source=lambda: open_source(results, repo, branch), **others)

    return with_options(_SOURCE, with_source)


def commits_options(command: _Command) -> Callable[..., Any]:
    """Give a command `--commits` and `--main`. It is called with `commits`; `source_options` adds `--repo`."""

    @wraps(command)
    def with_commits(*args: object, commits_file: str | None, main: str | None, **others: object) -> object:
        repo = click.get_current_context().params["repo"]
        return command(*args, commits=open_commits(commits_file, repo, main), **others)

    return with_options(_COMMITS, with_commits)


def deferred_commits_options(command: _Command) -> Callable[..., Any]:
    """The same for a command that may do without: `commits` opens them."""

    @wraps(command)
    def with_commits(*args: object, commits_file: str | None, main: str | None, **others: object) -> object:
        repo = click.get_current_context().params["repo"]
        return command(*args, commits=lambda: open_commits(commits_file, repo, main), **others)

    return with_options(_COMMITS, with_commits)


def open_source(results: str | None, repo: str, branch: str) -> "Source":
    """The result files of the folder `results`, or of a branch. Raises `UseError` for none, and for both."""
    context = click.get_current_context()
    if results is not None:
        from longpole.perf.sources import FolderSource

        given = context.get_parameter_source("branch")
        if given is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError("use --results or --branch, not both")
        return FolderSource(results)
    from longpole.perf.branch_source import BranchSource

    return BranchSource(repo, branch)


def open_commits(commits_file: str | None, repo: str, main: str | None) -> "Commits":
    """The commits of a file, or of a branch of `repo`. Raises `UseError` if there are none, or both are given."""
    if commits_file is not None:
        from longpole.perf.commits import read_commits

        if main is not None:
            raise click.UsageError("use --commits or --main, not both")
        return read_commits(commits_file)
    from longpole.perf.ledger.commits import commits_of

    return commits_of(repo, main)


def open_index(source: "Source") -> "Index":
    """The index of `source` in the state directory, brought up to date."""
    from longpole.perf.index import Index
    from longpole.rts_tests.state.run_folders import state_dir

    return Index.open(source, state_dir() / "perf")


def with_options(options: tuple[Callable[[Any], Any], ...], command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command these options, in this order in its help."""
    for option in reversed(options):
        command = option(command)
    return command
