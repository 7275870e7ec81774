"""`longpole perf import`: documents to result files. What is broken is left out and reported, and nothing is lost."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from longpole.perf.files import to_bytes, write_once
from longpole.perf.importers.complete import Completer
from longpole.perf.importers.criterion import read_folders
from longpole.perf.importers.documents import Document
from longpole.perf.importers.drafts import Draft
from longpole.perf.importers.formats import Records, records
from longpole.perf.importers.found import Estimates
from longpole.perf.model import Result, Skip
from longpole.rts_tests.contracts.errors import Problem, UseError


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: for each platform how many results are new, and how many were there; and what is broken."""

    new: Counter[str]
    known: Counter[str]
    errors: tuple[UseError, ...]


def import_documents(
    documents: Iterable[Document | Estimates],
    out: Path,
    completer: Completer,
    wanted: str | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> Imported:
    """Write a result file below `out` for each record; `wanted` is a format, None to recognise it.

    `advance` is called with numbers of bytes of the documents that were read.
    """
    new: Counter[str] = Counter()
    known: Counter[str] = Counter()
    errors: list[UseError] = []
    for document in documents:
        for record in _records(document, wanted, advance):
            try:
                item, data = _item(record, document, completer)
                _, is_new = write_once(item, data, out)
                (new if is_new else known)[item.platform] += 1
            except UseError as error:
                errors.append(error)
    return Imported(new, known, tuple(errors))


def size_of(document: Document | Estimates) -> int:
    """Its size in bytes; 0 if it is not there."""
    try:
        return document.size
    except UseError:
        return 0


def _records(document: Document | Estimates, wanted: str | None, advance: Callable[[int], None]) -> Records:
    if isinstance(document, Document):
        yield from records(document, wanted, advance)
    else:
        yield from read_folders(document.documents, document.place)
        advance(size_of(document))


def _item(
    record: Draft | Result | Skip | UseError, document: Document | Estimates, completer: Completer
) -> tuple[Result | Skip, bytes]:
    """The item of a record, and its file. Raises what the record is, if that is an error, or what is wrong with it."""
    if isinstance(record, UseError):
        raise record
    if not isinstance(record, Draft):
        return record, to_bytes(record)
    file = document if isinstance(document, Document) else document.documents[0]
    result = completer.result(record, file.path, document.modified_at)
    try:
        return result, to_bytes(result)
    except UseError as error:
        problems = (Problem(record.place, None, None, each.what, each.remedy) for each in error.problems)
        raise UseError(*problems) from None
