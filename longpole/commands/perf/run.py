"""`longpole perf run`."""

import os
import secrets
import sys
from typing import TYPE_CHECKING

import click

from longpole import completers
from longpole.commands.perf.imports import platform_option
from longpole.options import example, show
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.version import VERSION

if TYPE_CHECKING:
    from longpole.perf.model import Result


def _print_schema(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from longpole.perf.measure.shapes import json_schema

        click.echo(json_schema(), nl=False)
        context.exit()


@click.command(
    epilog=example("longpole perf run", "longpole perf run --rounds 3 'parse*'", "longpole perf run --out results")
)
@click.option(
    "--suite",
    "file",
    default="bench.yaml",
    show_default=True,
    metavar="FILE",
    shell_complete=completers.files,
    help="File of benchmarks.",
)
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(file_okay=False),
    shell_complete=completers.folders,
    help="Folder in which to write the result file; default: no file is written.",
)
@platform_option("Platform of the result; default: that of this machine, such as `x86_64-linux`.")
@click.option(
    "--commit",
    metavar="REV",
    help="Commit that is measured; default: what is checked out, which must be without changes.",
)
@click.option("--reason", metavar="TEXT", help="Why it is measured, such as `push`: kept in the result.")
@click.option("--rounds", type=click.IntRange(1, 1000), metavar="N", help="Number of rounds of every benchmark.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    metavar="N",
    help="Seed of the order; default: a random one. The result has it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result file instead of text.")
@click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_schema,
    help="Print the JSON Schema of files of benchmarks, and exit.",
)
@click.argument("filters", nargs=-1, metavar="[FILTER]...", shell_complete=completers.benchmarks)
def run(
    *,
    file: str,
    out: str | None,
    platform: str | None,
    commit: str | None,
    reason: str | None,
    rounds: int | None,
    seed: int | None,
    as_json: bool,
    filters: tuple[str, ...],
) -> None:
    """Execute benchmarks in interleaved rounds, and say what each took.

    FILTER is a glob over the names of benchmarks; `!` before it negates. Each benchmark is executed once cold, then
    warmed up, then measured in rounds; in every round the order is another one. Exit status 1 if a benchmark failed.
    """
    from longpole.perf.measure.measure import measure
    from longpole.perf.measure.read import read_bench
    from longpole.perf.measure.result import about, result_of
    from longpole.perf.measure.select import select
    from longpole.perf.measure.text import summary

    bench = select(read_bench(file, os.environ), filters, rounds)
    seed = secrets.randbits(32) if seed is None else seed
    known = None
    if as_json or out is not None:
        tool = f"longpole {VERSION}"
        known = about(file, commit=commit, platform=platform, reason=reason, tool=tool, seed=seed)
    measured = measure(bench, seed)
    if not as_json:
        show(summary(measured))
    if known is not None:
        _deliver(result_of(measured, known), out, as_json)
    if measured.failures:
        sys.exit(ExitStatus.FAILED)


def _deliver(result: "Result", out: str | None, as_json: bool) -> None:
    """Print the result if wanted, and write it if there is a folder for it."""
    from longpole.perf.files import to_bytes, write

    if as_json:
        click.echo(to_bytes(result), nl=False)
    if out is not None:
        path = write(result, out)
        click.echo(f"wrote {path}", err=as_json)
