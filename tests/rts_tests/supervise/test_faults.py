"""What is promised when the machine fails: a full disk, no leave to write, endless output, a clock that jumps."""

import json
import os
import re
import resource
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project import Project, shell
from tests.rts_tests.conftest import SmallDisk
from tests.tiers import slow

SCRIPTS = {
    "quiet": "exit 0",
    "loud": "head -c 300000 /dev/urandom | od -An -tx1",
    "fails": "echo bad; exit 3",
}


def test_a_log_that_does_not_fit_is_said_and_its_unit_is_recorded_all_the_same(
    project: Project, small_disk: SmallDisk
) -> None:
    project.write(SCRIPTS)
    done = small_disk("256k", "make -j2 test; echo status $?; grep v/loud state/runs/*/records.jsonl")
    assert "status 2" in done.out
    assert re.search(r"test-v-loud\.log: No space left on device; the log of v/loud is lost", done.err)
    assert "3 units: 2 passed, 1 failed" in done.out, done.text
    record = json.loads(done.out.splitlines()[-1])
    assert (record["status"], record["log"]) == ("passed", "lost")
    assert "Traceback" not in done.text


@pytest.mark.parametrize("size", ["24k", *slow("28k", "32k", "40k")])
def test_on_a_full_disk_what_could_not_be_recorded_is_no_pass(
    project: Project, small_disk: SmallDisk, size: str
) -> None:
    project.write(SCRIPTS)
    check = "cat state/runs/*/records.jsonl | grep -c '^{.*v/.*}$'; find state -name '*.tmp'"
    done = small_disk(size, f"make -j1 test; echo ended with status $?; {check}")
    assert "status 2" in done.out
    said = re.search(r"3 units: (?:(\d) passed)?", done.out)
    assert said is not None, done.text
    _, recorded, *left = done.out[done.out.index("ended with") :].splitlines()
    passed = int(said[1] or 0)
    assert passed <= int(recorded), done.text
    if int(recorded) < 3:
        assert "could not be recorded: " in done.err
        assert ": No space left on device" in done.err
    assert not left  # nothing half-written
    assert "Traceback" not in done.text


def test_what_could_not_be_recorded_is_a_failure_to_fail_fast_too(project: Project, small_disk: SmallDisk) -> None:
    project.write({f"u{number}": "exit 0" for number in range(5)})
    done = small_disk("24k", "make -j1 test FAIL_FAST=1")
    assert done.err.count("could not be recorded: ") == 1, done.text


def test_a_run_that_cannot_be_kept_leaves_nothing(project: Project, small_disk: SmallDisk) -> None:
    project.write(SCRIPTS)
    done = small_disk("16k", "make -j1 test; echo status $?; ls state/runs")
    assert "a run cannot be kept here: No space left on device" in done.err, done.text
    assert done.out.endswith("status 2\n")


def test_without_room_for_a_run_none_begins(project: Project, small_disk: SmallDisk) -> None:
    project.write(SCRIPTS)
    fill = "cat /dev/zero >state/full 2>/dev/null"
    done = small_disk("64k", fill, "make test; echo status $?")
    assert "longpole: state: a run cannot be kept here: No space left on device; free some space" in done.err, done.text
    assert "status 2" in done.out
    assert "PASS" not in done.out


def test_a_state_directory_that_cannot_be_written_is_one_message(project: Project, small_disk: SmallDisk) -> None:
    project.write(SCRIPTS)
    done = small_disk("1m", "mount -o remount,ro state", "make test; echo status $?")
    assert done.err.count("longpole: ") == 1
    assert "a run cannot be kept here: Read-only file system" in done.err
    assert "set LONGPOLE_STATE or TMPDIR to a folder that can be written" in done.err
    assert "status 2" in done.out


def test_a_history_that_cannot_be_written_is_said_and_changes_no_outcome(project: Project) -> None:
    project.write({"quiet": "exit 0"})
    (project.root / ".longpole" / "history.json.lock").mkdir()
    done = project.make("test")
    assert "nothing was learnt from this run: " in done.err
    assert done.status == 0, done.text
    assert "1 unit: 1 passed" in done.out


@pytest.mark.slow
def test_ten_gigabytes_of_output_are_sixteen_megabytes_of_log(project: Project) -> None:
    project.write({"loud": "echo begins; head -c 10G /dev/zero; echo; echo ends"})
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    done = project.make("test")
    assert project.statuses() == {"v/loud": "passed"}, done.text
    log = project.log("test-v-loud")
    assert len(log) < 17 << 20
    assert log.startswith(b"begins\n\0\0")
    assert log.endswith(b"\0\nends\n")
    missing = (10 << 30) + len(b"begins\n\nends\n") - (16 << 20)
    assert b"\n[longpole: %d bytes omitted here; a log keeps 16777216 bytes]\n" % missing in log
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss <= max(before, 150 << 10)


