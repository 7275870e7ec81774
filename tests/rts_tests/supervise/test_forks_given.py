"""How a fork is started: its words, its variables, its file of classes."""

import json
import sys
from pathlib import Path
from typing import Any

from tests.fork_suites import CLIENT, Suite, results
from tests.project import REPOSITORY, Project


def given(project: Project, target: str) -> dict[str, Any]:
    """What the tiny program below wrote about a fork."""
    found: dict[str, Any] = json.loads((project.root / f"{target}.json").read_text())
    return found


SHOWS = """
import json, os, sys
names = [name for name in os.environ if name.startswith("LONGPOLE_")] + ["SELECT"]
classes = os.environ.get("LONGPOLE_CLASSES")
text = open(classes).read() if classes else None
seen = {"argv": sys.argv[1:], "classes": text, **{name: os.environ.get(name) for name in names}}
open(os.environ["LONGPOLE_UNIT"].replace("/", "-") + ".json", "w").write(json.dumps(seen))
"""


def test_what_a_fork_and_a_listing_are_given(suite: Suite) -> None:
    words = ["{fork}/{forks}", "{threads}", "{classes_file}", "{clients}", "{port:web}", "{variant}"]
    listing = {"shell": f"{sys.executable} show.py {{clients}} {{module}}; ls classes"}
    project = suite(
        {"a b": "", "c": ""}, list=listing, run=[sys.executable, "show.py", *words, "{classes}"], threads=3, max_forks=3
    )
    (project.root / "show.py").write_text(SHOWS)
    project.make("test")
    clients = str(REPOSITORY / "clients")
    run = project.last.absolute()
    seen = given(project, "v-m[fork-0]")
    *argv, port, variant, name = seen["argv"]
    file = f"{run}/units/test-v-m-fork-0.classes"
    assert argv == ["0/2", "3", file, clients]
    assert (1024 <= int(port) < 65536, variant, name) == (True, "v", "a b")
    assert seen["classes"] == "a b\n" == Path(file).read_text()
    variables = {name: value for name, value in seen.items() if name.startswith("LONGPOLE_")}
    for name in ("LONGPOLE_RUN", "LONGPOLE_REV", "LONGPOLE_SEED"):
        variables.pop(name)
    assert variables == {
        "LONGPOLE_CLASSES": file,
        "LONGPOLE_FORK": "0",
        "LONGPOLE_FORKS": "2",
        "LONGPOLE_MODULE": "m",
        "LONGPOLE_PROTOCOL": "1",
        "LONGPOLE_THREADS": "3",
        "LONGPOLE_UNIT": "v/m[fork-0]",
        "LONGPOLE_VARIANT": "v",
    }
    listed = given(project, "v-m[list]")
    assert listed["argv"] == [clients, "m"]
    hidden = ("LONGPOLE_FORK", "LONGPOLE_FORKS", "LONGPOLE_CLASSES", "LONGPOLE_QUEUE", "LONGPOLE_SELECT")
    assert [name for name in hidden if name in listed] == []
    assert (listed["LONGPOLE_THREADS"], listed["LONGPOLE_PROTOCOL"]) == ("3", "1")


def test_a_client_needs_no_file(suite: Suite) -> None:
    shell = f"printf '%s\\n' {{classes}} >$TMPDIR/x; {sys.executable} {CLIENT} run $TMPDIR/x"
    names = {"it's $(x) `y`": "", "-n": "", "{a}": "", '"': "", "é ü": ""}
    project = suite(names, run={"shell": shell}, max_forks=1)
    done = project.make("test")
    assert done.status == 0, done.text + project.log("test-v-m-fork-0").decode()
    assert results(project) == dict.fromkeys(names, "passed")


def test_one_fork_has_no_tags(suite: Suite) -> None:
    project = suite({"a": "print('hello')"}, max_forks=1)
    assert project.make("test").status == 0
    log = project.log("test-v-m-fork-0")
    assert b"hello" in log
    assert b"[fork-" not in log


def test_more_classes_than_a_command_can_have_words_for(suite: Suite) -> None:
    names = {f"{'x' * 200}{number:04}": "" for number in range(3)}
    listing = {"shell": "i=0; while [ $i -lt 40000 ]; do echo " + "x" * 200 + "$i; i=$((i+1)); done"}
    project = suite(names, list=listing, run=["true", "{classes}"], max_forks=1)
    assert project.make("test").status == 2
    note = project.records()["v/m[fork-0]"]["note"]
    assert "true cannot be executed: Argument list too long" in note
    assert "{classes_file}" in note


def test_a_dry_run_shows_what_is_known(suite: Suite) -> None:
    project = suite({"a": ""}, run=["client", "{classes_file}", "{fork}", "{classes}", "{port:p}"])
    done = project.make("-n", "test")
    assert done.status == 0
    lines = [line for line in done.out.splitlines() if "# v/m" in line]
    assert lines[0].endswith("tiny_client.py list  # v/m[list]")
    assert [line.rpartition("# ")[2] for line in lines] == ["v/m[list]", "v/m[fork-0]", "v/m[fork-1]"]
    assert lines[1] == "client '{classes_file}' 0 '{classes}' '{port:p}'  # v/m[fork-0]"
    assert not project.runs
