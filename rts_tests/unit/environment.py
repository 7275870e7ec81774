"""The environment of units: the caller's, without the variables of make and Longpole, plus the unit's own."""

import os
from collections.abc import Mapping

from longpole.rts_tests.contracts.plan import Plan, Unit
from longpole.rts_tests.contracts.seeds import Seeds

_OF_MAKE = ("MAKEFLAGS", "MFLAGS", "GNUMAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MAKEFILES")
_OF_MAKE_OUTPUT = ("MAKE_TERMOUT", "MAKE_TERMERR")
_TYPED = ("SEED", "FILTER", "SHARD", "FAIL_FAST", "RETRIES", "WARM", "PREBUILT", "NO_SKIP", "SELECT")
_OF_THE_RUN = ("REQUEST", "REPLY", "SELECTION", "GOALS", "STATE", "SLOTS", "SLOTS_DIR", "NEWLINE", "STATUS", "LEVEL")
_OF_THE_VIEW = ("VIEW", "ORDER", "VERBOSE")
_OF_RESULTS = ("PROTOCOL", "FORK", "FORKS", "THREADS", "CLASSES", "QUEUE", "SELECT")
_OURS = (f"LONGPOLE_{name}" for name in (*_OF_THE_RUN, *_OF_THE_VIEW, *_OF_RESULTS))
_STEERING = frozenset((*_OF_MAKE, *_OF_MAKE_OUTPUT, *_TYPED, *_OURS))


def without_steering(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without the variables that would steer a make or a Longpole below."""
    return {name: value for name, value in environ.items() if name not in _STEERING}


def without_make(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without the variables of a make above, for a make that is not part of it."""
    return {name: value for name, value in environ.items() if name not in (*_OF_MAKE, *_OF_MAKE_OUTPUT)}


class UnitEnvironments:
    """The variables of a run's units.

    The variables that all units of a variant and a module share, mostly the caller's, are merged and encoded once; a
    unit adds three.
    """

    def __init__(self, plan: Plan, caller: Mapping[str, str], run: str) -> None:
        """`caller` is the environment in which the run was started, `run` the run's name."""
        self._plan = plan
        self._run = run
        self.base = without_steering(caller)
        """The variables that every unit inherits."""
        self._base = _encoded(self.base)
        self._shared: dict[tuple[str, str], dict[str, str]] = {}
        self._whole: dict[tuple[str, str], dict[bytes, bytes]] = {}

    def own(self, unit: Unit, seeds: Seeds, tmpdir: str, more: Mapping[str, str]) -> dict[str, str]:
        """Return the variables of a unit beyond `base`: about itself, from the suite, and `more`."""
        return {**self._common(unit), **_apart(unit, seeds, tmpdir), **more}

    def whole(self, unit: Unit, seeds: Seeds, tmpdir: str, more: Mapping[str, str]) -> dict[bytes, bytes]:
        """Return the whole environment of a unit, encoded for the kernel."""
        return {**self.shared(unit), **_encoded(_apart(unit, seeds, tmpdir)), **_encoded(more)}

    def shared(self, unit: Unit) -> dict[bytes, bytes]:
        """Return what the environments of all units of a variant and a module share, encoded for the kernel."""
        key = (unit.variant, unit.module)
        shared = self._whole.get(key)
        if shared is None:
            shared = self._whole[key] = {**self._base, **_encoded(self._common(unit))}
        return shared

    def _common(self, unit: Unit) -> dict[str, str]:
        variant, module, cwd = unit.variant, unit.module, self._plan.cwd_of(unit)
        common = self._shared.get((variant, module))
        if common is None:
            results = self._plan.modules[module].results
            common = self._shared[variant, module] = {
                "LONGPOLE_VARIANT": variant,
                "LONGPOLE_MODULE": module,
                "LONGPOLE_RUN": self._run,
                **({"LONGPOLE_PROTOCOL": "1"} if results is not None and results.source == "protocol" else {}),
                **({"PWD": os.path.abspath(cwd)} if cwd is not None else {}),
                **self._plan.variants[variant].env,
                **self._plan.modules[module].env,
            }
        return common


def _apart(unit: Unit, seeds: Seeds, tmpdir: str) -> dict[str, str]:
    return {"LONGPOLE_UNIT": unit.id, "LONGPOLE_SEED": str(seeds.first or 0), "TMPDIR": tmpdir}


def _encoded(variables: Mapping[str, str]) -> dict[bytes, bytes]:
    return {os.fsencode(name): os.fsencode(value) for name, value in variables.items()}
