"""The published schema: it is what the code says now, and it agrees with the loader about what it can express."""

import json
import re
import subprocess
import sys

from longpole.gen.suite import schema
from tests.project import REPOSITORY

ROOT = REPOSITORY


def test_the_published_schema_is_the_codes_own() -> None:
    """Refreshed by `python -m longpole.gen.suite.schema > docs/suite.schema.json`."""
    assert (ROOT / "docs" / "suite.schema.json").read_text() == schema.json_schema()


def test_the_schema_is_the_same_in_every_process() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "longpole.gen.suite.schema"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == schema.json_schema()


def test_every_key_is_described() -> None:
    made = json.loads(schema.json_schema())
    objects = [made, *made["$defs"].values()]
    assert all(key["description"].endswith(".") for each in objects for key in each["properties"].values())
    assert all(each["description"] and each["additionalProperties"] is False for each in objects)


def test_the_schema_itself_expresses_names_ranges_and_choices() -> None:
    made = json.loads(schema.json_schema())
    assert made["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "$id" not in made
    module = made["$defs"]["ModuleSpec"]
    assert module["properties"]["seed_policy"]["enum"] == ["fixed", "commit"]
    assert module["properties"]["weight"]["exclusiveMinimum"] == 0
    assert module["properties"]["first_seed"]["maximum"] == 2**32 - 1
    assert module["dependentRequired"]["chunks"] == ["seeds"]
    assert made["$defs"]["PlatformSpec"]["properties"]["default"]["enum"] == ["checked", "build"]
    assert made["properties"]["version"]["const"] == 1
    for section in ("variants", "modules"):
        (pattern,) = made["properties"][section]["patternProperties"]
        assert made["properties"][section]["additionalProperties"] is False
        assert re.search(pattern, "a.b-c_1")
        assert not any(re.search(pattern, name) for name in ("", ".a", "-a", "a b", ".."))
    names = module["properties"]["env"]["propertyNames"]
    assert not re.search(names["pattern"], "LONGPOLE_SEED")
    assert re.search(names["pattern"], "LONGPOLE")
    assert "TMPDIR" in names["not"]["enum"]


def test_no_key_is_null_but_a_section_of_which_only_the_key_is_written() -> None:
    made = json.loads(schema.json_schema())
    nullable = {
        name
        for each in (made, *made["$defs"].values())
        for name, key in each["properties"].items()
        if {"type": "null"} in key.get("anyOf", []) or "null" in key.get("type", "")
    }
    assert nullable == {
        *("limits", "platforms", "defaults", "env", "steps"),
        *("scenarios", "safety_env", "names", "folders"),
    }


def test_pydantic_and_yaml_are_paid_for_only_when_a_suite_is_loaded() -> None:
    program = (
        "import sys, longpole.gen.suite.read, longpole.rts_tests.contracts.errors\n"
        "assert not {'pydantic', 'yaml'} & set(sys.modules), 'imported too early'\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def test_the_schema_and_the_docs_say_what_seeds_are_as_a_word() -> None:
    made = json.loads(schema.json_schema())
    run = made["$defs"]["VariantSpec"]["properties"]["run"]["description"]
    assert "seeds (one word, separated by commas; empty without seeds)" in run
    docs = (ROOT / "docs" / "suite.md").read_text()
    assert "separated by commas, as one word: `70,71,72`" in docs
    assert "which is then the empty word" in docs
