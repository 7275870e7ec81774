"""Commands for workflows with runs of several machines: `longpole prove-shards`, `longpole nightly-issue`."""

import os
import sys
from pathlib import Path

import click

from longpole.options import example, show, suite_option
from longpole.rts_tests.contracts.exit_status import ExitStatus


@click.command(
    "prove-shards",
    epilog=example("longpole prove-shards shard-1 shard-2", "longpole prove-shards --into all shards/*"),
)
@suite_option
@click.option("--plan", "plan_file", metavar="FILE", help="Their plan; default: plan.json in the first DIR.")
@click.option("--into", metavar="DIR", help="Write the union of the shards to DIR, as one run.")
@click.argument("folders", nargs=-1, required=True, metavar="DIR...")
def prove_shards(suite_file: str, plan_file: str | None, into: str | None, folders: tuple[str, ...]) -> None:
    """Prove that shards together ran each unit exactly once.

    Use `longpole report` to see whether they passed.
    """
    from longpole.gen.plan.plan import make_plan
    from longpole.gen.suite.read import load_suite
    from longpole.rts_tests.contracts.plan import read_plan
    from longpole.rts_tests.report import proof

    plan = read_plan(plan_file or Path(folders[0], "plan.json"))
    shards = [proof.read_shard(Path(folder)) for folder in folders]
    planned = {unit.id for unit in make_plan(load_suite(suite_file)).units}
    reasons = proof.disproof(plan, shards, planned, suite_file)
    if into is not None:
        proof.publish_union(plan, shards, Path(into))
    if reasons:
        click.echo("\n".join(f"longpole: {reason}" for reason in reasons), err=True)
        sys.exit(ExitStatus.FAILED)
    show(proof.verdict(plan, shards))


@click.command("nightly-issue", epilog=example("longpole nightly-issue --results results nightly-x86_64-darwin"))
@suite_option
@click.option("--results", default="results", show_default=True, metavar="DIR", help="The folder of the runs.")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def nightly_issue(suite_file: str, results: str, names: tuple[str, ...]) -> None:
    """Open, update or close the issue about the nightly run.

    A workflow calls it with the names of the runs. The variable NEEDS holds the results of the jobs, `toJSON(needs)`.
    The command calls GitHub's `gh`, which reads GH_TOKEN and GH_REPO.
    """
    from longpole.gen.suite.read import load_suite
    from longpole.rts_tests.report.nightly import keep_issue

    suite = load_suite(suite_file).name
    show(keep_issue(suite, os.environ.get("NEEDS", ""), Path(results), names, os.environ))
