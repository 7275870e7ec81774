"""`longpole perf schema`."""

import click

from longpole.options import example


@click.command(epilog=example("longpole perf schema > perf-result.schema.json"))
def schema() -> None:
    """Print the JSON Schema of result files."""
    from longpole.perf.schema import json_schema

    click.echo(json_schema(), nl=False)
