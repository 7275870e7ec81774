"""Telling `longpole run`'s own options from make's arguments."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.make.make_arguments import goals, names_other_makefile, sets_jobs, split


@pytest.mark.parametrize(
    ("words", "ours", "makes"),
    [
        ("-j4 -k test", "-j4", "-k test"),
        ("-j 4 test", "-j 4", "test"),
        ("-j test", "", "-j test"),
        ("-j", "", "-j"),
        ("-j -q test", "-q", "-j test"),
        ("--jobs=4 --jobs 5", "--jobs=4 --jobs 5", ""),
        ("-kj4 -vv", "-vv", "-kj4"),
        ("-v -q --order input", "-v -q --order input", ""),
        ("-fjob.mk -Cvq", "", "-fjob.mk -Cvq"),
        ("-f -q -C --order", "", "-f -q -C --order"),
        ("-- -q -j4", "", "-- -q -j4"),
        ("FILTER=-v -n", "", "FILTER=-v -n"),
        ("--order=input --output-sync=line", "--order=input", "--output-sync=line"),
        ("-h x --help", "-h --help", "x"),
        ("--order", "--order", ""),
    ],
)
def test_whose_is_what(words: str, ours: str, makes: str) -> None:
    assert split(words.split()) == (ours.split(), makes.split())


WORD = st.sampled_from(["-j", "-j2", "-q", "-f", "--order", "input", "--", "test", "7", "A=b", "-C", "-kf", "--jobs"])


@given(st.lists(WORD, max_size=8))
def test_no_word_is_lost_and_make_s_stay_in_order(words: list[str]) -> None:
    ours, makes = split(words)
    assert sorted(ours + makes) == sorted(words)
    rest = iter(words)
    assert all(word in rest for word in makes)
    if not any(word == "-j" and following.isdecimal() for word, following in pairwise(makes)):
        assert split(makes) == ([], makes)  # else an option of ours stood between, without which the number is its


@pytest.mark.parametrize(
    ("makes", "found"),
    [
        ("-k -j", ""),
        ("-k test-eop retest", "test-eop retest"),
        ("SEED=7 FILTER=eop/gc", ""),
        ("-f other.mk -C somewhere -kf x", ""),
        ("--file other.mk --directory=d", ""),
        ("-l 2.5 --load-average", ""),
        ("-- test -x A=b", "test -x"),
    ],
)
def test_goals(makes: str, found: str) -> None:
    assert goals(makes.split()) == found.split()


@pytest.mark.parametrize(
    ("makes", "yes"),
    [("-C x", True), ("-Cx", True), ("-kf", True), ("--makefile=x", True), ("-k -n test C f", False), ("-I d", False)],
)
def test_being_led_elsewhere(makes: str, yes: bool) -> None:
    assert names_other_makefile(makes.split()) is yes


@pytest.mark.parametrize(
    ("makes", "flags", "yes"),
    [
        ("-kj4", "", True),
        ("-j", "", True),
        ("--jobs=3", "", True),
        ("", "rR -j4 --jobserver-auth=3,4", True),
        ("", " --jobserver-auth=fifo:/x", True),
        ("-k test", "rRk -- A=b", False),
        ("-fjob.mk", "", False),
    ],
)
def test_being_told_how_many_jobs(makes: str, flags: str, yes: bool) -> None:
    assert sets_jobs(makes.split(), flags) is yes
