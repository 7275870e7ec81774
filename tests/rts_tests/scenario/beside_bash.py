"""A command line as a step runs it, beside the same by `bash -c`."""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from longpole.rts_tests.scenario import start
from longpole.rts_tests.scenario.steps import run_step

Result = tuple[int, bytes, bytes]

SHOW = "#!/bin/sh\nfor word do printf '<%s>' \"$word\"; done\nprintf 'error %s\\n' \"$#\" >&2\nexit 7\n"
"""A program that shows its arguments, writes to standard error, and exits with 7."""


def program(path: Path, text: str = SHOW) -> Path:
    """Make an executable file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def plain_environ(folder: Path) -> dict[str, str]:
    """An environment without what only bash reads, with `folder` first on PATH."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR", "USER") if name in os.environ}
    return {**kept, "PATH": f"{folder}:{os.environ['PATH']}"}


def by_bash(text: str, environ: Mapping[str, str], cwd: Path) -> Result:
    """What bash makes of `text`; death by a signal is -1, and the number of a process `PID`."""
    done = subprocess.run(
        ["bash", "-c", text], env=environ, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    code = start.KILLED if done.returncode < 0 else done.returncode
    return code, done.stdout, _without_pid(done.stderr)


def by_step(text: str, environ: Mapping[str, str], cwd: Path) -> Result:
    """What a step makes of it."""
    outcome = run_step(text, cwd=str(cwd), environ=environ)
    assert outcome.problem is None
    return outcome.exit_code, outcome.stdout, _without_pid(outcome.stderr)


def _without_pid(data: bytes) -> bytes:
    return re.sub(rb"(?<=: line 1: ) *\d+(?= )", b"PID", data)
