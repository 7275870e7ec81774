"""The command `longpole`: arguments in, messages and exit status out. What it does is in gen, rts_tests and perf."""

import json
import math
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.report.formats.report_as import FORMATS

_LISTED = "; ".join(f"{status.value} {status.meaning}" for status in ExitStatus if status != ExitStatus.BROKEN_PIPE)
EXIT_STATUSES = f"Exit status: {_LISTED}."


def _example(*lines: str) -> str:
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


_jobs_option = click.option(
    "-j",
    "--jobs",
    type=click.IntRange(1, 65_536),
    metavar="N",
    help="Units at once; by default `limits.jobs` of the suite, or the cores there are.",
)
_suite_option = click.option(
    "--suite", "suite_file", default="suite.yaml", show_default=True, metavar="FILE", help="The suite to read."
)


def _version() -> str:
    """The version of the installed distribution, or of the checkout where none is installed."""
    from importlib import metadata

    try:
        return metadata.version("longpole")
    except metadata.PackageNotFoundError:
        text = (Path(__file__).resolve().parent.parent / "pyproject.toml").read_text(encoding="utf-8")
        return next(line.split('"')[1] for line in text.splitlines() if line.startswith("version = "))


def _show_version(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        click.echo(f"longpole, version {_version()}")
        context.exit()


_Command = TypeVar("_Command", bound=Callable[..., None])
_RunNames = TypeVar("_RunNames", str, tuple[str, ...], None)


def _run_names(context: click.Context, _: click.Parameter, value: _RunNames) -> _RunNames:
    """`-2` names a run; any other word that begins with a dash is an option that there is none of."""
    for word in value if isinstance(value, tuple) else (value,):
        if word and word.startswith("-") and not word[1:].isdigit():
            raise click.NoSuchOption(word, ctx=context)
    return value


def _run_argument(name: str, *, metavar: str = "[RUN]", nargs: int = 1) -> Callable[[_Command], _Command]:
    return click.argument(name, callback=_run_names, metavar=metavar, nargs=nargs, required=False)


_RUN_NAMES = {"ignore_unknown_options": True}


@click.group(epilog=EXIT_STATUSES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
@click.option("-C", "folder", metavar="DIR", help="Work in DIR instead of the current folder.")
def cli(folder: str | None) -> None:
    """Describe a test suite once; get a Makefile that starts the long poles first, and learn from every run."""
    if folder is not None:
        try:
            os.chdir(folder)
        except OSError as error:
            raise UseError.at(folder, error.strerror or "not a folder", "name a folder") from None


@cli.command(epilog=_example("longpole render", "longpole render --check", "longpole render --nix --ci"))
@_suite_option
@click.option("--check", is_flag=True, help="Write nothing; fail with a diff where a rendered file is stale.")
@click.option("--nix", is_flag=True, help="Also nix/plan.json; where it is there, it is always kept up to date.")
@click.option("--ci", is_flag=True, help="Also GitHub's workflows; where they are there, likewise.")
@click.option("-q", "--quiet", is_flag=True, help="Say only what was written.")
def render(suite_file: str, check: bool, nix: bool, ci: bool, quiet: bool) -> None:
    """Write the Makefile and the plan, where their text has changed."""
    from longpole.gen.render import outputs
    from longpole.rts_tests.state.run_folders import state_dir

    project = outputs.Project(suite_file, state_dir(), nix, ci)
    if check:
        diffs = outputs.stale(outputs.render(project))
        for diff in diffs:
            click.echo(diff, nl=False)
        if diffs:
            click.echo("longpole: stale; run `longpole render`", err=True)
            sys.exit(ExitStatus.FAILED)
        return
    if not (nix or ci) and outputs.is_fresh(project):
        outputs.touch_stamp(project)
        if not quiet:
            click.echo("nothing has changed")
        return
    for path, written in outputs.write_all(project, outputs.render(project)):
        if written or not quiet:
            click.echo(f"{'wrote' if written else 'unchanged'} {path}")


@cli.command("list", epilog=_example("longpole list", "longpole list --json 'eop/gc*'"))
@_suite_option
@click.option("--json", "as_json", is_flag=True, help="An array of objects, in plan order.")
@click.argument("pattern", required=False, metavar="[FILTER]")
def list_units(suite_file: str, as_json: bool, pattern: str | None) -> None:
    """Show the plan: every unit, in the order in which make starts them."""
    from longpole.gen.plan import listing
    from longpole.gen.render.outputs import Project, current_plan
    from longpole.rts_tests.contracts.commit import find_commit
    from longpole.rts_tests.contracts.history import read_history
    from longpole.rts_tests.contracts.order import ordered
    from longpole.rts_tests.run.request import Request

    request = Request.from_environ((), os.environ)
    pattern = pattern or request.pattern
    plan = ordered(current_plan(Project(suite_file, request.state)), read_history(request.state))
    rows = listing.rows(plan, find_commit(Path(), request.commit), request.seeds, pattern)
    click.echo(json.dumps(rows, indent=2) if as_json else listing.table(rows))
    if not rows:
        click.echo(f"longpole: {pattern!r} matches no unit; `longpole list` shows every id", err=True)
        sys.exit(ExitStatus.NOTHING_SELECTED)


@cli.command(epilog=_example("longpole seed", "longpole seed --json"))
@_suite_option
@click.option("--json", "as_json", is_flag=True, help="An array of objects, one a module.")
def seed(suite_file: str, as_json: bool) -> None:
    """Show the seeds in force, and where they come from."""
    from longpole.gen.plan import seeds as seeding
    from longpole.rts_tests.contracts.commit import find_commit
    from longpole.rts_tests.run.request import Request

    request = Request.from_environ((), os.environ)
    rows = seeding.rows(suite_file, find_commit(Path(), request.commit), request.seeds)
    click.echo(json.dumps(rows, indent=2) if as_json else seeding.table(rows))


class _BesideMake(click.Command):
    """A command that takes make's arguments as well: what is not its own is make's, as it stands."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        from longpole.rts_tests.make.make_arguments import split

        ours, makes = split(args)
        return super().parse_args(ctx, [*ours, "--", *makes])


@cli.command(
    cls=_BesideMake,
    epilog=_example("longpole run", "longpole run -j4 -v test-eop FILTER='eop/gc*'", "longpole run --order input -k"),
)
@_jobs_option
@click.option(
    "--order",
    type=click.Choice(["completion", "input"]),
    help="Print units as they end, the default, or in the order of the plan, without times: the same at any -j.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print only units that did not pass, and the report.")
@click.option("-v", "--verbose", count=True, help="Print commands and when units start; -vv: whole logs, too.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ARGUMENTS OF MAKE]...")
def run(jobs: int | None, order: str | None, quiet: bool, verbose: int, arguments: tuple[str, ...]) -> None:
    """Run make, by default its goal `test`, and show how far it is.

    On a terminal a live view tells what runs, what failed and how long it will take; elsewhere, or with CI, NO_COLOR
    or TERM=dumb, lines are plain. Everything else on the command line is make's. Unlike make's, the exit status is the
    run's.
    """
    from longpole.rts_tests.contracts.plan import planned_jobs
    from longpole.rts_tests.machine.processes import usable_cores
    from longpole.rts_tests.make import make_arguments
    from longpole.rts_tests.make.run_make import run_make
    from longpole.rts_tests.state.run_folders import state_dir
    from longpole.rts_tests.view.settings import ORDER, VERBOSE, VIEW

    if quiet and verbose:
        raise click.UsageError("-q and -v contradict each other: use one of them")
    if not make_arguments.leads_elsewhere(arguments) and not Path("Makefile").is_file():
        what, remedy = "there is none in this folder", "run ./configure, or `longpole render`, or use -C"
        raise UseError.at("Makefile", what, remedy)
    argv = ["make"]
    if jobs is None and not make_arguments.tells_jobs(arguments, os.environ.get("MAKEFLAGS", "")):
        jobs = planned_jobs(state_dir() / "plan.json") or usable_cores()
    if jobs is not None:
        argv.append(f"-j{jobs}")
    argv += arguments if make_arguments.goals(arguments) else ["test", *arguments]
    environ = {VIEW: "live", **os.environ}
    if order is not None:
        environ[ORDER] = order
    if quiet or verbose:
        environ[VERBOSE] = "-1" if quiet else str(min(verbose, 2))
    sys.exit(run_make(argv, environ))


@cli.command(
    context_settings=_RUN_NAMES,
    epilog=_example(
        "longpole report", "longpole report --failed previous", "longpole report --format html -o run.html"
    ),
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="brief: a line a failure; markdown and issue: for GitHub.",
)
@click.option("--slowest", type=click.IntRange(min=0), metavar="N", help="How many of the slowest units (text, json).")
@click.option("--failed", is_flag=True, help="Only what did not pass (text, json).")
@click.option("-o", "--output", metavar="FILE", help="Write there instead of to standard output.")
@_run_argument("run")
def report(form: str, slowest: int | None, failed: bool, output: str | None, run: str | None) -> None:
    """Print the report of a run, by default the last one.

    RUN is a name that `longpole runs` lists, a folder, or `last`, `previous`, -3 and so on."""
    from longpole.rts_tests.contracts.records import read_records, read_run_info
    from longpole.rts_tests.report.formats.report_as import report_as
    from longpole.rts_tests.report.summary import summarize
    from longpole.rts_tests.state.executed import read_executed
    from longpole.rts_tests.state.run_folders import find_run, state_dir

    folder = find_run(state_dir(), run)
    info = read_run_info(folder)
    summary = summarize(folder, info, read_records(folder, info))
    executed = read_executed(folder)
    if executed is not None and form == "text" and slowest is None and not failed:
        document = (executed.report or "this run is under way, or was killed before it could report\n").encode()
    else:
        document = report_as(form, summary, slowest=slowest, failed=failed)
    if output is None:
        click.echo(document, nl=False)
    else:
        try:
            Path(output).write_bytes(document)
        except OSError as error:
            remedy = "name a file that can be written"
            raise UseError.at(output, error.strerror or "cannot be written", remedy) from None
    sys.exit(ExitStatus.FAILED if summary.failures else ExitStatus.PASSED)


@cli.group(
    invoke_without_command=True,
    epilog=_example("longpole runs", "longpole runs show last", "longpole runs remove --older 7d"),
)
@click.option("--json", "as_json", is_flag=True, help="An array of objects, the newest first.")
@click.pass_context
def runs(context: click.Context, as_json: bool) -> None:
    """List the runs that are kept, the newest first.

    Kept are 30 days, 100 runs and 1 GB, whichever is least, and always the last run and those that are under way.
    """
    if context.invoked_subcommand is not None:
        return
    from longpole.rts_tests.report import runs as kept
    from longpole.rts_tests.state.run_folders import state_dir

    found = kept.rows(state_dir(), time.time())
    if as_json:
        click.echo(json.dumps(kept.as_json(found), indent=2))
    elif found:
        click.echo(kept.table(found, shutil.get_terminal_size().columns if sys.stdout.isatty() else None))
    else:
        click.echo("no run is kept here; type `make test`")


@runs.command("show", context_settings=_RUN_NAMES, epilog=_example("longpole runs show", "longpole runs show previous"))
@_run_argument("run")
def show_run(run: str | None) -> None:
    """Show what a run planned, on what and where; by default the last one."""
    from longpole.rts_tests.report import runs as kept
    from longpole.rts_tests.state.run_folders import find_run, state_dir

    click.echo(kept.head(find_run(state_dir(), run), time.time()))


@runs.command(
    "remove",
    context_settings=_RUN_NAMES,
    epilog=_example("longpole runs remove previous", "longpole runs remove --older 7d", "longpole runs remove --all"),
)
@click.option("--older", metavar="AGE", help="Those that began longer ago: 90s, 30m, 12h, 7d, 2w.")
@click.option("--all", "everything", is_flag=True, help="All of them.")
@_run_argument("names", metavar="[RUN...]", nargs=-1)
def remove_runs(names: tuple[str, ...], older: str | None, everything: bool) -> None:
    """Remove runs; never one that is under way. What was learnt from them stays."""
    from longpole.rts_tests.report import runs as kept
    from longpole.rts_tests.state import retention
    from longpole.rts_tests.state.run_folders import state_dir

    if bool(names) + (older is not None) + everything != 1:
        raise click.UsageError("name runs, or say --older AGE, or --all: one of the three")
    state = state_dir()
    if names:
        found = kept.named(state, names)
    else:
        age_s = retention.parse_age(older) if older is not None else -math.inf
        found = kept.older_than(state, age_s, time.time())
    click.echo(kept.remove_all(found))


@cli.command(
    context_settings=_RUN_NAMES,
    epilog=_example("longpole compare", "longpole compare previous last", "longpole compare -5 last --json"),
)
@click.option("--json", "as_json", is_flag=True, help="One object that tells of every unit.")
@_run_argument("before", metavar="[RUN]")
@_run_argument("after", metavar="[RUN]")
def compare(before: str | None, after: str | None, as_json: bool) -> None:
    """Show what changed from one run to another: by default from the previous one to the last.

    Slower or faster is a unit whose durations differ by more than a fifth and by more than its last ten runs vary.
    Exit status 1 when a unit fails that did not fail before.
    """
    from longpole.rts_tests.contracts.history import read_history
    from longpole.rts_tests.contracts.records import read_records, read_run_info
    from longpole.rts_tests.report import comparison
    from longpole.rts_tests.report.summary import summarize
    from longpole.rts_tests.state.run_folders import find_run, state_dir

    state = state_dir()
    one, other = (
        summarize(folder, info, read_records(folder, info))
        for folder in (find_run(state, before or "previous"), find_run(state, after or "last"))
        for info in [read_run_info(folder)]
    )
    found = comparison.compare(one, other, read_history(state))
    click.echo(json.dumps(comparison.as_json(found), indent=2) if as_json else comparison.text(found).rstrip("\n"))
    sys.exit(ExitStatus.FAILED if found.got_worse else ExitStatus.PASSED)


@cli.command(epilog=_example("longpole tune", "longpole tune --jobs 16 --write"))
@_suite_option
@_jobs_option
@click.option("--write", is_flag=True, help="Change the suite; its comments and layout stay.")
def tune(suite_file: str, jobs: int | None, write: bool) -> None:
    """Propose numbers of chunks, from history, so that the longest unit is no longer than each job's share of the work.

    No chunk gets shorter than half a second, and modules that are cut much finer are cut less finely.
    """
    from longpole.gen.tune import tune as tuning
    from longpole.rts_tests.machine.processes import usable_cores
    from longpole.rts_tests.state.run_folders import state_dir

    click.echo(tuning.tune(suite_file, state_dir(), jobs, usable_cores(), write=write))


def _lanes_option(function: _Command) -> _Command:
    number = click.IntRange(1, 1024)
    return click.option("-j", "--jobs", type=number, metavar="N", help="Executions at once; by default the cores.")(
        function
    )


_first_failure = click.option("-x", "--fail-fast", is_flag=True, help="Start nothing more after the first failure.")


@cli.command(
    epilog=_example("longpole stress eop/gc[3] --count 1000", "longpole stress test-eop-text --for 10m --seeds -j4")
)
@click.option("--count", type=click.IntRange(1, 1_000_000_000), metavar="N", help="How many times.")
@click.option("--for", "duration", metavar="TIME", help="How long: 90s, 10m, 1h; what runs then is not cut off.")
@click.option("--seeds", is_flag=True, help="Give each execution seeds of its own, instead of always the same.")
@_lanes_option
@_first_failure
@click.argument("unit")
def stress(
    *, unit: str, count: int | None, duration: str | None, seeds: bool, jobs: int | None, fail_fast: bool
) -> None:
    """Run one unit many times and tell how often it fails, with which seeds, and where the logs of that are.

    UNIT is an id such as eop/gc[3], or its make target. Nothing is learnt from it, and it is nobody's last run.
    """
    from longpole.rts_tests.experiments.stress import Asked, parse_duration
    from longpole.rts_tests.experiments.stress import stress as execute
    from longpole.rts_tests.machine.processes import usable_cores

    if (count is None) == (duration is None):
        raise click.UsageError("say --count N or --for TIME: one of the two")
    for_s = None if duration is None else parse_duration(duration)
    sys.exit(execute(Asked(unit, count, for_s, seeds, jobs or usable_cores(), fail_fast)))


@cli.command(epilog=_example("longpole shrink", "longpole shrink eop/gc[3] -x"))
@_lanes_option
@_first_failure
@click.argument("unit", required=False)
def shrink(unit: str | None, jobs: int | None, fail_fast: bool) -> None:
    """Find the failing seeds of UNIT, or of every unit of the last run that failed.

    Each seed is run alone. Where none fails alone, the shortest range of seeds is looked for that fails together.
    """
    from longpole.rts_tests.experiments.shrink import shrink as look
    from longpole.rts_tests.machine.processes import usable_cores

    sys.exit(look(unit, jobs or usable_cores(), fail_fast=fail_fast))


@cli.command(
    "prove-shards",
    epilog=_example("longpole prove-shards shard-1 shard-2", "longpole prove-shards --into all shards/*"),
)
@_suite_option
@click.option("--plan", "plan_file", metavar="FILE", help="The plan they share, else the one beside the first.")
@click.option("--into", metavar="DIR", help="Write their union there, as one run.")
@click.argument("folders", nargs=-1, required=True, metavar="DIR...")
def prove_shards(suite_file: str, plan_file: str | None, into: str | None, folders: tuple[str, ...]) -> None:
    """Prove that runs of shards are the whole plan, each unit exactly once. Whether they passed, a report says."""
    from longpole.gen.plan.plan import make_plan
    from longpole.gen.suite.read import load_suite
    from longpole.rts_tests.contracts.plan import read_plan
    from longpole.rts_tests.report import proof

    plan = read_plan(plan_file or Path(folders[0], "plan.json"))
    shards = [proof.read_shard(Path(folder)) for folder in folders]
    reasons = proof.disproof(plan, shards)
    units = {unit.id for unit in plan.units}
    if units != {unit.id for unit in make_plan(load_suite(suite_file)).units}:
        reasons.append(f"the plan's units are not those of {suite_file}")
    if into is not None:
        proof.publish_union(plan, shards, Path(into))
    for reason in reasons:
        click.echo(f"longpole: {reason}", err=True)
    if reasons:
        sys.exit(ExitStatus.FAILED)
    parts = "1 run" if len(shards) == 1 else f"{len(shards)} shards"
    click.echo(f"{len(units)} units in {parts}, each run exactly once")


@cli.command("nightly-issue", epilog=_example("longpole nightly-issue --results results nightly-x86_64-darwin"))
@_suite_option
@click.option("--results", default="results", show_default=True, metavar="DIR", help="Where the runs are.")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def nightly_issue(suite_file: str, results: str, names: tuple[str, ...]) -> None:
    """In a workflow: open, update or close the one issue about the nightly run, from the runs of the given NAMEs.

    NEEDS says how the jobs ended: `toJSON(needs)`. GitHub's `gh` does it, with GH_TOKEN and GH_REPO.
    """
    from longpole.gen.suite.read import load_suite
    from longpole.rts_tests.report.nightly import keep_issue

    suite = load_suite(suite_file).name
    click.echo(keep_issue(suite, os.environ.get("NEEDS", ""), Path(results), names, os.environ))


@cli.command(epilog=_example("longpole precompile tests.wasm tests.cwasm"))
@click.argument("source", metavar="IN.wasm")
@click.argument("target", metavar="OUT.cwasm")
def precompile(source: str, target: str) -> None:
    """Compile a WebAssembly module ahead of time, for units that are wasm calls."""
    try:
        from longpole.rts_tests.warm import precompile as ahead
    except ModuleNotFoundError as error:
        if error.name != "wasmtime":
            raise
        what, remedy = (
            "the engine that compiles wasm is not installed",
            "install `longpole[wasm]` instead of `longpole`",
        )
        raise UseError.at("wasmtime", what, remedy) from None
    try:
        ahead.precompile(source, target)
    except ahead.NotCompiled as error:
        raise UseError.at(error.path, error.what, error.remedy) from None


@cli.command(epilog=_example("longpole schema > suite.schema.json"))
def schema() -> None:
    """Print the JSON Schema of suite.yaml, for editors."""
    from longpole.gen.suite.schema import json_schema

    click.echo(json_schema(), nl=False)


@cli.command(epilog=_example('eval "$(longpole completion bash)"', "longpole completion fish | source"))
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a shell's completion script."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(cli, {}, "longpole", "_LONGPOLE_COMPLETE").source())


@cli.command(hidden=True)
@click.argument("make")
@click.argument("makefile")
def supervise(make: str, makefile: str) -> None:
    """Run the units of the goals in LONGPOLE_GOALS; this is what the Makefile's start-run calls."""
    from longpole.rts_tests.make.run_make import telling
    from longpole.rts_tests.run.request import Request
    from longpole.rts_tests.run.run import run

    goals = os.environ.get("LONGPOLE_GOALS", "test").split()
    sys.exit(telling(lambda: run(Request.from_environ(goals, dict(os.environ)), make, makefile)))


def main() -> None:
    """The entry point: the one place where errors become messages."""
    _open_standard_streams()
    try:
        try:
            sys.exit(cli.main(prog_name="longpole", standalone_mode=False))
        finally:
            sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(ExitStatus.INTERRUPTED)
    except UseError as error:
        print(f"longpole: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(ExitStatus.BROKEN_PIPE)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what could not be written is not tried again at the end
        place = os.fsdecode(error.filename) if error.filename else "standard output"
        print(f"longpole: {Problem(place, None, None, error.strerror or str(error))}", file=sys.stderr)
        sys.exit(ExitStatus.MISUSE)


def _open_standard_streams() -> None:
    """Open what the caller closed (`>&-`) to nowhere, or the next file that we open would be taken for it."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            if descriptor != number:
                os.dup2(descriptor, number)
            os.set_inheritable(number, True)
            stream = open(number, "w" if number else "r", encoding="utf-8", closefd=False)  # noqa: SIM115  for good
            setattr(sys, name, stream)
