"""Namespaces, entered by real processes. They need a Linux that lets its users have them, as CI's does."""

import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from longpole.rts_tests.machine.namespaces import why_not
from tests import forbidden

pytestmark = pytest.mark.userns

AS_USER = """
import ctypes, os, socket, sys, threading
from longpole.rts_tests.machine import namespaces
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE: /proc/self is ours again
"""
AS_WE_ARE = """
import os, socket, sys, threading
from longpole.rts_tests.machine import namespaces
"""
EITHER = pytest.mark.parametrize("who", [AS_WE_ARE, AS_USER], ids=["as-we-are", "as-a-user"])


def run(code: str, *words: object) -> str:
    done = subprocess.run([sys.executable, "-c", code, *map(str, words)], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def box() -> Iterator[Path]:
    """A folder that any user may enter, with what is hidden in it and what hides it."""
    with tempfile.TemporaryDirectory() as name:
        box = Path(name)
        for folder in ("hidden/shown/deep", "hidden/other", "by", "elsewhere"):
            (box / folder).mkdir(parents=True)
        (box / "hidden/shown/deep/file").write_text("kept")
        (box / "hidden/single").write_text("one")
        (box / "hidden/link").symlink_to(box / "elsewhere")
        (box / "elsewhere/far").write_text("far")
        for open_to_all in (box, *box.rglob("*/")):
            open_to_all.chmod(0o777)
        yield box


HIDE = """
box = sys.argv[1]
hidden = f"{box}/hidden"
before = os.stat(f"{hidden}/shown").st_ino
namespaces.enter(network=False)
visible = [f"{hidden}/shown", f"{hidden}/shown/deep", f"{hidden}/single", f"{hidden}/link", f"{hidden}/none", box]
namespaces.hide(hidden, f"{box}/by", visible)
print(sorted(os.listdir(hidden)), open(f"{hidden}/shown/deep/file").read(), open(f"{hidden}/single").read())
print(open(f"{hidden}/link/far").read(), os.stat(f"{hidden}/shown").st_ino == before)
open(f"{hidden}/mine", "w").close()
open(f"{hidden}/shown/made", "w").close()
status = os.stat(f"{hidden}/mine")
print((status.st_uid, status.st_gid) == (os.geteuid(), os.getegid()))
namespaces.show(hidden)
print(sorted(os.listdir(hidden)))
"""


@EITHER
def test_a_folder_is_hidden_but_for_what_stays_visible(box: Path, who: str) -> None:
    assert run(who + HIDE, box).splitlines() == [
        "['link', 'shown', 'single'] kept one",
        "far True",
        "True",
        "['link', 'other', 'shown', 'single']",
    ]
    assert (box / "hidden/shown/made").exists()
    assert (box / "by/mine").exists()
    assert sorted(os.listdir(box / "hidden")) == ["link", "other", "shown", "single"]


def test_what_is_to_stay_visible_cannot_be_the_folder_itself(box: Path) -> None:
    code = "namespaces.enter(network=False)\ntry: namespaces.hide(*sys.argv[1:], sys.argv[1:2])\n"
    code += "except NotADirectoryError as error: print(error.filename)"
    assert run(AS_WE_ARE + code, box / "hidden", box / "by") == f"{box}/hidden\n"


NETWORK = """
listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
namespaces.enter(network=True)
with open("/proc/net/dev") as file:
    print([line.split(":")[0].strip() for line in file if ":" in line])
own = socket.socket()
own.bind(("127.0.0.1", port))
own.listen()
print(socket.socket().connect_ex(("127.0.0.1", port)))
print(socket.socket().connect_ex(("192.0.2.1", 9)))
"""


@EITHER
def test_a_network_of_its_own_has_only_a_loopback(who: str) -> None:
    assert run(who + NETWORK).splitlines() == ["['lo']", "0", str(errno.ENETUNREACH)]


ASK = """
print(namespaces.why_not())
try:
    namespaces.enter(network=False)
except namespaces.Unavailable as error:
    print(error)
"""


def test_where_namespaces_are_not_allowed_the_reason_is_known() -> None:
    first, second = run(AS_WE_ARE + forbidden.NAMESPACES + ASK).splitlines()
    assert first == second == "namespaces are not allowed here: unshare: No space left on device"


def test_here_they_are_allowed() -> None:
    assert why_not() is None


def test_a_process_with_threads_is_told_why() -> None:
    code = """
done = threading.Event()
threading.Thread(target=done.wait).start()
try:
    namespaces.enter(network=False)
except namespaces.Unavailable as error:
    print(error)
finally:
    done.set()
"""
    assert "unshare: Invalid argument" in run(AS_USER + code)
