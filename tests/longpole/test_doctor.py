"""`longpole doctor`: what is missing is found, with a remedy; nothing is written, and no secret is printed."""

import json
from pathlib import Path
from typing import Any

import pytest

from longpole.doctor.finding import Finding, Level, as_text, without_home
from longpole.doctor.machine import machine
from longpole.doctor.programs import Needs
from tests.project import Done, Project, tool
from tests.rts_tests.machine.test_memory import kernel


@pytest.fixture
def doctored(project: Project) -> Project:
    """A project in which nothing is wrong, whatever is installed here: its PATH holds what the test puts there."""
    project.write({"a": ""})
    programs = project.root.parent / "programs"
    programs.mkdir()
    for name in ("sh", "make", "git"):
        (programs / name).symlink_to(tool(name))
    project.environ["PATH"] = str(programs)
    return project


def put(project: Project, name: str, text: str) -> None:
    """A program of the test's in the project's PATH, in the place of the one that is there."""
    path = Path(project.environ["PATH"], name)
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def examined(project: Project, *words: str, **environ: str) -> tuple[Done, dict[str, dict[str, Any]]]:
    """What the command did, and its findings by name, the most important one of each name."""
    done = project.longpole("doctor", "--json", *words, **environ)
    assert done.err == ""
    levels = list(Level)
    rows = sorted(json.loads(done.out)["checks"], key=lambda row: levels.index(row["level"]), reverse=True)
    return done, {row["name"]: row for row in rows}


def files(root: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in root.rglob("*")}


def test_a_machine_and_a_project_in_which_nothing_is_wrong(doctored: Project) -> None:
    done, found = examined(doctored)
    assert done.status == 0
    assert json.loads(done.out)["passed"] is True
    assert found["make"]["what"].startswith("GNU Make ")
    assert found["git"]["what"].startswith("git version ")
    assert {name: found[name]["level"] for name in ("make", "git", "suite", "rendered files", "state", "sh")} == {
        name: "ok" for name in ("make", "git", "suite", "rendered files", "state", "sh")
    }
    assert found["suite"]["what"] == "tiny: 1 unit in 1 variant"
    for name in ("longpole", "python", "system", "cores", "memory", "/dev/shm", "temporary folder", "namespaces"):
        assert found[name]["what"]


def test_nothing_is_written(doctored: Project) -> None:
    (doctored.root / "suite.yaml").write_text((doctored.root / "suite.yaml").read_text().replace("tiny", "other"))
    before = files(doctored.root)
    examined(doctored)
    assert files(doctored.root) == before


@pytest.mark.parametrize(
    ("name", "level", "status"), [("make", "wrong", 1), ("git", "note", 0), ("nix", "ok", 0), ("gh", "ok", 0)]
)
def test_a_program_that_is_missing(doctored: Project, name: str, level: str, status: int) -> None:
    Path(doctored.environ["PATH"], name).unlink(missing_ok=True)
    done, found = examined(doctored)
    assert (found[name]["level"], done.status) == (level, status)
    assert found[name]["what"].startswith("not in PATH; ")
    assert level == "ok" or found[name]["remedy"].startswith(f"install {'GNU ' if name == 'make' else ''}{name}")


@pytest.mark.parametrize("name", ["nix", "gh"])
def test_a_program_that_is_there_is_shown_with_its_version_and_place(doctored: Project, name: str) -> None:
    put(doctored, name, f"echo {name} 4.5.6; echo more")
    _, found = examined(doctored)
    assert found[name]["what"].startswith(f"{name} 4.5.6, ")
    assert found[name]["what"].endswith(f"/programs/{name}")


