"""A fixture for suites with forks."""

from functools import partial

import pytest

from tests.fork_suites import Suite, write_forks
from tests.project import Project


@pytest.fixture
def suite(project: Project) -> Suite:
    """Write a suite with forks in a project of its own."""
    return partial(write_forks, project)
