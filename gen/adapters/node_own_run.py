"""The tests of a package as its own runner runs them: what `init --verify` compares a run with.

No runner of Node lists its tests without running the files, so the names are those of a run without Longpole.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from longpole.gen.adapters.node_part import Part
from longpole.gen.adapters.tool import output_of
from longpole.rts_tests.contracts.clients import clients_folder
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.results.junit_xml import parse_junit
from longpole.rts_tests.results.tap import TapReader
from longpole.rts_tests.results.told import End

_MARK = "@@LONGPOLE@@ "
_ANY = tuple(range(256))
"""A test that fails is a test, too."""


def list_script(part: Part) -> str:
    """The shell's text that lists the files of a part with forks."""
    return f"{part.path_line}exec {' '.join(part.listing(clients_folder()))}"


def names(root: Path, part: Part) -> list[str]:
    """Run the tests of a part; return their names as `Node.name_of` gives them."""
    folder = root / part.folder
    if part.kind == "status":
        return []
    if part.kind == "node":
        words = ["node", *part.options, "--test", f"--test-reporter={clients_folder()}/node/reporter.mjs", *part.paths]
        found = _told(_shell(folder, f"{part.path_line}exec {' '.join(words)}", {"LONGPOLE_PROTOCOL": "1"}))
    elif part.kind == "jest":
        reporter = f"--reporters={clients_folder()}/node/jest-reporter.mjs"
        text = " ".join(["exec jest", *part.options, "--coverage=false", "--watchAll=false", reporter])
        found = _told(_shell(folder, part.path_line + text, {"LONGPOLE_PROTOCOL": "1"}))
    elif part.kind == "tap":
        reader = TapReader()
        reader.feed(_shell(folder, part.path_line + part.text, {}).encode())
        found = (case.id for case in reader.finish(End(Status.PASSED, 0, "/nowhere")).cases)
    else:
        with tempfile.TemporaryDirectory() as tmp:
            _shell(folder, part.path_line + part.text, {"TMPDIR": tmp})
            found = iter(list(_junit(Path(tmp, "junit.xml"))))
    return [f"{part.name} {name}" for name in found]


def _shell(folder: Path, text: str, env: dict[str, str]) -> str:
    kept = {name: "" for name in os.environ if name.startswith("LONGPOLE_")}
    return output_of(folder, "sh", "-c", text, env={**kept, **env}, ok=_ANY)


def _told(text: str) -> Iterator[str]:
    """`FILE#TEST` of all that was told in Longpole's protocol."""
    for line in text.splitlines():
        mark, _, event = line.partition(_MARK)
        if mark or not event:
            continue
        told = json.loads(event)
        if told["event"] == "suite_completed":
            yield from (f"{told['suite']}#{case['name']}" for case in told["cases"])


def _junit(path: Path) -> Iterator[str]:
    try:
        with open(path, "rb") as file:
            cases = parse_junit(file.read).cases
    except OSError:
        return
    yield from (case.id for case in cases)