@pytest.mark.parametrize(
    ("name", "script", "level", "what"),
    [
        ("make", "exit 3", "wrong", "it ended with status 3"),
        ("git", "kill -9 $$", "note", "it ended with signal 9"),
        ("gh", "", "note", "it printed no version"),
        ("make", "echo 'bmake 20200710'", "wrong", "this is not GNU make"),
    ],
)
def test_a_program_that_does_not_work(doctored: Project, name: str, script: str, level: str, what: str) -> None:
    put(doctored, name, script)
    _, found = examined(doctored)
    assert found[name]["level"] == level
    assert what in found[name]["what"]
    assert found[name]["remedy"]


def test_what_a_program_prints_cannot_reach_the_terminal(doctored: Project) -> None:
    put(doctored, "gh", r"printf 'gh \033]0;x\007\033[2J 1\nproblems:\n'")
    done = doctored.longpole("doctor")
    assert "gh " in done.out
    assert not {"\033", "\007"} & set(done.out)
    assert "problems:" not in done.out


def test_git_that_seeds_need_is_a_problem(doctored: Project) -> None:
    doctored.write({"a": ""}, modules={"a": {"seeds": 1, "seed_policy": "commit"}})
    Path(doctored.environ["PATH"], "git").unlink()
    done, found = examined(doctored)
    assert (done.status, found["git"]["level"]) == (1, "wrong")
    assert "seeds of the commit need it" in found["git"]["what"]


def test_make_is_in_the_first_lines_because_it_matters_most(doctored: Project) -> None:
    Path(doctored.environ["PATH"], "make").unlink()
    Path(doctored.environ["PATH"], "git").unlink()
    (doctored.root / "Makefile").unlink()
    lines = doctored.longpole("doctor").out.splitlines()
    assert lines[0] == "problems:"
    assert lines[1].startswith("  make: not in PATH")
    heads = [line for line in lines if line.endswith(":")]
    assert heads == ["problems:", "notes:", "found:"]
    assert lines[-1] == "2 problems, 1 note"


# -- the suite --------------------------------------------------------------------------------------------------------


def test_without_a_suite_the_machine_is_looked_at(doctored: Project) -> None:
    (doctored.root / "suite.yaml").unlink()
    done, found = examined(doctored)
    assert (done.status, found["suite"]["level"]) == (0, "note")
    assert "longpole init" in found["suite"]["remedy"]
    assert "rendered files" not in found


def test_a_suite_that_the_user_names_must_be_there(doctored: Project) -> None:
    done, found = examined(doctored, "--suite", "other.yaml")
    assert (done.status, found["suite"]["level"]) == (1, "wrong")
    assert "other.yaml" in found["suite"]["what"]


def test_all_errors_of_the_suite_are_shown_with_their_places(doctored: Project) -> None:
    (doctored.root / "suite.yaml").write_text("version: 1\nname: x\nvariantz: {}\nvariants: {v: {run: [a], runn: b}}\n")
    done = doctored.longpole("doctor", "--json")
    rows = [row for row in json.loads(done.out)["checks"] if row["name"] == "suite"]
    assert (done.status, done.err) == (1, "")
    assert len(rows) > 1
    assert all(row["what"].startswith("suite.yaml:") for row in rows)


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        (["no-such-program-1", "{module}"], ["no-such-program-1"]),
        (["/no/such/program"], ["/no/such/program"]),
        ({"shell": "X=1 no-such-program-1 | cat"}, ["no-such-program-1"]),
        ({"shell": "cd . && true"}, []),
        ({"shell": "if true; then :; fi"}, []),
        ({"shell": "PATH=$PWD/bin:$PATH no-such-program-1"}, []),
        (["build/made-later"], []),
        (["{target_dir}/made-later"], []),
        (["sh", "x"], []),
    ],
)
def test_programs_of_the_suite(doctored: Project, command: Any, missing: list[str]) -> None:
    doctored.write({"a": ""}, variants={"v": {"run": command}})
    done = doctored.longpole("doctor", "--json")
    rows = [row for row in json.loads(done.out)["checks"] if row["level"] == "wrong"]
    assert [row["name"] for row in rows] == missing
    assert all(row["remedy"].startswith("install ") for row in rows)
    assert done.status == bool(missing)


