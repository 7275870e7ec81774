"""What the numbers were taken on."""

import platform
import subprocess
from datetime import UTC, datetime

from longpole.rts_tests.machine.processes import usable_cores


def processor() -> str:
    """The model of the processor as the system names it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def first_line(*argv: str) -> str:
    """The first line that a command prints; empty when it cannot be executed."""
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return (done.stdout or done.stderr).partition("\n")[0]


def description() -> dict[str, str]:
    """Date, machine and the versions that matter, in the order in which they are printed."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": f"{usable_cores()} cores of {processor()}, {platform.system()} {platform.release()}",
        "make": first_line("make", "--version") or "not installed",
        "python": platform.python_version(),
    }
