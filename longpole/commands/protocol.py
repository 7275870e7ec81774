"""For authors of clients: `longpole protocol check`."""

import sys

import click

from longpole.group import Group
from longpole.options import example


@click.group(
    cls=Group, epilog=example("longpole protocol check --class FooTest --class BarTest -- ./client {classes_file}")
)
def protocol() -> None:
    """Check clients: programs that tell a fork's results to Longpole.

    docs/protocol.md describes what they tell.
    """


@protocol.command(
    "check",
    context_settings={"ignore_unknown_options": True},
    epilog=example(
        "longpole protocol check --class FooTest --class BarTest -- ./client {classes_file}",
        "longpole protocol check --class test_a.py --kill-after 2 -- {python} {clients}/pytest run {classes_file}",
    ),
)
@click.option("--class", "classes", multiple=True, metavar="NAME", help="Give this class to the client; repeatable.")
@click.option("--select", multiple=True, metavar="TERM", help="Set this term in LONGPOLE_SELECT; repeatable.")
@click.option("--queue", is_flag=True, help="Let the client take the classes from a queue, as with `stealing: true`.")
@click.option("--threads", type=click.IntRange(1, 1024), default=1, show_default=True, help="Number of threads.")
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=300,
    show_default=True,
    metavar="S",
    help="Kill the client after S seconds.",
)
@click.option(
    "--kill-after",
    type=click.IntRange(1),
    metavar="N",
    help="Kill the client after its Nth envelope, and show what a run would make of that.",
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def check_client(
    *,
    classes: tuple[str, ...],
    select: tuple[str, ...],
    queue: bool,
    threads: int,
    timeout: float,
    kill_after: int | None,
    command: tuple[str, ...],
) -> None:
    """Run COMMAND as a fork, and name each violation of the protocol.

    The command sees the environment of a fork, a private TMPDIR, and the classes in the file that LONGPOLE_CLASSES
    names. In its words, {classes_file}, {classes}, {clients}, {fork}, {forks}, {threads} and {python} are replaced as
    in `forks.run` of a suite. Without --class, the client may tell of any classes. The exit status is 0 if the client
    conforms, also if tests fail.
    """
    from longpole.protocol_check import Check, check

    if any("\n" in name or not name for name in (*classes, *select)):
        raise click.UsageError("the name of a class, or a term, is empty or has several lines")
    sys.exit(check(Check(command, classes, select, queue, threads, timeout, kill_after)))
