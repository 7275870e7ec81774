"""docs/scenarios.md: its examples are what the parser takes, and it names every key."""

import re
from pathlib import Path

import pytest

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.scenario import shapes
from tests.project import REPOSITORY
from tests.rts_tests.scenario.scenarios import parsed, write_fixture

PAGE = (REPOSITORY / "docs" / "scenarios.md").read_text()
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.M | re.S)
FIXTURE = next(text for text in EXAMPLES if text.startswith("# fixtures/"))


@pytest.mark.parametrize("text", [text for text in EXAMPLES if text != FIXTURE])
def test_every_example_is_a_scenario(tmp_path: Path, text: str) -> None:
    write_fixture(tmp_path, "standard", FIXTURE)
    if "an extension" in text:
        assert parsed(text, str(tmp_path), strict=False).steps
        with pytest.raises(UseError):
            parsed(text, str(tmp_path))
    else:
        assert parsed(text, str(tmp_path)).repositories


def test_every_key_is_on_the_page() -> None:
    for shape in (shapes.SCENARIO, shapes.STEP, shapes.EXPECT, shapes.REPOSITORY, shapes.BRANCH, shapes.REFERENCE):
        assert [name for name in shape.keys if f"`{name}" not in PAGE] == []
