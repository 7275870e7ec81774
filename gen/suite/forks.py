"""The forks of a module, and where its units tell of their cases."""

from typing import TYPE_CHECKING

from longpole.gen.suite.commands import IN_FORK, IN_LIST, check_command
from longpole.gen.suite.model import Forks, Results
from longpole.gen.suite.problems import Problems
from longpole.gen.suite.tree import Entry, mapping_of

if TYPE_CHECKING:
    from longpole.gen.suite.schema import ModuleSpec


def read_forks(entry: Entry, spec: "ModuleSpec", problems: Problems) -> Forks | None:
    """The forks of the module in `entry`, whose `spec` has some; None if they have errors."""
    own = mapping_of(mapping_of(entry).entries.get("forks")).entries
    commands = {
        key: check_command(key, own[key].value, problems, allowed)
        for key, allowed in (("list", IN_LIST), ("run", IN_FORK))
        if key in own
    }
    listing, run = commands.get("list"), commands.get("run")
    forks = spec.forks
    if forks is None or listing is None or run is None:
        return None
    return Forks(
        list=listing.command,
        run=run.command,
        count=forks.max_forks,
        threads=forks.threads,
        stealing=forks.stealing,
        warm=forks.warm,
        shift_ports=forks.debug_ports == "shift",
    )


def read_results(spec: "ModuleSpec") -> Results | None:
    """Where the units of a module tell of their cases; None if they do not."""
    given = spec.results
    if given is not None and given.junit is not None:
        return Results("junit", given.junit)
    if given is not None and given.tap is not None:
        return Results("tap")
    return Results("protocol") if spec.forks is not None or given is not None else None
