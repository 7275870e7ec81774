"""`longpole perf import`."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from longpole import completers
from longpole.options import example, show
from longpole.perf.platforms import PLATFORM
from longpole.rts_tests.contracts.errors import Problem, UseError

if TYPE_CHECKING:
    from longpole.perf.importers.complete import Completer
    from longpole.perf.importers.import_files import Imported

_Command = TypeVar("_Command", bound=Callable[..., Any])

FORMATS = (
    "asv",
    "criterion",
    "github-action-benchmark",
    "google-benchmark",
    "gruel",
    "hyperfine",
    "pyperf",
    "pytest-benchmark",
)
MAX_SHOWN = 20


def _platform(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch(PLATFORM, value):
        raise click.BadParameter("write letters, digits, '.', '_' and '-', at most 100 of them")
    return value


def platform_option(text: str) -> Callable[[_Command], _Command]:
    """`--platform`, with this help; a command is called with `platform`, None if it is not given."""
    return click.option("--platform", metavar="NAME", callback=_platform, help=text)


out_option = click.option(
    "--out",
    "out",
    required=True,
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    shell_complete=completers.folders,
    help="Folder for the result files; made if there is none. Files that are there stay as they are.",
)


@click.command(
    "import",
    epilog=example(
        "longpole perf import aarch64-linux.jsonl.gz --commits commits.tsv --out results",
        "longpole perf import target/criterion --commit HEAD --platform x86_64-linux --out results",
    ),
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, shell_complete=completers.files)
@out_option
@platform_option(
    "Platform of all results; default: what a record says, else what the name of its file contains, such as "
    "`x86-64-linux`."
)
@click.option(
    "--commit",
    metavar="COMMIT",
    help="Commit of records that name none, as git or the list calls it, such as HEAD.",
)
@click.option(
    "--commits",
    "commits_file",
    metavar="FILE",
    shell_complete=completers.files,
    help="List of commits, one a line, by which short names are made whole.",
)
@click.option("--repo", metavar="DIR", shell_complete=completers.folders, help="Git repository for the same.")
@click.option("--format", "wanted", type=click.Choice(FORMATS), help="Format of all files; default: by their content.")
@click.option(
    "--at",
    "measured_at",
    metavar="TIME",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]),
    help="Time of records that name none, such as 2026-04-20T20:27:37Z, in UTC; default: when the file was modified.",
)
def import_results(
    *,
    files: tuple[str, ...],
    out: Path,
    platform: str | None,
    commit: str | None,
    commits_file: str | None,
    repo: str | None,
    wanted: str | None,
    measured_at: datetime | None,
) -> None:
    """Make result files of what other programs have measured.

    FILE is a file, also packed by gzip, or a folder of such files. Every record becomes a file of its own below DIR,
    named by its content, so importing something twice changes nothing. A record that cannot be read is reported, and
    all others are imported; the exit status is then 2.
    """
    from longpole.perf.importers.found import found
    from longpole.perf.importers.import_files import import_documents, size_of
    from longpole.perf.progress import counting

    completer = _completer(platform, commit, commits_file, repo, measured_at)
    named = found(files)
    with counting("Importing", sum(map(size_of, named.documents))) as advance:
        imported = import_documents(named.documents, out, completer, wanted, advance)
    show(_summary(imported))
    _raise([*named.errors, *imported.errors])


def _completer(
    platform: str | None, commit: str | None, commits_file: str | None, repo: str | None, measured_at: datetime | None
) -> "Completer":
    from longpole.perf.commits import read_commits
    from longpole.perf.importers.complete import Completer, from_list, from_repository, whole_commit

    if commits_file is not None and repo is not None:
        raise click.UsageError("use --commits or --repo, not both")
    commits = None if commits_file is None else read_commits(commits_file)
    resolve = from_list(commits) if commits else from_repository(repo) if repo is not None else None
    if measured_at is not None and measured_at.tzinfo is None:
        measured_at = measured_at.replace(tzinfo=UTC)
    whole = None if commit is None else whole_commit(commit, repo, commits)
    return Completer(platform, whole, measured_at, resolve)


def _summary(imported: "Imported") -> str:
    """A line for each platform."""
    platforms = sorted({*imported.new, *imported.known})
    rows = (
        f"{name}: {imported.new[name]} new, {imported.known[name]} already there"
        if imported.known[name]
        else f"{name}: {imported.new[name]} new"
        for name in platforms
    )
    return "\n".join(rows) or "no results"


def _raise(errors: Sequence[UseError]) -> None:
    """Raise the errors as one, if there are any: the first of them, and how many there are besides."""
    problems = [problem for error in errors for problem in error.problems]
    more = len(problems) - MAX_SHOWN
    if more > 0:
        problems[MAX_SHOWN:] = [Problem("", None, None, f"{more} more problems", "mend these first")]
    if problems:
        raise UseError(*problems)
