"""WebAssembly: `longpole precompile`."""

import click

from longpole import completers
from longpole.options import example
from longpole.rts_tests.contracts.errors import UseError


@click.command(epilog=example("longpole precompile tests.wasm tests.cwasm"))
@click.argument("source", metavar="IN.wasm", shell_complete=completers.files)
@click.argument("target", metavar="OUT.cwasm", shell_complete=completers.files)
def precompile(source: str, target: str) -> None:
    """Compile a WebAssembly module for units that are wasm calls."""
    try:
        from longpole.rts_tests.warm import precompile as ahead
    except ModuleNotFoundError as error:
        if error.name != "wasmtime":
            raise
        what = "the engine that compiles wasm is not installed"
        raise UseError.at("wasmtime", what, "install `longpole[wasm]` instead of `longpole`") from None
    try:
        ahead.precompile(source, target)
    except ahead.NotCompiled as error:
        raise UseError.at(error.path, error.what, error.remedy) from None
