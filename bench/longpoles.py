"""The Longpole that is measured: this checkout's, and the one that it is compared to."""

import sys
from dataclasses import dataclass
from pathlib import Path

from bench.measure import CannotMeasure, Conditions, Contender, environment, once

OURS = "Longpole"


@dataclass(frozen=True, slots=True)
class Longpole:
    """An installed Longpole, what its contenders are called, and which of them are in folders of that name."""

    name: str
    folder: str
    python: str


def longpoles(conditions: Conditions) -> list[Longpole]:
    """This checkout's, first, and the other one if there is one."""
    ours = Longpole(OURS, "ours", sys.executable)
    return [ours] if conditions.against is None else [ours, Longpole(f"{OURS}, against", "against", conditions.against)]


def python_of(checkout: Path) -> str:
    """The Python of a checkout in which `./configure` has been run; raises `CannotMeasure`."""
    python = Path(".venv", "bin", "python")
    if not (checkout / python).is_file():
        raise CannotMeasure(f"{checkout}: there is no {python} in it; run ./configure there")
    return str(checkout.absolute() / python)


def imported_from(python: str, scratch: Path) -> str:
    """The file that `import longpole` reads with that Python; raises `CannotMeasure` when there is none."""
    output = scratch / "imported.txt"
    script = "import longpole; print(longpole.__file__)"
    once(Contender(python, (python, "-c", script), scratch, environment(scratch)), output)
    return output.read_text().strip()
