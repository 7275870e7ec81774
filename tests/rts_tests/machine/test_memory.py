"""Memory: how much there is, and that units which run at once do not take more than they may."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from longpole.rts_tests.machine.memory import usable_memory
from tests.project import Project
from tests.tiers import slow

MACHINE = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
MIB = 2**20


def kernel(root: Path, groups: str, limits: dict[str, str]) -> Path:
    """A folder that says what the kernel would: /proc/self/cgroup and files of limits."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(groups)
    for name, text in limits.items():
        path = root / "sys/fs/cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")
    return root


def test_of_a_machine_without_groups_there_is_all(tmp_path: Path) -> None:
    assert usable_memory(tmp_path) == MACHINE


@pytest.mark.parametrize(
    ("groups", "limits", "least"),
    [
        ("0::/a/b\n", {"a/b/memory.max": "max", "a/memory.max": "5000", "memory.max": "max"}, 5000),
        ("0::/a/b\n", {"a/b/memory.max": "4000", "a/memory.max": "5000"}, 4000),
        ("0::/\n", {"memory.max": "3000"}, 3000),
        ("0::/only/the/host/knows\n", {"memory.max": "3000"}, 3000),
        ("0::/../../outside\n", {"memory.max": "3000"}, 3000),
        ("0::/a\n", {"a/memory.max": "max"}, MACHINE),
        ("0::/a\n", {"a/memory.max": str(2**62)}, MACHINE),
        ("4:cpu:/x\n3:memory:/a\n0::/\n", {"memory/a/memory.limit_in_bytes": "2000"}, 2000),
        ("3:memory:/a\n", {"memory/a/memory.limit_in_bytes": str(2**63 - 4096)}, MACHINE),
    ],
)
def test_the_least_that_a_group_allows(tmp_path: Path, groups: str, limits: dict[str, str], least: int) -> None:
    assert usable_memory(kernel(tmp_path, groups, limits)) == least


UNIT = f"""
import os, sys, time
def rss():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
def write(what):
    os.write(diary, f"{{what}}\\n".encode())
diary = os.open("diary", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
block = b"x" * (64 * {MIB})
taken = rss()
write(taken)
while os.environ.get("TOGETHER") and len(open("diary").readlines()) < 8:
    time.sleep(0.01)
time.sleep(0.05)
write(-taken)
"""


def most_at_once(project: Project) -> int:
    """The highest sum of what units that ran at once measured of themselves."""
    diary = project.root / "diary"
    most = now = 0
    for line in diary.read_text().splitlines():
        now += int(line)
        most = max(most, now)
    diary.unlink()
    return most


@pytest.mark.parametrize("learnt", [True, *slow(False)], ids=["learnt", "said"])
def test_units_that_run_at_once_take_no_more_than_they_may(project: Project, learnt: bool) -> None:
    limit = 280 * MIB
    names = [f"u{number}" for number in range(8)]
    suite: dict[str, Any] = {
        "defaults": {"run": [sys.executable, "unit.py"]},
        "modules": {name: {"memory": "90 MiB"} for name in names},
    }
    (project.root / "unit.py").write_text(UNIT)
    if learnt:
        suite["modules"] = {}
    project.write(dict.fromkeys(names, ""), **suite)
    assert project.make("-j8", "test", TOGETHER="1").status == 0
    assert most_at_once(project) > limit, "without the limit they take more"
    if not learnt:
        (project.root / ".longpole" / "history.json").unlink()
    project.write(dict.fromkeys(names, ""), **suite, limits={"memory": limit})
    assert project.make("-j8", "test").status == 0
    rows = json.loads((project.last / "plan.json").read_text())["units"]
    assert all((row[8] == 90 * MIB) != learnt and row[8] > 64 * MIB for row in rows)
    assert most_at_once(project) <= limit
    waited_for = {record["waited_for"] for record in project.records().values()}
    assert "memory" in waited_for


def test_a_unit_that_takes_more_than_there_is_runs_alone(project: Project) -> None:
    script = "echo 1 >>diary; sleep 0.05; echo -1 >>diary"
    modules = {"huge": {"memory": "1 TiB", "weight": 9}, **{f"u{number}": {"memory": "40 MiB"} for number in range(4)}}
    project.write(
        {**dict.fromkeys(modules, script), "huge": script.replace("1", "10")},
        modules=modules,
        limits={"memory": "100 MiB"},
    )
    assert project.make("-j8", "test").status == 0
    assert most_at_once(project) == 10
    assert project.statuses() == {f"v/{name}": "passed" for name in modules}
