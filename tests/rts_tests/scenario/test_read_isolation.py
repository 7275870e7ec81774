"""`isolate` and `locks` of a scenario: what they mean, and what is wrong with them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.scenario.model import Isolation
from longpole.rts_tests.scenario.read_isolation import seconds_of
from longpole.rts_tests.scenario.tmp_names import locks_of
from tests.rts_tests.scenario.scenarios import HEAD, one_mistake, parsed, problems


def test_every_key() -> None:
    text = "isolate: {tmp: private, home: sandbox, network: none, clock: 1970-01-02}\nlocks: [a, b.c-d_1]\n"
    scenario = parsed(HEAD + text, strict=False)
    assert scenario.isolation == Isolation(tmp=True, home=True, network=True, clock_s=86_400)
    assert scenario.locks == ("a", "b.c-d_1")
    for empty in ("isolate:\nlocks:\n", "isolate: {}\nlocks: []\n", "isolate: {tmp: , clock: ~}\n"):
        assert parsed(HEAD + empty, strict=False).isolation == Isolation()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("isolate: §private\n", "an isolation must be a mapping"),
        ("isolate: {§temp: private}\n", "did you mean `tmp`?"),
        ("isolate: {tmp: §public}\n", "`tmp` cannot be `public`; write `private`"),
        ("isolate: {home: §user}\n", "`home` cannot be `user`; write `sandbox`"),
        ("isolate: {network: §~x}\n", "`network` cannot be `~x`; write `none`"),
        ("isolate: {network: §[none]}\n", "`network` must be text, and is a list"),
        ("isolate: {clock: §tomorrow}\n", "`tomorrow` is no date and time since 1970"),
        ("isolate: {clock: §1969-12-31}\n", "no date and time since 1970"),
        ("isolate: {clock: §2030-02-30}\n", "no date and time since 1970"),
        ("isolate: {clock: §'2030-01-01 24:00:00'}\n", "no date and time since 1970"),
        ("isolate: {clock: §'2030-01-01; touch x'}\n", "no date and time since 1970"),
        ("locks: §a\n", "`locks` must be a list"),
        ("locks: [§'/tmp/a']\n", "`/tmp/a` cannot be a lock"),
        ("locks: [a, §a]\n", "the lock `a` is given twice"),
    ],
)
def test_one_error(text: str, what: str) -> None:
    one_mistake(HEAD + text, what, strict=False)


@pytest.mark.parametrize("key", ["isolate: {tmp: private}", "locks: [a]"])
def test_a_strict_suite_refuses_them(key: str) -> None:
    (problem,) = problems(f"{HEAD}{key}\n")
    assert "is an extension, and the suite is strict" in str(problem)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01", 0),
        ("1970-01-01 00:01", 60),
        ("1970-01-01T00:00:05", 5),
        ("1970-01-01T00:00:05Z", 5),
        ("1970-01-01 02:00:00+02:00", 0),
        ("1970-01-01 01:59:59+02:00", None),
        ("1970-01-01T00:00:00-0130", 5400),
        ("9999-12-31 23:59:59", 253_402_300_799),
        ("9999-12-31 23:59:59-23:59", 253_402_387_139),
        ("0001-01-01 00:00:00+23:59", None),
        ("2030-1-1", None),
        ("2030-W01-1", None),
        ("20300101", None),
        ("", None),
    ],
)
def test_dates(text: str, seconds: int | None) -> None:
    assert seconds_of(text) == seconds


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9999, 1, 1)))
def test_every_date_since_1970_is_one(when: datetime) -> None:
    assert seconds_of(f"{when:%Y-%m-%d %H:%M:%S}") == int(when.replace(tzinfo=UTC, microsecond=0).timestamp())


def test_a_private_tmp_needs_no_locks() -> None:
    text = "name: x\nsteps:\n  - {name: s, run: touch /tmp/a}\n"
    assert locks_of(parsed(text)) == ("/tmp/a",)
    assert locks_of(parsed(text + "isolate: {home: sandbox}\n", strict=False)) == ("/tmp/a",)
    assert locks_of(parsed(text + "isolate: {tmp: private}\n", strict=False)) == ()
