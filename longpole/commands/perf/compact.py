"""`longpole perf compact`."""

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from longpole.commands.perf.destination import destination_options
from longpole.options import example, show
from longpole.rts_tests.contracts.harmless import harmless_text

if TYPE_CHECKING:
    from longpole.perf.branch import Destination


def _month(_: click.Context, __: click.Parameter, text: str | None) -> str:
    if text is None:
        return f"{datetime.now(UTC):%Y-%m}"
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text):
        raise click.BadParameter(f"{text!r} is not a month such as 2026-04")
    return text


@click.command(
    epilog=example("longpole perf compact --remote origin --dry-run", "longpole perf compact --before 2026-04")
)
@destination_options
@click.option(
    "--before", callback=_month, metavar="YYYY-MM", help="Pack the months before this one; default: the current month."
)
@click.option("-n", "--dry-run", is_flag=True, help="Say what would be packed, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def compact(*, to: "Destination", before: str, dry_run: bool, as_json: bool) -> None:
    """Pack the results of past months on a branch, losslessly, so that a checkout of it is small.

    The result files of each platform and month become one file. Readers see no difference, collectors may run at the
    same time, and a second time changes nothing.
    """
    from longpole.perf import compact as compaction
    from longpole.perf import compact_text

    compacted = compaction.compact(to, before, dry_run=dry_run, say=_say)
    if as_json:
        click.echo(json.dumps(compact_text.as_json(compacted, to, before), indent=2))
    else:
        show(compact_text.text(compacted, to, before, dry_run=dry_run))
    for line in compact_text.kept(compacted):
        _say(line)


def _say(line: str) -> None:
    click.echo(harmless_text(f"longpole: {line}"), err=True)
