"""The machine that measured, described coarsely on purpose.

What differs between two boots of one machine, as a clock frequency does, would make one machine look like many. So the
processor has no frequency, and memory is rounded to a power of two.
"""

import os
import platform
import re
import subprocess
import sys
from math import log2

_CLOCK = re.compile(r"@?\s*\d+(?:\.\d+)?\s*[GM]Hz|\((?:R|TM|C)\)|\b\d+-Core\b|\b(?:CPU|Processor)\b", re.IGNORECASE)
_MAX_TEXT = 200


def machine() -> dict[str, str]:
    """The system, the architecture, the model of the processor, the number of usable cores, and the memory."""
    known = {
        "os": platform.system().lower(),
        "arch": platform.machine(),
        "cpu": cpu_model(_cpu_name()),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1),
        "memory": memory_size(_memory_bytes()),
    }
    return {name: text for name, text in known.items() if text}


def cpu_model(name: str) -> str:
    """The model in what a system calls its processor: without clock frequency, trade marks and fillers."""
    printable = "".join(character if character.isprintable() else " " for character in name)
    return " ".join(_CLOCK.sub(" ", printable).split())[:_MAX_TEXT]


def memory_size(size: int) -> str:
    """Bytes rounded to the nearest power of two, as `16 GiB`; empty if the size is not known (0)."""
    if size <= 0:
        return ""
    power = max(20, round(log2(size)))
    return f"{2 ** (power - 30)} GiB" if power >= 30 else f"{2 ** (power - 20)} MiB"


def _cpu_name() -> str:
    if sys.platform == "darwin":
        return _first_line("sysctl", "-n", "machdep.cpu.brand_string")
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            pairs = [line.split(":", 1) for line in file if ":" in line]
    except OSError:
        return platform.processor()
    fields = {name.strip(): value.strip() for name, value in reversed(pairs)}
    if "model name" in fields:
        return fields["model name"]
    # ARM's registers MIDR: who made the core, and which core it is; there is no name
    return " ".join(f"{name} {fields[name]}" for name in ("CPU implementer", "CPU part") if name in fields)


def _memory_bytes() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def _first_line(*argv: str) -> str:
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.partition("\n")[0]
