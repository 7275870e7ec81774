"""The dialogue of `longpole scenario -i`, without a terminal: every key at every place where it means something."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.scenario.model import Step
from longpole.rts_tests.scenario.stepping import ENTER, ESCAPE, Dialogue, End

PASSED, FAILED = Status.PASSED, Status.FAILED


@dataclass(frozen=True)
class Came:
    """A step that was run."""

    number: int
    status: Status
    checked: bool


@dataclass
class Scripted:
    """Steps of which some fail, and a user who presses these keys; what happened is in `log`."""

    failing: frozenset[int] = frozenset()
    keys: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    def run_step(self, number: int, *, checks: bool = True) -> Came:
        self.log.append(f"run {number}" + ("" if checks else " unchecked"))
        bad = checks and number in self.failing
        return Came(number, FAILED if bad else PASSED, checks)

    def check(self, result: Came) -> Came:
        self.log.append(f"check {result.number}")
        bad = result.number in self.failing
        return replace(result, status=FAILED if bad else PASSED, checked=True)

    def reset(self) -> None:
        self.log.append("reset")

    def step(self, number: int) -> None:
        self.log.append(f"step {number}")

    def result(self, result: Came, *, checks: bool) -> None:
        self.log.append(f"{result.status} {result.number}" + (" with checks" if checks else ""))

    def say(self, text: str) -> None:
        self.log.append(text)

    def ask(self, choices: str) -> None:
        self.log.append(
            "?" + "".join(word[1] if word[1:6] != "Enter" else "E" for word in choices.split() if "[" in word)
        )

    def key(self) -> str:
        return self.keys.pop(0) if self.keys else ""


def step(number: int, *, checked: bool = True) -> Step:
    return Step(f"step {number}", "true", number, exit_code=0 if checked else None)


def dialogue(
    keys: Sequence[str], failing: Sequence[int] = (), *, unchecked: Sequence[int] = (), steps: int = 3
) -> tuple[Dialogue[Came], Scripted]:
    user = Scripted(frozenset(failing), list(keys))
    every = [step(number, checked=number not in unchecked) for number in range(1, steps + 1)]
    return Dialogue(every, user, user, user.key), user


def ran(user: Scripted) -> list[str]:
    return [line for line in user.log if line.startswith(("run", "check", "reset"))]


@pytest.mark.parametrize("key", [ENTER, "\n", " "])
def test_enter_and_space_run_and_steps_that_pass_advance_by_themselves(key: str) -> None:
    talk, user = dialogue([key] * 3)
    assert talk.run() is End.DONE
    assert user.log == [
        line for each in (1, 2, 3) for line in (f"step {each}", "?Exsaq", f"run {each}", f"passed {each}")
    ]
    assert not talk.failed


def test_a_failed_check_stops_and_enter_goes_on() -> None:
    talk, user = dialogue([ENTER, ENTER, ENTER, ENTER], [2])
    assert talk.run() is End.DONE
    assert user.log[4:9] == ["step 2", "?Exsaq", "run 2", "failed 2", "?EcrRq"]
    assert user.log[9:] == ["step 3", "?Exsaq", "run 3", "passed 3"]
    assert talk.failed


def test_x_runs_without_checks_and_c_makes_them() -> None:
    talk, user = dialogue(["x", "c", ENTER, "q"], [1])
    assert talk.run() is End.QUIT
    assert user.log[:7] == [
        "step 1",
        "?Exsaq",
        "run 1 unchecked",
        "passed 1",
        "?EcrRq",
        "check 1",
        "failed 1 with checks",
    ]
    assert talk.failed


def test_x_alone_is_no_failure() -> None:
    talk, user = dialogue(["x", ENTER, ENTER], [1], steps=2)
    assert talk.run() is End.DONE
    assert ran(user) == ["run 1 unchecked", "run 2"]
    assert not talk.failed


def test_s_skips() -> None:
    talk, user = dialogue(["s", ENTER, "s"], [1, 3])
    assert talk.run() is End.DONE
    assert ran(user) == ["run 2"]
    assert not talk.failed


def test_a_runs_to_the_end_also_past_failures() -> None:
    talk, user = dialogue([ENTER, "a"], [2])
    assert talk.run() is End.DONE
    assert ran(user) == ["run 1", "run 2", "run 3"]
    assert [line for line in user.log if line.startswith("?")] == ["?Exsaq", "?Exsaq"]
    assert talk.failed


@pytest.mark.parametrize("key", ["q", ESCAPE, ""])
def test_q_escape_and_the_end_of_the_input_quit_before_and_after_a_step(key: str) -> None:
    talk, user = dialogue([key])
    assert (talk.run(), ran(user), talk.failed) == (End.QUIT, [], False)
    talk, user = dialogue([ENTER, key], [1])
    assert (talk.run(), ran(user), talk.failed) == (End.QUIT, ["run 1"], True)


def test_r_runs_the_command_again() -> None:
    talk, user = dialogue([ENTER, "r", "c", "q"], [1])
    assert talk.run() is End.QUIT
    assert ran(user) == ["run 1", "run 1 unchecked", "check 1"]


def test_capital_r_resets_everything_and_starts_over() -> None:
    talk, user = dialogue([ENTER, ENTER, "R", "s", "s", "s"], [2])
    assert talk.run() is End.DONE
    assert ran(user) == ["run 1", "run 2", "reset"]
    assert user.log[-6:] == ["step 2", "?Exsaq", "skipped", "step 3", "?Exsaq", "skipped"]
    assert not talk.failed


def test_a_step_without_checks_waits_for_the_user_and_offers_none() -> None:
    talk, user = dialogue([ENTER, ENTER, "c", "x", "q"], unchecked=[1])
    assert talk.run() is End.QUIT
    assert user.log[:5] == ["step 1", "?Esaq", "run 1", "passed 1", "?ErRq"]
    assert user.log[5:] == ["step 2", "?Exsaq", "run 2 unchecked", "passed 2", "?EcrRq"]


def test_keys_that_mean_nothing_are_ignored() -> None:
    talk, user = dialogue(["z", "c", "r", "R", "\t", "7", ENTER, "x", "s", "a", ENTER, "q"], [1])
    assert talk.run() is End.QUIT
    assert user.log == ["step 1", "?Exsaq", "run 1", "failed 1", "?EcrRq", "step 2", "?Exsaq"]


def test_step_runs_those_before_it_silently() -> None:
    talk, user = dialogue([ENTER])
    assert talk.run(3) is End.DONE
    assert user.log == ["run 1", "run 2", "step 3", "?Exsaq", "run 3", "passed 3"]


def test_a_failure_before_the_step_is_shown() -> None:
    talk, user = dialogue([ENTER], [1])
    assert talk.run(2) is End.QUIT
    assert user.log[:3] == ["run 1", "step 1", "failed 1"]
    assert talk.failed


def test_starting_over_begins_at_the_first_step() -> None:
    talk, user = dialogue([ENTER, "R", "q"], [3])
    assert talk.run(3) is End.QUIT
    assert user.log[-2:] == ["step 1", "?Exsaq"]


def test_a_loop_resets_between_the_rounds() -> None:
    talk, user = dialogue([ENTER, "z", " "])
    assert talk.repeat(2, 3) is End.DONE
    assert ran(user) == ["run 1", "run 2", "reset", "run 1", "run 2", "reset", "run 1", "run 2"]
    assert user.log[:5] == ["round 1 of 3", "run 1", "step 2", "run 2", "passed 2"]
    talk, user = dialogue(["q"], [2])
    assert talk.repeat(2, 3) is End.QUIT
    assert ran(user) == ["run 1", "run 2"]
    assert talk.failed


@given(st.lists(st.sampled_from([ENTER, " ", "x", "s", "a", "q", "c", "r", "R", "z", ESCAPE]), max_size=30), st.data())
def test_any_keys_come_to_an_end(keys: list[str], data: st.DataObject) -> None:
    failing = data.draw(st.sets(st.integers(1, 4)))
    unchecked = data.draw(st.sets(st.integers(1, 4)))
    talk, user = dialogue(keys, sorted(failing), unchecked=sorted(unchecked), steps=4)
    ended = talk.run()
    assert ended is End.DONE or not user.keys or user.log[-1].startswith("?")
    since = user.log[len(user.log) - user.log[::-1].index("reset") :] if "reset" in user.log else user.log
    assert talk.failed == any(line.startswith("failed") for line in since)
