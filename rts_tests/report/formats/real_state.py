"""What a run changed in the folders that the suite guards, as text."""

from longpole.rts_tests.contracts.harmless import harmless_note
from longpole.rts_tests.contracts.quantities import count
from longpole.rts_tests.contracts.real_state import NAME, RealState

MAX_LINES = 10
"""Changes, and problems, that are listed."""


def headline(state: RealState) -> str:
    """`2 guarded paths changed`; with `, which fails the run` where it does."""
    fails = ", which fails the run" if state.fails else ""
    return f"{count(state.changed, 'guarded path')} changed{fails}"


def lines(state: RealState) -> list[str]:
    """The changes and what could not be looked at, without control characters; empty if there is neither."""
    found = [f"{path} {what}" for path, what in state.changes[:MAX_LINES]]
    if state.changed > len(found):
        found.append(f"and {state.changed - len(found):,} more, in {NAME}")
    if state.changed:
        found.append("by a scenario, or by another program meanwhile")
    found += [f"not guarded: {problem}" for problem in state.problems[:MAX_LINES]]
    if len(state.problems) > MAX_LINES:
        found.append(f"not guarded: {len(state.problems) - MAX_LINES:,} more, in {NAME}")
    return [harmless_note(line) for line in found]


def section(state: RealState | None) -> list[str]:
    """The section of the report; empty if there is nothing to say."""
    shown = [] if state is None else lines(state)
    if state is None or not shown:
        return []
    title = headline(state) if state.changed else "guarded paths"
    return ["", f"{title}:", *(f"  {line}" for line in shown)]
