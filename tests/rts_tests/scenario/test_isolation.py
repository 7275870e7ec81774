"""Isolation: processes that enter it, on this machine; and the reasons where a machine cannot."""

import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from longpole.rts_tests.scenario.isolation import find_library
from longpole.rts_tests.scenario.port_names import port_names
from tests import forbidden
from tests.rts_tests.scenario.scenarios import HEAD, parsed

pytestmark = pytest.mark.userns

BEGIN = """
import os, sys
from longpole.rts_tests.machine import namespaces
from longpole.rts_tests.machine.namespaces import Unavailable
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.scenario.isolation import Apart
from longpole.rts_tests.scenario.model import Isolation
box = sys.argv[1]
apart = Apart()
def sh(text):
    return os.system(text)
"""


def run(code: str, box: Path, **more: str) -> str:
    """What the code prints; it is run in a process of its own, as a unit."""
    argv = [sys.executable, "-c", BEGIN + code, str(box)]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, env={**os.environ, **more}, cwd=box)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


PRIVATE = """
apart.begin(Isolation(tmp=True), f"{box}/apart", [box], os.environ)
sys.stdout.flush()
sh("ls -A /tmp | wc -l; ls -A /var/tmp | wc -l; stat -c %a /tmp; touch /tmp/mine /var/tmp/mine && ls /tmp/mine")
sh(f"touch {box}/visible; git -c init.defaultBranch=main init -q /tmp/repo && rm -r /tmp/repo && touch $HOME/home")
apart.end()
sys.stdout.flush()
sh("ls -d /tmp/mine /var/tmp/mine 2>&1 | grep -c cannot")
sh(f"ls {box}/apart/*; rm -r {box}/apart && echo removed")
"""


def test_a_private_tmp_with_the_sandbox_in_it(tmp_path: Path) -> None:
    name = f"longpole-test-{uuid.uuid4().hex}"
    home = tmp_path / "elsewhere" / "home"
    home.mkdir(parents=True)
    box = tmp_path / "box"
    box.mkdir()
    lines = run(PRIVATE.replace("mine", name), box, HOME=str(home), PATH="/usr/bin:/bin").splitlines()
    seen = {path.parts[2] for path in (box, Path(sys.prefix), Path(sys.base_prefix)) if path.parts[1] == "tmp"}
    assert lines[0] == str(len(seen)), "of what is in /tmp, the sandbox and Longpole itself are still there"
    assert lines[1:5] == ["0", "1777", f"/tmp/{name}", "2"]
    assert (box / "visible").exists()
    assert (home / "home").exists()
    assert name in lines
    assert lines[-1] == "removed"
    assert not Path("/tmp", name).exists()


def test_it_begins_again_after_a_reset(tmp_path: Path) -> None:
    code = """
for name in ("one", "two"):
    os.mkdir(f"{box}/{name}")
    apart.begin(Isolation(tmp=True, network=True), f"{box}/{name}/apart", [f"{box}/{name}"], os.environ)
    sys.stdout.flush()
    sh(f"ls {box}; touch /tmp/fixed && ls /tmp/fixed")
    apart.end()
sys.stdout.flush()
sh(f"rm -r {box}/one {box}/two && echo removed")
"""
    home = tmp_path / "home"
    assert run(code, tmp_path, HOME=str(home)).split() == ["one", "/tmp/fixed", "two", "/tmp/fixed", "removed"]


def test_the_suite_cannot_be_in_the_hidden_folder_itself(tmp_path: Path) -> None:
    code = """
try: apart.begin(Isolation(tmp=True), f"{box}/apart", [box, "/tmp"], os.environ)
except UseError as error: print(error)
"""
    assert "a scenario cannot have a private /tmp: the suite or its sandboxes are in" in run(code, tmp_path)


def test_no_network(tmp_path: Path) -> None:
    code = "apart.begin(Isolation(network=True), box, [], os.environ)\n"
    code += "sh('grep -c : /proc/net/dev; ls /tmp | wc -l')"
    count, in_tmp = run(code, tmp_path).split()
    assert count == "1"
    assert in_tmp != "0", "/tmp is that of the machine"


