"""Ports for forks: free ones, of which no two runs on the machine ever get the same."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.machine.ports import ENOUGH, Ports, candidates, is_free, kernels_range

BEGIN = 17_000 + os.getpid() % 1000 * 3
"""A range of this test process, so that others, which run at the same time, do not take ports from it."""


@pytest.fixture
def few(tmp_path: Path) -> Iterator[Ports]:
    made = Ports(tmp_path, range(BEGIN, BEGIN + 3))
    yield made
    made.close()


def test_a_port_stays_that_of_its_unit_and_name(few: Ports) -> None:
    first = few.reserve("v/m[fork-0]", "http")
    assert few.reserve("v/m[fork-0]", "http") == first
    others = {few.reserve("v/m[fork-0]", "debug"), few.reserve("v/m[fork-1]", "http")}
    assert len({first, *others}) == 3
    with pytest.raises(UseError, match=f"none of 3 ports is free, from {BEGIN} to {BEGIN + 2}; end what uses them"):
        few.reserve("v/m[fork-2]", "http")
    few.release("v/m[fork-0]")
    assert few.reserve("v/m[fork-2]", "http") not in others - {first}
    few.release("no such unit")


def test_the_next_run_gets_the_same_port_if_it_is_free(tmp_path: Path) -> None:
    ports = Ports(tmp_path)
    first = ports.reserve("v/m[fork-0]", "a")
    ports.close()
    assert not list((tmp_path / "ports").iterdir())
    again = Ports(tmp_path)
    assert again.reserve("v/m[fork-0]", "a") == first
    again.close()


def test_a_reserved_port_is_free_to_be_bound(tmp_path: Path) -> None:
    ports = Ports(tmp_path)
    with socket.create_server(("127.0.0.1", ports.reserve("u", "a"))):
        pass
    ports.close()


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "::1", "::"])
def test_a_port_that_a_program_uses_is_not_given(tmp_path: Path, address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, 0), family=family) as server:
        used = server.getsockname()[1]
        assert not is_free(used)
        with pytest.raises(UseError):
            Ports(tmp_path, [used]).reserve("u", "a")
    assert not list((tmp_path / "ports").iterdir())


def test_runs_with_other_folders_as_those_of_other_users_get_other_ports(tmp_path: Path, few: Ports) -> None:
    """On Linux."""
    theirs = Ports(tmp_path / "theirs", range(BEGIN, BEGIN + 3))
    assert len({few.reserve("u", "a"), few.reserve("u", "b"), theirs.reserve("u", "a")}) == 3
    for ports in (few, theirs):
        with pytest.raises(UseError):
            ports.reserve("u", "c")
    theirs.close()


RUN = """
import sys
from pathlib import Path
from longpole.rts_tests.machine.ports import Ports
folder, begin, units = sys.argv[1:]
ports = Ports(Path(folder), range(int(begin), int(begin) + 40))
print(*(ports.reserve(f"v/m[fork-{unit}]", "http") for unit in range(int(units))), flush=True)
sys.stdin.read()
"""


def run(folder: Path, units: int) -> "subprocess.Popen[str]":
    argv = [sys.executable, "-c", RUN, str(folder), str(BEGIN), str(units)]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def given_to(process: "subprocess.Popen[str]") -> list[int]:
    assert process.stdout is not None
    return [int(word) for word in process.stdout.readline().split()]


def end(process: "subprocess.Popen[str]") -> None:
    """End a run by end of file on its standard input, if it has not been killed."""
    process.communicate()
    assert process.returncode in (0, -signal.SIGKILL)


def test_no_two_runs_ever_get_the_same_port_and_killed_ones_keep_none(tmp_path: Path) -> None:
    """All ask for the ports of units with the same names, at the same time; 40 ports are just enough."""
    runs = [run(tmp_path, 10) for _ in range(4)]
    ports = [port for process in runs for port in given_to(process)]
    assert len(ports) == len(set(ports)) == 40
    runs[0].kill()
    runs[0].wait()
    runs.append(run(tmp_path, 10))
    assert set(given_to(runs[-1])) == set(ports[:10])
    for process in runs:
        end(process)


def test_a_folder_that_cannot_be_used_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "ports").write_text("a file")
    with pytest.raises(UseError, match=r"ports cannot be reserved here: .*; set LONGPOLE_SLOTS_DIR"):
        Ports(tmp_path).reserve("u", "a")


@given(st.integers(1, 65_535), st.integers(1, 65_535))
def test_ports_that_the_kernel_gives_are_left_out_where_enough_remain(one: int, other: int) -> None:
    first, last = min(one, other), max(one, other)
    ports = candidates(first, last)
    assert len(ports) >= ENOUGH
    assert 1024 <= min(ports) <= max(ports) <= 65_535
    if first > 1024 + ENOUGH or last < 65_535 - ENOUGH:
        assert not [port for port in ports if first <= port <= last]


@pytest.mark.parametrize(
    ("first", "last", "lowest", "highest", "number"),
    [
        (32_768, 60_999, 20_000, 32_767, 12_768),
        (49_152, 65_535, 20_000, 32_767, 12_768),
        (21_000, 65_535, 20_000, 20_999, 1000),
        (20_999, 65_535, 1024, 20_998, 19_975),
        (10_000, 64_000, 1024, 65_535, 10_511),
        (1024, 65_535, 20_000, 32_767, 12_768),
        (1024, 60_000, 60_001, 65_535, 5535),
    ],
)
def test_the_ports_beside_some_ranges(first: int, last: int, lowest: int, highest: int, number: int) -> None:
    ports = candidates(first, last)
    assert (min(ports), max(ports), len(ports)) == (lowest, highest, number)


def test_the_range_of_this_kernel() -> None:
    first, last = kernels_range()
    assert 0 < first < last < 65_536
