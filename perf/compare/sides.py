"""A side of a comparison: the results of one commit, or of the files that a user names."""

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from longpole.perf.files import MAX_BYTES, read
from longpole.perf.model import Result
from longpole.perf.sources import FolderSource, Source
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import open_regular


@dataclass(frozen=True, slots=True)
class Side:
    """The results that stand for one of the two, oldest first, and what it is called in a report."""

    name: str
    results: tuple[Result, ...]

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platforms of its results, sorted."""
        return tuple(sorted({result.platform for result in self.results}))

    @property
    def commits(self) -> tuple[str, ...]:
        """The commits of its results, each once."""
        return tuple(dict.fromkeys(result.commit for result in self.results))

    def of(self, platform: str) -> tuple[Result, ...]:
        """Its results of one platform, also those that are evidence of failure."""
        return tuple(result for result in self.results if result.platform == platform)

    def on(self, platforms: Collection[str]) -> "Side":
        """The same side with the results of these platforms only."""
        return Side(self.name, tuple(result for result in self.results if result.platform in platforms))


def side_of(name: str, files: Iterable[tuple[str, bytes]]) -> Side:
    """The side of these result files, each with its place; of equal files one counts, and skips do not.

    Raises `UseError` if one cannot be read, or if none is a result.
    """
    contents = {data: place for place, data in files}
    items = [read(data, place) for data, place in contents.items()]
    results = sorted((item for item in items if isinstance(item, Result)), key=lambda result: result.measured_at)
    if not results:
        raise UseError.at(name, "no results here", "name a measured commit, a result file, or a folder of some")
    return Side(name, tuple(results))


def side_of_path(path: str) -> Side:
    """The side of a result file, or of all that are in a folder. Raises `UseError`, also if one cannot be read."""
    if os.path.isdir(path):
        return side_of_source(path, FolderSource(path), None)
    try:
        with open_regular(path) as file:
            return side_of(path, [(path, file.read(MAX_BYTES + 1))])
    except OSError as error:
        raise UseError.at(path, error.strerror or "cannot be read", "name a result file") from None


def side_of_source(name: str, source: Source, paths: Sequence[str] | None) -> Side:
    """The side of these files of a source; None: of all. Raises `UseError`, also if one cannot be read."""
    files = source.files()  # a source reads only what it has listed
    return side_of(name, _contents(source, list(files) if paths is None else paths))


def _contents(source: Source, paths: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    for path, data in source.read(paths):
        if isinstance(data, UseError):
            raise data
        yield os.path.join(source.place, path), data
