"""The nightly issue about forks: a class may fail in another fork each night."""

import pytest

from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.report import nightly
from longpole.rts_tests.report.open_failures import Failure

UNIT = Unit("v", "m", None, 0, 0, 1.0, "weight", False)


def test_a_failed_fork_is_run_again_with_all_forks_of_its_module() -> None:
    fork = Unit("v", "m", None, 0, 0, 1.0, "weight", False, fork=3)
    assert (nightly.goal_of(UNIT), nightly.goal_of(fork)) == ("test-v-m", "test-v-m")
    assert nightly.goal_of(Unit("v", "m", 7, 0, 1, 1.0, "weight", False)) == "test-v-m-7"


@pytest.mark.parametrize(
    ("before", "now", "what"),
    [
        ("v/m[fork-0]", "v/m[fork-2]", "reopened issue 7"),
        ("v/m[fork-0]", "v/n[fork-0]", "opened #8"),
        ("v/m[1]", "v/m[2]", "opened #8"),
    ],
)
def test_an_issue_is_reopened_when_another_fork_of_the_module_fails(
    monkeypatch: pytest.MonkeyPatch, before: str, now: str, what: str
) -> None:
    monkeypatch.setattr(nightly, "_gh", lambda *words, body=None: "#8" if "create" in words else "")
    closed = nightly.Issue(7, False, (Failure("linux", before, None),))
    assert nightly._say_failed("title", "body", [closed], [Failure("linux", now, None)]) == what
