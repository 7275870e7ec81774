"""Longpole as somebody else has it: built into a wheel, and installed into a virtual environment of its own."""

import re
import subprocess
import sys
import venv
import zipfile
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from tests.project import REPOSITORY


def build(kind: str, folder: Path, source: Path = REPOSITORY) -> Path:
    """Build a `wheel` or an `sdist` of the sources into `folder`; its path."""
    argv = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", str(folder)]
    subprocess.run(argv, cwd=source, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


def install(wheel: Path, home: Path) -> Path:
    """Install a wheel as installers do, beside links to all that it depends on; the environment's site-packages."""
    venv.create(home, with_pip=False)
    (packages,) = home.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    for script in packages.glob("*.data/scripts/*"):
        first, _, rest = script.read_text().partition("\n")
        assert first == "#!python"
        made = home / "bin" / script.name
        made.write_text(f"#!{home}/bin/python\n{rest}")
        made.chmod(0o755)
    for folder in (Path(path) for path in sys.path if path.endswith("site-packages")):
        for path in folder.iterdir():
            ours = path.name.lower().startswith("longpole") or path.suffix == ".pth"
            if not ours and not (packages / path.name).exists():
                (packages / path.name).symlink_to(path)
    return packages


def wheels_of_dependencies(folder: Path, name: str = "longpole") -> None:
    """Write into `folder` a wheel of each distribution that `name` needs, made from the files that are installed.

    With it as `--find-links`, an installer resolves and installs without a network.
    """
    for text in metadata.requires(name) or []:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            needed = metadata.distribution(requirement.name)
            if not list(folder.glob(f"{_stem(needed)}-*.whl")):
                _repack(needed, folder)
                wheels_of_dependencies(folder, requirement.name)


def _stem(distribution: metadata.Distribution) -> str:
    """The name and version with which the file name of a wheel begins."""
    return f"{re.sub('[-_.]+', '_', distribution.name).lower()}-{distribution.version}"


def _repack(distribution: metadata.Distribution, folder: Path) -> None:
    """Write the wheel that `distribution` was installed from, without its scripts."""
    (tag, *_) = re.findall(r"^Tag: (.+)$", distribution.read_text("WHEEL") or "", re.MULTILINE)
    written = []
    with zipfile.ZipFile(folder / f"{_stem(distribution)}-{tag}.whl", "w") as archive:
        for path in distribution.files or []:
            by_installer = path.name in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
            if ".." not in path.parts and path.suffix != ".pyc" and not by_installer:
                archive.write(path.locate(), str(path))
                written.append(str(path))
            elif path.name == "RECORD":
                record = str(path)
        archive.writestr(record, "".join(f"{name},,\n" for name in [*written, record]))
