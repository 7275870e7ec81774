"""`make release`: the sdist and the wheel of a commit, the same bytes wherever they are built."""

import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from longpole.version import VERSION
from tests.project import REPOSITORY

SECTION = f"## {VERSION} - 2026-01-31"
WHEEL, SDIST = f"longpole-{VERSION}-py3-none-any.whl", f"longpole-{VERSION}.tar.gz"
SBOM = f"longpole-{VERSION}.cdx.json"
COMMITTED = "2026-01-31T23:30:00-01:00"
BUILT = {"SHA256SUMS", WHEEL, SDIST, SBOM}


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    argv = ["git", "-C", str(folder), *identity, *words]
    environ = {**os.environ, "GIT_COMMITTER_DATE": COMMITTED}
    return subprocess.run(argv, check=True, capture_output=True, text=True, env=environ).stdout


def checkout(folder: Path, changelog: str) -> Path:
    """A clone of this checkout with what is not committed yet, and with another changelog."""
    git(REPOSITORY, "clone", "-q", "--no-local", "--depth=1", f"file://{REPOSITORY}", str(folder))
    listed = git(REPOSITORY, "ls-files", "-z", "--modified", "--others", "--exclude-standard").split("\0")
    for path in (REPOSITORY / name for name in listed if name):
        made = folder / path.relative_to(REPOSITORY)
        if not path.exists():
            made.unlink()
            continue
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_bytes(path.read_bytes())
        made.chmod(path.stat().st_mode)
    (folder / "CHANGELOG.md").write_text(changelog)
    git(folder, "add", "--all")
    git(folder, "commit", "-qm", "release")
    return folder


def release(folder: Path, umask: int = 0o022, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(folder / ".ci/release")],
        env={**os.environ, "PYTHON": sys.executable, **environ},
        capture_output=True,
        text=True,
        check=False,
        umask=umask,
    )


def bytes_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "dist").iterdir()}


def test_the_changelog_has_an_entry_for_the_version() -> None:
    """Before the release of a version, that is the section `Unreleased`, which stands first and is not empty."""
    parts = re.split(r"^## (.+)\n", (REPOSITORY / "CHANGELOG.md").read_text(), flags=re.MULTILINE)[1:]
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    of_version = [text for title, text in sections.items() if title.split(" - ")[0] == VERSION]
    entry = of_version[0] if of_version else sections["Unreleased"]
    assert of_version or parts[0] == "Unreleased"
    assert entry.lstrip().startswith("- ")


def check_bill(dist: dict[str, bytes]) -> None:
    """The bill of materials is valid, is of these files, and names what pyproject.toml requires, with its version."""
    text = dist[SBOM].decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    assert bill["metadata"]["timestamp"] == "2026-02-01T00:30:00+00:00"
    root = bill["metadata"]["component"]
    assert (root["name"], root["version"], root["purl"]) == ("longpole", VERSION, f"pkg:pypi/longpole@{VERSION}")
    assert {each["url"]: each["hashes"][0]["content"] for each in root["externalReferences"]} == {
        name: hashlib.sha256(dist[name]).hexdigest() for name in (WHEEL, SDIST)
    }
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    parts = {part["name"]: part for part in bill["components"]}
    for lines, scope in ((project["dependencies"], "required"), (project["optional-dependencies"]["perf"], "optional")):
        for name in (re.split("[>=<;]", line)[0].lower() for line in lines):
            assert parts[name]["scope"] == scope
            assert parts[name]["version"] == metadata.version(name)
    assert parts["markupsafe"]["scope"] == "required"  # which Jinja needs
    assert "pytest" not in parts
    depends = {row["ref"]: row.get("dependsOn", []) for row in bill["dependencies"]}
    assert parts["markupsafe"]["bom-ref"] in depends[parts["jinja2"]["bom-ref"]]


@pytest.mark.slow
def test_two_builds_of_a_release_are_equal_to_the_byte(tmp_path: Path) -> None:
    changelog = f"# Changelog\n\n{SECTION}\n\n- All of it.\n"
    one = checkout(tmp_path / "one", changelog)
    other = checkout(tmp_path / "deeper" / "other folder", changelog)
    for path in other.rglob("*"):
        if path.is_file() and ".git" not in path.parts:
            os.utime(path, (86400, 86400))
    (other / "longpole/ignored.pyc").touch()
    (other / ".git/info/exclude").write_text("ignored.pyc\n")
    (other / "dist").mkdir()
    (other / "dist/of-an-older-release").touch()

    first = release(one, TZ="UTC", LC_ALL="C")
    again = release(other, 0o077, TZ="Asia/Tokyo", LC_ALL="C.UTF-8", SOURCE_DATE_EPOCH="1000000000", PYTHONHASHSEED="7")
    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    assert bytes_in(one).keys() == BUILT
    assert bytes_in(one) == bytes_in(other)
    check_bill(bytes_in(one))
    assert first.stdout == bytes_in(one)["SHA256SUMS"].decode()
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=one / "dist", check=True)
    assert git(one, "status", "--porcelain") == ""


@pytest.mark.slow
def test_what_is_not_ready_is_refused_and_leaves_the_last_release(tmp_path: Path) -> None:
    source = checkout(tmp_path / "source", "# Changelog\n\n## Unreleased\n\n- All of it.\n")
    (source / "dist").mkdir()
    (source / "dist/before").touch()
    done = release(source)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"CHANGELOG.md has no section '## {VERSION} - YYYY-MM-DD'" in done.stderr

    (source / "CHANGELOG.md").write_text(f"{SECTION}\n")
    (source / "longpole/not_added.py").touch()
    done = release(source)
    assert (done.returncode, done.stdout) == (2, "")
    assert " M CHANGELOG.md\n?? longpole/not_added.py\n" in done.stderr

    (source / "pyproject.toml").write_text("[build-system\n")
    git(source, "add", "--all")
    git(source, "commit", "-qm", "broken")
    done = release(source)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("release: the build failed; its messages are above\n")
    assert [path.name for path in (source / "dist").iterdir()] == ["before"]
