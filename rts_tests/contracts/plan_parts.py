"""Parts of the plan: variants, steps, the forks of a module, and where its units tell of their cases."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlanStep:
    """What is built once for all that need it; `output` is relative to the root, `needs` are steps listed before it."""

    name: str
    output: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanCommand:
    """A command whose words still contain placeholders."""

    words: tuple[str, ...]
    shell: bool = False


@dataclass(frozen=True, slots=True)
class PlanVariant:
    """How one variant runs its units. Words of `run` still contain placeholders; paths are relative to the root."""

    name: str
    target_dir: str
    artifact: str | None
    run: tuple[str, ...]
    shell: bool
    warm: bool
    env: Mapping[str, str]
    builds: bool
    skip_status: tuple[int, ...] = ()
    """Exit statuses with which a unit says that it was skipped."""
    cwd: str = "."
    """The working directory of its units, with placeholders, relative to the root."""
    cold: bool = False
    """Whether the suite says that none of its units is warm; this holds for modules' own commands, too."""
    labels: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    """The steps that are built before it."""
    args: tuple[str, ...] = ()
    """The words, with placeholders, for which `{args}` stands in the commands of its units; the module's follow."""
    select: PlanCommand | None = None
    """The command that runs only some cases of its units; None if there is none."""


@dataclass(frozen=True, slots=True)
class PlanForks:
    """A module whose units are forks: processes of a test framework, which share the module's classes.

    Its words still contain placeholders. `threads` 0: as many as there are processors.
    """

    list_words: tuple[str, ...]
    list_shell: bool
    run_words: tuple[str, ...]
    run_shell: bool
    count: int = 1
    threads: int = 1
    stealing: bool = False
    warm: str | None = None
    """`pytest`, or None for cold forks."""
    shift_ports: bool = False
    """Whether a debug port in the command is another one in each fork."""


@dataclass(frozen=True, slots=True)
class PlanResults:
    """Where units tell of their cases: `protocol`, `tap`, `libtest` or `go` on standard output, or `junit`.

    `path` is for `junit`: a file or glob in TMPDIR.
    """

    source: str
    path: str | None = None


SCENARIO_UNIT = "longpole.rts_tests.scenario.unit"
"""The module that the command of a scenario's unit calls."""
SCENARIO_SETTINGS = "scenarios.json"
"""The name of the file beside the plan that has the settings of scenarios."""
