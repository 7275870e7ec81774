"""The targets of a rendered makefile, for suggestions and completion."""

import re

_RULE = re.compile(r"^([A-Za-z0-9_][\w.+-]*(?: [\w.+-]+)*):(?!=)", re.MULTILINE)
_UNIT = re.compile(r"^\t(test-[\w.-]+)(?: \\)?$", re.MULTILINE)
_INTERNAL = frozenset({"start-run", "longpole-asked"})


def targets_of(makefile: str) -> tuple[list[str], list[str]]:
    """The targets in the text of a makefile that users type: those with rules, and those of single units."""
    rules = dict.fromkeys(name for names in _RULE.findall(makefile) for name in names.split())
    units = dict.fromkeys(_UNIT.findall(makefile))
    return [name for name in rules if name not in _INTERNAL], [name for name in units if name not in rules]
