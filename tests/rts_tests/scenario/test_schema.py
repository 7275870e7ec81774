"""The published schema: what the parser's table says now, and no stricter than the parser."""

import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.scenario.schema import json_schema
from tests.project import REPOSITORY
from tests.rts_tests.scenario.scenarios import HEAD, STEPS, parsed
from tests.rts_tests.scenario.test_parse import WHOLE
from tests.rts_tests.scenario.test_parse_errors import SHAPES

SCHEMA: dict[str, Any] = json.loads(json_schema())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def test_the_published_schema_is_the_parsers_own() -> None:
    """Refreshed by `python -m longpole.rts_tests.scenario.schema > docs/scenario.schema.json`."""
    assert (REPOSITORY / "docs" / "scenario.schema.json").read_text() == json_schema()
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_key_is_described_and_no_other_is_known() -> None:
    objects = [SCHEMA, *SCHEMA["$defs"].values()]
    assert all(key["description"].endswith(".") for each in objects for key in each["properties"].values())
    assert all(each["additionalProperties"] is False for each in objects)


MATRIX = f"{HEAD}matrix: {{A: [a, 1], B: [true]}}\nexclude: [{{A: a, B: true}}]\n"


@pytest.mark.parametrize(
    "text",
    [WHOLE, HEAD, MATRIX, f"{STEPS}name: 5\nrepos:\nenv:\n", f"{HEAD}timeout: 1\ntags: [a]\n", f"{HEAD}timeout: 10s\n"],
)
def test_what_the_parser_takes_is_valid(text: str) -> None:
    parsed(text, strict=False)
    VALIDATOR.validate(yaml.safe_load(text))


def test_a_fixture_is_valid_by_its_definition() -> None:
    schema = {**SCHEMA, "$ref": "#/$defs/fixture"}
    fixture = jsonschema.Draft202012Validator({"$defs": SCHEMA["$defs"], "$ref": schema["$ref"]})
    fixture.validate({"branches": [{"name": "main"}], "daft_yml": None})
    assert not fixture.is_valid({"name": "x"})


@pytest.mark.parametrize("text", [text.replace("§", "") for text, _ in SHAPES])
def test_what_is_wrong_in_shape_is_mostly_seen_by_an_editor(text: str) -> None:
    with pytest.raises(UseError):
        parsed(text, strict=False)
    needs_the_parser = ("\\0", "A=B", "'': a", "name: y", "<<", "use_fixture: f", "010", "{path: ,")
    if not any(part in text for part in needs_the_parser):
        assert not VALIDATOR.is_valid(yaml.safe_load(text))
