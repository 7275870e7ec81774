"""The documents that arguments name: files, and what is in folders."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from longpole.perf.importers.asv import NOT_RESULTS
from longpole.perf.importers.criterion import ESTIMATES, NOT_NEW
from longpole.perf.importers.documents import LINES, Document
from longpole.rts_tests.contracts.errors import UseError

_ENDINGS = (*LINES, ".json")
_DATA_JS = "data.js"


@dataclass(frozen=True, slots=True)
class Estimates:
    """The estimates of Criterion's benchmarks that were measured together: one result."""

    folder: str
    documents: tuple[Document, ...]

    @property
    def place(self) -> str:
        """The folder, for messages."""
        return self.folder

    @property
    def modified_at(self) -> datetime:
        """When the last of those that are there was modified. Raises `UseError` if none is there."""
        there = [document for document in self.documents if document.path.exists()]
        return max(document.modified_at for document in there or self.documents)

    @property
    def size(self) -> int:
        """Their size in bytes. Raises `UseError` if one is not there."""
        return sum(document.size for document in self.documents)


@dataclass(frozen=True, slots=True)
class Found:
    """What arguments name, each file once, in the order of the arguments and then by path; and what is not there."""

    documents: tuple[Document | Estimates, ...]
    errors: tuple[UseError, ...]


def found(arguments: Iterable[str]) -> Found:
    """What to import. Of a folder these are its files of results, at any depth, without hidden folders and links."""
    folders: dict[Path, str] = {}
    errors = []
    for argument in arguments:
        inside = list(_inside(argument)) if os.path.isdir(argument) else None
        for path in [Path(argument)] if inside is None else inside:
            folders.setdefault(path, _together(path) if inside is None else argument)
        if inside == []:
            errors.append(UseError.at(argument, "no files of results in it", "name a folder that has some"))
    estimates: dict[str, list[Document]] = {}
    documents: list[Document | Estimates] = []
    for path, folder in folders.items():
        if path.name == ESTIMATES:
            estimates.setdefault(folder, []).append(Document(path))
        else:
            documents.append(Document(path))
    documents += [Estimates(folder, tuple(each)) for folder, each in estimates.items()]
    return Found(tuple(documents), tuple(errors))


def _inside(folder: str) -> Iterator[Path]:
    """The files of results in a folder. Criterion's and asv's further files are read beside them, or not at all."""
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        names = [name for name in sorted(files) if _is_of_results(name)]
        if ESTIMATES in names:
            names = [] if Path(parent).name in NOT_NEW else [ESTIMATES]
        yield from (path for path in (Path(parent, name) for name in names) if not path.is_symlink())


def _is_of_results(name: str) -> bool:
    bare = name.removesuffix(".gz")
    return bare == _DATA_JS or (bare.endswith(_ENDINGS) and bare not in NOT_RESULTS and not bare.startswith("."))


def _together(path: Path) -> str:
    """The folder that lone estimates are of: Criterion's, or the one that holds the folders of the benchmarks."""
    parents = path.absolute().parents
    named = next((folder for folder in parents if folder.name == "criterion"), None)
    return str(named or parents[min(2, len(parents) - 1)])
