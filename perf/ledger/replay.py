"""The history of a platform, replayed against the gate."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from longpole.perf.commits import Commits
from longpole.perf.ledger.arrivals import START, of_history
from longpole.perf.ledger.gate import Rules
from longpole.perf.ledger.simulate import Machines, simulate
from longpole.perf.ledger.simulation_text import Replay

if TYPE_CHECKING:
    from longpole.perf.index import Run


def replay(commits: Commits, runs: "Sequence[Run]", platform: str, machines: Machines, rules: Rules) -> Replay:
    """What becomes of a platform's runs if each is a trigger. A commit without a date comes with the one before it."""
    arrivals = of_history(commits, runs, platform)
    arrived_at, at = [], START if not arrivals else arrivals[0].at
    for commit in commits.commits:
        at = commit.committed_at or at
        arrived_at.append(at)
    names = [commit.sha for commit in commits.commits]
    outcome = simulate(names, arrived_at, arrivals, platforms=[platform], machines=machines, rules=rules)
    mine = [run for run in runs if run.platform == platform]
    measured = {names[arrival.position] for arrival in arrivals}
    return Replay(len(mine), len(measured), len(mine) - len(arrivals), outcome)
