"""What is installed: one import name, the command, and nothing of this checkout alone."""

import os
import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from longpole.perf.publish.assets import SCRIPTS
from longpole.version import VERSION
from tests.longpole.installed import build
from tests.project import REPOSITORY

OTHER_FILES = {
    "longpole/Makefile.in",
    "longpole/perf/publish/page/index.html",
    "longpole/perf/publish/page/page.css",
    *(f"longpole/perf/publish/page/script/{name}.js" for name in SCRIPTS),
    *(
        f"longpole/perf/publish/page/uplot/{name}"
        for name in ("LICENSE", "README.md", "uPlot.iife.min.js", "uPlot.min.css")
    ),
    "longpole/rts_tests/contracts/look.css",
    "longpole/rts_tests/report/formats/page/report.css",
    "longpole/rts_tests/report/formats/page/report.html",
    "longpole/completions/_longpole",
    "longpole/completions/longpole.bash",
    "longpole/completions/longpole.fish",
    "longpole/longpole.1",
    *(
        f"longpole/rts_tests/report/formats/page/script/{name}.js"
        for name in ("address", "begin", "driving", "filter", "rows", "table", "timeline", "unit", "words")
    ),
    "longpole/templates/included.mk",
    "longpole/templates/units.mk",
    "longpole/templates/workflows/benchmarks.yml",
    "longpole/templates/workflows/ci.yml",
    "longpole/templates/workflows/gitlab-ci.yml",
    "longpole/templates/workflows/jobs.yml",
    "longpole/templates/workflows/nightly.yml",
}
"""All that is below `longpole/` and no Python, but for the clients."""
BUILT = ("target", "node_modules", "__pycache__", ".pytest_cache", ".ruff_cache")
"""Folders that builds and checks of clients leave."""
SHARE = {
    "man/man1/longpole.1": "longpole.1",
    "bash-completion/completions/longpole": "completions/longpole.bash",
    "zsh/site-functions/_longpole": "completions/_longpole",
    "fish/vendor_completions.d/longpole.fish": "completions/longpole.fish",
}
"""Files below share/, where man and the shells look for them, to what they are below `longpole/`."""
METADATA = {"METADATA", "RECORD", "WHEEL", "licenses/LICENSE"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("wheel"))


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def python_of(*folders: str) -> set[str]:
    """The Python of folders of the repository, as it is named in a wheel."""
    found = {path.relative_to(REPOSITORY) for folder in folders for path in (REPOSITORY / folder).rglob("*.py")}
    return {f"longpole/{path}" for path in found}


def clients() -> set[str]:
    """All files of the clients, as they are named in a wheel."""
    found = [path for path in (REPOSITORY / "clients").rglob("*") if path.is_file()]
    names = [path.relative_to(REPOSITORY) for path in found]
    return {f"longpole/{name}" for name in names if not set(name.parts) & set(BUILT)}


def test_a_wheel_holds_exactly_what_is_installed(wheel: Path) -> None:
    own = {  # os.walk follows no links to the other folders
        f"{Path(folder).relative_to(REPOSITORY)}/{name}"
        for folder, _, names in os.walk(REPOSITORY / "longpole")
        for name in names
        if name.endswith(".py")
    }
    rooms = python_of(*(name for name in ("gen", "perf", "rts_tests") if (REPOSITORY / name).is_dir()))
    metadata = {f"longpole-{VERSION}.dist-info/{name}" for name in METADATA}
    script = {f"longpole-{VERSION}.data/scripts/longpole"}
    share = {f"longpole-{VERSION}.data/data/share/{name}" for name in SHARE}
    assert contents(wheel).keys() == own | rooms | clients() | OTHER_FILES | metadata | script | share


def test_man_and_the_shells_find_what_the_commands_print(wheel: Path) -> None:
    written = contents(wheel)
    for name, source in SHARE.items():
        assert written[f"longpole-{VERSION}.data/data/share/{name}"] == (REPOSITORY / "longpole" / source).read_bytes()


def test_a_wheel_has_one_import_name_and_no_links(wheel: Path) -> None:
    top = {name.split("/")[0] for name in contents(wheel)}
    assert top == {"longpole", f"longpole-{VERSION}.dist-info", f"longpole-{VERSION}.data"}
    with zipfile.ZipFile(wheel) as archive:
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
    assert not [name for name, mode in modes.items() if stat.S_ISLNK(mode)]
    assert modes[f"longpole-{VERSION}.data/scripts/longpole"] & stat.S_IXUSR


def test_what_is_of_this_checkout_alone_is_not_in_it(wheel: Path) -> None:
    assert (REPOSITORY / "templates/project.mk").is_file()
    assert (REPOSITORY / "templates/workflows/project").is_dir()
    assert not [name for name in contents(wheel) if "/templates/project" in name or "/workflows/project" in name]


def test_the_files_are_those_of_the_checkout(wheel: Path) -> None:
    for name, data in contents(wheel).items():
        if name.startswith("longpole/"):
            assert data == (REPOSITORY / name).read_bytes(), name


def test_an_sdist_builds_the_same_wheel_also_after_clients_were_built(wheel: Path, tmp_path: Path) -> None:
    sdist = build("sdist", tmp_path / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (source,) = (tmp_path / "unpacked").iterdir()
    for name in BUILT:
        (source / "longpole/clients/some" / name / "below").mkdir(parents=True)
        (source / "longpole/clients/some" / name / "below/file.class").write_text("built")
    assert contents(build("wheel", tmp_path / "again", source)) == contents(wheel)


@pytest.mark.parametrize("name", ["gen", "perf", "rts_tests", "templates", "clients"])
def test_the_environment_of_these_tests_has_one_name_too(name: str, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", f"import {name}"], cwd=tmp_path, capture_output=True, check=False)
    assert f"No module named '{name}'" in done.stderr.decode()


def test_the_rooms_are_below_that_name(tmp_path: Path) -> None:
    text = "import longpole.gen.plan.plan, longpole.rts_tests.run.run"
    subprocess.run([sys.executable, "-c", text], cwd=tmp_path, check=True)
