"""`longpole doctor`: what is missing on this machine, or wrong in this project, and how to mend it."""

import os
import shutil
import sys

import click

from longpole.options import example, suite_option
from longpole.rts_tests.contracts.exit_status import ExitStatus


@click.command(epilog=example("longpole doctor", "longpole doctor --json > doctor.json"))
@suite_option
@click.option("--json", "json_wanted", is_flag=True, help="Print JSON, to be attached to a bug report.")
def doctor(suite_file: str, json_wanted: bool) -> None:
    """Look for what is missing or wrong, and say how to mend it.

    Looks at the programs that Longpole and the suite call, the suite and the files rendered from it, the folder of
    runs, and the machine with the limits of its container. Writes nothing and uses no network. The output has no values
    of the environment, and `~` for your home folder. The exit status is 1 if something has to be mended.
    """
    from longpole.doctor.examine import examine
    from longpole.doctor.finding import as_json, as_text, wrong

    findings = examine(suite_file, os.environ)
    click.echo(as_json(findings) if json_wanted else as_text(findings, shutil.get_terminal_size().columns))
    sys.exit(ExitStatus.FAILED if wrong(findings) else ExitStatus.PASSED)
