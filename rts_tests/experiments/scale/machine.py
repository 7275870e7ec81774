"""The machine on which something was measured."""

import os
import platform
import re
from dataclasses import dataclass

from longpole.rts_tests.machine.processes import usable_cores


@dataclass(frozen=True, slots=True)
class Machine:
    """What tells one kind of machine from another, and no more: a name or a clock rate would split one kind."""

    system: str
    architecture: str
    processor: str
    cores: int
    """How many cores the suite may use."""

    def __str__(self) -> str:
        parts = (f"{self.system} {self.architecture}", self.processor, f"{self.cores} core{'s' * (self.cores != 1)}")
        return ", ".join(filter(None, parts))


def this_machine() -> Machine:
    """Return the machine that this process runs on."""
    system = os.uname()
    return Machine(system.sysname, system.machine, _processor(), usable_cores())


def _processor() -> str:
    """The model of the processor; empty if the system does not tell."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            found = re.search(r"^(?:model name|Model|cpu model)\s*: *(.*)$", file.read(), re.MULTILINE)
    except OSError:
        return platform.processor()
    return " ".join(found[1].split()) if found else ""
