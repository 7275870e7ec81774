"""Where the clients are."""

import os

from longpole.rts_tests.contracts.clients import clients_folder
from tests.project import REPOSITORY


def test_the_clients_of_a_checkout_are_its_own() -> None:
    assert clients_folder() == os.path.realpath(REPOSITORY / "clients")
    assert os.path.isfile(f"{clients_folder()}/README.md")
