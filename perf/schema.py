"""The JSON Schema of result files, for other programs that write them."""

import json
from typing import Any

from pydantic import TypeAdapter

from longpole.perf.model import Result, Skip


def json_schema() -> str:
    """The schema of what `files.read` accepts, as JSON with a line end. Names of benchmarks must differ, besides."""
    either: TypeAdapter[Any] = TypeAdapter(Result | Skip)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A result file of longpole perf"}
    return json.dumps({**schema, **either.json_schema()}, indent=2) + "\n"
