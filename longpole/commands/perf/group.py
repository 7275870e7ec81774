"""`longpole perf`: the table of its commands."""

import click

from longpole.ending import tidy_end
from longpole.group import LazyGroup
from longpole.options import example
from longpole.rts_tests.contracts.errors import UseError

COMMANDS = {
    "bisect": "perf.bisect.bisect",
    "calibrate": "perf.calibrate.calibrate",
    "collect": "perf.collect.collect",
    "compact": "perf.compact.compact",
    "compare": "perf.compare.compare",
    "detect": "perf.detect.detect",
    "from-run": "perf.from_run.from_run",
    "gate": "perf.gate.gate",
    "import": "perf.imports.import_results",
    "ledger": "perf.ledger.ledger",
    "list": "perf.list.list_runs",
    "predict": "perf.predict.predict",
    "publish": "perf.publish.publish",
    "run": "perf.run.run",
    "schema": "perf.schema.schema",
    "simulate": "perf.simulate.simulate",
    "stalled": "perf.stalled.stalled",
}
"""The name of a command to its module in `longpole.commands` and its function there."""

_OF_THE_EXTRA = ("numpy", "ruptures", "scipy", "sh")


class _Perf(LazyGroup):
    def invoke(self, ctx: click.Context) -> object:
        """Run a command. A library that it needs and that is not installed is an error of use."""
        try:
            with tidy_end():
                return super().invoke(ctx)
        except ModuleNotFoundError as error:
            library = (error.name or "").split(".")[0]
            if library not in _OF_THE_EXTRA:
                raise
            remedy = "pip install 'longpole[perf]'; with Nix, use the package longpole-perf"
            raise UseError.at("", f"longpole perf needs {library}", remedy) from None


@click.group(cls=_Perf, table=COMMANDS, epilog=example("longpole perf schema"))
def perf() -> None:
    """Performance over many commits: measure, collect, account for, find changes, and show them.

    docs/perf.md describes it.
    """
