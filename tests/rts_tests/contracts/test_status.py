"""What each status counts as: the sets are told by their members, since other files rely on them."""

from longpole.rts_tests.contracts.status import (
    FAILED_BEFORE,
    GREEN,
    NOT_FAILURES,
    RECORDED,
    RETRIED,
    SHRUNK,
    UNFINISHED,
    Status,
)


def test_the_sets() -> None:
    assert {"failed", "timeout", "crashed", "leaked"} == RETRIED
    assert RETRIED | {"flaky", "seed-dependent"} == SHRUNK
    assert SHRUNK | {"error"} == FAILED_BEFORE
    assert {"passed", "skipped"} == GREEN
    assert {"passed", "skipped", "cancelled"} == NOT_FAILURES
    assert {"cancelled", "not run"} == UNFINISHED
    assert set(RECORDED) == set(Status) - {"not run"}
    assert next(iter(Status)) is Status.PASSED, "counts of them are listed in this order"
