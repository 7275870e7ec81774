"""Compile a wasm module ahead of time: `python -m longpole.rts_tests.warm.precompile IN.wasm OUT.cwasm`."""

import os
import sys

import wasmtime

from longpole.rts_tests.warm.engine import make_engine


def main(argv: list[str]) -> int:
    """Write the compiled form of `argv[0]` to `argv[1]`, by rename. Exit status 2 if the module does not compile."""
    if len(argv) != 2:
        print("usage: python -m longpole.rts_tests.warm.precompile IN.wasm OUT.cwasm", file=sys.stderr)
        return 2
    source, target = argv
    try:
        compiled = wasmtime.Module.from_file(make_engine(), source).serialize()
    except (OSError, wasmtime.WasmtimeError) as error:
        print(f"{source}: cannot be compiled: {error}", file=sys.stderr)
        return 2
    temporary = f"{target}.{os.getpid()}.tmp"
    with open(temporary, "wb") as file:
        file.write(compiled)
    os.replace(temporary, target)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