def test_a_program_is_looked_up_where_its_unit_will_be(doctored: Project) -> None:
    apart = doctored.root.parent / "apart"
    apart.mkdir()
    (apart / "special").symlink_to(tool("true"))
    words = {"run": ["special"]}
    doctored.write({"a": ""}, defaults=words, modules={"a": {"env": {"PATH": str(apart)}}})
    assert examined(doctored)[1]["special"]["level"] == "ok"
    doctored.write({"a": ""}, defaults=words)
    assert examined(doctored)[1]["special"]["level"] == "wrong"


def test_the_project_s_python(doctored: Project) -> None:
    doctored.write({"a": ""}, defaults={"run": ["{python}", "-c", ""]}, limits={"python": "no-such-python"})
    done, found = examined(doctored)
    assert (done.status, found["{python}"]["level"]) == (1, "wrong")
    assert ".venv" in found["{python}"]["remedy"]


# -- rendered files ---------------------------------------------------------------------------------------------------


def test_rendered_files_that_are_stale(doctored: Project) -> None:
    (doctored.root / "suite.yaml").write_text((doctored.root / "suite.yaml").read_text().replace("tiny", "other"))
    done, found = examined(doctored)
    assert (done.status, found["rendered files"]["level"]) == (0, "note")
    assert ".longpole/plan.json" in found["rendered files"]["what"]
    assert "`longpole render`" in found["rendered files"]["remedy"]


def test_files_that_were_never_rendered(doctored: Project) -> None:
    (doctored.root / "Makefile").unlink()
    done, found = examined(doctored)
    assert (done.status, found["rendered files"]["level"]) == (1, "wrong")
    assert found["rendered files"]["remedy"] == "run `longpole render`"


def test_a_makefile_of_the_user_s_own(doctored: Project) -> None:
    (doctored.root / "Makefile").write_text("all:\n")
    done, found = examined(doctored)
    assert (done.status, found["rendered files"]["level"]) == (1, "wrong")
    assert found["rendered files"]["remedy"] == "run `longpole render -o longpole.mk`"
    assert doctored.longpole("render", "-o", "longpole.mk").status == 0
    assert examined(doctored)[0].status == 0


# -- the folder of runs -----------------------------------------------------------------------------------------------


def test_a_damaged_history_is_left_as_it_is(doctored: Project) -> None:
    path = doctored.root / ".longpole" / "history.json"
    path.write_text('{"version": 1, "platforms": [')
    done, found = examined(doctored)
    assert (done.status, found["history"]["level"]) == (0, "note")
    assert path.read_text() == '{"version": 1, "platforms": ['


def test_runs_and_durations_are_counted(doctored: Project) -> None:
    assert doctored.make("test").status == 0
    _, found = examined(doctored)
    assert found["runs"]["what"] == f"1 run kept, the last one is {doctored.last.name}"
    assert found["history"]["what"] == "durations of 1 unit"


def test_a_file_in_the_place_of_the_folder(doctored: Project) -> None:
    (doctored.root / "kept").write_text("")
    done, found = examined(doctored, LONGPOLE_STATE="kept/runs")
    assert (done.status, found["runs"]["level"]) == (1, "wrong")


def test_a_folder_in_which_nobody_may_write(doctored: Project) -> None:
    done, found = examined(doctored, LONGPOLE_STATE="/proc/runs")
    assert (done.status, found["state"]["level"]) == (1, "wrong")
    assert found["state"]["what"].startswith("$LONGPOLE_STATE (not there yet): proc, no file can be written there: ")
    assert found["state"]["remedy"] == "set LONGPOLE_STATE to a folder on a local disk"


# -- the machine ------------------------------------------------------------------------------------------------------


def on(root: Path, limits: dict[str, str], shared: str = "shm") -> dict[str, Finding]:
    return {each.name: each for each in machine(Needs(), kernel(root, "0::/\n", limits), root / shared)}


