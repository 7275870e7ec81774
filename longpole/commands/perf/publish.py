"""`longpole perf publish`."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from longpole import completers
from longpole.commands.perf.options import commits_options, open_index, source_options
from longpole.options import example, show
from longpole.rts_tests.contracts.errors import UseError

if TYPE_CHECKING:
    from longpole.perf.commits import Commits
    from longpole.perf.sources import Source

_AGE = re.compile(r"([1-9][0-9]{0,5})([hdw])")
_SECONDS = {"h": 3600, "d": 86_400, "w": 604_800}
MAX_TITLE = 200


class _Age(click.ParamType[int]):
    """An age such as `12h`, `7d` or `2w`; its value is in seconds."""

    name = "age"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The age in seconds. Raises `click.BadParameter`."""
        if isinstance(value, int):
            return value
        found = _AGE.fullmatch(str(value))
        if found is None:
            self.fail(f"{value!r} is not an age such as 12h, 7d or 2w", param, ctx)
        return int(found[1]) * _SECONDS[found[2]]


@click.command(
    epilog=example(
        "longpole perf publish --out site",
        "longpole perf publish --out site --results results --commits commits.tsv",
        "longpole perf publish --out site --commit-url 'https://git.example.com/parser/commit/{sha}'",
    )
)
@click.option(
    "--out",
    required=True,
    metavar="DIR",
    shell_complete=completers.files,
    help="Folder to write the site to: a new or empty one, or an earlier site, which is replaced.",
)
@source_options
@commits_options
@click.option(
    "--changes",
    "changes_file",
    metavar="FILE",
    shell_complete=completers.files,
    help="What `longpole perf detect --json` printed, instead of computing the changes again.",
)
@click.option("--title", metavar="TEXT", help="Title of the page.  [default: Performance]")
@click.option(
    "--commit-url",
    metavar="URL",
    help="Address of a commit, with `{sha}` for its name; default: that of GitHub, in GitHub Actions.",
)
@click.option(
    "--stale-after",
    type=_Age(),
    default="7d",
    show_default=True,
    metavar="AGE",
    help="Age of the newest result from which the page says that it is stale.",
)
def publish(
    *,
    out: str,
    source: "Source",
    commits: "Commits",
    changes_file: str | None,
    title: str | None,
    commit_url: str | None,
    stale_after: int,
) -> None:
    """Write a static site that shows all results: trends, changes, coverage, comparisons.

    The site needs no server: open its index.html from the disk, or put the folder on any web server. docs/perf-page.md
    describes it.
    """
    from longpole.perf.publish.changes import find_changes, given_changes
    from longpole.perf.publish.contents import About
    from longpole.perf.publish.publish import publish as write_site
    from longpole.perf.publish.write import check_folder

    about = About(_title(title), _address(commit_url, os.environ), stale_after)
    check_folder(Path(out))
    given = given_changes(changes_file) if changes_file else None
    index = open_index(source)
    changes = given or find_changes(index, commits)
    site = write_site(index, commits, changes, about, Path(out))
    counts = f"{_counted(site.runs, 'run')}, {_counted(site.commits, 'commit')}, {_counted(site.platforms, 'platform')}"
    show(f"{os.path.join(out, 'index.html')}: {counts}, {site.size / 2**20:.1f} MiB")
    if changes.why_not:
        click.echo(f"changes were not computed: {changes.why_not}", err=True)


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _title(title: str | None) -> str:
    """Raises `UseError` for a title of more than one line, or of none."""
    if title is None:
        return "Performance"
    if not title.strip() or len(title) > MAX_TITLE or not title.isprintable():
        raise UseError.at("--title", "not a title", f"use one line of at most {MAX_TITLE} characters")
    return title


def _address(given: str | None, environ: Mapping[str, str]) -> str:
    """The address of a commit with `{sha}` in it; empty if none is known. Raises `UseError` for one that is none."""
    server, repository = environ.get("GITHUB_SERVER_URL", ""), environ.get("GITHUB_REPOSITORY", "")
    if given is None and server.startswith(("http://", "https://")) and repository:
        given = f"{server}/{repository}/commit/{{sha}}"
    if given is None:
        return ""
    if not re.fullmatch(r"https?://[!-~]+", given) or given.count("{sha}") != 1:
        raise UseError.at(
            "--commit-url", "not an address with {sha} in it", "write it as https://git.example.com/parser/commit/{sha}"
        )
    return given
