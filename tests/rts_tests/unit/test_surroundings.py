"""What a unit finds around it: its environment, its files, its process, and the fields of its record."""

import json
import os
import re
import socket
import sys
from hashlib import sha256

import pytest

from tests.project import REVISION, Done, Project, shell

pytestmark = pytest.mark.xdist_group("surroundings")  # one worker makes the runs that all of it look at

PROBE = """
import json, os, signal, stat, sys
mask = [line.split(":")[1].strip() for line in open("/proc/self/status") if line.startswith(("SigIgn", "SigBlk"))]
tmp = os.environ["TMPDIR"]
print(json.dumps({
    "environ": dict(os.environ), "argv": sys.argv[1:], "cwd": os.getcwd(), "stdin": sys.stdin.read(),
    "tmp": [os.path.isdir(tmp), os.listdir(tmp), stat.S_IMODE(os.stat(tmp).st_mode)],
    "group": [os.getpgid(0), os.getpid()], "signals": mask, "files": sorted(map(int, os.listdir("/proc/self/fd")))[:-1],
}))
open(os.path.join(tmp, "left"), "w").write("x")
os.makedirs(os.path.join(tmp, "deep/er"))
os.chmod(os.path.join(tmp, "deep"), 0o500)
"""


class Seen:
    """What two units of one parallel run saw."""

    def __init__(self, project: Project, done: Done) -> None:
        self.project = project
        self.done = done
        self.one = json.loads(project.log("test-v-probe"))
        self.other = json.loads(project.log("test-v-other-1"))


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    project = Project(tmp_path_factory.mktemp("surroundings") / "project")
    project.root.joinpath("probe.py").write_text(PROBE)
    project.root.joinpath("artifact").write_bytes(b"the program")
    project.write(
        {"probe": "", "other": ""},
        modules={"probe": {"env": {"B": "module", "ODD": "a b$HOME'\"\n\\"}}, "other": {"seeds": 4, "chunks": 2}},
        variants={"v": {"env": {"A": "variant", "B": "variant"}}},
        defaults={
            "run": [sys.executable, "probe.py", "{module}", "{chunk}", "{seeds}", "{first_seed}", "{seed_count}"],
            "artifact": "artifact",
        },
    )
    return Seen(project, project.make("-j4", "test", "FAIL_FAST=0", "OWN=kept", GITHUB_TOKEN="kept"))


def test_a_unit_is_told_what_it_is(seen: Seen) -> None:
    environ = seen.other["environ"]
    told = {name: environ[f"LONGPOLE_{name}"] for name in ("UNIT", "VARIANT", "MODULE", "SEED", "RUN")}
    assert told == {
        "UNIT": "v/other[1]",
        "VARIANT": "v",
        "MODULE": "other",
        "SEED": "2",
        "RUN": seen.project.last.name,
    }


def test_a_unit_is_told_nothing_else_about_the_run(seen: Seen) -> None:
    ours = {name for name in seen.one["environ"] if name.startswith("LONGPOLE_")}
    assert ours - {"LONGPOLE_REV"} == {f"LONGPOLE_{name}" for name in ("UNIT", "VARIANT", "MODULE", "SEED", "RUN")}