def test_a_limit_of_cores_by_a_control_group_names_the_jobs_to_use(tmp_path: Path) -> None:
    found = on(tmp_path, {"cpu.max": "50000 100000"})["cores"]
    assert found.level is Level.NOTE
    assert "the time of 0.5" in found.what
    assert "`make -j1 test`" in found.remedy


def test_limits_of_memory_and_processes(tmp_path: Path) -> None:
    found = on(tmp_path, {"memory.max": str(512 * 2**20), "pids.max": "100", "cpu.max": "max 100000"})
    assert found["memory"].what.startswith("512 MiB usable of ")
    assert found["processes"].level is Level.NOTE
    assert found["cores"].level is Level.OK


def test_shared_memory_that_is_missing(tmp_path: Path) -> None:
    found = on(tmp_path, {})
    assert "missing" in found[str(tmp_path / "shm")].what
    (tmp_path / "shm").mkdir()
    assert "writable" in on(tmp_path / "other", {}, "../shm")[str(tmp_path / "other" / "../shm")].what


# -- what is printed --------------------------------------------------------------------------------------------------


def test_no_value_of_the_environment_is_printed_and_no_name_of_the_user(doctored: Project) -> None:
    secrets = {
        "GH_TOKEN": "s3cret-1",
        "SEED": "s3cret-2",
        "FILTER": "s3cret-3",
        "LONGPOLE_STATE": "s3cret-4",
        "TMPDIR": str(doctored.root / "s3cret-5"),
        "MAKEFLAGS": "k -- X=s3cret-6",
    }
    (doctored.root / "s3cret-5").mkdir()
    put(doctored, "gh", 'echo "gh 1 of $HOME and -I$HOME/include"')
    for words in (("--json",), ()):
        done = doctored.longpole("doctor", *words, **secrets)
        assert "s3cret" not in done.text
        assert str(doctored.root) not in done.text
        assert "gh 1 of ~ and -I~/include" in " ".join(done.out.split())
        assert "SEED" in done.out
    assert done.status == 1  # that value of SEED is none that a run accepts


def test_a_mistaken_value_of_a_variable_is_a_problem(doctored: Project) -> None:
    done, found = examined(doctored, SHARD="9/3")
    assert (done.status, found["variables"]["what"]) == (1, "the value of SHARD is not valid")
    assert found["variables"]["remedy"]


@pytest.mark.parametrize(
    ("home", "text", "shown"),
    [
        ("/home/u", "/home/u/x /home/u2 /home/u", "~/x /home/u2 ~"),
        ("/home/u/", "/home/u/x", "~/x"),
        ("/", "/usr/bin", "/usr/bin"),
        ("", "/usr/bin", "/usr/bin"),
        ("/made-up", "/x/made-up /made-up/y file:///made-up", "/x/made-up ~/y file://~"),
    ],
)
def test_the_home_folder_is_a_tilde(home: str, text: str, shown: str) -> None:
    assert without_home(text, {"HOME": home}) == shown


@pytest.mark.parametrize("columns", ["60", "80", "1"])
def test_the_text_fits_into_60_columns(doctored: Project, columns: str) -> None:
    for name in ("git", "make"):
        Path(doctored.environ["PATH"], name).unlink()
    done = doctored.longpole("doctor", COLUMNS=columns)
    width = max(int(columns), 40)
    assert [line for line in done.out.splitlines() if len(line) > width and len(line.split()) > 2] == []


def test_a_command_to_copy_stays_on_its_line() -> None:
    for words in range(12):
        text = as_text([Finding("x", "y", Level.WRONG, f"{'so ' * words}run `longpole render -o longpole.mk`")], 40)
        assert "`longpole render -o longpole.mk`" in text


def test_it_can_be_called_without_a_home_and_in_a_folder_of_others(doctored: Project) -> None:
    done, _ = examined(doctored, HOME="", COLUMNS="60")
    assert done.status == 0
    assert doctored.longpole("-C", "/proc", "doctor").status == 0
