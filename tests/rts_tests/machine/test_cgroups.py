"""What control groups limit, as the kernel says it in both versions."""

from pathlib import Path

import pytest

from longpole.rts_tests.machine.cgroups import cpu_limit, process_limit
from tests.rts_tests.machine.test_memory import kernel


def test_without_groups_nothing_is_limited(tmp_path: Path) -> None:
    assert (cpu_limit(tmp_path), process_limit(tmp_path)) == (None, None)


@pytest.mark.parametrize(
    ("groups", "limits", "cores"),
    [
        ("0::/a/b\n", {"a/b/cpu.max": "max 100000", "a/cpu.max": "150000 100000"}, 1.5),
        ("0::/a/b\n", {"a/b/cpu.max": "50000 100000", "a/cpu.max": "150000 100000"}, 0.5),
        ("0::/only/the/host/knows\n", {"cpu.max": "200000 100000"}, 2.0),
        ("0::/\n", {"cpu.max": "max 100000"}, None),
        ("0::/\n", {"cpu.max": "nonsense"}, None),
        ("0::/\n", {"cpu.max": "100000 0"}, None),
        ("4:cpu,cpuacct:/a\n", {"cpu/a/cpu.cfs_quota_us": "250000", "cpu/a/cpu.cfs_period_us": "100000"}, 2.5),
        ("4:cpu,cpuacct:/a\n", {"cpu/a/cpu.cfs_quota_us": "-1", "cpu/a/cpu.cfs_period_us": "100000"}, None),
        ("4:memory:/a\n", {"cpu/a/cpu.cfs_quota_us": "250000", "cpu/a/cpu.cfs_period_us": "100000"}, None),
    ],
)
def test_cores(tmp_path: Path, groups: str, limits: dict[str, str], cores: float | None) -> None:
    assert cpu_limit(kernel(tmp_path, groups, limits)) == cores


@pytest.mark.parametrize(
    ("groups", "limits", "least"),
    [
        ("0::/a/b\n", {"a/b/pids.max": "max", "a/pids.max": "500"}, 500),
        ("0::/a/b\n", {"a/b/pids.max": "40", "a/pids.max": "500"}, 40),
        ("8:pids:/a\n", {"pids/a/pids.max": "7"}, 7),
        ("0::/\n", {"pids.max": "max"}, None),
    ],
)
def test_processes(tmp_path: Path, groups: str, limits: dict[str, str], least: int | None) -> None:
    assert process_limit(kernel(tmp_path, groups, limits)) == least
