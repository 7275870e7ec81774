"""Options of the commands that write the branch of results: which branch, as whom, and how long it is tried."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from longpole import completers
from longpole.commands.perf.options import with_options

_OPTIONS = (
    click.option(
        "--remote",
        default="origin",
        show_default=True,
        metavar="R",
        help="Remote of the repository, address or folder.",
    ),
    click.option("--branch", default="perf", show_default=True, metavar="NAME", help="Branch to write."),
    click.option(
        "--repo",
        default=".",
        show_default=True,
        metavar="DIR",
        shell_complete=completers.files,
        help="Git repository whose remotes and credentials are used; it is not changed.",
    ),
    click.option("--author", metavar="'NAME <ADDRESS>'", help="Author of commits; default: longpole itself."),
    click.option(
        "--attempts",
        type=click.IntRange(min=1),
        default=50,
        show_default=True,
        metavar="N",
        help="How often to try when others write the branch at the same time.",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=300,
        show_default=True,
        metavar="SECONDS",
        help="How long each fetch and push may take.",
    ),
)


def destination_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command these options. It is called with `to`, see `perf.branch.destination`."""

    @wraps(command)
    def with_destination(
        *, remote: str, branch: str, repo: str, author: str | None, attempts: int, timeout: float, **others: object
    ) -> object:
        from longpole.perf.branch import Patience, destination

        to = destination(repo, remote, branch, author, Patience(attempts=attempts, timeout=timeout))
        return command(to=to, **others)

    return with_options(_OPTIONS, with_destination)
