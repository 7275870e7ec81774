"""A unit that compiles its wasm itself: `python -m bench.cold_wasm MODULE.wasm ENTRY [INTEGER...]`.

What every unit would do if nothing were precompiled; all else is as in `rts_tests.warm.wasm`.
"""

import sys

import wasmtime

from rts_tests.warm import wasm
from rts_tests.warm.engine import make_engine


def _compile(argv: list[str]) -> wasm.Prepared:
    engine = make_engine()
    return wasm.Prepared(engine, wasmtime.Module.from_file(engine, argv[0]))


if __name__ == "__main__":
    wasm.prepare = _compile
    sys.exit(wasm.main(sys.argv[1:]))
