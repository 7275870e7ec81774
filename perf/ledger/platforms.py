"""The platforms that a command is about."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from longpole.perf.model import Skip
from longpole.perf.platforms import PLATFORM
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.nearest import nearest

if TYPE_CHECKING:
    from longpole.perf.index import Run


def chosen_platforms(runs: "Iterable[Run]", skips: Iterable[Skip], names: Iterable[str], place: str) -> list[str]:
    """The platforms that are named, each once, or all that have a result or a skip, sorted.

    `place` is where the results are. Raises `UseError` if there is no result at all, or none of a named platform.
    """
    known = sorted({run.platform for run in runs} | {skip.platform for skip in skips})
    if not known:
        raise UseError.at(place, "no results", "collect some by `longpole perf collect`", ExitStatus.NOTHING_SELECTED)
    for name in names:
        if name not in known:
            near = nearest(name, known)
            remedy = f"did you mean {near!r}?" if near else f"the platforms are {', '.join(known)}"
            raise UseError.at(f"--platform {name}", f"no result of this platform in {place}", remedy)
    return sorted(set(names)) or known


def checked_platforms(names: Iterable[str]) -> list[str]:
    """The names, each once, in their order. Raises `UseError` for one that no platform can have."""
    for name in names:
        if not re.fullmatch(PLATFORM, name):
            remedy = "use letters, digits, `.`, `_` and `-`, as in x86_64-linux"
            raise UseError.at("--platform", f"{name!r} is not a name of a platform", remedy)
    return list(dict.fromkeys(names))
