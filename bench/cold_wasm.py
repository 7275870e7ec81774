"""A unit that compiles its wasm itself: `python -m bench.cold_wasm MODULE.wasm ENTRY [INTEGER...]`.

What every unit would do if nothing were precompiled; all else is as in `rts_tests.warm.wasm`.
"""

import sys

import wasmtime

from longpole.rts_tests.warm import wasm


def _compile(path: str) -> wasmtime.Module:
    return wasmtime.Module.from_file(wasm._engine(), path)


if __name__ == "__main__":
    wasm._load = _compile
    sys.exit(wasm.main(sys.argv[1:]))
