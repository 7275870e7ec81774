"""The formats that can be imported, how they are told apart, and the records of a document."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from longpole.perf.files import read
from longpole.perf.importers import (
    action,
    asv,
    criterion,
    google,
    gruel,
    hyperfine,
    ours,
    pyperf,
    pytest_benchmark,
)
from longpole.perf.importers.documents import Document, parse
from longpole.perf.importers.drafts import Draft
from longpole.perf.model import Result, Skip
from longpole.rts_tests.contracts.errors import UseError

Records = Iterator[Draft | Result | Skip | UseError]
MAX_ERRORS = 10_000
"""After so many broken records the rest of a file is not read."""


@dataclass(frozen=True, slots=True)
class Format:
    """How a document of a format is recognised by its content, and read: the content and its place to drafts."""

    recognises: Callable[[object], bool]
    read: Callable[[Any, str], Iterator[Draft | UseError]]


FORMATS = {
    "asv": Format(asv.is_asv, asv.read),
    "github-action-benchmark": Format(action.is_action, action.read),
    "google-benchmark": Format(google.is_google, google.read),
    "gruel": Format(gruel.is_gruel, gruel.read),
    "hyperfine": Format(hyperfine.is_hyperfine, hyperfine.read),
    "pyperf": Format(pyperf.is_pyperf, pyperf.read),
    "pytest-benchmark": Format(pytest_benchmark.is_pytest_benchmark, pytest_benchmark.read),
    "criterion": Format(criterion.is_message, lambda content, place: criterion.read_messages([content], place)),
}
"""The name of a format to it. Of two that recognise a document the first one reads it."""


def records(document: Document, wanted: str | None, advance: Callable[[int], None]) -> Records:
    """What the records of a document say, or why one says nothing. `wanted` is a format, None to recognise it.

    `advance` is called with numbers of bytes of the file that were read.
    """
    try:
        if document.is_lines:
            yield from _of_lines(document, wanted, advance)
        else:
            yield from _of_whole(document, wanted)
            advance(document.size)
    except UseError as error:
        yield error


def _of_whole(document: Document, wanted: str | None) -> Records:
    content = document.whole()
    if criterion.is_estimates(content) and wanted in (None, "criterion"):
        yield from criterion.read_folders([document], document.place)
    else:
        yield from _of_content(content, document.place, wanted)


def _of_lines(document: Document, wanted: str | None, advance: Callable[[int], None]) -> Records:
    """A record a line. The messages of cargo-criterion are one record together."""
    messages: list[Any] = []
    errors = 0
    for number, line in document.lines(advance):
        place = f"{document.place}:{number}"
        try:
            content = parse(line, place)
            if criterion.is_message(content) and wanted in (None, "criterion"):
                messages.append(content)
                continue
            for record in _of_content(content, place, wanted):
                errors += isinstance(record, UseError)
                yield record
        except UseError as error:
            errors += 1
            yield error
        if errors >= MAX_ERRORS:
            raise UseError.at(document.place, f"{errors} broken records; the rest is not read", "name another file")
    if messages:
        yield from criterion.read_messages(messages, document.place)


def _of_content(content: object, place: str, wanted: str | None) -> Records:
    if wanted is None and ours.is_ours(content):
        yield read(json.dumps(content).encode(), place)
        return
    name = wanted or next((name for name, each in FORMATS.items() if each.recognises(content)), None)
    if name is None:
        remedy = f"name a file of {', '.join(sorted(FORMATS))} or longpole"
        raise UseError.at(place, "the format is not known", remedy)
    if not FORMATS[name].recognises(content):
        raise UseError.at(place, f"not a document of {name}", "leave out --format")
    yield from FORMATS[name].read(content, place)
