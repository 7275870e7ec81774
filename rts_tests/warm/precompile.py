"""Compile a wasm module ahead of time: `longpole precompile IN.wasm OUT.cwasm`.

`python -m longpole.rts_tests.warm.precompile` does the same, and imports nothing but the engine.
"""

import os
import sys

import wasmtime

from longpole.rts_tests.warm.engine import make_engine


class NotCompiled(Exception):
    """The module could not be compiled: `path` is the file, `what` the cause, `remedy` the fix."""

    def __init__(self, path: str, what: str, remedy: str) -> None:
        super().__init__(f"{path}: {what}; {remedy}")
        self.path, self.what, self.remedy = path, what, remedy


def precompile(source: str, target: str) -> None:
    """Compile the module `source` to the file `target`, written by rename; make its folder if there is none.

    Raises `NotCompiled`.
    """
    try:
        with open(source, "rb") as file:
            module = file.read()
    except OSError as error:
        raise NotCompiled(source, f"cannot be read: {error.strerror}", "name a wasm module") from None
    try:
        compiled = wasmtime.Module(make_engine(), module).serialize()
    except wasmtime.WasmtimeError as error:
        what = f"cannot be compiled: {' '.join(str(error).split())}"
        raise NotCompiled(source, what, "name a module that the engine accepts, or rebuild it") from None
    temporary = f"{target}.{os.getpid()}.tmp"
    try:
        os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(compiled)
        os.replace(temporary, target)
    except OSError as error:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise NotCompiled(target, f"cannot be written: {error.strerror}", "name a writable file") from None


def main(argv: list[str]) -> int:
    """Compile `argv[0]` to `argv[1]`; return the exit status: 0, or 2 with a message on standard error."""
    if len(argv) != 2:
        print("usage: longpole precompile IN.wasm OUT.cwasm", file=sys.stderr)
        return 2
    try:
        precompile(*argv)
    except NotCompiled as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
