"""The environment of a test."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any


def environment(before: Mapping[str, str], operations: Iterable[Sequence[Any]]) -> dict[str, str]:
    """The environment after these operations: `[operation, name, values, separator]`."""
    environ = dict(before)
    for operation, name, values, separator in operations:
        now = environ.get(name)
        if operation == "unset":
            environ.pop(name, None)
        elif operation == "default":
            environ[name] = now or separator.join(values)
        elif operation == "prepend" and now is not None:
            environ[name] = separator.join([*values, now])
        elif operation == "append" and now is not None:
            environ[name] = separator.join([now, *values])
        else:
            environ[name] = separator.join(values)
    return environ
