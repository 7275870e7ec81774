"""Calls of a project's own tools, through `sh`."""

import os
from collections.abc import Mapping
from pathlib import Path

from longpole.rts_tests.contracts.errors import UseError

_TAIL = 2000


def output_of(
    root: Path, *words: str, env: Mapping[str, str] | None = None, ok: tuple[int, ...] = (0,), remedy: str = ""
) -> str:
    """What the program prints on standard output, in the folder `root`; `env` is added to the environment.

    Raises `UseError` with the end of its output if it is missing or ends with a status that is not `ok`.
    """
    import sh

    program = os.path.basename(words[0])
    try:
        command = sh.Command(words[0])
        done = command(
            *words[1:],
            _cwd=str(root),
            _env={**os.environ, **(env or {})},
            _in="",
            _tty_out=False,
            _ok_code=list(ok),
            _encoding="utf-8",
            _decode_errors="replace",
            _truncate_exc=False,
            _return_cmd=True,
        )
    except sh.CommandNotFound:
        raise UseError.at(
            "", f"{program} is missing", f"install {program}, or choose another runner with --from"
        ) from None
    except sh.ErrorReturnCode as error:
        said = (error.stderr or error.stdout or b"").decode(errors="replace").strip()
        what = f"`{' '.join(words)[:200]}` failed with status {error.exit_code}: {said[-_TAIL:]}"
        raise UseError.at("", what, remedy or "make it work by hand first") from None
    return str(done)
