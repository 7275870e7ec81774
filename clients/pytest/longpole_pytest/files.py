"""The files that a fork is to run, and the names by which Longpole knows them: relative to the working directory.

`FILE::NAME` is a part of a file: a class or function of it, with all that is in it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional

from longpole_pytest.claims import names_in

if TYPE_CHECKING:
    import pytest


class Files:
    """The files given to this fork; with a `queue`, all files of the suite, which the forks take from it."""

    def __init__(self, names: List[str], root: str, queue: Optional[str]) -> None:
        """`names` are relative to the folder `root`."""
        self.names = names
        self.queue = queue
        self.root = root
        self._by_path: Dict[str, Dict[str, str]] = {}
        for name in names:
            file, _, part = name.partition("::")
            self._by_path.setdefault(os.path.abspath(os.path.join(root, file)), {})[part] = name

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], root: str) -> Optional[Files]:
        """The files that the environment names; None if Longpole has not started this process."""
        listed, queue = environ.get("LONGPOLE_CLASSES"), environ.get("LONGPOLE_QUEUE")
        if environ.get("LONGPOLE_PROTOCOL") != "1" or not (listed or queue):
            return None
        if queue and not listed:
            return cls(names_in(queue), root, queue)
        return cls.read(str(listed), root, queue or None)

    @classmethod
    def read(cls, classes: str, root: str, queue: Optional[str]) -> Files:
        """The files that are named in the file `classes`, each once."""
        with open(classes, encoding="utf-8") as file:
            names = [line for line in file.read().split("\n") if line]
        return cls(list(dict.fromkeys(names)), root, queue)

    def announce(self, early_config: pytest.Config) -> None:
        """Have pytest load the conftest files beside these files early, as it does for files on its command line."""
        namespace: Any = early_config.known_args_namespace
        default = [str(early_config.invocation_params.dir), *early_config.getini("testpaths")]
        namespace.file_or_dir = [*(namespace.file_or_dir or default), *self.existing()]

    def name_of(self, path: str, part: Optional[str] = None) -> Optional[str]:
        """The name of the file at `path`, or of this part of it; None if it was not given."""
        names = self._by_path.get(os.path.abspath(path), {})
        return names.get("") or names.get(part or "")

    def names_of(self, path: str) -> List[str]:
        """The names of the file at `path`: its own, or those of the parts that were given."""
        return list(self._by_path.get(os.path.abspath(path), {}).values())

    def exists(self, name: str) -> bool:
        """Whether there is such a file now."""
        return os.path.exists(os.path.join(self.root, name.partition("::")[0]))

    def existing(self) -> List[str]:
        """The names of the files that exist, each once."""
        return list(dict.fromkeys(name.partition("::")[0] for name in self.names if self.exists(name)))


def relative(path: str, root: str) -> str:
    """The name of the file at `path`, relative to the folder `root`, with slashes."""
    return os.path.relpath(path, root).replace(os.sep, "/")
