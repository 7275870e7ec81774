"""Commands that write files from the suite: `longpole render`, `longpole schema`."""

import sys

import click

from longpole.options import example, suite_option
from longpole.rts_tests.contracts.exit_status import ExitStatus

_CI_KINDS = ("github", "github-plain", "gitlab")
"""`gen.render.folders.CI_KINDS`; that room is imported only when something is rendered."""


@click.command(
    epilog=example(
        "longpole render",
        "longpole render -o longpole.mk",
        "longpole render --nix --ci",
        "longpole render --ci=github-plain",
        "longpole render --ci=gitlab",
    )
)
@suite_option
@click.option(
    "-o", "--output", metavar="FILE", help="Render FILE in place of Makefile, for `make -f FILE` or `include FILE`."
)
@click.option("--check", is_flag=True, help="Write nothing; print a diff and fail if a rendered file is stale.")
@click.option(
    "--nix",
    is_flag=True,
    help="Also render nix/plan.json (nix/NAME.plan.json for NAME.yaml); once it exists, every render updates it.",
)
@click.option(
    "--ci",
    type=click.Choice(_CI_KINDS),
    is_flag=False,
    flag_value=_CI_KINDS[0],
    help="Also render GitHub's workflows, by default with Nix, `github-plain` without, or `gitlab`: .gitlab-ci.yml; "
    "once they exist, every render updates them.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
def render(*, suite_file: str, output: str | None, check: bool, nix: bool, ci: str | None, quiet: bool) -> None:
    """Write the Makefile and the plan if their text has changed.

    A Makefile that Longpole did not render is never replaced: use -o to render another file beside it.
    """
    from longpole.gen.render import outputs
    from longpole.rts_tests.state.run_folders import state_dir

    project = outputs.Project(suite_file, state_dir(), nix, ci, output)
    if check:
        diffs = outputs.stale(outputs.render(project).texts)
        click.echo("".join(diffs), nl=False)
        if diffs:
            click.echo("longpole: stale; run `longpole render`", err=True)
            sys.exit(ExitStatus.FAILED)
        return
    done = outputs.update(project)
    if quiet:
        return
    for path, written in done:
        click.echo(f"{'wrote' if written else 'unchanged'} {path}")
    if not done:
        click.echo("nothing has changed")


@click.command(epilog=example("longpole schema > suite.schema.json"))
def schema() -> None:
    """Print the JSON Schema of suite.yaml, for editors."""
    from longpole.gen.suite.schema import json_schema

    click.echo(json_schema(), nl=False)
