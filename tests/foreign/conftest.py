"""Tests of projects of others are left out where their sources have not been fetched."""

import pytest

from tests.foreign.table import FOREIGN
from tests.left_out import leave_out


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests whose sources are missing."""
    missing = {project.id for project in FOREIGN if not project.source.is_dir()}
    ours = [item for item in items if item.get_closest_marker("foreign") is not None and _id(item) in missing]
    leave_out(config, items, ours, "the sources of other projects (make foreign)")


def _id(item: pytest.Item) -> str:
    return item.name.partition("[")[2].removesuffix("]")