CLOCK = """
apart.begin(Isolation(clock_s=1_900_000_000), f"{box}/apart", [box], os.environ)
os.environ.update(apart.variables)
sh("date +%s; date +%s; git init -q r && cd r && git commit -q --allow-empty -m x && git log -1 --format=%ct")
"""
IDENTITY = {f"GIT_{who}_{what}": "a" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@pytest.mark.usefixtures("libfaketime")
def test_a_clock_of_its_own_goes_on(tmp_path: Path) -> None:
    before = set(os.listdir("/dev/shm"))
    first, second, commit = map(int, run(CLOCK, tmp_path, **IDENTITY).split())
    assert 1_900_000_000 <= first <= second <= commit < 1_900_000_600
    assert not [name for name in set(os.listdir("/dev/shm")) - before if "faketime" in name]


@pytest.mark.usefixtures("libfaketime")
def test_two_clocks_differ_by_a_constant(tmp_path: Path) -> None:
    code = CLOCK.replace("1_900_000_000", "86400").replace(
        '"date', "\"python3 -c 'import time; print(int(time.monotonic()))'; date"
    )
    mono, first, *_ = map(int, run(code, tmp_path, **IDENTITY).split())
    assert abs(mono - time.monotonic()) < 600, "the monotonic clock is that of the machine"
    assert 86_400 <= first < 87_000


@pytest.mark.parametrize("wanted", ["tmp=True", "network=True", "tmp=True, network=True"])
def test_where_namespaces_are_forbidden_the_reason_is_known(tmp_path: Path, wanted: str) -> None:
    code = f"""{forbidden.NAMESPACES}
try: apart.begin(Isolation({wanted}), box, [], os.environ)
except Unavailable as error: print(error)
"""
    reason = "namespaces are not allowed here: unshare: No space left on device\n"
    assert run(code, tmp_path) == reason


@pytest.mark.usefixtures("libfaketime")
def test_a_clock_does_without_namespaces(tmp_path: Path) -> None:
    code = (
        f"{forbidden.NAMESPACES}\napart.begin(Isolation(clock_s=5), box, [], os.environ)\nprint(bool(apart.variables))"
    )
    assert run(code, tmp_path) == "True\n"


def test_without_libfaketime_the_reason_is_known(tmp_path: Path) -> None:
    code = """
from longpole.rts_tests.scenario import isolation
isolation.find_library = lambda path: LIBRARY
try: apart.begin(Isolation(clock_s=5), box, [], os.environ)
except Unavailable as error: print(error)
"""
    assert run(code.replace("LIBRARY", "None"), tmp_path) == (
        "a clock of its own needs libfaketime, and there is none here\n"
    )
    assert "its path holds a space" in run(code.replace("LIBRARY", "'/a b/lib'"), tmp_path)
    other = next(Path("/lib").glob("*/libm.so.6"))
    assert run(code.replace("LIBRARY", f"'{other}'"), tmp_path) == f"{other} does not change what `date` says\n"


def test_libfaketime_is_found_beside_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    library = tmp_path / "store/lib/libfaketime.so.1"
    program = tmp_path / "store/bin/faketime"
    for path in (library, program):
        path.parent.mkdir(parents=True)
        path.touch(mode=0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/faketime").symlink_to(program)
    assert find_library(f"{tmp_path}/bin:/bin") == str(library)


def test_ports_are_named_by_the_texts() -> None:
    text = "name: x\nsteps:\n  - {name: a, run: 'serve $PORT_A_1 $PORT_ $PORTA ${PORT_C} \"$PORT_B\"', background: d, "
    text += "ready: {port: $PORT_D}}\n  - {name: i, run: r, stdin: get $PORT_G}\n"
    text += "  - {name: b, run: r, cwd: $PORT_E, expect: {output_contains: [on $PORT_F.]}}\n"
    scenario = parsed(text, strict=False)
    assert port_names(scenario, ()) == tuple(f"PORT_{name}" for name in ("A_1", "B", "D", "E", "F", "G"))
    assert port_names(scenario, {"PORT_B", "PORT_D"}) == ("PORT_A_1", "PORT_E", "PORT_F", "PORT_G")
    assert port_names(parsed(HEAD), ()) == ()
