"""`longpole no-such-target MAKEFILE TARGET`: the Makefile calls it for a target that it does not have."""

import re
from pathlib import Path

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.nearest import nearest
from longpole.targets import targets_of

MAX_COMPARED = 5_000
"""Units beyond this number are not compared with the name, which would take seconds."""


def no_such_target(makefile: str, target: str) -> int:
    """Raise `UseError` with the most similar target, if any; a missing file that make needs is named as such."""
    text = Path(makefile).read_text(errors="replace")
    if re.search(rf"^\S.*: (.* )?{re.escape(target)}( |$)", text, re.MULTILINE):
        raise UseError.at(target, "not found, and needed to render the makefile", "restore it")
    rules, units = targets_of(text)
    near = similar_target(target, [*rules, *units[:MAX_COMPARED]])
    remedy = f"did you mean {near}?" if near else f"`make{_option(makefile)} help` lists the targets"
    raise UseError.at("make", f"no target is called {target!r}", remedy)


def similar_target(target: str, known: list[str]) -> str | None:
    """The most similar of the known targets; None if none is similar. An id, as `eop/gc[3]`, counts as its target."""
    name = target if target.startswith("test-") else re.sub(r"\[((?:fork-)?\d+)\]$", r"-\1", target).replace("/", "-")
    for candidate in (name, f"test-{name}"):
        if candidate in known:
            return candidate
    return nearest(target, known)


def _option(makefile: str) -> str:
    from longpole.rts_tests.contracts.last_render import file_option

    return file_option(makefile)
