"""What a result file becomes in an index: all that needs only the file, so that several processes can do it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from json import dumps

from longpole.perf import packs
from longpole.perf.files import NewerVersion, place_of, read
from longpole.perf.index_rows import Row, rows_of
from longpole.perf.index_tables import microseconds
from longpole.perf.model import VERSION, Result, Skip
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import parse_json

_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Encoded:
    """A file as rows of an index. `version` is that of the file, as far as it is known.

    Either `unreadable` says why it is no result file, and whether it is one of a newer version; or there is a `digest`,
    and a `run` or a `skip`.
    """

    path: str
    version: int | None = None
    unreadable: tuple[str, bool] | None = None
    digest: bytes | None = None
    skip: tuple[object, ...] | None = None
    run: tuple[object, ...] | None = None
    platform: str = ""
    failures: tuple[tuple[str, str], ...] = ()
    rows: tuple[Row, ...] = ()


def encoded(contents: Iterable[tuple[str, bytes | UseError]]) -> Iterator[Encoded]:
    """Each file as rows; `contents` is what `Source.read` gives."""
    for path, data in contents:
        yield _encoded(path, data)


def _encoded(path: str, data: bytes | UseError) -> Encoded:
    try:
        if isinstance(data, UseError):
            raise data
        item = read(data, path)
        if packs.FILE.fullmatch(path) and place_of(item, data) != path:
            raise UseError.at(path, "its content does not fit its name", "remove it")
    except UseError as error:
        first, version = error.problems[0], None
        if isinstance(error, NewerVersion) and isinstance(data, bytes):
            version = min(parse_json(data)["version"], _LARGEST)
        why = "; ".join(filter(None, (first.what, first.remedy)))
        return Encoded(path, version, (why, version is not None))
    digest = sha256(data).digest()
    if isinstance(item, Skip):
        return Encoded(path, VERSION, digest=digest, skip=_skip(item))
    failures = tuple((each.name, each.message) for each in item.failures)
    rows = tuple(rows_of(item))
    run = _run(item)
    return Encoded(path, VERSION, digest=digest, run=run, platform=item.platform, failures=failures, rows=rows)


def _skip(skip: Skip) -> tuple[object, ...]:
    depth = None if skip.queue_depth is None else min(skip.queue_depth, _LARGEST)
    return skip.platform, skip.commit, microseconds(skip.decided_at), skip.why, depth, skip.trigger


def _run(result: Result) -> tuple[object, ...]:
    reference = None if result.reference is None else result.reference.mean
    machine = dumps(dict(result.machine), sort_keys=True, ensure_ascii=False)
    about = (result.failed, result.reason, result.tool, machine, reference, len(result.benchmarks))
    return result.platform, result.commit, microseconds(result.measured_at), *about
