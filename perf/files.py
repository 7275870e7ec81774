"""Result files: one result or skip each, in canonical JSON, named by their content; they are never rewritten."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from longpole.perf import packs
from longpole.perf.model import VERSION, Result, Skip
from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.files import parse_json, write_atomic

MAX_BYTES = packs.MAX_BYTES
_MAX_PROBLEMS = 5
_KINDS: dict[str, type[Result] | type[Skip]] = {"result": Result, "skip": Skip}
_END = b',"version":%d}\n' % VERSION
_FOLDERS = {"result": "runs", "skip": "skips"}


class NewerVersion(UseError):
    """A result file is of a version that a later Longpole has written."""


def read(data: bytes, place: str) -> Result | Skip:
    """Return what the result file `place` says.

    Raises `UseError` if it is no result file of version 3 or has impossible values, and `NewerVersion`, which is one,
    if it is of a later version. Versions 1 and 2 are of another program: `importers` read them.
    """
    if len(data) > MAX_BYTES:
        raise UseError.at(place, f"larger than {MAX_BYTES >> 20} MiB", "it is no result file")
    item = _canonical(data) or _explained(data, place)
    if isinstance(item, Result):
        _check_whole(item, place)
    return item


def to_bytes(item: Result | Skip) -> bytes:
    """The canonical file: JSON with sorted keys, without spaces, and a line end. Equal items are equal files.

    Raises `UseError` if `read` would refuse it.
    """
    place = f"{item.kind} of {item.commit[:12]} on {item.platform}"
    content = _adapter(item.kind).dump_python(_in_utc(item), mode="json")
    try:
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        data = text.encode() + b"\n"
    except ValueError as error:
        raise UseError.at(place, f"cannot be written: {error}", "leave the value out") from None
    read(data, place)
    return data


def _in_utc(item: Result | Skip) -> Result | Skip:
    """The item with its time in UTC: times that are equal are written in one way."""
    try:
        if isinstance(item, Result):
            return replace(item, measured_at=_utc(item.measured_at))
        return replace(item, decided_at=_utc(item.decided_at))
    except OverflowError:  # near the years 1 and 9999, which `read` refuses
        return item


def _utc(time: datetime) -> datetime:
    return time if time.tzinfo is None else time.astimezone(UTC)


def place_of(item: Result | Skip, data: bytes) -> str:
    """The path of a file on the branch: `runs/<platform>/<yyyy>/<mm>/<sha256>.json`, or `skips/…`, by its month."""
    at: datetime = (item.measured_at if isinstance(item, Result) else item.decided_at).astimezone(UTC)
    return f"{_FOLDERS[item.kind]}/{item.platform}/{at:%Y/%m}/{sha256(data).hexdigest()}.json"


def write(item: Result | Skip, folder: str | os.PathLike[str]) -> str:
    """Write the file of `item` below `folder`, which is made if there is none; return its path.

    A file that is there already stays as it is: it has the same content. Raises `UseError` if `read` would refuse the
    file, or if it cannot be written.
    """
    return write_once(item, to_bytes(item), folder)[0]


def write_once(item: Result | Skip, data: bytes, folder: str | os.PathLike[str]) -> tuple[str, bool]:
    """As `write`, of what `to_bytes` made of `item`; also returns whether the file is new."""
    path = os.path.join(folder, place_of(item, data))
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.exists(path):
            return path, False
        write_atomic(path, data)
    except OSError as error:
        raise UseError.at(path, error.strerror or "cannot be written", "name another --out") from None
    return path, True


def _canonical(data: bytes) -> Result | Skip | None:
    """What a file says if it ends as those of `to_bytes` do, and is valid. Parsed once: readers have many thousands."""
    if not data.endswith(_END):
        return None
    try:
        return _either().validate_json(data)
    except ValidationError:
        return None


def _explained(data: bytes, place: str) -> Result | Skip:
    """What any file says, or, as `read` does, why it is no result file."""
    try:
        content = parse_json(data)
    except ValueError as error:
        raise UseError.at(place, f"not JSON: {error}", "name a result file") from None
    if not isinstance(content, dict):
        raise UseError.at(place, "not a JSON object", "name a result file")
    version, kind = content.get("version"), content.get("kind")
    if isinstance(version, int) and not isinstance(version, bool) and version > VERSION:
        raise NewerVersion.at(
            place, f"of version {version}", f"this Longpole reads version {VERSION}: install a newer one"
        )
    if version != VERSION or not isinstance(kind, str) or kind not in _KINDS:
        raise UseError.at(place, "not a result file of version 3", "convert it with `longpole perf import`")
    try:
        return _adapter(kind).validate_json(data)
    except ValidationError as error:
        raise UseError(*_problems(error, place)) from None


@cache
def _either() -> TypeAdapter[Result | Skip]:
    return TypeAdapter(Annotated[Result | Skip, Field(discriminator="kind")])


@cache
def _adapter(kind: str) -> TypeAdapter[Result | Skip]:
    return TypeAdapter(_KINDS[kind])


def _check_whole(result: Result, place: str) -> None:
    names = [benchmark.name for benchmark in result.benchmarks]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UseError.at(place, f"benchmark {twice!r} occurs twice", "give every benchmark one name")
    if not result.benchmarks and not result.failures:
        raise UseError.at(place, "neither benchmarks nor failures", "record at least one of them")


def _problems(error: ValidationError, place: str) -> list[Problem]:
    """One problem for each error of pydantic, with the path inside the file; the first few of them."""
    problems = []
    for each in error.errors(include_url=False, include_input=False)[:_MAX_PROBLEMS]:
        path = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in each["loc"]).removeprefix(".")
        problems.append(Problem(place, None, None, f"{path[:300]}: {each['msg']}", "correct the file, or leave it out"))
    return problems
