"""Variables in the texts of a scenario: `$NAME`, replaced before any shell sees the text.

A name is as many of `A` to `Z`, digits and `_` as follow the `$`: `$DIR_NAMES` is never `DIR` or `DIR_NAME` with
something after it. Unknown names stay as they are, and what a value holds is not expanded again.
"""

import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"\$([A-Z0-9_]+)")


class Variables:
    """The values that a scenario's texts may use, by name."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    def expand(self, text: str) -> str:
        """Return `text` with its variables replaced, without quoting: also inside quotes and after a backslash."""
        if "$" not in text:
            return text
        return _VARIABLE.sub(lambda match: self._values.get(match[1], match[0]), text)

    def expand_pattern(self, text: str) -> str:
        """Return the regular expression `text` with its variables replaced; each matches its value literally."""
        if "$" not in text:
            return text
        values = self._values
        return _VARIABLE.sub(lambda match: re.escape(values[match[1]]) if match[1] in values else match[0], text)
