"""The environment that units see: the caller's, without what steers make and Longpole, with the unit's own."""

from collections.abc import Mapping

from rts_tests.plan import Unit
from rts_tests.seeds import Seeds

_STEERING = frozenset(
    """
    MAKEFLAGS MFLAGS GNUMAKEFLAGS MAKELEVEL MAKEOVERRIDES MAKEFILES MAKE_TERMOUT MAKE_TERMERR
    SEED FILTER SHARD FAIL_FAST WARM
    LONGPOLE_REQUEST LONGPOLE_REPLY LONGPOLE_SELECTION LONGPOLE_GOALS LONGPOLE_STATE LONGPOLE_NEWLINE
    """.split()
)


def without_steering(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment less the variables that would steer a make or a Longpole below."""
    return {name: value for name, value in environ.items() if name not in _STEERING}


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
