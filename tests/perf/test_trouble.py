"""What the failure of a fetch or push means, and how long is waited before another attempt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.perf.branch import Patience, Trouble, trouble_of
from longpole.perf.git import GitError, GitTimeout


@given(st.integers(1, 10_000), st.floats(0, 1), st.sampled_from(Trouble))
def test_pauses_are_bounded(attempt: int, chance: float, trouble: Trouble) -> None:
    assert 0 <= Patience(most=7).pause(attempt, chance, trouble) <= 7


def test_pauses_double_and_an_outage_lasts_longer() -> None:
    patience = Patience(first=0.25, most=20)
    assert [patience.pause(attempt, 1.0, Trouble.MOVED) for attempt in range(1, 9)] == [0.5, 1, 2, 4, 8, 16, 20, 20]
    assert [patience.pause(attempt, 1.0, Trouble.OUTAGE) for attempt in range(1, 6)] == [2, 4, 8, 16, 20]
    assert patience.pause(1, 0.5, Trouble.DECLINED) == 1


def test_it_is_as_patient_as_its_page_says() -> None:
    assert Patience() == Patience(attempts=50, outages=5, first=0.25, most=20.0, timeout=300.0)


def test_a_time_out_is_an_outage() -> None:
    assert trouble_of(GitTimeout.at("remote", "git push did not end")) is Trouble.OUTAGE  # type: ignore[arg-type]


SAID = [
    (" ! [rejected]        abc -> perf (fetch first)\nerror: failed to push some refs to 'x'", Trouble.MOVED),
    (" ! [rejected]        abc -> perf (non-fast-forward)", Trouble.MOVED),
    (" ! [remote rejected] abc -> perf (cannot lock ref 'refs/heads/perf': is at 1 but expected 2)", Trouble.MOVED),
    (" ! [remote rejected] abc -> perf (failed to update ref)", Trouble.MOVED),
    (" ! [remote rejected] abc -> perf (incorrect old value provided)", Trouble.MOVED),
    (" ! [remote rejected] abc -> perf (reference already exists)", Trouble.MOVED),
    (" ! [remote rejected] abc -> perf (pre-receive hook declined)", Trouble.FINAL),
    (" ! [remote rejected] abc -> perf (branch is currently checked out)", Trouble.FINAL),
    (" ! [remote rejected] abc -> perf (shallow update not allowed)", Trouble.FINAL),
    (" ! [remote rejected] abc -> perf (Internal Server Error)", Trouble.DECLINED),
    ("fatal: unable to access 'https://h/': Could not resolve host: h", Trouble.OUTAGE),
    ("fatal: unable to access 'https://h/': The requested URL returned error: 503", Trouble.OUTAGE),
    ("fatal: unable to access 'https://h/': The requested URL returned error: 403", Trouble.FINAL),
    ("fatal: Authentication failed for 'https://h/'", Trouble.FINAL),
    ("fatal: could not read Username for 'https://h': terminal prompts disabled", Trouble.FINAL),
    ("remote: Repository not found.\nfatal: repository 'https://h/' not found", Trouble.FINAL),
    ("git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.", Trouble.FINAL),
    ("error: RPC failed; curl 56 Recv failure: Connection reset by peer\nfatal: early EOF", Trouble.OUTAGE),
    ("", Trouble.FINAL),
]


@pytest.mark.parametrize(("said", "trouble"), SAID)
def test_what_git_says_is_understood(said: str, trouble: Trouble) -> None:
    error = GitError.at("remote", "git push: failed")
    assert isinstance(error, GitError)
    error.stderr = said
    assert trouble_of(error) is trouble
