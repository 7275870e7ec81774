"""The adapters that there are."""

import pytest

from longpole.commands.init import ADAPTERS
from longpole.gen.adapters.registry import NAMES, adapter_named


def test_the_option_takes_every_adapter() -> None:
    assert ADAPTERS == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_an_adapter_has_the_name_of_its_module(name: str) -> None:
    assert adapter_named(name).name == name
    assert adapter_named(name).looks_for
