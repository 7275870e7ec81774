"""A suite after it has been read: frozen, with all defaults filled in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from longpole.rts_tests.scenario.model import Settings


@dataclass(frozen=True, slots=True)
class Command:
    """An argument list whose placeholders are still in it.

    With `shell` it is `sh -c TEXT`, and values are quoted for the shell when they are put into TEXT.
    """

    argv: tuple[str, ...]
    shell: bool


@dataclass(frozen=True, slots=True)
class Step:
    """What is built once for all that need it. `output` is a normal relative path; `needs` are other steps."""

    name: str
    build: Command
    output: str
    needs: tuple[str, ...]
    env: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """One way of building the program under test; `target_dir` and `artifact` are normal relative paths.

    `run` has no words if all its modules have commands of their own. With `cold` the suite allows no warm units in it.
    """

    name: str
    target_dir: str
    artifact: str | None
    build: Command | None
    run: Command
    warm: bool
    env: tuple[tuple[str, str], ...]
    skip_status: tuple[int, ...] = ()
    cwd: str = "."
    cold: bool = False
    labels: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    bin: str | None = None
    """A normal relative path, or None."""
    gitconfig: str = ""
    object_format: Literal["sha1", "sha256"] = "sha1"
    select: Command | None = None
    """The command that runs only some cases of its units; None if there is none."""


@dataclass(frozen=True, slots=True)
class Forks:
    """The processes that share a module's classes. `threads` 0: as many as there are processors."""

    list: Command
    run: Command
    count: int
    threads: int
    stealing: bool
    warm: Literal["pytest"] | None
    shift_ports: bool


@dataclass(frozen=True, slots=True)
class Results:
    """Where a unit tells of its cases; `path` is a file or glob in its TMPDIR, for `junit` only."""

    source: Literal["protocol", "tap", "libtest", "go", "junit"]
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Module:
    """One named group of tests and the variants it is run in.

    Without seeds `seeds` is 0 and `seed_policy` None. `chunks` is None where the module is not split. `weight` and
    `timeout_s` are seconds, the first of the whole module, the second of each of its units. `skip_status`, `run` and
    `cwd` are None where the variant's hold.
    """

    name: str
    weight: float
    seeds: int
    first_seed: int
    chunks: int | None
    seed_policy: Literal["fixed", "commit"] | None
    timeout_s: float
    retries: int
    leaks: Literal["fail", "warn", "allow"]
    variants: tuple[str, ...]
    env: tuple[tuple[str, str], ...]
    slots: int = 1
    timeout_cpu_s: float | None = None
    memory_bytes: int | None = None
    exclusive: bool = False
    locks: tuple[str, ...] = ()
    skip_status: tuple[int, ...] | None = None
    run: Command | None = None
    warm: bool = False
    cwd: str | None = None
    labels: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    forks: Forks | None = None
    results: Results | None = None
    scenario: str | None = None
    """The path of its scenario, if it is one; its name is then `GROUP/STEM` or `STEM`."""
    cell: str = ""
    """The cell of its scenario's matrix; `--` and this end its name."""
    select: Command | None = None
    """The command that runs only some cases of its units; None if that of the variant does, or none."""

    @property
    def unit_count(self) -> int:
        """The number of its units in each variant."""
        return self.forks.count if self.forks is not None else self.chunks or 1


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use. `jobs` is None if the suite leaves it to the user.

    `python` is the project's where it has no environment.
    `slots` and `memory` (bytes) are shared with other runs; None is no limit, `auto` what the machine has.
    """

    jobs: int | None
    timeout_s: float
    grace_s: float
    log_bytes: int
    retries: int
    flaky: Literal["fail", "pass"]
    keep: Literal["none", "failed"]
    slots: int | Literal["auto"] | None = None
    memory: int | Literal["auto"] | None = None
    python: str | None = None


@dataclass(frozen=True, slots=True)
class Platform:
    """What CI does on one of Nix's systems: test or build, every night or not, in how many shards; measure or not."""

    name: str
    checked: bool
    nightly: bool
    shards: int
    benchmarks: bool = False


@dataclass(frozen=True, slots=True)
class Scenarios:
    """What all scenarios of a suite share: their folders, relative; the settings of their units by variant.

    `inputs` are the folders and files that decide which units there are.
    """

    path: str
    fixtures: str
    strict: bool
    settings: Mapping[str, Settings]
    inputs: tuple[str, ...]
    shared: Module
    """What all their modules have, in a module of no scenario."""
    guard: tuple[str, ...] = ()

    @property
    def private_tmp(self) -> bool:
        """Whether each has a /tmp of its own, so that no two of them meet there."""
        return any("tmp" in settings.isolate for settings in self.settings.values())


@dataclass(frozen=True, slots=True)
class Suite:
    """A whole suite file; platforms, variants and modules in the file's order, each step after those that it needs.

    Scenarios are the last of the modules.
    """

    path: str
    name: str
    limits: Limits
    platforms: tuple[Platform, ...]
    variants: tuple[Variant, ...]
    modules: tuple[Module, ...]
    steps: tuple[Step, ...] = ()
    scenarios: Scenarios | None = None
