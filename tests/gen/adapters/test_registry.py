"""The adapters that there are."""

import pytest

from longpole.adapter_names import NAMES
from longpole.gen.adapters.registry import adapter_named


@pytest.mark.parametrize("name", NAMES)
def test_an_adapter_has_the_name_of_its_module(name: str) -> None:
    assert adapter_named(name).name == name
    assert adapter_named(name).looks_for
