"""The address of commits on the page of `longpole perf publish`."""

import pytest

from longpole.commands.perf.publish import _address

GIVEN = "https://git.example.org/p/commit/{sha}"


@pytest.mark.parametrize(
    ("given", "server", "address"),
    [
        (GIVEN, "https://github.example", GIVEN),
        (None, "https://github.example", "https://github.example/owner/project/commit/{sha}"),
        (None, "file:///srv", ""),  # no place to look at a commit
        (None, "", ""),
    ],
)
def test_it_is_the_given_one_or_that_of_the_server(given: str | None, server: str, address: str) -> None:
    assert _address(given, {"GITHUB_SERVER_URL": server, "GITHUB_REPOSITORY": "owner/project"}) == address
