"""How long a unit would have taken on an idle machine: what is learnt from a run, also from a run on a busy one.

The wall time of a unit on a busy machine says more about the other programs than about the unit. Its CPU time hardly
changes, but is not the answer either: a unit may also wait, for a timer, a disk or another process. So a unit's wall
time is taken to be

    wall = (CPU / threads) x slowdown + what it waited by itself

where `slowdown` is measured: how many threads wanted each core while the unit ran. On an idle machine it is 1, hence

    alone = wall - (CPU / threads) x (slowdown - 1)

A thread needs at least its CPU time, so that is the lower bound, which also holds where other programs have a lower
priority than the unit and do not slow it down: then its wall time is its CPU time already.
"""


def alone_s(wall_s: float, cpu_s: float, slowdown: float | None, threads: float) -> float:
    """Return the wall time in seconds on an idle machine; `wall_s` itself if the slowdown is not known (None).

    `threads` is how many cores the unit is known to use at once, at least 1.
    """
    if slowdown is None or wall_s <= 0:
        return wall_s
    computing_s = cpu_s / max(1.0, threads, cpu_s / wall_s)
    return min(wall_s, max(computing_s, wall_s - computing_s * (slowdown - 1)))
