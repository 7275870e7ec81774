"""Commands for workflows with runs of several machines: `longpole prove-shards`, `longpole nightly-issue`."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from longpole import completers
from longpole.options import example, jobs_option, show, suite_option
from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.harmless import harmless

if TYPE_CHECKING:
    from longpole.rts_tests.report.proof import Shard


@click.command(
    "prove-shards",
    epilog=example("longpole prove-shards shard-1 shard-2", "longpole prove-shards --into all shards/*"),
)
@suite_option
@click.option("--plan", "plan_file", metavar="FILE", help="Their plan; default: the one in the folders.")
@click.option("--into", metavar="DIR", help="Write the union of the shards to DIR, a new folder, as one run.")
@click.argument("folders", nargs=-1, required=True, metavar="DIR...", shell_complete=completers.folders)
def prove_shards(suite_file: str, plan_file: str | None, into: str | None, folders: tuple[str, ...]) -> None:
    """Prove that shards together ran each unit exactly once: the same plan, commit, seeds, platform and artifacts.

    Use `longpole report` to see whether they passed. With --into, units that no shard ran are `not run` in the union;
    shards that do not belong together have no union, and nothing is written.
    """
    from longpole.gen.plan.plan import make_plan
    from longpole.gen.suite.read import load_suite
    from longpole.rts_tests.report import proof, union
    from longpole.rts_tests.report.formats.github import publish_proof

    if into is not None:
        union.refuse_used(Path(into))
    shards, unreadable = _read_shards(folders)
    plan = proof.plan_of(shards, plan_file)
    proven = proof.prove(plan, shards, make_plan(load_suite(suite_file)), suite_file)
    summary = union.publish_union(plan, shards, Path(into)) if into is not None and not proven.wrong else None
    reasons = [*proven.wrong, *unreadable, *proven.lost]
    publish_proof(reasons, summary, os.environ)
    if reasons:
        click.echo("\n".join(f"longpole: {harmless(reason, colour=False)}" for reason in reasons), err=True)
        sys.exit(ExitStatus.FAILED)
    show(proof.verdict(plan, shards))


def _read_shards(folders: tuple[str, ...]) -> tuple[list["Shard"], list[str]]:
    """The shards in `folders`, and a message for each folder without one. Raises `UseError` if there is no shard."""
    from longpole.rts_tests.report.proof import read_shard

    shards: list[Shard] = []
    problems: list[Problem] = []
    for folder in folders:
        try:
            shards.append(read_shard(Path(folder)))
        except UseError as error:
            problems += error.problems
    if not shards:
        raise UseError(*problems)
    return shards, [str(problem) for problem in problems]


@click.command("nightly-issue", epilog=example("longpole nightly-issue --results results nightly-x86_64-darwin"))
@suite_option
@click.option("--results", default="results", show_default=True, metavar="DIR", help="The folder of the runs.")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def nightly_issue(suite_file: str, results: str, names: tuple[str, ...]) -> None:
    """Open, update, close or reopen the issue about the nightly run.

    A workflow calls it with the names of the runs. The variable NEEDS holds the results of the jobs, `toJSON(needs)`.
    The issue stays open until each of its failures has passed with the same seeds: see `nightly-again`. The command
    calls GitHub's `gh`, which reads GH_TOKEN and GH_REPO.
    """
    from longpole.gen.plan.plan import make_plan
    from longpole.gen.suite.read import load_suite
    from longpole.rts_tests.report.nightly import keep_issue

    plan = make_plan(load_suite(suite_file))
    show(keep_issue(plan, os.environ.get("NEEDS", ""), Path(results), names, os.environ))


@click.command("nightly-open", epilog=example("longpole nightly-open"))
@suite_option
def nightly_open(suite_file: str) -> None:
    """Print the failures of the open nightly issue that have to be run again, as JSON on one line.

    It prints nothing if there are none. In GitHub Actions, it is also the step's output `failures`. The command calls
    GitHub's `gh`, which reads GH_TOKEN and GH_REPO.
    """
    from longpole.gen.plan.plan import make_plan
    from longpole.gen.suite.read import load_suite
    from longpole.rts_tests.report.nightly import open_failures

    plan = make_plan(load_suite(suite_file))
    text = open_failures(plan.suite, {unit.id: unit.target for unit in plan.units})
    if text:
        show(text)
    if output := os.environ.get("GITHUB_OUTPUT"):
        with open(output, "a", encoding="utf-8") as file:
            file.write(f"failures={text}\n")


@click.command("nightly-again", epilog=example("longpole nightly-again --into again nightly-x86_64-darwin"))
@suite_option
@jobs_option
@click.option(
    "--nix", metavar="INSTALLABLE", help="Run them in a build of Nix, such as .#rts-results, instead of make."
)
@click.option("--into", required=True, metavar="DIR", help="Write each run to a folder in DIR.")
@click.argument("name", metavar="NAME")
def nightly_again(*, suite_file: str, jobs: int | None, nix: str | None, into: str, name: str) -> None:
    """Run the failures of an earlier night called NAME again, with the same seeds.

    The variable AGAIN holds what `nightly-open` printed. Failures whose seeds are from one commit are one run.
    """
    from longpole.gen.plan.plan import make_plan
    from longpole.gen.suite.read import load_suite
    from longpole.rts_tests.run.again import run_again

    plan = make_plan(load_suite(suite_file))
    text = os.environ.get("AGAIN", "")
    sys.exit(run_again(plan, text, name, Path(into), jobs=jobs, nix=nix, environ=os.environ))
