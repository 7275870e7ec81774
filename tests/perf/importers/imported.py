"""An import of a test: what it wrote, and what it said."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from longpole.perf.files import place_of, read
from longpole.perf.importers.complete import Completer
from longpole.perf.importers.found import found
from longpole.perf.importers.import_files import import_documents
from longpole.perf.model import Benchmark, Metric, Result
from tests.project import REPOSITORY

RECORDED = REPOSITORY / "tests/perf/recorded"
COMMIT = "c" * 40
AT = datetime(2026, 4, 20, 20, 27, 37, tzinfo=UTC)
GIVEN = Completer(platform="x86_64-linux", commit=COMMIT, measured_at=AT)


@dataclass(frozen=True)
class Import:
    """The results in the order of their time, how many are new, and the messages."""

    results: tuple[Result, ...]
    new: int
    messages: tuple[str, ...]

    @property
    def result(self) -> Result:
        """The one result, of an import without messages."""
        assert self.messages == ()
        (result,) = self.results
        return result

    def benchmark(self, name: str) -> Benchmark:
        """A benchmark of the one result."""
        return next(each for each in self.result.benchmarks if each.name == name)

    def metric(self, benchmark: str, name: str) -> Metric:
        """A metric of the one result."""
        return self.benchmark(benchmark).metrics[name]


def imported(tmp_path: Path, *paths: Path, completer: Completer | None = None, wanted: str | None = None) -> Import:
    """Import files, and read what there is then. Every result file has the place that its content says."""
    named = found(map(str, paths))
    out = tmp_path / "out"
    done = import_documents(named.documents, out, completer or Completer(), wanted)
    results = []
    for path in sorted(out.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            item = read(data, str(path))
            assert str(path.relative_to(out)) == place_of(item, data)
            assert isinstance(item, Result)
            results.append(item)
    results.sort(key=lambda each: each.measured_at)
    messages = tuple(str(error) for error in (*named.errors, *done.errors))
    return Import(tuple(results), done.new.total(), messages)


def of_bytes(
    tmp_path: Path, data: bytes, name: str = "x86-64-linux.jsonl", completer: Completer | None = None, **options: Any
) -> Import:
    """Import one file with this content."""
    path = tmp_path / name
    path.write_bytes(data)
    return imported(tmp_path, path, completer=completer, **options)
