"""Ranges in which a change point lies, from what `longpole perf detect --json` printed."""

import os
from typing import Any

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import read_json


def read_suspects(path: str) -> dict[str, list[tuple[str, str]]]:
    """Each platform to its ranges: the last commit before a change and the first after it. Recovered ones are left out.

    An empty file has none: `longpole perf detect --json > FILE` leaves one if it fails, as before there are results.
    Raises `UseError` for anything but the JSON of `longpole perf detect`.
    """
    suspects: dict[str, list[tuple[str, str]]] = {}
    if os.path.isfile(path) and os.path.getsize(path) == 0:
        return suspects
    for number, point in enumerate(read_points(path)):
        platform, pair = _suspect(path, number, point)
        if pair not in suspects.setdefault(platform, []) and not point.get("recovered_at"):
            suspects[platform].append(pair)
    return suspects


def read_points(path: str) -> list[Any]:
    """The change points in a file, as they are there. Raises `UseError` as `read_suspects`."""
    try:
        content = read_json(path)
    except OSError as error:
        raise UseError.at(path, error.strerror or "cannot be read", REMEDY) from None
    except ValueError as error:
        raise UseError.at(path, f"not JSON: {error}", REMEDY) from None
    points = content.get("change_points") if isinstance(content, dict) else None
    if not isinstance(points, list) or content.get("version") != 1:
        raise UseError.at(path, "not what `longpole perf detect --json` prints", REMEDY)
    return points


def _suspect(path: str, number: int, point: Any) -> tuple[str, tuple[str, str]]:  # noqa: ANN401  JSON
    match point:
        case {"platform": str(platform), "commit_before": str(before), "commit_after": str(after)}:
            return platform, (before, after)
    what = f"change_points[{number}] has not all of platform, commit_before, commit_after"
    raise UseError.at(path, what, REMEDY)


REMEDY = "name a file that `longpole perf detect --json` has written"