@pytest.mark.parametrize("name", ["MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "SEED", "FILTER", "FAIL_FAST"])
def test_a_unit_does_not_see_what_steers_make(seen: Seen, name: str) -> None:
    assert name not in seen.one["environ"]


def test_a_unit_sees_the_callers_environment(seen: Seen) -> None:
    assert seen.one["environ"]["OWN"] == "kept"
    assert seen.one["environ"]["GITHUB_TOKEN"] == "kept"
    assert seen.one["environ"]["PATH"] == seen.project.environ["PATH"]


def test_the_suites_variables_are_set_exactly_and_the_modules_win(seen: Seen) -> None:
    environ = seen.one["environ"]
    assert (environ["A"], environ["B"], environ["ODD"]) == ("variant", "module", "a b$HOME'\"\n\\")
    assert seen.other["environ"]["B"] == "variant"


def test_placeholders_of_the_command_are_filled_in(seen: Seen) -> None:
    assert seen.one["argv"] == ["probe", "", "", "0", "0"]
    assert seen.other["argv"] == ["other", "1", "2,3", "2", "2"]


def test_a_unit_works_in_the_projects_folder(seen: Seen) -> None:
    assert seen.one["cwd"] == str(seen.project.root)


def test_its_input_is_empty(seen: Seen) -> None:
    assert seen.one["stdin"] == ""


def test_its_folder_for_temporary_files_is_private_and_empty(seen: Seen) -> None:
    assert seen.one["tmp"] == seen.other["tmp"] == [True, [], 0o700]
    assert seen.one["environ"]["TMPDIR"] != seen.other["environ"]["TMPDIR"]


def test_its_temporary_files_are_removed(seen: Seen) -> None:
    assert not os.path.lexists(seen.one["environ"]["TMPDIR"])
    assert not os.path.lexists(os.path.dirname(seen.one["environ"]["TMPDIR"]))


def test_it_leads_a_process_group_of_its_own(seen: Seen) -> None:
    group, pid = seen.one["group"]
    assert group == pid
    assert group != seen.other["group"][0]


def test_signals_are_as_a_program_expects_them(seen: Seen) -> None:
    blocked, ignored = (int(mask, 16) for mask in seen.one["signals"])
    pythons_own = (1 << 12) | (1 << 24)  # SIGPIPE and SIGXFSZ, which this Python itself ignores
    public = (1 << 31) - 1  # the C library keeps 32 and 33 to itself
    assert (blocked & public, ignored & public & ~pythons_own) == (0, 0)


def test_a_broken_pipe_ends_a_unit_as_it_ends_any_program(project: Project) -> None:
    project.write({"pipe": "(kill -PIPE $(exec sh -c 'echo $PPID'); echo alive) 2>&1; echo $?"})
    project.make("test")
    assert project.log("test-v-pipe").splitlines()[-1] == b"141"


def test_no_descriptor_leaks_into_it(seen: Seen) -> None:
    assert seen.one["files"] == seen.other["files"] == [0, 1, 2]


def test_the_record_tells_what_ran(seen: Seen) -> None:
    record = seen.project.records()["v/other[1]"]
    assert record["version"] == 1
    expected = {
        "target": "test-v-other-1",
        "variant": "v",
        "module": "other",
        "chunk": 1,
        "seed": 2,
        "first_seed": 2,
        "seed_count": 2,
        "status": "passed",
        "exit_code": 0,
        "signal": None,
        "attempts": 1,
        "host": socket.gethostname(),
        "artifact_sha256": sha256(b"the program").hexdigest(),
        "reproducer": "make test-v-other-1",
        "command": [sys.executable, "probe.py", "other", "1", "2,3", "2", "2"],
    }
    assert {name: record[name] for name in expected} == expected
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record["started_at"])


def test_the_record_holds_what_the_kernel_measured(project: Project) -> None:
    burn = "import time\nx = bytearray(64 << 20)\nwhile time.process_time() < 0.2: pass"
    project.write({"burns": f"exec {sys.executable} -c '{burn}'"})
    project.make("test")
    record = project.records()["v/burns"]
    assert 0.2 <= record["user_s"] + record["sys_s"] <= record["wall_s"] + 0.1
    assert 64 << 20 <= record["max_rss_bytes"] <= 1 << 30


def test_the_kept_run_says_what_was_planned(seen: Seen) -> None:
    info = json.loads((seen.project.last / "run.json").read_bytes())
    assert (info["version"], info["suite"], info["jobs"], info["goals"]) == (1, "tiny", 4, ["test"])
    assert (info["commit"], info["commit_source"], info["seed_override"]) == (REVISION, "LONGPOLE_REV", None)
    assert sorted(row[0] for row in info["planned"]) == ["v/other[0]", "v/other[1]", "v/probe"]
    assert re.fullmatch(r"[0-9a-f]{64}", info["plan_hash"])


def test_a_shell_command_gets_values_quoted(project: Project) -> None:
    project.write(
        {"m": ""},
        modules={"m": {"seeds": 1, "first_seed": 5}},
        defaults={"run": {"shell": shell("printf '%s ' {module} {variant} {seeds} \"$LONGPOLE_UNIT\"", "echo {{}}")}},
    )
    project.make("test")
    assert project.log("test-v-m") == b"m v 5 v/m {}\n"
