"""The key `select`: the command that runs only some cases of a unit."""

from typing import TYPE_CHECKING

from longpole.gen.suite.model import Command
from longpole.gen.suite.variants import Variants
from longpole.rts_tests.contracts.problems import shown
from longpole.rts_tests.contracts.tree import Entry, mapping_of

if TYPE_CHECKING:
    from longpole.gen.suite.schema import ModuleSpec


def read_select(entry: Entry, spec: "ModuleSpec", chosen: tuple[str, ...], variants: Variants) -> Command | None:
    """A module's own `select`; None if it has none, or if that has errors, which are reported."""
    own, problems = mapping_of(entry), variants.problems
    select = variants.command("select", own)
    if select is None:
        return None
    key, name = own.entries["select"], f"module {shown(entry.key.text)}"
    if spec.forks is not None or "forks" in own.entries:
        return None  # `forks` says so
    if "results" not in own.entries:
        what = f"{name} has `select` and no `results`, so its cases are not known"
        problems.add(key.key, what, "add `results:`, or remove `select`")
        return None
    for variant in chosen:
        variants.check_artifact(variant, "select", select, key.value, entry)
    return select.command
