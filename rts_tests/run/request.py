"""The request: the one reader of the variables that users set, and of those that make and Longpole pass on.

Everything is read and checked before anything is created: all errors are reported at once, and a request that is
refused leaves nothing behind.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from longpole.rts_tests.contracts.commit import Commit, parse_revision
from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.filter import Filter, parse_filter
from longpole.rts_tests.contracts.partition import parse_shard
from longpole.rts_tests.contracts.seeds import parse_override
from longpole.rts_tests.forks.selection import Selection, parse_selection
from longpole.rts_tests.make import makeflags
from longpole.rts_tests.run.variables import misspelled
from longpole.rts_tests.state.run_folders import state_dir
from longpole.rts_tests.view.settings import Settings, settings

MAX_RETRIES = 100
MAX_SLOTS = 65_536

_OFF = ("", "0", "no", "false", "off")
_ON = ("1", "yes", "true", "on")

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A run as the user requested it. Where a field is None, the suite or the machine decides."""

    goals: tuple[str, ...]
    seeds: tuple[int, ...] | None
    """SEED: the seeds that every unit runs with."""
    filter: Filter | None
    """FILTER: conditions for ids and labels."""
    selection: Selection | None
    """SELECT: which classes and tests of forks are run; units that are no forks are not."""
    shard: tuple[int, int] | None
    """SHARD=k/n as (k, n), k from 1."""
    fail_fast: bool
    retries: int | None
    warm: bool
    prebuilt: bool
    no_skip: bool
    """Whether a unit that says it was skipped has failed."""
    commit: Commit | None
    """LONGPOLE_REV."""
    slots: int | Literal["auto"] | None
    state: Path
    """The state directory, LONGPOLE_STATE."""
    shown: Settings
    jobs: int | None
    """How many units run at once, 1 without `-j`; None if make does not say."""
    shuffled: bool
    """Whether make starts units in another order than the plan's: `make --shuffle`."""
    only_shows: bool
    """Whether make only shows what it would do: `make -n`."""
    in_unit: bool
    """Whether a unit of another run started this one; that unit has its place on the machine already."""
    environ: Mapping[str, str]
    """The whole environment; units and make inherit a part of it."""

    @property
    def slots_dir(self) -> Path:
        """The folder of all runs on the machine, LONGPOLE_SLOTS_DIR."""
        from longpole.rts_tests.limits.slots import folder_of  # only a run needs it

        return folder_of(self.environ)

    @classmethod
    def from_environ(cls, goals: Sequence[str], environ: Mapping[str, str]) -> "Request":
        """Read the variables. Raises `UseError` with all errors in them."""
        problems: list[Problem] = misspelled(environ)

        def read(parse: Callable[[str | None], _Value | None], name: str) -> _Value | None:
            try:
                return parse(environ.get(name))
            except UseError as error:
                problems.extend(error.problems)
                return None

        flags = environ.get("MAKEFLAGS", "")
        request = cls(
            goals=tuple(goals),
            seeds=read(parse_override, "SEED"),
            filter=read(parse_filter, "FILTER"),
            selection=read(parse_selection, "SELECT"),
            shard=read(parse_shard, "SHARD"),
            fail_fast=read(lambda text: parse_switch("FAIL_FAST", text), "FAIL_FAST") or False,
            retries=read(parse_retries, "RETRIES"),
            warm=read(lambda text: parse_switch("WARM", text, default=True), "WARM") or False,
            prebuilt=read(lambda text: parse_switch("PREBUILT", text), "PREBUILT") or False,
            no_skip=read(lambda text: parse_switch("NO_SKIP", text), "NO_SKIP") or False,
            commit=read(parse_revision, "LONGPOLE_REV"),
            slots=read(parse_slots, "LONGPOLE_SLOTS"),
            state=state_dir(environ),
            shown=read(lambda _: settings(environ), "") or Settings(),
            jobs=makeflags.jobs(flags),
            shuffled=makeflags.shuffles(flags),
            only_shows=makeflags.is_dry_run(flags),
            in_unit="LONGPOLE_UNIT" in environ,
            environ=environ,
        )
        if problems:
            raise UseError(*problems)
        return request


def parse_switch(name: str, text: str | None, *, default: bool = False) -> bool:
    """Whether a variable is on; `default` if it is unset. Raises `UseError` for a value that is neither on nor off."""
    if text is None:
        return default
    if text.lower() in _OFF:
        return False
    if text.lower() in _ON:
        return True
    raise UseError.at(name, f"{text!r} is neither on nor off", "write 1, yes, true or on; or 0, no, false or off")


def parse_retries(text: str | None) -> int | None:
    """The number in `RETRIES=n`; None if unset or empty. Raises `UseError`."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= MAX_RETRIES):
        raise UseError.at("RETRIES", f"{text!r} is not a number of retries", f"give a number from 0 to {MAX_RETRIES}")
    return int(text)


def parse_slots(text: str | None) -> int | Literal["auto"] | None:
    """The value of LONGPOLE_SLOTS, a number or `auto`; None if unset or empty. Raises `UseError`."""
    if not text:
        return None
    if text == "auto":
        return "auto"
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= MAX_SLOTS):
        remedy = f"give a number from 1 to {MAX_SLOTS}, or auto"
        raise UseError.at("LONGPOLE_SLOTS", f"{text!r} is not a number of slots", remedy)
    return int(text)
