"""Where a failed case is in the repository, for tools that show a failure beside the source."""

import os
from pathlib import Path

_SOURCES = ("java", "kotlin", "scala", "groovy")
"""Folders of `src/test` in which Maven and Gradle look for tests; a stack trace of these names a file without path."""


def annotated_path(file: str, class_name: str, root: Path, cwd: str | None, workspace: Path | None = None) -> str:
    """The path of a source file in `workspace`, which is `root` by default; `file` as it is if it is not found there.

    `root` is the folder of the suite, `cwd` that of the unit, relative to it.
    """
    base = os.path.realpath(workspace or root)
    for candidate in _candidates(file, class_name, str(root), cwd):
        if os.path.isfile(candidate):
            found = os.path.relpath(os.path.realpath(candidate), base)
            if not found.startswith(os.pardir):
                return found
    return file


def _candidates(file: str, class_name: str, root: str, cwd: str | None) -> list[str]:
    folders = [os.path.join(root, cwd), root] if cwd else [root]
    paths = [os.path.join(folder, file) for folder in folders]
    if "/" not in file:
        package = class_name.rpartition(".")[0].replace(".", "/")
        sources = [os.path.join("src/test", language, package, file) for language in _SOURCES]
        paths += [os.path.join(folder, source) for folder in folders for source in sources]
    return paths
