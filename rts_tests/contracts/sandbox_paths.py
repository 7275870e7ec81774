"""The paths of sandboxes, which differ from run to run, in texts that are to be the same in each."""

import re
from collections.abc import Callable

_SHORT = re.compile(r"/lp-[0-9a-f]{8}\b")


def without_paths(run: str) -> Callable[[str], str]:
    """Return what writes the sandboxes of the run of this name as `$BASE_DIR`, and short folders as `/tmp/lp-...`."""
    sandbox = re.compile(rf"/(?:[^/\s'\"`]+/)*longpole-{re.escape(run)}/[^/\s'\"`]+/s(?![\w.-])")

    def written(text: str) -> str:
        return _SHORT.sub("/lp-...", sandbox.sub("$BASE_DIR", text))

    return written
