"""The environment that units see: the caller's, without what steers make and Longpole, with the unit's own."""

from collections.abc import Mapping

from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.contracts.seeds import Seeds

_OF_MAKE = ("MAKEFLAGS", "MFLAGS", "GNUMAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MAKEFILES")
_OF_MAKE_OUTPUT = ("MAKE_TERMOUT", "MAKE_TERMERR")
_TYPED = ("SEED", "FILTER", "SHARD", "FAIL_FAST", "RETRIES", "WARM", "PREBUILT")
_OF_THE_RUN = ("REQUEST", "REPLY", "SELECTION", "GOALS", "STATE", "SLOTS", "SLOTS_DIR", "NEWLINE", "STATUS")
_OF_THE_VIEW = ("VIEW", "ORDER", "VERBOSE")
_OURS = (f"LONGPOLE_{name}" for name in (*_OF_THE_RUN, *_OF_THE_VIEW))
_STEERING = frozenset((*_OF_MAKE, *_OF_MAKE_OUTPUT, *_TYPED, *_OURS))


def without_steering(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment less the variables that would steer a make or a Longpole below."""
    return {name: value for name, value in environ.items() if name not in _STEERING}


def without_make(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment less what a make above has put there: for a make that is not to be part of that one."""
    return {name: value for name, value in environ.items() if name not in (*_OF_MAKE, *_OF_MAKE_OUTPUT)}


def own_variables(unit: Unit, seeds: Seeds, run: str, tmpdir: str) -> dict[str, str]:
    """What every unit is told about itself."""
    return {
        "LONGPOLE_UNIT": unit.id,
        "LONGPOLE_VARIANT": unit.variant,
        "LONGPOLE_MODULE": unit.module,
        "LONGPOLE_SEED": str(seeds.first or 0),
        "LONGPOLE_RUN": run,
        "TMPDIR": tmpdir,
    }
