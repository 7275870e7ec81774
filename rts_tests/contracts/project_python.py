"""The Python of the project under test, for `{python}`. Longpole's own may be installed elsewhere, without its modules.

The Makefile decides in the same order for builds: LONGPOLE_PROJECT_PYTHON in `Makefile.in`.
"""

import os
import sys
from collections.abc import Mapping


def project_python(environ: Mapping[str, str], wanted: str | None) -> str:
    """Return the first of: the `.venv` of the project, an active environment, `limits.python`, Longpole's own Python.

    `wanted` is the value of `limits.python`: a program, or a path relative to the current folder, which is the
    project's. The result is an absolute path, or a name to look up in PATH.
    """
    for home in (os.path.abspath(".venv"), environ.get("VIRTUAL_ENV"), environ.get("CONDA_PREFIX")):
        python = f"{home}/bin/python"
        if home and len(home.split()) == 1 and os.access(python, os.X_OK):  # make divides a value at spaces
            return python
    if wanted is None:
        return sys.executable
    return os.path.abspath(wanted) if "/" in wanted else wanted