def test_a_unit_that_closes_its_output_lives_on_until_its_own_end(project: Project) -> None:
    scripts = {
        "closes": shell("echo before", "exec >&- 2>&-", "while [ ! -e go ]; do :; done", "touch went; exit 5"),
        "opens": "sleep 0.01; touch go",
        "never": shell("exec >&- 2>&-", "sleep 1000"),
    }
    project.write(scripts, modules={"never": {"timeout": 0.3}})
    done = project.make("-j8", "test")
    assert project.statuses() == {"v/closes": "failed", "v/opens": "passed", "v/never": "timeout"}, done.text
    assert project.records()["v/closes"]["exit_code"] == 5
    assert project.log("test-v-closes") == b"before\n"
    assert (project.root / "went").exists()


def test_a_unit_that_fills_its_memory_fails_alone(project: Project) -> None:
    greedy = "import sys; held = []\nwhile True: held.append(bytearray(1 << 20))"
    script = shell("ulimit -v 200000", f"exec {shlex.quote(sys.executable)} -c {shlex.quote(greedy)}")
    project.write({"greedy": script, "modest": "exit 0"})
    done = project.make("-j2", "test")
    assert project.statuses() == {"v/greedy": "failed", "v/modest": "passed"}, done.text
    assert b"MemoryError" in project.log("test-v-greedy")
    assert project.records()["v/greedy"]["max_rss_bytes"] > 50 << 20


JUMPY = r"""
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long jump(void) { return access("jump", F_OK) == 0 ? atol(getenv("DISTANCE")) : 0; }

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_REALTIME) now->tv_sec += jump();
    return result;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}
"""


@pytest.fixture(scope="module")
def jumpy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that makes the time of day of a process jump by DISTANCE seconds once there is a file `jump`."""
    folder = tmp_path_factory.mktemp("jumpy")
    (folder / "jumpy.c").write_text(JUMPY)
    compiler = shlex.split(os.environ.get("CC") or f"{shlex.quote(sys.executable)} -m ziglang cc")
    compiler += ["-shared", "-fPIC", "-O2", "-nostdlib", "jumpy.c"]
    subprocess.run([*compiler, "-o", "jumpy.so"], cwd=folder, check=True)
    return folder / "jumpy.so"


@pytest.mark.parametrize("distance", [86400 * 400, -86400 * 400])
@pytest.mark.slow
def test_a_clock_that_jumps_changes_no_duration_and_no_limit(project: Project, jumpy: Path, distance: int) -> None:
    project.environ.update(LD_PRELOAD=str(jumpy), DISTANCE=str(distance))
    now = f"{shlex.quote(sys.executable)} -c 'import time; print(time.time())'"
    scripts = {"jumps": shell(now, "touch jump", now), "after": "exit 0", "slow": "sleep 1000"}
    modules = {"jumps": {"weight": 9}, "slow": {"timeout": 0.3}}
    project.write(scripts, modules=modules)
    done = project.make("-j1", "test")
    before, after = map(float, project.log("test-v-jumps").split())
    assert (after > before + 1e7) == (distance > 0)
    assert abs(after - before) > 1e7  # the clock did jump
    assert project.statuses() == {"v/jumps": "passed", "v/after": "passed", "v/slow": "timeout"}, done.text
    records = project.records()
    assert all(0 <= row["wall_s"] < 60 for row in records.values())
    assert records["v/jumps"]["started_s"] < records["v/after"]["started_s"]
    assert "makespan: -" not in done.out
    (project.root / "jump").unlink()
    assert project.make("retest").status == 2  # and the next run finds all that this one left


def test_file_names_as_long_as_can_be(project: Project) -> None:
    name = "n" * 255
    deep = f'mkdir "$TMPDIR/{name}" && echo x >"$TMPDIR/{name}/{name}" && chmod 0 "$TMPDIR/{name}"'
    project.write({"names": deep, "fails": f"{deep}; exit 1"}, limits={"keep": "failed"})
    done = project.make("-j1", "test")
    assert project.statuses() == {"v/names": "passed", "v/fails": "failed"}, done.text
    kept = re.search(r"its TMPDIR is kept in (\S+)", project.records()["v/fails"]["note"])
    assert kept is not None
    assert (project.root / kept[1] / name).is_dir()
    os.chmod(project.root / kept[1] / name, 0o700)


def test_the_longest_names_that_a_suite_may_have(project: Project) -> None:
    variant, module = "v" * 100, "m" * 100
    project.write({module: "exit 0"}, variants={variant: {}}, modules={module: {"seeds": 2, "chunks": 2}})
    done = project.make("-j2", "test")
    assert project.statuses() == {f"{variant}/{module}[{number}]": "passed" for number in (0, 1)}, done.text


@pytest.mark.slow
def test_a_run_of_100_000_units_of_which_the_first_fails(project: Project) -> None:
    modules = {"fails": {"weight": 1000000}, "many": {"seeds": 99_999, "chunks": 99_999}}
    project.write({"fails": "exit 1", "many": "exit 0"}, modules=modules)
    done = project.make("-j1", "test", FAIL_FAST="1")
    assert done.status == 2
    assert done.out.splitlines()[-1] == "100,000 units: 1 failed, 99,999 not run"
    assert project.statuses() == {"v/fails": "failed"}
    picked = project.make("-j2", "test", FILTER="v/many[[]4242?[]]")
    assert picked.out.splitlines()[-1] == "10 units: 10 passed", picked.text
    assert (project.last / "report.html").stat().st_size > 0
    assert Path(project.last, "junit.xml").exists()
